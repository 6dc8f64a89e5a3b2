"""What the six Hamiltonians have in common: their arguments, their errors, their masks."""

import inspect
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from windlib import hamiltonians
from windlib.arguments import ArgumentError
from windlib.hamiltonians import aah, chiral, dirac, hatano_nelson, nonhermitian_ssh, ssh
from windlib.hamiltonians.contract import Hamiltonian, call, collect, momenta, unit_circle
from windlib.winding import GaplessError, HalfTurnError, WindingError, winding_number

K_PLUS = 10**0.5 * 1j  # at m = 0, κ = 3
# Three points each, of which the second has no winding number.
POINTS = {
    ssh: ({"t": [1.0, 1.0, 1.0], "t_prime": [0.5, -1.0, 2.0]}, [0, None, 1]),
    nonhermitian_ssh: ({"t": [0.5, 0.5, 0.5], "delta": [1.0, 0.5, -1.0]}, [-1, None, 1]),
    hatano_nelson: (
        {"t_r": [0.5, 0.3 + 0.4j, 2.0], "t_l": [1j, 0.3 - 0.4j, 1.0], "mu": [1, 2, 3]},
        [1, None, -3],
    ),
    dirac: (
        {
            "m": [0.0] * 3,
            "kappa": [3.0] * 3,
            "center": np.array([K_PLUS, K_PLUS + np.exp(1.3j), -K_PLUS]),
        },
        [1, None, -1],
    ),
    chiral: (
        {
            "a": np.array([[[0.0, 1], [0, 0]], [[1, 1], [0, 0]], [[2, 1], [0, 0]]]),
            "b": np.array([[[0.0, 0], [0, 1]]] * 3),
        },
        [1, None, 0],
    ),
    aah: (
        {"alpha": [0.5, 0.0, -0.5], "h": 0.0, "V1": 0.0, "V2": 0.0, "base_energy": 0.1},
        [1, None, -1],
    ),
}
MODELS = list(POINTS)
ALSO = {"printed_label", "phase_boundary_distance", "phase_diagram_label", "determinants"}


@pytest.fixture(params=MODELS, ids=lambda model: model.__name__.rsplit(".", 1)[1])
def model(request):
    return request.param


def functions(model, key):
    """The functions of a module that take a parameter, each as a function of all parameters."""
    every = [model.curve, model.exact_winding, *(getattr(model, f) for f in ALSO & set(dir(model)))]
    return [partial(call, f) for f in every if key in inspect.signature(f).parameters]


@pytest.mark.parametrize("accepted", [[0, 0, 0, 1], [2, 0, 0, 1, 0, 0, 0, 1]])
def test_a_sampler_gives_up_after_so_many_empty_blocks_in_a_row(accepted):
    blocks = iter(accepted)
    with pytest.raises(ArgumentError, match="nothing fits"):
        collect(9, lambda: np.zeros((next(blocks), 2)), 3, "nothing fits")
    assert list(blocks) == [1]


def test_a_sampler_gives_the_first_rows_that_it_accepts():
    rows = iter([[[1.0]], np.zeros((0, 1)), np.zeros((0, 1)), [[2.0], [3.0]]])
    assert collect(2, lambda: np.array(next(rows)), 3, "").tolist() == [[1], [2]]


def test_no_module_was_forgotten():
    assert {model.__name__.rsplit(".", 1)[1] for model in MODELS} == {*hamiltonians.__all__}
    page = (Path(__file__).parents[1] / "book" / "api" / "hamiltonians.md").read_text()
    for name in hamiltonians.__all__:
        assert f".. automodule:: windlib.hamiltonians.{name}\n" in page


@pytest.mark.parametrize("name", hamiltonians.__all__)
def test_every_module_keeps_the_contract(name):
    model = getattr(hamiltonians, name)
    assert isinstance(model, Hamiltonian)
    n, rng, *options = inspect.signature(model.sample).parameters.values()
    assert (n.name, rng.name) == ("n", "rng")
    assert all(option.default is not option.empty for option in options)

    for function in ("curve", "exact_winding"):  # options have the contract's defaults
        theirs = inspect.signature(getattr(model, function)).parameters
        for option in inspect.signature(getattr(Hamiltonian, function)).parameters.values():
            if option.default is not option.empty:
                assert theirs[option.name].default == option.default

    drawn, again = (model.sample(7, np.random.default_rng(1)) for _ in range(2))
    assert all(len(values) == 7 for values in drawn.values())
    for parameter, values in drawn.items():
        np.testing.assert_array_equal(values, again[parameter])
    curves = model.curve(**drawn, links=4000)
    assert curves.dtype == complex
    assert curves.shape == (7, 4001)
    np.testing.assert_array_equal(curves[:, -1], curves[:, 0])
    exact = model.exact_winding(**drawn)
    assert exact.dtype == int
    np.testing.assert_array_equal(exact, winding_number(curves))
    one = {parameter: values[:1] for parameter, values in drawn.items()}
    np.testing.assert_array_equal(model.curve(**one), model.curve(**drawn)[:1])

    for function in (f for f in vars(model) if f.endswith(("_label", "_distance"))):
        found = call(getattr(model, function), drawn)
        assert found.shape == (7,)
        assert (found >= 0).all()


