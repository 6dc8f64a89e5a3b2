r"""The Su–Schrieffer–Heeger chain (P1, Eq. 4).

Its curve is

.. math:: h(k) = t + t' e^{ik}.

Hoppings and energies are in units of the intracell hopping's scale, k in radians per cell.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import fits, reals, rounding
from windlib.hamiltonians.contract import LARGEST, amount, interval, unit_circle
from windlib.winding import decided


def curve(t: ArrayLike, t_prime: ArrayLike, links: int = 32) -> np.ndarray:
    """Curve :math:`h_x(k) + i h_y(k) = t + t' e^{ik}` over the Brillouin zone.

    Parameters
    ----------
    t, t_prime : array_like, shape (n,)
        Hopping within a cell and between neighbouring cells.
    links : int
        L; the curve has L + 1 points, k = 0 and k = 2π both included.

    Returns
    -------
    complex ndarray, shape (n, L + 1)

    Raises
    ------
    ArgumentError
        A hopping is not real, not finite, or above 1e100.

    Examples
    --------
    >>> curve([1.0], [2.0], links=4).round(3).tolist()
    [[(3+0j), (1+2j), (-1+0j), (1-2j), (3+0j)]]
    """
    t, t_prime = reals(LARGEST, t=t, t_prime=t_prime)
    circle = unit_circle(links)
    fits(n=t.size, links=len(circle) - 1)
    return t[..., None] + t_prime[..., None] * circle


def exact_winding(t: ArrayLike, t_prime: ArrayLike, mask: bool = False) -> np.ndarray:
    """Winding number: 1 where |t′| > |t|, else 0.

    P1 writes t′ > t, which is the same only for hoppings of one sign; its sampling range
    contains t′ < −t, where the winding number is 1 all the same (`printed_label`).

    Parameters
    ----------
    t, t_prime : array_like
        As in `curve`.
    mask : bool
        Mask the gapless chains instead of refusing all.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    GaplessError
        Where |t| = |t′| to within rounding (1e-12 in double precision): the gap is closed and
        there is no winding number.
    ArgumentError
        As in `curve`.

    Examples
    --------
    >>> exact_winding([1.0, 1.0, 1.0], [0.5, 2.0, -2.0]).tolist()
    [0, 1, 1]
    """
    near = rounding(t=t, t_prime=t_prime)
    t, t_prime = (np.abs(hopping) for hopping in reals(LARGEST, t=t, t_prime=t_prime))
    gapless = np.abs(t_prime - t) <= near * (t + t_prime)
    why = "are gapless, since |t| = |t'|; leave these points out"
    return decided((t_prime > t).astype(int), gapless, mask, "SSH chains", why)


def printed_label(t: ArrayLike, t_prime: ArrayLike) -> np.ndarray:
    """Label by P1's words below Eq. 4: 1 where t′ > t, else 0.

    Examples
    --------
    >>> printed_label([1.0, 1.0, 1.0], [0.5, 2.0, -2.0]).tolist()
    [0, 1, 0]
    """
    t, t_prime = reals(LARGEST, t=t, t_prime=t_prime)
    return (t_prime > t).astype(int)


def sample(
    n: int, rng: np.random.Generator, low: float = -10.0, high: float = 10.0
) -> dict[str, Any]:
    """P1's SSH chains: t = 1 and (t − t′)/t uniform in [low, high].

    Parameters
    ----------
    n : int
        Number of chains.
    rng : numpy.random.Generator
        Draws the hoppings; one seed gives the same again.
    low, high : float
        Range of (t − t′)/t.

    Returns
    -------
    dict
        ``t`` and ``t_prime``, each of shape (n,).
    """
    n, rng = amount(n, rng)
    low, high = interval(low=low, high=high)
    return {"t": np.ones(n), "t_prime": 1 - rng.uniform(low, high, n)}
