"""P2's measures on made-up networks, whose right answers are known, and on the archived runs."""

from types import SimpleNamespace

import numpy as np
import pytest

from windlib import blackbox
from windlib.arguments import ArgumentError
from windlib.claims import (
    black_box,
    hatano_nelson_chains,
    nonhermitian_aah,
    nonhermitian_dirac,
    phase_diagrams,
    scorecard,
    ssh_phases,
)
from windlib.claims.claim import agrees
from windlib.datasets import network_input
from windlib.hamiltonians import aah, dirac, nonhermitian_ssh
from windlib.hamiltonians.contract import call
from windlib.runs import catalogue, experiments
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.experiments import Run
from windlib.winding import link_angles, winding_number


def answering(name, outputs):
    """A run of an experiment whose network answers as `outputs(curve)` says."""
    experiment = CATALOGUE[name]
    network = SimpleNamespace(get_weights=lambda: [np.array([id(outputs)])])

    class Answering(Run):
        def outputs(self, curve):
            return outputs(curve)

        def _outputs_on(self, test):
            return outputs(test.curve)

    return Answering(experiment, 0, network, {}, {})


def counting(curve):
    return winding_number(curve).astype(float)


def one_hot(classes):
    return lambda curve: (winding_number(curve)[:, None] == np.array(classes)).astype(float)


# --- Hatano–Nelson ---------------------------------------------------------------------------


@pytest.mark.parametrize("hoppings", ["complex", "real"])
def test_table_one_has_4000_chains_of_each_winding_number(hoppings):
    test = hatano_nelson_chains.hatano_nelson_test(hoppings)
    size, count = np.unique(np.abs(test.winding), return_counts=True)
    assert size.tolist() == [1, 2, 3, 4, 5]
    assert set(count) == {4000}
    assert abs(np.mean(test.winding > 0) - 0.5) < 0.02
    starts_real = np.abs(test.curve[:, 0].imag) < 1e-12
    assert starts_real.all() == (hoppings == "real")


def test_the_test_set_is_not_the_training_set():
    trained = experiments.training_data(CATALOGUE["hatano-nelson-cnn"].data)[0]
    test = hatano_nelson_chains.hatano_nelson_test()
    unit = test.curve / np.abs(test.curve)
    firsts = {tuple(row) for row in trained[:, 0].round(6)}
    assert not any((z.real.round(6), z.imag.round(6)) in firsts for z in unit[:200, 0])


@pytest.mark.parametrize(
    ("answer", "table", "fate"),
    [
        (counting, (100, 100, 100, 100, 100), "good"),
        (lambda z: np.clip(counting(z), -3, 3), (100, 100, 100, 0, 0), "blind"),
        (lambda z: np.maximum(counting(z), -3), (100, 100, 100, 50, 50), "one-sided"),
        (lambda z: np.zeros(len(z)), (0, 0, 0, 0, 0), "dead"),
        (lambda z: np.abs(counting(z)), (50, 50, 50, 50, 50), "dead"),
    ],
    ids=["counts", "saturates", "clips one sign", "constant", "blind to the sign"],
)
def test_accuracies_and_fates(answer, table, fate):
    run = answering("hatano-nelson-cnn", answer)
    assert hatano_nelson_chains.accuracies(run) == pytest.approx(table, abs=3)
    assert hatano_nelson_chains.fate(run) == fate
    assert hatano_nelson_chains.overall_accuracy(run)[0] == pytest.approx(
        np.mean(hatano_nelson_chains.accuracies(run))
    )


def test_peaks_are_counted_within_a_quarter():
    run = answering("hatano-nelson-cnn", lambda z: counting(z) + 0.24)
    assert hatano_nelson_chains.near_integers(run) == (100,) * 5
    run = answering("hatano-nelson-cnn", lambda z: counting(z) + 0.26)
    assert hatano_nelson_chains.near_integers(run) == (0,) * 5


