// What the book's networks make of a curve: windlib/networks.py and blackbox.py, on the page.

/**
 * @typedef {object} Network
 * @property {string} name  Experiment and seed, as in the archive.
 * @property {string} label
 * @property {string} about
 * @property {string} system  What it was trained on.
 * @property {number} links
 * @property {number} kernels  0: fully connected.
 * @property {string} activation  Of D(n).
 * @property {[number, string][]} layers  Sizes and activations of the layers after D(n).
 * @property {number[]} classes  Winding numbers that the outputs stand for; none: one output.
 * @property {string} inputs  "unit" or "raw".
 * @property {ArrayLike<number>} weights  As Keras' get_weights has them, one after the other.
 * @property {Network} [unmoved]  The same with its kinks as trained.
 */

/** @type {Record<string, (x: number) => number>} */
const ACTIVATIONS = {
  linear: (x) => x,
  relu: (x) => max(0, x),
  softplus: (x) => max(0, x) + Math.log1p(exp(-abs(x))),
  softmax: (x) => x,  // of a layer as a whole; see `evaluate`
};

/**
 * The layers after D(n), and where in the weights each has its own.
 * @param {Network} network
 */
function dense({ links, kernels, layers }) {
  let inputs = kernels ? links : 2 * (links + 1), end = kernels ? 6 * kernels + 1 : 0;
  return layers.map(([outputs, activation]) => {
    const layer = { at: end, inputs, outputs, biases: end + inputs * outputs, activation };
    end = layer.biases + outputs;
    inputs = outputs;
    return layer;
  });
}

/**
 * D of a link between two points, and what each kernel adds to it.
 * @param {Network} network
 * @param {Point} before
 * @param {Point} after
 */
function response({ kernels, activation, weights: w }, [ax, ay], [bx, by]) {
  const parts = [];
  let sum = w[6 * kernels];
  for (let k = 0; k < kernels; k++) {
    const seen = w[k] * ax + w[kernels + k] * ay + w[2 * kernels + k] * bx + w[3 * kernels + k] * by +
      w[4 * kernels + k];
    parts.push(seen > 0 ? w[5 * kernels + k] * seen : 0);
    sum += parts[k];
  }
  return { d: ACTIVATIONS[activation](sum), parts };
}

/**
 * What a network reads of a curve.
 * @param {Network} network
 * @param {Point[]} points
 */
function input({ links, inputs }, points) {
  if (points?.length !== links + 1)
    refuse(`The network reads ${links + 1} points, the last repeating the first.`);
  const { moduli, gapless } = checked(points);
  if (gapless)
    refuse("The curve passes through the origin: a network has nothing to read there.");
  const single = (v, n) => Math.fround(inputs === "raw" ? v : v / moduli[n]);
  return points.map((p, n) => [single(p[0], n), single(p[1], n)]);
}

/**
 * D(n) of every link and what each kernel adds to it, the last hidden layer, and the output: w̃, or
 * the classes' probabilities.
 * @param {Network} network
 * @param {Point[]} points
 * @returns {{links: number[], parts: number[][], head: number[], output: any}}
 */
function evaluate(network, points) {
  const { kernels, weights: w } = network, u = input(network, points);
  const links = [], parts = [], values = [];
  if (kernels)
    for (let n = 0; n < network.links; n++) {
      const found = response(network, u[n], u[n + 1]);
      links.push(found.d);
      parts.push(found.parts);
    }
  let x = kernels ? links : u.flat();
  for (const { at, outputs, biases, activation } of dense(network)) {
    const sums = listed(outputs, (j) =>
      x.reduce((sum, v, i) => sum + v * w[at + i * outputs + j], 0) + w[biases + j]);
    x = sums.map(ACTIVATIONS[activation]);
    if (activation === "softmax") {
      const top = max(...sums), raised = sums.map((v) => exp(v - top));
      const all = total(raised);
      x = raised.map((v) => v / all);
    }
    values.push(x);
  }
  return { links, parts, head: values.at(-2) ?? [], output: network.classes.length ? x : x[0] };
}

/**
 * The winding number that an output stands for.
 * @param {{classes: number[]}} network
 * @param {number | number[]} output
 */
function answer({ classes }, output) {
  // Half-way between two integers windlib takes the even one, as NumPy does.
  if (typeof output === "number") {
    const down = floor(output), rest = output - down;
    return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
  }
  return classes[output.indexOf(max(...output))];
}

/**
 * A network whose weights are calculated, not trained (blackbox.by_hand).
 * @param {Network} network  One of the same kind.
 */
function byHand(network, knots, directions, width = 0.01) {
  const end = PI - width, half = end / (knots - 1), slope = Math.tan(half / 2);
  const kernels = listed(knots * directions, (i) => {
    const knot = floor(i / directions), x = end * (2 * knot / (knots - 1) - 1), theta = TURN * i / directions;
    // Σ c |sin((Δφ − x) / 2)| equals Δφ at the knots x; c is by how much its slope jumps there.
    const c = knot % (knots - 1) ? x * slope
      : Math.sign(x) * (end * (slope - 1 / Math.tan(width / 2)) / 2 - half / sin(half));
    const [first, second] = [theta - x / 2, theta + x / 2];
    return [sin(first), -cos(first), -sin(second), cos(second), 0, c * PI / (2 * directions)];
  });
  const { links } = network, offset = 1.25 * PI;
  const weights = [listed(6, (j) => kernels.map((row) => row[j])), offset, listed(links, () => [1 / TURN, 0]),
    0, 0, 1, 0, -links * offset / TURN].flat(2);
  return { ...network, name: "by-hand-here", label: "by hand, as chosen here", kernels: kernels.length, weights };
}

/** D of the link from angle φ that turns by Δφ. @param {Network} network */
const linkResponse = (network, phi, dphi) => response(network, phase(phi), phase(phi + dphi)).d;

/**
 * D ≈ a + bΔφ, fitted. It is rough where what is left over could add up to half a turn, on all links.
 * @param {Network} network
 */
function fitted(network) {
  const turns = listed(65, (i) => PI * (i - 32) / 40);
  const d = turns.map((x) => total(listed(64, (j) => linkResponse(network, TURN * j / 64, x))) / 64);
  const sum = (of) => total(turns.map((x, i) => of(x, d[i])));
  const a = total(d) / 65, b = sum((x, y) => x * y) / sum((x) => x * x);
  const rest = sqrt(sum((x, y) => (y - a - b * x) ** 2) / 65);
  return { a, b, rough: network.links * rest > PI * abs(b) + 1e-9 };
}

/**
 * A network as D ≈ a + bΔφ and a head that adds: what each neuron sees at winding number 0, and by
 * how much more at each turn; where its sum is 0; and what it adds to w̃ (blackbox.anatomy).
 * @param {Network} network
 * @param {{a: number, b: number, rough: boolean}} fit
 */
function anatomy(network, { a, b, rough }) {
  const { links, weights: w } = network, [{ at, outputs, biases }, last] = dense(network);
  const parts = listed(outputs, (j) => {
    const sum = total(listed(links, (n) => w[at + n * outputs + j]));
    const zero = a * sum + w[biases + j], slope = b * TURN * sum / links;
    return { zero, slope, kink: -zero / slope, factor: w[last.at + j] };
  });
  return { parts, rough, bias: w[last.biases] };
}

/** w̃ at a winding number, from an anatomy alone. */
function predicted(network, { parts, bias }, winding) {
  const bend = ACTIVATIONS[network.layers[0][1]];
  return parts.reduce((sum, p) => sum + p.factor * bend(p.zero + p.slope * winding), bias);
}
