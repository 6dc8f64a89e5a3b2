"""The book's own commands, timed on a clone of the last commit: ``python benchmarks/book.py``.

Each in turn: the environment, the book from the bare clone, the book once more, the tests, and how
long ``import windlib`` takes. ``python benchmarks/book.py reproduce`` times `make reproduce`
instead. What is not measured keeps its line in the record.
"""

import datetime
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import RESULTS, save

ROOT = Path(__file__).parents[1]
IMPORT = "import time; t = time.perf_counter(); import windlib; print(time.perf_counter() - t)"
#: What each line says, and its aim in seconds.
LINES = {
    "book": ("`make book`, from a bare clone", 300),
    "setup": ("of it the environment", None),
    "again": ("`make book`, once more", 120),
    "test": ("`make test`, after `make book`", 600),
    "reproduce": ("`make reproduce`: all trainings, and their scorecard", 4500),
    "import": ("`import windlib`, whose modules come when they are used", 0.3),
}


def timed(*command, folder):
    """Seconds of a command, which must succeed."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def measured(what, folder):
    """Seconds by line."""
    seconds = {"setup": timed("make", "setup", folder=folder)}
    if what == "reproduce":
        return {"reproduce": timed("make", "reproduce", folder=folder)}
    seconds["book"] = seconds["setup"] + timed("make", "book", folder=folder)
    seconds["again"] = timed("make", "book", folder=folder)
    seconds["test"] = timed("make", "test", folder=folder)
    python = Path(folder) / ".venv" / "bin" / "python"
    seconds["import"] = float(subprocess.check_output([python, "-c", IMPORT], cwd=folder))
    return seconds


def main(what="book"):
    with tempfile.TemporaryDirectory(prefix="windlib-book-") as place:
        subprocess.run(["git", "clone", "--quiet", ROOT, place], check=True)
        seconds = measured(what, place)
    before = json.loads((RESULTS / "book.json").read_text(encoding="utf-8"))["rows"]
    rows = {row["line"]: row for row in before}
    for line, value in seconds.items():
        text, aim = LINES[line]
        today = datetime.date.today().isoformat()
        rows[line] = {"line": line, "what": text, "seconds": value, "aim": aim, "date": today}
    if "reproduce" in seconds:
        trained = ROOT / "windlib" / "trained"
        rows["reproduce"]["networks"] = len(list(trained.glob("*.safetensors")))
    command = "python benchmarks/book.py"  # whichever lines were measured last
    save({"command": command, "rows": [rows[line] for line in LINES if line in rows]})


if __name__ == "__main__":
    main(*sys.argv[1:])
