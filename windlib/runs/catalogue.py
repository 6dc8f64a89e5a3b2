"""The catalogue of the book's experiments: one frozen recipe each."""

from dataclasses import replace

from windlib.datasets import DataRecipe
from windlib.runs.recipes import Experiment
from windlib.runs.second_paper import HOPPINGS, THRESHOLDS, second_paper
from windlib.runs.seeds import SEEDS

__all__ = ["CATALOGUE", "HOPPINGS", "THRESHOLDS"]


def _ssh(part, n, **changes):
    return replace(DataRecipe("ssh", n, SEEDS["ssh"][part], label="printed_label"), **changes)


def _aiii(part, n, **changes):
    seed, options = SEEDS["chiral"][part], {"cutoff": 4}
    return replace(DataRecipe("chiral", n, seed, windings=(0, 1, 2), options=options), **changes)


def _ssh_experiment(name, about, network, options=None, epochs=1, training=None, **changes):
    return Experiment(
        name,
        about,
        _ssh("training", 100_000, **changes),
        _ssh("validation", 10_000, **changes),
        network,
        options or {},
        {"epochs": epochs, "batch_size": 50, "learning_rate": 1e-3, **(training or {})},
    )


def _ssh_settings():
    """P1's linear model, from its random start, trained in other ways."""
    for suffix, (about, training) in SSH_SETTINGS.items():
        name = f"ssh-linear-{suffix}"
        yield _ssh_experiment(name, about, _FC, {"widths": []}, training=training)


def _aiii_experiment(name, about, network, network_options, training, seeds, **changes):
    training = {"epochs": 100, "batch_size": 50, **training}
    data = _aiii("training", 100_000, **changes)
    validation = _aiii("validation", 10_000, **changes)
    return Experiment(name, about, data, validation, network, network_options, training, seeds)


#: What is changed in the training of P1's linear model on SSH chains.
SSH_SETTINGS = {
    "epochs-3": ("3 epochs", {"epochs": 3}),
    "epochs-10": ("10 epochs", {"epochs": 10}),
    "epochs-30": ("30 epochs", {"epochs": 30}),
    "epochs-100": ("100 epochs", {"epochs": 100}),
    "rate-1e-2": ("rate 10⁻²", {"learning_rate": 1e-2}),
    "rate-1e-4": ("rate 10⁻⁴", {"learning_rate": 1e-4}),
    "rate-1e-2-epochs-10": ("rate 10⁻², 10 epochs", {"learning_rate": 1e-2, "epochs": 10}),
    "cosine-epochs-30": (
        "rate 10⁻² falling to 0, 30 epochs",
        {"learning_rate": 1e-2, "schedule": "cosine", "epochs": 30},
    ),
    "batch-10": ("batches of 10", {"batch_size": 10}),
    "batch-10-epochs-10": ("batches of 10, 10 epochs", {"batch_size": 10, "epochs": 10}),
    "batch-500-epochs-30": ("batches of 500, 30 epochs", {"batch_size": 500, "epochs": 30}),
    "l2-1e-4-epochs-10": ("L2 of 10⁻⁴, 10 epochs", {"l2": 1e-4, "epochs": 10}),
    "l2-1e-4-epochs-30": ("L2 of 10⁻⁴, 30 epochs", {"l2": 1e-4, "epochs": 30}),
}

_CNN, _FC = "convolutional", "fully_connected"
_LINEAR = {"link_activation": "linear", "head_activation": "linear"}
_PRINTED = {"learning_rate": 1e-3}
_COSINE = {"learning_rate": 3e-3, "schedule": "cosine"}
_SHORT = {**_COSINE, "epochs": 30}
_LONG = {**_COSINE, "epochs": 400}

L2_STRENGTHS = (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
NOISE = 0.04  # P1: ±1 added to so many of the labels, here also of the validation data
LINKS = (64, 128)
MIXES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)  # a, where |w| = 0, 1, 2 have a, 2a, 1 − 3a
KERNELS = (20, 12, 8, 6, 4, 3, 2)
_C2 = (26 / 99, 50 / 99, 23 / 99)  # P1 prints 26, 50 and 23 %

