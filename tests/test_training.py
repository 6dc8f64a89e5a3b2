"""Training against plain loops of our own, and what `fit` promises besides."""

import gc
import resource
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from windlib import _epoch, evaluation, training
from windlib.arguments import ArgumentError
from windlib.augmentation import random_phases
from windlib.datasets import TrainingDataError, network_input
from windlib.evaluation import DivergedError, NetworkError, accuracy, loss, outputs
from windlib.hamiltonians import nonhermitian_ssh, ssh
from windlib.networks import PrecisionError, convolutional, fully_connected
from windlib.training import CallbackError, fit
from windlib.winding import (
    GaplessError,
    HalfTurnError,
    OpenCurveError,
    WindingError,
    link_angles,
    winding_number,
)

N, LINKS = 20, 4
LINEAR = {"link_activation": "linear", "head_activation": "linear"}  # nothing dies


def closed(x):
    """Random points as curves that end where they began."""
    x[:, -1] = x[:, 0]
    return x.astype(np.float32)


@pytest.fixture(scope="module")
def problem(last_bits):
    rng = np.random.default_rng(1)
    x = last_bits(closed(rng.normal(size=(N, LINKS + 1, 2))))
    return x, rng.integers(-2, 3, N)


def fresh(build=fully_connected, **options):
    keras.utils.set_random_seed(5)
    options = {"widths": []} if build is fully_connected else options
    return build(links=LINKS, **options)


def trained(problem, network=None, **options):
    network = network or fresh()
    history = fit(network, *problem, **{"epochs": 2, "seed": 7, "batch_size": 8, **options})
    return network, history.history


def batches(size):
    """Indices of the mini-batches of `trained`, in its order."""
    rng = np.random.default_rng(7)
    for _ in range(2):
        order = rng.permutation(N)
        yield from (order[start : start + size] for start in range(0, N, size))


def plain_adam(x, y, weights, rates, batch_size, seed, l2=0.0):
    """Adam (Kingma and Ba) on a linear model's mean squared error, in double precision."""
    x = np.c_[x.reshape(len(x), -1), np.ones(len(x))].astype(float)
    w, m, v = weights.astype(float), np.zeros(x.shape[1]), np.zeros(x.shape[1])
    rng, losses, step = np.random.default_rng(seed), [], 0
    while step < len(rates):
        order, total = rng.permutation(len(x)), 0.0
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            error = x[batch] @ w - y[batch]
            total += (error**2).sum()
            g = 2 * error @ x[batch] / len(batch) + 2 * l2 * w
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            m_hat, v_hat = m / (1 - 0.9 ** (step + 1)), v / (1 - 0.999 ** (step + 1))
            w = w - rates[step] * m_hat / (np.sqrt(v_hat) + 1e-7)
            step += 1
        losses.append(total / len(x))
    return w, losses


def flat(network):
    return np.concatenate([w.ravel() for w in network.get_weights()])


@pytest.mark.parametrize(
    ("batch_size", "steps", "schedule", "l2"),
    [(N, 1, "constant", 0), (8, 3, "constant", 0), (8, 3, "cosine", 0), (8, 3, "constant", 0.5)],
    ids=["one batch", "a smaller last batch", "cosine", "L2"],
)
def test_fit_is_adam_in_the_shuffled_order(problem, batch_size, steps, schedule, l2):
    rates = np.full(2 * steps, 0.03)
    if schedule == "cosine":  # down to 0 after the last step
        rates *= (1 + np.cos(np.pi * np.arange(2 * steps) / (2 * steps))) / 2
    network = fresh()
    w, losses = plain_adam(*problem, flat(network), rates, batch_size, seed=7, l2=l2)
    _, history = trained(
        problem, network, batch_size=batch_size, learning_rate=0.03, schedule=schedule, l2=l2
    )
    np.testing.assert_allclose(flat(network), w, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-4)
    assert list(history) == ["loss"]


def test_fit_equals_keras_batch_by_batch(problem):
    x, y = problem
    ours, theirs = (fresh(convolutional, kernels=3) for _ in range(2))
    _, history = trained(problem, ours, validation=(x[:9], y[:9]), learning_rate=0.01)
    theirs.compile(keras.optimizers.Adam(0.01), "mse")
    for batch in batches(8):
        theirs.train_on_batch(x[batch], y[batch, None].astype(np.float32))
    np.testing.assert_allclose(flat(ours), flat(theirs), rtol=1e-3, atol=1e-5)
    # The last validation loss is that of the trained network.
    error = np.mean((np.asarray(theirs(x[:9]))[:, 0] - y[:9]) ** 2)
    assert history["val_loss"][-1] == pytest.approx(error, rel=1e-3)
    assert history["val_loss"][-1] == pytest.approx(
        np.mean((outputs(ours, x[:9]) - y[:9]) ** 2), rel=1e-5
    )


# --- programs, compiled once ------------------------------------------------------------------


@pytest.fixture
def programs(monkeypatch):
    """None compiled so far."""
    monkeypatch.setattr(_epoch, "_PROGRAMS", {})
    return _epoch._PROGRAMS


def test_a_program_is_traced_once(problem, programs, monkeypatch):
    x, y = problem
    traced = []

    def counted(step):
        def call(self, data):
            traced.append(step.__name__)
            return step(self, data)

        return call

    for name in ("train_step", "test_step"):
        step = getattr(_epoch.EpochModel, name)
        monkeypatch.setattr(_epoch.EpochModel, name, counted(step))
    for seed in (1, 2):
        trained(problem, validation=(x[:9], y[:9]), epochs=3, seed=seed)
    assert sorted(traced) == ["test_step", "train_step"]


def test_a_program_that_was_used_trains_as_a_new_one(problem, programs):
    x, y = problem
    options = {"validation": (x[:9], y[:9]), "learning_rate": 0.02, "epochs": 3}
    first, history = trained(problem, **options)
    (program,) = programs.values()
    other = fresh()
    trained((x[::-1] / 2, y), other, **{**options, "seed": 1, "learning_rate": 0.3})
    assert list(programs.values()) == [program]
    again, same = trained(problem, **options)
    assert list(programs.values()) == [program]
    np.testing.assert_array_equal(flat(again), flat(first))
    assert same == history
    assert (flat(other) != flat(first)).all()  # no network is another one's


