"""Labels and networks against code that shares nothing with windlib's: the short form."""

import numpy as np
import pytest

from soak import truth
from windlib.runs import experiments


@pytest.mark.parametrize("name", truth.LABELS)
def test_labels_by_other_methods(name):
    for way, (cases, wrong, undecided) in truth.labels(name, 1000, seed=1).items():
        assert wrong == 0, way
        assert cases - undecided >= 0.98 * cases > 0, way


def test_schur_and_cohn_count_known_zeros():
    rng = np.random.default_rng(0)
    zeros = rng.choice([0.3, 3.0], (200, 6)) * np.exp(2j * np.pi * rng.random((200, 6)))
    p = np.array([np.poly(z)[::-1] for z in zeros])
    inside, decided = truth.zeros_inside(p)
    np.testing.assert_array_equal(inside[decided], (np.abs(zeros) < 1).sum(axis=1)[decided])
    assert decided.mean() > 0.95


@pytest.mark.parametrize(
    "name",
    ["ssh-hidden-two", "hatano-nelson-cnn-real-raw-linear", "dirac-cnn-ours-0.3", "aah-cnn-ours"],
)
def test_networks_in_double_precision(name):
    run = experiments.train(name, [0])[0]
    answers, differing, apart, unexplained = truth.network(run, most=500)
    assert answers >= 500
    assert apart < 1e-4
    assert differing <= 1e-3 * answers
    assert unexplained == 0
