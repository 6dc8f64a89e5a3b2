"""Checking archived runs: whether this code still gives what they say."""

import os
from collections.abc import Callable, Iterable
from contextlib import closing

import numpy as np

from windlib import arguments
from windlib.arguments import choice, instance
from windlib.runs import archive, experiments, workers
from windlib.runs.recipes import Experiment
from windlib.runs.reproduce import LOST, one_core

# Relative differences that another processor's rounding may cause. With the vector units
# of this one switched off, the first epoch's losses moved by 4e-5 and 3e-3.
_TOLERANCE = {"last val_loss": 1e-4, "first loss": 1e-3, "first val_loss": 1e-2}
# A loss below this is a rounding error itself: of a square, or of a probability near 1 in float32.
_ROUNDING = {"mse": 1e-9, "cross-entropy": 6e-8}


def verify(
    names: str | Experiment | Iterable[str | Experiment] = (),
    *,
    retrain: str = "recipes",
    jobs: int = -1,
    folder: str | os.PathLike | None = None,
    report: Callable[[str], object] = print,
) -> list[str]:
    """Check the archived runs; returns the list of what is wrong.

    Every file must be whole and unchanged, and hold the catalogue's recipe; no run may be
    missing or left over. The weights must give the last validation loss. Then the first
    epoch of one run of every recipe is trained again and must give the archived losses of
    that epoch: to 0.1 % in training, to 1 % in validation, or to what a change of the inputs'
    last bits does, where that is more: then the archived loss must lie no further outside
    what up to nine such changes give than these lie from each other.

    Parameters
    ----------
    names : str, Experiment, or sequence of these
        Experiments; all by default.
    retrain : {"few", "recipes", "runs"}
        Whose first epoch is trained again: that of one recipe for each system and kind of
        network, of one run of every recipe, or of every run. With "few", losses are those of one
        run of every recipe alone; the scorecard evaluates most of the others.
    jobs : int
        Processes; −1 for one per core.
    folder : path, optional
        Archive to check instead of the committed runs.
    report : callable
        Takes one line for each experiment.

    Returns
    -------
    list of str
    """
    place = archive.COMMITTED if folder is None else arguments.path("folder", folder)
    instance("report", report, Callable, "a function, as print")
    wanted = experiments.all_named(names)
    wrong = []
    if np.asarray(names, dtype=object).size == 0:
        expected = {e.filename(s) for e in wanted for s in e.seeds}
        extra = {p.name for p in place.glob("*.safetensors")} - expected
        wrong += [f"{name} belongs to no experiment of the catalogue" for name in sorted(extra)]
    kinds = {(e.data.hamiltonian, e.network): e for e in reversed(wanted)}
    seeds = {
        "few": lambda e: e.seeds[:1] if e in kinds.values() else (),
        "recipes": lambda e: e.seeds[:1],
        "runs": lambda e: e.seeds,
    }[choice("retrain", retrain, ("few", "recipes", "runs"))]
    evaluated = (lambda e: e.seeds[:1]) if retrain == "few" else (lambda e: e.seeds)
    tasks = ((e, place, evaluated(e), seeds(e)) for e in wanted)
    with closing(workers.completed(_check, tasks, jobs=jobs, lost=_unchecked)) as results:
        for experiment, found in results:
            wrong += found
            report(f"{experiment.name}: {'FAILED' if found else 'ok'}")
    return wrong


def _unchecked(experiment, *_):
    return experiment, [f"{experiment.name}: {LOST}"]


def _check(experiment, place, evaluated, again):
    with one_core():
        return experiment, [
            complaint
            for seed in experiment.seeds
            for complaint in _file_complaints(experiment, seed, place)
            or (_complaints(experiment, seed, place, seed in again) if seed in evaluated else ())
        ]


def _file_complaints(experiment, seed, place):
    path = place / experiment.filename(seed)
    if not path.exists():
        return [f"{path.name} is missing"]
    try:
        experiments.read_run(path, experiment, seed)
    except archive.ArchiveError as error:
        return [str(error)]
    return []


def _complaints(experiment, seed, place, retrain):
    path = place / experiment.filename(seed)
    try:
        run = experiments.load(path, experiment, seed)
    except archive.ArchiveError as error:
        return [str(error)]
    from windlib import evaluation

    val_loss = evaluation.loss(
        run.network,
        *experiments.training_data(experiment.validation),
        experiment.training.get("classes", ()),
    )
    found = {"last val_loss": (run.history["val_loss"][-1], val_loss)}
    if retrain:
        again = experiments.fit_run(experiment, seed, stop_after=1).history
        found |= {f"first {name}": (run.history[name][0], again[name][0]) for name in again}
    rounding = _ROUNDING["cross-entropy" if experiment.training.get("classes") else "mse"]
    apart = {
        name: pair
        for name, pair in found.items()
        if not abs(pair[1] - pair[0]) <= _TOLERANCE[name] * abs(pair[0]) + rounding
    }
    if apart and "last val_loss" not in apart:
        apart = _beyond_rounding(experiment, seed, apart)
    return [
        f"{path.name}: the archived {name} is {old:.6g}, this code gives {new:.6g}"
        for name, (old, new) in apart.items()
    ]


def _beyond_rounding(experiment, seed, apart):
    """Those losses of the first epoch that differ by more than rounding can make them.

    Some trainings amplify a last bit to percents within an epoch. How much is measured: on
    inputs that differ in their last bits, up to nine times, so that every step is rounded
    anew. What lies further from all outcomes than these from each other has another cause.
    """
    outcomes = {name: [new] for name, (_, new) in apart.items()}
    for nudge in range(9):
        again = experiments.fit_run(experiment, seed, stop_after=1, nudge=nudge).history
        left = {}
        for name, (old, new) in apart.items():
            values = outcomes[name]
            values.append(again[name.removeprefix("first ")][0])
            if not abs(old - np.clip(old, min(values), max(values))) <= np.ptp(values):
                left[name] = old, new
        if not left:
            break
    return left
