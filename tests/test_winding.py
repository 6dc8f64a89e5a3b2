"""Winding numbers against closed forms, symmetries and an independent count."""

import contextlib

import numpy as np
import pytest

from windlib.arguments import ArgumentError
from windlib.winding import (
    CurveShapeError,
    GaplessError,
    HalfTurnError,
    NonFiniteCurveError,
    OpenCurveError,
    TooFewLinksError,
    UnresolvedError,
    WindingError,
    checked,
    link_angles,
    resolved_winding,
    winding_number,
)


def circle(w, links=32):
    z = np.exp(2j * np.pi * w * np.arange(links + 1) / links)
    z[-1] = z[0]
    return z


def with_point(value, at=5):
    z = circle(1)
    z[at] = value
    return z


def product(roots, links=512):
    """Curves Π (ζ − r_j), ζ = e^{ik}: each root inside the unit circle adds one turn."""
    return np.prod(circle(1, links) - roots[:, :, None], axis=1)


@pytest.fixture(scope="module")
def roots():
    """Four zeros for each of 300 curves, none near enough to the unit circle to be missed."""
    rng = np.random.default_rng(1)
    radius = np.where(rng.random((300, 4)) < 0.5, rng.uniform(0, 0.9, (300, 4)), 1.2)
    return radius * np.exp(2j * np.pi * rng.random((300, 4)))


@pytest.fixture(scope="module")
def polygons():
    """Closed polygons with random corners: their links turn by any angle."""
    rng = np.random.default_rng(2)
    z = rng.normal(size=(500, 21)) + 1j * rng.normal(size=(500, 21))
    z[:, -1] = z[:, 0]
    return z


@pytest.mark.parametrize("w", range(-5, 6))
def test_circles(w):
    assert winding_number(circle(w)) == w


def test_zeros_inside_the_unit_circle_are_counted(roots):
    expected = (np.abs(roots) < 1).sum(axis=1)
    assert set(expected) == {0, 1, 2, 3, 4}
    np.testing.assert_array_equal(winding_number(product(roots)), expected)


def test_a_product_of_curves_winds_as_often_as_both(roots):
    z1, z2 = product(roots[:, :2]), product(roots[:, 2:])
    np.testing.assert_array_equal(winding_number(z1 * z2), winding_number(z1) + winding_number(z2))
    np.testing.assert_array_equal(winding_number(z1 / z2), winding_number(z1) - winding_number(z2))


def test_unwrapped_phase(polygons):
    phase = np.unwrap(np.angle(polygons), axis=1)
    turns = (phase[:, -1] - phase[:, 0]) / (2 * np.pi)
    assert np.ptp(turns) > 4
    np.testing.assert_allclose(winding_number(polygons), turns, atol=1e-9)


def test_conjugation_and_reversal_change_the_sign(polygons):
    w = winding_number(polygons)
    np.testing.assert_array_equal(winding_number(polygons.conj()), -w)
    np.testing.assert_array_equal(winding_number(polygons[:, ::-1]), -w)


@pytest.mark.parametrize("factor", [1e-200, 1e200, 3.0, np.exp(1j), np.exp(4j)])
def test_scale_and_rotation_do_not_matter(polygons, factor):
    np.testing.assert_array_equal(winding_number(factor * polygons), winding_number(polygons))


@pytest.mark.parametrize("shift", [1, 7, 19])
def test_the_starting_point_does_not_matter(polygons, shift):
    shifted = np.roll(polygons[:, :-1], shift, axis=1)
    shifted = np.concatenate([shifted, shifted[:, :1]], axis=1)
    np.testing.assert_array_equal(winding_number(shifted), winding_number(polygons))


def test_single_curves_equal_the_batch(polygons):
    assert [winding_number(z) for z in polygons] == winding_number(polygons).tolist()
    np.testing.assert_array_equal([link_angles(z) for z in polygons], link_angles(polygons))
    assert isinstance(winding_number(polygons[0]), int)


def test_the_order_in_memory_does_not_matter(polygons):
    by_columns = np.asfortranarray(polygons)
    np.testing.assert_array_equal(winding_number(by_columns), winding_number(polygons))


