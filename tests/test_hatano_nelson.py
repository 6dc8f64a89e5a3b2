"""The Hatano–Nelson chain against its real-space matrix, its determinant and its skin effect."""

import numpy as np
import pytest

from windlib.hamiltonians import hatano_nelson
from windlib.winding import GaplessError, resolved_winding, winding_number

LENGTHS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module", params=["complex", "real"])
def chains(request):
    """20,000 random chains with hopping lengths up to P2's 5."""
    return hatano_nelson.sample(20_000, np.random.default_rng(1), LENGTHS, request.param)


def test_curve_is_the_spectrum_of_the_periodic_chain():
    parameters = hatano_nelson.sample(40, np.random.default_rng(2), LENGTHS)
    curves = hatano_nelson.curve(**parameters, links=12)
    assert curves.shape == (40, 13)
    for i, z in enumerate(curves):
        h = hatano_nelson.matrix(*(values[i] for values in parameters.values()), sites=12)
        # Plane waves at the sampled k are its eigenvectors, in the order of the curve.
        j = np.arange(12)
        waves = np.exp(2j * np.pi * np.outer(j, j) / 12)
        np.testing.assert_allclose(h @ waves, waves * z[:-1], atol=1e-12)


def test_matrix_is_equation_1():
    h = hatano_nelson.matrix(2j, 3.0, 2, sites=6, periodic=False)
    assert [h[j + 2, j] for j in range(4)] == [2j] * 4
    assert [h[j, j + 2] for j in range(4)] == [3] * 4
    assert np.count_nonzero(h) == 8
    joined = hatano_nelson.matrix(2j, 3.0, 2, sites=6) - h
    assert (joined[0, 4], joined[1, 5], joined[4, 0], joined[5, 1]) == (2j, 2j, 3, 3)
    assert np.count_nonzero(joined) == 4


def test_curves_are_closed_exactly(chains):
    z = hatano_nelson.curve(**chains)
    assert (z[:, 0] == z[:, -1]).all()


def test_discrete_winding_is_exact(chains):
    # E is the linear image t_l ζ + t_r ζ* of the circle ζ = e^{iμk}. Each link turns ζ by
    # 2πμ/L, less than half a circle, and a linear map takes half planes to half planes: E
    # turns by less than half a circle too, and by its sign of orientation, |t_l|² − |t_r|².
    exact = hatano_nelson.exact_winding(**chains)
    assert set(exact) == {*LENGTHS, *(-mu for mu in LENGTHS)}
    np.testing.assert_array_equal(winding_number(hatano_nelson.curve(**chains)), exact)


@pytest.mark.parametrize(("mu", "discrete"), [(15, 15), (17, -15), (33, 1)])
def test_discrete_winding_aliases_above_half_the_links(mu, discrete):
    z = hatano_nelson.curve([0.1j], [1.0], [mu])
    assert winding_number(z).tolist() == [discrete]


def certified(t_r, t_l, mu):
    def energy(i, k):
        return t_r[i] * np.exp(-1j * mu[i] * k) + t_l[i] * np.exp(1j * mu[i] * k)

    return resolved_winding(energy, mu * (np.abs(t_r) + np.abs(t_l)))


def test_exact_winding_is_the_certified_one(chains):
    some = {name: values[:300] for name, values in chains.items()}
    np.testing.assert_array_equal(hatano_nelson.exact_winding(**some), certified(**some))


@pytest.mark.parametrize("epsilon", [1e-3, 1e-6, 1e-9])
def test_thin_ellipses(epsilon):
    t_r = np.exp(1j * np.linspace(0, 6, 40))
    t_l = np.exp(1j * np.linspace(3, 1, 40)) * np.tile([1 + epsilon, 1 - epsilon], 20)
    parameters = t_r, t_l, np.tile(LENGTHS, 8)
    exact = np.tile([1, -1], 20) * parameters[2]
    np.testing.assert_array_equal(hatano_nelson.exact_winding(*parameters), exact)
    np.testing.assert_array_equal(certified(*parameters), exact)
    np.testing.assert_array_equal(winding_number(hatano_nelson.curve(*parameters)), exact)


