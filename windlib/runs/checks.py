"""What a kept run must hold: checked before it is used, without TensorFlow."""

import os

import numpy as np

from windlib.runs.archive import ArchiveError
from windlib.runs.recipes import Experiment


def weight_shapes(experiment: Experiment) -> dict[str, tuple]:
    """Shapes of the weights of a recipe's network, by the names that Keras gives them.

    They are those of `windlib.networks`, which is not asked: that would import TensorFlow.
    """
    options, links = experiment.network_options, experiment.data.links
    if experiment.network == "fully_connected":
        shapes, units = {}, 2 * (links + 1)
        hidden = {f"hidden{i}": w for i, w in enumerate(options.get("widths", (40, 32, 2)), 1)}
    else:
        kernels = options.get("kernels", 40)
        shapes = {"links/kernel": (2, 2, 1, kernels), "links/bias": (kernels,)}
        shapes |= {"links/sum": (1, 1, kernels, 1), "links/sum_bias": (1,)}
        units, hidden = links, {"head": options.get("head_units", 2)}
    for name, width in {**hidden, "winding": options.get("n_classes") or 1}.items():
        shapes |= {f"{name}/kernel": (units, width), f"{name}/bias": (width,)}
        units = width
    return shapes


def refuse_non_finite(arrays: dict[str, np.ndarray], whose: object) -> None:
    """Refuse weights and losses that are not finite.

    Raises
    ------
    ArchiveError
        Some are not.
    """
    bad = [name for name, values in arrays.items() if not np.isfinite(values).all()]
    if bad:
        raise ArchiveError(
            f"{whose}: {', '.join(bad)} is not finite; such a run is neither kept nor used: lower "
            "its learning_rate"
        )


def refuse_others(
    path: str | os.PathLike,
    arrays: dict[str, np.ndarray],
    description: dict,
    experiment: Experiment,
    seed: int,
) -> None:
    """Refuse what a file holds that this recipe's training from this seed cannot have left.

    Raises
    ------
    ArchiveError
        Another recipe, no versions, losses that are not one of each for every epoch, or weights
        of another network.
    """
    if description.get("recipe") != experiment.recipe(seed):
        raise ArchiveError(f"{path} holds another recipe than {experiment.name}'s")
    losses, weights = (
        {name.removeprefix(kind): a.shape for name, a in arrays.items() if name.startswith(kind)}
        for kind in ("history/", "weight/")
    )
    versions = description.get("versions")
    named = isinstance(versions, dict) and all(isinstance(v, str) for v in versions.values())
    if not named or not losses.keys() >= {"loss", "val_loss"}:
        raise ArchiveError(f"{path} lacks its losses or its versions")
    most = experiment.training["epochs"]
    least = most if experiment.training.get("patience") is None else 1
    lengths = set(losses.values())
    if len(lengths) > 1 or any(len(s) != 1 or not least <= s[0] <= most for s in lengths):
        raise ArchiveError(
            f"{path} holds losses of shapes {', '.join(map(str, sorted(lengths)))}; expected "
            f"{most if least == most else f'1 to {most}'} of each, one for every epoch: train it "
            "to its end"
        )
    if weights != weight_shapes(experiment):
        raise ArchiveError(f"{path} holds weights of another network")
