"""Drawn arguments to every public function: a right answer, or an error in windlib's own words.

Every call starts from arguments that make sense; then nothing is changed, or some arrays come in
another dress (lists, big-endian, read-only, …), which must not change the answer, or one or two
arguments become hostile. An error is windlib's own where a ``raise`` of windlib made it.
`make soak` runs the same with the hypothesis profile "soak", and counts.
"""

import copy
import dis
import importlib
import inspect
import json
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib.figure import Figure

import windlib
from windlib import (
    augmentation,
    blackbox,
    bloch,
    datasets,
    drawings,
    evaluation,
    networks,
    plotting,
    training,
    winding,
)
from windlib.arguments import ArgumentError
from windlib.claims import (
    general_aiii,
    hatano_nelson_chains,
    kept_sets,
    nonhermitian_aah,
    nonhermitian_dirac,
    phase_diagrams,
    scorecard,
)
from windlib.claims.claim import agrees, bound
from windlib.hamiltonians import aah, chiral, contract, dirac, hatano_nelson, nonhermitian_ssh, ssh
from windlib.runs import archive, experiments, recipes, selections, sweep_results, sweeps, verify

HOME = Path(windlib.__file__).parent
CASES, FAILURES, SECONDS = Counter(), Counter(), Counter()
SIZES = {
    *("n", "links", "sites", "cells", "cutoff", "epochs", "kernels", "head_units", "knots"),
    *(
        "points",
        "directions",
        "bisections",
        "batch_size",
        "patience",
        "winding_at_least",
        "n_classes",
        "mu",
    ),
}


# --- Hostile values ----------------------------------------------------------------------------


def _deep():
    """A list within lists, deeper than Python recurses, and a list that contains itself."""
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    return deep, endless


_ODD = [
    *(None, True, False, "", "text", "nan", "1", b"bytes", object(), ..., slice(3)),
    *(float("nan"), float("inf"), -float("inf"), -1, 0, 1, 2, 0.5, -0.5, 1e300, -1e300, 1e-320),
    *(10**400, -(10**400), 2**63, -(2**63), 2**64, 1j, complex("nan"), 1e200j, 32.0, 32.5),
    *((), [], {}, set(), {1}, {"a": 1}, [None], [[1], [1, 2]], [[]], ["a"], [1, "a"], [10**400]),
    *(np.float16(1.5), np.longdouble(0.3), np.int8(-1), np.uint64(2**64 - 1), np.bool_(True)),
    *(np.str_("a"), np.datetime64("2020-01-01"), np.timedelta64("NaT"), np.ma.masked),
    *(10**5000, [10**5000], {"low": 10**5000}, *_deep()),  # which Python does not print
    np.zeros(3, [("a", int)]),
]


@st.composite
def _hostile(draw, value):
    """Something else than `value`: of any kind, or `value` with something wrong in it."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.sampled_from(_ODD))
    if kind == 1:
        number = st.floats() | st.integers() | st.complex_numbers() | st.text(max_size=5)
        return draw(number | st.lists(st.floats() | st.integers(-3, 3), max_size=4))
    if kind == 2:
        shape = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
        return draw(hnp.arrays(hnp.scalar_dtypes() | hnp.byte_string_dtypes(max_len=3), shape))
    return _spoilt(draw, value)


def _spoilt(draw, value):
    array = np.array(value if np.isscalar(value) or isinstance(value, np.ndarray) else None)
    if array.dtype.kind not in "iufc":
        return draw(st.sampled_from(_ODD))
    point = draw(st.integers(0, max(array.size - 1, 0)))

    def holding(number, kind=complex if array.dtype.kind == "c" else float):
        spoilt = array.astype(kind)
        spoilt[np.unravel_index(point, array.shape) if array.size else ...] = number
        return spoilt[()]

    with np.errstate(all="ignore"):
        ways = [
            *(holding(np.nan), holding(np.inf), holding(0), holding(1e300), holding(1e-300)),
            *(holding(1 + 1e-3j, complex), holding(None, object), array.astype(str)),
            *(array[None], array[..., None], array[:0] if array.ndim else array, array.T),
            *(array[:-1] if array.ndim else -array, array * 1e200, array * 1e-200, array * 0),
            *(array + 0.5, -array, np.ma.array(array, mask=array == array.flat[:1]), array > 0),
            *(array.astype("f2") if array.dtype.kind != "c" else array.astype("c8"), array.real),
            *(array.astype("G" if array.dtype.kind == "c" else "g"), array.tolist()),
        ]
    return ways[draw(st.integers(0, len(ways) - 1))]


def _dressed(draw, value):
    """The same array, held otherwise."""
    wider = np.zeros((*value.shape[:-1], 2 * value.shape[-1]), value.dtype)
    wider[..., ::2] = value
    still = value.copy()
    still.flags.writeable = False
    dresses = (value.tolist(), value.astype(value.dtype.newbyteorder()), np.asfortranarray(value))
    return draw(st.sampled_from((*dresses, wider[..., ::2], still, value[::-1].copy()[::-1])))


def _narrowed(draw, value):
    """Whole numbers of about this size, as Python or NumPy has them, and in a narrow type."""
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iuf":
        return value, value
    kinds = ["i1", "u1", "i2"]
    if numbers.dtype.kind == "f":
        numbers, kinds = np.rint(40 * numbers), [*kinds, "f2"]
    kinds = [kind for kind in kinds if (numbers.astype(kind) == numbers).all()]
    wide = numbers if numbers.ndim else numbers.item()
    return wide, numbers.astype(draw(st.sampled_from(kinds)))[()] if kinds else wide


# --- What is called ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A function, arguments that make sense, what must hold of its answers, and its cost."""

    function: Callable
    arguments: Callable  # from a random generator to a dict
    holds: Callable = lambda answer, **arguments: True
    cost: int = 1  # of one call, in calls of a quick function
    plain: tuple = field(default=())  # arguments that are never dressed


