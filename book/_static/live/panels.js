// The panels of live figures: each is made once, and drawn from what a figure shows.

/**
 * What a figure shows.
 * @typedef {object} View
 * @property {Point[]} shape  The curve as drawn.
 * @property {Point} origin
 * @property {Point[]} points  The curve seen from the origin: what is counted, and what networks read.
 * @property {Diagnosis} found
 * @property {Network} network
 * @property {any} output  w̃, or the classes' probabilities; null where there is none.
 * @property {number | null} says  The winding number that the output stands for.
 * @property {any} result  Of `evaluate`, or null where a network has nothing to read.
 * @property {number} link  The chosen link, from 0.
 * @property {number[] | null} diameter  Two points that are opposite each other.
 * @property {number[] | null} pair  Two points, and the angle under which the origin sees them.
 * @property {any} parameters  Of the system.
 * @property {any} more  What only this figure shows.
 */

/** Round numbers that hold a size: 1, 1.5, 2, 3, 4, 6, 8, 10, … */
function extent(size) {
  const power = 10 ** floor(Math.log10(size));
  return power * [1, 1.5, 2, 3, 4, 6, 8, 10].find((n) => n * power >= size * 0.9999);
}

/** The links of a curve, coloured by their turns, and its first point. */
function drawLinks(axes, layer, start, shape, { found, link }) {
  set(layer, { class: "links" });
  inks(layer, "path", shape.slice(1).map((p, n) => ({ d: axes.path([shape[n], p]), stroke: hue((found.angles[n] ?? 0) / 0.9),
    class: n === link ? "chosen" : found.half.includes(n) ? "half" : "" })));
  set(start, axes.dot(shape[0], 5, "start"));
}

/**
 * The curve in the plane, to be dragged: near the origin that, else the curve; or a new one, where one was asked for.
 * @param {any} parent
 * @param {any} on  What a reader does, for all panels: origin(point), grab(n), pull(n, point), drawn(points),
 *   choose(link), kink(j, w), center(point).
 */
function plane(parent, on) {
  const side = 330;
  let size = 0, what = "", held = 0, path = [];
  const axes = square(parent, { label: "A closed curve and the origin." });
  if (on.pull) axes.root.classList.add("live-free");
  const grid = axes.layer(), thread = axes.line("thread");
  const links = axes.layer(), dots = axes.layer(), open = axes.layer(), ray = axes.line("ray");
  const start = ink(axes.root, "circle");
  const cross = ink(axes.root, "g", { class: "origin" });
  ink(cross, "circle", { r: 7 });
  ink(cross, "path", { d: "M-13 0H13M0 -13V13" });
  if (on.origin) ink(cross, "circle", { r: 22, class: "touch" });
  /** @type {View} */
  let view;
  const near = (p, q, pixels) =>
    distance(axes.place(p), axes.place(q)) * axes.root.getBoundingClientRect().width < pixels * side;
  if (on.choose)
    links.addEventListener("pointerover", ({ target }) => on.choose([...links.childNodes].indexOf(/** @type {any} */ (target))));
  drag(axes.root, {
    start(event) {
      const p = axes.at(event);
      const far = view.shape.map((q) => distance(p, q));
      held = far.indexOf(min(...far));
      what = axes.root.closest(".live-fresh") ? "new" : on.origin && near(p, view.origin, 22) ? "origin" :
        on.pull && near(p, view.shape[held], 24) ? "curve" : "";
      path = [];
      if (what === "curve") on.grab(held);
      return what !== "";
    },
    move(event) {
      const p = axes.at(event).map((v) => clamped(v, size));
      if (what === "origin") on.origin(p);
      else if (what === "curve") on.pull(held, p);
      else {
        path.push(p);
        set(thread, { d: axes.path(path), class: "thread new" });
      }
    },
    end() {
      if (what === "new" && path.length > 5) on.drawn(path);
      what = "";
      set(thread, { d: axes.path(view.shape), class: "thread" });
    },
  });
  return (/** @type {View} */ next) => {
    view = next;
    const { shape, origin, pair } = view;
    if (!what) size = axes.fit([...shape, origin]);
    const [ox, oy] = axes.place(origin);
    inks(grid, "path", [{ d: `M0 ${oy}H${side}M${ox} 0V${side}` }]);
    if (what !== "new") set(thread, { d: axes.path(shape) });
    drawLinks(axes, links, start, shape, view);
    inks(dots, "circle", shape.slice(1).map((p) => axes.dot(p, 2.2, "dot")));
    inks(open, "circle", (view.more.open ?? []).map((p) => axes.dot(p, 3, "open")));
    set(ray, { d: pair ? axes.path([shape[pair[0]], origin, shape[pair[1]]]) : "" });
    set(cross, { transform: `translate(${ox} ${oy})` });
  };
}

