r"""The clean Hatano–Nelson chain with hopping length μ (P2, Eqs. 1–4).

Its one band

.. math:: E(k) = t_r e^{-i\mu k} + t_l e^{i\mu k}

is the curve, and the base energy is 0. The hoppings' scale drops out of the winding number; k is
in radians per site.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import (
    ArgumentError,
    broadcast,
    choice,
    complexes,
    fits,
    flag,
    rounding,
    whole,
    wholes,
)
from windlib.hamiltonians.contract import LARGEST, amount, unit_circle
from windlib.winding import decided


def curve(t_r: ArrayLike, t_l: ArrayLike, mu: ArrayLike, links: int = 32) -> np.ndarray:
    """Energy E(k) over the Brillouin zone: an ellipse around the origin, run through μ times.

    Parameters
    ----------
    t_r, t_l : array_like, shape (n,)
        Hopping to the right and to the left, real or complex.
    mu : array_like of int, shape (n,)
        Hopping length μ ≥ 1, in sites.
    links : int
        L; the curve has L + 1 points, k = 0 and k = 2π both included. Its discrete winding
        number is the exact one where L > 2μ, and aliases beyond.

    Returns
    -------
    complex ndarray, shape (n, L + 1)

    Raises
    ------
    ArgumentError
        A hopping is not finite or above 1e100, or a hopping length is not a positive integer.

    Examples
    --------
    >>> import numpy as np
    >>> np.allclose(curve([0.5], [2.0], [1], links=4), [[2.5, 1.5j, -2.5, -1.5j, 2.5]])
    True
    """
    t_r, t_l, mu = _checked(t_r, t_l, mu)
    circle = unit_circle(links)[:-1]
    links = len(circle)  # as a Python integer, which no product overflows
    fits(n=mu.size, links=links)
    phase = circle[mu[..., None] % links * np.arange(links + 1) % links]  # closed bit for bit
    return t_r[..., None] * phase.conj() + t_l[..., None] * phase


def exact_winding(t_r: ArrayLike, t_l: ArrayLike, mu: ArrayLike, mask: bool = False) -> np.ndarray:
    r"""Winding number around E = 0 (P2, Eq. 3): μ or −μ, by the larger of the two hoppings.

    It is μ where :math:`\lvert t_l \rvert > \lvert t_r \rvert`, and −μ where
    :math:`\lvert t_l \rvert < \lvert t_r \rvert`.

    Parameters
    ----------
    t_r, t_l, mu : array_like, shape (n,)
        As in `curve`.
    mask : bool
        Mask the gapless chains instead of refusing all.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    GaplessError
        Where :math:`\lvert t_r \rvert = \lvert t_l \rvert` to within rounding (1e-12 in
        double precision): the ellipse is a line through the origin. Hermitian chains,
        :math:`t_r = t_l^*`, are among these; P2 gives them w = 0.
    ArgumentError
        As in `curve`.

    Examples
    --------
    >>> exact_winding([0.5, 1j], [1.0, 0.5], [1, 3]).tolist()
    [1, -3]
    """
    near = rounding(t_r=t_r, t_l=t_l)
    t_r, t_l, mu = _checked(t_r, t_l, mu)
    right, left = np.abs(t_r), np.abs(t_l)
    gapless = np.abs(left - right) <= near * (left + right)
    why = (
        "have |t_r| = |t_l|; their energies pass through 0, and no winding number around E_B = 0 "
        "is defined (it is not 0, as P2 has it, for Hermitian chains, t_r = conj(t_l), either); "
        "leave these points out"
    )
    windings = np.where(left > right, mu, -mu)
    return decided(windings, gapless, mask, "Hatano-Nelson chains", why)


def _checked(t_r: ArrayLike, t_l: ArrayLike, mu: ArrayLike) -> Sequence[np.ndarray]:
    mu = wholes("mu", mu, least=1)
    given = {"t_r": t_r, "t_l": t_l}
    checked = zip(given, complexes(LARGEST, **given), strict=True)
    real = {name: z if np.iscomplexobj(given[name]) else z.real for name, z in checked}
    return broadcast(**real, mu=mu)  # real ones stay real


def _complex(rng, shape, turn=2 * np.pi):
    return rng.random(shape) * np.exp(1j * turn * rng.random(shape))


def _real(rng, shape):
    return rng.uniform(-1, 1, shape)


def _phased(rng, shape, signs):
    """Real hoppings to the right and to the left with one random phase, times these signs."""
    amplitudes, phase = _real(rng, shape), 2j * np.pi * rng.random(shape[1:])
    return amplitudes * np.exp(np.multiply.outer(signs, phase))


#: How hoppings are drawn: functions of the generator and of the shape (2, n), t_r and t_l.
_HOPPINGS = {
    "complex": _complex,
    "real": _real,
    "one-real": lambda rng, shape: (_real(rng, shape[1:]), _complex(rng, shape[1:])),
    "fixed": lambda rng, shape: (2 * _complex(rng, shape[1:]), np.ones(shape[1:])),
    "flux": lambda rng, shape: _phased(rng, shape, (-1, 1)),
    "common-phase": lambda rng, shape: _phased(rng, shape, (1, 1)),
    "square": lambda rng, shape: _real(rng, shape) + 1j * _real(rng, shape),
    "quadrant": lambda rng, shape: rng.random(shape) + 1j * rng.random(shape),
    "normal": lambda rng, shape: rng.normal(size=shape) + 1j * rng.normal(size=shape),
    "eighth": lambda rng, shape: _complex(rng, shape, turn=np.pi / 4),
}


def sample(
    n: int,
    rng: np.random.Generator,
    hopping_lengths: ArrayLike = (1, 2, 3),
    hoppings: str = "complex",
) -> dict[str, Any]:
    """Random chains.

    P2 leaves the hoppings' distribution open, and it decides what a network learns. Ours is
    "complex", as P2's :math:`t_l ≠ t_r^*` suggests. With "real" hoppings every curve starts on
    the real axis. The others lie between these two.

    Parameters
    ----------
    n : int
        Number of chains.
    rng : numpy.random.Generator
        Draws the chains; one seed gives the same again.
    hopping_lengths : sequence of int
        μ is drawn from these, each equally likely; P2's 1, 2, 3 by default.
    hoppings : {"complex", "real", "one-real", "fixed", "flux", "common-phase", "square", \
    "quadrant", "normal", "eighth"}
        How the two hoppings are drawn, in any unit of energy; a and b are real numbers uniform in
        [−1, 1), and each number is drawn independently of the others.

        - "complex", the default: moduli uniform in [0, 1), phases uniform in [0, 2π).
        - "real": :math:`t_r = a`, :math:`t_l = b`.
        - "one-real": :math:`t_r` as in "real", :math:`t_l` as in "complex".
        - "fixed": :math:`t_l = 1`; the modulus of :math:`t_r` is uniform in [0, 2), its phase
          uniform in [0, 2π).
        - "flux": :math:`t_r = a e^{-iφ}` and :math:`t_l = b e^{iφ}`, with one φ uniform in
          [0, 2π).
        - "common-phase": :math:`t_r = a e^{iφ}` and :math:`t_l = b e^{iφ}`, with φ as in "flux".
        - "square": real and imaginary parts uniform in [−1, 1).
        - "quadrant": real and imaginary parts uniform in [0, 1).
        - "normal": real and imaginary parts normal, with mean 0 and variance 1 each.
        - "eighth": moduli as in "complex", phases uniform in [0, π/4).

    Returns
    -------
    dict
        ``t_r``, ``t_l`` and ``mu``, each of shape (n,).

    Raises
    ------
    ArgumentError
        `n` is no whole number from 1 on, `rng` no generator, `hopping_lengths` no positive
        integers, or `hoppings` none of these words.

    Examples
    --------
    >>> import numpy as np
    >>> parameters = sample(5, np.random.default_rng(0), hopping_lengths=(4,))
    >>> abs(exact_winding(**parameters)).tolist()
    [4, 4, 4, 4, 4]
    """
    n, rng = amount(n, rng)
    lengths = wholes("hopping_lengths", hopping_lengths, least=1)
    if lengths.ndim != 1 or lengths.size == 0:
        raise ArgumentError(
            f"got hopping_lengths of shape {lengths.shape}; expected some whole numbers in a row"
        )
    choice("hoppings", hoppings, tuple(_HOPPINGS))
    mu = rng.choice(lengths, n)
    t_r, t_l = _HOPPINGS[hoppings](rng, (2, n))
    return {"t_r": t_r, "t_l": t_l, "mu": mu}


def matrix(t_r: complex, t_l: complex, mu: int, sites: int, periodic: bool = True) -> np.ndarray:
    """Hamiltonian of one chain in real space (P2, Eq. 1, without a potential).

    A chain with winding number w > 0 hops more strongly to the left, and with open ends all
    its eigenstates gather there; w < 0: on the right (the non-Hermitian skin effect).

    Parameters
    ----------
    t_r, t_l : complex
        Hoppings j → j + μ and j + μ → j.
    mu : int
        Hopping length μ ≥ 1, in sites.
    sites : int
        Length of the chain, larger than 2μ, so that no two sites are joined twice.
    periodic : bool
        Whether the ends are joined.

    Returns
    -------
    complex ndarray, shape (sites, sites)

    Raises
    ------
    ArgumentError
        As in `curve`, or the chain is too short.

    Examples
    --------
    >>> matrix(1, 2, 1, sites=4, periodic=False).real.astype(int).tolist()
    [[0, 2, 0, 0], [1, 0, 2, 0], [0, 1, 0, 2], [0, 0, 1, 0]]
    """
    t_r, t_l, mu = _checked(t_r, t_l, mu)
    if mu.ndim:
        raise ArgumentError(f"got hoppings of shape {mu.shape}; expected the numbers of one chain")
    sites, periodic = whole("sites", sites, most=10_000), flag("periodic", periodic)
    if sites <= 2 * mu:
        raise ArgumentError(f"got sites={sites} at mu={mu}; expected more than {2 * mu} sites")
    j = np.arange(sites if periodic else sites - int(mu))
    h = np.zeros((sites, sites), dtype=complex)
    h[(j + mu) % sites, j] = t_r
    h[j, (j + mu) % sites] = t_l
    return h
