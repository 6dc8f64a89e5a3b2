"""P2's phase diagrams, of chapters 5 and 7: test sets I and II, measures, and shared claims."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib.arguments import choice, real, whole
from windlib.claims import measures
from windlib.claims.claim import Claim
from windlib.claims.kept_sets import drawn_once
from windlib.claims.measures import percent
from windlib.datasets import MOST, DataRecipe, LabelledCurves, draw, read_only
from windlib.hamiltonians import dirac, nonhermitian_ssh
from windlib.runs import experiments, selections
from windlib.runs.catalogue import CATALOGUE, THRESHOLDS
from windlib.runs.experiments import Run
from windlib.runs.second_paper import OUR_PHASES, PHASE_SETTINGS
from windlib.runs.seeds import SEEDS

_PLANES = ("nonhermitian_ssh", "dirac")  # whose phases lie in a plane of two parameters
_OF_A_PLANE = partial(choice, choices=_PLANES)
TRANSITIONS = {"nonhermitian_ssh": (-1.5, -0.5, 0.5, 1.5), "dirac": (-3.0, 3.0)}
CROSSING_WITHIN = 0.1  # of the exact transition
CROSSING_WHY = (
    f"Within {CROSSING_WITHIN:g} asked for; no number where the class changes more or less often."
)
HIGH = (97.0, 99.0)  # test I, test II: what "high accuracy" has to mean here
BOTH = [("", "P2's recipe", ""), (".ours", "ours", "-ours")]


@drawn_once(16, hamiltonian=_OF_A_PLANE, threshold=real, n=partial(whole, least=1, most=MOST))
def near_boundary(hamiltonian: str, threshold: float, n: int = 6_000) -> LabelledCurves:
    r"""P2's test set I: parameters at a distance s < T from the phase boundaries.

    Parameters
    ----------
    hamiltonian : {"nonhermitian_ssh", "dirac"}
        Whose phase diagram.
    threshold : float
        The threshold T on the distance s, in the unit of the two parameters.
    n : int
        Number of points; P2 has 6,000.

    Returns
    -------
    LabelledCurves
        With the exact winding numbers; P2's :math:`w_\pm` are half of them. Its arrays are
        read-only.

    Raises
    ------
    ArgumentError
        `hamiltonian` is another word, or ``threshold`` or `n` is out of its range.
    """
    seed = SEEDS[hamiltonian]["test I"]
    options = {"distance_below": threshold}
    return read_only(draw(DataRecipe(hamiltonian, n, seed, label="exact_winding", options=options)))


@drawn_once(16, hamiltonian=_OF_A_PLANE)
def along_line(hamiltonian: str) -> LabelledCurves:
    """P2's test set II: δ ∈ [−3, 3] at t = 0.5, 300 chains; m ∈ [−6, 6] at κ = 3, 600 loops.

    Returns
    -------
    LabelledCurves

    Raises
    ------
    ArgumentError
        `hamiltonian` is another word than "nonhermitian_ssh" or "dirac".
    """
    if hamiltonian == "nonhermitian_ssh":
        parameters: dict[str, Any] = {"t": np.full(300, 0.5), "delta": np.linspace(-3, 3, 300)}
        model: Any = nonhermitian_ssh
    else:
        m, kappa = np.linspace(-6, 6, 600), np.full(600, 3.0)
        center = dirac.loop_center(m, kappa, np.random.default_rng(SEEDS["dirac"]["test II"]))
        parameters, model = {"m": m, "kappa": kappa, "center": center}, dirac
    winding = model.exact_winding(**parameters)
    return read_only(LabelledCurves(model.curve(**parameters), winding, parameters))


def tests_of(run: Run) -> tuple[LabelledCurves, LabelledCurves]:
    """Test sets I and II of a run that was trained at s ≥ T."""
    hamiltonian = run.experiment.data.hamiltonian
    return near_boundary(hamiltonian, selections.threshold(run)), along_line(hamiltonian)


def both_tests(run: Run) -> tuple[float, ...]:
    """Accuracies, in percent, on test sets I and II."""
    return tuple(percent(run.nearest(run.outputs_on(t)) == t.winding) for t in tests_of(run))


def judged(runs: dict[float, list[Run]], aim: tuple[float, float] = HIGH) -> dict[str, list[str]]:
    """What each selection's networks are worth near the boundary: rows of a table.

    Parameters
    ----------
    runs : dict of list of Run
        By T, ascending, the same seeds in the same order for each.
    aim : tuple of float
        Accuracies on tests I and II, in percent, that count as high.

    Returns
    -------
    dict of list
        For each selection the accuracy on test I at each T, in percent, and at how many T both
        tests reach the aim. Below, for comparison: the best seed by test I itself, which is no
        selection, and how many seeds reach the aim.
    """
    rows: dict[str, list[str]] = {}
    for name, kept in selections.chosen_by(runs).items():
        both = {t: both_tests(run) for t, run in kept.items()}
        high = sum(_all_high(values, aim) for values in both.values())
        shown = [f"{both[t][0]:.1f}" if t in both else "–" for t in runs]
        rows[name] = [*shown, f"{high} of {len(both)}"]
    every = [[both_tests(run) for run in here] for here in runs.values()]
    reach = [sum(_all_high(values, aim) for values in here) for here in every]
    rows["best seed, by test I itself"] = [*(f"{max(here)[0]:.1f}" for here in every), "–"]
    rows["seeds that reach both"] = [
        *(f"{k} of {len(here)}" for k, here in zip(reach, every, strict=True)),
        "–",
    ]
    return rows


def tried(
    hamiltonian: str, thresholds: Sequence[float], aim: tuple[float, float] = HIGH
) -> dict[str, list[str]]:
    """How many seeds reach the aim in each training that was tried: rows of a table.

    Parameters
    ----------
    hamiltonian : {"nonhermitian_ssh", "dirac"}
        Whose phase diagram.
    thresholds : sequence of float
        T, one column each; a dash stands for what was not trained.
    aim : tuple of float
        Accuracies on tests I and II, in percent.

    Returns
    -------
    dict of list
        P2's recipe, the same with more seeds, changes of it, and of ours.
    """
    stem = f"{choice('hamiltonian', hamiltonian, _PLANES).replace('_', '-')}-cnn"
    parts = {"P2's recipe": ("",), "the same, more seeds": ("", "-fresh")}
    parts |= {s[0]: (f"-{name}",) for name, s in PHASE_SETTINGS.items() if name != "fresh"}
    parts |= {f"ours{about}": (f"-ours{part}",) for part, about in OUR_PHASES.items()}
    rows: dict[str, list[str]] = {}
    for title, every in parts.items():
        rows[title] = []
        for t in thresholds:
            names = [f"{stem}{part}-{t}" for part in every]
            if set(names) <= set(CATALOGUE):
                runs = [run for name in names for run in experiments.train(name)]
                high = sum(_all_high(both_tests(run), aim) for run in runs)
                rows[title].append(f"{high} of {len(runs)}")
            else:
                rows[title].append("–")
    return {title: row for title, row in rows.items() if set(row) != {"–"}}


def recall(run: Run) -> tuple[float, ...]:
    """Share, in percent, of each class of test set I that is recognized, in the classes' order."""
    test = tests_of(run)[0]
    given = run.nearest(run.outputs_on(test))
    classes = run.experiment.training["classes"]
    return tuple(percent(given[test.winding == c] == c) for c in classes)


