"""Random phases that do not wind: curves of other shapes with the same winding number."""

import numpy as np
from numpy.typing import ArrayLike

from windlib._quiet import tf
from windlib.arguments import array, whole
from windlib.datasets import TrainingDataError, closed_curves
from windlib.winding import link_angles


def largest_phase(x: np.ndarray) -> np.ndarray:
    """Half of what the longest link of each curve lacks of half a turn, in radians."""
    z = x[..., 0] + 1j * x[..., 1].astype(float)
    rounding = 4 * float(
        np.finfo(np.float32).eps
    )  # of points that were rounded to single precision once
    angles = link_angles(z / np.abs(z), gap=rounding, closure=1)  # the ends were checked
    return ((np.pi - np.abs(angles).max(axis=1)) / 2).astype(np.float32)


def with_phases(x: tf.Tensor, largest: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Curves times random phases: each point turned by less than its curve's `largest` phase."""
    n, links = x.shape[0], x.shape[1] - 1
    angle = largest[:, None] * tf.random.stateless_uniform((n, links), seed, -1, 1)
    angle += 2 * np.pi * tf.random.stateless_uniform((n, 1), seed + 1)
    angle = tf.concat([angle, angle[:, :1]], axis=1)
    cos, sin = tf.cos(angle), tf.sin(angle)
    return tf.stack([cos * x[..., 0] - sin * x[..., 1], sin * x[..., 0] + cos * x[..., 1]], axis=-1)


def random_phases(x: ArrayLike, seed: int) -> np.ndarray:
    r"""Curves multiplied point by point by random phases :math:`e^{i\chi}` that do not wind.

    The winding number of a product is the sum of both winding numbers, so that any phase
    that does not wind leaves it as it is. χ is a turn of the whole curve plus independent
    turns of its points, uniform up to half of what the curve's longest link lacks of half
    a turn: no link can then turn by more than that, and the discrete winding number is kept.
    (Float32 decides about links within 1e-6 of half a turn.)

    Parameters
    ----------
    x : float ndarray, shape (n, L + 1, 2)
        Real and imaginary part of every point, as `windlib.datasets.network_input` gives them.
        Moduli may be any but 0, and stay as they are.
    seed : int
        Seed of the phases, 0 or larger; one seed gives the same phases again.

    Returns
    -------
    float32 ndarray, shape (n, L + 1, 2)

    Raises
    ------
    TrainingDataError
        The inputs have another shape, or there are none.
    ArgumentError
        A number in them is not real or not finite, or `seed` is no whole number from 0 on.
    WindingError
        A curve has no winding number: it has fewer than three links, does not close, passes
        through the origin, or has a link that turns by half a circle.
    """
    x = array("inputs", x, np.float32)
    if x.ndim != 3 or x.shape[2] != 2 or len(x) == 0:
        raise TrainingDataError(
            f"got inputs of shape {x.shape}; expected (n, L + 1, 2) with n >= 1, as "
            "network_input gives"
        )
    closed_curves(x)
    seed = tf.constant([whole("seed", seed, most=2**63 - 1), 0], tf.int64)
    return np.asarray(with_phases(tf.constant(x), largest_phase(x), seed))
