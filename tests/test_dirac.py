"""Dirac fermions: the gap against the Bloch matrix, the winding three ways, the sampling."""

from fractions import Fraction

import numpy as np
import pytest

from windlib.hamiltonians import dirac
from windlib.hamiltonians.contract import call
from windlib.winding import GaplessError, resolved_winding, winding_number

WIDEST_BAND = 0.0456963  # max over κ of the s below which the unit circle also surrounds k_−


def resolved(m, kappa, center, delta_m=1.0):
    """Winding number by certified bisection; |dz/ds| = 8 |k·k′ + iκ k_x′| ≤ 8 (|c| + κ)."""

    def point(i, s):
        return dirac.squared_gap(center[i] + np.exp(-1j * s), m[i], kappa[i], delta_m)

    return resolved_winding(point, 8 * (np.abs(center) + kappa))


def discrete(links=32, **parameters):
    return winding_number(dirac.curve(**parameters, links=links))


@pytest.fixture(scope="module")
def sampled():
    """5000 points of the plane (m, κ), loops centred at k_+ or at random."""
    return dirac.sample(5000, np.random.default_rng(1))


@pytest.fixture(scope="module")
def near():
    """5000 points within 0.1 of the phase boundary."""
    return dirac.sample(5000, np.random.default_rng(2), distance_below=0.1)


@pytest.fixture(scope="module")
def anywhere():
    """5000 points, loops displaced at random from k_+, k_−, and the other random centres."""
    rng = np.random.default_rng(3)
    parameters = dirac.sample(5000, rng)
    x, y = rng.uniform(-1.5, 1.5, (2, 5000))
    center = parameters["center"] + x + 1j * y
    return parameters | {"center": np.where(rng.random(5000) < 0.5, center, center.conj())}


def test_bloch_matrix_is_equation_19():
    k, m, kappa, delta_m = 0.3 - 1.2j, -0.7, 1.9, 0.6
    x, y, z = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    expected = (0.3 + 1.9j) * x - 1.2 * y + (-0.7 + 0.6j) * z
    np.testing.assert_allclose(dirac.bloch(k, m, kappa, delta_m), expected, atol=1e-15)


def test_squared_gap_is_that_of_the_eigenvalues():
    rng = np.random.default_rng(4)
    m, kappa, delta_m, x, y = rng.uniform(-6, 6, (5, 500))
    bands = np.linalg.eigvals(dirac.bloch(x + 1j * y, m, kappa, delta_m))
    gap = (bands[:, 0] - bands[:, 1]) ** 2
    np.testing.assert_allclose(dirac.squared_gap(x + 1j * y, m, kappa, delta_m), gap, rtol=1e-9)
    printed = 4 * (x**2 + y**2 - kappa**2 + m**2 - delta_m**2 + 2j * x * kappa + m * delta_m)
    assert (np.abs(printed - gap) > 1e-6).all()  # P2's Eq. 20 without its missing bracket


@pytest.mark.parametrize("delta_m", [1.0, 0.0, -2.5])
def test_bands_meet_at_the_exceptional_points(sampled, delta_m):
    m, kappa = (sampled[name][sampled["kappa"] > np.abs(sampled["m"])] for name in ("m", "kappa"))
    k_plus, k_minus = dirac.exceptional_points(m, kappa, delta_m)
    assert (k_plus.imag > 0).all()
    np.testing.assert_array_equal(k_minus, k_plus.conj())
    scale = kappa**2 + np.abs(k_plus) ** 2
    for k in (k_plus, k_minus):
        assert (np.abs(dirac.squared_gap(k, m, kappa, delta_m)) < 1e-13 * scale).all()
        # Exceptional: the two eigenvectors merge, H does not vanish but H² does.
        h = dirac.bloch(k, m, kappa, delta_m)
        assert (np.abs(h @ h).max(axis=(1, 2)) < 1e-13 * scale).all()
        assert (np.abs(h).max(axis=(1, 2)) > 0.1 * kappa).all()


def test_exceptional_points_keep_their_digits_next_to_the_boundary():
    m, kappa = 0.7 * (1 - 1e-12), 0.7
    exact = (1 - (Fraction(m) / Fraction(kappa)) ** 2) * (Fraction(kappa) ** 2 + 1)
    k_plus, _ = dirac.exceptional_points([m], [kappa])
    assert k_plus.imag[0] == pytest.approx(np.sqrt(float(exact)), rel=1e-14, abs=0)


