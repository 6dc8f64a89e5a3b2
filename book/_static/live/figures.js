// The live figures, by the names that the directive ``live`` takes.

/** The networks of the archive. @type {(Network & {key: string, fate: string, l2: number})[]} */
const BOOK = (globalThis.windlibNetworks ?? []).map((network) => {
  const bytes = Uint8Array.from(atob(network.weights), (c) => c.charCodeAt(0));
  return { ...network, weights: new Float32Array(bytes.buffer) };
});

/** The networks that were made on this page, by their names. @type {Map<string, any>} */
const MADE = new Map();

/** A network by its name, or by its experiment. */
function named(name) {
  const found = MADE.get(name) ?? BOOK.find((network) => network.name === name) ?? BOOK.find(({ key }) => key === name);
  if (!found) refuse("No such network; windlib.networks() lists them.");
  return found;
}

/** What a reader may turn, of each system: key, label, least, most, step, and where it begins. */
const SLIDERS = {
  ssh: [["t", "t, within a cell", -3, 3, 0.05, 1], ["t_prime", "t′, between cells", -3, 3, 0.05, 1.6],
    ["chi", "χ, phase of t", -3.15, 3.15, 0.05, 0]],
  chiral: [["w", "winding number wanted", -4, 4, 1, 2], ["seed", "number of the chain", 0, 999, 1, 7]],
  hatano_nelson: [["t_r", "|t_r|, to the right", 0, 2, 0.05, 0.5], ["t_l", "|t_l|, to the left", 0, 2, 0.05, 1],
    ["psi", "phase of t_r", -3.15, 3.15, 0.05, 0], ["chi", "phase of t_l", -3.15, 3.15, 0.05, 0.6], ["mu", "hopping length μ", 1, 15, 1, 2]],
  nonhermitian_ssh: [["t", "t, within a cell", -3, 3, 0.05, 0.5], ["delta", "δ, non-reciprocal part", -3, 3, 0.05, 1]],
  aah: [["alpha", "α, non-reciprocity", 0, 2, 0.05, 0.5], ["h", "h, imaginary phase", 0, 2, 0.05, 0],
    ["V1", "V₁, potential", 0, 5, 0.01, 2.5], ["V2", "V₂, modulation", 0, 2, 0.05, 0]],
  dirac: [["m", "m, mass", -6, 6, 0.05, 1], ["kappa", "κ", 0.05, 6, 0.05, 3], ["x", "centre k_x", -4, 4, 0.05, -0.3],
    ["y", "centre k_y", -4, 4, 0.05, 2.9]],
  drawn: [],
};
const CURVES = { drawn: "drawn by hand", ssh: "SSH chain", chiral: "general chain, at random", hatano_nelson: "Hatano–Nelson chain",
  nonhermitian_ssh: "non-Hermitian SSH chain", aah: "AAH ring", dirac: "Dirac fermions: a loop" };

/** A random chain of P1's test with a winding number. */
const chains = new Map();
function chain(w, seed) {
  const key = `${w} ${seed}`;
  if (!chains.has(key)) {
    const [points, winding] = draw("chiral", generator(1000 * abs(w) + seed), [abs(w)]);
    const size = largest(points) / 1.7;
    chains.set(key, points.map(([x, y]) => [x / size, (winding === w ? y : -y) / size]));
  }
  return chains.get(key);
}

/** The curve that sliders stand for. @returns {Point[]} */
function chosenCurve(system, p) {
  if (system === "chiral") return chain(p.w, p.seed);
  if (system === "hatano_nelson")
    return curve(system, { t_r: phase(p.psi, p.t_r), t_l: phase(p.chi, p.t_l), mu: p.mu });
  if (system === "dirac") return curve(system, { m: p.m, kappa: p.kappa, center: [p.x, p.y] });
  return curve(system, p);
}

const circle = (turns, x = 0) => listed(33, (n) => plus(phase(TURN * turns * (n % 32) / 32), [x, 0]));
/** A curve to begin with that is easy to read: one large loop with a small one inside. */
const limacon = () => circle(1).map(([x, y]) => plus([x, y], times([x, y], [x, y]), [-0.35, 0.15]));