def test_programs_are_not_shared_between_recipes(problem, programs):
    recipes = [
        {},
        {"batch_size": 5},
        {"l2": 0.1},
        {"schedule": "cosine"},
        {"schedule": "cosine", "learning_rate": 0.1},
        {"schedule": "cosine", "epochs": 3},
    ]
    among = [trained(problem, **recipe)[1] for recipe in recipes]
    alone = []
    for recipe in recipes:
        programs.clear()
        alone.append(trained(problem, **recipe)[1])
    assert among == alone
    assert len({str(history) for history in alone}) == len(recipes)


def test_a_program_validates_on_what_it_is_given(problem, programs):
    x, y = problem
    for part in (slice(9), slice(9, 18)):
        network, history = trained(problem, validation=(x[part], y[part]))
        expected = loss(network, x[part], y[part])
        assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-5)
    assert len(programs) == 1


def test_few_programs_are_kept(problem, programs, monkeypatch):
    monkeypatch.setattr(_epoch, "_KEPT", 2)
    for batch_size in (2, 3, 4):
        trained(problem, batch_size=batch_size, epochs=1)
    assert len(programs) == 2
    oldest = next(iter(programs))
    trained(problem, batch_size=3, epochs=1)  # used once more, and last
    assert next(iter(programs)) != oldest


def test_one_training_inside_another(problem, programs):
    inner = []

    class Nested(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            inner.append(trained(problem)[1])

    outer = trained(problem, callbacks=[Nested()])[1]
    assert inner == [outer, outer]


def test_a_training_that_failed_leaves_nothing_behind(problem, programs):
    x, y = problem
    options = {"validation": (x[:9], y[:9])}
    expected = trained(problem, **options)[1]
    with pytest.raises(DivergedError):
        trained(problem, **options, learning_rate=1e30)
    assert trained(problem, **options)[1] == expected


def test_callbacks_see_and_may_change_the_network_that_is_trained(problem):
    network, seen = fresh(convolutional, kernels=3, head_units=4, **LINEAR), []

    class Watch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                network.set_weights([np.zeros_like(w) for w in network.get_weights()])

        def on_epoch_end(self, epoch, logs=None):
            seen.append(flat(network))
            packed = _epoch._packed(network.get_weights())
            np.testing.assert_array_equal(packed, self.model.packed.numpy())

    trained(problem, network, epochs=3, learning_rate=1e-3, callbacks=[Watch()])
    assert (seen[0] != seen[1]).all()
    assert np.abs(seen[2]).max() < 0.01  # three steps from 0


def test_layers_with_states_and_penalties_train_as_in_keras(problem):
    """Batch normalization has weights that no gradient trains, a penalty adds to the loss."""
    x, y = problem
    # At the first step the outputs of any batch add up to 0. Did its labels, too, the gradients
    # of the last two biases would be rounding alone, of which Adam makes whole steps.
    y = y + 0.3
    assert all(abs(y[batch].sum()) > 0.4 for batch in batches(5))

    def build():
        keras.utils.set_random_seed(5)
        layers = keras.layers
        return keras.Sequential(
            [
                keras.Input((LINKS + 1, 2)),
                layers.Flatten(),
                layers.Dense(4, "tanh", kernel_regularizer=keras.regularizers.L2(0.1)),
                layers.BatchNormalization(),
                layers.Dense(1),
            ]
        )

    ours, theirs = build(), build()
    _, history = trained((x, y), ours, validation=(x[:9], y[:9]), batch_size=5)
    theirs.compile(keras.optimizers.Adam(1e-3), "mse")
    for batch in batches(5):
        theirs.train_on_batch(x[batch], y[batch, None].astype(np.float32))
    assert ours.non_trainable_variables
    for one, two in zip(ours.weights, theirs.weights, strict=True):  # to a twentieth of a step
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=5e-5, err_msg=one.path)
    expected = theirs.evaluate(x[:9], y[:9, None], batch_size=9, verbose=0)
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(outputs(ours, x[:9]), np.asarray(theirs(x[:9]))[:, 0], rtol=1e-3)


def test_dropout_draws_anew_in_every_epoch(problem):
    alike = np.ones_like(problem[0]), np.ones(N)  # or the order would matter too
    network = keras.Sequential([keras.Input((LINKS + 1, 2)), keras.layers.Flatten()])
    network.add(keras.layers.Dropout(0.5))
    network.add(keras.layers.Dense(1))
    _, history = trained(alike, network, batch_size=N, learning_rate=0)
    assert history["loss"][0] != history["loss"][1]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (4, 1), (2, 2, 1, 3)], ids=str)
def test_a_packed_weight_comes_back(shape):
    weight = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    packed = _epoch._packed([weight, weight])
    assert packed.shape == (2 * weight.size,)
    for library in (np, tf):
        for again in _epoch._unpacked(np.split(packed, 2), [shape, shape], library):
            np.testing.assert_array_equal(again, weight)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: keras.layers.Dense(1, kernel_constraint="non_neg"),
        lambda: keras.layers.Dense(1, trainable=False),
    ],
    ids=["constraint", "nothing to train"],
)
def test_what_adam_cannot_train_freely_is_refused(problem, layer):
    network = keras.Sequential(
        [keras.Input((LINKS + 1, 2)), keras.layers.Flatten(), layer()],
    )
    with pytest.raises(ValueError, match="a network without trainable weights, or with a const"):
        trained(problem, network)


@pytest.mark.parametrize("states", [False, True], ids=["weights alone", "batch normalization"])
def test_weights_that_a_callback_restores_at_the_end_are_kept(problem, states):
    x, y = problem
    network, seen = fresh(convolutional, kernels=3, **LINEAR), []
    if states:
        layers = [*network.layers[:2], keras.layers.BatchNormalization(), *network.layers[2:]]
        network = keras.Sequential(layers)

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append((logs["val_loss"], flat(network)))

    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    options = {"validation": (-x[:9], y[:9]), "learning_rate": 0.1, "epochs": 20}
    trained(problem, network, callbacks=[Watch(), stop], **options)
    assert len(seen) < 20
    np.testing.assert_array_equal(flat(network), min(seen, key=lambda pair: pair[0])[1])


