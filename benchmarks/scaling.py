"""How the cost grows: with the links L, with the number of samples, and with the processes.

An epoch of P1's convolutional network on L links and on n samples, and a set of equal trainings
on several processes. Each is fitted by a power law. And how far an epoch is from the arithmetic
limit: the time in which one core does as many operations in a large matrix product.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace

os.environ |= {"WINDLIB_PROGRESS": "0", "OPENBLAS_NUM_THREADS": "1"}

import measure
import numpy as np
import rivals
from training import Ours

from windlib.runs import reproduce
from windlib.runs.catalogue import CATALOGUE

LINKS, SAMPLES, BATCH = (16, 32, 64, 128), (12_500, 25_000, 50_000, 100_000), 50


def epoch(links, samples):
    """A contestant that trains on random curves; the cost does not depend on what they are."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, links + 1, 2)).astype(np.float32)
    y = rng.integers(-2, 3, samples)
    trainer = Ours(rivals.Network(links=links), x, y, BATCH, seed=0)
    trainer.epochs(1)
    return lambda: float(np.median(trainer.epochs(4)[1:]))


def processes(jobs, runs):
    """Seconds for so many equal trainings on so many processes, which the first round starts."""
    recipe = replace(CATALOGUE["aiii-cnn-ours-short"], name="bench", seeds=range(runs))
    recipe = replace(recipe, training={**recipe.training, "epochs": 60})

    def train():
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            failed = reproduce.reproduce([recipe], jobs=jobs, folder=folder)
            assert not failed
            return time.perf_counter() - begin

    return train


def large_product():
    """Operations a second of one core in a product of large float32 matrices."""
    a = np.random.default_rng(0).normal(size=(2000, 2000)).astype(np.float32)
    begin = time.perf_counter()
    a @ a
    return 2 * len(a) ** 3 / (time.perf_counter() - begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds to measure (5)")
    parser.add_argument("--runs", type=int, default=8, help="trainings to share out (8)")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    jobs = [2**i for i in range(cores.bit_length()) if 2**i <= cores]
    studies = {
        f"links, seconds per epoch of {min(SAMPLES):,} samples": (
            {links: epoch(links, min(SAMPLES)) for links in LINKS},
            options.rounds,
        ),
        "samples, seconds per epoch at L = 32": (
            {samples: epoch(32, samples) for samples in SAMPLES},
            options.rounds,
        ),
        f"processes, seconds for {options.runs} trainings of 60 epochs": (
            {n: processes(n, options.runs) for n in jobs},
            options.rounds,
        ),
    }
    found = []
    for title, (contestants, rounds) in studies.items():
        seconds = measure.in_turn(contestants, rounds)
        sizes = {size: measure.spread(s) for size, s in seconds.items()}
        power = measure.exponent(list(sizes), [s[0] for s in sizes.values()])
        print(f"\n{title}")
        for size, (median, least, most) in sizes.items():
            print(f"{size:8,} {median:9.3f} ({least:.3f}-{most:.3f})")
        print(f"grows as the power {power:.2f}")
        found.append({"study": title, "sizes": sizes, "exponent": power})
    # Multiplications and additions: 10 forth and 12 back for each kernel on each link, and little
    # else (the other layers add 1 %).
    operations = 22 * 40 * 32 * max(SAMPLES)
    trainer = epoch(32, max(SAMPLES))
    rounds = measure.in_turn({"peak": large_product, "epoch": trainer}, options.rounds + 1)
    peak, seconds = (values[1:] for values in rounds.values())  # the first warms up
    limit = {
        "operations": operations,
        "peak": measure.spread(peak),
        "ratio": measure.spread(seconds * peak / operations),
    }
    print(f"\nan epoch takes {limit['ratio'][0]:.1f} times the arithmetic limit")
    measure.save({"studies": found, "limit": limit})


if __name__ == "__main__":
    main()
