"""Drawn arguments to every public function: `tests/test_properties.py` with many more cases."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).parents[1]


def main(profile="soak"):
    with tempfile.TemporaryDirectory() as place:
        counts = Path(place) / "counts.json"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "--timeout=0", "-p", "no:cacheprovider"),
            *("tests/test_properties.py", f"--hypothesis-profile={profile}"),
        ]
        environment = os.environ | {"WINDLIB_SOAK_COUNTS": str(counts)}
        subprocess.run(command, cwd=HOME, env=environment, check=False)
        found = json.loads(counts.read_text())
    rows = [[f"`{name}`", *numbers] for name, numbers in found.items()]
    total = ["all", *(round(sum(column), 1) for column in zip(*found.values(), strict=True))]
    return [
        {
            "caption": "Drawn arguments of the public functions: a failure is an answer that is "
            "wrong, or an error that is not in windlib's words.",
            "columns": ["function", "cases", "failures", "seconds"],
            "rows": [*rows, total],
        }
    ]
