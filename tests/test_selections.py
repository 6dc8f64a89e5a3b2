"""Selections of P2's phase diagrams: what they draw and see, and closed forms of their scores."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from functools import wraps
from types import SimpleNamespace

import numpy as np
import pytest

from windlib.claims import phase_diagrams
from windlib.datasets import DataRecipe, draw
from windlib.hamiltonians import dirac, nonhermitian_ssh
from windlib.runs import archive, selections
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.seeds import SEEDS

MODELS = {"nonhermitian-ssh-cnn": nonhermitian_ssh, "dirac-cnn": dirac}


def run_of(stem, threshold, outputs, seed=0, loss=1.0):
    """A run with these outputs in place of a network's, on 400 validation points."""
    e = CATALOGUE[f"{stem}-{threshold}"]
    e = replace(e, validation=replace(e.validation, n=400))
    classes = np.array(e.training["classes"])
    return SimpleNamespace(
        experiment=e,
        seed=seed,
        history={"val_loss": np.array([loss])},
        outputs=outputs,
        predict=lambda z: classes[outputs(z).argmax(axis=1)],
    )


def probabilities(run_classes, winding, right):
    """Probability `right` of the class of a winding number, the rest shared by the others."""
    wrong = (1 - np.asarray(right)) / (len(run_classes) - 1)
    return np.where(winding[:, None] == run_classes, np.c_[right], np.c_[wrong])


def distance(z, stem="nonhermitian-ssh-cnn"):
    """Distance of a system from its phase boundaries, from its curve alone.

    Wherever the curve begins and in whichever sense it is read, its mean, the moduli of its two
    harmonics and their product are the same. SSH: the moduli are |t ± δ|. Dirac, around the
    centre c, in units of 4: the moduli's squares add up to 2(|c|² + κ²), the product is
    |c|² − κ² + 2iκc_x, and the mean's imaginary part 2(κc_x + m).
    """
    mean, ahead, back = (np.fft.fft(z[:, :-1]) / (z.shape[1] - 1))[:, [0, 1, -1]].T
    if stem == "nonhermitian-ssh-cnn":
        return np.abs(np.abs([ahead, back]) - 1).min(axis=0) / 2**0.5
    mean, ahead, back = mean / 4, ahead / 4, back / 4
    m = (mean - ahead * back).imag / 2
    squares = (np.abs(ahead) ** 2 + np.abs(back) ** 2) / 2
    kappa = np.sqrt((squares - (ahead * back).real) / 2)
    return np.abs(kappa - np.abs(m)) / 2**0.5


def counting(classes=(0, 1, -1)):
    """A network's outputs: sure of the true winding number, by its turns."""
    from windlib.winding import winding_number

    return lambda z: probabilities(classes, winding_number(z), np.full(len(z), 0.98))


@pytest.mark.parametrize("stem", MODELS)
def test_distances_from_curves_are_those_from_parameters(stem):
    drawn = draw(run_of(stem, 0.2, None).experiment.validation)
    expected = MODELS[stem].phase_boundary_distance(*list(drawn.parameters.values())[:2])
    for z in (drawn.curve, np.roll(drawn.curve[:, :-1], 5, axis=1)[:, [*range(32), 0]]):
        np.testing.assert_allclose(distance(z, stem), expected, atol=1e-9)
        np.testing.assert_allclose(distance(z[:, ::-1], stem), expected, atol=1e-9)


def recording(stem, threshold, seen, seed=0):
    """A run that counts turns, and keeps what it is shown."""
    count = counting(np.array(CATALOGUE[f"{stem}-{threshold}"].training["classes"]))
    return run_of(stem, threshold, lambda z: seen.append(z) or count(z), seed)


@pytest.mark.parametrize("stem", MODELS)
@pytest.mark.parametrize("threshold", [0.2, 0.6])
@pytest.mark.parametrize("name", selections.SCORES)
def test_no_score_looks_at_a_curve_closer_than_the_threshold(name, threshold, stem):
    seen = []
    selections.SCORES[name](recording(stem, threshold, seen))
    assert bool(seen) is (name != "lowest validation loss")
    for z in seen:
        assert distance(z, stem).min() > threshold - 1e-6


