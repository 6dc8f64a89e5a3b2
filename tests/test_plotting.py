"""The slider, as a reader's browser finds it."""

import base64

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup

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
