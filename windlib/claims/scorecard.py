"""The papers' numbers beside ours, each with a computed verdict."""

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from windlib.arguments import ArgumentError, instance, items, short
from windlib.claims import (
    black_box,
    general_aiii,
    hatano_nelson_chains,
    nonhermitian_aah,
    nonhermitian_dirac,
    regularization,
    ssh_phases,
    ssh_shortcut,
    variations,
)
from windlib.claims.claim import Claim
from windlib.runs import experiments

LOWEST_LOSS, MEDIANS = "the lowest validation loss", "the medians over the seeds"

_CHAPTERS = [
    *(ssh_shortcut, general_aiii, variations, regularization),
    *(hatano_nelson_chains, ssh_phases, nonhermitian_aah, nonhermitian_dirac, black_box),
]

#: All claims, those of the first paper first, in the order of the chapters.
CLAIMS = sorted(
    (replace(claim, page=chapter.PAGE) for chapter in _CHAPTERS for claim in chapter.CLAIMS),
    key=lambda claim: claim.id[:2],
)


def _measured(claim, folder):
    """Numbers of every seed, shape (seeds, columns), and those to judge by (see `row`)."""
    if not claim.experiments:
        values = np.array([claim.measure()], dtype=float)
        return values, values[0]
    runs = [experiments.archived(name, folder) for name in claim.experiments]
    shared = min(map(len, runs))  # seeds that all of the experiments have
    runs = [one[:shared] for one in runs]
    # Chosen before anything is measured on a test set.
    best = [one.index(experiments.chosen(one, claim.foretold, claim.within)) for one in runs]
    every = [[claim.measure(run) for run in one] for one in runs]
    values = np.concatenate(every, axis=1)
    if claim.reduce:
        chosen = claim.reduce(np.median(values, axis=0))
        return np.array([claim.reduce(v) for v in values]), np.array(chosen)
    return values, np.concatenate([of[at] for at, of in zip(best, every, strict=True)])


def _selection(claim):
    if not claim.experiments:
        return None
    among = f" among the seeds foretold to be {claim.foretold}" if claim.foretold else ""
    among += f" to within {claim.within:g}" if claim.within < 0.5 else ""
    return MEDIANS if claim.reduce else LOWEST_LOSS + among


def result_of(claim: Claim) -> Claim | None:
    """The paper's result that a claim judges in another setting, or None."""
    return next(
        (of for of in CLAIMS if of.kind == "result" and claim.id.startswith(f"{of.id}.")), None
    )


def row(claim: Claim, folder: str | os.PathLike | None = None) -> dict:
    """One line of the scorecard.

    Returns
    -------
    dict
        ``id``, ``kind``, ``what``, ``paper``, ``chosen``, ``median``, ``min``, ``max`` (lists
        of numbers, column by column), ``seeds``, ``holding`` (for how many of them the claim
        holds), ``reaching`` (of a paper's result in another setting, for how many it holds by
        that result's own rule), ``selection`` (what makes a run the chosen one), ``verdict`` and
        ``why``. The verdict is "reproduced" if the claim holds for the chosen run,
        "seed-dependent" if only for other seeds, else "not reproduced". Of a sweep, the medians
        over its seeds stand in for a chosen run, which would be another seed at every point.
    """
    instance("claim", claim, Claim, "a Claim, as those of CLAIMS")
    values, chosen = _measured(claim, folder)
    result, kept = result_of(claim), sum(map(claim.accepts, values))
    reaching = None if result is None else sum(map(result.accepts, values))
    verdict = (
        "reproduced" if claim.accepts(chosen) else "seed-dependent" if kept else "not reproduced"
    )
    of = f"Holds for {kept} of {len(values)} seeds." if claim.experiments else ""
    columns = {
        "chosen": chosen,
        "median": np.nanmedian(values, axis=0),
        "min": np.nanmin(values, axis=0),
        "max": np.nanmax(values, axis=0),
    }
    return {
        "id": claim.id,
        "kind": claim.kind,
        "what": claim.what,
        "paper": claim.paper,
        **{name: [float(f"{v:.6g}") for v in column] for name, column in columns.items()},
        "seeds": len(values),
        "holding": kept,
        "reaching": reaching,
        "selection": _selection(claim),
        "baseline": None if claim.baseline is None else np.round(claim.baseline(), 4).tolist(),
        "columns": claim.columns,
        "verdict": verdict,
        "why": " ".join(filter(None, [claim.why.strip(), of])),
        "page": claim.page,
        "figure": claim.figure,
    }


def rows(ids: Iterable[str] | None = None, folder: str | os.PathLike | None = None) -> list[dict]:
    """Return the scorecard's lines: of all claims, or of those with the given ids.

    Raises
    ------
    ArgumentError
        No claim has one of the ids.
    """
    if ids is not None:
        ids = items("ids", ids, "ids of claims")
        known = {claim.id for claim in CLAIMS}
        for one in ids:
            if not isinstance(one, str) or one not in known:
                raise ArgumentError(
                    f"got the claim {short(one)}; 'windlib scorecard' lists all of them"
                )
    return [row(claim, folder) for claim in CLAIMS if ids is None or claim.id in ids]


def table(lines: list[dict], separator: str = " / ") -> str:
    """Lay out lines of the scorecard as a Markdown table; `separator` goes between numbers."""

    def cell(values):
        if not isinstance(values, str):
            values = separator.join(f"{v:.0f}" if abs(v) >= 1e4 else f"{v:.4g}" for v in values)
        return values.replace("|", r"\|")

    numbers = ["paper", "chosen", "median", "min", "max"]
    instance("separator", separator, str, "text")
    needed = {"id", "what", "verdict", "why", *numbers}
    for line in instance("lines", lines, list | tuple, "lines of the scorecard, as rows gives"):
        if not needed <= instance("line", line, dict, "a line, as row gives").keys():
            raise ArgumentError(f"got a line with {[*line]}; expected {sorted(needed)}")
    head = ["claim", "verdict", *numbers, "remark"]
    body = [
        [
            cell(f"{line['id']}: {line['what']}"),
            f"**{line['verdict']}**",
            *(cell(line[name]) for name in numbers),
            cell(line["why"]),
        ]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *body])


def show(*ids: str, folder: str | os.PathLike | None = None) -> Any:
    """Show lines of the scorecard as a table in a notebook."""
    from IPython.display import Markdown

    return Markdown(table(rows(ids, folder), separator="<br>"))
