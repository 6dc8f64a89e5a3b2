// Data, and Adam: windlib/datasets.py and training.py, on the page. Runs in a worker.

/** @param {number} n */
const zeros = (n) => new Float64Array(n);

/** Random numbers from 0 to 1, the same for the same seed (mulberry32). @param {number} seed */
function generator(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {() => number} random */
const normal = (random) => sqrt(-2 * log(1 - random())) * cos(TURN * random());

const HARMONICS = listed(10, (i) =>
  listed(33, (k) => (i < 5 ? cos : sin)(TURN * (i % 5) * (k % 32) / 32)));

/** A component of P1's Hamiltonians that changes sign at least so often. */
function component(random, changes) {
  for (;;) {
    const found = zeros(33);
    for (const harmonic of HARMONICS) {
      const factor = 2 * random() - 1;
      for (let k = 0; k < 33; k++) found[k] += factor * harmonic[k];
    }
    let seen = 0;
    for (let k = 0; k < 32; k++) seen += Number(found[k] > 0 !== found[k + 1] > 0);
    if (seen >= changes) return found;
  }
}

/** Which |w| the data of training and of P1's four tests have; (ii) goes forth and back. */
const TESTS = [[0, 1, 2], [0], [3], [4]];

/**
 * A random curve of a system, and its label.
 * @param {string} data  "ssh", "chiral" or "hatano_nelson"; "ii" for P1's test (ii).
 * @param {() => number} random
 * @param {number[]} windings  The |w| to keep.
 * @returns {[Point[], number]}
 */
function draw(data, random, windings) {
  for (;;) {
    /** @type {Point[]} */
    let points;
    if (data === "ssh") {
      const t_prime = 1 - (20 * random() - 10);
      return [curve("ssh", { t: 1, t_prime }), Number(t_prime > 1)];  // as P1 labels them
    } else if (data === "hatano_nelson") {
      const [t_r, t_l] = [0, 1].map(() => times([random(), 0], phase(TURN * random())));
      points = curve(data, { t_r, t_l, mu: windings[floor(windings.length * random())] });
    } else if (data === "ii") {
      const end = 4 * PI * random();
      const [rise, fall] = [0, 1].map(() => {
        const shares = listed(4, () => -log(1 - random()));
        const all = total(shares);
        return (x) => shares.reduce((sum, share, j) => sum + end * share / all * x ** (j + 1), 0);
      });
      points = listed(33, (n) =>
        phase(n === 32 ? 0 : n <= 16 ? rise(n / 16) : end - fall((n - 16) / 16)));
    } else {
      const changes = 2 * min(...windings);
      const x = component(random, changes), y = component(random, changes);
      points = Array.from(x, (_, n) => [x[n], y[n]]);
    }
    const { winding } = diagnose(points);
    if (winding !== null && windings.includes(abs(winding))) return [points, winding];
  }
}

/** @returns {{x: Float64Array, y: Float64Array}} */
function drawn(data, n, seed, windings) {
  const random = generator(seed), x = zeros(66 * n), y = zeros(n);
  for (let i = 0; i < n; i++) {
    const [points, label] = draw(data, random, windings);
    points.forEach((p, k) => {
      const size = hypot(...p);
      x[66 * i + 2 * k] = p[0] / size;
      x[66 * i + 2 * k + 1] = p[1] / size;
    });
    y[i] = label;
  }
  return { x, y };
}

/** Initial weights: normal, variance 2 / (fan in + fan out); biases and linear networks 0. */
function initial(network, random) {
  const { kernels } = network, layers = dense(network), last = layers.at(-1);
  const w = zeros(last.biases + last.outputs);
  if (!kernels && layers.length === 1) return w;
  const fill = (at, n, fans) => {
    for (let i = at; i < at + n; i++) w[i] = sqrt(2 / fans) * normal(random);
  };
  if (kernels) {
    fill(0, 4 * kernels, 4 + 4 * kernels);
    fill(5 * kernels, kernels, kernels + 1);
  }
  for (const { at, inputs, outputs } of layers) fill(at, inputs * outputs, inputs + outputs);
  return w;
}

/** Derivative of an activation, from what it gave. @type {Record<string, (y: number) => number>} */
const SLOPES = {
  linear: () => 1,
  relu: (y) => Number(y > 0),
  softplus: (y) => -Math.expm1(-y),
};

/**
 * A function that adds a sample's gradient of (w̃ − w)² / 2 to `gradient`, and returns w̃.
 * Without a gradient it only computes w̃.
 * @param {Network} network
 */
function backpropagation(network) {
  const { links, kernels, activation } = network, layers = dense(network);
  const bend = ACTIVATIONS[activation], slope = SLOPES[activation];
  const seen = zeros(links * kernels), d = zeros(links);
  const sizes = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];
  const values = sizes.map(zeros), errors = sizes.map(zeros);
  return (w, x, from, label, gradient) => {
    if (kernels) {
      d.fill(w[6 * kernels]);
      for (let k = 0; k < kernels; k++) {
        const a = w[k], b = w[kernels + k], c = w[2 * kernels + k], e = w[3 * kernels + k];
        const bias = w[4 * kernels + k], factor = w[5 * kernels + k];
        for (let n = 0, i = from; n < links; n++, i += 2) {
          const sum = bias + a * x[i] + b * x[i + 1] + c * x[i + 2] + e * x[i + 3];
          seen[k * links + n] = sum;
          if (sum > 0) d[n] += factor * sum;
        }
      }
      for (let n = 0; n < links; n++) values[0][n] = bend(d[n]);
    } else for (let i = 0; i < 66; i++) values[0][i] = x[from + i];
    layers.forEach(({ at, inputs, outputs, biases, activation: name }, l) => {
      for (let j = 0; j < outputs; j++) {
        let sum = w[biases + j];
        for (let i = 0; i < inputs; i++) sum += values[l][i] * w[at + i * outputs + j];
        values[l + 1][j] = ACTIVATIONS[name](sum);
      }
    });
    const found = values[layers.length][0];
    if (!gradient) return found;

    errors[layers.length][0] = found - label;
    for (let l = layers.length - 1; l >= 0; l--) {
      const { at, inputs, outputs, biases, activation: name } = layers[l], before = values[l], error = errors[l];
      error.fill(0);
      for (let j = 0; j < outputs; j++) {
        const back = errors[l + 1][j] * SLOPES[name](values[l + 1][j]);
        gradient[biases + j] += back;
        if (back)
          for (let i = 0; i < inputs; i++) {
            gradient[at + i * outputs + j] += back * before[i];
            error[i] += back * w[at + i * outputs + j];
          }
      }
    }
    if (kernels) {
      const upstream = errors[0];
      for (let n = 0; n < links; n++) {
        upstream[n] *= slope(values[0][n]);
        gradient[6 * kernels] += upstream[n];
      }
      for (let k = 0; k < kernels; k++) {
        for (let n = 0, i = from; n < links; n++, i += 2) {
          const sum = seen[k * links + n];
          if (sum <= 0) continue;
          const back = upstream[n] * w[5 * kernels + k];
          for (let j = 0; j < 4; j++) gradient[j * kernels + k] += back * x[i + j];
          gradient[4 * kernels + k] += back;
          gradient[5 * kernels + k] += upstream[n] * sum;
        }
      }
    }
    return found;
  };
}

