"""What runs where: the tests as smaller processors would round, and with other libraries.

``python -m soak.matrix`` runs them for every instruction set up to this processor's own, with 1
and 2 threads. ``python -m soak.matrix --python python3.13 --dependencies lowest`` runs them once,
in an environment made for it, with the oldest versions that pyproject.toml admits (or the
``newest``). What has run for the same code is not run again, and book/soak/matrix.json shows it
all. Logs and environments are in _build/matrix.

TensorFlow's own kernels need AVX. What XLA compiles, NumPy, OpenBLAS and the C library follow
the instruction set.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from soak import record

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "_build" / "matrix"
ROWS = FOLDER / "rows.jsonl"

# By instruction set: what NumPy may use of what it chooses from when it starts, OpenBLAS' name of
# such a processor, and what the C library's mathematics leaves alone.
NUMPY = {
    "SSE4_2": {"SSSE3", "SSE41", "POPCNT", "SSE42", "X86_V2"},
    "AVX": {"AVX"},
    "AVX2": {"F16C", "FMA3", "AVX2", "X86_V3"},
}
OPENBLAS = {"SSE4_2": "NEHALEM", "AVX": "SANDYBRIDGE", "AVX2": "HASWELL"}
LIBC = {
    "SSE4_2": "-AVX512F,-AVX512VL,-AVX2,-FMA,-AVX",
    "AVX": "-AVX512F,-AVX512VL,-AVX2,-FMA",
    "AVX2": "-AVX512F,-AVX512VL",
}
FLAGS = {"SSE4_2": "sse4_2", "AVX": "avx", "AVX2": "avx2", "AVX512": "avx512f"}  # /proc/cpuinfo's

# Each with its limit in minutes on two cores: five times and more of what it takes alone.
PYTEST = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider"]
# What is drawn, trained and evaluated is nudged: the tests that this can move.
NUDGED = [f"tests/test_{name}.py" for name in ("training", "networks", "experiments", "blackbox")]
COMMANDS = {
    "unit tests": (30, [*PYTEST, "--ignore=tests/test_pages.py", "--ignore=tests/test_live.py"]),
    "trainings, nudged": (30, [*PYTEST, *NUDGED, "--nudge", "SEED"]),
    "notebook cells": (45, [*PYTEST, "--nbval", "notebooks"]),
    "recipes": (45, ["-c", "import sys, windlib.cli; sys.exit(windlib.cli.main(['verify']))"]),
}
# A library that is older or newer than another may warn its authors, not us.
LENIENT = ["-W", "default::DeprecationWarning", "-W", "default::PendingDeprecationWarning"]


def instruction_sets():
    """Names of all up to this processor's own, which is the last."""
    cpu = Path("/proc/cpuinfo").read_text().split()
    return [name for name, flag in FLAGS.items() if flag in cpu]


def processor(name, python=sys.executable):
    """Variables with which a new process computes as on a processor with that instruction set."""
    if name == instruction_sets()[-1]:
        return {}
    allowed = set().union(*list(NUMPY.values())[: list(NUMPY).index(name) + 1])
    code = (
        "import numpy\n"
        "m = (numpy.core if numpy.__version__ < '2' else numpy._core)._multiarray_umath\n"
        "print(*(f for f in m.__cpu_dispatch__ if m.__cpu_features__[f]))"
    )
    here = {k: v for k, v in os.environ.items() if k != "NPY_DISABLE_CPU_FEATURES"}
    found = subprocess.check_output([python, "-c", code], env=here, text=True).split()
    off = [feature for feature in found if feature not in allowed]
    return {
        "XLA_FLAGS": f"--xla_cpu_max_isa={name}",
        "NPY_DISABLE_CPU_FEATURES": " ".join(off),
        "OPENBLAS_CORETYPE": OPENBLAS[name],
        "GLIBC_TUNABLES": f"glibc.cpu.hwcaps={LIBC[name]}",
    }


def threads(n):
    """Variables for that number of threads."""
    return {"TF_NUM_INTRAOP_THREADS": str(n), "OMP_NUM_THREADS": str(n)}


def code():
    """A digest of what is tested; it must be committed."""
    parts = ["windlib", "tests", "notebooks", "pyproject.toml"]
    changed = subprocess.check_output(["git", "status", "--porcelain", *parts], cwd=ROOT, text=True)
    if changed:
        sys.exit(f"commit these first, or the record cannot say what ran:\n{changed}")
    trees = subprocess.check_output(["git", "rev-parse", *(f"HEAD:{p}" for p in parts)], cwd=ROOT)
    return hashlib.sha256(trees).hexdigest()[:16]


def counts(text, status):
    """Passed, failed and skipped of a command's output; a command that fails has a failure."""
    found = {"passed": 0, "failed": 0, "skipped": 0}
    summary = re.findall(r"^(?=.* in [\d.]+s)=*\s*(\d+ .*)$", text, re.M)
    if summary:
        for n, what in re.findall(r"(\d+) (passed|failed|errors?|skipped)", summary[-1]):
            found["failed" if what.startswith("error") else what] += int(n)
    else:  # windlib verify
        found["passed"] = len(re.findall(r"^\S+: ok$", text, re.M))
        found["failed"] = len(re.findall(r"^\S+: FAILED", text, re.M))
    if status and not found["failed"]:
        found["failed"] = 1
    return found