def test_the_network_made_by_hand_is_linear_in_the_winding_angle():
    run = SimpleNamespace(network=blackbox.by_hand())
    curves = hatano_nelson_chains.example_curves()
    assert sorted(np.abs(winding_number(curves))) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    angle, activation = black_box.activations(run, curves)
    assert angle.shape == activation.shape == (320,)
    np.testing.assert_array_equal(angle, link_angles(curves).ravel())
    assert black_box.linearity(run)[0] > 0.999
    run.network.get_layer("links").set_weights(
        [0 * w for w in run.network.get_layer("links").get_weights()]
    )
    assert black_box.linearity(run) == (0.0,)


def test_linear_in_the_angle_or_not_activations_are_those_of_the_curves_links():
    run = experiments.chosen(experiments.train("hatano-nelson-cnn"))
    curves = hatano_nelson_chains.example_curves()
    _, activation = black_box.activations(run, curves)
    x = network_input(curves)
    expected = np.asarray(run.network.get_layer("links")(x)).ravel()
    np.testing.assert_allclose(activation, expected, atol=1e-4 * np.ptp(expected))


# --- phase diagrams --------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["nonhermitian_ssh", "dirac"])
@pytest.mark.parametrize("threshold", [0.2, 0.6])
def test_test_set_one_lies_within_the_threshold(model, threshold):
    test = phase_diagrams.near_boundary(model, threshold)
    module = {"nonhermitian_ssh": nonhermitian_ssh, "dirac": dirac}[model]
    assert len(test.winding) == 6000
    assert call(module.phase_boundary_distance, test.parameters).max() < threshold
    np.testing.assert_array_equal(test.winding, module.exact_winding(**test.parameters))


def test_test_set_two_is_p2s_line():
    ssh, loops = phase_diagrams.along_line("nonhermitian_ssh"), phase_diagrams.along_line("dirac")
    assert len(ssh.winding) == 300
    assert len(loops.winding) == 600
    delta, m = ssh.parameters["delta"], loops.parameters["m"]
    assert (delta[0], delta[-1], m[0], m[-1]) == (-3, 3, -6, 6)
    beyond = (np.abs(delta) > 0.5) & (np.abs(delta) < 1.5)
    expected = np.where(beyond, -np.sign(delta), 0)
    np.testing.assert_array_equal(ssh.winding, expected)  # |t + δ| < 1 at δ < 0, |t − δ| at δ > 0
    # Of the 300 loops that the diagram calls ½, four hold both exceptional points.
    assert call(dirac.phase_diagram_label, loops.parameters).sum() == 300
    assert loops.winding.sum() == 296


@pytest.mark.parametrize(
    ("name", "classes"),
    [("nonhermitian-ssh-cnn-0.2", (0, 1, -1)), ("dirac-cnn-0.5", (0, 1))],
)
def test_who_counts_is_always_right(name, classes):
    run = answering(name, one_hot(classes))
    assert phase_diagrams.both_tests(run) == (100, 100)
    assert phase_diagrams.recall(run) == (100,) * len(classes)
    expected = phase_diagrams.TRANSITIONS[run.experiment.data.hamiltonian]
    np.testing.assert_allclose(phase_diagrams.transitions(run), expected, atol=0.05)


def test_selections_are_judged_by_both_tests(monkeypatch):
    runs = {0.2: [(99, 99), (97, 99), (98, 100)], 0.4: [(96.9, 100), (97, 98.9), (90, 90)]}
    kept = {"one": {0.2: (97, 99), 0.4: (96.9, 100)}, "another": {0.4: (97, 98.9)}}
    monkeypatch.setattr(phase_diagrams, "both_tests", lambda run: run)
    monkeypatch.setattr(phase_diagrams.selections, "chosen_by", lambda of: kept)
    rows = {
        "one": ["97.0", "96.9", "1 of 2"],
        "another": ["–", "97.0", "0 of 1"],
        "best seed, by test I itself": ["99.0", "97.0", "–"],
        "seeds that reach both": ["3 of 3", "0 of 3", "–"],
    }
    assert phase_diagrams.judged(runs) == rows


