"""The notebooks as files: what they show equals what windlib does, and they are readable."""

import json
import re
import statistics
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from windlib import augmentation, blackbox, bloch, datasets, evaluation, networks, winding
from windlib.claims import nonhermitian_dirac
from windlib.hamiltonians import aah, chiral, dirac, hatano_nelson, nonhermitian_ssh, ssh
from windlib.runs import experiments

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CHAPTERS = [path for path in NOTEBOOKS if path.name[0].isdigit()]


def cells(name, kind="code"):
    notebook = json.loads((FOLDER / name).read_text())
    return [c for c in notebook["cells"] if c["cell_type"] == kind]


def is_open(cell):
    """Whether the code of a cell is read without a click."""
    folded = {"hide-cell", "hide-input", "remove-cell", "remove-input"}
    return not folded & set(cell["metadata"].get("tags", []))


def shown(name):
    """Names defined by the cells tagged "shown", run by themselves."""
    found = {"np": np}
    for cell in cells(name):
        if "shown" in cell["metadata"].get("tags", []):
            exec("".join(cell["source"]), found)
    return found


def closed_curves(rng):
    """Network inputs that nobody thought of."""
    x = rng.normal(size=(100, 33, 2)).astype(np.float32)
    x[:, -1] = x[:, 0]
    return x


def same_network(plain, ours, x):
    plain.set_weights(ours.get_weights())
    np.testing.assert_allclose(
        evaluation.outputs(plain, x.reshape(len(x), *plain.input_shape[1:])),
        evaluation.outputs(ours, x),
        atol=1e-5,
    )


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_the_chapter_on_windings_shows_what_is_true_of_rings(rng):
    page = shown("00_why_winding.ipynb")
    a, b = chiral.sample(20, rng, cutoff=3).values()
    curves = chiral.curve(a, b, links=30)
    for z in curves:
        q = np.fft.fft(z[:-1]) / 30
        ring = page["energies"]({n: q[n] for n in range(-3, 4)}, 30, closed=True)
        np.testing.assert_allclose(ring, np.sort(np.r_[-np.abs(z[1:]), np.abs(z[1:])]), atol=1e-12)
    fine = chiral.curve(a, b, links=4096)
    zak = [page["zak_phase"](z) for z in fine]
    np.testing.assert_allclose(np.exp(1j * np.array(zak)), (-1.0) ** winding.winding_number(fine))


def test_the_chapter_on_networks_descends_as_keras_does(rng):
    page = shown("00b_networks.ipynb")
    x, w = rng.normal(size=(50, 2)), rng.normal(size=50)
    start = np.array([1.0, -2.0])
    for way, optimizer in [("descend", "SGD"), ("adam", "Adam")]:
        path = page[way](start, x, w, 0.1, 5)
        a = networks.keras.Variable(start.astype("float32"))
        rule = getattr(networks.keras.optimizers, optimizer)(learning_rate=0.1)
        for point in path[1:]:
            rule.apply([page["gradient"](np.asarray(a, float), x, w).astype("float32")], [a])
            np.testing.assert_allclose(np.asarray(a), point, atol=1e-5)


def test_chapter_1_shows_what_windlib_does(rng):
    page = shown("01_ssh_shortcut.ipynb")
    chains = ssh.sample(1000, rng)
    curves = ssh.curve(**chains)
    np.testing.assert_allclose(page["ssh_curve"](**chains), curves, atol=1e-12)
    assert np.array_equal(page["winding_number"](curves), winding.winding_number(curves))
    x = closed_curves(rng)
    same_network(page["linear_model"](), networks.fully_connected(widths=()), x)


def test_chapter_2_shows_what_windlib_does(rng):
    page = shown("02_general_aiii.ipynb")
    chains = chiral.sample(1000, rng)
    curves = chiral.curve(**chains)
    np.testing.assert_allclose(page["fourier_curve"](**chains), curves, atol=1e-12)
    # What windlib's sampler keeps is just what has enough sign changes by the page's count.
    kept = chiral.curve(**chiral.sample(1000, rng, winding_at_least=3))
    assert page["sign_changes"](kept.real).min() == page["sign_changes"](kept.imag).min() == 6
    x = closed_curves(rng)
    same_network(page["convolutional_model"](), networks.convolutional(), x)


def test_chapter_4_shows_what_windlib_does(rng):
    page = shown("04_hatano_nelson.ipynb")
    chains = hatano_nelson.sample(1000, rng, hopping_lengths=(1, 2, 3, 4, 5))
    np.testing.assert_allclose(
        page["energy_curve"](**chains), hatano_nelson.curve(**chains), atol=1e-12
    )


