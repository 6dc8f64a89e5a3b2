"""Chapter 3, regularization: measures and claims."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from windlib.claims.claim import Claim
from windlib.claims.general_aiii import better_side
from windlib.runs.catalogue import CATALOGUE

PAGE = "notebooks/03_regularization"
LOST, TIMES, GAINED = 10, 2, 0.5  # points, their ratio, points


def l2_names(stem: str, noisy: bool = False) -> list[str]:
    """Experiments of a sweep over the strengths of the L2 penalty, from none to the largest."""
    without = f"{stem}-noisy" if noisy else stem
    return [without, *(name for name in CATALOGUE if name.startswith(f"{without}-l2-"))]


def l2_strengths(names: Iterable[str]) -> list[float]:
    """Strengths λ of the L2 penalty of some experiments."""
    return [CATALOGUE[name].training.get("l2", 0) for name in names]


def _large_windings_first(names, values):
    """Of a sweep: the last strength before (i) has lost `LOST` points, and all losses there."""
    accuracy = np.reshape(values, (-1, 3))
    lost = accuracy[0] - accuracy
    at = (lost[:, 0] < LOST).argmin() - 1
    return (l2_strengths(names)[at], *lost[at])


def _gain(names, values):
    """Of a sweep: the strength with the lowest validation loss, and what each test gains."""
    accuracy, loss = np.split(np.reshape(values, (-1, 4)), [3], axis=1)
    at = loss[:, 0].argmin()
    return (l2_strengths(names)[at], *(accuracy[at] - accuracy[0]))


def _with_loss(run):
    return (*better_side(run), run.history["val_loss"][-1])


#: The claims that the chapter reproduces.
CLAIMS = [
    *(
        Claim(f"P1.fig4.clean{suffix}",
              f"{whose}: strength λ, and points lost there on (i), (iii), (iv)",
              "(iii), (iv) decay rapidly, (i) survives", better_side,
              tuple(l2_names(stem)), lambda v: min(v[2:]) >= max(LOST, TIMES * v[1]),
              why=f"At the last λ before (i) has lost {LOST} points; (iii) and (iv), on the better "
                  f"sign of w, must lose {TIMES} times as much, and {LOST} at least.",
              columns=("λ", "(i)", "(iii)", "(iv)"), figure="fig-l2-clean",
              reduce=partial(_large_windings_first, l2_names(stem)))
        for suffix, whose, stem in [
            ("", "P1's network", "aiii-cnn"),
            (".ours", "ours", "aiii-cnn-ours-short"),
        ]
    ),
    *(
        Claim(f"P1.fig4.noisy{suffix}",
              f"{whose}, 4 % noisy labels: strength λ, and points gained on (i), (iii), (iv)",
              "some L2 helps", _with_loss, tuple(l2_names(stem, noisy=True)),
              lambda v: max(v[1:]) >= GAINED and min(v[1:]) > -GAINED,
              why="At the λ with the lowest validation loss, against none; one test must gain "
                  f"{GAINED:g} points and none lose as much; (iii), (iv) on the better sign of w.",
              columns=("λ", "(i)", "(iii)", "(iv)"), figure="fig-l2-noisy",
              reduce=partial(_gain, l2_names(stem, noisy=True)))
        for suffix, whose, stem in [
            ("", "P1's network", "aiii-cnn"),
            (".ours", "ours", "aiii-cnn-ours-short"),
        ]
    ),
]  # fmt: skip
