"""Recipes of the second paper's experiments: Hatano–Nelson chains and the phase diagrams."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from windlib.datasets import DataRecipe
from windlib.runs.recipes import Experiment
from windlib.runs.seeds import SEEDS

_CNN, _FC = "convolutional", "fully_connected"
_LINEAR = {"link_activation": "linear", "head_activation": "linear"}
_PLATEAU = {"schedule": "plateau", "patience": 40, "l2": 5e-5}  # PyTorch's weight decay 1e-4
_P2 = {"epochs": 100, "batch_size": 64, "learning_rate": 1e-3}
_PHASES = {**_P2, "epochs": 60, "learning_rate": 1e-2, "schedule": "cosine", "phases": True}

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6)  # T: training at distances s ≥ T, test I at s < T


def _p2_experiment(name, about, data, validation_n, network, options, training, seeds=range(8)):
    """Recipe with P2's 32 kernels; the validation set differs from the data by size and seed."""
    seed = SEEDS[data.hamiltonian]["validation"]
    validation = replace(data, n=validation_n, seed=seed)
    kernels = {"kernels": 32} if network == _CNN else {}
    return Experiment(
        name, about, data, validation, network, {**kernels, **options}, training, seeds
    )


def _hatano_nelson(hoppings="complex", inputs="unit"):
    options = {} if hoppings == "complex" else {"hoppings": hoppings}
    shares = (1 / 3, 1 / 3, 1 / 3)
    return DataRecipe(
        *("hatano_nelson", 60_000, SEEDS["hatano_nelson"]["training"]),
        windings=(1, 2, 3),
        shares=shares,
        options=options,
        inputs=inputs,
    )


def _hatano_nelson_choices():
    """Every combination of what P2 leaves open or we change, 40 epochs each."""
    for hoppings, inputs, head, decay in product(
        ("real", "complex"), ("unit", "raw"), ("clipping", "linear"), ("", "-l2")
    ):
        yield _p2_experiment(
            f"hatano-nelson-cnn-{hoppings}-{inputs}-{head}{decay}",
            f"{hoppings} hoppings, {inputs} inputs, {head} head{', L2' if decay else ''}",
            *(_hatano_nelson(hoppings, inputs), 4_000, _CNN),
            {"head_activation": "linear"} if head == "linear" else {},
            {**_P2, "epochs": 40, **({"l2": 5e-5} if decay else {})},
        )


#: Other ways to draw hoppings, and how many seeds each network has on them. The networks are P2's
#: fully-connected one, P2's convolutional one without the ReLU in its head, and P2's convolutional
#: one.
HOPPINGS = {
    "real": (1, 0, 0),
    "common-phase": (1, 1, 0),
    "eighth": (1, 1, 0),
    "quadrant": (1, 1, 0),
    "flux": (1, 1, 0),
    "one-real": (1, 1, 0),
    "fixed": (8, 2, 16),
    "normal": (1, 1, 0),
    "square": (1, 1, 0),
}


def _hatano_nelson_hoppings():
    """P2's recipe on chains whose hoppings are drawn in other ways, or read in other ways."""
    printed = {**_P2, **_PLATEAU}
    kinds = [
        ("fc", "P2's fully-connected network", _FC, {"widths": [32, 2]}),
        ("linear", "P2's convolutional network, linear head", _CNN, {"head_activation": "linear"}),
        ("cnn", "P2's convolutional network", _CNN, {}),
    ]
    for hoppings, seeds in HOPPINGS.items():
        for (kind, about, *network), n in zip(kinds, seeds, strict=True):
            if n:
                name, about = f"hatano-nelson-{kind}-{hoppings}", f"{about}, hoppings: {hoppings}"
                data = _hatano_nelson(hoppings)
                yield _p2_experiment(name, about, data, 4_000, *network, printed, range(n))
    kind, about, *network = kinds[0]
    few = replace(_hatano_nelson(), n=4_000)
    for suffix, how, data, training in [
        ("raw", "raw inputs", _hatano_nelson(inputs="raw"), printed),
        ("no-l2", "no L2", _hatano_nelson(), {**printed, "l2": 0.0}),
        ("4000", "4,000 chains, at most 1,000 epochs", few, {**printed, "epochs": 1000}),
    ]:
        name, what = f"hatano-nelson-{kind}-{suffix}", f"{about}, {how}"
        yield _p2_experiment(name, what, data, 4_000, *network, training, range(1))


