"""Scans over parameters, against `diagnose` at each point and against closed forms."""

import tracemalloc

import numpy as np
import pytest

from windlib.arguments import ArgumentError
from windlib.bloch import (
    ChiralOperatorError,
    HamiltonianError,
    PeriodicityError,
    UnequalSublatticesError,
    diagnose,
    phase_diagram,
)
from windlib.hamiltonians import hatano_nelson, nonhermitian_ssh
from windlib.winding import WindingError


def ssh(t, u=1.0):
    return {0: [[0, t], [t, 0]], 1: [[0, u], [0, 0]], -1: [[0, 0], [u, 0]]}


def random_family(seed=4, n=2, reach=2):
    """Chains of 2n bands in a random basis, which go from one random chain to another."""
    rng = np.random.default_rng(seed)
    start, end = rng.normal(size=(2, 2, 2 * reach + 1, n, n))
    start, end = start[0] + 1j * start[1], end[0] + 1j * end[1]
    basis = np.linalg.qr(rng.normal(size=(2 * n, 2 * n)) + 1j * rng.normal(size=(2 * n, 2 * n)))[0]

    def build(x, y):
        q = dict(
            zip(range(-reach, reach + 1), np.cos(x) * start + np.sin(x + y) * end, strict=True)
        )
        found = {}
        for r in q:
            h = np.zeros((2 * n, 2 * n), complex)
            h[:n, n:], h[n:, :n] = q[r], q[-r].conj().T
            found[r] = basis @ h @ basis.conj().T
        return found

    return build


def test_a_line_of_1001_points_with_transitions_on_it():
    found = phase_diagram(ssh, {"t": np.arange(-500, 501) / 250})
    t = found.parameters["t"]
    assert (found.kind, found.certified, found.undecided) == ("chiral", True, 2)
    np.testing.assert_array_equal(t[found.winding.mask], [-1, 1])
    np.testing.assert_array_equal(found.winding.compressed(), np.abs(t)[np.abs(t) != 1] < 1)
    assert "1,001 points (chiral; certified), 2 undecided" in str(found)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_point_is_as_diagnose_has_it(n):
    build = random_family(n=n)
    x, y = np.linspace(0, 3, 9), np.linspace(0, 1, 5)
    found = phase_diagram(build, {"x": x, "y": y})
    assert found.winding.shape == (9, 5)
    expected = np.array([[diagnose(build(a, b)).winding for b in y] for a in x])
    np.testing.assert_array_equal(found.winding.data, expected)
    assert len(np.unique(expected)) > 1
    np.testing.assert_array_equal(found.block_windings, np.stack([expected, -expected], axis=-1))


def ladder(m, d):
    """A Creutz ladder, H = −2 sin k σ_z + (m + 2d cos k) σ_x: Γ = ±σ_y, zero on both legs."""
    there = np.array([[1j, d], [d, -1j]])
    return {0: [[0, m], [m, 0]], 1: there, -1: there.conj().T}


def test_the_sign_of_gamma_is_one_where_the_first_orbital_leaves_it_open():
    grid = {"m": np.linspace(-3, 3, 13), "d": np.array([-1.0, -0.5, 0.5, 1.0])}
    m, d = np.meshgrid(*grid.values(), indexing="ij")
    decided, expected = np.abs(np.abs(m) - 2 * np.abs(d)) > 1e-9, np.abs(m) < 2 * np.abs(d)
    # With Γ = −σ_y, which has +i in its first element, q = m + 2d cos k ∓ 2i sin k.
    expected = np.where(expected, np.sign(d), 0)
    found = phase_diagram(ladder, grid)
    np.testing.assert_array_equal(found.winding[decided], expected[decided])
    few = {"m": [-0.3, 0.7], "d": [-1.0, 1.0]}
    sampled = phase_diagram(lambda m, d: lambda k: _sampled(ladder(m, d), k), few)
    np.testing.assert_array_equal(sampled.winding, [[-1, 1], [-1, 1]])
    for i, j in np.argwhere(decided)[::5]:
        single = diagnose(ladder(m[i, j], d[i, j]))
        assert single.winding == expected[i, j]
        assert any("is a choice" in note for note in single.notes)
        np.testing.assert_allclose(single.chiral_operator, [[0, 1j], [-1j, 0]], atol=1e-12)
    flipped = phase_diagram(ladder, grid, chiral=[[0, -1j], [1j, 0]])
    np.testing.assert_array_equal(flipped.winding[decided], -expected[decided])


def _sampled(hoppings, k):
    return sum(np.exp(1j * r * k) * np.asarray(h) for r, h in hoppings.items())


