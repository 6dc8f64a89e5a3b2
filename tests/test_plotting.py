"""The slider, as a reader's browser finds it, and the drawings of seeds, sweeps and curves."""

import base64
import io
import re

import matplotlib.pyplot as plt
import myst_nb
import numpy as np
import pytest
from bs4 import BeautifulSoup
from IPython.display import HTML
from PIL import Image

from windlib import plotting
from windlib.drawings import figure_html
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


def test_a_slider_has_a_drawing_for_every_value(drawn):
    drawings = [str(frame.svg) for frame in drawn(class_="frame")]
    assert len(set(drawings)) == len(drawings) == len(EPOCHS)


def shown(page):
    return [not frame.has_attr("hidden") for frame in page(class_="frame")]


def test_a_slider_shows_its_last_drawing_first(drawn):
    assert shown(drawn) == [False, False, False, True]
    (control,) = drawn("input")
    assert (control["type"], control["min"]) == ("range", "0")
    assert control["max"] == control["value"] == str(len(EPOCHS) - 1)
    assert drawn.output.text == control["aria-valuetext"] == "20"


def test_a_slider_starts_where_it_is_told():
    def draw(_):
        return plt.figure(figsize=(1, 1))

    page = BeautifulSoup(slider(draw, EPOCHS, "epoch", start=1).data, "html.parser")
    assert shown(page) == [False, True, False, False]
    assert (page.input["value"], page.output.text) == ("1", "1")
    with pytest.raises(ValueError, match="'0', '1', '5' or '20'"):
        slider(draw, EPOCHS, "epoch", start=2)


def test_a_slider_says_in_words_what_it_shows(drawn):
    for frame, epoch in zip(drawn(class_="frame"), EPOCHS, strict=True):
        assert frame["role"] == "img"
        assert frame["aria-label"].endswith(f" at epoch {epoch}.")
    assert drawn.label.text.split() == ["epoch", "20"]
    assert drawn.input["data-values"].split(" ") == [str(epoch) for epoch in EPOCHS]
    assert drawn.input.find_parent("label") is not None  # what a screen reader says of it
    assert drawn.input.find_parent(class_="slider")(class_="frame") == drawn(class_="frame")


@pytest.mark.parametrize("values", [np.array([0.5, 1.5]), (3,), range(2)])
def test_a_slider_takes_any_sequence(values):
    page = BeautifulSoup(
        slider(lambda _: plt.figure(figsize=(1, 1)), values, "λ").data, "html.parser"
    )
    assert shown(page) == [False] * (len(values) - 1) + [True]
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
    plotting.plot_arrows(ax, curve)
    (arrows,) = (c for c in ax.collections if hasattr(c, "U"))
    place = np.array([1, 1j, -1, -1j])
    np.testing.assert_allclose(arrows.U + 1j * arrows.V, 0.36 * place, atol=1e-12)
    tails = arrows.X + 1j * arrows.Y
    np.testing.assert_allclose(tails, 0.82 * place, atol=1e-12)  # their middles lie on the circle
    np.testing.assert_allclose(arrows.get_array(), np.angle(place))
    around = np.exp(2j * np.pi * np.arange(33) / 32)
    plotting.plot_arrows(ax, 1j * around)  # along the ring, each from where the last one ends
    many = [c for c in ax.collections if hasattr(c, "U")][-1]
    length = np.hypot(many.U, many.V)
    np.testing.assert_allclose(many.X + 1j * many.Y + 1j * length / 2 * around[:-1], around[:-1])
    assert length.max() < 1.2 * np.abs(around[1] - around[0])
    for wrong in (curve[None], curve * [1, 1, 0, 1, 1]):
        with pytest.raises(ValueError, match="expected one curve"):
            plotting.plot_arrows(ax, wrong)


def test_seeds_are_dots_above_their_names_and_the_paper_a_bar(ax):
    values = np.array([[1, 2, 3], [4, 5, 6]])
    plotting.plot_seeds(ax, ["a", "b", "c"], values, paper=[7, 8, 9])
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
            plotting.plot_seeds(ax, ["a", "b", "c"], wrong)


