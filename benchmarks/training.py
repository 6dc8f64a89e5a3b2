"""Time of an epoch, and of a whole training: `windlib.training.fit` against its rivals.

Four of the papers' networks, with their data and batch sizes. Every contestant has a process of
its own, which stays; they train in turn, round after round, and all but one wait meanwhile. The
numbers to keep are the ratios: times belong to the machine and its load. PyTorch and JAX take
part where they are installed (``make rivals``).
"""

import argparse
import importlib.util
import itertools
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

os.environ["WINDLIB_PROGRESS"] = "0"

import measure
import numpy as np
import rivals

# Recipe that gives the data, batch size, and epochs of the papers.
PROBLEMS = {
    "P1, convolutional": ("aiii-cnn", 50, 100),
    "P1, fully connected": ("aiii-fc", 50, 100),
    "P2, Hatano–Nelson": ("hatano-nelson-cnn", 64, 100),
    "P2, phase diagrams": ("nonhermitian-ssh-cnn-0.2", 64, 100),
}
OURS = "windlib.training.fit"
SEED = 3  # one whose networks all learn; a dead one has less to do


class Ours(rivals.Contestant):
    """`windlib.training.fit`, as it comes or with products left to YNNPACK.

    Each call begins Adam and the orders anew, which takes the same time.
    """

    def prepare(self, x, y, ynnpack=False):
        if ynnpack:
            kinds = "LIBRARY_FUSION_TYPE_DOT,LIBRARY_FUSION_TYPE_REDUCE"
            flag = f"--xla_cpu_experimental_ynn_fusion_type={kinds}"
            os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flag}"
        from windlib import _epoch, networks, training

        network, self.fit, self.begins = self.network, training.fit, []
        reset = _epoch.EpochModel.reset_metrics

        # Keras calls it first in every epoch. With a callback for a clock `fit` copies weights.
        def clocked(model):
            self.begins.append(time.perf_counter())
            reset(model)

        _epoch.EpochModel.reset_metrics = clocked
        if network.kernels:
            (neurons,), classes = network.widths, network.outputs if network.outputs > 1 else 0
            self.model = networks.convolutional(
                network.links, network.kernels, neurons, n_classes=classes
            )
        else:
            self.model = networks.fully_connected(network.links, network.widths)
        self.model.set_weights(rivals.keras_weights(self.model, network.start(self.seed)))
        self.data = x, y.ravel()
        self.classes = range(network.outputs) if network.outputs > 1 else ()

    def epochs(self, k):
        self.begins.clear()
        begin = time.perf_counter()
        history = self.fit(
            self.model,
            *self.data,
            epochs=k,
            seed=self.seed,
            batch_size=self.batch_size,
            learning_rate=rivals.RATE,
            classes=self.classes,
        )
        self.loss = history.history["loss"][-1]
        assert len(self.begins) == k, "Keras calls reset_metrics elsewhere too"
        return list(np.diff([begin, *self.begins[1:], time.perf_counter()]))


JAX = [
    {"written_gradient": written, "ahead": ahead}
    for written, ahead in itertools.product((False, True), repeat=2)
]
# Each with the settings that are tried first; the best of them takes part.
CONTESTANTS = {
    OURS: (Ours, [{}]),
    "the same, with YNNPACK": (Ours, [{"ynnpack": True}]),
    "JAX, by hand": (rivals.JaxScan, JAX),
    "JAX, by hand, without YNNPACK": (rivals.JaxScan, [{"ynnpack": False, **o} for o in JAX]),
    "PyTorch, torch.compile": (rivals.TorchCompiled, [{}]),
    "PyTorch, eager": (rivals.TorchEager, [{"threads": 1}, {"threads": 2}]),
    "Keras fit, best settings": (rivals.KerasTuned, [{"steps": 100}, {"steps": 500}]),
    "Keras fit, as it comes": (rivals.KerasFit, [{}]),
}
NEEDED = {rivals.JaxScan: "jax", rivals.TorchEager: "torch", rivals.TorchCompiled: "torch"}


