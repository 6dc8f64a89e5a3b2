"""Winding numbers of closed curves in the complex plane."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import ArgumentError, fits, flag, has_mask, real, reals, some, whole
from windlib.errors import WindlibError


class WindingError(WindlibError, ValueError):
    """A curve has no winding number that can be computed from what was given."""


class CurveShapeError(WindingError):
    """The curve is not a complex array of shape (L + 1,) or (n, L + 1)."""


class TooFewLinksError(WindingError):
    """With fewer than three links, each shorter than half a turn, no curve can wind."""


class NonFiniteCurveError(WindingError):
    """The curve contains NaN, infinity, or a point whose modulus overflows."""


class OpenCurveError(WindingError):
    """The last point differs from the first, so the number of turns is not an integer."""


class GaplessError(WindingError):
    """The curve passes through the origin, where its angle and winding are undefined."""


class HalfTurnError(WindingError):
    """A link turns by half a circle to within rounding, and half a turn has no direction."""


class UnresolvedError(WindingError):
    """The curve comes so close to the origin that no link could be certified there."""


def _array(curve):
    if has_mask(curve):
        raise CurveShapeError(
            "got a masked array; leave the masked curves out: curve[~curve.mask.any(axis=1)].data"
        )
    try:
        curve = np.asarray(curve)
    except ValueError:  # lists of unequal lengths
        raise CurveShapeError("got lists of unequal lengths; expected (n, L + 1)") from None
    if curve.ndim not in (1, 2) or not np.issubdtype(curve.dtype, np.complexfloating):
        raise CurveShapeError(
            f"got an array of shape {curve.shape} and type {curve.dtype}; expected complex "
            "numbers of shape (L + 1,) or (n, L + 1); build them as x + 1j * y"
        )
    return np.atleast_2d(curve)


def _read(curve, gap, closure, links):
    """Curves in two dimensions, their moduli and sizes, and the width of a gap for each.

    All is checked but the gap.
    """
    curves = _array(curve)
    eps = float(np.finfo(curves.dtype).eps)
    gap = eps**0.75 if gap is None else real("gap", gap, least=0, most=1)
    closure = eps**0.5 if closure is None else real("closure", closure, least=0, most=1)
    if curves.shape[1] <= links:
        raise TooFewLinksError(
            f"got {curves.shape[1]} points; expected at least {links + 1} ({links} links, the "
            "first point repeated at the end); sample the curve at more points"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # found and named below
        modulus = np.abs(curves)
        jump = np.abs(curves[:, -1] - curves[:, 0])
    size = modulus.max(axis=1, initial=0)
    infinite = ~np.isfinite(size)  # max passes NaN on
    if infinite.any():
        raise NonFiniteCurveError(
            f"{some('curves', infinite)} have a point whose modulus is not finite; check the "
            "Hamiltonian's parameters"
        )
    is_open = jump > closure * size
    if is_open.any():
        first = np.argmax(is_open)
        raise OpenCurveError(
            f"{some('curves', is_open)} do not close: the first ends {jump[first]:.3g} from where "
            f"it began; expected at most {closure:.2g} times its size; sample s from 0 to 2 pi, "
            "both included, or raise closure="
        )
    tiny = np.finfo(modulus.dtype).tiny  # below, numbers lose their digits
    return curves, modulus, size, np.maximum(gap * size, tiny)


def _refuse_gapless(gapless, modulus, size, near):
    if gapless.any():
        first = np.argmax(gapless)
        raise GaplessError(
            f"{some('curves', gapless)} pass through the origin: the first comes within "
            f"{modulus[first].min():.3g} of it, and its size is {size[first]:.3g}; expected more "
            f"than {near[first]:.2g}; leave these parameter points out, mask them (mask=True), or "
            "lower gap= if they are known to be gapped"
        )


def checked(
    curve: ArrayLike, *, gap: float | None = None, closure: float | None = None, links: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Closed curves that pass through the origin on no sample, and their moduli.

    Parameters
    ----------
    curve, gap, closure
        As in `winding_number`.
    links : int
        The fewest links allowed.

    Returns
    -------
    curves : complex ndarray, shape (n, L + 1)
    modulus : ndarray, shape (n, L + 1)

    Raises
    ------
    WindingError
        As `winding_number`, but half a turn is allowed.

    Examples
    --------
    >>> curves, modulus = checked([3 + 4j, -5, 3 + 4j], links=2)
    >>> modulus.tolist()
    [[5.0, 5.0, 5.0]]
    """
    curves, modulus, size, near = _read(curve, gap, closure, links)
    _refuse_gapless(modulus.min(axis=1) <= near, modulus, size, near)
    return curves, modulus


