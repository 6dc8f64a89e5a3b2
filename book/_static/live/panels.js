// The panels of live figures: each is made once, and drawn from what a figure shows.

/**
 * What a figure shows.
 * @typedef {object} View
 * @property {Point[]} shape  The curve as drawn.
 * @property {Point} origin
 * @property {Point[]} points  The curve seen from the origin: what is counted, and what networks read.
 * @property {Diagnosis} found
 * @property {Network} network
 * @property {any} result  Of `forward`, or null where a network has nothing to read.
 * @property {number} link  The chosen link, from 0.
 */

/** Round numbers that hold a size: 1, 1.5, 2, 3, 4, 6, 8, 10, … */
function extent(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * [1, 1.5, 2, 3, 4, 6, 8, 10].find((n) => n * power >= size * 0.9999);
}

/**
 * The curve in the plane, to be dragged: near the origin that, else the curve, else a new one.
 * @param {any} parent
 * @param {any} on  origin(point), grab(n), pull(n, point), drawn(points)
 */
function plane(parent, on) {
  const side = 330;
  let size = 2, busy = false, what = "", held = 0, path = [];
  const axes = plot(parent, { label: "A closed curve in the complex plane, and the origin.", x: [-size, size],
    y: [-size, size], width: side, height: side });
  set(axes.root, { class: on.pull || on.origin ? "live-plane live-free" : "live-plane" });
  const grid = axes.layer(), thread = ink(axes.root, "path", { class: "live-thread" });
  const links = axes.layer(), dots = axes.layer(), ray = ink(axes.root, "path", { class: "live-ray" });
  const start = ink(axes.root, "circle", { r: 5, class: "live-start" });
  const cross = ink(axes.root, "g", { class: "live-origin" });
  ink(cross, "circle", { r: 22, class: "live-touch" });
  ink(cross, "circle", { r: 7 });
  ink(cross, "path", { d: "M-13 0H13M0 -13V13" });
  set(links, { class: "live-links" });
  /** @type {View} */
  let view;
  const near = (p, q, pixels) => {
    const scale = axes.root.getBoundingClientRect().width / side;
    return Math.hypot(axes.X(p[0]) - axes.X(q[0]), axes.Y(p[1]) - axes.Y(q[1])) * scale < pixels;
  };
  drag(axes.root, {
    start(event) {
      const p = axes.at(event);
      const far = view.shape.map((q) => Math.hypot(p[0] - q[0], p[1] - q[1]));
      held = far.indexOf(Math.min(...far)) % (view.shape.length - 1);
      const onOrigin = on.origin && near(p, view.origin, 22);
      what = onOrigin ? "origin" : on.pull && near(p, view.shape[held], 24) ? "curve" : on.drawn ? "new" : "";
      path = [];
      busy = what !== "";
      if (what === "curve") on.grab(held);
      return busy;
    },
    move(event) {
      const p = axes.at(event).map((v) => Math.max(-size, Math.min(size, v)));
      if (what === "origin") on.origin(p);
      else if (what === "curve") on.pull(held, p);
      else {
        path.push(p);
        set(thread, { d: axes.path(path), class: "live-thread live-new" });
      }
    },
    end() {
      busy = false;
      set(thread, { class: "live-thread" });
      if (what === "new" && path.length > 5) on.drawn(path);
      on.done?.();
    },
  });
  return (/** @type {View} */ next) => {
    view = next;
    const { shape, origin, found, link } = view;
    const needed = extent(1.12 * Math.max(...shape.flat().map(Math.abs), ...origin.map(Math.abs), 1e-9));
    if (!busy && needed !== size) {
      size = needed;
      const ticks = [-size, 0, size].map((v) => [v, shown(v, size < 2 ? 1 : 0)]);
      axes.range([-size, size], [-size, size], ticks, ticks);
    }
    const [ox, oy] = [axes.X(origin[0]), axes.Y(origin[1])];
    inks(grid, "path", [{ d: `M0 ${oy}H${side}M${ox} 0V${side}` }]);
    if (what !== "new" || !busy) set(thread, { d: axes.path(shape) });
    inks(links, "path", shape.slice(1).map((_, n) => ({ d: axes.path([shape[n], shape[n + 1]]),
      class: n === link ? "live-chosen" : found.half.includes(n) ? "live-half" : "" })));
    links.childNodes.forEach((node, n) => (node.style.stroke = hue((found.angles[n] ?? 0) / 0.9)));
    inks(dots, "circle", shape.slice(1).map(([x, y]) => ({ cx: axes.X(x), cy: axes.Y(y), r: 2.2, class: "live-dot" })));
    set(start, { cx: axes.X(shape[0][0]), cy: axes.Y(shape[0][1]) });
    set(ray, { d: link >= 0 ? axes.path([shape[link], origin, shape[link + 1]]) : "" });
    set(cross, { transform: `translate(${ox} ${oy})` });
  };
}

