// The playground: a figure with everything, its state in the address.

const KEYS = ["data", "kernels", "activation", "rate", "schedule", "epochs", "seed"];

const with_ = (system, parameters, more) => () => ({ system, parameters: { ...begin().parameters,
  [system]: { ...start(system), ...parameters } }, ...more });
/** What breaks a network, and what breaks counting. @type {[string, () => any][]} */
const PRESETS = [
  ["P1's network fails by one", with_("chiral", { w: 4, seed: 7 }, { network: "aiii-cnn" })],
  ["One-sided: mirrored, it is right", with_("chiral", { w: -4, seed: 7 }, { network: "aiii-cnn" })],
  ["The shortcut of SSH chains", with_("ssh", { t: 1, t_prime: 0.6, chi: 3.15 }, { network: "ssh-linear" })],
  ["Begun a quarter later", with_("nonhermitian_ssh", {}, { network: "nonhermitian-ssh", start: 8 })],
  ["Half turns: no number", with_("aah", { alpha: 0, V1: 1.9 }, { network: "aah" })],
  ["Through the origin: no number", with_("hatano_nelson", { t_r: 1, t_l: 1, chi: 0, mu: 1 }, { network: "hatano-nelson-cnn" })],
  ["15 turns, weights by hand", with_("hatano_nelson", { t_r: 0.2, t_l: 1, chi: 0, mu: 15 }, { network: "by-hand" })],
];

/** The state as the part of an address after #. */
function written(state, settings) {
  const found = { system: state.system, origin: state.origin, angle: state.angle, start: state.start,
    phases: state.phases, kinks: state.kinks.map((k) => k ?? ""), link: state.link, train: KEYS.map((key) => settings[key]) };
  if (state.system === "drawn") found.curve = state.drawn.slice(0, -1).flat().map((v) => Math.round(1000 * v)).join("_");
  else found.parameters = Object.values(state.parameters[state.system]);
  if (!MADE.has(state.network)) found.network = state.network;
  return String(new URLSearchParams(/** @type {any} */ (found)));
}

/** What an address asks for; null unless all of it is in order. */
function read(hash) {
  if (hash.length > 3000) return null;
  const asked = new URLSearchParams(hash.slice(1)), patch = { parameters: begin().parameters }, settings = {};
  const among = (list) => (v) => (list.includes(v) ? v : null);
  const within = (min, max, whole = false) => (v) => {
    const number = Number(v), fits = /^-?\d+(\.\d+)?$/.test(v) && number >= min && number <= max;
    return fits && (!whole || Number.isInteger(number)) ? number : null;
  };
  const row = (text, checks, by = ",") => {
    const all = text.split(by);
    return all.length === checks.length ? all.map((v, i) => checks[i](v)) : [null];
  };
  const system = among(Object.keys(CURVES))(asked.get("system"));
  const each = {
    system: () => system, network: among(BOOK.map(({ name }) => name)),
    origin: (v) => row(v, [within(-300, 300), within(-300, 300)]), angle: within(-3.2, 3.2), start: within(0, 31, true),
    phases: within(0, 9999, true), link: within(-1, 31, true),
    kinks: (v) => row(v, [0, 1].map(() => (k) => (k === "" ? undefined : within(-6, 6)(k)))),
    parameters: (v) => row(v, SLIDERS[system].map(([, , min, max, step]) => within(min, max, step === 1))),
    curve: (v) => row(v, Array(64).fill(within(-300_000, 300_000, true)), "_"),
    train: (v) => row(v, [among(["chiral", "hatano_nelson"]), within(2, 64, true), among(["ours", "relu", "softplus"]), within(-4, -1),
      among(["cosine", "constant"]), within(1, 60, true), within(0, 999, true)]),
  };
  if (!system || asked.has(system === "drawn" ? "parameters" : "curve")) return null;
  for (const [key, text] of asked) {
    const value = Object.hasOwn(each, key) ? each[key](text) : null;
    if (value === null || [value].flat().includes(null)) return null;
    if (key === "train") KEYS.forEach((name, i) => (settings[name] = value[i]));
    else if (key === "parameters") patch.parameters[system] = Object.fromEntries(SLIDERS[system].map(([name], i) => [name, value[i]]));
    else if (key === "curve") {
      const points = listed(32, (n) => [value[2 * n] / 1000, value[2 * n + 1] / 1000]);
      patch.drawn = [...points, points[0]];
    } else if (key === "kinks") patch.kinks = value.map((k) => k ?? null);
    else patch[key] = value;
  }
  return { patch, settings };
}