CLASSES = (0, 1, -1, 2, -2)


def test_classes_are_trained_on_the_cross_entropy_as_keras_does(problem):
    x, y = problem
    ours, theirs = (fresh(convolutional, kernels=3, n_classes=5) for _ in range(2))
    _, history = trained(
        problem, ours, validation=(x[:9], y[:9]), learning_rate=0.01, classes=CLASSES
    )
    theirs.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    index = np.array([CLASSES.index(w) for w in y])
    for batch in batches(8):
        theirs.train_on_batch(x[batch], index[batch])
    np.testing.assert_allclose(flat(ours), flat(theirs), rtol=1e-3, atol=1e-5)
    p = outputs(ours, x[:9])
    assert p.shape == (9, 5)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    entropy = -np.log(p[np.arange(9), index[:9]]).mean()
    assert history["val_loss"][-1] == pytest.approx(entropy, rel=1e-4)
    assert loss(ours, x[:9], y[:9], CLASSES) == pytest.approx(entropy, rel=1e-6)


def test_the_cross_entropy_is_that_of_the_logits(problem):
    """Also where a class's probability is below every float that Keras would clip it to."""
    x, y = problem
    network = fresh(convolutional, kernels=3, n_classes=5)
    network.get_layer("winding").bias.assign([0.0, -40.0, 3.0, -2.0, 1.0])
    *_, kernel, bias = (w.astype(float) for w in network.get_weights())
    head = keras.Model(network.input, network.get_layer("head").output)
    logits = np.asarray(head(x)) @ kernel + bias
    index = np.array([CLASSES.index(w) for w in y])
    entropy = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(N), index]
    assert entropy.max() > 30
    options = {"validation": (x[:9], y[:9]), "classes": CLASSES, "epochs": 1}
    _, history = trained(problem, network, learning_rate=0.0, **options)
    assert history["loss"][0] == pytest.approx(entropy.mean(), rel=1e-5)
    assert history["val_loss"][0] == pytest.approx(entropy[:9].mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1, [1]),
        (2_001, [1_000, 1_000, 1]),
        (10_000, [10_000]),
        (21_500, [10_000, 10_000, 1_000, 500]),
    ],
)
def test_outputs_are_compiled_for_two_numbers_of_curves(monkeypatch, n, expected):
    sizes = []

    def forward(weights, states, x):
        sizes.append(len(x))
        return np.zeros((-(-len(x) // 1_000) * 1_000, 1))  # the last part is filled up

    monkeypatch.setattr(evaluation, "_forward", lambda architecture: forward)
    x = np.tile(np.array([[1, 0], [0, 1], [-1, 0], [1, 0]], np.float32), (n, 1, 1))
    assert outputs(fully_connected(links=3, widths=()), x).shape == (n,)
    assert sizes == expected


def test_outputs_do_not_depend_on_how_many_curves_there_are():
    rng = np.random.default_rng(0)
    x = network_input(ssh.curve(*rng.uniform(0.1, 1, (2, 11_500)), links=4))
    network = convolutional(links=4, kernels=3, seed=0)
    found = outputs(network, x)
    for part in (slice(3), slice(9_999, 11_001)):
        np.testing.assert_allclose(found[part], outputs(network, x[part]), rtol=1e-5, atol=1e-6)


def test_the_loss_of_a_class_that_was_ruled_out_is_finite(monkeypatch):
    monkeypatch.setattr(evaluation, "outputs", lambda network, x: np.eye(2, dtype=np.float32)[[0]])
    network = convolutional(links=2, kernels=1, n_classes=2)
    x = np.array([[[1, 0], [0, 1], [1, 0]]], np.float32)
    assert loss(network, x, [0], classes=(0, 1)) == 0
    assert loss(network, x, [1], classes=(0, 1)) == pytest.approx(np.log(1e7))  # Keras' epsilon


def test_the_loss_calculated_anew_is_the_histories(problem):
    x, y = problem
    network, history = trained(problem, validation=(x[:9], y[:9]))
    assert loss(network, x[:9], y[:9]) == pytest.approx(history["val_loss"][-1], rel=1e-5)


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ((0, 1), "a network with 1 outputs"),
        ((0, 1, 2), "a network with 1 outputs"),
        ((10**5000,) * 2, "got classes=a value of type tuple for a network with 1 outputs"),
    ],
)
def test_classes_must_fit_the_outputs(problem, classes, words):
    with pytest.raises(ValueError, match=words):
        fit(fresh(), *problem, epochs=1, seed=0, classes=classes)
    with pytest.raises(ValueError, match="a network with 3 outputs"):
        fit(fresh(convolutional, kernels=3, n_classes=3), *problem, epochs=1, seed=0)


def test_a_label_outside_the_classes_is_named(problem):
    x, y = problem
    network = fresh(convolutional, kernels=3, n_classes=3)
    with pytest.raises(TrainingDataError, match=r"label -?2; expected one of .* 0, 1, -1"):
        fit(network, x, np.where(y == 1, -2, y), epochs=1, seed=0, classes=(0, 1, -1))


# Keras' callback converts a variable as NumPy 2 would no longer like it.
CONVERSION = "ignore:__array__ implementation:DeprecationWarning"


def rates_of(problem, **options):
    """Learning rates of every epoch and the history."""
    rates, x = [], problem[0]
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: rates.append(float(logs["learning_rate"]))
    )
    options = {"validation": (x[:9], problem[1][:9]), "callbacks": [watch], **options}
    _, history = trained(problem, **options)
    return rates, history


@pytest.mark.filterwarnings(CONVERSION)
def test_the_plateau_divides_the_rate_by_ten_after_twenty_idle_epochs(problem):
    # At a rate of 0 nothing changes after the first epoch; only its division shows.
    rates, history = rates_of(problem, schedule="plateau", epochs=45, learning_rate=1e-30)
    assert len(set(history["val_loss"])) == 1
    np.testing.assert_allclose(rates[19:22], [1e-30, 1e-30, 1e-31], rtol=1e-6)
    np.testing.assert_allclose(rates[-1], 1e-32, rtol=1e-6)


@pytest.mark.filterwarnings(CONVERSION)
def test_patience_stops_when_nothing_improves(problem):
    _, history = rates_of(problem, schedule="plateau", epochs=45, learning_rate=1e-30, patience=7)
    assert len(history["loss"]) == 8


