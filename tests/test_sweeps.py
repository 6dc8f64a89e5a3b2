"""Sweeps: read from a file, trained, and reported."""

import csv
import os
import runpy
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import dask
import dask_jobqueue
import matplotlib.pyplot as plt
import numpy as np
import pytest

from windlib import evaluation
from windlib.cli import main
from windlib.datasets import DataRecipe
from windlib.runs import catalogue, sweep_results, sweeps
from windlib.runs.experiments import train
from windlib.runs.recipes import Experiment

SWEEP = """
base = "tiny"
seeds = 2
[set]
training.epochs = 2
data.links = 4
[grid]
training.learning_rate = [1e-3, 1e-2]
network_options.widths = [[], [3], [3, 2]]
"""


@pytest.fixture(autouse=True)
def _catalogue(tiny, catalogue, monkeypatch):
    monkeypatch.setattr(sweeps, "CATALOGUE", {"tiny": tiny})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rates.toml"
    path.write_text(SWEEP)
    return path


def test_the_grid_is_every_combination_and_nothing_else_changes(tiny, file):
    sweep = sweeps.read(file)
    assert sweep.grid == {
        "training.learning_rate": [1e-3, 1e-2],
        "network_options.widths": [[], [3], [3, 2]],
    }
    points = list(sweep.points())
    assert len(points) == 6
    for (rate, widths), experiment in points:
        expected = tiny.recipe(1)
        expected["training"] |= {"learning_rate": rate, "epochs": 2}
        expected["network_options"]["widths"] = widths
        expected["data"]["links"] = expected["validation"]["links"] = 4  # drawn alike
        assert experiment.recipe(1) == expected
        assert experiment.seeds == range(2)
        assert experiment.name == "rates"


