"""What each claim computes of one seed, in LaTeX, read off `judge/claims/`; what the symbols mean is in `symbols`.

A ``d`` carries the parts or levels whose effect it is; a line without one explains a symbol, or says in which seeds
the effect counts. A superscript says of which run a number is: the arm, or the learning rate.
"""

RATES, LATE = r",\,\eta\in R", r"\text{late}"
TIMES = r"t,\,\ell" + RATES
DRIFT, SO_FAR = r"D_{t\ell}^{@}(1)", r"D_{0\ell}^{@}(t_{\max})"
BEST = r",\,\eta^{*}"


def _d(part: str = "") -> str:
    return rf"d_{{\text{{{part}}}}}=" if part else "d="


def _mean(over: str) -> str:
    return rf"\underset{{{over}}}{{\operatorname{{mean}}}}\,"


def _ratio(value: str, over: str, under: str) -> str:
    """Return the log ratio of a value under two conditions, which stand where the value has an @."""
    return rf"\ln\,\frac{{{value.replace('@', over)}}}{{{value.replace('@', under)}}}"


def _arms(value: str, over: str, under: str, at: str = "") -> str:
    return _ratio(value, rf"\text{{{over}}}{at}", rf"\text{{{under}}}{at}")


def _tripling(rates: str, sign: str = "") -> str:
    """Return the least-squares slope of f on ln eta, for a rise of ln 3."""
    line = rf"\sum_{{\eta\in {rates}}}\left(x-\bar{{x}}\right)"
    return rf"{sign}\ln\,3\;\frac{{{line}\,f}}{{{line}^{{2}}}}"


def _per_nat(drift: str) -> str:
    between = r"\int_{\lambda_{s}\ge L>\lambda_{s+1}}"
    return rf"P_{{s}}=\frac{{1}}{{\lambda_{{s}}-\lambda_{{s+1}}}}{between}{drift}\,\mathrm{{d}}t"


# Of the loss from a share of the run on.
AREA = r"J_{\tau}=" + _mean(r"t\ge\tau T,\,\eta\in G") + r"\ln\,L_{t}"

