"""The programs that one would write instead of `windlib.training.fit`, to compare it with.

Every contestant is built with ``(network, x, y, batch_size, seed)`` and trains k more epochs
with ``epochs(k)``, which returns the seconds of each; ``loss`` is then the mean loss of the
last. All do the same: Adam at a learning rate of 1e-3, float32, the same initial weights, and
a new order of all samples in every epoch. The first epoch also compiles. Each framework is
imported by its own contestants alone.
"""

import os
import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

RATE = 1e-3


@dataclass(frozen=True)
class Network:
    """The papers' networks: kernels that look at pairs of neighbours, then dense ReLU layers.

    With `kernels` 0 the first dense layer sees the flattened curve. The loss of one output is
    the mean squared error, that of several the cross-entropy of their softmax.
    """

    kernels: int = 40
    widths: tuple = (2,)
    outputs: int = 1
    links: int = 32

    @property
    def shapes(self):
        """Shapes (fan out, fan in) of all the weights, each but for its biases (fan out, 1)."""
        pairs = [(self.kernels, 4), (1, self.kernels)] if self.kernels else []
        size = self.links if self.kernels else 2 * (self.links + 1)
        sizes = [size, *self.widths, self.outputs]
        return pairs + [(m, n) for n, m in pairwise(sizes)]

    def start(self, seed):
        """Xavier's normal initial weights as windlib has them: (matrix, column of biases) each."""
        rng, start = np.random.default_rng(seed), []
        for m, n in self.shapes:
            fan_out = 4 * m if n == 4 else m  # a convolution's, of 2×2 kernels
            matrix = rng.normal(0, (2 / (n + fan_out)) ** 0.5, (m, n))
            start.append((matrix.astype(np.float32), np.zeros((m, 1), np.float32)))
        return start


def keras_weights(model, start):
    """The same weights in the shapes of a Keras model's, for ``model.set_weights``."""
    arrays = [array for layer in start for array in layer]
    return [a.T.reshape(v.shape) for a, v in zip(arrays, model.weights, strict=True)]


NETWORKS = {
    "P1, convolutional": Network(),
    "P1, fully connected": Network(kernels=0, widths=(40, 32, 2)),
    "P2, Hatano–Nelson": Network(kernels=32),
    "P2, phase diagrams": Network(kernels=32, widths=(16,), outputs=3),
}


class Contestant:
    """A training that goes on epoch by epoch.

    x has shape (n, L + 1, 2), y (n,): numbers for one output, else classes 0, 1, …
    """

    def __init__(self, network, x, y, batch_size, seed, **options):
        if len(x) % batch_size:
            raise ValueError(f"got {len(x)} samples; expected a multiple of {batch_size}")
        self.network, self.batch_size, self.seed = network, batch_size, seed
        x = np.asarray(x, np.float32)
        y = np.asarray(y, np.float32)[:, None] if network.outputs == 1 else np.asarray(y, np.int32)
        self.prepare(x, y, **options)

    def epochs(self, k):
        """Trains k epochs; returns the seconds of each."""
        seconds = []
        for _ in range(k):
            begin = time.perf_counter()
            self.loss = float(self.epoch())
            seconds.append(time.perf_counter() - begin)
        return seconds


def timed(fit, *arguments, **options):
    """Seconds of each epoch of a Keras-like ``fit``, and its last loss."""
    import keras

    times = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda *_: times.append(time.perf_counter()),
        on_epoch_end=lambda *_: times.append(time.perf_counter()),
    )
    history = fit(*arguments, **options, callbacks=[clock])
    seconds = [end - begin for begin, end in zip(times[::2], times[1::2], strict=True)]
    return seconds, history.history["loss"][-1]


class KerasFit(Contestant):
    """Keras' ``fit`` as it comes, with the layers that its guides would choose."""

    def prepare(self, x, y, **compile_options):
        import keras

        layers, network = keras.layers, self.network
        keras.utils.set_random_seed(self.seed)
        inputs = [keras.Input((network.links + 1, 2, 1))]
        if network.kernels:
            inputs += [
                layers.Conv2D(network.kernels, 2, activation="relu"),
                layers.Conv2D(1, 1, activation="relu"),
            ]
        dense = [layers.Dense(width, "relu") for width in network.widths]
        self.model = keras.Sequential(
            [*inputs, layers.Flatten(), *dense, layers.Dense(network.outputs)]
        )
        loss = "mse"
        if network.outputs > 1:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        optimizer = keras.optimizers.Adam(RATE)
        self.model.compile(optimizer=optimizer, loss=loss, **compile_options)
        self.model.set_weights(keras_weights(self.model, network.start(self.seed)))
        self.data = x[..., None], y

    def epochs(self, k):
        seconds, self.loss = timed(
            self.model.fit, *self.data, batch_size=self.batch_size, epochs=k, verbose=0
        )
        return seconds