def _n(g):
    return int(g.integers(1, 4))


def _links(g):
    return int(g.integers(4, 40))


def _closed(g, n=None, links=None):
    """Closed curves of random windings, off the origin and without half turns."""
    n, links = n or _n(g), links or _links(g)
    s = np.linspace(0, 2 * np.pi, links + 1)
    z = np.exp(1j * g.integers(-1, 2, (n, 1)) * s) * (1 + 0.3 * np.cos(s + g.random((n, 1))))
    z[:, -1] = z[:, 0]
    return z


def _mask(g):
    return {"mask": bool(g.integers(2))}


def _two(g, *names, **more):
    n = _n(g)
    return {name: g.uniform(-3, 3, n) for name in names} | more


def _fourier(g, **more):
    shape = _n(g), 2, int(g.integers(2, 6))
    return {"a": g.uniform(-1, 1, shape), "b": g.uniform(-1, 1, shape)} | more


def _twisted(g):
    drawn = chiral.sample_twisted(_n(g), g)
    return {**drawn, "links": 2 * _links(g)}


def _chains(g, **more):
    n = _n(g)
    hoppings = g.normal(size=(2, n)) + 1j * g.normal(size=(2, n))
    return {"t_r": hoppings[0], "t_l": hoppings[1], "mu": g.integers(1, 4, n)} | more


def _rings(g, **more):
    n = _n(g)
    names = {"alpha": 1, "h": 1, "V1": 4, "V2": 2}
    return {name: g.uniform(0, most, n) for name, most in names.items()} | more


def _ring_size(g):
    return int(g.choice([3, 5, 8, 13, 89]))


def _fermions(g, center=True, **more):
    n = _n(g)
    drawn = {"m": g.uniform(-1, 1, n), "kappa": g.uniform(1.5, 3, n)}
    if center:
        drawn["center"] = g.normal(size=n) + 1j * g.normal(size=n)
    return drawn | more


def _distances(g):
    return {"distance_at_least": 0.1, "distance_below": float(g.uniform(0.3, 2))}


def _plane(g):
    return str(g.choice(["nonhermitian_ssh", "dirac"]))


def _data(g):
    return {
        "hamiltonian": "ssh",
        "n": 5,
        "seed": int(g.integers(9)),
        "links": 8,
        "label": "exact_winding",
        "windings": (0, 1),
        "shares": (0.5, 0.5),
        "noise": 0.2,
        "options": {"low": -5.0},
        "inputs": "unit",
    }


@cache
def _tiny():
    return networks.fully_connected(links=8, widths=(3,), seed=0)


@cache
def _cnn():
    return networks.convolutional(links=8, kernels=3, seed=0)


def _examples(g, n=20, classes=False):
    z = _closed(g, n, 8)
    x = np.stack([z.real, z.imag], -1).astype("f4")
    return {"x": x, "y": g.integers(-1, 2, n)}


def _training(g):
    return {
        "network": networks.fully_connected(links=8, widths=(3,), seed=0),  # for this call alone
        **_examples(g),
        "validation": tuple(_examples(g).values()),
        "epochs": 1,
        "seed": int(g.integers(9)),
        "batch_size": 10,
        "learning_rate": 1e-3,
        "schedule": str(g.choice(["constant", "plateau"])),
        "l2": 1e-5,
        "classes": (),
        "phases": bool(g.integers(2)),
        "patience": 3,
        "stop_after": 1,
        "callbacks": (),
    }


def _recipe(g):
    data = datasets.DataRecipe("ssh", 20, 1, links=8, label="exact_winding")
    return {
        "name": "drawn",
        "about": "for the tests",
        "data": data,
        "validation": datasets.DataRecipe("ssh", 10, 2, links=8, label="exact_winding"),
        "network": "fully_connected",
        "network_options": {"widths": [3]},
        "training": {"epochs": 1, "batch_size": 10},
        "seeds": range(2),
    }


@cache
def _run():
    recipe = recipes.Experiment(**_recipe(None))
    history = {"loss": np.array([1.0]), "val_loss": np.array([0.5])}
    return experiments.Run(recipe, 0, recipe.build(0), history, {})


_nowhere = lambda g: {"path": "nowhere.safetensors"}  # noqa: E731


def _unless_missing(read, *given, **named):
    """What is read; that there is no such file is a right answer."""
    try:
        return read(*given, **named)
    except (FileNotFoundError, sweeps.SweepError):
        return None


def _run_file(g):
    return {"path": "nowhere.safetensors", "experiment": _run().experiment, "seed": _n(g)}


@cache
def _test_set():
    z = _closed(np.random.default_rng(1), 4, 8)
    return datasets.read_only(datasets.LabelledCurves(z, winding.winding_number(z), {}))


@cache
def _phases():
    return experiments.archived("nonhermitian-ssh-cnn-0.2")[0]


@cache
def _bookkeeping():
    return next(claim for claim in scorecard.CLAIMS if claim.id == "P2.fig1")


@cache
def _sweep():
    experiment = _run().experiment
    return sweeps.Sweep({"data.n": [10, 20]}, [experiment, experiment])


def _rows(g):
    return [{"data.n": n, "seed": 0, "val_accuracy": g.uniform(0, 100)} for n in (10, 20)]


def _axes():
    return Figure().subplots()


def _line(g):
    numbers = {name: [1.0, 2.0] for name in ("chosen", "median", "min", "max")}
    return {"id": "P1", "what": "a", "paper": (1, 2), **numbers, "verdict": "reproduced", "why": ""}


def _angles_close(angles, curve, **_):
    turns = np.asarray(angles).sum(axis=-1) / (2 * np.pi)
    return np.allclose(turns, np.rint(turns), atol=1e-3) and (np.abs(angles) < np.pi).all()


