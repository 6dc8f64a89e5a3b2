"""The non-Hermitian SSH chain with non-reciprocal hopping inside its cells (P2, Eqs. 6–12).

Its two bands are ±E(k), and its curve is the square E²(k), which has no branch cut.
Hoppings are in units of P2's intercell hopping, t′ = 1; k is in radians per cell.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import fits, flag, real, reals, rounding, whole
from windlib.hamiltonians.contract import (
    LARGEST,
    amount,
    collect,
    distances,
    interval,
    unit_circle,
)
from windlib.winding import decided

_BLOCK = 1 << 14  # points drawn at a time
_GIVE_UP = 100  # blocks in a row without one accepted point


def curve(t: ArrayLike, delta: ArrayLike, t_prime: ArrayLike = 1.0, links: int = 32) -> np.ndarray:
    r"""Squared energy E²(k) over the Brillouin zone (P2, Eq. 8).

    .. math:: E^2(k) = (t' e^{-ik} + t - \delta) (t' e^{ik} + t + \delta)

    Parameters
    ----------
    t, delta : array_like, shape (n,)
        Hopping within a cell and its non-reciprocal part δ: t + δ from A to B, t − δ back.
    t_prime : array_like, shape () or (n,)
        Hopping between neighbouring cells.
    links : int
        L; the curve has L + 1 points, k = 0 and k = 2π both included. For even L its
        discrete winding number is the exact one, however close the phase boundary is (from
        a distance of about 1e-11 on `winding_number` needs ``gap=0``).

    Returns
    -------
    complex ndarray, shape (n, L + 1)

    Raises
    ------
    ArgumentError
        A hopping is not real, not finite, or above 1e100.

    Examples
    --------
    >>> import numpy as np
    >>> z = curve([0.5], [1.0], links=4)
    >>> np.allclose(z, [[1.25, 0.25 - 2j, -0.75, 0.25 + 2j, 1.25]])
    True
    """
    t, delta, t_prime = (hopping[..., None] for hopping in _hoppings(t, delta, t_prime))
    circle = unit_circle(links)
    fits(n=t.size, links=len(circle) - 1)
    return (t_prime * circle.conj() + t - delta) * (t_prime * circle + t + delta)


def exact_winding(
    t: ArrayLike, delta: ArrayLike, t_prime: ArrayLike = 1.0, mask: bool = False
) -> np.ndarray:
    r"""Winding number of E²: 1 where |t + δ| < |t′|, minus 1 where |t − δ| < |t′|.

    These are the windings of the two factors in `curve`. **P2's** :math:`w_\pm` **(Eq. 9) is half
    of this integer**: its 0, ½, −½ are 0, 1, −1 here. Two phases share the 0: both factors
    wind, or neither does.

    Parameters
    ----------
    t, delta, t_prime : array_like
        As in `curve`.
    mask : bool
        Mask the gapless chains instead of refusing all.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    GaplessError
        On a line t ± δ = ± t′, to within rounding (1e-12 in double precision): E² passes
        through 0.
    ArgumentError
        As in `curve`.

    Examples
    --------
    >>> exact_winding([0.5, 0.5, 0.5, 0.5], [0.0, 1.0, -1.0, 3.0]).tolist()
    [0, -1, 1, 0]
    """
    near = rounding(t=t, delta=delta, t_prime=t_prime)
    t, delta, t_prime = _hoppings(t, delta, t_prime)
    distance = phase_boundary_distance(t, delta, t_prime)
    gapless = distance <= near * (np.abs(t) + np.abs(delta) + np.abs(t_prime))
    inside = [np.abs(t + sign * delta) < np.abs(t_prime) for sign in (1, -1)]
    windings = inside[0].astype(int) - inside[1].astype(int)
    why = "lie on a phase boundary t ± delta = ± t_prime, where the gap closes; leave them out"
    return decided(windings, gapless, mask, "points", why)


def phase_boundary_distance(t: ArrayLike, delta: ArrayLike, t_prime: ArrayLike = 1.0) -> np.ndarray:
    """Distance s from the nearest phase boundary in the (t, δ) plane.

    The boundaries are the four lines t ± δ = ± t′. P2's Eq. 12 is the distance from a
    single line; the minimum over the four is needed.

    Parameters
    ----------
    t, delta, t_prime : array_like
        As in `curve`.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ArgumentError
        As in `curve`.

    Examples
    --------
    >>> phase_boundary_distance([0.0, 2.0, 6.0], [0.0, 1.0, 0.0]).round(3).tolist()
    [0.707, 0.0, 3.536]
    """
    t, delta, t_prime = _hoppings(t, delta, t_prime)
    plus, minus = (np.abs(np.abs(t + d) - np.abs(t_prime)) for d in (delta, -delta))
    return np.minimum(plus, minus) / np.sqrt(2)


def bloch(t: ArrayLike, delta: ArrayLike, k: ArrayLike, t_prime: ArrayLike = 1.0) -> np.ndarray:
    """Bloch Hamiltonian (P2, Eq. 7) in the sublattice basis (A, B).

    Parameters
    ----------
    t, delta, k, t_prime : array_like
        As in `curve`; all four are broadcast against each other.

    Returns
    -------
    complex ndarray, shape (…, 2, 2)

    Examples
    --------
    >>> bloch(0.5, 1.0, 0.0).real.tolist()
    [[0.0, 0.5], [2.5, 0.0]]
    """
    t, delta, k, t_prime = reals(LARGEST, t=t, delta=delta, k=k, t_prime=t_prime)
    h = np.zeros((*t.shape, 2, 2), dtype=complex)
    h[..., 0, 1] = t_prime * np.exp(-1j * k) + t - delta
    h[..., 1, 0] = t_prime * np.exp(1j * k) + t + delta
    return h


def matrix(
    t: float, delta: float, cells: int, t_prime: float = 1.0, periodic: bool = True
) -> np.ndarray:
    """Real-space Hamiltonian of one chain (P2, Eq. 6), sites in order A₁, B₁, A₂, B₂.

    Parameters
    ----------
    t, delta, t_prime : float
        Hoppings as in `curve`, of one chain.
    cells : int
        Number of unit cells, at least 2.
    periodic : bool
        A ring, or an open chain.

    Returns
    -------
    ndarray, shape (2 cells, 2 cells)
        The eigenvalues of the ring are ±E(k) at k = 2πn / cells.

    Raises
    ------
    ArgumentError
        A hopping is no finite real number, or `cells` no whole number from 2 to 5,000.

    Examples
    --------
    >>> matrix(0.5, 1.0, 2, periodic=False).tolist()[:2]
    [[0.0, -0.5, 0.0, 0.0], [1.5, 0.0, 1.0, 0.0]]
    """
    cells, periodic = whole("cells", cells, least=2, most=5_000), flag("periodic", periodic)
    parameters = {"t": t, "delta": delta, "t_prime": t_prime}
    t, delta, t_prime = (real(*item, -LARGEST, LARGEST) for item in parameters.items())
    h = np.zeros((2 * cells, 2 * cells))
    a = 2 * np.arange(cells)
    h[a, a + 1], h[a + 1, a] = t - delta, t + delta
    right = (a + 2) % (2 * cells) if periodic else a[1:]
    left = a[: len(right)] + 1
    h[right, left] += t_prime  # += since a ring of two cells has both bonds on one pair
    h[left, right] += t_prime
    return h


def _hoppings(t: ArrayLike, delta: ArrayLike, t_prime: ArrayLike) -> Sequence[np.ndarray]:
    return reals(LARGEST, t=t, delta=delta, t_prime=t_prime)


def sample(
    n: int,
    rng: np.random.Generator,
    distance_at_least: float = 0.0,
    distance_below: float | None = None,
    low: float = -6.0,
    high: float = 6.0,
) -> dict[str, Any]:
    """Random t and δ, uniform in a square, at t′ = 1.

    P2 trains and tests on points at a distance s ≥ T from the phase boundaries (test I is
    the rest, s < T).

    Parameters
    ----------
    n : int
        Number of chains.
    rng : numpy.random.Generator
        Draws the points; one seed gives the same again.
    distance_at_least, distance_below : float
        Keep the points with distance_at_least ≤ s < distance_below; None: no upper limit.
    low, high : float
        Range of t and of δ.

    Returns
    -------
    dict
        ``t`` and ``delta``, each of shape (n,).

    Raises
    ------
    ArgumentError
        A range is empty, or the square has no points at these distances.

    Examples
    --------
    >>> import numpy as np
    >>> parameters = sample(1000, np.random.default_rng(0), distance_at_least=0.2)
    >>> bool(phase_boundary_distance(**parameters).min() >= 0.2)
    True
    """
    n, rng = amount(n, rng)
    low, high = interval(low=low, high=high)
    least, below = distances(distance_at_least, distance_below)

    def draw():
        block = rng.uniform(low, high, (_BLOCK, 2))
        distance = phase_boundary_distance(*block.T)
        return block[(least <= distance) & (distance < below)]

    refusal = (
        f"got distance_at_least={distance_at_least}, distance_below={distance_below}; of "
        f"{_GIVE_UP * _BLOCK:,} points in a row between {low} and {high} none lies so; widen "
        "the range"
    )
    t, delta = collect(n, draw, _GIVE_UP, refusal).T
    return {"t": t, "delta": delta}