def test_who_always_says_zero_has_the_majority_and_no_transition():
    run = answering("nonhermitian-ssh-cnn-0.2", lambda z: np.tile([1.0, 0, 0], (len(z), 1)))
    test, line = phase_diagrams.tests_of(run)
    zeros = 100 * np.mean(test.winding == 0), 100 * np.mean(line.winding == 0)
    assert phase_diagrams.both_tests(run) == pytest.approx(zeros)
    assert phase_diagrams.recall(run) == (100, 0, 0)
    assert len(phase_diagrams.crossings(run)) == 0
    assert np.isnan(phase_diagrams.transitions(run)).all()


def test_crossings_are_interpolated():
    delta = phase_diagrams.along_line("nonhermitian_ssh").parameters["delta"]
    for cross in (0.1234, -1.5, 2.9954):  # the last lies between the last two points
        p = 0.5 + 0.01 * (delta - cross)  # linear, ½ at the crossing
        run = answering(
            "nonhermitian-ssh-cnn-0.2", lambda z, p=p: np.stack([1 - p, p, 0 * p], axis=1)
        )
        np.testing.assert_allclose(phase_diagrams.crossings(run), [cross], atol=1e-12)


def test_both_labelings_differ_by_the_loops_that_hold_both_points():
    run = answering("dirac-cnn-0.2", one_hot((0, 1)))
    true_near, diagram_near, true_line, diagram_line = nonhermitian_dirac.both_labelings(run)
    assert (true_near, true_line) == (100, 100)
    assert diagram_near == pytest.approx(93.1, abs=1)
    assert diagram_line == pytest.approx(100 * 596 / 600)


def test_the_energies_change_places_around_an_exceptional_point():
    energy = nonhermitian_dirac.pair_switching()
    k = dirac.exceptional_points([1.0], [3.0])[0] + np.exp(-2j * np.pi * np.arange(401) / 400)
    for at, e in zip(k[::40], energy[::40], strict=True):
        eigenvalues = np.linalg.eigvals(dirac.bloch(at, 1.0, 3.0))
        assert np.abs(eigenvalues - e).min() < 1e-9
    assert energy[-1] == pytest.approx(-energy[0])
    assert np.abs(np.diff(energy)).max() < 0.1  # followed without a jump


# --- AAH -------------------------------------------------------------------------------------


def test_the_110_cells_are_p2s():
    cells = nonhermitian_aah.aah_cells()
    assert len(cells) == 110
    assert (min(cells), max(cells)) == ((0.15, 0.0), (1.95, 2.0))
    for (alpha, h), cell in list(cells.items())[::37]:
        assert len(cell.winding) == 3200
        assert set(cell.parameters["alpha"]) == {alpha}
        assert set(cell.parameters["h"]) == {h}
    majority = nonhermitian_aah.aah_majority()
    assert majority.shape == (10, 11)
    assert 50 <= majority.min() < 51
    assert majority.max() == 100


def test_accuracies_stand_in_their_cells():
    place = list(nonhermitian_aah.aah_cells()).index((0.35, 0.4))
    wrong_cell = slice(3200 * place, 3200 * (place + 1))

    def answer(curve):
        p = one_hot((0, 1))(curve)
        p[wrong_cell] = 1 - p[wrong_cell]
        return p

    drawn = nonhermitian_aah.aah_rings.cache_info().misses
    accuracies = nonhermitian_aah.aah_accuracies(answering("aah-cnn", answer))
    assert nonhermitian_aah.aah_rings.cache_info().misses == drawn  # they are the cells' rings
    assert accuracies[1, 2] == 0
    assert np.sum(accuracies == 100) == 109
    assert nonhermitian_aah.worst_cell(answering("aah-cnn", answer)) == (0,)


def test_a_transition_is_where_a_neighbour_differs():
    winding = np.zeros((5, 6), int)
    winding[3:, 2] = 1
    expected = np.zeros((5, 6), bool)
    expected[2:, 1:4] = True
    np.testing.assert_array_equal(nonhermitian_aah.at_transition(winding), expected)
    assert nonhermitian_aah.at_transition([[1]]).tolist() == [[False]]
    for bad in (np.zeros(3), np.zeros((0, 3))):
        with pytest.raises(ArgumentError, match="expected a grid"):
            nonhermitian_aah.at_transition(bad)


