"""A diagnosis as it is shown, and what networks say of a diagnosed curve."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import windlib
from windlib import blackbox, networks
from windlib.arguments import ArgumentError
from windlib.bloch import diagnose, diagnose_ring, phase_diagram
from windlib.winding import link_angles

SSH = {0: [[0, 1], [1, 0]], 1: [[0, 2], [0, 0]], -1: [[0, 0], [2, 0]]}
HATANO_NELSON = {-1: [[0.5]], 1: [[1.0]]}


def turning(w, weak=0.2):
    """A chain whose curve winds w times."""
    return {w: [[0, 1], [0, 0]], -w: [[0, 0], [1, 0]], 0: [[0, weak], [weak, 0]]}


@pytest.fixture(scope="module")
def run():
    return windlib.train("aiii-cnn", [0])[0]


def test_networks_read_the_curve_on_their_own_links(run):
    found = diagnose(SSH, networks=run)
    (answer,) = found.networks
    k = np.linspace(0, 2 * np.pi, 33)
    np.testing.assert_allclose(answer.curve / answer.curve[0], (1 + 2 * np.exp(1j * k)) / 3)
    assert answer.output == pytest.approx(float(run.outputs(answer.curve[None])[0]), abs=1e-6)
    assert (answer.predicted, answer.warnings) == (1, ())
    d = blackbox.link_response(
        run.network, np.angle(answer.curve[:-1]), link_angles(answer.curve, closure=1e-6)
    )
    np.testing.assert_allclose(answer.link_values, d, atol=1e-5)
    assert "network        aiii-cnn, seed 0: " in str(found)


def test_samples_a_function_and_hoppings_give_a_network_the_same(run):
    arrays = {r: np.array(t) for r, t in SSH.items()}

    def h(k):
        return sum(t * np.exp(1j * r * k) for r, t in arrays.items())

    samples = np.array([h(k) for k in np.linspace(0, 2 * np.pi, 97)])
    outputs = [diagnose(given, networks=run).networks[0].output for given in (SSH, h, samples)]
    np.testing.assert_allclose(outputs, outputs[0], atol=1e-5)
    with pytest.raises(ArgumentError, match="got 48 links for a network that reads 32"):
        diagnose(samples[::2], networks=run)


def test_a_head_that_clips_is_warned_of(run):
    """P1's one-sided networks stop at a winding number that their weights foretell."""
    (answer,) = diagnose(turning(5), networks=run).networks
    foretold = blackbox.predicted_output(run.network, [5])[0]
    assert abs(foretold - 5) > 0.5
    assert answer.predicted != 5
    assert any(f"foretell {foretold:.1f} there" in warning for warning in answer.warnings)
    by_hand = blackbox.by_hand()
    (answer,) = diagnose(turning(5), networks=by_hand).networks
    assert (answer.predicted, answer.warnings, answer.name) == (5, (), "convolutional")


def test_links_near_half_a_turn_are_warned_of():
    by_hand = blackbox.by_hand()
    (answer,) = diagnose(turning(14, 0.1), networks=(by_hand,)).networks
    assert answer.predicted == 14
    assert answer.warnings[0].endswith("of 32 links turn by nearly half a turn")
    (answer,) = diagnose(turning(20, 0.1), networks=(by_hand,)).networks
    assert "on the network's links the curve winds -12 times" in answer.warnings
    assert answer.predicted == -12


def test_clipped_links_are_counted():
    network = networks.convolutional(seed=0)
    kernel, bias, total, _ = network.get_layer("links").get_weights()
    network.get_layer("links").set_weights([kernel, bias, total, np.array([-99.0])])
    (answer,) = diagnose(SSH, networks=network).networks
    assert "D(n) is clipped to 0 on 32 links" in answer.warnings


def test_classes():
    run = windlib.train("nonhermitian-ssh-cnn-ours-0.4", [0])[0]
    (answer,) = diagnose(HATANO_NELSON, networks=run).networks
    assert answer.output.shape == (3,)
    assert answer.predicted == (0, 1, -1)[answer.output.argmax()]
    double = {-2: [[0.5]], 2: [[1.0]]}
    (answer,) = diagnose(double, networks=run).networks
    assert "2 is none of its classes (0, 1, -1)" in answer.warnings
    (answer,) = diagnose(double, networks=run.network).networks
    assert answer.predicted is None
    assert "class number" in str(answer)


