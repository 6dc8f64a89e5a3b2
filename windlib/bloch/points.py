"""Winding numbers at many points of a grid of parameters, thousands at a time."""

from collections.abc import Callable
from typing import Any

import cloudpickle
import numpy as np

from windlib.arguments import complexes
from windlib.bloch import models
from windlib.bloch.certificate import Block, certified, count, polynomials
from windlib.bloch.chain import LINKS, MOST, Chain, hoppings, read
from windlib.bloch.diagnosis import Look, blocks, look, refuse_energy
from windlib.bloch.symmetry import dagger, sublattices
from windlib.winding import GaplessError, HalfTurnError, UnresolvedError

_AT_ONCE = 1 << 22  # complex numbers
_UNDECIDED = (GaplessError, HalfTurnError, UnresolvedError)


def at_point(error: Exception, point: dict[str, float]) -> Exception:
    """The same error, which says at which point it was."""
    return type(error)(f"at {_where(point)}: {error}")


def _where(point):
    return ", ".join(f"{name} = {value:.6g}" for name, value in point.items())


def built(build: Callable[..., Any], point: dict[str, float]) -> Any:
    """What the user's function gives at a point; its errors stay its own, and say where."""
    try:
        return build(**point)
    except Exception as error:
        error.add_note(f"raised at {_where(point)}")
        raise


def looked_at(
    given: Any, point: dict[str, float], options: dict, guess: np.ndarray | None = None
) -> tuple[Chain, Look]:
    """A point's chain, and what is seen of it; errors say at which point."""
    try:
        chain, advice = read(given, options["period"], options["positions"])
        h = chain.looked_at(options["tolerance"], options["period"], advice)
        seen = look(chain, h, options["chiral"], options["tolerance"], guess)
        if seen.gamma is not None:
            sublattices(seen.gamma)  # refused here, where the point is known
        return chain, seen
    except ValueError as error:
        raise at_point(error, point) from error


def counted(job: bytes, start: int, points: np.ndarray) -> tuple:
    """Windings, undecided ones and facts of some points; runs in other processes."""
    build, names, options, guess = cloudpickle.loads(job)
    results = [np.zeros((len(points), 3), kind) for kind in (int, bool, bool)]
    groups: dict[tuple, list] = {}
    for row, values in enumerate(points.tolist()):
        point = dict(zip(names, values, strict=True))
        given = built(build, point)
        model = models.read(given)
        given = given if model is None else model
        known = guess is not None or options["chiral"] is False
        if isinstance(given, dict) and known and _has_defaults(options):
            groups.setdefault(tuple(given), []).append((row, given, point))
        else:
            _store(results, row, _one(given, point, options, guess))
    for reach, members in groups.items():
        rest = _many(reach, members, options, guess, results)
        for row, given, point in rest:
            _store(results, row, _one(given, point, options, guess))
    return start, *results


def _has_defaults(options):
    return options["positions"] is None and options["period"] == 2 * np.pi


def _store(results, rows, values):
    for result, value in zip(results, values, strict=True):
        result[rows] = value


def _one(given, point, options, guess):
    """Three windings (of both blocks, of all), whether each is undecided, and three facts."""
    chain, seen = looked_at(given, point, options, guess)
    if seen.gamma is None:
        parts = [Block(energy=options["energy"])]
    else:
        refuse_energy(options["energy"])
        parts = blocks(seen.gamma)
    windings, undecided, sure = [], [], True
    for part in parts:
        try:
            counted = count(chain, part)
            windings.append(counted.winding)
            undecided.append(False)
            sure &= counted.certified
        except _UNDECIDED:
            windings.append(0)
            undecided.append(True)
    if seen.gamma is None:
        windings, undecided = [0, 0, *windings], [True, True, *undecided]
    else:
        windings, undecided = [*windings, sum(windings)], [*undecided, any(undecided)]
    return windings, undecided, [seen.hermitian, seen.gamma is not None, sure]


def _many(reach, members, options, guess, results):
    """The same for many points with hoppings of the same reach; returns those that need a look."""
    rows, given, _ = zip(*members, strict=True)
    try:
        whole_reach, _ = hoppings(given[0])
        (matrices,) = complexes(MOST, hoppings=[list(one.values()) for one in given])
    except ValueError:
        return members
    if matrices.ndim != 4 or matrices.shape[2] != matrices.shape[3]:
        return members
    rows, bands = np.array(rows), matrices.shape[2]
    limit = options["tolerance"] * np.abs(matrices).max(axis=(1, 2, 3))
    fits = limit > 0
    if guess is not None:
        refuse_energy(options["energy"])
        if guess.shape != (bands, bands):
            return members
        fits &= np.abs(guess @ matrices + matrices @ guess).max(axis=(1, 2, 3)) <= limit
    step = max(1, _AT_ONCE // (LINKS * bands * (2 * np.abs(whole_reach).max() + 1)))
    chosen = np.flatnonzero(fits)
    for some in np.array_split(chosen, -(-len(chosen) // step)) if len(chosen) else ():
        few = matrices[some]
        hermitian = _not_hermitian_by(whole_reach, few) <= limit[some]
        windings = _windings(whole_reach, few, guess, hermitian.all(), options["energy"])
        facts = hermitian, np.full(len(some), guess is not None), np.full(len(some), True)
        values = windings.filled(0), np.ma.getmaskarray(windings), np.stack(facts, axis=1)
        _store(results, rows[some], values)
    return [members[i] for i in np.flatnonzero(~fits)]


def _windings(reach, matrices, gamma, hermitian, energy):
    """Of both blocks and of all, certified or masked, shape (n, 3)."""
    if gamma is None:
        of_all = certified(*polynomials(reach, matrices, Block(energy=energy)), mask=True)
        none = np.ma.masked_all(len(matrices), int)
        return np.ma.stack([none, none, of_all], axis=1)
    upper, lower = blocks(gamma)
    one = certified(*polynomials(reach, matrices, upper), mask=True)
    # Of a Hermitian H the other block is the adjoint.
    other = -one if hermitian else certified(*polynomials(reach, matrices, lower), mask=True)
    return np.ma.stack([one, other, one + other], axis=1)


def _not_hermitian_by(reach, matrices):
    """Largest element of T_R − T_{−R}† for each chain."""
    mirrored = np.zeros_like(matrices)
    for i, r in enumerate(reach):
        partner = np.flatnonzero(reach == -r)
        if len(partner):
            mirrored[:, i] = dagger(matrices[:, partner[0]])
    return np.abs(matrices - mirrored).max(axis=(1, 2, 3))