@pytest.mark.parametrize("cell", [(0.55, 1.2), (1.95, 1.6)])
def test_misclassified_points_off_a_transition_are_counted(cell):
    corner = nonhermitian_aah.aah_diagram(*cell).curve

    def answer(curve):
        p = one_hot((0, 1))(curve)
        if curve is corner:
            p[0] = 1 - p[0]  # V1 = V2 = 0 lies deep in a phase
        return p

    assert nonhermitian_aah.misclassified(answering("aah-cnn", one_hot((0, 1)))) == (0, 0)
    assert nonhermitian_aah.misclassified(answering("aah-cnn", answer)) == (1, 1)


def test_diagrams_are_grids_over_p2s_rectangle():
    diagram = nonhermitian_aah.aah_diagram(0.55, 1.2, points=6)
    V1, V2 = (diagram.parameters[name].reshape(6, 6) for name in ("V1", "V2"))
    np.testing.assert_allclose(V1[3], [0, 0.8, 1.6, 2.4, 3.2, 4])
    np.testing.assert_allclose(V2[:, 3], [0, 0.4, 0.8, 1.2, 1.6, 2])
    np.testing.assert_array_equal(diagram.winding, aah.exact_winding(**diagram.parameters))


# --- shared, and asked for what there is not ---


def test_remembered_sets_and_outputs_are_read_only():
    run = answering("hatano-nelson-cnn", counting)
    sets = [
        hatano_nelson_chains.hatano_nelson_test(),
        phase_diagrams.near_boundary("dirac", 0.2),
        phase_diagrams.along_line("dirac"),
        phase_diagrams.along_line("nonhermitian_ssh"),
        nonhermitian_aah.aah_cells()[0.15, 0],
        nonhermitian_aah.aah_diagram(0.55, 1.2, points=6),
    ]
    shared = [a for s in sets for a in (s.curve, s.winding, *s.parameters.values())]
    for array in (run.outputs_on(sets[0]), *shared):
        with pytest.raises(ValueError, match="read-only"):
            array -= 1


def test_sets_that_there_are_not():
    for ask in (
        lambda: phase_diagrams.near_boundary("ssh", 0.2),
        lambda: phase_diagrams.along_line("ssh"),
    ):
        with pytest.raises(ArgumentError, match="got hamiltonian='ssh'"):
            ask()
    for points in (1, 6.5, 10_001):
        with pytest.raises(ArgumentError, match="got points="):
            nonhermitian_aah.aah_diagram(0.55, 1.2, points=points)
    assert len(nonhermitian_aah.aah_diagram(0.55, 1.2, points=2).winding) == 4


# --- where the measures and rules draw their lines ---


@pytest.mark.parametrize(
    ("table", "signs", "expected"),
    [
        ((90, 90, 90, 0, 0), (60, 60, 60, 60), "good"),
        ((60, 60, 60, 0, 0), (60, 60, 60, 60), "good"),
        ((60, 60, 59.9, 99, 99), (60, 60, 60, 60), "dead"),
        ((90, 90, 90, 0, 0), (59.9, 99, 60, 60), "one-sided"),
        ((90, 90, 90, 0, 0), (99, 59.9, 60, 60), "one-sided"),
        ((90, 90, 90, 0, 0), (60, 60, 59.9, 99), "one-sided"),
        ((90, 90, 90, 0, 0), (60, 60, 99, 59.9), "one-sided"),
        ((90, 90, 90, 0, 0), (59.9, 99, 59.9, 99), "blind"),
    ],
)
def test_fate_draws_its_lines_at_60_percent(monkeypatch, table, signs, expected):
    monkeypatch.setattr(hatano_nelson_chains, "accuracies", lambda run: table)
    monkeypatch.setattr(hatano_nelson_chains, "accuracies_by_sign", lambda run: signs)
    assert hatano_nelson_chains.fate("a run") == expected


