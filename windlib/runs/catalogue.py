"""The catalogue of the book's experiments: one frozen recipe each."""

from dataclasses import replace
from itertools import product

from windlib.datasets import DataRecipe
from windlib.runs.recipes import Experiment
from windlib.runs.seeds import SEEDS


def _ssh(part, n, **changes):
    return replace(DataRecipe("ssh", n, SEEDS["ssh"][part], label="printed_label"), **changes)


def _aiii(part, n, **changes):
    seed, options = SEEDS["chiral"][part], {"cutoff": 4}
    return replace(DataRecipe("chiral", n, seed, windings=(0, 1, 2), options=options), **changes)


def _ssh_experiment(name, about, network, options=None, epochs=1, **changes):
    return Experiment(
        name,
        about,
        _ssh("training", 100_000, **changes),
        _ssh("validation", 10_000, **changes),
        network,
        options or {},
        {"epochs": epochs, "batch_size": 50, "learning_rate": 1e-3},
    )


def _aiii_experiment(name, about, network, network_options, training, seeds, **changes):
    training = {"epochs": 100, "batch_size": 50, **training}
    data = _aiii("training", 100_000, **changes)
    validation = _aiii("validation", 10_000, **changes)
    return Experiment(name, about, data, validation, network, network_options, training, seeds)


_CNN, _FC = "convolutional", "fully_connected"
_LINEAR = {"link_activation": "linear", "head_activation": "linear"}
_PRINTED = {"learning_rate": 1e-3}
_COSINE = {"learning_rate": 3e-3, "schedule": "cosine"}
_SHORT = {**_COSINE, "epochs": 30}

L2_STRENGTHS = (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
NOISE = 0.04  # P1: ±1 added to so many of the labels, here also of the validation data
LINKS = (64, 128)
MIXES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)  # a, where |w| = 0, 1, 2 have a, 2a, 1 − 3a
KERNELS = (20, 12, 8, 6, 4, 3, 2)
_C2 = (26 / 99, 50 / 99, 23 / 99)  # P1 prints 26, 50 and 23 %


def _sweeps(stem, about, options, training, noisy, links, mixes, kernels):
    """Recipes that differ from one network's by one number each; four seeds a point."""

    def one(suffix, what, network=options, training=training, seeds=range(4), **changes):
        return _aiii_experiment(
            f"{stem}-{suffix}", f"{about}, {what}", _CNN, network, training, seeds, **changes
        )

    for strength in L2_STRENGTHS:
        penalty = {**training, "l2": strength}
        yield one(f"l2-{strength:.0e}", f"L2 {strength:g}", training=penalty)
    for strength in (0, *noisy):
        penalty = {**training, "l2": strength} if strength else training
        suffix, what = f"-l2-{strength:.0e}" if strength else "", f"noisy labels, L2 {strength:g}"
        yield one(f"noisy{suffix}", what, training=penalty, noise=NOISE)
    for n in links:
        yield one(f"links-{n}", f"L = {n}", links=n)
    for a in mixes:
        mix = (a, 2 * a, round(1 - 3 * a, 9))
        yield one(f"mix-{a:g}", f"shares {mix} of |w| = 0, 1, 2", shares=mix)
    for n in kernels:
        yield one(f"kernels-{n}", f"{n} kernels", {**options, "kernels": n})
    yield one("neurons-1", "one neuron in the head", {**options, "head_units": 1})
    yield one("c2", "trained at c = 2", seeds=range(8), shares=_C2, options={"cutoff": 2})


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