def test_validation_data_may_have_values_of_their_own(tiny, file):
    file.write_text('base = "tiny"\nset.validation.noise = 0.1\ngrid.data.noise = [0, 0.2]')
    found = [e for _, e in sweeps.read(file).points()]
    assert [(e.data.noise, e.validation.noise) for e in found] == [(0, 0.1), (0.2, 0.1)]
    assert {(e.data.n, e.validation.n) for e in found} == {(tiny.data.n, tiny.validation.n)}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("base =", "cannot be read"),
        ('base = "tiny"', "got base; expected base and \\[grid\\]"),
        ('base = "tony"\n[grid]\ndata.n = [1]', "got base = 'tony'; expected an experiment"),
        ('base = "tiny"\n[grid]', "got an empty \\[grid\\]"),
        ('base = "tiny"\ngrid = 3', "to be tables of fields"),
        (
            'base = "tiny"\ncolour = 1\n[grid]\ndata.n = [1]',
            "got base, colour, grid; expected base and",
        ),
        ('base = "tiny"\n[grid]\ndata.n = 100', "got data.n = 100; expected a list"),
        ('base = "tiny"\n[grid]\ndata.n = []', "expected a list"),
        ('base = "tiny"\n[grid]\ndata.n = [100, 100]', "one value stands there twice"),
        ('base = "tiny"\nset.data.n = 9\n[grid]\ndata.n = [1]', "both in \\[set\\] and in"),
        ('base = "tiny"\nseeds = 0\n[grid]\ndata.n = [1]', "got seeds = 0; expected a number"),
        ('base = "tiny"\nseeds = [-1]\n[grid]\ndata.n = [1]', "none below 0"),
        ('base = "tiny"\nseeds = [1, 1]\n[grid]\ndata.n = [1]', "stands there twice"),
        ('base = "tiny"\nseeds = 1.5\n[grid]\ndata.n = [1]', "got seeds = 1.5"),
        ('base = "tiny"\n[grid]\ndata.size = [1]', "got data.size; expected one of hamiltonian"),
        ('base = "tiny"\n[grid]\ndata.n = [-1]', "got data.n=-1; expected a whole number"),
        ('base = "tiny"\n[grid]\ndata.n = [0]', "got n=0"),
        ('base = "tiny"\n[grid]\ndata.options.hue = [1]', "got data.options.hue"),
        ('base = "tiny"\n[grid]\nseeds = [1]', "got the field 'seeds'"),
        ('base = "tiny"\n[grid]\nnetwork = ["deep"]', "windlib.networks has none such"),
        ('base = "tiny"\n[grid]\nnetwork = ["keras"]', "windlib.networks has none such"),
        ('base = "tiny"\n[grid]\nnetwork_options.depth = [1]', "got network_options.depth"),
        ('base = "tiny"\n[grid]\ntraining.rate = [1]', "got training.rate; expected one of batch"),
        ('base = "tiny"\n[grid]\ntraining.seed = [1]', "got training.seed"),
        ('base = "tiny"\n[grid]\ndata.n.size = [1]', "which no recipe has"),
        (
            'base = "tiny"\nset.data = 5\n[grid]\ntraining.l2 = [1]',
            "got data = 5; expected fields of it",
        ),
        ('base = "tiny"\n[grid]\ntraining = [3]', "got training = 3; expected fields of it"),
        ('base = ["tiny"]\n[grid]\ndata.n = [1]', "an experiment that 'windlib list' shows"),
        ('base = "tiny"\nname = "x"\n[grid]\ndata.n = [1]', "got base, name, grid; expected"),
        # validated on what it is trained on
        ('base = "tiny"\n[grid]\ndata.seed = [3, 2]', "got 2 as data.seed and as validation.seed"),
        ('base = "tiny"\n[grid]\nvalidation.seed = [1]', "got 1 as data.seed and as valid"),
        ('base = "tiny"\n[grid]\nvalidation.links = [16]', "links=8 for training and links=16"),
        # values, not the way they are written
        ('base = "tiny"\nseeds = [1, true]\n[grid]\ndata.n = [1]', "got seeds = \\[1, True\\]"),
        ('base = "tiny"\nseeds = [true, 2]\n[grid]\ndata.n = [1]', "got seeds = \\[True, 2\\]"),
        ('base = "tiny"\nseeds = [2.0]\n[grid]\ndata.n = [1]', "got seeds = \\[2.0\\]"),
        ('base = "tiny"\n[grid]\ntraining.epochs = [1, 1.0]', "stands there twice"),
        ('base = "tiny"\n[grid]\ntraining.epochs = [1, true]', "stands there twice"),
        (
            'base = "tiny"\n[grid]\nnetwork_options.widths = [[3], [3.0]]',
            "got network_options.widths = .* twice",
        ),
        ('base = "tiny"\n[grid]\ndata.n = [5]\n"data.n" = [6]', "data.n stands there twice"),
        # kinds
        ('base = "tiny"\n[grid]\ntraining.epochs = [true]', "training.epochs=True; expected a wh"),
        ('base = "tiny"\n[grid]\ntraining.epochs = [1.5]', "training.epochs=1.5; expected a who"),
        ('base = "tiny"\n[grid]\ntraining.epochs = ["1"]', "training.epochs='1'; expected a who"),
        ('base = "tiny"\n[grid]\ntraining.l2 = [true]', "training.l2=True; expected a finite num"),
        ('base = "tiny"\n[grid]\ntraining.l2 = ["x"]', "training.l2='x'; expected a finite number"),
        ('base = "tiny"\n[grid]\ntraining.patience = ["x"]', "patience='x'; expected a finite"),
        ('base = "tiny"\n[grid]\ntraining.phases = [1]', "phases = 1; expected true or false"),
        ('base = "tiny"\n[grid]\ntraining.schedule = [1]', "schedule = 1; expected a word"),
        ('base = "tiny"\n[grid]\ndata.hamiltonian = [1]', "hamiltonian = 1; expected a word"),
        ('base = "tiny"\n[grid]\ndata.windings = [1]', "windings = 1; expected a list of numbers"),
        ('base = "tiny"\n[grid]\ndata.windings = [[true]]', "data.windings=True; expected a"),
        ('base = "tiny"\n[grid]\ndata.options.low = ["x"]', "options.low='x'; expected a finite"),
        ('base = "tiny"\n[grid]\ndata.options = [1]', "got data.options = 1; expected fields"),
        ('base = "tiny"\nset.validation = 5\n[grid]\ndata.n = [1]', "got validation = 5; expected"),
        ('base = "tiny"\n[grid]\ndata.n = [2026-01-01]', "got data.n = .* expected numbers, words"),
        ('base = "tiny"\n[grid]\ndata.n = [{a = 1}]', "got data.n = {'a': 1}; expected numbers"),
        ("base = 2026-01-01\n[grid]\ndata.n = [1]", "got base = .*; expected numbers, words"),
        ('base = "tiny"\n[[grid]]\ndata.n = [1]', "expected \\[set\\] and \\[grid\\] to be tables"),
        ('base = "tiny"\n[[set]]\n[grid]\ndata.n = [1]', "expected \\[set\\] and \\[grid\\] to be"),
        (
            'base = "tiny"\n[grid]\ntraining.l2 = [nan]',
            "a number in training.l2 that is not finite",
        ),
        ('base = "tiny"\n[grid]\ntraining.l2 = [-inf]', "a number in training.l2 that is not fin"),
        ('base = "tiny"\n[grid]\ndata.n = [0x8000_0000_0000_0000]', "or is 2\\*\\*63 or more"),
        # sizes
        (f'base = "tiny"\n[grid]\ndata.n = [{"9" * 5000}]', "cannot be read: Exceeds the limit"),
        (f'base = "tiny"\n[grid]\ndata.n = [0x{"9" * 5000}]', "or is 2\\*\\*63 or more"),
        (f'base = "tiny"\n[grid]\ndata.n = {"[" * 5000}', "cannot be read: .* are too deep"),
        (f'base = "tiny"\n[grid]\ndata.n = {"[" * 300}{"]" * 300}', "got data.n=|are too deep"),
        (f'base = "tiny"\n[grid]\ndata{".n" * 9000} = 1', "a field has more than 20 parts"),
        (f'base = "tiny"\n[grid]\ndata{".n" * 25} = 1', "a field has more than 20 parts"),
        (f'base = "tiny"\n{"#" * 20_000}', "it has over 20,000 bytes"),
        (
            'base = "tiny"\nseeds = 10_001\n[grid]\ndata.n = [1]',
            "got 10,001 runs; expected at most",
        ),
        (
            'base = "tiny"\nseeds = 1_000_000_000\n[grid]\ndata.n = [1]',
            "got 1,000,000,000 runs; expected at most 10,000",
        ),
        (
            f'base = "tiny"\nseeds = 9\n[grid]\ntraining.l2 = {list(range(100))}\n'
            f"data.noise = {list(range(100))}",
            "got 90,000 runs; expected at most 10,000",
        ),
    ],
    ids=lambda text: text[-60:],
)
def test_what_is_no_sweep_is_refused_before_anything_is_trained(file, text, complaint):
    file.write_text(text)
    with pytest.raises(sweeps.SweepError, match=complaint):
        sweeps.read(file)


