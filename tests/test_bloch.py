"""A reader's own Hamiltonian, against counts that share no code with `diagnose`."""

from functools import partial

import numpy as np
import pytest

from windlib.arguments import ArgumentError
from windlib.bloch import (
    ChiralOperatorError,
    HamiltonianError,
    PeriodicityError,
    UnequalSublatticesError,
    diagnose,
    diagnose_ring,
)
from windlib.hamiltonians import aah, hatano_nelson, nonhermitian_ssh
from windlib.winding import GaplessError, UnresolvedError

K = np.linspace(0, 2 * np.pi, 65)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def normal(rng, *shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def chain(q, basis):
    """Hoppings of H = [[0, q], [q†, 0]] in another basis, from those of q."""
    n = len(basis) // 2
    found = {}
    for r in q.keys() | {-r for r in q}:
        h = np.zeros((2 * n, 2 * n), complex)
        h[:n, n:] = q.get(r, 0)
        h[n:, :n] = np.conj(q.get(-r, np.zeros((n, n)))).T
        found[r] = basis @ h @ basis.conj().T
    return found


def random_chain(rng, n, reach):
    q = {r: normal(rng, n, n) for r in range(-reach, reach + 1)}
    basis = np.linalg.qr(normal(rng, 2 * n, 2 * n))[0]
    gamma = basis @ np.diag([1] * n + [-1] * n) @ basis.conj().T
    sign = np.sign(gamma[0, 0].real)  # the first orbital's sublattice counts as the first
    return q, chain(q, basis), sign * gamma, int(sign)


def zeros_inside(q):
    """Winding number of det q: its zeros inside the unit circle, less its pole at e^{ik} = 0."""
    n, reach = len(q[0]), max(q)
    nodes = np.exp(2j * np.pi * np.arange(2 * n * reach + 1) / (2 * n * reach + 1))
    values = np.linalg.det(sum(q[r] * nodes[:, None, None] ** r for r in q))
    powers = np.vander(nodes, increasing=True)  # of the polynomial e^{ik n reach} det q
    coefficients = np.linalg.solve(powers, values * nodes ** (n * reach))
    return np.count_nonzero(np.abs(np.roots(coefficients[::-1])) < 1) - n * reach


def bloch(hoppings, k):
    return sum(t * np.exp(1j * r * np.asarray(k))[..., None, None] for r, t in hoppings.items())


def ring(hoppings, cells):
    n = len(hoppings[0])
    h = np.zeros((cells, n, cells, n), complex)
    for x in range(cells):
        for r, t in hoppings.items():
            h[x, :, (x + r) % cells, :] += t
    return h.reshape(cells * n, cells * n)


def open_chain(hoppings, cells):
    n = len(hoppings[0])
    h = np.zeros((cells, n, cells, n), complex)
    for x in range(cells):
        for r, t in hoppings.items():
            if 0 <= x + r < cells:
                h[x, :, x + r, :] += t
    return h.reshape(cells * n, cells * n)


SSH = {0: [[0, 1], [1, 0]], 1: [[0, 2], [0, 0]], -1: [[0, 0], [2, 0]]}  # w = 1


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("reach", [1, 2, 4])
def test_hidden_chiral_chains_wind_as_often_as_their_polynomial_has_zeros(rng, n, reach):
    for _ in range(8):
        q, hoppings, gamma, sign = random_chain(rng, n, reach)
        found = diagnose(hoppings)
        np.testing.assert_allclose(found.chiral_operator, gamma, atol=1e-8)
        assert (found.kind, found.certified) == ("chiral", True)
        assert found.winding == sign * zeros_inside(q)
        assert found.block_windings == (found.winding, -found.winding)
        assert found.chiral_residual < 1e-12
        energies = np.linalg.eigvalsh(bloch(hoppings, K))
        assert found.gap == pytest.approx(np.abs(energies).min())
        assert found.notes == (
            "Gamma is +1 on the first orbital's sublattice; -Gamma swaps the blocks",
        )


def test_an_open_chain_has_as_many_zero_modes_as_the_curve_has_turns(rng):
    """Bulk-boundary correspondence: |w| states at each end, exponentially near E = 0."""
    for n, w in [(1, 2), (2, 3), (3, -2)]:
        q = {w: np.eye(n), 0: 0.1 * normal(rng, n, n), 1: 0.1 * normal(rng, n, n)}
        q[w] = q.get(w, 0) + np.eye(n)
        hoppings = chain(q, np.eye(2 * n))
        found = diagnose(hoppings)
        assert found.winding == n * w
        energies = np.linalg.eigvalsh(open_chain(hoppings, 40))
        assert np.count_nonzero(np.abs(energies) < 1e-6) == 2 * abs(n * w)
        assert found.gap > 0.1


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_scale_of_energy_does_not_matter(rng, scale):
    _, hoppings, gamma, _ = random_chain(rng, 2, 1)
    expected = diagnose(hoppings)
    scaled = {r: scale * t for r, t in hoppings.items()}
    for given in (scaled, partial(bloch, scaled)):
        found = diagnose(given)
        assert found.winding == expected.winding
        assert found.gap == pytest.approx(scale * expected.gap)
    with pytest.raises(PeriodicityError):
        diagnose(lambda k: scale * atomic((0, 0.5))(k))
    assert diagnose(scaled, chiral=gamma).winding == expected.winding


def test_the_curve_is_the_determinant():
    expected = (1 + 2 * np.exp(1j * K)) / 3  # of size 1
    arrays = {r: np.array(t) for r, t in SSH.items()}
    for given in (SSH, partial(bloch, arrays), bloch(arrays, K)):
        curve = diagnose(given).curve
        np.testing.assert_allclose(curve / curve[0], expected, atol=1e-12)
    assert (
        diagnose(bloch(arrays, K)).notes[-1]
        == "what the curve does between the samples is not known"
    )


@pytest.mark.parametrize("w", [-20, 20])
def test_links_are_halved_until_none_turns_by_a_quarter(w):
    found = diagnose({w: [[0, 1], [0, 0]], -w: [[0, 0], [1, 0]], 0: [[0, 0.1], [0.1, 0]]})
    assert found.winding == w
    assert found.links_needed == len(found.curve) - 1 == 128
    assert found.largest_link < np.pi / 2


def test_a_function_of_many_momenta_is_not_called_for_each():
    calls = []
    arrays = {r: np.array(t) for r, t in SSH.items()}

    def h(k):
        calls.append(np.shape(k))
        return bloch(arrays, k)

    diagnose(h)
    assert len(calls) < 20


def test_samples_functions_and_hoppings_agree(rng):
    for reach in (1, 2):
        _, hoppings, _, _ = random_chain(rng, 2, reach)
        expected = diagnose(hoppings)
        for given in (
            partial(bloch, hoppings),  # of all momenta at once
            lambda k, h=hoppings: bloch(h, float(k)),  # of one
            bloch(hoppings, np.linspace(0, 2 * np.pi, 2049)),
        ):
            found = diagnose(given)
            assert found.winding == expected.winding
            assert not found.certified
            np.testing.assert_allclose(found.chiral_operator, expected.chiral_operator, atol=1e-8)
        stretched = diagnose(lambda k, h=hoppings: bloch(h, 2 * np.pi * k / 3), period=3)
        assert stretched.winding == expected.winding
        assert stretched.gap_at == pytest.approx(expected.gap_at * 3 / (2 * np.pi))


def test_the_gap_and_where_it_is():
    found = diagnose(SSH)
    assert found.gap == pytest.approx(1)  # |t' - t|
    assert found.gap_at == pytest.approx(np.pi)
    assert "winding number 1 (chiral; certified)" in str(found)
    turns = np.diff(np.unwrap(np.angle(1 + 2 * np.exp(1j * K))))
    assert found.largest_link == pytest.approx(np.abs(turns).max())
    assert found.links_needed == 64


@pytest.mark.parametrize("bit", [1e-3, 1e-6, 1e-9])
def test_a_small_gap_is_certified(bit):
    for t, w in [(1 - bit, 1), (1 + bit, 0)]:
        found = diagnose({0: [[0, t], [t, 0]], 1: [[0, 1], [0, 0]], -1: [[0, 0], [1, 0]]})
        assert (found.winding, found.certified) == (w, True)


# --- the gauge ----------------------------------------------------------------------------------


def atomic(positions):
    """The SSH chain with its orbitals' positions in the phases."""

    def h(k):
        q = (1 + 2 * np.exp(1j * k)) * np.exp(1j * k * (positions[1] - positions[0]))
        return np.array([[0, q], [np.conj(q), 0]])

    return h


@pytest.mark.parametrize("positions", [(0, 0.5), (0.1, 0.35), (0, -0.5), (0.3, 0.3)])
def test_positions_in_the_phases_are_taken_out(positions):
    assert diagnose(atomic(positions), positions=positions).winding == 1
    samples = np.array([atomic(positions)(k) for k in K])
    assert diagnose(samples, positions=positions).winding == 1


def test_positions_that_are_not_given_are_missed():
    with pytest.raises(PeriodicityError, match="give positions= of the orbitals"):
        diagnose(atomic((0, 0.5)))
    # The trap: a shift of a whole cell closes the curve, which then winds once too often.
    assert diagnose(atomic((0, 1))).winding == 2
    assert diagnose(atomic((0, 1)), positions=(0, 1)).winding == 1


# --- chiral operators ---------------------------------------------------------------------------


@pytest.mark.parametrize("r", [16, 64, 130])
def test_far_hoppings_are_told_from_constants(r):
    """On a grid of 64 links e^{64ik} is 1: what breaks the symmetry there must still be seen."""
    far = {r: [[0, 3], [0, 0]], -r: [[0, 0], [3, 0]], 0: [[0, 1], [1, 0]]}
    assert diagnose(far).winding == r
    half = 0.25 * np.diag([1, -1])
    broken = {**SSH, 0: np.array(SSH[0]) - 2 * half, r: half, -r: half}
    with pytest.raises(ChiralOperatorError, match="no operator anticommutes"):
        diagnose(broken)


def test_a_chiral_operator_may_be_given(rng):
    _, hoppings, gamma, _ = random_chain(rng, 2, 1)
    expected = diagnose(hoppings)
    assert diagnose(hoppings, chiral=gamma).winding == expected.winding
    assert diagnose(hoppings, chiral=-gamma).winding == -expected.winding
    assert diagnose(SSH, chiral=[1, -1]).winding == 1
    with pytest.raises(ChiralOperatorError, match="leaves 2 of H"):
        diagnose(SSH, chiral=[1, 1])
    with pytest.raises(ChiralOperatorError, match="leaves 2 of H"):
        diagnose({r: -np.array(t) for r, t in SSH.items()}, chiral=[1, 1])
    oblique = np.array([[1, 0.5], [0, 1]])  # its Gamma has square 1, and is not Hermitian
    turned = {r: oblique @ t @ np.linalg.inv(oblique) for r, t in SSH.items()}
    with pytest.raises(ChiralOperatorError, match="a Hermitian one"):
        diagnose(turned, chiral=oblique @ np.diag([1, -1]) @ np.linalg.inv(oblique))
    with pytest.raises(ChiralOperatorError, match="square differs from 1 by 3"):
        diagnose(SSH, chiral=[2, -2])
    with pytest.raises(ArgumentError, match=r"shape \(3,\); expected \(2, 2\)"):
        diagnose(SSH, chiral=[1, -1, 1])


def test_two_chains_have_two_chiral_operators():
    two = {r: np.kron(np.eye(2), t) for r, t in SSH.items()}
    with pytest.raises(ChiralOperatorError, match=r"4 independent operators.*give chiral="):
        diagnose(two)
    assert diagnose(two, chiral=[1, -1, 1, -1]).winding == 2
    assert diagnose(two, chiral=[1, -1, -1, 1]).winding == 0


def test_no_chiral_operator():
    with pytest.raises(ChiralOperatorError, match=r"no operator anticommutes.*chiral=False"):
        diagnose({**SSH, 0: [[0.3, 1], [1, 0.1]]})
    found = diagnose({**SSH, 0: [[0.3, 1], [1, 0.1]]}, chiral=False, energy=0.5j)
    assert (found.kind, found.winding, found.chiral_operator) == ("point gap", 0, None)


def test_unequal_sublattices_have_zero_modes_everywhere(rng):
    q = {r: normal(rng, 2, 1) for r in (0, 1)}
    hoppings = {}
    for r in (-1, 0, 1):
        h = np.zeros((3, 3), complex)
        h[:2, 2:], h[2:, :2] = q.get(r, 0), np.conj(q.get(-r, np.zeros((2, 1)))).T
        hoppings[r] = h
    with pytest.raises(
        UnequalSublatticesError, match=r"2 and 1 orbitals.* 1, is the least number of states"
    ):
        diagnose(hoppings)


@pytest.mark.parametrize("parts", [2, 3, 4])
@pytest.mark.parametrize("sampled", [False, True])
def test_a_period_of_positions_in_the_phases_is_doubted(parts, sampled):
    def ssh(k, tau=1 / parts):  # of the second orbital
        q = (1 + 2 * np.exp(1j * k)) * np.exp(1j * k * tau)
        return np.array([[0, q], [np.conj(q), 0]])

    period = 2 * np.pi * parts
    grid = np.linspace(0, period, 48 * parts + 1)
    given = np.stack([ssh(k) for k in grid]) if sampled else ssh
    found = diagnose(given, period=period)
    assert found.winding == parts + 1  # the phase adds one turn over all of them
    (note,) = [note for note in found.notes if "positions" in note]
    assert "energies return after 6.28319 already" in note
    if not sampled:
        right = diagnose(ssh, positions=[0, 1 / parts])
        assert right.winding == 1
        assert not any("positions" in note for note in right.notes)


def test_flat_bands_are_not_doubted():
    flat = diagnose(lambda k: np.array([[0, np.exp(1j * k)], [np.exp(-1j * k), 0]]))
    assert (flat.winding, [n for n in flat.notes if "positions" in n]) == (1, [])


def test_a_hopping_without_its_adjoint_is_named():
    inside, between = [[0, 1], [1, 0]], np.array([[0, 2], [0, 0]])
    found = diagnose({0: inside, 1: between})
    assert any("T_-1 was not given" in note for note in found.notes)
    whole = diagnose({0: inside, 1: between, -1: between.T, 2: np.zeros((2, 2))})
    assert not any("was not given" in note for note in whole.notes)


# --- not Hermitian --------------------------------------------------------------------------------


def test_hatano_nelson_chains(rng):
    chains = hatano_nelson.sample(20, rng)
    exact = hatano_nelson.exact_winding(**chains)
    for t_r, t_l, mu, w in zip(*chains.values(), exact, strict=True):
        found = diagnose({-int(mu): [[t_r]], int(mu): [[t_l]]})
        assert (found.kind, found.winding, found.block_windings) == ("point gap", w, ())
        chain = hatano_nelson.matrix(t_r, t_l, mu, sites=30, periodic=False)
        _, states = np.linalg.eig(chain)
        middle = (np.abs(states) ** 2).sum(axis=1) @ np.arange(30) / 30 - 14.5
        side = "left" if middle < 0 else "right"
        assert any(f"gather on the {side} (skin effect)" in note for note in found.notes)
    # A base energy outside of the ellipse is not wound around.
    assert diagnose({-1: [[0.5]], 1: [[1]]}, energy=1.6).winding == 0
    assert diagnose({-1: [[0.5]], 1: [[1]]}, energy=1.4).winding == 1


def test_with_a_sublattice_symmetry_both_blocks_wind(rng):
    chains = nonhermitian_ssh.sample(30, rng, low=-2, high=2, distance_at_least=0.05)
    exact = nonhermitian_ssh.exact_winding(**chains)
    for t, delta, w in zip(*chains.values(), exact, strict=True):
        found = diagnose(lambda k, t=t, d=delta: nonhermitian_ssh.bloch(t, d, k))
        assert (found.kind, found.winding) == ("point gap", w)
        assert found.block_windings == (-int(abs(t - delta) < 1), int(abs(t + delta) < 1))
        side = {-1: "right", 0: None, 1: "left"}[w]
        assert any(f"gather on the {side}" in note for note in found.notes) == (w != 0)


# --- rings --------------------------------------------------------------------------------------


def test_quasiperiodic_rings_of_any_size(rng):
    rings = aah.sample(6, rng, alphas=(-0.5, 0.3), h=0.4)
    for sites in (13, 34):
        exact = aah.exact_winding(**rings, sites=sites)
        for alpha, h, V1, V2, w in zip(*rings.values(), exact, strict=True):
            matrix = aah.matrix(alpha, h, V1, V2, flux=0.0, sites=sites)
            assert diagnose_ring(matrix, chiral=False).winding == w


def test_a_ring_of_cells_is_wound_as_the_chain(rng):
    """The flux through a ring of N cells moves all momenta by 1/N: the curve is a product."""
    for _ in range(5):
        _, hoppings, gamma, _ = random_chain(rng, 2, 1)
        cells = 9
        found = diagnose_ring(ring(hoppings, cells), chiral=np.kron(np.eye(cells), gamma))
        assert found.winding == diagnose(hoppings).winding


def test_large_rings_in_two_colours_find_their_operator():
    assert diagnose_ring(ring({r: np.array(t) for r, t in SSH.items()}, 20)).winding == 1


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 2)), "N >= 3"),
        (np.ones((3, 4)), r"\(3, 4\)"),
        (np.ones((4, 4)), "between opposite sites of a ring of 4"),
        (np.eye(4, k=-2), "between opposite sites of a ring of 4"),
    ],
)
def test_rings_that_are_refused(matrix, message):
    with pytest.raises(HamiltonianError, match=message):
        diagnose_ring(matrix)