class Process:
    """A contestant in a process of its own."""

    def __init__(self, kind, *arguments, **options):
        self.options = options
        self.pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        self.pool.submit(_enter, kind, arguments, options).result()

    def median_epoch(self):
        """Seconds, of 1 to 40 epochs (two seconds' worth) after one that nothing could prepare."""
        k = int(np.clip(2 / self.trial, 1, 40))
        return float(np.median(self.epochs(k + 1)[1:]))

    def epochs(self, k):
        seconds, self.loss = self.pool.submit(_train, k).result()
        return seconds


def _enter(kind, arguments, options):
    global contestant
    if kind is not Ours:  # as they come, without what windlib has set in the calling process
        for name in ("TF_NUM_INTRAOP_THREADS", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS"):
            os.environ.pop(name, None)
    contestant = kind(*arguments, **options)


def _train(k):
    return contestant.epochs(k), contestant.loss


def best(kind, settings, arguments):
    """The quickest of some settings in a trial, already started; `first` is its first epoch."""
    processes = [Process(kind, *arguments, **options) for options in settings]
    for process in processes:
        (process.first,) = process.epochs(1)
        process.trial = min(process.epochs(2))
    for _ in range(4 if len(settings) > 1 else 0):  # two epochs chose the slower one at times
        for process in processes:
            process.trial = min(process.trial, process.median_epoch())
    processes.sort(key=lambda process: process.trial)
    for process in processes[1:]:
        process.pool.shutdown()
    return processes[0]


def samples(name):
    """Inputs and labels of a network's recipe, cut to whole mini-batches; classes count from 0."""
    from windlib.runs.catalogue import CATALOGUE
    from windlib.runs.experiments import training_data

    recipe, batch, _ = PROBLEMS[name]
    x, y = training_data(CATALOGUE[recipe].data)
    whole = len(x) // batch * batch  # no smaller last batch, which would be compiled anew
    x, y = x[:whole], y[:whole]
    if rivals.NETWORKS[name].outputs > 1:
        y = np.array([CATALOGUE[recipe].training["classes"].index(w) for w in y])
    return x, y


def compare(name, rounds):
    """Times of all contestants on one network."""
    x, y = samples(name)
    batch, epochs = PROBLEMS[name][1:]
    processes = {}
    for label, (kind, settings) in CONTESTANTS.items():
        if kind in NEEDED and importlib.util.find_spec(NEEDED[kind]) is None:
            print(f"{label}: not installed; make rivals")
            continue
        arguments = rivals.NETWORKS[name], x, y, batch, SEED
        processes[label] = best(kind, settings, arguments)
    seconds = measure.in_turn(
        {label: process.median_epoch for label, process in processes.items()}, rounds
    )
    rows = measure.against(seconds, OURS)
    whole_training = {
        label: processes[label].first + (epochs - 1) * s for label, s in seconds.items()
    }
    for row, total in zip(rows, measure.against(whole_training, OURS), strict=True):
        process = processes[row["name"]]
        row |= {"total": total["seconds"], "total ratio": total["ratio"]}
        row |= {"loss": process.loss, "settings": process.options}
        process.pool.shutdown()
    title = f"{name}: {len(x):,} Hamiltonians, batch {batch}"
    measure.print_table(f"{title}, seconds per epoch", "seconds", rows)
    totals = [r | {"seconds": r["total"], "ratio": r["total ratio"]} for r in rows]
    measure.print_table(f"all {epochs} epochs, compilation included", "seconds", totals)
    return {"network": name, "samples": len(x), "batch": batch, "epochs": epochs, "rows": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds to measure (5)")
    parser.add_argument("--networks", nargs="*", choices=PROBLEMS, default=list(PROBLEMS))
    options = parser.parse_args()
    measure.save({"networks": [compare(name, options.rounds) for name in options.networks]})


if __name__ == "__main__":
    main()
