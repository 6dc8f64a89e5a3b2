// The six systems' curves: windlib/hamiltonians, on the page. A complex number is a pair [x, y];
// where one is expected a real number will do.

/** @param {number | Point} z @returns {Point} */
const complex = (z) => (Array.isArray(z) ? z : [z, 0]);
/** @param {Point} a @param {Point} b @returns {Point} */
const times = (a, b) => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
/** @param {Point[]} all @returns {Point} */
const plus = (...all) => all.reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
/** @param {Point} z */
const argument = ([x, y]) => atan2(y, x);
/** A number of this angle and modulus. @param {number} angle @returns {Point} */
const phase = (angle, modulus = 1) => [modulus * cos(angle), modulus * sin(angle)];
/** The sum of two hoppings, real or complex, each with a phase. @returns {Point} */
const hops = (t1, angle1, t2, angle2) => plus(times(complex(t1), phase(angle1)), times(complex(t2), phase(angle2)));

/** Centre and semi-axes of the ellipse of an AAH ring of 89 sites, its largest size about 1 (aah.determinants). */
function ellipse({ alpha, h, V1, V2, base_energy = 0, t = 1 }) {
  const fibonacci = 55, sites = 89;
  // The continuants' recursion; its numbers are rescaled by powers of two, kept in `logTrace`.
  const energy = complex(base_energy);
  /** @type {Point[]} */
  let now = [[1, 0], [0, 0]], before = [[0, 0], [1, 0]];
  let logTrace = 0, logLoop = sites * abs(alpha), sign = 1;
  const hopping = (j) => t + V2 * cos(PI * (((2 * j + 1) * fibonacci) % (2 * sites)) / sites);
  for (let j = 1; j <= sites; j++) {
    const x = TURN * ((j * fibonacci) % sites) / sites, c = hopping(j - 1 || sites);
    const site = [V1 * Math.cosh(h) * cos(x) - energy[0], -V1 * Math.sinh(h) * sin(x) - energy[1]];
    const after = now.map((z, i) => plus(times(site, z), times([-c * c, 0], before[i])));
    before = now;
    now = after;
    sign *= Math.sign(c);
    logLoop += log(abs(c));
    const size = max(...[...now, ...before].flat().map(abs));
    const up = size ? floor(Math.log2(size)) : 0;
    [now, before] = [now, before].map((pair) => pair.map(([a, b]) => [a / 2 ** up, b / 2 ** up]));
    logTrace += up * Math.LN2;
  }
  const trace = plus(now[0], before[1]), size = hypot(...trace);
  logTrace += log(size);
  const scale = max(logTrace, logLoop), ratio = -2 * sites * abs(alpha);
  const loop = sign * exp(logLoop - scale), part = exp(logTrace - scale);
  return {
    centre: trace.map((v) => (size ? v / size : 0) * part),
    a: loop * (1 + exp(ratio)), b: loop * Math.sign(alpha) * -Math.expm1(ratio),
  };
}

/** Exceptional points k± of Dirac fermions, or none where |m| >= κ. */
function exceptionalPoints({ m, kappa, delta_m = 1 }) {
  if (abs(m) >= kappa) return [];
  const height = sqrt((kappa - abs(m)) * (kappa + abs(m)) * (kappa ** 2 + delta_m ** 2));
  return [1, -1].map((sign) => [-m * delta_m / kappa, sign * height / kappa]);
}

/** For each system: what a point of its curve is, from its parameters and s. */
const SYSTEMS = {
  ssh: ({ t, t_prime, chi = 0 }) => (s) => hops(t, chi, t_prime, s),
  chiral: ({ a, b }) => (s) =>
    [0, 1].map((i) => a[i].reduce((h, _, n) => h + a[i][n] * cos(n * s) + b[i][n] * sin(n * s), 0)),
  hatano_nelson: ({ t_r, t_l, mu }) => (s) => hops(t_r, -mu * s, t_l, mu * s),
  nonhermitian_ssh: ({ t, delta, t_prime = 1 }) => (s) => times(hops(t_prime, -s, t - delta, 0), hops(t_prime, s, t + delta, 0)),
  aah: (parameters) => {
    const { centre, a, b } = ellipse(parameters);
    return (s) => [centre[0] + a * cos(s), centre[1] + b * sin(s)];
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
    refuse(`No such system; expected one of ${Object.keys(SYSTEMS).join(", ")}.`);
  const { links = 32, ...rest } = parameters;
  if (!integer(links) || links < 1 || links > 10_000)
    refuse("The number of links is a whole number from 1 to 10,000.");
  const point = SYSTEMS[system](rest);
  const found = listed(links, (n) => point(TURN * n / links));
  if (!found.flat().every(finite))
    refuse("The parameters give no finite curve; is one missing?");
  return cycle(found);
}

/**
 * Energies of an open Hatano–Nelson chain, and where its states sit: it falls into μ chains of
 * neighbours, each with E = 2 √(t_r t_l) cos, and states that grow as (t_r/t_l)^{j/2}.
 */
function openChain({ t_r, t_l, chi, psi, mu }, sites = 40) {
  const density = Array(sites).fill(0), open = [], step = log(max(t_r, 1e-9) / max(t_l, 1e-9));
  for (let first = 0; first < mu; first++) {
    const length = Math.ceil((sites - first) / mu);
    for (let state = 1; state <= length; state++) {
      const k = PI * state / (length + 1);
      open.push(phase((chi + psi) / 2, 2 * sqrt(t_r * t_l) * cos(k)));
      const each = listed(length, (j) => exp((step > 0 ? j - length : j) * step) * sin(k * (j + 1)) ** 2), all = total(each);
      each.forEach((v, j) => (density[first + j * mu] += v / all / sites));
    }
  }
  return { open, density };
}
