"""Labelled data: class shares, labels, noise, the tests' sets and their cache."""

import hashlib
import json
from dataclasses import FrozenInstanceError, asdict, replace
from pathlib import Path

import numpy as np
import pytest

from windlib import datasets, hamiltonians
from windlib.arguments import ArgumentError
from windlib.claims import general_aiii, kept_sets
from windlib.datasets import DataRecipe, EmptyClassError, SinglePrecisionError, draw, network_input
from windlib.hamiltonians import chiral, hatano_nelson, ssh
from windlib.runs import archive, experiments
from windlib.runs.catalogue import CATALOGUE
from windlib.winding import (
    CurveShapeError,
    GaplessError,
    HalfTurnError,
    NonFiniteCurveError,
    OpenCurveError,
    TooFewLinksError,
    winding_number,
)


def p1_test(*given, **more):
    """The test set as a new process gets it."""
    general_aiii.p1_test.cache_clear()
    return general_aiii.p1_test(*given, **more)


#: What is known of the validation data of some experiments, as `told` gives it.
DRAWN = json.loads(Path(__file__).with_name("drawn_data.json").read_text())


def told(name):
    """A digest of an experiment's validation labels, and means that each curve's place weighs."""
    drawn = draw(CATALOGUE[name].validation)
    place = np.linspace(1, 2, drawn.curve.size).reshape(drawn.curve.shape)
    means = [np.mean(place * part) for part in (drawn.curve.real, drawn.curve.imag)]
    means += [np.mean(place * np.abs(drawn.curve))]
    labels = hashlib.sha256(drawn.winding.astype("<i8").tobytes()).hexdigest()
    return {"labels": labels, "means": [float(mean) for mean in means]}


def aiii(n=500, seed=1, **changes):
    return DataRecipe("chiral", n, seed, options={"cutoff": 4}, **changes)


def assert_same(one, two):
    np.testing.assert_array_equal(one.curve, two.curve)
    np.testing.assert_array_equal(one.winding, two.winding)
    assert one.parameters.keys() == two.parameters.keys()
    for name, values in one.parameters.items():
        np.testing.assert_array_equal(values, two.parameters[name])


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WINDLIB_CACHE", str(tmp_path))
    return tmp_path


def test_curves_labels_and_parameters_belong_together():
    drawn = draw(aiii(links=16))
    np.testing.assert_array_equal(drawn.curve, chiral.curve(**drawn.parameters, links=16))
    np.testing.assert_array_equal(drawn.winding, winding_number(drawn.curve))
    assert drawn.curve.shape == (500, 17)


def test_labels_by_a_function_of_the_hamiltonian(monkeypatch):
    monkeypatch.setattr(datasets, "_CHUNK", 1000)  # finding zeros takes its time
    exact = draw(aiii(label="exact_winding"))
    np.testing.assert_array_equal(exact.winding, chiral.exact_winding(**exact.parameters))
    printed = draw(DataRecipe("ssh", 500, 1, label="printed_label"))
    np.testing.assert_array_equal(printed.winding, ssh.printed_label(**printed.parameters))
    assert (printed.winding != draw(DataRecipe("ssh", 500, 1)).winding).any()


@pytest.mark.parametrize("shares", [(0.2, 0.3, 0.5), (0.0, 1.0, 0.0), (1 / 3, 1 / 3, 1 / 3)])
def test_shares_are_exact_to_rounding(shares):
    drawn = draw(aiii(n=997, windings=(0, 1, 2), shares=shares))
    counts = np.bincount(np.abs(drawn.winding), minlength=3)
    assert counts.sum() == len(drawn.curve) == 997
    assert np.abs(counts - 997 * np.array(shares)).max() <= 1
    np.testing.assert_array_equal(drawn.winding, winding_number(drawn.curve))


