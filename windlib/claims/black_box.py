"""Chapter 8, what a trained network does: measures and claims."""

import numpy as np

from windlib import blackbox
from windlib.claims.claim import Claim, at_least
from windlib.claims.hatano_nelson_chains import example_curves
from windlib.runs.experiments import Run
from windlib.winding import link_angles

PAGE = "notebooks/08_opening_the_black_box"
MISREAD, CORRELATED = 5, 0.9  # percent of a full turn; squared correlation


def link_quality(run: Run) -> tuple[float, ...]:
    """Nonlinearity and angle dependence of a run's link response, in percent of a full turn."""
    parts = blackbox.anatomy(run.network)
    return 100 * parts.nonlinearity, 100 * parts.angle_dependence


def extrapolated(run: Run) -> tuple[float, ...]:
    """Output for w = −4, −3, 3 and 4, from the weights alone."""
    return tuple(blackbox.predicted_output(run.network, [-4, -3, 3, 4]))


def _within_half(values):
    return bool((np.abs(np.subtract(values, (-4, -3, 3, 4))) < 0.5).all())


def activations(run: Run, curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Winding angle of every link and the network's activation D there (P2, Fig. 3c).

    Returns
    -------
    angle, activation : ndarray, shape (n · L,)
        In radians, in (−π, π); dimensionless.
    """
    angles = link_angles(curves)
    start = np.angle(curves[:, :-1])
    return angles.ravel(), blackbox.link_response(run.network, start, angles).ravel()


def linearity(run: Run) -> tuple[float, ...]:
    """Squared correlation of D with the winding angle, where that is within 0.8π."""
    angle, activation = activations(run, example_curves())
    inner = np.abs(angle) <= 0.8 * np.pi
    if np.ptp(activation[inner]) == 0:  # a dead network
        return (0.0,)
    return (float(np.corrcoef(angle[inner], activation[inner])[0, 1] ** 2),)


#: The claims that the chapter reproduces.
CLAIMS = [
    *(
        Claim(f"P1.fig3{suffix}",
              f"{whose}: how far D(φ, Δφ) is from affine in Δφ; how dependent on φ",
              "affine, independent of φ", link_quality, (name,), lambda v: max(v) <= MISREAD,
              why="Root mean squares over |Δφ| ≤ 0.8π, in percent of what a full turn adds to "
                  f"D; {MISREAD} asked for. {why}",
              columns=("from affine (%)", "on φ (%)"), figure="fig-link-plane")
        for suffix, whose, name, why in [
            ("", "P1's network", "aiii-cnn", "Dead seeds have no D to speak of."),
            (".ours", "ours", "aiii-cnn-ours",
             "What depends on φ in ours cancels in the sum over a closed curve."),
        ]
    ),
    Claim("P1.extrapolation", "output for w = −4, −3, 3, 4, predicted from the weights",
          (-4, -3, 3, 4), extrapolated, ("aiii-cnn",), _within_half,
          why="Within a half asked for. The head sums, but its neurons clip.",
          columns=("at w = −4", "−3", "3", "4"), figure="fig-head"),
    Claim("P1.extrapolation.ours",
          "ours: output for w = −4, −3, 3, 4, predicted from the weights",
          (-4, -3, 3, 4), extrapolated, ("aiii-cnn-ours",), _within_half,
          why="Within a half asked for.",
          columns=("at w = −4", "−3", "3", "4"), figure="fig-head"),
    *(
        Claim(f"P2.fig3c{suffix}",
              f"{whose}: squared correlation of the activation D with the winding angle of a link",
              "approximately linear within certain regions", linearity, (name,),
              at_least(CORRELATED),
              f"{CORRELATED:g} asked for, over 320 links of ten curves, within 0.8π. Most "
              "networks read only the links on one side of the origin.",
              figure="fig-p2-links")
        for suffix, whose, name in [
            ("", "P2's network", "hatano-nelson-cnn"), (".ours", "ours", "hatano-nelson-cnn-ours")
        ]
    ),
]  # fmt: skip
