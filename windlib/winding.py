"""Winding numbers of closed curves in the complex plane."""

import numpy as np


class WindingError(ValueError):
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


class UnresolvedError(WindingError):
    """The curve comes so close to the origin that no link could be certified there."""


def _checked(curve, gap, closure):
    curve = np.asarray(curve)
    if curve.ndim not in (1, 2) or not np.issubdtype(curve.dtype, np.complexfloating):
        raise CurveShapeError(
            f"got an array of shape {curve.shape} and type {curve.dtype}; expected complex "
            "numbers of shape (L + 1,) or (n, L + 1); build them as x + 1j * y"
        )
    curves = np.atleast_2d(curve)
    if curves.shape[1] < 4:
        raise TooFewLinksError(
            f"got {curves.shape[1]} points; expected at least 4 (3 links, the first point "
            "repeated at the end); sample the curve at more points"
        )
    with np.errstate(over="ignore"):  # found and named below
        modulus = np.abs(curves)
    size = modulus.max(axis=1, initial=0)
    finite = np.isfinite(size)  # max passes NaN on
    if not finite.all():
        raise NonFiniteCurveError(
            f"curve {np.argmin(finite)} has a point whose modulus is not finite; "
            "check the Hamiltonian's parameters"
        )
    jump = np.abs(curves[:, -1] - curves[:, 0])
    if (jump > closure * size).any():
        worst = np.argmax(jump - closure * size)
        raise OpenCurveError(
            f"curve {worst} ends {jump[worst]:.3g} from where it began; expected less than "
            f"{closure:g} times its size; sample s from 0 to 2 pi, both included"
        )
    smallest = modulus.min(axis=1)
    tiny = np.finfo(modulus.dtype).tiny  # below, numbers lose their digits
    closed = smallest <= np.maximum(gap * size, tiny)
    if closed.any():
        worst = np.argmax(closed)
        raise GaplessError(
            f"curve {worst} comes within {smallest[worst]:.3g} of the origin (its size is "
            f"{size[worst]:.3g}); expected more than {gap:g} times its size; leave this "
            "parameter point out, or lower gap= if it is known to be gapped"
        )
    return curves, modulus


def _turns(before, after):
    """Angles in [−π, π) from `before` to `after`, both of unit modulus."""
    angles = np.angle(after * before.conj())
    angles[angles == np.pi] = -np.pi
    return angles