def test_accuracies_by_sign_stand_in_their_order():
    right = {-5: 0.0, -4: 1.0, 4: 2.0, 5: 3.0}

    def answer(curve):  # right on so many quarters of each class
        w = counting(curve)
        for size, quarters in right.items():
            at = np.flatnonzero(w == size)
            w[at[: round(len(at) * (1 - quarters / 4))]] = 0
        return w

    found = hatano_nelson_chains.accuracies_by_sign(answering("hatano-nelson-cnn", answer))
    assert found == pytest.approx((0, 25, 50, 75), abs=0.1)


def test_linearity_is_asked_within_four_fifths_of_pi(monkeypatch):
    monkeypatch.setattr(hatano_nelson_chains, "example_curves", lambda: None)
    angle = np.linspace(-1, 1, 2001) * np.pi

    def found(activation):
        monkeypatch.setattr(black_box, "activations", lambda run, curves: (angle, activation))
        return black_box.linearity("a run")[0]

    inner = np.abs(angle) <= 0.799 * np.pi
    assert found(np.where(inner, angle, 99)) < 0.999  # 0.799 to 0.8 counts
    inner = np.abs(angle) <= 0.801 * np.pi
    assert found(np.where(inner, 1 - 2 * angle, 99)) == pytest.approx(1)
    assert found(angle**2) == pytest.approx(0, abs=1e-12)
    expected = np.corrcoef(angle[inner], np.maximum(angle, 0)[inner])[0, 1] ** 2
    assert found(np.maximum(angle, 0)) == pytest.approx(expected, abs=1e-3)


def test_a_transition_has_no_number_where_the_class_changes_more_or_less_often(monkeypatch):
    run = answering("dirac-cnn-0.5", None)
    for number in (1, 2, 3):
        monkeypatch.setattr(
            phase_diagrams, "crossings", lambda run, number=number: np.arange(1.0 * number)
        )
        if number == 2:
            assert phase_diagrams.transitions(run) == (0, 1)
        else:
            assert np.isnan(phase_diagrams.transitions(run)).tolist() == [True, True]