def _hatano_nelson_longer():
    """P2's networks until early stopping ends them, and fresh seeds of its convolutional one."""
    printed = {**_P2, **_PLATEAU}
    longer, fc = {**printed, "epochs": 1000}, {"widths": [32, 2]}
    for kind, about, network, options, training, seeds in [
        ("cnn-1000", "P2's network, at most 1,000 epochs", _CNN, {}, longer, range(8)),
        ("fc-1000", "fully-connected, at most 1,000 epochs", _FC, fc, longer, range(8)),
        ("cnn-fresh", "fresh seeds of hatano-nelson-cnn", _CNN, {}, printed, range(16, 32)),
    ]:
        name, data = f"hatano-nelson-{kind}", _hatano_nelson()
        yield _p2_experiment(name, about, data, 4_000, network, options, training, seeds)


def _phase_diagram(hamiltonian, n, threshold, **changes):
    seed = SEEDS[hamiltonian]["training"]
    options = {"distance_at_least": threshold}
    return DataRecipe(hamiltonian, n, seed, label="exact_winding", options=options, **changes)


#: Other trainings of P2's networks of phase diagrams. Each has what is changed in the data, in the
#: network and in the training, and the thresholds of the SSH chains and of the Dirac fermions. They
#: are those at which none of P2's first eight seeds is high near the boundary, and for some others.
PHASE_SETTINGS: dict[str, tuple] = {
    "raw": ("raw inputs", {"inputs": "raw"}, {}, {}, (0.2, 0.5, 0.6), (0.2,)),
    "balanced": ("equal classes", {"balanced": True}, {}, {}, (0.2, 0.5, 0.6), (0.2,)),
    "raw-balanced": (
        *("raw inputs, equal classes", {"inputs": "raw", "balanced": True}, {}, {}),
        *((0.5, 0.6), (0.2,)),
    ),
    "dense-fans": (
        *("kernels begun like a dense layer's", {}, {"kernel_fans": "dense"}, {}),
        *((0.5, 0.6), THRESHOLDS),
    ),
    "no-l2": ("no L2", {}, {}, {"l2": 0.0}, (0.5, 0.6), (0.2,)),
    "l2-1e-4": ("L2 of 10⁻⁴", {}, {}, {"l2": 1e-4}, (0.5, 0.6), (0.2,)),
    "log2": (
        # Beside a larger loss the L2 term has less weight.
        *("the logarithm to base 2", {}, {}, {"l2": 5e-5 * math.log(2)}),
        *((0.5, 0.6), (0.2,)),
    ),
    "patience-100": (
        *("100 epochs of patience, at most 1,000", {}, {}, {"patience": 100, "epochs": 1000}),
        *((0.5, 0.6), (0.2,)),
    ),
    "1000": ("at most 1,000 epochs", {}, {}, {"epochs": 1000}, (0.5, 0.6), (0.2,)),
    "fresh": ("fresh seeds", {}, {}, {}, (0.5, 0.6), (0.2,)),
}
#: What is changed of our recipe for phase diagrams.
OUR_PHASES = {
    "-plain": ", no phases",
    "-clipping": ", clipping D and head",
    "-natural": ", classes as they come",
    "": "",
}
_CLASSES = {"nonhermitian_ssh": (0, 1, -1), "dirac": (0, 1), "aah": (0, 1)}
_BALANCED = {  # shares of |w| that make the classes equal
    "nonhermitian_ssh": {"windings": (0, 1), "shares": (1 / 3, 2 / 3)},
    "dirac": {"windings": (0, 1), "shares": (1 / 2, 1 / 2)},
}