def test_what_is_allowed_up_to_the_last(tiny, file):
    file.write_text(
        "base = 'tiny'\nseeds = [7]\n[grid]\ntraining.phases = [true, false]\n"
        "training.epochs = [1e1, 20]\ntraining.patience = [3]\ndata.options.low = [-1, -2.5]\n"
        "data.n = [1e2]\ntraining.schedule = ['plateau']"
    )
    found = sweeps.read(file).experiments
    assert len(found) == 8
    recipe = found[0].recipe(7)
    assert recipe["training"] == {
        **tiny.training,
        "phases": True,
        "epochs": 10,
        "patience": 3,
        "schedule": "plateau",
    }
    assert type(recipe["training"]["epochs"]) is type(recipe["data"]["n"]) is int
    assert recipe["validation"]["options"] == recipe["data"]["options"] == {"low": -1}
    assert found[-1].recipe(7)["validation"]["options"] == {"low": -2.5}

    file.write_text('base = "tiny"\nseeds = 10_000\n[grid]\ndata.n = [1]')
    (experiment,) = sweeps.read(file).experiments
    assert len(experiment.seeds) == 10_000
    file.write_text('base = "tiny"\n[grid]\ntraining.learning_rate = [1e30, 0x7fff_ffff_ffff_ffff]')
    assert sweeps.read(file).grid["training.learning_rate"][1] == 2**63 - 1
    file.write_bytes(b"\xef\xbb\xbf" + SWEEP.replace("\n", "\r\n").encode())  # as Windows writes
    assert len(sweeps.read(file).experiments) == 6
    file.write_text(f"{SWEEP}#{'x' * (20_000 - len(SWEEP) - 1)}")
    assert len(sweeps.read(file).experiments) == 6


def test_too_many_runs_take_no_memory(file):
    many = ", ".join(map(str, range(1, 400)))
    fields = ("training.epochs", "training.batch_size", "data.n", "data.links", "validation.n")
    file.write_text('base = "tiny"\n[grid]\n' + "".join(f"{f} = [{many}]\n" for f in fields))
    tracemalloc.start()
    with pytest.raises(sweeps.SweepError, match=f"got {4 * 399**5:,} runs"):
        sweeps.read(file)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5e6


