"""The Aubry–André–Harper ring against LU factorizations, closed forms and eigenvalues."""

from fractions import Fraction

import numpy as np
import pytest

from windlib.hamiltonians import aah
from windlib.winding import GaplessError, link_angles, resolved_winding, winding_number


def rings(n, seed, base_energy=True):
    """Random rings well inside and beyond P2's ranges, of both signs."""
    rng = np.random.default_rng(seed)
    energy = rng.uniform(-3, 3, n) + 1j * rng.uniform(-3, 3, n)
    return {
        "alpha": rng.uniform(-2, 2, n),
        "h": rng.uniform(-2, 2, n),
        "V1": rng.uniform(0, 4, n),
        "V2": rng.uniform(-2, 2, n),
        "base_energy": energy if base_energy else np.zeros(n),
        "t": rng.uniform(0.5, 2, n),
    }


def shifted_matrix(ring, flux, sites):
    ring = dict(ring)
    energy = ring.pop("base_energy")
    return aah.matrix(**ring, flux=flux, sites=sites) - energy * np.eye(sites)


def each(parameters):
    return [
        dict(zip(parameters, values, strict=True))
        for values in zip(*parameters.values(), strict=True)
    ]


def centre(sites, **parameters):
    """C, the part of the determinant that the flux leaves alone, and its scale."""
    mantissa, log_scale = aah.determinants(**parameters, sites=sites)
    return mantissa[:, :-1].mean(axis=1), log_scale


def test_matrix_is_the_hamiltonian_of_equations_13_and_14():
    sites, beta, flux = 5, 3 / 5, 0.7
    alpha, h, V1, V2, t = 0.3, 0.4, 1.5, 0.6, 1.2
    expected = np.zeros((sites, sites), dtype=complex)
    for j in range(1, sites + 1):
        c = t + V2 * np.cos(2 * np.pi * (j + 1 / 2) * beta)
        turn = flux if j == sites else 0  # the last link carries the flux
        here, there = j - 1, j % sites
        expected[there, here] += c * np.exp(-alpha - 1j * turn)
        expected[here, there] += c * np.exp(alpha + 1j * turn)
        expected[here, here] += V1 * np.cos(2 * np.pi * j * beta + 1j * h)
    found = aah.matrix(alpha, h, V1, V2, flux, t, sites)
    np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize(("sites", "n"), [(3, 200), (5, 200), (8, 200), (89, 30), (987, 2)])
def test_determinants_are_those_of_lu(sites, n):
    parameters = rings(n, seed=sites)
    mantissa, log_scale = aah.determinants(**parameters, sites=sites, links=7)
    assert mantissa.shape == (n, 8)
    assert log_scale.shape == (n,)
    for i, ring in enumerate(each(parameters)):
        k = i % 7
        shifted = shifted_matrix(ring, 2 * np.pi * k / 7, sites)
        sign, logarithm = np.linalg.slogdet(shifted)
        # Relative to the ring's largest determinant, between 1 and 3 in these units.
        assert abs(sign * np.exp(logarithm - log_scale[i]) - mantissa[i, k]) < 1e-10


def exact_determinant(matrix):
    """Determinant of a real matrix by elimination in rational numbers."""
    rows = [[Fraction(value) for value in row] for row in matrix.tolist()]
    determinant = Fraction(1)
    while rows:
        pivot = next((i for i, row in enumerate(rows) if row[0]), None)
        if pivot is None:
            return Fraction(0)
        determinant *= (-1) ** pivot * rows[pivot][0]
        head, *rest = rows.pop(pivot)
        rows = [[x - row[0] / head * y for x, y in zip(row[1:], rest, strict=True)] for row in rows]
    return determinant


def test_determinants_are_exact_to_rounding():
    parameters = rings(20, seed=3) | {"h": np.zeros(20)}
    parameters["base_energy"] = parameters["base_energy"].real
    mantissa, log_scale = aah.determinants(**parameters, sites=13, links=2)  # Φ = 0, π, 2π
    for i, ring in enumerate(each(parameters)):
        for k, flux in enumerate([0, np.pi]):
            exact = float(exact_determinant(shifted_matrix(ring, flux, 13).real))
            assert abs(exact * np.exp(-log_scale[i]) - mantissa[i, k]) < 1e-13