@pytest.mark.parametrize("windings", [(2,), (0, 3)])
def test_only_the_windings_asked_for(windings):
    drawn = draw(aiii(windings=windings))
    assert len(drawn.winding) == 500
    assert set(np.abs(drawn.winding)) == set(windings)
    np.testing.assert_array_equal(drawn.winding, winding_number(drawn.curve))


def test_many_chunks_make_one_set(monkeypatch):
    monkeypatch.setattr(datasets, "_CHUNK", 64)
    drawn = draw(aiii(n=400, windings=(1, 2), shares=(0.5, 0.5)))
    assert np.bincount(np.abs(drawn.winding)).tolist() == [0, 200, 200]
    assert len(np.unique(drawn.parameters["a"], axis=0)) == 400  # no chunk is used twice


def test_noise_changes_its_share_of_the_labels_by_one():
    clean, noisy = draw(aiii(n=1000)), draw(aiii(n=1000, noise=0.125))
    np.testing.assert_array_equal(noisy.curve, clean.curve)
    change = noisy.winding - clean.winding
    assert np.count_nonzero(change) == 125
    assert np.abs(change).max() == 1
    assert abs(change.sum()) < 5 * np.sqrt(125)  # up as often as down
    assert np.abs(np.flatnonzero(change).mean() - 499.5) < 5 * 1000 / np.sqrt(12 * 125)


def test_equal_seeds_give_equal_data_and_others_share_nothing():
    assert_same(draw(aiii()), draw(aiii()))
    one, two = draw(aiii(seed=1)).parameters["a"], draw(aiii(seed=2)).parameters["a"]
    assert not set(one.ravel()) & set(two.ravel())


def test_a_class_that_does_not_occur(monkeypatch):
    monkeypatch.setattr(datasets, "_CHUNK", 100)
    monkeypatch.setattr(datasets, "_GIVE_UP", 3)
    with pytest.raises(EmptyClassError, match=r"\(5,\) among 300 draws \(500 still wanted"):
        draw(aiii(windings=(5,)))
    with pytest.raises(EmptyClassError, match=r"\(10 still wanted"):
        draw(aiii(n=20, windings=(1, 5), shares=(0.5, 0.5)))