/**
 * Bars, of which one may be chosen; the axis fits itself to them unless its range y is given.
 * @param {any} parent
 * @param {any} options
 */
function bars(parent, { xName = "link n", yName, y, values, colour, choose, height = 150 }) {
  const axes = plot(parent, { x: [0.4, 32.6], y: y ?? [0, 1], xTicks: LINK_TICKS, yTicks: y ? PI_TICKS : [], xName, yName, height });
  const layer = axes.layer();
  const pick = (event) => choose(Math.max(0, Math.min(31, Math.round(axes.at(event)[0]) - 1)));
  if (choose) {
    axes.root.classList.add("live-pick");
    drag(axes.root, { move: pick });
    axes.root.addEventListener("pointermove", (event) => event.pointerType === "mouse" && pick(event));
  }
  return (/** @type {View} */ view) => {
    const found = values(view), count = found.length, top = extent(1.05 * Math.max(...found.map(Math.abs), 1e-3));
    if (!y) {
      const low = Math.min(0, ...found) < -1e-9 ? -top : 0;
      axes.range([0.4, count + 0.6], [low, top], count === 32 ? LINK_TICKS : [[1, "1"], [count, count]],
        [...new Set([low, 0, top])].map((v) => [v, shown(v, top < 2 ? 2 : 0)]));
    }
    const width = axes.X(1) - axes.X(0) - 1.5;
    inks(layer, "rect", found.map((v, n) => ({ x: axes.X(n + 1) - width / 2, width, rx: 1.5,
      y: Math.min(axes.Y(v), axes.Y(0)), height: Math.max(1, Math.abs(axes.Y(v) - axes.Y(0))),
      class: choose && n === view.link ? "live-chosen" : "" })));
    layer.childNodes.forEach((node, n) => (node.style.fill = hue(colour(view, n, found[n] / top))));
  };
}

/** Δθ(n), the angle by which each link turns. */
const angles = (parent, choose) => bars(parent, { yName: "Δθ(n): how far link n turns", y: [-Math.PI, Math.PI], choose, height: 170,
  values: (view) => view.points.slice(1).map((_, n) => view.found.angles[n] ?? 0),
  colour: (view, n) => view.found.angles[n] / 0.9 });

/** D(n), what the convolutions say of each link. */
const responses = (parent, choose) => bars(parent, { yName: "D(n): what the kernels say of link n", choose,
  values: (view) => view.result?.links ?? [], colour: (view, n) => view.found.angles[n] / 0.9 });

/** What each kernel adds to D of the chosen link. */
const kernels = (parent) => bars(parent, { xName: "kernel",
  yName: "what each kernel adds to D of this link", values: (view) => view.result?.parts[view.link] ?? [],
  colour: (view, k, share) => share });