/** Points in a text: two numbers a line, or complex numbers; a closed curve. @returns {Point[]} */
function pasted(text) {
  const lines = text.replace(/[−]/g, "-").split(/[\n\r]+/).map((line) => line.trim()).filter(Boolean);
  const points = lines.map((line) => line.replace(/[()[\]]/g, "").replace(/([+-][\d.]+(e[+-]?\d+)?)[ij]$/i, " $1")
    .trim().split(/[\s,;]+/).map(Number));
  if (points[0]?.some(Number.isNaN)) points.shift();  // a heading
  const wrong = points.findIndex((p) => p.length !== 2 || !p.every(Number.isFinite));
  if (wrong >= 0) throw new RangeError(`Point ${wrong + 1} is no pair of numbers: two a line are expected, as in "0.5, -1".`);
  const first = points[0], last = points.at(-1);
  if (points.length < 3) throw new RangeError("A curve needs at least three points, one a line.");
  return first[0] === last[0] && first[1] === last[1] ? points : [...points, first];
}

FIGURES.playground = (root) => {
  let writing = 0, ready = false, train = null;
  const remember = () => {
    clearTimeout(writing);
    if (ready) writing = setTimeout(() => history.replaceState(null, "", `#${written(found.state, train.settings)}`), 250);
  };
  const found = lab(root, {
    panels: ["plane", "angles", "steps", "responses", "running", "surface", "kernels", "odds"],
    curves: ["drawn", ...Object.keys(CURVES).slice(0, -1)], networks: BOOK.map(({ name }) => name),
    origin: true, shape: true, turn: true, link: true, kinks: true, scores: true, patch: { network: "aiii-cnn" },
    presets: PRESETS.map(([text, make]) => [text, () => {
      const patch = make();
      return { ...patch, network: named(patch.network).name };
    }]), changed: remember, more: () => ({ training: { ...train?.settings } }),
  });
  const own = found.group("Your own curve", found.left), group = found.group("Train your own");
  train = trainer(found, { parent: group, panels: group, sliders: KEYS, changed: remember });

  const id = "live-own";
  add(own, "label", { for: id, text: "Paste points, two numbers a line, or drop a CSV file here." });
  const text = add(own, "textarea", { id, rows: 4, spellcheck: false }), note = add(own, "p", { role: "status", class: "live-words" });
  const take = (given) => {
    try {
      const points = pasted(given), w = windingNumber(points), size = largest(points) / 2;
      const drawn = resampled(points.map(([x, y]) => [x / size, y / size])), now = windingNumber(drawn);
      found.change({ ...begin(), network: found.state.network, drawn });
      const says = (v) => (typeof v === "number" ? `w = ${shown(v, 0)}` : v);
      set(note, { text: `Your ${points.length - 1} links: ${says(w)}. Drawn with 32 links, as the networks read it: ${says(now)}.` });
    } catch (error) { set(note, { text: error.message }); }
  };
  const row = buttons(own);
  button(row, "Show this curve", () => take(text.value));
  button(row, "Copy the address", () => navigator.clipboard?.writeText(location.href).then(() => set(note, { text: "Copied." })));
  own.addEventListener("dragover", (event) => event.preventDefault());
  own.addEventListener("drop", async (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    text.value = file.size > 1_000_000 ? "" : await file.text();
    take(text.value);
  });

  const restore = () => {
    const asked = read(location.hash);
    if (!asked) return;
    Object.assign(train.settings, asked.settings);
    train.sync();
    found.change({ ...begin(), network: found.state.network, ...asked.patch });
  };
  restore();
  addEventListener("hashchange", restore);
  ready = true;
};
