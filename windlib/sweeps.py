"""Sweeps: every combination of some recipe fields, each trained from several seeds.

A sweep is described by a small TOML file::

    base = "aiii-short"               # an experiment of the catalogue
    seeds = 4                         # or a list: [0, 1, 2, 3]

    [set]                             # what is changed for all of them
    data.n = 20_000
    training.epochs = 20

    [grid]                            # every combination is trained
    training.learning_rate = [1e-3, 3e-3, 1e-2]
    network_options.kernels = [8, 40]

Fields are those of `Experiment`. The validation set is drawn as the training set is: a field of
``data`` other than ``n`` and ``seed`` changes both, unless ``validation`` has its own value.
"""

import csv
import inspect
import io
import os
import re
import tomllib
from collections import defaultdict
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from tqdm import tqdm

from windlib import archive, experiments, hamiltonians
from windlib.catalogue import CATALOGUE, Experiment
from windlib.datasets import Data

_SECTIONS = ("data", "validation", "network", "network_options", "training")


class SweepError(ValueError):
    """A sweep's file does not describe a sweep."""


@dataclass(frozen=True)
class Sweep:
    """Experiments on a grid.

    Attributes
    ----------
    grid : dict
        Fields and the values that each takes.
    experiments : list of Experiment
        One for each combination, the last field changing fastest.
    """

    grid: dict
    experiments: list

    def points(self):
        """Pairs: the values of one combination, and its experiment."""
        return zip(product(*self.grid.values()), self.experiments, strict=True)


def read(path):
    """The sweep that a TOML file describes.

    Raises
    ------
    SweepError
        The file is missing or not TOML, or a field or value is none of a recipe's.
    """
    path = Path(path)
    try:
        given = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SweepError(f"{path} cannot be read: {error}") from error
    try:
        return _sweep(path.stem, given)
    except (TypeError, ValueError) as error:
        raise SweepError(f"{path}: {error}") from error


def _sweep(name, given):
    if not {"base", "grid"} <= given.keys() <= {"base", "seeds", "set", "grid"}:
        raise ValueError(
            f"got {', '.join(given) or 'nothing'}; expected base and [grid], and perhaps seeds "
            "and [set]"
        )
    base, grid, fixed = given["base"], _flat(given["grid"]), _flat(given.get("set", {}))
    if not re.fullmatch(r"[\w.-]+", name):
        raise ValueError("the file's name goes into names of runs: letters, digits, . _ - only")
    if not isinstance(base, str) or base not in CATALOGUE:
        raise ValueError(f"got base = {base!r}; expected an experiment that 'windlib list' shows")
    if not grid:
        raise ValueError("got an empty [grid]; expected at least one field with a list of values")
    seeds = given.get("seeds", 4)
    seeds = range(seeds) if isinstance(seeds, int) else seeds
    if (
        not isinstance(seeds, list | range)
        or not seeds
        or any(not isinstance(s, int) or s < 0 for s in seeds)
    ):
        raise ValueError(
            f"got seeds = {given['seeds']}; expected a number of them, or a list, none below 0"
        )
    for field, values in {"seeds": seeds, **grid}.items():
        if not isinstance(values, list | range) or not len(values):
            raise ValueError(f"got {field} = {values!r}; expected a list of values in [grid]")
        if len({repr(value) for value in values}) < len(values):
            raise ValueError(f"got {field} = {values}; one value stands there twice")
    if twice := grid.keys() & fixed.keys():
        raise ValueError(f"{', '.join(sorted(twice))} stands both in [set] and in [grid]")
    start = replace(CATALOGUE[base], name=name, seeds=seeds)
    found = [
        _changed(start, {**fixed, **dict(zip(grid, values, strict=True))})
        for values in product(*grid.values())
    ]
    return Sweep(grid, found)


