"""Drawn arguments and drawn texts: both files of properties in `tests/`, with many more cases."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).parents[1]
FILES = {
    "test_properties": (
        "function",
        "Drawn arguments of the public functions: a failure is an answer that is wrong, or an "
        "error that is not in windlib's words.",
    ),
    "test_properties_shell": (
        "test",
        "Drawn command lines and sweep files: a failure is a traceback, or a sweep that is none.",
    ),
}


def main(profile="soak", words=""):
    """Tables of cases, failures and seconds; `words` choose tests, as with ``pytest -k``."""
    with tempfile.TemporaryDirectory() as place:
        command = [
            *(sys.executable, "-m", "pytest", "-q", "--timeout=0", "-p", "no:cacheprovider"),
            *(f"tests/{name}.py" for name in FILES),
            *(f"--hypothesis-profile={profile}", "-k", words),
        ]
        environment = os.environ | {"WINDLIB_SOAK_COUNTS": place}
        subprocess.run(command, cwd=HOME, env=environment, check=False)
        counts = {name: Path(place, f"{name}.json") for name in FILES}
        found = {
            name: json.loads(path.read_text()) for name, path in counts.items() if path.exists()
        }
    return [
        _table(caption, column, found[name])
        for name, (column, caption) in FILES.items()
        if name in found
    ]


def _table(caption, column, found):
    rows = [[f"`{name}`", *numbers] for name, numbers in found.items()]
    total = ["all", *(round(sum(numbers), 1) for numbers in zip(*found.values(), strict=True))]
    return {
        "caption": caption,
        "columns": [column, "cases", "failures", "seconds"],
        "rows": [*rows, total],
    }