@pytest.mark.parametrize("options", [{"schedule": "plateau"}, {"patience": 3}])
def test_what_watches_the_validation_loss_needs_validation_data(problem, options):
    with pytest.raises(ValueError, match="got no validation data"):
        fit(fresh(), *problem, epochs=1, seed=0, **options)


@pytest.fixture(scope="module")
def chains():
    parameters = nonhermitian_ssh.sample(2000, np.random.default_rng(3), distance_below=0.6)
    curve = nonhermitian_ssh.curve(**parameters)
    return network_input(curve), winding_number(curve)


def as_curve(x):
    return x[..., 0] + 1j * x[..., 1].astype(float)


def test_random_phases_keep_every_winding_number(chains):
    x, winding = chains
    for seed in range(5):
        turned = as_curve(random_phases(x, seed))
        np.testing.assert_allclose(np.abs(turned), 1, rtol=1e-5)
        assert (turned[:, 0] == turned[:, -1]).all()
        np.testing.assert_array_equal(winding_number(turned), winding)


def test_random_phases_reach_links_that_the_data_lack(chains):
    x = chains[0]
    before = np.abs(link_angles(as_curve(x), closure=1e-6))
    after = np.abs(link_angles(as_curve(random_phases(x, 0))))
    assert np.mean(before > 0.75 * np.pi) < 0.001
    assert np.mean(after > 0.75 * np.pi) > 0.02
    assert after.max() < np.pi


def test_random_phases_turn_whole_curves_in_every_direction():
    # All curves begin at 1, and their points alone turn by less than half a turn less a link.
    curve = np.exp(2j * np.pi * np.arange(5) / 4)
    x = np.repeat(network_input(curve[None]), 2000, axis=0)
    start = as_curve(random_phases(x, 0))[:, 0]
    assert abs(start.mean()) < 4 / np.sqrt(len(start))
    assert abs((start**2).mean()) < 4 / np.sqrt(len(start))


def test_the_turn_of_a_curve_says_nothing_of_its_points_turns():
    n = 4096
    x = network_input(
        np.ones((n, 33), complex)
    )  # all of its links are zero: its points turn up to ±π/2
    turned = as_curve(random_phases(x, 0))[:, :-1]
    whole = turned.mean(axis=1)
    points = np.angle(turned / whole[:, None])
    for some in (points[:, 0], points.ravel()[:n]):
        correlation = np.corrcoef(np.angle(whole), some)[0, 1]
        assert abs(correlation) < 5 / np.sqrt(n)