def _flat(table, prefix=""):
    """Nested tables as one, with fields like "data.options.cutoff"."""
    if not isinstance(table, dict):
        raise ValueError(f"got {table!r}; expected [set] and [grid] to be tables of fields")
    flat = {}
    for key, value in table.items():
        inner = isinstance(value, dict)
        flat |= _flat(value, f"{prefix}{key}.") if inner else {f"{prefix}{key}": value}
    return flat


def _changed(experiment, changes):
    recipe = asdict(experiment)
    implied = {
        f"validation.{field.removeprefix('data.')}": value
        for field, value in changes.items()
        if field.startswith("data.") and field not in ("data.n", "data.seed")
    }
    for field, value in {**implied, **changes}.items():
        *outer, last = field.split(".")
        if field.split(".")[0] not in _SECTIONS:
            raise ValueError(f"got the field {field!r}; expected one of {', '.join(_SECTIONS)}")
        table = recipe
        for key in outer:
            table = table.get(key) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            raise ValueError(f"got the field {field!r}, which no recipe has")
        table[last] = tuple(value) if isinstance(value, list) else value
    for name in ("data", "validation"):
        _refuse_unknown(recipe[name], [f.name for f in fields(Data)], name)
        recipe[name] = Data(**recipe[name])
    about = ", ".join(f"{field} = {value}" for field, value in changes.items())
    found = Experiment(**{**recipe, "about": about})
    _check_arguments(found)
    return found


def _check_arguments(experiment):
    from windlib import networks, training

    network = inspect.signature(getattr(networks, experiment.network)).parameters
    by_name = network.keys() - {"links", "seed"}
    _refuse_unknown(experiment.network_options, by_name, "network_options")
    known = inspect.signature(training.fit).parameters.values()
    by_name = {p.name for p in known if p.kind is p.KEYWORD_ONLY}
    by_name -= {"seed", "stop_after", "callbacks"}
    _refuse_unknown(experiment.training, by_name, "training")
    for data in (experiment.data, experiment.validation):
        sample = inspect.signature(getattr(hamiltonians, data.hamiltonian).sample).parameters
        _refuse_unknown(data.options, sample.keys() - {"n", "rng"}, "data.options")


def _refuse_unknown(given, known, where):
    if not isinstance(given, dict):
        raise ValueError(f"got {where} = {given!r}; expected fields of it, such as {where}.name")
    if unknown := given.keys() - set(known):
        raise ValueError(
            f"got {where}.{', '.join(sorted(unknown))}; expected one of {', '.join(sorted(known))}"
        )


def table(sweep, folder=None):
    """A row for each run that the archive has, as a dict.

    The grid's fields, the seed, "loss" and "val_loss" of the last epoch, and "val_accuracy",
    the share of the validation set in percent whose winding number the network gives. Shows a
    progress bar unless WINDLIB_PROGRESS is 0.
    """
    from windlib import training

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
            right = run.nearest(training.outputs(run.network, x)) == winding
            row = {**dict(zip(sweep.grid, values, strict=True)), "seed": seed}
            row |= {name: float(losses[-1]) for name, losses in run.history.items()}
            rows.append(row | {"val_accuracy": round(100 * float(right.mean()), 9)})
    return rows


def draw(ax, sweep, rows):
    """Draw the validation accuracies: a dot a run, and a line through the seeds' medians.

    Along the axis goes the grid's first field; every combination of the others is a line.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    sweep : Sweep
    rows : list of dict
        From `table`.
    """
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


def report(sweep, path, folder=None):
    """Write the table and the plot of a sweep beside its file; returns what was written."""
    rows = table(sweep, folder)
    if not rows:
        return []
    text, picture = io.StringIO(), io.BytesIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    figure = Figure(layout="constrained")
    draw(figure.subplots(), sweep, rows)
    figure.savefig(picture, format="png", dpi=150)
    written = Path(path).with_suffix(".csv"), Path(path).with_suffix(".png")
    for file, content in zip(written, (text.getvalue().encode(), picture.getvalue()), strict=True):
        archive.write_bytes(file, content)
    return written