def test_unequal_sublattices_are_refused_at_their_point():
    def lieb(a):
        there = np.zeros((3, 3))
        there[1, 0] = 0.5
        return {0: [[0, a, 0], [a, 0, 2], [0, 2, 0]], 1: there, -1: there.T}

    for options in ({}, {"chiral": [1, -1, 1]}):
        with pytest.raises(UnequalSublatticesError, match=r"^at a = [12]: the sublattices have"):
            phase_diagram(lieb, {"a": [1.0, 2.0]}, **options)


def test_functions_and_hoppings_give_the_same():
    build = random_family()

    def function(x, y):
        hoppings = build(x, y)
        return lambda k: sum(t * np.exp(1j * r * k)[..., None, None] for r, t in hoppings.items())

    grid = {"x": np.linspace(0, 3, 6), "y": [0.0, 0.5]}
    sampled, exact = phase_diagram(function, grid), phase_diagram(build, grid)
    assert (sampled.certified, exact.certified) == (False, True)
    np.testing.assert_array_equal(sampled.winding, exact.winding)


def nonhermitian(t, delta):
    inside = np.array([[0, t + delta], [t - delta, 0]])
    return {0: inside, 1: [[0, 1], [0, 0]], -1: [[0, 0], [1, 0]]}


@pytest.mark.parametrize(
    "build",
    [lambda t, delta: lambda k: nonhermitian_ssh.bloch(t, delta, k), nonhermitian],
    ids=["function", "hoppings"],
)
def test_nonhermitian_chains_with_a_symmetry(build):
    t, delta = np.array([-1.75, -0.4, 0.6, 1.95]), np.array([-0.9, 0.0, 0.7])
    found = phase_diagram(build, {"t": t, "delta": delta})
    exact = nonhermitian_ssh.exact_winding(t[:, None], delta)
    np.testing.assert_array_equal(found.winding, exact)
    assert found.kind == "point gap"  # although it is chiral where delta = 0
    np.testing.assert_array_equal(found.winding, found.block_windings.sum(axis=-1))


def test_nonhermitian_chains_without_one():
    def build(right, left):
        return {-1: [[right]], 1: [[left]]}

    values = np.array([0.25, 0.5, 1.0])
    for chiral in (None, False):
        found = phase_diagram(build, {"right": values, "left": values}, chiral=chiral)
        np.testing.assert_array_equal(found.winding.mask, np.eye(3, dtype=bool))  # Hermitian
        exact = hatano_nelson.exact_winding(values[:, None], values, 1, mask=True)
        np.testing.assert_array_equal(found.winding, exact)
        assert found.block_windings.mask.all()
    shifted = phase_diagram(
        build, {"right": values, "left": values}, chiral=False, energy=1.4 + 0.01j
    )
    inside = (values[:, None] + values > 1.4) & (np.abs(values[:, None] - values) > 0.1)
    assert np.all((shifted.winding.filled(0) != 0) <= inside)


def test_an_operator_that_is_the_only_one_serves_where_there_are_several():
    def build(c):
        two = {r: np.kron(np.eye(2), t).astype(complex) for r, t in ssh(0.5).items()}
        two[0] = two[0] + c * np.kron([[0, 1], [1, 0]], [[0, 1], [1, 0]])
        two[0][0, 3] += 0.7 * c
        two[0][3, 0] += 0.7 * c
        two[0][1, 2] += 0.3j * c
        two[0][2, 1] -= 0.3j * c
        return two

    with pytest.raises(ChiralOperatorError, match="independent operators"):
        diagnose(build(0.0))
    found = phase_diagram(
        build,
        {"c": [0.01, 0.0, 0.02]},  # the middle one is looked at first
    )
    np.testing.assert_array_equal(found.winding, [2, 2, 2])


def test_an_operator_that_turns_is_searched_at_each_point():
    def build(angle):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return {r: turn @ t @ turn.T for r, t in ssh(0.5).items()}

    angle = np.array([0.1, 0.5, 1.0, 1.4])
    found = phase_diagram(build, {"angle": angle})
    sign = np.sign(np.cos(2 * angle))  # Gamma's first element is to be positive
    np.testing.assert_array_equal(found.winding, sign)


def test_many_points_go_to_other_processes_and_come_back_in_order(monkeypatch):
    from windlib.bloch import scan

    monkeypatch.setattr(scan, "_CHUNK", 7)
    factor = 2.0  # of this function, which other processes cannot import

    def build(t):
        return ssh(factor * t)

    t = np.linspace(0.011, 2, 40)
    alone = phase_diagram(build, {"t": t}, jobs=1)
    found = phase_diagram(build, {"t": t}, jobs=2)
    np.testing.assert_array_equal(found.winding, alone.winding)
    np.testing.assert_array_equal(found.winding, factor * t < 1)