def test_what_is_left_out_of_the_contract_is_seen():
    assert not isinstance(SimpleNamespace(sample=len, curve=len), Hamiltonian)


@pytest.mark.parametrize("links", [1, 2, 3, 7, 32, 89])
def test_momenta_are_evenly_spaced_and_the_circle_closes(links):
    k, circle = momenta(links), unit_circle(links)
    np.testing.assert_allclose(k, np.linspace(0, 2 * np.pi, links + 1), rtol=1e-15)
    np.testing.assert_allclose(circle, np.cos(k) + 1j * np.sin(k), atol=1e-15)
    assert circle[-1] == circle[0] == 1


def test_a_scan_masks_the_points_without_an_answer(model):
    parameters, expected = POINTS[model]
    found = model.exact_winding(**parameters, mask=True)
    assert found.tolist() == expected
    assert found.dtype == int
    with pytest.raises(GaplessError, match=r"^1 of 3 .*\(number 1\).* mask them \(mask=True\)$"):
        model.exact_winding(**parameters)
    with pytest.raises(ArgumentError, match="got mask=1"):
        model.exact_winding(**parameters, mask=1)


def test_a_mask_changes_nothing_where_all_is_decided(model):
    parameters = model.sample(200, np.random.default_rng(3))
    found = model.exact_winding(**parameters, mask=True)
    assert found.mask.tolist() == [False] * 200
    np.testing.assert_array_equal(found.data, model.exact_winding(**parameters))


def test_curves_that_do_not_fit_into_memory_are_refused(model):
    parameters = model.sample(20_000, np.random.default_rng(0))
    with pytest.raises(ArgumentError, match="n=20,000 and links=1,000,000; expected a product"):
        model.curve(**parameters, links=1_000_000)


# A parameter of each, and by how much it opens the second point's gap.
OPENS = {
    ssh: ("t_prime", 1e-6),
    nonhermitian_ssh: ("delta", 1e-6),
    hatano_nelson: ("t_r", 1e-6),
    dirac: ("center", 1e-6),
    chiral: ("a", 1e-7 * np.arange(12).reshape(3, 2, 2)),
    aah: ("alpha", 1e-8),
}


def test_in_single_precision_more_is_undecided(model):
    parameters, expected = POINTS[model]
    name, opening = OPENS[model]
    near = np.array(parameters[name]) + opening
    assert not model.exact_winding(**parameters | {name: near}, mask=True).mask.any()
    single = near.astype("c8" if near.dtype.kind == "c" else "f4")
    found = model.exact_winding(**parameters | {name: single}, mask=True)
    assert found.tolist() == expected


@pytest.mark.parametrize("links", [32.5, 0, -4, 10**12, "32", None, True, [32]], ids=repr)
def test_links_are_a_whole_number(model, links):
    parameters = model.sample(3, np.random.default_rng(0))
    with pytest.raises(ArgumentError, match="got links="):
        model.curve(**parameters, links=links)
    assert model.curve(**parameters, links=np.int64(8)).shape == (3, 9)
    assert model.curve(**parameters, links=1).shape == (3, 2)


@pytest.mark.parametrize("n", [5.5, 0, -1, np.inf, np.nan, "5", None, [5], 10**12], ids=repr)
def test_samplers_draw_a_whole_number(model, n):
    for sample in (model.sample, chiral.sample_twisted):
        with pytest.raises(ArgumentError, match="got n="):
            sample(n, np.random.default_rng(0))


# What the papers print, where they do; the rest is on the conventions page.
PRINTED = {
    ssh.sample: {"low": -10, "high": 10},
    hatano_nelson.sample: {"hopping_lengths": (1, 2, 3), "hoppings": "complex"},
    nonhermitian_ssh.sample: {"low": -6, "high": 6, "distance_at_least": 0, "distance_below": None},
    aah.sample: {"alphas": np.arange(1, 11) / 10, "h": 0},
    dirac.sample: {"m_max": 6, "kappa_max": 6, "distance_at_least": 0, "distance_below": None},
    chiral.sample: {"cutoff": 4, "winding_at_least": 0, "links": 32},
    chiral.sample_twisted: {"cutoff": 4},
}


