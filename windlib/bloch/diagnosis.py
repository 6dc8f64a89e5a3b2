"""What can be said of one Hamiltonian: its winding number, and what it rests on."""

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import ArgumentError, complexes, real
from windlib.bloch.certificate import Block, count, turns
from windlib.bloch.chain import MOST, Chain, read
from windlib.bloch.errors import ChiralOperatorError, HamiltonianError
from windlib.bloch.symmetry import SEARCHED, chiral_operator, dagger, sublattices
from windlib.winding import WindingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROUNDING = 1e-12  # what is less is no residual, or equal
_SHOWN = 5  # networks and notes, so that a diagnosis is read at a glance


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
        Shape (L + 1,). The determinant, divided by its largest modulus on the first grid; the
        phase of det q(k) is that of the block in H if Γ is diagonal, else a constant is left open.
    chiral_operator : ndarray or None
        Γ, shape (m, m), as it was given, or with the first orbital's sublattice as +1: q leads to
        the sublattice Γ = +1 from the other.
        Where that orbital is on both alike, the sign is a choice, the same for all such chains.
    chiral_residual : float
        Largest element of ΓH(k) + H(k)Γ, in units of the largest element of H; NaN without Γ.
    gap : float
        Smallest distance of an energy from E on the grid, in H's units.
    gap_at : float
        The k of that energy, in the unit in which the period of k is given: in radians per cell
        where it is 2π.
    largest_link : float
        Largest angle by which a link of `curve` turns, in radians.
    links_needed : int or None
        Fewest links, doubled from 64, with each of them below a quarter turn: those of `curve`.
        None if 65,536, or the samples that were given, are too few.
    notes : tuple of str
        What else there is to know, a sentence each.
    networks : tuple
        An `Answer` of each network that was asked.
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
    networks: tuple = ()

    def _lines(self):
        certified = "certified" if self.certified else "not certified: samples only"
        yield "winding number", f"{self.winding} ({self.kind}; {certified})"
        yield "gap", f"{self.gap:.6g} at k = {self.gap_at:.6g}"
        links = f"{np.degrees(self.largest_link):.1f} degrees, of {len(self.curve) - 1} links"
        yield "largest link", links
        if self.chiral_operator is not None:
            left = self.chiral_residual
            residual = f"residual {left:.1e}" if left > _ROUNDING else "no residual"
            yield "chiral", f"blocks wind {self.block_windings}, {residual}"
        rest = [("network", str(a)) for a in self.networks] + [("note", n) for n in self.notes]
        yield from rest[: _SHOWN + 1 if len(rest) == _SHOWN + 1 else _SHOWN]
        if len(rest) > _SHOWN + 1:
            yield "", f"and {len(rest) - _SHOWN} more, in .networks and .notes"

    def __str__(self):
        return "\n".join(f"{name:<15}{text}" for name, text in self._lines())

    def _repr_html_(self):
        rows = "".join(
            f'<tr><th style="text-align:left">{name}</th>'
            f'<td style="text-align:left">{escape(text)}</td></tr>'
            for name, text in self._lines()
        )
        return f"<table>{rows}</table>"

    def plot(self) -> "Figure":
        """Draw the curve, its links' angles, and the networks' D(n) and outputs.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from windlib.bloch import figures

        return figures.diagnosis(self)


@dataclass(frozen=True)
class Look:
    """What is seen of H on the first grid, before any curve is counted."""

    h: np.ndarray
    hermitian: bool
    gamma: np.ndarray | None
    residual: float


def look(
    chain: Chain, h: np.ndarray, chiral: Any, tolerance: float, guess: np.ndarray | None = None
) -> Look:
    """H's symmetries; a chiral operator that was guessed is taken if it is one."""
    size = np.abs(h).max()
    hermitian = bool(np.abs(h - dagger(h)).max() <= tolerance * size)
    if chiral is False:
        return Look(h, hermitian, None, float("nan"))
    if chiral is None and guess is not None and guess.shape == h.shape[1:]:
        fits = size > 0 and np.abs(guess @ h + h @ guess).max() <= tolerance * size
        chiral = guess if fits else None
    return Look(h, hermitian, *chiral_operator(h, chiral, tolerance, chain.matrices))