def test_a_misspelt_parameter_is_named():
    with pytest.raises(ArgumentError, match="got the parameters tt; expected those that build"):
        phase_diagram(ssh, {"tt": [0.5]})


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_the_users_own_says_at_which_point(monkeypatch, jobs):
    from windlib.bloch import scan

    monkeypatch.setattr(scan, "_CHUNK", 7)

    def build(t):
        if t == 2.0:
            raise ZeroDivisionError("mine")
        return ssh(t)

    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        phase_diagram(build, {"t": np.linspace(0.01, 2, 30)}, jobs=jobs)
    assert "raised at t = 2" in caught.value.__notes__


def test_memory_is_bounded():
    """Points are built when their turn comes; what is kept of each is a few bytes."""
    tracemalloc.start()
    phase_diagram(ssh, {"t": np.linspace(0, 0.9, 2000)}, jobs=1)
    _, few = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    phase_diagram(ssh, {"t": np.linspace(0, 0.9, 10_000)}, jobs=1)
    _, many = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert many - few < 1000 * 8000


# --- What is refused ------------------------------------------------------------------------------


def test_errors_say_at_which_point():
    def staggered(t, m):
        return {**ssh(t), 0: [[m, t], [t, -m]]}

    with pytest.raises(ChiralOperatorError, match=r"at t = 0\.5, m = 1: no operator"):
        phase_diagram(staggered, {"t": [0.5], "m": [0.0, 1.0]})

    def open_gauge(t):
        return lambda k: np.array([[0, np.exp(0.5j * k)], [np.exp(-0.5j * k), t]])

    with pytest.raises(PeriodicityError, match=r"at t = 0\.25: H\(k \+ 6"):
        phase_diagram(open_gauge, {"t": [0.25]})

    def sometimes(t):
        return ssh(t) if t < 1 else {0: np.ones((2, 3))}

    with pytest.raises(HamiltonianError, match=r"at t = 2: got hoppings|at t = 2: got matrices"):
        phase_diagram(sometimes, {"t": [0.5, 0.6, 2]}, chiral=[1, -1])
    with pytest.raises(ArgumentError, match=r"at t = 2: .* not finite"):
        phase_diagram(
            lambda t: ssh(t / (t < 1) if t < 1 else np.nan), {"t": [0.5, 2]}, chiral=[1, -1]
        )


def test_a_users_own_errors_come_through():
    def build(t):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        phase_diagram(build, {"t": [1.0]})


@pytest.mark.parametrize(
    ("build", "parameters", "options"),
    [
        (None, {"t": [1]}, {}),
        (ssh, {}, {}),
        (ssh, [1, 2], {}),
        (ssh, {1: [1]}, {}),
        (ssh, [10**5000], {}),  # which Python does not print
        (ssh, {10**5000: [1]}, {}),
        (ssh, {"t": []}, {}),
        (ssh, {"t": 1.0}, {}),
        (ssh, {"t": [[1.0]]}, {}),
        (ssh, {"t": [np.nan]}, {}),
        (ssh, {"t": ["a"]}, {}),
        (ssh, {"t": np.ones(10**5), "u": np.ones(10**5)}, {}),
        (ssh, {"t": [0.5]}, {"energy": 1.0}),
        (ssh, {"t": [0.5]}, {"tolerance": -1}),
        (ssh, {"t": [0.5]}, {"period": 0}),
        (ssh, {"t": [0.5]}, {"period": 1.0}),
        (ssh, {"t": [0.5]}, {"chiral": [1, 1]}),
        (ssh, {"t": [0.5]}, {"chiral": [2, -2]}),
        (ssh, {"t": [0.5, 1.0]}, {"chiral": [[1, 1], [0, -1]]}),
        (ssh, {"t": [0.5]}, {"chiral": np.eye(3)}),
        (ssh, {"t": [0.5]}, {"chiral": "x"}),
        (ssh, {"t": [0.5]}, {"positions": [0, 0]}),
    ],
)
def test_arguments_that_are_refused(build, parameters, options):
    with pytest.raises((ArgumentError, WindingError)):
        phase_diagram(build, parameters, **options)


def test_points_without_hoppings_are_judged_one_by_one():
    found = phase_diagram(ssh, {"t": [0.0], "u": [0.0]}, chiral=False)
    assert found.winding.mask.tolist() == [[True]]
