r"""Non-Hermitian Dirac fermions in two dimensions (P2, Sec. V, Eqs. 19–22), κ = (κ, 0), κ > 0.

The Hamiltonian is

.. math:: H(k) = (k_x + i\kappa) \, \sigma_x + k_y \sigma_y + (m + i\delta_m) \, \sigma_z,

and momenta are complex numbers :math:`k = k_x + i k_y`. For κ > |m| the two bands meet at two
exceptional points. The curve is

.. math:: z = (E_+ - E_-)^2

along a unit circle in momentum space, traversed clockwise as in P2, whose :math:`w_\pm` is half
the winding number of z. Momenta, masses, and energies share one unit.

Where P2's equations cannot be used as printed: in Eq. 20 the factor 2i multiplies the whole of
:math:`k \cdot \kappa + m \delta_m`; and the principal branch of :math:`E_+ - E_-` never leaves the
right half-plane, so that Eq. 21 would always give 0.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import (
    ArgumentError,
    broadcast,
    complexes,
    fits,
    generator,
    real,
    reals,
    rounding,
    some,
)
from windlib.hamiltonians.contract import amount, collect, distances, unit_circle
from windlib.winding import GaplessError, decided

_LARGEST, _SMALLEST_KAPPA = 1e70, 1e-70  # between them, fourth powers are numbers
_BLOCK = 1 << 12  # points (m, κ) drawn at a time
_GIVE_UP = 1000  # blocks in a row without one point in the range of distances
_REACH = 3.0  # random loops are centred in the square |k_x|, |k_y| ≤ this


def bloch(k: ArrayLike, m: ArrayLike, kappa: ArrayLike, delta_m: ArrayLike = 1.0) -> np.ndarray:
    """Matrix H(k) of P2's Eq. 19.

    Parameters
    ----------
    k : array_like
        Momentum :math:`k_x + i k_y`.
    m, kappa, delta_m : array_like
        Real part of the mass, κ along x, imaginary part of the mass; all broadcast with `k`.

    Returns
    -------
    complex ndarray, of the common shape followed by (2, 2)

    Examples
    --------
    >>> bloch(1 + 2j, m=3.0, kappa=0.5).tolist()
    [[(3+1j), (1-1.5j)], [(1+2.5j), (-3-1j)]]
    """
    k, m, kappa, delta_m = _everywhere(k, m, kappa, delta_m)
    mass = m + 1j * delta_m
    x, y = k.real + 1j * kappa, k.imag
    return np.stack([np.stack([mass, x - 1j * y], -1), np.stack([x + 1j * y, -mass], -1)], -2)


def squared_gap(
    k: ArrayLike, m: ArrayLike, kappa: ArrayLike, delta_m: ArrayLike = 1.0
) -> np.ndarray:
    r"""The square of E₊ − E₋ (P2, Eq. 20, corrected).

    .. math:: (E_+ - E_-)^2 = 4 \left[ \lvert k \rvert^2 - \kappa^2 + m^2 - \delta_m^2
              + 2i (k_x \kappa + m \delta_m) \right]

    P2 prints :math:`2i (k \cdot \kappa) + m \delta_m`; the eigenvalues of Eq. 19 want
    :math:`2i (k \cdot \kappa + m \delta_m)`.

    Parameters
    ----------
    k : array_like
        Momentum :math:`k_x + i k_y`.
    m, kappa, delta_m : array_like
        As in `bloch`.

    Returns
    -------
    complex ndarray, of the common shape

    Examples
    --------
    >>> complex(squared_gap(1 + 2j, m=3.0, kappa=0.5))
    (51+28j)
    """
    k, m, kappa, delta_m = _everywhere(k, m, kappa, delta_m)
    square = k.real**2 + k.imag**2
    return 4 * (square - kappa**2 + m**2 - delta_m**2 + 2j * (k.real * kappa + m * delta_m))


def _everywhere(k, m, kappa, delta_m):
    m, kappa, delta_m = reals(_LARGEST, m=m, kappa=kappa, delta_m=delta_m)
    (k,) = complexes(_LARGEST, k=k)
    return broadcast(k=k, m=m, kappa=kappa, delta_m=delta_m)


def exceptional_points(
    m: ArrayLike, kappa: ArrayLike, delta_m: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    r"""Exceptional points k₊ and k₋, where the bands meet (P2, Eq. 22).

    .. math:: k_\pm = \frac{1}{\kappa} \left[ -m \delta_m
              \pm i \sqrt{(\kappa^2 - m^2) (\kappa^2 + \delta_m^2)} \right]

    Parameters
    ----------
    m, kappa : array_like, shape (n,)
        Real part of the mass, and κ > |m|.
    delta_m : float
        Imaginary part of the mass.

    Returns
    -------
    k_plus, k_minus : complex ndarrays, shape (n,)

    Raises
    ------
    GaplessError
        Where κ = |m|: the two points merge, and there is no phase. Where κ is larger by rounding
        alone they are still apart, by the square root of κ − |m|.
    ArgumentError
        Where κ < |m|: the bands are separable and nowhere meet.

    Examples
    --------
    >>> k_plus, k_minus = exceptional_points([0.0], [1.0])
    >>> k_plus.imag.round(3).tolist(), k_minus.imag.round(3).tolist()
    ([1.414], [-1.414])
    """
    m, kappa, _, delta_m = _checked(m, kappa, delta_m)
    _refuse_boundary(m, kappa)
    separable = kappa < np.abs(m)
    if separable.any():
        worst = np.argmax(separable)
        raise ArgumentError(
            f"got m={m[worst]:g}, kappa={kappa[worst]:g} and so on at "
            f"{some('points', separable)}; exceptional points exist only where kappa > |m|; leave "
            "the other points out"
        )
    return _degeneracies(m, kappa, delta_m)


def _degeneracies(m, kappa, delta_m):
    """k_± as above; NaN where κ < |m|."""
    m = np.where(np.abs(m) <= kappa, m, np.nan)
    # Near the boundary κ − |m| keeps the digits that κ² − m² would lose.
    square = (kappa - np.abs(m)) * (kappa + np.abs(m)) * (kappa**2 + delta_m**2)
    k_plus = (-m * delta_m + 1j * np.sqrt(square)) / kappa
    return k_plus, k_plus.conj()


def _checked(
    m: ArrayLike, kappa: ArrayLike, delta_m: float = 1.0, center: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    (m,), (kappa,) = reals(_LARGEST, m=m), reals(_LARGEST, kappa=kappa)
    (center,) = complexes(_LARGEST, center=np.zeros(m.shape) if center is None else center)
    delta_m = real("delta_m", delta_m, -_LARGEST, _LARGEST)
    shapes = m.shape, kappa.shape, center.shape
    if m.ndim != 1 or len(set(shapes)) > 1:
        raise ArgumentError(f"got m, kappa, center of shapes {shapes}; expected (n,) for all three")
    small = kappa < _SMALLEST_KAPPA
    if small.any():
        raise ArgumentError(
            f"got kappa={kappa[small][0]:g} and so on at {some('points', small)}; expected "
            f"kappa > 0, at least {_SMALLEST_KAPPA:g}; it is the length of κ"
        )
    return m, kappa, center, delta_m


def _refuse_boundary(m, kappa, near=0.0):
    merged = np.abs(kappa - np.abs(m)) <= near * (kappa + np.abs(m))
    if merged.any():
        raise GaplessError(
            f"the exceptional points merge at {some('points', merged)}, since kappa = |m|; leave "
            "these out"
        )


def curve(
    m: ArrayLike, kappa: ArrayLike, center: ArrayLike, delta_m: float = 1.0, links: int = 32
) -> np.ndarray:
    r"""Curve (E₊ − E₋)² along the unit circle :math:`k = \text{center} + e^{-is}`, hence clockwise.

    Parameters
    ----------
    m, kappa : array_like, shape (n,)
        Real part of the mass, and κ > 0.
    center : array_like, shape (n,)
        Centre :math:`k_x + i k_y` of the circle.
    delta_m : float
        Imaginary part of the mass.
    links : int
        L; the curve has L + 1 points, s = 0 and s = 2π both included.

    Returns
    -------
    complex ndarray, shape (n, L + 1)

    Notes
    -----
    On a circle |k|² is linear in k, so the curve is an ellipse, the circle's affine image. Around
    k₊ the origin is the image of a point straight towards s = π/2; where L is a multiple of 4
    that is a sample, and the discrete winding number is exact.

    Examples
    --------
    >>> curve([0.0], [1.0], [0.0], links=4).round(3).tolist()
    [[(-4+8j), (-4+0j), (-4-8j), (-4-0j), (-4+8j)]]
    """
    m, kappa, center, delta_m = _checked(m, kappa, delta_m, center)
    circle = unit_circle(links).conj()
    fits(n=len(m), links=len(circle) - 1)
    return squared_gap(center[:, None] + circle, m[:, None], kappa[:, None], delta_m)


def exact_winding(
    m: ArrayLike, kappa: ArrayLike, center: ArrayLike, delta_m: float = 1.0, mask: bool = False
) -> np.ndarray:
    r"""Winding number of the continuous curve; P2's :math:`w_\pm` is half of it.

    (E₊ − E₋)² vanishes at k₊ and k₋ only. There, as a map of the plane, it has the Jacobian
    determinant :math:`-64 \kappa k_y`: it reverses orientation at k₊ and keeps it at k₋. A
    clockwise loop therefore winds once for k₊ inside, minus once for k₋ inside, and not at all for
    both.
    Where κ = |m|, the merged point counts 0.

    Parameters
    ----------
    m, kappa, center, delta_m
        As in `curve`.
    mask : bool
        Mask the gapless loops instead of refusing all.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    GaplessError
        The loop passes through an exceptional point to within rounding (1e-12 in double
        precision).

    Examples
    --------
    >>> m, kappa = [0.0, 0.0, 2.9, 2.99], [3.0] * 4
    >>> k_plus, k_minus = exceptional_points(m, kappa)
    >>> exact_winding(m, kappa, k_plus).tolist()
    [1, 1, 1, 0]

    The last circle surrounds k₋ as well.
    >>> exact_winding(m, kappa, k_minus).tolist()
    [-1, -1, -1, 0]
    """
    near = rounding(m=m, kappa=kappa, center=center, delta_m=delta_m)
    m, kappa, center, delta_m = _checked(m, kappa, delta_m, center)
    distance = np.abs(np.array(_degeneracies(m, kappa, delta_m)) - center)
    gapless = (np.abs(distance - 1) <= near * (1 + np.abs(center))).any(axis=0)
    inside = (distance < 1).astype(int)
    why = "pass through an exceptional point; move their centers"
    return decided(inside[0] - inside[1], gapless, mask, "loops", why)


def phase_diagram_label(m: ArrayLike, kappa: ArrayLike) -> np.ndarray:
    r"""P2's label, by its phase diagram: 1 (:math:`w_\pm = 1/2`) where κ > |m|, else 0.

    It is the winding number of a small loop around k₊. That of the unit circle around k₊ is
    0 close to the boundary, where the circle surrounds k₋ as well (`exact_winding`).

    Parameters
    ----------
    m, kappa : array_like, shape (n,)
        Real part of the mass, and κ > 0.

    Raises
    ------
    GaplessError
        Where κ = |m| to within rounding (1e-12 in double precision): the exceptional points
        merge, and there is no phase.

    Examples
    --------
    >>> phase_diagram_label([0.0, 2.99, -4.0], [3.0, 3.0, 3.0]).tolist()
    [1, 1, 0]
    """
    near = rounding(m=m, kappa=kappa)
    m, kappa, *_ = _checked(m, kappa)
    _refuse_boundary(m, kappa, near)
    return (kappa > np.abs(m)).astype(int)


def phase_boundary_distance(m: ArrayLike, kappa: ArrayLike) -> np.ndarray:
    """Euclidean distance s in the plane (m, κ) to the phase boundary κ = |m| (as P2's Eq. 12).

    Parameters
    ----------
    m, kappa : array_like, shape (n,)
        As in `phase_diagram_label`.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> phase_boundary_distance([0.0, -4.0], [3.0, 3.0]).round(3).tolist()
    [2.121, 0.707]
    """
    m, kappa, *_ = _checked(m, kappa)
    return np.abs(kappa - np.abs(m)) / np.sqrt(2)


def loop_center(
    m: ArrayLike, kappa: ArrayLike, rng: np.random.Generator, delta_m: float = 1.0
) -> np.ndarray:
    """Centres of the loops: k₊ where κ > |m|, else random.

    P2 says only that the loop is random where there is no exceptional point. Ours: a unit
    circle all the same, its centre uniform in the square from −3 to 3 in :math:`k_x` and
    :math:`k_y`.

    Parameters
    ----------
    m, kappa, delta_m
        As in `exceptional_points`, but for any κ > 0.
    rng : numpy.random.Generator
        Draws the random centres; one seed gives the same again.

    Returns
    -------
    complex ndarray, shape (n,)

    Raises
    ------
    GaplessError
        Where κ = |m|.
    """
    m, kappa, _, delta_m = _checked(m, kappa, delta_m)
    generator(rng)
    _refuse_boundary(m, kappa)
    x, y = rng.uniform(-_REACH, _REACH, (2, len(m)))
    return np.where(kappa > np.abs(m), _degeneracies(m, kappa, delta_m)[0], x + 1j * y)


def sample(
    n: int,
    rng: np.random.Generator,
    distance_at_least: float = 0.0,
    distance_below: float | None = None,
    m_max: float = 6.0,
    kappa_max: float = 6.0,
) -> dict[str, Any]:
    r"""P2's Dirac fermions at :math:`\delta_m = 1`: m and κ uniform, kept by their distance s.

    P2 gives no ranges; ours are m in [−6, 6], that of its test set II, and κ in (0, 6].

    Parameters
    ----------
    n : int
        Number of points.
    rng : numpy.random.Generator
        Draws the points and the centres; one seed gives the same again.
    distance_at_least, distance_below : float
        Keep s ≥ `distance_at_least` and, unless None, s < `distance_below`
        (`phase_boundary_distance`). The boundary itself, s = 0, is always left out.
    m_max, kappa_max : float
        m is in [−m_max, m_max], κ in (0, kappa_max].

    Returns
    -------
    dict
        ``m``, ``kappa``, and ``center`` (by `loop_center`), each of shape (n,).

    Raises
    ------
    ArgumentError
        No point was found in the range of distances.
    """
    n, rng = amount(n, rng)
    m_max = real("m_max", m_max, least=1e-50, most=_LARGEST)
    kappa_max = real("kappa_max", kappa_max, least=1e-50, most=_LARGEST)
    least, below = distances(distance_at_least, distance_below)

    def draw():
        m = rng.uniform(-m_max, m_max, _BLOCK)
        kappa = kappa_max - rng.uniform(0, kappa_max, _BLOCK)
        s = phase_boundary_distance(m, kappa)
        return np.stack([m, kappa], axis=1)[(s > 0) & (s >= least) & (s < below)]

    refusal = (
        f"got distance_at_least={distance_at_least}, distance_below={distance_below}; of "
        f"{_GIVE_UP * _BLOCK:,} points in a row with |m| <= {m_max}, kappa <= {kappa_max} none "
        "lies so; widen the range"
    )
    m, kappa = collect(n, draw, _GIVE_UP, refusal).T
    return {"m": m, "kappa": kappa, "center": loop_center(m, kappa, rng)}
