"""Recipes and their runs: trained once, found again, checked, and safe from being killed."""

import dataclasses
import errno
import inspect
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from windlib import augmentation, datasets, evaluation, networks, training
from windlib.arguments import ArgumentError
from windlib.blackbox import predicted_fate
from windlib.datasets import DataRecipe
from windlib.errors import WindlibError
from windlib.runs import archive, checks, experiments, recipes, reproduce
from windlib.runs.archive import ArchiveError
from windlib.runs.catalogue import CATALOGUE, KEPT_EPOCHS
from windlib.runs.experiments import Run, train
from windlib.runs.recipes import Experiment, RecipeError
from windlib.runs.second_paper import HOPPINGS
from windlib.runs.verify import verify
from windlib.winding import CurveShapeError


def same(one, two):
    assert one.history.keys() == two.history.keys()
    for name in one.history:
        np.testing.assert_array_equal(one.history[name], two.history[name])
    for w1, w2 in zip(one.network.get_weights(), two.network.get_weights(), strict=True):
        np.testing.assert_array_equal(w1, w2)
    assert (one.seed, one.versions) == (two.seed, two.versions)
    return True


@pytest.fixture
def untrainable(monkeypatch):
    monkeypatch.setattr(experiments, "fit_run", lambda *_, **__: pytest.fail("trained again"))


def test_runs_are_trained_and_described(tiny, trained):
    runs, folder = trained
    assert [run.seed for run in runs] == [0, 1]
    x, y = experiments.training_data(tiny.validation)
    for run in runs:
        assert run.history.keys() == {"loss", "val_loss"}
        assert len(run.history["loss"]) == len(run.history["val_loss"]) == 3
        error = np.mean((evaluation.outputs(run.network, x) - y) ** 2)
        assert run.history["val_loss"][-1] == pytest.approx(error, rel=1e-5)
        assert run.versions.keys() == {"numpy", "tensorflow", "keras"}
        assert (folder / tiny.filename(run.seed)).exists()
    assert any(
        (w1 != w2).any()
        for w1, w2 in zip(*(run.network.get_weights() for run in runs), strict=True)
    )


def test_a_run_reads_curves_as_it_was_trained_to(tiny, trained):
    run = trained[0][0]
    data = datasets.draw(tiny.validation)
    x = datasets.network_input(data.curve)
    np.testing.assert_array_equal(run.outputs(data.curve), evaluation.outputs(run.network, x))
    np.testing.assert_array_equal(run.outputs(3 * data.curve), run.outputs(data.curve))
    np.testing.assert_array_equal(run.predict(data.curve), np.rint(run.outputs(data.curve)))
    both = {"data": tiny.data, "validation": tiny.validation}
    raw = replace(tiny, **{name: replace(d, inputs="raw") for name, d in both.items()})
    raw = replace(run, experiment=raw)
    assert (raw.outputs(3 * data.curve) != raw.outputs(data.curve)).any()


@pytest.mark.parametrize(
    ("curves", "way_out"),
    [
        (np.ones(9, complex), r"expected \(n, L \+ 1\): give curve\[None\]"),
        (np.ones((3, 8), complex), r"expected \(n, 9\) with n >= 1"),
        (np.ones((0, 9), complex), r"expected \(n, 9\) with n >= 1"),
        ([[1], [1, 2]], r"lists of unequal lengths"),
    ],
)
def test_a_run_refuses_curves_of_another_length(trained, curves, way_out):
    with pytest.raises(CurveShapeError, match=way_out):
        trained[0][0].predict(curves)


def test_a_classifying_run_gives_the_likeliest_classes_winding_number(trained):
    run, p = trained[0][0], np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.1, 0.2, 0.7]])
    recipe = replace(run.experiment, training={"epochs": 1, "classes": (0, 1, -1)})
    assert replace(run, experiment=recipe).nearest(p).tolist() == [1, 0, -1]


def test_recipes_from_before_the_choice_of_inputs_kept_their_files(tiny):
    assert "inputs" not in tiny.recipe(0)["data"]
    name = CATALOGUE["aiii-cnn"].filename(0)
    assert (archive.COMMITTED / name).exists()


@pytest.mark.usefixtures("untrainable")
def test_a_trained_run_is_loaded(tiny, trained):
    runs, folder = trained
    for run, again in zip(runs, train(tiny, folder=folder), strict=True):
        assert same(run, again)
        assert again.experiment == tiny
    assert same(train(tiny, [1], folder=folder)[0], runs[1])


def test_training_again_gives_every_bit_again(tiny, trained, folder):
    name = tiny.filename(1)
    old = (folder / name).read_bytes()
    (folder / name).write_bytes(b"")
    assert same(train(tiny, [1], retrain=True, folder=folder)[0], trained[0][1])
    assert (folder / name).read_bytes() == old


def test_a_changed_recipe_is_trained_anew(tiny, folder):
    changed = replace(tiny, training={**tiny.training, "epochs": 1})
    run = train(changed, [0], folder=folder)[0]
    assert len(run.history["loss"]) == 1
    assert len(train(tiny, [0], folder=folder)[0].history["loss"]) == 3


@pytest.mark.usefixtures("catalogue", "untrainable")
def test_runs_are_looked_for_in_the_cache_and_among_the_committed(
    tiny, trained, tmp_path, monkeypatch
):
    monkeypatch.setenv("WINDLIB_CACHE", str(tmp_path))
    with pytest.raises(pytest.fail.Exception):  # the committed archive hasn't got it
        train("tiny", [0])
    monkeypatch.setattr(archive, "COMMITTED", trained[1])
    assert same(train("tiny", [0])[0], trained[0][0])
    monkeypatch.setattr(archive, "COMMITTED", tmp_path / "none")
    shutil.copytree(trained[1], tmp_path / "trained", dirs_exist_ok=True)
    assert same(train("tiny", [0])[0], trained[0][0])


def test_new_runs_go_to_the_cache(tiny, trained, tmp_path, monkeypatch):
    monkeypatch.setenv("WINDLIB_CACHE", str(tmp_path))
    monkeypatch.setattr(archive, "COMMITTED", tmp_path / "none")
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed: trained[0][seed])
    train(tiny, [0])
    assert (tmp_path / "trained" / tiny.filename(0)).exists()
    assert not archive.COMMITTED.exists()