def test_curve_is_a_closed_clockwise_unit_circle(sampled):
    m, kappa, center = (values[:4] for values in sampled.values())
    z = dirac.curve(m, kappa, center, links=12)
    assert z.shape == (4, 13)
    assert (z[:, 0] == z[:, -1]).all()
    for j in range(12):
        k = center + np.cos(2 * np.pi * j / 12) - 1j * np.sin(2 * np.pi * j / 12)
        np.testing.assert_allclose(z[:, j], dirac.squared_gap(k, m, kappa), rtol=1e-12)


def test_clockwise_around_k_plus_gives_one_half():
    # P2, Fig. 6(b): w_± = +0.5 is half of this winding number.
    m, kappa = np.array([0.0, 1.5, -2.5]), np.full(3, 3.0)
    for center, w in zip(dirac.exceptional_points(m, kappa), (1, -1), strict=True):
        parameters = {"m": m, "kappa": kappa, "center": center}
        assert dirac.exact_winding(**parameters).tolist() == [w] * 3
        assert resolved(**parameters).tolist() == [w] * 3
        assert discrete(**parameters).tolist() == [w] * 3
        # The other way around, and P2's Eq. 21 with the principal branch of the root.
        z = dirac.curve(**parameters)
        assert winding_number(z[:, ::-1]).tolist() == [-w] * 3
        assert winding_number(2 * np.sqrt(z)).tolist() == [0] * 3


@pytest.mark.parametrize("delta_m", [1.0, -0.3])
@pytest.mark.parametrize("points", ["sampled", "near", "anywhere"])
def test_exact_winding_is_the_continuous_curves(request, points, delta_m):
    parameters = request.getfixturevalue(points) | {"delta_m": delta_m}
    exact = dirac.exact_winding(**parameters)
    assert {0, 1} <= set(exact) <= {-1, 0, 1}
    np.testing.assert_array_equal(resolved(**parameters), exact)


@pytest.mark.parametrize("points", ["sampled", "near"])
@pytest.mark.parametrize("links", [4, 32])
def test_samples_do_not_miss_if_one_faces_the_other_exceptional_point(request, points, links):
    parameters = request.getfixturevalue(points)
    exact = dirac.exact_winding(**parameters)
    np.testing.assert_array_equal(discrete(links, **parameters), exact)


def test_samples_that_straddle_the_other_exceptional_point_miss():
    # L = 30: the polygon reaches cos(π/30) of the way to s = π/2, the origin is 1/(2 k_y) there.
    m = np.linspace(2.95, 2.97, 400)
    parameters = {"m": m, "kappa": np.full(400, 3.0)}
    parameters["center"], _ = dirac.exceptional_points(**parameters)
    height = parameters["center"].imag
    inside = 1 / (2 * height) < np.cos(np.pi / 30)
    np.testing.assert_array_equal(discrete(30, **parameters), inside)
    np.testing.assert_array_equal(dirac.exact_winding(**parameters), 2 * height > 1)
    assert 0 < np.count_nonzero(inside != (2 * height > 1)) < 10


def test_samples_miss_loops_elsewhere_at_times(anywhere):
    exact = dirac.exact_winding(**anywhere)
    missed = [np.count_nonzero(discrete(links, **anywhere) != exact) for links in (8, 32, 256)]
    assert missed[0] > 5 * missed[1] > 0  # as the area outside the polygon, L⁻²
    assert missed[2] <= 1


@pytest.mark.parametrize("winding", [dirac.exact_winding, resolved, discrete])
def test_symmetries(anywhere, winding):
    m, kappa, center = (values[:2000] for values in anywhere.values())
    w = winding(m=m, kappa=kappa, center=center)
    assert set(w) == {-1, 0, 1}
    # k_y → −k_y leaves the gap as it is, and turns the loop around.
    np.testing.assert_array_equal(winding(m=m, kappa=kappa, center=center.conj()), -w)
    # m → −m with k_x → −k_x conjugates it, and turns the loop around.
    np.testing.assert_array_equal(winding(m=-m, kappa=kappa, center=-center.conj()), w)
    # So does δ_m → −δ_m.
    mirrored = winding(m=m, kappa=kappa, center=-center.conj(), delta_m=-1.0)
    np.testing.assert_array_equal(mirrored, w)