def test_winding_is_the_determinants_under_a_flux():
    # P2, Eq. 3. A flux Φ through the ring multiplies the hoppings across its joint by e^{∓iΦ}.
    parameters = hatano_nelson.sample(30, np.random.default_rng(3), LENGTHS)
    flux = 2 * np.pi * np.arange(257) / 256
    determinants = []
    for t_r, t_l, mu in zip(*parameters.values(), strict=True):
        bulk = hatano_nelson.matrix(t_r, t_l, mu, sites=12, periodic=False)
        joint = hatano_nelson.matrix(t_r, t_l, mu, sites=12) - bulk
        phase = np.exp(1j * flux)[:, None, None]
        h = bulk + np.triu(joint) / phase + np.tril(joint) * phase
        determinants.append(np.linalg.det(h))
    exact = hatano_nelson.exact_winding(**parameters)
    assert len(set(exact)) > 6
    np.testing.assert_array_equal(winding_number(np.array(determinants)), exact)


def test_symmetries(chains):
    t_r, t_l, mu = chains.values()
    w = hatano_nelson.exact_winding(t_r, t_l, mu)
    z = hatano_nelson.curve(t_r, t_l, mu)
    np.testing.assert_array_equal(winding_number(z.conj()), -w)
    for turned, expected in [((t_l, t_r), -w), ((1j * t_r, t_l), w), ((t_r.conj(), t_l), w)]:
        np.testing.assert_array_equal(hatano_nelson.exact_winding(*turned, mu), expected)
        np.testing.assert_array_equal(winding_number(hatano_nelson.curve(*turned, mu)), expected)
    phase = 1e3 * np.exp(0.7j)
    np.testing.assert_array_equal(hatano_nelson.exact_winding(phase * t_r, phase * t_l, mu), w)
    np.testing.assert_array_equal(winding_number(phase * z), w)
    np.testing.assert_allclose(z[:, ::-1], hatano_nelson.curve(t_l, t_r, mu), atol=1e-12)  # −k


def test_open_chain_has_the_real_spectrum_of_its_hermitian_twin():
    # The imaginary gauge transformation (t_r/t_l)^{j/2} makes it Hermitian: a segment, w = 0.
    sites = 12
    q = np.pi * np.arange(1, sites + 1) / (sites + 1)
    h = hatano_nelson.matrix(0.5, 1.2, 1, sites, periodic=False)
    expected = np.sort(2 * np.sqrt(0.5 * 1.2) * np.cos(q))
    np.testing.assert_allclose(np.sort_complex(np.linalg.eigvals(h)), expected, atol=1e-10)


@pytest.mark.parametrize("phase", [1, np.exp(1.1j)])
@pytest.mark.parametrize("mu", [1, 2, 3])
def test_skin_effect_is_on_the_side_that_the_winding_says(mu, phase):
    for t_r, t_l in [(0.4, 1.0), (1.0, 0.4)]:
        h = hatano_nelson.matrix(t_r * phase, t_l, mu, 18, periodic=False)
        density = np.abs(np.linalg.eig(h)[1]) ** 2
        position = np.arange(18) @ density / density.sum(axis=0) - 8.5
        w = hatano_nelson.exact_winding(t_r * phase, t_l, mu)
        assert (np.sign(position) == -np.sign(w)).all()
        assert np.abs(position).min() > 2
        # With its ends joined the same chain's eigenstates spread evenly.
        j = np.arange(18)
        waves = np.exp(2j * np.pi * np.outer(j, j) / 18)
        ring = np.linalg.inv(waves) @ hatano_nelson.matrix(t_r * phase, t_l, mu, 18) @ waves
        assert np.abs(ring - np.diag(np.diag(ring))).max() < 1e-12


