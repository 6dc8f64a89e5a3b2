"""Verdicts, and the scorecard's arithmetic, on made-up numbers."""

import inspect
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from windlib import blackbox, cli
from windlib.arguments import ArgumentError
from windlib.claims import general_aiii, scorecard
from windlib.claims.claim import (
    Claim,
    agrees,
    bound,
    equal,
    late_losses,
    layer_sizes,
    parameter_count,
)
from windlib.runs import experiments


@pytest.mark.parametrize(
    ("ours", "paper", "expected"),
    [
        ([99.0], [100.0], True),
        ([98.9], [100.0], False),
        ([99.76], [98.2], True),  # more than the paper has is no failure to reach it
        ([87.3], [82.2], False),  # but what fails in the paper has to fail here as well
        ([77.3], [82.2], True),
        ([77.1], [82.2], False),
        ([99.0, 30.0], [99.0, 20.0], False),  # one column is enough to fail
    ],
)
def test_high_accuracies_are_reached_to_a_point_and_failures_are_met_to_five(ours, paper, expected):
    assert agrees(ours, paper) is expected


#: The published numbers, read from the papers a second time; variants of a claim have them too.
PUBLISHED = {
    "P1.ssh.linear": (100,),
    "P1.ssh.hidden": (100,),
    "P1.ssh.L2": (100, 100),
    "P1.ssh.general": (50,) * 4,
    "P1.aiii.classes": (37, 50, 13),
    "P1.params.fc": (4061,),
    "P1.params.cnn": (310,),
    "P1.table1.fc": (82.2, 99.1, 22.8, 1.4),
    "P1.table1.cnn": (99.6, 100.0, 98.2, 99.3),
    "P1.fig1": (40, 32, 2, 1),
    "P1.L": 2 * (99.6, 100.0, 98.2, 99.3),
    "P1.sm.c2": (99.3, 100.0, 97.0, 98.4),
    "P1.extrapolation": (-4, -3, 3, 4),
    "P2.params.cnn": (262,),
    "P2.params.fcnn": (2213,),
    "P2.fig1": (1, -1),
    "P2.fig2": (32, 32, 2, 1),
    "P2.table1.cnn": (99.8, 99.4, 98.0, 96.7, 96.0),
    "P2.table1.fcnn": (99.2, 99.0, 98.5, 0.0, 0.0),
    "P2.fig3a": ((99.8 + 99.4 + 98.0 + 96.7 + 96.0) / 5,),
    "P2.ssh.fig4c": (-1.5, -0.5, 0.5, 1.5),
    "P2.ssh.fig8": (24_000, 6_000, 6_000),
    "P2.dirac.fig6a": (100,),
    "P2.dirac.fig6b": (0.5,),
    "P2.dirac.fig6d": (-3.0, 3.0),
}


def test_the_papers_numbers_are_those_that_they_print():
    claims = [claim for claim in scorecard.CLAIMS if not isinstance(claim.paper, str)]
    for claim in claims:
        (printed,) = [n for id, n in PUBLISHED.items() if f"{claim.id}.".startswith(f"{id}.")]
        assert claim.paper == pytest.approx(printed), claim.id
    assert set(PUBLISHED) <= {claim.id for claim in claims}


@pytest.mark.parametrize("shares", [(99.9, 99.9), (98, 99.8)])
def test_what_was_not_found_is_near_nothing(shares):
    assert agrees(shares, shares)
    assert not agrees((shares[0], np.nan), shares)
    with pytest.raises(ArgumentError, match="paper"):
        agrees(shares, (shares[0], np.nan))


def test_claims_do_not_change():
    with pytest.raises(AttributeError, match="cannot assign to field"):
        scorecard.CLAIMS[0].paper = (0,)


@pytest.mark.parametrize(
    ("accuracies", "losses", "verdict"),
    [
        ([99, 50], [0.1, 0.2], "reproduced"),
        ([99, 50], [0.2, 0.1], "seed-dependent"),  # the chosen seed is not the good one
        ([50, 50], [0.1, 0.2], "not reproduced"),
    ],
)
def test_verdict_rests_on_the_run_with_the_lowest_validation_loss(
    monkeypatch, accuracies, losses, verdict
):
    runs = [
        SimpleNamespace(value=a, history={"val_loss": np.array([0.0, loss])})
        for a, loss in zip(accuracies, losses, strict=True)
    ]
    monkeypatch.setattr(experiments, "archived", lambda name, folder: runs)
    claim = Claim("x", "x", (99,), lambda run: (run.value,), ("some",), why="Because.")
    line = scorecard.row(claim)
    assert line["verdict"] == verdict
    assert line["chosen"] == [accuracies[int(np.argmin(losses))]]
    assert (line["min"], line["max"]) == ([min(accuracies)], [max(accuracies)])
    assert line["median"] == [np.median(accuracies)]
    assert (line["seeds"], line["holding"]) == (2, accuracies.count(99))
    assert line["selection"] == "the lowest validation loss"
    assert f"Holds for {accuracies.count(99)} of 2 seeds" in line["why"]


