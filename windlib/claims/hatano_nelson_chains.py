"""Chapter 4, Hatano–Nelson chains: the test set, measures, and claims."""

from functools import partial

import numpy as np

from windlib.arguments import instance
from windlib.claims import measures
from windlib.claims.claim import (
    Claim,
    at_least,
    equal,
    layer_sizes,
    no_overfitting,
    parameter_count,
)
from windlib.claims.kept_sets import drawn_once
from windlib.datasets import DataRecipe, LabelledCurves, draw, read_only
from windlib.hamiltonians import hatano_nelson
from windlib.runs.experiments import Run
from windlib.runs.seeds import SEEDS
from windlib.winding import winding_number

PAGE = "notebooks/04_hatano_nelson"
WINDINGS = (1, 2, 3, 4, 5)  # |w| of the Hatano–Nelson tests
TABLE_CNN, TABLE_FCNN = (99.8, 99.4, 98.0, 96.7, 96.0), (99.2, 99.0, 98.5, 0.0, 0.0)
_SIGNED = tuple((w, -w) for w in WINDINGS)
_COLUMNS = tuple(f"|w| = {w}" for w in WINDINGS)


@drawn_once(4, hoppings=partial(instance, kinds=str, expected="a word for how they are drawn"))
def hatano_nelson_test(hoppings: str = "complex") -> LabelledCurves:
    """P2's test set of Table I: 4,000 chains for each |w| = 1 … 5.

    Parameters
    ----------
    hoppings : str
        How they are drawn: a word that `windlib.hamiltonians.hatano_nelson.sample` explains.

    Returns
    -------
    LabelledCurves

    Raises
    ------
    ArgumentError
        `hoppings` is none of these words.
    """
    options = {"hopping_lengths": WINDINGS, "hoppings": hoppings}
    seed, shares = SEEDS["hatano_nelson"]["test"], (0.2,) * 5
    return read_only(
        draw(
            DataRecipe(
                "hatano_nelson", 20_000, seed, windings=WINDINGS, shares=shares, options=options
            )
        )
    )


def _test_of(run):
    """The test set with the hoppings that the run was trained on."""
    return hatano_nelson_test(run.experiment.data.options.get("hoppings", "complex"))


def accuracies(run: Run) -> tuple[float, ...]:
    """Accuracies, in percent, for |w| = 1 … 5 (P2, Table I)."""
    return measures.accuracies(run, _test_of(run), _SIGNED)


def accuracies_by_sign(run: Run) -> tuple[float, ...]:
    """Accuracies, in percent, for w = −5, −4, 4 and 5."""
    return measures.accuracies(run, _test_of(run), (-5, -4, 4, 5))


def fate(run: Run) -> str:
    """What became of a run on Hatano–Nelson chains, by its accuracies.

    Returns
    -------
    {"good", "one-sided", "dead", "blind"}
        "dead" below 60 % on |w| ≤ 3; then, of w = −5, −4, 4, 5: "good" with 60 % or more on
        all, "blind" with less on both signs, else "one-sided".
    """
    return measures.fate(float(np.mean(accuracies(run)[:3])), accuracies_by_sign(run))


def overall_accuracy(run: Run) -> tuple[float, ...]:
    """Share, in percent, of all test configurations that are predicted right."""
    return (float(np.mean(accuracies(run))),)


def near_integers(run: Run) -> tuple[float, ...]:
    """Share, in percent, of outputs close to their integer, for |w| = 1 … 5 (P2, Fig. 3b)."""
    return measures.near_integers(run, _test_of(run), _SIGNED)


