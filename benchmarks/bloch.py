"""Winding numbers of a reader's own chains: windlib against a loop over momenta.

Random chains with four bands and hoppings to the next cell. The loop is what one would write from
the definitions: at each of 256 momenta `numpy.linalg.eigh`, the occupied states, and from link to
link the angle of the determinant of their overlap, sublattice by sublattice (a Wilson loop). It
is timed on fewer chains, and its time is taken as so many times longer.
Then how the time grows with the chains and with the momenta of samples, and how much memory a
large scan takes.
"""

import argparse
import os
import resource
import sys
import time

os.environ["WINDLIB_PROGRESS"] = "0"

import measure
import numpy as np

from windlib.bloch import diagnose, phase_diagram

CHAINS, MOMENTA, HALF = 10_000, 256, 2
OURS, PLAIN = "windlib, certified", "eigh and Wilson loops"


def timed(function, *arguments):
    begin = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - begin, result


def drawn(n, seed=0):
    """Hoppings of chains, shape (n, 3, 4, 4), R = −1, 0, 1."""
    rng = np.random.default_rng(seed)
    q = rng.normal(size=(n, 3, HALF, HALF)) + 1j * rng.normal(size=(n, 3, HALF, HALF))
    h = np.zeros((n, 3, 2 * HALF, 2 * HALF), complex)
    h[..., :HALF, HALF:] = q
    h[..., HALF:, :HALF] = np.conj(np.swapaxes(q[:, ::-1], -1, -2))
    return h


def ours(chains):
    def build(number):
        return dict(zip((-1, 0, 1), chains[int(number)], strict=True))

    return phase_diagram(build, {"number": np.arange(len(chains))}, jobs=1).winding


def plain(chains):
    """Winding numbers by the definitions, momentum by momentum."""
    found = []
    for chain in chains:
        total, before = 0.0, None
        for k in 2 * np.pi * np.arange(MOMENTA + 1) / MOMENTA:
            h = chain[1] + chain[2] * np.exp(1j * k) + chain[0] * np.exp(-1j * k)
            occupied = np.linalg.eigh(h)[1][:, :HALF]
            above, below = occupied[:HALF], occupied[HALF:]
            if before is not None:
                link = np.linalg.det(before[0].conj().T @ above)
                total += np.angle(link * np.linalg.det(before[1].conj().T @ below).conj())
            before = above, below
        found.append(round(total / (2 * np.pi)))
    return np.array(found)


def samples_of(links):
    chain = drawn(1)[0]
    phase = np.exp(1j * np.outer(2 * np.pi * np.arange(links + 1) / links, [-1, 0, 1]))
    return np.tensordot(phase, chain, axes=1)


def memory(points):
    """Largest resident size of a process that scans so many points, in MB, and its seconds."""
    side = round(points**0.5)

    def ssh(t, u):
        return {0: [[0, t], [t, 0]], 1: [[0, u], [0, 0]], -1: [[0, 0], [u, 0]]}

    grid = {"t": np.linspace(-2, 2, side), "u": np.linspace(-2, 2, side)}
    seconds, found = timed(phase_diagram, ssh, grid)
    peaks = [resource.getrusage(who).ru_maxrss for who in (0, resource.RUSAGE_CHILDREN)]
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {
        "points": found.winding.size,
        "undecided": found.undecided,
        "seconds": seconds,
        "peak": [peak / unit for peak in peaks],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds to measure (5)")
    parser.add_argument("--few", type=int, default=40, help="chains a round for the loop (40)")
    parser.add_argument("--points", type=int, default=1_000_000, help="of the scan (10⁶)")
    options = parser.parse_args()
    scan = memory(options.points)  # first, while this process is small
    print(scan)
    chains = drawn(CHAINS)
    few = chains[: options.few]
    clear = (
        np.array([diagnose(dict(zip((-1, 0, 1), c, strict=True))).gap for c in few]) > 0.2
    )  # far from the boundaries the loop counts as we do, up to the sign convention
    assert (ours(few)[clear] == plain(few)[clear]).all()
    seconds = measure.in_turn(
        {
            OURS: lambda: timed(ours, chains)[0],
            PLAIN: lambda: timed(plain, few)[0] * CHAINS / options.few,
        },
        options.rounds,
    )
    rows = measure.against(seconds, OURS)
    measure.print_table(f"{CHAINS:,} chains of four bands, seconds", "seconds", rows)
    studies = []
    for study, sizes, contestant in (
        ("chains", (1000, 3000, 10_000, 30_000), lambda n: (ours, drawn(n))),
        ("momenta", (1 << 12, 1 << 13, 1 << 14, 1 << 15), lambda n: (diagnose, samples_of(n))),
    ):
        found = {
            size: np.array([timed(*contestant(size))[0] for _ in range(options.rounds)])
            for size in sizes
        }
        medians = [np.median(values) for values in found.values()]
        power = measure.exponent(list(found), medians)
        print(f"{study}: power {power:.2f}")
        studies.append(
            {
                "study": study,
                "sizes": {str(n): measure.spread(v) for n, v in found.items()},
                "exponent": power,
            }
        )
    measure.save({"rows": rows, "studies": studies, "scan": scan})


if __name__ == "__main__":
    main()
