"""The network by hand against closed forms, and what is read from any network's weights."""

import numpy as np
import pytest

import windlib
from windlib import blackbox, networks
from windlib.arguments import ArgumentError
from windlib.blackbox import (
    ArchitectureError,
    anatomy,
    by_hand,
    link_response,
    neuron_outputs,
    predicted_fate,
    predicted_output,
)
from windlib.claims import general_aiii
from windlib.datasets import network_input
from windlib.evaluation import outputs
from windlib.hamiltonians import chiral
from windlib.networks import convolutional, fully_connected
from windlib.runs.catalogue import LINKS
from windlib.winding import link_angles

C0 = 1.25 * np.pi
PHI = np.linspace(0, 2 * np.pi, 97)[:, None]
DPHI = np.linspace(-np.pi, np.pi, 401)
SIZES = [(8, 5, 0.01), (6, 3, 0.01), (12, 7, 0.1), (2, 3, 0.5)]
sizes = pytest.mark.parametrize(("knots", "directions", "width"), SIZES)


def spline(dphi, knots=8, width=0.01):
    """The function with g″ = −g/4 between the knots x, and g(x) = x."""
    x = np.linspace(-np.pi + width, np.pi - width, knots)
    ends, values = np.append(x, x[0] + 2 * np.pi), np.append(x, x[0])
    t = (dphi - x[0]) % (2 * np.pi) + x[0]
    i = np.searchsorted(x, t, "right") - 1
    a, b = ends[i], ends[i + 1]
    left, right = np.sin((b - t) / 2), np.sin((t - a) / 2)
    return (values[i] * left + values[i + 1] * right) / np.sin((b - a) / 2)


def ripple(middle, directions=5):
    """Mean of |cos| over the directions, in units of its mean over the circle, 2/π."""
    theta = 2 * np.pi * np.arange(directions) / directions
    return np.abs(np.cos(np.asarray(middle)[..., None] - theta)).mean(axis=-1) * np.pi / 2


def ripple_ends(directions):
    """Smallest and largest value of `ripple`: y cot y and y / sin y for y = π / 2q."""
    y = np.pi / (2 * directions)
    return y / np.tan(y), y / np.sin(y)


def circles(windings, links, phase):
    k = np.linspace(0, 2 * np.pi, links + 1)
    return np.exp(1j * (np.outer(windings, k) + phase))


def chains(links=32, n=3000, clear_of_pi=0.02):
    """Inputs, link angles and winding numbers of random Hamiltonians."""
    curve = chiral.curve(**chiral.sample(n, np.random.default_rng(3)), links=links)
    angles = link_angles(curve)
    keep = np.abs(angles).max(axis=1) < np.pi - clear_of_pi
    assert keep.mean() > 0.9
    return curve[keep], angles[keep], np.rint(angles[keep].sum(axis=1) / (2 * np.pi))


# --- by hand --------------------------------------------------------------------------------


def test_by_hand_has_the_papers_size_and_shapes():
    ours, papers = by_hand(), convolutional()
    assert ours.count_params() == 310
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in papers.get_weights()]
    assert networks.architecture(ours) == networks.architecture(papers)  # ReLUs and all


@sizes
def test_a_kernel_sees_a_product_of_a_sine_and_a_cosine(knots, directions, width):
    kernel, bias, *_ = by_hand(4, knots, directions, width).get_weights()
    phi, dphi = np.random.default_rng(1).uniform(-np.pi, np.pi, (2, 200, 1))
    pair = [f(angle) for angle in (phi, phi + dphi) for f in (np.cos, np.sin)]
    x = np.linspace(-np.pi + width, np.pi - width, knots).repeat(directions)
    theta = np.tile(2 * np.pi * np.arange(directions) / directions, knots)
    expected = 2 * np.sin((dphi - x) / 2) * np.cos(phi + dphi / 2 - theta)
    np.testing.assert_allclose(np.hstack(pair) @ kernel.reshape(4, -1), expected, atol=1e-6)
    assert not bias.any()


@sizes
def test_by_hand_d_is_a_spline_times_a_ripple(knots, directions, width):
    d = link_response(by_hand(4, knots, directions, width), PHI, DPHI)
    expected = spline(DPHI, knots, width) * ripple(PHI + DPHI / 2, directions)
    np.testing.assert_allclose(d - C0, expected, atol=2e-4)