def test_notes_say_whose_sign_gamma_has():
    for sign, w in ((1, 1), (-1, -1)):
        found = diagnose(SSH, chiral=[sign, -sign])
        assert (found.winding, found.notes[0][:24]) == (w, "Gamma is as it was given")
    found = diagnose(bloch_of_a_ladder, chiral=[[0, -1j], [1j, 0]])
    assert not any("choice" in note for note in found.notes)


def bloch_of_a_ladder(k):
    return np.array([[np.sin(k), 1 + 2 * np.cos(k)], [1 + 2 * np.cos(k), -np.sin(k)]])


def test_an_open_chain_is_no_ring():
    arrays = {r: np.array(t) for r, t in SSH.items()}
    closed = ring(arrays, 10)
    assert not any("open" in note for note in diagnose_ring(closed).notes)
    closed[:5, -5:] = closed[-5:, :5] = 0
    found = diagnose_ring(closed)
    assert found.winding == 0
    assert "the chain is open" in found.notes[-1]


# --- what is refused ----------------------------------------------------------------------------


def test_gapless_chains_are_refused():
    closed = {**SSH, 0: [[0, 2], [2, 0]]}
    arrays = {r: np.array(t) for r, t in closed.items()}
    for given in (closed, partial(bloch, arrays), lambda k: bloch(arrays, k + 0.1)):
        with pytest.raises((GaplessError, UnresolvedError), match="the gap is closed"):
            diagnose(given)
    with pytest.raises(UnresolvedError, match=r"near k = 3\.142: .*; leave this point out$"):
        diagnose(closed)
    with pytest.raises(UnresolvedError, match=r"near k = (1\.571|4\.712): .* another energy=$"):
        diagnose({1: [[1.0]], -1: [[1.0]]}, chiral=False)


