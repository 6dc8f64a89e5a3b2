"""The long check of `diagnose`, in short: random chains by two other counts, and bad inputs."""

import numpy as np
import pytest

from soak import bloch


def test_random_chains_by_two_other_counts():
    found = bloch.compare(60, seed=1)
    cases, uncertified, zeros, undecided, ring, unsure = np.sum(list(found.values()), axis=0)
    assert (cases, uncertified, zeros, ring) == (60, 0, 0, 0)
    assert max(undecided, unsure) <= 2
    assert sorted(found) == [2, 4, 6, 8]


def test_both_counts_know_what_winds():
    q = np.zeros((5, 2, 2), complex)
    q[4, 0, 0] = q[1, 1, 1] = 1  # e^{2ik} and e^{-ik}
    q[2] = 0.1 * np.ones((2, 2))
    assert bloch.zeros_inside(q) == (1, True)
    assert bloch.around_the_ring(q) == (1, True)


@pytest.mark.parametrize("case", [844, 5236])  # all in the record that disagree
def test_where_the_ring_disagrees_a_finer_one_does_not(case):
    q = bloch.random_chain(np.random.default_rng([0, case]))[0]
    winding, sure = bloch.zeros_inside(q)
    assert sure
    assert bloch.around_the_ring(q) != (winding, True)
    assert bloch.around_the_ring(q, fluxes=(65_536,)) == (winding, True)


def test_bad_inputs_get_windlibs_own_errors():
    for kind, (cases, answered, other) in bloch.bad_inputs(130, seed=1).items():
        assert (cases, answered, other) == (10, 0, 0), kind