@pytest.mark.parametrize(
    ("t_r", "t_l"),
    [(0.3 + 0.4j, 0.3 - 0.4j), (0.5, -0.5), (np.exp(1j), np.exp(2j)), (0, 0)],
    ids=["Hermitian", "real", "phases", "zero"],
)
def test_gapless(t_r, t_l):
    with pytest.raises(
        GaplessError, match=r"^1 of 2 Hatano-Nelson chains \(number 1\).* \(it is not 0"
    ):
        hatano_nelson.exact_winding([1.0, t_r], [0.5, t_l], [1, 2])
    # The curve runs through the origin, where P2 has w = 0.
    k = np.linspace(0, 2 * np.pi, 100_001)
    assert np.abs(t_r * np.exp(-1j * k) + t_l * np.exp(1j * k)).min() < 1e-4


def test_hoppings_whose_moduli_differ_by_rounding_alone_are_gapless():
    right = np.array([1, 1, 1, 1, 1e6, 1e6])
    left = right * (1 + np.array([1e-13, -1e-13, 1e-11, -1e-11, 1e-13, -1e-11]))
    found = hatano_nelson.exact_winding(right, left, [1] * 6, mask=True)
    assert found.tolist() == [None, None, 1, -1, None, -1]


@pytest.mark.parametrize("function", [hatano_nelson.curve, hatano_nelson.exact_winding])
def test_bad_input_is_refused(function):
    for bad in [np.nan, np.inf, complex(0, np.nan)]:
        with pytest.raises(ValueError, match="values of t_r that are not finite"):
            function([1.0, bad], [0.5, 0.5], [1, 1])
    for mu in [1.5, 1.0, 0, -2]:
        with pytest.raises(ValueError, match="expected whole numbers from 1"):
            function([1.0], [0.5], [mu])
    with pytest.raises(ValueError, match=r"t_r \(2,\), t_l \(3,\)"):
        function([1.0, 2.0], [0.5] * 3, [1, 1])


def test_unsigned_hopping_lengths_keep_their_sign():
    assert hatano_nelson.exact_winding([1.0], [0.5], np.array([2], dtype=np.uint8)) == [-2]


def test_hoppings_of_a_narrow_type_do_not_overflow():
    right, left = np.array([[100, 100, 50], [100, -128, 60]], dtype=np.int8)
    found = hatano_nelson.exact_winding(right, left, [1, 1, 1], mask=True)
    assert found.tolist() == [None, 1, 1]
    curve = hatano_nelson.curve(right, left, [1, 1, 1])
    np.testing.assert_array_equal(curve[:, 0], [200, -28, 110])


def test_links_of_a_narrow_type_do_not_overflow():
    for links in (np.int8(127), np.uint8(255)):
        curve = hatano_nelson.curve([1.0], [2.0], [3], links=links)
        assert (curve == hatano_nelson.curve([1.0], [2.0], [3], links=int(links))).all()
        assert curve.shape == (1, int(links) + 1)


def test_real_hoppings_stay_real():
    real = hatano_nelson.curve([0.5], [2.0], [1])
    np.testing.assert_array_equal(real, hatano_nelson.curve([0.5 + 0j], [2.0 + 0j], [1]))
    assert hatano_nelson.exact_winding(0.5, 2.0, 1).shape == ()


def test_matrix_refuses_short_chains_and_many_chains():
    with pytest.raises(ValueError, match="got sites=4 at mu=2; expected more than 4"):
        hatano_nelson.matrix(1, 2, 2, sites=4)
    with pytest.raises(ValueError, match="one chain"):
        hatano_nelson.matrix([1, 1], [2, 2], [1, 1], sites=9)


def uniform(values, low, high):
    counts = np.histogram(values, bins=10, range=(low, high))[0]
    expected = len(values) / 10
    assert counts.sum() == len(values)
    return np.abs(counts - expected).max() < 5 * np.sqrt(0.9 * expected)


