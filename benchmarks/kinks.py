"""Kinks of P1's network in 400 epochs, for a figure of chapter 2b: ``python benchmarks/kinks.py``.

Every seed of the experiment is trained again, for half a minute each, and what its weights say
after some of the epochs is written into ``book/kinks.json``. ``python benchmarks/kinks.py 0 5``
trains these seeds only; all others keep their lines.
"""

import json
import sys
from pathlib import Path

import numpy as np

from windlib import blackbox, training
from windlib._quiet import keras
from windlib.runs import experiments
from windlib.runs.catalogue import CATALOGUE

RECORD = Path(__file__).parents[1] / "book" / "kinks.json"
EXPERIMENT = CATALOGUE["aiii-cnn-cosine-400"]
SEEDS = (*EXPERIMENT.seeds, *CATALOGUE["aiii-cnn-cosine-400-fresh"].seeds)
EPOCHS = (1, 2, 5, *range(10, 401, 10))


def measured(network):
    """Of each neuron of the head: where it clips, its share of the output's slope; and the fate."""
    parts, (_, head, out) = blackbox.anatomy(network), network.layers[-3:]
    weights, to_output = head.get_weights()[0], out.get_weights()[0][:, 0]
    shares = 2 * np.pi * parts.slope * weights.mean(axis=0) * to_output
    return {
        "kinks": [float(f"{v:.3g}") if np.isfinite(v) else None for v in parts.clips_at],
        "shares": [float(f"{v:.3g}") for v in shares],
        "fate": blackbox.predicted_fate(network),
    }


class Kinks(keras.callbacks.Callback):
    """Measures the network after each epoch of `EPOCHS`."""

    def on_train_begin(self, logs=None):
        self.rows = []

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 in EPOCHS:
            self.rows.append(measured(self.model))


def trained(seed, stop_after=None):
    """What is measured of one seed, a list for each quantity."""
    network, kinks = EXPERIMENT.build(seed), Kinks()
    training.fit(
        network,
        *experiments.training_data(EXPERIMENT.data),
        validation=experiments.training_data(EXPERIMENT.validation),
        seed=seed,
        stop_after=stop_after,
        callbacks=[kinks],
        **EXPERIMENT.training,
    )
    return {name: [row[name] for row in kinks.rows] for name in ("kinks", "shares", "fate")}


def save(seeds):
    """Write the record: what is measured of each seed, one seed a line."""
    lines = (f'  "{s}": {json.dumps(v)}' for s, v in sorted(seeds.items(), key=lambda i: int(i[0])))
    head = f'{{\n "epochs": {json.dumps(EPOCHS)},\n "seeds": {{\n'
    RECORD.write_text(head + ",\n".join(lines) + "\n }\n}\n", encoding="utf-8")


def main(*seeds):
    known = json.loads(RECORD.read_text(encoding="utf-8"))["seeds"] if RECORD.exists() else {}
    for seed in map(int, seeds or SEEDS):
        save(known := known | {str(seed): trained(seed)})


if __name__ == "__main__":
    main(*sys.argv[1:])