def test_only_the_zero_of_energy_is_in_the_way():
    high = {**SSH, 0: [[5.3, 1], [1, 5.3]]}
    with pytest.raises(ChiralOperatorError, match=r"the mean energy 5\.3 is subtracted"):
        diagnose(high)
    staggered = {**SSH, 0: [[5.3, 1], [1, 5.9]]}
    with pytest.raises(ChiralOperatorError, match=r"residual [0-9.]+\); a Hermitian"):
        diagnose(staggered)


def test_above_16_bands_only_diagonal_operators_are_searched():
    there = np.array([[1j, 1], [1, -1j]])
    ladder = {0: np.array([[0, 0.7], [0.7, 0]]), 1: there, -1: there.conj().T}
    assert diagnose_ring(ring(ladder, 7)).kind == "chiral"
    with pytest.raises(ChiralOperatorError, match="no diagonal operator, all that is searched"):
        diagnose_ring(ring(ladder, 9))


def test_samples_that_end_a_step_too_early():
    arrays = {r: np.array(t) for r, t in SSH.items()}
    with pytest.raises(PeriodicityError, match="the last sample must be one period after"):
        diagnose(bloch(arrays, K)[:-1])


def test_a_flat_band_at_the_energy_is_refused():
    with pytest.raises(GaplessError, match="flat"):
        diagnose({0: [[1.0, 0], [0, 2]]}, chiral=False, energy=1)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, HamiltonianError),
        ({0.5: [[1]]}, ArgumentError),
        ({0: [[np.nan]]}, ArgumentError),
        ({0: [[1e200]]}, ArgumentError),
        ({0: [[1, 2]]}, HamiltonianError),
        ({0: [[1]], 1: [[1, 2], [3, 4]]}, HamiltonianError),
        (np.ones((3, 2, 2)), HamiltonianError),
        (np.ones((9, 2)), HamiltonianError),
        (np.zeros((9, 2, 2)), HamiltonianError),
        (lambda k: "text", ArgumentError),
        (lambda k: np.ones((2, 3)), HamiltonianError),
        (None, ArgumentError),
    ],
)
def test_what_is_no_hamiltonian_is_refused(given, error):
    with pytest.raises(error):
        diagnose(given)