def test_chapter_5_shows_what_windlib_does(rng):
    page = shown("05_nonhermitian_ssh.ipynb")
    page["winding_number"] = winding.winding_number
    chains = nonhermitian_ssh.sample(1000, rng)
    curves, exact = (f(**chains) for f in (nonhermitian_ssh.curve, nonhermitian_ssh.exact_winding))
    np.testing.assert_allclose(page["energy_squared"](**chains), curves, atol=1e-12)
    assert np.array_equal(page["exact_winding"](**chains), exact)
    assert np.array_equal(page["rule_of_three_points"](curves), exact)
    distance = nonhermitian_ssh.phase_boundary_distance(**chains)
    np.testing.assert_allclose(page["boundary_distance"](**chains), distance, atol=1e-12)
    # Both phases are random: the links' angles have the same distribution, for one curve.
    many = np.repeat(curves[exact == 1][:1], 4000, axis=0)
    x = augmentation.random_phases(datasets.network_input(many), 3)
    both = page["random_phases"](many, rng), x[..., 0] + 1j * x[..., 1]
    angles = [winding.link_angles(z, closure=1e-6) for z in both]
    deciles = [np.quantile(a, np.linspace(0.1, 0.9, 9)) for a in angles]
    np.testing.assert_allclose(*deciles, atol=0.03)
    assert all((np.rint(a.sum(axis=1) / (2 * np.pi)) == 1).all() for a in angles)


def test_the_chapter_on_open_chains_counts_their_zero_modes(rng):
    page = shown("05b_open_chains.ipynb")
    page["winding_number"] = winding.winding_number
    # Chains with ends have zero modes where the page's winding on another circle is 1.
    for t, delta in rng.uniform(0, 2.5, (40, 2)):
        wound = page["non_bloch_winding"](t, delta)
        assert wound == (abs(t**2 - delta**2) < 1)
        h = np.diag(np.tile([t - delta, 1.0], 4)[:-1], 1) + np.diag(
            np.tile([t + delta, 1.0], 4)[:-1], -1
        )
        both = np.linalg.eigvals(h), page["open_energies"](t, delta, 4)
        squares = [np.sort_complex(np.round(energies**2, 7)) for energies in both]
        np.testing.assert_allclose(*squares, atol=1e-6)
    # Growth by r from cell to cell turns the open chain into a reciprocal one, complex or not.
    for t, delta in rng.uniform(-2, 2, (40, 2)):
        r = np.emath.sqrt((t + delta) / (t - delta))
        grown = np.kron(r ** np.arange(4), [1, r])
        h = nonhermitian_ssh.matrix(t, delta, 4, periodic=False) / grown[:, None] * grown
        np.testing.assert_allclose(h, h.T, atol=1e-9)
        np.testing.assert_allclose(h[0, 1] ** 2, t**2 - delta**2, atol=1e-9)


def test_chapter_6_shows_what_windlib_does(rng):
    page = shown("06_nonhermitian_aah.ipynb")
    rings = aah.sample(200, rng, h=0.9) | {"base_energy": rng.uniform(-2, 2, (200, 2)) @ [1, 1j]}
    *place, energy = (rings[name] for name in ("h", "V1", "V2", "base_energy"))
    det, log_scale = page["determinants"](rings["alpha"], *page["quasiperiodic"](*place), energy)
    ours, ours_scale = aah.determinants(**rings)
    np.testing.assert_allclose(det * np.exp(log_scale - ours_scale)[:, None], ours, atol=1e-10)
    winds = page["lyapunov_exponent"](*place, energy) < rings["alpha"]
    assert np.array_equal(winds, aah.exact_winding(**rings) == 1)


def test_chapter_7_shows_what_windlib_does(rng):
    page = shown("07_nonhermitian_dirac.ipynb")
    page["link_angles"] = winding.link_angles
    loops = dirac.sample(1000, rng)
    x, y = rng.uniform(-3, 3, (2, 1000))
    m, kappa = loops["m"], loops["kappa"]
    np.testing.assert_allclose(
        page["squared_gap"](x + 1j * y, m, kappa), dirac.squared_gap(x + 1j * y, m, kappa)
    )
    np.testing.assert_allclose(page["curve_along"](**loops), dirac.curve(**loops), atol=1e-9)
    meet = kappa > np.abs(m)
    found = page["exceptional_point"](m[meet], kappa[meet])
    np.testing.assert_allclose(found, dirac.exceptional_points(m[meet], kappa[meet])[0], atol=1e-9)
    k_plus, _ = dirac.exceptional_points([1.0], [3.0])
    z = dirac.curve([1.0], [3.0], k_plus, links=400)[0]
    np.testing.assert_allclose(page["followed"](z), nonhermitian_dirac.pair_switching())


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