def test_a_sweeps_line_goes_through_the_medians_and_its_dots_stand_in_order(ax):
    values = [[[1, 10], [2, 20], [6, 60]], [[3, 30], [4, 40], [5, 50]]]
    plotting.plot_sweep(ax, ["p", "q"], values, ["a", "b"], "--")
    lines = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [list(line.get_ydata()) for line in lines] == [[2, 4], [20, 40]]
    assert [line.get_label() for line in lines] == ["a", "b"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [list(d.get_ydata()) for d in dots] == [[1, 2, 6], [3, 4, 5], [10, 20, 60], [30, 40, 50]]
    assert [d.get_xdata()[0] for d in dots] == pytest.approx([-0.04, 0.96, 0.04, 1.04])
    assert [x for line in lines for x in line.get_xdata()] == [d.get_xdata()[0] for d in dots]
    assert len({line.get_color() for line in lines}) == 2
    for points, names in ((["p"], ["a", "b"]), (["p", "q"], list("abcde"))):
        with pytest.raises(ValueError, match="expected at most 4 names, and one array for each"):
            plotting.plot_sweep(ax, points, values, names)


def test_a_power_of_ten_is_written_as_in_the_text():
    written = [plotting.power_of_ten(x) for x in (0, 1e-5, 3e-3, 0.1, 2, 1, 4e10)]
    assert written == ["0", "10⁻⁵", "3·10⁻³", "10⁻¹", "2", "1", "4·10¹⁰"]
    for wrong, words in [(0.00034, "one digit times"), (-1e-3, "0 or larger"), ("1e-3", "finite")]:
        with pytest.raises(ValueError, match=words):
            plotting.power_of_ten(wrong)


def test_a_grids_numbers_stand_in_their_cells(ax):
    plotting.plot_grid(ax, [[0, 40], [97.6, 100]], ["a", "b"], ["−3", "+3"], ["sick", "good"])
    said = {t.get_text(): t.get_position() for t in ax.texts}
    assert said["0"] == (0.5, 0.5)
    assert said["98"] == (0.5, 1.5)
    assert said["40"] == (1.5, 0.5)
    assert said["good"][1] == 1.5
    assert ax.get_ylim() == (2, 0)  # the first row is at the top
    for values, text in ([[1, 2]], None), ([[1, 2], [3, 4]], ["one"]):
        with pytest.raises(ValueError, match=r"expected \(2, 2\), and one remark for each row"):
            plotting.plot_grid(ax, values, ["a", "b"], ["c", "d"], text)


def test_the_brillouin_axis_has_its_ticks_where_they_say(ax):
    plotting.brillouin_axis(ax)
    ticks = {t.get_text(): x for t, x in zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)}
    expected = {"0": 0, "π/2": np.pi / 2, "π": np.pi, "3π/2": 3 * np.pi / 2, "2π": 2 * np.pi}
    assert ticks == pytest.approx(expected)


def two_panels():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
    left.plot([0, 1], [0, 1], "o-", color=plotting.BLUE)
    right.plot(np.arange(5000), np.arange(5000) % 7, ".")
    left.set(ylabel="accuracy (%)", xlabel="<a>")
    return figure


def test_a_figure_is_drawn_for_a_wide_page_and_for_a_phone():
    figure = two_panels()
    page = BeautifulSoup(figure_html(figure), "html.parser")
    wide, narrow = page("svg")
    boxes = [[float(v) for v in svg["viewbox"].split()] for svg in (wide, narrow)]
    assert boxes == [[0, 0, 8 * 72, 3 * 72], [0, 0, pytest.approx(4.6 * 72), 6 * 72]]
    # Stacked panels have each their own scale and label, and are put back after the drawing.
    said = [svg.text.count("accuracy (%)") for svg in (wide, narrow)]
    assert said == [1, 2]
    assert page.text.count("<a>") == 2
    assert tuple(figure.get_size_inches()) == (8, 3)
    assert figure.axes[1].get_ylabel() == ""
    assert str(figure_html(figure)) == figure_html(two_panels())
    plt.close("all")


def test_a_drawings_names_are_its_own_and_resolve():
    figure = two_panels()
    code = figure_html(figure)
    plt.close("all")
    names = re.findall(r' id="([^"]+)"', code)
    assert len(set(names)) == len(names) > 2
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', code)) <= set(names)
    assert "url(#" in code


def test_a_drawing_leaves_its_colours_to_the_page_and_draws_many_points_as_a_picture():
    with plt.rc_context():
        plotting.use_style()
        code = figure_html(two_panels())
    plt.close("all")
    for name, color in [("blue", plotting.BLUE), ("ink", "#000000"), ("grid", "#e4e4e4")]:
        assert f"var(--figure-{name}, {color.lower()})" in code
        assert code.count(color.lower()) == code.count(f"var(--figure-{name}, {color.lower()})")
    pictures = re.findall(r'data:image/png;base64,([^"]*)"[^>]* width="([\d.]+)"', code)
    assert len(pictures) == 2
    for picture, points in pictures:  # two pixels where a screen has one, 4/3 to the point
        width = Image.open(io.BytesIO(base64.b64decode(picture))).width
        assert width == pytest.approx(2 * 4 / 3 * float(points), rel=0.01)
    assert len(code) < 200_000


