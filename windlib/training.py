"""Training: Keras' own ``fit``, with a whole epoch as one compiled program."""

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from windlib import _epoch
from windlib._quiet import keras
from windlib.arguments import ArgumentError, choice, flag, real, whole
from windlib.datasets import TrainingDataError
from windlib.errors import WindlibError
from windlib.evaluation import DivergedError, NetworkError, checked_classes, checked_data


class CallbackError(WindlibError, ValueError):
    """A callback of Keras that needs more than whole epochs, or another state or rate of Adam's."""


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


_DECAYING = (
    "schedule='cosine' sets the learning rate in every step, and no callback can: give "
    "schedule='constant', and the learning rate to the callback"
)


def _callbacks(callbacks, schedule):
    """Callbacks as a list, if all of them can work between whole epochs and with the schedule."""
    kinds = keras.callbacks
    if isinstance(callbacks, kinds.Callback):
        callbacks = [callbacks]
    if not isinstance(callbacks, Iterable | None):
        raise CallbackError(
            f"got callbacks of type {type(callbacks).__name__}; expected a list of "
            "keras.callbacks.Callback"
        )
    callbacks = [] if callbacks is None else list(callbacks)
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
        if schedule == "cosine" and isinstance(
            callback, kinds.LearningRateScheduler | kinds.ReduceLROnPlateau
        ):
            raise CallbackError(f"got the callback {name}; {_DECAYING}")
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
    network: keras.Model,
    x: ArrayLike,
    y: ArrayLike,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    epochs: int,
    seed: int,
    batch_size: int = 50,
    learning_rate: float = 1e-3,
    schedule: str = "constant",
    l2: float = 0.0,
    classes: Sequence[int] = (),
    phases: bool = False,
    patience: int | None = None,
    stop_after: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Train a network by Adam on the mean squared error, or on the cross-entropy, in place.

    This is ``keras.Model.fit`` with its callbacks and its history, and with a whole epoch
    compiled to one XLA program. Equal seeds give equal weights on the same machine.

    Parameters
    ----------
    network : keras.Model
        From `windlib.networks`, or any Keras model with output shape (n, 1), or
        (n, classes) if it tells classes apart.
    x : float ndarray, shape (n, L + 1, 2)
        Curves, as `windlib.datasets.network_input` gives them: unit vectors (P1), or raw points
        where the recipe has "raw" inputs.
    y : ndarray, shape (n,)
        Winding numbers.
    validation : tuple (x, y), optional
        Other curves and their winding numbers, of the same kinds. Their loss is calculated after
        every epoch; `patience` and ``schedule="plateau"`` watch it, and are refused without it.
    epochs : int
        How often the whole training set is gone through, at least once.
    seed : int
        Seed of the shuffling, 0 or larger. The initial weights are the network's own.
    batch_size : int
        Curves in each of Adam's steps; 50 by default. A last, smaller batch is trained on like the
        others.
    learning_rate : float
        Adam's step size, 0 or larger, dimensionless; 0.001 by default. With another schedule than
        "constant", that of the beginning.
    schedule : {"constant", "cosine", "plateau"}
        "constant", the default, keeps the learning rate. "cosine" decays it to 0 over all epochs.
        "plateau" divides it by 10 when the validation loss has not improved for 20 epochs (P2,
        Appendix A).
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
        program that trains it. None may set the learning rate with ``schedule="cosine"``.

    Returns
    -------
    keras.callbacks.History
        ``history["loss"]`` and, with validation data, ``history["val_loss"]``, per epoch.

    Raises
    ------
    ArgumentError
        An argument is of the wrong kind or out of its range, a number in the data is not finite,
        or `patience` or ``schedule="plateau"`` has no validation data to watch.
    NetworkError
        The network is no Keras model of one input and one output, has no trainable weights or a
        constraint on some, or does not fit `classes`.
    PrecisionError
        Keras, or a layer, is set to another precision than float32.
    TrainingDataError
        Inputs or labels have the wrong shape, or there are none; a label is none of `classes`; or
        `validation` is no pair.
    WindingError
        A curve does not close or passes through the origin. With `phases` also where one has no
        winding number.
    CallbackError
        A callback is none of Keras', wants to be called between batches, sets the learning rate
        that "cosine" decays, or needs Keras' own state of Adam or a package that is not installed.
    DivergedError
        After an epoch a loss is NaN or infinite.
    RuntimeError
        Keras runs on another backend than TensorFlow.
    """
    classes = checked_classes(network, classes)
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
    phases, callbacks = flag("phases", phases), _callbacks(callbacks, schedule)
    x, y = checked_data("training", network, x, y, classes)
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise TrainingDataError(
                f"got validation data of type {type(validation).__name__}; expected a pair (x, y)"
            )
        validation = checked_data("validation", network, *validation, classes)
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
        rate = _epoch.CosineDecay(rate, epochs * -(-len(x) // batch_size))
    minimized = "categorical_crossentropy" if classes else "mse"
    examples = len(x), len(validation[0]) if validation else 0
    model, key = _epoch.take_program(network, examples, batch_size, l2, minimized, rate)
    watch = []
    if schedule == "plateau":
        watch.append(keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=20, min_delta=0))
    if patience is not None:
        watch.append(keras.callbacks.EarlyStopping(patience=patience))
    evaluated = {}
    if validation is not None:
        evaluated = {"validation_data": _epoch.endless(validation), "validation_steps": 1}
    theirs = (
        [_epoch.InPlace(callbacks, network)] if callbacks else []
    )  # not for nobody: it takes time
    model.load(network)
    try:
        history = model.fit(
            _epoch.shuffled_epochs(x, y, seed, phases),
            shuffle=False,  # it is already
            steps_per_epoch=1,
            epochs=stop_after,
            **evaluated,
            callbacks=[_StopIfDiverged(), _Progress(), *watch, *theirs],
            verbose=0,
        )
    except BaseException as error:  # an interruption, too, leaves the network as the last epoch did
        if not theirs:
            model.store(network)
        setting = "not settable", "'assign'"  # Keras' words for a rate that it computes
        if schedule == "cosine" and any(words in str(error) for words in setting):
            raise CallbackError(
                f"got a callback that sets the learning rate; {_DECAYING}"
            ) from error
        raise
    model.store(network)
    _epoch.keep_program(model, key)
    return history
