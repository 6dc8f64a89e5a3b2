"""Training: Keras' own ``fit``, with a whole epoch as one compiled program."""

import json
import math
import os
import re
import sys
from functools import cache
from importlib.util import find_spec

import numpy as np
from tqdm import tqdm

from windlib import arguments
from windlib._quiet import keras, tf
from windlib.arguments import ArgumentError, choice, flag, real, whole
from windlib.networks import refuse_other_precision
from windlib.winding import checked, link_angles

_CosineDecay = keras.optimizers.schedules.CosineDecay


class TrainingDataError(ValueError):
    """The data have another shape than the network's, are empty, or are not finite."""


class NetworkError(ValueError):
    """The network is none that `fit` can train, or its outputs are not what is asked for."""


class CallbackError(ValueError):
    """A callback of Keras that needs more than whole epochs, or another state of Adam's."""


class DivergedError(ArithmeticError):
    """The loss, or an output of the network, is NaN or infinite."""


def _packed(weights):
    """Weights as one vector, which Adam goes through at once, each matrix with its outputs first.

    So products with the samples last read it, and XLA transposes no matrix in every step.
    """
    return np.concatenate([np.reshape(w, (-1, *w.shape[-1:])).T.ravel() for w in weights])


def _unpacked(parts, shapes, library=tf):
    """Weights from the parts of such a vector, as arrays of TensorFlow or of NumPy."""
    weights = []
    for part, shape in zip(parts, shapes, strict=True):
        matrix = library.transpose(library.reshape(part, (*shape[-1:], -1)))
        weights.append(library.reshape(matrix, shape))
    return weights


class EpochModel(keras.Model):
    """Trains the weights of `network` on a whole epoch in one step.

    Keras calls `train_step` once per batch, and the call costs more than these networks'
    arithmetic. Here Keras' batch is the shuffled epoch, and the mini-batches are a loop
    inside the one XLA program that `train_step` compiles to. It trains all weights as one
    vector, from `load` to `store`; those of `network` stay as they are. Made for
    `windlib.training.fit`: Keras' options for how steps are run have no effect.
    """

    metrics = ()  # Keras then takes the loss that `train_step` returns; no mean is to be kept

    def __init__(self, network, batch_size, l2=0.0):
        super().__init__()
        self.batch_size = batch_size
        self.l2 = l2
        self._network = lambda: network  # or Keras would take its weights for this model's
        self._states = network.non_trainable_variables
        self._shapes = [tuple(v.shape) for v in network.trainable_variables]
        self._sizes = [math.prod(shape) for shape in self._shapes]
        self.packed = self.add_weight((sum(self._sizes),), "zeros", name="packed")
        self.load(network)

    def load(self, network):
        """Take over the weights of a network of the same architecture."""
        # Without Keras' conversions here and in `store`, which take longer than the copies.
        weights = [v.value.value().numpy() for v in network.trainable_variables]
        self.packed.value.assign(tf.constant(_packed(weights)), read_value=False)
        _copy(network.non_trainable_variables, self._states)

    def store(self, network):
        """Give such a network the trained weights."""
        parts = np.split(self.packed.value.value().numpy(), np.cumsum(self._sizes)[:-1])
        weights = _unpacked(parts, self._shapes, np)
        for variable, array in zip(network.trainable_variables, weights, strict=True):
            variable.value.assign(tf.constant(array), read_value=False)
        _copy(self._states, network.non_trainable_variables)

    def make_train_function(self, force=False):
        if force or self.train_function is None:
            self.train_function = _called_here(self.train_step)

    def make_test_function(self, force=False):
        if force or self.test_function is None:
            self.test_function = _called_here(self.test_step)

    def _loss(self, x, y, training):
        weights = _unpacked(tf.split(self.packed.value, self._sizes), self._shapes)
        states = [v.value for v in self._states]
        found, states, penalties = self._network().stateless_call(
            weights, states, x, training=training, return_losses=True
        )
        for variable, value in zip(self._states, states, strict=True):
            variable.assign(value)
        return self.compute_loss(y=y, y_pred=found) + sum(penalties)

    def train_step(self, data):
        def step(x, y):
            with tf.GradientTape() as tape:
                loss = self._loss(x, y, training=True)
            gradient = tape.gradient(loss, self.packed.value)
            if self.l2:
                gradient += 2 * self.l2 * self.packed.value
            self.optimizer.apply([gradient], [self.packed])
            return loss

        return self._over_batches(step, *data)

    def test_step(self, data):
        return self._over_batches(lambda x, y: self._loss(x, y, training=False), *data)

    def _over_batches(self, step, x, y):
        """Mean of a step's loss over the mini-batches; the last one may be smaller."""
        n = x.shape[0]
        size = min(self.batch_size, n)
        steps, full = n // size, n // size * size
        xs = tf.reshape(x[:full], (steps, size, *x.shape[1:]))
        ys = tf.reshape(y[:full], (steps, size, *y.shape[1:]))

        def batch(i):
            return xs[i], ys[i]

        # Each batch is read one step ahead, into a buffer of its own: read where it is used, XLA
        # finds the batch's place anew for each of its numbers.
        _, total, _ = tf.while_loop(
            lambda i, *_: i < steps,
            lambda i, total, now: (
                i + 1,
                total + size * step(*now),
                batch(tf.minimum(i + 1, steps - 1)),
            ),
            (0, 0.0, batch(0)),
        )
        if n > full:
            total += (n - full) * step(x[full:], y[full:])
        return {"loss": total / n}