def _counted(windings, curve, **_):
    """By NumPy's own unwrapping of the angles."""
    with np.errstate(invalid="ignore"):  # a curve through the origin, which is masked
        angles = np.unwrap(np.angle(np.asarray(curve, complex) / np.abs(curve)), axis=-1)
    turns = (angles[..., -1] - angles[..., 0]) / (2 * np.pi)
    return np.shape(windings) == np.shape(turns) and np.ma.allclose(windings, turns, atol=0.01)


def _whole(answer, **_):
    """Integers, no larger than any curve here can wind, but for what is masked."""
    decided = np.ma.compressed(answer)
    return not decided.size or (decided.dtype.kind == "i" and (np.abs(decided) < 2**40).all())


def _finite(answer, **_):
    parts = answer.values() if isinstance(answer, dict) else answer
    parts = parts if isinstance(parts, tuple | list) or isinstance(answer, dict) else [parts]
    return all(np.isfinite(part).all() for part in parts)


def _of_size(answer, n, **_):
    return _finite(answer) and all(len(values) == n for values in answer.values())


def _ssh_winding(answer, t, t_prime, **_):
    outer, inner = np.abs(np.broadcast_arrays(np.asarray(t_prime, float), np.asarray(t, float)))
    return np.shape(answer) == outer.shape and np.ma.allequal(answer, outer > inner)


def _network_reads(answer, curve, inputs="unit"):
    size = np.abs(answer[..., 0] + 1j * answer[..., 1])
    return answer.dtype == "f4" and _finite(answer) and (inputs == "raw" or np.allclose(size, 1))


def _bloch(g):
    """Samples of an SSH chain."""
    q = g.uniform(2, 3) + np.exp(2j * np.pi * np.arange(9) / 8) * g.uniform(0, 5)
    zero = np.zeros_like(q)
    return {"hamiltonian": np.array([[zero, q], [q.conj(), zero]]).transpose(2, 0, 1)} | (
        {"period": 1.0, "chiral": np.array([1.0, -1.0]), "positions": np.zeros(2), "energy": 0.0}
        | {"networks": (), "tolerance": 1e-8}
    )


def _ssh(t, u):
    return {0: [[0, t], [t, 0]], 1: [[0, u], [0, 0]], -1: [[0, 0], [u, 0]]}


def _grid(g):
    parameters = {"t": g.uniform(0, 2, 3), "u": g.uniform(0, 2, 2)}
    return {"build": _ssh, "parameters": parameters, "chiral": np.array([1.0, -1.0]), "jobs": 1} | (
        {"energy": 0.0, "tolerance": 1e-8, "period": 2 * np.pi}
    )


def _diagnosed(answer, **_):
    return _whole(answer.winding) and _finite([answer.curve, answer.gap, answer.largest_link])


_HR = Path(__file__).parent / "interop" / "ssh_hr.dat"
_ROTATING = {"point": lambda i, s: 3 + np.exp(1j * s), "bisections": 20}