def blocks(gamma: np.ndarray) -> tuple[Block, Block]:
    """The two blocks of H that Γ leaves."""
    one, other = sublattices(gamma)
    return Block(one, other), Block(other, one)


def base_energy(energy: ArrayLike) -> complex:
    """A base energy E as a complex number."""
    (energy,) = complexes(MOST, energy=energy)
    if energy.ndim:
        raise ArgumentError(f"got energies of shape {energy.shape}; expected one number")
    return complex(energy)


def refuse_energy(energy: complex) -> None:
    """With a chiral operator the gap is at 0."""
    if energy != 0:
        raise ArgumentError(
            f"got energy={energy} for a Hamiltonian with a chiral operator, whose gap is at 0; "
            "expected 0, or chiral=False for the point gap"
        )


def no_operator(seen: Look | None = None, tolerance: float = 0.0) -> ChiralOperatorError:
    """The error of a Hermitian chain without a chiral operator."""
    what, left, shift = "operator", "", ""
    if seen is not None:
        left = f" (residual {seen.residual:.3g})"
        if seen.h.shape[1] > SEARCHED:
            what = f"diagonal operator, all that is searched above {SEARCHED} bands,"
        shift = _shift(seen.h, tolerance)
    return ChiralOperatorError(
        f"no {what} anticommutes with H(k) at all k{left}; {shift}a Hermitian "
        "chain without one has no winding number; give chiral= if you know it; chiral=False "
        "takes the curve det[H(k) - energy] instead"
    )


def _shift(h, tolerance):
    """What to say where only the zero of energy is in the way."""
    bands = h.shape[1]
    mean = float(np.trace(h, axis1=1, axis2=2).real.mean() / bands)
    try:
        gamma, _ = chiral_operator(h - mean * np.eye(bands), None, tolerance)
    except WindingError:
        return ""
    if gamma is None:
        return ""
    return f"there is one if the mean energy {mean:.6g} is subtracted from H(k)'s diagonal; "


