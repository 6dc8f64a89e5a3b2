"""What each part of the compiled epoch buys: `windlib.training.fit` with one of them taken out.

The parts are those that `windlib._epoch` names, and the two of `windlib.networks` that are made
for it. That an epoch is one program is left out here: Keras' own `fit` in ``training.py`` has
none. Every contestant has a process of its own, and they train in turn.
"""

import argparse
import os

os.environ["WINDLIB_PROGRESS"] = "0"

import measure
import numpy as np
import rivals
import training

WHOLE = "all parts"


def separate_weights(epoch, networks):
    """Adam goes through each array of weights by itself."""
    from windlib._quiet import tf

    class Separate(epoch.EpochModel):
        parts = ()

        def compile(self, optimizer, **options):
            self.parts = [self.add_weight(shape, "zeros") for shape in self._shapes]
            self.load(self.network)
            super().compile(optimizer=optimizer, **options)
            optimizer.build(self.parts)

        def load(self, network):
            self.network = network
            for part, v in zip(self.parts, network.trainable_variables, strict=False):
                part.assign(v)

        def store(self, network):
            for part, v in zip(self.parts, network.trainable_variables, strict=True):
                v.assign(part)

        def train_step(self, data):
            def step(x, y):
                weights = [part.value for part in self.parts]
                with tf.GradientTape() as tape:
                    found = self._network().stateless_call(weights, [], x, training=True)[0]
                    loss = self.compute_loss(y=y, y_pred=found)
                self.optimizer.apply(tape.gradient(loss, weights), self.parts)
                return loss

            return self._over_batches(step, *data)

    epoch.EpochModel = Separate


def read_where_used(epoch, networks):
    """Each mini-batch is read in the step that trains on it."""
    from windlib._quiet import tf

    def over_batches(self, step, x, y):
        size = self.batch_size
        steps = x.shape[0] // size
        xs = tf.reshape(x, (steps, size, *x.shape[1:]))
        ys = tf.reshape(y, (steps, size, *y.shape[1:]))
        _, total = tf.while_loop(
            lambda i, _: i < steps,
            lambda i, total: (i + 1, total + size * step(xs[i], ys[i])),
            (0, 0.0),
        )
        return {"loss": total / x.shape[0]}

    epoch.EpochModel._over_batches = over_batches


def in_keras_function(epoch, networks):
    """Keras calls the program, from a function with the stream in it."""
    from windlib._quiet import keras

    class Called(epoch.EpochModel):
        def compile(self, **options):
            super().compile(**options, jit_compile=True)

    Called.make_train_function = keras.Model.make_train_function
    epoch.EpochModel = Called


def tuned_stream(epoch, networks):
    """TensorFlow tunes the stream, in a thread that `fit` waits for at its end."""
    epoch._untuned = lambda data: data


def derived_gradient(epoch, networks):
    """TensorFlow derives the gradient of the sum over kernels."""
    from windlib._quiet import keras

    ops = keras.ops

    def sum_of_relus(x, kernel, bias, factors):
        return ops.sum(factors * ops.relu(ops.matmul(kernel, x) + bias), axis=0)

    networks._sum_of_relus = sum_of_relus


def keras_layers(epoch, networks):
    """The network of Keras' own layers, with its Conv2D."""
    networks.convolutional = _plain(networks, networks.convolutional)
    networks.fully_connected = _plain(networks, networks.fully_connected)


def _plain(networks, build):
    return lambda *args, **options: networks.to_keras_layers(build(*args, **options))


PARTS = {
    "weights as one vector": separate_weights,
    "a mini-batch read one step ahead": read_where_used,
    "the program called by fit's thread": in_keras_function,
    "a stream that nothing tunes": tuned_stream,
    "the gradient written by hand": derived_gradient,
    "layers with the samples last": keras_layers,
}


class Without(training.Ours):
    """`windlib.training.fit` without one of the parts."""

    def prepare(self, x, y, part=WHOLE):
        from windlib import _epoch, networks

        if part in PARTS:
            PARTS[part](_epoch, networks)
        super().prepare(x, y)


def mean_epoch(process):
    """Seconds, the mean of a training's epochs but its first, with the wait at its end."""
    k = int(np.clip(2 / process.trial, 2, 40))
    return float(np.mean(process.epochs(k + 1)[1:]))


def compare(name, rounds):
    """Times of an epoch with and without each part, on one network."""
    x, y = training.samples(name)
    arguments = rivals.NETWORKS[name], x, y, training.PROBLEMS[name][1], training.SEED
    processes = {
        part: training.best(Without, [{"part": part}], arguments) for part in (WHOLE, *PARTS)
    }
    whole = processes[WHOLE]
    seconds = measure.in_turn(
        {part: lambda p=process: mean_epoch(p) for part, process in processes.items()}, rounds
    )
    rows = measure.against(seconds, WHOLE)
    compiled = whole.first / float(np.median(seconds[WHOLE]))
    for process in processes.values():
        process.pool.shutdown()
    measure.print_table(f"{name}: an epoch without ...", "seconds", rows)
    print(f"the first epoch, which compiles, takes as long as {compiled:.0f} others")
    return {"network": name, "samples": len(x), "compiled": compiled, "rows": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds to measure (5)")
    parser.add_argument(
        "--networks", nargs="*", choices=training.PROBLEMS, default=list(training.PROBLEMS)
    )
    options = parser.parse_args()
    measure.save({"networks": [compare(name, options.rounds) for name in options.networks]})


if __name__ == "__main__":
    main()
