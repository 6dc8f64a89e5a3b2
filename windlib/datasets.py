"""Data sets of labelled Hamiltonians: class shares by rejection, label noise, network inputs."""

import inspect
import json
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from windlib import hamiltonians
from windlib.arguments import (
    ArgumentError,
    choice,
    fits,
    instance,
    plain,
    real,
    short,
    some,
    whole,
)
from windlib.errors import WindlibError
from windlib.hamiltonians.contract import call
from windlib.winding import CurveShapeError, WindingError, checked, winding_number

_CHUNK = 20_000  # Hamiltonians drawn at a time before rejection
_GIVE_UP = 500  # chunks more than Hamiltonians accepted from them
MOST, MOST_LINKS = 10**8, 10**4  # n and L: more would not fit into memory
_LAST_SEED = 2**128 - 1  # as many bits as NumPy advises
_LARGEST = 2**31 - 1  # of |w|


class EmptyClassError(WindlibError, ValueError):
    """A class of winding numbers that was asked for does not occur."""


class SinglePrecisionError(WindingError):
    """Points of a curve are too large or too small for the networks' float32."""


class TrainingDataError(WindlibError, ValueError):
    """Data that do not fit the network: of another shape, none at all, or with other labels."""


@dataclass(frozen=True)
class DataRecipe:
    """Recipe of a data set of Hamiltonians and their winding numbers.

    Parameters
    ----------
    hamiltonian : str
        Name of a module in `windlib.hamiltonians`.
    n : int
        Number of Hamiltonians.
    seed : int
        Seed of the random numbers; different splits use different seeds.
    links : int
        L, the links of each sampled curve.
    label : str
        "discrete": `winding_number` of the sampled curve; else the name of a function of
        the module that gives winding numbers: "exact_winding", or for example "printed_label".
    windings : tuple of int
        Keep only these |w|, each named once; empty: keep all.
    shares : tuple of float
        Share of each |w| in `windings`; empty: as they come.
    noise : float
        Share of labels to which +1 or −1 is added at random (P1, Fig. 4, inset).
    options : dict
        Further arguments of the module's ``sample``; empty by default.
    inputs : {"unit", "raw"}
        What a network reads: the curve scaled to unit modulus point by point, or as it is.

    Raises
    ------
    ArgumentError
        A value is of the wrong kind or out of its range, or two do not fit together.
    """

    hamiltonian: str
    n: int
    seed: int
    links: int = 32
    label: str = "discrete"
    windings: tuple = ()
    shares: tuple = ()
    noise: float = 0.0
    options: dict = field(default_factory=dict)
    inputs: str = "unit"

    def __post_init__(self):
        choice("hamiltonian", self.hamiltonian, hamiltonians.__all__)
        model = getattr(hamiltonians, self.hamiltonian)
        labels = [name for name in vars(model) if re.fullmatch("[a-z].*_(winding|label)", name)]
        choice("label", self.label, ("discrete", *labels))
        choice("inputs", self.inputs, ("unit", "raw"))
        # The same recipe, the same digest, whether its numbers are Python's or NumPy's.
        given = {
            "n": whole("n", self.n, least=1, most=MOST),
            "seed": whole("seed", self.seed, most=_LAST_SEED),
            "links": whole("links", self.links, least=2, most=MOST_LINKS),
            "windings": tuple(
                whole("a winding", w, most=_LARGEST) for w in _sequence("windings", self.windings)
            ),
            "shares": tuple(real("a share", s, 0, 1) for s in _sequence("shares", self.shares)),
            "noise": real("noise", self.noise, 0, 1),
            "options": _options(self.options, model),
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)
        fits(n=self.n, links=self.links)
        if len(set(self.windings)) < len(self.windings):
            twice = next(w for w in self.windings if self.windings.count(w) > 1)
            raise ArgumentError(
                f"got windings={short(self.windings)}, {twice} twice; expected each |w| once"
            )
        if self.shares and (
            len(self.shares) != len(self.windings) or abs(sum(self.shares) - 1) > 1e-9
        ):
            raise ArgumentError(
                f"got shares={short(self.shares)} for windings={short(self.windings)}; expected as "
                "many shares as windings, with sum 1"
            )
        largest = max((1, *self.windings))
        if self.label == "discrete" and self.links <= 2 * largest:
            raise ArgumentError(
                f"got links={self.links} for |w| = {largest}; a curve of so few links, each "
                f"shorter than half a turn, cannot wind so often; give at least {2 * largest + 1}"
            )
        screened = self.options.get("links", 32)
        if "winding_at_least" in self.options and screened != self.links:
            raise ArgumentError(
                f"got options that screen on {screened} links and links={self.links}; "
                "Hamiltonians would be lost: give both the same links"
            )


