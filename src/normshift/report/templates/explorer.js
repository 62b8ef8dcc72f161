"use strict";
(() => {
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const {arms, rates, streams, layers, steps, units, coding} = data;
  const form = document.getElementById("explore-choices");
  const panels = document.getElementById("explore-panels");
  const words = document.getElementById("explore-words");
  const [BARS, FACTOR] = [units[0].length, steps.length];

  // The coding of report/explorer.py, undone.
  const linear = (code) => code === coding.missing ? NaN : Math.sinh(code / coding.linear);
  const decade = (code) => code === coding.missing ? NaN : code === coding.rounding ? 0 : 10 ** (code / coding.decade);

  const decoded = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Array.from({length: bytes.length / 2}, (_, place) => view.getInt16(2 * place, true));
  };

  const run = (text) => {
    const codes = decoded(text);
    let place = 0;
    const take = (count, decode) => codes.slice(place, place += count).map(decode);
    const series = (count, decode) => Array.from({length: count}, () => take(FACTOR, decode));
    const inputs = layers.map(() => Array.from({length: BARS}, () => series(3, linear)));
    const drift = series(layers.length, decade);
    const loss = take(FACTOR, decade);
    const trail = () => layers.map(() => series(BARS, linear));
    return place < codes.length ? {inputs, drift, loss, gamma: trail(), beta: trail()} : {inputs, drift, loss};
  };

  const runs = new Map(data.runs.map((one) => [one.at.join(), {...one, ...run(one.numbers)}]));

  const power = (one) => one === 0 ? "1" : one === 1 ? "10" : `10${String(one).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)])}`;

  const show = (value) => {
    if (Number.isNaN(value)) return "not measured";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size < 1e-3 || size >= 1e5) {
      const [digits, exponent] = value.toExponential(2).split("e");
      return `${digits} × ${power(Number(exponent))}`.replace("-", "−");
    }
    return String(Number(value.toPrecision(3))).replace("-", "−");
  };

  const tick = (value) => Math.abs(value) < 1e-9 ? "0" : show(value);
  const measured = (value, unit) => Number.isNaN(value) ? show(value) : value === 0 ? "nothing but rounding" : `${show(value)} ${unit}`;

  // A panel: a box with axes, in the units of its drawing.
  const WIDTH = 320, HEIGHT = 220, LEFT = 52, RIGHT = 10, TOP = 26, BOTTOM = 40;
  const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const along = (share) => LEFT + share * (WIDTH - LEFT - RIGHT);
  const up = (share) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);

  const text = (x, y, words, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escape(words)}</text>`;
  const line = (x1, y1, x2, y2, more) =>
    `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${more}/>`;
  const dot = (x, y, r, more) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" ${more}/>`;
  const path = (points, more) => {
    let pen = "M";
    const marks = points.map(([x, y]) => {
      if (!Number.isFinite(x) || !Number.isFinite(y)) { pen = "M"; return ""; }
      const mark = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
      return mark;
    });
    return `<path d="${marks.join("")}" fill="none" ${more}/>`;
  };

  // Round ticks between two values, about four of them.
  const ticks = (low, high) => {
    const raw = (high - low) / 4 || 1, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw);
    const first = Math.ceil(low / step);
    return Array.from({length: Math.floor(high / step) - first + 1}, (_, place) => (first + place) * step);
  };
  // Powers of ten; where fewer than two lie between, round numbers, all as [logarithm, name].
  const decades = (low, high) => {
    const [first, last] = [Math.ceil(low), Math.floor(high)], every = Math.max(1, Math.ceil((last - first) / 4));
    if (last <= first) return ticks(10 ** low, 10 ** high).filter((one) => one > 0).map((one) => [Math.log10(one), tick(one)]);
    return Array.from({length: last - first + 1}, (_, place) => first + place).filter((one) => (one - first) % every === 0).map((one) => [one, power(one)]);
  };
  const range = (values, room = .06) => {
    const kept = values.filter(Number.isFinite);
    if (!kept.length) return [0, 1];
    const [low, high] = [Math.min(...kept), Math.max(...kept)], pad = (high - low || 1) * room;
    return [low - pad, high + pad];
  };

  const panel = (title, across, upward, ticksAcross, ticksUp, body, alt) => `<svg role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-label="${escape(alt)}">`
    + ticksUp.map(([share, name]) => line(LEFT, up(share), WIDTH - RIGHT, up(share), 'class="grid"') + text(LEFT - 6, up(share) + 4, name, 'text-anchor="end"')).join("")
    + ticksAcross.map(([share, name]) => text(along(share), HEIGHT - BOTTOM + 15, name, `text-anchor="${share > .97 ? "end" : "middle"}"`)).join("")
    + line(LEFT, up(0), WIDTH - RIGHT, up(0), 'class="axis"')
    + text(LEFT, 14, title, 'class="title"')
    + text(along(.5), HEIGHT - 8, across, 'text-anchor="middle" class="label"')
    + text(0, 0, upward, `text-anchor="middle" class="label" transform="translate(11 ${up(.5)}) rotate(-90)"`)
    + body + "</svg>";

  const colour = (arm) => `var(--${arms[arm][2]})`;
  const dash = (arm) => arms[arm][3] ? `stroke-dasharray="${arms[arm][3].map((one) => 1.6 * one).join(" ")}"` : "";
  const moment = (place) => steps.length > 1 ? place / (steps.length - 1) : .5;
  const times = steps.map((step, place) => [moment(place), step.toLocaleString("en")]).filter((_, place) => place % 3 === 0);

  const inputsPanel = (one, {layer, step, arm}) => {
    const own = one.inputs[layer];
    const [low, high] = range(own.flat(2));
    const y = (value) => up((value - low) / (high - low));
    const x = (bar) => along((bar + .5) / BARS);
    const bars = own.map(([lower, middle, upper], bar) =>
      (Number.isFinite(lower[0] + upper[0]) ? line(x(bar) - 5, y(lower[0]), x(bar) - 5, y(upper[0]), 'class="ghost"') : "")
      + (Number.isFinite(middle[step])
        ? line(x(bar) + 2, y(lower[step]), x(bar) + 2, y(upper[step]), `stroke="${colour(arm)}" stroke-width="6" stroke-opacity=".45"`)
          + dot(x(bar) + 2, y(middle[step]), 4, `fill="${colour(arm)}"`)
        : text(x(bar), up(.5), "×", 'text-anchor="middle"'))).join("");
    const medians = own.map(([, middle]) => middle[step]).filter(Number.isFinite);
    const alt = medians.length ? `medians between ${show(Math.min(...medians))} and ${show(Math.max(...medians))}` : "not measured: the run has diverged";
    return [panel("Inputs y: median, percentiles 15 and 85", "unit (grey: before training)", "input y",
      units[layer].map((unit, bar) => [(bar + .5) / BARS, String(unit)]), ticks(low, high).map((one) => [(one - low) / (high - low), tick(one)]), bars, `Inputs y of ${BARS} units: ${alt}`), alt];
  };

  const affinePanel = (one, {layer, step, arm}) => {
    const blank = (reason) => [panel("Gamma and beta", "gamma", "beta", [], [], text(along(.5), up(.5), reason, 'text-anchor="middle"'), `Gamma and beta: ${reason}`), reason];
    if (!one.gamma) return blank(arms[arm][0] === "frozen" ? "held at 1 and 0" : "this arm has none");
    const [gamma, beta] = [one.gamma[layer], one.beta[layer]];
    const [[left, right], [low, high]] = [range(gamma.flat()), range(beta.flat())];
    const place = (bar, when) => [along((gamma[bar][when] - left) / (right - left)), up((beta[bar][when] - low) / (high - low))];
    const marks = gamma.map((_, bar) => {
      const way = steps.slice(0, step + 1).map((_, when) => place(bar, when));
      const [x, y] = way[way.length - 1];
      return path(way, `stroke="${colour(arm)}" stroke-opacity=".6"`) + (Number.isFinite(x + y) ? dot(x, y, 4, `fill="${colour(arm)}"`) : "");
    }).join("");
    const ends = (values) => {
      const kept = values.map((one) => one[step]).filter(Number.isFinite);
      const said = [Math.min(...kept), Math.max(...kept)].map(show);
      return !kept.length ? "not measured" : said[0] === said[1] ? said[0] : said.join(" to ");
    };
    const alt = `gamma ${ends(gamma)}, beta ${ends(beta)}`;
    return [panel("Gamma and beta, a trail for each unit", "gamma", "beta", ticks(left, right).map((one) => [(one - left) / (right - left), tick(one)]), ticks(low, high).map((one) => [(one - low) / (high - low), tick(one)]), marks, alt), alt];
  };

  const curvesPanel = (title, upward, which, {arm, rate, stream, step}) => {
    const curves = arms.map((_, other) => runs.get([other, rate, stream].join())).map((one) => one && which(one).map((value) => value > 0 ? Math.log10(value) : NaN));
    const seen = curves.filter(Boolean).flat().filter(Number.isFinite);
    const [low, high] = range(seen), marks = seen.length ? decades(low, high) : [];
    const y = (value) => up((value - low) / (high - low));
    const order = [...arms.keys()].filter((other) => other !== arm).concat(arm);
    const body = line(along(moment(step)), up(0), along(moment(step)), up(1), 'class="now"') + order.filter((other) => curves[other]).map((other) =>
      path(curves[other].map((value, place) => [along(moment(place)), y(value)]), `stroke="${colour(other)}" stroke-width="${other === arm ? 2.6 : 1.3}" ${dash(other)}`)).join("")
      + (Number.isFinite(curves[arm]?.[step]) ? dot(along(moment(step)), y(curves[arm][step]), 4.5, `fill="${colour(arm)}"`) : "");
    const alt = `${title}: ${measured(which(runs.get([arm, rate, stream].join()))[step], upward)}`;
    return [panel(title, "updates made (not to scale)", upward, times, marks.map(([one, name]) => [(one - low) / (high - low), name]), body, alt), alt];
  };

  const options = (name, labels, chosen) => {
    form.elements[name].replaceChildren(...labels.map((label, value) => new Option(label, value, false, value === chosen)));
  };

  const draw = () => {
    const now = Object.fromEntries(["arm", "rate", "stream", "layer", "step"].map((name) => [name, Number(form.elements[name].value)]));
    const one = runs.get([now.arm, now.rate, now.stream].join());
    const made = steps[now.step].toLocaleString("en");
    form.elements.made.value = made;
    form.elements.step.setAttribute("aria-valuetext", `${made} updates made`);
    if (!one) {
      panels.replaceChildren();
      words.textContent = "This run was not trained.";
      return;
    }
    const [inputs, seen] = inputsPanel(one, now);
    const [affine, moved] = affinePanel(one, now);
    const [loss] = curvesPanel("Training loss", "nats", (run) => run.loss, now);
    const [drift] = curvesPanel("Drift of a step", "sigma", (run) => run.drift[now.layer], now);
    panels.innerHTML = inputs + affine + loss + drift;
    const legend = arms.map(([, label], arm) => `<span><svg viewBox="0 0 28 8" aria-hidden="true"><path d="M0 4H28" stroke="${colour(arm)}" stroke-width="2.4" ${dash(arm)}/></svg> ${escape(label)}</span>`).join(" ");
    panels.insertAdjacentHTML("beforeend", `<p class="arms">${legend}</p>`);
    const ended = one.diverged === null ? "" : ` It diverges at update ${one.diverged.toLocaleString("en")}.`;
    words.textContent = `${arms[now.arm][1]}, learning rate ${rates[now.rate]}, ${streams[now.stream]} data, hidden layer ${layers[now.layer]}, ${made} updates made, seed ${data.seed}: `
      + `loss ${measured(one.loss[now.step], "nats")}; drift of a step ${measured(one.drift[now.layer][now.step], "sigma")}; inputs: ${seen}; gamma and beta: ${moved}.${ended}`;
  };

  options("arm", arms.map(([, label]) => label), data.start[0]);
  options("rate", rates, data.start[1]);
  options("stream", streams, 0);
  options("layer", layers, layers.length - 1);
  form.elements.step.max = steps.length - 1;
  form.elements.step.value = Math.floor(steps.length / 2);
  form.addEventListener("input", draw);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("explore").classList.add("live");
  for (const part of [form, panels, words]) part.hidden = false;
  draw();
})();