CALLS = {
    "winding.link_angles": Call(
        winding.link_angles,
        lambda g: {"curve": _closed(g), "gap": 1e-12, "closure": 1e-9},
        _angles_close,
    ),
    "winding.winding_number": Call(
        winding.winding_number,
        lambda g: {"curve": _closed(g), "gap": 1e-12, "closure": 1e-9, **_mask(g)},
        _counted,
    ),
    "winding.resolved_winding": Call(
        winding.resolved_winding,
        lambda g: {"speed": np.ones(_n(g)), "links": _links(g), **_ROTATING},
        _whole,
    ),
    "bloch.diagnose": Call(bloch.diagnose, _bloch, _diagnosed),
    "bloch.diagnose_ring": Call(
        bloch.diagnose_ring,
        lambda g: {"matrix": g.normal(size=(5, 5)), "chiral": False, "energy": 0.1},
        _diagnosed,
    ),
    "bloch.phase_diagram": Call(
        bloch.phase_diagram, _grid, lambda answer, **_: _whole(answer.winding.filled(0))
    ),
    "bloch.from_wannier90": Call(bloch.from_wannier90, lambda g: {"path": str(_HR)}, _finite),
    "ssh.curve": Call(ssh.curve, lambda g: _two(g, "t", "t_prime", links=_links(g)), _finite),
    "ssh.exact_winding": Call(
        ssh.exact_winding, lambda g: _two(g, "t", "t_prime", **_mask(g)), _ssh_winding
    ),
    "ssh.printed_label": Call(ssh.printed_label, lambda g: _two(g, "t", "t_prime"), _whole),
    "ssh.sample": Call(
        ssh.sample, lambda g: {"n": _n(g), "rng": g, "low": -10.0, "high": 10.0}, _of_size
    ),
    "chiral.curve": Call(chiral.curve, lambda g: _fourier(g, links=_links(g)), _finite),
    "chiral.exact_winding": Call(chiral.exact_winding, lambda g: _fourier(g, **_mask(g)), _whole),
    "chiral.resolved_winding": Call(
        chiral.resolved_winding, lambda g: _fourier(g, links=_links(g)), _whole
    ),
    "chiral.sample": Call(
        chiral.sample,
        lambda g: {"n": _n(g), "rng": g, "cutoff": 2, "winding_at_least": 1, "links": _links(g)},
        _of_size,
        cost=20,
    ),
    "chiral.twisted_curve": Call(chiral.twisted_curve, _twisted, _finite),
    "chiral.sample_twisted": Call(
        chiral.sample_twisted, lambda g: {"n": _n(g), "rng": g, "cutoff": 3}, _of_size
    ),
    "hatano_nelson.curve": Call(
        hatano_nelson.curve, lambda g: _chains(g, links=_links(g)), _finite
    ),
    "hatano_nelson.exact_winding": Call(
        hatano_nelson.exact_winding, lambda g: _chains(g, **_mask(g)), _whole
    ),
    "hatano_nelson.sample": Call(
        hatano_nelson.sample,
        lambda g: {"n": _n(g), "rng": g, "hopping_lengths": (1, 2), "hoppings": "real"},
        _of_size,
    ),
    "hatano_nelson.matrix": Call(
        hatano_nelson.matrix,
        lambda g: {"t_r": 1.0, "t_l": 2j, "mu": _n(g), "sites": 12, "periodic": True},
        _finite,
    ),
    "nonhermitian_ssh.curve": Call(
        nonhermitian_ssh.curve,
        lambda g: _two(g, "t", "delta", t_prime=1.0, links=_links(g)),
        _finite,
    ),
    "nonhermitian_ssh.exact_winding": Call(
        nonhermitian_ssh.exact_winding,
        lambda g: _two(g, "t", "delta", "t_prime", **_mask(g)),
        _whole,
    ),
    "nonhermitian_ssh.phase_boundary_distance": Call(
        nonhermitian_ssh.phase_boundary_distance, lambda g: _two(g, "t", "delta"), _finite
    ),
    "nonhermitian_ssh.bloch": Call(
        nonhermitian_ssh.bloch, lambda g: _two(g, "t", "delta", "k", t_prime=1.0), _finite
    ),
    "nonhermitian_ssh.matrix": Call(
        nonhermitian_ssh.matrix,
        lambda g: {"t": 1.0, "delta": 0.5, "cells": 3, "t_prime": 1.0, "periodic": False},
        _finite,
    ),
    "nonhermitian_ssh.sample": Call(
        nonhermitian_ssh.sample,
        lambda g: {"n": _n(g), "rng": g, "low": -6.0, "high": 6.0, **_distances(g)},
        _of_size,
        cost=20,
    ),
    "aah.matrix": Call(
        aah.matrix,
        lambda g: (
            {"alpha": 0.2, "h": 0.1, "V1": 1.0, "V2": 0.5, "flux": 1.0, "t": 1.0}
            | {"sites": _ring_size(g)}
        ),
        _finite,
    ),
    "aah.determinants": Call(
        aah.determinants,
        lambda g: _rings(g, base_energy=0.1j, t=1.0, sites=_ring_size(g), links=_links(g)),
        _finite,
    ),
    "aah.curve": Call(
        aah.curve,
        lambda g: _rings(g, base_energy=0.0, t=1.0, sites=_ring_size(g), links=_links(g)),
        _finite,
    ),
    "aah.exact_winding": Call(
        aah.exact_winding,
        lambda g: _rings(g, base_energy=0.0, t=1.0, sites=_ring_size(g), **_mask(g)),
        _whole,
    ),
    "aah.sample": Call(
        aah.sample, lambda g: {"n": _n(g), "rng": g, "alphas": (0.1, 0.2), "h": 0.0}, _of_size
    ),
    "dirac.bloch": Call(
        dirac.bloch,
        lambda g: {"k": g.normal(size=3) * 1j, "m": 0.5, "kappa": 2.0, "delta_m": 1.0},
        _finite,
    ),
    "dirac.squared_gap": Call(
        dirac.squared_gap,
        lambda g: {"k": g.normal(size=3) * 1j, "m": 0.5, "kappa": 2.0, "delta_m": 1.0},
        _finite,
    ),
    "dirac.exceptional_points": Call(
        dirac.exceptional_points, lambda g: _fermions(g, False, delta_m=1.0), _finite
    ),
    "dirac.curve": Call(dirac.curve, lambda g: _fermions(g, delta_m=1.0, links=_links(g)), _finite),
    "dirac.exact_winding": Call(
        dirac.exact_winding, lambda g: _fermions(g, delta_m=1.0, **_mask(g)), _whole
    ),
    "dirac.phase_diagram_label": Call(
        dirac.phase_diagram_label, lambda g: _fermions(g, center=False), _whole
    ),
    "dirac.phase_boundary_distance": Call(
        dirac.phase_boundary_distance, lambda g: _fermions(g, center=False), _finite
    ),
    "dirac.loop_center": Call(
        dirac.loop_center, lambda g: _fermions(g, False, rng=g, delta_m=1.0), _finite
    ),
    "dirac.sample": Call(
        dirac.sample,
        lambda g: {"n": _n(g), "rng": g, "m_max": 6.0, "kappa_max": 6.0, **_distances(g)},
        _of_size,
        cost=20,
    ),
    "datasets.DataRecipe": Call(
        datasets.DataRecipe,
        _data,
        lambda data, **_: json.dumps(asdict(data)),
        plain=("options",),
    ),
    "datasets.draw": Call(
        lambda **recipe: datasets.draw(datasets.DataRecipe(**recipe)),
        _data,
        lambda drawn, n, **_: len(drawn.curve) == len(drawn.winding) == n and _whole(drawn.winding),
        cost=50,
    ),
    "datasets.network_input": Call(
        datasets.network_input,
        lambda g: {"curve": _closed(g), "inputs": str(g.choice(["unit", "raw"]))},
        _network_reads,
    ),
    "general_aiii.p1_test": Call(
        general_aiii.p1_test,
        lambda g: {"name": str(g.choice(["i", "ii"])), "links": 8, "n": 4},
        lambda drawn, n, **_: len(drawn.curve) == n,
        cost=50,
    ),
    "general_aiii.strengthened_test": Call(
        general_aiii.strengthened_test,
        lambda g: {"n": 2},
        lambda drawn, n, **_: len(drawn.curve) == n,
        cost=50,
    ),
    "phase_diagrams.near_boundary": Call(
        phase_diagrams.near_boundary,
        lambda g: {"hamiltonian": _plane(g), "threshold": 0.2, "n": 4},
        lambda drawn, n, **_: len(drawn.curve) == n,
        cost=50,
    ),
    "phase_diagrams.along_line": Call(
        phase_diagrams.along_line, lambda g: {"hamiltonian": _plane(g)}, cost=5
    ),
    "hatano_nelson_chains.hatano_nelson_test": Call(
        hatano_nelson_chains.hatano_nelson_test, lambda g: {"hoppings": "real"}, cost=50
    ),
    "nonhermitian_aah.aah_rings": Call(
        nonhermitian_aah.aah_rings,
        lambda g: {"n": 1},
        lambda drawn, n, **_: len(drawn.curve) == 110 * n,
        cost=50,
    ),
    "nonhermitian_aah.aah_cells": Call(
        nonhermitian_aah.aah_cells, lambda g: {"n": 1}, lambda cells, **_: len(cells) == 110, 50
    ),
    "nonhermitian_aah.aah_diagram": Call(
        nonhermitian_aah.aah_diagram,
        lambda g: {"alpha": 0.55, "h": 1.2, "points": 2},
        lambda drawn, points, **_: len(drawn.curve) == points**2,
        cost=20,
    ),
    "networks.convolutional": Call(
        networks.convolutional,
        lambda g: (
            {"links": _links(g), "kernels": 3, "head_units": 2, "link_activation": "relu"}
            | {"head_activation": "linear", "kernel_fans": "dense", "n_classes": 0, "seed": _n(g)}
        ),
        lambda network, **_: network.count_params() > 0,
        cost=20,
    ),
    "networks.fully_connected": Call(
        networks.fully_connected,
        lambda g: {
            "links": _links(g),
            "widths": (3, 2),
            "initial_weights": "xavier",
            "seed": _n(g),
        },
        lambda network, **_: network.count_params() > 0,
        cost=20,
    ),
    "networks.xavier_normal": Call(networks.xavier_normal, lambda g: {"seed": _n(g)}),
    "training.fit": Call(
        training.fit,
        _training,
        lambda history, **_: np.isfinite(history.history["loss"]).all(),
        cost=50,
    ),
    "evaluation.outputs": Call(
        evaluation.outputs, lambda g: {"network": _tiny(), "x": _examples(g)["x"]}, _finite, cost=5
    ),
    "evaluation.loss": Call(
        evaluation.loss,
        lambda g: (
            {"network": _tiny(), "x": (e := _examples(g))["x"], "winding": e["y"]} | {"classes": ()}
        ),
        lambda loss, **_: 0 <= loss < np.inf,
        cost=5,
    ),
    "evaluation.accuracy": Call(
        evaluation.accuracy,
        lambda g: {"network": _tiny(), "x": (e := _examples(g))["x"], "winding": e["y"]},
        lambda share, **_: 0 <= share <= 100,
        cost=5,
    ),
    "augmentation.random_phases": Call(
        augmentation.random_phases,
        lambda g: {"x": _examples(g, 3)["x"], "seed": _n(g)},
        lambda turned, x, **_: np.array_equal(
            winding.winding_number(
                turned[..., 0] + 1j * turned[..., 1].astype(float), closure=1e-5
            ),
            winding.winding_number(
                np.asarray(x)[..., 0] + 1j * np.asarray(x)[..., 1].astype(float)
            ),
        ),
        cost=5,
    ),
    "blackbox.link_response": Call(
        blackbox.link_response,
        lambda g: {"network": _cnn(), "phi": g.normal(size=3), "dphi": g.normal(size=3)},
        _finite,
        cost=5,
    ),
    "blackbox.anatomy": Call(blackbox.anatomy, lambda g: {"network": _cnn()}, cost=10),
    "blackbox.neuron_outputs": Call(
        blackbox.neuron_outputs,
        lambda g: {"network": _cnn(), "winding": g.integers(-4, 5, 3)},
        _finite,
        cost=10,
    ),
    "blackbox.predicted_output": Call(
        blackbox.predicted_output,
        lambda g: {"network": _cnn(), "winding": g.integers(-4, 5, 3)},
        _finite,
        cost=10,
    ),
    "blackbox.predicted_fate": Call(
        blackbox.predicted_fate,
        lambda g: {"network": _cnn(), "within": g.uniform(0, 0.5)},
        lambda fate, **_: fate in ("good", "one-sided", "dead"),
        cost=10,
    ),
    "blackbox.by_hand": Call(
        blackbox.by_hand,
        lambda g: {"links": _links(g), "knots": 4, "directions": 3, "width": 0.01, "head_units": 1},
        lambda network, **_: network.count_params() > 0,
        cost=20,
    ),
    "archive.digest": Call(
        archive.digest,
        lambda g: {"description": {"a": [1, 2.5, None, "b"]}},
        lambda digest, **_: len(digest) == 64,
    ),
    "archive.write": Call(
        lambda arrays, description: _round_trip(arrays, description),
        lambda g: {"arrays": {"a": g.normal(size=3)}, "description": {"b": 1}},
        cost=5,
    ),
    "recipes.Experiment": Call(
        lambda **recipe: recipes.Experiment(**recipe).filename(0),
        _recipe,
        lambda answer, **_: Path(answer).name == answer,
    ),
    "experiments.chosen": Call(experiments.chosen, lambda g: {"runs": [_run(), _run()]}),
    "experiments.find": Call(
        experiments.find, lambda g: {"experiment": "aiii-cnn", "seed": 0, "folder": None}
    ),
    "experiments.archived": Call(
        experiments.archived, lambda g: {"experiment": "ssh-linear-two", "folder": None}
    ),
    "experiments.train": Call(
        experiments.train,
        lambda g: {"experiment": "ssh-linear-two", "seeds": [0], "retrain": False, "folder": None},
        lambda runs, seeds, **_: (
            seeds is None or len(runs) == (len(list(seeds)) if np.iterable(seeds) else 1)
        ),
        cost=50,
    ),
    "experiments.Run.outputs": Call(
        lambda curve: _run().outputs(curve), lambda g: {"curve": _closed(g, links=8)}, _finite, 5
    ),
    "experiments.Run.predict": Call(
        lambda curve: _run().predict(curve), lambda g: {"curve": _closed(g, links=8)}, _whole, 5
    ),
    "experiments.Run.nearest": Call(
        lambda outputs: _run().nearest(outputs),
        lambda g: {"outputs": g.normal(size=3)},
        lambda answer, outputs: answer.dtype.kind == "i" and (answer == np.rint(outputs)).all(),
    ),
    "claim.agrees": Call(
        agrees,
        lambda g: {"ours": g.uniform(0, 100, 3), "paper": g.uniform(0, 100, 3)},
        lambda answer, **_: answer in (True, False),
    ),
    "scorecard.table": Call(
        scorecard.table, lambda g: {"lines": [_line(g)], "separator": " / "}, plain=("lines",)
    ),
    "nonhermitian_dirac.pair_switching": Call(
        nonhermitian_dirac.pair_switching, lambda g: {"m": 1.0, "kappa": 3.0, "links": 100}, _finite
    ),
    "nonhermitian_aah.at_transition": Call(
        nonhermitian_aah.at_transition, lambda g: {"winding": g.integers(0, 2, (3, 3))}
    ),
    # --- Paths
    **{
        f"{name}": Call(function, lambda g: {"path": "nowhere.toml"})
        for name, function in {
            "archive.set_aside": lambda path: archive.set_aside(path, "a reason"),
            "sweeps.read": lambda path: _unless_missing(sweeps.read, path),
        }.items()
    },
    "archive.read": Call(lambda path: _unless_missing(archive.read, path), _nowhere),
    "archive.check_writable": Call(archive.check_writable, lambda g: {"folder": "here"}),
    "archive.write_bytes": Call(
        archive.write_bytes, lambda g: {"path": "here.bin", "content": b"abc"}
    ),
    "archive.to_json": Call(archive.to_json, lambda g: {"value": {"a": [1, 2.5, None, "b"]}}),
    "experiments.destination": Call(experiments.destination, lambda g: {"folder": "here"}),
    "experiments.load": Call(
        lambda **given: _unless_missing(experiments.load, **given), _run_file, cost=5
    ),
    "experiments.read_run": Call(
        lambda **given: _unless_missing(experiments.read_run, **given), _run_file
    ),
    "experiments.save": Call(experiments.save, lambda g: {"run": _run(), "folder": "here"}, cost=5),
    "experiments.contents": Call(experiments.contents, lambda g: {"run": _run()}),
    "experiments.all_named": Call(
        experiments.all_named, lambda g: {"names": ["aiii-cnn", "aiii-fc"]}
    ),
    "experiments.training_data": Call(
        experiments.training_data, lambda g: {"data": _run().experiment.data}
    ),
    "experiments.Run.outputs_on": Call(
        lambda test: _run().outputs_on(test), lambda g: {"test": _test_set()}, _finite, 5
    ),
    "recipes.Experiment.recipe": Call(
        lambda seed: _run().experiment.recipe(seed), lambda g: {"seed": _n(g)}
    ),
    "recipes.Experiment.filename": Call(
        lambda seed: _run().experiment.filename(seed), lambda g: {"seed": _n(g)}
    ),
    "recipes.Experiment.build": Call(
        lambda seed: _run().experiment.build(seed), lambda g: {"seed": _n(g)}, cost=20
    ),
    "verify.verify": Call(
        verify.verify,
        lambda g: (
            {"names": ["ssh-linear"], "retrain": "few", "jobs": 1, "folder": "nowhere"}
            | {"report": len}
        ),
        lambda wrong, **_: all(isinstance(line, str) for line in wrong),
        cost=10,
    ),
    "kept_sets.kept_set": Call(
        kept_sets.kept_set, lambda g: {"data": _run().experiment.data}, cost=20
    ),
    **{
        f"selections.{score.__name__}": Call(score, lambda g: {"run": _phases()}, _finite, cost=10)
        for score in (selections.threshold, *selections.SCORES.values())
    },
    "networks.to_keras_layers": Call(
        networks.to_keras_layers, lambda g: {"network": _tiny()}, cost=20
    ),
    "contract.momenta": Call(contract.momenta, lambda g: {"links": _links(g)}, _finite),
    "contract.unit_circle": Call(contract.unit_circle, lambda g: {"links": _links(g)}, _finite),
    "claim.bound": Call(
        bound, lambda g: {"difference": g.random()}, lambda b, difference: not b < difference
    ),
    "scorecard.row": Call(scorecard.row, lambda g: {"claim": _bookkeeping()}, cost=5),
    "scorecard.rows": Call(
        lambda ids: scorecard.rows([_bookkeeping().id] if ids is None else ids),  # all take long
        lambda g: {"ids": [_bookkeeping().id]},
        cost=5,
    ),
    "scorecard.show": Call(
        lambda one: scorecard.show(one), lambda g: {"one": _bookkeeping().id}, cost=5
    ),
    "sweep_results.plot": Call(
        sweep_results.plot,
        lambda g: {"ax": _axes(), "sweep": _sweep(), "rows": _rows(g)},
        plain=("rows",),
        cost=5,
    ),
    "sweep_results.table": Call(sweep_results.table, lambda g: {"sweep": _sweep(), "folder": None}),
    "sweep_results.report": Call(
        sweep_results.report, lambda g: {"sweep": _sweep(), "path": "here.toml", "folder": None}
    ),
    "drawings.figure_html": Call(
        drawings.figure_html, lambda g: {"figure": _axes().figure}, cost=20
    ),
    "plotting.brillouin_axis": Call(plotting.brillouin_axis, lambda g: {"ax": _axes()}, cost=5),
    "plotting.plot_arrows": Call(
        plotting.plot_arrows,
        lambda g: {"ax": _axes(), "curve": _closed(g, 1)[0], "title": "a"},
        cost=5,
    ),
    "plotting.plot_seeds": Call(
        plotting.plot_seeds,
        lambda g: {"ax": _axes(), "names": ["a", "b"], "values": g.random((3, 2)), "paper": [1, 2]},
        cost=5,
    ),
    "plotting.plot_grid": Call(
        plotting.plot_grid,
        lambda g: (
            {"ax": _axes(), "values": g.random((1, 2)), "rows": ["a"], "columns": ["b", "c"]}
            | {"text": ["d"]}
        ),
        cost=5,
    ),
    "plotting.plot_sweep": Call(
        plotting.plot_sweep,
        lambda g: (
            {"ax": _axes(), "points": ["a", "b"], "values": g.random((2, 3, 1))}
            | {"names": ["c"], "style": "--"}
        ),
        cost=5,
    ),
    "plotting.power_of_ten": Call(plotting.power_of_ten, lambda g: {"value": 3e-4}),
    "plotting.results_table": Call(
        lambda **given: plotting.results_table(**given)._repr_html_(),
        lambda g: {"columns": ["a", "b"], "rows": {"c": [1, 2.5]}, "digits": 1, "best": "lowest"},
    ),
    "plotting.slider": Call(
        plotting.slider,
        lambda g: (
            {"draw": lambda value: _axes().figure, "values": [1, 2], "name": "epoch"} | {"start": 1}
        ),
        cost=20,
    ),
}

