"""Winding numbers against closed forms, symmetries and an independent count."""

import numpy as np
import pytest

from windlib.winding import (
    CurveShapeError,
    GaplessError,
    NonFiniteCurveError,
    OpenCurveError,
    TooFewLinksError,
    UnresolvedError,
    WindingError,
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


@pytest.mark.parametrize("factor", [1.0, 1e200, 1e-200])
def test_the_winding_number_is_the_sum_of_the_link_angles(factor):
    # Corners on a lattice: many lie on the axes, and many links turn by exactly half a circle.
    x, y = np.random.default_rng(6).integers(-2, 3, (2, 20_000, 9))
    z = (x + 1j * y)[((x != 0) | (y != 0)).all(axis=1)]
    z[:, -1] = z[:, 0]
    angles = link_angles(factor * z)
    assert (angles == -np.pi).any(axis=1).mean() > 0.3
    np.testing.assert_allclose(
        winding_number(factor * z), angles.sum(axis=1) / (2 * np.pi), atol=1e-9
    )


@pytest.mark.parametrize("tiny", [5e-324, -5e-324, 0.0, -0.0])
@pytest.mark.parametrize("x", [1e-200, 1.0, 1e200])
def test_points_that_are_not_quite_on_an_axis(x, tiny):
    z = np.array([x, -1j * x, complex(-x, tiny), 1j * x, complex(x, tiny), x])
    assert winding_number(z[:-1]) == -1
    assert winding_number(z) == -1
    assert winding_number(z[::-1]) == 1


@pytest.mark.parametrize("turn", [1, 1j, -1, -1j])
def test_half_a_turn_counts_as_minus_pi(turn):
    assert (link_angles(turn * np.array([1, -1, 1, -1, 1 + 0j])) == -np.pi).all()


@pytest.mark.parametrize(
    ("curve", "error", "words"),
    [
        (np.exp(1j * np.linspace(0, 6, 33)), OpenCurveError, "curve 0 ends 0.282"),
        (np.stack([circle(1), circle(1) + np.linspace(0, 1e-8, 33)]), OpenCurveError, "curve 1 "),
        (with_point(0), GaplessError, "curve 0 comes within 0 of"),
        (np.stack([circle(1), with_point(1e-13)]), GaplessError, "curve 1 comes within 1e-13"),
        (np.zeros(9, complex), GaplessError, "size is 0"),
        (with_point(1.5e308 + 1.5e308j), NonFiniteCurveError, "curve 0"),
        (with_point(np.nan), NonFiniteCurveError, "curve 0"),
        (np.stack([circle(1), circle(2), with_point(-np.inf)]), NonFiniteCurveError, "curve 2"),
        (circle(1, links=2), TooFewLinksError, "got 3 points"),
        (np.array([], complex), TooFewLinksError, "got 0 points"),
        (np.zeros((4, 0), complex), TooFewLinksError, "got 0 points"),
        (np.array(1j), CurveShapeError, r"shape \(\)"),
        (np.zeros((2, 3, 5), complex), CurveShapeError, r"shape \(2, 3, 5\)"),
        (circle(1).real, CurveShapeError, "float64"),
        ([], CurveShapeError, r"shape \(0,\)"),
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


def test_resolved_winding_refuses_open_curves():
    with pytest.raises(OpenCurveError):
        resolved_winding(lambda i, s: np.exp(0.9j * s), np.ones(1))


@pytest.mark.parametrize("speed", [1.0, [[1.0]], [np.nan], [np.inf], [-1.0]])
def test_resolved_winding_refuses_a_bad_speed(speed):
    with pytest.raises(CurveShapeError, match=r"speed of shape .*finite bound"):
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
