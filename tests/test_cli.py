"""The console script, on a catalogue of one tiny experiment."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from windlib._quiet import keras
from windlib.claims import scorecard
from windlib.cli import main
from windlib.errors import WindlibError
from windlib.runs import archive, experiments, reproduce, sweep_results, sweeps, verify

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.usefixtures("catalogue")


def test_list_counts_the_runs_that_are_there(tiny, folder, tmp_path, capsys):
    assert main(["list", "--archive", str(folder)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split() == ["tiny", "2", "of", "2", "runs", "for", "the", "tests"]
    (folder / tiny.filename(1)).unlink()
    main(["list", "tiny", "--archive", str(folder)])
    assert " 1 of  2 runs" in capsys.readouterr().out
    main(["list", "--archive", str(tmp_path)])
    assert " 0 of  2 runs" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["list", "reproduce", "verify"])
def test_unknown_names_end_with_2(command, capsys):
    assert main([command, "tiny", "tinny", "huge"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no experiment tinny, huge; 'windlib list' shows them all" in captured.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "required: COMMAND"),
        (["learn"], "invalid choice: 'learn'"),
        *(
            (["reproduce", "--jobs", jobs], "expected 1 to 1000 processes, or -1: one per core")
            for jobs in ("many", "0", "-2", "1001", "1.5", "9" * 20, "9" * 5000)
        ),
        *(
            (["reproduce", "--dask", address], "expected a scheduler's address, such as tcp://")
            for address in ("", "here", "http://localhost:8786", "tcp://localhost", "inproc://:1")
        ),
        (["reproduce", "--dask", "tcp://h:1", "--jobs", "2"], "--jobs and --dask"),
        (["list", "--archive", ""], "'': this is no folder"),
        (["reproduce", "--archive", __file__], "this is no folder"),
        *(
            ([command, "--archive", "nowhere"], "--archive nowhere: there is no such folder")
            for command in ("list", "verify", "scorecard")
        ),
    ],
)
def test_wrong_usage_ends_with_2(arguments, complaint, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    *usage, line = capsys.readouterr().err.splitlines()
    assert usage[0].startswith("usage: windlib")
    assert line.startswith("windlib")
    assert complaint in line
    assert len(line) < 250


@pytest.mark.parametrize("jobs", ["1", "1000", "-1"])
def test_jobs_and_schedulers_are_passed_on(jobs, monkeypatch):
    calls = []
    monkeypatch.setattr(reproduce, "reproduce", lambda *_, **o: calls.append(o) or [])
    assert main(["reproduce", "--jobs", jobs]) == 0
    assert calls[0]["jobs"] == int(jobs)
    for address in ("tcp://192.0.2.1:8786", "tls://[::1]:1", "host:65535"):
        assert main(["reproduce", "--dask", address, "--force"]) == 0
        assert (calls[-1]["dask"], calls[-1]["force"], calls[-1]["jobs"]) == (address, True, -1)


def test_the_advice_on_an_incomplete_folder_names_the_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scorecard, "rows", lambda folder: experiments.archived("tiny", folder))
    folder = tmp_path / "my runs"
    folder.mkdir()
    assert main(["scorecard", "--archive", str(folder)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("windlib: ")
    assert f"--archive '{folder}'" in line


def test_reproduce_then_verify(tiny, trained, folder, capsys):
    lost = folder / tiny.filename(1)
    whole = lost.read_bytes()
    lost.unlink()
    verify = ["verify", "--jobs", "1", "--archive", str(folder)]
    assert main(verify) == 1
    captured = capsys.readouterr()
    assert captured.out == "tiny: FAILED\n"
    assert captured.err == f"{lost.name} is missing\n"

    assert main(["reproduce", "tiny", "--jobs", "1", "--archive", str(folder)]) == 0
    assert capsys.readouterr().out == ""
    assert lost.read_bytes() == whole
    assert main(verify) == 0
    captured = capsys.readouterr()
    assert captured.out == "tiny: ok\n"
    assert captured.err == ""


@pytest.mark.parametrize("command", ["list", "reproduce", "verify", "scorecard"])
def test_stopped_by_hand_ends_with_130_and_a_line(command, monkeypatch, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    for module, name in [
        (experiments, "find"),
        (reproduce, "reproduce"),
        (verify, "verify"),
        (scorecard, "rows"),
    ]:
        monkeypatch.setattr(module, name, stop)
    before = signal.getsignal(signal.SIGINT)
    assert main([command]) == 130
    assert capsys.readouterr().err == "windlib: stopped; finished runs are kept\n"
    assert signal.getsignal(signal.SIGINT) is before  # a notebook goes on


def test_a_sweeps_report_can_be_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sweeps, "CATALOGUE", experiments.CATALOGUE)
    monkeypatch.setattr(reproduce, "reproduce", lambda *_, **__: [])

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep_results, "table", stop)
    file = tmp_path / "sizes.toml"
    file.write_text('base = "tiny"\n[grid]\ndata.n = [9]')
    assert main(["reproduce", str(file)]) == 130
    assert capsys.readouterr().err == "windlib: stopped; finished runs are kept\n"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermissionError(13, "Permission denied", "/cache"), "/cache: Permission denied"),
        (OSError("two\nlines"), "two lines"),
        (archive.ArchiveError("damaged"), "damaged"),
        (WindlibError("any other"), "any other"),
    ],
)
def test_what_the_system_refuses_is_said_in_a_line(error, line, monkeypatch, capsys):
    def fail(*_):
        raise error

    monkeypatch.setattr(experiments, "find", fail)  # as with a folder that is another user's
    assert main(["list"]) == 1
    assert capsys.readouterr().err == f"windlib: {line}\n"


def test_a_precision_that_keras_is_set_to_is_said_in_a_line(folder, capsys):
    policy = keras.config.dtype_policy()  # or it would be made of the other precision
    try:
        keras.config.set_floatx("float64")  # as a keras.json in KERAS_HOME may do
        assert main(["verify", "--jobs", "1", "--archive", str(folder)]) == 1
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy(policy)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("windlib: got Keras, or a layer, set to float64; windlib's networks")


def test_a_line_for_each_run_that_failed(monkeypatch, capsys):
    monkeypatch.setattr(reproduce, "reproduce", lambda *_, **__: ["a\nb", "c"])
    assert main(["reproduce"]) == 1
    assert capsys.readouterr().err == "windlib: not trained: a b\nwindlib: not trained: c\n"


def test_a_working_folder_may_have_a_space_in_its_name(tmp_path, monkeypatch, capsys):
    here = tmp_path / "my work"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(sweeps, "CATALOGUE", experiments.CATALOGUE)
    Path("sizes.toml").write_text('base = "tiny"\nseeds = 1\n[grid]\ndata.n = [200]')
    assert main(["reproduce", "sizes.toml", "--jobs", "1", "--archive", "my runs"]) == 0
    assert capsys.readouterr() == ("sizes.csv\nsizes.png\n", "")
    (run,) = (here / "my runs").iterdir()
    assert run.name.startswith("sizes-00-")


START = [sys.executable, "-c", "import sys; from windlib.cli import main; sys.exit(main())"]


def _shell(line, **variables):
    """The outcome of a line of sh, in which $windlib is the command, far from the source."""
    variables |= {"windlib": shlex.join(START), "PYTHONPATH": str(ROOT)}
    line = line.replace("$windlib", 'eval "$windlib"')
    return subprocess.run(
        ["bash", "-c", line],
        env=os.environ | variables,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_into_head_or_a_closed_or_full_output(tmp_path):
    found = _shell("$windlib list | head -n 1; echo ${PIPESTATUS[0]}")
    assert found.stderr == ""
    first, status = found.stdout.splitlines()
    assert "8 of  8 runs" in first
    assert int(status) in (0, 141)

    variables = {"PYTHONIOENCODING": "ascii", "WINDLIB_CACHE": str(tmp_path / "file")}
    (tmp_path / "file").touch()
    found = _shell("$windlib list dirac-cnn-ours-0.6 2>&- <&-", **variables)
    assert found.returncode == 0
    assert r"\u2265" in found.stdout  # ≥

    found = _shell("$windlib list nothing 2>&-; echo $?; $windlib --help >&-; echo $?")
    assert (found.stdout, found.stderr) == ("2\n0\n", "")

    if os.path.exists("/dev/full"):
        found = _shell("$windlib list > /dev/full")
        assert found.returncode == 1
        assert found.stderr == "windlib: [Errno 28] No space left on device\n"


INTERRUPTED = """
import os, signal, sys

class AtImport:
    def find_spec(self, name, *_):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)

import windlib  # which puts a finder of its own in front
sys.meta_path.insert(0, AtImport())
sys.argv[1:] = ["scorecard"]
from windlib.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["argparse", "windlib.runs.experiments", "numpy", "keras"])
def test_stopped_while_importing(module):
    found = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.replace("MODULE", repr(module))],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (found.returncode, found.stdout) == (130, "")
    assert found.stderr == "windlib: stopped; finished runs are kept\n"
