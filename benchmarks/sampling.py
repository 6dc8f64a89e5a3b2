"""Drawing Hamiltonians and their winding numbers: windlib against plain NumPy.

Three tasks, rounds alternating: a million general chains with their winding numbers; the 10,000
chains with |w| = 4 of P1's test (iv); and the winding numbers alone, of curves that are there.
Beside the first stands the time of its random numbers alone.
About one chain in 10,000 has |w| = 4, so plain rejection is timed on a stated number of draws
and extrapolated by the share that qualified among them.
"""

import argparse
import time

import measure
import numpy as np

from windlib import datasets
from windlib.hamiltonians import chiral
from windlib.winding import winding_number

WANTED, CUTOFF, LINKS, CHUNK = 10_000, 4, 32, 20_000
OURS, PLAIN, NUMBERS = "windlib", "plain NumPy", "their random numbers alone"


def timed(function, *arguments):
    begin = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - begin, result


def plain_winding(angle):
    """The line that one would write; `angle` has shape (n, L + 1)."""
    turn = (np.diff(angle, axis=1) + np.pi) % (2 * np.pi) - np.pi
    return np.rint(turn.sum(axis=1) / (2 * np.pi)).astype(int)


def plain(rng, draws):
    """Winding numbers of so many chains, drawn plainly."""
    nk = np.outer(np.arange(CUTOFF + 1), 2 * np.pi * np.arange(LINKS + 1) / LINKS)
    cos, sin = np.cos(nk), np.sin(nk)
    found = []
    for _ in range(draws // CHUNK):
        a, b = rng.uniform(-1, 1, (2, CHUNK, 2, CUTOFF + 1))
        h = a @ cos + b @ sin
        found.append(plain_winding(np.arctan2(h[:, 1], h[:, 0])))
    return np.concatenate(found)


def numbers(rng, draws):
    """What both draw, which nothing that is computed from it can be faster than."""
    for _ in range(draws // CHUNK):
        rng.uniform(-1, 1, (2, CHUNK, 2, CUTOFF + 1))


def ours(rng, draws):
    found = []
    for _ in range(draws // CHUNK):
        found.append(winding_number(chiral.curve(**chiral.sample(CHUNK, rng, CUTOFF), links=LINKS)))
    return np.concatenate(found)


def ours_four(seed):
    options = {"cutoff": CUTOFF, "winding_at_least": 4, "links": LINKS}
    recipe = datasets.DataRecipe("chiral", WANTED, seed, LINKS, windings=(4,), options=options)
    return datasets.draw(recipe)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds to measure (5)")
    parser.add_argument("--draws", type=int, default=1_000_000, help="plain draws a round (10⁶)")
    options = parser.parse_args()
    draws = options.draws // CHUNK * CHUNK
    rng = np.random.default_rng(0)
    curves = chiral.curve(**chiral.sample(CHUNK, rng), links=LINKS)
    assert (winding_number(curves) == plain_winding(np.angle(curves))).all()

    rounds = []
    for seed in range(options.rounds):
        many, _ = timed(ours, rng, draws)
        slow_many, windings = timed(plain, rng, draws)
        drawn_only, _ = timed(numbers, rng, draws)
        four, drawn = timed(ours_four, seed)
        assert len(drawn.winding) == WANTED
        lines = [
            min(timed(f)[0] for _ in range(5))
            for f in (
                lambda: winding_number(curves),
                lambda: plain_winding(np.angle(curves)),
            )
        ]
        found = np.count_nonzero(np.abs(windings) == 4)
        rounds.append((many, slow_many, drawn_only, four, found, *lines))
    many, slow_many, drawn_only, four, found, line, slow_line = np.array(rounds).T
    needed = WANTED * draws * len(rounds) / found.sum()  # plain draws for 10,000 with |w| = 4
    print(
        f"plain rejection: {int(found.sum())} with |w| = 4 in {draws * len(rounds):,} draws "
        f"(± {100 / max(found.sum(), 1) ** 0.5:.0f} %), so {WANTED:,} take {needed:.2g} draws"
    )
    tasks = [
        (
            "a million chains and their winding numbers",
            {OURS: many, PLAIN: slow_many, NUMBERS: drawn_only},
            1e6 / draws,
        ),
        ("10,000 chains with |w| = 4", {OURS: four, PLAIN: slow_many * needed / draws}, 1),
        ("a million winding numbers alone", {OURS: line, PLAIN: slow_line}, 1e6 / CHUNK),
    ]
    results = []
    for task, seconds, scale in tasks:
        rows = measure.against({name: s * scale for name, s in seconds.items()}, OURS)
        measure.print_table(f"{task}, seconds", "seconds", rows)
        results.append({"task": task, "rows": rows})
    measure.save({"tasks": results, "found": int(found.sum()), "draws": draws * len(rounds)})


if __name__ == "__main__":
    main()
