r"""Non-Hermitian generalized Aubry–André–Harper rings with a flux (P2, Eqs. 13–17).

A quasicrystal of L sites has hoppings to the right and to the left,

.. math:: t^{(r)}_j &= c_j e^{-\alpha}, \qquad t^{(l)}_j = c_j e^{\alpha}, \\
          c_j &= t + V_2 \cos 2\pi (j + \tfrac12) \beta,

and a potential,

.. math:: \Delta_j = V_1 \cos(2\pi j \beta + i h).

Its curve is :math:`\det[H(\Phi) - E_B]` against the flux Φ. Energies are in units of t, Φ is in
radians.

The matrix is tridiagonal but for two corners, so only two loops feel the flux, and the curve
is an *ellipse*:

.. math:: \det[H(\Phi) - E_B] &= C + (-1)^{L+1} \, 2P \cosh(\alpha L + i\Phi), \\
          P &= \prod_{j=1}^{L} c_j.

C contains only :math:`\Delta_j - E_B` and :math:`t^{(r)}_j t^{(l)}_j = c_j^2`: the nonreciprocity
α drops out of it.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import (
    ArgumentError,
    broadcast,
    complexes,
    fits,
    real,
    reals,
    rounding,
    whole,
)
from windlib.hamiltonians.contract import amount, momenta
from windlib.winding import decided

_BLOCK = 16  # sites between two rescalings: the terms grow less than twofold a site


def _ring(sites):
    """Arguments of the cosines in Δ_j and in c_j, j = 1 … L; reduced to one turn exactly."""
    sites = whole("sites", sites, least=0, most=10_000_000)
    fibonacci, length = 2, 3  # β = F_j / F_{j+1}
    while length < sites:
        fibonacci, length = length, fibonacci + length
    if length != sites:
        raise ArgumentError(
            f"got sites={sites}; expected a Fibonacci number from 3 on, because beta is the "
            f"ratio of two successive ones; take {max(fibonacci, 3)} or {max(length, 5)}"
        )
    j = np.arange(1, sites + 1)
    potential = 2 * np.pi * (j * fibonacci % sites) / sites
    hopping = np.pi * ((2 * j + 1) * fibonacci % (2 * sites)) / sites
    return potential, hopping


def matrix(
    alpha: float, h: float, V1: float, V2: float, flux: float, t: float = 1.0, sites: int = 89
) -> np.ndarray:
    r"""Matrix H(Φ) of one ring (P2, Eq. 15).

    As Eq. 13 has it: :math:`t^{(r)}_j` stands below the diagonal and :math:`t^{(l)}_j` above it.
    Eq. 15 prints :math:`t^{(r)}_{L-1}` at the end of its last row but one, which must be
    :math:`t^{(l)}_{L-1}`.

    Parameters
    ----------
    alpha, h, V1, V2, t : float
        As in `determinants`.
    flux : float
        Φ, in radians.
    sites : int
        L, a Fibonacci number.

    Returns
    -------
    complex ndarray, shape (L, L)
        In the unit of the energies that are given.

    Raises
    ------
    ArgumentError
        A parameter is not a finite real number, L is not a Fibonacci number up to 10,000, or an
        element of the matrix overflows.

    Examples
    --------
    >>> matrix(0.0, 0.0, V1=2.0, V2=0.0, flux=0.0, sites=3).real.round(3).tolist()
    [[-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, 2.0]]
    """
    parameters = {"alpha": alpha, "h": h, "V1": V1, "V2": V2, "flux": flux, "t": t}
    alpha, h, V1, V2, flux, t = (real(*item) for item in parameters.items())
    potential, hopping = _ring(whole("sites", sites, most=10_000))
    c, sites = t + V2 * np.cos(hopping), len(hopping)
    j, after = np.arange(sites), np.arange(1, sites + 1) % sites
    ring = np.zeros((sites, sites), dtype=complex)
    with np.errstate(over="ignore", invalid="ignore"):  # found and named below
        ring[j, j] = V1 * np.cos(potential + 1j * h)
        ring[after, j] = c * np.exp(-alpha)
        ring[j, after] = c * np.exp(alpha)
    if not np.isfinite(ring).all():
        raise ArgumentError(
            f"got alpha={alpha:g}, h={h:g}, V1={V1:g}, V2={V2:g}, t={t:g}; numbers overflow; "
            "lower the largest"
        )
    ring[0, -1] *= np.exp(-1j * flux)
    ring[-1, 0] *= np.exp(1j * flux)
    return ring


def _rescaled(*terms):
    """The terms divided by a power of two, and its exponent: exact, and of order 1 again."""
    size = np.max([np.abs(term) for term in terms], axis=(0, 1))
    exponent = np.frexp(size)[1]
    return *(term * np.ldexp(1.0, -exponent) for term in terms), exponent


def _ellipse(alpha, h, V1, V2, base_energy, t, sites):
    """Centre and semi-axes of det = (centre + a cos Φ + i b sin Φ) e^{log_scale}.

    C is the trace of Π_j [[Δ_j − E_B, −c²_{j−1}], [1, 0]], which holds the two continuants
    K(1 … L) − c_L² K(2 … L − 1). The two columns of the product are carried along in `now`
    and `before`, each of shape (2, n).
    """
    alpha, h, V1, V2, t = reals(alpha=alpha, h=h, V1=V1, V2=V2, t=t)
    (base_energy,) = complexes(base_energy=base_energy)
    alpha, h, V1, V2, t, base_energy = np.atleast_1d(
        *broadcast(alpha=alpha, h=h, V1=V1, V2=V2, t=t, base_energy=base_energy)
    )
    if alpha.ndim > 1:
        raise ArgumentError(f"got parameters of shape {alpha.shape}; expected (n,): .ravel()")
    potential, hopping = _ring(sites)
    sites = len(hopping)  # as a Python integer, which no product overflows
    with np.errstate(over="ignore", invalid="ignore"):
        even, odd = V1 * np.cosh(h), V1 * np.sinh(h)
    # In these units no coefficient exceeds 1.
    hopping_unit = np.abs(t) + np.abs(V2)
    unit = np.abs(even) + np.abs(base_energy) + hopping_unit
    if not (unit < 1e300).all() or not (np.abs(alpha) < 1e300).all():
        raise ArgumentError(
            f"got |h| up to {np.abs(h).max():.4g}, an energy or alpha of up to "
            f"{max(np.nan_to_num(unit).max(), np.abs(alpha).max()):.4g}; expected V1 cosh h, "
            "the energies and alpha below 1e300, or numbers overflow"
        )
    hopping_unit, unit = (np.where(size == 0, 1.0, size) for size in (hopping_unit, unit))

    even, odd, base_energy = even / unit, odd / unit, base_energy / unit
    now, before = np.zeros((2, 2, len(alpha)), dtype=complex)
    now[0] = before[1] = 1
    product = np.ones((1, len(alpha)))
    doublings, product_doublings = np.zeros((2, len(alpha)), dtype=int)
    last = np.roll(hopping, 1)  # the link before each site
    for start in range(0, sites, _BLOCK):
        x, y = (angles[start : start + _BLOCK, None] for angles in (potential, last))
        energy = np.empty((len(x), len(unit)), dtype=complex)  # Δ_j − E_B
        energy.real = even * np.cos(x) - base_energy.real
        energy.imag = -odd * np.sin(x) - base_energy.imag
        c = t + V2 * np.cos(y)
        for diagonal, square in zip(energy, (c / unit) ** 2, strict=True):
            now, before = diagonal * now - square * before, now
        now, before, exponent = _rescaled(now, before)
        doublings += exponent
        product, exponent = _rescaled(product * (c / hopping_unit).prod(axis=0))
        product_doublings += exponent

    trace, product = now[0] + before[1], product[0] * (-1) ** (sites + 1)
    trace[np.abs(trace) < 1e-300] = 0.0  # far below rounding, and 1 / |trace| would overflow
    with np.errstate(divide="ignore"):  # log 0 = −∞ is what a missing term has
        log_trace = np.log(np.abs(trace)) + doublings * np.log(2) + sites * np.log(unit)
        log_loop = (  # of the larger of Π t^(l) and Π t^(r)
            np.log(np.abs(product))
            + product_doublings * np.log(2)
            + sites * (np.log(hopping_unit) + np.abs(alpha))
        )
    log_scale = np.maximum(log_trace, log_loop)
    log_scale[np.isneginf(log_scale)] = 0.0  # det = 0 at every flux
    phase = trace / np.where(trace == 0, 1.0, np.abs(trace))
    centre = phase * np.exp(log_trace - log_scale)
    loop = np.sign(product) * np.exp(log_loop - log_scale)
    ratio = -2 * sites * np.abs(alpha)  # of the smaller to the larger loop, as a logarithm
    return centre, loop * (1 + np.exp(ratio)), loop * np.sign(alpha) * -np.expm1(ratio), log_scale


def determinants(
    alpha: ArrayLike,
    h: ArrayLike,
    V1: ArrayLike,
    V2: ArrayLike,
    base_energy: ArrayLike = 0.0,
    t: ArrayLike = 1.0,
    sites: int = 89,
    links: int = 32,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Determinants :math:`\det[H(\Phi) - E_B]` at every flux, in a time linear in L.

    One recursion over the sites gives all flux points at once. The determinants' modulus grows as
    :math:`e^{\lvert\alpha\rvert L}`, beyond what a float holds. So each ring's determinants share
    a scale, which is kept as a logarithm.

    Parameters
    ----------
    alpha, h : array_like, shape (n,)
        Nonreciprocity α of the hopping and imaginary part h of the potential's phase (P2,
        Eq. 14). All parameters broadcast against each other.
    V1, V2 : array_like, shape (n,)
        Amplitudes of the potential and of the hopping's modulation.
    base_energy : array_like, shape (n,)
        Base energy :math:`E_B`, real or complex. P2 does not say which it takes; here 0.
    t : array_like, shape (n,)
        Mean hopping.
    sites : int
        L, a Fibonacci number :math:`F_{j+1}` (P2: 89); :math:`\beta = F_j / F_{j+1}`.
    links : int
        Links of the curve, :math:`L_\Phi`; the flux is :math:`\Phi = 2\pi n / L_\Phi` with
        n = 0 … :math:`L_\Phi`.

    Returns
    -------
    mantissa : complex ndarray, shape (n, links + 1)
        Its largest modulus in each row lies between 1 and 3 (from three links on), or the
        whole row is 0.
    log_scale : ndarray, shape (n,)
        The natural logarithm of the scale: the determinants are mantissa · exp(log_scale).

    Raises
    ------
    ArgumentError
        A parameter (but for `base_energy`) is not real, one is not finite, V₁ cosh h
        overflows, or L is not a Fibonacci number.

    Examples
    --------
    >>> mantissa, log_scale = determinants(0.1, 0.5, V1=1.0, V2=0.5, sites=5, links=4)
    >>> expected = np.linalg.det(matrix(0.1, 0.5, V1=1.0, V2=0.5, flux=np.pi / 2, sites=5))
    >>> bool(np.isclose(mantissa[0, 1] * np.exp(log_scale[0]), expected))
    True
    """
    centre, a, b, log_scale = _ellipse(alpha, h, V1, V2, base_energy, t, sites)
    flux = momenta(links)
    fits(n=len(centre), links=len(flux) - 1)
    mantissa = np.empty((len(centre), len(flux)), dtype=complex)
    mantissa.real = centre.real[:, None] + a[:, None] * np.cos(flux)
    mantissa.imag = centre.imag[:, None] + b[:, None] * np.sin(flux)
    mantissa[:, -1] = mantissa[:, 0]
    return mantissa, log_scale