def diagnose(
    hamiltonian: Any,
    *,
    period: float = 2 * np.pi,
    chiral: ArrayLike | None = None,
    positions: ArrayLike | None = None,
    energy: complex = 0.0,
    networks: Any = (),
    tolerance: float = 1e-8,
) -> Diagnosis:
    r"""Winding number of a Bloch Hamiltonian, with what is needed to trust it.

    Parameters
    ----------
    hamiltonian : dict, callable, array_like or model
        One of four things:

        - Hoppings {R: matrix}, :math:`H(k) = \sum_R T_R e^{ikR}`, with whole numbers R. The matrix
          :math:`T_R`, shape (m, m), leads from the cell at x + R to the cell at x. Every R is
          listed, also the negative ones; :math:`T_{-R} = T_R^\dagger` if H is Hermitian.
        - A function that takes k, or an array of them, and returns H(k), shape (m, m) or
          (n, m, m).
        - Samples of H at L + 1 evenly spaced k, shape (L + 1, m, m), the last one period after
          the first.
        - A model of a chain from PythTB, TBmodels, sisl or Kwant (wrapped around, or a lead).
    period : float
        The period of k, 2π by default. Hoppings and models have 2π.
    chiral : array_like, shape (m, m) or (m,), or False, optional
        The chiral operator Γ, or its diagonal of ±1. It is searched for if it isn't given; above
        16 bands only a diagonal one is. False: the point gap, whatever symmetry there is.
    positions : array_like, shape (m,), optional
        Orbital positions τ in units of the cell, if the phases of H contain them:
        :math:`H_{ab}(k) \propto e^{ik(\tau_b - \tau_a)}`, with k in units in which its period is
        2π. In that gauge det q(k) does not close, or it closes with a winding number that is off
        by :math:`\sum_{b \in B} \tau_b - \sum_{a \in A} \tau_a`, where A and B are the two
        sublattices.
    energy : complex
        Base energy E of the point gap, in H's units; 0 by default.
    networks : Run, keras.Model, or sequence of these
        Networks to ask: each reads the curve on its own number of links.
    tolerance : float
        Relative difference up to which two matrices count as equal, when the period, H† = H and
        the chiral operator are checked. A Γ that holds to this only gives the winding number of
        H's chiral part.

    Returns
    -------
    Diagnosis

    Raises
    ------
    HamiltonianError
        What is given is no family of square matrices of one shape, or no chain, or 0 at every k;
        or there are fewer than four samples.
    PeriodicityError
        H(k) does not return to itself after one period.
    ChiralOperatorError
        The given Γ is no chiral operator of H; several operators are; or none is, though H is
        Hermitian.
    UnequalSublatticesError
        The two sublattices have unequal numbers of orbitals.
    GaplessError
        The gap is closed at a sample, or a band is flat at the base energy.
    HalfTurnError
        Of samples: a link of the curve turns by half a circle.
    UnresolvedError
        The gap is so small that nothing decides on which side of the origin the curve goes by.
    ArgumentError
        A number is not finite or out of its range, Γ or the positions have another shape, a
        `period` or `positions` stand beside hoppings or a model, a base energy stands beside a
        chiral operator, or a network is none or reads another number of links than the samples
        have.
    NetworkError, PrecisionError, DivergedError
        As in `windlib.evaluation.outputs`, of a network that is asked.

    Examples
    --------
    The SSH chain with t = 1 inside its cells and t′ = 2 between them:

    >>> inside, between = [[0, 1], [1, 0]], [[0, 2], [0, 0]]
    >>> ssh = {0: inside, 1: between, -1: np.transpose(between)}
    >>> found = diagnose(ssh)
    >>> found.winding, found.certified, round(found.gap, 9)
    (1, True, 1.0)

    The same with the orbitals' positions 0 and 1/2 in the phases, as PythTB has it:

    >>> def atomic(k):
    ...     q = (1 + 2 * np.exp(1j * k)) * np.exp(0.5j * k)
    ...     return np.array([[0, q], [np.conj(q), 0]])
    >>> diagnose(atomic, positions=[0, 0.5]).winding
    1
    >>> try:
    ...     diagnose(atomic)
    ... except ValueError as error:
    ...     print(str(error)[:37])
    H(k + 6.28319) differs from H(k) by 6
    """
    period = real("period", period, least=1e-100, most=MOST)
    tolerance = real("tolerance", tolerance, least=0, most=0.1)
    energy = base_energy(energy)
    chain, advice = read(hamiltonian, period, positions)
    seen = look(chain, chain.looked_at(tolerance, period, advice), chiral, tolerance)
    gamma = seen.gamma
    parts: list[Block] = []
    if gamma is not None:
        refuse_energy(energy)
        parts += blocks(gamma)
    elif seen.hermitian and chiral is not False:
        raise no_operator(seen, tolerance)
    kind = "chiral" if seen.hermitian and parts else "point gap"
    if kind == "point gap":
        parts.append(Block(energy=energy))
    counted = [count(chain, part) for part in parts]
    main = counted[0 if kind == "chiral" else -1]
    turned = np.abs(turns(main.curve)).max()
    distance = np.abs(_energies(seen) - energy).min(axis=1)
    answers = ()
    if not isinstance(networks, tuple | list) or networks:
        from windlib.bloch.answers import ask

        answers = ask(networks, main)
    return Diagnosis(
        kind=kind,
        winding=main.winding,
        block_windings=() if gamma is None else tuple(c.winding for c in counted[:2]),
        certified=all(c.certified for c in counted),
        curve=main.curve,
        chiral_operator=gamma,
        chiral_residual=seen.residual,
        gap=float(distance.min()),
        gap_at=float(chain.grid[_first_smallest(distance)] * period / (2 * np.pi)),
        largest_link=float(turned),
        links_needed=len(main.curve) - 1 if turned < np.pi / 2 else None,
        notes=(
            *_sign(gamma, chiral),
            *_notes(kind, main.winding, energy, chain),
            *_doubts(chain, seen, period, tolerance),
        ),
        networks=answers,
    )


def _first_smallest(distance):
    """The first of several that are equal but for rounding."""
    return np.argmax(distance <= distance.min() + _ROUNDING * distance.max())


