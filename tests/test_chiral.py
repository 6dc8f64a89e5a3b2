"""General chiral chains: the curve, its winding counted three ways, and the sampling."""

import numpy as np
import pytest

from windlib.arguments import ArgumentError
from windlib.hamiltonians import chiral
from windlib.winding import GaplessError, UnresolvedError, winding_number


def sign_changes(h):
    """How often each sampled component changes sign on its way around; shape (n, 2)."""
    return np.count_nonzero(np.diff(np.sign(h), axis=-1), axis=-1)


def coefficients(z):
    """The a, b of P1's Eq. 7 that make the curve Σ_m z[m] e^{imk}, for a dict z."""
    cutoff = max(abs(m) for m in z)
    a, b = np.zeros((2, 1, 2, cutoff + 1))
    for m, value in z.items():
        for i, part in enumerate([value, -1j * value]):  # h_x and h_y are the real parts
            a[0, i, abs(m)] += part.real
            b[0, i, abs(m)] -= np.sign(m) * part.imag
    return a, b


@pytest.fixture(scope="module")
def few():
    """3000 plain Hamiltonians at c = 4."""
    return chiral.sample(3000, np.random.default_rng(1))


@pytest.fixture(scope="module")
def plain():
    """200,000 plain Hamiltonians: coefficients as (n, 20), discrete winding, sign changes."""
    rng = np.random.default_rng(2)
    parts = []
    for _ in range(20):
        parameters = chiral.sample(10_000, rng)
        z = chiral.curve(**parameters)
        h = np.concatenate([parameters["a"], parameters["b"]], axis=2).reshape(len(z), -1)
        changes = sign_changes(np.stack([z.real, z.imag], axis=1))
        parts.append((h, winding_number(z), changes))
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


@pytest.fixture(scope="module")
def screened():
    """40,000 Hamiltonians screened for |w| = 3, in the same form."""
    parameters = chiral.sample(40_000, np.random.default_rng(3), winding_at_least=3)
    z = chiral.curve(**parameters)
    h = np.concatenate([parameters["a"], parameters["b"]], axis=2).reshape(len(z), -1)
    return h, winding_number(z), sign_changes(np.stack([z.real, z.imag], axis=1))


def test_curve_is_the_fourier_series():
    a, b = np.random.default_rng(4).normal(size=(2, 3, 2, 6))
    z = chiral.curve(a, b, links=11)
    assert z.shape == (3, 12)
    for i in range(3):
        for j in range(12):
            k, h = 2 * np.pi * j / 11, [0.0, 0.0]
            for component in (0, 1):
                for n in range(6):
                    h[component] += a[i, component, n] * np.cos(n * k)
                    h[component] += b[i, component, n] * np.sin(n * k)
            assert z[i, j] == pytest.approx(h[0] + 1j * h[1], abs=1e-12)


def test_curves_are_closed_exactly(few):
    z = chiral.curve(**few)
    assert (z[:, 0] == z[:, -1]).all()


@pytest.mark.parametrize("shapes", [((3, 2, 5), (3, 2, 4)), ((2, 5), (2, 5)), ((3, 3, 5),) * 2])
def test_curve_refuses_coefficients_of_other_shapes(shapes):
    with pytest.raises(ValueError, match="expected both") as error:
        chiral.curve(*map(np.zeros, shapes))
    assert str(shapes[0]) in str(error.value)


@pytest.mark.parametrize("w", range(-4, 5))
def test_single_harmonics(w):
    a, b = coefficients({w: 0.3 - 0.4j, 0: 0.1} if w else {0: 0.1j, 1: 0.05})
    assert chiral.exact_winding(a, b).tolist() == [w]
    assert chiral.resolved_winding(a, b).tolist() == [w]
    assert winding_number(chiral.curve(a, b)).tolist() == [w]


def test_the_strongest_harmonic_decides():
    # Rouché: where one harmonic is larger than all others together, it gives the winding.
    rng = np.random.default_rng(5)
    for w in range(-4, 5):
        z = {m: 0.12 * np.exp(2j * np.pi * rng.random()) for m in range(-4, 5)}
        z[w] = 1j
        assert chiral.exact_winding(*coefficients(z)).tolist() == [w]


