"""The chiral operator: Γ = Γ† = Γ⁻¹ with ΓH(k) + H(k)Γ = 0 at all k, also in a hidden basis."""

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import ArgumentError, complexes
from windlib.bloch.chain import MOST
from windlib.bloch.errors import ChiralOperatorError, HamiltonianError, UnequalSublatticesError

SEARCHED = 16  # most bands for which a hidden chiral operator is searched
_ENOUGH = 128  # matrices that a search looks at; the operator is then tried on all


def dagger(matrices: np.ndarray) -> np.ndarray:
    return np.conj(np.swapaxes(matrices, -1, -2))


def chiral_operator(
    h: np.ndarray, given: ArrayLike | None, tolerance: float, spanning: np.ndarray | None = None
) -> tuple[np.ndarray | None, float]:
    """Γ = Γ† = Γ⁻¹ with ΓH(k) + H(k)Γ = 0 for the sampled k, or None; and the residual.

    What anticommutes with the few matrices `spanning` does so with all H(k), their sums.
    """
    bands, size = h.shape[1], np.abs(h).max()
    if size == 0:
        raise HamiltonianError("H(k) is 0 at every k; no chain has no energy at all")
    if given is not None:
        (gamma,) = complexes(MOST, chiral=given)
        gamma = np.diag(gamma) if gamma.ndim == 1 else gamma
        if gamma.shape != (bands, bands):
            raise ArgumentError(
                f"got a chiral operator of shape {np.shape(given)}; expected ({bands}, {bands}), "
                "or its diagonal"
            )
    else:
        search = _two_colours if bands > SEARCHED else _null_operator
        gamma = search(_some(h) if spanning is None else spanning, tolerance)
        if gamma is None:
            return None, float("nan")
    square = np.abs(gamma @ gamma - np.eye(bands)).max()
    residual = float(np.abs(gamma @ h + h @ gamma).max() / size)
    if max(square, np.abs(gamma - dagger(gamma)).max(), residual) > tolerance:
        if given is None:
            return None, residual
        raise ChiralOperatorError(
            f"got a chiral operator whose square differs from 1 by {square:.3g} and that leaves "
            f"{residual:.3g} of H(k); expected a Hermitian one with square 1 that anticommutes "
            "with H(k) at every k"
        )
    return gamma if given is not None else _with_sign(gamma, tolerance), residual


def _with_sign(gamma, tolerance):
    """Γ or −Γ: +1 where the first orbital is, or else in the first element that is not 0."""
    values = np.concatenate([gamma.diagonal(), gamma.ravel()])
    first = values[np.argmax(np.abs(values) > tolerance)]
    return gamma * np.sign(first.real if abs(first.real) > tolerance / 2 else first.imag)


def _some(h):
    """Enough of many samples, at uneven distances, which tell far hoppings from near ones."""
    golden = (np.sqrt(5) - 1) / 2
    return h if len(h) <= _ENOUGH else h[(np.arange(_ENOUGH) * golden % 1 * len(h)).astype(int)]


def _null_operator(h, tolerance):
    """The one matrix that anticommutes with H(k) and H†(k) at all k, scaled to square 1."""
    bands = h.shape[1]
    one = np.eye(bands)
    h = h / np.abs(h).max()
    rows = [np.kron(m, one) + np.kron(one, m.T) for half in (h, dagger(h)) for m in half]
    _, values, vectors = np.linalg.svd(np.linalg.qr(np.concatenate(rows), mode="r"))
    several = np.count_nonzero(values <= tolerance * values[0])
    if several > 1:
        raise ChiralOperatorError(
            f"{several} independent operators anticommute with H(k), which has a symmetry or falls "
            "apart; each has a winding number of its own: give chiral="
        )
    found = vectors[-1].conj().reshape(bands, bands)
    found = max(found + dagger(found), 1j * (found - dagger(found)), key=np.linalg.norm)
    return found * np.sqrt(bands) / np.linalg.norm(found)


def _two_colours(h, tolerance):
    """Γ = diag(±1) where hoppings lead only from one colour of orbitals to the other."""
    joined = np.abs(h).max(axis=0) > tolerance * np.abs(h).max()
    joined |= joined.T
    colour = np.zeros(len(joined), dtype=int)
    colour[0] = 1
    edge = [0]
    while edge:
        orbital = edge.pop()
        new = joined[orbital] & (colour == 0)
        colour[new] = -colour[orbital]
        edge.extend(np.flatnonzero(new))
    if (colour == 0).any():
        raise ChiralOperatorError(
            f"the {len(colour)} orbitals fall into parts without hoppings between them; each part "
            "has a sign of its own: give chiral="
        )
    return np.diag(colour).astype(complex)


def sublattices(gamma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal bases of Γ = 1 and of Γ = −1, as columns; of orbitals if Γ is diagonal."""
    unit = np.eye(len(gamma))
    one, other = _spanned((unit + gamma) / 2), _spanned((unit - gamma) / 2)
    if one.shape != other.shape:
        raise UnequalSublatticesError(
            f"the sublattices have {one.shape[1]} and {other.shape[1]} orbitals: at every k the "
            f"difference, {abs(one.shape[1] - other.shape[1])}, is the least number of states of "
            "energy 0, and there is no winding number"
        )
    return one, other


def _spanned(projector):
    """A basis by Gram and Schmidt, which is the same for a projector with other last bits."""
    rest, found = projector, []
    for _ in range(round(np.trace(projector).real)):
        size = np.linalg.norm(rest, axis=0)
        first = np.argmax(size > size.max() / 2)
        found.append(rest[:, first] / size[first])
        rest = rest - np.outer(found[-1], found[-1].conj() @ rest)
    return np.reshape(found, (len(found), len(projector))).T