@pytest.mark.parametrize(
    "options",
    [{"period": 0}, {"period": np.nan}, {"energy": np.inf}, {"energy": [1, 2]}, {"energy": 1.0}],
    ids=str,
)
def test_arguments_that_are_refused(options):
    with pytest.raises(ArgumentError):
        diagnose(atomic((0, 0)), **options)


@pytest.mark.parametrize("options", [{"period": 1.0}, {"positions": [0, 0.5]}], ids=str)
def test_hoppings_have_their_period_and_no_positions(options):
    with pytest.raises(ArgumentError, match="hoppings together with"):
        diagnose(SSH, **options)


def test_what_is_given_by_mistake_is_answered_with_what_to_give(tmp_path):
    with pytest.raises(HamiltonianError, match=r"got the path 'seed_hr.dat'; give from_wannier90"):
        diagnose("seed_hr.dat")
    with pytest.raises(HamiltonianError, match=r"got the path .*; give from_wannier90"):
        diagnose(tmp_path)
    with pytest.raises(HamiltonianError, match=r"got hoppings at R = \(1,\); expected a whole"):
        diagnose({0: np.eye(2), (1,): np.eye(2)})


@pytest.mark.parametrize("vectorized", [True, False])
def test_a_function_that_is_not_finite_somewhere_is_told_where(vectorized):
    def h(k):
        z = 1 + 0.5 * np.exp(1j * k) + 0 * np.log(np.abs(np.subtract(k, np.pi)))
        return np.moveaxis(np.array([[0 * z, z.conj()], [z, 0 * z]]), (0, 1), (-2, -1))

    function = h if vectorized else lambda k: h(float(k))
    with np.errstate(all="ignore"), pytest.raises(ArgumentError, match=r"at k = 3\.14159"):
        diagnose(function)


@pytest.mark.parametrize("way", ["array", "one by one", "samples", "hoppings"])
def test_masked_matrices_are_refused(way):
    one = np.ma.array(np.eye(2), mask=[[0, 1], [0, 0]])
    given = {
        "array": lambda k: np.ma.array(_ssh(k), mask=True),
        "one by one": lambda k: np.ma.array(_ssh(float(k)), mask=[[0, 1], [0, 0]]),
        "samples": [np.ma.array(_ssh(k), mask=one.mask) for k in np.linspace(0, 2 * np.pi, 33)],
        "hoppings": {0: [one[0], one[1]]},
    }[way]
    with pytest.raises(ArgumentError, match="got a masked array as"):
        diagnose(given)


def _ssh(k):
    q = 1 + 2 * np.exp(1j * k)
    matrix = np.array([[0 * q, q], [q.conj(), 0 * q]])
    return np.moveaxis(matrix, -1, 0) if np.ndim(k) else matrix
