"""Labels and networks computed once more, by code that shares nothing with windlib's.

A million labels of each model by two methods of their own, and every archived network in
float64 by a few lines of NumPy, on its tests.
"""

import json
import time

import numpy as np
from safetensors import safe_open

from windlib.claims import (
    general_aiii,
    hatano_nelson_chains,
    nonhermitian_aah,
    phase_diagrams,
    ssh_shortcut,
)
from windlib.claims.general_aiii import TESTS
from windlib.datasets import network_input
from windlib.hamiltonians import aah, chiral, dirac, hatano_nelson, nonhermitian_ssh, ssh
from windlib.runs import archive, experiments
from windlib.runs.catalogue import CATALOGUE
from windlib.winding import winding_number

_BLOCK = 20_000  # Hamiltonians at a time
_GRID = 1 << 20  # parameters are multiples of 1/_GRID, so that sums of them are exact


# --- Labels ------------------------------------------------------------------------------------


def followed(curve, n, links=(64, 1024, 16_384)):
    """Windings of ``curve(rows, s)`` by adding up angles on ever finer grids.

    Returns the windings, and whether each was decided: no step above 1.5 rad on some grid.
    """
    winding, open_ = np.zeros(n, int), np.arange(n)
    for fine in links:
        s = 2 * np.pi * np.arange(fine + 1) / fine
        for rows in np.array_split(open_, -(-len(open_) * fine // 2**21) or 1):
            steps = np.diff(np.unwrap(np.angle(curve(rows, s)), axis=1), axis=1)
            winding[rows] = np.rint(steps.sum(axis=1) / (2 * np.pi))
            winding[rows[np.abs(steps).max(axis=1, initial=0) > 1.5]] = 99
        open_ = np.flatnonzero(winding == 99)
    return winding, winding != 99


def zeros_inside(p):
    """Zeros of polynomials inside the unit circle, by the recursion of Schur and Cohn.

    Coefficients from the lowest power on, shape (n, degree + 1). Where |p(0)| exceeds the
    leading coefficient, conj(a_0) p − a_d p* has as many zeros inside, p* being the polynomial
    read backwards; else the zeros of p* are counted, of which p has the rest.
    """
    p = np.array(p, complex)
    total, sign, decided = np.zeros(len(p), int), np.ones(len(p), int), np.ones(len(p), bool)
    for degree in range(p.shape[1] - 1, 0, -1):
        p /= np.abs(p).max(axis=1, keepdims=True)
        first, last = np.abs(p[:, 0]), np.abs(p[:, -1])
        decided &= np.abs(first - last) > 1e-9
        turn = first < last
        total += np.where(turn, sign * degree, 0)
        sign = np.where(turn, -sign, sign)
        mirrored = p[:, ::-1].conj()
        p, mirrored = np.where(turn[:, None], (mirrored, p), (p, mirrored))
        p = (p[:, :1].conj() * p - p[:, -1:] * mirrored)[:, :-1]
    return total, decided


def _grid(rng, n, size):
    """Numbers between −size and size as whole multiples of 1/_GRID."""
    return rng.integers(-size * _GRID, size * _GRID + 1, n)


def _axis(right, left, upwards):
    """Winding of a closed curve that meets the real axis twice, from which sides it does.

    It passes `right` in the direction `upwards` (±1) and `left` in the other one; each is
    whether the point lies on the positive half of the axis.
    """
    return upwards * (np.asarray(right, int) - np.asarray(left, int))


def _ssh(n, rng):
    t, t_prime = _grid(rng, n, 4), _grid(rng, n, 4)
    keep = np.abs(t) != np.abs(t_prime)
    t, t_prime = t[keep], t_prime[keep]
    crossed = _axis(t + t_prime > 0, t - t_prime > 0, np.sign(t_prime))
    p = {"t": t / _GRID, "t_prime": t_prime / _GRID}

    def curve(rows, k):  # off-diagonal element of the Bloch matrix
        return p["t"][rows, None] + p["t_prime"][rows, None] * (np.cos(k) + 1j * np.sin(k))

    ways = {"crossings, whole numbers": crossed, "followed angles": followed(curve, len(t))}
    return ssh.exact_winding(**p), winding_number(ssh.curve(**p)), ways


def _chiral(n, rng):
    a, b = rng.uniform(-1, 1, (2, n, 2, 5))
    za, zb = a[:, 0] + 1j * a[:, 1], b[:, 0] + 1j * b[:, 1]
    m = np.arange(1, 5)
    laurent = np.zeros((n, 9), complex)  # of e^{−4ik} … e^{4ik}
    laurent[:, 4] = za[:, 0]
    laurent[:, 4 + m] += za[:, m] / 2 + zb[:, m] / 2j
    laurent[:, 4 - m] += za[:, m] / 2 - zb[:, m] / 2j

    def curve(rows, k):
        return laurent[rows] @ np.exp(1j * np.outer(np.arange(-4, 5), k))

    inside, decided = zeros_inside(laurent)
    ways = {
        "zeros inside, Schur–Cohn": (inside - 4, decided),
        "followed angles": followed(curve, n),
    }
    coarse = curve(np.arange(n), 2 * np.pi * np.arange(33) / 32)
    turns = np.diff(np.unwrap(np.angle(coarse), axis=1), axis=1).sum(axis=1)
    sampled = np.rint(turns / (2 * np.pi)).astype(int)
    discrete = winding_number(chiral.curve(a, b)), sampled
    return chiral.exact_winding(a, b), discrete, ways


def _hatano_nelson(n, rng):
    parts = _grid(rng, (4, n), 1)
    mu = rng.integers(1, 6, n)
    surplus = (parts[2] ** 2 + parts[3] ** 2) - (parts[0] ** 2 + parts[1] ** 2)
    keep = surplus != 0
    parts, mu, surplus = parts[:, keep], mu[keep], surplus[keep]
    right, left = (parts[0] + 1j * parts[1]) / _GRID, (parts[2] + 1j * parts[3]) / _GRID

    def curve(rows, k):
        z = np.exp(1j * mu[rows, None] * k)
        return right[rows, None] / z + left[rows, None] * z

    # An ellipse around 0: the sign of its area is that of |t_l|² − |t_r|².
    ways = {
        "area, whole numbers": mu * np.sign(surplus),
        "followed angles": followed(curve, len(mu)),
    }
    p = {"t_r": right, "t_l": left, "mu": mu}
    return hatano_nelson.exact_winding(**p), winding_number(hatano_nelson.curve(**p)), ways


def _nonhermitian_ssh(n, rng):
    t, delta = _grid(rng, n, 6), _grid(rng, n, 6)
    keep = (
        (delta != 0) & (np.abs(t + _GRID) != np.abs(delta)) & (np.abs(t - _GRID) != np.abs(delta))
    )
    t, delta = t[keep], delta[keep]
    # Im E² = −2 δ sin k; E² is (t ± 1)² − δ² at k = 0 and π.
    at_zero, at_pi = np.abs(t + _GRID) > np.abs(delta), np.abs(t - _GRID) > np.abs(delta)
    crossed = _axis(at_zero, at_pi, -np.sign(delta))
    p = {"t": t / _GRID, "delta": delta / _GRID}

    def curve(rows, k):  # E² = −det H(k)
        upper = p["t"][rows, None] - p["delta"][rows, None] + np.exp(-1j * k)
        lower = p["t"][rows, None] + p["delta"][rows, None] + np.exp(1j * k)
        return upper * lower

    ways = {"crossings, whole numbers": crossed, "followed angles": followed(curve, len(t))}
    return nonhermitian_ssh.exact_winding(**p), winding_number(nonhermitian_ssh.curve(**p)), ways


def ring(p, rows, flux, sites):
    """Rings' matrices, built term by term from P2's Eqs. 13 and 14."""
    before, length = 1, 1
    while length < sites:
        before, length = length, before + length
    beta = before / sites
    alpha, h, V1, V2 = (p[name][rows] for name in ("alpha", "h", "V1", "V2"))
    matrix = np.zeros((len(alpha), sites, sites), complex)
    for j in range(1, sites + 1):
        hopping = 1 + V2 * np.cos(2 * np.pi * (j + 0.5) * beta)
        matrix[:, j - 1, j - 1] = V1 * np.cos(2 * np.pi * j * beta + 1j * h)
        right, left = hopping * np.exp(-alpha), hopping * np.exp(alpha)
        if j < sites:
            matrix[:, j, j - 1], matrix[:, j - 1, j] = right, left
        else:
            matrix[:, 0, -1], matrix[:, -1, 0] = (
                right * np.exp(-1j * flux),
                left * np.exp(1j * flux),
            )
    return matrix


def _aah(n, rng, sites=13):
    p = {
        "alpha": rng.choice([-1, 1], n) * rng.uniform(0.01, 1, n),
        **{"h": rng.uniform(0, 1, n), "V1": rng.uniform(0, 4, n), "V2": rng.uniform(0, 2, n)},
    }
    winding, decided = np.zeros(n, int), np.zeros(n, bool)
    for rows in np.array_split(np.arange(n), -(-n * sites**2 // 2**21)):
        signs, logs = zip(
            *(np.linalg.slogdet(ring(p, rows, f, sites)) for f in (0, np.pi, np.pi / 2)),
            strict=True,
        )
        sizes = np.exp(logs - np.max(logs, axis=0))
        small = np.minimum(sizes[0], sizes[1]) < 1e-9  # near the spectrum, or near a half turn
        right, left = signs[0].real > 0, signs[1].real > 0
        decided[rows] = ~small & ((right == left) | (np.abs(signs[2].imag) * sizes[2] > 1e-9))
        winding[rows] = _axis(right, left, np.sign(signs[2].imag))
    ways = {f"three LU determinants, {sites} sites": (winding, decided)}
    return aah.exact_winding(**p, sites=sites), winding_number(aah.curve(**p, sites=sites)), ways


def _dirac(n, rng):
    m, kappa = rng.uniform(-6, 6, n), 6 - rng.uniform(0, 6, n)
    linked = rng.random(n) < 0.5
    center = rng.uniform(-3, 3, n) + 1j * rng.uniform(-3, 3, n)
    with np.errstate(invalid="ignore"):
        at = (-m + 1j * np.sqrt((kappa**2 - m**2) * (kappa**2 + 1))) / kappa
    linked &= np.isfinite(at)
    center = np.where(linked, at, center)

    def det(k, m, kappa):  # of H(k); E = ±√(−det H)
        x, y, z = k.real + 1j * kappa, k.imag, m + 1j
        return -z * z - (x - 1j * y) * (x + 1j * y)

    def curve(rows, s):
        column = rows[:, None]
        energy = np.sqrt(-det(center[column] + np.exp(-1j * s), m[column], kappa[column]))
        # The principal root jumps from sheet to sheet; followed, E₊ − E₋ turns half as often.
        step = np.sign((energy[:, 1:] * energy[:, :-1].conj()).real)
        sheet = np.concatenate([np.ones((len(rows), 1)), np.cumprod(step, axis=1)], axis=1)
        return (2 * energy * sheet) ** 2

    # The curve is an ellipse, the circle's affine image; whether 0 is inside is a linear system.
    z = [-4 * det(center + point, m, kappa) for point in (1, -1j, -1, 1j)]
    middle, one, other = (z[0] + z[2]) / 2, (z[0] - z[2]) / 2, (z[1] - z[3]) / 2
    area = (one.conj() * other).imag
    along, across = -(middle.conj() * other).imag / area, -(one.conj() * middle).imag / area
    reach = along**2 + across**2
    solved = np.where(reach < 1, np.sign(area), 0).astype(int), np.abs(reach - 1) > 1e-9
    p = {"m": m, "kappa": kappa, "center": center}
    sampled = winding_number(dirac.curve(**{name: v[linked] for name, v in p.items()}))
    exact = dirac.exact_winding(**p)
    ways = {"ellipse, linear system": solved, "sheets of the root followed": followed(curve, n)}
    return exact, (sampled, exact[linked]), ways


def _aah_89(n, rng):
    return _aah(max(1, n // 50), rng, sites=89)


LABELS = {
    "SSH": _ssh,
    "class AIII": _chiral,
    "Hatano–Nelson": _hatano_nelson,
    "non-Hermitian SSH": _nonhermitian_ssh,
    "Aubry–André–Harper": _aah,
    "Aubry–André–Harper, long": _aah_89,
    "Dirac": _dirac,
}


def labels(name, n, seed=0):
    """Compare a model's labels, block by block.

    Returns
    -------
    dict
        From a way of computing to [labels, disagreements, undecided]; "sampled curve" compares
        the discrete winding number, where it is promised to be the exact one.
    """
    found = {}

    def add(way, given, truth, decided=True):
        decided = np.broadcast_to(decided, np.shape(truth))
        counts = len(truth), np.count_nonzero((given != truth) & decided), np.sum(~decided)
        found[way] = (np.array(found.get(way, (0, 0, 0))) + counts).tolist()

    for block in range(-(-n // _BLOCK)):
        rng = np.random.default_rng([seed, block, len(name)])
        exact, sampled, ways = LABELS[name](min(_BLOCK, n - block * _BLOCK), rng)
        for way, answer in ways.items():
            add(way, exact, *(answer if isinstance(answer, tuple) else (answer,)))
        add("sampled curve", *(sampled if isinstance(sampled, tuple) else (sampled, exact)))
    return found


# --- Networks ----------------------------------------------------------------------------------

_ACTIVATION = {
    "relu": lambda x: np.maximum(x, 0),
    "linear": lambda x: x,
    "softplus": lambda x: np.logaddexp(0, x),
}


def forward(run, x, block=500):
    """Outputs of an archived network in float64, from the numbers in its file."""
    path = experiments.find(run.experiment, run.seed, archive.COMMITTED)
    with safe_open(path, framework="numpy") as file:
        w = {k[7:]: file.get_tensor(k).astype(float) for k in file.keys() if k[:7] == "weight/"}  # noqa: SIM118
    of = _convolutional if run.experiment.network == "convolutional" else _fully_connected
    options = run.experiment.network_options
    blocks = (x[i : i + block].astype(float) for i in range(0, len(x), block))
    x = np.concatenate([of(w, options, part) for part in blocks])
    x = x @ w["winding/kernel"] + w["winding/bias"]
    if x.shape[1] == 1:
        return x[:, 0]
    chances = np.exp(x - x.max(axis=1, keepdims=True))
    return chances / chances.sum(axis=1, keepdims=True)


def _convolutional(w, options, x):
    pairs = np.concatenate([x[:, :-1], x[:, 1:]], axis=2)
    seen = np.maximum(pairs @ w["links/kernel"].reshape(4, -1) + w["links/bias"], 0)
    added = seen @ w["links/sum"].reshape(-1) + w["links/sum_bias"]
    x = _ACTIVATION[options.get("link_activation", "relu")](added)
    x = x @ w["head/kernel"] + w["head/bias"]
    return _ACTIVATION[options.get("head_activation", "relu")](x)


def _fully_connected(w, options, x):
    x = x.reshape(len(x), -1)
    for i in range(1, 1 + sum(name.startswith("hidden") for name in w) // 2):
        x = np.maximum(x @ w[f"hidden{i}/kernel"] + w[f"hidden{i}/bias"], 0)
    return x


def _tests(run):
    """Inputs of the tests that a run's accuracies are measured on."""
    data = run.experiment.data
    if data.hamiltonian == "chiral":
        curves = [general_aiii.p1_test(name, data.links).curve for name in TESTS]
        if data.links == 32:
            curves.append(general_aiii.strengthened_test().curve)
    elif data.hamiltonian == "ssh":
        more = [ssh_shortcut.general_chains()[0]] if data.links == 32 else []
        return [ssh_shortcut.ssh_test(data.links, data.label)[0], *more]
    elif data.hamiltonian == "hatano_nelson":
        curves = [hatano_nelson_chains._test_of(run).curve]
    elif data.hamiltonian == "aah":
        curves = [cell.curve for cell in nonhermitian_aah.aah_cells(200).values()]
    else:
        curves = [test.curve for test in phase_diagrams.tests_of(run)]
    return [network_input(curve, data.inputs) for curve in curves]


def network(run, most=None):
    """Compare a network's answers in Keras' float32 with those in float64.

    On the first `most` curves of each of its tests, or on all.

    Returns
    -------
    answers, differing : int
    apart : float
        Largest difference of two outputs.
    unexplained : int
        Differing answers whose float64 output lies further from where the answer changes
        than the largest difference of that curve's outputs.
    """
    from windlib import evaluation

    answers = differing = unexplained = 0
    apart = 0.0
    for x in (test[:most] for test in _tests(run)):
        single, double = evaluation.outputs(run.network, x).astype(float), forward(run, x)
        off = np.abs(single - double)
        apart = max(apart, off.max())
        if double.ndim == 2:
            first, second = np.sort(double, axis=1)[:, :-3:-1].T
            given, truth = single.argmax(axis=1), double.argmax(axis=1)
            margin, off = first - second, 2 * off.max(axis=1)
        else:
            given, truth = np.rint(single), np.rint(double)
            margin = np.abs(np.abs(double - truth) - 0.5)
        differ = given != truth
        answers, differing = answers + len(x), differing + np.count_nonzero(differ)
        unexplained += np.count_nonzero(differ & (margin > off))
    return answers, int(differing), float(apart), int(unexplained)


def _kind(experiment):
    return f"{experiment.data.hamiltonian}, {experiment.network}".replace("_", "-")


# --- The long form -----------------------------------------------------------------------------


def main(n=1_000_000, names=tuple(CATALOGUE)):
    label_rows = []
    for name in LABELS:
        begin = time.perf_counter()
        found = labels(name, n)
        seconds = time.perf_counter() - begin
        print(name, json.dumps(found, ensure_ascii=False), f"{seconds:.0f} s", flush=True)
        for way, (count, wrong, undecided) in found.items():
            label_rows.append([f"{name}: {way}", count, wrong, undecided, round(seconds)])
    totals = {}
    begin = time.perf_counter()
    for name in names:
        for run in experiments.archived(name, archive.COMMITTED):
            answers, differing, apart, unexplained = network(run)
            old = totals.setdefault(_kind(run.experiment), [0, 0, 0, 0.0, 0])
            old[:] = [
                *(old[0] + 1, old[1] + answers, old[2] + differing),
                *(max(old[3], apart), old[4] + unexplained),
            ]
        print(
            name, totals[_kind(CATALOGUE[name])], f"{time.perf_counter() - begin:.0f} s", flush=True
        )
    network_rows = [
        [kind, runs, answers, differing, float(f"{apart:.2g}"), unexplained]
        for kind, (runs, answers, differing, apart, unexplained) in totals.items()
    ]
    return [
        {
            "caption": "Labels by methods that share no code with `windlib.winding` or the models. "
            "Undecided: too near a phase boundary for that method.",
            "columns": ["labels", "cases", "disagree", "undecided", "seconds"],
            "rows": label_rows,
        },
        {
            "caption": "Every archived network on its tests: Keras in single precision, NumPy in "
            "double. Unexplained: differs, but not within rounding of where the answer changes.",
            "columns": [
                *("networks", "number", "answers", "differ", "largest difference", "unexplained"),
            ],
            "rows": network_rows,
        },
    ]