def example_curves(n: int = 10) -> np.ndarray:
    """Some curves of the test set: two of each |w| (P2, Fig. 3c)."""
    test = hatano_nelson_test()
    first = [np.flatnonzero(np.abs(test.winding) == w)[: n // 5] for w in WINDINGS]
    return test.curve[np.concatenate(first)]


def _circles():
    """Winding numbers of E(k) of Fig. 1(b): hopping to the left and to the right prevails."""
    curves = hatano_nelson.curve([0.5, 1.0], [1.0, 0.5], [1, 1])
    return tuple(winding_number(curves).tolist())


def _halves():
    """Accuracies, in percent, of always giving the same sign's winding number."""
    return (50.0,) * len(WINDINGS)


#: The claims that the chapter reproduces.
CLAIMS = [
    Claim("P2.params.cnn", "weights of the convolutional network", (262,),
          parameter_count("hatano-nelson-cnn"), holds=equal(262), kind="bookkeeping"),
    Claim("P2.params.fcnn", "weights of the fully-connected network", (2213,),
          parameter_count("hatano-nelson-fc"), holds=equal(2213), kind="bookkeeping"),
    Claim("P2.fig1", "winding numbers of the two drawn energies E(k)", (1, -1), _circles,
          holds=equal(1, -1), figure="fig-hn-chain", kind="bookkeeping"),
    Claim("P2.fig2", "kernels, links, neurons and outputs of the drawn network", (32, 32, 2, 1),
          layer_sizes("hatano-nelson-cnn"), holds=equal(32, 32, 2, 1),
          columns=("kernels", "links", "neurons", "outputs"), figure="fig-hn-networks",
          kind="bookkeeping"),
    Claim("P2.table1.cnn", "convolutional network, |w| = 1, …, 5", TABLE_CNN, accuracies,
          ("hatano-nelson-cnn",),
          why="One-sided seeds are right on one sign of w = ±4, ±5 only.",
          columns=_COLUMNS, baseline=_halves, figure="fig-hn-table"),
    Claim("P2.table1.fcnn", "fully-connected network, |w| = 1, …, 5", TABLE_FCNN, accuracies,
          ("hatano-nelson-fc",), columns=_COLUMNS, baseline=_halves, figure="fig-hn-table",
          why="P2 does not say how hoppings are drawn. Chapter 4 tries ten ways, and with some of "
          "them the shortfall vanishes."),
    Claim("P2.table1.fcnn.fixed", "fully-connected network, tₗ = 1 as the unit of energy",
          TABLE_FCNN, accuracies, ("hatano-nelson-fc-fixed",), columns=_COLUMNS,
          baseline=_halves, figure="fig-hn-tried", kind="ours",
          why="The way to draw hoppings that comes nearest to both rows of Table I. Most "
          "seeds differ by a point or two, and some fail at one |w|."),
    Claim("P2.table1.cnn.ours", "ours, as many weights, nothing clips after the kernels",
          TABLE_CNN, accuracies, ("hatano-nelson-cnn-ours",),
          at_least(*TABLE_CNN),
          "Asked for: the paper's row or better, in every column.",
          columns=_COLUMNS, baseline=_halves, figure="fig-hn-table"),
    *(
        claim
        for suffix, whose, name, holds in [
            ("", "P2's network", "hatano-nelson-cnn", None),
            (".ours", "ours", "hatano-nelson-cnn-ours", at_least(float(np.mean(TABLE_CNN)))),
        ]
        for claim in [
            Claim(f"P2.fig3a{suffix}", f"{whose}: test configurations predicted right",
                  (round(float(np.mean(TABLE_CNN)), 2),), overall_accuracy, (name,), holds,
                  "The paper's number is the mean of its Table I"
                  f"{'; as much or more is asked for' if holds else ''}.",
                  baseline=lambda: (50.0,), figure="fig-hn-predicted"),
            Claim(f"P2.fig3b{suffix}", f"{whose}: outputs within 0.25 of their integer",
                  "narrow peaks at integers", near_integers, (name,),
                  at_least(measures.IN_PEAKS), f"{measures.IN_PEAKS} % asked for.",
                  _COLUMNS, figure="fig-hn-peaks"),
        ]
    ),
    no_overfitting("P2.fig7a", "losses of CNN and FCNN", "fig-hn-losses",
            "hatano-nelson-cnn", "hatano-nelson-fc", whose=("CNN, ", "FCNN, ")),
]  # fmt: skip
