"""What the benchmarks share: contestants in turn, tables of ratios, and a file for the book."""

import datetime
import json
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent.parent / "book" / "performance"
_LIBRARIES = ("numpy", "tensorflow", "keras", "torch", "jax", "distributed")


def in_turn(contestants, rounds):
    """Seconds of each contestant in each round, as arrays; a contestant returns its seconds."""
    seconds = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, measure in contestants.items():
            seconds[name].append(measure())
    return {name: np.array(values) for name, values in seconds.items()}


def spread(values):
    """Median, smallest and largest, as JSON takes them."""
    return [float(f(values)) for f in (np.median, np.min, np.max)]


def against(seconds, ours):
    """A row for each contestant: its time, and its time over ours round by round."""
    return [
        {"name": name, "seconds": spread(s), "ratio": spread(s / seconds[ours])}
        for name, s in seconds.items()
    ]


def exponent(sizes, seconds):
    """Of the power law through the times, by least squares of the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def _written(value):
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f}" if value == 0 or value >= 1e-3 else f"{value:.2g}"


def print_table(title, unit, rows):
    """Print rows of `against`: medians, and from the smallest to the largest."""
    print(f"\n{title}\n{'':34} {unit:>10} {'min-max':>17} {'times ours':>12} {'min-max':>15}")
    for row in rows:
        (time, least, most), (ratio, low, high) = row["seconds"], row["ratio"]
        print(
            f"{row['name']:34} {_written(time):>10} {_written(least) + '-' + _written(most):>17} "
            f"{_written(ratio):>12} {_written(low) + '-' + _written(high):>15}"
        )


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _versions():
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def save(results):
    """Write what a benchmark found, with its command, date and machine, for the book's page."""
    script = Path(sys.argv[0])
    facts = {
        "command": " ".join(["python", f"benchmarks/{script.name}", *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "versions": {"python": platform.python_version(), **dict(_versions())},
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{script.stem}.json"
    path.write_text(json.dumps({**facts, **results}, indent=1) + "\n")
    print(f"\nwritten: {path.relative_to(RESULTS.parents[1])}")