class KerasTuned(KerasFit):
    """The same, compiled by XLA, with so many steps for each call of the program."""

    def prepare(self, x, y, steps=100):
        super().prepare(x, y, jit_compile=True, steps_per_execution=steps)


class TorchEager(Contestant):
    """PyTorch's usual loop, without its DataLoader, which is slower than slicing."""

    def prepare(self, x, y, threads=1):
        import torch
        from torch import nn

        torch.set_num_threads(threads)
        torch.manual_seed(self.seed)
        network = self.network
        first = []
        if network.kernels:
            first = [nn.Conv2d(1, network.kernels, 2), nn.ReLU()]
            first += [nn.Conv2d(network.kernels, 1, 1), nn.ReLU()]
        dense = [nn.Linear(n, m) for m, n in network.shapes[2 if network.kernels else 0 :]]
        hidden = [layer for linear in dense[:-1] for layer in (linear, nn.ReLU())]
        self.model = nn.Sequential(*first, nn.Flatten(), *hidden, dense[-1])
        arrays = [array for layer in network.start(self.seed) for array in layer]
        for p, array in zip(self.model.parameters(), arrays, strict=True):
            p.data = torch.from_numpy(array).reshape(p.shape)
        self.loss_of = nn.MSELoss() if network.outputs == 1 else nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), RATE, fused=True)
        self.x = torch.from_numpy(x)[:, None]
        self.y = torch.from_numpy(y)
        if network.outputs > 1:
            self.y = self.y.long()

    def epoch(self):
        import torch

        batches = torch.randperm(len(self.x)).split(self.batch_size)
        return sum(self.step(self.x[i], self.y[i]) for i in batches) / len(batches)

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.loss_of(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.detach()


class TorchCompiled(Contestant):
    """Several whole steps, Adam by hand included, as one program of ``torch.compile``.

    Half the time, or less, of compiling the model alone. The 2×2 kernels are one matrix product.
    """

    def prepare(self, x, y, steps=5):
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(self.seed)
        network, self.steps = self.network, steps
        start = [torch.from_numpy(array) for layer in network.start(self.seed) for array in layer]
        flat = torch.cat([array.ravel() for array in start])
        self.state = flat, 0 * flat, 0 * flat, torch.tensor(0.0)
        self.x = torch.from_numpy(x.transpose(0, 2, 1).copy() if network.kernels else x)
        self.y = torch.from_numpy(y) if network.outputs == 1 else torch.from_numpy(y).long()
        loss_of = torch.nn.MSELoss() if network.outputs == 1 else torch.nn.CrossEntropyLoss()

        def loss(flat, x, y):
            parts = flat.split([array.numel() for array in start])
            parts = [part.view(array.shape) for part, array in zip(parts, start, strict=True)]
            *hidden, last = zip(parts[::2], parts[1::2], strict=True)
            u = x.movedim(0, -1)
            if network.kernels:
                pairs = torch.cat([u[:, :-1], u[:, 1:]]).reshape(4, -1)
                for a, b in hidden[:2]:
                    pairs = torch.relu(a @ pairs + b)
                u, hidden = pairs.reshape(network.links, -1), hidden[2:]
            u = u.reshape(-1, u.shape[-1])
            for a, b in hidden:
                u = torch.relu(a @ u + b)
            return loss_of((last[0] @ u + last[1]).T, y)

        def run(state, x, y, batches):
            (flat, m, v, t), total = state, 0
            for i in batches:
                g, value = torch.func.grad_and_value(loss)(flat, x[i], y[i])
                t = t + 1
                m = m + 0.1 * (g - m)
                v = v + 0.001 * (g * g - v)
                rate = RATE * torch.sqrt(1 - 0.999**t) / (1 - 0.9**t)
                flat, total = flat - rate * m / (torch.sqrt(v) + 1e-7), total + value
            return (flat, m, v, t), total

        self.run = torch.compile(run, fullgraph=True, dynamic=False)

    def epoch(self):
        import torch

        batches, total = torch.randperm(len(self.x)).reshape(-1, self.batch_size), 0
        for several in batches.split(self.steps):
            self.state, part = self.run(self.state, self.x, self.y, several)
            total += part
        return total / len(batches)


class JaxScan(Contestant):
    """A whole epoch as one JAX program: a scan over the mini-batches, and Adam by hand.

    Or, `ahead`, a loop in which each mini-batch is read while the one before it is trained on.

    The samples are last, so that the 2×2 kernels are one wide matrix product. While a program
    runs, NumPy arranges the next epoch, twice as fast as XLA would gather it. Small products are
    left to YNNPACK, a library of routines that JAX uses as it comes, and TensorFlow's XLA if told.
    """

    def prepare(self, x, y, written_gradient=False, ahead=False, ynnpack=True):
        # JAX reads it when it is first used: handing out parts of a step takes longer than they do.
        os.environ["NPROC"] = "1"
        import jax
        import jax.numpy as jnp
        from jax.flatten_util import ravel_pytree

        network, size = self.network, self.batch_size
        self.rng = np.random.default_rng(self.seed)
        flat, unpack = ravel_pytree(jax.tree.map(jnp.asarray, network.start(self.seed)))
        self.state = flat, 0 * flat, 0 * flat, jnp.float32(0)
        self.x = x.transpose(0, 2, 1).copy() if network.kernels else x.reshape(len(x), -1)
        self.y = y if network.outputs == 1 else np.eye(network.outputs, dtype=np.float32)[y]
        sum_of_relus = _written(jax) if written_gradient else _derived(jax)

        def loss(flat, x, y):
            layers = unpack(flat)
            u = jnp.moveaxis(x, 0, -1)
            if network.kernels:
                (kernel, bias), (factors, sum_bias), *layers = layers
                pairs = jnp.concatenate([u[:, :-1], u[:, 1:]]).reshape(4, -1)
                u = jax.nn.relu(sum_of_relus(pairs, kernel, bias, factors) + sum_bias)
                u = u.reshape(network.links, -1)
            *hidden, (kernel, bias) = layers
            for a, b in hidden:
                u = jax.nn.relu(a @ u + b)
            u = kernel @ u + bias
            if network.outputs == 1:
                return jnp.mean((u - y.T) ** 2)
            return jnp.mean(jax.nn.logsumexp(u, axis=0) - jnp.sum(u * y.T, axis=0))

        def step(state, batch):
            flat, m, v, t = state
            value, g = jax.value_and_grad(loss)(flat, *batch)
            t += 1
            m = m + 0.1 * (g - m)
            v = v + 0.001 * (g * g - v)
            rate = RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            return (flat - rate * m / (jnp.sqrt(v) + 1e-7), m, v, t), value

        def epoch(state, data):
            batches = [part.reshape(-1, size, *part.shape[1:]) for part in data]
            if not ahead:
                state, losses = jax.lax.scan(step, state, batches)
                return state, losses.mean()
            steps = len(batches[0])

            def batch(i):
                return [jax.lax.dynamic_index_in_dim(part, i, keepdims=False) for part in batches]

            def body(i, carry):
                state, total, now = carry
                state, value = step(state, now)
                return state, total + value, batch(jnp.minimum(i + 1, steps - 1))

            start = state, jnp.float32(0), batch(0)
            state, total, _ = jax.lax.fori_loop(0, steps, body, start)
            return state, total / steps

        # Vectors of 512 bits, where there are any: 7 % faster than XLA's own choice.
        options = {"xla_cpu_prefer_vector_width": 512}
        if not ynnpack:
            options["xla_cpu_experimental_ynn_fusion_type"] = ""
        self.run = jax.jit(epoch, compiler_options=options)
        self.next = self.shuffled()

    def shuffled(self):
        order = self.rng.permutation(len(self.x))
        return self.x.take(order, 0), self.y.take(order, 0)

    def epoch(self):
        self.state, loss = self.run(self.state, self.next)  # does not wait
        self.next = self.shuffled()
        return loss


def _derived(jax):
    return lambda x, kernel, bias, factors: factors @ jax.nn.relu(kernel @ x + bias)


def _written(jax):
    """The same with windlib's gradient: one matrix product for kernel and factors alike."""
    jnp = jax.numpy

    @jax.custom_vjp
    def sum_of_relus(x, kernel, bias, factors):
        return forward(x, kernel, bias, factors)[0]

    def forward(x, kernel, bias, factors):
        seen = jax.nn.relu(kernel @ x + bias)
        rows = factors.T * seen
        while rows.shape[0] % 2 == 0:
            rows = sum(jnp.split(rows, 2))
        return sum(jnp.split(rows, rows.shape[0])), (x, seen, kernel, bias, factors)

    def backward(kept, upstream):
        x, seen, kernel, bias, factors = kept
        passed = jnp.where(seen > 0, upstream, 0.0)
        by_kernel = passed @ x.T
        by_bias = passed.sum(axis=1, keepdims=True)
        by_factors = jnp.sum(kernel * by_kernel, axis=1) + (bias * by_bias)[:, 0]
        by_x = (factors.T * kernel).T @ passed
        return by_x, factors.T * by_kernel, factors.T * by_bias, by_factors[None]

    sum_of_relus.defvjp(forward, backward)
    return sum_of_relus