@pytest.mark.parametrize(("knots", "directions", "width"), SIZES[:3])
def test_by_hand_d_is_the_angle_at_and_between_the_knots(knots, directions, width):
    network = by_hand(4, knots, directions, width)
    x = np.linspace(-np.pi + width, np.pi - width, knots)
    low, high = ripple_ends(directions)
    # 2/(4q² − 1) is the amplitude of the ripple's first harmonic; both ends are of its size.
    assert max(1 - low, high - 1) < 1.7 * 2 / (4 * directions**2 - 1)
    read = (link_response(network, PHI, x) - C0) / x
    rounding = 2e-4 / x[knots // 2]  # of D in float32, as above, at the smallest angle
    assert low - rounding < read.min() < low + 5e-3
    assert high - 5e-3 < read.max() < high + rounding

    dphi = np.linspace(x[0], x[-1], 400)  # 0 is not among them
    mean = link_response(network, PHI[:-1], dphi).mean(axis=0) - C0  # no ripple is left
    error = mean / dphi - 1
    assert error.min() > -1e-3
    assert error.max() < 0.05 * (x[1] - x[0]) ** 2
    assert knots < 8 or error.max() < 0.035


@pytest.mark.parametrize(("links", "knots"), [(32, 8), (16, 8), (64, 16)])
def test_by_hand_counts_every_uniform_winding(links, knots):
    network, windings = by_hand(links, knots), np.arange(1 - links // 2, links // 2)
    found = [
        outputs(network, network_input(circles(windings, links, phase)))
        for phase in np.linspace(0, 2 * np.pi, 7)
    ]
    np.testing.assert_array_equal(np.rint(found), np.tile(windings, (7, 1)))


def test_by_hand_misreads_large_windings_where_the_spline_does():
    # The error of one link, at most 2.6 %, is multiplied by w: 8 knots do for 32 links, not 64.
    windings = np.arange(1, 32)
    expected = 64 * spline(2 * np.pi * windings / 64) / (2 * np.pi)
    assert (np.rint(expected) != windings).any()
    phases = np.linspace(0, np.pi / 5, 50, endpoint=False)  # a period of the ripple
    x = [network_input(circles(windings, 64, phase)) for phase in phases]
    found = outputs(by_hand(64), np.concatenate(x)).reshape(50, -1).mean(axis=0)
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("links", [16, 32, 64])
@pytest.mark.parametrize(("knots", "directions"), [(8, 5), (6, 3)])
def test_by_hand_counts_random_chains(links, knots, directions):
    curve, _, winding = chains(links)
    found = outputs(by_hand(links, knots, directions), network_input(curve))
    np.testing.assert_array_equal(np.rint(found), winding)
    assert set(np.abs(winding)) >= {0, 1, 2, 3}


@sizes
def test_by_hand_nothing_clips_after_the_kernels(knots, directions, width):
    curve, _, _ = chains(clear_of_pi=0)
    network, x = by_hand(32, knots, directions, width), network_input(curve)
    d = np.asarray(network.get_layer("links")(x))
    assert d.min() > 0
    assert link_response(network, PHI, DPHI).min() > 0
    head, bias = network.get_layer("head").get_weights()
    assert (d @ head[:, 0] + bias[0]).min() > 0
    free = convolutional(32, knots * directions, link_activation="linear", head_activation="linear")
    free.set_weights(network.get_weights())
    np.testing.assert_allclose(outputs(network, x), outputs(free, x), atol=1e-4)


def test_by_hand_is_odd_and_turns_with_the_curve():
    curve, angles, _ = chains()
    network = by_hand()

    def output(curve):
        return outputs(network, network_input(curve))

    before = output(curve)
    np.testing.assert_allclose(output(curve.conj()), -before, atol=1e-3)
    np.testing.assert_allclose(output(curve * np.exp(0.2j * np.pi)), before, atol=1e-3)  # π/q
    later = np.roll(curve[:, :-1], 5, axis=1)
    np.testing.assert_allclose(output(np.c_[later, later[:, :1]]), before, atol=1e-3)
    low, high = ripple_ends(5)
    turned = np.abs(output(curve * np.exp(0.3j)) - before)
    assert (turned <= (high - low) * np.abs(angles).sum(axis=1) / (2 * np.pi)).all()
    assert turned.max() > 0.01


def test_by_hand_leaves_the_other_neurons_idle():
    x = network_input(chains(8, n=100, clear_of_pi=0)[0])
    many, one = by_hand(8, head_units=5), by_hand(8, head_units=1)
    np.testing.assert_allclose(outputs(many, x), outputs(one, x), atol=1e-5)
    assert not many.get_layer("head").get_weights()[0][:, 1:].any()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("knots", 7), ("knots", 0), ("directions", 4), ("directions", 1), ("head_units", 0)),
        *(("links", 2.0), ("links", 1), ("knots", "8"), ("head_units", None), ("width", "0")),
        *(("width", 0), ("width", 1), ("width", -0.1), ("width", float("nan"))),
    ],
)
def test_by_hand_refuses_what_it_cannot_build(name, value):
    with pytest.raises(ArgumentError, match=f"got .*{name}={value!r}.*; expected "):
        by_hand(**{name: value})


