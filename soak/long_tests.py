"""The tests that `make test` leaves out, since they take long and rarely fail."""

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

HOME = Path(__file__).parents[1]


def outcomes(text):
    """Tests and what came of them, from pytest's lines; an id may have spaces in it."""
    return re.findall(r"^(\S+::.+?) (PASSED|FAILED|ERROR|SKIPPED)", text, re.M)


def by_test(found):
    """A row for each test: how many of its cases ended in which way."""
    ends = {}
    for case, end in found:
        ends.setdefault(case.split("[")[0], Counter())[end.lower()] += 1
    return [
        [f"`{test}`", ", ".join(f"{n} {end}" for end, n in sorted(count.items()))]
        for test, count in ends.items()
    ]


def main(files=("tests",)):
    begin = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "--long", "-v", "-p", "no:cacheprovider", *files]
    text = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False).stdout
    print(text, flush=True)
    found = outcomes(text)
    if not found:
        raise RuntimeError("no long test ran: see above")
    minutes = (time.perf_counter() - begin) / 60
    return [
        {
            "caption": f"Tests that take long, and what came of them; {minutes:.1f} minutes.",
            "columns": ["test", "cases"],
            "rows": by_test(found),
        }
    ]
