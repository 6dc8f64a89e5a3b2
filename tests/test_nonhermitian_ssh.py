"""The non-Hermitian SSH chain against its Bloch matrix, its factors and its phase diagram."""

import numpy as np
import pytest

from windlib.hamiltonians import nonhermitian_ssh as nhssh
from windlib.winding import GaplessError, resolved_winding, winding_number


@pytest.fixture(scope="module")
def chains():
    """20,000 points of P2's square, wherever they fall."""
    return nhssh.sample(20_000, np.random.default_rng(1))


@pytest.fixture(scope="module")
def near():
    """1200 points between 1e-9 and 1e-3 from a boundary, on either side of each of the four."""
    rng = np.random.default_rng(2)
    along = rng.uniform(-8, 8, 1200)
    across = np.tile([1.0, -1.0], 600) + rng.choice([-1, 1], 1200) * 10 ** rng.uniform(-9, -3, 1200)
    u, v = np.where(np.arange(1200) % 4 < 2, [across, along], [along, across])
    return {"t": (u + v) / 2, "delta": (u - v) / 2}


def certified(t, delta):
    def energy_squared(i, k):
        return (np.exp(-1j * k) + t[i] - delta[i]) * (np.exp(1j * k) + t[i] + delta[i])

    # t′² cancels in the derivative, which leaves |t′| (|t + δ| + |t − δ|).
    return resolved_winding(energy_squared, np.abs(t + delta) + np.abs(t - delta))


def test_curve_is_the_square_of_both_bands():
    rng = np.random.default_rng(3)
    t, delta, t_prime = rng.uniform(-3, 3, (3, 20))
    z = nhssh.curve(t, delta, t_prime, links=10)
    assert z.shape == (20, 11)
    k = np.linspace(0, 2 * np.pi, 11)
    h = nhssh.bloch(t[:, None], delta[:, None], k, t_prime[:, None])
    bands = np.linalg.eigvals(h)
    np.testing.assert_allclose(bands**2, np.stack([z, z], axis=-1), atol=1e-9)
    np.testing.assert_allclose(bands.sum(axis=-1), 0, atol=1e-7)


def test_curve_is_equation_8():
    t, delta = np.random.default_rng(4).uniform(-6, 6, (2, 50, 1))
    k = np.linspace(0, 2 * np.pi, 33)
    z = 1 + t**2 - delta**2 + 2 * t * np.cos(k) - 2j * delta * np.sin(k)
    np.testing.assert_allclose(nhssh.curve(t[:, 0], delta[:, 0]), z, atol=1e-12)


def test_bloch_is_equation_6_in_a_ring():
    # From the hoppings of a ring of four cells, A_n at 2n and B_n at 2n + 1.
    t, delta, t_prime, cells = 0.7, -0.4, 1.3, 4
    h = np.zeros((8, 8))
    for n in range(cells):
        a, b, next_a = 2 * n, 2 * n + 1, 2 * (n + 1) % 8
        h[a, b], h[b, a] = t - delta, t + delta
        h[next_a, b] = h[b, next_a] = t_prime
    np.testing.assert_array_equal(nhssh.matrix(t, delta, cells, t_prime), h)
    for k in 2 * np.pi * np.arange(cells) / cells:
        wave = np.kron(np.exp(1j * k * np.arange(cells))[:, None], np.eye(2))
        np.testing.assert_allclose(h @ wave, wave @ nhssh.bloch(t, delta, k, t_prime), atol=1e-12)


def test_without_delta_it_is_the_hermitian_chain():
    h = nhssh.bloch(0.7, 0.0, np.linspace(0, 6, 9))
    np.testing.assert_array_equal(h, h.conj().swapaxes(1, 2))
    assert (nhssh.curve([0.7, -2.0], [0.0, 0.0]).real > 0).all()


def test_curves_are_closed_exactly(chains):
    z = nhssh.curve(**chains)
    assert (z[:, 0] == z[:, -1]).all()


def test_exact_winding_is_the_certified_one(chains):
    some = {name: values[:1000] for name, values in chains.items()}
    exact = nhssh.exact_winding(**some)
    assert set(exact) == {-1, 0, 1}
    np.testing.assert_array_equal(exact, certified(**some))


def test_exact_winding_next_to_the_boundaries(near):
    exact = nhssh.exact_winding(**near)
    assert set(exact) == {-1, 0, 1}
    assert 1e-10 < nhssh.phase_boundary_distance(**near).min() < 1e-8
    np.testing.assert_array_equal(exact, certified(**near))


@pytest.mark.parametrize("links", [4, 32])
def test_an_even_number_of_links_never_misses(chains, near, links):
    # Im E² = −2δt′ sin k has one sign for k < π and the other for k > π. So the curve meets
    # the real axis at k = 0 and π only, and all of its turning is told by E²(0), E²(π) and
    # the sign of δ. An even number of links samples both, and no link leaves its half plane.
    # (Next to the boundary a link passes the origin as closely as its samples: within gap=.)
    for some, gap in ((chains, None), (near, 0)):
        discrete = winding_number(nhssh.curve(**some, links=links), gap=gap)
        np.testing.assert_array_equal(discrete, nhssh.exact_winding(**some))