@pytest.mark.parametrize("stem", MODELS)
def test_selections_draw_nothing_but_a_runs_own_validation_data(stem, monkeypatch):
    """Nor do they know the seeds of the tests, nor see a curve that no training may see."""
    seen = {T: [] for T in (0.3, 0.5, 0.6)}
    runs = {T: [recording(stem, T, seen[T], seed) for seed in (0, 1)] for T in seen}
    own = {archive.to_json(asdict(r.experiment.validation)) for here in runs.values() for r in here}
    own = {recipe: draw(DataRecipe(**json.loads(recipe))) for recipe in own}
    hamiltonian = runs[0.3][0].experiment.data.hamiltonian
    known = {k: v for k, v in SEEDS[hamiltonian].items() if "lines" in k}

    @wraps(MODELS[stem].sample)  # a recipe looks at what it takes
    def refuse(*_, **__):
        raise AssertionError("a selection samples a Hamiltonian of its own")

    monkeypatch.setattr(selections, "draw", lambda data: own[archive.to_json(asdict(data))])
    monkeypatch.setattr(selections, "SEEDS", {hamiltonian: known})
    monkeypatch.setattr(MODELS[stem], "sample", refuse)
    selections._drawn.cache_clear()
    selections._across.cache_clear()
    kept = selections.chosen_by(runs)
    selections._drawn.cache_clear()
    assert set(kept) == {*selections.SCORES, selections.FARTHER}
    least = {0.3: 0.3, 0.5: 0.3, 0.6: 0.5}  # trained beyond T′, tested from the T before on
    for T, curves in seen.items():
        assert min(distance(z, stem).min() for z in curves) > least[T] - 1e-6


@pytest.mark.parametrize("stem", MODELS)
def test_beyond_a_larger_threshold_a_seed_is_tested_where_it_was_trained(stem):
    seen = []
    near, far = recording(stem, 0.3, []), recording(stem, 0.5, seen)
    selections.trained_farther(near, far)
    (z,) = seen
    assert 0.3 - 1e-6 < distance(z, stem).min() <= distance(z, stem).max() < 0.5


def test_selections_work_without_the_claims_that_hold_the_tests():
    """In a process of their own they load no module of windlib.claims."""
    code = "import sys, windlib.runs.selections; print([m for m in sys.modules if 'claims' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("stem", MODELS)
def test_who_counts_turns_is_misled_by_nothing(stem):
    classes = CATALOGUE[f"{stem}-0.3"].training["classes"]
    run = run_of(stem, 0.3, counting(np.array(classes)))
    assert selections.begun_elsewhere(run) == 0
    assert selections.mirror(run) < 1e-12
    assert selections.between_the_sides(run) < 1e-12
    assert selections.rim_loss(run) == pytest.approx(-np.log(0.98))
    assert selections.trained_farther(run, run_of(stem, 0.5, run.outputs)) == 0


def test_margins_in_proportion_to_the_distance_point_to_the_boundary():
    def linear(z):
        margin = 3 * distance(z)  # ln p / q with q for each of the two others
        right = 1 / (1 + 2 * np.exp(-margin))
        return probabilities((0, 1, -1), winding(z), right)

    def shifted(z):
        margin = 3 * (distance(z) - 0.05)
        right = 1 / (1 + 2 * np.exp(-margin))
        return probabilities((0, 1, -1), winding(z), right)

    from windlib.winding import winding_number as winding

    assert selections.along_rays(run_of("nonhermitian-ssh-cnn", 0.2, linear)) < 1e-6
    found = selections.along_rays(run_of("nonhermitian-ssh-cnn", 0.2, shifted))
    assert found == pytest.approx(0.05 / 0.2, abs=1e-6)


