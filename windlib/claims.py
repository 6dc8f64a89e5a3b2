"""What a claim of a paper is, and how it is judged."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def near(ours, paper):
    """Whether every accuracy is near the paper's: to 1 point from 90 % on, to 5 points below.

    Examples
    --------
    >>> near([98.9, 50.0], [99.6, 53.0]), near([98.5], [99.6])
    (True, False)
    """
    ours, paper = np.asarray(ours, float), np.asarray(paper, float)
    return bool((np.abs(ours - paper) <= np.where(paper >= 90, 1, 5) + 1e-9).all())


@dataclass(frozen=True)
class Claim:
    """One claim of a paper and how it is judged.

    Parameters
    ----------
    id : str
    what : str
    paper : tuple or str
        The published numbers, or words.
    measure : callable
        Takes a run and returns the numbers to set beside the paper's; without
        `experiments`, takes nothing.
    experiments : tuple of str
        Whose runs are measured; several give their numbers side by side.
    holds : callable
        Takes the numbers of one seed and tells whether the claim holds for it; by default,
        whether they are `near` the paper's.
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