def _sequence(name, values):
    row = isinstance(values, np.ndarray) and values.ndim == 1
    if not row and not isinstance(values, tuple | list | range):
        raise ArgumentError(f"got {name}={short(values)}; expected a tuple of numbers")
    return values


def _options(options, model):
    """Options of a model's ``sample`` as JSON can hold them."""
    known = [*inspect.signature(model.sample).parameters][2:]  # after n and rng
    unknown = [name for name in options if name not in known] if isinstance(options, dict) else []
    if unknown or not isinstance(options, dict):
        given = f"{short(unknown[0])} among the options" if unknown else f"options={short(options)}"
        raise ArgumentError(f"got {given}; expected a dict, with keys among {known}")
    try:
        json.dumps(made := plain(options), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(
            f"got options={short(options)} ({error}); expected finite numbers and words"
        ) from None
    return made


class LabelledCurves(NamedTuple):
    """Curves of n Hamiltonians, their winding numbers, and their parameters.

    Attributes
    ----------
    curve : ndarray
        Shape (n, L + 1), complex. Points of the closed curves; the last repeats the first.
    winding : ndarray
        Shape (n,), integers. Winding numbers, or whatever else the curves are labelled with.
    parameters : dict of ndarray
        The Hamiltonians' parameters by name, with n as the first axis, as ``sample`` gives them.
    """

    curve: np.ndarray
    winding: np.ndarray
    parameters: dict


def read_only(shared: Any) -> Any:
    """Arrays that several readers share, locked: what one changed, the others would get.

    Parameters
    ----------
    shared : LabelledCurves, or tuple of ndarray
        What is locked, in place.

    Returns
    -------
    LabelledCurves, or tuple of ndarray
        The same object.
    """
    for part in shared:
        for array in part.values() if isinstance(part, dict) else [part]:
            array.flags.writeable = False
    return shared


def network_input(curve: ArrayLike, inputs: str = "unit") -> np.ndarray:
    r"""What a network reads: the curve's points, scaled to unit modulus (P1, Eq. 1) or not.

    Parameters
    ----------
    curve : complex ndarray, shape (n, L + 1)
        Closed curves, the last point repeating the first; L ≥ 2.
    inputs : {"unit", "raw"}
        "unit", the default: each point is divided by its modulus. "raw": it stays as it is.

    Returns
    -------
    float32 ndarray, shape (n, L + 1, 2)
        Real and imaginary part of every point: :math:`(\tilde h_x, \tilde h_y)` in P1,
        :math:`(d_R, d_I)` in P2. Of unit vectors, dimensionless; else in the curve's unit.

    Raises
    ------
    WindingError
        As `windlib.winding.checked`: what has no winding number has no input either.
    ArgumentError
        `inputs` is none of the two words.
    SinglePrecisionError
        Raw points are too large or too small for float32.

    Examples
    --------
    >>> import numpy as np
    >>> network_input(np.array([[3 + 4j, -5, 1 - 1j, 3 + 4j]])).round(2).tolist()[0][:2]
    [[0.6000000238418579, 0.800000011920929], [-1.0, 0.0]]
    """
    choice("inputs", inputs, ("unit", "raw"))
    curves, modulus = checked(curve, links=2)
    if np.ndim(curve) != 2:
        raise CurveShapeError(
            f"got one curve of shape {np.shape(curve)}; expected (n, L + 1): give curve[None]"
        )
    points = curves / modulus if inputs == "unit" else curves
    if inputs == "raw":
        single = np.finfo(np.float32)
        lost = ((modulus < single.tiny) | (modulus > single.max)).any(axis=1)
        if lost.any():
            raise SinglePrecisionError(
                f"{some('curves', lost)} have points that single precision cannot hold; expected "
                f"moduli from {single.tiny:.3g} to {single.max:.3g}; choose another unit of energy"
            )
    x = np.empty((*points.shape, 2), np.float32)
    x[..., 0], x[..., 1] = points.real, points.imag
    return x


def closed_curves(x: np.ndarray) -> None:
    """Check that network inputs are closed curves, none of them through the origin.

    Parameters
    ----------
    x : float ndarray, shape (n, L + 1, 2)
        Real and imaginary part of every point, as `network_input` gives them; L ≥ 2.

    Raises
    ------
    WindingError
        A curve does not close, has a point at the origin or one that is not finite, or has fewer
        than two links.
    """
    checked(x[..., 0] + 1j * x[..., 1], gap=0, links=2)  # raw ones may come close to it


def label_of(data: DataRecipe, curve: np.ndarray, parameters: dict[str, np.ndarray]) -> np.ndarray:
    """Winding numbers of drawn Hamiltonians by the recipe's way to label.

    Parameters
    ----------
    data : DataRecipe
        Its Hamiltonian and its label say which function gives the winding numbers.
    curve : complex ndarray, shape (n, L + 1)
        The Hamiltonians' curves; read where the label is "discrete".
    parameters : dict of ndarray
        The Hamiltonians' parameters, as ``sample`` gives them; read for every other label.

    Returns
    -------
    int ndarray, shape (n,)

    Raises
    ------
    WindingError
        A curve has no winding number (`windlib.winding.winding_number`), or a gap is closed.
    """
    if data.label == "discrete":
        return winding_number(curve)
    return call(getattr(getattr(hamiltonians, data.hamiltonian), data.label), parameters)


def draw(data: DataRecipe) -> LabelledCurves:
    """Draw the Hamiltonians of a recipe.

    Rejection keeps the Hamiltonians' distribution within each class as it is.

    Parameters
    ----------
    data : DataRecipe
        Its seed fixes all that is drawn.

    Returns
    -------
    LabelledCurves
        ``data.n`` Hamiltonians; labels with the recipe's noise.

    Raises
    ------
    EmptyClassError
        Fewer than one of 20,000 draws has a winding number that is still wanted, for ten
        million draws.
    ArgumentError
        `data` is no DataRecipe, or one of its options is out of range.
    WindingError
        A Hamiltonian that was drawn has no winding number.
    """
    instance("data", data, DataRecipe, "a DataRecipe")
    model = getattr(hamiltonians, data.hamiltonian)
    rng = np.random.default_rng(data.seed)
    if data.shares:  # one quota for each class
        classes = [[w] for w in data.windings]
        quotas = np.diff(np.rint(data.n * np.cumsum(data.shares)).astype(int), prepend=0)
    else:  # one quota for all that may be kept
        classes = [list(data.windings)]
        quotas = np.array([data.n])
    accepted: list[tuple] = []
    drawn, patience = 0, _GIVE_UP
    while quotas.any():
        parameters = model.sample(_CHUNK, rng, **data.options)
        curve = model.curve(**parameters, links=data.links)
        winding = label_of(data, curve, parameters)
        fits = np.stack([np.isin(np.abs(winding), c) | (c == []) for c in classes], axis=1)
        rank = np.cumsum(fits, axis=0)
        take = (fits & (rank <= quotas)).any(axis=1)
        quotas = np.maximum(quotas - rank[-1], 0)
        taken = {name: values[take] for name, values in parameters.items()}
        accepted.append((curve[take], winding[take], taken))
        drawn += _CHUNK
        patience = min(patience + int(np.count_nonzero(take)), _GIVE_UP) - 1
        if quotas.any() and patience <= 0:
            raise EmptyClassError(
                f"too few |w| in {data.windings} among {drawn} draws ({quotas.sum()} still "
                "wanted); ask for other windings, or raise the cutoff"
            )
    curves, windings, parts = zip(*accepted, strict=True)
    return LabelledCurves(
        np.concatenate(curves),
        _with_noise(np.concatenate(windings), data.noise, rng),
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
    )


def _with_noise(winding, share, rng):
    changed = rng.permutation(len(winding))[: round(share * len(winding))]
    winding = winding.copy()
    winding[changed] += rng.choice([-1, 1], len(changed))
    return winding
