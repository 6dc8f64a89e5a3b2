"""Chapter 5, non-Hermitian SSH chains: measures and claims."""

import numpy as np

from windlib.claims.claim import Claim, bound, equal, no_overfitting
from windlib.claims.phase_diagrams import (
    BOTH,
    CROSSING_WHY,
    HIGH,
    TRANSITIONS,
    against_threshold,
    close_to,
    near_boundary,
    transitions,
)
from windlib.datasets import draw
from windlib.hamiltonians import nonhermitian_ssh
from windlib.runs.catalogue import CATALOGUE

PAGE = "notebooks/05_nonhermitian_ssh"


def _data_sizes():
    e = CATALOGUE["nonhermitian-ssh-cnn-0.2"]
    sets = draw(e.data), draw(e.validation), near_boundary("nonhermitian_ssh", 0.2)
    return tuple(len(s.winding) for s in sets)


def _ring_energies():
    """Bound on the difference of a ring's squared energies from Bloch's, over the largest."""
    cells, t, delta = 12, 0.5, 1.1
    energies = np.linalg.eigvals(nonhermitian_ssh.matrix(t, delta, cells)) ** 2
    bloch = nonhermitian_ssh.curve([t], [delta], links=cells)[0, :-1]
    apart = np.abs(energies[:, None] - bloch).min(axis=1).max()
    return (bound(apart / np.abs(bloch).max()),)


#: The claims that the chapter reproduces.
CLAIMS = [
    Claim("P2.ssh.fig4a", "energies of a ring of 12 cells against Bloch's: largest difference",
          "a drawing, no number", _ring_energies, holds=lambda v: v[0] < 1e-10,
          figure="fig-nhssh-chain", kind="bookkeeping"),
    Claim("P2.ssh.fig8", "sizes of training, validation and test set I at T = 0.2",
          (24_000, 6_000, 6_000), _data_sizes, holds=equal(24_000, 6_000, 6_000),
          columns=("training", "validation", "test I"), figure="fig-nhssh-diagram",
          kind="bookkeeping"),
    *(
        claim
        for suffix, whose, part in BOTH
        for claim in [
            against_threshold(f"P2.ssh.fig4b{suffix}", whose, f"nonhermitian-ssh-cnn{part}",
                               "nonhermitian_ssh", HIGH, "fig-nhssh-threshold",
                               "" if part else "Test I is a matter of the seed, and the "
                               "lowest loss far from the boundary does not find the good "
                               "ones. Chapter 5 compares other selections, and other "
                               "trainings of P2's network."),
            Claim(f"P2.ssh.fig4c{suffix}", f"{whose}: transitions along t = 0.5 at T = 0.2",
                  TRANSITIONS["nonhermitian_ssh"], transitions,
                  (f"nonhermitian-ssh-cnn{part}-0.2",), close_to(*TRANSITIONS["nonhermitian_ssh"]),
                  CROSSING_WHY, columns=("first δ", "second", "third", "fourth"),
                  figure="fig-nhssh-line"),
        ]
    ),
    no_overfitting("P2.ssh.fig7b", "losses at T = 0.2", "fig-nhssh-losses",
            "nonhermitian-ssh-cnn-0.2",
            more=" A flat loss passes, too."),
]  # fmt: skip