def test_unknown_names_are_answered_with_the_catalogue():
    with pytest.raises(KeyError, match=r"no experiment 'ssh'; .*ssh-linear, .*aiii-cnn-ours"):
        train("ssh")


DATA_CHANGES = {
    "hamiltonian": "chiral",
    "n": 201,
    "seed": 3,
    "links": 16,
    "label": "discrete",
    "windings": (0, 1),
    "shares": (0.5, 0.5),
    "noise": 0.1,
    "options": {"low": -1.0},
    "inputs": "raw",
}


@pytest.mark.parametrize("odd", [10**5000, [10**5000]], ids=["number", "list"])
def test_what_python_does_not_print_is_refused_in_words(odd, tiny):
    for name in ("name", "data", "validation", "network", "training", "seeds"):
        with pytest.raises(WindlibError, match=r"^got .*; expected "):
            replace(tiny, **{name: odd})
    with pytest.raises(experiments.UnknownExperimentError, match="no experiment a value of type"):
        experiments.named(odd)


def test_every_field_of_a_recipe_changes_the_filename(tiny):
    assert DATA_CHANGES.keys() == {f.name for f in dataclasses.fields(DataRecipe)}
    shares = {"windings": (0, 1)}  # shares need windings
    recipes = [tiny, replace(tiny, data=replace(tiny.data, **shares))]
    for name, value in DATA_CHANGES.items():
        changes = {name: value} | (shares if name == "shares" else {})
        both = [replace(data, **changes) for data in (tiny.data, tiny.validation)]
        if name in ("links", "inputs"):  # the same for both
            recipes.append(replace(tiny, data=both[0], validation=both[1]))
            continue
        if name != "windings":
            recipes.append(replace(tiny, data=both[0]))
        recipes.append(replace(tiny, validation=both[1]))
    recipes += [
        replace(tiny, network="convolutional", network_options={}),
        replace(tiny, network_options={"widths": [4]}),
        replace(tiny, network_options={}),
        replace(tiny, training={**tiny.training, "epochs": 4}),
        replace(tiny, training={**tiny.training, "schedule": "cosine"}),
    ]
    names = {recipe.filename(seed) for recipe in recipes for seed in (0, 1)}
    assert len(names) == 2 * len(recipes)


def test_what_is_for_people_does_not_change_the_digest(tiny):
    def digest(recipe):
        return recipe.filename(0).removeprefix(f"{recipe.name}-00-")

    for changes in ({"name": "small"}, {"about": "more words"}, {"seeds": range(9)}):
        assert digest(replace(tiny, **changes)) == digest(tiny)
    # Tuples and lists are one thing for JSON, hence for a recipe.
    assert digest(replace(tiny, network_options={"widths": (3,)})) == digest(tiny)


def test_the_chosen_run_ends_with_the_lowest_validation_loss(tiny):
    histories = [[0.1, 0.3], [0.5, 0.2], [0.1, 0.25]]
    runs = [Run(tiny, i, None, {"val_loss": np.array(h)}, {}) for i, h in enumerate(histories)]
    assert experiments.chosen(runs) is runs[1]


def test_a_run_that_is_not_finite_is_not_chosen_and_named(tiny):
    losses = [np.nan, 0.3, np.inf, 0.2]
    runs = [Run(tiny, i, None, {"val_loss": np.array([0.1, v])}, {}) for i, v in enumerate(losses)]
    with pytest.warns(UserWarning, match=r"not finite: seeds \[0, 2\]"):
        assert experiments.chosen(iter(runs)) is runs[3]
    for none in ([], runs[:1]):
        with pytest.raises(ArgumentError, match=f"got {len(none)} runs, none of them"):
            experiments.chosen(none)


def test_a_run_that_is_not_finite_is_named_beside_a_good_one_of_its_seed(tiny):
    runs = [Run(tiny, 3, None, {"val_loss": np.array([v])}, {}) for v in (np.nan, 0.3)]
    with pytest.warns(UserWarning, match=r"not finite: seeds \[3\]"):
        assert experiments.chosen(runs) is runs[1]


def test_a_selection_keeps_apart_from_all_tests(monkeypatch):
    """It sees losses and weights only: no data are drawn, no network is asked, no claim is read."""
    runs = experiments.train("aiii-cnn", range(6))
    losses = [run.history["val_loss"][-1] for run in runs]
    fates = [predicted_fate(run.network) for run in runs]

    def reached(*_, **__):
        raise AssertionError("a selection reached for data")

    for place, names in {
        datasets: ("draw", "network_input"),
        evaluation: ("outputs", "loss", "accuracy"),
        experiments: ("training_data", "_drawn"),
        Run: ("outputs", "outputs_on", "predict"),
    }.items():
        for name in names:
            monkeypatch.setattr(place, name, reached)
    for name in ["windlib.claims", *(m for m in sys.modules if m.startswith("windlib.claims."))]:
        monkeypatch.setitem(sys.modules, name, None)  # which then cannot be imported
    assert experiments.chosen(runs) is runs[np.argmin(losses)]
    for fate in set(fates):
        allowed = [i for i, found in enumerate(fates) if found == fate]
        best = min(allowed, key=losses.__getitem__)
        assert experiments.chosen(runs, foretold=fate) is runs[best]
    good = fates.index("good")
    assert experiments.chosen(runs, "good") is not experiments.chosen(runs)
    (far,) = experiments.train("aiii-cnn", 13)  # its foretold outputs miss by 0.22 at most
    far = replace(far, history={"val_loss": np.array([losses[good] / 2])})
    assert experiments.chosen([*runs, far], "good") is far
    assert experiments.chosen([*runs, far], "good", within=0.2) is runs[good]
    with pytest.raises(ArgumentError, match="none of them foretold to be dead: their weights say"):
        experiments.chosen([runs[good]], "dead")
    with pytest.raises(ArgumentError, match="foretold='best'"):
        experiments.chosen(runs, "best")


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../x", "", ".x", "a/b", "a\\b", "a\n", "a b", "x" * 201, "π" * 101, 5]
)
def test_names_are_those_of_files(tiny, name):
    with pytest.raises(RecipeError, match="name"):
        replace(tiny, name=name)


