"""What an experiment is: a frozen recipe of data, network and training."""

import json
import re
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from windlib.arguments import choice, flag, instance, plain, real, short, whole
from windlib.datasets import DataRecipe
from windlib.errors import WindlibError
from windlib.runs import archive

_LONGEST_NAME = 200  # bytes; with seed and digest still the name of a file
MOST_SEEDS = 100_000  # of one recipe


# Arguments of networks that were called otherwise when the archive was made: the digests, by which
# its runs are found, are of the old names.
_ARCHIVED_AS = {
    "head_units": "neurons",
    "n_classes": "classes",
    "kernel_fans": "fans",
    "initial_weights": "start",
}

_LAST_SEED = 2**63 - 1  # TensorFlow's seeds have 64 bits and a sign

# What a recipe may say of its network. Not read from there: that would import TensorFlow.
NETWORKS = {
    "convolutional": (
        *("kernels", "head_units", "link_activation", "head_activation", "kernel_fans"),
        "n_classes",
    ),
    "fully_connected": ("widths", "initial_weights"),
}


def _patience(name, value):
    return None if value is None else whole(name, value, least=1)


def _classes(name, value):
    given = [whole(name, w, least=None) for w in instance(name, value, list | tuple, "a list")]
    if len(set(given)) < len(given):
        twice = next(w for w in given if given.count(w) > 1)
        raise RecipeError(
            f"got {name}={short(value)}, {twice} twice; expected each winding number once"
        )
    return given


# What a recipe may say of its training, and what each value must be.
TRAINING = {
    "epochs": partial(whole, least=1),
    "batch_size": partial(whole, least=1),
    "learning_rate": partial(real, least=0),
    "schedule": partial(choice, choices=("constant", "cosine", "plateau")),
    "l2": partial(real, least=0),
    "classes": _classes,
    "phases": flag,
    "patience": _patience,
}


class RecipeError(WindlibError, ValueError):
    """An experiment is not one that can be trained, kept and checked."""


@dataclass(frozen=True)
class Experiment:
    """A frozen recipe: data, network, training, and how many seeds.

    NumPy's numbers in it count as the Python numbers that they are equal to.

    Parameters
    ----------
    name, about : str
        For people; a run is found by what follows. The name begins the names of files:
        letters, digits, ``.``, ``_`` and ``-``.
    data, validation : DataRecipe
        Of one system only with different seeds, or networks were judged by what they learned.
    network : str
        Name of a function of `windlib.networks`.
    network_options : dict
        Its arguments, but for `links`, which the data give.
    training : dict
        Arguments of `windlib.training.fit`, `epochs` at least; not the seed, nor what only one
        run is given, as callbacks.
    seeds : sequence of int
        A seed fixes the initial weights and the shuffling; the data are the same for all.

    Raises
    ------
    RecipeError
        The name cannot begin a file's, ``data`` or ``validation`` is no DataRecipe, the two share a
        seed or differ in their links or inputs, a field of the network or of the training is
        unknown or nothing that JSON can hold, the epochs are missing, a class or a seed stands
        there twice, or there are not 1 to 100,000 seeds.
    ArgumentError
        ``network`` is no function of `windlib.networks`, or a value of ``training`` or a seed is of
        the wrong kind or out of its range.
    """

    name: str
    about: str
    data: DataRecipe
    validation: DataRecipe
    network: str
    network_options: dict = field(default_factory=dict)
    training: dict = field(default_factory=dict)
    seeds: range = range(8)

    def __post_init__(self):
        name, data, validation = self.name, self.data, self.validation
        if not (isinstance(name, str) and re.fullmatch(r"[\w-][\w.-]*", name)):
            raise RecipeError(
                f"got name={short(name)}; expected letters, digits, '.', '_' and '-', no '.' "
                "first: files are named after it"
            )
        if len(name.encode()) > _LONGEST_NAME:
            raise RecipeError(
                f"got a name of {len(name)} letters; expected at most {_LONGEST_NAME}"
            )
        instance("about", self.about, str, "a sentence on it, as text")
        if not (isinstance(data, DataRecipe) and isinstance(validation, DataRecipe)):
            raise RecipeError(
                f"got data={short(data)}, validation={short(validation)}; expected DataRecipe"
            )
        if (data.hamiltonian, data.seed) == (validation.hamiltonian, validation.seed):
            raise RecipeError(
                f"got seed={data.seed} for training and validation data of {data.hamiltonian}; "
                "expected different seeds: a network is not validated on what it learned"
            )
        for what in ("links", "inputs"):  # a network reads both alike
            if (one := getattr(data, what)) != (other := getattr(validation, what)):
                raise RecipeError(
                    f"got {what}={short(one)} for training and {what}={short(other)} for "
                    f"validation data; expected the same {what}: give both the same"
                )
        known = NETWORKS[choice("network", self.network, tuple(NETWORKS))]
        for what, names in (("network_options", known), ("training", TRAINING)):
            given = _fields(what, getattr(self, what), names)
            object.__setattr__(self, what, given)  # the dataclass is frozen
        if "epochs" not in self.training:
            raise RecipeError(f"got training={short(self.training)}; expected also epochs")
        for what, value in self.training.items():
            TRAINING[what](what, value)
        try:
            fits = (
                isinstance(self.seeds, range | list | tuple) and 1 <= len(self.seeds) <= MOST_SEEDS
            )
        except OverflowError:  # a longer range than Python can count
            fits = False
        if not fits:
            raise RecipeError(
                f"got seeds={short(self.seeds)}; expected a range or a list, 1 to "
                f"{MOST_SEEDS:,} of them"
            )
        seeds = [whole("seed", seed, most=_LAST_SEED) for seed in self.seeds]
        if len(set(seeds)) < len(seeds):
            twice = next(s for s, after in pairwise(sorted(seeds)) if s == after)
            raise RecipeError(f"got the seed {twice} twice; expected each once: it gives one run")

    def recipe(self, seed: int) -> dict:
        """All that decides the outcome of one run, as JSON knows it."""
        facts = {k: v for k, v in asdict(self).items() if k not in ("name", "about", "seeds")}
        options = facts["network_options"]
        facts["network_options"] = {_ARCHIVED_AS.get(k, k): v for k, v in options.items()}
        for data in (facts["data"], facts["validation"]):
            if data["inputs"] == "unit":  # as in all recipes before there was a choice
                del data["inputs"]
        return json.loads(archive.to_json({**facts, "seed": whole("seed", seed, most=_LAST_SEED)}))

    def filename(self, seed: int) -> str:
        """Name of a run's file: the name is for people, the digest decides."""
        digest = archive.digest(self.recipe(seed))  # which refuses what is no seed
        return f"{self.name}-{seed:02d}-{digest[:12]}.safetensors"

    def build(self, seed: int | None = None) -> Any:
        """The network with the initial weights of a seed."""
        from windlib import networks

        network = getattr(networks, self.network)
        return network(links=self.data.links, seed=seed, **self.network_options)


def _fields(what, given, known):
    """Fields with known names, as JSON can hold them; NumPy's numbers become Python's."""
    if not isinstance(given, dict):
        raise RecipeError(f"got {what} = {short(given)}; expected fields of it, as a dict")
    if unknown := [name for name in given if name not in known]:
        raise RecipeError(
            f"got {what} with {', '.join(map(short, unknown))}; expected only {', '.join(known)}"
        )
    try:
        json.dumps(made := plain(given), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise RecipeError(
            f"got {what}={short(given)} ({error}); expected finite numbers and words"
        ) from None
    return made
