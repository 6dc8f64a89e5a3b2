"""The papers' networks as Keras models: input (n, L + 1, 2), output (n, 1) or (n, classes)."""

import random
import re
from collections.abc import Sequence

from windlib._quiet import keras
from windlib.arguments import ArgumentError, choice, instance, short, whole
from windlib.errors import WindlibError

layers, ops = keras.layers, keras.ops
MOST = 10**4  # links, kernels, neurons, classes: more would not fit into memory


class PrecisionError(WindlibError, RuntimeError):
    """Keras, or a layer, is set to another precision than float32."""


def refuse_other_precision(network: keras.Model | None = None) -> None:
    """Refuse Keras, or a network, that is set to another precision than float32.

    The programs that train and evaluate compute in float32 alone.

    Parameters
    ----------
    network : keras.Model, optional
        Its layers are looked at, too; by default only Keras' own settings are.

    Raises
    ------
    PrecisionError
        Keras' type of floats, its policy, or a layer's type is not float32.
    """
    layers = [] if network is None else network.layers
    kinds = [(keras.config.floatx(), keras.config.dtype_policy().name)]
    kinds += [(layer.compute_dtype, layer.variable_dtype) for layer in layers]
    for kind in kinds:
        if set(kind) != {"float32"}:
            raise PrecisionError(
                f"got Keras, or a layer, set to {' and '.join(sorted({*kind} - {'float32'}))}; "
                "windlib's networks are trained in float32: call keras.config.set_floatx('float32')"
                " and keras.config.set_dtype_policy('float32') before a network is built"
            )


def architecture(network: keras.Model) -> str:
    """A network without its weights, and without the seeds that they came from, as JSON."""
    return re.sub(r'"seed": \d+', '"seed": null', network.to_json())


def _activation(name, value):
    """An activation that Keras knows by this word."""
    if not (isinstance(value, str) and callable(getattr(keras.activations, value, None))):
        raise ArgumentError(
            f"got {name}={short(value)}; expected a word for one of Keras' activations, as 'relu'"
        )
    return value


def xavier_normal(seed: int | None = None) -> keras.initializers.Initializer:
    """Both papers' initial weights: normal, variance 2 / (fan in + fan out), not truncated."""
    seed = None if seed is None else whole("seed", seed)
    return keras.initializers.VarianceScaling(
        scale=1.0, mode="fan_avg", distribution="untruncated_normal", seed=seed
    )


def _drawn_seeds(seed):
    """Function that draws the seed of each initializer, as Keras does after `set_random_seed`.

    With a seed, numbers of its own: other threads may draw from the global ones meanwhile.
    """
    rng = random if seed is None else random.Random(whole("seed", seed, least=None))
    return lambda: rng.randint(1, 10**9)


@ops.custom_gradient
def _sum_of_relus(x, kernel, bias, factors):
    """Σ_i factors_i · relu(kernel_i · x + bias_i) over the rows i, for every column of x.

    Shapes: x (m, n), kernel (rows, m), bias and factors (rows, 1), result (n,). What passes
    a ReLU is linear, so one matrix product gives the gradients of kernel and factors alike,
    in half the time of the derived ones.
    """
    seen = ops.relu(ops.matmul(kernel, x) + bias)
    rows = factors * seen
    for _ in range(2):  # XLA adds halves in the loop that makes the rows; a reduction adds the rest
        if rows.shape[0] % 2 == 0:
            rows = ops.add(*ops.split(rows, 2))

    def gradient(upstream):
        passed = ops.where(seen > 0, upstream, 0.0)
        by_kernel = ops.matmul(passed, ops.transpose(x))
        by_bias = ops.sum(passed, axis=1, keepdims=True)
        by_factors = ops.sum(kernel * by_kernel, axis=1, keepdims=True) + bias * by_bias
        by_x = ops.matmul(ops.transpose(factors * kernel), passed)
        return by_x, factors * by_kernel, factors * by_bias, by_factors

    return ops.sum(rows, axis=0), gradient