def test_a_class_too_rare_to_be_collected_is_given_up(monkeypatch):
    monkeypatch.setattr(datasets, "_GIVE_UP", 20)
    monkeypatch.setattr(datasets, "_CHUNK", 40)  # |w| = 4 has about one in 1,500
    with pytest.raises(EmptyClassError, match=r"\(4,\) among \d+ draws \(\d+ still wanted"):
        draw(aiii(n=50, windings=(4,)))
    monkeypatch.setattr(datasets, "_CHUNK", 10)  # two in three have |w| ≤ 1: patience never ends
    monkeypatch.setattr(datasets, "_GIVE_UP", 2)
    assert len(draw(aiii(n=500, windings=(0, 1))).winding) == 500


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hamiltonian": "aiii"}, "got hamiltonian='aiii'; expected 'aah', .* or 'ssh'"),
        ({"hamiltonian": ["ssh"]}, r"got hamiltonian=\['ssh'\]"),
        ({"n": 0}, "got n=0"),
        ({"n": 5.5}, "got n=5.5; expected a whole number"),
        ({"n": np.inf}, "got n=inf"),
        ({"n": 10**8 + 1}, "got n=100000001; expected a whole number from 1 to 100,000,000"),
        ({"seed": None}, "got seed=None"),
        ({"seed": -1}, "got seed=-1"),
        ({"seed": True}, "got seed=True"),
        ({"links": 1}, "got links=1"),
        ({"links": 32.5}, "got links=32.5"),
        ({"links": 10_001}, "got links=10001"),
        ({"links": 2}, "got links=2 for .* give at least 3"),
        ({"links": 8, "windings": (1, 4)}, r"got links=8 for \|w\| = 4; .* give at least 9"),
        ({"noise": 1.5}, "got noise=1.5"),
        ({"noise": -0.1}, "got noise=-0.1"),
        ({"noise": np.nan}, "got noise=nan"),
        ({"seed": 2**128}, "got seed=340282366920938463463374607431768211456; expected a whole"),
        ({"windings": (1, 1)}, r"got windings=\(1, 1\), 1 twice; expected each"),
        (
            {"windings": (1, 1), "shares": (0.5, 0.5)},
            r"got windings=\(1, 1\), 1 twice; expected each",
        ),
        ({"windings": (0, -1)}, "got a winding=-1"),
        ({"windings": (0, 1.5)}, "got a winding=1.5"),
        ({"windings": 1}, "got windings=1; expected a tuple"),
        ({"windings": "12"}, "got windings='12'; expected a tuple"),
        ({"windings": np.array(1)}, "expected a tuple"),
        ({"windings": (0, 1), "shares": (1.0,)}, r"shares=\(1.0,\) for windings=\(0, 1\)"),
        ({"windings": (0, 1), "shares": (0.5, 0.6)}, "with sum 1"),
        ({"windings": (0, 1), "shares": (1.5, -0.5)}, "got a share=1.5"),
        ({"windings": (0, 1, 2), "shares": (0.9, 0.5, -0.4)}, "got a share=-0.4"),
        ({"windings": (0, 1), "shares": (np.nan, 0.5)}, "got a share=nan"),
        ({"shares": (1.0,)}, "as many shares as windings"),
        ({"options": [("cutoff", 4)]}, r"got options=\[.*\]; expected a dict"),
        ({"options": {"cutof": 4}}, r"keys among \['cutoff', 'winding_at_least', 'links'\]"),
        ({"options": {"n": 4}}, "keys among"),
        ({"options": {1: 4}}, "keys among"),
        ({"options": {"cutoff": np.nan}}, "expected finite numbers"),
        ({"options": {"cutoff": {4}}}, "expected finite numbers"),
        ({"options": {"cutoff": np.ma.masked}}, "masked array; leave masked points out"),
        ({"options": {"cutoff": [np.ma.array([1, 2], mask=[0, 1])]}}, "got a masked array"),
        ({"options": {"winding_at_least": 3}, "links": 64}, "screen on 32 links and links=64"),
        ({"options": {"winding_at_least": 3, "links": 64}}, "screen on 64 links and links=32"),
        ({"label": "np"}, "got label='np'; expected 'discrete', .*'exact_winding'"),
        ({"label": "curve"}, "got label='curve'"),
        ({"label": "sample"}, "got label='sample'"),
        ({"label": "_resolve"}, "got label='_resolve'"),
        ({"label": None}, "got label=None"),
        ({"label": "printed_label"}, "got label='printed_label'"),  # of another module
        ({"inputs": "scaled"}, "got inputs='scaled'; expected 'unit' or 'raw'"),
    ],
)
def test_recipes_that_make_no_sense(changes, words):
    with pytest.raises(ArgumentError, match=words):
        DataRecipe(**{"hamiltonian": "chiral", "n": 10, "seed": 1, **changes})


def test_recipes_at_the_edge_of_their_ranges():
    DataRecipe("chiral", 10**8, 0, links=100, noise=1)
    DataRecipe("chiral", 10**6, 0, links=10_000)
    DataRecipe("chiral", 1, 2**128 - 1)
    DataRecipe("chiral", 1, 0, links=9, windings=(4,), noise=0)
    DataRecipe("ssh", 1, 1, links=2, label="exact_winding")
    DataRecipe("chiral", 1, 1, windings=range(2), shares=np.array([0.0, 1.0]))
    DataRecipe("chiral", 1, 1, links=64, options={"links": 32})  # nothing is screened