def test_sample():
    n = 60_000
    parameters = hatano_nelson.sample(n, np.random.default_rng(4), hopping_lengths=(1, 2, 5))
    assert list(parameters) == ["t_r", "t_l", "mu"]
    values, counts = np.unique(parameters["mu"], return_counts=True)
    assert values.tolist() == [1, 2, 5]
    assert np.abs(counts - n / 3).max() < 5 * np.sqrt(n * 2 / 9)
    for name in ("t_r", "t_l"):
        assert uniform(np.abs(parameters[name]), 0, 1)
        assert uniform(np.angle(parameters[name]), -np.pi, np.pi)
    # Left and right are alike: either sign has half of the chains.
    w = hatano_nelson.exact_winding(**parameters)
    assert abs((w > 0).mean() - 0.5) < 5 * 0.5 / np.sqrt(n)
    real = hatano_nelson.sample(n, np.random.default_rng(4), hoppings="real")
    assert set(real["mu"]) == {1, 2, 3}
    assert uniform(real["t_r"], -1, 1)
    assert uniform(real["t_l"], -1, 1)


def test_real_hoppings_start_every_curve_on_the_real_axis():
    for hoppings, on_the_axis in [("real", True), ("complex", False)]:
        parameters = hatano_nelson.sample(50, np.random.default_rng(5), hoppings=hoppings)
        start = hatano_nelson.curve(**parameters)[:, 0]
        assert ((start.imag == 0) == on_the_axis).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"hoppings": "gaussian"},
            "got hoppings='gaussian'; expected 'complex', 'real', 'one-real'",
        ),
        ({"hopping_lengths": 3}, r"got hopping_lengths of shape \(\); expected some"),
        ({"hopping_lengths": [[1], [1, 2]]}, "expected numbers"),
        ({"hopping_lengths": ()}, r"got hopping_lengths=\(\)"),
        ({"hopping_lengths": np.array([], int)}, r"shape \(0,\); expected some whole numbers"),
        ({"hopping_lengths": (0, 1)}, r"got hopping_lengths=\(0, 1\)"),
        ({"hopping_lengths": (1, 2.5)}, "expected whole numbers"),
    ],
)
def test_sample_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        hatano_nelson.sample(3, np.random.default_rng(0), **options)


KINDS = {  # what is known of t_r and t_l, drawn in each way
    "real": lambda r, t: np.isreal([r, t]).all() and -1 <= r.min() < -0.9 < 0.9 < t.max() < 1,
    "complex": lambda r, t: (
        0.9 < np.abs([r, t]).max() < 1
        and all(
            np.abs(np.mean((z / np.abs(z)) ** n)) < 0.05
            for z in (r, t, r * t, r / t)
            for n in (1, 2)
        )
    ),
    "one-real": lambda r, t: np.isreal(r).all() and np.abs(t).max() < 1 and t.imag.std() > 0.3,
    "fixed": lambda r, t: (t == 1).all() and 1.9 < np.abs(r).max() < 2 and r.imag.min() < -1,
    "flux": lambda r, t: np.abs((r * t).imag).max() < 1e-12 and r.imag.std() > 0.3,
    "common-phase": lambda r, t: np.abs((r * t.conj()).imag).max() < 1e-12 and r.imag.std() > 0.3,
    "square": lambda r, t: (
        np.abs(r).max() > 1.2
        and all(
            -1 <= part.min() < -0.9 < 0.9 < part.max() < 1
            for z in (r, t)
            for part in (z.real, z.imag)
        )
    ),
    "quadrant": lambda r, t: all(
        0 <= part.min() < 0.1 < 0.9 < part.max() < 1 for z in (r, t) for part in (z.real, z.imag)
    ),
    "normal": lambda r, t: all(
        abs(part.std() - 1) < 0.05 and part.max() > 2 for z in (r, t) for part in (z.real, z.imag)
    ),
    "eighth": lambda r, t: all(
        0 <= np.angle(z).min() < 0.1 and 0.7 < np.angle(z).max() < np.pi / 4 for z in (r, t)
    ),
}


def test_every_way_to_draw_hoppings_is_described():
    assert set(KINDS) == set(hatano_nelson._HOPPINGS)


@pytest.mark.parametrize("kind", KINDS)
def test_hoppings_are_drawn_as_they_are_said_to_be(kind):
    drawn = hatano_nelson.sample(5000, np.random.default_rng(3), hoppings=kind)
    assert KINDS[kind](drawn["t_r"], drawn["t_l"])
    assert drawn["t_r"].shape == drawn["t_l"].shape == (5000,)
