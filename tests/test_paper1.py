"""P1's measures and the rules of its claims, on made-up outputs whose right answers are known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from windlib import blackbox, datasets, evaluation, networks
from windlib.arguments import ArgumentError
from windlib.claims import (
    black_box,
    general_aiii,
    measures,
    regularization,
    scorecard,
    ssh_shortcut,
)
from windlib.claims.claim import agrees
from windlib.datasets import DataRecipe, EmptyClassError, LabelledCurves, draw, read_only
from windlib.hamiltonians import chiral
from windlib.runs import catalogue, experiments, remembered
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.experiments import Run
from windlib.winding import winding_number

TRUTH = {
    "i": np.array([0, 0, 0, 1, -1, 1, -1, 2, -2, 2]),
    "ii": np.zeros(4, int),
    "iii": np.array([3, -3, 3, -3, -3]),
    "iv": np.array([4, -4, 4, -4]),
}


@pytest.fixture
def made_up(monkeypatch):
    """Makes runs of given outputs on small tests."""
    tests = {name: LabelledCurves(None, truth, {}) for name, truth in TRUTH.items()}
    monkeypatch.setattr(general_aiii, "p1_test", lambda name, links=32: tests[name])
    monkeypatch.setattr(general_aiii, "strengthened_test", lambda: tests["iv"])
    experiment = SimpleNamespace(data=CATALOGUE["aiii-cnn"].data)
    return lambda answer: SimpleNamespace(
        outputs_on=lambda test: answer(test.winding), experiment=experiment
    )


def test_accuracies_of_who_counts_and_of_who_saturates(made_up):
    counting = made_up(lambda w: w + 0.4)
    assert general_aiii.accuracies(counting) == (100, 100, 100, 100)
    assert general_aiii.accuracies_by_sign(counting) == (100, 100, 100, 100)
    saturating = made_up(lambda w: np.minimum(w, 2.0))
    assert general_aiii.accuracies(saturating) == (100, 100, 60, 50)
    assert general_aiii.accuracies(saturating, ("iii",)) == (60,)
    assert general_aiii.accuracies_by_sign(saturating) == (100, 100, 0, 0)
    for answer, expected in [(lambda w: np.minimum(w, 3.0), (100, 100, 100, 0)),
                             (lambda w: np.maximum(w, -3.0), (0, 100, 100, 100))]:  # fmt: skip
        assert general_aiii.accuracies_by_sign(made_up(answer)) == expected
    constant = made_up(lambda w: 0.0 * w)
    assert general_aiii.accuracies(constant, ("i",)) == (30,)
    assert measures.accuracies(constant, general_aiii.p1_test("i"), [0, (1, -1)]) == (100, 0)


@pytest.mark.parametrize(
    ("seen", "beyond", "expected"),
    [
        (60, (60, 60, 60, 60), "good"),
        (59.9, (100, 100, 100, 100), "dead"),
        (100, (100, 59.9, 100, 100), "one-sided"),
        (100, (100, 100, 59.9, 100), "one-sided"),
        (100, (59.9, 100, 100, 59.9), "blind"),
    ],
)
def test_a_fate_asks_both_signs(seen, beyond, expected):
    assert measures.fate(seen, beyond) == expected


def test_peaks_are_counted_within_a_quarter(made_up):
    assert general_aiii.near_integers(made_up(lambda w: w + 0.24)) == (100, 100, 100)
    assert general_aiii.near_integers(made_up(lambda w: w - 0.26)) == (0, 0, 0)
    assert general_aiii.near_integers(made_up(lambda w: np.minimum(w, 3.0))) == (100, 100, 50)


def test_the_better_side_is_that_of_both_tests_together(monkeypatch):
    for signs, side in [
        ((90, 10, 60, 50), (60, 50)),  # w = −4, −3, 3, 4: 110 on the right, 100 on the left
        ((50, 61, 60, 50), (61, 50)),
    ]:
        monkeypatch.setattr(general_aiii, "accuracies_by_sign", lambda run, signs=signs: signs)
        monkeypatch.setattr(general_aiii, "accuracies", lambda run, tests: {("i",): (99.0,)}[tests])
        assert general_aiii.better_side("a run") == (99, *side)
        run = SimpleNamespace(history={"val_loss": [3.0, 2.0]})
        assert regularization._with_loss(run) == (99, *side, 2)


def test_fates_are_counted(monkeypatch):
    monkeypatch.setattr(general_aiii, "fate", lambda run: run)
    runs = ["good", "dead", "good", "one-sided", "good", "dead"]
    assert general_aiii.fates(runs) == {"good": 3, "one-sided": 1, "dead": 2}
    assert general_aiii.fates([]) == {"good": 0, "one-sided": 0, "dead": 0}


def test_a_strengthened_harmonic_makes_four_turns_common_and_changes_nothing_else():
    test = general_aiii.strengthened_test.__wrapped__(300)
    assert len(test.winding) == len(test.curve) == 300
    assert set(test.winding.tolist()) == {-4, 4}
    np.testing.assert_array_equal(test.winding, winding_number(test.curve))
    np.testing.assert_array_equal(test.curve, chiral.curve(**test.parameters))
    for coefficients in test.parameters.values():
        *plain, fourth = np.abs(coefficients).max(axis=tuple(range(coefficients.ndim - 1)))
        assert 0.98 < max(plain) < 1 < 3.9 < fourth < 4
    exact = chiral.exact_winding(**test.parameters, mask=True)
    assert np.mean(exact == test.winding) > 0.9
    with pytest.raises(ArgumentError, match="n="):
        general_aiii.strengthened_test(0)


def test_a_strengthened_test_of_too_few_hamiltonians_is_refused(monkeypatch):
    monkeypatch.setattr(general_aiii, "STRENGTH", 0)
    with pytest.raises(EmptyClassError, match="n=10, but only 0 of the 1040 "):
        general_aiii.strengthened_test.__wrapped__(10)


def test_on_the_strengthened_test_only_the_last_accuracy_is_another(made_up):
    run = made_up(lambda w: np.minimum(w, 2.0))
    assert general_aiii.strengthened_accuracies(run) == (100, 100, 60, 50)
    assert general_aiii.strengthened_majority() == (30, 100, 60, 50)


def test_majority_is_the_share_of_the_commonest_winding_number(made_up):
    assert general_aiii.majority() == (30, 100, 60, 50)


def test_outputs_are_asked_for_once_with_the_links_and_inputs_of_the_run(monkeypatch):
    asked = []

    def circles(links):
        curves = np.exp(1j * np.outer([1, -1], np.linspace(0, 2 * np.pi, links + 1)))
        curves[:, -1] = curves[:, 0]
        return read_only(LabelledCurves(2 * curves, np.array([1, -1]), {}))

    def outputs(network, x):
        asked.append(x)
        return x[:, 0, 0] + network.get_weights()[0][0]

    monkeypatch.setattr(evaluation, "outputs", outputs)

    def run(weight=0.0, links=32, inputs="unit"):
        data = DataRecipe("chiral", 1, 1, links, inputs=inputs)
        experiment = replace(CATALOGUE["aiii-cnn"], data=data, validation=replace(data, seed=2))
        network = SimpleNamespace(get_weights=lambda: [np.array([weight])])
        return Run(experiment, 0, network, {}, {})

    one, test, other = run(), circles(32), circles(32)
    assert one.outputs_on(test).tolist() == [1, 1]
    assert one.outputs_on(test) is run().outputs_on(test)  # the same network, read once more
    assert len(asked) == 1
    assert one.outputs_on(other) is not one.outputs_on(test)  # equal, but another set
    assert len(asked) == 2
    assert run(1.0).outputs_on(test).tolist() == [2, 2]
    assert run(links=64, inputs="raw").outputs_on(circles(64)).tolist() == [2, 2]
    assert [x.shape for x in asked] == [(2, 33, 2)] * 3 + [(2, 65, 2)]
    assert run(inputs="raw").outputs_on(test).tolist() == [2, 2]
    smaller = replace(one.experiment, network_options={"head_units": 1})
    replace(one, experiment=smaller).outputs_on(test)
    assert len(asked) == 6  # as another network, though of the same weights
    one.network.get_weights = lambda: [np.array([3.0])]  # trained on, or changed by hand
    assert one.outputs_on(test).tolist() == [4, 4]


def test_of_curves_that_can_be_changed_no_outputs_are_remembered():
    run = experiments.train("aiii-cnn", 0)[0]
    test = draw(DataRecipe("chiral", 20, 77, windings=(1, 2)))
    for curve in (test.curve, test.curve.tolist()):
        mine = test._replace(curve=curve)
        before = run.outputs_on(mine)
        mine.curve[0] = np.conj(mine.curve[0])
        after = run.outputs_on(mine)
        np.testing.assert_array_equal(after, run.outputs(mine.curve))
        np.testing.assert_array_equal(after[1:], before[1:])
        assert abs(after[0] - before[0]) > 1
        with pytest.raises(ValueError, match="read-only"):
            after += 1
    base = np.concatenate([test.curve] * 2)
    part = read_only(test._replace(curve=base[:20]))  # locked, but not what it is a part of
    before = run.outputs_on(part)
    base[0] = np.conj(base[0])
    assert abs(run.outputs_on(part)[0] - before[0]) > 1
    kept = read_only(test)
    assert run.outputs_on(kept) is run.outputs_on(kept)


def test_inputs_are_made_once_for_all_networks_that_read_them(monkeypatch):
    made = []
    monkeypatch.setattr(remembered, "_made", {})
    monkeypatch.setattr(Run, "_inputs", lambda run, curve: made.append(run.seed) or np.ones(2))
    monkeypatch.setattr(evaluation, "outputs", lambda network, x: x + network.get_weights()[0])
    plain = CATALOGUE["hatano-nelson-cnn-real-unit-linear"]
    raw, longer = (
        replace(plain, **{d: replace(getattr(plain, d), **change) for d in ("data", "validation")})
        for change in ({"inputs": "raw"}, {"links": 64})
    )
    test = read_only(LabelledCurves(np.zeros(3), np.zeros(3), {}))
    for seed, experiment in enumerate((plain, plain, raw, longer, plain)):
        network = SimpleNamespace(get_weights=lambda seed=seed: [seed])
        run = Run(experiment, seed, network, {}, {})
        assert run.outputs_on(test).tolist() == [1 + seed] * 2
    assert made == [0, 2, 3]


def test_what_is_made_of_test_sets_is_remembered_up_to_a_limit(monkeypatch):
    asked = []
    monkeypatch.setattr(remembered, "_made", {})
    monkeypatch.setattr(remembered, "_MOST", 5_000)
    monkeypatch.setattr(Run, "_inputs", lambda run, curve: curve[:0])
    monkeypatch.setattr(
        evaluation, "outputs", lambda network, x: asked.append(len(asked)) or np.zeros(100)
    )
    network = SimpleNamespace(get_weights=lambda: [])
    run = Run(CATALOGUE["aiii-cnn"], 0, network, {}, {})
    none = np.zeros(0)  # 800 bytes of curves, as of outputs
    tests = [read_only(LabelledCurves(np.full(100, i), none, {})) for i in range(4)]
    first = [run.outputs_on(test) for test in tests[:3]]
    assert run.outputs_on(tests[0]) is first[0]
    run.outputs_on(tests[3])  # for which the second, the longest unasked for, has to go
    assert run.outputs_on(tests[0]) is first[0]
    assert len(asked) == 4
    assert run.outputs_on(tests[1]) is not first[1]
    assert len(asked) == 5


@pytest.mark.parametrize("links", [2, 32])
def test_ssh_chains_are_unseen_and_labelled_as_in_training(monkeypatch, links):
    def outputs(network, x):  # P1's label from the two points: t′ > t where h(π) = t − t′ < 0
        assert x.shape == (10_000, links + 1, 2)
        return (x[:, links // 2, 0] < 0).astype(float)

    monkeypatch.setattr(evaluation, "outputs", outputs)
    data = DataRecipe("ssh", 1, 1, links=links, label="printed_label")
    network = networks.fully_connected(links=links, widths=())
    run = SimpleNamespace(network=network, experiment=SimpleNamespace(data=data))
    assert ssh_shortcut.ssh_accuracy(run) == (100,)


def test_tests_have_ten_thousand_curves():
    assert general_aiii.p1_test("ii").curve.shape == (10_000, 33)


def test_tests_need_four_links_and_more_for_more_turns():
    assert general_aiii.p1_test("i", links=5, n=9).curve.shape == (9, 6)
    with pytest.raises(ArgumentError, match=r"got links=4 for \|w\| = 2; .* give at least 5"):
        general_aiii.p1_test("i", links=4, n=9)
    with pytest.raises(ArgumentError, match="got links=3; expected a whole number from 4 to"):
        general_aiii.p1_test("i", links=3, n=9)


def test_general_chains_are_p1s():
    x, winding = ssh_shortcut.general_chains()
    np.testing.assert_array_equal(winding_number(x[..., 0] + 1j * x[..., 1].astype(float)), winding)
    assert np.count_nonzero(winding == 0) == 5000
    assert np.count_nonzero(winding == 1) == pytest.approx(5000, abs=250)
    assert len(winding) == np.isin(winding, (0, 1)).sum()
    # Hoppings up to four cells: curves cross an axis up to eight times, with three up to six.
    crossings = [np.count_nonzero(np.diff(np.sign(x[:, :, i]), axis=1), axis=1) for i in (0, 1)]
    assert np.max(crossings) == 8


def test_a_blind_guess_counts_the_nearer_of_0_and_1(monkeypatch):
    winding = np.array([0, 0, 1, 1, 1])
    monkeypatch.setattr(ssh_shortcut, "general_chains", lambda: (winding, winding))
    run = SimpleNamespace(network=networks.fully_connected(links=8, widths=(2,), seed=0))
    for answer, expected in [
        (lambda w: np.where(w == 1, 0.51, 0.49), 100),
        (lambda w: np.where(w == 1, 7.0, -7.0), 100),
        (lambda w: np.full(5, 0.49), 40),
        (lambda w: np.full(5, 0.51), 60),
    ]:
        monkeypatch.setattr(evaluation, "outputs", lambda network, x, answer=answer: answer(x))
        assert ssh_shortcut.blind_guess(run) == (expected,)


def test_elsewhere_a_shortcut_has_a_tenth_of_its_largest_weight_at_most():
    assert ssh_shortcut.only_there((3.0, 0.29))
    assert ssh_shortcut.only_there((0.2, 0.019))
    assert not ssh_shortcut.only_there((3.0, 0.31))
    assert not ssh_shortcut.only_there((0.2, 0.021))


def test_the_reading_is_at_0_pi_and_2_pi():
    def network(**at):
        w = np.full((33, 2), 0.25)
        for place, value in at.items():
            w[int(place[1:])] = value
        weights = [w.reshape(-1, 1), np.array([9.0, 9.0])]  # the bias reads no momentum
        return SimpleNamespace(network=SimpleNamespace(get_weights=lambda: weights))

    assert ssh_shortcut.largest_weights(network(k0=(-3, 0))) == (3, 0.25)
    assert ssh_shortcut.largest_weights(network(k16=(0, -4), k15=(0.5, -1))) == (4, 1)
    assert ssh_shortcut.largest_weights(network(k32=(5, 0), k1=(0, 2))) == (5, 2)


def test_strengths_of_a_sweep_ascend_from_none():
    strengths = [0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
    for noisy in (False, True):
        names = regularization.l2_names("aiii-cnn-ours-short", noisy)
        assert names[0] == ("aiii-cnn-ours-short-noisy" if noisy else "aiii-cnn-ours-short")
        assert regularization.l2_strengths(names) == strengths
        assert {CATALOGUE[name].data.noise for name in names} == {0.04 if noisy else 0.0}


def test_shares_of_the_training_data(monkeypatch):
    monkeypatch.setattr(experiments, "training_data", lambda data: (data, np.array([0, -1, 1, 2])))
    assert general_aiii.class_shares() == (25, 50, 25)


def test_curves_of_the_figure_are_those_of_their_tests(monkeypatch):
    monkeypatch.setattr(datasets, "_CHUNK", 2000)
    few = {name: general_aiii.p1_test(name, n=120) for name in general_aiii.TESTS}
    monkeypatch.setattr(general_aiii, "p1_test", few.get)
    for links in (16, 12):
        curves = general_aiii.example_curves(links)
        assert list(curves) == ["i", "ii", "iii", "iv"]
        for name, curve in curves.items():
            test = few[name]
            coarse = test.curve[:, ::2] if links == 16 else None
            assert curve.shape == (links + 1,)
            assert abs(winding_number(curve)) in general_aiii.TESTS[name]
            if coarse is not None:  # every second point of the first that winds as often
                first = np.argmax(winding_number(coarse) == test.winding)
                np.testing.assert_allclose(curve, coarse[first], atol=1e-12)
    assert general_aiii._figure_windings()[1:] == (0, 3, 4)


def test_extrapolated_outputs_are_within_a_half():
    assert black_box._within_half((-4.49, -2.51, 3.49, 3.51))
    for bad in [(-4.51, -3, 3, 4), (-4, -2.49, 3, 4), (-4, -3, 2.49, 4), (-4, -3, 3, np.nan)]:
        assert not black_box._within_half(bad)


@pytest.mark.parametrize(
    ("i", "signs", "expected"),
    [
        (100, (100, 100, 100, 100), "good"),
        (60, (60, 60, 60, 60), "good"),
        (59.9, (100, 100, 100, 100), "dead"),
        (100, (59.9, 100, 100, 100), "one-sided"),
        (100, (100, 59.9, 100, 100), "one-sided"),
        (100, (100, 100, 59.9, 100), "one-sided"),
        (100, (100, 100, 100, 59.9), "one-sided"),
        (100, (0, 0, 0, 0), "one-sided"),
        (0, (0, 0, 0, 0), "dead"),
    ],
)
def test_fate_draws_its_lines_at_60_percent(monkeypatch, i, signs, expected):
    monkeypatch.setattr(general_aiii, "accuracies", lambda run, tests: {("i",): (i,)}[tests])
    monkeypatch.setattr(general_aiii, "accuracies_by_sign", lambda run: signs)
    assert general_aiii.fate("a run") == expected


def test_what_is_read_from_the_weights_is_the_anatomy():
    run = SimpleNamespace(network=blackbox.by_hand())
    parts = blackbox.anatomy(run.network)
    assert black_box.link_quality(run) == (100 * parts.nonlinearity, 100 * parts.angle_dependence)
    assert max(black_box.link_quality(run)) < 2
    np.testing.assert_allclose(black_box.extrapolated(run), [-4, -3, 3, 4], atol=0.1)
    assert black_box._within_half(black_box.extrapolated(run))


def test_large_winding_numbers_are_compared_where_the_small_ones_survive():
    names = regularization.l2_names("aiii-cnn-ours-short")
    values = [[99, 98, 97]] * 5 + [[97, 90, 80], [93, 70, 40], [80, 10, 0], [99, 98, 97]]
    strength, *lost = regularization._large_windings_first(names, np.ravel(values))
    assert strength == 1e-2
    assert lost == [6, 28, 57]  # not those of 3e-2, nor of what recovered after it


def test_the_gain_is_that_at_the_lowest_validation_loss():
    names = regularization.l2_names("aiii-cnn", noisy=True)
    values = [[97, 90, 80, 0.08], [98, 93, 82, 0.07], [99, 99, 99, 0.075], [80, 50, 40, 0.2]]
    assert regularization._gain(names, np.ravel(values)) == (1e-5, 1, 3, 2)


def test_a_small_test_that_loses_nothing_leaves_the_last_strength():
    names = regularization.l2_names("aiii-cnn-ours-short")
    strength, *lost = regularization._large_windings_first(names, [99, 98, 97] * 8 + [90, 50, 40])
    assert (strength, lost) == (1e-1, [9, 48, 57])
    strength, *lost = regularization._large_windings_first(names, [99, 98, 97] * 8 + [89, 50, 40])
    assert (strength, lost) == (3e-2, [0, 0, 0])  # ten points are lost at the last


# --- the rules: what just holds, and what just does not ---

RULES = {
    "P1.ssh.linear": ([[99.0], [100]], [[98.9]]),
    "P1.ssh.hidden": ([[99.0]], [[98.9]]),
    "P1.ssh.L2": ([[99.0, 99.0]], [[98.9, 100], [100, 98.9]]),
    "P1.ssh.general": ([[45, 55, 50, 50]], [[44.9, 50, 50, 50], [50, 50, 50, 55.1]]),
    **dict.fromkeys(
        ["P1.ssh.shortcut", "P1.ssh.shortcut.ours"],
        ([[1, 0.1]], [[1, 0.101], [-1, 0.1]]),
    ),
    "P1.aiii.classes": ([[36.6, 50.4, 13.4]], [[36.4, 50, 13], [37, 50.6, 13], [37, 50, 13.6]]),
    "P1.params.fc": ([[4061]], [[4060]]),
    "P1.params.cnn": ([[310]], [[311]]),
    "P1.table1.fc": (
        [[82.2, 99.1, 22.8, 1.4], [77.3, 98.2, 27.7, 6.3]],
        [[77.1, 99.1, 22.8, 1.4], [82.2, 98, 22.8, 1.4], [82.2, 99.1, 28, 1.4],
         [82.2, 99.1, 22.8, 6.5]],
    ),
    **dict.fromkeys(
        ["P1.table1.cnn", *(f"P1.table1.cnn.long{way}" for way in ("", ".foretold", ".narrow"))],
        ([[99.6, 100, 98.2, 99.3], [98.7, 99.1, 97.3, 98.4]],
         [[98.5, 100, 98.2, 99.3], [99.6, 98.9, 98.2, 99.3], [99.6, 100, 97.1, 99.3],
          [99.6, 100, 98.2, 98.2]]),
    ),
    "P1.table1.cnn.ours": (
        [[99.3, 100, 98.2, 97.0]],
        [[99.2, 100, 98.2, 97.0], [99.3, 99.9, 98.2, 97], [99.3, 100, 98.1, 97],
         [99.3, 100, 98.2, 96.9]],
    ),
    "P1.fig1": ([[40, 32, 2, 1]], [[40, 32, 2, 2]]),
    "P1.fig2": (
        [[2, 0, 3, 4], [0, 0, 3, 4]],
        [[3, 0, 3, 4], [2, 1, 3, 4], [2, 0, 4, 4], [2, 0, 3, 3]],
    ),
    **dict.fromkeys(
        ["P1.sm.fig1", "P1.sm.fig1.ours"],
        ([[75, 75, 75]], [[74.9, 99, 99], [99, 74.9, 99], [99, 99, 74.9]]),
    ),
    "P1.table1.cnn.strengthened": (
        [[98.6, 99, 97.2, 98.3]],
        [[98.5, 100, 98.2, 99.3], [99.6, 100, 98.2, 98.2]],
    ),
    **dict.fromkeys(("P1.sm.design.few", "P1.sm.design.small"), ([[99, 98.5]], [[99, 98.6]])),
    "P1.sm.fig2.loss": (
        [[0.0999, 0.0952, 0.08]],
        [[0.101, 0.1, 0.09], [0.05, 0.0476, 1], [0.05, 1, 0.0399]],
    ),
    "P1.L": (
        [2 * [98.6, 99, 97.2, 98.3]],
        [[98.5, 100, 98.2, 99.3, 99.6, 100, 98.2, 99.3], [*[100] * 7, 98.2]],
    ),
    "P1.L.ours": (
        [2 * [99.0, 100, 97.5, 94.5]],
        [[98.9, 100, 97.5, 94.5, 99, 100, 97.5, 94.5], [99, 100, 97.5, 94.5, 99, 100, 97.5, 94.4]],
    ),
    **dict.fromkeys(
        ["P1.sm.fig2.mix", "P1.sm.fig2.mix.ours"],
        ([[2, 2, 2]], [[2.1, 0, 0], [0, 2.1, 0], [0, 0, 2.1]]),
    ),
    "P1.sm.design": ([[99, 98.5, 98.5]], [[99, 98.6, 98], [99, 98, 98.6]]),
    "P1.sm.design.ours": ([[99, 98.5, 98.5]], [[99, 98.6, 98], [99, 98, 98.6]]),
    "P1.sm.c2": ([[98.3, 99, 96, 97.4]], [[98.2, 100, 97, 98.4], [99.3, 100, 97, 97.3]]),
    **dict.fromkeys(
        ["P1.sm.c2.long", "P1.sm.c2.ours", "P1.sm.c2.strengthened", "P1.sm.c2.ours.strengthened"],
        ([[98.3, 99, 96, 97.4]], [[98.2, 100, 97, 98.4], [99.3, 100, 97, 97.3]]),
    ),
    **dict.fromkeys(
        ["P1.fig4.clean", "P1.fig4.clean.ours"],
        ([[1e-2, 4, 10, 10], [1e-2, 6, 12, 12]],
         [[1e-2, 4, 9.9, 20], [1e-2, 4, 20, 9.9], [1e-2, 6, 11.9, 20], [1e-2, 6, 20, 11.9]]),
    ),
    **dict.fromkeys(
        ["P1.fig4.noisy", "P1.fig4.noisy.ours"],
        ([[1e-4, 0.5, -0.4, 0], [1e-4, 0, 0, 0.5]],
         [[1e-4, 0.4, 0.4, 0.4], [1, 0, 0, 0], [1e-4, 2, 2, -0.5], [1e-4, -0.5, 2, 2]]),
    ),
    "P1.fig3": ([[5, 5]], [[5.1, 1], [1, 5.1]]),
    "P1.fig3.ours": ([[5, 5]], [[5.1, 1], [1, 5.1]]),
    "P1.extrapolation": ([[-4.4, -3, 3.4, 4]], [[-4.6, -3, 3, 4]]),
    "P1.extrapolation.ours": ([[-4.4, -3, 3.4, 4]], [[-4.6, -3, 3, 4]]),
}  # fmt: skip
CLAIMS = {claim.id: claim for claim in scorecard.CLAIMS}


def holds(id, values):
    claim = CLAIMS[id]
    rule = claim.holds or (lambda v: agrees(v, claim.paper))
    return rule(np.array(values, float))


@pytest.mark.parametrize("id", RULES)
def test_rules_draw_their_lines_where_the_remarks_say(id):
    kept, refused = RULES[id]
    assert all(holds(id, values) for values in kept)
    assert not any(holds(id, values) for values in refused)


def test_every_claim_has_its_lines():
    assert set(RULES) == {id for id in CLAIMS if id.startswith("P1.")}


def test_claims_of_sweeps_are_reduced_to_what_they_speak_of():
    mixes = np.array([[99, 98, 97], [98, 98, 95], [99.5, 90, 96], *[[99, 98, 96]] * 3])
    for suffix, stem in (("", "aiii-cnn"), (".ours", "aiii-cnn-ours-short")):
        mix = CLAIMS[f"P1.sm.fig2.mix{suffix}"]
        np.testing.assert_allclose(mix.reduce(mixes.ravel()), (1.5, 8, 2))
        assert mix.experiments == tuple(f"{stem}-mix-{a:g}" for a in catalogue.MIXES)
        assert CLAIMS[f"P1.L{suffix}"].experiments == (f"{stem}-links-64", f"{stem}-links-128")
        assert CLAIMS[f"P1.sm.design{suffix}"].reduce([1, 2, 3]) == (1, 2, 3)
        clean, noisy = CLAIMS[f"P1.fig4.clean{suffix}"], CLAIMS[f"P1.fig4.noisy{suffix}"]
        assert list(clean.experiments) == regularization.l2_names(stem)
        assert list(noisy.experiments) == regularization.l2_names(stem, noisy=True)
        points = len(clean.experiments)
        values = [[99 - 2 * i, 98, 97] for i in range(points)]
        assert clean.reduce(np.ravel(values))[:2] == (
            regularization.l2_strengths(clean.experiments)[4],
            8,
        )
        losses = [[99, 98, 97, abs(i - 2)] for i in range(len(noisy.experiments))]
        assert noisy.reduce(np.ravel(losses)) == (
            regularization.l2_strengths(noisy.experiments)[2],
            0,
            0,
            0,
        )


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.id)
def test_claims_name_experiments_and_pages_that_there_are(claim):
    assert set(claim.experiments) <= set(CATALOGUE)
    assert claim.figure == "" or claim.figure.startswith("fig-")


def test_which_numbers_the_claims_set_beside_the_papers(made_up):
    run = made_up(lambda w: np.minimum(w, 2.0))
    measures = {
        "P1.table1.fc": (100, 100, 60, 50),
        "P1.table1.cnn": (100, 100, 60, 50),
        "P1.table1.cnn.ours": (100, 100, 60, 50),
        "P1.L": (100, 100, 60, 50),
        "P1.L.ours": (100, 100, 60, 50),
        "P1.sm.fig2.mix": (100, 60, 50),
        "P1.sm.fig2.mix.ours": (100, 60, 50),
        "P1.table1.cnn.strengthened": (100, 100, 60, 50),
        "P1.sm.design": (100,),
        "P1.sm.design.few": (100,),
        "P1.sm.design.small": (100,),
        "P1.sm.design.ours": (100,),
        "P1.sm.c2": (100, 100, 60, 50),
        "P1.sm.c2.ours": (100, 100, 60, 50),
        "P1.fig4.clean": (100, 100, 100),
        "P1.sm.fig1": (100, 60, 50),
    }
    for id, expected in measures.items():
        assert CLAIMS[id].measure(run) == expected, id
    assert CLAIMS["P1.table1.cnn"].baseline() == (30, 100, 60, 50)
    assert CLAIMS["P1.L"].baseline() == 2 * (30, 100, 60, 50)
