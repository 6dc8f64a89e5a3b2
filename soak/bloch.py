"""A reader's own Hamiltonian: random chains against two counts that share no code, and bad inputs.

Chains have 2 to 8 bands, hoppings up to four cells long, and a chiral operator in a random basis.
"""

import itertools
import tempfile
import time
from pathlib import Path

import numpy as np

from windlib.arguments import ArgumentError
from windlib.bloch import diagnose, diagnose_ring, from_wannier90, phase_diagram
from windlib.winding import WindingError

_CELLS = 6  # of the ring


def normal(rng, *shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_chain(rng):
    """Blocks q_R, shape (2 reach + 1, n, n), the basis of the sublattices, and the hoppings."""
    n, reach = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    q = normal(rng, 2 * reach + 1, n, n)
    basis = np.linalg.qr(normal(rng, 2 * n, 2 * n))[0]
    hoppings = {}
    for r in range(-reach, reach + 1):
        h = np.zeros((2 * n, 2 * n), complex)
        h[:n, n:], h[n:, :n] = q[reach + r], q[reach - r].conj().T
        hoppings[r] = basis @ h @ basis.conj().T
    return q, basis, hoppings


# --- Two counts ---------------------------------------------------------------------------------


def zeros_inside(q):
    """Zeros of det q's polynomial inside the unit circle, less the pole; and whether it is sure.

    The determinant is expanded by permutations, as a polynomial.
    """
    reach, n = len(q) // 2, q.shape[1]
    total = np.zeros(2 * n * reach + 1, complex)
    for order in itertools.permutations(range(n)):
        swaps = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        product = np.array([(-1.0) ** swaps])
        for row, column in enumerate(order):
            product = np.convolve(product, q[:, row, column])
        total = total + product
    distance = np.abs(np.roots(total[::-1]))  # of the zeros from 0
    return int((distance < 1).sum()) - n * reach, bool(np.abs(distance - 1).min() > 1e-9)


def around_the_ring(q, fluxes=(64, 512, 4096)):
    """Turns of the determinant of a ring of cells while a flux goes through it; and if it is sure.

    The ring is a matrix of cells: hoppings that cross its seam get the flux.
    """
    reach, n = len(q) // 2, q.shape[1]
    ring = np.zeros((2 * reach + 1, _CELLS, n, _CELLS, n), complex)
    for x in range(_CELLS):
        for r in range(-reach, reach + 1):
            around, to = divmod(x + r, _CELLS)
            ring[around + reach, x, :, to, :] += q[reach + r]
    ring = ring.reshape(2 * reach + 1, _CELLS * n, _CELLS * n)
    around = np.arange(-reach, reach + 1)
    for many in fluxes:
        flux = 2 * np.pi * np.arange(many + 1) / many
        angles = []
        for some in np.array_split(flux, -(-len(flux) // 128)):
            phase = np.exp(1j * np.multiply.outer(some, around))
            angles.append(np.angle(np.linalg.slogdet(np.tensordot(phase, ring, axes=1))[0]))
        steps = np.diff(np.unwrap(np.concatenate(angles)))
        if np.abs(steps).max() < 1.5:
            return int(np.rint(steps.sum() / (2 * np.pi))), True
    return 0, False


def compare(cases, seed=0):
    """Compare `diagnose` with both counts.

    Returns
    -------
    dict
        From the number of bands to [cases, not certified, zeros disagree, zeros undecided, ring
        disagrees, ring undecided].
    """
    found = {}
    for case in range(cases):
        q, basis, hoppings = random_chain(np.random.default_rng([seed, case]))
        row = found.setdefault(len(basis), [0] * 6)
        row[0] += 1
        try:
            answer = diagnose(hoppings)
        except WindingError:
            row[1] += 1
            continue
        half = len(basis) // 2
        gamma = basis @ np.diag([1] * half + [-1] * half) @ basis.conj().T
        sign = round(np.trace(answer.chiral_operator @ gamma).real / len(basis))
        row[1] += not answer.certified
        for at, (truth, sure) in ((2, zeros_inside(q)), (4, around_the_ring(q))):
            row[at] += sure and answer.winding != sign * truth
            row[at + 1] += not sure
    return dict(sorted(found.items()))


# --- Bad inputs ---------------------------------------------------------------------------------


def _ssh(rng):
    t, u = rng.uniform(0.5, 2, 2)
    return {0: [[0, t], [t, 0]], 1: [[0, u + 2], [0, 0]], -1: [[0, 0], [u + 2, 0]]}


def _not_a_number(rng):
    chain = _ssh(rng)
    chain[int(rng.integers(-1, 2))] = rng.choice([np.nan, np.inf]) * np.ones((2, 2))
    return diagnose(chain)


def _wrong_shapes(rng):
    shapes = [(2, 3), (2,), (0, 0), (1, 2, 2), ()]
    shape = shapes[rng.integers(len(shapes))]
    return diagnose(_ssh(rng) | {int(rng.integers(-1, 3)): np.ones(shape)})


def _not_hermitian(rng):
    """Hermitian or not: without a sublattice symmetry a chiral winding number does not exist."""
    chain = {r: normal(rng, 2, 2) for r in (-1, 0, 1)}
    return diagnose(chain, chiral=[1, -1])


def _wrong_period(rng):
    return diagnose(
        lambda k: np.array([[0, 1 + 2 * np.exp(1j * k)], [1 + 2 * np.exp(-1j * k), 0]]),
        period=rng.uniform(0.1, 6),
    )


def _positions_in_the_phases(rng):
    tau = rng.uniform(0.02, 0.98)

    def h(k):
        q = (1 + 2 * np.exp(1j * k)) * np.exp(1j * k * tau)
        return np.array([[0, q], [np.conj(q), 0]])

    return diagnose(h)


def _gapless(rng):
    t, phase = rng.uniform(0.5, 2), np.exp(2j * np.pi * rng.random())
    q = {0: t, 1: t * phase}
    return diagnose(
        {
            0: [[0, q[0]], [q[0], 0]],
            1: [[0, q[1]], [0, 0]],
            -1: [[0, 0], [np.conj(q[1]), 0]],
        }
    )


def _no_operator(rng):
    h = normal(rng, 3, 3, 3)
    return diagnose({0: h[0] + h[0].conj().T, 1: h[1], -1: h[1].conj().T})


def _many_operators(rng):
    return diagnose({r: np.kron(np.eye(2), t) for r, t in _ssh(rng).items()})


def _unequal_sublattices(rng):
    h = np.zeros((3, 3), complex)
    h[:2, 2] = normal(rng, 2)
    far = np.zeros((3, 3), complex)
    far[:2, 2] = normal(rng, 2)
    return diagnose({0: h + h.conj().T, 1: far, -1: far.conj().T})


def _no_ring(rng):
    n = int(rng.integers(1, 4)) * 2
    return diagnose_ring(rng.normal(size=(n, n)) + np.eye(n))


def _coarse_samples(rng):
    k = np.linspace(0, 2 * np.pi, 4 * int(rng.integers(1, 3)) + 1)
    q = np.exp(2j * k * (len(k) - 1) / 4)  # half a turn a link
    zero = np.zeros_like(q)
    return diagnose(np.array([[zero, q], [q.conj(), zero]]).transpose(2, 0, 1))


def _bad_grid(rng):
    values = [[], [[1.0]], [np.nan], "t", 3.0, [None]]
    return phase_diagram(lambda t: _ssh(rng), {"t": values[rng.integers(len(values))]})


_HR = ["an SSH chain", "2", "3", "1 1 1"] + [
    f"{r} 0 0 {m} {n} {2.0 if (r, m, n) in ((1, 1, 2), (-1, 2, 1)) else 0.0} 0.0"
    for r in (-1, 0, 1)
    for n in (1, 2)
    for m in (1, 2)
]


def _damaged_file(rng):
    lines = list(_HR)
    at = int(rng.integers(1, len(lines)))
    words = lines[at].split()
    word = int(rng.integers(len(words)))
    kind = rng.integers(4)
    if kind == 0:
        lines = lines[:at]
    elif kind == 1:
        words.pop(word)
        lines[at] = " ".join(words)
    elif kind == 2:
        words[word] = str(rng.choice(["x", "nan", "-7", "1e400", "0x1"]))
        lines[at] = " ".join(words)
    else:
        lines.insert(at, lines[-1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed_hr.dat"
        path.write_text("\n".join(lines))
        return from_wannier90(path)


BAD = {
    "not a number": _not_a_number,
    "wrong shapes": _wrong_shapes,
    "an operator that is none": _not_hermitian,
    "wrong period": _wrong_period,
    "positions in the phases": _positions_in_the_phases,
    "gapless": _gapless,
    "no chiral operator": _no_operator,
    "several chiral operators": _many_operators,
    "unequal sublattices": _unequal_sublattices,
    "no ring": _no_ring,
    "samples too coarse": _coarse_samples,
    "a grid that is none": _bad_grid,
    "damaged `_hr.dat`": _damaged_file,
}


def bad_inputs(cases, seed=0):
    """Give bad inputs in turn.

    Returns
    -------
    dict
        From the kind to [cases, answered, other errors than windlib's own].
    """
    found = {name: [0, 0, 0] for name in BAD}
    for case, name in zip(range(cases), itertools.cycle(BAD)):
        row = found[name]
        row[0] += 1
        try:
            BAD[name](np.random.default_rng([seed, case]))
            row[1] += 1
        except (WindingError, ArgumentError):
            pass
        except Exception:
            row[2] += 1
    return found


def main(cases=10_000, bad=1000):
    begin = time.perf_counter()
    compared = compare(cases)
    seconds = time.perf_counter() - begin
    rows = [[f"{bands}", *row] for bands, row in compared.items()]
    rows.append(["all", *np.sum([row[1:] for row in rows], axis=0).tolist()])
    print(rows, f"{seconds:.0f} s", flush=True)
    refused = bad_inputs(bad)
    print(refused, flush=True)
    return [
        {
            "caption": "Random chains with a chiral operator in a random basis: `diagnose` against "
            "the zeros of det q inside the unit circle, and against the determinant of a ring "
            "while a flux goes through it.",
            "columns": [
                *("bands", "chains", "not certified", "zeros disagree", "zeros undecided"),
                *("ring disagrees", "ring undecided"),
            ],
            "rows": rows,
        },
        {
            "caption": "Bad inputs: how many were given, how many got an answer, and how many led "
            "to an error that is not one of windlib's own.",
            "columns": ["input", "cases", "answered", "other errors"],
            "rows": [[name, *row] for name, row in refused.items()],
        },
    ]