def test_what_is_no_file_and_a_name_that_is_none(tmp_path):
    with pytest.raises(sweeps.SweepError, match=r"none\.toml cannot be read: No such file"):
        sweeps.read(tmp_path / "none.toml")
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    for what in (tmp_path / "folder.toml", tmp_path / "pipe.toml", "/dev/zero"):
        with pytest.raises(sweeps.SweepError, match="it is a folder, a pipe or a device"):
            sweeps.read(what)
    with pytest.raises(sweeps.SweepError, match="cannot be read: File name too long"):
        sweeps.read(tmp_path / f"{'x' * 300}.toml")
    for encoding in ("utf-16", "latin-1"):
        (tmp_path / "odd.toml").write_bytes(f"# é\n{SWEEP}".encode(encoding))
        with pytest.raises(sweeps.SweepError, match="it is not text in UTF-8"):
            sweeps.read(tmp_path / "odd.toml")
    for name in ("my sweep", "a:b", "x" * 101, "é" * 51):
        (tmp_path / f"{name}.toml").write_text(SWEEP)
        with pytest.raises(sweeps.SweepError, match="the file's name goes into names of runs"):
            sweeps.read(tmp_path / f"{name}.toml")
    for name in ("x" * 100, "é" * 50, "学习率", "my-sweep_1.2"):
        (tmp_path / f"{name}.toml").write_text(SWEEP)
        assert sweeps.read(tmp_path / f"{name}.toml").experiments[0].name == name


