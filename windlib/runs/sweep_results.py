"""What came out of a sweep: a table, and a plot."""

import csv
import io
import os
from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tqdm import tqdm

from windlib import arguments
from windlib.arguments import ArgumentError, instance
from windlib.runs import archive, experiments
from windlib.runs.sweeps import Sweep, SweepError

_SWEEP = "a Sweep, as windlib.runs.sweeps.read gives"


def table(sweep: Sweep, folder: str | os.PathLike | None = None) -> list[dict]:
    """A row for each run that the archive has, as a dict.

    The grid's fields, the seed, "loss" and "val_loss" of the last epoch, and "val_accuracy",
    the share of the validation set in percent whose winding number the network gives. Shows a
    progress bar unless WINDLIB_PROGRESS is 0.
    """
    from windlib import evaluation

    instance("sweep", sweep, Sweep, _SWEEP)
    rows = []
    silent = os.environ.get("WINDLIB_PROGRESS") == "0"
    points = tqdm(list(sweep.points()), "evaluated", unit="point", disable=silent, leave=False)
    for values, experiment in points:
        paths = {seed: experiments.find(experiment, seed, folder) for seed in experiment.seeds}
        paths = {seed: path for seed, path in paths.items() if path is not None}
        if not paths:
            continue
        x, winding = experiments.training_data(experiment.validation)
        for seed, path in paths.items():
            run = experiments.load(path, experiment, seed)
            right = run.nearest(evaluation.outputs(run.network, x)) == winding
            row = {**dict(zip(sweep.grid, values, strict=True)), "seed": seed}
            row |= {name: float(losses[-1]) for name, losses in run.history.items()}
            rows.append(row | {"val_accuracy": round(100 * float(right.mean()), 9)})
    return rows


def plot(ax: Axes, sweep: Sweep, rows: list[dict]) -> None:
    """Draw the validation accuracies: a dot a run, and a line through the seeds' medians.

    Along the axis goes the grid's first field; every combination of the others is a line.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where it is drawn.
    sweep : Sweep
        As `windlib.runs.sweeps.read` gives it.
    rows : list of dict
        From `table`.

    Raises
    ------
    ArgumentError
        A row is none of such a table, or an argument of another kind.
    """
    instance("ax", ax, Axes, "Matplotlib's axes")
    instance("sweep", sweep, Sweep, _SWEEP)
    needed = {*sweep.grid, "val_accuracy"}
    for row in instance("rows", rows, list, "rows, as table gives"):
        if not needed <= instance("row", row, dict, "a row, as table gives").keys():
            raise ArgumentError(f"got a row with {[*row]}; expected {sorted(needed)}")
        arguments.real("val_accuracy", row["val_accuracy"], 0, 100)
    first, *others = sweep.grid
    lines = list(product(*(sweep.grid[field] for field in others)))
    shades = colormaps["viridis"](np.linspace(0, 0.9, len(lines)))
    accuracies = defaultdict(list)
    for row in rows:
        accuracies[repr([row[field] for field in sweep.grid])].append(row["val_accuracy"])
    for line, shade in zip(lines, shades, strict=True):
        medians = []
        for place, value in enumerate(sweep.grid[first]):
            found = accuracies[repr([value, *line])]
            ax.plot(np.full(len(found), place), found, "o", ms=3, color=shade, alpha=0.5)
            medians.append(np.median(found) if found else np.nan)
        name = ", ".join(f"{f} = {v}" for f, v in zip(others, line, strict=True))
        ax.plot(medians, color=shade, label=name)
    ax.set_xticks(range(len(sweep.grid[first])), map(str, sweep.grid[first]))
    ax.set(xlabel=first, ylabel="validation accuracy (%)")
    if others and len(lines) <= 12:
        ax.legend(fontsize="small")


def report(
    sweep: Sweep, path: str | os.PathLike, folder: str | os.PathLike | None = None
) -> Sequence[Path]:
    """Write the table and the plot of a sweep beside its file; returns what was written."""
    path = arguments.path("path", path)
    rows = table(sweep, folder)
    if not rows:
        return []
    text, picture = io.StringIO(), io.BytesIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    figure = Figure(layout="constrained")
    plot(figure.subplots(), sweep, rows)
    figure.savefig(picture, format="png", dpi=150)
    written = path.with_suffix(".csv"), path.with_suffix(".png")
    try:
        archive.write_bytes(written[0], text.getvalue().encode())
        archive.write_bytes(written[1], picture.getvalue())
    except OSError as error:
        raise SweepError(
            f"the table and the plot cannot be put beside {path} ({error.strerror}); the runs are "
            "kept: move the file to a folder where you may write, and give it again"
        ) from error
    return written