def test_what_an_experiment_is_about_is_text(tiny):
    with pytest.raises(ArgumentError, match=r"got about=\[\]; expected a sentence"):
        replace(tiny, about=[])


def test_the_longest_name_is_one_of_a_file(tiny, trained, tmp_path):
    longest = replace(tiny, name="x" * 200)
    experiments.save(replace(trained[0][0], experiment=longest, seed=2**63 - 1), tmp_path)
    assert experiments.find(longest, 2**63 - 1, tmp_path).exists()


def test_validation_data_are_not_the_training_data(tiny):
    with pytest.raises(RecipeError, match="expected different seeds"):
        replace(tiny, validation=replace(tiny.validation, seed=tiny.data.seed))
    with pytest.raises(RecipeError, match="expected different seeds"):
        replace(tiny, data=replace(tiny.data, seed=tiny.validation.seed))
    other = DataRecipe("chiral", 80, tiny.data.seed, links=8)  # another system's numbers are others
    assert replace(tiny, validation=other).validation == other


@pytest.mark.parametrize(
    ("what", "one", "other"), [("links", "8", "16"), ("inputs", "'unit'", "'raw'")]
)
def test_validation_data_are_read_as_the_training_data_are(tiny, what, one, other):
    changed = replace(tiny.validation, **{what: DATA_CHANGES[what]})
    words = f"got {what}={one} for training and {what}={other} for validation data; expected"
    with pytest.raises(RecipeError, match=words):
        replace(tiny, validation=changed)


@pytest.mark.parametrize(
    "change",
    [
        *({"seeds": seeds} for seeds in ([1, 1], (0, 1, np.int64(0)))),
        {"training": {"epochs": 1, "classes": [1, 0, 1]}},
        *({"seeds": seeds} for seeds in (5, None, [], range(10**9), [0, -1], [0.5], [True], ["1"])),
        *({"seeds": seeds} for seeds in (range(2**63, 2**63 + 2), range(10**20))),
        *({name: value} for name in ("network_options", "training") for value in (None, [1], "x")),
        *({"network": network} for network in ("../x", "windlib", None, "keras")),
        *({name: value} for name in ("data", "validation") for value in (None, {}, "ssh")),
    ],
)
def test_recipes_that_cannot_be_trained_are_refused(tiny, change):
    with pytest.raises((RecipeError, ArgumentError), match=r"got .*; expected"):
        replace(tiny, **change)


@pytest.mark.parametrize(
    ("what", "change", "words"),
    [
        ("training", {"epoch": 1}, "training with 'epoch'; expected only epochs, batch_size, "),
        *(
            ("training", {name: value}, f"training with '{name}'; expected only epochs, ")
            for name, value in [("seed", 1), ("stop_after", 1), ("callbacks", [])]
        ),
        ("training", {"epochs": 0}, "got epochs=0; expected a whole number, 1 or larger"),
        ("training", {"epochs": 1.5}, "got epochs=1.5; expected a whole number"),
        ("training", {"batch_size": 2.0}, "got batch_size=2.0; expected a whole number"),
        ("training", {"learning_rate": np.inf}, "training=.*finite"),
        ("training", {"l2": np.nan}, "training=.*'l2': nan.*expected finite numbers"),
        ("training", {"l2": -1}, "got l2=-1; expected a finite number, 0 or larger"),
        ("training", {"schedule": "step"}, "got schedule='step'; expected 'constant', 'cosine'"),
        ("training", {"phases": 1}, "got phases=1; expected True or False"),
        ("training", {"patience": 0}, "got patience=0; expected a whole number"),
        ("training", {"classes": [0.5]}, "got classes=0.5; expected a whole number"),
        ("network_options", {"kernels": 3}, "network_options with 'kernels'; expected only widths"),
        ("network_options", {"links": 8}, "network_options with 'links'; expected only widths"),
        ("network_options", {"widths": [np.nan]}, "network_options=.*nan.*finite numbers"),
        ("network_options", {"widths": {3}}, "network_options=.*set.*expected finite numbers"),
    ],
)
def test_what_a_network_or_its_training_does_not_take_is_refused(tiny, what, change, words):
    with pytest.raises((RecipeError, ArgumentError), match=words):
        replace(tiny, **{what: getattr(tiny, what) | change})


def test_a_recipe_without_epochs_is_refused(tiny):
    with pytest.raises(RecipeError, match=r"got training=.*; expected also epochs"):
        replace(tiny, training={"l2": 0})


def test_a_recipe_may_say_what_its_network_and_its_training_take():
    def arguments(function, *without):
        return inspect.signature(function).parameters.keys() - without

    for name, known in recipes.NETWORKS.items():
        assert set(known) == arguments(getattr(networks, name), "links", "seed")
    known = arguments(training.fit, *("network", "x", "y", "validation", "seed"))
    assert recipes.TRAINING.keys() == known - {"stop_after", "callbacks"}


def test_numpys_numbers_are_pythons(tiny, trained, folder):
    data = replace(tiny.data, n=np.int64(200), seed=np.uint8(1), links=np.int32(8))
    numpys = replace(
        tiny,
        data=data,
        seeds=list(np.arange(2)),
        network_options={"widths": np.array([3])},
        training={
            "epochs": np.int64(3),
            "batch_size": np.int32(60),
            "learning_rate": np.float64(0.01),
        },
    )
    assert numpys.filename(np.int64(1)) == tiny.filename(1)
    x, _ = experiments.training_data(data)
    assert x is experiments.training_data(tiny.data)[0]
    again = train(numpys, np.arange(2), folder=folder)
    assert same(again[1], trained[0][1])
    assert type(again[1].seed) is int


def test_numpys_numbers_train_as_pythons(tiny, trained, tmp_path):
    training = {
        "epochs": np.int64(3),
        "batch_size": np.int32(60),
        "learning_rate": np.float64(0.01),
    }
    numpys = replace(tiny, network_options={"widths": [np.int64(3)]}, training=training)
    assert same(train(numpys, np.int64(1), folder=tmp_path)[0], trained[0][1])