const AS_IT_IS = { angle: 0, start: 0, phases: 0 };
const start = (system) => Object.fromEntries(SLIDERS[system].map(([key, , , , , value]) => [key, value]));
const begin = () => ({
  system: "drawn", parameters: Object.fromEntries(Object.keys(SLIDERS).map((name) => [name, start(name)])),
  drawn: limacon(), origin: [0, 0], ...AS_IT_IS, kinks: [null, null], link: -1, point: 0,
});

/** The part of a state that says which curve. */
const chosen = (system, parameters) =>
  ({ system, parameters: { ...begin().parameters, [system]: { ...start(system), ...parameters } } });

const TIMES = [, "once", "twice"];
/** Whether an answer is right, as words that follow it; none where there is no winding number. */
function judged(says, w) {
  const by = abs(says - w);
  return w === null ? "" : by ? `, wrong by ${by === 1 ? "one" : by}` : ", right";
}

/** The state of the page's first figure, or of the one last touched. */
let current = null;

/**
 * A curve, what winds, and what a network makes of it: figures and playground are made of this.
 * @param {any} root
 * @param {any} options
 *   panels, curves, networks (names; the first of both are shown first), patch (of the state), turn, origin, shape (may it be dragged), fresh (drawn anew),
 *   more (what only this figure shows, from its view).
 */
