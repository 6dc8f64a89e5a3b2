"""The SSH chain against its Bloch Hamiltonian and the two labelings."""

import numpy as np
import pytest

from windlib.hamiltonians import ssh
from windlib.winding import GaplessError, resolved_winding, winding_number


@pytest.fixture(scope="module")
def hoppings():
    """Real hoppings of both signs, a percent or more away from the phase boundary."""
    t, t_prime = np.random.default_rng(1).uniform(-3, 3, (2, 5000))
    gapped = np.abs(np.abs(t) - np.abs(t_prime)) > 0.01 * np.maximum(np.abs(t), np.abs(t_prime))
    return {"t": t[gapped], "t_prime": t_prime[gapped]}


def test_curve_is_the_bloch_hamiltonian():
    t, t_prime = 0.7, -1.3
    sigma_x, sigma_y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])
    z = ssh.curve([t], [t_prime], links=20)
    assert z.shape == (1, 21)
    for k, point in zip(np.linspace(0, 2 * np.pi, 21), z[0], strict=True):
        bloch = (t + t_prime * np.cos(k)) * sigma_x + t_prime * np.sin(k) * sigma_y
        np.testing.assert_allclose(point.real * sigma_x + point.imag * sigma_y, bloch, atol=1e-12)


def test_curves_are_closed_exactly(hoppings):
    z = ssh.curve(**hoppings)
    assert (z[:, 0] == z[:, -1]).all()


def test_exact_winding_is_the_curves(hoppings):
    exact = ssh.exact_winding(**hoppings)
    assert set(exact) == {0, 1}
    np.testing.assert_array_equal(winding_number(ssh.curve(**hoppings)), exact)


def test_exact_winding_next_to_the_boundary():
    # Here 32 samples do not suffice, and a certified count does.
    t, t_prime = np.array([1, 1, 1, -1]), np.array([1 - 1e-7, 1 + 1e-7, -1 - 1e-7, -1 + 1e-7])
    resolved = resolved_winding(lambda i, k: t[i] + t_prime[i] * np.exp(1j * k), np.abs(t_prime))
    np.testing.assert_array_equal(ssh.exact_winding(t, t_prime), resolved)
    assert resolved.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("t_prime", [1.0, -1.0])
def test_gapless(t_prime):
    with pytest.raises(GaplessError, match="gapless"):
        ssh.exact_winding([1.0, 1.0], [0.5, t_prime])


def test_hoppings_that_differ_by_rounding_alone_are_gapless():
    t, t_prime = [0.1 + 0.2, 0.3, 1.0, 1.0], [0.3, -0.1 - 0.2, 1 + 1e-11, -1 + 1e-11]
    assert ssh.exact_winding(t, t_prime, mask=True).tolist() == [None, None, 1, 0]
    t = np.array([0, 1e6, 1e6, 1e-6, 1e-6])  # whatever their unit
    t_prime = t * (1 + np.array([0, 1e-13, 1e-11, 1e-13, 1e-11]))
    assert ssh.exact_winding(t, t_prime, mask=True).tolist() == [None, None, 1, None, 1]


def test_labels_differ_only_where_t_prime_is_below_minus_t():
    parameters = ssh.sample(20_000, np.random.default_rng(2))
    differ = ssh.printed_label(**parameters) != ssh.exact_winding(**parameters)
    np.testing.assert_array_equal(differ, parameters["t_prime"] < -parameters["t"])
    assert 0.35 < differ.mean() < 0.45  # t′ < −1 of t′ in [−9, 11]


def test_printed_label_is_read_at_k_equal_to_pi():
    # P1, Eq. 5: w = 0 and 1 where the unit vector at k = π is (1, 0) and (−1, 0).
    parameters = ssh.sample(1000, np.random.default_rng(3))
    at_pi = ssh.curve(**parameters, links=2)[:, 1]
    np.testing.assert_array_equal(ssh.printed_label(**parameters), at_pi.real < 0)


@pytest.mark.parametrize(("low", "high"), [(-10, 10), (0.5, 3)])
def test_sample_is_uniform_in_the_printed_variable(low, high):
    parameters = ssh.sample(100_000, np.random.default_rng(4), low, high)
    assert (parameters["t"] == 1).all()
    u = ((1 - parameters["t_prime"]) - low) / (high - low)
    counts = np.histogram(u, bins=10, range=(0, 1))[0]
    assert counts.sum() == 100_000
    assert np.abs(counts - 10_000).max() < 5 * np.sqrt(9_000)