def _links(before, after, near):
    """Unit vectors to both ends of links, e^{iΔθ}, and which links turn by half a circle.

    Those pass the origin within `near`, with their ends on opposite sides of it.
    """
    lengths = np.abs(before), np.abs(after)
    nearer, farther = np.minimum(*lengths), np.maximum(*lengths)
    with np.errstate(divide="ignore", invalid="ignore"):  # points at 0 are refused or masked
        before, after = before / lengths[0], after / lengths[1]
        turn = after * before.conj()
        # Twice the area of the triangle of both ends and the origin, divided by its base.
        distance = nearer * np.abs(turn.imag) / np.abs(1 - nearer / farther * turn)
    return before, after, turn, (turn.real < 0) & (distance <= near)


def _refuse_half_turns(half, row, link, curves):
    """`half` marks half turns among the links numbered `link` of the curves numbered `row`."""
    if half.any():
        first = np.argmax(half)
        n, before = row[first], link[first]
        after = (before + 1) % (curves.shape[1] - 1)
        undecided = np.zeros(len(curves), dtype=bool)
        undecided[row[half]] = True
        raise HalfTurnError(
            f"{some('curves', undecided)} have a link that turns by half a circle to within "
            f"rounding, which has no direction: in the first, curve {n}, the link from point "
            f"{before} ({curves[n, before]:.3g}) to point {before + 1} ({curves[n, after]:.3g}); "
            "take more links, shift the samples or the base energy, leave these curves out, or "
            "mask them (mask=True)"
        )


def decided(
    windings: np.ndarray, gapless: np.ndarray, mask: bool, what: str, why: str
) -> np.ndarray:
    """Winding numbers of `what`; the gapless ones are masked, or refused with the reason `why`.

    Examples
    --------
    >>> decided(np.array([1, 0, -1]), np.array([False, True, False]), True, "chains", "")
    masked_array(data=[1, --, -1],
                 mask=[False,  True, False],
           fill_value=999999)
    """
    if flag("mask", mask):
        return np.ma.masked_array(windings, gapless)
    if np.any(gapless):
        raise GaplessError(f"{some(what, gapless)} {why}, or mask them (mask=True)")
    return windings