def test_an_odd_number_of_links_misses_near_the_boundary():
    for below, misses in [(0.2, True), (None, False)]:
        at_least = 0.0 if misses else 0.2
        some = nhssh.sample(5000, np.random.default_rng(5), at_least, below)
        discrete = winding_number(nhssh.curve(**some, links=33))
        assert (discrete != nhssh.exact_winding(**some)).any() == misses


def test_it_is_half_the_sum_of_the_factors_windings(chains):
    # P2, below Eq. 10: w_± is half this sum; ours is the sum itself.
    t, delta = (values[:5000, None] for values in chains.values())
    k = np.linspace(0, 2 * np.pi, 1025)
    far = nhssh.phase_boundary_distance(t, delta)[:, 0] > 0.01
    upper = winding_number((np.exp(-1j * k) + t - delta)[far])
    lower = winding_number((np.exp(1j * k) + t + delta)[far])
    exact = nhssh.exact_winding(t, delta)[far, 0]
    np.testing.assert_array_equal(exact, upper + lower)
    # "0" merges two phases.
    assert {(-1, 1), (0, 0)} < set(zip(upper, lower, strict=True))


def test_inter_band_winding_of_equation_9_is_half():
    # arg(E₊ − E₋) along a continuous branch of the square root.
    k = np.linspace(0, 2 * np.pi, 4001)
    for delta, w in [(1.0, -0.5), (-1.0, 0.5), (0.2, 0), (2.5, 0)]:
        bands = np.linalg.eigvals(nhssh.bloch(0.5, delta, k))
        branch = [bands[0, 0]]
        for pair in bands[1:]:
            branch.append(pair[np.argmin(np.abs(pair - branch[-1]))])
        turns = np.unwrap(np.angle(branch))[[0, -1]] / (2 * np.pi)
        assert turns[1] - turns[0] == pytest.approx(w, abs=1e-9)
        assert nhssh.exact_winding(0.5, delta) == 2 * w


def test_symmetries(chains):
    t, delta = chains["t"], chains["delta"]
    for winding in (nhssh.exact_winding, lambda *p: winding_number(nhssh.curve(*p))):
        w = winding(t, delta)
        np.testing.assert_array_equal(winding(t, -delta), -w)
        np.testing.assert_array_equal(winding(-t, delta), -w)  # with k → π − k, so it turns back
        np.testing.assert_array_equal(winding(-t, -delta), w)
        np.testing.assert_array_equal(winding(delta, t), w)  # t ↔ δ
        np.testing.assert_array_equal(winding(t, delta, -1.0), w)
        np.testing.assert_array_equal(winding(3 * t, 3 * delta, 3.0), w)
    z = nhssh.curve(t, delta)
    np.testing.assert_array_equal(winding_number(z.conj()), -nhssh.exact_winding(t, delta))
    np.testing.assert_allclose(z.conj(), nhssh.curve(t, -delta), atol=1e-12)


def test_paper_transitions_at_t_one_half():
    # P2, Fig. 4(c): δ = −1.5, −0.5, 0.5, 1.5.
    transitions = np.array([-1.5, -0.5, 0.5, 1.5])
    np.testing.assert_allclose(nhssh.phase_boundary_distance(0.5, transitions), 0, atol=1e-15)
    w = [nhssh.exact_winding(0.5, transitions + side).tolist() for side in (-0.01, 0.01)]
    assert w == [[0, 1, 0, -1], [1, 0, -1, 0]]


@pytest.mark.parametrize("t_prime", [1.0, -0.6])
def test_distance_is_that_of_the_nearest_point_on_the_four_lines(t_prime):
    points = np.random.default_rng(6).uniform(-6, 6, (200, 2))
    x, step = np.linspace(-10, 10, 10_001, retstep=True)
    lines = np.concatenate([[x, s * (c - x)] for s in (1, -1) for c in (t_prime, -t_prime)], axis=1)
    brute = [np.hypot(*(lines - point[:, None])).min() for point in points]
    distance = nhssh.phase_boundary_distance(*points.T, t_prime)
    # The nearest of points √2 · step apart is at most half that off along the line.
    assert (distance <= np.array(brute) + 1e-12).all()
    np.testing.assert_allclose(distance**2, np.square(brute), atol=step**2 / 2 + 1e-9)


def test_a_single_line_does_not_give_the_distance(chains):
    # P2's Eq. 12 with t + δ = 1 alone: far from it one may stand on another boundary.
    t, delta = chains.values()
    single = np.abs(t + delta - 1) / np.sqrt(2)
    distance = nhssh.phase_boundary_distance(t, delta)
    assert (distance <= single + 1e-12).all()
    assert ((distance < 0.2) & (single > 1)).any()