def test_label_is_the_winding_number_except_next_to_the_boundary(sampled, near):
    for parameters in (sampled, near):
        label = call(dirac.phase_diagram_label, parameters)
        np.testing.assert_array_equal(label, parameters["kappa"] > np.abs(parameters["m"]))
        differ = label != dirac.exact_winding(**parameters)
        assert differ.any()
        assert (label[differ] == 1).all()
        s = call(dirac.phase_boundary_distance, parameters)
        assert s[differ].max() < WIDEST_BAND
        # The condition in closed form: k_− is less than 1 away.
        m, kappa = np.abs(parameters["m"]), parameters["kappa"]
        pair = (kappa - m) * (kappa + m) * 4 * (kappa**2 + 1) < kappa**2
        np.testing.assert_array_equal(differ, (label == 1) & pair)


def test_share_of_labels_that_are_not_the_winding_number(near):
    # Expected from the width of the band, Δm = κ − √(κ² − κ²/4(κ² + 1)), out of 0.1 √2.
    kappa = np.linspace(0, 6, 600_001)[1:]
    band = kappa - kappa * np.sqrt(1 - 1 / (4 * (kappa**2 + 1)))
    strip = np.minimum(kappa, 0.1 * np.sqrt(2))
    outside = np.minimum(6 - kappa, 0.1 * np.sqrt(2))  # κ < |m|, no further than m = ±6
    expected = band.sum() / (strip + outside).sum()
    assert expected == pytest.approx(0.137, abs=5e-4)
    differ = call(dirac.phase_diagram_label, near) != dirac.exact_winding(**near)
    assert abs(differ.mean() - expected) < 5 * np.sqrt(expected * (1 - expected) / 5000)


def test_widest_band():
    kappa = np.linspace(0, 6, 60_001)[1:]
    m = kappa * np.sqrt(1 - 1 / (4 * (kappa**2 + 1)))
    s = dirac.phase_boundary_distance(m, kappa)
    assert s.max() == pytest.approx(WIDEST_BAND, abs=1e-7)


def test_both_points_are_inside_above_m_of_2_962_at_kappa_of_3():
    edge = np.sqrt(9 - 9 / 40)
    assert edge == pytest.approx(2.962, abs=5e-4)
    m = np.array([-edge - 1e-9, -edge + 1e-9, edge - 1e-9, edge + 1e-9])
    parameters = {"m": m, "kappa": np.full(4, 3.0)}
    center, _ = dirac.exceptional_points(**parameters)
    assert dirac.exact_winding(**parameters, center=center).tolist() == [0, 1, 1, 0]
    assert resolved(**parameters, center=center).tolist() == [0, 1, 1, 0]


def test_gapless_where_the_loop_passes_through_an_exceptional_point():
    m, kappa = np.array([0.0, 1.5]), np.array([3.0, 2.0])
    k_plus, k_minus = dirac.exceptional_points(m, kappa)
    for k in (k_plus, k_minus):
        center = np.array([k[0], k[1] + np.exp(1.3j)])
        with pytest.raises(GaplessError, match=r"1 of 2 loops \(number 1\)"):
            dirac.exact_winding(m, kappa, center)


def test_how_near_a_loop_comes_to_an_exceptional_point_within_rounding():
    m, kappa = np.zeros(3), np.full(3, 1e-3)
    k_plus, _ = dirac.exceptional_points(m, kappa)  # nearly i, so that the centre is nearly 0
    center = k_plus - 1j * (1 + np.array([0.5e-12, 1.5e-12, -1.5e-12]))
    found = dirac.exact_winding(m, kappa, center, mask=True)
    assert found.mask.tolist() == [True, False, False]


def test_merged_points_have_no_phase():
    both = {"m": np.array([1.0, -2.0]), "kappa": np.array([3.0, 2.0])}
    for function in (dirac.exceptional_points, dirac.phase_diagram_label):
        with pytest.raises(GaplessError, match=r"merge at 1 of 2 points \(number 1\)"):
            function(**both)
    with pytest.raises(GaplessError, match="merge"):
        dirac.loop_center(**both, rng=np.random.default_rng(0))
    # A loop has a winding number all the same, and the merged point at k_x = 1 adds nothing.
    center = np.array([0.0, 1.2 + 0.1j])
    assert dirac.exact_winding(**both, center=center)[1] == 0
    assert resolved(**both, center=center)[1] == 0
    with pytest.raises(GaplessError, match=r"1 of 2 loops \(number 1\)"):
        dirac.exact_winding(**both, center=np.array([0.0, 2.0]))


