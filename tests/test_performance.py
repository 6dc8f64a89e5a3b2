"""The performance page shows what the benchmarks wrote, in its tables and in its sentences."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RESULTS = {path.stem: json.loads(path.read_text()) for path in ROOT.glob("book/performance/*.json")}
PAGE = (ROOT / "book" / "performance.md").read_text()


@pytest.fixture
def page(monkeypatch):
    """The extension that makes the tables."""
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_extensions"))
    import performance_page

    yield performance_page
    for name in ("performance_page", "records"):
        del sys.modules[name]


def test_make_runs_every_benchmark_that_the_page_shows(page):
    made = re.search(r"^BENCHMARKS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    shown = page.MARK.findall(PAGE)
    made = [*made.split(), "book"]  # the last by `make times`
    assert sorted(made) == sorted(shown) == sorted(RESULTS) == sorted(page.TABLES)


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


@pytest.fixture
def facts(page):
    """Numbers for sentences, by name, from the records."""
    import facts

    yield facts
    del sys.modules["facts"]


def test_a_span_and_a_median_in_a_sentence(facts):
    assert facts.span([1.04, 1.13, 0.94]) == "0.9 to 1.1"
    assert facts.span([42.4, 80.4]) == "42 to 80"
    assert facts.span([9.96, 10.4]) == "10"  # both ends look alike
    assert facts.about([1385.2, 1111.4, 1661.0]) == "1,385 (1,111 to 1,661)"


def test_numbers_in_sentences_are_those_of_the_records(facts):
    training = json.loads(json.dumps(RESULTS["training"]))
    rows = {n["network"]: {r["name"]: r for r in n["rows"]} for n in training["networks"]}
    for name, network in zip((2, 4, 8, 16), rows.values(), strict=True):  # known ratios
        network["PyTorch, eager"]["ratio"] = [name, name / 2, 3 * name]
        network["JAX, by hand"]["ratio"] = [name / 8, name / 10, name / 4]
    found = facts.READERS["training"](training)
    assert found["pytorch"] == "2.0 to 16"
    assert found["pytorch_at_least"] == "1.0"
    assert found["pytorch_first"] == "2.0 (1.0 to 6.0)"
    assert found["to_jax"] == "0.5 to 4.0"
    assert found["to_jax_at_most"] == "5.00"
    assert found["to_jax_first"] == "4.0 (2.0 to 5.0)"
    assert found["to_jax_others"] == "0.5 to 2.0"


def test_a_rival_that_was_not_there_is_not_measured(facts):
    training = json.loads(json.dumps(RESULTS["training"]))
    for network in training["networks"]:
        network["rows"] = [r for r in network["rows"] if "JAX" not in r["name"]]
    found = facts.READERS["training"](training)
    assert found["to_jax"] == found["jax_plain_convolutional"] == "(not measured)"
    assert "not" not in found["pytorch"]


def test_every_name_in_a_sentence_has_a_number(facts):
    named = set(re.findall(r"\{\{ (\w+) \}\}", PAGE))
    assert len(named) > 10
    assert named <= set(facts.facts(ROOT / "book" / "performance"))


def test_every_aim_counts_the_networks_that_meet_it(page):
    rows = [
        {"rows": [{"name": "PyTorch, eager", "ratio": [ratio, 0, 0]}]} for ratio in (15.0, 14.9, 90)
    ]
    assert "| PyTorch, eager | 15.0 | 2 of 3 networks |" in page._aims(rows)


def test_the_summary_has_one_number_for_each_network_and_none_for_who_was_not_there(page):
    rows = {"A": {"ours": 1.0, "JAX, by hand": 1.25}, "B": {"ours": 1.0}}
    networks = [
        {"network": n, "rows": [{"name": k, "ratio": [v, 0, 99]} for k, v in known.items()]}
        for n, known in rows.items()
    ]
    assert "| JAX, by hand | 1.25 | – |" in page._summary(networks)


def test_a_time_that_falls_has_a_power_with_a_minus_sign(page):
    sizes = {"1": [4.0, 3.0, 5.0], "2": [2.0, 1.0, 3.0]}
    text = page._grown([{"study": "processes, seconds", "sizes": sizes, "exponent": -1.0}])
    assert "| processes: 1 | 4.00 (3.00–5.00) | −1.00 |" in text
    assert "| processes: 2 | 2.00 (1.00–3.00) |  |" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.00312, "0.0031 s"), (22, "22 s"), (59.7, "1 min"), (290, "4 min 50 s")],
)
def test_times_in_words(page, seconds, words):
    assert page.time(seconds) == words