def test_a_batch_of_no_curves_has_no_winding_numbers():
    assert winding_number(np.zeros((0, 33), complex)).shape == (0,)


def test_single_precision_suffices(polygons):
    z = polygons.astype(np.complex64)
    np.testing.assert_array_equal(winding_number(z), winding_number(polygons))
    np.testing.assert_array_equal(winding_number(np.float32(1e-30) * z), winding_number(polygons))


@pytest.mark.parametrize("small", [(1e-40 * circle(1)).astype(np.complex64), 1e-310 * circle(1)])
def test_numbers_that_have_lost_their_digits_are_refused(small):
    with pytest.raises(GaplessError):
        winding_number(small)


def test_the_discrete_winding_number_knows_turns_only_modulo_the_links():
    # From one sample to the next 20 turns on 32 links look like 20 − 32 of them.
    assert winding_number(circle(20)) == -12


def test_angles_lie_in_the_half_open_interval(polygons):
    angles = link_angles(np.concatenate([polygons, -polygons[:, ::-1]], axis=1)[:, :21].copy())
    assert (angles >= -np.pi).all()
    assert (angles < np.pi).all()


@pytest.fixture(scope="module")
def lattice():
    """Polygons with integer corners, many on the axes, and what integers say of them.

    A link of half a turn has no cross product, and a negative dot product. The others wind
    as often as they cross the positive real axis upwards, less how often downwards.
    """
    x, y = np.random.default_rng(6).integers(-2, 3, (2, 20_000, 9))
    x[:, -1], y[:, -1] = x[:, 0], y[:, 0]
    x, y = (side[((x != 0) | (y != 0)).all(axis=1)] for side in (x, y))
    (x1, y1), (x2, y2) = (x[:, :-1], y[:, :-1]), (x[:, 1:], y[:, 1:])
    cross = x1 * y2 - x2 * y1
    half = ((cross == 0) & (x1 * x2 + y1 * y2 < 0)).any(axis=1)
    up, down = (y1 < 0) & (y2 >= 0) & (cross > 0), (y1 >= 0) & (y2 < 0) & (cross < 0)
    return x + 1j * y, half, up.sum(axis=1) - down.sum(axis=1)


@pytest.mark.parametrize("factor", [1.0, 1e200, 1e-200, np.exp(0.3j), 1e-30 * np.exp(2j)])
def test_integers_know_what_winds_and_what_is_undecided(lattice, factor):
    z, half, expected = lattice
    assert 0.2 < half.mean() < 0.8
    assert set(expected[~half]) >= {-2, -1, 0, 1, 2}
    found = winding_number(factor * z, mask=True)
    np.testing.assert_array_equal(np.ma.getmaskarray(found), half)
    np.testing.assert_array_equal(found.compressed(), expected[~half])
    single = (z[~half] * np.complex64(factor / abs(factor))).astype(np.complex64)
    np.testing.assert_array_equal(winding_number(single), expected[~half])


def test_the_winding_number_is_the_sum_of_the_link_angles(lattice, polygons):
    z, half, _ = lattice
    for curves in (z[~half], polygons):
        turns = link_angles(curves).sum(axis=1) / (2 * np.pi)
        np.testing.assert_allclose(winding_number(curves), turns, atol=1e-9)


@pytest.mark.parametrize("tiny", [5e-324, -5e-324, 0.0, -0.0])
@pytest.mark.parametrize("x", [1e-200, 1.0, 1e200])
def test_points_that_are_not_quite_on_an_axis(x, tiny):
    z = np.array([x, -1j * x, complex(-x, tiny), 1j * x, complex(x, tiny), x])
    assert winding_number(z[:-1]) == -1
    assert winding_number(z) == -1
    assert winding_number(z[::-1]) == 1


