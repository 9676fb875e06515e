"use strict";
(() => {
  const form = document.getElementById("filters");
  const results = [...document.querySelectorAll("details.result")];
  const texts = new Map(results.map((each) => [each, each.textContent.toLowerCase()]));
  const value = (id) => document.getElementById(id).value;
  const shown = document.getElementById("shown");
  const apply = () => {
    const words = value("search").toLowerCase().split(/\s+/).filter(Boolean);
    const statuses = new Set([...form.querySelectorAll("input[name=status]:checked")].map((each) => each.value));
    let count = 0;
    for (const each of results) {
      const fits =
        statuses.has(each.dataset.status) &&
        (!value("class") || value("class") === each.dataset.class) &&
        (!value("level") || value("level") === each.dataset.level) &&
        words.every((word) => texts.get(each).includes(word));
      each.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("details.result:not([hidden])");
    }
    document.getElementById("none").hidden = count > 0;
    shown.textContent = shown.dataset.of.replace("{n}", count).replace("{all}", results.length);
  };
  const toggle = (open) => () => {
    for (const each of results) {
      if (!each.hidden) each.open = open;
    }
  };
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches("details.result")) {
      target.hidden = false;
      target.closest(".group").hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("expand").addEventListener("click", toggle(true));
  document.getElementById("collapse").addEventListener("click", toggle(false));
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = results.filter((each) => !each.open && !each.hidden);
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });
  addEventListener("hashchange", follow);
  apply();
  follow();
})();
