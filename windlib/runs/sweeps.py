"""Sweeps: every combination of some recipe fields, each trained from several seeds.

A sweep is described by a small TOML file::

    # an experiment of the catalogue
    base = "aiii-cnn-ours-short"
    # or a list: [0, 1, 2, 3]
    seeds = 4

    # what is changed for all of them
    [set]
    data.n = 20_000
    training.epochs = 20

    # every combination is trained
    [grid]
    training.learning_rate = [1e-3, 3e-3, 1e-2]
    network_options.kernels = [8, 40]

Fields are those of `Experiment`. The validation set is drawn as the training set is: a field of
``data`` other than ``n`` and ``seed`` changes both, unless ``validation`` has its own value. A
sweep has at most 10,000 runs.
"""

import inspect
import math
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from itertools import product

from windlib import arguments, hamiltonians
from windlib.arguments import real, short, whole
from windlib.datasets import DataRecipe
from windlib.errors import WindlibError
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.recipes import Experiment

_SECTIONS = ("data", "validation", "network", "network_options", "training")
_MOST_RUNS = 10_000
_MOST_BYTES = 20_000  # of a file; what it does not hold is no grid that a person wrote


class SweepError(WindlibError, ValueError):
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

    def points(self) -> Iterator[tuple[tuple, Experiment]]:
        """Pairs: the values of one combination, and its experiment."""
        return zip(product(*self.grid.values()), self.experiments, strict=True)


def read(path: str | os.PathLike) -> Sweep:
    """The sweep that a TOML file describes.

    Raises
    ------
    SweepError
        The file is missing or not TOML, a field or value is none of a recipe's, two runs are
        the same, training and validation data share a seed or differ in their links or inputs,
        or there are over 10,000 runs.
    """
    path = arguments.path("path", path)
    try:
        given = tomllib.loads(_text(path))
    except RecursionError:
        raise SweepError(f"{path} cannot be read: its lists or tables are too deep") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SweepError(f"{path} cannot be read: {reason}") from error
    try:
        return _sweep(path.stem, given)
    except RecursionError:
        raise SweepError(f"{path}: its lists or tables are too deep") from None
    except (TypeError, ValueError) as error:
        raise SweepError(f"{path}: {error}") from error


