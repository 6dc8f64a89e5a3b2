"""The console script, on a catalogue of one tiny experiment."""

import pytest

from windlib import experiments
from windlib.cli import main

pytestmark = pytest.mark.usefixtures("catalogue")


def test_list_counts_the_runs_that_are_there(tiny, folder, tmp_path, capsys):
    assert main(["list", "--archive", str(folder)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split() == ["tiny", "2", "of", "2", "runs", "for", "the", "tests"]
    (folder / tiny.filename(1)).unlink()
    main(["list", "tiny", "--archive", str(folder)])
    assert " 1 of  2 runs" in capsys.readouterr().out
    main(["list", "--archive", str(tmp_path / "none")])
    assert " 0 of  2 runs" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["list", "reproduce", "verify"])
def test_unknown_names_end_with_2(command, capsys):
    assert main([command, "tiny", "tinny", "huge"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no experiment tinny, huge; 'windlib list' shows them all" in captured.err


@pytest.mark.parametrize("arguments", [[], ["learn"], ["reproduce", "--jobs", "many"]])
def test_wrong_usage_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage: windlib" in capsys.readouterr().err


def test_reproduce_then_verify(tiny, trained, folder, capsys):
    lost = folder / tiny.filename(1)
    whole = lost.read_bytes()
    lost.unlink()
    assert main(["verify", "--archive", str(folder)]) == 1
    captured = capsys.readouterr()
    assert captured.out == "tiny: FAILED\n"
    assert captured.err == f"{lost.name} is missing\n"

    assert main(["reproduce", "tiny", "--jobs", "1", "--archive", str(folder)]) == 0
    assert capsys.readouterr().out == ""
    assert lost.read_bytes() == whole
    assert main(["verify", "--archive", str(folder)]) == 0
    captured = capsys.readouterr()
    assert captured.out == "tiny: ok\n"
    assert captured.err == ""


def test_stopped_by_hand(monkeypatch, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(experiments, "reproduce", stop)
    assert main(["reproduce"]) == 130
    assert "the runs that had ended are kept" in capsys.readouterr().err
