"""Checks of single arguments."""

import numpy as np
import pytest

from windlib.arguments import (
    ArgumentError,
    array,
    broadcast,
    choice,
    complexes,
    flag,
    generator,
    plain,
    real,
    reals,
    short,
    some,
    whole,
    wholes,
    words,
)


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3)], ids=repr)
def test_whole_numbers_become_pythons(value):
    number = whole("n", value, least=3, most=3)
    assert type(number) is int
    assert number == 3


@pytest.mark.parametrize(
    "value",
    [
        True,
        np.True_,
        3.0,
        np.float64(3),
        "3",
        None,
        float("nan"),
        [3],
        np.array([3]),
        2,
        5,
        10**6000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_whole_number_in_the_range_is_refused(value):
    with pytest.raises(ArgumentError, match=r"got n=.*; expected a whole number from 3 to 4"):
        whole("n", value, least=3, most=4)


@pytest.mark.parametrize("value", [1, 0.0, np.float32(0.5), np.array(0.5)], ids=repr)
def test_real_numbers_become_pythons(value):
    number = real("x", value, least=0, most=1)
    assert type(number) is float
    assert number == value


@pytest.mark.parametrize(
    "value",
    [True, 1j, "1", b"1", None, np.nan, np.inf, [1.0], np.ma.masked, -1e-9, 1.1, 10**400, object()],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_real_number_in_the_range_is_refused(value):
    with pytest.raises(ArgumentError, match=r"got x=.*; expected a finite number from 0 to 1"):
        real("x", value, least=0, most=1)


def test_arrays_are_broadcast_and_keep_their_values():
    a, b = reals(a=[[1], [2]], b=np.float32(0.5))
    assert a.dtype == b.dtype == np.float64
    np.testing.assert_array_equal(a, [[1], [2]])
    np.testing.assert_array_equal(b, [[0.5], [0.5]])
    (z,) = complexes(z=1)
    assert z.dtype == np.complex128
    assert z == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1 + 0j], "got complex values of a; expected real numbers"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "got a masked array as a; leave masked points out"),
        ([np.ma.array([1.0, 2.0], mask=[0, 1])], "got a masked array as a; leave masked points"),
        (([1.0], [np.ma.masked]), "got a masked array as a; leave masked points out"),
        (["1"], r"got a=.*; expected numbers"),
        ([True], "expected numbers"),
        ([[1], [1, 2]], "expected numbers"),
        ([None], "expected numbers"),
        ([1, np.nan, np.inf], "got 2 of 3 values of a that are not finite"),
        ([1, 2], r"got arrays of shapes a \(2,\), b \(3,\); expected shapes that broadcast"),
    ],
)
def test_arrays_that_are_refused(values, message):
    with pytest.raises(ArgumentError, match=message):
        reals(a=values, b=[0.0, 0.0, 0.0])


@pytest.mark.parametrize("value", ["rw", "", None, ["unit"], np.array(["unit", "raw"])])
def test_a_word_that_is_not_among_the_choices(value):
    with pytest.raises(ArgumentError, match=r"^got inputs=.*; expected 'unit', 'x' or 'raw'$"):
        choice("inputs", value, ["unit", "x", "raw"])
    assert choice("inputs", "raw", ["raw"]) == "raw"


def test_an_array_of_one_type_is_finite_in_that_type():
    x = array("x", [[1, 2.5]], np.float32)
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, [[1, 2.5]])
    with pytest.raises(ArgumentError, match="got 1 of 2 values of x that are not finite"):
        array("x", [1, 1e39], np.float32)
    with pytest.raises(ArgumentError, match="got complex values of x"):
        array("x", np.array([1, 1j]), np.float32)


def test_a_flag_is_true_or_false():
    assert flag("mask", np.True_) is True
    assert flag("mask", False) is False
    for value in (0, 1, None, "yes", [True]):
        with pytest.raises(ArgumentError, match=r"got mask=.*; expected True or False"):
            flag("mask", value)


@pytest.mark.parametrize(
    "value",
    [None, 3, np.random.RandomState(0), np.random, "rng"],
    ids=["none", "seed", "old", "module", "text"],
)
def test_random_numbers_come_from_a_generator(value):
    rng = np.random.default_rng(0)
    assert generator(rng) is rng
    with pytest.raises(ArgumentError, match=r"got rng=.*default_rng\(seed\)"):
        generator(value)


def test_bad_entries_are_counted_and_the_first_three_named():
    assert some("rings", np.arange(2000) > 1997) == "2 of 2,000 rings (numbers 1998, 1999)"
    assert some("rings", [1, 0, 1, 1, 1]) == "4 of 5 rings (numbers 0, 2, 3, …)"
    assert some("rings", [1, 0, 1, 1]) == "3 of 4 rings (numbers 0, 2, 3)"
    assert some("rings", np.True_) == "1 of 1 rings (number 0)"


def test_arrays_have_a_largest_size():
    assert reals(10, t=[-10.0, 10.0])[0].tolist() == [-10, 10]
    assert complexes(10, k=[6 + 8j])[0].tolist() == [6 + 8j]
    assert reals(10, t=[])[0].shape == (0,)
    for bad in ([0, -10.1], [np.float64(1e308)]):
        with pytest.raises(ArgumentError, match=r"got t of up to 1.*expected at most 10"):
            reals(10, t=bad)
    with pytest.raises(ArgumentError, match="up to inf in size"):
        complexes(10, k=[1.5e308 * (1 + 1j)])


@pytest.mark.parametrize("value", [[1, 2.0], [0, 1], [1, 6], "ab", None, [True], [1, 1j]], ids=repr)
def test_arrays_of_whole_numbers(value):
    found = wholes("mu", np.array([[1, 5]], np.uint8), least=1, most=5)
    assert found.dtype == np.int64
    assert found.tolist() == [[1, 5]]
    with pytest.raises(ArgumentError, match="got mu="):
        wholes("mu", value, least=1, most=5)


def test_shapes_fit_or_are_named():
    assert [a.shape for a in broadcast(x=np.ones(3), y=np.ones((2, 1)))] == [(2, 3), (2, 3)]
    with pytest.raises(ArgumentError, match=r"x \(3,\), y \(2,\)"):
        broadcast(x=np.ones(3), y=np.ones(2))


def test_every_value_has_a_short_text():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    for value in (deep, endless, {"a": endless}, [10**5000], 10**5000, "a" * 10**6, range(10**6)):
        assert 0 < len(short(value)) <= 80
    assert short("nonhermitian-ssh-cnn-balanced-0.66") == "'nonhermitian-ssh-cnn-balanced-0.66'"


def test_words_are_printed_or_refused():
    assert words("names", [10, "a"]) == ["10", "a"]
    with pytest.raises(ArgumentError, match="got names=a value of type list; expected a list of"):
        words("names", [10**5000])


def test_lists_within_lists_end_after_twenty():
    deep = [1]
    for _ in range(19):
        deep = [deep]
    assert plain(deep) == deep
    for more in ([[deep]], {"a": deep} | {"b": [deep]}, {"a": {"b": {"c": deep}}}):
        with pytest.raises(ArgumentError, match="within too many others; expected 20 at most"):
            plain(more)
    assert plain({"a": deep[0]}) == {"a": deep[0]}
