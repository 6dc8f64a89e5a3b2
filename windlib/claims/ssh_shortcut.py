"""Chapter 1, SSH chains: test sets, measures, and claims."""

from functools import lru_cache, partial

import numpy as np

from windlib import evaluation
from windlib.arguments import instance, whole
from windlib.claims.claim import WITHIN_LOW, Claim
from windlib.claims.kept_sets import drawn_once
from windlib.datasets import MOST_LINKS, DataRecipe, draw, network_input, read_only
from windlib.runs.experiments import Run
from windlib.runs.seeds import SEEDS

PAGE = "notebooks/01_ssh_shortcut"
ELSEWHERE = 0.1  # of the largest weight at k = 0, π: the largest that a shortcut has elsewhere


@drawn_once(
    4,
    links=partial(whole, least=2, most=MOST_LINKS),
    label=partial(instance, kinds=str, expected="a word for how they are labelled"),
)
def ssh_test(links: int, label: str) -> tuple[np.ndarray, np.ndarray]:
    test = draw(DataRecipe("ssh", 10_000, SEEDS["ssh"]["test"], links=links, label=label))
    return read_only((network_input(test.curve), test.winding))


def ssh_accuracy(run: Run) -> tuple[float, ...]:
    """Accuracy, in percent, on 10,000 unseen SSH chains."""
    data = run.experiment.data
    return (evaluation.accuracy(run.network, *ssh_test(data.links, data.label)),)


@lru_cache(maxsize=1)
def general_chains() -> tuple[np.ndarray, np.ndarray]:
    """About 10,000 general Hamiltonians, half with w = 0 and half with w = 1 (P1, SSH section)."""
    shares = (1 / 3, 2 / 3)  # of |w|; half of the latter have w = −1 and are left out
    seed, options = SEEDS["chiral"]["test of chapter 1"], {"cutoff": 4}
    test = draw(DataRecipe("chiral", 15_000, seed, windings=(0, 1), shares=shares, options=options))
    keep = test.winding >= 0
    return read_only((network_input(test.curve[keep]), test.winding[keep]))


def blind_guess(run: Run) -> tuple[float, ...]:
    """Accuracy, in percent, of the better guess of w = 0 or 1 on general Hamiltonians."""
    evaluation.checked_classes(run.network, ())  # one output, as `ssh_accuracy` asks for
    x, winding = general_chains()
    return (100 * float(np.mean((evaluation.outputs(run.network, x) > 0.5) == winding)),)


def largest(weights: np.ndarray) -> tuple[float, float]:
    """Largest modulus of weights on h̃ at k = 0, π, 2π, and anywhere else.

    Parameters
    ----------
    weights : ndarray, of 2 (L + 1) numbers
        Those of the two components of h̃ at k = 0, at the next momentum, and so on.
    """
    weights = np.abs(weights).reshape(-1, 2).max(axis=1)
    special = np.arange(len(weights)) % (len(weights) // 2) == 0
    return float(weights[special].max()), float(weights[~special].max())


def largest_weights(run: Run) -> tuple[float, float]:
    """`largest` of a linear model's weights."""
    return largest(run.network.get_weights()[0])


def only_there(weights: tuple[float, float]) -> bool:
    """The claim's rule: elsewhere at most `ELSEWHERE` of what `largest` finds at k = 0, π."""
    return weights[1] <= ELSEWHERE * weights[0]


#: The claims that the chapter reproduces.
CLAIMS = [
    Claim("P1.ssh.linear", "linear model after one epoch, on unseen SSH chains", (100,),
          ssh_accuracy, ("ssh-linear",), figure="fig-ssh-output"),
    Claim("P1.ssh.hidden",
          "network with one hidden layer (40 neurons: ours), on unseen SSH chains", (100,),
          ssh_accuracy, ("ssh-hidden",)),
    Claim("P1.ssh.L2", "two links (k = 0 and π only): the linear model; one hidden layer",
          (100, 100), ssh_accuracy, ("ssh-linear-two", "ssh-hidden-two"),
          columns=("linear", "hidden")),
    Claim("P1.ssh.general",
          "trained on SSH chains, on general ones with w = 0, 1: linear, hidden, FC, CNN",
          (50, 50, 50, 50), blind_guess, ("ssh-linear", "ssh-hidden", "ssh-fc", "ssh-cnn"),
          why=f"Counts the nearer of 0 and 1, within {WITHIN_LOW:g} points; by the nearest integer "
              "the first two are worse than guesses.",
          columns=("linear", "hidden", "FC", "CNN"), figure="fig-ssh-general"),
    *(
        Claim(f"P1.ssh.shortcut{suffix}",
              f"largest weight at k = 0, π; anywhere else ({whose})",
              "reads only there", largest_weights, (name,), only_there,
              why=f"Asked for: elsewhere at most {ELSEWHERE:g} of that at k = 0, π. {why}".strip(),
              columns=("k = 0, π", "elsewhere"), figure="fig-ssh-weights")
        for suffix, whose, name, why in [
            ("", "P1's recipe: random start, one epoch", "ssh-linear",
             "After one epoch the random initial weights stay visible at every momentum."),
            (".ours", "ours: zero start, ten epochs", "ssh-linear-zeros", ""),
        ]
    ),
]  # fmt: skip