/** A loop of momenta among the exceptional points, to be dragged. */
function loop(parent, on) {
  const axes = square(parent, { label: "A loop of momenta, and two exceptional points.", yName: "momenta: k_x to the right, k_y upwards" });
  const links = axes.layer(), start = ink(axes.root, "circle"), dots = axes.layer(), names = axes.layer(), touch = ink(axes.root, "circle", { class: "touch" });
  axes.fit([5]);
  drag(touch, { move: (event) => on.center(axes.at(event).map((v) => clamped(v, 4))) });
  return (/** @type {View} */ view) => {
    const { m, kappa, x, y } = view.parameters, shape = view.points.map((_, n) => plus([x, y], phase(-TURN * n / 32)));
    const points = exceptionalPoints({ m, kappa });
    inks(dots, "circle", points.map((p) => axes.dot(p, 3, "start")));
    // Within a loop around the point, away from where it starts, and above a loop that crosses them.
    inks(names, "text", points.map((p, i) => ({ x: axes.X(p[0]) - 4, y: axes.Y(p[1]) + 5, class: "point", text: i ? "k₋" : "k₊" })));
    drawLinks(axes, links, start, shape, view);
    set(touch, axes.dot([x, y], 1.2 * (axes.X(1) - axes.X(0)), "touch"));
  };
}

/** Both energies along a loop, each followed from where it begins. */
function energies(parent) {
  const axes = square(parent, { label: "Both energies in the complex plane.", yName: "energies: dot at the start, ring at the end" });
  const lines = axes.layer(), dots = axes.layer();
  return (/** @type {View} */ view) => {
    const found = view.more.energies, both = found.length ? [found, found.map((p) => p.map((v) => -v))] : [];
    const kind = ["line", "line other"];
    if (found.length) axes.fit(found);
    inks(lines, "path", both.map((path, i) => ({ d: axes.path(path), class: kind[i] })));
    inks(dots, "circle", [0, 32].flatMap((n) => both.map((path, i) =>
      axes.dot(path[n], n ? 9 : 5, kind[i] + (n ? "" : " full")))));
  };
}

/** E₊ along a loop whose curve is (E₊ − E₋)², followed from its first point. @param {View} view @returns {Point[]} */
function followed({ points, found }) {
  if (found.winding === null) return [];
  let angle = argument(points[0]);
  return points.map((p, n) => {
    angle += n && found.angles[n - 1];
    return phase(angle / 2, sqrt(hypot(...p)) / 2);
  });
}

/**
 * Bars, of which one may be chosen; the axis fits itself to them unless its range y is given.
 * @param {any} parent
 * @param {any} options
 */
function bars(parent, { xName = "link n", yName, y, values, choose, height = 150,
  colour = (view, n) => view.found.angles[n] / 0.9 }) {
  const axes = plot(parent, { x: [0.4, 32.6], y: y ?? [0, 1], xTicks: LINK_TICKS, yTicks: y ? PI_TICKS : [], xName, yName, height });
  const layer = axes.layer();
  const pick = (event) => choose(max(0, min(31, round(axes.at(event)[0]) - 1)));
  if (choose) {
    axes.root.classList.add("live-pick");
    drag(axes.root, { move: pick });
    axes.root.addEventListener("pointermove", (event) => event.pointerType === "mouse" && pick(event));
  }
  return (/** @type {View} */ view) => {
    const found = values(view), count = found.length, top = extent(1.05 * largest([...found, 1e-3]));
    if (!y && count) {
      const low = min(0, ...found) < -1e-9 ? -top : 0;
      axes.range([0.4, count + 0.6], [low, top], count === 32 ? LINK_TICKS : ticks([1, count], 0),
        ticks([...new Set([low, 0, top])], top < 2 ? 2 : 0));
    }
    const width = axes.X(1) - axes.X(0) - 1.5;
    inks(layer, "rect", found.map((v, n) => ({ x: axes.X(n + 1) - width / 2, width,
      y: min(axes.Y(v), axes.Y(0)), height: max(1, abs(axes.Y(v) - axes.Y(0))),
      fill: hue(colour(view, n, v / top)), class: choose && n === view.link ? "chosen" : y && view.found.half.includes(n) ? "half" : "" })));
  };
}

/** Δθ(n), the angle by which each link turns. */
const angles = (parent, { choose }) => bars(parent, { yName: "Δθ(n): how far link n turns", y: [-PI, PI], choose, height: 170,
  values: ({ found }) => found.angles });

/** D(n), what the convolutions say of each link. */
const responses = (parent, { choose }) => bars(parent, { yName: "D(n): what the kernels say of link n", choose,
  values: (view) => view.result?.links ?? [] });

/** What each kernel adds to D of the chosen link. */
const kernels = (parent) => bars(parent, { xName: "kernel",
  yName: "what each kernel adds to D of this link", values: (view) => view.result?.parts[view.link] ?? [],
  colour: (view, k, share) => share });