#: Other ways to draw hoppings, and how many seeds of each network: P2's fully-connected one, P2's
#: convolutional one without the ReLU in its head, and P2's convolutional one.
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
    without_phases = {k: v for k, v in ours.items() if k != "phases"}
    linear = {**three, **_LINEAR}
    kinds = [  # the last four change one thing of P2's recipe or of ours
        ("", "P2's recipe", {}, three, printed, THRESHOLDS),
        ("-ours", "ours", balanced, linear, ours, THRESHOLDS),
        ("-raw", "P2's recipe, raw inputs", {"inputs": "raw"}, three, printed, THRESHOLDS[::4]),
        ("-balanced", "P2's recipe, equal classes", balanced, three, printed, THRESHOLDS[::4]),
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


#: Every experiment of the book by name.
CATALOGUE = {
    e.name: e
    for e in [
        _ssh_experiment("ssh-linear", "P1's linear model on SSH chains", _FC, {"widths": []}),
        _ssh_experiment(
            "ssh-linear-winding",
            "the same, labelled by the winding number",
            _FC,
            {"widths": []},
            label="exact_winding",
        ),
        _ssh_experiment(
            "ssh-linear-zeros",
            "the linear model from weights 0, ten epochs",
            _FC,
            {"widths": [], "initial_weights": "zeros"},
            epochs=10,
        ),
        _ssh_experiment("ssh-hidden", "one hidden layer of 40 neurons", _FC, {"widths": [40]}),
        _ssh_experiment(
            "ssh-linear-two", "the linear model at k = 0 and π only", _FC, {"widths": []}, links=2
        ),
        _ssh_experiment(
            "ssh-hidden-two", "one hidden layer, k = 0 and π only", _FC, {"widths": [40]}, links=2
        ),
        _ssh_experiment("ssh-fc", "P1's fully-connected network on SSH chains", _FC, epochs=10),
        _ssh_experiment("ssh-cnn", "P1's convolutional network on SSH chains", _CNN, epochs=10),
        _aiii_experiment("aiii-fc", "P1's fully-connected network", _FC, {}, _PRINTED, range(16)),
        _aiii_experiment("aiii-cnn", "P1's convolutional network", _CNN, {}, _PRINTED, range(16)),
        _aiii_experiment(
            "aiii-cnn-dense-fans",
            "its first kernels initialized like a dense layer's",
            _CNN,
            {"kernel_fans": "dense"},
            _PRINTED,
            range(8),
        ),
        _aiii_experiment(
            "aiii-cnn-cosine", "P1's network, our learning rates", _CNN, {}, _COSINE, range(8)
        ),
        _aiii_experiment(
            "aiii-cnn-ours-constant",
            "our network, P1's learning rate",
            _CNN,
            _LINEAR,
            _PRINTED,
            range(8),
        ),
        _aiii_experiment(
            "aiii-cnn-ours", "ours: nothing clips D or head", _CNN, _LINEAR, _COSINE, range(16)
        ),
        _aiii_experiment(
            "aiii-cnn-fresh", "fresh seeds of aiii-cnn", _CNN, {}, _PRINTED, range(16, 32)
        ),
        _aiii_experiment(
            "aiii-cnn-ours-short", "ours in 30 epochs", _CNN, _LINEAR, _SHORT, range(8)
        ),
        *_sweeps(
            *("aiii-cnn-ours-short", "ours in 30 epochs", _LINEAR, _SHORT),
            noisy=L2_STRENGTHS,
            links=LINKS,
            mixes=MIXES,
            kernels=KERNELS,
        ),
        *_sweeps(
            *("aiii-cnn", "P1's network", {}, _PRINTED),
            noisy=L2_STRENGTHS,
            links=(),
            mixes=(),
            kernels=KERNELS[:1],
        ),
        *(
            _p2_experiment(
                name, about, _hatano_nelson(), 4_000, network, options, training, sixteen
            )
            for sixteen in [range(16)]
            for name, about, network, options, training in [
                ("hatano-nelson-cnn", "P2's convolutional network", _CNN, {}, {**_P2, **_PLATEAU}),
                (
                    *("hatano-nelson-fc", "P2's fully-connected network", _FC),
                    *({"widths": [32, 2]}, {**_P2, **_PLATEAU}),
                ),
                (
                    *(
                        "hatano-nelson-cnn-ours",
                        "ours: softplus for D, nothing clips the head",
                        _CNN,
                    ),
                    {"link_activation": "softplus", "head_activation": "linear"},
                    {**_P2, "learning_rate": 1e-2, "schedule": "cosine"},
                ),
            ]
        ),
        *_hatano_nelson_choices(),
        *_hatano_nelson_hoppings(),
        *_nonhermitian_ssh(),
        *_two_classes(),
    ]
}