@pytest.mark.parametrize("sample", PRINTED, ids=lambda f: f"{f.__module__[21:]}.{f.__name__}")
def test_what_is_not_said_is_as_the_papers_have_it(sample):
    as_printed = sample(500, np.random.default_rng(0), **PRINTED[sample])
    for name, values in sample(500, np.random.default_rng(0)).items():
        np.testing.assert_array_equal(values, as_printed[name])


def test_a_curve_has_32_links_and_a_ring_89_sites_unless_said(model):
    parameters = model.sample(3, np.random.default_rng(0))
    assert model.curve(**parameters).shape == (3, 33)
    if model is aah:
        np.testing.assert_array_equal(aah.curve(**parameters), aah.curve(**parameters, sites=89))
        assert (aah.curve(**parameters) != aah.curve(**parameters, sites=55)).any()


@pytest.mark.parametrize("rng", [None, 0, np.random.RandomState(0)], ids=["none", "seed", "old"])
def test_samplers_want_numpys_generator(model, rng):
    for sample in (model.sample, chiral.sample_twisted):
        with pytest.raises(ArgumentError, match=r"default_rng\(seed\)"):
            sample(3, rng)
    with pytest.raises(ArgumentError, match=r"default_rng\(seed\)"):
        dirac.loop_center([1.0], [2.0], rng)


OPTIONS = {
    ssh: [
        {"low": np.nan},
        {"high": np.inf},
        {"low": 2, "high": 1},
        {"low": 1, "high": 1},
        {"low": 1j},
        {"low": "a"},
        {"high": 1e308},
    ],
    nonhermitian_ssh: [
        {"low": np.nan},
        {"high": 1e308},
        {"low": 2, "high": 2},
        {"distance_below": np.nan},
        {"distance_at_least": "a"},
    ],
    dirac: [
        {"distance_below": [1]},
        {"distance_at_least": 1j},
        {"m_max": 0},
        {"kappa_max": np.inf},
        {"m_max": 1e80},
    ],
    chiral: [
        {"cutoff": 4.0},
        {"cutoff": -1},
        {"cutoff": 10**9},
        {"winding_at_least": 1.5},
        {"winding_at_least": -1},
        {"links": 16.5},
    ],
    hatano_nelson: [
        {"hopping_lengths": (1, 2.0)},
        {"hopping_lengths": ()},
        {"hopping_lengths": [[1, 2]]},
        {"hopping_lengths": 2},
        {"hopping_lengths": (1, 2**40)},
        {"hoppings": 3},
    ],
    aah: [
        {"alphas": 0.1},
        {"alphas": [1j]},
        {"alphas": [[0.1]]},
        {"alphas": "ab"},
        {"h": [0.1]},
        {"h": 1j},
    ],
}


def test_samplers_refuse_bad_options(model):
    for options in OPTIONS[model]:
        with pytest.raises(ArgumentError, match="got "):
            model.sample(3, np.random.default_rng(0), **options)


@pytest.mark.parametrize("bad", [np.nan, np.inf, "text", None], ids=repr)
def test_parameters_are_finite_numbers(model, bad):
    good, _ = POINTS[model]
    for key, values in good.items():
        changed = np.array(values, dtype=object)
        changed[(0,) * changed.ndim] = bad
        if isinstance(bad, float):
            changed = changed.astype(complex if np.iscomplexobj(values) else float)
        for function in functions(model, key):
            with pytest.raises(ArgumentError, match=f"{key}"):
                function(good | {key: changed})
            with pytest.raises(ArgumentError, match="masked"):
                function(good | {key: np.ma.masked_array(values)})


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        (ssh, ["t", "t_prime"]),
        (chiral, ["a", "b"]),
        (dirac, ["m", "kappa"]),
        (nonhermitian_ssh, ["t", "delta"]),
        (aah, ["alpha", "h", "V1", "V2"]),
        (hatano_nelson, ["mu"]),
    ],
)
def test_complex_parameters_are_refused_where_only_real_ones_make_sense(model, keys):
    good, _ = POINTS[model]
    for key in keys:
        for function in functions(model, key):
            for extra in (0j, 0.1j):
                with pytest.raises(ArgumentError, match=r"complex|whole numbers"):
                    function(good | {key: np.asarray(good[key]) + extra})


def test_no_parameter_makes_numpy_speak(model):
    good, _ = POINTS[model]
    for key, values in good.items():
        for size in (1e308, 1e99, 1e69, 1e-69, 1e-99, 1e-308, 5e-324):
            changed = good | {key: np.ones(np.shape(values)) * size}
            for function in functions(model, key):
                with np.errstate(over="raise", invalid="raise", divide="raise"):
                    try:
                        found = function(changed)
                    except (ArgumentError, WindingError):
                        continue
                assert all(np.isfinite(part).all() for part in found)


