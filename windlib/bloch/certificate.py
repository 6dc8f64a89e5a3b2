"""The winding number of a determinant det[l† H(s) r − E], certified where hoppings are known.

Such a determinant is then a polynomial in exp(is) and exp(−is). Its coefficients follow from its
values at a few momenta, and bound the curve's speed: between two points whose distances from the
origin add up to more than the way between them, it cannot go around the origin unseen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from windlib.bloch.chain import LINKS, Chain
from windlib.bloch.symmetry import dagger
from windlib.winding import GaplessError, UnresolvedError, resolved_winding, winding_number

_MOST_LINKS = 1 << 16  # where the refinement of a callable gives up
_AT_ONCE = 1 << 22  # matrix elements


@dataclass(frozen=True)
class Block:
    """l† H r − E: the part of H whose determinant is taken; l and r None for all of it."""

    left: np.ndarray | None = None
    right: np.ndarray | None = None
    energy: complex = 0.0

    def of(self, h: np.ndarray) -> np.ndarray:
        if self.left is None:
            return h - self.energy * np.eye(h.shape[-1])
        return dagger(self.left) @ h @ self.right


@dataclass(frozen=True)
class Counted:
    """A curve that was counted; `sampled` gives it at any number of links, if it is known there."""

    winding: int
    curve: np.ndarray
    certified: bool
    sampled: Callable[[int], np.ndarray] | None


def turns(curve: np.ndarray) -> np.ndarray:
    return np.angle(curve[1:] * curve[:-1].conj())


def count(chain: Chain, block: Block) -> Counted:
    """Count a determinant's turns.

    Raises
    ------
    GaplessError
        The determinant is 0 at a sample, or at every k.
    UnresolvedError
        The curve comes so close to the origin that nothing decides on which side it goes by.
    HalfTurnError
        Of a chain known at its samples only: a link turns by half a circle.
    """
    if chain.reach is not None and chain.matrices is not None:
        powers, coefficients = polynomials(chain.reach, chain.matrices[None], block)
        if not coefficients.any():
            raise GaplessError("the determinant is 0 at every k: a band is flat at this energy")

        def known(links):
            s = np.linspace(0, 2 * np.pi, links + 1)
            curve = _values(powers, coefficients, np.zeros(links + 1, int), s)
            return np.append(curve[:-1], curve[0])

        curve = _finely(known, 2 * len(powers))
        try:
            winding = int(certified(powers, coefficients)[0])
        except UnresolvedError as error:
            nearest = np.abs(curve[:-1]).argmin()
            where = 2 * np.pi * nearest / (len(curve) - 1)
            way = "" if block.left is not None else ", or take another energy="
            raise UnresolvedError(
                f"the gap is closed, or almost, near k = {where:.4g}: the determinant, whose size "
                f"is 1, comes as close to 0 there as {np.abs(curve[nearest]):.3g}, and nothing "
                f"certifies on which side it goes by; leave this point out{way}"
            ) from error
        return Counted(winding, curve, True, known)

    sign, log = np.linalg.slogdet(block.of(chain.at(chain.grid)))
    scale = log.max()
    if scale == -np.inf:
        raise GaplessError("the determinant is 0 at every k: a band is flat at this energy")
    if not chain.refinable:
        curve = sign * np.exp(log - scale)
        curve[-1] = curve[0]
        return Counted(winding_number(curve), curve, False, None)

    def sampled(links):
        sign, log = np.linalg.slogdet(block.of(chain.at(np.linspace(0, 2 * np.pi, links + 1))))
        curve = sign * np.exp(log - scale)
        return np.append(curve[:-1], curve[0])

    curve = _finely(sampled)
    finer = sampled(2 * (len(curve) - 1))
    if np.abs(turns(curve)).max() >= np.pi / 2 or winding_number(finer) != winding_number(curve):
        raise UnresolvedError(
            f"{len(curve) - 1} links do not follow the curve, which comes within "
            f"{np.abs(curve).min():.3g} of the origin, where its size is 1: the gap is closed, or "
            "almost; leave this point out, or give the hoppings {R: matrix}, which can be certified"
        )
    return Counted(winding_number(curve), curve, False, sampled)


def _finely(sampled, links=LINKS):
    """The curve with each link below a quarter turn, or with as many links as are allowed."""
    links = 1 << (max(LINKS, links) - 1).bit_length()  # a power of two, not less
    while np.abs(turns(curve := sampled(links))).max() >= np.pi / 2 and links < _MOST_LINKS:
        links *= 2
    return curve


def polynomials(
    reach: np.ndarray, matrices: np.ndarray, block: Block
) -> tuple[np.ndarray, np.ndarray]:
    """Powers j and coefficients c_j of determinants Σ_j c_j e^{ijs}, from their values.

    Parameters
    ----------
    reach : int ndarray, shape (r,)
        R of each hopping, in cells.
    matrices : ndarray, shape (n, r, m, m)
        Hoppings of n chains.
    block : Block
        The part of H whose determinants are taken.

    Returns
    -------
    powers : ndarray, shape (p,)
        From the lowest to the highest.
    coefficients : ndarray, shape (n, p)
        Scaled so that the largest value is about 1; all 0 where the determinant is.
    """
    lowest, highest = (-_degree(-reach, matrices, block), _degree(reach, matrices, block))
    powers = np.arange(lowest, highest + 1)
    s = 2 * np.pi * np.arange(len(powers)) / len(powers)
    sign, log = [], []
    size = matrices[:, 0].size
    for part in np.array_split(s, min(len(s), -(-len(s) * size // _AT_ONCE))):
        h = np.tensordot(matrices, np.exp(1j * np.multiply.outer(reach, part)), axes=(1, 0))
        found = np.linalg.slogdet(block.of(np.moveaxis(h, -1, 1)))
        sign.append(found[0])
        log.append(found[1])
    sign, log = np.concatenate(sign, axis=1), np.concatenate(log, axis=1)
    scale = log.max(axis=1, keepdims=True)
    values = sign * np.exp(log - np.where(np.isfinite(scale), scale, 0))
    found = np.fft.fft(values * np.exp(-1j * lowest * s), axis=1, norm="forward")
    return powers, found


def _degree(reach, matrices, block):
    """A bound on the highest power of e^{is}: only rows and columns that have one can give it."""
    ahead = reach > 0
    if not ahead.any():
        return 0
    parts = matrices[:, ahead]
    if block.left is not None:
        parts = block.of(parts)
    there = (parts != 0).any(axis=(0, 1))
    return int(reach.max() * min(there.any(axis=0).sum(), there.any(axis=1).sum()))


def certified(
    powers: np.ndarray, coefficients: np.ndarray, links: int = LINKS, mask: bool = False
) -> np.ndarray:
    """Winding numbers of such curves, from a bound on their speed."""
    weight = np.abs(coefficients)
    # Times e^{-i shift s} a curve is slowest, and winds `shift` times less.
    shift = powers[np.argmin(weight @ np.abs(powers - powers[:, None]), axis=1)]
    speed = (np.abs(powers - shift[:, None]) * weight).sum(axis=1)

    def point(index, s):
        return _values(powers, coefficients, index, s, shift[index])

    links = max(links, 2 * len(powers))
    return resolved_winding(point, speed, links=links, mask=mask) + shift


def _values(powers, coefficients, index, s, shift=0):
    """Curves numbered `index` at s, times e^{-i shift s}, by Horner's scheme."""
    z = np.exp(1j * s)
    columns = coefficients.T[:, index] if len(coefficients) > 1 else coefficients.T
    found = np.zeros(len(s), complex)
    for column in columns[::-1]:
        found = found * z + column
    return found * np.exp(1j * (powers[0] - shift) * s)
