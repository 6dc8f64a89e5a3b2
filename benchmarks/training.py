"""Seconds per epoch of P1's convolutional network: ours against Keras' own ``fit``.

310 weights, 100,000 Hamiltonians, batch 50. All contestants train on the same data in one
process, in turn, round after round; the first epoch of every fit, which compiles, does not
count. The numbers to keep are the ratios: times belong to the machine and its load.
"""

import argparse
import os
import platform
import statistics
import time

os.environ["WINDLIB_PROGRESS"] = "0"

import windlib
from windlib import networks, training  # before Keras: it chooses the backend
from windlib.experiments import CATALOGUE, training_data

# isort: split
import keras
import numpy as np
import tensorflow as tf
from keras import layers

BATCH = 50


class Clock(keras.callbacks.Callback):
    """Seconds of every epoch but the first."""

    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        if epoch > 0:
            self.seconds.append(time.perf_counter() - self.begin)


def ours(x, y, epochs):
    clock = Clock()
    training.fit(
        networks.convolutional(),
        x,
        y,
        epochs=epochs + 1,
        seed=0,
        batch_size=BATCH,
        callbacks=[clock],
    )
    return clock.seconds


def rival(**compile_options):
    """The same network as Keras' guides would build and train it."""
    model = keras.Sequential(
        [
            keras.Input((33, 2, 1)),
            layers.Conv2D(40, 2, activation="relu"),
            layers.Conv2D(1, 1, activation="relu"),
            layers.Flatten(),
            layers.Dense(2, activation="relu"),
            layers.Dense(1),
        ]
    )
    assert model.count_params() == networks.convolutional().count_params() == 310
    model.compile(optimizer="adam", loss="mse", **compile_options)

    def fit(x, y, epochs):
        clock = Clock()
        model.fit(
            x[..., None], y, batch_size=BATCH, epochs=epochs + 1, verbose=0, callbacks=[clock]
        )
        return clock.seconds

    return fit


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds to measure (5)")
    rounds = parser.parse_args().rounds

    x, winding = training_data(CATALOGUE["aiii-cnn"].data)
    y = winding.astype(np.float32)[:, None]
    print(
        f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"Python {platform.python_version()}, TensorFlow {tf.__version__}, "
        f"Keras {keras.__version__}, windlib {windlib.__version__}"
    )
    print(f"{len(x):,} Hamiltonians, batch {BATCH}, {rounds} rounds\n")

    tuned = {k: rival(jit_compile=True, steps_per_execution=k) for k in (20, 100, 500)}
    trial = {k: min(fit(x, y, 2)) for k, fit in tuned.items()}
    best = min(trial, key=trial.get)
    print("steps_per_execution, tried once (seconds per epoch):")
    print("  " + ", ".join(f"{k}: {s:.2f}" for k, s in trial.items()) + f"; best: {best}\n")

    plain = rival()
    names = {
        "windlib.training.fit": lambda: ours(x, winding, 4),
        "Keras fit as it comes": lambda: plain(x, y, 1),
        f"Keras fit, jit, {best} steps": lambda: tuned[best](x, y, 2),
    }
    seconds = {name: [] for name in names}
    for _ in range(rounds):
        for name, measure in names.items():
            seconds[name].append(statistics.median(measure()))

    print(f"{'':26} {'s per epoch':>11} {'min-max':>12}   {'times ours':>10} {'min-max':>12}")
    base = np.array(seconds["windlib.training.fit"])
    for name, values in seconds.items():
        s, ratio = np.array(values), np.array(values) / base
        print(
            f"{name:26} {np.median(s):11.3f} {s.min():6.3f}-{s.max():5.3f}   "
            f"{np.median(ratio):10.1f} {ratio.min():7.1f}-{ratio.max():.1f}"
        )


if __name__ == "__main__":
    main()
