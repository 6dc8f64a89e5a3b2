// Elements of a live figure: plots in SVG, sliders, choices.

/**
 * Set attributes of an element; `text` is its text, `class` has the classes of live.css without
 * their "live-". What stays costs a browser nothing.
 */
function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    let next = value === true ? "" : value === false || value == null ? null : String(value);
    if (name === "class") next &&= next.replace(/\S+/g, "live-$&");
    if (name === "text") (node.firstChild ?? node.appendChild(new Text())).data = next;
    else if (next === null) node.removeAttribute(name);
    else if (node.getAttribute(name) !== next) node.setAttribute(name, next);
  }
  return node;
}

/** A new HTML element in `parent`. @returns {any} */
function add(parent, tag, attributes = {}) {
  return parent.appendChild(set(document.createElement(tag), attributes));
}

/** A new SVG element in `parent`. @returns {any} */
function ink(parent, tag, attributes = {}) {
  return parent.appendChild(set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes));
}

/** As many SVG elements of one kind as there are rows of attributes. */
function inks(parent, tag, rows) {
  while (parent.childNodes.length > rows.length) parent.lastChild.remove();
  rows.forEach((row, i) => (parent.childNodes[i] ? set(parent.childNodes[i], row) : ink(parent, tag, row)));
}

/** The largest size among numbers and points, at least 1e-9. */
const largest = (values) => max(...values.flat().map(abs), 1e-9);

/** A colour between that of −1 and that of 1, in either scheme. */
function hue(value) {
  const v = clamped(value, 1), share = round(100 * sqrt(abs(v)));
  return `color-mix(in oklab, var(--live-${v < 0 ? "minus" : "plus"}) ${share}%, var(--live-zero))`;
}

/** A number as people read it. */
const shown = (value, digits = 2) => (finite(value) ? value.toFixed(digits).replace(/^-(?=0\.?0*$)/, "")
  .replace("-", "−") : "–");

/** The parts of words in which what follows "_" is a subscript: every other one is. @param {string} words */
const subscripts = (words) => words.split(/_(.)/);
/** The same words, to be heard. @param {string} words */
const spoken = (words) => words.replace(/\|(.*?)\|/g, "size of $1").replaceAll("_", " ");

const PI_TICKS = [[-PI, "−π"], [0, "0"], [PI, "π"]];
const TURN_TICKS = [[0, "0"], [PI, "π"], [TURN, "2π"]];
const ticks = (values, digits) => values.map((v) => [v, shown(v, digits)]);
const LINK_TICKS = ticks([1, 8, 16, 24, 32], 0);

/**
 * Axes, and where to draw within them.
 * @param {any} parent
 * @param {any} options  label (what the plot shows), x and y (ranges), xTicks, yTicks, xName, yName.
 */
function plot(parent, { x, y, xTicks = [], yTicks = [], xName = "", yName = "", label = yName, width = 290, height = 190 }) {
  const left = 40, right = width - 8, top = 22, bottom = height - (xName ? 38 : 22);
  const root = ink(parent, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": spoken(label) });
  const X = (v) => left + (right - left) * (v - x[0]) / (x[1] - x[0]);
  const Y = (v) => bottom - (bottom - top) * (v - y[0]) / (y[1] - y[0]);
  const axes = ink(root, "g", { class: "axes" });
  const layer = () => ink(root, "g");
  const write = (words, x, y, kind) => {
    const line = ink(axes, "text", { x, y, class: kind });
    subscripts(words).forEach((text, i) =>
      ink(line, "tspan", { text, class: i % 2 ? "low" : "", dy: i % 2 ? 3 : i ? -3 : null }));
  };
  function frame() {
    axes.replaceChildren();
    for (const [v, text] of yTicks) {
      ink(axes, "path", { d: `M${left} ${Y(v)}H${right}` });
      write(text, left - 5, Y(v) + 4, "beside");
    }
    for (const [v, text] of xTicks) {
      ink(axes, "path", { d: `M${X(v)} ${bottom}v4` });
      write(text, X(v), bottom + 16);
    }
    write(xName, (left + right) / 2, height - 5);
    write(yName, 2, 11, "title");
  }
  frame();
  /** @param {Point} at */
  const place = ([a, b]) => [X(a), Y(b)];
  const path = (points) => (points.length ? "M" : "") + points.map((p) => place(p).map((v) => v.toFixed(1)).join(" ")).join("L");
  return {
    root, X, Y, place, layer, path,
    line: (kind, points = []) => ink(root, "path", { class: kind, d: path(points) }),
    /** Attributes of a circle there. @param {Point} at @param {number} r @param {string} kind */
    dot: ([a, b], r, kind) => ({ cx: X(a), cy: Y(b), r, class: kind }),
    /** Where a pointer is, in the plot's own numbers. */
    at(event) {
      const seen = root.getBoundingClientRect();
      const a = (event.clientX - seen.left) * width / seen.width, b = (event.clientY - seen.top) * height / seen.height;
      return [x[0] + (x[1] - x[0]) * (a - left) / (right - left),
        y[0] + (y[1] - y[0]) * (bottom - b) / (bottom - top)];
    },
    range(...next) {
      if (String(next) === String([x, y, xTicks, yTicks])) return;
      [x, y, xTicks, yTicks] = next;
      frame();
    },
  };
}

/** A square around 0 of the plane; `fit` makes room for points, and returns half its width. */
function square(parent, { label, yName = "" }) {
  let half = 0;
  const axes = plot(parent, { label, x: [-1, 1], y: [-1, 1], yName, width: 330, height: 330 });
  set(axes.root, { class: "plane" });
  return { ...axes, fit(points) {
    const needed = extent(1.12 * largest(points));
    if (needed <= half && needed > 0.7 * half) return half;
    half = needed;
    const marks = ticks([-half, 0, half], half < 2 ? 1 : 0);
    axes.range([-half, half], [-half, half], marks.slice(1), marks);
    return half;
  } };
}

/** Follow a pointer from where it goes down on an element; a second finger moves nothing. */
function drag(node, { start = (_) => true, move, end = () => {} }) {
  let held = null;
  node.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary || !start(event)) return;
    event.preventDefault();
    node.setPointerCapture(event.pointerId);
    held = event.pointerId;
    move(event);
  });
  node.addEventListener("pointermove", (event) => event.pointerId === held && move(event));
  node.addEventListener("lostpointercapture", (event) => {
    if (event.pointerId !== held) return;
    held = null;
    end();
  });
}

