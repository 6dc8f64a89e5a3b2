"""Time to compute det[H(Φ) − E_B] of AAH rings at 33 fluxes: ours against LU factorizations.

P2's curves, L = 89. The rival is `numpy.linalg.slogdet` on the whole stack of matrices; the time
to build these is not counted, while ours starts from the parameters. Rounds alternate; the
numbers to keep are the ratios, which belong less to the machine and its load.
"""

import argparse
import time

import numpy as np

from windlib.hamiltonians import aah

LINKS, RINGS, SITES = 32, 1000, (89, 987, 10946)


def ours(rings, sites=89):
    begin = time.perf_counter()
    result = aah.determinants(**rings, sites=sites, links=LINKS)
    return time.perf_counter() - begin, result


def stack(rings):
    """The matrices, shape (n, 33, 89, 89)."""
    flux = 2 * np.pi * np.arange(LINKS + 1) / LINKS
    return np.array(
        [
            [aah.matrix(*ring, flux=phi) for phi in flux]
            for ring in zip(*rings.values(), strict=True)
        ]
    )


def factorizations(matrices):
    begin = time.perf_counter()
    result = np.linalg.slogdet(matrices)
    return time.perf_counter() - begin, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds to measure (7)")
    parser.add_argument("--rings", type=int, default=50, help="rings the rival computes (50)")
    options = parser.parse_args()

    rings = aah.sample(RINGS, np.random.default_rng(0), h=0.5)
    some = {name: values[: options.rings] for name, values in rings.items()}
    matrices = stack(some)
    ours(rings)  # once, not counted
    fast, slow = [], []
    for _ in range(options.rounds):
        seconds, (mantissa, log_scale) = ours(rings)
        fast.append(seconds)
        seconds, (sign, logarithm) = factorizations(matrices)
        slow.append(seconds * RINGS / len(matrices))
    scaled = sign * np.exp(logarithm - log_scale[: len(matrices), None])
    difference = np.abs(scaled - mantissa[: len(matrices)]).max()
    fast, slow = np.array(fast), np.array(slow)
    print(f"L = 89, {LINKS + 1} fluxes, seconds per {RINGS} rings, {options.rounds} rounds\n")
    print(f"{'':28} {'seconds':>9} {'min-max':>17}")
    for name, s in [("windlib aah.determinants", fast), ("numpy.linalg.slogdet", slow)]:
        print(f"{name:28} {np.median(s):9.4f} {s.min():9.4f}-{s.max():.4f}")
    ratio = slow / fast
    print(f"{'times ours':28} {np.median(ratio):9.0f} {ratio.min():9.0f}-{ratio.max():.0f}")
    print(f"largest difference           {difference:9.1g} of the largest determinant\n")

    print(f"sites    seconds per {RINGS} rings")
    medians = []
    for sites in SITES:
        seconds = [ours(rings, sites)[0] for _ in range(options.rounds)]
        medians.append(np.median(seconds))
        print(f"{sites:5} {medians[-1]:11.4f} ({min(seconds):.4f}-{max(seconds):.4f})")
    exponent = np.polyfit(np.log(SITES), np.log(medians), 1)[0]
    print(f"cost grows as L^{exponent:.2f}")


if __name__ == "__main__":
    main()
