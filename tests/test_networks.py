"""The papers' networks: their sizes, their arithmetic, their first weights."""

import random
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from windlib import blackbox
from windlib.arguments import ArgumentError
from windlib.networks import (
    Dense,
    LinkConvolution,
    convolutional,
    fully_connected,
    to_keras_layers,
)


@pytest.fixture
def u():
    """Unit vectors along seven closed curves of 32 links."""
    phase = 2 * np.pi * np.random.default_rng(1).random((7, 33))
    phase[:, -1] = phase[:, 0]
    return np.stack([np.cos(phase), np.sin(phase)], axis=-1).astype(np.float32)


def randomize(network):
    """Weights without special values: zero biases would hide a wrong one."""
    rng = np.random.default_rng(2)
    network.set_weights([rng.normal(size=w.shape) for w in network.weights])
    return network


@pytest.mark.parametrize(
    ("network", "count"),
    [
        (convolutional, 310),  # P1
        (fully_connected, 4061),
        (lambda: convolutional(kernels=32), 262),  # P2
        (lambda: fully_connected(widths=(32, 2)), 2213),
        (lambda: fully_connected(widths=[]), 67),  # a weight for each of 33 × 2 inputs, and one
        (lambda: fully_connected(links=2, widths=[]), 7),
        (lambda: convolutional(link_activation="linear", head_activation="linear"), 310),
        # 32·5 + 33 for the links, 33·16 for the head, 17·3 for the classes
        (lambda: convolutional(kernels=32, head_units=16, n_classes=3), 772),
    ],
)
def test_number_of_weights(network, count):
    assert network().count_params() == count


@pytest.mark.parametrize("kernels", [1, 2, 3, 6, 40])  # halved not at all, once, twice
def test_gradients_are_those_of_two_convolutions(u, kernels):
    ours = randomize(convolutional(kernels=kernels, head_activation="linear"))
    theirs = keras.Sequential(
        [
            keras.Input((33, 2, 1)),
            layers.Conv2D(kernels, 2, activation="relu"),
            layers.Conv2D(1, 1, activation="relu"),
            layers.Flatten(),
            layers.Dense(2),
            layers.Dense(1),
        ]
    )
    theirs.set_weights(ours.get_weights())
    gradients = []
    for network, shape in ((ours, u.shape), (theirs, (*u.shape, 1))):
        x = tf.constant(u.reshape(shape))
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(network(x) ** 2)
        of_x, *rest = tape.gradient(loss, [x, *network.trainable_variables])
        gradients.append([tf.reshape(of_x, u.shape), *rest])
    for found, expected in zip(*gradients, strict=True):
        assert np.abs(expected).max() > 0
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-4 * np.abs(expected).max())