RULES = {
    "P2.params.cnn": ([[262]], [[261]]),
    "P2.params.fcnn": ([[2213]], [[2214]]),
    "P2.fig1": ([[1, -1]], [[-1, 1]]),
    "P2.fig2": ([[32, 32, 2, 1]], [[32, 32, 1, 1]]),
    "P2.table1.cnn": (
        [[98.8, 98.4, 97, 95.7, 95]],
        [[98.7, 99.4, 98, 96.7, 96], [99.8, 98.3, 98, 96.7, 96], [99.8, 99.4, 96.9, 96.7, 96],
         [99.8, 99.4, 98, 95.6, 96], [99.8, 99.4, 98, 96.7, 94.9]],
    ),
    **dict.fromkeys(["P2.table1.fcnn", "P2.table1.fcnn.fixed"], (
        [[98.2, 98, 97.5, 5, 5]],
        [[98.1, 99, 98.5, 0, 0], [99.2, 97.9, 98.5, 0, 0], [99.2, 99, 97.4, 0, 0],
         [99.2, 99, 98.5, 5.1, 0], [99.2, 99, 98.5, 0, 5.1]],
    )),
    "P2.table1.cnn.ours": (
        [[99.8, 99.4, 98, 96.7, 96]],
        [[99.7, 100, 100, 100, 100], [100, 99.3, 100, 100, 100], [100, 100, 97.9, 100, 100],
         [100, 100, 100, 96.6, 100], [100, 100, 100, 100, 95.9]],
    ),
    "P2.fig3a": ([[97.0], [99.1]], [[96.9]]),
    "P2.fig3a.ours": ([[97.99], [100]], [[97.97]]),
    **dict.fromkeys(["P2.fig3b", "P2.fig3b.ours"], ([[75] * 5], [[74.9, *[99] * 4]])),
    "P2.fig7a": (
        [[0.106, 0.1, 1, 0.1, 1, 0.0793]],
        [[0.107, 0.1, 1, 0, 0, 0], [0, 0, 0, 0.1, 1, 0.0791], [0, 0, 0, 0.107, 0.1, 1]],
    ),
    "P2.ssh.fig4a": ([[1e-12]], [[1.1e-10]]),
    "P2.ssh.fig8": ([[24_000, 6_000, 6_000]], [[24_000, 6_000, 5_999]]),
    **dict.fromkeys(
        ["P2.ssh.fig4b", "P2.ssh.fig4b.ours"],
        ([5 * [97.0, 99.0]], [[96.9, 99, *4 * [100, 100]], [*4 * [100, 100], 97, 98.9]]),
    ),
    **dict.fromkeys(
        ["P2.ssh.fig4c", "P2.ssh.fig4c.ours"],
        ([[-1.59, -0.41, 0.59, 1.41]],
         [[-1.61, -0.5, 0.5, 1.5], [-1.5, -0.5, 0.5, 1.61], [np.nan] * 4]),
    ),
    "P2.ssh.fig7b": ([[0.106, 0.1, 1]], [[0.107, 0.1, 1], [0.1, 1, 0.0791]]),
    "P2.aah.fig5a": ([[1e-12]], [[1.1e-10]]),
    **dict.fromkeys(["P2.aah.fig5b", "P2.aah.fig5b.ours"], ([[99.0]], [[98.9]])),
    **dict.fromkeys(["P2.aah.fig5c", "P2.aah.fig5c.ours"], ([[900, 0]], [[1, 1]])),
    "P2.aah.fig7c": ([[0.106, 0.1, 1]], [[0.107, 0.1, 1], [0.1, 1, 0.0791]]),
    "P2.dirac.fig6a": ([[99.0]], [[98.9]]),
    "P2.dirac.fig6b": ([[0.5]], [[-0.5]]),
    **dict.fromkeys(
        ["P2.dirac.fig6c", "P2.dirac.fig6c.dense", "P2.dirac.fig6c.ours"],
        ([5 * [99.0, 99.0]], [[98.9, 99, *4 * [100, 100]], [*4 * [100, 100], 99, 98.9]]),
    ),
    **dict.fromkeys(
        ["P2.dirac.fig6d", "P2.dirac.fig6d.ours"],
        ([[-3.09, 3.09]], [[-3.11, 3], [-3, 2.89], [np.nan, np.nan]]),
    ),
    **dict.fromkeys(["P2.fig3c", "P2.fig3c.ours"], ([[0.9]], [[0.89]])),
}  # fmt: skip
CLAIMS = {claim.id: claim for claim in scorecard.CLAIMS if claim.id.startswith("P2")}


@pytest.mark.parametrize("id", RULES)
def test_rules_draw_their_lines_where_the_remarks_say(id):
    rule = CLAIMS[id].holds or (lambda values: agrees(values, CLAIMS[id].paper))
    kept, refused = RULES[id]
    assert all(rule(np.array(values, float)) for values in kept)
    assert not any(rule(np.array(values, float)) for values in refused)


def test_every_claim_has_its_lines():
    assert set(RULES) == set(CLAIMS)


def test_what_needs_no_network_is_as_the_paper_has_it():
    for id in ("P2.params.cnn", "P2.params.fcnn", "P2.fig1", "P2.fig2", "P2.dirac.fig6b"):
        assert CLAIMS[id].measure() == pytest.approx(CLAIMS[id].paper)
    assert CLAIMS["P2.ssh.fig4a"].measure()[0] <= 1e-10
    assert CLAIMS["P2.aah.fig5a"].measure()[0] <= 1e-10
    # Of the square m ≤ 6, κ ≤ 6, the strip where both points lie in the circle.
    assert CLAIMS["P2.dirac.fig6a"].measure()[0] == pytest.approx(97.5, abs=2.4)
    assert CLAIMS["P2.fig3a"].paper == (97.98,)


