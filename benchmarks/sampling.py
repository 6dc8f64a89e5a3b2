"""Time to draw 10,000 Hamiltonians with |w| = 4 at c = 4: ours against plain rejection.

P1's test (iv). About one Hamiltonian in 10,000 qualifies, so plain rejection is timed on a
stated number of draws and extrapolated by the share that qualified among them.
"""

import argparse
import time

import numpy as np

from windlib import datasets

WANTED, CUTOFF, LINKS, CHUNK = 10_000, 4, 32, 20_000


def ours(seed):
    options = {"cutoff": CUTOFF, "winding_at_least": 4, "links": LINKS}
    recipe = datasets.Data("chiral", WANTED, seed, LINKS, windings=(4,), options=options)
    begin = time.perf_counter()
    drawn = datasets.draw(recipe)
    assert len(drawn.winding) == WANTED
    return time.perf_counter() - begin


def plain(rng, draws):
    """Seconds for so many plain draws, and how many of them have |w| = 4."""
    nk = np.outer(np.arange(CUTOFF + 1), 2 * np.pi * np.arange(LINKS + 1) / LINKS)
    cos, sin = np.cos(nk), np.sin(nk)
    found = 0
    begin = time.perf_counter()
    for _ in range(draws // CHUNK):
        a, b = rng.uniform(-1, 1, (2, CHUNK, 2, CUTOFF + 1))
        h = a @ cos + b @ sin
        turn = np.diff(np.arctan2(h[:, 1], h[:, 0]), axis=1)
        turn = (turn + np.pi) % (2 * np.pi) - np.pi
        found += np.count_nonzero(np.abs(np.rint(turn.sum(axis=1) / (2 * np.pi))) == 4)
    return time.perf_counter() - begin, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds to measure (3)")
    parser.add_argument(
        "--draws", type=int, default=2_000_000, help="plain draws a round (2,000,000)"
    )
    options = parser.parse_args()
    draws = options.draws // CHUNK * CHUNK

    rng = np.random.default_rng(0)
    rounds = [(ours(seed), *plain(rng, draws)) for seed in range(options.rounds)]
    fast, slow, found = np.array(rounds).T
    share = found.sum() / (draws * len(rounds))
    needed = WANTED / share  # plain draws
    extrapolated = slow / draws * needed
    ratio = extrapolated / fast
    print(f"{WANTED:,} Hamiltonians with |w| = 4, c = {CUTOFF}, L = {LINKS}")
    print(
        f"plain NumPy: {int(found.sum())} found in {draws * len(rounds):,} draws "
        f"(± {100 / max(found.sum(), 1) ** 0.5:.0f} %), so {needed:.2g} draws are needed\n"
    )
    print(f"{'':28} {'seconds':>8} {'min-max':>13}")
    for name, s in [("windlib.datasets.draw", fast), ("plain NumPy, extrapolated", extrapolated)]:
        print(f"{name:28} {np.median(s):8.1f} {s.min():7.1f}-{s.max():.1f}")
    print(f"{'times ours':28} {np.median(ratio):8.1f} {ratio.min():7.1f}-{ratio.max():.1f}")


if __name__ == "__main__":
    main()