@pytest.mark.parametrize("hoppings", ["complex", "real"])
def test_hermitian_hatano_nelson_chains_are_refused_by_both(hoppings):
    chains = hatano_nelson.sample(3000, np.random.default_rng(4), hoppings=hoppings)
    chains["t_r"] = np.conj(chains["t_l"])
    assert hatano_nelson.exact_winding(**chains, mask=True).mask.all()
    for links in (32, 33):
        curves = hatano_nelson.curve(**chains, links=links)
        assert winding_number(curves, mask=True).mask.all()
        with pytest.raises((GaplessError, HalfTurnError), match="of 3,000 curves"):
            winding_number(curves)


@pytest.mark.parametrize("links", [32, 33])
def test_rings_without_nonreciprocity_wind_around_no_energy_or_are_undecided(links):
    rng = np.random.default_rng(5)
    rings = aah.sample(400, rng, alphas=(0.0,)) | {"base_energy": rng.uniform(-3, 3, 400)}
    exact = aah.exact_winding(**rings, mask=True)
    curves = aah.curve(**rings, links=links)
    found = winding_number(curves, mask=True)
    assert 5 < exact.mask.sum() < 100
    assert not exact.compressed().any()
    assert not found.compressed().any()
    # They may differ where a band is narrower than a float resolves, and at its edges.
    assert (found.mask == exact.mask).mean() > 0.98
    with pytest.raises(WindingError):
        winding_number(curves)


def test_a_sampler_that_finds_nothing_gives_up(monkeypatch):
    monkeypatch.setattr(chiral, "_GIVE_UP", 2)
    with pytest.raises(ArgumentError, match="of 131,072 components in a row none changes sign"):
        chiral.sample(5, np.random.default_rng(0), cutoff=12, winding_at_least=12)


@pytest.mark.parametrize("tiny", [0.0, 5e-324, 1e-310, 1e-250])
def test_a_coefficient_that_is_almost_nothing_changes_no_winding(tiny):
    a, b = np.zeros((2, 1, 2, 3))
    a[0, 0, 1] = b[0, 1, 1] = 1  # once round
    a[0, 0, 2] = b[0, 1, 2] = tiny
    assert chiral.exact_winding(a, b).tolist() == [1]


def test_twisted_curves_are_refused_where_they_are_none():
    rise = np.array([[1.0, 2.0]])
    for other in ([1.0, 2.0], [[1.0, 2.5]], [[4.0, -1.0]], [[3.0]], [[1j, 2.0]]):
        for pair in ((rise, other), (other, rise)):
            with pytest.raises(ArgumentError):
                chiral.twisted_curve(*pair)
    for links in (33, 32.0, 0):
        with pytest.raises(ArgumentError, match="got links="):
            chiral.twisted_curve(rise, rise, links=links)


def test_large_hopping_lengths_alias_as_small_ones():
    large = hatano_nelson.curve([0.5], [2.0], [2**31 - 3], links=8)
    np.testing.assert_array_equal(large, hatano_nelson.curve([0.5], [2.0], [5], links=8))
    with pytest.raises(ArgumentError, match="got mu="):
        hatano_nelson.curve([0.5], [2.0], [2**40])


RING = {"alpha": 0, "h": 0, "V1": 1, "V2": 0, "flux": 0, "sites": 5}
CHAIN = {"t": 1, "delta": 2, "cells": 4}
HOPPING = {"t_r": 1, "t_l": 2, "mu": 1, "sites": 4}


@pytest.mark.parametrize(
    ("function", "good", "key", "values"),
    [
        (hatano_nelson.matrix, HOPPING, "sites", [4.5, 10**9, "4", 2]),
        (hatano_nelson.matrix, HOPPING, "periodic", [1, None]),
        (nonhermitian_ssh.matrix, CHAIN, "cells", [4.5, 1, 10**9]),
        (nonhermitian_ssh.matrix, CHAIN, "t", [[1], 1j, np.nan, "a"]),
        (nonhermitian_ssh.matrix, CHAIN, "periodic", ["no"]),
        (aah.matrix, RING, "sites", [5.5, [5], 75_025, 4]),
        (aah.matrix, RING, "alpha", [[0.5], 1j, 1e4]),
        (aah.matrix, RING, "h", [800.0]),
    ],
)
def test_matrices_refuse_bad_arguments(function, good, key, values):
    assert np.isfinite(function(**good)).all()
    for bad in values:
        with pytest.raises(ArgumentError, match=key):
            function(**good | {key: bad})


def test_dirac_matrices_and_gaps_want_numbers():
    for function in (dirac.bloch, dirac.squared_gap):
        for bad in ({"k": np.nan}, {"m": 1j}, {"kappa": 1e80}, {"delta_m": "a"}, {"m": [1, 2, 3]}):
            with pytest.raises(ArgumentError):
                function(**{"k": [1j, 2], "m": 1.0, "kappa": 0.5} | bad)