function lab(root, options) {
  const state = { ...begin(), system: options.curves[0], network: options.networks?.[0] ?? BOOK[0].name, ...options.patch };
  state.network = named(state.network).name;
  // Left the first panel and what draws the curve, right all else.
  const [top, left, right] = columns(root);
  const numbers = add(right, "div", { class: "numbers" }), say = speaker(right);
  const panelled = add(right, "div", { class: "panels" });
  const draw = onceAFrame(drawAll), parts = [], syncs = [];

  /** What is shown; computed once for each change. @type {View | null} */
  let seen = null;
  const view = () => (seen ??= compute());
  let mended = [];
  function compute() {
    const { system, origin, phases, kinks, link } = state, parameters = state.parameters[system];
    const drawn = system === "drawn" ? state.drawn : chosenCurve(system, parameters);
    let points = turned(drawn.map((p) => minus(p, origin)), state.angle, state.start);
    if (phases && diagnose(points).winding !== null) points = randomPhases(points, generator(phases));
    const found = diagnose(points), plain = named(state.network);
    if (mended[0] !== plain || mended[1] !== kinks) mended = [plain, kinks, moved(plain, kinks)];
    // Of a curve through the origin, which has no angles, a network has nothing to read.
    const network = mended[2], result = found.angles.length ? evaluate(network, points) : null;
    const output = result && result.output, diameter = phases ? null : options.diameter;
    const now = { shape: points.map((p) => plus(p, origin)), origin, points, found, network, result, output,
      says: result && answer(network, output), link, parameters, diameter, pair: link < 0 ? diameter : [link, link + 1] };
    return { ...now, more: options.more?.(now) ?? {} };
  }

  /** The figure's state, for everybody. */
  function snapshot() {
    const { points, found, network, output, says, more } = view();
    const { drawn, point, parameters, ...rest } = state;
    return { ...rest, points, parameters: parameters[state.system], network: network.name, winding: found.winding ?? found.why, output, answer: says,
      ...more };
  }

  function update() {
    seen = null;
    draw();
  }
  const setParameters = (system, patch) =>
    change({ parameters: { ...state.parameters, [system]: { ...state.parameters[system], ...patch } } });
  const setKink = (j, w) => change({ kinks: state.kinks.map((k, i) => (i === j ? nearly(w) : k)) });
  function change(patch) {
    Object.assign(state, patch);
    current = snapshot;
    update();
    options.changed?.(state);
  }
  /** From now on the curve is a drawing: what is seen. */
  function freeze() {
    Object.assign(state, { system: "drawn", drawn: rounded(view().shape), ...AS_IT_IS });
    seen = null;
  }
  let before = [];
  const on = {
    beside: options.beside && options.networks.map(named),
    origin: options.origin && ((origin) => change({ origin: origin.map(nearly) })),
    grab(n) {
      freeze();
      before = state.drawn;
      state.point = n;
    },
    pull: options.shape && ((n, to) => change({ drawn: bent(before, n, to) })),
    choose: options.link && ((link) => link !== state.link && change({ link })),
    kink: options.kinks && setKink,
    center: ([x, y]) => setParameters("dirac", { x: nearly(x), y: nearly(y) }),
    drawn(path) {
      arm(false);
      change({ system: "drawn", drawn: rounded(resampled(cycle(path))), ...AS_IT_IS });
    },
  };
  const makers = { plane, loop, energies, angles, responses, kernels, running, surface, odds, steps, sites, peak };
  for (const name of options.panels) {
    const cell = panel(left.childNodes.length < (options.left ?? 1) ? left : panelled);
    const paint = makers[name](cell, on);
    parts.push((v) => {
      const { kernels, classes } = v.network, counts = kernels && !classes.length;
      const has = { responses: kernels, kernels: kernels && v.link >= 0, surface: kernels, running: counts, steps: counts,
        odds: classes.length }[name] ?? true;
      set(cell, { hidden: !has });
      if (has) paint(v);
    });
  }

  const number = (words) => {
    const cell = add(numbers, "div");
    add(cell, "span", { text: words });
    return add(cell, "b");
  };
  const w = number("winding number w"), output = options.networks && number("output w̃");
  const verdict = options.networks && number("answer");

  // Controls: the curve, then the network.
  const group = (name, parent = right) => {
    const found = add(parent, "fieldset");
    add(found, "legend", { text: name });
    return found;
  };
  const curveGroup = group("Curve", left), netGroup = options.networks && group("Network");
  right.append(panelled);
  if (options.presets) {
    const row = buttons(top);
    for (const [text, patch] of options.presets) button(row, text, () => change({ ...begin(), network: state.network, ...patch }));
  }
  if (options.curves.length > 1) {
    const list = choice(curveGroup, { label: "of which system", value: state.system, options: options.curves.map((name) => [name, CURVES[name]]),
      on: (system) => (system === "drawn" ? (freeze(), change({})) : change({ system, origin: [0, 0] })) });
    syncs.push(() => list.set(state.system));
  }
  const twin = (parent, label, [min, max, step], get, put) => {
    const made = slider(parent, { label, min, max, step, value: get(), on: put });
    syncs.push(() => made.set(get()));
  };
  for (const system of options.curves) {
    const box = add(curveGroup, "div", { class: "sliders" });
    syncs.push(() => set(box, { hidden: state.system !== system }));
    for (const [key, label, ...range] of SLIDERS[system])
      twin(box, label, range, () => state.parameters[system][key], (v) => setParameters(system, { [key]: v }));
  }
  const pair = (parent, what, get, put) => ["to the right", "upwards"].forEach((way, i) =>
    twin(parent, `${what}, ${way}`, [-3, 3, 0.01], () => get()[i], (v) => put(get().map((old, j) => (j === i ? v : old)))));
  if (options.origin) pair(curveGroup, "origin", () => state.origin, (origin) => change({ origin }));
  if (options.turn) {
    twin(curveGroup, "turn the curve by (radians)", [-3.14, 3.14, 0.01], () => state.angle, (angle) => change({ angle }));
    twin(curveGroup, "begin at point", [0, 31, 1], () => state.start, (v) => change({ start: v }));
    const row = buttons(curveGroup);
    button(row, "Multiply by a random phase", () => change({ phases: state.phases % 9999 + 1 }));
    button(row, "Undo", () => change(AS_IT_IS));
  }
  let arm = null;
  if (options.fresh) {
    arm = (ready) => set(fresh, { text: ready ? "Now draw it" : "Draw a new curve" }) &&
      root.classList.toggle("live-fresh", ready);
    const fresh = button(buttons(curveGroup), "", () => arm(!root.classList.contains("live-fresh")) &&
      root.querySelector(".live-plane").scrollIntoView({ block: "nearest" }));
    arm(false);
  }
  if (options.shape) {
    const more = add(curveGroup, "details");
    add(more, "summary", { text: "Drag with sliders" });
    twin(more, "point", [0, 31, 1], () => state.point, (point) => change({ point }));
    pair(more, "point", () => view().shape[state.point], (to) => {
      freeze();
      change({ drawn: bent(state.drawn, state.point, to) });
    });
  }
  if (options.networks) {
    const list = choice(netGroup, { label: "which one", value: state.network,
      options: options.networks.map(named).map(({ name, label }) => [name, label]), on: (network) => change({ network, kinks: [null, null] }) });
    syncs.push(() => {
      const made = MADE.get(state.network);
      if (made && list.list.lastChild.value !== made.name) add(list.list, "option", { value: made.name, text: made.label });
      list.set(state.network);
    });
  }
  if (options.link)
    twin(netGroup ?? curveGroup, "link", [0, 32, 1], () => state.link + 1, (n) => change({ link: n - 1 }));
  if (options.kinks) {
    const box = add(netGroup, "div", { class: "sliders" });
    syncs.push(() => set(box, { hidden: !bends(view().network).length }));
    [0, 1].forEach((j) => twin(box, `kink of neuron ${j + 1}, at w`, [-6, 6, 0.05], () => bends(view().network)[j]?.kink || 0,
      (w) => setKink(j, w)));
    const row = buttons(box);
    button(row, "Kinks as trained", () => change({ kinks: [null, null] }));
    button(row, "Move both out of the way", () => {
      const found = bends(named(state.network));
      change({ kinks: [0, 1].map((j) => (finite(found[j]?.kink) ? (found[j].slope < 0 ? 5 : -5) : null)) });
    });
  }
  if (options.scores) {
    const cell = panel(panelled), mark = scores(cell);
    mark();
    let sets = null, shownFor = null, left = 0, next = 0, last = null;
    const shares = [0, 0, 0, 0];
    new IntersectionObserver((seen, self) => {
      if (!seen.some((entry) => entry.isIntersecting)) return;
      self.disconnect();
      const stop = employ({ tests: 150 }, (found) => {
        sets = found;
        stop();
        update();
      });
    }, { rootMargin: "300px" }).observe(cell);
    parts.push(({ network }) => {
      if (network !== shownFor) {
        if (shownFor?.recipe && !shownFor.unmoved && !left) last = [...shares];
        left = 4;
      }
      if (!sets || !left) return;
      // One of the four a frame, so that dragging stays smooth.
      [shownFor, next] = [network, (next + 1) % 4];
      if (!network.classes.length) shares[next] = accuracy(network, sets[next]);
      mark(network.classes.length ? null : shares, last);
      if (--left) draw();
    });
  }

  function drawAll() {
    const now = view(), { found, network, says } = now;
    parts.forEach((paint) => paint(now));
    syncs.forEach((sync) => sync());
    set(w, { text: found.winding === null ? "none" : shown(found.winding, 0) });
    const times = TIMES[abs(found.winding)] ?? abs(found.winding) + " times";
    let words = found.winding === null ? `This curve has no winding number: ${found.why.replace("undecided: ", "")}.` :
      found.winding ? `The curve winds around the origin ${times}${found.winding < 0 ? ", clockwise" : ""}.` :
      "The curve does not wind around the origin.";
    words += now.more.words ?? "";
    if (state.link >= 0 && found.angles.length)
      words += ` Link ${state.link + 1} turns by ${shown(found.angles[state.link] * 180 / PI, 0)}°.`;
    if (output) {
      const chances = network.classes.length, how = judged(says, found.winding), answered = shown(says, 0) + how;
      set(output, { text: says !== null && chances ? `${shown(100 * max(...now.output), 0)} %` : shown(now.output) });
      set(output.previousSibling, { text: chances ? "probability" : "output w̃" });
      set(verdict, { text: answered, class: how && (how === ", right" ? "good" : "bad") });
      const places = bends(network).filter(({ kink }) => abs(kink) < 6).map(({ kink }) => shown(kink, 1)).join(" and ");
      words += says === null ? "" : ` The network answers ${answered}.` + (places ? ` Its ReLUs have their kinks near w = ${places}.` : "");
    }
    say(words);
  }
  current ??= snapshot;
  drawAll();
  /** Keep a network that was made here, and show it or, when it goes on, leave what is chosen. */
  const made = (network, show = true, kinks = [null, null]) => {
    MADE.set(network.name, network);
    change(show ? { network: network.name, kinks } : {});
  };
  return { state, change, made, group, panelled, left };
}