def test_random_phases_are_drawn_anew_in_every_epoch_and_from_the_seed(problem):
    x, y = problem
    unit = (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype(np.float32)
    unit[:, -1] = unit[:, 0]
    options = {"learning_rate": 0.0, "epochs": 3, "phases": True}
    _, history = trained((unit, y), **options)
    assert len(set(history["loss"])) == 3  # the network is the same, the curves are not
    assert trained((unit, y), **options)[1] == history
    assert trained((unit, y), seed=8, **options)[1] != history
    plain = trained((unit, y), learning_rate=0.0, epochs=3)[1]
    np.testing.assert_allclose(plain["loss"], plain["loss"][0], rtol=1e-5)


def test_seeds_fix_every_bit_and_stopping_early_changes_none(problem):
    options = {"epochs": 4, "schedule": "cosine", "learning_rate": 0.01}
    network, history = trained(problem, **options)
    again, same = trained(problem, **options)
    np.testing.assert_array_equal(flat(again), flat(network))
    assert same == history
    other, _ = trained(problem, seed=8, **options)
    assert (flat(other) != flat(network)).any()

    epochs = []
    count = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    _, first = trained(problem, stop_after=2, callbacks=[count], **options)
    assert epochs == [0, 1]
    assert first["loss"] == history["loss"][:2]
    assert len(history["loss"]) == 4


@pytest.mark.parametrize("l2", [0.1, 3.0])
def test_l2_gives_ridge_regression(problem, l2):
    network = fresh()
    options = {"epochs": 600, "batch_size": N, "learning_rate": 0.1, "schedule": "cosine"}
    trained(problem, network, l2=l2, **options)
    x, y = problem
    x = np.c_[x.reshape(N, -1), np.ones(N)].astype(float)  # the bias is penalized like the rest
    ridge = np.linalg.solve(x.T @ x / N + l2 * np.eye(x.shape[1]), x.T @ y / N)
    np.testing.assert_allclose(flat(network), ridge, atol=1e-4)


def test_no_l2_changes_no_bit(problem):
    plain, history = trained(problem)
    zero, same = trained(problem, l2=0)
    np.testing.assert_array_equal(flat(zero), flat(plain))
    assert same == history
    some, _ = trained(problem, l2=0.1)
    assert (flat(some) != flat(plain)).any()


def test_losses_in_the_history_are_without_l2(problem):
    x, y = problem
    options = {"validation": (x[:9], y[:9]), "l2": 5.0, "epochs": 1}
    network = fresh()
    errors = (outputs(network, x) - y) ** 2
    _, history = trained(problem, network, learning_rate=0.0, **options)  # nothing moves
    assert history["loss"][0] == pytest.approx(errors.mean(), rel=1e-5)
    assert history["val_loss"][0] == pytest.approx(errors[:9].mean(), rel=1e-5)
    _, history = trained(problem, network, learning_rate=0.1, **options)
    error = np.mean((outputs(network, x[:9]) - y[:9]) ** 2)
    assert history["val_loss"][0] == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize("l2", [-1e-6, float("nan"), float("inf"), -float("inf")])
def test_impossible_strengths_of_l2(problem, l2):
    network = fresh()
    before = flat(network)
    with pytest.raises(ValueError, match=f"got l2={l2}; expected a finite number, 0 or larger"):
        fit(network, *problem, epochs=1, seed=0, l2=l2)
    np.testing.assert_array_equal(flat(network), before)


def test_a_batch_may_be_larger_than_the_training_set(problem):
    one, _ = trained(problem, batch_size=N)
    two, _ = trained(problem, batch_size=N + 1)
    np.testing.assert_allclose(flat(two), flat(one), rtol=1e-5)


class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


def test_a_stopped_training_can_be_followed_by_another(problem):
    network = fresh()
    before = flat(network)
    with pytest.raises(KeyboardInterrupt):
        trained(problem, network, callbacks=[Stop()])
    assert (flat(network) != before).any()
    trained(problem, network)


def test_an_interruption_keeps_the_epochs_before_it(problem, monkeypatch):
    network, _ = trained(problem, epochs=4, stop_after=2)
    plain = training._StopIfDiverged.on_epoch_end

    def interrupted(self, epoch, logs=None):
        plain(self, epoch, logs)
        if epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(training._StopIfDiverged, "on_epoch_end", interrupted)
    other = fresh()
    with pytest.raises(KeyboardInterrupt):
        trained(problem, other, epochs=4)
    np.testing.assert_array_equal(flat(other), flat(network))


def test_what_a_callback_did_before_it_failed_is_kept(problem):
    network = fresh()

    class Reset(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            network.set_weights([np.zeros_like(w) for w in network.get_weights()])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(problem, network, callbacks=[Reset()])
    assert not flat(network).any()


def test_a_callback_that_only_looks_changes_no_bit(problem):
    alone, _ = trained(problem, epochs=3)
    watched, _ = trained(problem, epochs=3, callbacks=(keras.callbacks.Callback() for _ in "ab"))
    np.testing.assert_array_equal(flat(watched), flat(alone))


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_a_training_leaves_no_data_behind():
    """TensorFlow keeps for good what draws the orders; the data must not be part of it."""
    x, y = np.ones((250_000, LINKS + 1, 2), np.float32), np.zeros(250_000)  # 10 MB

    def megabytes_after(trainings):
        for _ in range(trainings):
            trained((x, y), epochs=1, batch_size=len(x))
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6

    before = megabytes_after(20)  # the C library keeps some memory for the next
    after = megabytes_after(30)
    assert after - before < 150  # of the 300 that all data take


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda x, y: (x[:, :-1], y),
            r"inputs of shape \(20, 4, 2\); expected \(n, 5, 2\) with n >= 1",
        ),
        (lambda x, y: (x, y[:-1]), r"labels of shape \(19,\)"),
        (lambda x, y: (x, y[:, None]), r"labels of shape \(20, 1\)"),
        (lambda x, y: (x[:0], y[:0]), "n >= 1"),
    ],
)
def test_bad_data_are_refused_before_training(problem, change, words):
    network = fresh()
    before = flat(network)
    with pytest.raises(TrainingDataError, match=f"training .*{words}"):
        fit(network, *change(*problem), epochs=1, seed=0)
    with pytest.raises(TrainingDataError, match=f"validation .*{words}"):
        fit(network, *problem, change(*problem), epochs=1, seed=0)
    np.testing.assert_array_equal(flat(network), before)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stop_after": 0}, "got stop_after=0; expected a whole number from 1 to 2"),
        ({"stop_after": 3}, "got stop_after=3; expected a whole number from 1 to 2"),
        ({"patience": 0}, "got patience=0; expected a whole number, 1 or larger"),
        ({"learning_rate": -1e-3}, "got learning_rate=-0.001"),
        ({"learning_rate": float("nan")}, "got learning_rate=nan"),
        ({"learning_rate": "1e-3"}, "got learning_rate='1e-3'; expected a finite number"),
        ({"batch_size": 2.0}, "got batch_size=2.0; expected a whole number"),
        ({"epochs": 1.5}, "got epochs=1.5; expected a whole number"),
        ({"epochs": 0}, "got epochs=0; expected a whole number, 1 or larger"),
        ({"seed": None}, "got seed=None; expected a whole number"),
        ({"seed": -1}, "got seed=-1; expected a whole number, 0 or larger"),
        ({"phases": "no"}, "got phases='no'; expected True or False"),
        ({"l2": 1j}, "got l2=1j; expected a finite number"),
        ({"batch_size": 2.5}, "batch_size=2.5; expected a whole number"),
    ],
)
def test_arguments_out_of_range(problem, options, words):
    network = fresh()
    before = flat(network)
    with pytest.raises(ValueError, match=words):
        trained(problem, network, validation=problem, **options)
    np.testing.assert_array_equal(flat(network), before)


def test_classes_may_be_an_array_but_none_twice(problem):
    network = fresh(convolutional, kernels=3, n_classes=5)
    trained(problem, network, classes=np.array(CLASSES))
    with pytest.raises(ValueError, match="none twice"):
        trained(problem, network, classes=(0, 1, 1, 2, -2))


@pytest.mark.parametrize("shape", [(5, 2), (3, 5), (0, 5, 2)])
def test_random_phases_need_network_inputs(shape):
    with pytest.raises(TrainingDataError, match=r"expected \(n, L \+ 1, 2\) with n >= 1"):
        random_phases(np.ones(shape), 0)
    for seed in (None, -1, 0.5):
        with pytest.raises(ArgumentError, match=f"got seed={seed}; expected a whole number"):
            random_phases(np.ones((3, 5, 2)), seed)


def test_random_phases_take_any_seed_of_64_bits():
    x = network_input(np.ones((1, 5), complex))
    assert (random_phases(x, 2**63 - 1) != random_phases(x, 2**63 - 2)).any()
    with pytest.raises(ArgumentError, match=f"got seed={2**63}; expected a whole number from 0 to"):
        random_phases(x, 2**63)


def test_unknown_schedule(problem):
    with pytest.raises(ValueError, match="got schedule='step'"):
        fit(fresh(), *problem, epochs=1, seed=0, schedule="step")


def test_an_absurd_learning_rate_diverges(problem):
    with pytest.raises(DivergedError, match="after epoch 1; lower learning_rate="):
        trained(problem, learning_rate=1e30)


@pytest.mark.parametrize("progress", ["0", "1"])
def test_progress_is_one_line_or_none(problem, capfd, monkeypatch, progress):
    monkeypatch.setenv("WINDLIB_PROGRESS", progress)
    monkeypatch.setattr(training, "tqdm", partial(training.tqdm, mininterval=0))  # every epoch
    capfd.readouterr()
    trained(problem)
    out, err = capfd.readouterr()
    assert out == ""
    if progress == "0":
        assert err == ""
    else:
        assert "| 2/2 [" in err
        assert "epoch" in err
        assert "loss=" in err
        assert "\n" not in err


