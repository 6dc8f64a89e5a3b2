// The six systems' curves: windlib/hamiltonians, on the page. A complex number is a pair [x, y];
// where one is expected a real number will do.

/** @param {number | Point} z @returns {Point} */
const complex = (z) => (Array.isArray(z) ? z : [z, 0]);
/** @param {Point} a @param {Point} b @returns {Point} */
const times = (a, b) => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
/** @param {Point[]} all @returns {Point} */
const plus = (...all) => all.reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
/** @param {number} angle @returns {Point} */
const phase = (angle) => [Math.cos(angle), Math.sin(angle)];

/** Centre and semi-axes of an AAH ring's ellipse, its largest size about 1 (aah.determinants). */
function ellipse({ alpha, h, V1, V2, base_energy = 0, t = 1, sites = 89 }) {
  let [fibonacci, length] = [2, 3];
  while (length < sites) [fibonacci, length] = [length, fibonacci + length];
  if (length !== sites) throw new RangeError("A ring's number of sites is a Fibonacci number.");
  // The continuants' recursion; its numbers are rescaled by powers of two, kept in `logTrace`.
  const energy = complex(base_energy);
  /** @type {Point[]} */
  let now = [[1, 0], [0, 0]], before = [[0, 0], [1, 0]];
  let logTrace = 0, logLoop = sites * Math.abs(alpha), sign = (-1) ** (sites + 1);
  const hopping = (j) => t + V2 * Math.cos(Math.PI * (((2 * j + 1) * fibonacci) % (2 * sites)) / sites);
  for (let j = 1; j <= sites; j++) {
    const x = TURN * ((j * fibonacci) % sites) / sites, c = hopping(j - 1 || sites);
    const site = [V1 * Math.cosh(h) * Math.cos(x) - energy[0], -V1 * Math.sinh(h) * Math.sin(x) - energy[1]];
    const after = now.map((z, i) => plus(times(site, z), times([-c * c, 0], before[i])));
    before = now;
    now = after;
    sign *= Math.sign(c);
    logLoop += Math.log(Math.abs(c));
    const size = Math.max(...[...now, ...before].flat().map(Math.abs));
    const up = size ? Math.floor(Math.log2(size)) : 0;
    [now, before] = [now, before].map((pair) => pair.map(([a, b]) => [a / 2 ** up, b / 2 ** up]));
    logTrace += up * Math.LN2;
  }
  const trace = plus(now[0], before[1]), size = Math.hypot(...trace);
  logTrace += Math.log(size);
  const scale = Math.max(logTrace, logLoop), ratio = -2 * sites * Math.abs(alpha);
  const loop = sign * Math.exp(logLoop - scale), part = Math.exp(logTrace - scale);
  return {
    centre: trace.map((v) => (size ? v / size : 0) * part),
    a: loop * (1 + Math.exp(ratio)), b: loop * Math.sign(alpha) * -Math.expm1(ratio),
  };
}

/** Exceptional points k± of Dirac fermions, or none where |m| >= κ. */
function exceptionalPoints({ m, kappa, delta_m = 1 }) {
  if (Math.abs(m) >= kappa) return [];
  const height = Math.sqrt((kappa - Math.abs(m)) * (kappa + Math.abs(m)) * (kappa ** 2 + delta_m ** 2));
  return [1, -1].map((sign) => [-m * delta_m / kappa, sign * height / kappa]);
}

/** For each system: what a point of its curve is, from its parameters and s. */
const SYSTEMS = {
  ssh: ({ t, t_prime, chi = 0 }) => (s) => plus(times(complex(t), phase(chi)), times(complex(t_prime), phase(s))),
  chiral: ({ a, b }) => (s) =>
    [0, 1].map((i) => a[i].reduce((h, _, n) => h + a[i][n] * Math.cos(n * s) + b[i][n] * Math.sin(n * s), 0)),
  hatano_nelson: ({ t_r, t_l, mu }) => (s) =>
    plus(times(complex(t_r), phase(-mu * s)), times(complex(t_l), phase(mu * s))),
  nonhermitian_ssh: ({ t, delta, t_prime = 1 }) => (s) =>
    times(plus(times([t_prime, 0], phase(-s)), [t - delta, 0]), plus(times([t_prime, 0], phase(s)), [t + delta, 0])),
  aah: (parameters) => {
    const { centre, a, b } = ellipse(parameters);
    return (s) => [centre[0] + a * Math.cos(s), centre[1] + b * Math.sin(s)];
  },
  dirac: ({ m, kappa, center, delta_m = 1 }) => (s) => {
    const [x, y] = plus(complex(center ?? exceptionalPoints({ m, kappa, delta_m })[0] ?? 0), phase(-s));
    return [4 * (x * x + y * y - kappa ** 2 + m ** 2 - delta_m ** 2), 8 * (x * kappa + m * delta_m)];
  },
};

/**
 * The curve of a system at L + 1 points; the last repeats the first.
 * @param {string} system  A name of windlib.hamiltonians.
 * @param {any} parameters  As `curve` of that module takes them for one curve; also `links`.
 * @returns {Point[]}
 */
function curve(system, parameters) {
  if (!Object.hasOwn(SYSTEMS, system))
    throw new RangeError(`No such system; expected one of ${Object.keys(SYSTEMS).join(", ")}.`);
  const { links = 32, ...rest } = parameters;
  if (!Number.isInteger(links) || links < 1 || links > 10_000)
    throw new RangeError("The number of links is a whole number from 1 to 10,000.");
  const point = SYSTEMS[system](rest);
  const found = listed(links, (n) => point(TURN * n / links));
  if (!found.flat().every(Number.isFinite))
    throw new RangeError("The parameters give no finite curve; is one missing?");
  return [...found, found[0]];
}
