"""Winding numbers over a grid of parameters: a phase diagram."""

import inspect
import math
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from windlib.arguments import ArgumentError, array, real, short
from windlib.bloch.chain import MOST
from windlib.bloch.diagnosis import base_energy, no_operator
from windlib.bloch.errors import ChiralOperatorError
from windlib.bloch.points import at_point, built, counted, looked_at
from windlib.runs import workers
from windlib.winding import GaplessError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CHUNK = 2000  # points at a time
_MOST_POINTS = 10**8
_TRIED = 25  # points at which an operator is searched that then serves all


@dataclass(frozen=True)
class PhaseDiagram:
    """Winding numbers over a grid of parameters.

    Attributes
    ----------
    kind : str
        As in `Diagnosis`: "chiral" if H is Hermitian at every point, else "point gap".
    parameters : dict of ndarray
        The values of each parameter, by its name.
    winding : ndarray
        One axis for each parameter, in their order. Masked where the gap is closed, or where
        what is known of H does not decide.
    block_windings : ndarray
        The same with an axis more, of two: of both blocks that the chiral operator leaves.
        Masked where there is none.
    certified : bool
        Whether every winding number that is not masked is certified.
    """

    kind: str
    parameters: dict = field(repr=False)
    winding: np.ndarray = field(repr=False)
    block_windings: np.ndarray = field(repr=False)
    certified: bool

    @property
    def undecided(self) -> int:
        """Number of masked points."""
        return int(np.ma.count_masked(self.winding))

    def __str__(self):
        values, counts = np.unique(self.winding.compressed(), return_counts=True)
        lines = [
            f"{self.winding.size:,} points ({self.kind}; "
            f"{'' if self.certified else 'not '}certified), {self.undecided:,} undecided"
        ]
        lines += [
            f"winding number {value}: {number:,}"
            for value, number in zip(values, counts, strict=True)
        ]
        return "\n".join(lines)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw it over one parameter or two; what is undecided is left out.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ArgumentError
            There are more parameters.
        """
        if len(self.parameters) > 2:
            raise ArgumentError(
                f"got a diagram over {len(self.parameters)} parameters; expected one or two; take "
                "a cut through .winding and draw that"
            )
        from windlib.bloch import figures

        return figures.phase_diagram(self, ax)


def phase_diagram(
    build: Callable[..., Any],
    parameters: Mapping[str, ArrayLike],
    *,
    period: float = 2 * np.pi,
    chiral: ArrayLike | None = None,
    positions: ArrayLike | None = None,
    energy: complex = 0.0,
    tolerance: float = 1e-8,
    jobs: int = -1,
    dask: str | None = None,
) -> PhaseDiagram:
    """Winding numbers of a family of Hamiltonians over a grid of its parameters.

    Points without a winding number, on a phase boundary or too close to it, are masked. The
    chiral operator is searched for once, at a point where there is only one, and used wherever it
    anticommutes with H; elsewhere it is searched for anew. With hoppings thousands of points are
    counted at a time.

    Parameters
    ----------
    build : callable
        Takes the parameters by their names, each a float, and returns whatever `diagnose` takes;
        hoppings {R: matrix} are fastest and certified.
    parameters : dict of array_like, shape (n,)
        Values of each; the grid is their product.
    period, chiral, positions, energy, tolerance
        As in `diagnose`.
    jobs : int
        Processes on this machine for large grids; −1 for one per core, 1 for this one alone.
    dask : str, optional
        Address of a Dask scheduler, to use its workers instead.

    Returns
    -------
    PhaseDiagram

    Raises
    ------
    ArgumentError
        ``build`` is no function of these parameters, their values are not finite numbers in a row,
        the grid has over 100 million points, `jobs` is out of its range, or as in `diagnose`.
    HamiltonianError, PeriodicityError, ChiralOperatorError, UnequalSublatticesError
        As in `diagnose`, with the point where it happened.
    LostError
        A process was killed three times over the same points; memory may be short.
    ClusterError
        With `dask`: the cluster cannot be reached or used, as in `windlib.runs.workers.completed`.

    Examples
    --------
    >>> def ssh(t):
    ...     return {0: [[0, t], [t, 0]], 1: [[0, 1], [0, 0]], -1: [[0, 0], [1, 0]]}
    >>> found = phase_diagram(ssh, {"t": [0.5, 1.0, 1.5]})
    >>> found.winding
    masked_array(data=[1, --, 0],
                 mask=[False,  True, False],
           fill_value=999999)
    >>> print(found)
    3 points (chiral; certified), 1 undecided
    winding number 0: 1
    winding number 1: 1
    """
    if not callable(build):
        raise ArgumentError(
            f"got build of type {type(build).__name__}; expected a function of the parameters"
        )
    parameters = _parameters(parameters)
    _refuse_other_names(build, parameters)
    options = {
        "period": real("period", period, least=1e-100, most=MOST),
        "positions": positions,
        "energy": base_energy(energy),
        "tolerance": real("tolerance", tolerance, least=0, most=0.1),
        "chiral": chiral,
    }
    shape = tuple(map(len, parameters.values()))
    total = math.prod(shape)
    guess = None if chiral is False else _guess(build, parameters, shape, options)
    job = cloudpickle.dumps((build, list(parameters), options, guess))
    tasks = (
        (job, start, _points(parameters, shape, start, min(start + _CHUNK, total)))
        for start in range(0, total, _CHUNK)
    )
    found = np.zeros((total, 3), int)  # upper block, lower block, all of H
    undecided = np.zeros((total, 3), bool)
    facts = np.zeros((total, 3), bool)  # Hermitian, with a chiral operator, certified
    jobs = jobs if total > _CHUNK or dask else 1
    silent = os.environ.get("WINDLIB_PROGRESS") == "0" or total <= _CHUNK
    results = workers.completed(counted, tasks, jobs=jobs, dask=dask)
    with closing(results), tqdm(total=total, unit="point", disable=silent) as bar:
        for start, *part in results:
            end = start + len(part[0])
            found[start:end], undecided[start:end], facts[start:end] = part
            bar.update(end - start)
    return _diagram(parameters, shape, found, undecided, facts, chiral)


def _diagram(parameters, shape, found, undecided, facts, chiral):
    hermitian, has_gamma, sure = facts.T
    if hermitian.all() and chiral is not False and not has_gamma.all():
        raise at_point(no_operator(), _point(parameters, shape, np.argmin(has_gamma)))
    kind = "chiral" if hermitian.all() and has_gamma.all() else "point gap"
    column = 0 if kind == "chiral" else 2
    masked = np.ma.masked_array(found, undecided | ~has_gamma[:, None] & [True, True, False])
    winding = masked[:, column].reshape(shape)
    return PhaseDiagram(
        kind=kind,
        parameters=parameters,
        winding=winding,
        block_windings=masked[:, :2].reshape(*shape, 2),
        certified=bool(sure[~undecided[:, column]].all()),
    )


def _parameters(parameters):
    if not isinstance(parameters, Mapping) or not parameters:
        raise ArgumentError(
            f"got parameters={short(parameters)}; expected a dict of names and values"
        )
    found = {}
    for name, values in parameters.items():
        if not isinstance(name, str):
            raise ArgumentError(f"got the parameter {short(name)}; expected its name as text")
        found[name] = array(name, values)
        if found[name].ndim != 1 or len(found[name]) == 0:
            raise ArgumentError(
                f"got values of {name} of shape {found[name].shape}; expected (n,) with n >= 1"
            )
    if math.prod(map(len, found.values())) > _MOST_POINTS:
        raise ArgumentError(f"got a grid of more than {_MOST_POINTS:,} points; take a coarser one")
    return found


def _refuse_other_names(build, parameters):
    try:
        inspect.signature(build).bind(**parameters)
    except TypeError as error:
        names = ", ".join(parameters)
        raise ArgumentError(
            f"got the parameters {names}; expected those that build takes: {error}"
        ) from error
    except ValueError:  # a function without a signature that Python knows
        pass


def _points(parameters, shape, start, end):
    """Values of the parameters at the grid's points numbered from start to end."""
    index = np.unravel_index(np.arange(start, end), shape)
    return np.column_stack([v[i] for v, i in zip(parameters.values(), index, strict=True)])


def _point(parameters, shape, number):
    values = _points(parameters, shape, number, number + 1)[0].tolist()
    return dict(zip(parameters, values, strict=True))


def _guess(build, parameters, shape, options):
    """The chiral operator: the given one, or that of a point that has just one, if a few have."""
    total = math.prod(shape)
    numbers = np.unique(np.linspace(0, total - 1, min(total, _TRIED)).round().astype(int))
    for number in sorted(numbers, key=lambda number: abs(number - total / 2)):
        point = _point(parameters, shape, number)
        try:
            return looked_at(built(build, point), point, options)[1].gamma
        except (ChiralOperatorError, GaplessError):  # several, or a special point: try another
            if options["chiral"] is not None:
                raise
    return None