# --- one link -------------------------------------------------------------------------------


def randomized(**options):
    network, rng = convolutional(4, 6, **options), np.random.default_rng(12)
    network.set_weights([rng.normal(size=w.shape) for w in network.get_weights()])
    return network


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_link_response_is_two_sums_and_their_activations(activation):
    network = randomized(link_activation=activation)
    kernel, bias, total, total_bias, *_ = (w.astype(float) for w in network.get_weights())
    phi, dphi = np.random.default_rng(1).uniform(-4, 4, (2, 300))
    pair = np.stack([np.cos(phi), np.sin(phi), np.cos(phi + dphi), np.sin(phi + dphi)], axis=1)
    seen = np.maximum(pair @ kernel.reshape(4, 6) + bias, 0)
    expected = seen @ total.ravel() + total_bias
    assert (expected < 0).any()
    assert (expected > 0).any()
    if activation == "relu":
        expected = np.maximum(expected, 0)
    np.testing.assert_allclose(link_response(network, phi, dphi), expected, atol=1e-5)


def test_link_response_broadcasts():
    network, dphi = randomized(link_activation="linear"), np.linspace(-1, 1, 4)
    plane = link_response(network, PHI[:3], dphi)
    assert plane.shape == (3, 4)
    assert plane.dtype == float
    one = link_response(network, PHI[2, 0], dphi[3])
    assert one.shape == ()
    assert one == pytest.approx(plane[2, 3], abs=1e-5)
    np.testing.assert_allclose(link_response(network, PHI[2, 0], dphi), plane[2], atol=1e-5)
    # What a network gives for a curve's links is this function, link by link.
    phi = np.array([0.3, 1.0, -2.0, 0.5, 0.3])
    u = network_input(np.exp(1j * phi)[None])
    np.testing.assert_allclose(
        link_response(network, phi[:-1], np.diff(phi)), network.get_layer("links")(u)[0], atol=1e-5
    )


# --- from the weights alone -----------------------------------------------------------------

ANGLES = np.linspace(-0.8, 0.8, 65) * np.pi
SLOPE = ANGLES @ spline(ANGLES) / (ANGLES @ ANGLES)  # of the nearest straight line


def rms(values):
    return np.sqrt(np.mean(np.square(values)))


def test_anatomy_of_the_network_by_hand():
    parts, unit = anatomy(by_hand()), 2 * np.pi * SLOPE
    assert parts.offset == pytest.approx(C0, abs=1e-4)
    assert parts.slope == pytest.approx(SLOPE, abs=1e-4)
    assert parts.nonlinearity == pytest.approx(
        rms(spline(ANGLES) - SLOPE * ANGLES) / unit, rel=1e-2
    )
    phi = np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, None]
    waver = rms(spline(ANGLES) * (ripple(phi + ANGLES / 2) - 1)) / unit
    assert parts.angle_dependence == pytest.approx(waver, rel=1e-2)
    assert parts.clips_at[0] == pytest.approx(-32 * C0 / unit, rel=1e-4)
    assert np.isnan(parts.clips_at[1])  # an idle neuron has none


def test_anatomy_is_independent_of_the_scale_and_sign_of_d():
    network = by_hand()
    before, weights = anatomy(network), network.get_weights()
    weights[2] *= -3
    weights[3][:] = 20
    network.set_weights(weights)
    after = anatomy(network)
    assert after.slope == pytest.approx(-3 * before.slope, rel=1e-4)
    assert after.offset == pytest.approx(20, abs=1e-3)
    assert after.nonlinearity == pytest.approx(before.nonlinearity, rel=1e-2)
    assert after.angle_dependence == pytest.approx(before.angle_dependence, rel=1e-2)