def curve(
    alpha: ArrayLike,
    h: ArrayLike,
    V1: ArrayLike,
    V2: ArrayLike,
    base_energy: ArrayLike = 0.0,
    t: ArrayLike = 1.0,
    sites: int = 89,
    links: int = 32,
) -> np.ndarray:
    r"""Curve :math:`\det[H(\Phi) - E_B]` over one flux quantum, scaled to a size of order 1.

    The winding number (P2, Eq. 17) and the unit vectors are those of the determinant; its
    scale, which would overflow, is left to `determinants`, which also explains the parameters.
    At a real :math:`E_B` the ellipse's centre is real (the ring read backwards is its own
    conjugate), and with an even number of links its two crossings of the real axis are sampled:
    the discrete winding number is then the exact one, however close the origin.

    Returns
    -------
    complex ndarray, shape (n, links + 1)
        Dimensionless.

    Raises
    ------
    ArgumentError
        As in `determinants`.

    Examples
    --------
    >>> from windlib.winding import winding_number
    >>> winding_number(curve([0.5, 0.5], 0.0, V1=[1.0, 4.0], V2=0.0)).tolist()
    [1, 0]
    """
    return determinants(alpha, h, V1, V2, base_energy, t, sites, links)[0]


def exact_winding(
    alpha: ArrayLike,
    h: ArrayLike,
    V1: ArrayLike,
    V2: ArrayLike,
    base_energy: ArrayLike = 0.0,
    t: ArrayLike = 1.0,
    sites: int = 89,
    mask: bool = False,
) -> np.ndarray:
    r"""Winding number of the continuous curve, from the zeros of its polynomial.

    With :math:`\zeta = e^{i\Phi}`,

    .. math:: \zeta \det[H(\Phi) - E_B] = (-1)^{L+1} \left( \zeta^2 \prod_j t^{(l)}_j
              + \prod_j t^{(r)}_j \right) + C \zeta.

    By the argument principle w is the number of zeros inside the unit circle, less one. The
    zeros' product is :math:`e^{-2\alpha L}`, so for α > 0 one always lies inside and the larger
    decides: w is 1 or 0. α → −α mirrors the curve. P2 calls the winding phase −1; with
    Eqs. 14–16 as printed it is +1 for α > 0.

    Parameters
    ----------
    alpha, h, V1, V2, base_energy, t, sites
        As in `determinants`, which also lists the other errors.
    mask : bool
        Mask the gapless rings instead of refusing all.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    GaplessError
        :math:`E_B` is in the spectrum: the curve meets the origin to within rounding (1e-12 of
        its size in double precision).
    ArgumentError
        As in `determinants`.

    Examples
    --------
    Without V₂ and at the base energy 0, a long ring winds where |α| > h + ln(V₁/2) (0 if that is
    less).

    >>> exact_winding([0.5, -0.5, 0.5], h=[0.0, 0.0, 1.0], V1=2.5, V2=0.0).tolist()
    [1, -1, 0]
    """
    near = rounding(alpha=alpha, h=h, V1=V1, V2=V2, base_energy=base_energy, t=t)
    (alpha,) = reals(alpha=alpha)
    centre, a, b, _ = _ellipse(np.abs(alpha), h, V1, V2, base_energy, t, sites)
    root = np.sqrt(centre**2 - (a - b) * (a + b))
    zero = np.where(np.abs(root - centre) > np.abs(root + centre), root, -root) - centre
    zero *= np.sign(a)  # the larger one is zero / |a + b|, and at this angle:
    flux = np.angle(zero)
    # Judged by the curve, since rounding moves a double zero by much more than itself.
    gapless = np.abs(centre + a * np.cos(flux) + 1j * b * np.sin(flux)) <= near
    inside = np.abs(zero) < np.abs(a + b)
    windings = np.where(inside, np.sign(alpha), 0).astype(int)
    why = "have the base energy in their spectrum; take another base_energy=, leave them out"
    return decided(windings, gapless, mask, "rings", why)