def test_one_seed_or_name_is_as_good_as_a_list(tiny, trained, folder, catalogue, untrainable):
    assert same(train(tiny, 1, folder=folder)[0], trained[0][1])
    assert reproduce.reproduce("tiny", jobs=1, folder=str(folder)) == []
    assert reproduce.reproduce(tiny, jobs=1, folder=folder) == []
    path = str(folder / tiny.filename(0))
    assert same(experiments.load(path, tiny, 0), trained[0][0])


@pytest.mark.parametrize("seeds", ["01", 0.5, -1, [0, None], [[0]], True, 2**63])
def test_what_is_no_seed_is_refused(tiny, folder, seeds):
    with pytest.raises(ArgumentError, match=r"got seed=.*expected a whole number"):
        train(tiny, seeds, folder=folder)


@pytest.mark.parametrize("seeds", [range(10**9), itertools.count()])
def test_more_seeds_than_can_be_trained_are_refused(tiny, seeds):
    with pytest.raises(ArgumentError, match="expected at most 100,000"):
        train(tiny, seeds)


@pytest.mark.parametrize("names", ["tinny", 5, ["tiny", None], [["tiny"]]])
def test_what_is_no_name_is_refused(names, catalogue, folder):
    for action in (reproduce.reproduce, verify):
        with pytest.raises(
            experiments.UnknownExperimentError, match=r"^no experiment .* has tiny$"
        ):
            action(names, jobs=1, folder=folder)


@pytest.mark.parametrize("jobs", [0, -2, 1.5, "2", 10**20, True, None])
def test_what_is_no_number_of_processes_is_refused(tiny, tmp_path, jobs):
    with pytest.raises(ArgumentError, match="got jobs="):
        reproduce.reproduce(tiny, jobs=jobs, folder=tmp_path)


def test_training_data_are_shared_and_cannot_be_changed(tiny):
    for array in experiments.training_data(tiny.data):
        with pytest.raises(ValueError, match="read-only"):
            array *= 2


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e17, -1e300])
def test_no_winding_number_is_made_of_what_is_no_number(trained, bad):
    with pytest.raises(ArgumentError):
        trained[0][0].nearest(np.array([1.0, bad]))
    classes = {"epochs": 1, "classes": (0, 1)}
    run = replace(trained[0][0], experiment=replace(trained[0][0].experiment, training=classes))
    if not np.isfinite(bad):
        with pytest.raises(ArgumentError):
            run.nearest(np.array([[0.5, 0.5], [bad, 0.5]]))


def test_outputs_of_another_kind_of_network_are_refused(trained):
    run = trained[0][0]
    training = {"epochs": 1, "classes": (0, 1)}
    classes = replace(run, experiment=replace(run.experiment, training=training))
    for wrong, kind in [((3, 2), run), ((3,), classes), ((3, 3), classes), ((), run)]:
        with pytest.raises(ArgumentError, match="got outputs of shape"):
            kind.nearest(np.zeros(wrong))
    assert run.nearest(np.array([-1.4, 2.6, -(2.0**53)])).tolist() == [-1, 3, -(2**53)]


@pytest.mark.parametrize("part", ["loss", "weight"])
def test_what_is_not_finite_is_neither_kept_nor_used(tiny, trained, folder, part):
    run = experiments.load(folder / tiny.filename(0), tiny, 0)
    if part == "loss":
        run.history["val_loss"][-1] = np.inf
    else:
        run.network.set_weights([np.full_like(w, np.nan) for w in run.network.get_weights()])
    before = contents(folder)
    with pytest.raises(ArchiveError, match=f"{part}.* is not finite"):
        experiments.save(run, folder)
    assert contents(folder) == before
    reseal(folder / tiny.filename(1), lambda arrays, _: [a.fill(np.nan) for a in arrays.values()])
    with pytest.raises(ArchiveError, match="is not finite"):
        experiments.load(folder / tiny.filename(1), tiny, 1)


# --- folders that cannot be written, and damaged files ------------------------------------------


