// The playground: a figure with everything, its state in the address.

const KEYS = ["data", "kernels", "activation", "rate", "schedule", "epochs", "seed"];

/** What breaks a network, and what breaks counting. @type {[string, string, any, string, any?][]} */
const PRESETS = [
  ["P1's network fails by one", "chiral", { w: 4 }, "aiii-cnn"],
  ["One-sided: mirrored, it is right", "chiral", { w: -4 }, "aiii-cnn"],
  ["The shortcut of SSH chains", "ssh", { t_prime: 0.6, chi: 3.15 }, "ssh-linear"],
  ["Begun a quarter later", "nonhermitian_ssh", {}, "nonhermitian-ssh", { start: 8 }],
  ["Half turns: no number", "aah", { alpha: 0, V1: 1.9 }, "aah"],
  ["Through the origin: no number", "hatano_nelson", { t_r: 1, chi: 0, mu: 1 }, "hatano-nelson-cnn"],
  ["15 turns, weights by hand", "hatano_nelson", { t_r: 0.2, chi: 0, mu: 15 }, "by-hand"],
  ["Almost half a turn: our recipe fails", "chiral", { w: 3, seed: 228 }, "aiii-cnn-ours"],
  ["The same, weights by hand: right", "chiral", { w: 3, seed: 228 }, "by-hand"],
];

/** The state as the part of an address after #. */
function written({ drawn, parameters, network, point, ...state }, settings) {
  const recipe = MADE.has(network) ? MADE.get(network).recipe : settings;
  /** @type {any} */
  const found = { ...state, train: KEYS.map((key) => (recipe || settings)[key]) };
  if (state.system === "drawn") found.curve = drawn.slice(0, -1).flat().map((v) => round(1000 * v)).join("_");
  else found.parameters = Object.values(parameters[state.system]);
  if (recipe) found.network = network;
  return String(new URLSearchParams(found));
}

/** What an address asks for; null unless all of it is in order. */
function read(hash) {
  if (hash.length > 3000) return null;
  const asked = new URLSearchParams(hash.slice(1)), patch = {}, settings = {};
  const among = (list) => (v) => (list.includes(v) ? v : undefined);
  const within = (min, max, whole = false) => (v) => {
    const number = Number(v), fits = /^-?\d+(\.\d+)?$/.test(v) && number >= min && number <= max;
    return fits && (!whole || integer(number)) ? number : undefined;
  };
  const row = (text, checks, by = ",") => {
    const all = text.split(by);
    return all.length === checks.length ? all.map((v, i) => checks[i](v)) : [undefined];
  };
  const system = among(Object.keys(CURVES))(asked.get("system"));
  const each = {
    system: () => system, network: among(["trained-here", ...BOOK.map(({ name }) => name)]),
    origin: (v) => row(v, [within(-1000, 1000), within(-1000, 1000)]), angle: within(-3.2, 3.2), start: within(0, 31, true),
    phases: within(0, 9999, true), link: within(-1, 31, true),
    kinks: (v) => row(v, [0, 1].map(() => (k) => (k === "" ? null : within(-6, 6)(k)))),
    parameters: (v) => row(v, SLIDERS[system].map(([, , min, max, step]) => within(min, max, step === 1))),
    curve: (v) => row(v, Array(64).fill(within(-1e6, 1e6, true)), "_"),
    train: (v) => row(v, [among(["chiral", "hatano_nelson"]), within(2, 64, true), among(["ours", "relu", "softplus"]), within(-4, -1),
      among(["cosine", "constant"]), within(1, 60, true), within(0, 999, true)]),
  };
  if (!system || asked.has(system === "drawn" ? "parameters" : "curve")) return null;
  for (const [key, text] of asked) {
    const value = Object.hasOwn(each, key) ? each[key](text) : undefined;
    if ([value].flat().includes(undefined)) return null;
    if (key === "train") KEYS.forEach((name, i) => (settings[name] = value[i]));
    else if (key === "parameters")
      Object.assign(patch, chosen(system, Object.fromEntries(SLIDERS[system].map(([name], i) => [name, value[i]]))));
    else if (key === "curve") patch.drawn = cycle(listed(32, (n) => [value[2 * n] / 1000, value[2 * n + 1] / 1000]));
    else patch[key] = value;
  }
  return { patch, settings };
}

/**
 * Points in a text, one a line: two numbers, of which a heading may name more before them; a complex
 * number; or a real one. A closed curve.
 * @returns {Point[]}
 */