EQUATIONS: dict[str, tuple[str, ...]] = {
    "C1": (
        _d() + _mean(TIMES) + r"\ln\,\frac{1+\rho_{u}^{\text{none}}}{1+\rho_{y}^{\text{batch}}}",
        r"\rho=\frac{\operatorname{median}_{j}\left|\Delta^{\text{all}}-\Delta^{\text{lower}}-\Delta^{\text{own}}\right|}"
        r"{\operatorname{median}_{j}\left|\Delta^{\text{all}}\right|}",
    ),
    "C2": (
        _d("step") + _mean(TIMES) + r"\ln\,\frac{D_{t\ell}^{\text{none}}(1)}{\nu}",
        _d("start") + _mean(r"\ell" + RATES) + r"\ln\,\frac{D_{0\ell}^{\text{none}}(t_{\max})}{\nu}",
        r"d_{\text{activation units}}:\ U\ \text{in place of}\ D",
    ),
    "C3": (
        _d()
        + r"\underset{c,\,t,\,\ell,\,j}{\max}\,\frac{f}{\max\left(1,\left|\gamma\right|,\left|\beta\right|\right)}",
        r"f=\max\left(\left|\mu-\beta\right|,\ "
        r"\left|\varsigma-\frac{\left|\gamma\right|\sigma}{\sqrt{\sigma^{2}+\epsilon}}\right|\right)",
    ),
    "C4a": (_d() + _mean(r"t>0,\,\ell" + RATES) + _arms(r"N_{t\ell}^{@}", "none", "batch"),),
    "C4b": (
        _d("matched rate") + _mean(r"t\in w,\,\ell,\,\eta\in R_{w}") + _arms(DRIFT, "none", "batch"),
        _d("matched loss") + _mean(r"\eta\in R") + _arms(r"P_{s}^{@}", "none", "batch"),
        _per_nat(r"\bar{D}_{t}"),
        _d("best rates") + _mean(r"t\in w,\,\ell") + _arms(DRIFT, "none", "batch", BEST),
    ),
    "C5": (
        _d("noise") + _mean(TIMES) + r"\ln\,\frac{D_{t\ell}^{\text{batch}}(K)}{\nu}",
        _d("none") + _mean(TIMES) + _arms(r"D_{t\ell}^{@}(K)", "batch", "none"),
    ),
    "C6": (
        _d("loss") + _mean(r"\eta\in R") + _arms(r"\max\left(L_{\text{end}}^{@},\theta\right)", "frozen", "batch"),
        _d("accuracy") + _mean(r"\eta\in R") + r"\left(A^{\text{batch}}-A^{\text{frozen}}\right)",
        r"d_{\text{best rates}}:\ \eta=\eta^{*}\ \text{in place of the mean}",
    ),
    "C7": (
        _d("late") + _mean(rf"t\in {LATE},\,\ell,\,\eta\in R_{{{LATE}}}") + _arms(DRIFT, "batch", "none"),
        _d("cumulative") + _mean(r"\ell" + RATES) + _arms(SO_FAR, "batch", "none"),
    ),
    "C8": (_d() + _tripling(rf"R_{{{LATE}}}"), r"x=\ln\,\eta,\quad f=" + _mean(r"\ell") + rf"\ln\,M_{{{LATE}}}"),
    "C9": (
        _d() + _mean(r"\eta\in R") + r"\frac{1}{2}\,\ln\,\frac{a+b\,H_{\text{usual}}}{a}",
        r"(a,b)=\underset{a,b}{\operatorname{argmin}}\,\sum_{H}\left(1-\frac{a+b\,H}{f_{H}^{2}}\right)^{2}",
        r"f_{H}=\exp\," + _mean(r"\ell") + r"\ln\,M_{H}",
    ),
    "C10": (
        _d("step") + _mean(r"\ell" + RATES) + r"\ln\,\frac{1}{2\,B}",
        _d("run") + _mean(r"\ell" + RATES) + r"\ln\,\frac{\left\|v_{T}-v_{0}\right\|}{X}",
    ),
    "C11": (
        _d("frozen") + r"f_{\text{kept}}-f_{\text{lost}}",
        r"f_{\text{kept}}=J_{\tau}^{\text{frozen}}-J_{\tau}^{\text{held}}",
        r"f_{\text{lost}}=J_{\tau}^{\text{held}}-J_{\tau}^{\text{weights}}",
        r"\text{if}\ J_{\tau}^{\text{frozen}}-J_{\tau}^{\text{batch}}>\kappa",
        r"\text{and}\ J_{0}^{\text{permuted}}>J_{0}^{\text{final}}",
        AREA,
        _d("beta, gamma") + _mean(r"\ell" + RATES) + r"\left(S_{p}-S_{W}\right)",
        r"S_{v}=" + _mean("t") + r"\frac{\left(v_{t}-v_{0}\right)\cdot\left(v_{T}-v_{0}\right)}"
        r"{\left\|v_{T}-v_{0}\right\|^{2}}",
    ),
    "C12": (
        _d("frozen") + r"J_{\tau}^{\text{batch}}-J_{\tau}^{\text{held}}",
        AREA,
        _d("noisy") + _mean(r"\eta\in G") + _arms("n^{@}", "noisy", "batch"),
        r"\text{if}\ " + _mean(r"\eta\in G") + _arms("n^{@}", "none, noisy", "none") + r">\kappa",
    ),
    "C13": (_d() + _mean(r"\eta\in G") + _arms("n^{@}", "far", "batch"),),
    "C14": (_d() + _mean(rf"j,\,\ell,\,\eta\in R_{{{LATE}}}") + r"I\left(e_{j\ell}\le\varphi\right)-\frac{1}{2}",),
    "C15": (
        _d("speed") + _mean("h") + _arms("n^{@}", "batch", "none", BEST),
        _d("tolerance") + _mean("h") + _arms(r"\hat{\eta}^{\,@}", "none", "batch"),
        r"\text{if}\ " + _mean(r"t,\,\ell") + r"\ln\,D_{t\ell}^{\text{none}}(1)<\ln\,\nu\ \text{for all}\ \eta\in R",
    ),
    "C16": (
        _d("step") + r"\underset{c,\,t,\,\ell,\,j}{\max}\,"
        r"\frac{\left|p_{t+1}-p_{t}+\eta\,\partial L/\partial p_{t}\right|}"
        r"{\max\left(1,\left|p_{t}\right|,\left|p_{t+1}\right|\right)}",
        _d("rate 0") + r"\underset{c,\,t}{\max}\,\left|L_{t}^{\text{still}}-L_{t}^{\text{frozen}}\right|",
    ),
    "C17": (
        _d("beta, gamma") + _tripling(rf"R_{{{LATE}}}"),
        r"x=\ln\,\eta,\quad f=" + _mean(r"\ell") + rf"\ln\,F_{{{LATE}}}",
        _d("too high")
        + r"\frac{1}{2}"
        + _mean(r"\eta>\eta^{*}\ge\eta'")
        + r"\operatorname{sign}\left(f_{\eta}-f_{\eta'}\right)",
        rf"\eta,\,\eta'\in G_{{{LATE}}}",
    ),
    "C18": (
        _d() + r"\omega_{\eta}^{2}-\omega_{o}^{2}",
        r"\omega_{i}^{2}=\frac{\text{SS}_{i}-\text{df}_{i}\,\text{MS}}{\text{SS}\,+\,\text{MS}},\quad f="
        + _mean(r"\ell")
        + r"\ln\,F_{\text{early}}",
    ),
    "C19": (
        _d() + _mean(r"\eta\in G") + r"\frac{\sum_{H}\left(x-\bar{x}\right)f}{\sum_{H}\left(x-\bar{x}\right)^{2}}"
        r"\left(\max x-\min x\right)",
        rf"x=\sqrt{{H}},\quad f=-\frac{{\dot{{L}}_{{{LATE}}}\,T_{{{LATE}}}}}{{L_{{{LATE}}}}}",
    ),
    "C20": (
        _d() + r"\underset{q}{\max}\,\left|\ln\,\frac{V_{q}}{f_{q}}\right|",
        r"f_{q}=\frac{\phi_{q}}{m}\,\frac{g-m}{g-1}",
    ),
    "C21": (
        _d() + _mean(r"\eta\in G") + _arms("E^{@}", "distorted", "run"),
        r"\text{if}\ " + _mean(r"\eta\in G") + _arms("E^{@}", "distorted", "full") + r">\kappa",
    ),
    "C22": (_d() + _mean("s") + _ratio(r"P_{s}^{@ R}", r"\max", r"\min"), _per_nat(r"\bar{D}_{t}")),
    "C23": (
        _d() + _tripling("R"),
        r"x=\ln\,\eta,\quad f=\ln\,P_{1}",
        _per_nat(r"\bar{D}_{t}"),
        r"d_{\text{gradient}}:\ \bar{Q}\ \text{in place of}\ \bar{D}",
    ),
    "C24": (
        _d("late") + _mean(rf"t\in {LATE},\,\ell") + _ratio(rf"D_{{t\ell}}^{{@ R_{{{LATE}}}}}(1)", r"\min", r"\max"),
        _d("cumulative") + _ratio(r"\int_{0}^{t_{\max}}\bar{D}_{t}^{@ R}\,\mathrm{d}t", r"\min", r"\max"),
    ),
    "C25": (_d() + _tripling("Z", "-"), r"x=\ln\,\eta,\quad f=\ln\,n^{\eta}"),
    "C26": (
        _d("too low") + _ratio("n^{@}", r"\min G", r"\eta^{*}"),
        _d("too high") + _mean(r"\ell") + _ratio("B^{@}", r"\eta^{+}", r"\eta^{*}"),
    ),
    "C27": (_d() + r"\ln\,2-\left|\ln\,\frac{\hat{\eta}}{\eta^{*}}\right|",),
    "C28": (
        _d() + r"\frac{f_{\max}^{\text{constant}}+f_{\min}^{\text{constant}}}{2}-f_{\max}^{\text{schedule}}",
        r"\text{if}\ f_{\max}^{\text{constant}}>f_{\min}^{\text{constant}}",
        r"f=" + _mean(rf"t\in {LATE},\,\ell") + r"\ln\,D_{t\ell}(1)",
        rf"f_{{\max}}:\ \eta=\max R_{{{LATE}}}^{{\text{{schedule}}}}",
        rf"f_{{\min}}:\ \eta=\min R_{{{LATE}}}^{{\text{{constant}}}}",
    ),
    "C29": (
        _d("order") + _mean(r"t,\,\ell,\,\eta\in G") + _arms(r"\delta_{t\ell}^{@}", "sorted", "reshuffle"),
        _d("memory") + _mean(r"t,\,\ell,\,\eta\in G") + _arms(r"\delta_{t\ell}^{@}", "short", "long"),
        _d("accuracy") + _mean(r"\eta\in G") + r"\left(A^{\text{population}}-A^{\text{running}}\right)",
    ),
}
