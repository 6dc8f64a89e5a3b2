"""The record of one part of the long checks: what a page of the book is made from."""

import datetime
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "book" / "soak"


def machine():
    """The machine in words, without its name."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        flags = ""
    vectors = next((v for f, v in _VECTORS if f" {f} " in flags), None)
    with_vectors = f" with {vectors}" if vectors else ""
    return f"{os.cpu_count()} {platform.machine()} cores{with_vectors}, {platform.system()}"


_VECTORS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"), ("sse4_2", "SSE4.2"))


def write(part, tables, folder=FOLDER):
    """Write the tables of a part, with date, machine and versions.

    Parameters
    ----------
    part : str
    tables : list of dict
        Each with ``caption``, ``columns`` and ``rows``; a cell is text, a number or None.
    folder : path
    """
    packages = {"TensorFlow": "tensorflow", "Keras": "keras", "NumPy": "numpy"}
    record = {
        "date": datetime.date.today().isoformat(),
        "command": f"python -m soak {part}",
        "machine": machine(),
        "versions": {
            "Python": platform.python_version(),
            **{name: version(package) for name, package in packages.items()},
        },
        "tables": tables,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{part}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
