"use strict";
(() => {
  const names = {"": "system", light: "light", dark: "dark"};
  const button = document.getElementById("theme");
  const show = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    document.getElementById("theme-name").textContent = names[theme];
  };
  const stored = () => {
    try { return localStorage.getItem("normshift-theme") || ""; } catch { return ""; }
  };
  const store = (theme) => {
    try { localStorage.setItem("normshift-theme", theme); } catch { return; }
  };
  let theme = stored() in names ? stored() : "";
  show(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    const all = Object.keys(names);
    theme = all[(all.indexOf(theme) + 1) % all.length];
    show(theme);
    store(theme);
  });
})();