def _called_here(step):
    """A compiled step as a function of the stream, run by the thread that calls it.

    Keras would call it from a second function, with the stream in it, and TensorFlow runs such a
    function in a thread of its pool, which takes longer.
    """
    # AutoGraph would rewrite sources without need: a fifth of a first epoch.
    program = tf.function(step, jit_compile=True, autograph=False)
    return lambda iterator: program(next(iterator))


_PROGRAMS = {}  # compiled and at rest, by all that they were compiled for; the last few
_KEPT = 4


def _taken_program(network, examples, batch_size, l2, minimized, rate):
    """A compiled model to train in the place of `network`, and its key in `_PROGRAMS`.

    Compiling takes as long as ten epochs or more, and a program does not depend on the
    seed, the data or a constant learning rate. While it is used nobody else can take it.
    """
    schedule = rate.get_config() if isinstance(rate, _CosineDecay) else None
    facts = (_architecture(network), examples, batch_size, l2, minimized, schedule)
    key = json.dumps(facts, sort_keys=True)
    model = _PROGRAMS.pop(key, None)
    if model is None:
        model = EpochModel(keras.models.model_from_json(facts[0]), batch_size, l2)
        model.compile(optimizer=keras.optimizers.Adam(rate), loss=minimized)
        model.optimizer.build([model.packed])  # or `fit` would trace twice
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    if schedule is None:
        model.optimizer.learning_rate = rate
    return model, key


def _put_back(model, key):
    _PROGRAMS[key] = model
    while len(_PROGRAMS) > _KEPT:
        _PROGRAMS.pop(next(iter(_PROGRAMS)), None)


def _architecture(network):
    """A network without its weights, and without the seeds that they came from, as JSON."""
    return re.sub(r'"seed": \d+', '"seed": null', network.to_json())


class _Seen:
    """What callbacks see as their model: the network, with the optimizer that trains it."""

    _OF_THE_PROGRAM = ("optimizer", "stop_training", "packed")

    def __init__(self, network, program):
        vars(self).update(_network=network, _program=program)

    @property
    def __class__(self):  # callbacks may ask whether it is a keras.Model
        return type(self._network)

    def __call__(self, *args, **options):
        return self._network(*args, **options)

    def _owner(self, name):
        return self._program if name in self._OF_THE_PROGRAM else self._network

    def __getattr__(self, name):
        return getattr(self._owner(name), name)

    def __setattr__(self, name, value):
        setattr(self._owner(name), name, value)


