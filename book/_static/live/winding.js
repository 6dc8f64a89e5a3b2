// Closed curves in the plane and their winding numbers: windlib/winding.py, on the page.

/** @typedef {number[]} Point  A point [x, y]. */
/** @typedef {{winding: number | null, why: string, angles: number[], half: number[]}} Diagnosis */

const { PI, abs, atan2, cos, exp, floor, hypot, log, max, min, round, sin, sqrt } = Math;
const { isFinite: finite, isInteger: integer } = Number;
/** @param {string} words @returns {never} */
function refuse(words) {
  throw new RangeError(words);
}

const GAP = Number.EPSILON ** 0.75, CLOSURE = Number.EPSILON ** 0.5;
const TURN = 2 * PI;
/** What a function gives for 0, 1, … n − 1. @template T @param {number} n @param {(i: number) => T} of */
const listed = (n, of) => Array.from({ length: n }, (_, i) => of(i));
/** @param {number[]} values */
const total = (values) => values.reduce((a, b) => a + b, 0);
/** @param {Point} a @param {Point} b @returns {Point} */
const minus = (a, b) => [a[0] - b[0], a[1] - b[1]];
/** @param {Point} a @param {Point} b */
const distance = (a, b) => hypot(...minus(a, b));
/** Points, the first of them repeated as the last. @param {Point[]} points */
const cycle = (points) => [...points, points[0]];
/** A value, or the nearer of ±limit beyond which it is. @param {number} value @param {number} limit */
const clamped = (value, limit) => max(-limit, min(limit, value));

/**
 * Distances of a curve's points from the origin, after the checks that windlib makes of a curve; below
 * which of them a point is at the origin, and whether one is.
 * @param {Point[]} points  The last repeats the first.
 */
function checked(points) {
  if (!Array.isArray(points) || points.length < 4)
    refuse("A curve needs at least 4 points; the last repeats the first.");
  const moduli = points.map((p) => hypot(p[0], p[1]));
  if (!moduli.every(finite)) refuse("A point is no pair of finite numbers.");
  const size = max(...moduli), near = max(GAP * size, 2.2250738585072014e-308);
  if (distance(points[0], points.at(-1)) > CLOSURE * size)
    refuse("The curve does not close: its last point must repeat the first.");
  return { moduli, near, gapless: moduli.some((m) => m <= near) };
}

/**
 * Winding number of a curve around the origin, or why it has none, and the angle of each link.
 * @param {Point[]} points
 * @returns {Diagnosis}
 */
function diagnose(points) {
  const { moduli, near, gapless } = checked(points);
  const links = points.length - 1, angles = [], half = [];
  const undecided = (why) => ({ winding: null, why: `undecided: ${why} no direction`, angles, half });
  if (gapless) return undecided("the curve passes through the origin, where it has");
  let winding = 0;
  for (let n = 0; n < links; n++) {
    const next = (n + 1) % links, a = moduli[n], b = moduli[next];
    const ax = points[n][0] / a, ay = points[n][1] / a;
    const bx = points[next][0] / b, by = points[next][1] / b;
    const re = bx * ax + by * ay, im = by * ax - bx * ay;
    angles.push(atan2(im, re));
    const ratio = min(a, b) / max(a, b);
    const away = min(a, b) * abs(im) / hypot(1 - ratio * re, ratio * im);
    if (re < 0 && away <= near) half.push(n);
    // Each crossing of the positive real axis counts, as in windlib.winding.winding_number.
    const upper = ay > 0 || (ay === 0 && ax > 0), above = by > 0 || (by === 0 && bx > 0);
    if (upper !== above) winding += Number(im > 0) - Number(upper);
  }
  if (half.length) return undecided(`link ${half[0] + 1} turns by half a circle, which has`);
  return { winding, why: "", angles, half };
}

/**
 * The winding number, or a sentence that says why there is none.
 * @param {Point[]} points
 */
function windingNumber(points) {
  const { winding, why } = diagnose(points);
  return winding ?? why;
}

/**
 * A curve turned by an angle, and begun at another of its points.
 * @param {Point[]} points
 */
function turned(points, angle = 0, start = 0) {
  return points.map((_, n) => times(points[(n + start) % (points.length - 1)], phase(angle)));
}

/**
 * A curve multiplied point by point by random phases that do not wind: windlib's augmentation.
 * @param {Point[]} points
 * @param {() => number} random
 */
function randomPhases(points, random) {
  const longest = max(...diagnose(points).angles.map(abs));
  const room = max(0, (PI - longest) / 2), whole = TURN * random();
  return cycle(points.slice(0, -1).map((p) => times(p, phase(whole + room * (2 * random() - 1)))));
}

/**
 * Another number of links, evenly spaced along the straight pieces between a curve's points.
 * @param {Point[]} points
 */
function resampled(points, links = 32) {
  const lengths = [0];
  for (let n = 1; n < points.length; n++) lengths.push(lengths[n - 1] + distance(points[n], points[n - 1]));
  const all = lengths.at(-1), found = [];
  for (let i = 0, n = 1; i < links; i++) {
    const s = all * i / links;
    while (n < points.length - 1 && lengths[n] < s) n++;
    const step = lengths[n] - lengths[n - 1], part = step ? (s - lengths[n - 1]) / step : 0;
    found.push([0, 1].map((j) => points[n - 1][j] * (1 - part) + points[n][j] * part));
  }
  return cycle(found);
}
