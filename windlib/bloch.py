"""A reader's own Hamiltonian H(k): its closed curve, and how often it winds.

A chiral Hamiltonian, ΓH(k) + H(k)Γ = 0, is off-diagonal where Γ = diag(1, −1):

    H(k) = [[0, q(k)], [q†(k), 0]],    z(k) = det q(k).

Any other one draws the curve z(k) = det[H(k) − E] around a base energy E, which winds only if H
is not Hermitian. A ring in real space is the cell of such a chain, and its flux is k.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from windlib.arguments import ArgumentError, complexes, real, reals, whole
from windlib.winding import (
    GaplessError,
    UnresolvedError,
    WindingError,
    resolved_winding,
    winding_number,
)

_LINKS = 64  # of the first grid, on which H is looked at
_MOST_LINKS = 1 << 16  # where the refinement of a callable gives up
_SEARCHED = 16  # most bands for which a hidden chiral operator is searched
_SAME = 1e-8  # relative difference up to which two matrices count as equal
_MOST = 1e100  # of any number: products of two must not overflow


class HamiltonianError(WindingError):
    """The Hamiltonian is not a family of finite square matrices of one shape."""


class PeriodicityError(WindingError):
    """H(k) does not return to itself after one period, so that det q(k) draws no closed curve."""


class ChiralOperatorError(WindingError):
    """There is no chiral operator, there are several, or the one that was given is none."""


class UnequalSublatticesError(WindingError):
    """The sublattices have unequal numbers of orbitals: zero modes at every k, and no gap."""


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` says of a Hamiltonian.

    Attributes
    ----------
    kind : str
        "chiral": the curve is det q(k), of a Hermitian H. "point gap": it is det[H(k) − E].
    winding : int
        Its winding number, anticlockwise positive as k grows.
    block_windings : tuple of int
        With a chiral operator: the winding numbers of the determinants of the upper right and the
        lower left block. If H is Hermitian they add up to 0, else to that of the point gap at 0.
    certified : bool
        Whether the curve between the samples is known, too: its speed is bounded by the hoppings.
    curve : ndarray
        Shape (L + 1,). The determinant, divided by its largest modulus on the first grid; that of
        q(k) is known up to a constant phase, which the bases of the sublattices leave open.
    chiral_operator : ndarray or None
        Γ, shape (m, m), with the first orbital's sublattice as +1: q leads to it from the other.
    chiral_residual : float
        Largest element of ΓH(k) + H(k)Γ, in units of the largest element of H; NaN without Γ.
    gap : float
        Smallest distance of an energy from E on the grid, in H's units.
    gap_at : float
        The k of that energy.
    largest_link : float
        Largest angle by which a link of `curve` turns, in radians.
    links_needed : int or None
        Fewest links, doubled from 64, with each of them below a quarter turn: those of `curve`.
        None if 65,536, or the samples that were given, are too few.
    notes : tuple of str
        What else there is to know, a sentence each.
    """

    kind: str
    winding: int
    block_windings: tuple
    certified: bool
    curve: np.ndarray = field(repr=False)
    chiral_operator: np.ndarray | None = field(repr=False)
    chiral_residual: float
    gap: float
    gap_at: float
    largest_link: float
    links_needed: int | None
    notes: tuple

    def __str__(self):
        certified = "certified" if self.certified else "not certified: samples only"
        lines = [
            f"winding number {self.winding} ({self.kind}; {certified})",
            f"gap            {self.gap:.6g} at k = {self.gap_at:.6g}",
            f"largest link   {np.degrees(self.largest_link):.1f} degrees, "
            f"of {len(self.curve) - 1} links",
        ]
        if self.chiral_operator is not None:
            lines.append(
                f"chiral         blocks wind {self.block_windings}, residual "
                f"{self.chiral_residual:.1e}"
            )
        return "\n".join([*lines, *(f"note           {note}" for note in self.notes)])