def test_classes_are_a_softmax_over_the_same_head(u):
    network = randomize(convolutional(kernels=3, head_units=4, n_classes=3))
    p = np.asarray(network(u))
    assert p.shape == (7, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    links = np.asarray(network.get_layer("links")(u))
    (head, head_bias), (last, last_bias) = (
        network.get_layer(name).get_weights() for name in ("head", "winding")
    )
    logits = np.maximum(links @ head + head_bias, 0) @ last + last_bias
    expected = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(p, expected / expected.sum(axis=1, keepdims=True), rtol=1e-4)


@pytest.mark.parametrize("classes", [1, -2, 3.0, True])
def test_one_class_is_no_choice(classes):
    with pytest.raises(ArgumentError, match=f"got n_classes={classes}; expected .*0"):
        convolutional(n_classes=classes)


@pytest.mark.parametrize(
    ("build", "name", "value"),
    [
        *((convolutional, "links", value) for value in (1, 4.0, "4", None)),
        *((convolutional, name, 0) for name in ("kernels", "head_units")),
        *((convolutional, name, "steep") for name in ("link_activation", "head_activation")),
        *((build, "seed", 1.5) for build in (convolutional, fully_connected)),
        *((fully_connected, "widths", value) for value in (3, "12", None)),
        *((convolutional, name, 2**64) for name in ("links", "kernels", "head_units", "n_classes")),
        (fully_connected, "links", 2**64),
        *((blackbox.by_hand, name, 10_001) for name in ("links", "head_units")),
        (fully_connected, "links", 1),
        (LinkConvolution, "kernels", 2.5),
    ],
)
def test_sizes_and_words_are_checked(build, name, value):
    with pytest.raises(ArgumentError, match=f"got {name}={value!r}; expected a "):
        build(**{name: value})


def test_widths_are_whole():
    with pytest.raises(ArgumentError, match=r"got a width=2\.5; expected a whole number"):
        fully_connected(widths=(3, 2.5))
    with pytest.raises(ArgumentError, match=r"got a width=10001; expected .* from 1 to 10,000"):
        fully_connected(widths=(3, 10_001))
    assert fully_connected(np.int64(4), [np.int64(3)]).count_params() == 37


@pytest.mark.parametrize("link_activation", ["relu", "linear"])
@pytest.mark.parametrize("head_activation", ["relu", "linear"])
def test_convolutional_is_two_convolutions_and_a_head(u, link_activation, head_activation):
    ours = randomize(
        convolutional(link_activation=link_activation, head_activation=head_activation)
    )
    theirs = keras.Sequential(
        [
            keras.Input((33, 2, 1)),
            layers.Conv2D(40, 2, activation="relu"),
            layers.Conv2D(1, 1, activation=link_activation),
            layers.Flatten(),
            layers.Dense(2, head_activation),
            layers.Dense(1),
        ]
    )
    theirs.set_weights(ours.get_weights())
    expected = np.asarray(theirs(u[..., None]))
    assert np.ptp(expected) > 1
    np.testing.assert_allclose(ours(u), expected, rtol=1e-4, atol=1e-3)


def test_fully_connected_is_a_chain_of_products(u):
    network = randomize(fully_connected())
    w1, b1, w2, b2, w3, b3, w4, b4 = (w.astype(float) for w in network.get_weights())
    x = u.reshape(7, 66).astype(float)
    for w, b in [(w1, b1), (w2, b2), (w3, b3)]:
        x = np.maximum(x @ w + b, 0)
    np.testing.assert_allclose(network(u), x @ w4 + b4, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("activation", ["relu", "softmax", "linear", None, "tanh"])
def test_dense_is_keras_dense(u, activation, use_bias):
    x = tf.constant(u[:, :, 0])
    found = []
    for kind in (Dense, layers.Dense):
        layer = kind(3, activation, use_bias=use_bias)
        layer.build(x.shape)
        randomize(layer)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            square = tf.reduce_sum((y - 1) ** 2)
        found.append([y, *tape.gradient(square, [x, *layer.trainable_variables])])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


def test_dense_takes_features_alone():
    with pytest.raises(ValueError, match="expected ndim=2"):
        Dense(3)(keras.Input((33, 2)))


def test_every_link_is_treated_alike(u):
    # Started elsewhere on the closed curve, D(n) only moves along.
    layer = LinkConvolution(5, "linear")
    layer.build(u.shape)
    randomize(layer)
    d = np.asarray(layer(u))
    assert d.shape == (7, 32) == layer.compute_output_shape(u.shape)
    shifted = np.roll(u[:, :-1], -3, axis=1)
    shifted = np.concatenate([shifted, shifted[:, :1]], axis=1)
    np.testing.assert_allclose(layer(shifted), np.roll(d, -3, axis=1), atol=1e-5)
    assert np.ptp(d) > 1


def test_the_link_activation_clips(u):
    layers_ = [LinkConvolution(5, activation) for activation in ("relu", "linear")]
    for layer in layers_:
        layer.build(u.shape)
        randomize(layer)
    clipped, free = (np.asarray(layer(u)) for layer in layers_)
    assert (free < 0).any()
    np.testing.assert_allclose(clipped, np.maximum(free, 0), atol=1e-5)


@pytest.mark.parametrize(
    ("fans", "variance"),
    [("convolution", 2 / (4 + 4 * 3000)), ("dense", 2 / (4 + 3000))],
)
def test_initial_kernels_are_xavier_normal(fans, variance):
    keras.utils.set_random_seed(3)
    network = convolutional(links=3, kernels=3000, head_units=4000, kernel_fans=fans)
    kernel, bias, total, total_bias, head, head_bias, _, last_bias = network.get_weights()
    for w, expected in [(kernel, variance), (total, 2 / 3001), (head, 2 / 4003)]:
        standard = w.ravel() / np.sqrt(expected)
        n = standard.size
        assert abs(standard.mean()) < 5 / np.sqrt(n)
        assert abs(standard.var() - 1) < 5 * np.sqrt(2 / n)
        # A normal's share beyond 2.5 standard deviations: none is left of a truncated one.
        assert abs((np.abs(standard) > 2.5).mean() - 0.01242) < 5 * np.sqrt(0.01242 / n)
    for b in (bias, total_bias, head_bias, last_bias):
        assert not b.any()


def test_initial_dense_weights_are_xavier_normal():
    keras.utils.set_random_seed(4)
    for layer in fully_connected(widths=(300, 200)).layers[2:]:
        w, b = layer.get_weights()
        assert abs(w.var() * sum(w.shape) / 2 - 1) < 5 * np.sqrt(2 / w.size)
        assert not b.any()


def test_only_the_linear_model_may_start_from_zeros():
    assert not any(
        w.any() for w in fully_connected(widths=[], initial_weights="zeros").get_weights()
    )
    for options in ({"initial_weights": "zeros"}, {"widths": [], "initial_weights": "ones"}):
        with pytest.raises(ValueError, match=f"got initial_weights='{options['initial_weights']}'"):
            fully_connected(**options)


def test_initial_weights_follow_the_seed():
    def weights(seed):
        keras.utils.set_random_seed(seed)
        return np.concatenate([w.ravel() for w in convolutional().get_weights()])

    np.testing.assert_array_equal(weights(1), weights(1))
    assert (weights(1) != weights(2)).sum() > 200


# TensorFlow's variables, as Keras writes them, do not know NumPy 2's copy= yet.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
@pytest.mark.parametrize(
    "network",
    [
        lambda: convolutional(kernels=3),
        lambda: convolutional(kernels=3, link_activation="linear", kernel_fans="dense"),
        fully_connected,
    ],
)
def test_saved_networks_come_back(u, tmp_path, network):
    network = randomize(network())
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(again(u), network(u))
    for one, two in zip(network.layers, again.layers, strict=True):
        assert one.name == two.name
        assert one.get_config() == two.get_config()


@pytest.mark.parametrize("build", [convolutional, fully_connected])
def test_a_seed_gives_the_weights_of_keras_global_one_whatever_others_draw(build):
    keras.utils.set_random_seed(8)
    expected = build().get_weights()
    random.seed(1)
    before = random.getstate()
    for one, two in zip(build(seed=8).get_weights(), expected, strict=True):
        np.testing.assert_array_equal(one, two)
    assert random.getstate() == before


def test_unknown_fans():
    with pytest.raises(ValueError, match="got kernel_fans='pair'"):
        convolutional(kernel_fans="pair")


def test_layers_begin_with_different_numbers():
    # One Keras initializer draws the same numbers each time it is used.
    keras.utils.set_random_seed(0)
    wide = fully_connected(widths=(40, 66, 40)).get_weights()
    first, third = wide[0] / wide[0].std(), wide[4] / wide[4].std()
    assert first.shape == third.shape
    assert abs(np.corrcoef(first.ravel(), third.ravel())[0, 1]) < 0.1


# --- Keras' own layers ---------------------------------------------------------------------------

BOOKS = {
    "P1's": convolutional,
    "nothing clips": lambda: convolutional(link_activation="linear", head_activation="linear"),
    "P2's": lambda: convolutional(kernels=32, link_activation="softplus", head_activation="linear"),
    "classes": lambda: convolutional(kernels=32, head_units=16, n_classes=3),
    "fully connected": fully_connected,
    "linear": lambda: fully_connected(widths=()),
}


@pytest.mark.parametrize("build", BOOKS.values(), ids=BOOKS)
def test_keras_own_layers_give_the_same_outputs(u, build):
    ours = randomize(build())
    theirs = to_keras_layers(ours)
    assert {type(layer).__module__.split(".")[0] for layer in theirs.layers} == {"keras"}
    assert not {Dense, LinkConvolution} & {type(layer) for layer in theirs.layers}
    assert theirs.count_params() == ours.count_params()
    assert theirs.input_shape == ours.input_shape
    expected = np.asarray(ours(u))
    np.testing.assert_allclose(theirs(u), expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


OPENED = """
import sys
sys.modules["windlib"] = None  # importing it fails
import keras, numpy as np
for path in sys.argv[2:]:
    try:
        network = keras.models.load_model(path)
    except Exception as error:
        print(path, type(error).__name__, error)
    else:
        np.save(path + ".npy", network.predict(np.load(sys.argv[1]), verbose=0))
"""


def test_saved_networks_open_without_windlib(u, tmp_path):
    data, expected, plain, ours = tmp_path / "data.npy", {}, [], []
    np.save(data, u)
    for name in ("P1's", "classes"):
        network = randomize(BOOKS[name]())
        expected[name] = np.asarray(network(u))
        for models, model in ((plain, to_keras_layers(network)), (ours, network)):
            models.append(str(tmp_path / f"{name} {len(plain) + len(ours)}.keras"))
            with warnings.catch_warnings(action="ignore"):  # Keras' files and NumPy 2
                model.save(models[-1])
    # One process for all: most of its time is the import of Keras.
    command = [sys.executable, "-c", OPENED, data, *plain, *ours]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    refused = [line for line in run.stdout.splitlines() if line.startswith(str(tmp_path))]
    assert len(refused) == len(ours), run.stdout
    assert all(line.startswith(path) for line, path in zip(refused, ours, strict=True))
    for path, outputs in zip(plain, expected.values(), strict=True):
        scale = 1e-5 * np.abs(outputs).max()
        np.testing.assert_allclose(np.load(f"{path}.npy"), outputs, rtol=1e-4, atol=scale)


def test_other_networks_have_no_keras_twin():
    network = keras.Sequential([keras.Input((33, 2)), layers.LSTM(2), layers.Dense(1)])
    with pytest.raises(ArgumentError, match=r"a layer LSTM; expected one of windlib\.networks"):
        to_keras_layers(network)