# Why some public names are not drawn. A measure takes a run of the archive, and seconds.
_WHY = {
    "a result, which nobody makes by hand": """blackbox.Anatomy bloch.Answer bloch.Diagnosis
        bloch.Diagnosis.plot bloch.PhaseDiagram bloch.PhaseDiagram.plot datasets.LabelledCurves
        experiments.Run sweeps.Sweep sweeps.Sweep.points""",
    "what a claim is made of: whoever writes one reads its module": """claim.Claim
        claim.Claim.accepts claim.late_losses claim.layer_sizes claim.parameter_count claim.equal
        claim.no_overfitting claim.at_least claim.listed measures.percent measures.accuracies
        measures.outputs
        measures.near_integers measures.fate measures.majority regularization.l2_names
        regularization.l2_strengths phase_diagrams.close_to ssh_shortcut.largest
        ssh_shortcut.only_there kept_sets.drawn_once scorecard.result_of
        second_paper.second_paper""",
    "a claim's measure: the scorecard calls it with an archived run, for seconds": """
        ssh_shortcut.ssh_accuracy ssh_shortcut.blind_guess ssh_shortcut.largest_weights
        general_aiii.p1_outputs general_aiii.accuracies general_aiii.strengthened_accuracies
        general_aiii.accuracies_by_sign general_aiii.better_side general_aiii.fate
        general_aiii.fates general_aiii.near_integers hatano_nelson_chains.accuracies
        hatano_nelson_chains.accuracies_by_sign hatano_nelson_chains.fate
        hatano_nelson_chains.overall_accuracy hatano_nelson_chains.near_integers
        phase_diagrams.tests_of phase_diagrams.both_tests phase_diagrams.judged phase_diagrams.tried
        phase_diagrams.recall phase_diagrams.crossings phase_diagrams.transitions
        nonhermitian_aah.aah_accuracies nonhermitian_aah.worst_cell nonhermitian_aah.misclassified
        nonhermitian_dirac.both_labelings black_box.link_quality black_box.extrapolated
        black_box.activations black_box.linearity selections.trained_farther
        selections.chosen_by""",
    "draws a whole test set, for seconds": """ssh_shortcut.general_chains
        general_aiii.majority general_aiii.strengthened_majority
        general_aiii.class_shares general_aiii.example_curves
        hatano_nelson_chains.example_curves nonhermitian_aah.aah_majority""",
    "a part of others, which check what they pass on": """datasets.read_only datasets.closed_curves
        archive.checksum kept_sets.name_of datasets.label_of contract.call remembered.of
        experiments.set_run_aside winding.checked
        winding.decided networks.architecture networks.refuse_other_precision
        checks.refuse_non_finite checks.refuse_others checks.weight_shapes""",
    "a contract, or a layer of Keras, which Keras calls": """contract.Hamiltonian
        contract.Hamiltonian.sample contract.Hamiltonian.curve contract.Hamiltonian.exact_winding
        networks.LinkConvolution networks.LinkConvolution.call networks.Dense _epoch.EpochModel
        _epoch.EpochModel.load _epoch.EpochModel.store""",
    "takes no argument, or anything": """plotting.use_style plotting.glue archive.cache_folder""",
    "trains: what it is given is checked by fit, train and completed": """experiments.fit_run
        reproduce.reproduce workers.completed""",
}
EXEMPT = {name for names in _WHY.values() for name in names.split()}
API = HOME.parent / "book" / "api"