def test_masses_that_differ_from_kappa_by_rounding_alone_have_no_phase():
    for unit in (1e-6, 1, 1e6):
        m = unit * np.array([3.0, 3.0, -0.3])
        kappa = unit * np.array([3 + 1e-10, 3 - 1e-10, 0.1 + 0.2])
        assert dirac.phase_diagram_label(m[:2], kappa[:2]).tolist() == [1, 0]
        with pytest.raises(GaplessError, match=r"merge at 1 of 3 points \(number 2\)"):
            dirac.phase_diagram_label(m, kappa)


@pytest.mark.parametrize("delta_m", [np.int8(100), np.int16(300)])
def test_delta_m_of_a_narrow_type_does_not_overflow(delta_m):
    m, kappa, wide = [0.5], [2.0], float(delta_m)
    k_plus, _ = dirac.exceptional_points(m, kappa, delta_m)
    assert k_plus == dirac.exceptional_points(m, kappa, wide)[0]
    assert dirac.exact_winding(m, kappa, k_plus, delta_m).tolist() == [1]
    given = {"m": m, "kappa": kappa, "rng": np.random.default_rng(0)}
    assert dirac.loop_center(**given, delta_m=delta_m) == k_plus
    curve = dirac.curve(m, kappa, [0.0], delta_m)
    np.testing.assert_array_equal(curve, dirac.curve(m, kappa, [0.0], wide))


def test_in_single_precision_delta_m_leaves_more_undecided():
    center = dirac.exceptional_points([0.5], [2.0], 0.1)[0] + 1 + 1e-8
    for delta_m, masked in [(0.1, False), (np.float32(0.1), True)]:
        found = dirac.exact_winding([0.5], [2.0], center, delta_m, mask=True)
        assert found.mask.tolist() == [masked]


def test_loops_without_an_exceptional_point_are_drawn_with_the_generator():
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, 3))
    center = dirac.loop_center([2.0, 3.0, 4.0], [1.0, 1.0, 5.0], np.random.default_rng(0))
    assert center[:2].tolist() == (x + 1j * y)[:2].tolist()
    assert center[2:] == dirac.exceptional_points([4.0], [5.0])[0]


def test_no_exceptional_points_below_the_boundary():
    with pytest.raises(
        ValueError,
        match=r"got m=-3, kappa=2 .* 1 of 2 points \(number 1\); exceptional points exist only",
    ):
        dirac.exceptional_points([0.0, -3.0], [2.0, 2.0])


FUNCTIONS = [
    dirac.curve,
    dirac.exact_winding,
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"m": [0.0, np.nan]}, "not finite"),
        ({"kappa": [1.0, np.inf]}, "not finite"),
        ({"center": [0j, complex(0, np.nan)]}, "not finite"),
        ({"delta_m": np.nan}, "got delta_m=nan"),
        ({"kappa": [1.0, 0.0]}, r"got kappa=0 .*\(number 1\); expected kappa > 0"),
        ({"kappa": [-1.0, 1.0]}, r"got kappa=-1 .*\(number 0\); expected kappa > 0"),
        ({"m": [0.0]}, r"\(1,\), \(2,\), \(2,\)"),
        ({"center": 0.0}, r"\(2,\), \(2,\), \(\)"),
        ({"delta_m": [1.0, 1.0]}, "got delta_m="),
        ({"m": 0.0, "kappa": 1.0, "center": 0.0}, r"expected \(n,\)"),
    ],
)
def test_bad_parameters_are_refused(function, change, message):
    with pytest.raises(ValueError, match=message):
        function(**({"m": [0.0, 0.5], "kappa": [1.0, 2.0], "center": [0.0, 0.0]} | change))