function pasted(text) {
  const lines = text.replace(/−/g, "-").split(/[\n\r]+/).map((line) => line.replace(/[()[\]"]|[\s,;]+$/g, "").trim()).filter(Boolean);
  const row = (line) => line.split(/\s*[,;]\s*|\s+/);
  const names = /^(?!nan|inf|[ij]$)[a-z#]/i.test(lines[0] ?? "") ? row(lines.shift()) : [];
  const points = lines.map((line) => {
    const z = line.replace(/\s/g, "").match(/^(.*?)([+-]?[\d.]*(?:e[+-]?\d+)?)[ij]$/i);
    const [, x, y] = z ?? [], found = z ? [x || 0, y.replace(/^[+-]?$/, "$&1")] : row(line);
    return (found.length === 1 ? [...found, 0] : found.length === names.length ? found.slice(-2) : found)
      .map((v) => (v === "" ? NaN : Number(v)));
  });
  const wrong = points.findIndex((p) => p.length !== 2 || !p.every(finite));
  if (wrong >= 0) refuse(`Point ${wrong + 1} is no pair of numbers: two a line are expected, as in "0.5, -1".`);
  const first = points[0], last = points.at(-1);
  if (points.length < 3 || points.length > 10_000)
    refuse("A curve needs three to 10,000 points, one a line, in less than a megabyte.");
  return first[0] === last[0] && first[1] === last[1] ? points : cycle(points);
}

FIGURES.playground = (root) => {
  let writing = 0, ready = false, train = null;
  const keep = () => history.replaceState(null, "", `#${written(found.state, train.settings)}`);
  const remember = () => {
    clearTimeout(writing);
    if (ready) writing = setTimeout(keep, 250);
  };
  const found = lab(root, {
    panels: ["plane", "angles", "steps", "responses", "running", "surface", "kernels", "odds"],
    curves: Object.keys(CURVES), networks: BOOK.map(({ name }) => name),
    origin: true, shape: true, fresh: true, turn: true, link: true, kinks: true, scores: true, patch: { network: "aiii-cnn" },
    presets: PRESETS.map(([text, system, parameters, network, more]) =>
      [text, { ...chosen(system, parameters), network: named(network).name, ...more }]),
    changed: remember, more: ({ network }) => ({ training: { ...(network.recipe || train?.settings) } }),
  });
  const own = found.group("Your own curve", found.left), group = found.group("Train your own");
  train = trainer(found, { parent: group, panels: group, sliders: KEYS, changed: () => found.change({}) });

  const { id, row: box } = labelled(own, "own", "Paste points, two numbers a line, or drop a CSV file.");
  const text = add(box, "textarea", { id, rows: 4, spellcheck: false }), note = add(own, "p", { role: "status", class: "words" });
  const take = (given) => {
    try {
      const points = pasted(given), w = windingNumber(points), size = largest(points) / 2;
      const drawn = rounded(resampled(points.map(([x, y]) => [x / size, y / size]))), now = windingNumber(drawn);
      found.change({ ...begin(), network: found.state.network, drawn });
      const says = (v) => (typeof v === "number" ? `w = ${shown(v, 0)}` : v);
      set(note, { text: `Your ${points.length - 1} links: ${says(w)}. Drawn with 32 links, as the networks read it: ${says(now)}.` });
    } catch (error) { set(note, { text: error.message }); }
  };
  const row = buttons(own);
  button(row, "Show this curve", () => take(text.value));
  button(row, "Copy the address", async () => {
    keep();
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    set(note, { text: copied ? "Copied." : "This browser does not let the page copy: take the address from its bar." });
  });
  own.addEventListener("dragover", (event) => event.preventDefault());
  own.addEventListener("drop", async (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    // What is no file, as a folder, has no text.
    text.value = file.size > 1_000_000 ? "" : await file.text().catch(() => "");
    take(text.value);
  });

  const restore = () => {
    const asked = read(location.hash);
    if (!asked) return;
    const { patch } = asked, all = { ...begin(), network: found.state.network, ...patch };
    Object.assign(train.settings, asked.settings);
    train.sync();
    if (patch.network === "trained-here") {
      train.ask(patch.kinks);
      Object.assign(all, { network: BOOK[0].name, kinks: [null, null] });
    }
    found.change(all);
  };
  restore();
  addEventListener("hashchange", restore);
  found.change({});
  ready = true;
};