def test_seeds_of_another_setting_reach_the_result_by_its_own_rule(monkeypatch):
    runs = [
        SimpleNamespace(value=v, history={"val_loss": np.array([0.0])}) for v in (99, 97, 95, 50)
    ]
    monkeypatch.setattr(experiments, "archived", lambda name, folder: runs)
    result = Claim("P1.x", "x", (99,), lambda run: (run.value,), ("some",), why="Because.")
    ours = Claim(
        *("P1.x.ours", "x", (99,), lambda run: (run.value,), ("other",)), holds=lambda v: v[0] > 90
    )
    other = replace(ours, id="P1.xy.ours")
    monkeypatch.setattr(scorecard, "CLAIMS", [result, ours, other])
    lines = [scorecard.row(claim) for claim in (result, ours, other)]
    assert [line["holding"] for line in lines] == [1, 3, 3]
    assert [line["reaching"] for line in lines] == [None, 1, None]


def test_the_run_is_chosen_before_any_test_is_measured(monkeypatch):
    runs = [SimpleNamespace(history={"val_loss": np.array([v])}) for v in (0.3, 0.1, 0.2)]
    done, chosen = [], experiments.chosen
    monkeypatch.setattr(experiments, "archived", lambda name, folder: runs)
    monkeypatch.setattr(experiments, "chosen", lambda *of: done.append("chosen") or chosen(*of))
    claim = Claim("x", "x", (1, 1), lambda run: done.append("measured") or (1,), ("a", "b"))
    scorecard.row(claim)
    assert done == ["chosen"] * 2 + ["measured"] * 6


def test_a_claim_may_choose_among_the_seeds_of_which_its_fate_is_foretold(monkeypatch):
    runs = [
        SimpleNamespace(value=v, network=fate, history={"val_loss": np.array([loss])})
        for v, fate, loss in [(50, "one-sided", 0.1), (99, "good", 0.3), (70, "good", 0.4)]
    ]
    monkeypatch.setattr(experiments, "archived", lambda name, folder: runs)
    monkeypatch.setattr(blackbox, "predicted_fate", lambda network, within: network)
    line = scorecard.row(
        Claim("x", "x", (99,), lambda run: (run.value,), ("a",), why="Because.", foretold="good")
    )
    assert (line["chosen"], line["verdict"], line["holding"]) == ([99], "reproduced", 1)
    among = "the lowest validation loss among the seeds foretold to be good"
    assert line["selection"] == among


def test_a_claim_may_ask_for_a_smaller_miss(monkeypatch):
    runs = [
        SimpleNamespace(value=v, network=miss, history={"val_loss": np.array([loss])})
        for v, miss, loss in [(50, 0.4, 0.1), (99, 0.2, 0.3)]
    ]
    monkeypatch.setattr(experiments, "archived", lambda name, folder: runs)
    fate = lambda miss, within: "good" if miss < within else "one-sided"  # noqa: E731
    monkeypatch.setattr(blackbox, "predicted_fate", fate)
    for within, value in [(0.5, 50), (0.25, 99)]:
        claim = Claim(
            *("x", "x", (99,), lambda run: (run.value,), ("a",)), foretold="good", within=within
        )
        line = scorecard.row(claim)
        assert line["chosen"] == [value]
        assert line["selection"].endswith("to within 0.25") is (within == 0.25)


def test_claims_that_do_not_exist_are_named():
    with pytest.raises(ArgumentError, match=r"'P1\.tabel1'"):
        scorecard.rows(["P1.params.fc", "P1.tabel1"])
    assert [line["id"] for line in scorecard.rows(["P1.params.cnn"])] == ["P1.params.cnn"]


