"""Labelled Hamiltonians: class shares by rejection, splits, label noise, the tests' sets."""

import warnings
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import numpy as np

from windlib import archive, hamiltonians
from windlib.winding import NonFiniteCurveError, winding_number

TESTS = {"i": (0, 1, 2), "ii": (0,), "iii": (3,), "iv": (4,)}  # |w| in P1's test sets
_CHUNK = 20_000  # Hamiltonians drawn at a time before rejection
_GIVE_UP = 500  # chunks in a row without one accepted Hamiltonian


class EmptyClassError(ValueError):
    """A class of winding numbers that was asked for does not occur."""


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
        the module that takes the parameters, such as "exact_winding".
    windings : tuple of int
        Keep only these |w|; empty: keep all.
    shares : tuple of float
        Share of each |w| in `windings`; empty: as they come.
    noise : float
        Share of labels to which +1 or −1 is added at random (P1, Fig. 4, inset).
    options : dict
        Further arguments of the module's ``sample``.
    inputs : {"unit", "raw"}
        What a network reads: the curve scaled to unit modulus point by point, or as it is.
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
        if self.hamiltonian not in hamiltonians.__all__:
            raise ValueError(
                f"got hamiltonian={self.hamiltonian!r}; expected one of {hamiltonians.__all__}"
            )
        if self.label != "discrete" and not hasattr(
            getattr(hamiltonians, self.hamiltonian), self.label
        ):
            raise ValueError(
                f"got label={self.label!r}; expected 'discrete' or the name of a function of "
                f"windlib.hamiltonians.{self.hamiltonian}"
            )
        screened = self.options.get("links", 32)
        if "winding_at_least" in self.options and screened != self.links:
            raise ValueError(
                f"got options that screen on {screened} links and links={self.links}; "
                "Hamiltonians would be lost: give both the same links"
            )
        if self.inputs not in ("unit", "raw"):
            raise ValueError(f"got inputs={self.inputs!r}; expected 'unit' or 'raw'")
        if any(w < 0 for w in self.windings):
            raise ValueError(f"got windings={self.windings}; they stand for |w|: none negative")
        if self.n < 1 or self.links < 2:
            raise ValueError(f"got n={self.n}, links={self.links}; expected n >= 1, links >= 2")
        if not 0 <= self.noise <= 1:
            raise ValueError(f"got noise={self.noise}; expected a share between 0 and 1")
        if self.shares and (
            len(self.shares) != len(self.windings)
            or min(self.shares) < 0
            or abs(sum(self.shares) - 1) > 1e-9
        ):
            raise ValueError(
                f"got shares={self.shares} for windings={self.windings}; expected as many "
                "shares as windings, none negative, with sum 1"
            )


class Labelled(NamedTuple):
    """Curves, shape (n, L + 1), their winding numbers, and the Hamiltonians' parameters."""

    curve: np.ndarray
    winding: np.ndarray
    parameters: dict


def network_input(curve, inputs="unit"):
    """What a network reads: the curve's points, scaled to unit modulus (P1, Eq. 1) or not.

    Parameters
    ----------
    curve : complex ndarray, shape (n, L + 1)
    inputs : {"unit", "raw"}

    Returns
    -------
    float32 ndarray, shape (n, L + 1, 2)
        Real and imaginary part of every point: (h̃_x, h̃_y) in P1, (d_R, d_I) in P2.

    Examples
    --------
    >>> import numpy as np
    >>> network_input(np.array([[3 + 4j]])).tolist()
    [[[0.6000000238418579, 0.800000011920929]]]
    """
    if inputs not in ("unit", "raw"):
        raise ValueError(f"got inputs={inputs!r}; expected 'unit' or 'raw'")
    curve = np.asarray(curve)
    with np.errstate(invalid="ignore", divide="ignore"):  # found and named below
        unit = curve / np.abs(curve)
    if not np.isfinite(unit).all():
        bad = np.argmin(np.isfinite(unit).all(axis=-1))
        raise NonFiniteCurveError(
            f"curve {bad} has a point at 0 or one that is not finite, which has no direction; "
            "leave this parameter point out"
        )
    points = unit if inputs == "unit" else curve
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
        None of ten million draws had a winding number that is still wanted.
    """
    model = getattr(hamiltonians, data.hamiltonian)
    rng = np.random.default_rng(data.seed)
    if data.shares:  # one quota for each class
        classes = [[w] for w in data.windings]
        quotas = np.diff(np.rint(data.n * np.cumsum(data.shares)).astype(int), prepend=0)
    else:  # one quota for all that may be kept
        classes = [list(data.windings)]
        quotas = np.array([data.n])
    accepted, idle = [], 0
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
        idle = 0 if take.any() else idle + 1
        if idle == _GIVE_UP:
            raise EmptyClassError(
                f"no |w| in {data.windings} among {_GIVE_UP * _CHUNK} draws ({quotas.sum()} "
                "still wanted); ask for other windings, or raise the cutoff"
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


def _cached(data):
    """`draw`, kept in the user's cache: for sets whose drawing takes seconds."""
    description = {"format": 1, "data": asdict(data)}
    name = f"{data.hamiltonian}-{archive.digest(description)[:16]}.safetensors"
    path = archive.cache_folder() / "hamiltonians" / name
    try:
        arrays, found = archive.read(path)
    except (FileNotFoundError, archive.ArchiveError):
        found = None  # not there yet, or damaged: it is made anew
    if found is None or archive.digest(found) != archive.digest(description):
        drawn = draw(data)
        try:
            archive.write(path, {"winding": drawn.winding, **drawn.parameters}, description)
        except OSError as error:
            warnings.warn(f"the test set is not kept: {error}; set WINDLIB_CACHE", stacklevel=3)
        return drawn
    winding = arrays.pop("winding")
    curve = getattr(hamiltonians, data.hamiltonian).curve(**arrays, links=data.links)
    return Labelled(curve, winding, arrays)


def p1_test(name, links=32, n=10_000):
    """One of P1's four test sets, drawn once and then kept in the user's cache.

    Parameters
    ----------
    name : {"i", "ii", "iii", "iv"}
        (i) |w| ≤ 2 as they come; (ii) curves twisted forth and back, w = 0; (iii) |w| = 3;
        (iv) |w| = 4. All at c = 4, labelled by the discrete winding number.
    links : int
    n : int
        Number of Hamiltonians; P1 has 10,000.

    Returns
    -------
    Labelled
    """
    if name not in TESTS:
        raise ValueError(f"got test {name!r}; expected one of {list(TESTS)}")
    if name == "ii":
        rng = np.random.default_rng(102)
        parameters = hamiltonians.chiral.sample_twisted(n, rng)
        curve = hamiltonians.chiral.twisted_curve(**parameters, links=links)
        return Labelled(curve, winding_number(curve), parameters)
    options, windings = {"cutoff": 4}, TESTS[name]
    if min(windings) > 0:
        options |= {"winding_at_least": min(windings), "links": links}
    seed = {"i": 101, "iii": 103, "iv": 104}[name]
    return _cached(Data("chiral", n, seed, links, windings=windings, options=options))
