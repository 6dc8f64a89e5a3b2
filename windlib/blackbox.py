"""What a convolutional network of the book does with a curve, read from its weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib import networks
from windlib.arguments import ArgumentError, real, reals, whole
from windlib.errors import WindlibError


class ArchitectureError(WindlibError, ValueError):
    """The network has not the layers, or not the output, that are read."""


def _layers(network, *names, outputs=None):
    """Layers of a network of `windlib.networks.convolutional`, by their names."""
    found = {layer.name: layer for layer in getattr(network, "layers", ())}
    if not (
        set(names) <= found.keys() and isinstance(found["links"], networks.LinkConvolution)
    ) or (outputs and network.output_shape[1:] != (outputs,)):
        end = f", with outputs of shape {network.output_shape}" if found else ""
        raise ArchitectureError(
            f"got a network of type {type(network).__name__} with the layers {list(found)}{end}; "
            "expected one of windlib.networks.convolutional"
            f"{', with one output, the winding number' if outputs else ''}"
        )
    return [found[name] for name in names]


def link_response(network: Any, phi: ArrayLike, dphi: ArrayLike) -> np.ndarray:
    """What a network's convolutions make of one link: D(φ, Δφ) of P1's Fig. 3.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks.convolutional`.
    phi, dphi : float ndarray
        Angle of the link's first point and angle by which it turns, in radians; broadcast.

    Returns
    -------
    ndarray
        D of the link from (cos φ, sin φ) to (cos(φ + Δφ), sin(φ + Δφ)) (P1, Eq. 14).

    Raises
    ------
    ArchitectureError
        The network is none of `windlib.networks.convolutional`.
    ArgumentError
        An angle is not a finite real number, or the shapes do not fit.
    """
    (links,) = _layers(network, "links")
    phi, dphi = reals(phi=phi, dphi=dphi)
    angles = np.stack([phi, phi + dphi], axis=-1).reshape(-1, 2)
    u = np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype(np.float32)
    return np.asarray(links(u), float).reshape(phi.shape)


@dataclass(frozen=True)
class Anatomy:
    """A convolutional network taken as D ≈ a + bΔφ and a head that adds.

    Attributes
    ----------
    offset : float
        a of the affine function a + bΔφ nearest to D over all φ and |Δφ| ≤ 0.8π. With L > 32
        links, |Δφ| ≤ 0.8π · 32/L: finer links turn by less.
    slope : float
        b, per radian.
    nonlinearity : float
        Root mean square of what is left of the mean of D over φ, in units of 2π|b|: how
        far D is from affine.
    angle_dependence : float
        Root mean square of D minus its mean over φ, in the same units: how far D is from
        independent of φ.
    clips_at : ndarray
        For each neuron, the winding number at which the sum that it sees is 0: a ReLU clips
        beyond it. Of no meaning for a head without ReLU.
    """

    offset: float
    slope: float
    nonlinearity: float
    angle_dependence: float
    clips_at: np.ndarray


def _sums(network, offset, slope, winding):
    """The neurons' sums F̃ (P1, Eq. 11), were every D of a curve as the affine function says."""
    weights, bias = _layers(network, "head", "links")[0].get_weights()
    (winding,) = reals(2.0**31, winding=winding)
    turned = 2 * np.pi * winding[..., None] * weights.mean(axis=0)
    return offset * weights.sum(axis=0) + slope * turned + bias


def anatomy(network: Any) -> Anatomy:
    """Fit a network's link response and find where its head clips.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks.convolutional`.

    Returns
    -------
    Anatomy

    Raises
    ------
    ArchitectureError
        As `link_response`.
    """
    phi = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    links = len(_layers(network, "head")[0].get_weights()[0])
    dphi = np.linspace(-0.8, 0.8, 65) * np.pi * min(1, 32 / links)
    d = link_response(network, phi[:, None], dphi)
    slope, offset = np.polyfit(dphi, d.mean(axis=0), 1)
    unit = 2 * np.pi * abs(slope)
    with np.errstate(divide="ignore", invalid="ignore"):  # a dead network has no slope
        nonlinearity = np.sqrt(np.mean((d.mean(axis=0) - offset - slope * dphi) ** 2)) / unit
        angle_dependence = np.sqrt(np.mean((d - d.mean(axis=0)) ** 2)) / unit
        at_zero, at_one = _sums(network, offset, slope, [0, 1])
        clips_at = -at_zero / (at_one - at_zero)
    return Anatomy(offset, slope, nonlinearity, angle_dependence, clips_at)


def neuron_outputs(network: Any, winding: ArrayLike) -> np.ndarray:
    r"""What each neuron of the head adds to w̃ at a winding number, from the weights alone.

    Takes every D(n) as the affine function a + bΔφ nearest to it, and the turns as evenly
    spread over the links; then the sum of the Δφ is 2πw, whatever the curve.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks.convolutional`, with one output.
    winding : array_like, shape (n,)
        Winding numbers w to ask for; they need not be whole, nor have been in the training data.

    Returns
    -------
    ndarray, shape (n, neurons)
        :math:`P_\eta f(\tilde F_\eta)` of P1's Eq. 13, dimensionless as w̃.

    Raises
    ------
    ArchitectureError
        The network is none of `windlib.networks.convolutional` with one output.
    ArgumentError
        A winding number is not a finite real number, or larger than 2³¹.
    """
    _, head, last = _layers(network, "links", "head", "winding", outputs=1)
    parts = anatomy(network)
    sums = _sums(network, parts.offset, parts.slope, winding)
    return np.asarray(head.activation(sums)) * last.get_weights()[0][:, 0]


def predicted_output(network: Any, winding: ArrayLike) -> np.ndarray:
    """Output w̃ for a winding number, from the weights alone (see `neuron_outputs`).

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks.convolutional`, with one output.
    winding : array_like, shape (n,)
        Winding numbers w to ask for; they need not be whole, nor have been in the training data.

    Returns
    -------
    ndarray, shape (n,)
        w̃ at each w, dimensionless.

    Raises
    ------
    ArchitectureError, ArgumentError
        As `neuron_outputs`.
    """
    found = neuron_outputs(network, winding).sum(axis=-1)
    return found + network.get_layer("winding").get_weights()[1][0]


def predicted_fate(network: Any, within: float = 0.5) -> str:
    """Fate of a network on winding numbers up to ±4, from its weights alone.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks.convolutional`, with one output.
    within : float
        A winding number is missed where `predicted_output` is this far from it, or further; a
        half at most, where the output begins to be rounded to another integer.

    Returns
    -------
    {"good", "one-sided", "dead"}
        "dead" where a winding number with |w| ≤ 2 is missed; "one-sided" where one with
        |w| = 3 or 4 is; else "good". (A network that clips within |w| < 2 is "dead" here and
        may be "one-sided" by its accuracies.)
    """
    winding, within = np.arange(-4, 5), real("within", within, 0, 0.5)
    missed = ~(np.abs(predicted_output(network, winding) - winding) < within)
    if missed[np.abs(winding) <= 2].any():
        return "dead"
    return "one-sided" if missed.any() else "good"


def by_hand(
    links: int = 32, knots: int = 8, directions: int = 5, width: float = 0.01, head_units: int = 2
) -> Any:
    r"""P1's convolutional network with weights that were calculated, not trained.

    Each kernel reads one link as

    .. math:: 2 \sin\frac{\Delta\varphi - x}{2} \,
              \cos\left( \varphi + \frac{\Delta\varphi}{2} - \theta \right).

    Summed through its ReLU over `directions` evenly spaced θ this gives |sin((Δφ − x)/2)|, times
    one function of φ + Δφ/2 that is nearly constant. As a function g of Δφ, that modulus solves

    .. math:: g'' + \frac{g}{4} = \delta(\Delta\varphi - x)

    on the circle. So sums over knots x make any periodic function of Δφ; here it is the one that
    equals Δφ at every knot. All D(n) and their sum stay positive, and no ReLU after the kernels
    clips.

    Parameters
    ----------
    links : int
        D is read to within 3 %, so that larger |w| on more links take more knots: the
        defaults serve |w| ≤ 15 on 32 links, 16 knots |w| ≤ 31 on 64.
    knots : int
        Evenly spaced from −π + `width` to π − `width`. Even, since a knot at 0 would get
        the coefficient 0; with fewer than 4, D is far from straight.
    directions : int
        Odd. There are knots × directions kernels: 40 as in P1, with the defaults.
    width : float
        An angle in radians, above 0 and below 1: links that turn by more than π − `width` are
        misread.
    head_units : int
        Only the first is used; the others' weights are 0.

    Returns
    -------
    keras.Model
        From `windlib.networks.convolutional`.

    Raises
    ------
    ArgumentError
        A number is out of its range, `knots` is odd, or `directions` even.
    PrecisionError
        As `windlib.networks.convolutional`.

    Examples
    --------
    >>> import numpy as np
    >>> k = np.linspace(0, 2 * np.pi, 33)
    >>> circle = np.stack([np.cos(3 * k), np.sin(3 * k)], axis=-1)[None].astype("float32")
    >>> round(float(by_hand()(circle)[0, 0]))
    3
    """
    links = whole("links", links, 2, networks.MOST)
    head_units = whole("head_units", head_units, 1, networks.MOST)
    knots, directions = whole("knots", knots, 2, 999), whole("directions", directions, 3, 999)
    width = real("width", width)
    if knots % 2 or not directions % 2 or not 0 < width < 1:
        raise ArgumentError(
            f"got knots={knots}, directions={directions}, width={width}; expected knots even, "
            "directions odd, and 0 < width < 1"
        )
    x = np.linspace(-np.pi + width, np.pi - width, knots)
    coefficients = np.linalg.solve(np.abs(np.sin((x[:, None] - x) / 2)), x)
    theta = 2 * np.pi * np.arange(directions) / directions
    x, theta = (v.ravel() for v in np.meshgrid(x, theta, indexing="ij"))
    first, second = theta - x / 2, theta + x / 2  # sin(φ + Δφ − second) − sin(φ − first)
    kernel = np.array([np.sin(first), -np.cos(first), -np.sin(second), np.cos(second)])

    network = networks.convolutional(links, knots * directions, head_units)
    sum_kernel = np.repeat(coefficients, directions) * np.pi / (2 * directions)
    head = np.zeros((links, head_units))
    head[:, 0] = 1 / (2 * np.pi)
    out = np.zeros((head_units, 1))
    out[0] = 1
    offset = 1.25 * np.pi  # a little above the largest |Δφ| that D can stand for
    kernels = knots * directions
    network.set_weights(
        [
            kernel.reshape(2, 2, 1, kernels),
            np.zeros(kernels),
            sum_kernel.reshape(1, 1, kernels, 1),
            np.array([offset]),
            head,
            np.zeros(head_units),
            out,
            np.array([-links * offset / (2 * np.pi)]),
        ]
    )
    return network
