"""Labelled data: class shares, labels, noise, the tests' sets and their cache."""

import numpy as np
import pytest

from windlib import archive, datasets
from windlib.datasets import Data, EmptyClassError, draw, network_input, p1_test
from windlib.hamiltonians import chiral, ssh
from windlib.winding import NonFiniteCurveError, winding_number


def aiii(n=500, seed=1, **changes):
    return Data("chiral", n, seed, options={"cutoff": 4}, **changes)


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
    printed = draw(Data("ssh", 500, 1, label="printed_label"))
    np.testing.assert_array_equal(printed.winding, ssh.printed_label(**printed.parameters))
    assert (printed.winding != draw(Data("ssh", 500, 1)).winding).any()


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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hamiltonian": "aiii"}, "got hamiltonian='aiii'"),
        ({"n": 0}, "got n=0"),
        ({"links": 1}, "links=1"),
        ({"noise": 1.5}, "got noise=1.5"),
        ({"noise": -0.1}, "got noise=-0.1"),
        ({"windings": (0, 1), "shares": (1.0,)}, r"shares=\(1.0,\) for windings=\(0, 1\)"),
        ({"windings": (0, 1), "shares": (0.5, 0.6)}, "with sum 1"),
        ({"windings": (0, 1), "shares": (1.5, -0.5)}, "none negative"),
        ({"shares": (1.0,)}, "as many shares as windings"),
    ],
)
def test_recipes_that_make_no_sense(changes, words):
    with pytest.raises(ValueError, match=words):
        Data(**{"hamiltonian": "chiral", "n": 10, "seed": 1, **changes})


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
    with pytest.raises(ValueError, match="got inputs='scaled'; expected 'unit' or 'raw'"):
        Data("ssh", 1, 1, inputs="scaled")
    with pytest.raises(ValueError, match="got inputs='rw'; expected 'unit' or 'raw'"):
        network_input(curve, "rw")


@pytest.mark.parametrize("value", [0, np.nan, np.inf])
def test_network_input_refuses_points_without_direction(value):
    curve = np.ones((3, 5), complex)
    curve[1, 2] = value
    with pytest.raises(NonFiniteCurveError, match="curve 1"):
        network_input(curve)


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
    with pytest.raises(ValueError, match="got test 'v'"):
        p1_test("v")


def test_p1_tests_share_nothing_with_each_other(cache):
    one, two = (p1_test(name, n=60).parameters["a"] for name in ("i", "iii"))
    assert not set(one.ravel()) & set(two.ravel())


def test_the_second_call_reads_the_cache(cache, monkeypatch):
    first = p1_test("iii", n=30)
    monkeypatch.setattr(datasets, "draw", lambda data: pytest.fail("drawn again"))
    assert_same(p1_test("iii", n=30), first)
    with pytest.raises(pytest.fail.Exception):  # another set is not taken for this one
        p1_test("iii", n=31)


def exchange(path):
    arrays, _ = archive.read(path)
    archive.write(path, {name: 0 * values for name, values in arrays.items()}, {"data": "other"})


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(b"no archive"),
        exchange,
    ],
    ids=["truncated", "garbage", "another set"],
)
def test_a_damaged_cache_is_made_anew(cache, damage):
    first = p1_test("iii", n=30)
    (path,) = cache.rglob("*.safetensors")
    whole = path.read_bytes()
    damage(path)
    assert_same(p1_test("iii", n=30), first)
    assert path.read_bytes() == whole


def test_a_cache_that_cannot_be_written_loses_no_data(monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(archive, "write", full)
    with pytest.warns(UserWarning, match="no space left"):
        assert len(p1_test("iii", n=7).winding) == 7
