"""Chapter 6, Aubry–André–Harper rings: the 110 test sets, measures, and claims."""

from functools import partial
from typing import Any

import numpy as np

from windlib.arguments import ArgumentError, array, real, whole
from windlib.claims.claim import Claim, at_least, bound, no_overfitting
from windlib.claims.kept_sets import drawn_once
from windlib.claims.phase_diagrams import BOTH
from windlib.datasets import LabelledCurves, read_only
from windlib.hamiltonians import aah
from windlib.runs.experiments import Run
from windlib.runs.seeds import SEEDS

PAGE = "notebooks/06_nonhermitian_aah"
WORST = 99  # percent
ALPHAS = tuple(np.round(0.15 + 0.2 * np.arange(10), 2).tolist())
PHASES = tuple(np.round(0.2 * np.arange(11), 1).tolist())  # h
RINGS = 3_200  # of each α and h


@drawn_once(1, n=partial(whole, least=1, most=1_000_000))
def aah_rings(n: int = RINGS) -> LabelledCurves:
    """P2's 110 test sets as one: `n` rings for each α = 0.15 … 1.95 and h = 0 … 2 (Fig. 5b).

    Returns
    -------
    LabelledCurves
        Cell by cell: α ascending, h ascending within each.

    Raises
    ------
    ArgumentError
        `n` is no whole number from 1 to 1,000,000.
    """
    drawn = []
    for i, alpha in enumerate(ALPHAS):
        for j, h in enumerate(PHASES):
            rng = np.random.default_rng([SEEDS["aah"]["test"], i, j])
            drawn.append(aah.sample(n, rng, alphas=(alpha,), h=h))
    parameters: dict[str, Any] = {
        name: np.concatenate([one[name] for one in drawn]) for name in drawn[0]
    }
    winding = aah.exact_winding(**parameters)
    return read_only(LabelledCurves(aah.curve(**parameters), winding, parameters))


def aah_cells(n: int = RINGS) -> dict[tuple[float, float], LabelledCurves]:
    """The 110 test sets of `aah_rings`, one by one.

    Returns
    -------
    dict of LabelledCurves
        By (α, h).
    """
    rings, cells = aah_rings(n), [(alpha, h) for alpha in ALPHAS for h in PHASES]
    n = len(rings.winding) // len(cells)
    parts = {cell: slice(i * n, (i + 1) * n) for i, cell in enumerate(cells)}
    return {
        cell: LabelledCurves(
            rings.curve[part],
            rings.winding[part],
            {k: v[part] for k, v in rings.parameters.items()},
        )
        for cell, part in parts.items()
    }


def aah_accuracies(run: Run) -> np.ndarray:
    """Accuracies, in percent, in the 110 cells; shape (α, h) = (10, 11)."""
    rings = aah_rings()
    right = run.nearest(run.outputs_on(rings)) == rings.winding
    return 100 * np.mean(right.reshape(len(ALPHAS), len(PHASES), -1), axis=2)


def aah_majority() -> np.ndarray:
    """Accuracies, in percent, of always giving a cell's most frequent answer; shape (10, 11)."""
    shares = [100 * np.mean(cell.winding) for cell in aah_cells().values()]
    shares = np.reshape(shares, (len(ALPHAS), len(PHASES)))
    return np.maximum(shares, 100 - shares)


def worst_cell(run: Run) -> tuple[float, ...]:
    """Lowest accuracy, in percent, of the 110 cells."""
    return (float(aah_accuracies(run).min()),)


@drawn_once(4, alpha=real, h=real, points=partial(whole, least=2, most=10_000))
def aah_diagram(alpha: float, h: float, points: int = 160) -> LabelledCurves:
    """Phase diagram in (V₁, V₂): a grid over [0, 4] × [0, 2] (P2, Fig. 5c).

    Returns
    -------
    LabelledCurves
        Row by row: V₂ ascending, and V₁ ascending within.

    Raises
    ------
    ArgumentError
        `alpha` or `h` is no finite number, or `points` no whole number from 2 to 10,000.
    """
    V1, V2 = np.meshgrid(np.linspace(0, 4, points), np.linspace(0, 2, points))
    parameters: dict[str, Any] = {"alpha": np.full(V1.size, alpha), "h": np.full(V1.size, h)}
    parameters |= {"V1": V1.ravel(), "V2": V2.ravel()}
    return read_only(
        LabelledCurves(aah.curve(**parameters), aah.exact_winding(**parameters), parameters)
    )


def at_transition(winding: np.ndarray) -> np.ndarray:
    """Whether a point of a square grid has another winding number among its eight neighbours."""
    winding = array("winding", winding)
    if winding.ndim != 2 or winding.size == 0:
        raise ArgumentError(f"got winding numbers of shape {winding.shape}; expected a grid")
    padded = np.pad(winding, 1, mode="edge")
    n, m = winding.shape
    around = [padded[i : i + n, j : j + m] for i in range(3) for j in range(3)]
    return np.any([other != winding for other in around], axis=0)


def misclassified(run: Run) -> tuple[float, ...]:
    """Points of both diagrams misclassified, and those of them away from a transition."""
    wrong = away = 0
    for alpha, h in ((0.55, 1.2), (1.95, 1.6)):
        diagram = aah_diagram(alpha, h)
        side = round(len(diagram.winding) ** 0.5)
        found = run.nearest(run.outputs_on(diagram))
        missed = (found != diagram.winding).reshape(side, side)
        wrong += missed.sum()
        away += (missed & ~at_transition(diagram.winding.reshape(side, side))).sum()
    return float(wrong), float(away)


def _determinant_error():
    """Bound on the relative difference of O(L) determinants from LU factorizations (L = 89)."""
    p = aah.sample(20, np.random.default_rng(SEEDS["aah"]["determinants"]), h=0.7)
    mantissa, scale = aah.determinants(**p, links=8)
    worst = 0.0
    for i in range(20):
        one = {name: values[i] for name, values in p.items()}
        for n in range(8):
            sign, log = np.linalg.slogdet(aah.matrix(**one, flux=2 * np.pi * n / 8))
            worst = max(worst, abs(sign * np.exp(log - scale[i]) - mantissa[i, n]))
    return (bound(worst),)


#: The claims that the chapter reproduces.
CLAIMS = [
    Claim("P2.aah.fig5a", "O(L) determinants against LU factorizations: largest difference",
          "a drawing, no number", _determinant_error, holds=lambda v: v[0] < 1e-10,
          figure="fig-aah-chain", kind="bookkeeping"),
    *(
        claim
        for suffix, whose, part in BOTH
        for claim in [
            Claim(f"P2.aah.fig5b{suffix}", f"{whose}: lowest accuracy of the 110 cells",
                  f"> {WORST}", worst_cell, (f"aah-cnn{part}",), at_least(WORST),
                  f"{WORST} % asked for.", baseline=lambda: (float(aah_majority().min()),),
                  figure="fig-aah-cells"),
            Claim(f"P2.aah.fig5c{suffix}",
                  f"{whose}: points of the two diagrams misclassified; those not at a transition",
                  "all at the transition", misclassified, (f"aah-cnn{part}",), lambda v: v[1] == 0,
                  "Of 51,200; a point at a transition has a neighbour of the other class.",
                  ("misclassified", "not at a transition"), figure="fig-aah-diagrams"),
        ]
    ),
    no_overfitting("P2.aah.fig7c", "losses at h = 0", "fig-aah-losses", "aah-cnn",
                   more=" A flat loss passes, too."),
]  # fmt: skip
