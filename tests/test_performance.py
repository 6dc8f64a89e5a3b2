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


def _ratio(rows, name):
    (row,) = (row for row in rows if row["name"] == name)
    return row["ratio"]


def test_the_readmes_speeds_are_those_of_the_page():
    networks = {network["network"]: network["rows"] for network in RESULTS["training"]["networks"]}
    cnn = networks["P1, convolutional"]
    four = next(t for t in RESULTS["sampling"]["tasks"] if "|w| = 4" in t["task"])
    claims = [
        *(
            _ratio(cnn, name)
            for name in ("Keras fit, as it comes", "Keras fit, best settings", "PyTorch, eager")
        ),
        _ratio(four["rows"], "plain NumPy"),
        _ratio(RESULTS["determinants"]["rows"], "numpy.linalg.slogdet"),
    ]
    speed = " ".join(README.split("And the speed")[1].split("##")[0].split())
    assert RESULTS["training"]["date"] in speed
    for median, least, most in claims:
        assert f"{median:,.0f} times ({least:,.0f} to {most:,.0f})" in speed
    others = [1 / _ratio(rows, "JAX, by hand")[0] for rows in networks.values() if rows is not cnn]
    assert f"other three networks {min(others):.1f} to {max(others):.1f} times" in speed
    median, least, most = _ratio(cnn, "JAX, by hand")
    assert f"{1 / median:.1f} times as long ({1 / most:.1f} to {1 / least:.1f})" in speed