def test_zeros_and_bisection_agree_where_the_samples_miss(few):
    exact = chiral.exact_winding(**few)
    np.testing.assert_array_equal(chiral.resolved_winding(**few), exact)
    missed = (winding_number(chiral.curve(**few)) != exact).mean()
    assert abs(missed - 0.047) < 5 * np.sqrt(0.047 * 0.953 / 3000)


def test_discrete_winding_becomes_exact_with_many_links(few):
    some = {name: values[:400] for name, values in few.items()}
    z = chiral.curve(**some, links=4096)
    np.testing.assert_array_equal(winding_number(z), chiral.exact_winding(**some))


@pytest.mark.parametrize(
    "winding",
    [
        chiral.exact_winding,
        chiral.resolved_winding,
        lambda a, b: winding_number(chiral.curve(a, b)),
    ],
    ids=["exact", "resolved", "discrete"],
)
def test_symmetries(few, winding):
    a, b = few["a"][:1000], few["b"][:1000]
    w = winding(a, b)
    assert {-2, -1, 0, 1, 2} <= set(w) <= set(range(-4, 5))
    mirror = np.array([[1], [-1]])
    np.testing.assert_array_equal(winding(a * mirror, b * mirror), -w)  # h_y → −h_y
    np.testing.assert_array_equal(winding(a[:, ::-1], b[:, ::-1]), -w)  # h_x ↔ h_y
    np.testing.assert_array_equal(winding(a, -b), -w)  # k → −k
    np.testing.assert_array_equal(winding(-a, -b), w)  # h → −h
    np.testing.assert_array_equal(winding(1e3 * a, 1e3 * b), w)


def test_exact_winding_counts_zeros_at_the_origin_and_at_infinity():
    a, b = padded = np.zeros((2, 1, 2, 5))  # the harmonics above the first vanish
    padded[..., :2] = coefficients({1: 1.0, 0: 0.5, -1: 0.2})
    assert chiral.exact_winding(a, b).tolist() == [1]
    assert chiral.exact_winding(np.ones((1, 2, 1)), np.zeros((1, 2, 1))).tolist() == [0]


def from_zeros(*zeros):
    """Coefficients of the curve Π (e^{ik} − zero)."""
    powers = np.poly(zeros)[::-1]
    return coefficients({m: complex(value) for m, value in enumerate(powers)})


@pytest.mark.parametrize(
    "zeros",
    [[1], [np.exp(1j), 0.5], [np.exp(2j), np.exp(-1j), 3]],
)
def test_gapless(zeros):
    gapped, gapless = from_zeros(*[0.3] * len(zeros)), from_zeros(*zeros)
    both = [np.concatenate(pair) for pair in zip(gapped, gapless, strict=True)]
    with pytest.raises(GaplessError, match=r"1 of 2 Hamiltonians \(number 1\)"):
        chiral.exact_winding(*both)
    with pytest.raises((GaplessError, UnresolvedError)):
        chiral.resolved_winding(*both)


@pytest.mark.parametrize("angle", [0.3, 1.0, 2.0])
def test_gapless_where_the_curve_touches_the_origin_and_turns_back(angle):
    # A double zero on the unit circle, which rounding moves by the root of 1e-16.
    with pytest.raises(GaplessError):
        chiral.exact_winding(*from_zeros(np.exp(1j * angle), np.exp(1j * angle)))


def test_vanishing_hamiltonian_is_gapless():
    with pytest.raises(GaplessError):
        chiral.exact_winding(np.zeros((1, 2, 5)), np.zeros((1, 2, 5)))


def test_plain_coefficients_are_uniform(plain):
    counts = [np.histogram(column, bins=10, range=(-1, 1))[0] for column in plain[0].T]
    assert np.sum(counts) == plain[0].size
    assert np.abs(np.array(counts) - 20_000).max() < 5 * np.sqrt(18_000)


def test_natural_shares(plain):
    # The shares at c = 4 that P1's 37, 50 and 13 % are rounded from, here given to 0.1 %.
    counts = np.bincount(np.abs(plain[1]))[:3]
    shares = counts / counts.sum()
    expected = np.array([0.369, 0.499, 0.132])
    error = np.sqrt(expected * (1 - expected) / counts.sum())
    assert (np.abs(shares - expected) < 0.0005 + 5 * error).all()