def half_turns(rng, dtype):
    """Polygons of 20 links, one of which turns by half a circle, at any angle and place."""
    z = rng.normal(size=(300, 21)) + 1j * rng.normal(size=(300, 21))
    at = rng.integers(0, 20, 300)
    curve = np.arange(300)
    z[curve, at + 1] = -rng.uniform(0.01, 100, 300) * z[curve, at]
    z[:, -1] = z[:, 0] = np.where(at == 19, z[:, -1], z[:, 0])
    z = np.where((at == 19)[:, None] & (np.arange(21) == 19), -z[:, -1:], z)
    return (np.exp(2j * np.pi * rng.random((300, 1))) * z.astype(dtype)).astype(dtype), at


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.clongdouble])
def test_a_link_of_half_a_turn_is_refused_at_any_angle(dtype):
    curves, at = half_turns(np.random.default_rng(8), dtype)
    for function in (winding_number, link_angles):
        with pytest.raises(HalfTurnError, match=f"300 of 300 .* curve 0, .* from point {at[0]} "):
            function(curves)
        for z in curves[:20]:
            with pytest.raises(HalfTurnError, match="no direction"):
                function(z)
    assert winding_number(curves, mask=True).mask.all()
    curves, _ = checked(curves)  # which leaves half turns to the others
    assert len(curves) == 300


@pytest.mark.parametrize(
    ("dtype", "lacks"), [(np.complex64, 1e-4), (np.complex128, 1e-10), (np.clongdouble, 1e-12)]
)
def test_a_link_of_almost_half_a_turn_has_a_direction(dtype, lacks):
    for turn in 2 * np.pi * np.random.default_rng(9).random(50):
        for side in (1, -1):
            angles = np.array([0, side * (np.pi - lacks), side * 3 * np.pi / 2, 0])
            z = np.exp(1j * (angles + turn)).astype(dtype)
            assert winding_number(z) == side
            assert link_angles(z)[0] == pytest.approx(side * np.pi, abs=3 * lacks)


def test_the_chord_decides_how_close_is_half_a_turn():
    # A triangle around the origin, one side of which passes it at the given distance.
    for distance, gap in ((0.02, 0.0199), (0.3, 0.299), (1e-9, 0.99e-9)):
        z = np.exp(0.4j) * np.array([-3 - 1j * distance, 1 - 1j * distance, 2j, -3 - 1j * distance])
        gap /= np.abs(z).max()
        assert winding_number(z, gap=gap) == 1
        assert winding_number(z[::-1], gap=gap) == -1
        with pytest.raises(HalfTurnError):
            winding_number(z, gap=1.02 * gap)
    # Ends on one side: the line through them passes the origin, the link between them does not.
    assert winding_number(1 + circle(1) * 0.5, gap=0.3) == 0
    assert winding_number(np.array([1, 2, 3 + 1j, 1]), gap=0.2) == 0


@pytest.mark.parametrize("name", [winding_number, link_angles])
def test_real_bands_that_pass_the_origin_are_refused(name):
    k = 2 * np.pi * np.arange(33) / 32
    for shift, phase in ((0.5, 1), (-1.1, np.exp(1j)), (1.7, np.exp(4j))):
        with pytest.raises(HalfTurnError):
            name(phase * (2 * np.cos(k) - shift + 0j))
    assert winding_number(np.exp(1j) * (2 * np.cos(k) - 2.5)) == 0


def test_the_message_names_the_curve_the_link_and_the_way_out():
    z = np.stack([circle(1), circle(1), circle(2)])
    z[1, 6] = -z[1, 5]
    words = r"^1 of 3 curves \(number 1\) .* curve 1, the link from point 5 .* to point 6 .*"
    with pytest.raises(HalfTurnError, match=words + "take more links, shift .*mask=True"):
        winding_number(z)