def test_numpys_numbers_make_the_same_recipe_as_pythons():
    def digest(data):
        return archive.digest(asdict(data))

    one = DataRecipe("hatano_nelson", 10, 1, 16, "discrete", (1, 2), (0.25, 0.75), 0.5,
               {"hopping_lengths": (1, 2), "hoppings": "real"})  # fmt: skip
    two = DataRecipe(*("hatano_nelson", np.int64(10), np.uint8(1), np.array(16), "discrete"),
               np.array([1, 2]), np.array([0.25, 0.75], "f4"), np.float32(0.5),
               {"hopping_lengths": np.array([1, 2]), "hoppings": np.str_("real")})  # fmt: skip
    assert digest(one) == digest(two)
    assert_same(draw(one), draw(two))
    json.dumps(
        asdict(DataRecipe("aah", 1, 1, options={"alphas": [np.int64(1)], "h": np.float32(0)}))
    )


def test_no_archived_recipe_changes_its_digest():
    files = {path.name for path in archive.COMMITTED.glob("*.safetensors")}
    assert {e.filename(seed) for e in CATALOGUE.values() for seed in e.seeds} == files


@pytest.mark.parametrize("name", DRAWN)
def test_no_archived_data_set_changes(name):
    """Labels to the last one; of curves the last bits may differ between processors."""
    assert told(name) == {
        "labels": DRAWN[name]["labels"],
        "means": pytest.approx(DRAWN[name]["means"], rel=1e-9, abs=1e-9),
    }


def test_the_kept_digests_are_of_all_systems():
    assert {CATALOGUE[name].data.hamiltonian for name in DRAWN} == set(hamiltonians.__all__)


def _endless():
    endless = []
    endless.append(endless)
    return endless


def _deep():
    deep = []
    for _ in range(5000):
        deep = [deep]
    return deep


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, 10**5000) for name in ("windings", "shares", "options", "seed", "n", "links")),
        ("windings", (10**5000,)),
        ("options", {"cutoff": 10**5000}),
        ("options", {10**5000: 1}),
        ("options", {"cutoff": _deep()}),
        ("options", {"cutoff": _endless()}),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_python_does_not_print_is_refused_in_words(name, value):
    with pytest.raises(ArgumentError, match=r"^got .*; expected "):
        DataRecipe("chiral", **{"n": 1, "seed": 1, "label": "exact_winding", name: value})


def test_a_recipe_keeps_its_options_when_the_callers_dict_changes():
    options = {"cutoff": 4}
    data = DataRecipe("chiral", 1, 1, options=options)
    options["cutoff"] = 2
    assert data.options == {"cutoff": 4}


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_network_input_keeps_only_the_direction(scale):
    curve = draw(aiii(n=50)).curve
    u = network_input(scale * curve)
    assert u.shape == (50, 33, 2)
    assert u.dtype == np.float32
    np.testing.assert_allclose((u.astype(float) ** 2).sum(axis=-1), 1, atol=1e-6)
    np.testing.assert_allclose(np.arctan2(u[..., 1], u[..., 0]), np.angle(curve), atol=1e-6)


def test_raw_inputs_are_the_curves_points():
    curve = np.array([[3 + 4j, 1j, -2, 3 + 4j]])
    raw = network_input(curve, "raw")
    np.testing.assert_array_equal(raw[0], [[3, 4], [0, 1], [-2, 0], [3, 4]])
    assert raw.dtype == np.float32
    with pytest.raises(ValueError, match="got inputs='rw'; expected 'unit' or 'raw'"):
        network_input(curve, "rw")


@pytest.mark.parametrize(
    ("size", "fits"), [(1e38, True), (1e39, False), (1e-37, True), (1e-38, False)]
)
def test_raw_inputs_that_single_precision_cannot_hold(size, fits):
    curve = np.array([[1, 1j, -1, 1], [1, 1j, -1, 1]])
    curve[1] *= size
    network_input(curve)  # the direction is there
    if fits:
        assert np.abs(network_input(curve, "raw")[1, 0]).max() == pytest.approx(size)
    else:
        with pytest.raises(SinglePrecisionError, match=r"1 of 2 curves .*single precision"):
            network_input(curve, "raw")