def crossings(run: Run) -> np.ndarray:
    """Transition points along test set II: where the likeliest class changes.

    The two largest of the three or two probabilities cross between two neighbouring points;
    the crossing is interpolated linearly.

    Returns
    -------
    ndarray
        Values of δ or m, ascending.
    """
    line = along_line(run.experiment.data.hamiltonian)
    place = line.parameters["delta" if "delta" in line.parameters else "m"]
    p = run.outputs_on(line).astype(float)
    first = p.argmax(axis=1)
    at = np.flatnonzero(first[1:] != first[:-1])
    ahead = p[at, first[at]] - p[at, first[at + 1]]
    behind = p[at + 1, first[at + 1]] - p[at + 1, first[at]]
    return place[at] + (place[at + 1] - place[at]) * ahead / (ahead + behind)


def transitions(run: Run) -> tuple[float, ...]:
    """The crossings, if there are as many as phase boundaries on the line; else NaN for each."""
    expected = TRANSITIONS[run.experiment.data.hamiltonian]
    found = crossings(run)
    return tuple(found.tolist()) if len(found) == len(expected) else (np.nan,) * len(expected)


def _all_high(values, aim=HIGH):
    return bool((np.reshape(values, (-1, 2)) >= aim).all())


def close_to(*expected: float, by: float = CROSSING_WITHIN) -> Callable[[ArrayLike], bool]:
    """Rule that asks for each number to within `by`."""
    return lambda values: bool((np.abs(np.subtract(values, expected)) <= by).all())


def _majorities(hamiltonian):
    """Accuracies, in percent, of always giving the most frequent answer, T by T."""
    line = along_line(hamiltonian).winding
    sets = [w for t in THRESHOLDS for w in (near_boundary(hamiltonian, t).winding, line)]
    return measures.majority(*sets)


def against_threshold(
    id: str,
    whose: str,
    stem: str,
    hamiltonian: str,
    aim: tuple[float, float],
    figure: str,
    why: str,
    kind: str = "",
) -> Claim:
    columns = tuple(f"{test}, T = {t}" for t in THRESHOLDS for test in ("I", "II"))
    return Claim(
        id,
        f"{whose}: accuracy on tests I and II for T = 0.2, …, 0.6, by true winding numbers",
        "high for every T",
        both_tests,
        tuple(f"{stem}-{t}" for t in THRESHOLDS),
        partial(_all_high, aim=aim),
        f"Asked for: {aim[0]:g} on test I and {aim[1]:g} on test II at least, at every T. {why}",
        columns,
        baseline=partial(_majorities, hamiltonian),
        figure=figure,
        kind=kind,
    )
