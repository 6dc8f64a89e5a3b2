"""The page on how the book is tested shows the records of `make soak`, and types no number."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parent.parent
RECORDS = {path.stem: json.loads(path.read_text()) for path in ROOT.glob("book/soak/*.json")}
PAGE = (ROOT / "book" / "robustness.md").read_text()
RECORD = {
    "date": "2026-11-25",
    "command": "python -m soak truth",
    "machine": "2 x86-64 cores",
    "versions": {"Python": "3.11.7"},
    "tables": [
        {
            "caption": "What was asked.",
            "columns": ["check", "cases", "seconds", "remark"],
            "rows": [["|w| = 1", 100_000, 1.23456, None], ["`w`", 0, 12, ""]],
        }
    ],
}


@pytest.fixture
def page(monkeypatch):
    """The extension that makes the tables."""
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_extensions"))
    import robustness_page

    yield robustness_page
    for name in ("robustness_page", "records"):
        del sys.modules[name]


def test_a_record_becomes_tables_and_a_line_on_where_it_comes_from(page):
    text = page.markdown("truth", RECORD)
    assert text.splitlines() == [
        ":::{table} What was asked.",
        "",
        "| check | cases | seconds | remark |",
        "|---|---|---|---|",
        r"| \|w\| = 1 | 100,000 | 1.23 | – |",
        "| `w` | 0 | 12 |  |",
        ":::",
        "",
        "*Measured on 2026-11-25 by `python -m soak truth` on 2 x86-64 cores, with Python 3.11.7.*",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tables": [{"caption": "A.", "columns": ["a", "b"], "rows": [["1"]]}]},
        {"remark": "more than is shown"},
    ],
)
def test_a_record_that_is_not_whole_ends_the_build(page, wrong):
    with pytest.raises(ExtensionError, match=r"truth\.json"):
        page.markdown("truth", RECORD | wrong)


def test_every_record_is_on_the_page(page):
    assert sorted(page.MARK.findall(PAGE)) == sorted(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_can_be_shown(page, name):
    assert page.markdown(name, RECORDS[name]).count(":::{table}") == len(RECORDS[name]["tables"])


def test_no_number_is_typed():
    assert not re.findall(r"\d", re.sub(r"`[^`]*`", "", PAGE))


@pytest.fixture
def processors(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("soak.processors")


def test_make_test_compares_the_notebooks_with_the_instructions_that_soak_calls_avx2(processors):
    makefile = (ROOT / "Makefile").read_text()
    for name, value in processors.settings("AVX2", 2).items():
        assert re.search(rf'\b{name}="?{re.escape(value)}"?(\s|$)', makefile), name


@pytest.mark.parametrize(
    ("code", "printed", "expected"),
    [
        (0, "....\n1305 passed in 2.00s\n", (1305, 0, "")),
        (1, "FAILED a::b - x\n1 failed, 3 passed, 2 errors in 2s\n", (3, 3, "FAILED a::b - x")),
        (4, "no such option: --nudge\n", (None, 1, "")),
        (-9, "", (None, 1, "")),
    ],
)
def test_what_a_run_of_the_tests_came_to(processors, code, printed, expected):
    run = subprocess.CompletedProcess([], code, printed, "")
    assert processors.outcome(run) == expected


def test_verify_names_what_is_wrong_line_by_line(processors):
    run = subprocess.CompletedProcess([], 1, "", "a seed 0: first loss\nb seed 1: no file\n")
    assert processors.outcome(run) == (None, 2, "a seed 0: first loss")
    assert processors.outcome(subprocess.CompletedProcess([], 0, "", "")) == (None, 0, "")
