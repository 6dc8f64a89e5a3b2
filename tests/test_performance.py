"""The performance page shows what the benchmarks wrote, and the README claims nothing else."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RESULTS = {path.stem: json.loads(path.read_text()) for path in ROOT.glob("book/performance/*.json")}
README = (ROOT / "README.md").read_text()


@pytest.fixture
def page(monkeypatch):
    """The extension that makes the tables."""
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_extensions"))
    import performance_page

    yield performance_page
    del sys.modules["performance_page"]


def test_make_bench_runs_every_benchmark_that_the_page_shows(page):
    made = re.search(r"^BENCHMARKS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    shown = page.MARK.findall((ROOT / "book" / "performance.md").read_text())
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
    (row,) = (row for row in rows if row["name"] == name)
    return row[key]


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
    speed = " ".join(README.split("And the speed")[1].split("##")[0].split())
    assert RESULTS["training"]["date"] in speed
    for median, least, most in claims:
        assert f"{median:,.0f} times ({least:,.0f} to {most:,.0f})" in speed
    others = [1 / _value(rows, "JAX, by hand")[0] for rows in networks.values() if rows is not cnn]
    assert f"other three networks {min(others):.1f} to {max(others):.1f} times" in speed
    median, least, most = _value(cnn, "JAX, by hand")
    assert f"{1 / median:.1f} times as long ({1 / most:.1f} to {1 / least:.1f})" in speed


def _range(values):
    return f"{min(values):.1f} to {max(values):.1f} times"


def test_the_pages_sentences_are_those_of_its_tables():
    page = " ".join((ROOT / "book" / "performance.md").read_text().split())
    networks = {network["network"]: network["rows"] for network in RESULTS["training"]["networks"]}
    jax = [[1 / v for v in _value(rows, "JAX, by hand")] for rows in networks.values()]
    torch = [_value(rows, "PyTorch, eager") for rows in networks.values()]
    assert max(median for median, _, _ in jax) <= 1.15
    assert min(median for median, _, _ in torch) >= 15
    assert f"meet both for all four networks: ours takes {_range([j[0] for j in jax])}" in page
    assert f"single rounds go up to {max(longest for _, longest, _ in jax):.2f} times" in page
    assert f"down to {min(least for _, least, _ in torch):.0f} times with PyTorch" in page
    whole = [1 / _value(rows, "JAX, by hand", "total ratio")[0] for rows in networks.values()]
    assert f"The whole of a training takes {_range(whole)}" in page
    without = [
        _value(rows, "JAX, by hand, without YNNPACK")[0]
        for network, rows in networks.items()
        if network != "P1, fully connected"
    ]
    assert f"its convolutional networks take {_range(without)} as long as ours" in page
    epoch = _value(networks["P1, fully connected"], "windlib.training.fit", "seconds")[0]
    assert f"26 MB in every {1000 * epoch:.0f} milliseconds" in page


def test_what_the_page_says_of_many_runs_is_in_its_table():
    page = " ".join((ROOT / "book" / "performance.md").read_text().split())
    dask = [row for row in RESULTS["many"]["rows"] if "scheduler" in row["peak"]]
    few, *_, many = dask
    assert (few["runs"], many["runs"]) == (100, 10_000)
    rates = [row["rate"] for row in dask]
    assert max(rates) < 1.15 * min(rates)  # "to a tenth"
    grown = {name: many["peak"][name] - few["peak"][name] for name in few["peak"]}
    assert f"the scheduler grows by {grown['scheduler']:.0f} MB" in page
    assert f"the process that gave the command by {grown['caller']:.0f}." in page
    runs_of_a_worker = (many["runs"] - few["runs"]) / 3
    assert grown["worker"] / runs_of_a_worker < 0.3


def test_what_the_page_says_of_sampling_is_in_its_tables():
    page = " ".join((ROOT / "book" / "performance.md").read_text().split())
    plain, alone = "plain NumPy", "their random numbers alone"
    million, _, windings = (task["rows"] for task in RESULTS["sampling"]["tasks"])
    for rows in (million, windings):  # "about as long"
        assert 0.8 < _value(rows, plain)[0] < 1.25
    share = _value(million, alone, "seconds")[0] / _value(million, plain, "seconds")[0]
    assert f"their random numbers take {100 * share:.0f} % of NumPy's time" in page