/** What the network has counted after each link, beside the turns of the curve. */
function running(parent) {
  const axes = plot(parent, { x: [0, 32], y: [-1, 1],
    xName: "link n", height: 150, yName: "counted so far (dashed: the truth)" });
  const truth = ink(axes.root, "path", { class: "live-truth" }), line = ink(axes.root, "path", { class: "live-line" });
  const mark = ink(axes.root, "circle", { r: 4, class: "live-mark" });
  return (/** @type {View} */ view) => {
    const { network, result, found, link } = view;
    let sum = 0;
    const turns = [[0, 0], ...found.angles.map((angle, n) => [n + 1, (sum += angle / TURN)])];
    const steps = result ? counted(network, result) : [];
    const top = extent(Math.max(1, ...[...turns, ...steps].map(([, v]) => Math.abs(v))));
    axes.range([0, 32], [-top, top], [[0, "0"], ...LINK_TICKS.slice(1)], [-top, 0, top].map((v) => [v, shown(v, top < 2 ? 1 : 0)]));
    set(truth, { d: axes.path(turns) });
    set(line, { d: steps.length ? axes.path(steps) : "" });
    const here = steps[link + 1];
    set(mark, { display: here ? false : "none", ...(here && { cx: axes.X(here[0]), cy: axes.Y(here[1]) }) });
  };
}

/** w̃ as a sum over links, with the head's ReLUs as they are for this curve. */
function counted({ links, kernels: count, layers, weights: w }, { links: d, head, output }) {
  if (!count || output.length > 1) return [];
  const [neurons] = layers[0], at = 6 * count + 1, out = at + (links + 1) * neurons;
  const each = d.map((value, n) => head.reduce((sum, h, j) => sum + (h || layers[0][1] === "linear" ?
    value * w[at + n * neurons + j] * w[out + j] : 0), 0));
  // The constant is spread over the links, as D's offset is.
  const rest = (output[0] - each.reduce((a, b) => a + b, 0)) / links;
  let sum = 0;
  return [[0, 0], ...each.map((v, n) => [n + 1, (sum += v + rest)])];
}

/** D(φ, Δφ) as a map, with the links of the curve as dots. */
function surface(parent) {
  const cells = 24;
  const axes = plot(parent, { x: [0, TURN], y: [-Math.PI, Math.PI], xTicks: [[0, "0"], [Math.PI, "π"], [TURN, "2π"]], yTicks: PI_TICKS,
    xName: "φ: where the link begins", yName: "D(φ, Δφ); upwards: the turn Δφ", height: 210 });
  const layer = axes.layer(), dots = axes.layer();
  set(layer, { "shape-rendering": "crispEdges" });
  inks(layer, "rect", Array.from({ length: cells * cells }, (_, i) => ({
    x: axes.X(TURN * (i % cells) / cells), width: (axes.X(TURN) - axes.X(0)) / cells + 0.3,
    y: axes.Y(Math.PI * (2 * (Math.floor(i / cells) + 1) / cells - 1)), height: (axes.Y(0) - axes.Y(TURN)) / cells + 0.3,
  })));
  let painted = null;
  return (/** @type {View} */ { network, points, found, link }) => {
    if (painted !== network && network.kernels) {
      painted = network;
      const d = Array.from({ length: cells * cells }, (_, i) => linkResponse(network, TURN * (i % cells + 0.5) / cells,
        Math.PI * (2 * (Math.floor(i / cells) + 0.5) / cells - 1)));
      const low = Math.min(...d), span = Math.max(...d) - low || 1;
      layer.childNodes.forEach((node, i) => (node.style.fill = hue(2 * (d[i] - low) / span - 1)));
    }
    inks(dots, "circle", found.angles.map((angle, n) => ({ cy: axes.Y(angle), r: n === link ? 5 : 2.6,
      cx: axes.X((Math.atan2(points[n][1], points[n][0]) + TURN) % TURN), class: "live-spot" })));
  };
}

