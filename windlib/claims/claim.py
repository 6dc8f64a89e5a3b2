"""What a claim of a paper is, how it is judged, and the measures that both papers share."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import ArgumentError, array, choice, short
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.experiments import Run

HIGH_FROM, WITHIN_HIGH, WITHIN_LOW = 90, 1, 5  # percent, and points that count as near
KINDS = ("result", "bookkeeping", "ours")


def agrees(ours: ArrayLike, paper: ArrayLike) -> bool:
    """Whether every accuracy reaches the paper's, or fails as the paper's does.

    Where the paper has 90 % or more, ours may be lower by a point, and higher by any number. An
    accuracy below 90 % is a failure that the paper reports: ours must be within 5 points of it.
    NaN, a number that was not found, is near nothing.

    Raises
    ------
    ArgumentError
        There are not as many numbers as the paper has, or they are none.

    Examples
    --------
    >>> agrees([99.8, 50.0], [98.2, 53.0]), agrees([98.5], [99.6])
    (True, False)
    """
    ours, paper = array("ours", ours, finite=False), array("paper", paper)
    if ours.shape != paper.shape:
        raise ArgumentError(
            f"got numbers of shape {ours.shape}; expected {paper.shape}, as the paper has them"
        )
    high, apart = paper >= HIGH_FROM, ours - paper
    low = np.where(high, -WITHIN_HIGH, -WITHIN_LOW)
    most = np.where(high, np.inf, WITHIN_LOW)
    return bool(((apart >= low - 1e-9) & (apart <= most + 1e-9)).all())


def bound(difference: float) -> float:
    """The least power of ten, from 1e-12 on, that a difference does not exceed.

    A difference below 1e-12 is rounding. It is another one on the next processor, and no result.

    Raises
    ------
    ArgumentError
        The difference is no single number, or negative.

    Examples
    --------
    >>> bound(4.63e-15), bound(2e-7), bound(3.0)
    (1e-12, 1e-06, 10.0)
    """
    number = array("difference", difference, finite=False)
    if number.ndim or number < 0:
        raise ArgumentError(f"got difference={short(difference)}; expected one number, 0 or larger")
    difference = float(number)
    if not math.isfinite(difference):
        return float("nan")  # which no claim holds for
    power = max(-12, math.ceil(math.log10(difference or 1e-300)))
    if float(f"1e{power}") < difference:  # the logarithm was rounded down
        power += 1
    return float(f"1e{power}")


@dataclass(frozen=True)
class Claim:
    """One claim of a paper and how it is judged.

    Parameters
    ----------
    id : str
        The paper, and what of it: a table, a figure or a section, such as ``"P1.table1.cnn"``. It
        ends with ``.ours`` where a recipe of ours is judged.
    what : str
        What is measured, in words, as the scorecard shows it.
    paper : tuple or str
        The published numbers, or words.
    measure : callable
        Takes a run and returns the numbers to set beside the paper's; a claim without
        ``experiments`` has one that takes nothing.
    experiments : tuple of str
        Names of those whose runs are measured; several give their numbers side by side.
    holds : callable
        Takes the numbers of one seed and tells whether the claim holds for it; by default
        `agrees` compares them with the paper's.
    why : str
        What to know about the verdict; needed where it isn't "reproduced".
    columns : tuple of str
        What each number is.
    reduce : callable, optional
        Makes the numbers from what `measure` gave for all experiments, one after the other.
    baseline : callable, optional
        Accuracies of always giving a test's most frequent answer.
    figure : str
        Label of the figure that shows it.
    page : str
        The notebook that the reader finds it in.
    foretold : str, optional
        The chosen run is one whose weights foretell this (see `windlib.runs.experiments.chosen`).
    within : float
        How near to each winding number the foretold outputs of such a run are.
    kind : {"result", "bookkeeping", "ours"}
        "result": what a paper found, by its recipe as printed. "bookkeeping": what follows from
        its definitions, as the number of weights or the size of a set. "ours": judged in another
        setting, or on a recipe of ours; by default where the id ends with ``.ours``.

    Raises
    ------
    ArgumentError
        `kind` is none of its words.
    """

    id: str
    what: str
    paper: tuple | str
    measure: Callable
    experiments: tuple = ()
    holds: Callable | None = None
    why: str = ""
    columns: tuple = ()
    reduce: Callable | None = None
    baseline: Callable | None = None
    figure: str = ""
    page: str = ""
    foretold: str | None = None
    within: float = 0.5
    kind: str = ""

    def __post_init__(self):
        kind = self.kind or ("ours" if self.id.endswith(".ours") else "result")
        object.__setattr__(self, "kind", choice("kind", kind, KINDS))  # the dataclass is frozen

    def accepts(self, values: ArrayLike) -> bool:
        """Whether the numbers of one seed, of this setting or of another, meet the claim."""
        return bool(self.holds(values) if self.holds else agrees(values, self.paper))


def late_losses(run: Run) -> tuple[float, ...]:
    """Mean losses: validation over the last ten epochs and the ten before; training, the last."""
    validation, loss = run.history["val_loss"], run.history["loss"]
    return tuple(float(np.mean(v)) for v in (validation[-10:], validation[-20:-10], loss[-10:]))


def layer_sizes(experiment: str) -> Callable[[], tuple[int, ...]]:
    """Measure of a network's kernels, links, neurons and outputs (P1, Fig. 1; P2, Fig. 2)."""

    def sizes():
        network = CATALOGUE[experiment].build()
        layers = network.layers[1:]
        return (layers[0].kernels, *(layer.output.shape[1] for layer in layers))

    return sizes


def parameter_count(experiment: str) -> Callable[[], tuple[int, ...]]:
    """Measure of the number of trainable parameters of an experiment's network."""
    return lambda: (CATALOGUE[experiment].build().count_params(),)


def equal(*expected: float) -> Callable[[Iterable], bool]:
    """Rule that asks for exactly these numbers."""
    return lambda values: tuple(values) == expected


RISE, GAP, SLACK = 1.05, 1.25, 1e-3  # of the validation loss: over time, over training, and both


def _do_not_rise(values):
    return all(
        now <= RISE * before + SLACK and now <= GAP * training + SLACK
        for now, before, training in np.reshape(values, (-1, 3))
    )


def no_overfitting(
    id: str, what: str, figure: str, *names: str, more: str = "", whose: tuple = ("",)
) -> Claim:
    """Claim of P2's Fig. 7: the validation loss does not rise, and stays near the training loss.

    With several experiments, `whose` says of each what stands before its columns' names.
    """
    why = (
        f"Asked for: the last ten epochs' validation loss not above {RISE:g} of the ten before nor "
        f"{GAP:g} of the training loss, give or take {SLACK:g}."
    ) + more
    columns = tuple(
        f"{of}{when}" for of in whose for when in ("last ten", "ten before", "training")
    )
    paper = "no overfitting"
    return Claim(id, what, paper, late_losses, names, _do_not_rise, why, columns, figure=figure)


def at_least(*numbers: float) -> Callable[[ArrayLike], bool]:
    """Rule that asks for each number or more."""
    return lambda values: bool((np.asarray(values) >= numbers).all())


def listed(numbers: Iterable[float]) -> str:
    """Numbers as a sentence has them.

    Examples
    --------
    >>> listed((99.3, 100.0, 97.0))
    '99.3, 100, 97'
    """
    return ", ".join(f"{number:g}" for number in numbers)
