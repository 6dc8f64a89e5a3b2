// What every page with a live figure does when it is opened.

globalThis.windlib = Object.freeze({
  /** The networks that are offered: name, label, system, layers, and so on. */
  networks: () => BOOK.map(({ weights, ...facts }) => ({ ...facts, size: weights.length })),
  /** D(n), last hidden layer and output of a network, by its name, for points [x, y]. */
  evaluate: (name, points) => evaluate(named(name), points),
  /** Points of a system's curve, from the parameters that `windlib.hamiltonians` has. */
  curve,
  /** The winding number, or a sentence that says why there is none. */
  windingNumber,
  /** What the page's figure shows; of several, the one that was last touched. */
  state: () => current?.() ?? null,
});

for (const stage of document.querySelectorAll(".live-stage")) {
  const { live, options } = /** @type {any} */ (stage).dataset;
  FIGURES[live](stage, JSON.parse(options));
  stage.parentElement.classList.add("live-on");
  if (live === "playground") document.documentElement.classList.add("live-wide");
}
// Pictures that are needed on paper alone are loaded only then.
addEventListener("beforeprint", () => document.querySelectorAll(".live-still").forEach((/** @type {any} */ still) => (still.loading = "eager")));