def test_chapter_9_shows_what_windlib_does(rng):
    page = shown("09_your_own_system.ipynb")
    k = np.linspace(0, 2 * np.pi, 65)
    q = rng.normal(size=(3, 2, 2)) + 1j * rng.normal(size=(3, 2, 2))
    q[2] += 6 * np.eye(2)  # a wide gap, and two turns
    hoppings = {r: np.kron([[0, 1], [0, 0]], q[r + 1]) for r in (-1, 0, 1)}
    hoppings = {r: hoppings[r] + hoppings[-r].conj().T for r in hoppings}
    found = bloch.diagnose(hoppings)
    h = sum(t * np.exp(1j * r * k)[:, None, None] for r, t in hoppings.items())
    curve = page["det_q"](h, found.chiral_operator)
    np.testing.assert_array_equal(winding.winding_number(curve), found.winding)
    gamma = np.tile([1, 1, -1, -1], 7)
    ring = bloch.diagnose_ring(page["cut_out"](hoppings, 7, ring=True), chiral=gamma)
    assert ring.winding == found.winding
    energies = np.linalg.eigvalsh(page["cut_out"](hoppings, 60, ring=False))
    assert np.count_nonzero(np.abs(energies) < 1e-3) == 2 * abs(found.winding)
    assert bloch.diagnose(page["with_positions"]((0.1, 0.4)), positions=(0.1, 0.4)).winding == 1


