"""What a Hamiltonian of the book is, and the helpers that all of them share."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from windlib.arguments import ArgumentError, generator, real, whole

LARGEST = 1e100  # parameter: below, no number overflows


@runtime_checkable
class Hamiltonian(Protocol):
    """What each module of `windlib.hamiltonians` offers.

    The parameters of n Hamiltonians are arrays by name, as ``sample`` gives them and as the other
    functions take them. A module may also have ``phase_boundary_distance(…)``, the distance s from
    the nearest phase boundary; ``matrix(…)``, one Hamiltonian in real space; and functions whose
    names end in ``_label``, which are other ways to label. These take the parameters they need.
    """

    def sample(self, n: int, rng: np.random.Generator, **options: Any) -> dict[str, Any]:
        """Parameters of n random Hamiltonians."""

    def curve(self, *, links: int = 32, **parameters: Any) -> np.ndarray:
        """Closed curves in the complex plane, shape (n, links + 1)."""

    def exact_winding(self, *, mask: bool = False, **parameters: Any) -> np.ndarray:
        """Winding numbers of the continuous curves, shape (n,); not counted on samples.

        Where the gap is closed there is none: refused with `GaplessError`, or masked. Closed is
        what the parameters' type of floats cannot tell from it (`windlib.arguments.rounding`).
        """


def call(function: Callable[..., Any], parameters: Mapping[str, Any]) -> Any:
    """A function of some of a Hamiltonian's parameters, given those of them that it takes."""
    known = inspect.signature(function).parameters
    return function(**{name: values for name, values in parameters.items() if name in known})


def momenta(links: int) -> np.ndarray:
    """L + 1 evenly spaced momenta from 0 to 2π, both included.

    Raises
    ------
    ArgumentError
        `links` is no whole number from 1 to 1,000,000.
    """
    links = whole("links", links, least=1, most=1_000_000)
    return 2 * np.pi * np.arange(links + 1) / links


def unit_circle(links: int) -> np.ndarray:
    """The points :math:`e^{ik}` at `momenta`; the last equals the first bit for bit."""
    circle = np.exp(1j * momenta(links))
    circle[-1] = circle[0]
    return circle


def amount(n: int, rng: np.random.Generator) -> tuple[int, np.random.Generator]:
    """How many Hamiltonians to draw, and the generator to draw them with, both checked."""
    return whole("n", n, least=1, most=100_000_000), generator(rng)


def interval(**ends: float) -> tuple[float, float]:
    """Lower and upper end of an interval that is not empty."""
    low, high = (real(name, end, -LARGEST, LARGEST) for name, end in ends.items())
    if not low < high:
        given = ", ".join(f"{n}={v}" for n, v in zip(ends, (low, high), strict=True))
        raise ArgumentError(f"got {given}; expected {' < '.join(ends)}")
    return low, high


def distances(distance_at_least: float, distance_below: float | None) -> tuple[float, float]:
    """Range of distances from a phase boundary; None as its end means no end."""
    least = real("distance_at_least", distance_at_least)
    below = np.inf if distance_below is None else real("distance_below", distance_below)
    if not least < below:
        raise ArgumentError(
            f"got distance_at_least={least}, distance_below={below}; expected the first to be "
            "less; widen the range"
        )
    return least, below


def collect(n: int, draw: Callable[[], np.ndarray], tries: int, refusal: str) -> np.ndarray:
    """The first n rows that a sampler accepts.

    Parameters
    ----------
    n : int
        How many rows are wanted.
    draw : callable
        Returns the accepted rows of one more block of random numbers.
    tries : int
        Blocks in a row without one accepted row, after which to give up.
    refusal : str
        What the error then says.

    Returns
    -------
    ndarray, shape (n, …)

    Raises
    ------
    ArgumentError
        So many blocks in a row gave no row.
    """
    rows, missing, empty = [], n, 0
    while missing > 0:
        rows.append(draw())
        missing -= len(rows[-1])
        empty = 0 if len(rows[-1]) else empty + 1
        if empty == tries:
            raise ArgumentError(refusal)
    return np.concatenate(rows)[:n]
