"""Sweeps: read from a file, trained, and reported."""

import csv
import runpy
import sys
from pathlib import Path

import dask
import dask_jobqueue
import matplotlib.pyplot as plt
import numpy as np
import pytest

from windlib import catalogue, sweeps, training
from windlib.cli import main
from windlib.experiments import train

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
        ('base = "tiny"\n[grid]\ndata.n = [-1]', "got n=-1"),
        ('base = "tiny"\n[grid]\ndata.options.hue = [1]', "got options=.'hue': 1.; .*'low'"),
        ('base = "tiny"\n[grid]\nseeds = [1]', "got the field 'seeds'"),
        ('base = "tiny"\n[grid]\nnetwork = ["deep"]', "expected .convolutional. or"),
        ('base = "tiny"\n[grid]\nnetwork = ["keras"]', "expected .convolutional. or"),
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
    ],
)
def test_what_is_no_sweep_is_refused_before_anything_is_trained(file, text, complaint):
    file.write_text(text)
    with pytest.raises(sweeps.SweepError, match=complaint):
        sweeps.read(file)


def test_a_missing_file_and_a_name_that_is_none(tmp_path):
    with pytest.raises(sweeps.SweepError, match="cannot be read"):
        sweeps.read(tmp_path / "none.toml")
    (tmp_path / "my sweep.toml").write_text(SWEEP)
    with pytest.raises(sweeps.SweepError, match="the file's name goes into names of runs"):
        sweeps.read(tmp_path / "my sweep.toml")


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
    x, winding = sweeps.experiments.training_data(experiment.validation)
    right = np.rint(training.outputs(run.network, x)) == winding
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


def test_the_plot_has_a_line_for_each_combination_of_the_other_fields(file):
    sweep = sweeps.read(file)
    rows = [
        {**dict(zip(sweep.grid, values, strict=True)), "seed": seed, "val_accuracy": 10 * i + seed}
        for i, (values, _) in enumerate(sweep.points())
        for seed in (0, 1, 5)
    ]
    figure, ax = plt.subplots()
    sweeps.draw(ax, sweep, [row for row in rows if row["val_accuracy"] != 55])
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
