"""What networks read of a test set, and answer: made once for all that ask, up to 512 MiB.

Only of sets that nobody can change any more: what is remembered stays right.
"""

from collections.abc import Callable

import numpy as np

from windlib.datasets import LabelledCurves, read_only

_MOST = 2**29  # bytes of test sets and of what was made of them
_made: dict[tuple, tuple] = {}  # of which set, and what; what was asked for last at the end


def of(test: LabelledCurves, what: tuple, make: Callable[[], np.ndarray]) -> np.ndarray:
    """What was made of a test set's curves, read-only: as it is remembered, or made anew.

    Parameters
    ----------
    test : LabelledCurves
        This set alone; one that is equal to it is another one. If its curves can be changed,
        nothing is remembered of it.
    what : tuple
        Says what is made; hashable.
    make : callable
        Makes it.

    Returns
    -------
    ndarray
    """
    key = id(test), *what
    if not _locked(test.curve):
        return read_only((make(),))[0]
    if key in _made:
        _made[key] = _made.pop(key)
    else:
        (made,) = read_only((make(),))
        _made[key] = test, made
        while len(_made) > 1 and _bytes() > _MOST:
            del _made[next(iter(_made))]
    return _made[key][1]


def _locked(curve):
    """Whether neither this array nor one that it is a part of can be changed."""
    while isinstance(curve, np.ndarray) and not curve.flags.writeable:
        curve = curve.base
    return curve is None


def _bytes():
    sets = {id(test): test.curve.nbytes for test, _ in _made.values()}
    return sum(sets.values()) + sum(made.nbytes for _, made in _made.values())
