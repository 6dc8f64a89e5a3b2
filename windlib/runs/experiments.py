"""Trained runs of the catalogue's experiments: trained, kept, found, and checked.

A run is one network trained from one seed by one recipe. Every run of the catalogue is
committed; `train` reads it, or trains it live when the recipe is not in the archive.
"""

import json
import os
import shlex
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib import arguments, datasets
from windlib.arguments import ArgumentError, choice, flag, instance, reals, short, whole
from windlib.errors import WindlibError
from windlib.runs import archive, checks, remembered
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.recipes import MOST_SEEDS, Experiment
from windlib.winding import CurveShapeError

_PathLike = str | os.PathLike
_LARGEST = 2**53  # up to here a float can be every integer
_A_RECIPE = "an Experiment, as CATALOGUE[name] is"


class UnknownExperimentError(WindlibError, KeyError):
    """No experiment of the catalogue has this name."""

    def __str__(self):  # without the quotes that KeyError puts around
        return self.args[0]


@dataclass(frozen=True)
class Run:
    """One trained network.

    Attributes
    ----------
    experiment : Experiment
        The recipe.
    seed : int
        What the initial weights and the shuffling began from.
    network : keras.Model
        With the weights at the end of the training.
    history : dict of ndarray
        "loss" and "val_loss", one value an epoch.
    versions : dict
        Of the libraries that trained it.
    """

    experiment: Experiment
    seed: int
    network: Any
    history: dict
    versions: dict

    def outputs(self, curve: ArrayLike) -> np.ndarray:
        """The network's outputs for curves, shape (n, L + 1): w̃, or a probability a class."""
        from windlib import evaluation

        return evaluation.outputs(self.network, self._inputs(curve))

    def _inputs(self, curve):
        points = self.experiment.data.links + 1
        x = datasets.network_input(curve, self.experiment.data.inputs)
        if x.shape[1] != points or len(x) == 0:
            raise CurveShapeError(
                f"got curves of shape {x.shape[:2]}; expected (n, {points}) with n >= 1, as the "
                "network was trained on"
            )
        return x

    def outputs_on(self, test: datasets.LabelledCurves) -> np.ndarray:
        """The network's outputs for a test set, read-only.

        They are computed once for each test set and network, whichever run it is read into, while
        `windlib.runs.remembered` keeps them; anew each time if the set's curves can be changed.

        Parameters
        ----------
        test : LabelledCurves
            Curves with as many links as the run's own data; `windlib.datasets.read_only` locks
            them.

        Returns
        -------
        float32 ndarray, shape (n,) or (n, classes)
        """
        instance("test", test, datasets.LabelledCurves, "LabelledCurves, as draw gives")
        recipe, network = self.experiment, self.network
        weights = b"".join(np.ascontiguousarray(w).tobytes() for w in network.get_weights())
        made = archive.to_json([recipe.network, recipe.network_options, recipe.data.inputs])
        return remembered.of(test, (made, weights), lambda: self._outputs_on(test))

    def _outputs_on(self, test):
        from windlib import evaluation

        data = self.experiment.data
        read = data.inputs, data.links
        x = remembered.of(test, read, lambda: self._inputs(test.curve))
        return evaluation.outputs(self.network, x)

    def predict(self, curve: ArrayLike) -> np.ndarray:
        """Winding numbers that the network gives to curves, shape (n, L + 1)."""
        return self.nearest(self.outputs(curve))

    def nearest(self, outputs: ArrayLike) -> np.ndarray:
        """Winding number that stands for each output: the nearest integer or likeliest class.

        Raises
        ------
        ArgumentError
            An output is not finite, or too large to be an integer, or they are not those of
            such a network.
        """
        (outputs,) = reals(outputs=outputs)
        classes = self.experiment.training.get("classes") or ()
        expected = ("n", len(classes)) if classes else ("n",)
        if outputs.ndim != len(expected) or (classes and outputs.shape[1] != len(classes)):
            raise ArgumentError(
                f"got outputs of shape {outputs.shape}; expected ({', '.join(map(str, expected))})"
            )
        if classes:
            return np.take(classes, outputs.argmax(axis=1))
        if (np.abs(outputs) > _LARGEST).any():
            raise ArgumentError(
                f"got outputs up to {np.abs(outputs).max():g}; nothing winds so often: the curves "
                "are far from those that the network was trained on"
            )
        return np.rint(outputs).astype(int)


@lru_cache(maxsize=4)
def _drawn(data):
    data = datasets.DataRecipe(**json.loads(data))
    drawn = datasets.draw(data)
    x = datasets.network_input(drawn.curve, data.inputs)
    return datasets.read_only((x, drawn.winding))