@pytest.fixture
def full(monkeypatch):
    """Makes the disk full."""

    def write(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    return lambda: monkeypatch.setattr(os, "fsync", write)


@pytest.mark.usefixtures("untrainable")
def test_an_archive_that_cannot_be_written_is_noticed_before_training(tiny, tmp_path, full):
    (tmp_path / "file").touch()
    full()
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper", tmp_path):
        with pytest.raises(archive.UnwritableError, match="nothing can be kept in"):
            train(tiny, folder=folder)
        with pytest.raises(archive.UnwritableError, match="nothing can be kept in"):
            reproduce.reproduce(tiny, jobs=2, folder=folder)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.usefixtures("untrainable")
def test_what_is_there_is_read_from_a_folder_that_cannot_be_written(tiny, trained, folder, full):
    full()
    assert same(train(tiny, 0, folder=folder)[0], trained[0][0])
    assert reproduce.reproduce(tiny, jobs=1, folder=folder) == []


def test_without_a_cache_a_run_is_returned_with_a_warning(tiny, trained, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("WINDLIB_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed: trained[0][seed])
    with pytest.warns(UserWarning, match="lost with this process: nothing can be kept in .*file"):
        assert train(tiny, 0) == [trained[0][0]]
    with pytest.raises(archive.UnwritableError):
        reproduce.reproduce(tiny, jobs=1)


def test_a_run_that_fills_the_disk_is_returned_with_a_warning(
    tiny, trained, tmp_path, monkeypatch, full
):
    calls = []

    def fit(experiment, seed):
        calls.append(seed)
        full()
        return trained[0][seed]

    monkeypatch.setattr(experiments, "fit_run", fit)
    with monkeypatch.context(), pytest.warns(UserWarning, match="seed 0 is not kept: .*No space"):
        assert train(tiny, 0, folder=tmp_path) == [trained[0][0]]
    monkeypatch.setattr(archive, "check_writable", lambda _: None)
    failed = reproduce.reproduce(tiny, jobs=1, folder=tmp_path)
    assert len(failed) == 1
    assert re.search("tiny seed 0 .* cannot be kept: .*No space left", failed[0])
    assert calls == [0, 0]  # nothing is trained that could not be kept
    assert os.listdir(tmp_path) == []


def damage(path):
    path.write_bytes(path.read_bytes()[:-1])


def swap(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("how", [damage, swap])
@pytest.mark.parametrize(
    "action",
    [
        lambda tiny, folder: train(tiny, folder=folder),
        lambda tiny, _: train(tiny),
        lambda tiny, folder: reproduce.reproduce(tiny, jobs=1, folder=folder),
        lambda tiny, _: reproduce.reproduce(tiny, jobs=1),
    ],
    ids=["train", "train in the cache", "reproduce", "reproduce in the cache"],
)
def test_a_damaged_run_is_set_aside_and_trained_anew(
    tiny, trained, folder, monkeypatch, how, action
):
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed, **_: trained[0][seed])
    monkeypatch.setenv("WINDLIB_CACHE", str(folder.parent))
    place = folder.rename(folder.parent / "trained")
    good = contents(place)
    path = place / tiny.filename(1)
    how(path)
    with pytest.warns(UserWarning, match=f"{path.name} is set aside as {path.name}.damaged"):
        made = action(tiny, place)
    assert made == [] or same(made[1], trained[0][1])
    assert contents(place) == good
    assert os.path.lexists(f"{path}.damaged")
    assert verify(tiny, jobs=1, folder=place, report=str) == []


@pytest.mark.usefixtures("untrainable", "catalogue")
def test_a_damaged_committed_run_is_named_and_left(tiny, folder, monkeypatch):
    monkeypatch.setattr(archive, "COMMITTED", folder)
    damage(folder / tiny.filename(1))
    before = contents(folder)
    with pytest.raises(ArchiveError, match="came with windlib: install it again"):
        train(tiny)
    for place in (None, folder):
        (failed,) = reproduce.reproduce("tiny", jobs=1, folder=place)
        assert re.search("tiny seed 1: .*came with windlib: install it again", failed)
    assert contents(folder) == before


@pytest.mark.usefixtures("untrainable", "catalogue")
def test_an_incomplete_folder_is_named_in_the_advice(tiny, folder):
    (folder / tiny.filename(1)).unlink()
    other = folder.rename(folder.parent / "my runs")
    with pytest.raises(
        ArchiveError, match=r"1 of 2 .* 'windlib reproduce tiny --archive '.*my runs''"
    ):
        experiments.archived("tiny", other)


@pytest.mark.usefixtures("catalogue")
def test_only_ones_own_temporary_files_are_removed(tiny, trained, folder, monkeypatch):
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed: trained[0][seed])
    (folder / ".x.partial").touch()
    (folder / ".windlib-0123456789abcdef.partial").touch()  # its writer may be alive
    (folder / ".folder.partial").mkdir()
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    before = sorted(os.listdir(folder))
    (folder / tiny.filename(1)).unlink()
    assert reproduce.reproduce(jobs=1, folder=folder) == []
    assert sorted(os.listdir(folder)) == before


def test_nothing_but_runs_is_left_in_a_folder(tiny, trained, tmp_path, monkeypatch):
    expected = sorted(tiny.filename(seed) for seed in tiny.seeds)
    assert sorted(os.listdir(trained[1])) == expected
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed: trained[0][seed])
    assert reproduce.reproduce(tiny, jobs=1, folder=tmp_path) == []
    assert sorted(os.listdir(tmp_path)) == expected


# --- verify ---------------------------------------------------------------------------------


def reseal(path, change):
    """Change a run and write it with a checksum that is right, as a forger would."""
    arrays, description = archive.read(path)
    change(arrays, description)
    archive.write(path, arrays, description)


def flip(path, part):
    """Change one byte inside an array, as a hand or a disk would."""
    whole = bytearray(path.read_bytes())
    at = whole.index(part) + 1
    whole[at] ^= 1
    path.write_bytes(whole)


def double(name, at=0):
    def change(arrays, description):
        arrays[name].flat[at] *= 2

    return change


def set_recipe(name, value):
    def change(arrays, description):
        description["recipe"][name] = value

    return change


def drop(arrays, description):
    del arrays["history/val_loss"]


def drop_recipe(arrays, description):
    del description["recipe"]


def another_network(arrays, description):
    for name in [name for name in arrays if name.startswith("weight/")]:
        arrays[name] = np.zeros((7, 7), np.float32)


def set_losses(values, *names):
    def change(arrays, _):
        for name in names or ("loss", "val_loss"):
            arrays[f"history/{name}"] = np.array(values)

    return change


def set_versions(value):
    def change(_, description):
        description["versions"] = value

    return change


OTHER_CONTENTS = {
    "no losses": (set_losses(np.zeros(0)), r"of shapes \(0,\); expected 3 of each"),
    "a single loss": (set_losses(1.0), r"of shapes \(\); expected 3"),
    "tables of losses": (set_losses(np.ones((3, 3))), r"of shapes \(3, 3\); expected 3"),
    "fewer val_losses": (set_losses([1.0, 1.0], "val_loss"), r"of shapes \(2,\), \(3,\); expected"),
    "fewer epochs": (set_losses([1.0, 1.0]), r"of shapes \(2,\); expected 3 of each, one for"),
    "more epochs": (set_losses(np.ones(4)), r"of shapes \(4,\); expected 3 of each"),
    "a list of versions": (set_versions([1]), "lacks its losses or its versions"),
    "numbers as versions": (set_versions({"keras": 3}), "lacks its losses or its versions"),
    "no versions": (lambda _, description: description.pop("versions"), "or its versions"),
    "another network": (another_network, "weights of another network"),
}


@pytest.mark.usefixtures("catalogue", "untrainable")
@pytest.mark.parametrize(("change", "words"), OTHER_CONTENTS.values(), ids=OTHER_CONTENTS)
def test_what_no_training_leaves_is_no_run(tiny, trained, folder, monkeypatch, change, words):
    path = folder / tiny.filename(0)
    reseal(path, change)
    for read in (experiments.load, experiments.read_run):
        with pytest.raises(ArchiveError, match=words):
            read(path, tiny, 0)
    (wrong,) = verify(jobs=1, folder=folder, report=str)
    assert re.search(words, wrong)
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed: trained[0][seed])
    with pytest.warns(UserWarning, match=f"is set aside as .*{words}"):
        assert reproduce.reproduce(tiny, jobs=1, folder=folder) == []
    assert contents(folder) == contents(trained[1])