/** Bars with a name and a percentage; the function that is returned takes the percentages. */
function meters(parent, rows) {
  const box = add(parent, "div", { class: "live-odds" });
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

/** The probabilities of the classes. */
function odds(parent) {
  let shownFor = null, paint;
  return (/** @type {View} */ { network, result }) => {
    if (shownFor !== network.name) {
      parent.replaceChildren();
      paint = meters(parent, network.classes.map((w) => `w = ${shown(w, 0)}`));
      shownFor = network.name;
    }
    paint(result?.output.map((v) => 100 * v));
  };
}

/**
 * w̃ against w from the weights alone, with the kinks of a two-neuron head to drag.
 * @param {any} parent
 * @param {(j: number, w: number) => void} [move]
 */
function steps(parent, move) {
  const axes = plot(parent, { x: [-6, 6], y: [-6, 6], xTicks: [-6, -4, -2, 0, 2, 4, 6].map((v) => [v, shown(v, 0)]),
    yTicks: [-4, 0, 4].map((v) => [v, shown(v, 0)]), xName: "winding number w", yName: "output w̃, foretold by the weights", height: 210 });
  ink(axes.root, "path", { class: "live-truth", d: axes.path([[-6, -6], [6, 6]]) });
  const clip = `live-clip-${names++}`;
  ink(ink(axes.root, "clipPath", { id: clip }), "rect", { x: axes.X(-6), y: axes.Y(6), width: axes.X(6) - axes.X(-6), height: axes.Y(-6) - axes.Y(6) });
  const line = ink(axes.root, "path", { class: "live-line", "clip-path": `url(#${clip})` });
  const marks = axes.layer(), handles = [0, 1].map((j) => {
    const handle = ink(axes.root, "g", { class: "live-kink" });
    ink(handle, "path", { d: `M0 ${axes.Y(6)}V${axes.Y(-6)}` });
    ink(handle, "rect", { x: -22, y: axes.Y(6), width: 44, height: axes.Y(-6) - axes.Y(6), class: "live-touch" });
    ink(handle, "circle", { r: 8, cy: axes.Y(j ? 4.6 : -4.6) });
    if (move) drag(handle, { move: (event) => move(j, Math.max(-6, Math.min(6, axes.at(event)[0]))) });
    return handle;
  });
  return (/** @type {View} */ { network }) => {
    const parts = anatomyOf(network);
    const at = (w) => predicted(network, parts, w);
    set(line, { d: parts ? axes.path(Array.from({ length: 97 }, (_, i) => [i / 8 - 6, at(i / 8 - 6)])) : "" });
    const whole = parts ? [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((w) => [w, at(w)]) : [];
    inks(marks, "circle", whole.map(([w, v]) => ({ cx: axes.X(w), cy: axes.Y(Math.max(-6, Math.min(6, v))), r: 4.5,
      class: Math.abs(v - w) < 0.5 ? "live-right" : "live-wrong" })));
    handles.forEach((handle, j) => {
      const kink = parts?.parts[j]?.kink, seen = Number.isFinite(kink) && network.layers[0][1] === "relu";
      set(handle, { display: seen ? false : "none", transform: `translate(${axes.X(Math.max(-6, Math.min(6, kink || 0)))} 0)` });
    });
  };
}

/**
 * A network whose kinks have been moved to other winding numbers; w̃ at 0 stays.
 * @param {Network} network
 * @param {(number | null)[]} kinks
 */
function moved(network, kinks) {
  if (!kinks.some((kink) => kink !== null) || network.layers[0][1] !== "relu" || !anatomyOf(network)) return network;
  const weights = Array.from(network.weights), { parts } = anatomyOf(network);
  const [neurons] = network.layers[0], at = 6 * network.kernels + 1 + network.links * neurons;
  kinks.forEach((kink, j) => {
    const part = parts[j];
    if (kink === null || !part || !Number.isFinite(part.kink)) return;
    const zero = -part.slope * kink, open = Math.max(0, zero) - Math.max(0, part.zero);
    weights[at + j] += zero - part.zero;
    weights[at + 2 * neurons] -= part.factor * open;
  });
  return { ...network, weights };
}

/** Accuracies on P1's four tests. */
function scores(parent) {
  add(parent, "p", { class: "live-title", text: "right on P1's tests" });
  return meters(parent, ["(i) |w| ≤ 2", "(ii) forth and back", "(iii) |w| = 3", "(iv) |w| = 4"]);
}
