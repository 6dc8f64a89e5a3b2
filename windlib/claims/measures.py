"""Measures that several chapters share: accuracies by winding number, fates, baselines."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import ArgumentError
from windlib.datasets import LabelledCurves
from windlib.runs.experiments import Run

LEARNED = 60  # percent; below, a run has not learned a winding number
IN_PEAKS = 75  # percent of the outputs, if there is a peak at every integer
CLOSE = 0.25  # to an integer; an output that near to it stands in a narrow peak


def percent(right: Any) -> float:
    """Share, in percent, of what is true."""
    return 100 * float(np.mean(right))


def outputs(run: Run, test: LabelledCurves) -> np.ndarray:
    """Outputs w̃ of a run's network on a test set, read-only, shape (n,).

    Raises
    ------
    ArgumentError
        The network tells classes apart, and has no w̃.
    """
    found = run.outputs_on(test)
    if found.ndim != 1:
        raise ArgumentError(
            f"got a run of {run.experiment.name} with outputs of shape {found.shape}; expected "
            f"({len(found)},): a network with one output, the winding number"
        )
    return found


def accuracies(run: Run, test: LabelledCurves, groups: Iterable[ArrayLike]) -> tuple[float, ...]:
    """Accuracies, in percent, of a run on winding numbers of a test set, or on groups of them."""
    right = np.rint(outputs(run, test)) == test.winding
    return tuple(percent(right[np.isin(test.winding, group)]) for group in groups)


def near_integers(run: Run, test: LabelledCurves, groups: Iterable[ArrayLike]) -> tuple[float, ...]:
    """Shares, in percent, of outputs close to the right integer, on groups of winding numbers."""
    close = np.abs(outputs(run, test) - test.winding) < CLOSE
    return tuple(percent(close[np.isin(test.winding, group)]) for group in groups)


def fate(seen: float, beyond: Sequence[float], both_sides: str = "blind") -> str:
    """What became of a run, by its accuracies in percent.

    Parameters
    ----------
    seen : float
        On the winding numbers of the training data.
    beyond : sequence of float
        On larger ones, as many negative ones first as positive ones then.
    both_sides : str
        What a run is called that fails on both signs.

    Returns
    -------
    str
        "dead", "good", "one-sided", or `both_sides`.
    """
    if seen < LEARNED:
        return "dead"
    fails = [min(side) < LEARNED for side in np.split(np.array(beyond), 2)]
    return both_sides if all(fails) else "one-sided" if any(fails) else "good"


def majority(*windings: np.ndarray) -> tuple[float, ...]:
    """Accuracies, in percent, on some labels of always giving the most frequent answer."""
    return tuple(percent(w == _most_frequent(w)) for w in windings)


def _most_frequent(winding):
    values, counts = np.unique(winding, return_counts=True)
    return values[counts.argmax()]