def public():
    """Names that the API pages document, each with its module's last name before it."""
    for page in API.glob("*.md"):
        for place, listed in re.findall(r"automodule:: (\S+)\n +:members:(.*)", page.read_text()):
            module = importlib.import_module(place)
            own = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == place]
            for name in re.findall(r"\w+", listed) or getattr(module, "__all__", own):
                thing, known = getattr(module, name), f"{place.split('.')[-1]}.{name}"
                error = isinstance(thing, type) and issubclass(thing, Exception)
                if name[0] == "_" or not callable(thing) or not thing.__doc__ or error:
                    continue
                yield known
                if isinstance(thing, type):
                    methods = [n for n, v in vars(thing).items() if inspect.isfunction(v)]
                    documented = [n for n in methods if n[0] != "_" and vars(thing)[n].__doc__]
                    yield from (f"{known}.{method}" for method in documented)


def test_every_public_name_is_drawn_or_has_a_reason():
    assert not CALLS.keys() & EXEMPT
    assert sorted(public()) == sorted(CALLS.keys() | EXEMPT)


def test_the_long_form_has_drawn_every_function():
    record = json.loads((HOME.parent / "book" / "soak" / "properties.json").read_text())
    drawn = [name.strip("`") for name, *_ in record["tables"][0]["rows"]]
    assert drawn == [*CALLS, "all"], "run `python -m soak properties` again"


