"""The README's numbers: ``python readme.py SCORECARD.json`` writes them between its marks.

`make readme` calls it with the scorecard that `windlib scorecard --json` gave. A block of the
README begins with ``<!-- results -->``, ``<!-- speeds -->`` or ``<!-- times -->`` and ends with
``<!-- end -->``.
"""

import json
import re
import sys
from decimal import Decimal
from pathlib import Path

from facts import facts
from performance_page import time
from scorecard_page import counts

BOOK = Path(__file__).parents[1]
README = BOOK.parent / "README.md"
RESULTS = """\
| claims of both papers | reproduced | seed-dependent | not reproduced |
|---|---|---|---|
{counts}

General chains, tests (i) to (iv) of the first paper:

| network | paper | ours: chosen | ours: all seeds |
|---|---|---|---|
| fully connected | {P1.table1.fc} |
| convolutional, as printed | {P1.table1.cnn} |
| convolutional, our recipe | {P1.table1.cnn.ours} |

Hatano–Nelson chains with winding numbers ±1 to ±5, trained on ±1 to ±3:

| network | paper | ours: chosen | ours: all seeds |
|---|---|---|---|
| fully connected | {P2.table1.fcnn} |
| convolutional, as printed | {P2.table1.cnn} |
| convolutional, our recipe | {P2.table1.cnn.ours} |

Phase diagrams, trained far from every phase boundary and tested next to it (test I of the second
paper; {seeds} seeds at each of {distances} distances):

| system | recipe | chosen, worst distance | all seeds and distances |
|---|---|---|---|
| non-Hermitian SSH | as printed | {P2.ssh.fig4b} |
| | ours | {P2.ssh.fig4b.ours} |
| Dirac fermions | as printed | {P2.dirac.fig6c} |
| | ours | {P2.dirac.fig6c.ours} |
"""
SPEEDS = """\
| what | with | times as long as ours |
|---|---|---|
| an epoch of the first paper's convolutional network | Keras' `fit`, as it comes | {keras_first} |
| | Keras' `fit`, best settings | {keras_best_first} |
| | PyTorch's eager loop | {pytorch_first} |
| | a program written by hand in JAX | {jax_first} |
| 10,000 Hamiltonians of test (iv) | plain rejection in NumPy | {rejection} |
| determinants of quasicrystals of 89 sites | NumPy's batched LU | {lu} |

Medians, and the range over the rounds, on {machine} ({training_date}).
"""
TIMES = """\
| command | took, on {machine} with packages cached |
|---|---|
| `make book`, from a bare clone | {book} |
| `make test`, after it | {test} |
| `make reproduce`, with {networks} networks, and their scorecard | {reproduce} |
"""


def percent(value):
    """One digit after the point, or two where one would make it 100."""
    if value in (0, 100):
        return f"{value:.0f}"
    exact = Decimal(str(value))
    return f"{exact:.1f}" if value < 99.95 else f"{exact:.2f}"


def _row(values):
    return " / ".join(map(percent, values))


def _accuracies(line):
    """Paper, chosen and all seeds, as cells."""
    spans = zip(line["min"], line["max"], strict=True)
    every = " / ".join(percent(a) if a == b else f"{percent(a)}–{percent(b)}" for a, b in spans)
    paper = "" if line["id"].endswith(".ours") else _row(line["paper"])
    return f"{paper} | {_row(line['chosen'])} | {every}"


def _worst(line):
    """The chosen network's worst accuracy on test I, and the range of all, as cells."""
    on = [i for i, column in enumerate(line["columns"]) if column.startswith("I,")]
    chosen = min(line["chosen"][i] for i in on)
    least, most = min(line["min"][i] for i in on), max(line["max"][i] for i in on)
    return f"{percent(chosen)} | {percent(least)}–{percent(most)}"


def _filled(template, named):
    """The template with a value for each {name}; names may have dots."""
    return re.sub(r"\{([^{}]+)\}", lambda found: str(named[found[1]]), template)


def blocks(scorecard, performance=BOOK / "performance"):
    """The README's blocks, by name.

    Parameters
    ----------
    scorecard : list of dict
        What ``windlib scorecard --json`` prints.
    """
    lines = {line["id"]: line for line in scorecard}
    tables = {i: _accuracies(line) for i, line in lines.items() if ".table1." in i}
    worst = {i: _worst(line) for i, line in lines.items() if re.search(r"fig(4b|6c)", i)}
    ssh = lines["P2.ssh.fig4b"]
    named = {
        "counts": "\n".join(f"| {' | '.join(map(str, line))} |" for line in counts(scorecard)),
        "seeds": ssh["seeds"],
        "distances": len(ssh["columns"]) // 2,
    }
    book = json.loads((performance / "book.json").read_text(encoding="utf-8"))
    times = {row["line"]: time(row["seconds"]) for row in book["rows"]}
    times["networks"] = next(r["networks"] for r in book["rows"] if r["line"] == "reproduce")
    times["machine"] = book["machine"]
    return {
        "results": _filled(RESULTS, tables | worst | named),
        "speeds": _filled(SPEEDS, facts(performance) | {"machine": book["machine"]}),
        "times": _filled(TIMES, times),
    }


def written(readme, scorecard):
    """The README with its blocks written anew."""
    for name, text in blocks(scorecard).items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = f"\n{text}\n"
        readme, found = re.subn(
            pattern, lambda m, text=text: m[1] + text + m[2], readme, flags=re.DOTALL
        )
        if found != 1:
            raise SystemExit(f"found {found} blocks <!-- {name} --> in README.md, expected one")
    return readme


if __name__ == "__main__":
    scorecard = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    README.write_text(written(README.read_text(encoding="utf-8"), scorecard), encoding="utf-8")