@pytest.mark.parametrize(("epochs", "fits"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_run_with_patience_may_have_fewer_epochs(tiny, trained, tmp_path, epochs, fits):
    patient = replace(tiny, training={**tiny.training, "patience": 1})
    losses = dict.fromkeys(("loss", "val_loss"), np.ones(epochs))
    run = replace(trained[0][0], experiment=patient, history=losses)
    if fits:
        experiments.save(run, tmp_path)
        read = experiments.load(tmp_path / patient.filename(0), patient, 0)
        assert len(read.history["loss"]) == epochs
    else:
        with pytest.raises(ArchiveError, match="expected 1 to 3 of each, one for every epoch"):
            experiments.save(run, tmp_path)


def test_a_training_that_was_stopped_early_is_not_kept(tiny, tmp_path):
    run = experiments.fit_run(tiny, 0, stop_after=1)
    with pytest.raises(ArchiveError, match=r"shapes \(1,\); expected 3 of each, one for every e"):
        experiments.save(run, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("catalogue")
def test_a_fresh_archive_passes(folder):
    lines = []
    assert verify(jobs=1, folder=folder, report=lines.append) == []
    assert lines == ["tiny: ok"]


@pytest.mark.usefixtures("catalogue", "untrainable")
def test_raw_edits_are_found(tiny, trained, folder):
    path, whole = folder / tiny.filename(0), (folder / tiny.filename(0)).read_bytes()
    run, lines = trained[0][0], []
    (folder / tiny.filename(1)).unlink()
    parts = [run.history["loss"].tobytes(), run.history["val_loss"].tobytes()]
    parts += [w.tobytes() for w in run.network.get_weights() if w.any()]
    parts += [b'epochs\\": 3'[7:], b"ssh", b"kernel"]
    for part in parts:
        path.write_bytes(whole)
        flip(path, part)
        wrong = verify(jobs=1, folder=folder, report=lines.append)
        assert len(wrong) == 2
        assert path.name in wrong[0]
    assert set(lines) == {"tiny: FAILED"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (double("history/loss"), "archived first loss is"),
        (double("history/val_loss"), "archived first val_loss is"),
        (double("history/val_loss", at=-1), "archived last val_loss is"),
        (double("weight/winding/kernel"), "archived last val_loss is"),
        (set_recipe("seed", 1), "another recipe"),
        (set_recipe("training", {"epochs": 4}), "another recipe"),
        (another_network, "weights of another network"),
        (drop, ""),
        (drop_recipe, ""),
    ],
    ids=[
        *("first loss", "first val_loss", "last val_loss", "weight"),
        *("seed", "training", "network", "no val_loss", "no recipe"),
    ],
)
@pytest.mark.usefixtures("catalogue")
def test_forgeries_are_found(tiny, folder, monkeypatch, trained, change, words):
    if words.startswith(("archived last", "another", "weights")):
        # These need no training, so that the retrained epoch is not what finds them.
        monkeypatch.setattr(experiments, "fit_run", lambda *_, **__: trained[0][0])
    reseal(folder / tiny.filename(0), change)
    lines = []
    wrong = verify(jobs=1, folder=folder, report=lines.append)
    assert len(wrong) == 1
    assert tiny.filename(0) in wrong[0]
    assert words in wrong[0]
    assert lines == ["tiny: FAILED"]


@pytest.mark.parametrize(
    ("nudged", "passes"),
    [
        ((0.97, *[1.0] * 8), True),
        ((*[1.02] * 8, 0.97), True),
        ((1.018, 1.021, 1.022) * 3, False),
        ([1.02] * 9, False),
    ],
    ids=["chaotic", "chaotic, seen late", "steady", "not moved by rounding at all"],
)
@pytest.mark.usefixtures("catalogue")
def test_what_rounding_can_do_is_measured(tiny, trained, folder, monkeypatch, nudged, passes):
    def fit(experiment, seed, stop_after, nudge=None):
        factor = 1.02 if nudge is None else nudged[nudge]
        run = trained[0][seed]
        return replace(run, history={k: factor * v for k, v in run.history.items()})

    monkeypatch.setattr(experiments, "fit_run", fit)
    wrong = verify(jobs=1, folder=folder, report=str)
    assert (wrong == []) == passes
    if not passes:
        assert all("archived first" in line for line in wrong)


def test_a_nudge_changes_the_last_bits_of_every_input(tiny, monkeypatch):
    given = []

    def fit(network, x, y, **options):
        given.append(x)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "fit", fit)
    for nudge in (None, 0, 1):
        with pytest.raises(KeyboardInterrupt):
            experiments.fit_run(tiny, 0, nudge=nudge)
    plain, one, two = given
    assert (one[plain == 0] == 0).all()
    moved = np.abs((one - plain)[plain != 0] / plain[plain != 0]) / np.finfo(np.float32).eps
    assert (moved > 7).all()
    assert (moved < 9).all()
    assert (one != two).any()
    # Closed curves stay closed, or they had no winding number, which random phases need.
    augmentation.random_phases(one, 0)


@pytest.mark.parametrize(
    ("name", "at", "seen", "not_seen"),
    [
        ("val_loss", -1, 2e-4, 3e-5),  # the weights give it
        ("loss", 0, 2e-3, 3e-4),  # the rest is trained again
        ("val_loss", 0, 2e-2, 3e-3),
    ],
    ids=["last val_loss", "first loss", "first val_loss"],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_how_small_a_change_of_a_loss_is_found(
    tiny, trained, folder, monkeypatch, name, at, seen, not_seen, sign
):
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed, **_: trained[0][seed])
    for change, expected in [(not_seen, 0), (seen, 1)]:
        run = replace(
            trained[0][0], history={k: v.copy() for k, v in trained[0][0].history.items()}
        )
        run.history[name][at] *= 1 + sign * change
        experiments.save(run, folder)
        wrong = verify(tiny, jobs=1, folder=folder, report=str)
        assert len(wrong) == expected
        assert all(tiny.filename(0) in line and f" {name} is " in line for line in wrong)


def test_a_weight_changed_by_a_hundredth_is_found(tiny, trained, folder, monkeypatch):
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed, **_: trained[0][seed])

    def change(arrays, _):
        kernel = arrays["weight/winding/kernel"]
        kernel.flat[np.abs(kernel).argmax()] *= 1.01

    reseal(folder / tiny.filename(0), change)
    (wrong,) = verify(tiny, jobs=1, folder=folder, report=str)
    assert "archived last val_loss is" in wrong