def sample(
    n: int,
    rng: np.random.Generator,
    alphas: ArrayLike = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    h: float = 0.0,
) -> dict[str, Any]:
    """P2's rings: V₁ uniform in [0, 4] and V₂ in [0, 2], in units of t.

    α takes the values of `alphas` in turn, each n / len(alphas) times. The default is P2's
    training set, ten values at h = 0; each cell of its test has one α and one h.

    Parameters
    ----------
    n : int
        Number of rings.
    rng : numpy.random.Generator
        Draws V₁ and V₂; one seed gives the same rings again.
    alphas : sequence of float
        Values of the hopping's nonreciprocity α, dimensionless; P2's 0.1, 0.2, …, 1.0 by default.
    h : float
        Imaginary part of the potential's phase, in radians, the same for all rings; 0 by default.

    Returns
    -------
    dict
        ``alpha``, ``h``, ``V1`` and ``V2``, each of shape (n,).

    Raises
    ------
    ArgumentError
        `n` is no whole number from 1 on, `rng` no generator, or an α or h no finite real number.

    Examples
    --------
    >>> sample(5, np.random.default_rng(0), alphas=(0.1, 0.2))["alpha"].tolist()
    [0.1, 0.2, 0.1, 0.2, 0.1]
    """
    n, rng = amount(n, rng)
    (alphas,), h = reals(alphas=alphas), real("h", h)
    if alphas.ndim != 1 or len(alphas) == 0:
        raise ArgumentError(f"got alphas of shape {alphas.shape}; expected at least one alpha")
    return {
        "alpha": np.resize(alphas, n),
        "h": np.full(n, float(h)),
        "V1": rng.uniform(0, 4, n),
        "V2": rng.uniform(0, 2, n),
    }