/** Where the states of an open chain sit. */
const sites = (parent) => bars(parent, { xName: "site of an open chain", yName: "where its states sit", height: 210,
  values: (view) => view.more.density, colour: () => -1 });

/** The weights of a linear network of SSH chains. */
function peak(parent) {
  const axes = plot(parent, { x: [0, TURN], y: [-0.6, 0.6], xTicks: TURN_TICKS, yTicks: [[-0.5, "−½"], [0, "0"], [0.5, "½"]],
    xName: "momentum k", yName: "weights of h̃_x (line) and h̃_y (dashed)", height: 220 });
  axes.line("thin", [[PI, -0.6], [PI, 0.6]]);
  const lines = ["line", "truth"].map((name) => axes.line(name));
  return ({ network }) => lines.forEach((line, i) =>
    set(line, { d: axes.path(listed(33, (n) => [TURN * n / 32, network.weights[2 * n + i]])) }));
}

/** Points of a line that adds values up, link by link. @param {number[]} values */
function sums(values) {
  let sum = 0;
  return [[0, 0], ...values.map((v, n) => [n + 1, (sum += v)])];
}

/** What the network has counted after each link, beside the turns of the curve. */
function running(parent) {
  const axes = plot(parent, { x: [0, 32], y: [-1, 1],
    xName: "link n", height: 150, yName: "counted so far (dashed: the truth)" });
  const line = axes.line("line"), truth = axes.line("truth");  // the thin one lies above
  const mark = ink(axes.root, "circle");
  return (/** @type {View} */ view) => {
    const { network, result, found, link } = view;
    const turns = sums(found.angles.map((angle) => angle / TURN));
    const steps = result ? counted(network, result) : [];
    const top = extent(largest([1, ...[...turns, ...steps].map(([, v]) => v)]));
    axes.range([0, 32], [-top, top], [[0, "0"], ...LINK_TICKS.slice(1)], ticks([-top, 0, top], top < 2 ? 1 : 0));
    set(truth, { d: axes.path(turns) });
    set(line, { d: axes.path(steps) });
    const here = steps[link + 1];
    set(mark, { display: here ? false : "none", ...axes.dot(here ?? [0, 0], 4, "mark") });
  };
}

/** w̃ as a sum over links, with the head's ReLUs as they are for this curve. */
function counted(network, { links: d, head, output }) {
  const { links, weights: w } = network, [{ at, outputs, activation }, last] = dense(network);
  const each = d.map((value, n) => head.reduce((sum, h, j) => sum + (h || activation === "linear" ?
    value * w[at + n * outputs + j] * w[last.at + j] : 0), 0));
  // The constant is spread over the links, as D's offset is.
  const rest = (output - total(each)) / links;
  return sums(each.map((v) => v + rest));
}

/** D(φ, Δφ) as a map, with the links of the curve as dots. */
function surface(parent) {
  const cells = 24;
  const axes = plot(parent, { x: [0, TURN], y: [-PI, PI], xTicks: TURN_TICKS, yTicks: PI_TICKS,
    xName: "φ: where the link begins", yName: "D: the stronger, the higher; up: Δφ", height: 210 });
  const layer = ink(axes.root, "g", { class: "map" }), dots = axes.layer();
  let painted = null;
  return (/** @type {View} */ { network, points, found, link }) => {
    const { unmoved = network } = network;
    if (painted !== unmoved) {
      painted = unmoved;
      const d = listed(cells * cells, (i) => linkResponse(network, TURN * (i % cells + 0.5) / cells,
        PI * (2 * (floor(i / cells) + 0.5) / cells - 1)));
      const low = min(...d), span = max(...d) - low || 1;
      inks(layer, "rect", d.map((v, i) => ({
        x: axes.X(TURN * (i % cells) / cells), width: (axes.X(TURN) - axes.X(0)) / cells + 0.3,
        y: axes.Y(PI * (2 * (floor(i / cells) + 1) / cells - 1)), height: (axes.Y(0) - axes.Y(TURN)) / cells + 0.3,
        "fill-opacity": 0.7 * (v - low) / span })));
    }
    inks(dots, "circle", found.angles.map((angle, n) =>
      axes.dot([(argument(points[n]) + TURN) % TURN, angle], n === link ? 5 : 2.6, "spot")));
  };
}

/** Bars with a name and a percentage; the function that is returned takes the percentages. */
function meters(parent, rows) {
  const box = add(parent, "div", { class: "odds" });
  const all = rows.map((text) => {
    const row = add(box, "div");
    add(row, "span", { text });
    return [add(row, "meter", { min: 0, max: 100, "aria-label": text }), add(row, "span")];
  });
  return (found) => all.forEach(([meter, text], i) => {
    meter.value = found?.[i] ?? 0;
    set(text, { text: found ? `${shown(found[i], 0)} %` : "–" });
  });
}