@pytest.mark.parametrize(
    ("curve", "error", "words"),
    [
        (
            np.exp(1j * np.linspace(0, 6, 33)),
            OpenCurveError,
            "1 of 1 .* the first ends 0.282 .*closure=",
        ),
        (
            np.stack([circle(1), circle(1) + np.linspace(0, 1e-6, 33)]),
            OpenCurveError,
            r"1 of 2 .*\(number 1\)",
        ),
        (with_point(0), GaplessError, "the first comes within 0 of"),
        (
            np.stack([circle(1), with_point(1e-13)]),
            GaplessError,
            r"\(number 1\) .* comes within 1e-13 ",
        ),
        (np.zeros(9, complex), GaplessError, "size is 0"),
        (with_point(1.5e308 + 1.5e308j), NonFiniteCurveError, "number 0"),
        (with_point(np.nan), NonFiniteCurveError, "number 0"),
        (
            np.stack([circle(1), circle(2), with_point(-np.inf)]),
            NonFiniteCurveError,
            r"1 of 3 .*\(number 2\)",
        ),
        (circle(1, links=2), TooFewLinksError, "got 3 points"),
        (np.array([], complex), TooFewLinksError, "got 0 points"),
        (np.zeros((4, 0), complex), TooFewLinksError, "got 0 points"),
        (np.array(1j), CurveShapeError, r"shape \(\)"),
        (np.zeros((2, 3, 5), complex), CurveShapeError, r"shape \(2, 3, 5\)"),
        (circle(1).real, CurveShapeError, "float64"),
        ([], CurveShapeError, r"shape \(0,\)"),
        ([[1j, 2j], [1j]], CurveShapeError, "unequal lengths"),
        (np.ma.masked_equal(circle(1), 1), CurveShapeError, "masked"),
        ([np.ma.masked_equal(circle(1), 1)], CurveShapeError, "masked"),
        ([1j, None, 1j, 1j], CurveShapeError, "object"),
        (
            np.stack([circle(1), *[with_point(np.nan)] * 4]),
            NonFiniteCurveError,
            r"4 of 5 curves \(numbers 1, 2, 3, …\)",
        ),
        (1e308 * np.array([1, 1j, -1, -1]), OpenCurveError, "1 of 1"),
    ],
)
def test_errors_name_what_was_given(curve, error, words):
    assert issubclass(error, WindingError)
    for function in (winding_number, link_angles):
        with pytest.raises(error, match=words):
            function(curve)


def test_thresholds_can_be_changed():
    assert winding_number(with_point(1e-13), gap=1e-14) == 1
    with pytest.raises(GaplessError):
        winding_number(circle(1) + 0.99, gap=0.1)
    open_by_1e_3 = circle(1)
    open_by_1e_3[-1] = np.exp(1e-3j)
    assert winding_number(open_by_1e_3, closure=0.01) == 1


@pytest.mark.parametrize("angle", [0.0, 0.7, 3.0])
@pytest.mark.parametrize("w", [1, -3])
def test_resolved_circles_that_just_miss_the_origin(angle, w):
    radius = np.array([1 - 1e-6, 1 + 1e-6])  # around a centre at distance 1
    count = 0

    def point(index, s):
        nonlocal count
        count += len(s)
        return np.exp(1j * angle) + radius[index] * np.exp(1j * w * s)

    assert resolved_winding(point, abs(w) * radius).tolist() == [0, w]
    assert count < 2000  # only the links near the origin were refined: evenly, it takes 10^7


def test_resolved_winding_sees_turns_that_the_samples_miss():
    assert resolved_winding(lambda i, s: np.exp(20j * s), np.array([20.0])).tolist() == [20]