/** What was fitted to D, by the networks as trained. */
const fits = new WeakMap();
function anatomyOf(network) {
  const { unmoved = network } = network;
  if (!network.kernels || network.classes.length) return null;
  if (!fits.has(unmoved)) fits.set(unmoved, fitted(unmoved));
  return anatomy(network, fits.get(unmoved));
}

/** The neurons of a head of ReLUs, each with its kink; none where the head does not bend. */
const bends = (network) => (network.layers[0][1] === "relu" && anatomyOf(network)?.parts) || [];

/** A curve with one point moved, and its neighbours with it. */
function bent(points, n, to) {
  const links = points.length - 1, by = minus(to, points[n]);
  return rounded(cycle(points.slice(0, -1).map((p, m) => {
    const away = min((m - n + links) % links, (n - m + links) % links);
    const share = away < 5 ? cos(PI * away / 10) ** 2 : 0;
    return [p[0] + share * by[0], p[1] + share * by[1]];
  })));
}

/** To three decimals, as the playground's address has them. @param {number} v */
const nearly = (v) => round(1000 * v) / 1000;
/** @param {Point[]} points */
const rounded = (points) => points.map((p) => p.map(nearly));

/** A line of the loss, as training goes on. */
function lossPlot(parent) {
  const axes = plot(parent, { x: [0, 1], y: [0, 1], height: 150, xName: "training",
    yName: "mean squared error" });
  const line = axes.line("line");
  let seen = [], top = 0;
  return (step, steps, loss) => {
    if (step / steps < (seen.at(-1)?.[0] ?? 0)) [seen, top] = [[], 0];
    seen.push([step / steps, loss]);
    if (loss > top) top = extent(1.01 * loss);
    axes.range([0, 1], [0, top], [[0, "0"], [1, "end"]], [[0, "0"], [top, shown(top)]]);
    set(line, { d: axes.path(seen) });
  };
}

