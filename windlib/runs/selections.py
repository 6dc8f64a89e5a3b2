"""Which seed to keep of P2's phase diagrams, by data far from the boundaries alone.

Each score takes a run that was trained at distances s ≥ T and looks at points with s ≥ T only:
the run's own validation data, or points on lines across a boundary. The lowest score is chosen.
A score draws nothing but a run's own validation data; a test refuses it all else.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from windlib.arguments import ArgumentError, instance
from windlib.datasets import DataRecipe, LabelledCurves, draw, read_only
from windlib.hamiltonians import dirac, nonhermitian_ssh
from windlib.runs import archive
from windlib.runs.experiments import Run
from windlib.runs.seeds import SEEDS

_MODELS: dict[str, Any] = {"nonhermitian_ssh": nonhermitian_ssh, "dirac": dirac}
_FEET = 500  # points of phase boundaries that lines are laid through
_RIM = 0.1  # width, in s, of the outermost validation data


def _a_run(run):
    """Whatever has a run's parts, as tests have."""
    return run if hasattr(run, "history") else instance("run", run, Run, "a run, as train gives")


def threshold(run: Run) -> float:
    """T of the data that a run was trained on."""
    data = _a_run(run).experiment.data
    if data.hamiltonian not in _MODELS or "distance_at_least" not in data.options:
        raise ArgumentError(
            f"got a run of {run.experiment.name}; expected one of a phase diagram of P2, which was "
            "trained at distances s ≥ T from the boundaries"
        )
    return float(data.options["distance_at_least"])


def _rim(data: DataRecipe, width: float) -> LabelledCurves:
    """Validation data with T ≤ s < T + width."""
    drawn = _drawn(archive.to_json(asdict(data)))
    places = {k: v for k, v in drawn.parameters.items() if k != "center"}
    distance = _MODELS[data.hamiltonian].phase_boundary_distance(**places)
    near = distance < data.options["distance_at_least"] + width
    parameters = {name: values[near] for name, values in drawn.parameters.items()}
    return read_only(LabelledCurves(drawn.curve[near], drawn.winding[near], parameters))


@lru_cache(maxsize=16)
def _drawn(data):
    return read_only(draw(DataRecipe(**json.loads(data))))


def _margins(run, curve, winding):
    """Logarithm of the right class's probability over that of the likeliest wrong one."""
    classes = np.array(run.experiment.training["classes"])
    p = np.log(np.maximum(run.outputs(curve).astype(float), 1e-30))
    right = winding[:, None] == classes
    return p[right] - np.where(right, -np.inf, p).max(axis=1)


def _lines(hamiltonian):
    """Points of the boundaries, unit normals, and what else the Hamiltonians need: random."""
    rng = np.random.default_rng(SEEDS[hamiltonian]["lines"])
    if hamiltonian == "dirac":  # κ = |m|
        along, sign = rng.uniform(0, 6, _FEET), rng.choice([-1, 1], _FEET)
        return (sign * along, along), (sign / 2**0.5, np.full(_FEET, -1 / 2**0.5))
    along = rng.uniform(-6, 6, _FEET)
    slope, side = rng.choice([-1, 1], (2, _FEET))
    return (along, slope * (side - along)), (np.full(_FEET, 1 / 2**0.5), slope / 2**0.5)