def _round_trip(arrays, description):
    path = archive.cache_folder() / "drawn.safetensors"
    archive.write(path, arrays, description)
    found, told = archive.read(path)
    assert archive.digest(told) == archive.digest(description)
    assert found.keys() == arrays.keys()
    assert all(_same(found[name], np.asarray(arrays[name])) for name in arrays)


# --- One case ----------------------------------------------------------------------------------


def _own(error):
    """Whether a ``raise`` in windlib made an error."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    raised = code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]
    return HOME in Path(code.co_filename).parents and raised


def _answer(function, arguments, seconds=20):
    """Answer of a call, or windlib's own error; another error is passed on."""

    def late(*_):
        raise TimeoutError(f"no answer within {seconds} s of work")

    rngs = {k: v for k, v in arguments.items() if isinstance(v, np.random.Generator)}
    arguments = arguments | copy.deepcopy(rngs)
    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return function(**arguments), None
    except Exception as error:
        if not _own(error):
            raise
        return None, error
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray | float | int | complex | np.generic):
        one, other = np.ma.filled(one), np.ma.filled(other)
        return one.shape == other.shape and (
            np.allclose(one, other, rtol=1e-5, atol=1e-8, equal_nan=True)
            if one.dtype.kind in "iufcb"
            else (one == other).all()
        )
    return True  # networks and histories: what they must be is asked elsewhere