class _InPlace(keras.callbacks.CallbackList):
    """The user's callbacks, which find in the network the weights that the program trains."""

    def __init__(self, callbacks, network):
        self.network = network
        super().__init__(callbacks)

    def set_model(self, model):
        if model is not None:
            self.program = model
            super().set_model(_Seen(self.network, model))

    def on_train_batch_begin(self, batch, logs=None):  # after all callbacks' on_epoch_begin
        super().on_train_batch_begin(batch, logs)
        self.program.load(self.network)

    def on_train_batch_end(self, batch, logs=None):  # Keras' batch is the epoch
        self.program.store(self.network)
        super().on_train_batch_end(batch, logs)

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        self.program.load(self.network)  # EarlyStopping may have restored earlier weights

    def on_epoch_end(self, epoch, logs=None):
        for callback in self.callbacks:  # the list's own gives them a copy, which no history sees
            callback.on_epoch_end(epoch, logs)


def _copy(source, target):
    for old, new in zip(target, source, strict=True):
        old.value.assign(new.value)


class _Progress(keras.callbacks.Callback):
    """One line: epochs, losses, time left; silent where WINDLIB_PROGRESS is 0."""

    def on_train_begin(self, logs=None):
        silent = os.environ.get("WINDLIB_PROGRESS") == "0" or sys.stderr is None  # it is closed
        self.bar = tqdm(
            total=self.params["epochs"], unit="epoch", disable=silent, file=sys.stderr, leave=False
        )

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix({name: f"{value:.4f}" for name, value in logs.items()}, refresh=False)
        self.bar.update()

    def on_train_end(self, logs=None):
        self.bar.close()