def test_a_ring_whose_energies_are_not_blochs_is_seen(monkeypatch):
    bloch = nonhermitian_ssh.curve([0.5], [1.1], links=12)[0, :-1]
    largest = np.abs(bloch).max()
    assert largest > 2
    squares = np.repeat(bloch, 2)  # each energy has both signs
    squares[0] += 5e-3 * largest * squares[0] / np.abs(squares[0])
    monkeypatch.setattr(nonhermitian_ssh, "matrix", lambda *_: np.diag(np.sqrt(squares)))
    (found,) = CLAIMS["P2.ssh.fig4a"].measure()
    nearest = np.abs(squares[0] - bloch).min() / largest
    assert 1e-3 < nearest < 1e-2 < nearest * largest**2
    assert found == 1e-2


def test_the_diagram_shows_the_test_set_of_its_threshold(monkeypatch):
    asked = []
    keep = lambda *what: asked.append(what) or SimpleNamespace(winding=[0])  # noqa: E731
    monkeypatch.setattr(ssh_phases, "near_boundary", keep)
    monkeypatch.setattr(ssh_phases, "draw", lambda recipe: asked.append(recipe) or keep(recipe))
    CLAIMS["P2.ssh.fig8"].measure()
    assert ("nonhermitian_ssh", 0.2) in asked


def test_loops_that_hold_one_point_agree_with_the_diagram(monkeypatch):
    drawn = dirac.sample(200, np.random.default_rng(0))
    holds_one = dirac.exact_winding(**drawn) == call(dirac.phase_diagram_label, drawn)
    assert 0.9 < holds_one.mean() < 1
    some = {name: values[holds_one] for name, values in drawn.items()}
    monkeypatch.setattr(dirac, "sample", lambda n, rng: some)
    assert CLAIMS["P2.dirac.fig6a"].measure() == (100,)


def test_baselines_are_those_of_the_majority():
    for id in ("P2.table1.cnn", "P2.table1.fcnn", "P2.table1.cnn.ours"):
        assert CLAIMS[id].baseline() == (50,) * 5
    line = phase_diagrams.along_line("dirac").winding
    found = CLAIMS["P2.dirac.fig6c"].baseline()
    assert len(found) == 10
    assert found[1::2] == pytest.approx([100 * max(np.mean(line), 1 - np.mean(line))] * 5)
    close = phase_diagrams.near_boundary("dirac", 0.6).winding
    assert found[8] == pytest.approx(100 * max(np.mean(close), 1 - np.mean(close)))


# --- archived runs ---------------------------------------------------------------------------


def test_ours_reaches_table_one_on_at_least_15_of_16_seeds():
    values = np.array(
        [
            hatano_nelson_chains.accuracies(run)
            for run in experiments.train("hatano-nelson-cnn-ours")
        ]
    )
    assert (values >= hatano_nelson_chains.TABLE_CNN).all(axis=1).sum() >= 15


@pytest.mark.parametrize(
    ("stem", "aim"), [("nonhermitian-ssh-cnn-ours", (97, 99)), ("dirac-cnn-ours", (99, 99))]
)
def test_ours_reaches_its_aim_at_every_threshold_on_at_least_six_of_eight_seeds(stem, aim):
    good = np.zeros(8)
    for threshold in catalogue.THRESHOLDS:
        runs = experiments.train(f"{stem}-{threshold}")
        good += [(np.array(phase_diagrams.both_tests(run)) >= aim).all() for run in runs]
    assert np.sum(good == len(catalogue.THRESHOLDS)) >= 6


def test_the_chosen_network_is_right_in_every_cell():
    for name in ("aah-cnn", "aah-cnn-ours"):
        assert nonhermitian_aah.worst_cell(experiments.chosen(experiments.train(name)))[0] >= 99


def test_the_rows_of_what_was_tried_are_named_by_their_settings():
    rows = phase_diagrams.tried("dirac", ())
    assert not any(rows.values())
    assert list(rows)[:4] == ["P2's recipe", "the same, more seeds", "raw inputs", "equal classes"]
    assert list(rows)[-1].startswith("ours")