def _too_large(name, value):
    """A size that would be computed, but not within this test's time and memory."""
    if name not in SIZES:
        return False
    try:
        sizes = np.abs(np.array(value, complex))
    except (TypeError, ValueError, OverflowError):
        return False
    return bool(((sizes > 60) & (sizes < 2.0**62)).any())


@st.composite
def cases(draw, call):
    """Arguments of a call, and in which way they were changed."""
    arguments = call.arguments(np.random.default_rng(draw(st.integers(0, 2**32 - 1))))
    way = draw(st.sampled_from(["as it is", "dressed", "narrow", "hostile", "hostile", "hostile"]))
    if way == "dressed":
        arrays = [k for k, v in arguments.items() if isinstance(v, np.ndarray) and v.ndim]
        changed = {k: _dressed(draw, arguments[k]) for k in arrays if k not in call.plain}
    elif way == "narrow":
        both = {
            k: _narrowed(draw, v)
            for k, v in arguments.items()
            if isinstance(v, int | float | np.ndarray) and k not in call.plain
        }
        arguments |= {k: wide for k, (wide, _) in both.items()}
        changed = {k: narrow for k, (_, narrow) in both.items()}
    elif way == "hostile":
        names = draw(st.lists(st.sampled_from(sorted(arguments)), min_size=1, max_size=2))
        changed = {k: draw(_hostile(arguments[k])) for k in names}
        assume(not any(_too_large(k, v) for k, v in changed.items()))
    else:
        changed = {}
    return way, arguments, changed


def complaint(call, way, arguments, changed):
    """What is wrong with the outcome of a case, or None."""
    given_ = arguments | changed
    answer, error = _answer(call.function, given_)
    if way == "narrow":
        wide, refusal = _answer(call.function, arguments)
        coarser = isinstance(error, winding.WindingError)  # in half precision more is undecided
        if (error is None) != (refusal is None) and not coarser:
            return f"refused in one type: {error or refusal}"
    if error is not None:
        return f"refused: {error}" if way in ("as it is", "dressed") else None
    if way == "narrow" and np.ma.isMaskedArray(answer):
        wide = np.ma.array(wide, mask=wide.mask | answer.mask)
    if way == "narrow" and not _same(answer, wide):
        return f"answered {answer!r}, and {wide!r} in a wider type"
    if way != "narrow" and not call.holds(answer, **given_):
        return f"answered {answer!r}"
    if way == "dressed" and not _same(answer, _answer(call.function, arguments)[0]):
        return f"answered {answer!r} in another dress"
    return None


# What Keras does with its own variables where the loss is watched.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("name", CALLS)
def test_right_answer_or_own_words(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a drawn folder may be a relative one
    call = CALLS[name]
    often = max(3, settings().max_examples // 4 // call.cost)
    call.arguments(np.random.default_rng(0))  # builds networks once, which draws random numbers

    @settings(max_examples=often)
    @given(cases(call))
    def check(case):
        CASES[name] += 1
        assert complaint(call, *case) is None

    begin = time.perf_counter()
    try:
        check()
    except BaseException:
        FAILURES[name] += 1
        raise
    finally:
        SECONDS[name] += time.perf_counter() - begin


REMEMBERED = [name for name, call in CALLS.items() if hasattr(call.function, "cache_info")]


@pytest.mark.parametrize("name", REMEMBERED)
def test_what_cannot_be_looked_up_is_refused_in_words(name):
    arguments = CALLS[name].arguments(np.random.default_rng(0))
    for changed, value in arguments.items():
        for odd in ([value], {"a": value}, {value}, np.array([value])):
            with pytest.raises(ArgumentError, match=f"^got {changed}="):
                CALLS[name].function(**arguments | {changed: odd})