def test_missing_runs_are_named_and_not_trained(tmp_path, capsys):
    assert cli.main(["scorecard", "--archive", str(tmp_path)]) == 1
    assert "8 of 8 runs of ssh-linear" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_sweep_is_judged_by_medians_over_the_seeds_that_all_points_share(monkeypatch):
    def runs(*values):
        return [SimpleNamespace(value=v, history={"val_loss": np.array([0.0])}) for v in values]

    points = {"a": runs(90, 94, 95, 0), "b": runs(80, 84, 70)}  # the last of a is not shared
    monkeypatch.setattr(experiments, "archived", lambda name, folder: points[name])
    claim = Claim(
        "x", "x", "falls", lambda run: (run.value,), ("a", "b"),
        holds=lambda v: v[0] >= 12, why="Because.", reduce=lambda v: (v[0] - v[1],),
    )  # fmt: skip
    line = scorecard.row(claim)
    assert line["chosen"] == [94 - 80]
    assert (line["min"], line["max"], line["seeds"]) == ([10], [25], 3)
    assert line["verdict"] == "reproduced"
    assert "1 of 3 seeds" in line["why"]
    assert line["selection"] == "the medians over the seeds"


@pytest.mark.parametrize("paper", [89.9, 90.0])
def test_the_tolerance_changes_at_90_percent(paper):
    assert agrees([paper - 1], [paper])
    assert agrees([paper - 4.9], [paper]) is (paper < 90)
    assert agrees([paper + 4.9], [paper])
    assert agrees([paper + 5.1], [paper]) is (paper >= 90)
    assert not agrees([np.nan], [paper])


def test_columns_are_those_of_the_chosen_run_of_each_experiment(monkeypatch):
    def runs(*pairs):
        return [
            SimpleNamespace(value=v, history={"val_loss": np.array([9 - loss, loss])})
            for v, loss in pairs
        ]

    points = {"a": runs((1, 2), (2, 1), (4, 3)), "b": runs((10, 1), (20, 2), (60, 3), (0, 0))}
    folders = []

    def archived(name, folder):
        folders.append(folder)
        return points[name]

    monkeypatch.setattr(experiments, "archived", archived)
    claim = Claim(
        "x", "some words", (1, 2), lambda run: (run.value, -run.value), ("a", "b"),
        holds=lambda v: v[0] == 4, why=" Because. ", columns=("c",), figure="fig-x", page="p",
        baseline=lambda: (1 / 3, 50),
    )  # fmt: skip
    line = scorecard.row(claim, "somewhere")
    assert json.loads(json.dumps(line)) == {**line, "paper": [1, 2], "columns": ["c"]}
    assert line == {
        "id": "x",
        "kind": "result",
        "what": "some words",
        "paper": (1, 2),
        "chosen": [2, -2, 10, -10],  # the lowest last loss among the three seeds of both
        "median": [2, -2, 20, -20],
        "min": [1, -4, 10, -60],
        "max": [4, -1, 60, -10],
        "seeds": 3,
        "holding": 1,
        "reaching": None,
        "selection": "the lowest validation loss",
        "baseline": [0.3333, 50],
        "columns": ("c",),
        "verdict": "seed-dependent",
        "why": "Because. Holds for 1 of 3 seeds.",
        "page": "p",
        "figure": "fig-x",
    }
    assert folders == ["somewhere"] * 2


def test_long_cards_name_every_row_and_say_the_papers_words_once(monkeypatch):
    for claim in scorecard.CLAIMS:
        if len(claim.columns) > 4:  # each number of a card has a row of its own
            assert len(set(claim.columns)) == len(claim.columns), claim.id
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "book" / "_extensions"))
    import scorecard_page

    names = ("a", "b", "c", "d", "e")
    claim = Claim("P2.x", "x", "high for all", lambda: range(5), columns=names, holds=len)
    line = scorecard.row(claim)
    card = scorecard_page.card(line, [line])
    assert card.count("high for all") == 1
    rows = re.findall(r'<th scope="row">(\w+)</th>((?:<td>\d</td>)+)', card)
    assert rows == [(name, f"<td>{i}</td>") for i, name in enumerate(names)]
    for name in ("scorecard_page", "drawings"):
        del sys.modules[name]


def test_what_one_sided_means_is_said_once_a_page(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "book" / "_extensions"))
    import scorecard_page

    remarks = ["Why.", f"{general_aiii.ONE_SIDED} So.", f"Because. {general_aiii.ONE_SIDED} And."]
    told = []
    lines = [{"id": "x", "why": why} for why in remarks * 2]
    shown = [scorecard_page.told_once(line, told)["why"] for line in lines]
    assert shown == [*remarks[:2], "Because. And.", "Why.", "So.", "Because. And."]
    for name in ("scorecard_page", "drawings"):
        del sys.modules[name]


