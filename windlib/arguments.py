"""Checks of single arguments: each error names what was given, what was expected, what to do."""

import contextlib
import math
import operator
import os
import reprlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.errors import WindlibError

_SHORT = reprlib.Repr()
_SHORT.maxstring = 80  # a path, or the name of an experiment
_MOST_NUMBERS = 10**10  # of one array: 80 GB, or 160 GB of complex ones
_LEAVE_OUT = "leave masked points out: .compressed()"
_HOLDS = np.ma.MaskedArray, list, tuple  # what may hold a mask


class ArgumentError(WindlibError, ValueError):
    """An argument is of the wrong kind, or out of its range."""


def whole(name: str, value: Any, least: int | None = 0, most: int | None = None) -> int:
    """A whole number as a Python int, from Python's or NumPy's integers.

    Raises
    ------
    ArgumentError
        It is a truth value, a float, text, or not between `least` and `most`.

    Examples
    --------
    >>> whole("links", np.int64(32), least=2)
    32
    >>> whole("links", 32.5, least=2)
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got links=32.5; expected a whole number, 2 or larger
    """
    expected = f"a whole number{_range(least, most)}"
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    other = isinstance(value, bool | np.bool_) or np.ma.isMaskedArray(value)
    if number is None or other or not _within(number, least, most):
        raise ArgumentError(f"got {name}={short(value)}; expected {expected}")
    return number


def fits(**sizes: int) -> None:
    """Check that an array of these sizes would fit into memory: their product is bounded.

    Raises
    ------
    ArgumentError
        It would have more than 10,000,000,000 numbers.

    Examples
    --------
    >>> fits(n=10**8, cutoff=1000)
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got n=100,000,000 and cutoff=1,000; expected a product of at \
most 10,000,000,000, or they would not fit into memory; take fewer at a time
    """
    if math.prod(max(int(size), 1) for size in sizes.values()) > _MOST_NUMBERS:
        given = " and ".join(f"{name}={size:,}" for name, size in sizes.items())
        raise ArgumentError(
            f"got {given}; expected a product of at most {_MOST_NUMBERS:,}, or they would not fit "
            "into memory; take fewer at a time"
        )


def real(name: str, value: Any, least: float | None = None, most: float | None = None) -> float:
    """A finite real number as a Python float.

    Raises
    ------
    ArgumentError
        It is complex, text, a truth value, not finite, or not between `least` and `most`.

    Examples
    --------
    >>> real("learning_rate", float("nan"), least=0)
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got learning_rate=nan; expected a finite number, 0 or larger
    """
    expected = f"a finite number{_range(least, most)}"
    number = None
    other = isinstance(value, str | bytes | bool | np.bool_ | list | tuple) or (
        isinstance(value, np.ndarray | np.generic) and value.dtype.kind not in "iuf"
    )
    if not other and not np.ma.isMaskedArray(value) and np.ndim(value) == 0:
        try:
            number = float(value) if np.isrealobj(value) else None
        except (TypeError, ValueError, OverflowError):
            number = None
    if number is None or not math.isfinite(number) or not _within(number, least, most):
        raise ArgumentError(f"got {name}={short(value)}; expected {expected}")
    return number


def choice(name: str, value: object, choices: Sequence[str]) -> str:
    """One of a few words.

    Raises
    ------
    ArgumentError
        It is none of them.

    Examples
    --------
    >>> choice("inputs", "rw", ("unit", "raw"))
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got inputs='rw'; expected 'unit' or 'raw'
    """
    if not isinstance(value, str) or value not in choices:
        *others, last = map(repr, choices)
        expected = f"{', '.join(others)} or {last}" if others else last
        raise ArgumentError(f"got {name}={short(value)}; expected {expected}")
    return value


def flag(name: str, value: object) -> bool:
    """A truth value, Python's or NumPy's, as a Python bool.

    Raises
    ------
    ArgumentError
        It is anything else, such as a number or text.
    """
    if not isinstance(value, bool | np.bool_):
        raise ArgumentError(f"got {name}={short(value)}; expected True or False")
    return bool(value)


def generator(rng: object) -> np.random.Generator:
    """NumPy's random generator, as it is.

    Raises
    ------
    ArgumentError
        It is None, a seed, or a generator of another kind.
    """
    if not isinstance(rng, np.random.Generator):
        raise ArgumentError(
            f"got rng={short(rng)}; expected numpy.random.default_rng(seed), which gives the "
            "same numbers again"
        )
    return rng