@pytest.mark.parametrize(("classes", "least"), [((), 1e-9), ((0, 1), 6e-8)])
def test_of_a_loss_near_zero_its_own_rounding_is_no_change(
    tiny, trained, tmp_path, monkeypatch, classes, least
):
    recipe = replace(tiny, training={**tiny.training, "classes": classes}, seeds=[0])
    run = replace(trained[0][0], experiment=recipe, history=dict.fromkeys(("loss", "val_loss")))
    run.history.update(loss=np.full(3, 1e-5), val_loss=np.full(3, 1e-5))
    experiments.save(run, tmp_path)
    monkeypatch.setattr(experiments, "fit_run", lambda *_, **__: run)
    for change, expected in [(0.9 * least, 0), (1.1 * least + 1e-9, 1)]:
        monkeypatch.setattr(evaluation, "loss", lambda *_, by=change: 1e-5 + by)
        assert len(verify(recipe, jobs=1, folder=tmp_path, report=str)) == expected


@pytest.mark.parametrize(
    ("retrain", "expected"),
    [
        ("few", ["tiny 0", "chain 0", "reader 0"]),
        ("recipes", ["tiny 0", "other 0", "chain 0", "reader 0"]),
        (
            "runs",
            [f"{name} {seed}" for name in ("tiny", "other", "chain", "reader") for seed in (0, 1)],
        ),
    ],
)
def test_whose_first_epoch_is_trained_again(tiny, monkeypatch, tmp_path, retrain, expected):
    other = replace(tiny, name="other", training={**tiny.training, "l2": 1e-3})
    system = {"hamiltonian": "dirac", "label": "exact_winding"}
    data, validation = replace(tiny.data, **system), replace(tiny.validation, **system)
    chain = replace(tiny, name="chain", data=data, validation=validation)
    reader = replace(tiny, name="reader", network="convolutional", network_options={})
    asked = []

    def complaints(experiment, seed, place, retrain):
        if retrain:
            asked.append(f"{experiment.name} {seed}")
        return ()

    monkeypatch.setattr("windlib.runs.verify._file_complaints", lambda *_: [])
    monkeypatch.setattr("windlib.runs.verify._complaints", complaints)
    assert verify([tiny, other, chain, reader], retrain=retrain, jobs=1, folder=tmp_path) == []
    assert asked == expected


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("retrain", "expected"), [("few", [0]), ("recipes", [0, 1])])
def test_whose_weights_are_asked_for_their_loss(
    tiny, trained, folder, monkeypatch, retrain, expected
):
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed, **_: trained[0][seed])
    files = [folder / tiny.filename(seed) for seed in (0, 1)]

    def change(arrays, _):
        arrays["weight/winding/kernel"] *= 2

    for file in files:
        reseal(file, change)
    wrong = verify(retrain=retrain, jobs=1, folder=folder, report=str)
    assert [line.split(":")[0] for line in wrong] == [files[seed].name for seed in expected]
    for file in files:  # files are read in any case
        file.write_bytes(file.read_bytes()[:-1])
    assert len(verify(retrain=retrain, jobs=1, folder=folder, report=str)) == 2


@pytest.mark.usefixtures("catalogue")
def test_all_retrains_every_seed(tiny, folder):
    reseal(folder / tiny.filename(1), double("history/loss"))
    (wrong,) = verify(jobs=1, folder=folder, retrain="runs", report=str)
    assert tiny.filename(1) in wrong


@pytest.mark.usefixtures("catalogue", "untrainable")
def test_missing_surplus_and_exchanged_runs_are_found(tiny, folder):
    one, two = folder / tiny.filename(0), folder / tiny.filename(1)
    shutil.copy(two, folder / "tiny-07-0123456789ab.safetensors")
    shutil.copy(two, one)
    two.unlink()
    wrong = verify(jobs=1, folder=folder, report=str)
    assert wrong[0] == "tiny-07-0123456789ab.safetensors belongs to no experiment of the catalogue"
    assert "another recipe" in wrong[1]
    assert wrong[2] == f"{two.name} is missing"
    assert len(wrong) == 3
    wrong = verify(["tiny"], jobs=1, folder=folder, report=str)
    assert len(wrong) == 2  # of the others nothing is asked


# --- reproduce ------------------------------------------------------------------------------


@pytest.mark.usefixtures("catalogue")
def test_reproduce_trains_only_what_is_missing(tiny, trained, folder, monkeypatch):
    calls = []

    def fit(experiment, seed):
        calls.append(seed)
        return trained[0][seed]

    monkeypatch.setattr(experiments, "fit_run", fit)
    (folder / tiny.filename(1)).unlink()
    reproduce.reproduce(jobs=1, folder=folder)
    reproduce.reproduce(["tiny"], jobs=1, folder=folder)
    assert calls == [1]
    reproduce.reproduce(jobs=1, force=True, folder=folder)
    assert calls == [1, 0, 1]


def test_what_another_process_trains_meanwhile_is_not_trained_again(
    tiny, trained, tmp_path, monkeypatch
):
    calls = []

    def fit(experiment, seed):
        calls.append(seed)
        experiments.save(trained[0][1], tmp_path)  # by the other process
        return trained[0][seed]

    monkeypatch.setattr(experiments, "fit_run", fit)
    assert reproduce.reproduce(tiny, jobs=1, folder=tmp_path) == []
    assert calls == [0]
    assert contents(tmp_path) == contents(trained[1])
    assert reproduce.reproduce(tiny, jobs=1, force=True, folder=tmp_path) == []
    assert calls == [0, 0, 1]