def test_a_column_of_a_card_has_one_number_of_decimals(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "book" / "_extensions"))
    import scorecard_page

    columns = {
        (83.82, 3.075, 0.0, 100.0): ["83.82", "3.08", "0.00", "100.00"],
        (-0.0004, -0.0014, 4.03): ["0.00", "0.00", "4.03"],
        (0.0053, 0.0123): ["0.0053", "0.0123"],
        (18143.0, 0.0): ["18,143", "0"],
        (4061.0, -1.0): ["4,061", "−1"],
        (1e-12,): ["10<sup>−12</sup>"],
        (0.0, 1e-05): ["0", "10<sup>−5</sup>"],
        (0.00009, 0.749, 0.0): ["&lt; 0.001", "0.749", "0.000"],
        (float("nan"), -1.46): ["–", "−1.46"],
    }
    for numbers, texts in columns.items():
        assert scorecard_page._column(numbers) == texts
    strengths = [scorecard_page._strength(value) for value in (0, 0.01, 3e-4, 0.000155)]
    assert strengths == ["0", "10<sup>−2</sup>", "3·10<sup>−4</sup>", "1.55·10<sup>−4</sup>"]
    row = {"seeds": 1, "columns": ["λ", "(i)"], "paper": [0.003, 90.0], "chosen": [3e-4, 98.123]}
    cells = re.findall("<td[^>]*>(.*?)</td>", scorecard_page._table(row, "P1"))
    assert cells[-2:] == ["3·10<sup>−4</sup>", "98.12"]
    both = "outputs (ours: ten epochs)", "outputs (P1: one epoch)"
    assert scorecard_page._setting(*both) == "ours: ten epochs"
    assert scorecard_page._setting("ours on (i)", "P1's on (i)") == "ours on (i)"
    beside = "P1's, test (iv) drawn otherwise", "P1's, tests (i)–(iv)"
    assert scorecard_page._setting(*beside) == beside[0]
    for name in ("scorecard_page", "drawings"):
        del sys.modules[name]


def test_a_claim_without_runs_is_measured_once():
    line = scorecard.row(Claim("x", "x", (99,), lambda: (98.12345678,)))
    assert line["chosen"] == line["median"] == line["min"] == line["max"] == [98.1235]
    assert (line["seeds"], line["why"], line["baseline"]) == (1, "", None)
    assert line["verdict"] == "reproduced"
    line = scorecard.row(Claim("x", "x", (99,), lambda: (97.9,)))
    assert line["verdict"] == "not reproduced"
    assert (line["holding"], line["selection"]) == (0, None)


BOOKKEEPING = {
    *("P1.aiii.classes", "P1.params.fc", "P1.params.cnn", "P1.fig1", "P1.fig2"),
    *("P2.params.cnn", "P2.params.fcnn", "P2.fig1", "P2.fig2"),
    *("P2.ssh.fig4a", "P2.ssh.fig8", "P2.aah.fig5a"),
}
NEAREST = {  # the papers' recipes, data or tests drawn in a way that is ours
    *("P1.table1.cnn.strengthened", "P1.sm.c2.strengthened", "P2.table1.fcnn.fixed"),
    *("P2.dirac.fig6c.dense", "P1.sm.design.few"),
}
OTHER_SETTINGS = {"P1.sm.c2.ours.strengthened", "P1.sm.design.small"}


def test_results_bookkeeping_and_our_own_variants_are_told_apart():
    kinds = {claim.id: claim.kind for claim in scorecard.CLAIMS}
    assert {id for id, kind in kinds.items() if kind == "bookkeeping"} == BOOKKEEPING
    ours = {id for id in kinds if id.endswith(".ours") or ".long" in id} | NEAREST | OTHER_SETTINGS
    assert {id for id, kind in kinds.items() if kind == "ours"} == ours
    with pytest.raises(ArgumentError, match="kind"):
        Claim("x", "x", (1,), lambda: (1,), kind="theirs")


def test_no_result_of_a_paper_rests_on_a_recipe_of_ours():
    ways = ("-ours", "-cosine", "ssh-linear-zeros")
    for claim in scorecard.CLAIMS:
        ours = [e for e in claim.experiments if any(way in e for way in ways)]
        assert (bool(ours) or claim.id in NEAREST) is (claim.kind == "ours"), claim.id


