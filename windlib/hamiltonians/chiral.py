r"""General two-band chains with chiral symmetry (class AIII; P1, Eqs. 6–8).

The Hamiltonian and its curve are

.. math:: H(k) = h_x(k) \, \sigma_x + h_y(k) \, \sigma_y, \qquad z(k) = h_x(k) + i h_y(k).

The scale of energy drops out of every winding number; k is in radians per cell.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import ArgumentError, fits, reals, rounding, short, whole
from windlib.hamiltonians.contract import LARGEST, amount, collect, momenta
from windlib.winding import decided
from windlib.winding import resolved_winding as _resolve

_AT_ONCE = 4096  # polynomials
_BLOCK = 1 << 16  # components drawn at a time: small enough for the cache of a core
_GIVE_UP = 100  # blocks in a row without one accepted component


def _harmonics(cutoff, k):
    """cos(nk) and sin(nk) stacked, shape (2 (cutoff + 1), len(k))."""
    nk = np.outer(np.arange(cutoff + 1), k)
    return np.concatenate([np.cos(nk), np.sin(nk)])


def curve(a: ArrayLike, b: ArrayLike, links: int = 32) -> np.ndarray:
    r"""Curve :math:`h_x(k) + i h_y(k)` of P1's Fourier series (P1, Eq. 7).

    Its first component, and the second one with y for x, is

    .. math:: h_x(k) = \sum_{m=0}^{c} \left( a_{xm} \cos mk + b_{xm} \sin mk \right).

    Parameters
    ----------
    a, b : array_like, shape (n, 2, c + 1)
        Coefficients of the cosines and of the sines; the middle axis is x, y, and the last one m.
        ``b[..., 0]`` multiplies sin 0 and has no effect.
    links : int
        L; the curve has L + 1 points, k = 0 and k = 2π both included.

    Returns
    -------
    complex ndarray, shape (n, L + 1)

    Raises
    ------
    ArgumentError
        A coefficient is not real, not finite, or above 1e100, or the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.zeros((2, 1, 2, 2))
    >>> # h = (cos k, sin k)
    >>> a[0, 0, 1] = b[0, 1, 1] = 1
    >>> np.allclose(curve(a, b, links=4), [[1, 1j, -1, -1j, 1]])
    True
    """
    a, b = _coefficients(a, b)
    k, cutoff = momenta(links), a.shape[2] - 1
    fits(n=len(a), links=links)
    fits(cutoff=cutoff, links=links)
    h = np.concatenate([a, b], axis=2) @ _harmonics(cutoff, k)
    h[..., -1] = h[..., 0]
    z = np.empty(h[:, 0].shape, complex)
    z.real, z.imag = h[:, 0], h[:, 1]
    return z


def _coefficients(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    (a,), (b,) = reals(LARGEST, a=a), reals(LARGEST, b=b)
    if a.shape != b.shape or a.ndim != 3 or a.shape[1] != 2 or a.shape[2] == 0:
        raise ArgumentError(
            f"got a of shape {a.shape} and b of shape {b.shape}; expected both (n, 2, c + 1)"
        )
    return a, b


def _laurent(a, b):
    """Coefficients z_m of z(k) = Σ_m z_m e^{imk}, m = −c … c; shape (n, 2c + 1)."""
    a, b = _coefficients(a, b)
    za = a[:, 0] + 1j * a[:, 1]
    zb = b[:, 0] + 1j * b[:, 1]
    constant = za[:, :1]
    return np.concatenate(
        [((za + 1j * zb) / 2)[:, :0:-1], constant, ((za - 1j * zb) / 2)[:, 1:]], axis=1
    )


def exact_winding(a: ArrayLike, b: ArrayLike, mask: bool = False) -> np.ndarray:
    r"""Winding number of the continuous curve, from the zeros of its polynomial.

    With :math:`\zeta = e^{ik}` the curve is :math:`z(k) = \zeta^{-c} p(\zeta)`, where p has degree
    2c. By the argument principle w = (number of zeros of p inside the unit circle) − c.

    Parameters
    ----------
    a, b : array_like, shape (n, 2, c + 1)
        As in `curve`.
    mask : bool
        Mask the gapless Hamiltonians instead of refusing all.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    GaplessError
        The curve meets the origin to within rounding (1e-12 of its size in double precision).
    ArgumentError
        As in `curve`.
    """
    near, p = rounding(a=a, b=b), _laurent(a, b)
    cutoff = (p.shape[1] - 1) // 2
    parts = [_zeros_inside(part, near) for part in np.split(p, range(_AT_ONCE, len(p), _AT_ONCE))]
    inside, gapless = (np.concatenate(found) for found in zip(*parts, strict=True))
    windings = inside - cutoff
    return decided(windings, gapless, mask, "Hamiltonians", "are gapless; leave these points out")


def _zeros_inside(p, near):
    """Number of each polynomial's zeros inside the unit circle, and whether one lies on it."""
    size = np.abs(p).sum(axis=1, keepdims=True)
    # Where these are the first or the last ones, their zeros lie at infinity, or at 0.
    p = np.where(np.abs(p) < 1e-200 * size, 0, p)
    n, degree = len(p), p.shape[1] - 1
    zeros = np.full((n, degree), np.inf, dtype=complex)
    plain = (p[:, 0] != 0) & (p[:, -1] != 0) & (degree > 0)
    # Eigenvalues of the companion matrices, as `numpy.roots` has them, but many at a time.
    companions = np.zeros((np.count_nonzero(plain), degree, degree), dtype=complex)
    companions[:, range(1, degree), range(degree - 1)] = 1
    companions[:, :1] = (-p[plain, -2::-1] / p[plain, -1:])[:, None]
    zeros[plain] = np.linalg.eigvals(companions)
    for i in np.flatnonzero(~plain):
        found = np.roots(p[i, ::-1])  # a leading zero coefficient is a zero at infinity
        zeros[i, : len(found)] = found
    # Judged by the curve, since rounding moves a double zero by much more than itself.
    circle = np.exp(1j * np.angle(zeros)[:, :, None] * (np.arange(degree + 1) - degree // 2))
    gap = np.abs(circle @ p[:, :, None]).min(axis=(1, 2), initial=np.inf)
    gapless = (gap <= near * size[:, 0]) | ~p.any(axis=1)
    return np.count_nonzero(np.abs(zeros) < 1, axis=1), gapless


def resolved_winding(a: ArrayLike, b: ArrayLike, links: int = 32) -> np.ndarray:
    """Winding number of the continuous curve by certified bisection.

    Independent of `exact_winding`; see `windlib.winding.resolved_winding`, which also
    lists the errors.
    """
    p = _laurent(a, b)
    m = np.arange(p.shape[1]) - p.shape[1] // 2

    def point(index, k):
        return np.einsum("im,im->i", p[index], np.exp(1j * np.outer(k, m)))

    return _resolve(point, np.abs(p) @ np.abs(m), links=links)


def sample(
    n: int, rng: np.random.Generator, cutoff: int = 4, winding_at_least: int = 0, links: int = 32
) -> dict[str, Any]:
    """P1's Hamiltonians: every coefficient uniform in [−1, 1].

    A sampled curve that winds w times crosses each axis 2 |w| times, so both components of h must
    change sign at least 2 |w| times around the Brillouin zone. The two are drawn
    independently, hence may be *screened* independently: with `winding_at_least` = 4 and
    c = 4 only 5 % of either survive, and pairs of survivors are distributed exactly as
    plain draws in which both survive. Rejecting on the winding number itself is left to
    the caller, and no Hamiltonian with |w| ≥ `winding_at_least` is ever lost.

    Parameters
    ----------
    n : int
        Number of Hamiltonians.
    rng : numpy.random.Generator
        Draws the coefficients; one seed gives the same again.
    cutoff : int
        Highest harmonic c.
    winding_at_least : int
        Keep only what can have |w| at least this large on `links` links.
    links : int
        Number of links on which the winding number will be computed.

    Returns
    -------
    dict
        ``a`` and ``b``, each of shape (n, 2, c + 1).

    Raises
    ------
    ArgumentError
        No curve can wind as often, or so few do that none was found.
    """
    n, rng = amount(n, rng)
    cutoff = whole("cutoff", cutoff, most=1_000)
    winding_at_least = whole("winding_at_least", winding_at_least)
    k = momenta(links)
    links = len(k) - 1
    fits(n=n, coefficients=4 * (cutoff + 1))
    if winding_at_least > cutoff:
        raise ArgumentError(
            f"got winding_at_least={short(winding_at_least)}; at cutoff {cutoff} no curve winds "
            f"more than {cutoff} times; raise cutoff="
        )
    if links <= 2 * winding_at_least:
        raise ArgumentError(
            f"got winding_at_least={winding_at_least} at links={links}; each link turns by less "
            f"than half a turn; give at least {2 * winding_at_least + 1}"
        )
    if winding_at_least == 0:
        h = rng.uniform(-1, 1, (n, 2, 2 * (cutoff + 1)))
    else:
        whole("links", links, most=100_000)  # or a block would not fit into memory
        harmonics = _harmonics(cutoff, k[:-1])

        def draw():
            block = rng.uniform(-1, 1, (_BLOCK, 2 * (cutoff + 1)))
            positive = block @ harmonics > 0
            changes = np.count_nonzero(positive[:, 1:] != positive[:, :-1], axis=1)
            changes += positive[:, 0] != positive[:, -1]
            return block[changes >= 2 * winding_at_least]

        refusal = (
            f"got winding_at_least={winding_at_least} at cutoff={cutoff}; of "
            f"{_GIVE_UP * _BLOCK:,} components in a row none changes sign so often; "
            "lower winding_at_least="
        )
        h = collect(2 * n, draw, _GIVE_UP, refusal).reshape(n, 2, -1)
    return {"a": h[..., : cutoff + 1], "b": h[..., cutoff + 1 :]}


def twisted_curve(rise: ArrayLike, fall: ArrayLike, links: int = 32) -> np.ndarray:
    r"""P1's test (ii): the curve winds forth for k < π and all the way back after (P1, Eq. 8).

    The two functions of Eq. 8 are each a polynomial

    .. math:: f(k) = \sum_{j=1}^{c} f_j \left( \frac{k}{\pi} \right)^j.

    Parameters
    ----------
    rise, fall : array_like, shape (n, c)
        The coefficients :math:`f_j` of the first function and of the second, in radians, none of
        them negative. Each row of `rise` has the same sum, at most cπ, as that of `fall`.
    links : int
        L, even, so that k = π is a sample.

    Returns
    -------
    complex ndarray, shape (n, L + 1)
        Points on the unit circle; the winding number is 0.

    Raises
    ------
    ArgumentError
        `links` is odd, a coefficient is negative or not finite, the shapes differ, or two rows
        that belong together differ in their sum.
    """
    (rise,), (fall,) = reals(LARGEST, rise=rise), reals(LARGEST, fall=fall)
    links = whole("links", links, least=2, most=1_000_000)
    if links % 2:
        raise ArgumentError(
            f"got links={links}; expected an even number, so that k = pi is sampled"
        )
    if rise.ndim != 2 or rise.shape != fall.shape:
        raise ArgumentError(
            f"got rise of shape {rise.shape} and fall of shape {fall.shape}; expected both (n, c)"
        )
    if (rise < 0).any() or (fall < 0).any():
        raise ArgumentError("got negative values of rise or fall; expected none, or k turns back")
    if not np.allclose(rise.sum(axis=1), fall.sum(axis=1)):
        raise ArgumentError("rise and fall differ in their sum; the curve would not close")
    fits(n=len(rise), links=links)
    fits(cutoff=rise.shape[1], links=links)
    powers = np.linspace(0, 1, links // 2 + 1) ** np.arange(1, rise.shape[1] + 1)[:, None]
    forth = rise @ powers
    back = forth[:, -1:] - (fall @ powers)[:, 1:]
    z = np.exp(1j * np.concatenate([forth, back], axis=1))
    z[:, -1] = z[:, 0]
    return z


def sample_twisted(n: int, rng: np.random.Generator, cutoff: int = 4) -> dict[str, Any]:
    """Random f₁ and f₂ for `twisted_curve` (P1, Eq. 8).

    P1 asks only for monotonic functions. Ours: the common end f(π) is uniform in [0, cπ],
    and its c powers share it in proportions uniform on the simplex.

    Parameters
    ----------
    n : int
        Number of curves.
    rng : numpy.random.Generator
        Draws the functions; one seed gives the same again.
    cutoff : int
        Highest power c; P1's 4 by default.

    Returns
    -------
    dict
        ``rise`` and ``fall``, each of shape (n, c), in radians.

    Raises
    ------
    ArgumentError
        `n` or `cutoff` is no whole number from 1 on, or `rng` no generator.
    """
    n, rng = amount(n, rng)
    cutoff = whole("cutoff", cutoff, least=1, most=1_000)
    fits(n=n, cutoff=cutoff)
    end = rng.uniform(0, cutoff * np.pi, (n, 1))
    rise, fall = (end * rng.dirichlet(np.ones(cutoff), n) for _ in range(2))
    return {"rise": rise, "fall": fall}
