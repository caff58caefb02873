// Everything works without this file. With it, pages keep themselves current and the ready answer can be copied.
"use strict";
(() => {
  const say = (text) => {
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = text;
  };

  // Buttons that need a script are shown only where there is one.
  const showButtons = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  };
  showButtons();

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
      say("Copied.");
      button.textContent = "Copied";
    } catch {
      field.select();
      say("Selected; copy it with your keyboard.");
    }
  });

  // The live view: when something changed, the page is fetched again as this viewer may see it, and its main part
  // takes the place of the old one.
  const live = document.body.dataset.live;
  if (!live || !window.EventSource) return;
  let stale = false;
  let busy = false;

  // Nothing is taken away from under somebody's hands.
  const inUse = () => {
    const main = document.getElementById("main");
    const active = document.activeElement;
    const typing = active && main.contains(active) && active.matches("input, select, textarea");
    const selecting = String(window.getSelection()) !== "";
    return document.hidden || typing || selecting;
  };

  const announcement = (root) => root.querySelector("[data-announce]")?.textContent.trim().replace(/\s+/g, " ") ?? "";

  const swap = (fresh) => {
    const main = document.getElementById("main");
    const open = new Set([...main.querySelectorAll("details[open][id]")].map((details) => details.id));
    const focused = main.contains(document.activeElement) ? document.activeElement : null;
    const focusPath = focused && (focused.id ? `#${CSS.escape(focused.id)}` : null);
    const focusHref = focused && focused.getAttribute("href");
    const before = announcement(main);
    main.replaceChildren(...fresh.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) {
      const again = focusPath ? main.querySelector(focusPath)
        : [...main.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === focusHref);
      (again ?? main).focus({ preventScroll: true });
    }
    showButtons();
    const after = announcement(main);
    if (after !== before) say(after);
  };

  const refresh = async () => {
    if (busy || !stale || inUse()) return;
    busy = true;
    stale = false;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (answer.status === 401) {
        location.reload();
      } else if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("main");
        if (fresh && !inUse()) swap(fresh);
        else stale = true;
      }
    } catch {
      // The next signal, or the next look at the page, tries again.
      stale = true;
    } finally {
      busy = false;
    }
  };

  new EventSource(live).addEventListener("changed", () => {
    stale = true;
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  // What was put off because somebody was typing.
  setInterval(refresh, 3000);
})();