def some(what: str, bad: ArrayLike) -> str:
    """Text that counts the bad ones of `what` and names the first few of them.

    Examples
    --------
    >>> some("curves", [False, True, True, True, True])
    '4 of 5 curves (numbers 1, 2, 3, …)'
    >>> some("curves", [True, False])
    '1 of 2 curves (number 0)'
    """
    at = np.flatnonzero(bad)
    first = ", ".join(map(str, at[:3])) + (", …" if len(at) > 3 else "")
    return f"{len(at):,} of {np.size(bad):,} {what} (number{'s' * (len(at) > 1)} {first})"


def reals(most: float | None = None, **arrays: ArrayLike) -> Sequence[np.ndarray]:
    """Finite real arrays as float64, broadcast against each other, in the order given.

    Raises
    ------
    ArgumentError
        One is complex, masked, of another type than numbers, not finite, or above `most` in
        size, or their shapes do not fit.

    Examples
    --------
    >>> t, t_prime = reals(t=1, t_prime=[0.5, 2])
    >>> t.tolist(), t_prime.tolist()
    ([1.0, 1.0], [0.5, 2.0])
    >>> reals(t=[1 + 2j])
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got complex values of t; expected real numbers
    """
    return broadcast(**{name: _array(name, value, float, most) for name, value in arrays.items()})


def complexes(most: float | None = None, **arrays: ArrayLike) -> Sequence[np.ndarray]:
    """Finite complex arrays as complex128, otherwise as `reals`."""
    return broadcast(**{name: _array(name, value, complex, most) for name, value in arrays.items()})


def broadcast(**arrays: np.ndarray) -> Sequence[np.ndarray]:
    """Arrays broadcast against each other, in the order given.

    Raises
    ------
    ArgumentError
        Their shapes do not fit.
    """
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ArgumentError(
            f"got arrays of shapes {shapes}; expected shapes that broadcast against each other"
        ) from None


def wholes(name: str, value: ArrayLike, least: int = 0, most: int = 2**31 - 1) -> np.ndarray:
    """An array of whole numbers as int64, from any type of integers.

    Raises
    ------
    ArgumentError
        It is masked, of another type than integers, or not between `least` and `most`.

    Examples
    --------
    >>> wholes("mu", [1, 2.5], least=1, most=99)
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got mu=[1, 2.5]; expected whole numbers from 1 to 99
    """
    numbers = _numbers(name, value)
    if numbers.dtype.kind not in "iu" or (numbers < least).any() or (numbers > most).any():
        raise ArgumentError(
            f"got {name}={short(value)}; expected whole numbers{_range(least, most)}"
        )
    return numbers.astype(np.int64)


def array(name: str, value: ArrayLike, kind: type = float, finite: bool = True) -> np.ndarray:
    """A real array of one type of floats, such as ``np.float32``; finite, if that is asked for.

    Raises
    ------
    ArgumentError
        It is complex, masked, of another type than numbers, or not finite in this type.

    Examples
    --------
    >>> array("labels", [1, "two"])
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got labels=[1, 'two']; expected numbers
    """
    return _array(name, value, kind, finite=finite)


def rounding(**parameters: ArrayLike) -> float:
    """What counts as equal, relative to the size of what is compared.

    It follows the coarsest type of floats among the parameters: 1e-12 in double precision, and
    the type's resolution to the power 3/4 where that is coarser. Whole numbers are exact.

    Raises
    ------
    ArgumentError
        One is masked, or of another type than numbers.

    Examples
    --------
    >>> rounding(t=[1.0, 2.0], mu=3)
    1e-12
    >>> round(rounding(t=np.float32(0.1)), 7)
    6.4e-06
    """
    kinds = [_numbers(name, values).dtype for name, values in parameters.items()]
    resolution = max((float(np.finfo(kind).eps) for kind in kinds if kind.kind in "fc"), default=0)
    return resolution**0.75 if resolution > np.finfo(float).eps else 1e-12


def instance(name: str, value: Any, kinds: Any, expected: str) -> Any:
    """A value of one of some types, as it is; `expected` says in words what it should be.

    Examples
    --------
    >>> instance("folder", 3, str, "a path")
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got folder=3; expected a path
    """
    if not isinstance(value, kinds):
        raise ArgumentError(f"got {name}={short(value)}; expected {expected}")
    return value


def path(name: str, value: Any) -> Path:
    r"""A path, from text or from what stands for a path.

    Raises
    ------
    ArgumentError
        It is anything else, or no system has files of such names.

    Examples
    --------
    >>> path("folder", "a\0b")
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got folder='a\x00b'; expected a path that a file can have
    """
    place = os.fspath(instance(name, value, str | os.PathLike, "a path"))
    try:
        possible = isinstance(place, str) and place != "" and b"\0" not in os.fsencode(place)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise ArgumentError(f"got {name}={short(value)}; expected a path that a file can have")
    return Path(place)


