"""The notebooks as files: what they show equals what windlib does, and they are readable."""

import json
import re
import statistics
from pathlib import Path

import numpy as np
import pytest

from windlib import blackbox, experiments, networks, training, winding
from windlib.hamiltonians import chiral, ssh

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CHAPTERS = [path for path in NOTEBOOKS if path.name[0].isdigit()]


def cells(name, kind="code"):
    notebook = json.loads((FOLDER / name).read_text())
    return [c for c in notebook["cells"] if c["cell_type"] == kind]


def shown(name):
    """Names defined by the cells tagged "shown", run by themselves."""
    found = {"np": np}
    for cell in cells(name):
        if "shown" in cell["metadata"].get("tags", []):
            exec("".join(cell["source"]), found)
    return found


def same_network(plain, ours, x):
    plain.set_weights(ours.get_weights())
    np.testing.assert_allclose(
        training.outputs(plain, x.reshape(len(x), *plain.input_shape[1:])),
        training.outputs(ours, x),
        atol=1e-5,
    )


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_chapter_1_shows_what_windlib_does(rng):
    page = shown("01_ssh_shortcut.ipynb")
    chains = ssh.sample(1000, rng)
    curves = ssh.curve(**chains)
    np.testing.assert_allclose(page["ssh_curve"](**chains), curves, atol=1e-12)
    assert np.array_equal(page["winding_number"](curves), winding.winding_number(curves))
    x = rng.normal(size=(100, 33, 2)).astype(np.float32)
    same_network(page["linear_model"](), networks.fully_connected(widths=()), x)


def test_chapter_2_shows_what_windlib_does(rng):
    page = shown("02_general_aiii.ipynb")
    chains = chiral.sample(1000, rng)
    curves = chiral.curve(**chains)
    np.testing.assert_allclose(page["fourier_curve"](**chains), curves, atol=1e-12)
    # What windlib's sampler keeps is just what has enough sign changes by the page's count.
    kept = chiral.curve(**chiral.sample(1000, rng, winding_at_least=3))
    assert page["sign_changes"](kept.real).min() == page["sign_changes"](kept.imag).min() == 6
    x = rng.normal(size=(100, 33, 2)).astype(np.float32)
    same_network(page["convolutional_model"](), networks.convolutional(), x)


def test_chapter_8_shows_what_windlib_does(rng):
    page = shown("08_opening_the_black_box.ipynb")
    page["blackbox"] = blackbox
    network = blackbox.by_hand()
    kernels, coefficients = page["kernels_by_hand"]()
    weights = network.get_layer("links").get_weights()
    np.testing.assert_allclose(kernels, weights[0].reshape(4, -1), atol=1e-6)
    np.testing.assert_allclose(coefficients, weights[2].ravel(), rtol=1e-6)
    phi, dphi = rng.uniform(-3, 3, (2, 100))
    ours = blackbox.link_response(network, phi, dphi)
    np.testing.assert_allclose(page["link_response"](network, phi, dphi), ours, atol=1e-5)
    winding = np.arange(-9, 10)
    for run in experiments.train("aiii-cnn", [0, 5]):
        expected = blackbox.predicted_output(run.network, winding)
        np.testing.assert_allclose(page["predicted_output"](run.network, winding), expected)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_outputs_stored(path):
    code = cells(path.name)
    lengths = ["".join(c["source"]).count("\n") + 1 for c in code]
    assert max(lengths) <= 18
    assert statistics.median(lengths) <= 8
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    kinds = {(o["output_type"], o.get("name")) for c in code for o in c["outputs"]}
    assert not kinds & {("error", None), ("stream", "stderr")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_has_a_caption_a_name_and_a_description(path):
    for cell in cells(path.name):
        if any("image/png" in o.get("data", {}) for o in cell["outputs"]):
            about = cell["metadata"]["mystnb"]
            assert about["figure"]["name"].startswith("fig-")
            assert len(about["figure"]["caption"].split()) >= 8
            assert len(about["image"]["alt"].split()) >= 12


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_have_the_books_form(path):
    text = "\n".join("".join(c["source"]) for c in cells(path.name, "markdown"))
    for part in ("What you will learn", "The question", "## Summary", "## Versions and checks"):
        assert part in text, part
    exercises = re.findall(r"^\d+\. ", text.split("## Exercises")[1], flags=re.M)
    assert len(exercises) == text.count("admonition} Solution") >= 3