def diagnose(hamiltonian, *, period=2 * np.pi, chiral=None, positions=None, energy=0.0):
    """Winding number of a Bloch Hamiltonian, with what is needed to trust it.

    Parameters
    ----------
    hamiltonian : dict, callable or array_like
        Hoppings {R: matrix}, H(k) = Σ_R T_R e^{ikR} with whole numbers R, every one listed (also
        T_{−R} = T_R†): the matrix T_R leads from the cell at x + R to the cell at x. Or a function
        that takes k, or an array of them, and returns H(k), shape (m, m) or (n, m, m). Or samples
        H(k_0), …, H(k_L), shape (L + 1, m, m), the last one period after the first.
    period : float
        Of k. Hoppings have 2π.
    chiral : array_like, shape (m, m) or (m,), or False, optional
        The chiral operator Γ, or its diagonal of ±1. It is searched if it isn't given. False: the
        point gap, whatever symmetry there is.
    positions : array_like, shape (m,), optional
        Orbital positions τ in units of the cell, if the phases of H contain them,
        H_ij(k) ∝ e^{ik(τ_j − τ_i)}, k in units of 2π a period. In that gauge det q(k) does not
        close, or it closes with a winding number that is off by Σ τ_B − Σ τ_A.
    energy : complex
        Base energy E of the point gap.

    Returns
    -------
    Diagnosis

    Raises
    ------
    HamiltonianError, PeriodicityError, ChiralOperatorError, UnequalSublatticesError
        One for each thing that can be wrong with a Hamiltonian.
    WindingError
        The curve's own errors: the gap is closed, or a link cannot be decided.
    ArgumentError

    Examples
    --------
    The SSH chain with t = 1 inside its cells and t′ = 2 between them:

    >>> inside, between = [[0, 1], [1, 0]], [[0, 2], [0, 0]]
    >>> ssh = {0: inside, 1: between, -1: np.transpose(between)}
    >>> found = diagnose(ssh)
    >>> found.winding, found.certified, round(found.gap, 9)
    (1, True, 1.0)
    """
    period = real("period", period, least=1e-100, most=_MOST)
    (energy,) = complexes(_MOST, energy=energy)
    if energy.ndim:
        raise ArgumentError(f"got energies of shape {energy.shape}; expected one number")
    chain = _read(hamiltonian, period, positions)
    h = chain.at(chain.grid)
    bands, size = h.shape[1], np.abs(h).max()
    apart = np.abs(h[-1] - h[0]).max()
    if apart > _SAME * size:
        raise PeriodicityError(
            f"H(k + {period:.6g}) differs from H(k) by {apart:.3g} (its largest element is "
            f"{size:.3g}); expected the same; give the true period=, or positions= of the orbitals "
            "if they stand in the phases"
        )
    hermitian = np.abs(h - _dagger(h)).max() <= _SAME * size
    gamma, residual = None, float("nan")
    if chiral is not False:
        gamma, residual = _chiral_operator(h, chiral)
    if gamma is None and hermitian and chiral is not False:
        raise ChiralOperatorError(
            f"no operator anticommutes with H(k) at all k (residual {residual:.3g}); a Hermitian "
            "chain without one has no winding number; give chiral= if you know it; chiral=False "
            "takes the curve det[H(k) - energy] instead"
        )
    if gamma is not None and energy != 0:
        raise ArgumentError(
            f"got energy={energy} for a Hamiltonian with a chiral operator, whose gap is at 0; "
            "expected 0, or chiral=False for the point gap"
        )
    shifted = energy * np.eye(bands)
    blocks = []
    if gamma is not None:
        one, other = _sublattices(gamma)
        blocks.append(lambda s: _dagger(one) @ chain.at(s) @ other)
        blocks.append(lambda s: _dagger(other) @ chain.at(s) @ one)
    kind = "chiral" if hermitian and blocks else "point gap"
    if kind == "point gap":
        blocks.append(lambda s: chain.at(s) - shifted)
    windings, curves, certified = zip(*(_wound(chain, block) for block in blocks), strict=True)
    main = 0 if kind == "chiral" else -1
    turns = np.abs(_turns(curves[main]))
    energies = (np.linalg.eigvalsh if hermitian else np.linalg.eigvals)(h)
    distance = np.abs(energies - energy).min(axis=1)
    return Diagnosis(
        kind=kind,
        winding=windings[main],
        block_windings=() if gamma is None else windings[:2],
        certified=all(certified),
        curve=curves[main],
        chiral_operator=gamma,
        chiral_residual=residual,
        gap=float(distance.min()),
        gap_at=float(chain.grid[distance.argmin()] * period / (2 * np.pi)),
        largest_link=float(turns.max()),
        links_needed=len(turns) if turns.max() < np.pi / 2 else None,
        notes=_notes(kind, gamma, windings[main], energy, chain),
    )


