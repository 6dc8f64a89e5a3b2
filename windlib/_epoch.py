"""The compiled epoch: a whole epoch of `windlib.training.fit` as one XLA program.

These networks take longer to be called than to compute. What is done about it, and what for:

- Keras' batch is the whole shuffled epoch, and the mini-batches are a loop inside one program
  (`EpochModel`): Keras calls Python once in an epoch, not once in a mini-batch.
- All weights are one vector (``packed``): Adam goes through it at once, and the products with the
  samples last read each matrix as it lies there.
- Each mini-batch is read one step ahead, into a buffer of its own.
- Compiled programs are kept for the next seed (``take_program``): compiling takes as long as ten
  epochs or more.
- The program runs in the thread that calls it (``_called_here``).

``benchmarks/epoch.py`` takes them out, one at a time; the book's performance page has the times.
"""

import json
import math

import numpy as np

from windlib._quiet import keras, tf
from windlib.augmentation import largest_phase, with_phases
from windlib.networks import architecture

CosineDecay = keras.optimizers.schedules.CosineDecay


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
    """Trains the weights of a network on a whole epoch in one step.

    Keras calls ``train_step`` once per batch, and the call costs more than these networks'
    arithmetic. Here Keras' batch is the shuffled epoch, and the mini-batches are a loop
    inside the one XLA program that ``train_step`` compiles to. It trains all weights as one
    vector, from `load` to `store`; those of the network stay as they are. Made for
    `windlib.training.fit`: Keras' options for how steps are run have no effect.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks`, or another one that `windlib.training.fit` can train.
    batch_size : int
        Curves in each mini-batch.
    l2 : float
        As in `windlib.training.fit`; 0 by default.
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


def _copy(source, target):
    for old, new in zip(target, source, strict=True):
        old.value.assign(new.value)


def _called_here(step):
    """A compiled step as a function of the stream, run by the thread that calls it.

    Keras would call it from a second function, with the stream in it, and TensorFlow runs such a
    function in a thread of its pool, which takes longer.
    """
    # AutoGraph would rewrite sources without need: a fifth of a first epoch.
    program = tf.function(step, jit_compile=True, autograph=False)
    return lambda iterator: program(next(iterator))


_PROGRAMS: dict = {}  # compiled and at rest, by all that they were compiled for; the last few
_KEPT = 4


def take_program(network, examples, batch_size, l2, minimized, rate):
    """A compiled model to train in the place of `network`, and its key in `_PROGRAMS`.

    Compiling takes as long as ten epochs or more, and a program does not depend on the
    seed, the data or a constant learning rate. While it is used nobody else can take it.
    """
    schedule = rate.get_config() if isinstance(rate, CosineDecay) else None
    facts = (architecture(network), examples, batch_size, l2, minimized, schedule)
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


def keep_program(model, key):
    _PROGRAMS[key] = model
    while len(_PROGRAMS) > _KEPT:
        _PROGRAMS.pop(next(iter(_PROGRAMS)), None)


class _Seen:
    """What callbacks see as their model: the network, with the optimizer that trains it."""

    _OF_THE_PROGRAM = ("optimizer", "stop_training", "packed")

    def __init__(self, network, program):
        vars(self).update(_network=network, _program=program)

    @property  # type: ignore[misc]
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


class InPlace(keras.callbacks.CallbackList):
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


def shuffled_epochs(x, y, seed, phases):
    """Endless stream of epochs, each the whole training set in a new order."""
    rng = np.random.default_rng(seed)
    # Numbers of their own, so that the orders are the same with phases and without.
    phase_rng = np.random.default_rng([seed, 1])
    largest = largest_phase(x) if phases else None
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
            points = with_phases(points, tf.gather(largest, order), phase_seed)
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


def endless(validation):
    """Validation data again and again, or Keras would begin the stream twice in each epoch."""
    return _untuned(tf.data.Dataset.from_tensors(validation).repeat())