/**
 * Training in the page, with its controls.
 * @param {any} figure  A `lab`, which shows the network.
 * @param {any} options  sliders (keys), first (settings), parent (of the controls), panels (where the loss goes), changed.
 */
function trainer(figure, { sliders, first = {}, parent = figure.group("Training", figure.left), panels = figure.panelled, changed = (_) => {} }) {
  const settings = { data: "chiral", kernels: 40, activation: "ours", rate: -2, schedule: "cosine", epochs: 10, samples: 20000,
    seed: 1, ...first };
  const syncs = [];
  const put = (key) => (value) => {
    settings[key] = value;
    changed(settings);
  };
  let kinks, stop = null;
  /** @type {any} */
  const controls = {
    data: { label: "trained on", options: [["chiral", "general chains, |w| ≤ 2"], ["hatano_nelson", "Hatano–Nelson, |w| = 1, 2, 3"]] },
    activation: { label: "ReLUs after the kernels", options: [["ours", "none (our recipe)"], ["relu", "in D and head (P1)"],
      ["softplus", "softplus in D, none in the head"]] },
    schedule: { label: "the rate, as training goes on", options: [["cosine", "falls to 0"], ["constant", "stays as it is"]] },
    kernels: { label: "kernels", min: 2, max: 64, step: 1 },
    rate: { label: "learning rate", min: -4, max: -1, step: 0.1, show: (v) => (10 ** v).toPrecision(1) },
    epochs: { label: "epochs", min: 1, max: 60, step: 1 }, seed: { label: "seed", min: 0, max: 999, step: 1 },
  };
  for (const key of sliders) {
    const made = (controls[key].options ? choice : slider)(parent, { ...controls[key], value: settings[key], on: put(key) });
    syncs.push(() => made.set(settings[key]));
  }
  const row = buttons(parent);
  const go = button(row, "Train", () => (stop ? finish("Stopped.") : run()));
  set(go, { class: "go" });
  // What comes and grows as training goes on moves no control that is under a finger.
  const note = speaker(parent), cell = set(panel(panels), { hidden: true }), chart = lossPlot(cell);
  function finish(words) {
    stop?.();
    stop = null;
    set(go, { text: "Train again" });
    note(words);
  }
  function run() {
    const recipe = { ...settings }, { data, kernels: count, activation, rate, epochs } = recipe;
    const linear = data === "ssh", began = performance.now();
    const network = { name: "trained-here", label: "trained here", links: 32, kernels: linear ? 0 : count,
      activation: activation === "ours" ? "linear" : activation, classes: [], inputs: "unit", weights: [],
      layers: linear ? [[1, "linear"]] : [[2, activation === "relu" ? "relu" : "linear"], [1, "linear"]] };
    set(go, { text: "Stop" });
    set(cell, { hidden: false });
    note("Drawing curves …");
    let last, first = true;
    const show = onceAFrame(() => {
      if (!stop) return;
      const { step, steps, loss, weights } = last, epoch = Math.ceil(epochs * step / steps);
      chart(step, steps, loss);
      figure.made({ ...network, weights, recipe: step === steps && recipe }, first, kinks);
      first = false;
      kinks = undefined;
      const words = `Epoch ${epoch} of ${epochs}, mean squared error ${shown(loss, 3)}.`;
      if (step < steps) note(words);
      else finish(`Trained in ${shown((performance.now() - began) / 1000, 0)} s. ${words}`);
    });
    stop = employ({ ...settings, network, windings: data === "chiral" ? [0, 1, 2] : [1, 2, 3], rate: 10 ** rate },
      (heard) => {
        if (heard.error) return finish(heard.error);
        last = heard;
        show();
      });
  }
  return { settings, sync: () => syncs.forEach((one) => one()), ask(found) {
    kinks = found;
    note("This address is of a network that was trained here. Press Train to train it again.");
  } };
}

