"""Chapter 2, variations of everything that could matter: claims."""

import numpy as np

from windlib.claims.claim import Claim, at_least, listed
from windlib.claims.general_aiii import (
    LARGE,
    ONE_SIDED,
    STRENGTH,
    TABLE_CNN,
    TEST_COLUMNS,
    accuracies,
    majority,
    strengthened_accuracies,
    strengthened_majority,
)
from windlib.claims.measures import CLOSE
from windlib.runs.catalogue import LINKS, MIXES

PAGE = "notebooks/02b_variations"

MIX_RANGE, SIZE_LOSS = 2, 0.5  # points
SHORT_AIM = (99.0, 100.0, 97.5, 94.5)
TABLE_C2 = (99.3, 100.0, 97.0, 98.4)


#: The claims that the chapter reproduces.
CLAIMS = [
    *(
        Claim(f"P1.L{suffix}", f"{whose} at L = 64 and 128, tests (i)–(iv)", 2 * TABLE_CNN,
              accuracies, tuple(f"{stem}-links-{n}" for n in LINKS), holds, why,
              tuple(f"L = {n}, {test}" for n in LINKS for test in TEST_COLUMNS),
              baseline=lambda: 2 * majority(), figure="fig-links")
        for suffix, whose, stem, holds, why in [
            ("", "P1's network", "aiii-cnn", None, ONE_SIDED),
            (".ours", "ours", "aiii-cnn-ours-short", at_least(*2 * SHORT_AIM),
             f"Asked for: {listed(SHORT_AIM)} at least, as of ours in 30 epochs at L = 32."),
        ]
    ),
    *(
        Claim(f"P1.sm.fig2.mix{suffix}",
              f"{whose}: range of the accuracies on (i), (iii), (iv) over all a",
              "almost independent of a", lambda run: accuracies(run, LARGE),
              tuple(f"{stem}-mix-{a:g}" for a in MIXES), lambda v: max(v) <= MIX_RANGE,
              why="Points between best and worst mix, of the medians over four seeds; "
                  f"{MIX_RANGE} allowed.{more}",
              columns=("(i)", "(iii)", "(iv)"), figure="fig-mix",
              reduce=lambda v: tuple(np.ptp(np.reshape(v, (-1, 3)), axis=0)))
        for suffix, whose, stem, more in [
            ("", "P1's network", "aiii-cnn", f" {ONE_SIDED}"),
            (".ours", "ours", "aiii-cnn-ours-short", ""),
        ]
    ),
    *(
        Claim(f"P1.sm.design{suffix}",
              f"{whose}: accuracy on (i) as reported; with 20 kernels; with one neuron",
              "drops below the reported size", lambda run: accuracies(run, ("i",)),
              (stem, f"{stem}-kernels-20", f"{stem}-neurons-1"),
              lambda v: max(v[1:]) <= v[0] - SIZE_LOSS,
              why="Medians over four seeds; with half the kernels, and with half the head, "
                  f"{SIZE_LOSS:g} points must be lost.",
              columns=("reported", "20 kernels", "1 neuron"), figure="fig-size",
              reduce=tuple)
        for suffix, whose, stem in [
            ("", "P1's network", "aiii-cnn"),
            (".ours", "ours", "aiii-cnn-ours-short"),
        ]
    ),
    *(
        Claim(f"P1.sm.design.{name}", f"{whose}: accuracy on (i) as reported; with 4 kernels",
              "drops below the reported size", lambda run: accuracies(run, ("i",)),
              (stem, f"{stem}-kernels-4"), lambda v: v[1] <= v[0] - SIZE_LOSS,
              why=f"Medians over four seeds; {SIZE_LOSS:g} points must be lost.",
              columns=("reported", "4 kernels"), figure="fig-size", reduce=tuple, kind="ours")
        for name, whose, stem in [
            ("few", "P1's network", "aiii-cnn"),
            ("small", "ours", "aiii-cnn-ours-short"),
        ]
    ),
    *(
        Claim(f"P1.table1.cnn.{name}", f"P1's network, 400 epochs at falling rates, {how}",
              TABLE_CNN, accuracies, (f"aiii-cnn-cosine-400{seeds}",), why=ONE_SIDED + more,
              columns=TEST_COLUMNS, baseline=majority, figure="fig-long", kind="ours",
              foretold=foretold, within=within)
        for name, how, seeds, foretold, within, more in [
            ("long", "lowest validation loss of the first seeds", "", None, 0.5, ""),
            ("long.foretold", "lowest of the first seeds foretold to be good", "", "good", 0.5,
             ""),
            ("long.narrow", f"lowest of fresh seeds foretold to within {CLOSE:g}", "-fresh",
             "good", CLOSE,
             " This rule was thought of when the other seeds had been tested."),
        ]
    ),
    Claim("P1.sm.c2", "P1's network trained at c = 2, tests (i)–(iv)", TABLE_C2, accuracies,
          ("aiii-cnn-c2",), why=ONE_SIDED, columns=TEST_COLUMNS, baseline=majority),
    Claim("P1.sm.c2.long", "P1's network trained at c = 2, 400 epochs at falling rates", TABLE_C2,
          accuracies, ("aiii-cnn-cosine-400-c2",), why=ONE_SIDED, columns=TEST_COLUMNS,
          baseline=majority, kind="ours"),
    Claim("P1.sm.c2.ours", "ours trained at c = 2, tests (i)–(iv)", TABLE_C2, accuracies,
          ("aiii-cnn-ours-short-c2",), columns=TEST_COLUMNS, baseline=majority,
          why="(iv) stays some points below: links of curves at c = 4 turn further than those at "
              "c = 2, and 30 epochs are fewer than 100."),
    *(
        Claim(f"{id}.strengthened",
              f"{whose}, test (iv) with its fourth harmonic {STRENGTH} times as strong", paper,
              strengthened_accuracies, (name,),
              why=f"Curves with |w| = 4 are then common. {why}".strip(),
              columns=TEST_COLUMNS, baseline=strengthened_majority, figure="fig-order", kind="ours")
        for id, whose, paper, name, why in [
            ("P1.table1.cnn", "P1's network", TABLE_CNN, "aiii-cnn", ONE_SIDED),
            ("P1.sm.c2", "P1's network trained at c = 2", TABLE_C2, "aiii-cnn-c2", ONE_SIDED),
            ("P1.sm.c2.ours", "ours trained at c = 2", TABLE_C2, "aiii-cnn-ours-short-c2", ""),
        ]
    ),
]  # fmt: skip