@keras.saving.register_keras_serializable("windlib")
class LinkConvolution(keras.layers.Layer):
    """P1's two convolutions in one layer: 2×2 kernels over neighbours, then one 1×1 kernel.

    Each kernel looks at one link, the pair (U(n − 1), U(n)); the 1×1 kernel adds what
    the kernels put out to one number D(n) per link (P1, Eqs. 9 and 10). A 2×2 convolution
    over neighbours is a dense layer over the pairs. It is computed as one wide matrix
    product with the samples last, several times faster on a CPU than a convolution. The
    weights are those of ``Conv2D(kernels, 2)`` followed by ``Conv2D(1, 1)``, in that order
    and in those shapes.

    The input has the shape (n, L + 1, 2), the output the shape (n, L).

    Parameters
    ----------
    kernels : int
        Number of 2×2 kernels, followed by a ReLU.
    link_activation : str
        Activation of D(n): "relu" in both papers; "linear" does not clip.
    kernel_initializer, sum_initializer : keras.Initializer, optional
        Of the 2×2 kernels and of the 1×1 kernel; `xavier_normal` by default.

    Raises
    ------
    ArgumentError
        `kernels` is no whole number from 1 to 10,000.
    """

    def __init__(
        self,
        kernels,
        link_activation="relu",
        kernel_initializer=None,
        sum_initializer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.kernels = whole("kernels", kernels, 1, MOST)
        self.link_activation = keras.activations.get(link_activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer or xavier_normal())
        self.sum_initializer = keras.initializers.get(sum_initializer or xavier_normal())

    def build(self, input_shape):
        shape = (2, 2, 1, self.kernels)
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        self.bias = self.add_weight((self.kernels,), "zeros", name="bias")
        shape = (1, 1, self.kernels, 1)
        self.sum_kernel = self.add_weight(shape, self.sum_initializer, name="sum")
        self.sum_bias = self.add_weight((1,), "zeros", name="sum_bias")

    def call(self, u):
        """D(n) of every link; u holds the curve's unit vectors."""
        links = u.shape[1] - 1
        u = ops.transpose(u, (2, 1, 0))
        pairs = ops.reshape(ops.concatenate([u[:, :-1], u[:, 1:]]), (4, -1))
        kernel = ops.transpose(ops.reshape(self.kernel, (4, self.kernels)))
        factors = ops.reshape(self.sum_kernel, (-1, 1))
        added = _sum_of_relus(pairs, kernel, ops.reshape(self.bias, (-1, 1)), factors)
        d = self.link_activation(added + self.sum_bias)
        return ops.transpose(ops.reshape(d, (links, -1)))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] - 1)

    def get_config(self):
        return {
            **super().get_config(),
            "kernels": self.kernels,
            "link_activation": keras.activations.serialize(self.link_activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "sum_initializer": keras.initializers.serialize(self.sum_initializer),
        }


@keras.saving.register_keras_serializable("windlib")
class Dense(keras.layers.Dense):
    """Keras' dense layer, computed with the samples last, as `LinkConvolution` is.

    In a chain of such layers XLA drops the transpositions, and training is faster. Input
    shape (n, features) only.
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.input_spec = keras.layers.InputSpec(ndim=2, axes={-1: input_shape[-1]})

    def call(self, inputs, training=None):
        sums = ops.matmul(ops.transpose(self.kernel), ops.transpose(inputs))
        if self.use_bias:
            sums += ops.reshape(self.bias, (-1, 1))
        if self.activation is keras.activations.relu:  # its gradient then has the samples last too
            return ops.transpose(self.activation(sums))
        return self.activation(ops.transpose(sums))


def convolutional(
    links: int = 32,
    kernels: int = 40,
    head_units: int = 2,
    link_activation: str = "relu",
    head_activation: str = "relu",
    kernel_fans: str = "convolution",
    n_classes: int = 0,
    seed: int | None = None,
) -> keras.Model:
    """The convolutional network of both papers (P1, Fig. 1; P2, Fig. 2).

    Two convolutions turn the curve into one number D(n) per link (`LinkConvolution`); a
    head of `head_units` neurons and a linear output add them up. 310 parameters at P1's sizes.
    For P2's phase diagrams the output tells classes apart instead.

    Parameters
    ----------
    links : int
        L of the input curves.
    kernels, head_units : int
        40 and 2 in P1; 32 and 2 in P2 for Hatano–Nelson, 32 and 16 for its other models.
    link_activation, head_activation : str
        "relu" in both papers. With "linear" in both places nothing clips after the
        2×2 kernels, and none of the book's runs died or became one-sided.
    kernel_fans : {"convolution", "dense"}
        Whether the 2×2 kernels' initial variance counts the fans of a convolution,
        (4, 4 × kernels), or of a dense layer over a pair, (4, kernels).
    n_classes : int
        With 0, one output, the winding number. Otherwise so many outputs, the probabilities
        of the classes (softmax; P2, Appendix A).
    seed : int, optional
        Of the initial weights: those that follow Keras' `set_random_seed` with this seed.

    Returns
    -------
    keras.Model

    Raises
    ------
    ArgumentError
        A size is no whole number in its range: `links` from 2 on, `kernels` and `head_units` from 1
        on, `n_classes` 0 or from 2 on, all up to 10,000. Or an activation is none of Keras', or
        `kernel_fans` none of its two words, or `seed` no whole number.
    PrecisionError
        Keras' global type of floats, or its policy, is not float32.

    Examples
    --------
    >>> convolutional().count_params(), convolutional(kernels=32).count_params()
    (310, 262)
    >>> convolutional(kernels=32, head_units=16, n_classes=3).output_shape
    (None, 3)
    """
    refuse_other_precision()
    links = whole("links", links, 2, MOST)
    kernels = whole("kernels", kernels, 1, MOST)
    head_units = whole("head_units", head_units, 1, MOST)
    _activation("link_activation", link_activation)
    _activation("head_activation", head_activation)
    choice("kernel_fans", kernel_fans, ("convolution", "dense"))
    n_classes = whole("n_classes", n_classes, most=MOST)
    if n_classes == 1:
        raise ArgumentError("got n_classes=1; expected 0 for one linear output, or at least 2")
    draw = _drawn_seeds(seed)
    first = xavier_normal(draw())
    if kernel_fans == "dense":  # the seed drawn above is lost, as it was for the archived runs
        first = keras.initializers.RandomNormal(stddev=(2 / (4 + kernels)) ** 0.5, seed=draw())
    u = keras.Input((links + 1, 2), name="curve")
    d = LinkConvolution(kernels, link_activation, first, xavier_normal(draw()), name="links")(u)
    initial = xavier_normal(draw())
    f = Dense(head_units, head_activation, kernel_initializer=initial, name="head")(d)
    size, activation = (n_classes, "softmax") if n_classes else (1, None)
    initial = xavier_normal(draw())
    w = Dense(size, activation, kernel_initializer=initial, name="winding")(f)
    return keras.Model(u, w, name="convolutional")


def fully_connected(
    links: int = 32,
    widths: Sequence[int] = (40, 32, 2),
    initial_weights: str = "xavier",
    seed: int | None = None,
) -> keras.Model:
    """A fully-connected ReLU network; with no widths, the linear model of P1's SSH section.

    Parameters
    ----------
    links : int
        L of the input curves.
    widths : sequence of int
        Neurons in each hidden layer: (40, 32, 2) in P1, 4061 parameters; (32, 2) in P2.
    initial_weights : {"xavier", "zeros"}
        Initial weights. From zeros only the linear model learns.
    seed : int, optional
        Of the initial weights: those that follow Keras' `set_random_seed` with this seed.

    Returns
    -------
    keras.Model

    Raises
    ------
    ArgumentError
        `links` is no whole number from 2 to 10,000, `widths` no sequence of whole numbers from 1 to
        10,000, `initial_weights` none of its two words, or `seed` no whole number. Or hidden
        layers would begin with zeros.
    PrecisionError
        As `convolutional`.

    Examples
    --------
    >>> fully_connected().count_params()
    4061
    >>> fully_connected(widths=()).count_params()
    67
    """
    refuse_other_precision()
    links = whole("links", links, 2, MOST)
    if not isinstance(widths, tuple | list | range):
        raise ArgumentError(f"got widths={short(widths)}; expected a tuple, such as (40, 32, 2)")
    widths = tuple(whole("a width", width, 1, MOST) for width in widths)
    choice("initial_weights", initial_weights, ("xavier", "zeros"))
    if widths and initial_weights == "zeros":
        raise ArgumentError(
            f"got initial_weights='zeros' with widths={short(widths)}; from zeros only the "
            "network without hidden layers learns: give 'xavier'"
        )

    draw = _drawn_seeds(seed)

    def initial():  # one for each layer: used twice, it draws the same numbers twice
        return xavier_normal(draw()) if initial_weights == "xavier" else "zeros"

    u = keras.Input((links + 1, 2), name="curve")
    x = layers.Flatten(name="flat")(u)
    for i, width in enumerate(widths, 1):
        x = Dense(width, "relu", kernel_initializer=initial(), name=f"hidden{i}")(x)
    w = Dense(1, kernel_initializer=initial(), name="winding")(x)
    return keras.Model(u, w, name="fully_connected")


def to_keras_layers(network: keras.Model) -> keras.Sequential:
    """The same network made of Keras' own layers: saved, it opens anywhere without windlib.

    It has the same inputs, outputs and weights, in the same order, and is slower on a CPU. A
    network with windlib's own layers can be saved as well; ``keras.models.load_model`` opens it
    wherever windlib has been imported.

    Parameters
    ----------
    network : keras.Model
        From `convolutional` or `fully_connected`.

    Returns
    -------
    keras.Sequential

    Raises
    ------
    ArgumentError
        It is no built Keras model, or has other layers than those two functions make.

    Examples
    --------
    >>> [layer.name for layer in to_keras_layers(convolutional()).layers]
    ['image', 'kernels', 'links', 'flat', 'head', 'winding']
    """
    instance("network", network, keras.Model, "a network of windlib.networks")
    if not (network.built and isinstance(network.input_shape, tuple)):
        raise ArgumentError("got a network that knows no input shape; expected a built one")
    parts = [keras.Input(network.input_shape[1:], name="curve")]
    for layer in network.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        if isinstance(layer, LinkConvolution):
            parts += [
                layers.Reshape((*network.input_shape[1:], 1), name="image"),
                layers.Conv2D(layer.kernels, 2, activation="relu", name="kernels"),
                layers.Conv2D(1, 1, activation=layer.link_activation, name=layer.name),
                layers.Flatten(name="flat"),
            ]
        elif isinstance(layer, layers.Dense):
            parts.append(layers.Dense(layer.units, layer.activation, name=layer.name))
        elif isinstance(layer, layers.Flatten):
            parts.append(layers.Flatten(name=layer.name))
        else:
            raise ArgumentError(
                f"got a network with a layer {type(layer).__name__}; expected one of "
                "windlib.networks"
            )
    same = keras.Sequential(parts, name=network.name)
    same.set_weights(network.get_weights())
    return same