def test_a_curve_that_winds_m_times_changes_signs_2m_times(plain):
    # What the screening rests on: no Hamiltonian with |w| ≥ m is lost.
    _, w, changes = plain
    assert (np.abs(w) >= 3).sum() > 1000
    assert (changes >= 2 * np.abs(w)[:, None]).all()


def test_the_screened_change_signs_often_enough(screened):
    assert (screened[2] >= 6).all()


def test_screening_keeps_every_component_that_changes_signs_often_enough():
    # The same random numbers, screened here: ten a component, in the order in which they come.
    kept = chiral.sample(500, np.random.default_rng(8), winding_at_least=3)
    drawn = np.random.default_rng(8).uniform(-1, 1, (20_000, 1, 10)).repeat(2, axis=1)
    h = chiral.curve(drawn[..., :5], drawn[..., 5:]).real
    expected = drawn[sign_changes(h) >= 6, 0]
    assert len(expected) > 1000
    found = np.concatenate([kept["a"], kept["b"]], axis=2).reshape(1000, 10)
    np.testing.assert_array_equal(found, expected[:1000])


def test_screening_leaves_the_rate_of_high_windings(plain, screened):
    _, w, changes = plain
    plainly = (np.abs(w) == 3).mean()
    survive = (changes >= 6).mean()  # of one component; two are independent
    found = (np.abs(screened[1]) == 3).mean()
    by_screening = survive**2 * found
    variance = (
        plainly * (1 - plainly) / len(w)
        + by_screening**2 * 4 * (1 - survive) / (survive * 2 * len(w))
        + by_screening**2 * (1 - found) / (found * len(screened[1]))
    )
    assert found > 3 * plainly  # else screening would not be worth while
    assert abs(plainly - by_screening) < 5 * np.sqrt(variance)


def test_screening_leaves_the_distribution_within_a_class(plain, screened):
    (h, w, _), (h_screened, w_screened, _) = plain, screened
    samples = []
    for values, windings in [(h, w), (h_screened, w_screened)]:
        values, sign = values[np.abs(windings) == 3], np.sign(windings[np.abs(windings) == 3])
        assert len(values) > 1000
        # Means, mean squares, and what tells left from right turns: w times a_x b_y.
        a_x, b_x, a_y, b_y = values.reshape(-1, 4, 5).transpose(1, 0, 2)
        parts = [values, values**2, sign[:, None] * a_x * b_y, sign[:, None] * a_y * b_x]
        samples.append(np.concatenate([*parts, sign[:, None]], axis=1))
    one, two = samples
    error = np.sqrt(one.var(axis=0) / len(one) + two.var(axis=0) / len(two))
    z = (one.mean(axis=0) - two.mean(axis=0)) / error
    assert np.abs(z).max() < 5
    # The moments do tell the class from plain draws, whose coefficients have ⟨h²⟩ = 1/3.
    assert np.abs(two[:, 20:40].mean(axis=0) - 1 / 3).max() > 0.1


@pytest.mark.parametrize("links", [9, 64])
def test_screening_knows_the_number_of_links(links):
    parameters = chiral.sample(200, np.random.default_rng(6), winding_at_least=4, links=links)
    z = chiral.curve(**parameters, links=links)
    assert sign_changes(np.stack([z.real, z.imag], axis=1)).tolist() == [[8, 8]] * 200


def test_more_turns_than_the_cutoff_do_not_exist():
    with pytest.raises(ValueError, match="got winding_at_least=3; at cutoff 2"):
        chiral.sample(1, np.random.default_rng(0), cutoff=2, winding_at_least=3)
    with pytest.raises(ValueError, match=r"at links=6; .* give at least 7"):
        chiral.sample(1, np.random.default_rng(0), winding_at_least=3, links=6)
    chiral.sample(1, np.random.default_rng(0), winding_at_least=3, links=7)


@pytest.fixture(scope="module")
def twisted():
    return chiral.sample_twisted(500, np.random.default_rng(7))