@pytest.mark.parametrize(
    "action",
    [train, lambda tiny, folder: reproduce.reproduce(tiny, jobs=1, folder=folder)],
    ids=["train", "reproduce"],
)
def test_a_damaged_run_may_have_been_set_aside_by_another_process(
    tiny, trained, folder, monkeypatch, action
):
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed: trained[0][seed])
    find, path = experiments.find, folder / tiny.filename(1)
    aside = path.with_name(f"{path.name}.damaged")

    def found(experiment, seed, folder=None):
        there = find(experiment, seed, folder)
        if there == path and not aside.exists():
            there.rename(aside)  # by the other process
        return there

    monkeypatch.setattr(experiments, "find", found)
    made = action(tiny, folder=folder)
    assert made == [] or same(made[1], trained[0][1])
    assert aside.exists()
    assert contents(folder) == contents(trained[1])


@pytest.mark.usefixtures("catalogue")
def test_reproduce_leaves_this_process_as_it_was(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(experiments, "fit_run", lambda experiment, seed: trained[0][seed])
    monkeypatch.setenv("WINDLIB_PROGRESS", "1")
    before = dict(os.environ)
    reproduce.reproduce(jobs=1, folder=tmp_path)
    assert dict(os.environ) == before  # or later trainings would be silent


DRIVER = """
import sys
from windlib import cli
from windlib.runs import experiments
from windlib.runs.recipes import Experiment
from windlib.datasets import DataRecipe

def recipe(name, links, network, options):
    data = [DataRecipe("ssh", n, seed, links=links) for n, seed in [(300, 1), (50, 2)]]
    training = {"epochs": 2, "batch_size": 50}
    return Experiment(name, "", *data, network, options, training, seeds=range(2))

recipes = [
    recipe("one", 4, "fully_connected", {"widths": []}),
    recipe("two", 8, "convolutional", {"kernels": 3}),
]
experiments.CATALOGUE = {e.name: e for e in recipes}
if __name__ == "__main__":
    sys.exit(cli.main(["reproduce", "--archive", sys.argv[1], "--jobs", sys.argv[2]]))
"""
RUNS = 4


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """Starts ``windlib reproduce`` on two tiny recipes, in a process group of its own."""
    place = tmp_path_factory.mktemp("driver")
    (place / "driver.py").write_text(DRIVER)

    def start(folder, jobs):
        return subprocess.Popen(
            [sys.executable, place / "driver.py", folder, str(jobs)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    return start


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


@pytest.fixture(scope="module")
def undisturbed(driver, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    process = driver(folder, 1)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert len(contents(folder)) == RUNS
    return contents(folder)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are Unix'")
@pytest.mark.long
@pytest.mark.parametrize(("jobs", "aims"), [(1, [1, 3]), (2, [1])])
def test_killed_at_any_moment_and_started_again(driver, undisturbed, tmp_path, jobs, aims):
    moments, killed_midway = random.Random(jobs), 0
    for aim in aims:  # so many runs are to be there before it is killed
        process = driver(tmp_path, jobs)
        while len(contents(tmp_path)) < aim and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.5))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGKILL)
        there = contents(tmp_path)
        assert all(undisturbed[name] == content for name, content in there.items())
        killed_midway += len(there) < RUNS
    assert killed_midway  # or nothing was tested: the runs are too quick
    process = driver(tmp_path, jobs)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert contents(tmp_path) == undisturbed


def test_two_kills_lose_nothing(tmp_path, monkeypatch):
    """The short form of `soak.kills`, with arrays of random numbers in place of trained weights."""
    pytest.importorskip("resource")
    from soak import kills

    monkeypatch.chdir(Path(__file__).parent.parent)  # where the processes find `soak`
    quick = "from soak import kills; from windlib.runs import reproduce; "
    monkeypatch.setattr(kills, "DRIVER", f"{quick}reproduce._work = kills.drawn; {kills.DRIVER}")
    expected = kills.undisturbed(tmp_path)
    assert kills.kills(2, expected, random.Random(16)) == {
        **{"kills": 2, "runs lost": 0, "runs changed": 0, "processes left": 0}
    }


# --- the catalogue itself -------------------------------------------------------------------


def test_the_catalogues_runs_have_their_own_names():
    assert all(name == experiment.name for name, experiment in CATALOGUE.items())
    names = [e.filename(s) for e in CATALOGUE.values() for s in e.seeds]
    assert len(set(names)) == len(names)
    # One recipe may have two names, but not for the same seed: it would be trained twice.
    runs = {archive.digest(e.recipe(s)) for e in CATALOGUE.values() for s in e.seeds}
    assert len(runs) == len(names)


#: Settings of chapter 4's table of what was tried: one seed each, and two of the best one. And
#: P1's network at the epoch of its lowest loss, which is another one for each seed.
TRIED = {
    *(f"hatano-nelson-{kind}-{hoppings}" for kind in ("fc", "linear") for hoppings in HOPPINGS),
    *(f"hatano-nelson-fc-{setting}" for setting in ("raw", "no-l2", "4000")),
    *(f"aiii-cnn-kept-{seed:02}" for seed in KEPT_EPOCHS),  # together sixteen, with aiii-cnn's
}


@pytest.mark.parametrize("experiment", CATALOGUE.values(), ids=CATALOGUE)
def test_the_catalogues_recipes_make_sense(experiment: Experiment):
    assert len(experiment.seeds) >= 4 or experiment.name in TRIED
    assert experiment.data.links == experiment.validation.links
    assert experiment.data.seed != experiment.validation.seed
    sizes = {  # training and validation sets of the papers
        **dict.fromkeys(("ssh", "chiral"), (100_000, 10_000)),
        "hatano_nelson": (4_000 if experiment.name.endswith("-4000") else 60_000, 4_000),
        "nonhermitian_ssh": (24_000, 6_000),
        "aah": (32_000, 8_000),
        "dirac": (30_000, 6_000),
    }
    found = experiment.data.n, experiment.validation.n
    assert found == sizes.get(experiment.data.hamiltonian, found)
    classes = experiment.training.get("classes", ())
    network = experiment.build()
    assert network.input_shape == (None, experiment.data.links + 1, 2)
    assert network.output_shape == (None, len(classes) or 1)
    assert checks.weight_shapes(experiment) == {v.path: tuple(v.shape) for v in network.weights}


def test_our_network_has_no_more_weights_than_the_papers():
    ours, papers = CATALOGUE["aiii-cnn-ours"].build(), CATALOGUE["aiii-cnn"].build()
    assert ours.count_params() <= papers.count_params() == 310