@pytest.mark.parametrize("inputs", ["unit", "raw"])
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda z: z * [[1, 1, 0, 1, 1]], GaplessError),
        (lambda z: z * [[1, 1, np.nan, 1, 1]], NonFiniteCurveError),
        (lambda z: z * [[1, 1, np.inf, 1, 1]], NonFiniteCurveError),
        (lambda z: z / 2 * 1.5e308 * (1 + 1j), NonFiniteCurveError),
        (lambda z: z * 1e-320, GaplessError),
        (lambda z: z[:, :-1], OpenCurveError),
        (lambda z: z.real, CurveShapeError),
        (lambda z: z[0], CurveShapeError),
        (lambda z: z[None], CurveShapeError),
        (lambda z: np.stack([z.real, z.imag], axis=-1), CurveShapeError),
        (lambda z: np.ma.array(z), CurveShapeError),
        (lambda z: z[:, :1][:, [0, 0]], TooFewLinksError),
    ],
)
@pytest.mark.filterwarnings("ignore:(invalid value|overflow):RuntimeWarning")
def test_network_input_refuses_what_has_no_winding_number(change, error, inputs):
    curve = np.tile(2 * np.exp(0.5j * np.pi * np.arange(5)), (3, 1))
    assert np.isfinite(network_input(curve, inputs)).all()
    with pytest.raises(error):
        network_input(change(curve), inputs)


def test_chains_of_two_links_have_an_input_but_no_discrete_winding_number():
    curve = ssh.curve([1.0], [2.0], links=2)
    np.testing.assert_allclose(network_input(curve), [[[1, 0], [-1, 0], [1, 0]]], atol=1e-7)


def test_a_set_with_links_of_half_a_turn_is_refused(monkeypatch):
    """Hermitian chains: the energies lie on a line through 0, and every link there has no side."""
    monkeypatch.setattr(datasets, "_CHUNK", 100)
    sample = hatano_nelson.sample

    def hermitian(n, rng, **options):
        p = sample(n, rng, **options)
        return {**p, "t_r": p["t_l"].conj()}

    draw(DataRecipe("hatano_nelson", 50, 1))
    monkeypatch.setattr(hatano_nelson, "sample", hermitian)
    with pytest.raises((HalfTurnError, GaplessError)):
        draw(DataRecipe("hatano_nelson", 50, 1))
    with pytest.raises(GaplessError):
        draw(DataRecipe("hatano_nelson", 50, 1, label="exact_winding"))


def test_rings_without_flux_around_their_energies_are_refused(monkeypatch):
    monkeypatch.setattr(datasets, "_CHUNK", 400)
    with pytest.raises(HalfTurnError):
        draw(DataRecipe("aah", 400, 1, options={"alphas": (0.0,)}))


@pytest.mark.parametrize(
    ("name", "windings"), [("i", {0, 1, 2}), ("ii", {0}), ("iii", {3}), ("iv", {4})]
)
def test_p1_tests_have_their_windings(cache, name, windings):
    drawn = p1_test(name, n=60)
    assert drawn.curve.shape == (60, 33)
    assert set(np.abs(drawn.winding)) == windings
    np.testing.assert_array_equal(drawn.winding, winding_number(drawn.curve))
    if name in ("iii", "iv"):
        assert 10 < (drawn.winding > 0).sum() < 50


def test_p1_test_ii_twists_forth_and_back(cache):
    drawn = p1_test("ii", n=20, links=64)
    np.testing.assert_allclose(np.abs(drawn.curve), 1, atol=1e-12)
    assert (np.diff(np.unwrap(np.angle(drawn.curve[:, :33]))) >= 0).all()