def _energies(seen):
    return (np.linalg.eigvalsh if seen.hermitian else np.linalg.eigvals)(seen.h)


def _sign(gamma, given):
    if gamma is None:
        return
    if given is not None:
        yield "Gamma is as it was given; -Gamma swaps the blocks"
    elif abs(gamma[0, 0]) > 1e-6:
        yield "Gamma is +1 on the first orbital's sublattice; -Gamma swaps the blocks"
    else:
        yield (
            "the first orbital is on both sublattices, so the sign of Gamma, and of the winding "
            "number, is a choice: give chiral= to make it"
        )


def _notes(kind, winding, energy, chain):
    if kind == "point gap" and winding:
        side = "left" if winding > 0 else "right"
        yield (
            f"with open ends the states around the energy {energy:.4g} gather on the {side} (skin "
            "effect)"
        )
    if not chain.refinable:
        yield "what the curve does between the samples is not known"


def _doubts(chain, seen, period, tolerance):
    """What looks like an oversight, though it has a winding number."""
    if chain.reach is not None:
        given = dict(zip(chain.reach.tolist(), chain.matrices, strict=True))
        for r in given:
            if -r not in given and np.any(given[r]):
                yield f"T_{-r} was not given and counts as 0: beside T_{r}, H is not Hermitian"
        return
    energies = np.sort(_energies(seen), axis=1)
    near = tolerance * np.abs(seen.h).max()
    links = len(chain.grid) - 1
    if np.ptp(energies, axis=0).max() <= near:  # flat bands return at once
        return
    for parts in (4, 3, 2):
        if chain.refinable:
            later = np.sort(_energies(replace(seen, h=chain.at(chain.grid + 2 * np.pi / parts))), 1)
        elif links % parts == 0:
            later = np.roll(energies[:-1], -(links // parts), axis=0)
        else:
            continue
        if np.abs(later - energies[: len(later)]).max() <= near:
            yield (
                f"the energies return after {period / parts:.6g} already: if the chain does, H(k) "
                f"has positions in its phases, which add turns: give period={period / parts:.6g} "
                "with positions="
            )
            return


def diagnose_ring(
    matrix: ArrayLike,
    *,
    chiral: ArrayLike | None = None,
    energy: complex = 0.0,
    networks: Any = (),
    tolerance: float = 1e-8,
) -> Diagnosis:
    r"""Winding number of a ring in real space, disordered or not, while a flux Φ goes through it.

    Sites stand in the order of the ring. A hopping between sites that are more than half the
    ring apart crosses the seam between the last site and the first, and gets the phase
    :math:`e^{\pm i\Phi}` (P2, Eq. 15). So the ring is one cell of a chain, and its flux is that
    chain's momentum.

    Parameters
    ----------
    matrix : array_like, shape (N, N)
        The ring's Hamiltonian without flux; at least three sites.
    chiral, energy, networks, tolerance
        As in `diagnose`.

    Returns
    -------
    Diagnosis
        With Φ, in radians, in the place of k.

    Raises
    ------
    HamiltonianError
        The matrix is not square, has fewer than three sites, or joins opposite sites of the ring,
        where a hopping has no direction around it; or it is 0.
    ChiralOperatorError, UnequalSublatticesError, GaplessError, UnresolvedError, ArgumentError
        As in `diagnose`.
    NetworkError, PrecisionError, DivergedError
        As in `diagnose`.

    Examples
    --------
    Hatano and Nelson's ring, whose left hopping is the stronger one:

    >>> ring = np.roll(np.eye(8), 1, axis=1) + 0.5 * np.roll(np.eye(8), -1, axis=1)
    >>> diagnose_ring(ring).winding
    1
    """
    (matrix,) = complexes(MOST, matrix=matrix)
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
    found = diagnose(hoppings, chiral=chiral, energy=energy, networks=networks, tolerance=tolerance)
    if np.any(matrix[seam != 0]):
        return found
    cut = "no hopping joins the last site to the first: the chain is open, and no flux goes through"
    return replace(found, notes=(*found.notes, cut))
