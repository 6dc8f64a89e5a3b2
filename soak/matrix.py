"""`make test` and `make book` as smaller processors would round.

``python -m soak matrix`` runs them for every instruction set up to this processor's own, with 1
and 2 threads. What has run for the same code is not run again, and the record shows each place as
it ran last. Rows and logs are in _build/matrix.
`soak.versions` runs the tests with other versions of Python and of the libraries.

TensorFlow's own kernels need AVX. What XLA compiles, NumPy, OpenBLAS and the C library follow
the instruction set.
"""

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

# Each with its limit in minutes on two cores: four times and more of what it takes alone.
PYTEST = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider"]
# What is drawn, trained and evaluated is nudged: the tests that this can move.
NUDGED = [f"tests/test_{name}.py" for name in ("training", "networks", "experiments", "blackbox")]
COMMANDS = {
    "make test": (60, ["make", "test"]),
    "make book": (30, ["make", "book"]),
    "trainings, nudged": (30, ["python", *PYTEST, *NUDGED, "--nudge", "SEED"]),
}


def instruction_sets():
    """Names of all up to this processor's own, which is the last."""
    cpu = Path("/proc/cpuinfo").read_text().split()
    return [name for name, flag in FLAGS.items() if flag in cpu]


def processor(name, python=sys.executable):
    """Variables with which a new process computes as on a processor with that instruction set."""
    if name == instruction_sets()[-1]:
        return {"XLA_FLAGS": ""}
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
    parts = ["windlib", "tests", "notebooks", "pyproject.toml", "requirements.lock", "Makefile"]
    parts += ["_config.yml", "_toc.yml", "book/_extensions", "book/_static"]
    changed = subprocess.check_output(["git", "status", "--porcelain", *parts], cwd=ROOT, text=True)
    if changed:
        sys.exit(f"commit these first, or the record cannot say what ran:\n{changed}")
    trees = subprocess.check_output(["git", "rev-parse", *(f"HEAD:{p}" for p in parts)], cwd=ROOT)
    return hashlib.sha256(trees).hexdigest()[:16]


def counts(text, status):
    """Passed, failed and skipped of a command's output; a command that fails has a failure."""
    found = {"passed": 0, "failed": 0, "skipped": 0}
    summaries = re.findall(r"^(?=.* in [\d.]+s)=*\s*(\d+ .*)$", text, re.M)
    for n, what in re.findall(r"(\d+) (passed|failed|errors?|skipped)", " ".join(summaries)):
        found["failed" if what.startswith("error") else what] += int(n)
    if not summaries:  # windlib verify
        found["passed"] = len(re.findall(r"^\S+: ok$", text, re.M))
        found["failed"] = len(re.findall(r"^\S+: FAILED", text, re.M))
    if status and not found["failed"]:
        found["failed"] = 1
    return found


def run(command, python, variables, limit, log):
    """Run a command; its counts and seconds. One past its limit, in seconds, has failed.

    Its programs are those beside ``python``.
    """
    cache = tempfile.mkdtemp(prefix="windlib-matrix-")
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    ours = {"PATH": path, "PYTHONPATH": str(ROOT), "WINDLIB_CACHE": cache, "WINDLIB_PROGRESS": "0"}
    start = time.monotonic()
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            command,
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


def kept():
    """All rows so far."""
    return [json.loads(line) for line in ROWS.read_text().splitlines()] if ROWS.exists() else []


def run_all(part, places, commands, tables):
    """Run the commands that have no row yet, keep a row of each, and write the part's record.

    Each place is a list of the words that name it, its Python and its variables. ``commands`` is
    a dict of (minutes, command). ``tables`` makes tables of what ran: for each place, the row of
    each command.
    """
    now = code()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for seed, (place, python, variables) in enumerate(places, 1):
        for what, (minutes, command) in commands.items():
            key = [now, part, place, what]
            if key in [row["key"] for row in kept()]:
                continue
            (FOLDER.parent / "scorecard.json").unlink(missing_ok=True)  # so that it is made anew
            shutil.rmtree(FOLDER.parent / "executed", ignore_errors=True)
            command = [str(seed) if a == "SEED" else a for a in command]
            log = FOLDER / re.sub("[^A-Za-z0-9.]+", "-", f"{part} {place} {what}.log")
            row = {"key": key, **run(command, python, variables, 60 * minutes, log)}
            with ROWS.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(part, *place, what, *(f"{k}={row[k]}" for k in list(row)[1:]), flush=True)
            record.write(part, tables(ran(part)))
    return tables(ran(part))


def ran(part):
    """What has run: by place, the row of each command, of its last run."""
    places = {}
    for row in kept():
        _, of, place, what = row["key"]
        if of == part:
            places.setdefault(tuple(place), {})[what] = row
    return places


def cells(rows, commands):
    """Of one place: what passed and failed of each command, and the minutes of all."""
    minutes = round(sum(row["seconds"] for row in rows.values()) / 60, 1)
    return [*(_outcome(rows.get(what)) for what in commands), minutes]


def _outcome(row):
    """How many passed, and how many failed if any did; of what counts nothing, that it passed."""
    if row is None:
        return None
    if row["failed"]:
        return f"{row['passed']:,}, {row['failed']} failed"
    return row["passed"] or "passed"


def tables(places):
    """The record's table: each row a processor, and what passed and failed there."""
    return [
        {
            "caption": "What passed as processors with these instruction sets round, with the "
            "locked versions; nudged: with training inputs changed in their last bits.",
            "columns": ["instruction set", "threads", *COMMANDS, "minutes"],
            "rows": [[*place, *cells(rows, COMMANDS)] for place, rows in places.items()],
        }
    ]


def main():
    """Run what has not run; the record's table."""
    places = [
        ([name, n], sys.executable, processor(name) | threads(n))
        for name in instruction_sets()
        for n in (1, 2)
    ]
    return run_all("matrix", places, COMMANDS, tables)