def test_a_closed_standard_error_shows_no_progress(problem, monkeypatch):
    monkeypatch.setenv("WINDLIB_PROGRESS", "1")
    monkeypatch.setattr(sys, "stderr", None)  # what Python makes of a closed one
    _, history = trained(problem)
    assert len(history["loss"]) == 2


def reader():
    """The linear network whose output is its first input."""
    network = fresh()
    kernel = np.zeros((2 * (LINKS + 1), 1))
    kernel[0] = 1
    network.set_weights([kernel, np.zeros(1)])
    return network


def test_outputs_are_the_networks_also_in_many_parts():
    x = closed(np.random.default_rng(2).normal(size=(25_001, LINKS + 1, 2)))
    np.testing.assert_array_equal(outputs(reader(), x), x[:, 0, 0])


def test_accuracy_is_the_share_of_nearest_integers():
    x = np.ones((5, LINKS + 1, 2), np.float32)
    x[:, 0, 0] = [0.4, 0.6, -1.6, 3.1, -0.4]
    x = closed(x)
    assert accuracy(reader(), x, np.array([0, 1, -2, 3, 0])) == 100
    assert accuracy(reader(), x, np.array([0, 1, -1, 4, -1])) == 40
    assert isinstance(accuracy(reader(), x, np.zeros(5)), float)


# --- one door: what has no answer is refused wherever a network reads curves ------------------


def half_turn(x):
    """The first curve's second point opposite its first."""
    x = x.copy()
    x[0, 1] = -2 * x[0, 0]
    return x


def at(x, point, value):
    x = x.copy()
    x[0, point] = value
    return x


BAD_INPUTS = {
    "complex": (lambda x: x[..., 0] + 1j * x[..., 1], ArgumentError, "complex values"),
    "complex pairs": (lambda x: x + 0j, ArgumentError, "complex values"),
    "text": (lambda x: x.astype(str), ArgumentError, "expected numbers"),
    "objects": (lambda x: x.astype(object), ArgumentError, "expected numbers"),
    "truth values": (lambda x: x > 0, ArgumentError, "expected numbers"),
    "masked": (lambda x: np.ma.masked_greater(x, 1), ArgumentError, "masked array"),
    "NaN": (lambda x: at(x, 2, np.nan), ArgumentError, "not finite"),
    "too large": (lambda x: x.astype(float) * 1e39, ArgumentError, "not finite"),
    "shape": (lambda x: x[:, :-1], TrainingDataError, r"expected \(n, 5, 2\) with n >= 1"),
    "one curve": (lambda x: x[0], TrainingDataError, r"expected \(n, 5, 2\) with n >= 1"),
    "empty": (lambda x: x[:0], TrainingDataError, r"expected \(n, 5, 2\) with n >= 1"),
    "open": (lambda x: at(x, -1, [5, 5]), OpenCurveError, "do not close|does not close"),
    "through 0": (lambda x: at(x, 2, 0), GaplessError, "origin"),
    "subnormal": (lambda x: at(x, 2, 1e-42), GaplessError, "origin"),
}


@pytest.mark.parametrize(("spoil", "error", "words"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_inputs_without_an_answer_are_refused_everywhere(problem, spoil, error, words):
    x, y = problem
    network, bad = fresh(), spoil(x)
    before = flat(network)
    doors = {
        "outputs": lambda: outputs(network, bad),
        "loss": lambda: loss(network, bad, y[: len(bad)]),
        "accuracy": lambda: accuracy(network, bad, y[: len(bad)]),
        "fit": lambda: fit(network, bad, y, epochs=1, seed=0),
        "validation": lambda: fit(network, x, y, (bad, y), epochs=1, seed=0),
    }
    if error is not TrainingDataError:  # its links may be as many as they like
        doors["random_phases"] = lambda: random_phases(bad, 0)
    for call in doors.values():
        with pytest.raises(error, match=words):
            call()
    np.testing.assert_array_equal(flat(network), before)


def test_curves_that_come_close_to_the_origin_are_read(problem):
    x = at(problem[0], 2, 1e-30)  # raw ones do, next to a phase boundary
    assert np.isfinite(outputs(fresh(), x)).all()


BAD_LABELS = {
    "complex": (lambda y: y + 1j, ArgumentError, "complex values"),
    "text": (lambda y: y.astype(str), ArgumentError, "expected numbers"),
    "NaN": (lambda y: np.where(y > 0, np.nan, y), ArgumentError, "not finite"),
    "infinite": (lambda y: np.where(y > 0, np.inf, y), ArgumentError, "not finite"),
    "too large": (lambda y: y * 1e39, ArgumentError, "not finite"),
    "masked": (lambda y: np.ma.masked_greater(y, 0), ArgumentError, "masked array"),
    "too few": (lambda y: y[:-1], TrainingDataError, r"labels of shape \(19,\)"),
    "columns": (lambda y: y[:, None], TrainingDataError, r"labels of shape \(20, 1\)"),
}


@pytest.mark.parametrize(("spoil", "error", "words"), BAD_LABELS.values(), ids=BAD_LABELS)
def test_labels_that_are_no_numbers_are_refused_everywhere(problem, spoil, error, words):
    x, y = problem
    network, bad = fresh(), spoil(y)
    for call in (
        lambda: loss(network, x, bad),
        lambda: accuracy(network, x, bad),
        lambda: fit(network, x, bad, epochs=1, seed=0),
        lambda: fit(network, x, y, (x, bad), epochs=1, seed=0),
    ):
        with pytest.raises(error, match=words):
            call()


def test_an_accuracy_is_that_of_whole_numbers(problem):
    x, y = problem
    with pytest.raises(TrainingDataError, match="got labels that are not whole"):
        accuracy(fresh(), x, y + 0.5)


def test_validation_data_are_a_pair(problem):
    for wrong in ((*problem, problem[1]), 5, "xy" * 2):
        with pytest.raises(TrainingDataError, match=r"expected a pair \(x, y\)"):
            fit(fresh(), *problem, wrong, epochs=1, seed=0)


def test_outputs_are_one_winding_number_or_one_probability_a_class(problem):
    x, y = problem
    network = fresh(convolutional, kernels=3, n_classes=3)
    for call in (accuracy, loss):
        with pytest.raises(NetworkError, match=r"got classes=\(\) for a network with 3 outputs"):
            call(network, x, y)
    with pytest.raises(NetworkError, match="network with 1 outputs"):
        loss(fresh(), x, y, classes=(0, 1))
    with pytest.raises(ArgumentError, match=r"got a class=0\.5; expected a whole number"):
        loss(network, x, y, classes=(0, 0.5, 1))


def two_outputs():
    u = keras.Input((LINKS + 1, 2))
    flat = keras.layers.Flatten()(u)
    return keras.Model(u, [keras.layers.Dense(1)(flat) for _ in range(2)])


@pytest.mark.parametrize(
    "network",
    [
        lambda: "network",
        lambda: keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)]),
        two_outputs,
        lambda: keras.Sequential([keras.Input((LINKS + 1, 2)), keras.layers.Dense(1)]),
        lambda: keras.Sequential([keras.Input((None, 2)), keras.layers.LSTM(1)]),
    ],
    ids=["no network", "not built", "two outputs", "an output a point", "curves of any length"],
)
def test_networks_of_another_form_are_refused(problem, network):
    network = network()
    for call in (lambda: outputs(network, problem[0]), lambda: trained(problem, network)):
        with pytest.raises(NetworkError, match=r"got a network .*; expected"):
            call()


