"""What an experiment is: a frozen recipe of data, network and training."""

import json
import re
import reprlib
from dataclasses import asdict, dataclass, field
from typing import Any

from windlib.arguments import choice, plain, whole
from windlib.datasets import DataRecipe
from windlib.errors import WindlibError
from windlib.runs import archive

_LONGEST_NAME = 200  # bytes; with seed and digest still the name of a file
MOST_SEEDS = 100_000  # of one recipe
_LAST_SEED = 2**63 - 1  # that random numbers everywhere take


# Arguments of networks that were called otherwise when the archive was made: the digests, by which
# its runs are found, are of the old names.
_ARCHIVED_AS = {
    "head_units": "neurons",
    "n_classes": "classes",
    "kernel_fans": "fans",
    "initial_weights": "start",
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
        Arguments of `windlib.training.fit`, but for the seed.
    seeds : sequence of int
        A seed fixes the initial weights and the shuffling; the data are the same for all.

    Raises
    ------
    RecipeError, ArgumentError
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
                f"got name={name!r}; expected letters, digits, '.', '_' and '-', no '.' first: "
                "files are named after it"
            )
        if len(name.encode()) > _LONGEST_NAME:
            raise RecipeError(
                f"got a name of {len(name)} letters; expected at most {_LONGEST_NAME}"
            )
        if not (isinstance(data, DataRecipe) and isinstance(validation, DataRecipe)):
            raise RecipeError(f"got data={data!r}, validation={validation!r}; expected DataRecipe")
        if (data.hamiltonian, data.seed) == (validation.hamiltonian, validation.seed):
            raise RecipeError(
                f"got seed={data.seed} for training and validation data of {data.hamiltonian}; "
                "expected different seeds: a network is not validated on what it learned"
            )
        choice("network", self.network, ("convolutional", "fully_connected"))
        for what in ("network_options", "training"):
            given = getattr(self, what)
            if not isinstance(given, dict):
                raise RecipeError(f"got {what} = {given!r}; expected fields of it, as a dict")
            object.__setattr__(self, what, plain(given))  # the dataclass is frozen
        try:
            fits = (
                isinstance(self.seeds, range | list | tuple) and 1 <= len(self.seeds) <= MOST_SEEDS
            )
        except OverflowError:  # a longer range than Python can count
            fits = False
        if not fits:
            raise RecipeError(
                f"got seeds={reprlib.repr(self.seeds)}; expected a range or a list, 1 to "
                f"{MOST_SEEDS:,} of them"
            )
        for seed in self.seeds:
            whole("seed", seed, most=_LAST_SEED)

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
