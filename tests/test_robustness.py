"""The page on how the book is tested shows the records of `make soak`, and types no number."""

import json
import re
import sys
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

from soak import long_tests, mutants

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
    empty = {"caption": "What has not run yet.", "columns": ["check"], "rows": []}
    text = page.markdown("truth", RECORD | {"tables": [*RECORD["tables"], empty]})
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
    ("first", "second", "option"),
    [
        (30, 60, None),
        (30, 61, ":class: long named"),
        (31, 61, ":class: long"),
        (61, 1, ":class: long"),
    ],
)
def test_a_table_of_long_lines_lets_them_break_but_not_its_names(page, first, second, option):
    one = {"caption": "A.", "columns": ["name", "text"], "rows": [["x" * first, "x" * second]]}
    lines = page.markdown("mutants", RECORD | {"tables": [one]}).splitlines()
    assert lines[1] == (option or "")
    assert "| name | text |" in lines


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
    filled = [table for table in RECORDS[name]["tables"] if table["rows"]]
    assert filled
    assert page.markdown(name, RECORDS[name]).count(":::{table}") == len(filled)


def test_every_long_test_is_in_its_record():
    lines = """
tests/test_import.py::test_closed_outputs_are_left_alone[>&- 2>&-] PASSED [ 50%]
tests/test_workers.py::test_a_killed_worker_loses_nothing FAILED         [100%]
============ 1 failed, 1 passed in 3.00s ============
"""
    found = long_tests.outcomes(lines)
    assert found == [
        ("tests/test_import.py::test_closed_outputs_are_left_alone[>&- 2>&-]", "PASSED"),
        ("tests/test_workers.py::test_a_killed_worker_loses_nothing", "FAILED"),
    ]
    found.append(("tests/test_import.py::test_closed_outputs_are_left_alone[2>&-]", "FAILED"))
    assert long_tests.by_test(found) == [
        ["`tests/test_import.py::test_closed_outputs_are_left_alone`", "1 failed, 1 passed"],
        ["`tests/test_workers.py::test_a_killed_worker_loses_nothing`", "1 failed"],
    ]


def test_no_number_is_typed():
    assert not re.findall(r"\d", re.sub(r"`[^`]*`", "", PAGE))


def test_every_archived_network_was_computed_a_second_time():
    kinds = RECORDS["truth"]["tables"][1]["rows"]
    archived = list(ROOT.glob("windlib/trained/*.safetensors"))
    assert sum(number for _, number, *_ in kinds) == len(archived)


def test_small_changes_were_drawn_of_every_module():
    rows = RECORDS["mutants"]["tables"][0]["rows"]
    assert [name.strip("`") for name, *_ in rows] == list(mutants.TESTS)
    reasons = [why for *_, why in RECORDS["mutants"]["tables"][1]["rows"]]
    assert all(reasons), "a change that no test notices has no reason"