def test_a_file_that_may_not_be_read(file, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(sweeps.os, "stat", refuse)  # root may read everything
    with pytest.raises(sweeps.SweepError, match="cannot be read: Permission denied"):
        sweeps.read(file)


def test_no_base_shares_a_seed_between_training_and_validation():
    for experiment in catalogue.CATALOGUE.values():
        assert experiment.data.seed != experiment.validation.seed


def test_reproduce_trains_a_sweep_and_leaves_a_table_and_a_plot(file, tmp_path, capsys):
    folder = tmp_path / "archive"
    assert main(["reproduce", str(file), "--archive", str(folder), "--jobs", "1"]) == 0
    written = capsys.readouterr().out.split()
    assert written == [str(file.with_suffix(suffix)) for suffix in (".csv", ".png")]
    assert plt.imread(written[1]).shape[2] == 4
    with open(written[0], newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 12 == len(list(folder.glob("*.safetensors")))
    row = next(
        r
        for r in rows
        if r["training.learning_rate"] == "0.01"
        and r["network_options.widths"] == "[3]"
        and r["seed"] == "1"
    )
    experiment = sweeps.read(file).experiments[4]
    (run,) = train(experiment, [1], folder=folder)
    assert float(row["loss"]) == run.history["loss"][-1]
    assert float(row["val_loss"]) == run.history["val_loss"][-1]
    x, winding = sweep_results.experiments.training_data(experiment.validation)
    right = np.rint(evaluation.outputs(run.network, x)) == winding
    assert float(row["val_accuracy"]) == pytest.approx(100 * right.mean())


def test_a_sweep_goes_on_where_it_was_stopped_and_past_what_fails(file, tmp_path, capsys):
    file.write_text(SWEEP.replace("1e-2]", "1e30]").replace("[[], [3], [3, 2]]", "[[]]"))
    call = ["reproduce", str(file), "--archive", str(tmp_path), "--jobs", "1"]
    assert main(call) == 1
    captured = capsys.readouterr()
    failed = captured.err.splitlines()
    assert len(failed) == 2  # both seeds of one point
    assert all("training.learning_rate = 1e+30" in line for line in failed)
    assert all("DivergedError: the loss is" in line for line in failed)
    there = sorted(tmp_path.glob("*.safetensors"))
    assert len(there) == 2
    assert len(file.with_suffix(".csv").read_text().splitlines()) == 1 + 2
    lost, kept = there
    lost.unlink()
    before = kept.stat().st_mtime_ns
    assert main(call) == 1
    assert sorted(tmp_path.glob("*.safetensors")) == there
    assert kept.stat().st_mtime_ns == before


def test_a_class_networks_accuracy_is_that_of_its_classes(tiny, file, tmp_path, monkeypatch):
    """Output 0 stands for w = −1: outputs or their places taken for windings would be wrong."""
    data = DataRecipe("hatano_nelson", 400, 1, links=8, options={"hopping_lengths": (1,)})
    base = Experiment(
        "classes",
        "",
        data,
        replace(data, n=200, seed=2),
        "convolutional",
        {"kernels": 4, "n_classes": 2},
        {"epochs": 30, "learning_rate": 3e-2, "classes": (-1, 1)},
    )
    monkeypatch.setattr(sweeps, "CATALOGUE", {"classes": base})
    file.write_text('base = "classes"\nseeds = 1\n[grid]\ndata.n = [400]')
    sweep = sweeps.read(file)
    (run,) = train(sweep.experiments[0], folder=tmp_path)
    (row,) = sweep_results.table(sweep, tmp_path)
    x, winding = sweep_results.experiments.training_data(base.validation)
    probability = evaluation.outputs(run.network, x)
    expected = np.mean((probability[:, 1] > probability[:, 0]) == (winding == 1))
    assert expected > 0.7
    assert row["val_accuracy"] == pytest.approx(100 * expected)
    assert row["val_loss"] == run.history["val_loss"][-1]


def test_a_report_that_cannot_be_written_is_said_in_words(file, tmp_path, monkeypatch):
    sweep = sweeps.read(file)
    rows = [
        {**dict(zip(sweep.grid, values, strict=True)), "seed": 0, "val_accuracy": 50.0}
        for values, _ in sweep.points()
    ]
    monkeypatch.setattr(sweep_results, "table", lambda *_: rows)
    with pytest.raises(sweeps.SweepError, match=r"cannot be put beside .*x\.toml \("):
        sweep_results.report(sweep, file / "x.toml")
    file.with_suffix(".png").mkdir()
    with pytest.raises(sweeps.SweepError, match="the runs are kept"):
        sweep_results.report(sweep, file)
    assert len(file.with_suffix(".csv").read_text().splitlines()) == 1 + 6


def test_two_sweeps_of_the_same_name_have_their_own_runs_and_reports(file, tmp_path):
    other = tmp_path / "other" / file.name
    other.parent.mkdir()
    other.write_text(SWEEP.replace("data.links = 4", "data.links = 6"))
    names = {e.filename(0) for path in (file, other) for e in sweeps.read(path).experiments}
    assert len(names) == 6 + 6
    again = tmp_path / "again" / file.name  # the same recipes are the same runs
    again.parent.mkdir()
    again.write_text(SWEEP)
    assert {e.filename(0) for e in sweeps.read(again).experiments} < names


def test_the_plot_has_a_line_for_each_combination_of_the_other_fields(file):
    sweep = sweeps.read(file)
    rows = [
        {**dict(zip(sweep.grid, values, strict=True)), "seed": seed, "val_accuracy": 10 * i + seed}
        for i, (values, _) in enumerate(sweep.points())
        for seed in (0, 1, 5)
    ]
    figure, ax = plt.subplots()
    sweep_results.plot(ax, sweep, [row for row in rows if row["val_accuracy"] != 55])
    lines = [line for line in ax.lines if line.get_marker() == "None"]
    assert [list(line.get_ydata()) for line in lines] == [[1, 31], [11, 41], [21, 50.5]]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names[2] == "network_options.widths = [3, 2]"
    plt.close(figure)


def test_the_example_of_the_docstring_is_a_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(sweeps, "CATALOGUE", catalogue.CATALOGUE)
    text = sweeps.__doc__.split("::")[1].split("\n\nFields")[0]
    (tmp_path / "example.toml").write_text("\n".join(x.strip() for x in text.splitlines()))
    assert len(sweeps.read(tmp_path / "example.toml").experiments) == 6


PAGES = Path(__file__).parent.parent / "book" / "sweeps"


def test_the_pages_sweep_is_one(monkeypatch):
    monkeypatch.setattr(sweeps, "CATALOGUE", catalogue.CATALOGUE)
    sweep = sweeps.read(PAGES / "rates.toml")
    assert sum(len(e.seeds) for e in sweep.experiments) == 24  # as the page says


def test_the_pages_slurm_script_asks_for_workers_with_one_thread(monkeypatch):
    """SLURM is not there: what would be submitted is looked at, and what would be called."""
    calls, scripts = [], []

    def adapt(cluster, **limits):
        scripts.append(cluster.job_script())
        assert limits["minimum_jobs"] > 0

    monkeypatch.setattr(dask_jobqueue.SLURMCluster, "adapt", adapt)
    monkeypatch.setattr("windlib.cli.main", lambda arguments: calls.append(arguments) or 0)
    monkeypatch.setattr(sys, "argv", ["slurm.py", "rates.toml"])
    anywhere = {"jobqueue.slurm.scheduler-options": {"dashboard_address": ":0"}}
    with dask.config.set(anywhere), pytest.raises(SystemExit) as end:
        runpy.run_path(PAGES / "slurm.py", run_name="__main__")
    assert end.value.code == 0
    ((command, option, address, file),) = calls
    assert (command, option, file) == ("reproduce", "--dask", "rates.toml")
    assert "--nthreads 1 " in scripts[0]
    assert address in scripts[0]
    assert "#SBATCH -t 04:00:00" in scripts[0]
    lifetime = int(scripts[0].split("--lifetime ")[1].split("m")[0])
    assert lifetime + 10 < 4 * 60  # the stagger, and some time to hand over