@pytest.mark.parametrize("sites", [3, 5, 89, 987, 10946])
@pytest.mark.parametrize("alpha", [0.7, -0.01])
def test_determinants_of_the_uniform_ring(sites, alpha):
    # Its eigenvalues are those of plane waves, 2t cosh(α + ik) with k = (2πm + Φ)/L.
    t, energy, links = 1.3, 0.4 - 0.6j, 8
    mantissa, log_scale = aah.determinants(alpha, 0.0, 0.0, 0.0, energy, t, sites, links)
    for n in range(links + 1):
        k = (2 * np.pi * np.arange(sites) + 2 * np.pi * n / links) / sites
        logarithm = np.log(2 * t * np.cosh(alpha + 1j * k) - energy).sum()
        assert abs(np.exp(logarithm - log_scale[0]) - mantissa[0, n]) < 1e-10


@pytest.mark.parametrize(("sites", "fibonacci"), [(5, 3), (89, 55), (987, 610), (10946, 6765)])
def test_chambers_formula(sites, fibonacci):
    # Without V₂ the potential's phase enters as cos Lθ alone, here cosh Lh, with (V₁/2)^L.
    h = np.array([0, 1, 2]) / sites
    c, log_scale = centre(sites, alpha=0.0, h=h, V1=2.0, V2=0.0, base_energy=0.0)
    c = c * np.exp(log_scale)
    expected = 2 * (-1) ** (fibonacci * (sites + 1)) * (np.cosh(sites * h) - 1)
    # E_B = 0 and V₁ = 2 are critical: the bands are narrow as 1/L², the determinant as steep.
    np.testing.assert_allclose(c - c[0], expected, rtol=0, atol=1e-15 * sites**2)


def test_alpha_drops_out_of_the_centre():
    parameters = rings(100, seed=4)
    c, log_scale = centre(89, **parameters)
    c0, log_scale0 = centre(89, **(parameters | {"alpha": np.zeros(100)}))
    np.testing.assert_allclose(c, c0 * np.exp(log_scale0 - log_scale), rtol=0, atol=1e-13)


def test_centre_is_real_at_a_real_base_energy():
    # The ring read backwards is the ring with h → −h, and that is the complex conjugate.
    parameters = rings(200, seed=5)
    c, _ = centre(89, **(parameters | {"base_energy": parameters["base_energy"].real}))
    assert np.abs(c.imag).max() < 1e-13
    assert np.abs(centre(89, **parameters)[0].imag).max() > 0.5


def test_symmetries_of_the_determinants():
    parameters = rings(200, seed=6)
    mantissa, log_scale = aah.determinants(**parameters)
    conjugate = parameters | {
        "h": -parameters["h"],
        "base_energy": parameters["base_energy"].conj(),
    }
    for other, expected in [
        (parameters | {"alpha": -parameters["alpha"]}, mantissa[:, ::-1]),  # Φ → −Φ
        (conjugate, mantissa[:, ::-1].conj()),
        (parameters | {"h": -parameters["h"]}, mantissa),  # the ring read backwards
    ]:
        found, found_scale = aah.determinants(**other)
        np.testing.assert_allclose(found, expected, atol=1e-12)
        np.testing.assert_allclose(found_scale, log_scale, rtol=1e-13)


def test_units_of_energy():
    parameters = rings(50, seed=7)
    mantissa, log_scale = aah.determinants(**parameters)
    for unit in [1e-30, 1e30]:
        energies = {name: unit * parameters[name] for name in ["V1", "V2", "base_energy", "t"]}
        found, found_scale = aah.determinants(**(parameters | energies))
        np.testing.assert_allclose(found, mantissa, atol=1e-11)
        np.testing.assert_allclose(found_scale, log_scale + 89 * np.log(unit), rtol=1e-13)


