"""Labelled Hamiltonians: class shares by rejection, splits, label noise, the tests' sets."""

import inspect
import json
import re
import warnings
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import numpy as np

from windlib import archive, hamiltonians
from windlib.arguments import ArgumentError, choice, plain, real, some, whole
from windlib.winding import CurveShapeError, WindingError, checked, winding_number

TESTS = {"i": (0, 1, 2), "ii": (0,), "iii": (3,), "iv": (4,)}  # |w| in P1's test sets
_CHUNK = 20_000  # Hamiltonians drawn at a time before rejection
_GIVE_UP = 500  # chunks more than Hamiltonians accepted from them
_HEAD = 500  # Hamiltonians drawn anew before a kept set is believed
_MOST, _MOST_LINKS = 10**8, 10**4  # n and L: more would not fit into memory


class EmptyClassError(ValueError):
    """A class of winding numbers that was asked for does not occur."""


class SinglePrecisionError(WindingError):
    """Points of a curve are too large or too small for the networks' float32."""


@dataclass(frozen=True)
class Data:
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
        Further arguments of the module's ``sample``.
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
            "n": whole("n", self.n, least=1, most=_MOST),
            "seed": whole("seed", self.seed),
            "links": whole("links", self.links, least=2, most=_MOST_LINKS),
            "windings": tuple(whole("a winding", w) for w in _sequence("windings", self.windings)),
            "shares": tuple(real("a share", s, 0, 1) for s in _sequence("shares", self.shares)),
            "noise": real("noise", self.noise, 0, 1),
            "options": _options(self.options, model),
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)
        if len(set(self.windings)) < len(self.windings):
            raise ArgumentError(f"got windings={self.windings}; expected each |w| once")
        if self.shares and (
            len(self.shares) != len(self.windings) or abs(sum(self.shares) - 1) > 1e-9
        ):
            raise ArgumentError(
                f"got shares={self.shares} for windings={self.windings}; expected as many "
                "shares as windings, with sum 1"
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
        raise ArgumentError(f"got {name}={values!r}; expected a tuple of numbers")
    return values


def _options(options, model):
    """Options of a model's ``sample`` as JSON can hold them."""
    known = [*inspect.signature(model.sample).parameters][2:]  # after n and rng
    unknown = [name for name in options if name not in known] if isinstance(options, dict) else []
    if unknown or not isinstance(options, dict):
        raise ArgumentError(f"got options={options!r}; expected a dict, with keys among {known}")
    try:
        json.dumps(made := plain(options), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"got options={options!r} ({error}); expected finite numbers and words"
        ) from None
    return made


class Labelled(NamedTuple):
    """Curves, shape (n, L + 1), their winding numbers, and the Hamiltonians' parameters."""

    curve: np.ndarray
    winding: np.ndarray
    parameters: dict


def read_only(shared):
    """Arrays that several readers share, locked: what one changed, the others would get.

    Parameters
    ----------
    shared : Labelled, or tuple of ndarray

    Returns
    -------
    The same object.
    """
    for part in shared:
        for array in part.values() if isinstance(part, dict) else [part]:
            array.flags.writeable = False
    return shared


def network_input(curve, inputs="unit"):
    """What a network reads: the curve's points, scaled to unit modulus (P1, Eq. 1) or not.

    Parameters
    ----------
    curve : complex ndarray, shape (n, L + 1)
        Closed curves, the last point repeating the first; L ≥ 2.
    inputs : {"unit", "raw"}

    Returns
    -------
    float32 ndarray, shape (n, L + 1, 2)
        Real and imaginary part of every point: (h̃_x, h̃_y) in P1, (d_R, d_I) in P2.

    Raises
    ------
    WindingError
        As `windlib.winding.checked`: what has no winding number has no input either.
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
    return np.stack([points.real, points.imag], axis=-1).astype(np.float32)


def _label(data, curve, parameters):
    if data.label == "discrete":
        return winding_number(curve)
    return getattr(getattr(hamiltonians, data.hamiltonian), data.label)(**parameters)


def draw(data):
    """Draw the Hamiltonians of a recipe.

    Rejection keeps the Hamiltonians' distribution within each class as it is.

    Parameters
    ----------
    data : Data

    Returns
    -------
    Labelled

    Raises
    ------
    EmptyClassError
        Fewer than one of 20,000 draws has a winding number that is still wanted, for ten
        million draws.
    """
    model = getattr(hamiltonians, data.hamiltonian)
    rng = np.random.default_rng(data.seed)
    if data.shares:  # one quota for each class
        classes = [[w] for w in data.windings]
        quotas = np.diff(np.rint(data.n * np.cumsum(data.shares)).astype(int), prepend=0)
    else:  # one quota for all that may be kept
        classes = [list(data.windings)]
        quotas = np.array([data.n])
    accepted, drawn, patience = [], 0, _GIVE_UP
    while quotas.any():
        parameters = model.sample(_CHUNK, rng, **data.options)
        curve = model.curve(**parameters, links=data.links)
        winding = _label(data, curve, parameters)
        fits = np.stack([np.isin(np.abs(winding), c) | (c == []) for c in classes], axis=1)
        rank = np.cumsum(fits, axis=0)
        take = (fits & (rank <= quotas)).any(axis=1)
        quotas = np.maximum(quotas - rank[-1], 0)
        taken = {name: values[take] for name, values in parameters.items()}
        accepted.append((curve[take], winding[take], taken))
        drawn += _CHUNK
        patience = min(patience + np.count_nonzero(take), _GIVE_UP) - 1
        if quotas.any() and patience <= 0:
            raise EmptyClassError(
                f"too few |w| in {data.windings} among {drawn} draws ({quotas.sum()} still "
                "wanted); ask for other windings, or raise the cutoff"
            )
    curves, windings, parts = zip(*accepted, strict=True)
    return Labelled(
        np.concatenate(curves),
        _with_noise(np.concatenate(windings), data.noise, rng),
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
    )


def _with_noise(winding, share, rng):
    changed = rng.permutation(len(winding))[: round(share * len(winding))]
    winding = winding.copy()
    winding[changed] += rng.choice([-1, 1], len(changed))
    return winding


def _kept(data, winding, parameters):
    """A kept set, or None if it is not what its recipe draws.

    Shapes and labels are checked for all of it. What was drawn is compared for the first
    few, since drawing all would take as long as without a cache.
    """
    model = getattr(hamiltonians, data.hamiltonian)
    head = model.sample(_HEAD, np.random.default_rng(data.seed), **data.options)
    expected = {name: (values.dtype, (data.n, *values.shape[1:])) for name, values in head.items()}
    found = {name: (values.dtype, values.shape) for name, values in parameters.items()}
    if found != expected:
        return None
    try:
        curve = model.curve(**parameters, links=data.links)
        truth = _label(data, curve, parameters)
    except ValueError:  # for example without a gap
        return None
    fits = np.isin(np.abs(_label(data, model.curve(**head, links=data.links), head)), data.windings)
    drawn = {name: values[fits][: data.n] for name, values in head.items()}
    right = (
        np.array_equal(winding, truth)
        and np.isin(np.abs(winding), data.windings).all()
        and all(np.array_equal(v, parameters[name][: len(v)]) for name, v in drawn.items())
    )
    return Labelled(curve, truth, parameters) if right else None


def _cached(data):
    """`draw`, kept in the user's cache: for sets whose drawing takes seconds.

    Only for recipes that keep some windings, without shares and noise.
    """
    description = {"format": 1, "data": asdict(data)}
    name = f"{data.hamiltonian}-{archive.digest(description)[:16]}.safetensors"
    path = archive.cache_folder() / "hamiltonians" / name
    try:
        parameters, found = archive.read(path)
        winding = parameters.pop("winding", None)
        same = archive.digest(found) == archive.digest(description)
        kept = _kept(data, winding, parameters) if same else None
        if kept is not None:
            return kept
        archive.set_aside(path, "it does not hold what its recipe draws")
    except FileNotFoundError:
        pass  # not there yet
    except archive.ArchiveError as error:
        archive.set_aside(path, error)
    drawn = draw(data)
    try:
        archive.write(path, {"winding": drawn.winding, **drawn.parameters}, description)
    except OSError as error:
        warnings.warn(f"the test set is not kept: {error}; set WINDLIB_CACHE", stacklevel=3)
    return drawn


def p1_test(name, links=32, n=10_000):
    """One of P1's four test sets, drawn once and then kept in the user's cache.

    Parameters
    ----------
    name : {"i", "ii", "iii", "iv"}
        (i) |w| ≤ 2 as they come; (ii) curves twisted forth and back, w = 0 from 30 links on;
        (iii) |w| = 3; (iv) |w| = 4. All at c = 4, labelled by the discrete winding number.
    links : int
        More than twice the test's |w|; for (ii) even.
    n : int
        Number of Hamiltonians; P1 has 10,000.

    Returns
    -------
    Labelled
        Its arrays are read-only.
    """
    choice("test", name, tuple(TESTS))
    if name == "ii":
        n, links = whole("n", n, 1, _MOST), whole("links", links, 4, _MOST_LINKS)
        rng = np.random.default_rng(102)
        parameters = hamiltonians.chiral.sample_twisted(n, rng)
        curve = hamiltonians.chiral.twisted_curve(**parameters, links=links)
        return read_only(Labelled(curve, winding_number(curve), parameters))
    options, windings = {"cutoff": 4}, TESTS[name]
    if min(windings) > 0:
        options |= {"winding_at_least": min(windings), "links": links}
    seed = {"i": 101, "iii": 103, "iv": 104}[name]
    return read_only(_cached(Data("chiral", n, seed, links, windings=windings, options=options)))