def test_a_map_is_a_small_picture_in_its_own_colours_and_text_stays():
    x = np.linspace(-1, 1, 201)
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.pcolormesh(x, x, x[:, None] * np.ones(201), cmap="viridis", shading="gouraud")
    ax.set(title="L M 3 z 4", xticks=[0.1234567])
    code = figure_html(figure)
    plt.close(figure)
    assert "L M 3 z 4" in code
    (picture,) = re.findall(r"data:image/png;base64,([^\"]*)", code)
    picture = Image.open(io.BytesIO(base64.b64decode(picture)))
    assert picture.mode == "P"
    column = np.asarray(picture.convert("RGBA"))[:, picture.width // 2].astype(float)
    inside = column[column[:, 3] > 0]
    values = (np.arange(len(inside)) + 0.5) / len(inside)  # the drawing turns it upside down
    assert np.abs(inside - 255 * plt.get_cmap("viridis")(values)).max() < 6
    assert not re.search(r"\.\d{3}", "".join(re.findall(r' (?:d|x|y)="[^"]*', code)))


def test_dots_that_look_alike_name_their_colour_once():
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.scatter(*np.random.default_rng(0).random((2, 50)), color=plotting.ORANGE)
    ax.scatter([0.1, 0.2, 0.3], [0.5, 0.5, 0.5], color=["red", "red", "blue"])
    code = BeautifulSoup(figure_html(figure), "html.parser").find("svg")
    plt.close(figure)
    dots = [
        dot
        for dot in code.find_all("use")
        if "clip-path" in dot.find_parent("g").attrs
        or "clip-path" in dot.find_parent("g").parent.attrs
    ]
    colours = [(dot.get("style") or dot.find_parent("g")["style"]).split(";")[0] for dot in dots]
    assert colours == 50 * ["fill: var(--figure-orange, #e69f00)"] + [
        *2 * ["fill: #ff0000"],
        "fill: #0000ff",
    ]
    assert sum("style" in dot.attrs for dot in dots) == 3


def test_a_hole_in_a_map_stays_one():
    values = np.ma.masked_inside(np.arange(40.0)[:, None] * np.ones(40), 20, 21)  # of forty rows
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.pcolormesh(values)
    (picture,) = re.findall(r"data:image/png;base64,([^\"]*)", figure_html(figure))
    plt.close(figure)
    alpha = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGBA"))[..., 3]
    assert np.mean(alpha == 0) == pytest.approx(2 / 40, abs=0.02)


def test_a_cloud_of_points_keeps_its_soft_edges():
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.plot(*np.random.default_rng(0).normal(size=(2, 9000)), "o", ms=2)
    (picture,) = re.findall(r"data:image/png;base64,([^\"]*)", figure_html(figure))
    plt.close(figure)
    alpha = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGBA").getchannel("A")
    assert sum(alpha.histogram()[1:255]) > 1000


def test_a_table_marks_the_best_of_each_column_and_reads_as_text():
    rows = {"ours": [99.96, 7, "–"], "theirs": [99.951, 5, 1.0], "none": [-1.0, 7, 2.0]}
    table = plotting.results_table(["(i) (%)", "n", "x"], rows, digits=1, best="highest")
    page = BeautifulSoup(table._repr_html_(), "html.parser")
    marked = [[cell.strong is not None for cell in row("td")] for row in page.tbody("tr")]
    # What looks equal is marked alike.
    assert marked == [[True, True, False], [True, False, False], [False, True, True]]
    assert [cell.text for cell in page.tbody("td")][:6] == ["100.0", "7", "–", "100.0", "5", "1.0"]
    assert repr(table).splitlines()[3].split() == ["none", "−1.0", "7", "2.0"]
    assert "<td>−1,200</td>" in plotting.results_table(["n"], {"a": [-1200]})._repr_html_()
    lowest = plotting.results_table(["x"], {"a": [2.0], "b": [1.0]}, best="lowest")
    assert "<strong>1.0" in lowest._repr_html_()
    assert (
        "<strong>" not in plotting.results_table(["x"], {"a": [2.0]}, best="lowest")._repr_html_()
    )
    with pytest.raises(ValueError, match="got 1 cells in the row 'a'; expected 2"):
        plotting.results_table(["x", "y"], {"a": [2.0]})
    with pytest.raises(ValueError, match="best"):
        plotting.results_table(["x"], {"a": [2.0]}, best="first")


def test_each_column_of_a_table_may_ask_for_another_best():
    rows = {"a": [1.0, 5.0, 7], "b": [2.0, 4.0, 9]}
    html = plotting.results_table(["x", "y", "n"], rows, best=["highest", "lowest", None])
    assert re.findall("<strong>(.*?)</strong>", html._repr_html_()) == ["2.0", "4.0"]
    with pytest.raises(ValueError, match="one for each of"):
        plotting.results_table(["x", "y", "n"], rows, best=["highest"])


@pytest.mark.parametrize("value", [3, "1.5", HTML("<b>w</b>")], ids=["number", "text", "html"])
def test_what_is_glued_is_what_the_book_reads(value, monkeypatch):
    shown = []
    keep = lambda data, **more: shown.append((data, more))  # noqa: E731
    monkeypatch.setattr("IPython.display.display", keep)
    monkeypatch.setattr("myst_nb.ext.glue.ipy_display", keep)
    plotting.glue("name", value)
    myst_nb.glue("name", value, display=False)
    assert shown[0] == shown[1]
    assert not any(kind.startswith(("text/", "image/")) for kind in shown[0][0])