/** The angle in degrees under which the origin sees a diameter of the curve. @param {View} view */
function thales({ points, diameter, found }) {
  if (!diameter || found.winding === null) return null;
  const [[x, y], other] = diameter.map((n) => points[n]);
  return abs(argument(times(other, [x, -y]))) * 180 / PI;
}

const partner = { nonhermitian_ssh: ["nonhermitian-ssh", "nonhermitian-ssh-cnn-ours"], dirac: ["dirac", "dirac-cnn-ours"],
  aah: ["aah", "aah-cnn-ours"] };

/** @type {Record<string, (root: any, options: any) => any>} */
const FIGURES = {
  winding: (root) => lab(root, { panels: ["plane", "angles"], curves: ["drawn"], origin: true, shape: true, link: true,
    presets: [["Once", { drawn: circle(1) }], ["Twice, clockwise", { drawn: limacon().map(([x, y]) => [x + 0.75, -y]) }],
      ["Loop in a loop", {}]] }),

  links: (root) => lab(root, { panels: ["plane", "kernels", "responses", "running"], left: 2,
    curves: ["chiral", "drawn"], shape: true, fresh: true, link: true, networks: ["aiii-cnn", "aiii-cnn-good", "aiii-cnn-dead", "aiii-fc", "aiii-cnn-ours", "by-hand"],
    patch: { network: "aiii-cnn-ours", link: 5 } }),

  turn: (root, { system = "nonhermitian_ssh", ...more }) => lab(root, { panels: ["plane", "angles", "odds"], curves: [system],
    turn: true, link: true, networks: partner[system], beside: true, ...more }),

  ellipse: (root) => FIGURES.turn(root, { system: "aah", diameter: [8, 24], patch: chosen("aah", { V1: 3.3 }), more(view) {
    const seen = thales(view);
    return { thales: seen, words: seen === null ? "" : ` From the origin a diameter is seen under ${shown(seen, 0)}°, ` +
      `${seen > 90 ? "more" : "no more"} than a right angle.` };
  } }),

  loop: (root) => FIGURES.turn(root, { system: "dirac", panels: ["loop", "energies", "plane", "odds"], turn: false, link: false, left: 2,
    more: (view) => ({ energies: followed(view), words: view.found.winding === null ? "" :
      view.found.winding % 2 ? " The two energies have changed places." : " Each energy is back where it began." }) }),

  kinks: (root) => lab(root, { panels: ["steps"], curves: ["chiral"], kinks: true, scores: true,
    networks: ["aiii-cnn", "aiii-cnn-good", "by-hand"], patch: chosen("chiral", { w: 4 }) }),

  hand(root) {
    const size = { knots: 8, directions: 5 };
    const found = lab(root, { panels: ["plane", "running", "surface"], curves: ["chiral", "hatano_nelson"], scores: true,
      networks: ["by-hand", "aiii-cnn-ours"],
      more: ({ network }) => ({ words: ` The network has ${network.kernels} kernels.` }) });
    const parent = found.group("Weights by hand", found.left);
    for (const [label, min, max] of [["knots", 2, 16], ["directions", 3, 9]])
      slider(parent, { label, min, max, step: 2, value: size[label], on(value) {
        size[label] = value;
        found.made(byHand(named("by-hand"), size.knots, size.directions));
      } });
  },

  train(root) {
    const found = lab(root, { panels: ["surface", "steps"], curves: ["chiral"], networks: ["aiii-cnn-ours", "aiii-cnn"], scores: true });
    trainer(found, { sliders: ["activation", "rate", "epochs", "seed"], first: { samples: 10000 } });
  },

  peak(root) {
    const found = lab(root, { panels: ["plane", "peak"], curves: ["ssh"], networks: ["ssh-linear"] });
    trainer(found, { sliders: ["rate", "epochs", "seed"], first: { data: "ssh", epochs: 30, rate: -2.5 } });
  },

  penalty(root) {
    const all = BOOK.filter(({ key }) => key.startsWith("aiii-cnn-ours-short"));
    const [, panels, box] = columns(root), say = speaker(box);
    const axes = plot(panel(panels), { x: [-PI, PI], y: [-1, 1], xTicks: PI_TICKS, yTicks: ticks([-1, 0, 1], 0), xName: "Δφ", yName: "D(φ, Δφ), scaled", height: 230 });
    const lines = axes.layer();
    const whole = ticks([0, 1, 2, 3, 4], 0), right = plot(panel(box), { x: [-0.5, 4.5], y: [0, 4.5], xTicks: whole, yTicks: whole, xName: "winding number w",
      yName: "output w̃ (dashed: truth)", height: 230 });
    right.line("truth", [[0, 0], [4, 4]]);
    const line = right.line("line"), dots = right.layer();
    const show = (i) => {
      const network = all[i], turns = listed(65, (j) => PI * (j / 32 - 1));
      const d = listed(16, (j) => turns.map((x) => linkResponse(network, TURN * j / 16, x))), values = d.flat();
      const middle = total(values) / values.length;
      // Rising, whatever sign the head gives it.
      const top = largest(values.map((v) => v - middle)) * (total(d.map((v) => v[48] - v[16])) < 0 ? -1 : 1);
      inks(lines, "path", d.map((values) => ({ class: "thin", d: axes.path(values.map((v, j) => [turns[j], (v - middle) / top])) })));
      const outputs = listed(5, (w) => [w, evaluate(network, circle(w, w ? 0 : 2)).output]);
      set(line, { d: right.path(outputs) });
      inks(dots, "circle", outputs.map(([w, v]) => right.dot([w, v], 4.5, abs(w - v) < 0.5 ? "right" : "wrong")));
      current = () => ({ points: circle(4), winding: 4, network: network.name, l2: network.l2, output: outputs[4][1] });
      say(`λ = ${network.l2}: circles that wind 1, 2, 3 and 4 times get ${outputs.slice(1).map(([, v]) => shown(v)).join(", ")}.`);
    };
    slider(box, { label: "strength λ of the penalty", min: 0, max: all.length - 1, step: 1, value: 0, show: (i) => String(all[i].l2), on: show });
    show(0);
  },

  skin: (root) => lab(root, { panels: ["plane", "sites"], curves: ["hatano_nelson"],
    more: ({ parameters }) => openChain(parameters) }),
};