def test_resolved_winding_of_no_and_of_resting_curves():
    assert resolved_winding(lambda i, s: np.exp(1j * s), np.array([])).shape == (0,)
    assert resolved_winding(lambda i, s: 1j + 0 * s, np.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("speed", [1.0, 1.5])  # the curve's own, and a looser bound
@pytest.mark.parametrize("at", [0.3, 1.0, 5.0])
def test_resolved_winding_refuses_what_passes_through_the_origin(at, speed):
    def point(index, s):  # the second of three curves is at 0 where s = at, between two samples
        return np.array([2, 1, 3])[index] - np.exp(1j * (s - at))

    with pytest.raises(UnresolvedError, match=f"curve 1 comes within .* near s = {at:g}"):
        resolved_winding(point, np.full(3, speed))


def test_resolved_winding_refuses_a_gap_that_is_below_its_resolution():
    def point(index, s):
        return 1 + 1e-6 - np.exp(1j * (s - 1))

    assert resolved_winding(point, np.ones(1)).tolist() == [0]
    with pytest.raises(UnresolvedError, match="7 bisections from 32 links"):
        resolved_winding(point, np.array([1.5]), bisections=7)
    with pytest.raises(GaplessError):  # a zero on a sample
        resolved_winding(lambda i, s: np.exp(1j * s) - 1, np.ones(1))


@pytest.mark.parametrize("needed", [0, 1, 5])
def test_links_are_halved_as_often_as_is_allowed_and_no_more(needed):
    """On the unit circle |z₁| + |z₂| = 2, so that all links are certified at one known length."""
    speed = np.array([0.9 * 2 / (2 * np.pi / 32 / 2**needed)])

    def circle(_, s):
        return np.exp(1j * s)

    assert resolved_winding(circle, speed, links=32, bisections=needed).tolist() == [1]
    if needed:
        with pytest.raises(UnresolvedError, match=f"{needed - 1} bisections from 32 links"):
            resolved_winding(circle, speed, links=32, bisections=needed - 1)


def test_resolved_winding_refuses_open_curves():
    with pytest.raises(OpenCurveError):
        resolved_winding(lambda i, s: np.exp(0.9j * s), np.ones(1))


@pytest.mark.parametrize("speed", [1.0, [[1.0]], [np.nan], [np.inf], [-1.0], [1j], ["fast"]])
def test_resolved_winding_refuses_a_bad_speed(speed):
    with pytest.raises(ArgumentError, match="speed"):
        resolved_winding(lambda i, s: np.exp(1j * s), speed)


def test_what_the_end_lacks_of_closing_does_not_wind():
    z = 1 + 1e-12j * np.array([[0, -1, -2, 1, -3, -1], [1, -1, -2, 1, -3, -1]])
    assert winding_number(z).tolist() == [0, 0]
    k = np.linspace(0, 2 * np.pi, 9)
    z = np.exp(1j * k)
    for tilt in (1e-11j, -1e-11j):
        z[-1] = 1 + tilt
        assert winding_number(z) == 1
    # Here the angle that is lacking is large, though the distance is not.
    assert winding_number(np.array([1e-10, 1j, -1, -1j, -1e-10])) == 1


@pytest.mark.parametrize("name", ["gap", "closure"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -1e-9, "small", [0.1], np.ma.masked, True])
def test_a_tolerance_is_a_number(name, value):
    for function in (winding_number, link_angles, checked):
        with pytest.raises(ArgumentError, match=f"got {name}="):
            function(circle(1), **{name: value})


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.clongdouble])
def test_tolerances_follow_the_type(dtype):
    eps = float(np.finfo(dtype).eps)
    k = np.linspace(0, 2 * np.pi, 33).astype(np.zeros(1, dtype).real.dtype)
    z = np.exp(1j * k).astype(dtype)  # does not close to the last digit
    assert z.dtype == dtype
    assert winding_number(z) == 1
    for factor in (0.5, 2):
        curve = z * dtype(3)
        curve[-1] = curve[0] * dtype(1 + 1j * factor * eps**0.5)
        near = z * dtype(3)
        near[7] *= dtype(factor * eps**0.75)
        for changed, error in ((curve, OpenCurveError), (near, GaplessError)):
            if (factor > 1) == (error is OpenCurveError):
                with pytest.raises(error):
                    winding_number(changed)
            else:
                assert winding_number(changed) == 1
    with pytest.raises(GaplessError):  # by rounding, it misses the origin
        winding_number(z - dtype(np.exp(1j * k[5])) + dtype(2 * eps))


def test_a_scan_masks_the_undecided_points_and_keeps_the_others():
    radius = np.linspace(0, 2, 41)  # around a centre at distance 1: a transition at radius 1
    for turn in np.exp(1j * np.array([0, np.pi / 32, 1.0])):
        curves = turn + radius[:, None] * circle(1)
        found = winding_number(curves, mask=True)
        sampled = np.abs(curves).min(axis=1) < 1e-9
        missed = np.flatnonzero(found.mask)
        assert set(missed) <= {20} if sampled.any() else len(missed) == 0
        away = np.abs(radius - 1) > 0.01
        np.testing.assert_array_equal(found[away], radius[away] > 1)
        np.testing.assert_array_equal(found[away], winding_number(curves[away]))


def test_masked_answers_have_the_form_of_the_others(polygons):
    found = winding_number(polygons, mask=True)
    assert found.dtype == int
    assert found.mask.tolist() == [False] * len(polygons)
    np.testing.assert_array_equal(found.data, winding_number(polygons))
    assert winding_number(with_point(0), mask=True) is np.ma.masked
    assert winding_number(2 * np.cos(np.linspace(0, 2 * np.pi, 33)) + 0j, mask=True) is np.ma.masked
    assert type(winding_number(circle(-3), mask=True)) is int
    both = winding_number(np.stack([circle(2), np.zeros(33)]), mask=True)
    assert both.tolist() == [2, None]