def test_p1_tests_have_four_names():
    with pytest.raises(ArgumentError, match="got name='v'; expected 'i', 'ii', 'iii' or 'iv'"):
        p1_test("v")


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("iv", {"links": 8}, r"links=8 for \|w\| = 4"),
        ("iii", {"links": 6}, r"links=6 for \|w\| = 3"),
        ("iv", {"n": 2.5}, "n=2.5"),
        ("ii", {"n": 2.5}, "n=2.5"),
        ("ii", {"n": 10**9}, "n=1000000000"),
        ("ii", {"links": 32.0}, "links=32.0"),
        ("ii", {"links": 2}, "links=2"),
    ],
)
def test_p1_tests_that_cannot_be_drawn(cache, name, changes, words):
    with pytest.raises(ArgumentError, match=words):
        p1_test(name, **changes)


def test_p1_tests_share_nothing_with_each_other(cache):
    one, two = (p1_test(name, n=60).parameters["a"] for name in ("i", "iii"))
    assert not set(one.ravel()) & set(two.ravel())


def test_a_set_that_does_not_fit_into_memory_is_refused():
    with pytest.raises(ArgumentError, match="n=100,000,000 and links=10,000; expected a product"):
        DataRecipe("ssh", 10**8, 1, links=10_000)


def p1_recipe(w=3, n=30, links=32):
    options = {"cutoff": 4, "winding_at_least": w, "links": links}
    return DataRecipe("chiral", n, 100 + w, links, windings=(w,), options=options)


def listing(data):
    """The name of a drawn set in the list of those that are kept, and its checksum."""
    name, description = kept_sets.name_of(data)
    drawn = draw(data)
    return name, archive.checksum({"winding": drawn.winding, **drawn.parameters}, description)


@pytest.fixture
def listed(monkeypatch):
    """Puts two small sets on that list."""
    monkeypatch.setattr(datasets, "_CHUNK", 1000)  # which takes no time
    for data in (p1_recipe(3), p1_recipe(4)):
        monkeypatch.setitem(kept_sets.KEPT, *listing(data))


def test_a_listed_set_is_what_its_recipe_draws():
    name, checksum = listing(p1_recipe(3, 10_000))
    assert kept_sets.KEPT[name] == checksum


@pytest.mark.long
def test_the_listed_sets_are_what_the_books_recipes_draw():
    links = {e.data.links for e in CATALOGUE.values() if e.name.startswith("aiii")}
    made = dict(listing(p1_recipe(w, 10_000, n)) for w in (3, 4) for n in links)
    assert made == kept_sets.KEPT


def test_a_set_that_is_not_listed_is_drawn_each_time(cache, listed):
    assert_same(p1_test("iii", n=29), draw(p1_recipe(n=29)))
    assert list(cache.rglob("*")) == []


def test_a_set_that_is_drawn_otherwise_than_listed_is_not_kept(cache, listed, monkeypatch):
    monkeypatch.setitem(kept_sets.KEPT, kept_sets.name_of(p1_recipe())[0], "0" * 64)
    assert_same(p1_test("iii", n=30), draw(p1_recipe()))
    assert list(cache.rglob("*")) == []


@pytest.mark.parametrize("name", ["iii", "iv"])
def test_the_second_call_reads_the_cache(cache, listed, monkeypatch, name):
    first = p1_test(name, n=30)
    monkeypatch.setattr(datasets, "draw", lambda data: pytest.fail("drawn again"))
    assert_same(p1_test(name, n=30), first)
    with pytest.raises(pytest.fail.Exception):  # another set is not taken for this one
        p1_test(name, n=31)


def test_what_is_handed_out_again_is_read_only(cache):
    first, again = p1_test("i", n=30), p1_test("i", n=30)
    recipe = DataRecipe("ssh", 30, 1, label="exact_winding")
    x, y = experiments.training_data(recipe)
    assert experiments.training_data(recipe)[0] is x
    for test in (first, again, p1_test("ii", n=30)):
        for array in (test.curve, test.winding, *test.parameters.values()):
            with pytest.raises(ValueError, match="read-only"):
                array *= 2
    for array in (x, y):
        with pytest.raises(ValueError, match="read-only"):
            array *= 2