let names = 0;
/** A row with a label, and the id of what it is for. */
function labelled(parent, kind, text) {
  const id = `live-${names++}`, row = add(parent, "div", { class: kind });
  const label = add(row, "label", { for: id });
  subscripts(text).forEach((part, i) => add(label, i % 2 ? "sub" : "span", { text: part }));
  return { id, row };
}

/** A slider with a name and its value. @returns {{set: (value: number) => void}} */
function slider(parent, { label, min, max, step, value, show = (v) => shown(v, step < 0.1 ? 2 : step < 1 ? 1 : 0), on }) {
  const { id, row } = labelled(parent, "slider", label);
  const output = add(row, "output", { for: id });
  const range = add(row, "input", { type: "range", id, min, max, step, "aria-label": spoken(label) });
  let last;
  const say = (v) => {
    const text = show(last = v);
    set(output, { text });
    set(range, { "aria-valuetext": text });
  };
  range.addEventListener("input", () => {
    say(Number(range.value));
    on(last);
  });
  // What lies beyond the slider's ends is said as it is.
  const change = (v) => {
    if (last === v) return;
    range.value = v;
    say(v);
  };
  change(value);
  return { set: change };
}

/**
 * A choice with a name; its options are values and words.
 * @param {any} parent
 * @param {{label: string, options: [string, string][], value: string, on: (value: string) => void}} what
 */
function choice(parent, { label, options, value, on }) {
  const { id, row } = labelled(parent, "choice", label);
  const list = add(row, "select", { id });
  for (const [name, text] of options) add(list, "option", { value: name, text });
  list.value = value;
  list.addEventListener("change", () => on(list.value));
  return { set: (v) => (list.value = v), list };
}

const columns = (root) => ["top", "left", "right"].map((name) => add(root, "div", { class: name }));
const panel = (parent) => add(parent, "div", { class: "panel" });
const buttons = (parent) => add(parent, "div", { class: "buttons" });

function button(parent, text, on) {
  const found = add(parent, "button", { type: "button", text });
  found.addEventListener("click", on);
  return found;
}

/** Call `draw` once before the next frame, however often it was asked for. */
function onceAFrame(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
}

/** A line that says a figure's state; screen readers hear it once it stays the same for a while. */
function speaker(parent) {
  const line = add(parent, "p", { class: "words", "aria-hidden": true });
  const heard = add(parent, "p", { class: "heard", "aria-live": "polite", role: "status" });
  let timer = 0;
  return (text) => {
    set(line, { text });
    clearTimeout(timer);
    timer = setTimeout(() => set(heard, { text }), 600);
  };
}

// @ts-expect-error: `live.py` joins the scripts to this function
const SCRIPT = URL.createObjectURL(new Blob([`(${live})()`]));
/** A worker that trains or draws test sets; it is told once, and tells back until it is stopped. */
function employ(options, hear) {
  const worker = new Worker(SCRIPT);
  worker.onmessage = ({ data }) => hear(data);
  worker.postMessage(options);
  return () => worker.terminate();
}
