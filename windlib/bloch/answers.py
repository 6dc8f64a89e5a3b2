"""What networks say of a curve that they may never have seen the like of."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from windlib.arguments import ArgumentError, instance
from windlib.bloch.certificate import Counted, turns
from windlib.winding import winding_number

_STRAIGHT = 0.8  # of half a turn: up to there D is read as a + bΔθ in the book


@dataclass(frozen=True)
class Answer:
    """What one network says of a diagnosed curve.

    Attributes
    ----------
    name : str
        Of its recipe and seed, or of the Keras model.
    curve : ndarray
        Shape (L + 1,). The curve on the links that the network reads.
    output : float or ndarray
        The network's w̃, or a probability for each class; dimensionless.
    predicted : int or None
        The nearest integer or the likeliest class; of a Keras model with classes only None.
    link_values : ndarray or None
        D(n) of each link, shape (L,), of a convolutional network of the book.
    warnings : tuple of str
        Reasons not to trust the answer, a sentence each.
    """

    name: str
    curve: np.ndarray = field(repr=False)
    output: object
    predicted: int | None
    link_values: np.ndarray | None = field(repr=False)
    warnings: tuple

    def __str__(self):
        if np.ndim(self.output) == 0:
            said = f"{self.output:.2f}, so {self.predicted}"
        elif self.predicted is None:
            said = f"class number {np.argmax(self.output)} with {np.max(self.output):.2f}"
        else:
            said = f"{self.predicted} with {np.max(self.output):.2f}"
        return f"{self.name}: {said}" + "".join(f"; {w}" for w in self.warnings)


def ask(networks: Any, counted: Counted) -> tuple[Answer, ...]:
    """Answers of `windlib` runs or Keras models to a counted curve.

    Raises
    ------
    ArgumentError
        They are no networks, or the samples of the curve have no links for them.
    """
    if hasattr(networks, "network") or hasattr(networks, "predict"):
        networks = (networks,)
    instance("networks", networks, list | tuple, "a tuple of runs or Keras models")
    return tuple(_answer(one, counted) for one in networks)


def _answer(asked, counted):
    from windlib import evaluation  # these import TensorFlow
    from windlib.datasets import network_input

    recipe = getattr(asked, "experiment", None)
    network = asked if recipe is None else asked.network
    shape = getattr(network, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 3 or shape[2] != 2 or shape[1] is None:
        raise ArgumentError(
            f"got a network of type {type(network).__name__} that reads {shape}; expected a run of "
            "windlib.train, or a Keras model that reads (n, L + 1, 2)"
        )
    curve = _resampled(counted, shape[1] - 1)
    x = network_input(curve[None], "unit" if recipe is None else recipe.data.inputs)
    output = evaluation.outputs(network, x)[0]
    classes = () if recipe is None else tuple(recipe.training.get("classes") or ())
    if output.ndim == 0:
        output = float(output)
        predicted = round(output)
    else:
        predicted = classes[output.argmax()] if classes else None
    name = network.name if recipe is None else f"{recipe.name}, seed {asked.seed}"
    layers = {layer.name: layer for layer in network.layers}
    link_values = np.asarray(layers["links"](x))[0] if "links" in layers else None
    warnings = _warnings(network, counted, curve, classes, link_values)
    return Answer(name, curve, output, predicted, link_values, tuple(warnings))


def _resampled(counted, links):
    if counted.sampled is not None:
        return counted.sampled(links)
    step, rest = divmod(len(counted.curve) - 1, links)
    if rest or step == 0:
        raise ArgumentError(
            f"got {len(counted.curve) - 1} links for a network that reads {links}; expected a "
            "multiple; sample H(k) anew, or give it as a function or hoppings"
        )
    return counted.curve[::step]


def _warnings(network, counted, curve, classes, link_values):
    wide = np.count_nonzero(np.abs(turns(curve)) > _STRAIGHT * np.pi)
    if wide:
        yield f"{wide} of {len(curve) - 1} links turn by nearly half a turn"
    seen = winding_number(curve[None], mask=True)[0]
    if seen is np.ma.masked:
        yield "on the network's links the winding number is undecided"
    elif seen != counted.winding:
        yield f"on the network's links the curve winds {seen} times"
    if classes and counted.winding not in classes:
        yield f"{counted.winding} is none of its classes {classes}"
    clipped = 0 if link_values is None else np.count_nonzero(link_values == 0)
    if clipped:
        yield f"D(n) is clipped to 0 on {clipped} links"
    if link_values is not None and not classes and network.output_shape[1:] == (1,):
        from windlib import blackbox

        foretold = blackbox.predicted_output(network, [counted.winding])[0]
        if abs(foretold - counted.winding) >= 0.5:
            text = f"its weights foretell {foretold:.1f} there"
            if network.get_layer("head").get_config()["activation"] == "relu":
                kinks = ", ".join(f"{kink:.1f}" for kink in blackbox.anatomy(network).clips_at)
                text += f" (its head clips at w = {kinks})"
            yield text