def resealed(change):
    """Damage that leaves a valid checksum: the arrays are changed and written again."""

    def damage(path):
        arrays, description = archive.read(path)
        arrays = {name: values.copy() for name, values in arrays.items()}
        archive.write(path, change(arrays) or arrays, description)

    return damage


def of_another_seed(arrays):
    drawn = draw(replace(p1_recipe(), seed=11))
    return {"winding": drawn.winding, **drawn.parameters}


def of_another_winding(arrays):
    drawn = draw(replace(p1_recipe(), windings=(2,), options={"cutoff": 4}))
    return {"winding": drawn.winding, **drawn.parameters}


def with_another_end(arrays):
    """The first is as it was drawn, the others wind less often."""
    for name in ("a", "b"):
        arrays[name][1:, :, 3:] = 0
    arrays["winding"][:] = winding_number(chiral.curve(arrays["a"], arrays["b"]))


def with_another_last_one(arrays):
    """A Hamiltonian of the same winding number in the last one's place."""
    for name in ("a", "b"):
        arrays[name][-1] *= 0.5


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(b"no archive"),
        lambda path: archive.write(path, archive.read(path)[0], {"data": "other"}),
        resealed(lambda a: {k: 0 * v for k, v in a.items()}),
        resealed(lambda a: {k: v[:-1] for k, v in a.items()}),
        resealed(lambda a: {k: v for k, v in a.items() if k != "winding"}),
        resealed(lambda a: {k: v for k, v in a.items() if k != "b"}),
        resealed(lambda a: {**a, "c": a["a"]}),
        resealed(lambda a: {**a, "a": a["a"].astype("f4")}),
        resealed(lambda a: {**a, "a": a["a"][:, 0]}),
        resealed(lambda a: {**a, "a": a["a"] * np.nan}),
        resealed(lambda a: {**a, "winding": -a["winding"]}),
        resealed(lambda a: {**a, "winding": a["winding"][:1]}),
        resealed(lambda a: {k: v[::-1] for k, v in a.items()}),
        resealed(of_another_seed),
        resealed(of_another_winding),
        resealed(with_another_end),
        resealed(with_another_last_one),
    ],
    ids=[
        *("truncated", "garbage", "another recipe", "zeros", "too few", "no labels", "no b"),
        *("one array more", "single precision", "another shape", "not finite", "other labels"),
        *("too few labels", "another order", "another seed", "another winding", "another end"),
        "another last one",
    ],
)
def test_a_damaged_cache_is_set_aside_and_made_anew(cache, listed, monkeypatch, damage):
    first = draw(p1_recipe())
    p1_test("iii", n=30)
    (path,) = cache.rglob("*.safetensors")
    whole = path.read_bytes()
    damage(path)
    damaged = path.read_bytes()
    assert damaged != whole
    with pytest.warns(UserWarning, match="is set aside as"):
        assert_same(p1_test("iii", n=30), first)
    assert path.read_bytes() == whole
    (aside,) = set(path.parent.iterdir()) - {path}
    assert aside.read_bytes() == damaged


def test_a_cache_that_cannot_be_written_loses_no_data(cache, listed, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(archive, "write", full)
    with pytest.warns(UserWarning, match="no space left"):
        assert_same(p1_test("iii", n=30), draw(p1_recipe()))


def test_a_recipe_stays_what_its_digest_says():
    recipe = DataRecipe("ssh", 5, 1)
    with pytest.raises(FrozenInstanceError):
        recipe.n = 6


def test_inputs_may_come_close_to_the_origin_and_not_meet_it():
    circle = np.exp(2j * np.pi * np.arange(9) / 8)
    circle[-1], circle[3] = circle[0], circle[3] * 1e-20
    x = np.stack([circle.real, circle.imag], axis=-1)[None]
    datasets.closed_curves(x)
    x[0, 3] = 0
    with pytest.raises(GaplessError):
        datasets.closed_curves(x)