@pytest.mark.parametrize("sites", [89, 10946])
def test_extreme_parameters_neither_overflow_nor_vanish(sites):
    extreme = {"alpha": [1e3, 0.5, 0.5], "h": [2.0, 300.0, 0.0], "V1": 3.0, "V2": [0.5, 0.5, 1e9]}
    mantissa, log_scale = aah.determinants(**extreme, sites=sites)
    size = np.abs(mantissa).max(axis=1)
    assert (size > 0.999).all()
    assert (size < 3.001).all()
    # α ≫ γ: only Π t^(l) is left; h ≫ 1: only Π V₁ e^h/2 is left.
    c = 1 + 0.5 * np.cos(2 * np.pi * np.arange(sites) / sites)  # in another order
    assert log_scale[0] == pytest.approx(1e3 * sites + np.log(c).sum(), rel=1e-12)
    assert log_scale[1] == pytest.approx(sites * (np.log(1.5) + 300), rel=1e-12)
    assert aah.exact_winding(**extreme, sites=sites).tolist()[:2] == [1, 0]


def test_curves_are_closed_exactly_and_turn_as_the_determinants():
    parameters = rings(100, seed=8)
    z = aah.curve(**parameters, sites=5, links=12)
    assert (z[:, 0] == z[:, -1]).all()
    for ring, row in zip(each(parameters), z, strict=True):
        det = [np.linalg.det(shifted_matrix(ring, 2 * np.pi * n / 12, 5)) for n in range(13)]
        np.testing.assert_allclose(row / np.abs(row), det / np.abs(det), atol=1e-10)


def test_scalars_broadcast():
    z = aah.curve(0.5, 0.0, V1=np.array([1.0, 3.0]), V2=0.5)
    one = aah.curve(0.5, 0.0, V1=3.0, V2=0.5)
    assert one.shape == (1, 33)
    np.testing.assert_array_equal(z[1:], one)


@pytest.mark.parametrize("base_energy", [False, True], ids=["at zero", "anywhere"])
@pytest.mark.parametrize("sites", [5, 89, 987])
def test_exact_winding_is_the_curves(sites, base_energy):
    parameters = rings(1000, seed=9, base_energy=base_energy)
    exact = aah.exact_winding(**parameters, sites=sites)
    assert set(exact) == {-1, 0, 1}
    z = aah.curve(**parameters, sites=sites, links=4)
    c, a, b = z[:, :4].mean(axis=1), (z[:, 0] - z[:, 2]) / 2, (z[:, 1] - z[:, 3]) / 2

    def point(i, flux):
        return c[i] + a[i] * np.cos(flux) + b[i] * np.sin(flux)

    resolved = resolved_winding(point, np.abs(a) + np.abs(b))
    np.testing.assert_array_equal(exact, resolved)
    many = winding_number(aah.curve(**parameters, sites=sites, links=1024))
    assert (many != exact).mean() < 0.005


def test_samples_do_not_miss_a_turn_at_a_real_base_energy():
    real, anywhere = rings(50_000, seed=15, base_energy=False), rings(50_000, seed=15)
    missed = []
    for parameters, links in [(real, 4), (real, 5), (anywhere, 4)]:
        discrete = winding_number(aah.curve(**parameters, links=links))
        missed.append(np.count_nonzero(discrete != aah.exact_winding(**parameters)))
    assert missed[0] == 0
    assert min(missed[1:]) > 10


def test_exact_winding_counts_the_eigenvalues_turns_around_the_base_energy():
    parameters = rings(30, seed=10)
    flux = np.linspace(0, 2 * np.pi, 2001)
    exact = aah.exact_winding(**parameters, sites=5)
    for ring, w in zip(each(parameters), exact, strict=True):
        z = np.array([shifted_matrix(ring, 0, 5)] * len(flux))
        z[:, 0, -1] *= np.exp(-1j * flux)
        z[:, -1, 0] *= np.exp(1j * flux)
        eigenvalues = np.linalg.eigvals(z)  # of H − E_B, in whatever order
        assert link_angles(eigenvalues.prod(axis=1)).sum() == pytest.approx(2 * np.pi * w)
    assert {-1, 0, 1} == set(exact)


