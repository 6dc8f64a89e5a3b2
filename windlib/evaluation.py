"""From a network to numbers: outputs, loss and accuracy, and the checks of what goes in."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from windlib import arguments
from windlib._quiet import keras, tf
from windlib.arguments import short, whole
from windlib.datasets import TrainingDataError, closed_curves
from windlib.errors import WindlibError
from windlib.networks import architecture, refuse_other_precision

_PART = 1000  # curves; what a layer makes of more leaves the processor's caches
_PARTS = 10  # in one call, which costs as much as a part or two


class NetworkError(WindlibError, ValueError):
    """The network is none that `fit` can train, or its outputs are not what is asked for."""


class DivergedError(WindlibError, ArithmeticError):
    """The loss, or an output of the network, is NaN or infinite."""


def network_shapes(network: keras.Model) -> tuple[tuple[int, ...], int]:
    """Shape of one input of a network, and number of its outputs."""
    built = isinstance(network, keras.Model) and network.built
    shapes: tuple = (network.input_shape, network.output_shape) if built else ()
    if not built or not all(isinstance(shape, tuple) and None not in shape[1:] for shape in shapes):
        raise NetworkError(
            f"got a network of type {type(network).__name__}; expected a keras.Model that was "
            "made from layers and knows its one input's and its one output's shape, as those of "
            "windlib.networks do"
        )
    if len(shapes[1]) != 2:
        raise NetworkError(
            f"got a network with outputs of shape {shapes[1]}; expected (n, 1) or (n, classes)"
        )
    refuse_other_precision(network)
    return shapes[0][1:], shapes[1][1]


def checked_inputs(name: str, network: keras.Model, x: ArrayLike) -> np.ndarray:
    """Network inputs as float32, after the checks that `winding_number` makes of a curve."""
    shape, _ = network_shapes(network)
    x = arguments.array(f"{name} inputs", x, np.float32)
    if x.shape[1:] != shape or len(x) == 0:
        raise TrainingDataError(
            f"got {name} inputs of shape {x.shape}; expected (n, {', '.join(map(str, shape))}) "
            "with n >= 1"
        )
    if len(shape) == 2 and shape[1] == 2:
        closed_curves(x)
    return x


def checked_labels(name: str, winding: ArrayLike, n: int) -> np.ndarray:
    y = arguments.array(f"{name} labels", winding, np.float32)
    if y.shape != (n,):
        raise TrainingDataError(f"got {name} labels of shape {y.shape}; expected ({n},)")
    return y


def checked_data(
    name: str, network: keras.Model, x: ArrayLike, y: ArrayLike, classes: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    x = checked_inputs(name, network, x)
    y = checked_labels(name, y, len(x))
    if not classes:
        return x, y[:, None]
    is_class = y[:, None] == np.asarray(classes)
    if not is_class.any(axis=1).all():
        raise TrainingDataError(
            f"got the {name} label {y[is_class.any(axis=1).argmin()]:g}; expected one of the "
            f"classes {', '.join(map(short, classes))}"
        )
    return x, is_class.astype(np.float32)


def checked_classes(network: keras.Model, classes: Any) -> tuple[int, ...]:
    """Winding numbers that the outputs stand for, as a tuple; empty for a single output."""
    kinds = tuple | list | range | np.ndarray
    arguments.instance("classes", classes, kinds, "a tuple of winding numbers")
    classes = classes.ravel() if isinstance(classes, np.ndarray) else classes
    classes = tuple(whole("a class", w, least=None) for w in classes)
    n = network_shapes(network)[1]
    if n != (len(classes) or 1) or len(set(classes)) != len(classes):
        raise NetworkError(
            f"got classes={short(classes)} for a network with {n} outputs; expected one winding "
            "number an output, none twice, or none at all for a single output"
        )
    return classes


def outputs(network: keras.Model, x: ArrayLike) -> np.ndarray:
    """The network's real-valued outputs: w̃, or the probability of each class.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks`, or any Keras model with outputs of shape (n, 1) or (n, classes).
    x : float ndarray, shape (n, L + 1, 2)
        Curves, as `windlib.datasets.network_input` gives them.

    Returns
    -------
    float32 ndarray, shape (n,) or (n, classes)
        Dimensionless; shape (n,) for a network with one output.

    Raises
    ------
    NetworkError
        It is no Keras model, or has other inputs or outputs.
    PrecisionError
        Keras, or a layer, is set to another precision than float32.
    TrainingDataError
        The inputs have another shape than the network reads, or there are none.
    ArgumentError
        A number in the inputs is not real or not finite.
    WindingError
        A curve among the inputs does not close, or passes through the origin.
    DivergedError
        An output is NaN or infinite.
    """
    x = checked_inputs("given", network, x)
    forward = _forward(architecture(network))
    weights = [v.value for v in network.trainable_variables]
    states = [v.value for v in network.non_trainable_variables]
    many = len(x) - len(x) % (_PARTS * _PART)
    starts = [*range(0, many, _PARTS * _PART), *range(many, len(x), _PART), len(x)]
    parts = [forward(weights, states, x[i:j]) for i, j in pairwise(starts)]
    found = np.concatenate(parts)[: len(x)]
    if not np.isfinite(found).all():
        raise DivergedError(
            f"the network's outputs for {np.count_nonzero(~np.isfinite(found).all(axis=1))} of "
            f"{len(x)} inputs are not finite; train it anew, with a lower learning_rate="
        )
    return found[:, 0] if found.shape[1] == 1 else found


@lru_cache(maxsize=32)
def _forward(architecture):
    """Compiled outputs of an architecture, for any weights: compiling takes longer than running.

    Compiled again for each number of parts, which `outputs` asks for only one or `_PARTS` of; the
    last part is filled up with zeros.
    """
    network = keras.models.model_from_json(architecture)

    @tf.function(jit_compile=True, autograph=False)
    def compiled(weights, states, parts):
        def one(part):
            return network.stateless_call(weights, states, part)[0]

        return tf.map_fn(one, parts, fn_output_signature=tf.float32)

    def forward(weights, states, x):
        filled = np.pad(x, [(0, -len(x) % _PART)] + [(0, 0)] * (x.ndim - 1))
        found = compiled(weights, states, filled.reshape(-1, _PART, *x.shape[1:])).numpy()
        return found.reshape(len(filled), -1)

    return forward


def loss(
    network: keras.Model, x: ArrayLike, winding: ArrayLike, classes: Sequence[int] = ()
) -> float:
    r"""The loss that `fit` reports for validation data, calculated anew in double precision.

    For a network with one output it is the mean squared error; for one that tells classes apart,
    the cross-entropy (P2, Eqs. 11 and 18, with the natural logarithm):

    .. math:: \frac{1}{n} \sum_{i=1}^{n} (\tilde w_i - w_i)^2 \qquad \text{or} \qquad
              -\frac{1}{n} \sum_{i=1}^{n} \ln p_i,

    where :math:`p_i` is the probability of the right class, at least 1e-7. What a layer's own
    regularizer adds is left out.

    Parameters
    ----------
    network : keras.Model
        As in `outputs`.
    x : float ndarray, shape (n, L + 1, 2)
        As in `outputs`.
    winding : ndarray, shape (n,)
        The right winding numbers.
    classes : sequence of int
        The winding number that each output stands for, in their order; empty, the default, for a
        network with one output.

    Returns
    -------
    float
        Dimensionless.

    Raises
    ------
    NetworkError
        `classes` does not fit the network's outputs, or as in `outputs`.
    TrainingDataError
        There is not one label for each input, one is none of the classes, or as in `outputs`.
    ArgumentError
        `classes` or a label is no number of the right kind, or as in `outputs`.
    PrecisionError, WindingError, DivergedError
        As in `outputs`.
    """
    classes = checked_classes(network, classes)
    x, y = checked_data("given", network, x, winding, classes)
    found = outputs(network, x).astype(float)
    if classes:
        return float(-np.log(np.maximum((found * y).sum(axis=1), 1e-7)).mean())
    return float(np.mean((found - y[:, 0]) ** 2))


def accuracy(network: keras.Model, x: ArrayLike, winding: ArrayLike) -> float:
    r"""Share of inputs, in percent, whose output is nearest to the winding number (P1).

    An output counts as right where the integer nearest to it is the winding number:

    .. math:: \text{accuracy} = \frac{100}{n} \,
              \#\{ i : \operatorname{round}(\tilde w_i) = w_i \}.

    A network that tells classes apart is refused: `windlib.runs.experiments.Run.predict` gives the
    winding numbers of such a one.

    Parameters
    ----------
    network : keras.Model
        As in `outputs`, with one output.
    x : float ndarray, shape (n, L + 1, 2)
        As in `outputs`.
    winding : ndarray, shape (n,)
        The right winding numbers, whole.

    Returns
    -------
    float
        From 0 to 100.

    Raises
    ------
    NetworkError
        The network has several outputs, or as in `outputs`.
    TrainingDataError
        There is not one label for each input, one is not whole, or as in `outputs`.
    ArgumentError, PrecisionError, WindingError, DivergedError
        As in `outputs`.
    """
    checked_classes(network, ())
    found = outputs(network, x)
    winding = checked_labels("given", winding, len(found))
    if (winding != np.rint(winding)).any():
        raise TrainingDataError("got labels that are not whole; expected winding numbers")
    return 100 * float(np.mean(np.rint(found) == winding))
