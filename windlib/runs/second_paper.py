"""Recipes of the second paper's experiments: Hatano–Nelson chains and the phase diagrams."""

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


def _phase_diagram(hamiltonian, n, threshold, **changes):
    seed = SEEDS[hamiltonian]["training"]
    options = {"distance_at_least": threshold}
    return DataRecipe(hamiltonian, n, seed, label="exact_winding", options=options, **changes)


def _nonhermitian_ssh():
    three = {"head_units": 16, "n_classes": 3}
    order = {"classes": (0, 1, -1)}
    balanced = {"windings": (0, 1), "shares": (1 / 3, 2 / 3)}
    printed, ours = {**_P2, **_PLATEAU, **order}, {**_PHASES, **order}
    longer = {**printed, "epochs": 1000}
    without_phases = {k: v for k, v in ours.items() if k != "phases"}
    linear = {**three, **_LINEAR}
    late = THRESHOLDS[3:]  # where none of P2's first eight seeds is good near the boundary
    kinds = [  # all but the first two change one thing of P2's recipe or of ours
        ("", "P2's recipe", {}, three, printed, THRESHOLDS),
        ("-ours", "ours", balanced, linear, ours, THRESHOLDS),
        ("-raw", "P2's recipe, raw inputs", {"inputs": "raw"}, three, printed, THRESHOLDS[::4]),
        ("-balanced", "P2's recipe, equal classes", balanced, three, printed, THRESHOLDS[::4]),
        ("-1000", "P2's recipe, at most 1,000 epochs", {}, three, longer, late),
        ("-fresh", "P2's recipe, fresh seeds", {}, three, printed, late),
        ("-ours-natural", "ours, classes as they come", {}, linear, ours, THRESHOLDS[::4]),
        ("-ours-clipping", "ours, clipping D and head", balanced, three, ours, THRESHOLDS[::4]),
        ("-ours-plain", "ours, no phases", balanced, linear, without_phases, THRESHOLDS[::4]),
    ]
    for suffix, about, changes, options, training, thresholds in kinds:
        for threshold in thresholds:
            yield _p2_experiment(
                f"nonhermitian-ssh-cnn{suffix}-{threshold}",
                f"{about}, s ≥ {threshold}",
                _phase_diagram("nonhermitian_ssh", 24_000, threshold, **changes),
                *(6_000, _CNN, options, training),
                range(8, 24) if suffix == "-fresh" else range(8),
            )


def _two_classes():
    two, order = {"head_units": 16, "n_classes": 2}, {"classes": (0, 1)}
    aah = DataRecipe("aah", 32_000, SEEDS["aah"]["training"], label="exact_winding")
    for suffix, about, options, training in [
        ("", "P2's recipe", two, {**_P2, **_PLATEAU, **order}),
        ("-ours", "ours", {**two, **_LINEAR}, {**_PHASES, **order}),
    ]:
        yield _p2_experiment(f"aah-cnn{suffix}", about, aah, 8_000, _CNN, options, training)
        for threshold in THRESHOLDS:
            yield _p2_experiment(
                f"dirac-cnn{suffix}-{threshold}",
                f"{about}, s ≥ {threshold}",
                _phase_diagram("dirac", 30_000, threshold),
                *(6_000, _CNN, options, training),
            )


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
    yield from _nonhermitian_ssh()
    yield from _two_classes()