def test_winding_starts_where_the_hopping_beats_the_localization():
    # V₂ = 0, E_B = 0: inverse localization length max(0, |h| + ln V₁/2), from Aubry's duality.
    rng = np.random.default_rng(11)
    alpha, h, V1 = rng.uniform([-2, -2, 0.1], [2, 2, 4], (3000, 3)).T
    distance = np.abs(alpha) - np.maximum(0, np.abs(h) + np.log(V1 / 2))
    clear = np.abs(distance) > 0.02
    w = aah.exact_winding(alpha[clear], h[clear], V1[clear], V2=0.0, sites=987)
    np.testing.assert_array_equal(w, np.where(distance[clear] > 0, np.sign(alpha[clear]), 0))


def test_windings_of_p2s_rings():
    # P2 calls the winding phase −1.
    rings = aah.sample(3000, np.random.default_rng(12))
    exact = aah.exact_winding(**rings)
    assert set(exact) == {0, 1}
    mirrored = rings | {"alpha": -rings["alpha"]}
    np.testing.assert_array_equal(aah.exact_winding(**mirrored), -exact)
    np.testing.assert_array_equal(aah.exact_winding(**(rings | {"h": -rings["h"]})), exact)


@pytest.mark.parametrize("sites", [3, 5, 21])
def test_gapless_at_every_eigenvalue(sites):
    ring = {"alpha": 0.2, "h": 0.3, "V1": 1.1, "V2": 0.4}
    for energy in np.linalg.eigvals(aah.matrix(**ring, flux=1.0, sites=sites)):
        with pytest.raises(GaplessError, match=r"1 of 2 rings \(number 1\) have the base energy"):
            aah.exact_winding(**ring, base_energy=[9.0, energy], sites=sites)
        near = np.array([energy + 1e-7, energy - 1e-7, energy + 1e-7j, energy - 1e-7j])
        w = aah.exact_winding(**ring, base_energy=near, sites=sites)
        assert set(w) == {0, 1}  # the spectrum is a loop, with an inside and an outside


def test_without_nonreciprocity_a_ring_is_gapless_or_does_not_wind():
    rng = np.random.default_rng(13)
    gapless = 0
    for V1, V2, energy in rng.uniform([0, 0, -3], [3, 3, 3], (200, 3)):
        ring = {"alpha": 0.0, "h": 0.0, "V1": V1, "V2": V2, "base_energy": energy, "sites": 5}
        z = aah.curve(**ring)
        assert (z.imag == 0).all()
        if z.real.min() < 0 < z.real.max():
            gapless += 1
            with pytest.raises(GaplessError):
                aah.exact_winding(**ring)
        else:
            assert aah.exact_winding(**ring).tolist() == [0]
    assert 20 < gapless < 180


def test_vanishing_ring_is_gapless():
    mantissa, log_scale = aah.determinants(0.5, 0.0, 0.0, 0.0, t=0.0)
    assert not mantissa.any()
    assert log_scale.tolist() == [0]
    with pytest.raises(GaplessError):
        aah.exact_winding(0.5, 0.0, 0.0, 0.0, t=0.0)


def test_a_cut_ring_does_not_feel_the_flux():
    mantissa, log_scale = aah.determinants(0.5, 0.0, V1=1.5, V2=0.0, t=0.0)
    assert (mantissa == mantissa[0, 0]).all()
    potential = 1.5 * np.cos(2 * np.pi * np.arange(89) / 89)  # in another order
    assert log_scale[0] == pytest.approx(np.log(np.abs(potential)).sum())
    assert aah.exact_winding(0.5, 0.0, V1=1.5, V2=0.0, t=0.0).tolist() == [0]


@pytest.mark.parametrize(("sites", "advice"), [(90, "89 or 144"), (4, "3 or 5"), (2, "3 or 5")])
def test_the_number_of_sites_is_fibonaccis(sites, advice):
    with pytest.raises(ValueError, match=f"got sites={sites}.*take {advice}"):
        aah.curve(0.5, 0.0, 1.0, 1.0, sites=sites)
    with pytest.raises(ValueError, match="Fibonacci"):
        aah.matrix(0.5, 0.0, 1.0, 1.0, flux=0.0, sites=sites)


