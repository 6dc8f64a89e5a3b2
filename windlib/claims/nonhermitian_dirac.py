"""Chapter 7, Dirac fermions: measures and claims."""

import numpy as np

from windlib.arguments import real
from windlib.claims.claim import Claim, equal
from windlib.claims.phase_diagrams import (
    BOTH,
    CROSSING_WHY,
    TRANSITIONS,
    against_threshold,
    close_to,
    tests_of,
    transitions,
)
from windlib.hamiltonians import dirac
from windlib.hamiltonians.contract import call
from windlib.runs.experiments import Run
from windlib.runs.seeds import SEEDS
from windlib.winding import link_angles

PAGE = "notebooks/07_nonhermitian_dirac"


def both_labelings(run: Run) -> tuple[float, ...]:
    """A Dirac run's accuracies, in percent, on I and II, by true windings and by the diagram's."""
    found = []
    for test in tests_of(run):
        given = run.nearest(run.outputs_on(test))
        for truth in (test.winding, call(dirac.phase_diagram_label, test.parameters)):
            found.append(100 * float(np.mean(given == truth)))
    return tuple(found)


def _diagram_agrees():
    """Share, in percent, of the diagram's points whose true winding number is the diagram's."""
    parameters = dirac.sample(20_000, np.random.default_rng(SEEDS["dirac"]["phase diagram"]))
    truth = dirac.exact_winding(**parameters)
    return (100 * float(np.mean(truth == call(dirac.phase_diagram_label, parameters))),)


def pair_switching(m: float = 1.0, kappa: float = 3.0, links: int = 400) -> np.ndarray:
    """Energies E₊ and E₋ followed around the exceptional point k₊, clockwise (P2, Fig. 6b).

    Returns
    -------
    complex ndarray, shape (links + 1,)
        E₊; E₋ = −E₊. The last value is minus the first: the two have changed places.
    """
    m, kappa = real("m", m), real("kappa", kappa)
    center, _ = dirac.exceptional_points([m], [kappa])
    z = dirac.curve([m], [kappa], center, links=links)
    angle = np.angle(z[0, 0]) + np.concatenate([[0], np.cumsum(link_angles(z)[0])])
    return np.sqrt(np.abs(z[0])) * np.exp(0.5j * angle) / 2


def _half_turn():
    energy = pair_switching()
    turned = np.angle(energy[1:] / energy[:-1]).sum()
    return (float(np.round(turned / (2 * np.pi), 9)),)


#: The claims that the chapter reproduces.
CLAIMS = [
    Claim("P2.dirac.fig6a", "points of the plane whose true winding number is the diagram's",
          (100,), _diagram_agrees,
          why="Where k₋ lies in the unit circle around k₊, the true winding number is 0.",
          figure="fig-dirac-diagram"),
    Claim("P2.dirac.fig6b", "winding number of E₊ − E₋ clockwise around k₊", (0.5,),
          _half_turn, holds=equal(0.5), figure="fig-dirac-switching"),
    against_threshold("P2.dirac.fig6c.dense", "P2's recipe, kernels begun like a dense layer's",
                      "dirac-cnn-dense-fans", "dirac", (99.0, 99.0), "fig-dirac-threshold",
                      "P2 begins weights by Xavier's rule, and does not say how the inputs and "
                      "outputs of a kernel are counted for it. Chapter 7 compares this with other "
                      "trainings at T = 0.2.", kind="ours"),
    *(
        claim
        for suffix, whose, part in BOTH
        for claim in [
            against_threshold(f"P2.dirac.fig6c{suffix}", whose, f"dirac-cnn{part}", "dirac",
                               (99.0, 99.0), "fig-dirac-threshold",
                               "" if part else "Loops close to the boundary were not in the "
                               "training data, and these networks do not count turns. At "
                               "T = 0.2 more seeds, or kernels that begin otherwise, give some "
                               "that are high (chapter 7)."),
            Claim(f"P2.dirac.fig6d{suffix}", f"{whose}: transitions along κ = 3 at T = 0.5",
                  TRANSITIONS["dirac"], transitions, (f"dirac-cnn{part}-0.5",),
                  close_to(*TRANSITIONS["dirac"]),
                  CROSSING_WHY, columns=("first m", "second"), figure="fig-dirac-line"),
        ]
    ),
]  # fmt: skip
