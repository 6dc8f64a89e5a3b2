"""Time to compute det[H(Φ) − E_B] of AAH rings at 33 fluxes: ours against LU factorizations.

P2's curves, L = 89. The rival is `numpy.linalg.slogdet` on the whole stack of matrices; the time
to build these is not counted, while ours starts from the parameters, and is called so often that
a round takes long enough to be timed. Rounds alternate; the numbers to keep are the ratios, which
belong less to the machine and its load.
"""

import argparse
import time

import measure
import numpy as np

from windlib.hamiltonians import aah

OURS, LU = "windlib.aah.determinants", "numpy.linalg.slogdet"
LINKS, RINGS, CALLS, SITES = 32, 1000, 30, (89, 987, 10946)


def ours(rings, sites=89):
    calls = max(1, CALLS * 89 // sites)
    begin = time.perf_counter()
    for _ in range(calls):
        result = aah.determinants(**rings, sites=sites, links=LINKS)
    return (time.perf_counter() - begin) / calls, result


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
    rows = measure.against({OURS: np.array(fast), LU: np.array(slow)}, OURS)
    measure.print_table(f"L = 89, {LINKS + 1} fluxes, seconds per {RINGS} rings", "seconds", rows)
    print(f"largest difference: {difference:.1g} of the largest determinant\n")

    print(f"sites    seconds per {RINGS} rings")
    sizes = {f: [ours(rings, f)[0] for _ in range(options.rounds)] for f in SITES}
    for sites, seconds in sizes.items():
        print(f"{sites:5} {np.median(seconds):11.4f} ({min(seconds):.4f}-{max(seconds):.4f})")
    power = measure.exponent(SITES, [np.median(seconds) for seconds in sizes.values()])
    print(f"cost grows as L^{power:.2f}")
    measure.save(
        {
            "rows": rows,
            "difference": float(difference),
            "sites": {sites: measure.spread(seconds) for sites, seconds in sizes.items()},
            "exponent": power,
        }
    )


if __name__ == "__main__":
    main()