/** Curves of P1's tests, some of each. */
const testSets = (n) => TESTS.map((windings, i) => drawn(i === 1 ? "ii" : "chiral", n, 9000 + i, windings));

/** Share of right answers, in percent. @param {Network} network */
function accuracy(network, { x, y }) {
  const output = backpropagation(network);
  return 100 * total(Array.from(y, (label, i) => Number(answer(network, output(network.weights, x, 66 * i)) === label))) / y.length;
}

/**
 * Training, as a generator that yields after every 20 steps.
 * @param {any} options
 *   network (its weights are not read), data, windings, samples, epochs, rate, schedule, seed.
 */
function* train({ network, data, windings, samples, epochs, rate, schedule, seed }) {
  const random = generator(seed), batch = 50;
  const w = initial(network, random), propagate = backpropagation(network);
  const { x, y } = drawn(data, samples, seed + 100_000, windings);
  const m = zeros(w.length), v = zeros(w.length), g = zeros(w.length);
  const order = Uint32Array.from(y, (_, i) => i);
  const perEpoch = floor(samples / batch), steps = epochs * perEpoch;
  let loss = NaN;
  for (let step = 0; step < steps; step++) {
    if (step % perEpoch === 0)
      for (let i = samples - 1; i > 0; i--) {
        const j = floor((i + 1) * random());
        [order[i], order[j]] = [order[j], order[i]];
      }
    g.fill(0);
    let error = 0;
    for (let i = 0; i < batch; i++) {
      const sample = order[(step % perEpoch) * batch + i];
      error += (propagate(w, x, 66 * sample, y[sample], g) - y[sample]) ** 2 / batch;
    }
    loss = step ? 0.98 * loss + 0.02 * error : error;
    const t = step + 1, now = rate * (schedule === "cosine" ? (1 + cos(PI * step / steps)) / 2 : 1);
    const alpha = now * sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t);
    for (let i = 0; i < w.length; i++) {
      const gradient = 2 * g[i] / batch;
      m[i] += 0.1 * (gradient - m[i]);
      v[i] += 0.001 * (gradient * gradient - v[i]);
      w[i] -= alpha * m[i] / (sqrt(v[i]) + 1e-7);
    }
    if (!finite(loss)) refuse("The loss is no number any more: lower the learning rate.");
    if (t % 20 === 0 || t === steps) yield { step: t, steps, loss, weights: w };
  }
}

/** The worker: it trains what it is sent, and sends back how far it is. @param {any} self */
function work(self) {
  self.onmessage = ({ data: options }) => {
    try {
      if (options.tests) return self.postMessage(testSets(options.tests));
      let last = 0;
      for (const heard of train(options)) {
        const now = Date.now();
        if (now - last < 200 && heard.step < heard.steps) continue;
        last = now;
        self.postMessage({ ...heard, weights: Float32Array.from(heard.weights) });
      }
    } catch (error) {
      self.postMessage({ error: /** @type {Error} */ (error).message });
    }
  };
}