def shares(threshold):
    """Areas of the classes 0 and ±1 with s ≥ T in the square, by u = t + δ, v = t − δ."""
    a, b = 1 - np.sqrt(2) * threshold, 1 + np.sqrt(2) * threshold
    one = 2 * (2 * a * (12 - b) - a**2)  # one of |u|, |v| below a, the other above b
    zero = 2 * a**2 + (12 - 2 * b) ** 2  # both below, or both above
    return np.array([zero, one]) / (zero + one)


@pytest.mark.parametrize(("threshold", "zero"), [(0.2, 0.75), (0.6, 0.92)])
def test_sample_is_uniform_beyond_the_distance(threshold, zero):
    n = 100_000
    parameters = nhssh.sample(n, np.random.default_rng(7), distance_at_least=threshold)
    assert list(parameters) == ["t", "delta"]
    assert [len(values) for values in parameters.values()] == [n, n]
    assert nhssh.phase_boundary_distance(**parameters).min() >= threshold
    assert max(np.abs(values).max() for values in parameters.values()) <= 6
    w = nhssh.exact_winding(**parameters)
    expected = shares(threshold)
    assert expected[0] == pytest.approx(zero, abs=0.005)
    error = 5 * np.sqrt(expected.prod() / n)
    assert abs((w == 0).mean() - expected[0]) < error
    for sign in (1, -1):
        assert abs((w == sign).mean() - expected[1] / 2) < error


def test_sample_near_the_boundary():
    parameters = nhssh.sample(20_000, np.random.default_rng(8), 0.1, 0.2)
    distance = nhssh.phase_boundary_distance(**parameters)
    assert (distance >= 0.1).all()
    assert (distance < 0.2).all()
    assert np.histogram(distance, bins=10, range=(0.1, 0.2))[0].min() > 1800
    # The rejection is the plain draw, filtered.
    plain = nhssh.sample(30_000, np.random.default_rng(8))
    s = nhssh.phase_boundary_distance(**plain)
    kept = plain["t"][(s >= 0.1) & (s < 0.2)]
    assert len(kept) > 1000
    np.testing.assert_array_equal(parameters["t"][: len(kept)], kept)


@pytest.mark.parametrize(("low", "high"), [(-6, 6), (0.5, 3)])
def test_plain_sample_is_uniform(low, high):
    for values in nhssh.sample(100_000, np.random.default_rng(9), low=low, high=high).values():
        counts = np.histogram(values, bins=10, range=(low, high))[0]
        assert counts.sum() == 100_000
        assert np.abs(counts - 10_000).max() < 5 * np.sqrt(9_000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distance_at_least": 3.6}, r"got distance_at_least=3\.6.* none lies so"),  # 5/√2 < 3.6
        ({"distance_below": 0.0}, "distance_below=0.0; expected"),
        ({"distance_at_least": 0.3, "distance_below": 0.3}, "expected the first to be less"),
        ({"distance_at_least": np.nan}, "distance_at_least=nan"),
        ({"low": 2, "high": 2}, "low=2.0, high=2.0"),
        ({"n": 0}, "got n=0"),
    ],
)
def test_impossible_ranges(options, message):
    with pytest.raises(ValueError, match=message):
        nhssh.sample(**{"n": 5, "rng": np.random.default_rng(0), **options})


@pytest.mark.parametrize(
    ("t", "delta"),
    # 1.9 − 0.9 is 0.9999999999999999 in floating point, and still on the boundary.
    [(0.5, 0.5), (0.5, -1.5), (-2.0, 1.0), (1.9, 0.9), (-1.0, 0.0)],
)
def test_gapless(t, delta):
    with pytest.raises(GaplessError, match=r"1 of 2 points \(number 1\) lie on a phase boundary"):
        nhssh.exact_winding([0.3, t], [2.0, delta])
    assert np.abs(nhssh.curve([t], [delta])).min() < 1e-14


def test_gaplessness_is_within_the_rounding_of_the_largest_hopping():
    t, t_prime = 1e6, 0.1  # t - (t - 0.1) is 0.1 to ten digits only
    for sign in (1, -1):
        with pytest.raises(GaplessError, match="on a phase boundary"):
            nhssh.exact_winding([t], [sign * (t - t_prime)], t_prime)
    assert nhssh.exact_winding([t], [t - 0.9 * t_prime], t_prime) == [-1]


@pytest.mark.parametrize(
    "function", [nhssh.curve, nhssh.exact_winding, nhssh.phase_boundary_distance]
)
def test_bad_input_is_refused(function):
    for bad in [np.nan, np.inf, 1j]:
        for parameters in [([1.0, bad], [0.5, 0.2]), ([0.5], [bad]), ([0.5], [0.2], bad)]:
            with pytest.raises(ValueError, match=r"complex values|not finite"):
                function(*parameters)
    with pytest.raises(ValueError, match=r"t \(2,\), delta \(3,\)"):
        function([1.0, 2.0], [0.5] * 3)