def training_data(data: datasets.DataRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Network inputs and winding numbers of a data recipe, read-only; the last are remembered."""
    instance("data", data, datasets.DataRecipe, "a DataRecipe")
    return _drawn(archive.to_json(asdict(data)))


def fit_run(
    experiment: Experiment, seed: int, stop_after: int | None = None, nudge: int | None = None
) -> Run:
    """Train; with a nudge, on inputs that differ in their last bits, as rounding would."""
    instance("experiment", experiment, Experiment, _A_RECIPE)
    from windlib import training

    x, y = training_data(experiment.data)
    if nudge is not None:
        bits = 8 * np.finfo(np.float32).eps  # what a sum over a mini-batch's links loses
        signs = np.random.default_rng(nudge).choice([-1, 1], x.shape)
        signs[:, -1] = signs[:, 0]  # a closed curve stays one
        x = x * (1 + bits * signs).astype("f4")
    network = experiment.build(seed)
    history = training.fit(
        network,
        x,
        y,
        validation=training_data(experiment.validation),
        seed=seed,
        stop_after=stop_after,
        **experiment.training,
    ).history
    versions = {name: version(name) for name in ("numpy", "tensorflow", "keras")}
    history = {name: np.array(history[name]) for name in ("loss", "val_loss")}
    return Run(experiment, seed, network, history, versions)


def contents(run: Run) -> tuple[dict[str, np.ndarray], dict]:
    """What is kept of a run: arrays and description."""
    instance("run", run, Run, "a run, as train gives")
    arrays = {f"weight/{v.path}": v.numpy() for v in run.network.weights}
    arrays |= {f"history/{name}": values for name, values in run.history.items()}
    checks.refuse_non_finite(arrays, f"{run.experiment.name} seed {run.seed}")
    return arrays, {"recipe": run.experiment.recipe(run.seed), "versions": run.versions}


def save(run: Run, folder: _PathLike) -> None:
    """Write a run into a folder.

    Raises
    ------
    ArchiveError
        A weight or a loss of it is not finite, or it is not the whole training of its recipe.
    OSError
        It cannot be written.
    """
    kept = contents(run)
    checks.refuse_others("the run", *kept, run.experiment, run.seed)
    archive.write(arguments.path("folder", folder) / run.experiment.filename(run.seed), *kept)


def load(path: _PathLike, experiment: Experiment, seed: int) -> Run:
    """Read a run that `find` found.

    Raises
    ------
    ArchiveError
        The file is damaged or changed by hand, or holds another recipe or network.
    """
    arrays, description = read_run(path, experiment, seed)
    network = experiment.build()
    network.set_weights([arrays[f"weight/{v.path}"] for v in network.weights])
    history = {k.removeprefix("history/"): v for k, v in arrays.items() if k.startswith("history/")}
    return Run(experiment, seed, network, history, description["versions"])


def read_run(
    path: _PathLike, experiment: Experiment, seed: int
) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays and the description of a run, checked as `load` checks them; no network is built.

    Raises
    ------
    ArchiveError
        The file is damaged or changed by hand, or holds another recipe or network.
    """
    instance("experiment", experiment, Experiment, _A_RECIPE)
    arrays, description = archive.read(path)
    checks.refuse_others(path, arrays, description, experiment, seed)
    checks.refuse_non_finite(arrays, path)
    return arrays, description


def destination(folder: _PathLike | None) -> Path:
    """Where new runs go: a folder, or the user's cache."""
    if folder is None:
        return archive.cache_folder() / "trained"
    return arguments.path("folder", folder)


def find(experiment: str | Experiment, seed: int, folder: _PathLike | None = None) -> Path | None:
    """Path of an archived run, or None: in a folder, or among the book's or the user's own."""
    experiment = named(experiment)
    places = [archive.COMMITTED, destination(None)] if folder is None else [destination(folder)]
    paths = [place / experiment.filename(seed) for place in places]
    return next((path for path in paths if os.path.exists(path)), None)


def archived(experiment: str | Experiment, folder: _PathLike | None = None) -> list[Run]:
    """All runs of an experiment, read from the archive.

    Raises
    ------
    ArchiveError
        One is missing, damaged or changed by hand.
    UnknownExperimentError
        The catalogue has no experiment of this name.
    """
    experiment = named(experiment)
    paths = [find(experiment, seed, folder) for seed in experiment.seeds]
    if None in paths:
        where = "" if folder is None else f" --archive {shlex.quote(str(folder))}"
        raise archive.ArchiveError(
            f"{paths.count(None)} of {len(paths)} runs of {experiment.name} are not in the "
            f"archive{'' if folder is None else f' {folder}'}; 'windlib reproduce "
            f"{experiment.name}{where}' trains them"
        )
    return [load(p, experiment, s) for p, s in zip(paths, experiment.seeds, strict=True) if p]


def named(experiment: str | Experiment) -> Experiment:
    if isinstance(experiment, Experiment):
        return experiment
    if not isinstance(experiment, str) or experiment not in CATALOGUE:
        raise UnknownExperimentError(
            f"no experiment {short(experiment)}; the catalogue has {', '.join(CATALOGUE)}"
        )
    return CATALOGUE[experiment]


def all_named(names: str | Experiment | Iterable[str | Experiment]) -> list[Experiment]:
    """Experiments of one name or recipe, or of several, or all."""
    several = names if np.iterable(names) and not isinstance(names, str) else [names]
    return [named(name) for name in list(several) or CATALOGUE]


def train(
    experiment: str | Experiment,
    seeds: int | Iterable[int] | None = None,
    *,
    retrain: bool = False,
    folder: _PathLike | None = None,
) -> list[Run]:
    """Trained runs of an experiment: from the archive, or trained live where it has none.

    Parameters
    ----------
    experiment : str or Experiment
        A name from `CATALOGUE`, or a recipe; ``dataclasses.replace`` changes one.
    seeds : int or sequence of int, optional
        Which seeds; all of the experiment's by default.
    retrain : bool
        Train again, whatever the archive holds.
    folder : path, optional
        Archive to use instead of the user's cache and the committed runs.

    Returns
    -------
    list of Run

    Warns
    -----
    UserWarning
        A damaged run was set aside, and is trained anew; or the user's cache cannot be written,
        so that what is trained will be lost with this process.

    Raises
    ------
    ArchiveError
        A committed run is damaged, or `folder` cannot be written.
    DivergedError
        The loss of a run that is trained live is no longer finite.
    UnknownExperimentError
        The catalogue has no experiment of this name.
    ArgumentError
        A seed is no whole number from 0 on, there are over 100,000 of them, or `retrain` is no
        truth value.

    Examples
    --------
    >>> run = train("aiii-cnn", 0)[0]
    >>> len(run.history["loss"])
    100
    """
    experiment = named(experiment)
    wanted: Any = experiment.seeds if seeds is None else seeds
    try:
        seeds = list(islice(wanted, MOST_SEEDS + 1))
    except TypeError:
        seeds = [wanted]
    if len(seeds) > MOST_SEEDS:
        raise ArgumentError(f"got too many seeds; expected at most {MOST_SEEDS:,}")
    seeds = [whole("seed", seed) for seed in seeds]
    retrain = flag("retrain", retrain)
    return [_train_one(experiment, seed, retrain, folder) for seed in seeds]


def _train_one(experiment, seed, retrain, folder):
    path = None if retrain else find(experiment, seed, folder)
    if path is not None:
        try:
            return load(path, experiment, seed)
        except archive.ArchiveError as error:
            set_run_aside(path, error)
        except FileNotFoundError:  # another process has set it aside
            pass
    keeps = True
    try:
        archive.check_writable(destination(folder))
    except archive.UnwritableError as error:  # before the training, which may take long
        if folder is not None:
            raise
        warnings.warn(f"what is trained now is lost with this process: {error}", stacklevel=3)
        keeps = False
    run = fit_run(experiment, seed)
    if keeps:
        try:
            save(run, destination(folder))
        except OSError as error:
            warnings.warn(f"{experiment.name} seed {seed} is not kept: {error}", stacklevel=3)
    return run


def set_run_aside(path: Path, error: Exception) -> None:
    """Take a damaged run out of the archive, unless it came with windlib."""
    if path.parent.resolve() == archive.COMMITTED.resolve():
        raise archive.ArchiveError(
            f"{error}. It came with windlib: install it again, or 'git checkout' the file"
        ) from error
    archive.set_aside(path, f"{error}")


def chosen(runs: Iterable[Run], foretold: str | None = None, within: float = 0.5) -> Run:
    """The run to set beside a paper's one network: the lowest validation loss at the end.

    Only losses and weights count; no test set has a say. Runs whose last validation loss is not
    finite are left out, with a warning.

    Parameters
    ----------
    runs : sequence of Run
        Those to choose from, as `train` gives them.
    foretold : {"good", "one-sided", "dead"}, optional
        Choose among the runs whose weights foretell this (`windlib.blackbox.predicted_fate`).
    within : float
        How near to a winding number its foretold output must be.

    Returns
    -------
    Run

    Raises
    ------
    ArgumentError
        There is no run, none with a finite loss, or none of which this is foretold.
    ArchitectureError
        With `foretold`: a network is not one whose fate can be foretold.
    """
    runs = list(instance("runs", runs, list | tuple | Iterator, "runs, as train gives"))
    for run in runs:
        if not hasattr(run, "history"):
            instance("run", run, Run, "a run, as train gives")
    lost = {id(run): run.seed for run in runs if not np.isfinite(run.history["val_loss"][-1])}
    finite = [run for run in runs if id(run) not in lost]
    if not finite:
        raise ArgumentError(
            f"got {len(runs)} runs, none of them with a finite validation loss; expected at least "
            "one to choose from"
        )
    if lost:
        seeds = sorted(set(lost.values()))
        warnings.warn(f"not chosen, for their losses are not finite: seeds {seeds}", stacklevel=2)
    return min(_among(finite, foretold, within), key=lambda run: run.history["val_loss"][-1])


def _among(runs, foretold, within):
    if foretold is None:
        return runs
    from windlib import blackbox

    choice("foretold", foretold, ("good", "one-sided", "dead"))
    fates = [blackbox.predicted_fate(run.network, within) for run in runs]
    if foretold not in fates:
        raise ArgumentError(
            f"got {len(runs)} runs, none of them foretold to be {foretold}: their weights say "
            f"{', '.join(sorted(set(fates)))}; expected at least one to choose from"
        )
    return [run for run, fate in zip(runs, fates, strict=True) if fate == foretold]