@lru_cache(maxsize=64)
def _across(hamiltonian: str, distances: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Curves at these signed distances from points of the boundaries, and winding numbers.

    Only lines that meet no other boundary, at the largest distance or before, are kept.
    Shapes (distances, lines, L + 1) and (distances, lines).
    """
    model, names = _MODELS[hamiltonian], ("t", "delta")
    if hamiltonian == "dirac":
        names = ("m", "kappa")
    foot, normal = _lines(hamiltonian)
    places = [
        dict(zip(names, (f + d * n for f, n in zip(foot, normal, strict=True)), strict=True))
        for d in distances
    ]
    kept = np.all([np.abs(p[names[0]]) <= 6 for p in places], axis=0)
    kept &= np.all([np.abs(p[names[1]]) <= 6 for p in places], axis=0)
    if hamiltonian == "dirac":
        kept &= np.all([p["kappa"] > 0 for p in places], axis=0)
    places = [{name: v[kept] for name, v in p.items()} for p in places]
    own = [
        np.abs(model.phase_boundary_distance(**p) - abs(d)) < 1e-9
        for p, d in zip(places, distances, strict=True)
    ]
    kept = np.all(own, axis=0)
    curves, windings = [], []
    for place in places:
        p = {name: v[kept] for name, v in place.items()}
        if hamiltonian == "dirac":
            rng = np.random.default_rng(SEEDS["dirac"]["loops on lines"])
            p["center"] = dirac.loop_center(**p, rng=rng)
        curves.append(model.curve(**p))
        windings.append(model.exact_winding(**p))
    return read_only((np.array(curves), np.array(windings)))


def _along(run, factors):
    """Margins on the lines at these multiples of T, shape (factors, lines)."""
    distances = tuple(threshold(run) * f for f in factors)
    curve, winding = _across(run.experiment.data.hamiltonian, distances)
    margins = _margins(run, curve.reshape(-1, curve.shape[-1]), winding.ravel())
    return margins.reshape(winding.shape)


def validation_loss(run: Run) -> float:
    """The last validation loss, by which all chosen networks of the book are chosen."""
    return float(_a_run(run).history["val_loss"][-1])


def rim_loss(run: Run) -> float:
    """Cross-entropy on the validation data next to the threshold, T ≤ s < T + 0.1."""
    threshold(run)  # refuses a run of another kind
    rim = _rim(run.experiment.validation, _RIM)
    classes = np.array(run.experiment.training["classes"])
    p = run.outputs(rim.curve).astype(float)[rim.winding[:, None] == classes]
    return float(-np.mean(np.log(np.maximum(p, 1e-30))))


def between_the_sides(run: Run) -> float:
    """Where a margin between two points at s = T, on both sides of a boundary, would be 0.

    The margins of the two right classes are joined by a straight line; its zero lies at this
    distance from the boundary, in units of T, in the mean over lines. A network that is wrong at
    s = T gets 1 there, the largest value.
    """
    here, beyond = _along(run, (1.0, -1.0))
    total = np.maximum(here + beyond, 1e-30)
    zero = np.abs(here - beyond) / total
    return float(np.mean(np.where((here > 0) & (beyond > 0), np.minimum(zero, 1), 1)))


def along_rays(run: Run) -> float:
    """Where the margin on a ray towards a boundary would be 0, from four points at s ≥ T.

    A straight line through the margins at s = T, 1.25 T, 1.5 T and 2 T: the modulus of its zero,
    in units of T, in the mean over rays. A ray on which the margin does not grow with s has none
    and counts as 1, the largest value. Rays that meet another boundary within 2 T are left out.
    """
    s = np.array([1.0, 1.25, 1.5, 2.0])
    margins = np.concatenate([_along(run, tuple(side * s)) for side in (1.0, -1.0)], axis=1)
    slope, offset = np.polyfit(s, margins, 1)
    zero = np.abs(offset) / np.where(slope > 0, slope, 1)
    return float(np.mean(np.where(slope > 0, np.minimum(zero, 1), 1)))


def _backwards(z, first):
    """A closed curve run through backwards from its point number `first`."""
    back = np.roll(z[:, :-1][:, ::-1], first + 1, axis=1)
    return np.concatenate([back, back[:, :1]], axis=1)


def mirror(run: Run) -> float:
    """How far probabilities differ between a curve of the rim and its mirror images.

    Non-Hermitian SSH chains: δ → −δ reads the curve backwards, so that w changes its sign, and
    (t, δ) → (−t, −δ) begins it half a zone later. Dirac fermions: m → −m takes the complex
    conjugate and reads it backwards from half a loop on, so that w stays. The mean, over the
    validation data with T ≤ s < T + 0.1, of the largest difference.
    """
    threshold(run)  # refuses a run of another kind
    rim = _rim(run.experiment.validation, _RIM)
    p, z = run.outputs(rim.curve), rim.curve
    half = (z.shape[1] - 1) // 2
    if run.experiment.data.hamiltonian == "dirac":
        images = [(_backwards(z, half).conj(), [0, 1])]
    else:
        classes = list(run.experiment.training["classes"])
        swapped = [classes.index(-c) for c in classes]
        later = np.concatenate([z[:, half:-1], z[:, : half + 1]], axis=1)
        images = [(_backwards(z, 0), swapped), (later, list(range(len(classes))))]
    apart = [np.abs(p - run.outputs(image)[:, order]).max(axis=1) for image, order in images]
    return float(np.mean(apart))


def begun_elsewhere(run: Run) -> float:
    """Share of the rim's curves that are misread, in the mean over every fourth point to begin at.

    Where a closed curve begins is no property of it (chapter 5).
    """
    threshold(run)  # refuses a run of another kind
    rim = _rim(run.experiment.validation, _RIM)
    wrong = []
    for first in range(0, rim.curve.shape[1] - 1, 4):
        z = np.concatenate([rim.curve[:, first:-1], rim.curve[:, : first + 1]], axis=1)
        wrong.append(np.mean(run.predict(z) != rim.winding))
    return float(np.mean(wrong))


def trained_farther(run: Run, farther: Run) -> float:
    """Share of points between two thresholds that the same seed, trained beyond both, misreads.

    A network trained at s ≥ T′ > T is tested at T ≤ s < T′, where the run itself was trained.
    The seed whose network gets farthest beyond its own data is kept.
    """
    width = threshold(farther) - threshold(run)
    if width <= 0 or farther.seed != run.seed:
        raise ArgumentError(
            f"got runs of seeds {run.seed} and {farther.seed} at T = {threshold(run):g} and "
            f"{threshold(farther):g}; expected one seed, the second at a larger T"
        )
    rim = _rim(run.experiment.validation, width)
    return float(np.mean(farther.predict(rim.curve) != rim.winding))


#: Scores of one run by what is said of the seed that has the lowest.
SCORES: dict[str, Callable[[Run], float]] = {
    "lowest validation loss": validation_loss,
    "lowest loss next to T": rim_loss,
    "decision halfway between two sides": between_the_sides,
    "margin that points to the boundary": along_rays,
    "same answer on mirror images": mirror,
    "fewest errors on curves begun elsewhere": begun_elsewhere,
}
FARTHER = "seed that does best beyond a larger T"


def chosen_by(runs: dict[float, list[Run]]) -> dict[str, dict[float, Run]]:
    """The run of each T that each selection keeps; of equal scores, the lowest validation loss.

    Parameters
    ----------
    runs : dict of list of Run
        By T, ascending, the same seeds in the same order for each.

    Returns
    -------
    dict of dict of Run
        By selection and T. The last, by `trained_farther`, has none at the largest T.
    """

    def lowest(here, scores):
        return min(zip(scores, map(validation_loss, here), here, strict=True), key=_first_two)[2]

    kept = {
        name: {t: lowest(here, map(score, here)) for t, here in runs.items()}
        for name, score in SCORES.items()
    }
    steps = list(pairwise(runs))
    kept[FARTHER] = {t: lowest(runs[t], map(trained_farther, runs[t], runs[u])) for t, u in steps}
    return kept


def _first_two(scored):
    return scored[:2]
