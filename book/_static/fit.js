// An equation or a table that is wider than its column gets smaller, and no page scrolls sideways
// for one.
const fitTables = () => {
  const tables = "article :is(table.table, table.results, table.numbers)";
  for (const table of document.querySelectorAll(tables)) {
    table.style.fontSize = "";
    const room = table.parentElement.clientWidth;
    const size = parseFloat(getComputedStyle(table).fontSize);
    const smaller = Math.floor((10 * size * room) / table.offsetWidth) / 10;
    if (smaller < size) table.style.fontSize = `${Math.max(9, smaller)}px`;
  }
};
const fit = () => {
  for (const box of document.querySelectorAll("article div.math")) {
    const set = box.querySelector("mjx-container");
    if (!set) continue;
    const size = parseFloat((set.dataset.size ??= set.style.fontSize || "100%"));
    set.style.fontSize = `${size}%`;
    const number = box.querySelector(".eqno")?.offsetWidth ?? 0;
    const room = box.clientWidth - (number ? number + 12 : 0);
    const needed = set.querySelector("mjx-math")?.getBoundingClientRect().width ?? 0;
    if (needed > room) set.style.fontSize = `${Math.floor((size * room) / needed)}%`;
  }
};
addEventListener("load", () => window.MathJax?.startup?.promise.then(fit));
addEventListener("load", fitTables);
addEventListener("resize", fit);
addEventListener("resize", fitTables);
// What was folded had no width.
addEventListener("toggle", fit, true);
addEventListener("toggle", fitTables, true);