def clipping(low, high):
    """A network whose output is w where low < w < high, and constant beyond.

    Its neurons see w − low and w − high. They weigh the links differently, which matters not.
    """
    network, unit = by_hand(), 2 * np.pi * SLOPE
    uneven = np.random.default_rng(4).uniform(0.5, 1.5, (32, 2))
    head = uneven / uneven.mean(axis=0) / unit
    bias = [-kink - 32 * C0 / unit for kink in (low, high)]
    network.get_layer("head").set_weights([head, np.array(bias)])
    network.get_layer("winding").set_weights([np.array([[1.0], [-1.0]]), np.array([low])])
    return network


@pytest.mark.parametrize(
    ("low", "high", "fate"),
    [
        (-9, 9, "good"),
        (-3.6, 3.6, "good"),  # 4 is still the nearest integer
        (-3.4, 9, "one-sided"),
        (-9, 2.5, "one-sided"),
        (-9, 1.6, "one-sided"),
        (-1.4, 9, "dead"),
        (-9, 0, "dead"),
        (1, 1, "dead"),  # the neurons cancel
    ],
)
def test_kinks_outputs_and_fates_of_a_network_that_clips(low, high, fate):
    network, axis = clipping(low, high), np.linspace(-5, 5, 41)
    np.testing.assert_allclose(anatomy(network).clips_at, [low, high], atol=1e-3)
    expected = np.clip(axis, low, high)
    np.testing.assert_allclose(predicted_output(network, axis), expected, atol=1e-3)
    assert predicted_fate(network) == fate


def test_predicted_outputs_are_those_on_evenly_turning_curves():
    network, windings = clipping(-3.4, 2.5), np.arange(-4, 5)
    x = network_input(circles(windings, 32, 0.7))
    np.testing.assert_allclose(outputs(network, x), np.clip(windings, -3.4, 2.5), atol=0.12)


def test_neurons_that_turn_the_other_way_clip_on_the_other_side():
    # The neuron sees 2.5 − w, and the output is 2.5 minus that.
    network, unit = by_hand(head_units=1), 2 * np.pi * SLOPE
    bias = np.array([2.5 + 32 * C0 / unit])
    network.get_layer("head").set_weights([np.full((32, 1), -1 / unit), bias])
    network.get_layer("winding").set_weights([np.array([[-1.0]]), np.array([2.5])])
    np.testing.assert_allclose(anatomy(network).clips_at, [2.5], atol=1e-3)
    axis, expected = [-4, 0, 2, 3, 4], [-4, 0, 2, 2.5, 2.5]
    np.testing.assert_allclose(predicted_output(network, axis), expected, atol=1e-3)
    assert predicted_fate(network) == "one-sided"


def test_a_linear_head_clips_nowhere():
    network = convolutional(head_activation="linear")
    network.set_weights(clipping(-1, 1).get_weights())
    np.testing.assert_allclose(anatomy(network).clips_at, [-1, 1], atol=1e-3)
    # w − low minus w − high, plus low
    np.testing.assert_allclose(predicted_output(network, [-4, 0, 4]), 1, atol=1e-3)


def test_the_network_by_hand_is_predicted_good():
    assert predicted_fate(by_hand()) == "good"
    windings = np.arange(-15, 16)
    np.testing.assert_allclose(predicted_output(by_hand(), windings), SLOPE * windings, atol=1e-3)


@pytest.mark.parametrize("constant", [0.0, -1.0, 0.7])
def test_a_network_without_slope_is_dead(constant):
    network = by_hand()
    weights = network.get_weights()
    weights[2][:], weights[3][:] = 0, constant
    network.set_weights(weights)
    parts = anatomy(network)
    assert parts.slope == pytest.approx(0, abs=1e-12)
    assert parts.offset == pytest.approx(max(constant, 0), abs=1e-6)
    if constant <= 0:  # D is 0, and there is no unit to measure in
        assert np.isnan([parts.nonlinearity, parts.angle_dependence]).all()
        assert not np.isfinite(parts.clips_at).any()
    assert np.ptp(predicted_output(network, [-4, 4])) < 1e-6
    assert predicted_fate(network) == "dead"


def test_a_network_that_is_not_finite_is_dead():
    network = by_hand()
    weights = network.get_weights()
    weights[-1][:] = np.nan
    network.set_weights(weights)
    assert predicted_fate(network) == "dead"