def link_angles(
    curve: ArrayLike, *, gap: float | None = None, closure: float | None = None
) -> np.ndarray:
    """Angle Δθ by which each link of a closed curve turns around the origin.

    Parameters
    ----------
    curve, gap, closure
        As in `winding_number`.

    Returns
    -------
    ndarray, shape (L,) or (n, L)
        Δθ(n) = θ(n) − θ(n − 1) in (−π, π), in radians (P1, below Eq. 3).

    Raises
    ------
    WindingError
        As `winding_number`.

    Examples
    --------
    >>> import numpy as np
    >>> circle = np.exp(1j * np.linspace(0, 2 * np.pi, 5))
    >>> (link_angles(circle) / np.pi).round(3).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    curves, modulus, size, near = _read(curve, gap, closure, links=3)
    _refuse_gapless(modulus.min(axis=1) <= near, modulus, size, near)
    before = curves[:, :-1]
    _, _, turn, half = _links(before, np.roll(before, -1, axis=1), near[:, None])
    row, link = np.nonzero(half)
    _refuse_half_turns(half[row, link], row, link, curves)
    return np.angle(turn if np.ndim(curve) == 2 else turn[0])


def winding_number(
    curve: ArrayLike, *, gap: float | None = None, closure: float | None = None, mask: bool = False
) -> Any:  # an int or an array, by the shape of the curve
    r"""Number of times a sampled closed curve winds around the origin, anticlockwise positive.

    .. math:: w = \frac{1}{2\pi} \sum_{n=1}^{L} \Delta\theta(n), \qquad
              -\pi < \Delta\theta(n) < \pi

    This is the *discrete* winding number: each link is taken to turn by less than half a circle.
    Where the curve passes the origin closely between two samples it can differ from the winding
    number of the continuous curve (see `resolved_winding`). A link of half a circle has no
    direction and is refused. The sum is P1's Eq. 3 without its minus sign, which contradicts
    Eq. 2.

    Parameters
    ----------
    curve : complex ndarray, shape (L + 1,) or (n, L + 1)
        Points z(0), …, z(2π); the last repeats the first, and is taken to equal it.
    gap : float
        A curve is undecided where a sample, or a straight link between two samples on opposite
        sides of the origin, comes closer to the origin than `gap` times the curve's largest
        modulus. None: :math:`\varepsilon^{3/4}`, where ε is the resolution of the curve's type
        (1.8e-12 in double precision, 6.4e-6 in single precision).
    closure : float
        A mismatch of the end points above `closure` times the curve's largest modulus is
        refused. None: :math:`\varepsilon^{1/2}` (1.5e-8 in double precision, 3.5e-4 in single
        precision).
    mask : bool
        Mask the undecided curves instead of refusing all.

    Returns
    -------
    int or int ndarray of shape (n,)
        With ``mask=True`` a masked array; of one curve, ``numpy.ma.masked`` if undecided.

    Raises
    ------
    CurveShapeError
        The curve is not a complex array of shape (L + 1,) or (n, L + 1).
    TooFewLinksError
        It has fewer than three links.
    NonFiniteCurveError
        A point is NaN or infinite, or its modulus overflows.
    OpenCurveError
        The last point is not the first one, to within `closure`.
    GaplessError
        A sample lies at the origin, to within `gap`, and ``mask=False``.
    HalfTurnError
        A link between two samples turns by half a circle, that is, passes through the origin to
        within `gap`, and ``mask=False``.
    ArgumentError
        `gap` or `closure` is no number from 0 to 1, or `mask` no truth value.

    Examples
    --------
    >>> import numpy as np
    >>> k = np.linspace(0, 2 * np.pi, 33)
    >>> winding_number(np.exp(-2j * k))
    -2

    A scan across a transition, with a point on it:

    >>> radius = np.array([[0.5], [1.0], [1.5]])
    >>> winding_number(1 + radius * np.exp(1j * k), mask=True)
    masked_array(data=[0, --, 1],
                 mask=[False,  True, False],
           fill_value=999999)
    """
    # Σ Δθ / 2π counts the crossings of the positive real axis: +1 for a link that enters the
    # upper half-plane (0 <= θ < π) anticlockwise, -1 for one that leaves it clockwise. Most
    # links do neither: both their ends lie well above the real axis, or both well below.
    mask = flag("mask", mask)
    curves, modulus, size, near = _read(curve, gap, closure, links=3)
    undecided = modulus.min(axis=1) <= near
    if not mask:
        _refuse_gapless(undecided, modulus, size, near)
    height = curves.imag[:, :-1]
    above, below = height > near[:, None], height < -near[:, None]
    aside = (above & np.roll(above, -1, axis=1)) | (below & np.roll(below, -1, axis=1))
    row, link = np.divmod(np.flatnonzero(~aside), height.shape[1])
    before, after, turn, half = _links(
        curves[row, link], curves[row, (link + 1) % height.shape[1]], near[row]
    )
    if not mask:
        _refuse_half_turns(half, row, link, curves)
    undecided[row[half]] = True
    upper, upper_after = ((z.imag > 0) | ((z.imag == 0) & (z.real > 0)) for z in (before, after))
    turns = np.where(upper != upper_after, (turn.imag > 0).astype(int) - upper, 0)
    windings = np.bincount(row, turns, minlength=len(curves)).astype(int)
    if mask:
        windings = np.ma.masked_array(windings, undecided)
    if np.ndim(curve) == 2:
        return windings
    return np.ma.masked if undecided[0] else int(windings[0])


_IN_FLIGHT = 1 << 20  # links at a time, that `resolved_winding` may always have


def resolved_winding(
    point: Callable[[np.ndarray, np.ndarray], np.ndarray],
    speed: ArrayLike,
    *,
    links: int = 32,
    bisections: int = 40,
    mask: bool = False,
) -> np.ndarray:
    """Winding numbers of continuous curves, each link certified.

    A curve that moves at most at `speed` cannot reach the origin between two points
    with |z₁| + |z₂| > speed · Δs: the way there and back is too long. Such a link
    turns by the angle of its chord. Every other link is bisected until it is safe, so
    only the parts near the origin are refined, and the result is exact.

    Parameters
    ----------
    point : callable
        ``point(index, s)`` returns z(s) of the curves numbered `index`; both arguments,
        and the complex result, are arrays of equal length; s runs from 0 to 2π.
    speed : ndarray, shape (n,)
        A bound on |dz/ds| for each curve.
    links : int
        Links to begin with.
    bisections : int
        How often a link may be halved before the curve is refused, at most 60.
    mask : bool
        Mask the curves that cannot be certified instead of refusing all.

    Returns
    -------
    int ndarray, shape (n,)
        With ``mask=True`` a masked array.

    Raises
    ------
    UnresolvedError
        A link is still not certified after all bisections, or so many links are not that
        their number would grow without end: the bound on the speed is far too large.
    WindingError
        The other errors of `winding_number`, for the points that `point` returns.
    ArgumentError
        A speed is negative, not real or not finite, or `links` or `bisections` is no whole
        number in its range.

    Examples
    --------
    >>> import numpy as np
    >>> # circles around the point 1
    >>> radius = np.array([0.999, 1.001])
    >>> resolved_winding(lambda i, s: 1 + radius[i] * np.exp(1j * s), radius).tolist()
    [0, 1]
    """
    links = whole("links", links, least=3, most=1_000_000)
    bisections = whole("bisections", bisections, least=0, most=60)
    mask = flag("mask", mask)
    (speed,) = reals(speed=speed)
    if speed.ndim != 1 or (speed < 0).any():
        raise ArgumentError(
            f"got speed of shape {speed.shape}, {np.count_nonzero(speed < 0)} of its values "
            "negative; expected one bound on |dz/ds| for each curve, none negative"
        )
    n = len(speed)
    fits(n=n, links=links)
    s = np.linspace(0, 2 * np.pi, links + 1)
    start = _points(point, np.repeat(np.arange(n), links + 1), np.tile(s, n))
    start = start.reshape(n, links + 1)
    _, modulus, size, near = _read(start, 0, None, links=3)
    undecided = modulus.min(axis=1) <= near
    if not mask:
        _refuse_gapless(undecided, modulus, size, near)
    rounding = 500 * np.finfo(modulus.dtype).eps * size

    turned = np.zeros(n)
    index = np.repeat(np.arange(n), links)
    left, width = np.tile(s[:-1], n), 2 * np.pi / links
    z1, z2 = start[:, :-1].ravel(), start[:, 1:].ravel()
    gapped = ~np.repeat(undecided, links)
    index, left, z1, z2 = index[gapped], left[gapped], z1[gapped], z2[gapped]
    bound = max(_IN_FLIGHT, 4 * len(index))

    for halved in range(bisections + 1):
        safe = np.abs(z1) + np.abs(z2) > speed[index] * width + rounding[index]
        np.add.at(turned, index[safe], np.angle(z2[safe] / z1[safe]))
        index, left, z1, z2 = index[~safe], left[~safe], z1[~safe], z2[~safe]
        grows = 2 * len(index) > bound
        if len(index) == 0 or grows or halved == bisections:
            break
        width /= 2
        middle = _points(point, index, left + width)
        index, left = np.tile(index, 2), np.concatenate([left, left + width])
        z1, z2 = np.concatenate([z1, middle]), np.concatenate([middle, z2])
    windings = np.rint(turned / (2 * np.pi)).astype(int)
    undecided[index] = True
    if mask:
        return np.ma.masked_array(windings, undecided)
    if grows:
        raise UnresolvedError(
            f"after {halved} bisections from {links} links {len(index):,} links of "
            f"{len(np.unique(index)):,} curves are not certified, and their number grows; "
            f"check the bound on the speed (up to {speed.max():.3g} here), or pass fewer "
            "curves at a time"
        )
    if len(index):
        raise UnresolvedError(
            f"curve {index[0]} comes within {min(abs(z1[0]), abs(z2[0])):.3g} of the origin near "
            f"s = {left[0]:.6g}, and {bisections} bisections from {links} links do not certify it "
            f"({len(np.unique(index))} such curves in all); raise bisections=, or leave it out"
        )
    return windings


def _points(point, index, s):
    if not callable(point):
        raise ArgumentError(f"got point of type {type(point).__name__}; expected a function of s")
    z = point(index, s)
    if has_mask(z):
        raise CurveShapeError(
            "point(index, s) returned a masked array; leave the masked curves out, or give .data"
        )
    z = np.asarray(z)
    if z.shape != s.shape or not np.issubdtype(z.dtype, np.complexfloating):
        raise CurveShapeError(
            f"point(index, s) returned an array of shape {z.shape} and type {z.dtype}; expected "
            f"complex numbers of shape {s.shape}, one for each index and s"
        )
    infinite = ~np.isfinite(z)
    if infinite.any():
        first = np.argmax(infinite)
        raise NonFiniteCurveError(
            f"point(index, s) returned {some('points', infinite)} that are not finite, the "
            f"first of curve {index[first]} at s = {s[first]:.6g}; check the Hamiltonian's "
            "parameters"
        )
    return z