@pytest.mark.parametrize("networks", [3, "aiii-cnn", [None], (np.ones(3),), None], ids=str)
def test_what_is_no_network_is_refused(networks):
    with pytest.raises(ArgumentError):
        diagnose(SSH, networks=networks)


def test_a_ring_asks_networks_too(run):
    ring = np.roll(np.eye(8), 1, axis=1) + 0.5 * np.roll(np.eye(8), -1, axis=1)
    assert diagnose_ring(ring, networks=run).networks[0].predicted == 1


# --- Shown ----------------------------------------------------------------------------------------


def test_a_diagnosis_fits_into_ten_lines(run):
    found = diagnose(SSH, networks=[run] * 9)
    lines = str(found).splitlines()
    assert len(lines) <= 10
    assert lines[-1].strip() == "and 5 more, in .networks and .notes"
    assert lines[0] == "winding number 1 (chiral; certified)"


def test_a_page_shows_a_table():
    html = diagnose(HATANO_NELSON)._repr_html_()
    assert html.startswith("<table>")
    assert html.count("<tr>") == html.count("</tr>") == 4
    assert "winding number</th>" in html
    assert "skin effect" in html


def test_figures_show_curve_links_and_outputs(run):
    figure = diagnose(SSH).plot()
    axes = {ax.get_label(): ax for ax in figure.axes}
    assert {"curve", "angles"} <= axes.keys()
    drawn = np.concatenate([s[:1] for s in axes["curve"].collections[0].get_segments()])
    np.testing.assert_allclose(drawn @ [1, 1j], diagnose(SSH).curve[:-1])
    turned = sum(bar.get_height() for bar in axes["angles"].patches)
    assert turned == pytest.approx(2 * np.pi)
    links, bars = axes["curve"].collections[0], axes["angles"].patches
    shown = [bar.get_facecolor() for bar in bars]  # as the links that they stand for
    np.testing.assert_array_equal(shown, links.cmap(links.norm(links.get_array())))
    assert axes["angles"].get_ylim()[1] >= max(bar.get_height() for bar in bars)
    plt.close(figure)
    found = diagnose(SSH, networks=(run, run.network))
    figure = found.plot()
    axes = {ax.get_label(): ax for ax in figure.axes}
    assert {"curve", "angles", "links", "outputs"} <= axes.keys()
    np.testing.assert_allclose(axes["links"].lines[0].get_ydata(), found.networks[0].link_values)
    marks = [line.get_xdata()[0] for line in axes["outputs"].lines]
    np.testing.assert_allclose(marks, [1, *(answer.output for answer in found.networks)])
    plt.close(figure)


def test_the_axis_of_angles_has_room_for_the_longest_link():
    circle = np.exp(2j * np.pi * np.arange(11) / 10)[:, None, None]
    figure = diagnose(circle).plot()
    (axes,) = (ax for ax in figure.axes if ax.get_label() == "angles")
    assert axes.get_ylim() == pytest.approx((-np.pi / 4, np.pi / 4))
    np.testing.assert_allclose([bar.get_height() for bar in axes.patches], np.pi / 5)
    plt.close(figure)


def test_phase_diagrams_are_drawn():
    def ssh(t, u=1.0):
        return {0: [[0, t], [t, 0]], 1: [[0, u], [0, 0]], -1: [[0, 0], [u, 0]]}

    line = phase_diagram(ssh, {"t": [0.5, 1.0, 1.5]})
    ax = line.plot()
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [1, np.nan, 0])
    assert ax.lines[1].get_xdata()[0] == pytest.approx(1.0)
    plt.close(ax.figure)
    plane = phase_diagram(ssh, {"t": np.linspace(0.1, 2, 8), "u": np.linspace(0.15, 2, 7)})
    _, ax = plt.subplots()
    assert plane.plot(ax) is ax
    shown = ax.collections[0].get_array()
    np.testing.assert_array_equal(shown.reshape(7, 8).T, plane.winding)
    plt.close(ax.figure)
    cube = phase_diagram(lambda t, u, v: ssh(t, u + v), {n: [0.5, 0.7] for n in "tuv"})
    with pytest.raises(ArgumentError, match="over 3 parameters"):
        cube.plot()