def test_a_boundary_that_is_seen_to_one_side_lies_there():
    """Margins of 3 and 1 at s = T on the two sides join to a zero half of T away."""

    def outputs(z):
        w = np.array([0, 1, -1])[counting()(z).argmax(axis=1)]
        right = 1 / (1 + 2 * np.exp(-np.where(w == 0, 3.0, 1.0)))
        return probabilities((0, 1, -1), w, right)

    run = run_of("nonhermitian-ssh-cnn", 0.4, outputs)
    assert selections.between_the_sides(run) == pytest.approx(0.5)


def test_one_class_for_all_is_the_worst():
    def always_0(z):
        return np.tile([0.9, 0.05, 0.05], (len(z), 1))

    run = run_of("nonhermitian-ssh-cnn", 0.3, always_0)
    assert selections.between_the_sides(run) == 1
    share = np.mean(selections._rim(run.experiment.validation, 0.1).winding != 0)
    assert selections.begun_elsewhere(run) == pytest.approx(share)
    wide = np.mean(selections._rim(run.experiment.validation, 0.2).winding != 0)
    farther = run_of("nonhermitian-ssh-cnn", 0.5, always_0)
    assert selections.trained_farther(run, farther) == pytest.approx(wide)
    counts = run_of("nonhermitian-ssh-cnn", 0.3, counting())
    assert selections.trained_farther(counts, farther) == pytest.approx(wide)


@pytest.mark.parametrize("stem", MODELS)
def test_the_rim_is_all_validation_data_that_are_close_enough(stem):
    run = run_of(stem, 0.3, None)
    every = draw(run.experiment.validation).parameters
    distance = MODELS[stem].phase_boundary_distance(*list(every.values())[:2])
    rim = selections._rim(run.experiment.validation, 0.1)
    assert len(rim.winding) == np.count_nonzero(distance < 0.4) >= 10
    assert np.array_equal(rim.winding, MODELS[stem].exact_winding(**rim.parameters))


def test_the_lowest_score_is_kept_and_the_loss_decides_between_equal_ones():
    good, bad = counting(), lambda z: np.tile([0.9, 0.05, 0.05], (len(z), 1))
    runs = {
        t: [
            run_of("nonhermitian-ssh-cnn", t, outputs, seed, loss)
            for seed, (outputs, loss) in enumerate([(bad, 0.1), (good, 0.5), (good, 0.3)])
        ]
        for t in (0.3, 0.5)
    }
    kept = selections.chosen_by(runs)
    assert kept["lowest validation loss"][0.3].seed == 0
    for name in ("lowest loss next to T", "fewest errors on curves begun elsewhere"):
        assert [run.seed for run in kept[name].values()] == [2, 2]
    assert {t: run.seed for t, run in kept[selections.FARTHER].items()} == {0.3: 2}


def test_a_seed_is_compared_with_itself_at_a_larger_threshold():
    near, far = (run_of("dirac-cnn", t, counting((0, 1))) for t in (0.3, 0.4))
    with pytest.raises(ValueError, match="expected one seed, the second at a larger T"):
        selections.trained_farther(far, near)
    far.seed = 1
    with pytest.raises(ValueError, match="seeds 0 and 1"):
        selections.trained_farther(near, far)


def test_a_table_of_selections_counts_what_is_high():
    class Chosen(SimpleNamespace):
        def outputs_on(self, test):
            return self.outputs(test.curve)

        def nearest(self, outputs):
            return np.array([0, 1, -1])[outputs.argmax(axis=1)]

    good, bad = counting(), lambda z: np.tile([0.9, 0.05, 0.05], (len(z), 1))
    runs = {
        t: [
            Chosen(**vars(run_of("nonhermitian-ssh-cnn", t, outputs, seed, loss)))
            for seed, (outputs, loss) in enumerate([(bad, 0.1), (good, 0.5)])
        ]
        for t in (0.5, 0.6)
    }
    rows = phase_diagrams.judged(runs)
    assert rows["lowest validation loss"][-1] == "0 of 2"
    assert rows["lowest loss next to T"] == ["100.0", "100.0", "2 of 2"]
    assert rows[selections.FARTHER] == ["100.0", "–", "1 of 1"]
    assert rows["seeds that reach both"][:2] == ["1 of 2", "1 of 2"]