#: Other trainings of P1's network, for its claims on the number of links and on the mix. Each has
#: what is changed in the network and in the training, and the seeds.
P1_SETTINGS = {
    "fresh": ("fresh seeds", {}, {}, range(4, 16)),
    "rate-3e-3": ("rate 3·10⁻³", {}, {"learning_rate": 3e-3}, range(4)),
    "rate-3e-4": ("rate 3·10⁻⁴", {}, {"learning_rate": 3e-4}, range(4)),
    "dense-fans": (
        "kernels begun like a dense layer's",
        {"kernel_fans": "dense"},
        {},
        range(4),
    ),
    "l2-1e-5": ("L2 of 10⁻⁵", {}, {"l2": 1e-5}, range(4)),
    "l2-1e-4": ("L2 of 10⁻⁴", {}, {"l2": 1e-4}, range(4)),
    "epochs-200": ("200 epochs", {}, {"epochs": 200}, range(4)),
    "batch-200": ("batches of 200", {}, {"batch_size": 200}, range(4)),
    "cosine": ("falling rate, 100 epochs", {}, _COSINE, range(8)),
    "cosine-400": ("falling rate, 400 epochs", {}, _LONG, range(4)),
}
P1_SETTINGS_AT_128 = ("fresh", "cosine", "cosine-400")  # at L = 64 and two mixes there are all

#: The epoch with the lowest validation loss of each seed of P1's network, where it isn't the last.
KEPT_EPOCHS = {
    **{0: 98, 1: 7, 3: 99, 4: 96, 5: 84, 6: 98, 7: 95, 8: 96, 9: 95},
    **{10: 95, 12: 60, 13: 74, 14: 99, 15: 96},
}


def _p1_settings():
    places = {f"links-{n}": {"links": n} for n in LINKS}
    places |= {f"mix-{a:g}": {"shares": _mix(a)} for a in MIXES[:: len(MIXES) - 1]}
    for place, changes in places.items():
        for suffix, (about, network, training, seeds) in P1_SETTINGS.items():
            if place != "links-128" or suffix in P1_SETTINGS_AT_128:
                name, about = f"aiii-cnn-{place}-{suffix}", f"P1's network, {place}, {about}"
                training = {**_PRINTED, **training}
                yield _aiii_experiment(name, about, _CNN, network, training, seeds, **changes)
    for suffix in ("rate-3e-3", "rate-3e-4"):
        about, _, training, _ = P1_SETTINGS[suffix]
        name, about = f"aiii-cnn-{suffix}", f"P1's network, {about}"
        yield _aiii_experiment(name, about, _CNN, {}, training, range(8))
    for seed, epochs in KEPT_EPOCHS.items():
        name, about = f"aiii-cnn-kept-{seed:02}", "P1's network, epoch of the lowest loss"
        yield _aiii_experiment(
            name, about, _CNN, {}, {**_PRINTED, "epochs": epochs}, range(seed, seed + 1)
        )


def _mix(a):
    return (a, 2 * a, round(1 - 3 * a, 9))


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
        mix = _mix(a)
        yield one(f"mix-{a:g}", f"shares {mix} of |w| = 0, 1, 2", shares=mix)
    for n in kernels:
        yield one(f"kernels-{n}", f"{n} kernels", {**options, "kernels": n})
    yield one("neurons-1", "one neuron in the head", {**options, "head_units": 1})
    yield one("c2", "trained at c = 2", seeds=range(8), shares=_C2, options={"cutoff": 2})


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
        *_ssh_settings(),
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
            "aiii-cnn-cosine-400", "the same in 400 epochs", _CNN, {}, _LONG, range(47)
        ),
        _aiii_experiment(
            "aiii-cnn-cosine-400-fresh", "fresh seeds of it", _CNN, {}, _LONG, range(47, 64)
        ),
        _aiii_experiment(
            "aiii-cnn-cosine-400-c2",
            "the same, trained at c = 2",
            _CNN,
            {},
            _LONG,
            range(16),
            shares=_C2,
            options={"cutoff": 2},
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
            links=LINKS,
            mixes=MIXES,
            kernels=KERNELS,
        ),
        *_p1_settings(),
        *second_paper(),
    ]
}