@pytest.mark.parametrize("function", [dirac.phase_diagram_label, dirac.phase_boundary_distance])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"m": [0.0, np.nan]}, "not finite"),
        ({"kappa": [1.0, np.inf]}, "not finite"),
        ({"kappa": [1.0, 0.0]}, r"got kappa=0 .*\(number 1\); expected kappa > 0"),
        ({"m": [0.0]}, r"\(1,\), \(2,\)"),
        ({"m": 0.0, "kappa": 1.0}, r"expected \(n,\)"),
    ],
)
def test_a_phase_asks_for_mass_and_kappa_alone(function, change, message):
    good = {"m": [0.0, 0.5], "kappa": [1.0, 2.0]}
    assert len(function(**good)) == 2
    with pytest.raises(ValueError, match=message):
        function(**good | change)
    for name in ("center", "delta_m"):  # on which no phase depends
        with pytest.raises(TypeError, match=name):
            function(**good, **{name: 0.0})


def test_distance_is_that_of_the_nearest_boundary_point():
    m, kappa = np.array([0.0, 2.0, -2.0, 5.5, -0.3]), np.array([4.0, 1.0, 3.0, 0.1, 0.2])
    x = np.linspace(-6, 6, 120_001)
    nearest = np.hypot(m[:, None] - x, kappa[:, None] - np.abs(x)).min(axis=1)
    np.testing.assert_allclose(dirac.phase_boundary_distance(m, kappa), nearest, atol=1e-4)


def test_sample_is_uniform():
    parameters = dirac.sample(100_000, np.random.default_rng(5))
    columns = [(parameters["m"] + 6) / 12, parameters["kappa"] / 6]
    separable = parameters["kappa"] < np.abs(parameters["m"])
    random = parameters["center"][separable]
    for u in [*columns, (random.real + 3) / 6, (random.imag + 3) / 6]:
        counts = np.histogram(u, bins=10, range=(0, 1))[0]
        assert counts.sum() == len(u)
        assert np.abs(counts - len(u) / 10).max() < 5 * np.sqrt(0.09 * len(u))
    assert abs(separable.mean() - 0.5) < 5 * np.sqrt(0.25 / 100_000)
    k_plus, _ = dirac.exceptional_points(
        parameters["m"][~separable], parameters["kappa"][~separable]
    )
    np.testing.assert_array_equal(parameters["center"][~separable], k_plus)


@pytest.mark.parametrize("n", [1, 7000])
@pytest.mark.parametrize("distances", [(0.0, None), (0.2, None), (0.0, 0.2), (0.5, 0.6)])
def test_sample_keeps_the_distances_and_the_number_asked_for(n, distances):
    parameters = dirac.sample(n, np.random.default_rng(6), *distances, m_max=3.0, kappa_max=2.0)
    assert [values.shape for values in parameters.values()] == [(n,)] * 3
    s = call(dirac.phase_boundary_distance, parameters)
    assert (s >= distances[0]).all()
    assert distances[1] is None or (s < distances[1]).all()
    assert (np.abs(parameters["m"]) <= 3).all()
    assert (parameters["kappa"] <= 2).all()


def test_small_ranges_are_sampled_too():
    parameters = dirac.sample(9, np.random.default_rng(6), m_max=0.2, kappa_max=1e-3)
    assert (parameters["kappa"] <= 1e-3).all()


@pytest.mark.parametrize("distances", [(0.6, 0.2), (4.3, None), (0.0, 0.0)])
def test_sample_refuses_distances_that_do_not_occur(distances):
    with pytest.raises(ValueError, match=f"got distance_at_least={distances[0]}.* widen"):
        dirac.sample(10, np.random.default_rng(7), *distances)


@pytest.mark.parametrize("ranges", [{"m_max": 0.0}, {"kappa_max": -1.0}, {"m_max": np.nan}])
def test_sample_refuses_empty_ranges(ranges):
    with pytest.raises(ValueError, match="expected a finite number from"):
        dirac.sample(10, np.random.default_rng(8), **ranges)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kappa": [1e200]}, "got kappa of up to 1e.200"),
        ({"m": [np.nan]}, "1 of 1 values of m "),
        ({"delta_m": 1j}, "got delta_m=1j; expected a finite number"),
    ],
)
def test_numbers_that_overflow_or_are_complex_are_refused(change, words):
    loop = {"m": [0.0], "kappa": [1.0], "center": [0j], **change}
    with pytest.raises(ValueError, match=words):
        dirac.exact_winding(**loop)