def _phase_diagrams(hamiltonian, n, stem):
    """P2's recipe and ours at every threshold, and others at some."""
    classes = _CLASSES[hamiltonian]
    head, order = {"head_units": 16, "n_classes": len(classes)}, {"classes": classes}
    printed, ours = {**_P2, **_PLATEAU, **order}, {**_PHASES, **order}
    linear, balanced = {**head, **_LINEAR}, _BALANCED[hamiltonian]
    without_phases = {k: v for k, v in ours.items() if k != "phases"}
    ssh = hamiltonian == "nonhermitian_ssh"
    of_ours = balanced if ssh else {}
    few = THRESHOLDS[::4] if ssh else THRESHOLDS[:1]
    kinds = [
        ("", "P2's recipe", {}, head, printed, THRESHOLDS),
        ("-ours", "ours", of_ours, linear, ours, THRESHOLDS),
        ("-ours-clipping", "ours, clipping D and head", of_ours, head, ours, few),
        ("-ours-plain", "ours, no phases", of_ours, linear, without_phases, few),
    ]
    if ssh:
        kinds.append(("-ours-natural", "ours, classes as they come", {}, linear, ours, few))
    for suffix, (about, changes, network, training, *thresholds) in PHASE_SETTINGS.items():
        changes = dict(changes)
        data = balanced if changes.pop("balanced", False) else {}
        kinds.append(
            (
                *(f"-{suffix}", f"P2's recipe, {about}", {**data, **changes}),
                *({**head, **network}, {**printed, **training}, thresholds[0 if ssh else 1]),
            )
        )
    for suffix, about, changes, options, training, thresholds in kinds:
        for threshold in thresholds:
            yield _p2_experiment(
                f"{stem}{suffix}-{threshold}",
                f"{about}, s ≥ {threshold}",
                _phase_diagram(hamiltonian, n, threshold, **changes),
                *(6_000, _CNN, options, training),
                range(8, 24) if suffix == "-fresh" else range(8),
            )


def _aah():
    head, order = {"head_units": 16, "n_classes": 2}, {"classes": _CLASSES["aah"]}
    aah = DataRecipe("aah", 32_000, SEEDS["aah"]["training"], label="exact_winding")
    for suffix, about, options, training in [
        ("", "P2's recipe", head, {**_P2, **_PLATEAU, **order}),
        ("-ours", "ours", {**head, **_LINEAR}, {**_PHASES, **order}),
    ]:
        yield _p2_experiment(f"aah-cnn{suffix}", about, aah, 8_000, _CNN, options, training)


def _table_one():
    """P2's two networks and ours, 16 seeds each."""
    printed = {**_P2, **_PLATEAU}
    unclipped = {"link_activation": "softplus", "head_activation": "linear"}
    ours = {**_P2, "learning_rate": 1e-2, "schedule": "cosine"}
    for name, about, network, options, training in [
        ("cnn", "P2's convolutional network", _CNN, {}, printed),
        ("fc", "P2's fully-connected network", _FC, {"widths": [32, 2]}, printed),
        ("cnn-ours", "ours: softplus for D, nothing clips the head", _CNN, unclipped, ours),
    ]:
        name, data = f"hatano-nelson-{name}", _hatano_nelson()
        yield _p2_experiment(name, about, data, 4_000, network, options, training, range(16))


def second_paper() -> Iterator[Experiment]:
    """Every experiment of P2's."""
    for part in (_table_one, _hatano_nelson_choices, _hatano_nelson_hoppings):
        yield from part()
    yield from _hatano_nelson_longer()
    yield from _phase_diagrams("nonhermitian_ssh", 24_000, "nonhermitian-ssh-cnn")
    yield from _aah()
    yield from _phase_diagrams("dirac", 30_000, "dirac-cnn")