def words(name: str, values: Any) -> list[str]:
    """Several words, or numbers to be read as words; one word is no list of its letters.

    Examples
    --------
    >>> words("names", "abc")
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got names='abc'; expected a list of words
    >>> words("names", (0.2, "all"))
    ['0.2', 'all']
    """
    several = isinstance(values, Sequence) and not isinstance(values, str | bytes)
    kinds = (str, int, float, np.number)
    if several and all(isinstance(word, kinds) for word in values):
        with contextlib.suppress(ValueError):  # of an integer too long to print
            return [str(word) for word in values]
    raise ArgumentError(f"got {name}={short(values)}; expected a list of words")


def items(name: str, values: Any, expected: str) -> list[Any]:
    """The items of a list or of anything else that has them, which `expected` says in words.

    Examples
    --------
    >>> items("values", np.array(3), "a list of values")
    Traceback (most recent call last):
    windlib.arguments.ArgumentError: got values=array(3); expected a list of values
    """
    try:
        return list(values)
    except TypeError:
        raise ArgumentError(f"got {name}={short(values)}; expected {expected}") from None


def plain(value: Any, levels: int = 20) -> Any:
    """Numbers and arrays of NumPy as Python's numbers and lists, also within dicts and lists.

    Raises
    ------
    ArgumentError
        An array among them is masked, or lists and dicts are more than `levels` deep.

    Examples
    --------
    >>> plain({"widths": (np.int64(3), 2), "noise": np.array([0.5])})
    {'widths': (3, 2), 'noise': [0.5]}
    """
    if isinstance(value, dict | tuple | list) and levels == 0:
        raise ArgumentError("got lists or dicts within too many others; expected 20 at most")
    if isinstance(value, dict):
        return {key: plain(item, levels - 1) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(plain(item, levels - 1) for item in value)
    if np.ma.isMaskedArray(value):
        raise ArgumentError(f"got a masked array; {_LEAVE_OUT}")
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def has_mask(value: Any) -> bool:
    """Whether a value is a masked array, or a list with one in it, whose mask NumPy would drop.

    Examples
    --------
    >>> has_mask([np.ma.masked, 1.0]), has_mask([[1.0], np.array([2.0])])
    (True, False)
    """
    waiting, seen = [value], set()  # a list may be deeper than Python recurses, or contain itself
    while waiting:
        one = waiting.pop()
        if isinstance(one, np.ma.MaskedArray):
            return True
        if isinstance(one, list | tuple) and id(one) not in seen:
            seen.add(id(one))
            if any(issubclass(kind, _HOLDS) for kind in set(map(type, one))):
                waiting += [part for part in one if isinstance(part, _HOLDS)]
    return False


def _numbers(name: str, value: object) -> np.ndarray:
    if has_mask(value):
        raise ArgumentError(f"got a masked array as {name}; {_LEAVE_OUT}")
    try:
        array = np.asarray(value)
    except ValueError:  # lists of unequal lengths
        array = np.asarray(None)
    if array.dtype.kind not in "iufc":
        raise ArgumentError(f"got {name}={short(value)}; expected numbers")
    return array


def _array(
    name: str, value: object, kind: type, most: float | None = None, finite: bool = True
) -> np.ndarray:
    array = _numbers(name, value)
    if kind is not complex and array.dtype.kind == "c":
        raise ArgumentError(f"got complex values of {name}; expected real numbers")
    with np.errstate(over="ignore"):  # found and named below
        array = array.astype(kind)
    if finite and not np.isfinite(array).all():
        raise ArgumentError(
            f"got {np.count_nonzero(~np.isfinite(array))} of {array.size} values of {name} that "
            "are not finite; leave these points out"
        )
    with np.errstate(over="ignore"):
        size = np.abs(array).max(initial=0)
    if most is not None and size > most:
        raise ArgumentError(
            f"got {name} of up to {size:.3g} in size; expected at most {most:g}, "
            "or numbers overflow; choose another unit"
        )
    return array


def _within(number, least, most):
    return (least is None or number >= least) and (most is None or number <= most)


def _range(least, most):
    if least is not None and most is not None:
        return f" from {least:,} to {most:,}"
    return f", {least:,} or larger" if least is not None else ""


def short(value: object) -> str:
    """A value as text that fits into a message."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape} and type {value.dtype}"
    try:
        return _SHORT.repr(value)
    except Exception:  # a value whose own repr fails, or an integer too long to print
        return f"a value of type {type(value).__name__}"