def link_angles(curve, *, gap=1e-12, closure=1e-9):
    """Angle Δθ by which each link of a closed curve turns around the origin.

    Parameters
    ----------
    curve : complex ndarray, shape (L + 1,) or (n, L + 1)
        Points z(0), …, z(2π); the last repeats the first.
    gap : float
        A point closer to the origin than `gap` times the curve's size is refused.
    closure : float
        A mismatch of the end points above `closure` times the curve's size is refused.

    Returns
    -------
    ndarray, shape (L,) or (n, L)
        Δθ(n) = θ(n) − θ(n − 1) in [−π, π), in radians (P1, below Eq. 3).

    Raises
    ------
    CurveShapeError, TooFewLinksError, NonFiniteCurveError, OpenCurveError, GaplessError
        Subclasses of `WindingError`, one for each thing that can be wrong with a curve.

    Examples
    --------
    >>> import numpy as np
    >>> circle = np.exp(1j * np.linspace(0, 2 * np.pi, 5))
    >>> (link_angles(circle) / np.pi).round(3).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    curves, modulus = _checked(curve, gap, closure)
    unit = curves / modulus
    angles = _turns(unit[:, :-1], unit[:, 1:])
    return angles if np.ndim(curve) == 2 else angles[0]


def winding_number(curve, *, gap=1e-12, closure=1e-9):
    """Number of times a sampled closed curve winds around the origin, anticlockwise positive.

    w = (1/2π) Σ Δθ(n) with Δθ(n) in [−π, π). This is the *discrete* winding number: each
    link is taken to turn by less than half a circle, and where the curve passes the origin
    closely between two samples it can differ from the winding number of the continuous
    curve (see `resolved_winding`). A link within rounding of half a turn may count either
    way. The sum is P1's Eq. 3 without its minus sign, which contradicts Eq. 2.

    Parameters
    ----------
    curve : complex ndarray, shape (L + 1,) or (n, L + 1)
        Points z(0), …, z(2π); the last repeats the first, and is taken to equal it.
    gap, closure : float
        As in `link_angles`, which also lists the errors.

    Returns
    -------
    int or int ndarray of shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> k = np.linspace(0, 2 * np.pi, 33)
    >>> winding_number(np.exp(-2j * k))
    -2
    """
    # Σ Δθ / 2π counts the crossings of the positive real axis: +1 for a link that enters the
    # upper half-plane (0 <= θ < π) anticlockwise, -1 for one that leaves it clockwise. The
    # other links, most of them, need no angle.
    curves, modulus = _checked(curve, gap, closure)
    unit = curves / modulus
    unit[:, -1] = unit[:, 0]
    upper = (unit.imag > 0) | ((unit.imag == 0) & (unit.real > 0))
    crossing = np.flatnonzero(upper[:, 1:] != upper[:, :-1])
    row = crossing // (unit.shape[1] - 1)
    before = crossing + row  # a row has one point more than it has links
    anticlockwise = _turns(unit.ravel()[before], unit.ravel()[before + 1]) > 0
    turns = anticlockwise.astype(int) - upper.ravel()[before]
    windings = np.bincount(row, turns, minlength=len(unit)).astype(int)
    return windings if np.ndim(curve) == 2 else int(windings[0])


def resolved_winding(point, speed, *, links=32, bisections=40):
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
        How often a link may be halved before the curve is refused.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    UnresolvedError
        A link is still not certified after all bisections.
    WindingError
        The other errors of `link_angles`, for the points to begin with.

    Examples
    --------
    >>> import numpy as np
    >>> radius = np.array([0.999, 1.001])  # around a centre at distance 1 from the origin
    >>> resolved_winding(lambda i, s: 1 + radius[i] * np.exp(1j * s), radius).tolist()
    [0, 1]
    """
    speed = np.asarray(speed, dtype=float)
    if speed.ndim != 1 or not (np.isfinite(speed).all() and (speed >= 0).all()):
        raise CurveShapeError(
            f"got speed of shape {speed.shape}; expected one finite bound on |dz/ds| a curve"
        )
    n = len(speed)
    s = np.linspace(0, 2 * np.pi, links + 1)
    start = point(np.repeat(np.arange(n), links + 1), np.tile(s, n)).reshape(n, links + 1)
    _, modulus = _checked(start, gap=0.0, closure=1e-9)
    rounding = 1e-13 * modulus.max(axis=1, initial=0)

    turned = np.zeros(n)
    index = np.repeat(np.arange(n), links)
    left, width = np.tile(s[:-1], n), 2 * np.pi / links
    z1, z2 = start[:, :-1].ravel(), start[:, 1:].ravel()
    for _ in range(bisections + 1):
        safe = np.abs(z1) + np.abs(z2) > speed[index] * width + rounding[index]
        np.add.at(turned, index[safe], np.angle(z2[safe] / z1[safe]))
        if safe.all():
            return np.rint(turned / (2 * np.pi)).astype(int)
        index, left, z1, z2 = index[~safe], left[~safe], z1[~safe], z2[~safe]
        width /= 2
        middle = point(index, left + width)
        index, left = np.tile(index, 2), np.concatenate([left, left + width])
        z1, z2 = np.concatenate([z1, middle]), np.concatenate([middle, z2])
    raise UnresolvedError(
        f"curve {index[0]} comes within {min(abs(z1[0]), abs(z2[0])):.3g} of the origin near "
        f"s = {left[0]:.6g}, and {bisections} bisections from {links} links do not certify it "
        f"({len(np.unique(index))} such curves in all); raise bisections=, or leave it out"
    )