def test_chapter_10_shows_noise_that_closes(rng):
    page = shown("10_your_own_data.ipynb")
    curve = np.exp(1j * np.linspace(0, 2 * np.pi, 33))[None] * np.ones((500, 1))
    found = page["noisy"](curve, 0.1, rng)
    np.testing.assert_allclose(np.abs(found), 1)
    np.testing.assert_array_equal(found[:, 0], found[:, -1])
    turned = np.angle(found[:, 1:] * found[:, :-1].conj()) - 2 * np.pi / 32
    assert np.isclose(turned.std(), 0.1 * np.sqrt(2), rtol=0.05)  # two ends, one component each


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_outputs_stored(path):
    code = cells(path.name)
    lengths = {c["id"]: "".join(c["source"]).count("\n") + 1 for c in code}
    assert max(lengths.values()) <= 18
    assert statistics.median([lengths[c["id"]] for c in code if is_open(c)] or [0]) <= 8
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    kinds = {(o["output_type"], o.get("name")) for c in code for o in c["outputs"]}
    assert not kinds & {("error", None), ("stream", "stderr")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_import_only_what_windlibs_wheel_brings(path):
    """A reader who has installed windlib, and no more than that, can run them."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())["project"]
    brought = {re.match(r"[\w-]+", needed)[0] for needed in project["dependencies"]}
    lines = [line for c in cells(path.name) for line in "".join(c["source"]).splitlines()]
    imported = re.findall(r"^\s*(?:import|from) (\w+)", "\n".join(lines), re.M)
    assert "windlib" in imported
    assert set(imported) <= {"windlib", *brought, *sys.stdlib_module_names}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_windlib_is_imported_before_keras(path):
    """Or TensorFlow's notices, which windlib turns off, would stand on the page."""
    lines = [line for c in cells(path.name) for line in "".join(c["source"]).splitlines()]
    imported = re.findall(r"^(?:import|from) (windlib|keras|tensorflow)\b", "\n".join(lines), re.M)
    assert not imported or imported[0] == "windlib"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_rounding_is_shown_as_a_result(path):
    outputs = [o for c in cells(path.name) for o in c["outputs"]]
    kinds = ("text/plain", "text/markdown", "text/html")
    texts = [o.get("text", []) for o in outputs]
    texts += [o["data"].get(kind, []) for o in outputs if "data" in o for kind in kinds]
    shown = "\n".join("".join(text) for text in texts)
    assert not [found for found in near_rounding(shown) if found not in COMPUTED]


# Small numbers that are no differences: their digits are the formula's, on every processor.
COMPUTED = {"7e-16"}  # chapter 6: 1 − tanh αL, as 2 / (exp 2αL + 1)


def near_rounding(text):
    """Numbers below 1e-9 but for powers of ten, which are bounds."""
    e = [m[0] for m in re.finditer(r"(?<![\w.])\d+(?:\.\d*)?e-\d+", text) if 0 < float(m[0]) < 1e-9]
    raised = re.findall(r"\d+(?:\.\d*)?·10⁻(?:[¹²³⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    return [n for n in e if not re.fullmatch(r"1(?:\.0*)?e-\d+", n)] + raised


def test_what_is_rounding_is_told_from_what_is_a_bound():
    rounding = "a 5e-15 b 3.0e-11, 4.63e-15; 12.5e-13 2·10⁻¹⁵ [1.e-12 9.9e-16]"
    assert len(near_rounding(rounding)) == 6
    assert not near_rounding("to 1e-12: True; 1.0e-10; 4e-08; λ = 3·10⁻⁴; 10⁻²¹; 0e-15; c07e-11")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_has_a_caption_a_name_and_a_description(path):
    for cell in cells(path.name):
        shown = [o.get("data", {}) for o in cell["outputs"]]
        assert not any("image/png" in data for data in shown)  # a drawing needs no second picture
        if any('class="drawing"' in "".join(data.get("text/html", "")) for data in shown):
            about = cell["metadata"]["mystnb"]
            assert about["figure"]["name"].startswith("fig-")
            assert len(about["figure"]["caption"].split()) >= 8
            assert len(about["image"]["alt"].split()) >= 12


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_letters_in_figures_are_of_the_pages_font(path):
    """Matplotlib takes some signs from fonts that have them in another letter's place."""
    outputs = [o.get("data", {}) for c in cells(path.name) for o in c["outputs"]]
    drawings = "".join("".join(data.get("text/html", "")) for data in outputs)
    assert not re.findall(r"font-family: '[^>]*>[^<]*", drawings)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_panel_is_named_by_its_side(path):
    """On a phone the panels of a figure stand one below the other."""
    about = [c["metadata"].get("mystnb", {}).get("figure", {}) for c in cells(path.name)]
    text = "\n".join(figure.get("caption", "") for figure in about)
    text += "".join(re.findall(r"^```\{live\}.*?^```", markdown(path), re.M | re.S))
    text = re.sub(r"P\d, [^)]*Fig\. \w+, (left|right)\)", "", text)  # the paper's own panels
    text += "".join(re.findall(r"\{numref\}`[^`]*`, \w+\)", markdown(path)))
    side = r"\((left|right)\b|\b(Left|Middle|Right)\b[:,]|\b[Ll]eft on\b|`, (left|right)\)|, right,"
    assert not re.findall(side, text)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_have_the_books_form(path):
    text = "\n".join("".join(c["source"]) for c in cells(path.name, "markdown"))
    for part in (
        "What you will learn",
        "**What is new.**",
        "The question",
        "## Summary",
        "## Versions and checks",
    ):
        assert part in text, part
    exercises = re.findall(r"^\d+\. ", text.split("## Exercises")[1], flags=re.M)
    assert len(exercises) == text.count("admonition} Solution") >= 3


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_what_is_new_is_said_in_three_sentences(path):
    first = "".join(cells(path.name, "markdown")[0]["source"])
    (new,) = re.findall(r"^\*\*What is new\.\*\* (.*)$", first, flags=re.M)
    assert 1 <= len(re.findall(r"[.!?](?=\s|$)", new)) <= 3


def markdown(path):
    return "\n".join("".join(c["source"]) for c in cells(path.name, "markdown"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_ask_before_they_answer(path):
    text = markdown(path)
    warm_ups = re.findall(r"^(\d+)\. \*\(Paper and pencil\.\)\*", text, flags=re.M)
    assert warm_ups == ["1", "2"]
    assert "{admonition} Predict first" in text.split("## Summary")[0]
    questions = text.split("## Check yourself")[1].split("## Exercises")[0]
    assert len(re.findall(r"^\*\*\d\.\*\*", questions, flags=re.M)) == 2
    assert questions.count("```{dropdown} Answer") == 2
    solved = re.findall(r"admonition\} Solution (\d+)", text)
    assert solved == [str(n + 1) for n in range(len(solved))]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_reading_times_are_those_of_200_words_a_minute(path):
    text = re.sub(r"```\{admonition\} Solution.*?```", "", markdown(path), flags=re.DOTALL)
    stated = int(re.search(r"^Reading time: (\d+) minutes\.", text, flags=re.M)[1])
    assert stated == max(1, round(len(text.split()) / 200))