@pytest.mark.parametrize("name", ["aiii-cnn", "aiii-cnn-fresh"])
def test_the_weights_tell_every_archived_seeds_fate(name):
    runs = windlib.train(name)
    assert len(runs) == 16
    predicted = {run.seed: predicted_fate(run.network) for run in runs}
    assert predicted == {run.seed: general_aiii.fate(run) for run in runs}
    assert set(predicted.values()) == {"good", "one-sided", "dead"}


@pytest.mark.parametrize("links", LINKS)
def test_with_finer_links_too(links):
    names = ("aiii-cnn-links-{}", "aiii-cnn-links-{}-fresh", "aiii-cnn-ours-short-links-{}")
    runs = [run for name in names for run in windlib.train(name.format(links))]
    assert len(runs) == 20
    predicted = [predicted_fate(run.network) for run in runs]
    assert predicted == [general_aiii.fate(run) for run in runs]
    assert set(predicted) == {"good", "one-sided", "dead"}


READERS = {
    "link_response": lambda network: link_response(network, 0, 0),
    "anatomy": anatomy,
    "neuron_outputs": lambda network: neuron_outputs(network, [1]),
    "predicted_output": lambda network: predicted_output(network, [1]),
    "predicted_fate": predicted_fate,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_only_the_books_convolutional_networks_are_read(read):
    for network in (fully_connected(4, (3,)), "network", None):
        with pytest.raises(ArchitectureError, match=r"got a network of type .*convolutional"):
            read(network)


@pytest.mark.parametrize("read", list(READERS.values())[2:], ids=list(READERS)[2:])
def test_a_network_of_classes_has_no_winding_number_as_output(read):
    with pytest.raises(ArchitectureError, match=r"shape \(None, 3\); expected .*with one output"):
        read(convolutional(4, 3, n_classes=3))


def test_what_is_read_is_read_at_real_numbers():
    network = by_hand(4)
    for bad in (1j, "1", np.nan, np.ma.masked_all(2)):
        for call in (
            lambda bad=bad: link_response(network, bad, 0),
            lambda bad=bad: link_response(network, 0, bad),
            lambda bad=bad: predicted_output(network, bad),
        ):
            with pytest.raises(ArgumentError):
                call()
    with pytest.raises(ArgumentError, match="winding"):
        predicted_output(network, [1, 1e307])


def test_links_are_read_up_to_four_fifths_of_half_a_turn():
    # A spline of two knots bends most at its ends: a smaller or larger range has another slope.
    network = by_hand(4, knots=2, directions=15, width=0.5)
    expected = ANGLES @ spline(ANGLES, 2, 0.5) / (ANGLES @ ANGLES)
    assert anatomy(network).slope == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("miss", [0.46, 0.54])
def test_a_miss_of_half_or_more_is_a_miss(miss):
    # Clipped at 4 − miss, and at 2 − miss.
    assert predicted_fate(clipping(-9, 4 - miss)) == ("good" if miss < 0.5 else "one-sided")
    assert predicted_fate(clipping(-9, 2 - miss)) == ("one-sided" if miss < 0.5 else "dead")


@pytest.mark.parametrize("miss", [0.21, 0.29])
def test_a_stricter_rule_asks_for_a_smaller_miss(miss):
    network = clipping(miss - 4, 9)
    assert predicted_fate(network) == "good"
    assert predicted_fate(network, within=0.25) == ("good" if miss < 0.25 else "one-sided")
    for bad in (0.51, -0.1, "a quarter"):
        with pytest.raises(ArgumentError, match="within="):
            predicted_fate(network, bad)


def test_an_anatomy_does_not_change():
    with pytest.raises(AttributeError, match="cannot assign to field"):
        anatomy(by_hand()).slope = 0


@pytest.mark.parametrize(("links", "turn"), [(8, 0.8), (32, 0.8), (64, 0.4)])
def test_the_response_is_fitted_where_the_links_of_a_curve_lie(links, turn, monkeypatch):
    asked = []

    def seen(network, phi, dphi):
        asked.append(dphi)
        return link_response(network, phi, dphi)

    monkeypatch.setattr(blackbox, "link_response", seen)
    anatomy(convolutional(links=links, kernels=2, seed=0))
    np.testing.assert_allclose([asked[0].min(), asked[0].max()], [-turn * np.pi, turn * np.pi])