def run(python, arguments, variables, limit, log):
    """Run a command; its counts and seconds. One past its limit, in seconds, has failed."""
    cache = tempfile.mkdtemp(prefix="windlib-matrix-")
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    ours = {"PATH": path, "PYTHONPATH": str(ROOT), "WINDLIB_CACHE": cache, "WINDLIB_PROGRESS": "0"}
    start = time.monotonic()
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [python, *arguments],
            cwd=ROOT,
            env=os.environ | ours | variables,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its workers end with it
        )
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            status = 1
            out.write(f"\nnot finished in {limit} s\n")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            shutil.rmtree(cache, ignore_errors=True)
    found = counts(Path(log).read_text(encoding="utf-8", errors="replace"), status)
    return {**found, "seconds": round(time.monotonic() - start)}


def environment(python, dependencies):
    """An environment with the oldest or newest versions that pyproject.toml admits: its Python."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()[:8]
    number = subprocess.check_output([python, "--version"], text=True).split()[1]
    folder = FOLDER / f"{number}-{dependencies}-{digest}"
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
        ["venv", "--clear", "--python", python, folder],
        ["pip", "compile", "--python", inside, *wanted.split(), "-o", listed, "pyproject.toml"],
        ["pip", "install", "--python", inside, "-r", listed],
        ["pip", "install", "--python", inside, "--no-deps", "-e", "."],
    ):
        subprocess.run([uv, command, "--quiet", *map(str, arguments)], cwd=ROOT, check=True)
    (folder / "ready").touch()
    return str(inside)


def versions(python):
    """Versions of that Python and of its libraries, in words."""
    code = (
        "import platform\nfrom importlib.metadata import version as v\n"
        "print(platform.python_version())\n"
        "print(f\"TensorFlow {v('tensorflow')}, Keras {v('keras')}, NumPy {v('numpy')}\")"
    )
    return subprocess.check_output([python, "-c", code], text=True).splitlines()


def kept():
    """All rows so far."""
    return [json.loads(line) for line in ROWS.read_text().splitlines()] if ROWS.exists() else []


def run_all(python, label, sets, commands):
    """Run the commands that have no row yet, and keep a row of each."""
    now, (number, libraries) = code(), versions(python)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for seed, (name, n) in enumerate(sets, 1):
        for what in commands:
            if what == "recipes" and n > 1:  # each recipe has one thread in any case
                continue
            key = [now, number, libraries, label, name, n, what]
            if key in [row["key"] for row in kept()]:
                continue
            minutes, arguments = COMMANDS[what]
            arguments = [str(seed) if a == "SEED" else a for a in arguments]
            if label != "locked" and "pytest" in arguments:
                arguments += LENIENT
            log = FOLDER / f"{number}-{label}-{name}-{n}-{what.replace(' ', '-')}.log"
            variables = processor(name, python) | threads(n)
            row = {"key": key, **run(python, arguments, variables, 60 * minutes, log)}
            with ROWS.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(
                label, number, name, n, what, *(f"{k}={row[k]}" for k in list(row)[1:]), flush=True
            )
            record.write("matrix", tables(now))


def tables(now):
    """The record's tables: each row a place, and what passed and failed there."""
    places = {}
    for row in kept():
        digest, number, libraries, label, name, n, what = row["key"]
        if digest == now:
            places.setdefault((label, number, libraries, name, n), {})[what] = row

    def cells(place, commands=COMMANDS):
        return [*(_outcome(place.get(what)) for what in commands), _minutes(place)]

    processors = [
        [name, n, *cells(place)]
        for (label, _, _, name, n), place in places.items()
        if label == "locked"
    ]
    libraries = [
        [number, f"{label}: {words}", *cells(place, PLAIN)]
        for (label, number, words, _, _), place in places.items()
        if label != "locked"
    ]
    return [
        {
            "caption": "The tests as processors with these instruction sets round, with the "
            "locked versions; nudged: with training inputs changed in their last bits.",
            "columns": ["instruction set", "threads", *COMMANDS, "minutes"],
            "rows": processors,
        },
        {
            "caption": "The tests with the lowest and the newest versions of the direct "
            "dependencies that the project admits.",
            "columns": ["Python", "dependencies", *PLAIN, "minutes"],
            "rows": libraries,
        },
    ]


PLAIN = [what for what in COMMANDS if "nudged" not in what]


def _outcome(row):
    """How many passed, and how many failed if any did."""
    if row is None:
        return None
    return f"{row['passed']:,}, {row['failed']} failed" if row["failed"] else row["passed"]


def _minutes(place):
    return round(sum(row["seconds"] for row in place.values()) / 60, 1)


def main(arguments=()):
    """Run what has not run; the record's tables."""
    parser = argparse.ArgumentParser(prog="python -m soak.matrix", description=__doc__)
    parser.add_argument("--python", help="of this environment's maker, such as python3.13")
    parser.add_argument("--dependencies", choices=["lowest", "newest"])
    parser.add_argument("--only", nargs="+", choices=COMMANDS, help="these commands alone")
    parser.add_argument("--sets", nargs="+", choices=FLAGS, help="these instruction sets alone")
    options = parser.parse_args(arguments)
    if (options.python is None) != (options.dependencies is None):
        parser.error("--python and --dependencies belong together")
    own = instruction_sets()
    if options.python:
        python = environment(options.python, options.dependencies)
        run_all(python, options.dependencies, [(own[-1], 1)], options.only or PLAIN)
    else:
        chosen = [name for name in own if name in (options.sets or own)]
        places = [(name, n) for name in chosen for n in (1, 2)]
        run_all(sys.executable, "locked", places, options.only or COMMANDS)
    return tables(code())


if __name__ == "__main__":
    main(sys.argv[1:])
