"""A Hamiltonian H(k) in one form, whatever was given: samples, a function, hoppings, a model."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import ArgumentError, complexes, reals, short, whole
from windlib.bloch import models
from windlib.bloch.errors import HamiltonianError, PeriodicityError

LINKS = 64  # of the first grid, on which H is looked at
MOST = 1e100  # of any number: products of two must not overflow
_LARGE = 64  # bands above which H is looked at on a coarse grid
_MOST_REACH = 1000  # cells


@dataclass(frozen=True)
class Chain:
    """H at any of `grid`'s s = 2πk / period, or at any s at all if `refinable`.

    `reach` and `matrices` are hoppings, where known: H(s) is the sum over r of
    matrices[r] · exp(i reach[r] s).
    """

    at: Callable[..., np.ndarray]
    grid: np.ndarray
    refinable: bool = True
    reach: np.ndarray | None = None
    matrices: np.ndarray | None = None

    def looked_at(self, tolerance: float, period: float, advice: Callable[[], str]) -> np.ndarray:
        """H on the grid.

        Raises
        ------
        PeriodicityError
            The last H differs from the first by more than `tolerance` times H's largest element.
        """
        h = self.at(self.grid)
        size, apart = np.abs(h).max(), np.abs(h[-1] - h[0]).max()
        if apart <= tolerance * size:
            return h
        advice = advice()
        if not self.refinable:
            advice = f"the last sample must be one period after the first; {advice}"
        else:
            start, after = self.at(np.array([0, 2 * np.pi / period]))
            if np.abs(after - start).max() <= tolerance * size:
                advice = f"it returns after 1, so give period=1; {advice}"
        raise PeriodicityError(
            f"H(k + {period:.6g}) differs from H(k) by {apart:.3g} (its largest element is "
            f"{size:.3g}); expected the same; {advice}"
        )


def read(
    hamiltonian: Any, period: float = 2 * np.pi, positions: ArrayLike | None = None
) -> tuple[Chain, Callable[[], str]]:
    """A `Chain` from what `diagnose` is given, and a function that says how to make it periodic."""
    if isinstance(hamiltonian, str | os.PathLike):
        raise HamiltonianError(
            f"got the path {short(os.fspath(hamiltonian))}; give from_wannier90(path) if it is "
            "Wannier90's file of hoppings, or np.load(path) if it is a file of samples"
        )
    model = models.read(hamiltonian)
    given = hamiltonian if model is None else model
    if isinstance(given, dict) or model is not None:
        if positions is not None or period != 2 * np.pi:
            what = "hoppings" if model is None else "a model"
            raise ArgumentError(
                f"got {what} together with positions= or a period=; expected neither: e^(ikR) has "
                "the period 2 pi and no positions in its phases"
            )
        if isinstance(given, dict):
            return from_hoppings(*hoppings(given)), str
    grid = np.linspace(0, 2 * np.pi, LINKS + 1)
    if callable(given):
        at, refinable = partial(_called, given, period / (2 * np.pi)), True
    else:
        at, refinable = _sampled(given), False
        grid = np.linspace(0, 2 * np.pi, len(at(None)))
    if positions is not None:
        at = _in_periodic_gauge(at, positions, at(grid).shape[1])
    return Chain(at, grid, refinable), partial(models.advice, given)


def hoppings(given: dict[int, ArrayLike]) -> tuple[np.ndarray, np.ndarray]:
    """Reach R and matrices, shapes (r,) and (r, m, m), of a dict {R: matrix}."""
    for r in given:
        if isinstance(r, tuple):
            raise HamiltonianError(
                f"got hoppings at R = {short(r)}; expected a whole number of cells along the "
                "chain, as {0: matrix, 1: matrix, -1: matrix}"
            )
    reach = [whole("R", r, least=-_MOST_REACH, most=_MOST_REACH) for r in given]
    if not reach:
        raise HamiltonianError("got no hoppings; expected a dict {R: matrix}")
    matrices = [
        complexes(MOST, **{f"T_{r}": t})[0] for r, t in zip(reach, given.values(), strict=True)
    ]
    if len({t.shape for t in matrices}) > 1:  # or NumPy would stretch a small one
        raise HamiltonianError(
            f"got hoppings of shapes {', '.join(str(t.shape) for t in matrices)}; expected only one"
        )
    matrices = np.stack(matrices)
    _refuse_other_shapes(matrices)
    return np.array(reach), matrices


def from_hoppings(reach: np.ndarray, matrices: np.ndarray) -> Chain:
    def at(s):
        return np.tensordot(np.exp(1j * np.multiply.outer(s, reach)), matrices, axes=1)

    links = LINKS if matrices.shape[1] <= _LARGE else LINKS // 8
    if (
        farthest := np.abs(reach).max()
    ) >= links // 2:  # or e^{ikR} would look like lower harmonics
        links = 2 * farthest + 1
    return Chain(at, np.linspace(0, 2 * np.pi, links + 1), True, reach, matrices)


def _sampled(given):
    (samples,) = complexes(MOST, hamiltonian=given)
    _refuse_other_shapes(samples)
    if len(samples) < 4:
        raise HamiltonianError(
            f"got {len(samples)} samples of H(k); expected at least 4, the last one period after "
            "the first"
        )
    return lambda _: samples


def _in_periodic_gauge(at, positions, bands):
    (tau,) = reals(1e6, positions=positions)
    if tau.shape != (bands,):
        raise ArgumentError(f"got positions of shape {tau.shape}; expected ({bands},)")

    def periodic(s):
        phase = np.exp(1j * np.multiply.outer(s, tau))
        return phase[:, :, None] * at(s) * phase[:, None, :].conj()

    return periodic


def _called(hamiltonian, unit, s):
    """H at k = s · unit: of all at once where the function takes arrays, else one by one."""
    k = np.asarray(s) * unit
    try:
        h = hamiltonian(k)
        vectorized = np.ndim(h) == 3 and len(h) == len(k)
    except Exception:  # written for one momentum
        vectorized = False
    if not vectorized:
        h = [hamiltonian(float(one)) for one in k]
    try:
        (h,) = complexes(MOST, hamiltonian=h)
    except ArgumentError as error:
        if (at := _first_not_finite(h, k)) is None:
            raise
        raise ArgumentError(
            f"got an H(k) that is not finite at k = {at:.6g}; expected finite numbers"
        ) from error
    _refuse_other_shapes(h)
    return h


def _first_not_finite(h, k):
    with contextlib.suppress(TypeError, ValueError):  # some are no numbers at all
        h = map(np.ma.getdata, h)
        return next((at for at, one in zip(k, h, strict=True) if not np.isfinite(one).all()), None)


def _refuse_other_shapes(h):
    if h.ndim != 3 or h.shape[1] != h.shape[2] or 0 in h.shape:
        raise HamiltonianError(
            f"got matrices of shape {h.shape}; expected (momenta, m, m): one square matrix for each"
        )
