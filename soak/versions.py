"""The tests with other versions of Python and of the libraries.

``python -m soak versions`` runs them with the lowest versions of the direct dependencies that
pyproject.toml admits, on the oldest Python, and with the newest on each Python that is found. Each
has an environment made for it, in _build/matrix, where the logs are too.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from shutil import which

from soak import matrix

PYTHONS = ("python3.11", "python3.12", "python3.13")
# A library that is older or newer than another may warn its authors, not us.
PYTEST = ["python", *matrix.PYTEST]
PYTEST += ["-W", "default::DeprecationWarning", "-W", "default::PendingDeprecationWarning"]
# Each with its limit in minutes on two cores.
COMMANDS = {
    "unit tests": (30, [*PYTEST, "--ignore=tests/test_pages.py", "--ignore=tests/test_live.py"]),
    "notebook cells": (45, [*PYTEST, "--nbval", "notebooks"]),
    "recipes": (45, ["windlib", "verify"]),
}


def environments():
    """Each Python with the versions of the dependencies that it gets: `lowest` or `newest`."""
    here = [python for python in PYTHONS if which(python)] or [sys.executable]
    return [(here[0], "lowest"), *((python, "newest") for python in here)]


def environment(python, dependencies):
    """An environment with the lowest or newest versions that pyproject.toml admits: its Python."""
    digest = hashlib.sha256((matrix.ROOT / "pyproject.toml").read_bytes()).hexdigest()[:8]
    number = subprocess.check_output([python, "--version"], text=True).split()[1]
    folder = matrix.FOLDER / f"{number}-{dependencies}-{digest}"
    inside = folder / "bin" / "python"
    if (folder / "ready").exists():
        return str(inside)
    uv = str(Path(sys.executable).parent / "uv")
    resolution = {"lowest": "lowest-direct", "newest": "highest"}[dependencies]
    # A version that would have to be compiled is not meant for this Python.
    wanted = (
        f"--only-binary :all: --resolution {resolution} --extra book --extra test --extra cluster"
    )
    listed = folder / "versions.txt"
    for command, *arguments in (
        ["venv", "--clear", "--python", which(python), folder],
        ["pip", "compile", "--python", inside, *wanted.split(), "-o", listed, "pyproject.toml"],
        ["pip", "install", "--python", inside, "-r", listed],
        ["pip", "install", "--python", inside, "--no-deps", "-e", "."],
    ):
        subprocess.run([uv, command, "--quiet", *map(str, arguments)], cwd=matrix.ROOT, check=True)
    (folder / "ready").touch()
    return str(inside)


def words(python):
    """Versions of that Python and of its libraries."""
    code = (
        "import platform\nfrom importlib.metadata import version as v\n"
        "print(platform.python_version())\n"
        "print(f\"TensorFlow {v('tensorflow')}, Keras {v('keras')}, NumPy {v('numpy')}\")"
    )
    return subprocess.check_output([python, "-c", code], text=True).splitlines()


def tables(places):
    """The record's table: each row a Python with its libraries, and what passed and failed."""
    return [
        {
            "caption": "The tests with the lowest and the newest versions of the direct "
            "dependencies that the project admits.",
            "columns": ["Python", "dependencies", *COMMANDS, "minutes"],
            "rows": [[*place, *matrix.cells(rows, COMMANDS)] for place, rows in places.items()],
        }
    ]


def main():
    """Run what has not run; the record's table."""
    places = []
    for python, dependencies in environments():
        inside = environment(python, dependencies)
        number, libraries = words(inside)
        places.append(([number, f"{dependencies}: {libraries}"], inside, matrix.threads(1)))
    return matrix.run_all("versions", places, COMMANDS, tables)
