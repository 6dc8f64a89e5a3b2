"""The record of kinks through the epochs, which a figure of chapter 2b shows."""

import json
from pathlib import Path

import numpy as np
import pytest

from windlib.runs import experiments
from windlib.runs.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
RECORD = json.loads((ROOT / "book" / "kinks.json").read_text(encoding="utf-8"))


@pytest.fixture
def kinks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import kinks

    return kinks


def test_the_record_has_every_seed_and_epoch(kinks):
    assert list(RECORD["seeds"]) == [str(seed) for seed in kinks.SEEDS]
    assert tuple(RECORD["epochs"]) == kinks.EPOCHS
    for seed in RECORD["seeds"].values():
        assert {len(values) for values in seed.values()} == {len(kinks.EPOCHS)}


@pytest.mark.parametrize("seed", [0, 5, 28, 37, 47])
def test_the_record_ends_with_what_the_archived_networks_say(kinks, seed):
    name = "aiii-cnn-cosine-400"
    name += "-fresh" * (seed not in CATALOGUE[name].seeds)
    (run,) = experiments.train(name, seed)
    last = {what: values[-1] for what, values in RECORD["seeds"][str(seed)].items()}
    assert kinks.measured(run.network) == last
    assert sum(last["shares"]) == pytest.approx(1, abs=0.05)


def _at_zero_and_slope(measured):
    """What each neuron's line is: its value at w = 0 and its slope, as parts of the output.

    Other last bits change these by a hundredth of the largest. The kink of a neuron without
    slope, which is their ratio, they move as far as they like.
    """
    slope = np.array(measured["shares"])
    return np.array([-slope * measured["kinks"], slope])


def test_the_record_begins_as_a_training_does(kinks):
    first = {what: values[0] for what, values in RECORD["seeds"]["0"].items()}
    found = {what: value for what, (value,) in kinks.trained(0, stop_after=1).items()}
    assert found["fate"] == first["fate"]
    for now, then in zip(*map(_at_zero_and_slope, (found, first)), strict=True):
        np.testing.assert_allclose(now, then, rtol=0, atol=0.05 * np.abs(then).max())
