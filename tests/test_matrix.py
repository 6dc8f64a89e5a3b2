"""soak/matrix.py and versions.py: what is counted and run, and that nothing outlives its limit."""

import os
import subprocess
import sys
import time

import pytest

from soak import matrix, versions

SETS = matrix.instruction_sets()


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("...\n3 passed in 0.52s\n", 0, (3, 0, 0)),
        ("== 2 failed, 13 passed, 1 skipped, 5 warnings in 70.52s (0:01:10) ==", 1, (13, 2, 1)),
        ("4 passed, 1 error in 2.00s", 1, (4, 1, 0)),
        ("a: ok\n1 passed in 1.00s\n\n2 failed, 1 passed in 2.00s\n", 1, (2, 2, 0)),
        ("ssh-linear: ok\naiii-cnn: FAILED\naiii-fc: ok\n", 1, (2, 1, 0)),
        ("Fatal Python error: Aborted", -6, (0, 1, 0)),
        ("9 passed in 0.52s\n", 1, (9, 1, 0)),
    ],
)
def test_counts_are_read_and_a_failed_command_is_a_failure(text, status, expected):
    assert tuple(matrix.counts(text, status).values()) == expected


@pytest.mark.skipif(len(SETS) < 2, reason="this processor has SSE4.2 alone")
@pytest.mark.parametrize("name", SETS[:-1])
def test_numpy_uses_no_larger_instruction_set(name):
    code = (
        "import numpy\n"
        "m = (numpy.core if numpy.__version__ < '2' else numpy._core)._multiarray_umath\n"
        "print(*(f for f in m.__cpu_dispatch__ if m.__cpu_features__[f]))"
    )
    variables = matrix.processor(name)
    out = subprocess.check_output(
        [sys.executable, "-W", "error", "-c", code], env=variables, text=True
    )
    used = set(out.split())
    assert not [feature for feature in used if feature.startswith(("AVX512", "X86_V4"))]
    assert bool(used & {"AVX2", "X86_V3"}) == (name == "AVX2")
    assert variables["XLA_FLAGS"].endswith(f"={name}")


def test_make_compares_cells_with_the_instruction_set_and_threads_that_are_given():
    def compared(**variables):
        made = ["make", "--dry-run", "--always-make", "notebooks"]
        environment = {"PATH": os.environ["PATH"], **variables}
        return subprocess.check_output(made, cwd=matrix.ROOT, env=environment, text=True)

    given = compared(**matrix.processor(SETS[-1]), **matrix.threads(1))
    assert "OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1" in given
    assert "XLA_FLAGS" not in given
    alone = compared()
    assert "OMP_NUM_THREADS=2 TF_NUM_INTRAOP_THREADS=2" in alone
    assert ("XLA_FLAGS=--xla_cpu_max_isa=AVX2" in alone) == (SETS[-1] == "AVX512")


def test_a_command_past_its_limit_has_failed_and_leaves_no_process(tmp_path):
    mark = tmp_path / "mark"
    child = f"import time, pathlib; time.sleep(4); pathlib.Path({str(mark)!r}).touch()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    row = matrix.run(["python", "-c", code], sys.executable, {}, 1, tmp_path / "log")
    assert (row["passed"], row["failed"]) == (0, 1)
    assert "not finished in 1 s" in (tmp_path / "log").read_text()
    time.sleep(3.5)
    assert not mark.exists()


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """A record of its own, two commands that pass and fail at once, and how often they ran."""
    script = f"print('3 passed in 1.00s', file=open({str(tmp_path / 'ran')!r}, 'a')); "
    commands = {
        "make test": (1, ["python", "-c", script + "print('3 passed in 1.00s')"]),
        "make book": (1, ["python", "-c", script]),
        "recipes": (1, ["python", "-c", script + "print('a: FAILED'); raise SystemExit(1)"]),
    }
    monkeypatch.setattr(matrix, "COMMANDS", commands)
    monkeypatch.setattr(versions, "COMMANDS", commands)
    monkeypatch.setattr(matrix, "FOLDER", tmp_path)
    monkeypatch.setattr(matrix, "ROWS", tmp_path / "rows.jsonl")
    monkeypatch.setattr(matrix, "code", lambda: "now")
    monkeypatch.setattr(matrix.record, "write", lambda part, tables: None)
    return tmp_path


def test_what_has_run_for_the_same_code_is_not_run_again(rows, monkeypatch):
    def ran():
        return len((rows / "ran").read_text().splitlines())

    places = [([SETS[-1], n], sys.executable, {}) for n in (1, 2)]
    commands = matrix.COMMANDS
    matrix.run_all("matrix", places, {"make test": commands["make test"]}, matrix.tables)
    (table,) = matrix.run_all("matrix", places[:1], commands, matrix.tables)
    assert ran() == 4
    found = [row[:5] for row in table["rows"]]
    assert found == [[SETS[-1], 1, 3, "passed", "0, 1 failed"], [SETS[-1], 2, 3, None, None]]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    monkeypatch.setattr(matrix, "code", lambda: "changed")
    (table,) = matrix.run_all("matrix", places[:1], commands, matrix.tables)
    assert ran() == 7
    assert [row[:5] for row in table["rows"]] == found  # each place as it ran last


def test_what_was_made_under_other_conditions_is_made_anew(rows, monkeypatch):
    monkeypatch.setattr(matrix, "FOLDER", rows / "matrix")
    (rows / "executed").mkdir()
    (rows / "scorecard.json").touch()
    matrix.run_all("matrix", [([SETS[-1], 1], sys.executable, {})], matrix.COMMANDS, matrix.tables)
    assert not (rows / "executed").exists()
    assert not (rows / "scorecard.json").exists()


def test_the_rows_of_versions_are_apart_from_those_of_processors(rows):
    place = (["3.13.0", "lowest: NumPy 1.26"], sys.executable, {})
    one = {"recipes": matrix.COMMANDS["recipes"]}
    matrix.run_all("matrix", [(["AVX", 1], sys.executable, {})], one, matrix.tables)
    (table,) = matrix.run_all("versions", [place], one, versions.tables)
    (row,) = table["rows"]
    assert len(row) == len(table["columns"])
    assert row[:5] == ["3.13.0", "lowest: NumPy 1.26", None, None, "0, 1 failed"]
    assert len(matrix.ran("matrix")) == len(matrix.ran("versions")) == 1


def test_the_lowest_versions_run_on_the_oldest_python_and_the_newest_on_each(monkeypatch):
    monkeypatch.setattr(versions, "which", {"python3.12": "a", "python3.13": "b"}.get)
    assert versions.environments() == [
        ("python3.12", "lowest"),
        ("python3.12", "newest"),
        ("python3.13", "newest"),
    ]