def test_what_has_no_number_counts_in_no_median(monkeypatch):
    runs = [
        SimpleNamespace(value=v, history={"val_loss": np.array([loss])})
        for v, loss in ((np.nan, 1), (1.0, 0), (3.0, 2))
    ]
    monkeypatch.setattr(experiments, "archived", lambda name, folder: runs)
    line = scorecard.row(Claim("x", "x", "1", lambda run: (run.value,), ("a",), equal_one))
    assert (line["chosen"], line["median"], line["min"], line["max"]) == ([1], [2], [1], [3])
    assert line["why"] == "Holds for 1 of 3 seeds."


def equal_one(values):
    return values[0] == 1


def test_lines_are_in_order_of_the_claims_and_name_their_page(monkeypatch):
    monkeypatch.setattr(scorecard, "row", lambda claim, folder: (claim.id, claim.page, folder))
    every = scorecard.rows(folder="f")
    assert every[0] == ("P1.ssh.linear", "notebooks/01_ssh_shortcut", "f")
    assert len(every) == len(scorecard.CLAIMS)
    assert {"notebooks/01_ssh_shortcut", "notebooks/04_hatano_nelson"} < {
        page for _, page, _ in every
    }
    assert [id for id, *_ in every] == [claim.id for claim in scorecard.CLAIMS]
    some = scorecard.rows(["P2.fig1", "P1.fig1"])
    assert [id for id, *_ in some] == ["P1.fig1", "P2.fig1"]
    assert scorecard.rows([]) == []


def test_a_table_shows_numbers_and_words_as_they_are():
    line = {
        "id": "x", "what": "w of |w|", "paper": "words | more", "verdict": "reproduced",
        "chosen": [99.126, 9999.4], "median": [10000.4, -12345.6], "min": [0.00012], "max": [],
        "why": "Because.",
    }  # fmt: skip
    assert scorecard.table([line]).splitlines() == [
        "| claim | verdict | paper | chosen | median | min | max | remark |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        r"| x: w of \|w\| | **reproduced** | words \| more | 99.13 / 9999 | 10000 / -12346 "
        "| 0.00012 |  | Because. |",
    ]
    assert "99.13<br>9999" in scorecard.table([line], separator="<br>")
    for lines, words in [(line, "got lines="), ([{"id": "x"}], r"got a line with \['id'\]")]:
        with pytest.raises(ArgumentError, match=words):
            scorecard.table(lines)


def test_a_notebook_shows_some_lines(monkeypatch):
    monkeypatch.setattr(scorecard, "rows", lambda ids, folder: (ids, folder))
    monkeypatch.setattr(scorecard, "table", lambda lines, separator: f"{lines} {separator}")
    shown = scorecard.show("a", "b", folder="f")
    assert shown.data == "(('a', 'b'), 'f') <br>"


# --- measures that both papers share ---


def test_late_losses_are_means_over_ten_epochs():
    epochs = np.arange(100.0)
    run = SimpleNamespace(history={"val_loss": epochs, "loss": 1000 + epochs})
    assert late_losses(run) == (94.5, 84.5, 1094.5)


def test_only_the_expected_numbers_are_equal():
    rule = equal(40, 32)
    assert rule(np.array([40.0, 32.0]))
    assert not rule(np.array([40.0, 33.0]))
    assert not rule((40,))


@pytest.mark.parametrize(
    ("difference", "expected"),
    [(0, 1e-12), (3e-13, 1e-12), (1.1e-12, 1e-11), (9e-4, 1e-3), (1.1, 10), (11, 100)],
)
def test_a_bound_is_a_power_of_ten_above_rounding(difference, expected):
    assert bound(difference) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("difference", [1e-7, 1e3, 1000.0000000000001, 1e308, 1.1e308])
def test_a_difference_never_exceeds_its_bound(difference):
    assert difference <= bound(difference) <= 10 * difference or bound(difference) == np.inf
    assert (bound(difference) == np.inf) == (difference > 1e308)


@pytest.mark.parametrize("difference", [np.inf, np.nan])
def test_what_is_not_finite_has_no_bound(difference):
    assert np.isnan(bound(difference))


def test_sizes_of_networks():
    assert layer_sizes("aiii-cnn")() == (40, 32, 2, 1)
    assert parameter_count("hatano-nelson-cnn")() == (262,)


def test_a_claim_foretells_fates_as_a_selection_does():
    selection = inspect.signature(experiments.chosen).parameters
    assert Claim.within == selection["within"].default


def test_fates_are_foretold_by_the_nearest_integer_but_for_the_narrow_rule():
    narrow = {claim.id for claim in scorecard.CLAIMS if claim.foretold and claim.within != 0.5}
    assert narrow == {"P1.table1.cnn.long.narrow"}