@pytest.mark.parametrize("name", ["float type", "policy", "network"])
def test_another_precision_than_float32_is_refused_by_name(problem, name):
    if name == "network":
        layers = [keras.Input((LINKS + 1, 2)), keras.layers.Flatten()]
        network = keras.Sequential([*layers, keras.layers.Dense(1, dtype="float64")])
        with pytest.raises(PrecisionError, match=r"set to float64; .* in float32"):
            trained(problem, network)
        return
    network = fresh()
    kind = "float64" if name == "float type" else "mixed_float16"
    policy = keras.config.dtype_policy()
    try:
        if name == "float type":
            keras.config.set_floatx(kind)
        else:
            keras.config.set_dtype_policy(kind)
        for call in (lambda: trained(problem, network), fresh, lambda: fresh(convolutional)):
            with pytest.raises(PrecisionError, match=f"set to .*{kind}.*; .* in float32"):
                call()
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy(policy)


def test_random_phases_refuse_half_a_turn(problem):
    x, y = problem
    with pytest.raises(HalfTurnError):
        random_phases(half_turn(x), 0)
    with pytest.raises(HalfTurnError):
        trained((half_turn(x), y), phases=True)
    # What single precision cannot tell from half a turn, too; a little more is read.
    for lacking, decided in ((5e-7, False), (5e-6, True)):
        angles = np.array([0, np.pi - lacking, np.pi + 1, 0])
        x = network_input(np.exp(1j * angles)[None])
        if decided:
            assert winding_number(as_curve(random_phases(x, 0))) == 1
        else:
            with pytest.raises(WindingError):
                random_phases(x, 0)


# --- what is not finite -----------------------------------------------------------------------


def test_a_validation_loss_that_is_not_finite_is_a_divergence(problem):
    x, y = problem
    # The loss of the first batch is that before the step.
    with pytest.raises(DivergedError, match="the val_loss is inf after epoch 1; lower learning"):
        trained(problem, validation=(x[:9], y[:9]), batch_size=N, epochs=1, learning_rate=1e25)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_finite_are_no_outputs(problem, value):
    x, y = problem
    network = fresh()
    network.layers[-1].bias.assign([value])
    for call in (lambda: outputs(network, x), lambda: accuracy(network, x, y)):
        with pytest.raises(DivergedError, match="outputs for 20 of 20 inputs are not finite"):
            call()


# --- Keras' callbacks -------------------------------------------------------------------------


def watched(problem, *callbacks, epochs=3, **options):
    """A training with callbacks, its network and history."""
    x, y = problem
    options = {"validation": (x[:9], y[:9]), "learning_rate": 0.01, **options}
    return trained(problem, epochs=epochs, callbacks=callbacks, **options)


# Keras' files convert a variable as NumPy 2 would no longer like it.
CONVERSIONS = "ignore:__array__ implementation"


@pytest.mark.filterwarnings(CONVERSIONS)
@pytest.mark.parametrize("name", ["{epoch}.keras", "{epoch}.weights.h5"])
def test_checkpoints_hold_the_network_of_their_epoch(problem, tmp_path, name):
    weights_only = name.endswith("h5")
    save = keras.callbacks.ModelCheckpoint(str(tmp_path / name), save_weights_only=weights_only)
    watched(problem, save)
    for epoch in (1, 2, 3):
        expected, _ = watched(problem, stop_after=epoch)
        path = tmp_path / name.format(epoch=epoch)
        found = fresh() if weights_only else keras.models.load_model(path)
        if weights_only:
            found.load_weights(path)
        np.testing.assert_array_equal(flat(found), flat(expected))


@pytest.mark.filterwarnings(CONVERSIONS)
def test_checkpoints_of_the_best_epoch(problem, tmp_path):
    path = tmp_path / "best.keras"
    x, y = problem
    save = keras.callbacks.ModelCheckpoint(str(path), save_best_only=True)
    options = {"validation": (-x[:9], y[:9]), "learning_rate": 0.1}
    _, history = watched(problem, save, epochs=8, **options)
    best = np.argmin(history["val_loss"])
    assert best < 7
    found = loss(keras.models.load_model(path), -x[:9], y[:9])
    assert found == pytest.approx(history["val_loss"][best], rel=1e-5)


@pytest.mark.filterwarnings(CONVERSIONS)
def test_learning_rates_that_callbacks_set(problem):
    plain, history = watched(problem, learning_rate=0.02)

    class Always(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.learning_rate = 0.02

    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.02)
    for callback in (scheduler, Always()):
        network, found = watched(problem, callback, learning_rate=0.5)
        np.testing.assert_array_equal(flat(network), flat(plain))
        assert found["loss"] == history["loss"]
    reduce = keras.callbacks.ReduceLROnPlateau(patience=2, min_delta=1e9)
    _, history = watched(problem, reduce, epochs=4, learning_rate=0.1)
    np.testing.assert_allclose(history["learning_rate"], [0.1, 0.1, 0.1, 0.01], rtol=1e-6)