@pytest.mark.parametrize("mask", [1, None, "yes", [True]])
def test_mask_is_true_or_false(mask):
    with pytest.raises(ArgumentError, match="got mask="):
        winding_number(circle(1), mask=mask)


def test_a_mask_hides_no_other_mistake():
    for curve, error in (
        (circle(1)[:-1], OpenCurveError),
        (with_point(np.nan), NonFiniteCurveError),
    ):
        with pytest.raises(error):
            winding_number(curve, mask=True)


def test_checked_curves_are_two_dimensional_and_may_have_fewer_links():
    curves, modulus = checked(3 * circle(1))
    assert curves.shape == modulus.shape == (1, 33)
    np.testing.assert_allclose(modulus, 3)
    assert checked(circle(1, links=2), links=2)[0].shape == (1, 3)
    with pytest.raises(TooFewLinksError, match="got 2 points; expected at least 3"):
        checked(circle(1, links=1), links=2)
    with pytest.raises(GaplessError):
        checked(with_point(1e-13))
    assert checked(with_point(1e-13), gap=1e-14)[0][0, 5] == 1e-13
    with pytest.raises(OpenCurveError):
        checked(circle(1)[:-1])
    assert checked(circle(1)[:-1], closure=0.5)[0].shape == (1, 32)


def test_no_message_comes_from_numpy():
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        for curve in (1e308 * circle(1), with_point(np.nan), with_point(1.5e308 * (1 + 1j))):
            for mask in (False, True):
                with contextlib.suppress(NonFiniteCurveError):
                    winding_number(curve, mask=mask)
        winding_number(np.stack([circle(2), np.zeros(33)]), mask=True)


def test_resolved_winding_gives_up_where_links_would_grow_without_end():
    sizes = []

    def point(index, s):
        sizes.append(len(s))
        return np.exp(1j * s)

    with pytest.raises(UnresolvedError, match=r"check the bound on the speed \(up to 1e\+09"):
        resolved_winding(point, np.array([1e9]))
    assert max(sizes) < 2**20


@pytest.mark.parametrize(
    "change",
    [{"links": 32.5}, {"links": 2}, {"links": 10**12}, {"bisections": -1}, {"bisections": 10**9}],
)
def test_resolved_winding_refuses_what_is_no_number_of_links(change):
    with pytest.raises(ArgumentError, match=f"got {next(iter(change))}="):
        resolved_winding(lambda i, s: np.exp(1j * s), np.ones(1), **change)


def test_resolved_winding_refuses_what_point_must_not_return():
    cases = [
        (lambda i, s: np.cos(s), CurveShapeError, "complex"),
        (lambda i, s: 1j, CurveShapeError, r"shape \(\)"),
        (lambda i, s: np.exp(1j * s)[:-1], CurveShapeError, r"shape \(32,\)"),
        (lambda i, s: np.exp(1j * s) / (s != 0), NonFiniteCurveError, "curve 0 at s = 0;"),
        # Only while it is refined:
        (
            lambda i, s: np.exp(1j * s) * np.where(len(s) == 33, 1, np.nan),
            NonFiniteCurveError,
            "are not finite, the first of curve 0 at s = 0.098",
        ),
    ]
    for point, error, words in cases:
        with np.errstate(divide="ignore", invalid="ignore"), pytest.raises(error, match=words):
            resolved_winding(point, np.array([11.0]))


def test_a_function_of_masked_points_is_refused():
    def point(index, s):
        return np.ma.array(1 + 2 * np.exp(1j * s), mask=s > 3)

    with pytest.raises(CurveShapeError, match=r"point\(index, s\) returned a masked array"):
        resolved_winding(point, np.array([2.0]))


def test_more_curves_than_fit_into_memory_are_refused():
    with pytest.raises(
        ArgumentError, match=r"got n=20,000 and links=1,000,000; expected a product"
    ):
        resolved_winding(lambda i, s: np.exp(1j * s), np.ones(20_000), links=10**6)