@pytest.mark.parametrize("function", [aah.determinants, aah.curve, aah.exact_winding])
@pytest.mark.parametrize("name", ["alpha", "h", "V1", "V2", "base_energy", "t"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_finite(function, name, bad):
    ring = {"alpha": 0.5, "h": 0.0, "V1": 1.0, "V2": 1.0, "base_energy": 0.0, "t": 1.0}
    with pytest.raises(ValueError, match=f"got 1 of 2 values of {name} that are not"):
        function(**(ring | {name: [ring[name], bad]}))
    if name != "base_energy":
        del ring["base_energy"]
        with pytest.raises(ValueError, match=f"got {name}={bad}; expected a finite number"):
            aah.matrix(**(ring | {name: bad}), flux=0.0)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16])
def test_sites_of_a_narrow_type_do_not_overflow(kind):
    ring = {"alpha": [0.5, 0.02], "h": 0.0, "V1": 2.5, "V2": 0.0}
    assert aah.exact_winding(**ring, sites=kind(89)).tolist() == [1, 0]
    for found, wide in zip(
        *(aah.determinants(**ring, sites=n) for n in (kind(89), 89)), strict=True
    ):
        np.testing.assert_array_equal(found, wide)
    one = ring | {"alpha": 0.5, "flux": 1.0}
    np.testing.assert_array_equal(aah.matrix(**one, sites=kind(89)), aah.matrix(**one, sites=89))


def test_potential_too_large():
    with pytest.raises(ValueError, match=r"got \|h\| up to 800"):
        aah.curve(0.5, 800.0, 1.0, 1.0)


def test_sample_is_p2s():
    rings = aah.sample(100_000, np.random.default_rng(14))
    values, counts = np.unique(rings["alpha"], return_counts=True)
    np.testing.assert_allclose(values, np.arange(1, 11) / 10)
    assert set(counts) == {10_000}
    assert (rings["h"] == 0).all()
    for name, high in [("V1", 4), ("V2", 2)]:
        counts = np.histogram(rings[name], bins=10, range=(0, high))[0]
        assert counts.sum() == 100_000
        assert np.abs(counts - 10_000).max() < 5 * np.sqrt(9_000)
    for one, other in [("V1", "V2"), ("V1", "alpha"), ("V2", "alpha")]:
        assert abs(np.corrcoef(rings[one], rings[other])[0, 1]) < 5 / np.sqrt(100_000)
    cell = aah.sample(7, np.random.default_rng(14), alphas=(0.15,), h=1.2)
    assert cell["alpha"].tolist() == [0.15] * 7
    assert cell["h"].tolist() == [1.2] * 7


@pytest.mark.parametrize("name", ["alpha", "h", "V1", "V2", "t"])
def test_complex_parameters_are_refused_and_not_cut(name):
    ring = {"alpha": 0.5, "h": 0.1, "V1": 1.0, "V2": 0.5, "t": 1.0, name: 1j}
    with pytest.raises(ValueError, match=f"got complex values of {name}; expected real"):
        aah.exact_winding(**ring)


@pytest.mark.parametrize("huge", [{"V2": 1e307}, {"alpha": 1e307}])
def test_numbers_that_overflow_are_refused(huge):
    ring = {"alpha": [0.5], "h": [0.1], "V1": [1.0], "V2": [0.5]}
    ring |= {name: [value] for name, value in huge.items()}
    for function in (aah.curve, aah.exact_winding):
        with pytest.raises(ValueError, match="overflow"):
            function(**ring)


@pytest.mark.parametrize("options", [{"alphas": ()}, {"alphas": (0.1, np.nan)}, {"h": np.inf}])
def test_rings_without_an_alpha_are_refused(options):
    with pytest.raises(ValueError, match=r"one alpha|values of alphas that are not|got h=inf"):
        aah.sample(3, np.random.default_rng(0), **options)
