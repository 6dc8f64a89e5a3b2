"""The slider, as a reader's browser finds it, and the drawings of seeds, sweeps and curves."""

import base64

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup

from windlib import plotting
from windlib.plotting import slider

EPOCHS = [0, 1, 5, 20]


@pytest.fixture
def drawn():
    """A slider's page, and the figures it was drawn from."""
    figures = []

    def draw(epoch):
        figure, ax = plt.subplots(figsize=(2, 1))
        ax.bar([0], [epoch])
        figures.append(figure)
        return figure

    before = plt.get_fignums()
    page = BeautifulSoup(slider(draw, EPOCHS, "epoch").data, "html.parser")
    assert plt.get_fignums() == before  # or Jupyter would show them all below
    assert len(figures) == len(EPOCHS)
    return page


def test_a_slider_has_a_picture_for_every_value(drawn):
    pictures = []
    for image in drawn("img"):
        kind, code = image["src"].split(",")
        assert kind == "data:image/png;base64"
        pictures.append(base64.b64decode(code, validate=True))
    assert len(set(pictures)) == len(pictures) == len(EPOCHS)
    assert all(picture.startswith(b"\x89PNG\r\n") for picture in pictures)


def test_a_slider_shows_its_last_picture_first(drawn):
    assert [image.has_attr("hidden") for image in drawn("img")] == [True, True, True, False]
    (control,) = drawn("input")
    assert (control["type"], control["min"]) == ("range", "0")
    assert control["max"] == control["value"] == str(len(EPOCHS) - 1)
    assert drawn.output.text == "20"


def test_a_slider_says_in_words_what_it_shows(drawn):
    for image, epoch in zip(drawn("img"), EPOCHS, strict=True):
        assert image["alt"].endswith(f" at epoch {epoch}.")
    assert drawn.label.text.split() == ["epoch", "20"]
    assert drawn.input["data-values"].split(" ") == [str(epoch) for epoch in EPOCHS]
    assert drawn.input.find_parent("label") is not None  # what a screen reader says of it
    assert drawn.input.find_parent(class_="slider").find_all("img") == drawn("img")


@pytest.mark.parametrize("values", [np.array([0.5, 1.5]), (3,), range(2)])
def test_a_slider_takes_any_sequence(values):
    page = BeautifulSoup(
        slider(lambda _: plt.figure(figsize=(1, 1)), values, "λ").data, "html.parser"
    )
    assert [image.has_attr("hidden") for image in page("img")] == [True] * (len(values) - 1) + [
        False
    ]
    assert page.output.text == str(values[-1])


@pytest.mark.parametrize("values", [[], [1, 2, 1], ["a", "b c"], [""], np.array([])])
def test_a_slider_refuses_what_it_cannot_tell_apart(values):
    with pytest.raises(ValueError, match="expected at least one, none twice, and none with a sp"):
        slider(lambda _: plt.figure(figsize=(1, 1)), values, "λ")


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_arrows_point_along_the_curve_from_place_to_place(ax):
    curve = np.array([2, 1j, -3, -1j, 2])  # once around: every arrow points outwards
    plotting.draw_arrows(ax, curve)
    (arrows,) = (c for c in ax.collections if hasattr(c, "U"))
    place = np.array([1, 1j, -1, -1j])
    np.testing.assert_allclose(arrows.U + 1j * arrows.V, 0.36 * place, atol=1e-12)
    tails = arrows.X + 1j * arrows.Y
    np.testing.assert_allclose(tails, 0.82 * place, atol=1e-12)  # their middles lie on the circle
    np.testing.assert_allclose(arrows.get_array(), np.angle(place))
    for wrong in (curve[None], curve * [1, 1, 0, 1, 1]):
        with pytest.raises(ValueError, match="expected one curve"):
            plotting.draw_arrows(ax, wrong)


def test_seeds_are_dots_above_their_names_and_the_paper_a_bar(ax):
    values = np.array([[1, 2, 3], [4, 5, 6]])
    plotting.draw_seeds(ax, ["a", "b", "c"], values, paper=[7, 8, 9])
    for i, line in enumerate(ax.lines):
        assert list(line.get_ydata()) == list(values[:, i])
        assert np.mean(line.get_xdata()) == pytest.approx(i)
    assert len(ax.lines) == 3
    bars = np.array(ax.collections[0].get_segments())
    assert bars[:, :, 1].tolist() == [[7, 7], [8, 8], [9, 9]]
    assert bars.mean(axis=1)[:, 0] == pytest.approx([0, 1, 2])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b", "c"]
    for wrong in (values[0], values.T, values[..., None]):
        with pytest.raises(ValueError, match=r"for 3 names; expected \(seeds, names\)"):
            plotting.draw_seeds(ax, ["a", "b", "c"], wrong)


def test_a_sweeps_line_goes_through_the_medians_and_its_dots_stand_in_order(ax):
    values = [[[1, 10], [2, 20], [6, 60]], [[3, 30], [4, 40], [5, 50]]]
    plotting.draw_sweep(ax, ["p", "q"], values, ["a", "b"], "--")
    lines = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [list(line.get_ydata()) for line in lines] == [[2, 4], [20, 40]]
    assert [line.get_label() for line in lines] == ["a", "b"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [list(d.get_ydata()) for d in dots] == [[1, 2, 6], [3, 4, 5], [10, 20, 60], [30, 40, 50]]
    assert [d.get_xdata()[0] for d in dots] == pytest.approx([-0.06, 0.94, 0.06, 1.06])
    assert len({line.get_color() for line in lines}) == 2
    for points, names in ((["p"], ["a", "b"]), (["p", "q"], list("abcde"))):
        with pytest.raises(ValueError, match="expected at most 4 names, and one array for each"):
            plotting.draw_sweep(ax, points, values, names)


def test_the_brillouin_axis_has_its_ticks_where_they_say(ax):
    plotting.brillouin_axis(ax)
    ticks = {t.get_text(): x for t, x in zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)}
    expected = {"0": 0, "π/2": np.pi / 2, "π": np.pi, "3π/2": 3 * np.pi / 2, "2π": 2 * np.pi}
    assert ticks == pytest.approx(expected)
