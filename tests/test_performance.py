"""The performance page shows what the benchmarks wrote, and the README claims nothing else."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
RESULTS = {path.stem: json.loads(path.read_text()) for path in ROOT.glob("book/performance/*.json")}
README = (ROOT / "README.md").read_text()
PAGE = (ROOT / "book" / "performance.md").read_text()


@pytest.fixture
def page(monkeypatch):
    """The extension that makes the tables."""
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_extensions"))
    import performance_page

    yield performance_page
    for name in ("performance_page", "records"):
        del sys.modules[name]


def test_make_bench_runs_every_benchmark_that_the_page_shows(page):
    made = re.search(r"^BENCHMARKS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    shown = page.MARK.findall(PAGE)
    assert sorted(made.split()) == sorted(shown) == sorted(RESULTS) == sorted(page.TABLES)


@pytest.mark.parametrize("name", RESULTS)
def test_each_table_says_where_when_and_by_what_it_was_made(page, name):
    found = RESULTS[name]
    text = page.markdown(name, found)
    assert f"`python benchmarks/{name}.py" in text
    assert re.search(r"on 20\d\d-\d\d-\d\d by", text)
    assert found["machine"] in text
    assert "numpy" in text
    assert text.count(":::{table}") == text.count("\n:::\n") > 0


def test_numbers_have_three_digits(page):
    written = [page.number(v) for v in (12345.6, 999.7, 123.45, 1.2345, 0.0123, 1.5e-6, 30)]
    assert written == ["12,346", "1,000", "123", "1.23", "0.0123", "1.5 × 10⁻⁶", "30.0"]


def _value(rows, name, key="ratio"):
    return {row["name"]: row[key] for row in rows}[name]


def _says(text, sentence):
    assert sentence in " ".join(text.split()), (
        f"{sentence!r} is not in the text, which speaks of other measurements than the tables: "
        "write it anew, or restore book/performance/"
    )


def _span(values, digits=1):
    return f"{min(values):.{digits}f} to {max(values):.{digits}f} times"


def test_the_readmes_speeds_are_those_of_the_page():
    networks = {network["network"]: network["rows"] for network in RESULTS["training"]["networks"]}
    cnn = networks["P1, convolutional"]
    four = next(t for t in RESULTS["sampling"]["tasks"] if "|w| = 4" in t["task"])
    claims = [
        *(
            _value(cnn, name)
            for name in ("Keras fit, as it comes", "Keras fit, best settings", "PyTorch, eager")
        ),
        _value(four["rows"], "plain NumPy"),
        _value(RESULTS["determinants"]["rows"], "numpy.linalg.slogdet"),
    ]
    speed = README.split("And the speed")[1].split("##")[0]
    _says(speed, RESULTS["training"]["date"])
    for median, least, most in claims:
        _says(speed, f"{median:,.0f} times ({least:,.0f} to {most:,.0f})")
    others = [1 / _value(rows, "JAX, by hand")[0] for rows in networks.values() if rows is not cnn]
    _says(speed, f"other three networks {_span(others)}")
    median, least, most = _value(cnn, "JAX, by hand")
    _says(speed, f"{1 / median:.1f} times as long ({1 / most:.1f} to {1 / least:.1f})")


def test_what_the_page_says_of_training_is_in_its_tables():
    networks = {network["network"]: network["rows"] for network in RESULTS["training"]["networks"]}

    def ratios(name, key="ratio"):
        """Median, least and most of the four networks."""
        return zip(*(_value(rows, name, key) for rows in networks.values()), strict=True)

    def jax(key):
        return [[1 / value for value in values] for values in ratios("JAX, by hand", key)]

    median, longest, _ = jax("ratio")
    assert max(median) <= 1.15
    _says(PAGE, f"Ours takes {_span(median)} as long as JAX's")
    _says(PAGE, f"single rounds go up to {max(longest):.2f} times with JAX")
    whole, *_ = jax("total ratio")
    _says(PAGE, f"The whole of a training takes {_span(whole)} as long as JAX's")
    assert sorted(whole)[-2] <= 1.15
    epoch = {n: _value(rows, "windlib.training.fit", "seconds")[0] for n, rows in networks.items()}
    assert min(epoch, key=epoch.get) == list(networks)[np.argmax(whole)] == "P2, phase diagrams"
    _says(PAGE, f"whose epochs are the shortest, misses 1.15 with {max(whole):.2f}")
    median, least, _ = ratios("PyTorch, eager")
    assert min(median) >= 15
    _says(PAGE, f"PyTorch takes {_span(median, 0)} as long as ours")
    _says(PAGE, f"none falls below {np.floor(min(least)):.0f} times with PyTorch")
    whole, *_ = ratios("PyTorch, eager", "total ratio")
    _says(PAGE, f"PyTorch's takes {_span(whole, 0)} as long as ours")
    usual, *_ = ratios("Keras fit, as it comes")
    best, *_ = ratios("Keras fit, best settings")
    assert min(usual) >= 15
    assert min(best) >= 6
    as_it_comes = _span(usual, 0)
    _says(PAGE, f"`fit` as it comes {as_it_comes} and at its best settings {_span(best, 0)}")
    slow, *_ = ratios("JAX, by hand, without YNNPACK")
    without = [r for r, network in zip(slow, networks, strict=True) if "fully" not in network]
    assert len(without) == 3
    _says(PAGE, f"its convolutional networks take {_span(without)} as long as ours")
    same, *_ = ratios("the same, with YNNPACK")
    assert 0.9 < min(same) <= max(same) < 1.1  # "about as long there as before"
    _says(PAGE, f"26 MB in every {1000 * epoch['P1, fully connected']:.0f} milliseconds")


def test_what_the_page_says_of_sampling_and_determinants_is_in_its_tables():
    plain, alone = "plain NumPy", "their random numbers alone"
    found = RESULTS["sampling"]
    million, four, windings = (task["rows"] for task in found["tasks"])
    assert found["draws"] == 5_000_000
    _says(PAGE, f"is uncertain by {100 / found['found'] ** 0.5:.0f} % beyond")
    _says(PAGE, f"For |w| = 4 it is {_value(four, plain)[0]:.0f} times")
    for rows in (million, windings):  # "about as long"
        assert 0.8 < _value(rows, plain)[0] < 1.25
    share = _value(million, alone, "seconds")[0] / _value(million, plain, "seconds")[0]
    _says(PAGE, f"their random numbers take {100 * share:.0f} % of NumPy's time")
    rings = RESULTS["determinants"]
    assert _value(rings["rows"], "numpy.linalg.slogdet")[0] >= 1000
    in_turn = _value(rings["rows"], "windlib.aah.determinants", "seconds")[0]
    assert rings["sites"]["89"][0] < in_turn  # "take less than in the first"
    assert 0.9 < rings["exponent"] < 1.1  # "linearly", says the README


def test_what_the_page_says_of_growing_costs_is_in_its_tables():
    links, _, processes = RESULTS["scaling"]["studies"]
    assert links["exponent"] < 0.9  # "less than linearly"
    one, two = (seconds[0] for seconds in processes["sizes"].values())
    _says(PAGE, f"Two processes need {two / one:.2f} of one's time")
    limit = RESULTS["scaling"]["limit"]["ratio"][0]
    _says(PAGE, f"An epoch takes {limit:.1f} times as long as a large matrix product")


def test_what_the_page_says_of_many_runs_is_in_its_table():
    few, *_, many = (row for row in RESULTS["many"]["rows"] if "scheduler" in row["peak"])
    assert (few["runs"], many["runs"]) == (100, 10_000)
    assert abs(many["rate"] / few["rate"] - 1) < 0.1
    grown = {name: many["peak"][name] - few["peak"][name] for name in few["peak"]}
    _says(PAGE, f"the scheduler grows by {grown['scheduler']:.0f} MB")
    _says(PAGE, f"the process that gave the command by {grown['caller']:.0f}.")
    assert grown["worker"] / ((many["runs"] - few["runs"]) / 3) < 0.3  # of three workers