def _text(path):
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is a folder, a pipe or a device; expected a file")
    with open(path, "rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"it has over {_MOST_BYTES:,} bytes, too many for a sweep")
    try:
        text = content.decode("utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not text in UTF-8: {error.reason}") from error
    if re.search(r"(\.[^.,=\n]+){20}", text):  # tomllib takes time that grows with the square
        raise ValueError("a field has more than 20 parts")
    return text


def _sweep(name, given):
    if not {"base", "grid"} <= given.keys() <= {"base", "seeds", "set", "grid"}:
        raise ValueError(
            f"got {', '.join(given) or 'nothing'}; expected base and [grid], and perhaps seeds "
            "and [set]"
        )
    base, grid, fixed = given["base"], _flat(given["grid"]), _flat(given.get("set", {}))
    seeds = given.get("seeds", 4)
    for field, value in {"base": base, "seeds": seeds, **fixed, **grid}.items():
        _refuse_odd(field, value)
    if not re.fullmatch(r"[\w.-]+", name) or len(os.fsencode(name)) > 100:
        raise ValueError(
            "the file's name goes into names of runs: letters, digits, . _ - only, and not over "
            "100 bytes"
        )
    if not isinstance(base, str) or base not in CATALOGUE:
        raise ValueError(
            f"got base = {short(base)}; expected an experiment that 'windlib list' shows"
        )
    if not grid:
        raise ValueError("got an empty [grid]; expected at least one field with a list of values")
    numbers = seeds if isinstance(seeds, list) else [seeds]
    if any(type(s) is not int or s < 0 for s in numbers) or seeds in (0, []):
        raise ValueError(
            f"got seeds = {short(seeds)}; expected a number of them, or a list, none below 0"
        )
    seeds = range(seeds) if isinstance(seeds, int) else seeds
    for field, values in {"seeds": seeds, **grid}.items():
        if not isinstance(values, list | range) or not len(values):
            raise ValueError(f"got {field} = {short(values)}; expected a list of values")
    runs = math.prod(map(len, [seeds, *grid.values()]))  # counted before anything is made
    if runs > _MOST_RUNS:
        raise ValueError(f"got {runs:,} runs; expected at most {_MOST_RUNS:,} in one sweep")
    for field, values in {"seeds": seeds, **grid}.items():
        if len(set(map(_frozen, values))) < len(values):
            raise ValueError(f"got {field} = {short(values)}; one value stands there twice")
    if twice := grid.keys() & fixed.keys():
        raise ValueError(f"{', '.join(sorted(twice))} stands both in [set] and in [grid]")
    start = replace(CATALOGUE[base], name=name, seeds=seeds)
    found = [
        _changed(start, {**fixed, **dict(zip(grid, values, strict=True))})
        for values in product(*grid.values())
    ]
    return Sweep(grid, found)


def _refuse_odd(field, value):
    """Refuse what a recipe cannot hold: dates, tables in lists, numbers that are not finite."""
    if isinstance(value, list):
        for item in value:
            _refuse_odd(field, item)
    elif isinstance(value, int | float):
        if abs(value) >= 2**63 if isinstance(value, int) else not math.isfinite(value):
            raise ValueError(f"got a number in {field} that is not finite, or is 2**63 or more")
    elif not isinstance(value, str):
        raise ValueError(
            f"got {field} = {short(value)}; expected numbers, words, true, false, or lists of them"
        )


def _frozen(value):
    """A value for a set, in which 1, 1.0 and true are the same."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _flat(table, prefix=""):
    """Nested tables as one, with fields like "data.options.cutoff"."""
    if not isinstance(table, dict):
        raise ValueError("expected [set] and [grid] to be tables of fields")
    flat = {}
    for key, value in table.items():
        inner = isinstance(value, dict)
        found = _flat(value, f"{prefix}{key}.") if inner else {f"{prefix}{key}": value}
        if twice := flat.keys() & found.keys():  # one of them in quotes: "data.n"
            raise ValueError(f"{', '.join(sorted(twice))} stands there twice")
        flat |= found
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
            raise ValueError(
                f"got the field {short(field)}; expected one of {', '.join(_SECTIONS)}"
            )
        table = recipe
        for key in outer:
            table = table.get(key) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            raise ValueError(f"got the field {short(field)}, which no recipe has")
        table[last] = tuple(value) if isinstance(value, list) else value
    for section, known in _fields(recipe).items():
        recipe[section] = _fitting(section, recipe[section], known)
    for section in ("data", "validation"):
        options = recipe[section].pop("options")
        data = DataRecipe(**recipe[section])
        known = _arguments(getattr(hamiltonians, data.hamiltonian).sample)
        options = _fitting(f"{section}.options", options, known)
        recipe[section] = replace(data, options=options)
    if recipe["data"].seed == recipe["validation"].seed:
        raise ValueError(
            f"got {recipe['data'].seed} as data.seed and as validation.seed; expected two seeds, "
            "or the network is validated on what it was trained on"
        )
    about = ", ".join(f"{field} = {value}" for field, value in changes.items())
    return Experiment(**{**recipe, "about": about})


def _fields(recipe):
    """The fields that each section may have, with a value of the kind that each takes."""
    from windlib import networks, training

    name = recipe["network"]
    if name not in ("convolutional", "fully_connected"):
        raise ValueError(f"got network = {short(name)}; windlib.networks has none such")
    data = {f.name: f.type() for f in fields(DataRecipe)}  # 0, 0.0, "", () or {}
    return {
        "data": data,
        "validation": data,
        "network_options": _arguments(getattr(networks, name), "links", "seed"),
        "training": {
            "epochs": 1,  # the only one without a default
            **_arguments(training.fit, "validation", "stop_after", "callbacks"),
        },
    }


@lru_cache
def _arguments(function, *without):
    """The arguments of a function that have a default, but for some, and these defaults."""
    known = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in known if p.default is not p.empty and p.name not in without}


def _fitting(where, given, known):
    """A section whose values are of the right kinds; a whole number may be written as 1e5."""
    _of_kind(where, given, {})
    if unknown := given.keys() - known:
        raise ValueError(
            f"got {where}.{', '.join(sorted(unknown))}; expected one of {', '.join(sorted(known))}"
        )
    return {name: _of_kind(f"{where}.{name}", value, known[name]) for name, value in given.items()}


def _of_kind(field, value, like):
    """The value, of the kind of another one: a section, true or false, a word, a number or list."""
    if isinstance(like, dict | bool | str):
        if type(value) is not type(like):
            kinds = {dict: f"fields of it, such as {field}.name", bool: "true or false"}
            expected = kinds.get(type(like), "a word")
            raise ValueError(f"got {field} = {short(value)}; expected {expected}")
    elif isinstance(like, int):
        exact = isinstance(value, float) and value.is_integer()
        return whole(field, int(value) if exact else value)
    elif isinstance(like, tuple):
        if not isinstance(value, list | tuple):
            raise ValueError(f"got {field} = {short(value)}; expected a list of numbers")
        for number in value:
            real(field, number)
    elif value is not None:
        real(field, value)
    return value