def diagnose_ring(matrix, *, chiral=None, energy=0.0):
    """Winding number of a ring in real space, disordered or not, while a flux Φ goes through it.

    Sites stand in the order of the ring. A hopping between sites that are more than half the
    ring apart crosses the seam between the last site and the first, and gets the phase e^{±iΦ}
    (P2, Eq. 15). So the ring is one cell of a chain, and its flux is that chain's momentum.

    Parameters
    ----------
    matrix : array_like, shape (N, N)
        The ring's Hamiltonian without flux; at least three sites.
    chiral, energy
        As in `diagnose`.

    Returns
    -------
    Diagnosis
        With Φ in the place of k.

    Raises
    ------
    HamiltonianError, ChiralOperatorError, UnequalSublatticesError, WindingError, ArgumentError
        As in `diagnose`.

    Examples
    --------
    Hatano and Nelson's ring, whose left hopping is the stronger one:

    >>> ring = np.roll(np.eye(8), 1, axis=1) + 0.5 * np.roll(np.eye(8), -1, axis=1)
    >>> diagnose_ring(ring).winding
    1
    """
    (matrix,) = complexes(_MOST, matrix=matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 3:
        raise HamiltonianError(
            f"got a matrix of shape {matrix.shape}; expected (N, N) with N >= 3 sites of a ring"
        )
    site = np.arange(len(matrix))
    ahead = site - site[:, None]  # of the site that is left to the site that is reached
    if len(matrix) % 2 == 0 and np.any(matrix[2 * np.abs(ahead) == len(matrix)]):
        raise HamiltonianError(
            f"got hoppings between opposite sites of a ring of {len(matrix)}, which have no "
            "direction around it; expected none; take a longer ring"
        )
    seam = np.where(2 * np.abs(ahead) > len(matrix), np.sign(ahead), 0)
    hoppings = {-r: np.where(seam == r, matrix, 0) for r in (-1, 0, 1)}
    return diagnose(hoppings, chiral=chiral, energy=energy)


@dataclass(frozen=True)
class _Chain:
    """H at any of `grid`'s s = 2πk / period, or at any s at all if `refinable`.

    `degree` is the largest power of e^{is} in H, or None if it isn't known.
    """

    at: object
    grid: np.ndarray
    degree: int | None
    refinable: bool


def _read(hamiltonian, period, positions):
    grid = np.linspace(0, 2 * np.pi, _LINKS + 1)
    if isinstance(hamiltonian, dict):
        if positions is not None or period != 2 * np.pi:
            raise ArgumentError(
                "got hoppings together with positions= or a period=; expected neither: e^{ikR} has "
                "the period 2 pi and no positions in its phases"
            )
        return _from_hoppings(hamiltonian, grid)
    if callable(hamiltonian):
        at, refinable = partial(_called, hamiltonian, period / (2 * np.pi)), True
    else:
        (samples,) = complexes(_MOST, hamiltonian=hamiltonian)
        _refuse_other_shapes(samples)
        if len(samples) < 4:
            raise HamiltonianError(
                f"got {len(samples)} samples of H(k); expected at least 4, the last one period "
                "after the first"
            )
        grid, refinable = np.linspace(0, 2 * np.pi, len(samples)), False

        def at(_):
            return samples

    if positions is None:
        return _Chain(at, grid, None, refinable)
    (tau,) = reals(1e6, positions=positions)
    bands = at(grid).shape[1]
    if tau.shape != (bands,):
        raise ArgumentError(f"got positions of shape {tau.shape}; expected ({bands},)")

    def periodic(s):
        phase = np.exp(1j * np.multiply.outer(s, tau))
        return phase[:, :, None] * at(s) * phase[:, None, :].conj()

    return _Chain(periodic, grid, None, refinable)


def _from_hoppings(hoppings, grid):
    reach = [whole("R", r, least=-1000, most=1000) for r in hoppings]
    if not reach:
        raise HamiltonianError("got no hoppings; expected a dict {R: matrix}")
    matrices = [
        complexes(_MOST, **{f"T_{r}": t})[0] for r, t in zip(reach, hoppings.values(), strict=True)
    ]
    if len({t.shape for t in matrices}) > 1:  # or NumPy would stretch a small one
        raise HamiltonianError(
            f"got hoppings of shapes {', '.join(str(t.shape) for t in matrices)}; expected only one"
        )
    matrices = np.stack(matrices)
    _refuse_other_shapes(matrices)

    def at(s):
        return np.tensordot(np.exp(1j * np.multiply.outer(s, reach)), matrices, axes=1)

    degree = max(map(abs, reach))
    if degree >= _LINKS // 2:  # or the grid would not tell e^{ikR} from lower harmonics
        grid = np.linspace(0, 2 * np.pi, 2 * degree + 2)
    return _Chain(at, grid, degree, True)


def _called(hamiltonian, unit, s):
    """H at k = s · unit: of all at once where the function takes arrays, else one by one."""
    k = np.asarray(s) * unit
    try:
        h = np.asarray(hamiltonian(k))
        vectorized = h.ndim == 3 and len(h) == len(k)
    except (TypeError, ValueError, IndexError):  # written for one momentum
        vectorized = False
    if not vectorized:
        h = [hamiltonian(float(one)) for one in k]
    (h,) = complexes(_MOST, hamiltonian=h)
    _refuse_other_shapes(h)
    return h


def _refuse_other_shapes(h):
    if h.ndim != 3 or h.shape[1] != h.shape[2] or 0 in h.shape:
        raise HamiltonianError(
            f"got matrices of shape {h.shape}; expected (momenta, m, m): one square matrix for each"
        )


def _dagger(matrices):
    return np.conj(np.swapaxes(matrices, -1, -2))


def _turns(curve):
    return np.angle(curve[1:] * curve[:-1].conj())


def _chiral_operator(h, given):
    """Γ = Γ† = Γ⁻¹ with ΓH(k) + H(k)Γ = 0 for the sampled k, or None; and the residual."""
    bands, size = h.shape[1], np.abs(h).max()
    if size == 0:
        raise HamiltonianError("H(k) is 0 at every k; no chain has no energy at all")
    if given is not None:
        (gamma,) = complexes(_MOST, chiral=given)
        gamma = np.diag(gamma) if gamma.ndim == 1 else gamma
        if gamma.shape != (bands, bands):
            raise ArgumentError(
                f"got a chiral operator of shape {np.shape(given)}; expected ({bands}, {bands}), "
                "or its diagonal"
            )
    else:
        gamma = _two_colours(h) if bands > _SEARCHED else _null_operator(h)
        if gamma is None:
            return None, float("nan")
    square = np.abs(gamma @ gamma - np.eye(bands)).max()
    residual = float(np.abs(gamma @ h + h @ gamma).max() / size)
    if max(square, np.abs(gamma - _dagger(gamma)).max(), residual) > _SAME:
        if given is None:
            return None, residual
        raise ChiralOperatorError(
            f"got a chiral operator whose square differs from 1 by {square:.3g} and that leaves "
            f"{residual:.3g} of H(k); expected a Hermitian one with square 1 that anticommutes "
            "with H(k) at every k"
        )
    if given is None:  # +1 where the first orbital is
        diagonal = gamma.diagonal().real
        gamma = gamma * np.sign(diagonal[np.argmax(np.abs(diagonal) > _SAME)] or 1)
    return gamma, residual


def _null_operator(h):
    """The one matrix that anticommutes with H(k) and H†(k) at all k, scaled to square 1."""
    bands = h.shape[1]
    one = np.eye(bands)
    h = h / np.abs(h).max()
    rows = [np.kron(m, one) + np.kron(one, m.T) for half in (h, _dagger(h)) for m in half]
    _, values, vectors = np.linalg.svd(np.linalg.qr(np.concatenate(rows), mode="r"))
    several = np.count_nonzero(values <= _SAME * values[0])
    if several > 1:
        raise ChiralOperatorError(
            f"{several} independent operators anticommute with H(k), which has a symmetry or falls "
            "apart; each has a winding number of its own: give chiral="
        )
    found = vectors[-1].conj().reshape(bands, bands)
    found = max(found + _dagger(found), 1j * (found - _dagger(found)), key=np.linalg.norm)
    return found * np.sqrt(bands) / np.linalg.norm(found)


def _two_colours(h):
    """Γ = diag(±1) where hoppings lead only from one colour of orbitals to the other."""
    joined = np.abs(h).max(axis=0) > _SAME * np.abs(h).max()
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


def _sublattices(gamma):
    """Orthonormal bases of Γ = 1 and of Γ = −1, as columns."""
    values, vectors = np.linalg.eigh(gamma)
    one, other = vectors[:, values > 0], vectors[:, values < 0]
    if one.shape != other.shape:
        raise UnequalSublatticesError(
            f"the sublattices have {one.shape[1]} and {other.shape[1]} orbitals: at every k there "
            f"are {abs(one.shape[1] - other.shape[1])} states of energy 0, and no winding number"
        )
    return one, other


def _wound(chain, block):
    """Winding number of the determinant of a block of H, its curve, whether it is certified."""
    scale = np.linalg.slogdet(block(chain.grid))[1].max()
    if scale == -np.inf:
        raise GaplessError("the determinant is 0 at every k: a band is flat at this energy")

    def z(s):
        sign, log = np.linalg.slogdet(block(s))
        return sign * np.exp(log - scale)

    if chain.degree is not None:
        powers, coefficients = _polynomial(z, chain.degree * block(chain.grid[:1]).shape[1])

        def sampled(links):
            spectrum = np.zeros(links, complex)
            spectrum[powers] = coefficients
            curve = np.fft.ifft(spectrum, norm="forward")
            return np.append(curve, curve[0])

        return _certified(powers, coefficients), _finely(sampled, len(powers)), True
    if not chain.refinable:
        curve = z(chain.grid)
        curve[-1] = curve[0]
        return winding_number(curve), curve, False

    def sampled(links):
        curve = z(np.linspace(0, 2 * np.pi, links + 1))
        return np.append(curve[:-1], curve[0])

    curve = _finely(sampled)
    finer = sampled(2 * (len(curve) - 1))
    if np.abs(_turns(curve)).max() >= np.pi / 2 or winding_number(finer) != winding_number(curve):
        raise UnresolvedError(
            f"{len(curve) - 1} links do not follow the curve, which comes within "
            f"{np.abs(curve).min():.3g} of the origin, where its size is 1: the gap is closed, or "
            "almost; leave this point out, or give the hoppings {R: matrix}, which can be certified"
        )
    return winding_number(curve), curve, False


def _finely(sampled, links=_LINKS):
    """The curve with each link below a quarter turn, or with as many links as are allowed."""
    links = 1 << (max(_LINKS, links) - 1).bit_length()  # a power of two, not less
    while np.abs(_turns(curve := sampled(links))).max() >= np.pi / 2 and links < _MOST_LINKS:
        links *= 2
    return curve


def _polynomial(z, degree):
    """Powers j and coefficients c_j of z(s) = Σ_j c_j e^{ijs}, |j| ≤ degree, from its values."""
    nodes = 2 * degree + 1
    powers = np.concatenate([np.arange(degree + 1), np.arange(-degree, 0)])
    return powers, np.fft.fft(z(2 * np.pi * np.arange(nodes) / nodes), norm="forward")


def _certified(powers, coefficients):
    """Winding number of such a curve, from a bound on its speed."""
    weight = np.abs(coefficients)
    # Times e^{-i shift s} the curve is slowest, and winds `shift` times less.
    shift = int(powers[np.argmin(np.abs(powers - powers[:, None]) @ weight)])
    speed = np.abs(powers - shift) @ weight

    def point(_, s):
        return np.exp(1j * np.multiply.outer(s, powers - shift)) @ coefficients

    links = max(_LINKS, 2 * len(powers))
    return int(resolved_winding(point, [speed], links=links)[0]) + shift


def _notes(kind, gamma, winding, energy, chain):
    notes = []
    if gamma is not None:
        notes.append("Gamma is +1 on the first orbital's sublattice; -Gamma swaps the blocks")
    if kind == "point gap" and winding:
        side = "left" if winding > 0 else "right"
        notes.append(
            f"with open ends the states around the energy {energy:.4g} gather on the {side} (skin "
            "effect)"
        )
    if not chain.refinable:
        notes.append("what the curve does between the samples is not known")
    return tuple(notes)
