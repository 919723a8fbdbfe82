// Enhancements only: every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;

  // Theme: kept in a cookie, so that the server renders the chosen one without a flash.
  const themeButton = document.querySelector("[data-theme-toggle]");
  if (themeButton) {
    const isDark = () =>
      (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    const label = () => themeButton.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
    themeButton.hidden = false;
    label();
    themeButton.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
      label();
    });
  }

  // Menus are <details>: close on Escape (focus returns) and on a press elsewhere.
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    openMenus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", (event) => {
    openMenus().forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // Tabs follow the panel in view: swiped sideways on phones, scrolled past on wide screens.
  document.querySelectorAll("[data-panels]").forEach((panels) => {
    const tabs = document.getElementById(panels.dataset.panels);
    const sideways = getComputedStyle(panels).overflowX === "auto";
    const links = new Map([...tabs.querySelectorAll("a[href^='#']")].map((a) => [a.hash.slice(1), a]));
    const observer = new IntersectionObserver(
      (entries) => {
        entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
          const link = links.get(entry.target.id);
          if (!link) return;
          links.forEach((other) => other.removeAttribute("aria-current"));
          link.setAttribute("aria-current", "true");
          const middle = link.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - link.clientWidth) / 2;
          tabs.scrollTo({ left: middle, behavior: "auto" });
        });
      },
      sideways ? { root: panels, threshold: 0.6 } : { rootMargin: "-30% 0px -65% 0px" },
    );
    links.forEach((_, id) => {
      const panel = document.getElementById(id);
      if (panel) observer.observe(panel);
    });
  });
})();