/** The probabilities of the classes, of the figure's network or of several. */
function odds(parent, { beside }) {
  let paints = [], seen = null;
  return (/** @type {View} */ { network, points, found, result }) => {
    const all = beside ?? [network];
    if (seen !== all[0]) {
      seen = all[0];
      parent.replaceChildren();
      paints = all.map((each) => [each, add(parent, "p", { class: "title" }),
        meters(parent, each.classes.map((w) => `w = ${shown(w, 0)}`))]);
    }
    for (const [each, title, paint] of paints) {
      const chances = result && evaluate(each, points).output, says = result && answer(each, chances);
      set(title, { text: each.label + (result ? `: ${shown(says, 0)}${judged(says, found.winding)}` : "") });
      paint(chances?.map((v) => 100 * v));
    }
  };
}

/**
 * w̃ against w from the weights alone, with the kinks of a two-neuron head to drag.
 * @param {any} parent
 * @param {any} on
 */
function steps(parent, on) {
  const axes = plot(parent, { x: [-6, 6], y: [-6, 6], xTicks: ticks([-6, -4, -2, 0, 2, 4, 6], 0),
    yTicks: ticks([-4, 0, 4], 0), xName: "winding number w", yName: "output w̃, foretold (ring: this curve)", height: 210 });
  axes.line("truth", [[-6, -6], [6, 6]]);
  const line = axes.line("line");
  const marks = axes.layer(), handles = [0, 1].map((j) => {
    const handle = ink(axes.root, "g", { class: "kink" }), cy = axes.Y(j ? 4.6 : -4.6);
    ink(handle, "path", { d: `M0 ${axes.Y(6)}V${axes.Y(-6)}` });
    ink(handle, "circle", { r: 8, cy });
    // To the side on which the ReLU is open.
    ink(handle, "path", { class: "open", d: `M10 ${cy - 6}l9 6l-9 6z` });
    if (on.kink) drag(ink(handle, "rect", { x: -22, y: axes.Y(6), width: 44, height: axes.Y(-6) - axes.Y(6), class: "touch" }),
      { move: (event) => on.kink(j, clamped(axes.at(event)[0], 6)) });
    return handle;
  });
  const here = ink(axes.root, "circle"), rough = ink(axes.root, "text", { x: 280, y: 169, class: "point" });
  return (/** @type {View} */ { network, found, output }) => {
    const parts = anatomyOf(network), at = (w) => [w, predicted(network, parts, w)];
    set(line, { d: axes.path(listed(97, (i) => at(i / 8 - 6)).filter(([, v]) => abs(v) < 6.2)) });
    inks(marks, "circle", listed(9, (i) => at(i - 4)).map(([w, v]) => axes.dot([w, clamped(v, 6)], 4.5, abs(v - w) < 0.5 ? "right" : "wrong")));
    // The curve on show, where its output is and not where it was foretold.
    set(here, axes.dot([found.winding, output].map((v) => clamped(v, 6)), found.winding === null ? 0 : 7, "here"));
    set(rough, { text: parts.rough ? "rough forecast: D is curved" : "" });
    handles.forEach((handle, j) => {
      const { kink = NaN, slope = 0 } = bends(network)[j] ?? {};
      set(handle.children[2], { transform: `scale(${Math.sign(slope)} 1)` });
      set(handle, { display: finite(kink) ? false : "none", transform: `translate(${axes.X(clamped(kink || 0, 6))} 0)` });
    });
  };
}

/**
 * A network whose kinks have been moved to other winding numbers; w̃ at 0 stays.
 * @param {Network} network
 * @param {(number | null)[]} kinks
 */
function moved(network, kinks) {
  const parts = bends(network);
  if (!parts.length || kinks.every((kink) => kink === null)) return network;
  const weights = Array.from(network.weights), [{ biases }, last] = dense(network);
  kinks.forEach((kink, j) => {
    const part = parts[j];
    if (kink === null || !part || !finite(part.kink)) return;
    const zero = -part.slope * kink, open = max(0, zero) - max(0, part.zero);
    weights[biases + j] += zero - part.zero;
    weights[last.biases] -= part.factor * open;
  });
  return { ...network, weights, unmoved: network };
}

/** Accuracies on P1's four tests, beside those of what was trained last. */
function scores(parent) {
  const title = add(parent, "p", { class: "title" });
  const mark = meters(parent, ["(i) |w| ≤ 2", "(ii) forth and back", "(iii) |w| = 3", "(iv) |w| = 4"]);
  return (found, last) => {
    set(title, { text: "right on P1's tests" + (last ? ` (trained before: ${last.map((v) => shown(v, 0)).join(", ")} %)` : "") });
    mark(found);
  };
}