class _Sets(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.model.optimizer.learning_rate = 0.02


class _Assigns(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.model.optimizer.learning_rate.assign(0.02)


def test_rates_that_decay_are_set_by_no_callback(problem):
    """Keras' own callbacks are refused before the training, others when they try."""
    early = fresh()
    before = flat(early)
    for callback in (
        keras.callbacks.LearningRateScheduler(lambda epoch: 0.02),
        keras.callbacks.ReduceLROnPlateau(),
    ):
        with pytest.raises(CallbackError, match=f"callback {type(callback).__name__}; schedule='c"):
            trained(problem, early, schedule="cosine", callbacks=[callback])
    np.testing.assert_array_equal(flat(early), before)
    one, _ = watched(problem, schedule="cosine", stop_after=1)
    for callback in (_Sets(), _Assigns()):
        late = fresh()
        with pytest.raises(CallbackError, match="sets the learning rate; schedule='cosine' sets"):
            watched(problem, callback, schedule="cosine", network=late)
        np.testing.assert_array_equal(flat(late), flat(one))


def test_logs_that_callbacks_write(problem, tmp_path):
    _, history = watched(problem, keras.callbacks.CSVLogger(str(tmp_path / "log.csv")))
    table = np.genfromtxt(tmp_path / "log.csv", delimiter=",", names=True)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(table[name], history[name], rtol=1e-6)


@pytest.mark.filterwarnings(CONVERSIONS)
def test_tensorboard(problem, tmp_path):
    board = keras.callbacks.TensorBoard(str(tmp_path), histogram_freq=1)
    if find_spec("tensorboard") is None:
        with pytest.raises(CallbackError, match="no tensorboard is installed"):
            watched(problem, board)
        return
    watched(problem, board)
    for part in ("train", "validation"):
        (file,) = (tmp_path / part).glob("events*")
        assert b"epoch_loss" in file.read_bytes()
    assert b"winding" in next((tmp_path / "train").glob("events*")).read_bytes()


def test_a_callback_may_end_the_training(problem):
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    for callbacks in (Enough(), [Enough()]):
        _, history = trained(problem, epochs=5, callbacks=callbacks)
        assert len(history["loss"]) == 2
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=1, min_delta=1e9)
    assert len(watched(problem, stop, epochs=5)[1]["loss"]) == 2
    with pytest.raises(DivergedError):  # which says more than a training that ended
        watched(problem, keras.callbacks.TerminateOnNaN(), learning_rate=1e30)


def test_callbacks_see_the_network_as_their_model(problem):
    network, x = fresh(), problem[0]

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):  # there already
            assert isinstance(self.model, keras.Model)
            assert self.model.name == network.name
            np.testing.assert_array_equal(self.model(x), network(x))
            kernel = _epoch._packed(network.get_weights())
            np.testing.assert_array_equal(kernel, self.model.packed.numpy())

    trained(problem, network, callbacks=[Look()])


@pytest.mark.parametrize(
    ("callback", "words"),
    [
        (lambda folder: keras.callbacks.BackupAndRestore(folder), "the callback BackupAndRestore"),
        (lambda folder: keras.callbacks.SwapEMAWeights(), "the callback SwapEMAWeights"),
        (
            lambda folder: keras.callbacks.ModelCheckpoint(f"{folder}/x.keras", save_freq=10),
            "ModelCheckpoint for every 10 batches",
        ),
        (
            lambda folder: keras.callbacks.TensorBoard(folder, update_freq=10),
            "TensorBoard for every 10 batches",
        ),
        (lambda folder: print, "a callback of type builtin_function"),
    ],
    ids=["backup", "averages", "checkpoint", "board", "no callback"],
)
def test_callbacks_that_need_more_are_refused_by_name(problem, tmp_path, callback, words):
    network = fresh()
    before = flat(network)
    with pytest.raises(CallbackError, match=words):
        trained(problem, network, callbacks=[callback(str(tmp_path))])
    np.testing.assert_array_equal(flat(network), before)


@pytest.mark.parametrize(
    ("several", "words"),
    [
        (True, "got callbacks of type bool; expected a list of keras"),
        (np.zeros(2), "got a callback of type float64; expected keras"),
        ("CSVLogger", "got a callback of type str; expected keras"),
    ],
    ids=["no list", "numbers", "a word"],
)
def test_callbacks_are_a_list_of_them(problem, several, words):
    with pytest.raises(CallbackError, match=words):
        trained(problem, callbacks=several)


# --- what stops, and what is kept -------------------------------------------------------------


@pytest.fixture
def slow(problem):
    """A training whose validation loss falls in every epoch, by less than Keras' 1e-4 in all."""
    x, y = problem
    data = 0.01 * x, 0 * y
    return data, {"validation": data, "learning_rate": 1e-5, "batch_size": N}


@pytest.mark.filterwarnings(CONVERSION)
@pytest.mark.parametrize("options", [{"schedule": "plateau"}, {"patience": 3}], ids=str)
def test_any_improvement_counts(slow, options):
    data, others = slow
    rates, history = rates_of(data, epochs=45, **others | {"schedule": "plateau"} | options)
    fall = np.diff(history["val_loss"])
    assert (fall < 0).all()
    assert -fall.sum() < 1e-4
    np.testing.assert_allclose(rates, 45 * [1e-5], rtol=1e-6)


def test_a_training_that_patience_stops_keeps_its_last_weights(problem):
    x, y = problem
    options = {"validation": (-x[:9], y[:9]), "learning_rate": 0.1, "epochs": 20}
    network, history = trained(problem, patience=2, **options)
    epochs = len(history["loss"])
    assert np.argmin(history["val_loss"]) < epochs - 1 < 19
    last, _ = trained(problem, stop_after=epochs, **options)
    np.testing.assert_array_equal(flat(network), flat(last))


def test_inputs_that_are_no_curves_have_outputs_too():
    shapes = [(4, 3), (7,)]  # not two numbers a point: nothing that could be closed
    for shape in shapes:
        layers = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1)]
        x = np.random.default_rng(0).normal(size=(5, *shape)).astype(np.float32)
        assert outputs(keras.Sequential(layers), x).shape == (5,)