class _StopIfDiverged(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        for name, loss in (("loss", logs["loss"]), ("val_loss", logs.get("val_loss", 0.0))):
            if not np.isfinite(loss):
                raise DivergedError(
                    f"the {name} is {loss} after epoch {epoch + 1}; lower learning_rate="
                )


def _shapes(network):
    """Shape of one input of a network, and number of its outputs."""
    built = isinstance(network, keras.Model) and network.built
    shapes = (network.input_shape, network.output_shape) if built else ()
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


def _inputs(name, network, x):
    """Network inputs as float32, after the checks that `winding_number` makes of a curve."""
    shape, _ = _shapes(network)
    x = arguments.array(f"{name} inputs", x, np.float32)
    if x.shape[1:] != shape or len(x) == 0:
        raise TrainingDataError(
            f"got {name} inputs of shape {x.shape}; expected (n, {', '.join(map(str, shape))}) "
            "with n >= 1"
        )
    if len(shape) == 2 and shape[1] == 2:
        _curves(x)
    return x


def _curves(x):
    """The closed curves in network inputs; none may pass through the origin."""
    return checked(x[..., 0] + 1j * x[..., 1], gap=0, links=2)  # raw ones may come close to it


def _labels(name, winding, n):
    y = arguments.array(f"{name} labels", winding, np.float32)
    if y.shape != (n,):
        raise TrainingDataError(f"got {name} labels of shape {y.shape}; expected ({n},)")
    return y


def _data(name, network, x, y, classes):
    x = _inputs(name, network, x)
    y = _labels(name, y, len(x))
    if not classes:
        return x, y[:, None]
    is_class = y[:, None] == np.asarray(classes)
    if not is_class.any(axis=1).all():
        raise TrainingDataError(
            f"got the {name} label {y[is_class.any(axis=1).argmin()]:g}; expected one of the "
            f"classes {tuple(classes)}"
        )
    return x, is_class.astype(np.float32)


def _classes(network, classes):
    """Winding numbers that the outputs stand for, as a tuple; empty for a single output."""
    kinds = tuple | list | range | np.ndarray
    arguments.instance("classes", classes, kinds, "a tuple of winding numbers")
    classes = classes.ravel() if isinstance(classes, np.ndarray) else classes
    classes = tuple(whole("a class", w, least=None) for w in classes)
    n = _shapes(network)[1]
    if n != (len(classes) or 1) or len(set(classes)) != len(classes):
        raise NetworkError(
            f"got classes={classes} for a network with {n} outputs; expected one winding number "
            "an output, none twice, or none at all for a single output"
        )
    return classes


def _callbacks(callbacks):
    """Callbacks as a list, if all of them can work between whole epochs."""
    kinds = keras.callbacks
    if isinstance(callbacks, kinds.Callback):
        callbacks = [callbacks]
    callbacks = list(callbacks or ())
    never = ("BackupAndRestore", "SwapEMAWeights", "OrbaxCheckpoint")
    never = tuple(getattr(kinds, name) for name in never if hasattr(kinds, name))
    for callback in callbacks:
        name = type(callback).__name__
        if not isinstance(callback, kinds.Callback):
            raise CallbackError(f"got a callback of type {name}; expected keras.callbacks.Callback")
        if isinstance(callback, never):
            raise CallbackError(
                f"got the callback {name}, which needs Keras' own state of the optimizer; use "
                "ModelCheckpoint to keep weights, or windlib.train to keep whole runs"
            )
        every = getattr(callback, "save_freq", getattr(callback, "update_freq", "epoch"))
        if every != "epoch":
            raise CallbackError(
                f"got the callback {name} for every {every} batches; an epoch is one program "
                "here, and callbacks are called once in each: give it 'epoch'"
            )
        if isinstance(callback, kinds.TensorBoard) and find_spec("tensorboard") is None:
            raise CallbackError(
                "got the callback TensorBoard, and no tensorboard is installed; install it: "
                "pip install tensorboard"
            )
    return callbacks


def fit(
    network,
    x,
    y,
    validation=None,
    *,
    epochs,
    seed,
    batch_size=50,
    learning_rate=1e-3,
    schedule="constant",
    l2=0.0,
    classes=(),
    phases=False,
    patience=None,
    stop_after=None,
    callbacks=(),
):
    """Train a network by Adam on the mean squared error, or on the cross-entropy, in place.

    This is ``keras.Model.fit`` with its callbacks and its history, and with a whole epoch
    compiled to one XLA program. Equal seeds give equal weights on the same machine.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks`, or any Keras model with output shape (n, 1), or
        (n, classes) if it tells classes apart.
    x : float ndarray, shape (n, L + 1, 2)
    y : ndarray, shape (n,)
        Winding numbers.
    validation : tuple (x, y), optional
    epochs, batch_size : int
        A last, smaller batch is trained on like the others.
    seed : int
        Seed of the shuffling. The initial weights are the network's own.
    learning_rate : float
    schedule : {"constant", "cosine", "plateau"}
        "cosine" decays the learning rate to 0 over all epochs; "plateau" divides it by 10
        when the validation loss has not improved for 20 epochs (P2, Appendix A).
    l2 : float
        Adds l2 · Σ w² over all weights and biases to what is minimized, not to the losses
        in the history. Half of PyTorch's ``weight_decay``.
    classes : sequence of int
        Winding numbers that the outputs stand for: the loss is the cross-entropy (P2,
        Eqs. 11 and 18, with the natural logarithm). Empty: the mean squared error.
    phases : bool
        Multiply every curve, anew in each epoch, by random phases that do not wind; see
        `random_phases`.
    patience : int, optional
        Stop early when the validation loss has not improved for so many epochs.
    stop_after : int, optional
        Stop after so many of the epochs.
    callbacks : sequence of keras.callbacks.Callback
        They may change, evaluate or save `network` between epochs; ``self.model`` is only the
        program that trains it.

    Returns
    -------
    keras.callbacks.History
        ``history["loss"]`` and, with validation data, ``history["val_loss"]``, per epoch.

    Raises
    ------
    TrainingDataError
        Inputs or labels of the wrong shape, empty, or not finite.
    DivergedError
        The loss is no longer finite.
    WindingError
        With `phases`: a curve has no winding number.
    ValueError
        An argument is out of its range, `classes` does not fit the network, or the network
        has no trainable weights or a constraint on some.
    """
    classes = _classes(network, classes)
    if not network.trainable_variables or any(v.constraint for v in network.trainable_variables):
        raise NetworkError(
            "got a network without trainable weights, or with a constraint on some; expected "
            "trainable weights that may take any value"
        )
    epochs, batch_size = whole("epochs", epochs, 1), whole("batch_size", batch_size, 1)
    seed = whole("seed", seed)
    stop_after = epochs if stop_after is None else whole("stop_after", stop_after, 1, epochs)
    patience = None if patience is None else whole("patience", patience, 1)
    rate, l2 = real("learning_rate", learning_rate, 0), real("l2", l2, 0)
    choice("schedule", schedule, ("constant", "cosine", "plateau"))
    phases, callbacks = flag("phases", phases), _callbacks(callbacks)
    x, y = _data("training", network, x, y, classes)
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise TrainingDataError(
                f"got validation data of type {type(validation).__name__}; expected a pair (x, y)"
            )
        validation = _data("validation", network, *validation, classes)
    elif schedule == "plateau" or patience is not None:
        raise ArgumentError(
            "got no validation data; schedule='plateau' and patience= watch its loss"
        )
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()}; windlib trains on tensorflow: "
            "set KERAS_BACKEND=tensorflow"
        )
    if schedule == "cosine":
        rate = _CosineDecay(rate, epochs * -(-len(x) // batch_size))
    minimized = "categorical_crossentropy" if classes else "mse"
    examples = len(x), len(validation[0]) if validation else 0
    model, key = _taken_program(network, examples, batch_size, l2, minimized, rate)
    watch = []
    if schedule == "plateau":
        watch.append(keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=20, min_delta=0))
    if patience is not None:
        watch.append(keras.callbacks.EarlyStopping(patience=patience))
    evaluated = {}
    if validation is not None:  # endless too, or Keras would begin the stream twice in each epoch
        data = _untuned(tf.data.Dataset.from_tensors(validation).repeat())
        evaluated = {"validation_data": data, "validation_steps": 1}
    theirs = [_InPlace(callbacks, network)] if callbacks else []  # not for nobody: it takes time
    model.load(network)
    try:
        history = model.fit(
            _shuffled(x, y, seed, phases),
            shuffle=False,  # it is already
            steps_per_epoch=1,
            epochs=stop_after,
            **evaluated,
            callbacks=[_StopIfDiverged(), _Progress(), *watch, *theirs],
            verbose=0,
        )
    except BaseException:  # an interruption, too, leaves the network as the last epoch did
        if not theirs:
            model.store(network)
        raise
    model.store(network)
    _put_back(model, key)
    return history


def _shuffled(x, y, seed, phases):
    """Endless stream of epochs, each the whole training set in a new order."""
    rng = np.random.default_rng(seed)
    # Numbers of their own, so that the orders are the same with phases and without.
    phase_rng = np.random.default_rng([seed, 1])
    room = _room(x) if phases else None
    x, y = tf.constant(x), tf.constant(y)

    n = len(x)

    def draw():  # TensorFlow keeps it for good, and all that it refers to
        return rng.permutation(n), phase_rng.integers(2**31, size=2)

    @tf.autograph.experimental.do_not_convert
    def epoch(_):
        order, phase_seed = tf.numpy_function(draw, [], (tf.int64, tf.int64))
        order, phase_seed = tf.ensure_shape(order, (n,)), tf.ensure_shape(phase_seed, (2,))
        points = tf.gather(x, order)
        if phases:
            points = _turned(points, tf.gather(room, order), phase_seed)
        return points, tf.gather(y, order)

    # From a generator TensorFlow 2.21 would also set glibc's M_MMAP_THRESHOLD: each large array of
    # the process would then be new memory.
    return _untuned(tf.data.Dataset.counter().map(epoch).prefetch(1))


def _untuned(data):
    """A stream without the thread that tunes it, for which `fit` would wait at its end."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1  # glibc keeps memory for a thread's next array
    return data.with_options(options)


def _room(x):
    """Half of what the longest link of each curve lacks of half a turn, in radians."""
    z = x[..., 0] + 1j * x[..., 1].astype(float)
    rounding = 4 * np.finfo(np.float32).eps  # of points that were rounded to single precision once
    angles = link_angles(z / np.abs(z), gap=rounding, closure=1)  # the ends were checked
    return ((np.pi - np.abs(angles).max(axis=1)) / 2).astype(np.float32)


def _turned(x, room, seed):
    n, links = x.shape[0], x.shape[1] - 1
    angle = room[:, None] * tf.random.stateless_uniform((n, links), seed, -1, 1)
    angle += 2 * np.pi * tf.random.stateless_uniform((n, 1), seed + 1)
    angle = tf.concat([angle, angle[:, :1]], axis=1)
    cos, sin = tf.cos(angle), tf.sin(angle)
    return tf.stack([cos * x[..., 0] - sin * x[..., 1], sin * x[..., 0] + cos * x[..., 1]], axis=-1)


def random_phases(x, seed):
    """Curves multiplied point by point by random phases e^{iχ} that do not wind.

    The winding number of a product is the sum of both winding numbers, so that any phase
    that does not wind leaves it as it is. χ is a turn of the whole curve plus independent
    turns of its points, uniform up to half of what the curve's longest link lacks of half
    a turn: no link can then turn by more than that, and the discrete winding number is kept.
    (Float32 decides about links within 1e-6 of half a turn.)

    Parameters
    ----------
    x : float ndarray, shape (n, L + 1, 2)
    seed : int

    Returns
    -------
    float32 ndarray, shape (n, L + 1, 2)
    """
    x = arguments.array("inputs", x, np.float32)
    if x.ndim != 3 or x.shape[2] != 2 or len(x) == 0:
        raise TrainingDataError(
            f"got inputs of shape {x.shape}; expected (n, L + 1, 2) with n >= 1, as "
            "network_input gives"
        )
    _curves(x)
    seed = tf.constant([whole("seed", seed, most=2**63 - 1), 0], tf.int64)
    return np.asarray(_turned(tf.constant(x), _room(x), seed))


def outputs(network, x):
    """The network's real-valued outputs: w̃, or the probability of each class.

    Parameters
    ----------
    network : keras.Model
    x : float ndarray, shape (n, L + 1, 2)

    Returns
    -------
    float32 ndarray, shape (n,) or (n, classes)
    """
    x = _inputs("given", network, x)
    forward = _forward(_architecture(network))
    weights = [v.value for v in network.trainable_variables]
    states = [v.value for v in network.non_trainable_variables]
    parts = []
    for i in range(0, len(x), _PART):
        part = x[i : i + _PART]
        part = np.pad(part, [(0, _PART - len(part))] + [(0, 0)] * (part.ndim - 1))
        parts.append(forward(weights, states, part))
    found = np.concatenate(parts)[: len(x)]
    if not np.isfinite(found).all():
        raise DivergedError(
            f"the network's outputs for {np.count_nonzero(~np.isfinite(found).all(axis=1))} of "
            f"{len(x)} inputs are not finite; train it anew, with a lower learning_rate="
        )
    return found[:, 0] if found.shape[1] == 1 else found


def loss(network, x, winding, classes=()):
    """The loss that `fit` reports for validation data, calculated anew in double precision.

    Without what a layer's own regularizer adds to it.
    """
    classes = _classes(network, classes)
    x, y = _data("given", network, x, winding, classes)
    found = outputs(network, x).astype(float)
    if classes:
        return float(-np.log(np.maximum((found * y).sum(axis=1), 1e-7)).mean())
    return float(np.mean((found - y[:, 0]) ** 2))


_PART = 1000  # curves; what a layer makes of more leaves the processor's caches


@cache
def _forward(architecture):
    """Compiled outputs of an architecture, for any weights: compiling takes longer than running.

    Compiled again for each number of curves, so that `outputs` fills up the last part.
    """
    network = keras.models.model_from_json(architecture)

    @tf.function(jit_compile=True, autograph=False)
    def forward(weights, states, x):
        return network.stateless_call(weights, states, x)[0]

    return forward


def accuracy(network, x, winding):
    """Share of inputs, in percent, whose output is nearest to the winding number (P1)."""
    _classes(network, ())
    found = outputs(network, x)
    winding = _labels("given", winding, len(found))
    if (winding != np.rint(winding)).any():
        raise TrainingDataError("got labels that are not whole; expected winding numbers")
    return 100 * float(np.mean(np.rint(found) == winding))