def test_twisted_curve_is_equation_8():
    rise, fall = np.array([[1.0, 0.5]]), np.array([[0.3, 1.2]])
    z = chiral.twisted_curve(rise, fall, links=16)[0]
    for j, point in enumerate(z[:-1]):
        x = j / 8  # k/π
        forth = min(x, 1) * 1.0 + min(x, 1) ** 2 * 0.5
        back = max(x - 1, 0) * 0.3 + max(x - 1, 0) ** 2 * 1.2
        assert point == pytest.approx(np.exp(1j * (forth - back)), abs=1e-12)
    assert z[-1] == z[0] == 1


def test_twisted_curves_wind_forth_and_back(twisted):
    z = chiral.twisted_curve(**twisted)
    np.testing.assert_allclose(np.abs(z), 1, atol=1e-12)
    assert (z[:, 0] == z[:, -1]).all()
    assert (winding_number(z) == 0).all()
    phase = np.unwrap(np.angle(chiral.twisted_curve(**twisted, links=512)), axis=1)
    assert (np.diff(phase[:, :257]) > -1e-12).all()
    assert (np.diff(phase[:, 256:]) < 1e-12).all()
    np.testing.assert_allclose(phase[:, -1], phase[:, 0], atol=1e-9)
    # The twist at k = π takes every size up to P1's bound of 4π.
    twist = (phase[:, 256] - phase[:, 0]) / np.pi
    assert twist.max() < 4
    assert np.histogram(twist, bins=4, range=(0, 4))[0].min() > 80


@pytest.mark.parametrize("cutoff", [2, 4])
def test_twisted_curves_follow_their_law(cutoff):
    """The common end is uniform, its shares are uniform on the simplex, rise apart from fall."""
    n = 40_000
    drawn = chiral.sample_twisted(n, np.random.default_rng(3), cutoff=cutoff)
    rise, fall = drawn["rise"], drawn["fall"]
    end = rise.sum(axis=1)
    np.testing.assert_allclose(fall.sum(axis=1), end, rtol=1e-12)
    spread = 5 / np.sqrt(4 * n)  # five standard deviations of a share of one half
    t = np.linspace(0.05, 0.95, 19)
    above = (end / (cutoff * np.pi) > t[:, None]).mean(axis=1)
    np.testing.assert_allclose(above, 1 - t, atol=spread)
    for powers in rise, fall:
        for share in (powers / end[:, None]).T:
            above = (share > t[:, None]).mean(axis=1)
            np.testing.assert_allclose(above, (1 - t) ** (cutoff - 1), atol=spread)
    first = (powers[:, 0] / end for powers in (rise, fall))
    assert abs(np.corrcoef(*first)[0, 1]) < 5 / np.sqrt(n)


def test_twisted_curves_need_a_sample_at_pi(twisted):
    with pytest.raises(ValueError, match="got links=33"):
        chiral.twisted_curve(**twisted, links=33)


@pytest.mark.parametrize(
    "ask",
    [
        lambda rng: chiral.sample(10**8, rng, cutoff=1000),
        lambda rng: chiral.sample_twisted(10**8, rng, cutoff=1000),
        lambda rng: chiral.curve(*np.ones((2, 20_000, 2, 1)), links=10**6),
        lambda rng: chiral.curve(*np.ones((2, 1, 2, 20_000)), links=10**6),
        lambda rng: chiral.twisted_curve(*np.ones((2, 20_000, 1)), links=10**6),
    ],
    ids=["chains", "functions", "curves", "harmonics", "twisted"],
)
def test_what_does_not_fit_into_memory_is_refused_in_words(ask):
    with pytest.raises(ArgumentError, match=r"^got .* and .*; expected a product of at most"):
        ask(np.random.default_rng(0))


def test_chains_are_screened_on_so_many_links_as_fit():
    with pytest.raises(ArgumentError, match=r"got links=1000000; .* from 0 to 100,000"):
        chiral.sample(1, np.random.default_rng(0), winding_at_least=1, links=10**6)


def test_a_twisted_curve_may_leave_out_powers():
    # f₁ = k/π, and f₂ = (k/π)²: at k = π/2 half a radian forth, and at 3π/2 three quarters.
    curve = chiral.twisted_curve([[1.0, 0.0]], [[0.0, 1.0]], links=4)
    np.testing.assert_allclose(np.angle(curve), [[0, 0.5, 1, 0.75, 0]], atol=1e-12)
