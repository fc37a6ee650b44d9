"use strict";
// Light or dark: as the system has it, until the switch says otherwise.
(() => {
  const KEY = "slice-oas-theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      const theme = localStorage.getItem(KEY);
      return theme === "dark" || theme === "light" ? theme : null;
    } catch {
      return null; // some browsers store nothing for files
    }
  }

  function show(theme) {
    if (theme) root.dataset.theme = theme;
    root.dataset.shown = theme || (system.matches ? "dark" : "light");
    const button = document.getElementById("theme");
    if (button) button.setAttribute("aria-label", root.dataset.shown === "dark" ? "Use light colours" : "Use dark colours");
  }

  show(stored());
  system.addEventListener("change", () => show(root.dataset.theme));
  document.getElementById("theme").addEventListener("click", () => {
    const theme = root.dataset.shown === "dark" ? "light" : "dark";
    show(theme);
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // it holds until the page is closed
    }
  });
})();
