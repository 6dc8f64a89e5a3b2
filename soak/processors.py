"""What `make test` compares, on other processors: other instructions, another number of threads.

XLA, OpenBLAS and NumPy leave instructions of the processor away when they are asked to. The unit
tests also run with the inputs of trainings changed in their last bits (``--nudge``).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Of each instruction set: the processor's flag, OpenBLAS' name of it, what NumPy does without.
SETS = {
    "SSE4_2": ("sse4_2", "Nehalem", "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"),
    "AVX": ("avx", "Sandybridge", "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"),
    "AVX2": ("avx2", "Haswell", "X86_V4 AVX512_ICL AVX512_SPR"),
    "AVX512": ("avx512f", "SkylakeX", ""),
}
_PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]
CHECKS = {
    "unit tests": [*_PYTEST, "--ignore=tests/test_pages.py"],
    "unit tests, last bits of inputs changed": [
        *_PYTEST, "--ignore=tests/test_pages.py", "--nudge",
    ],
    "notebooks, cell by cell": [*_PYTEST, "--nbval", "notebooks"],
    "archived runs, `windlib verify`": [str(Path(sys.executable).with_name("windlib")), "verify"],
}  # fmt: skip


def settings(instructions, threads):
    """Environment in which nothing uses more than an instruction set and a number of threads."""
    _, openblas, numpy = SETS[instructions]
    return {
        "XLA_FLAGS": f"--xla_cpu_max_isa={instructions}",
        "OPENBLAS_CORETYPE": openblas,
        "NPY_DISABLE_CPU_FEATURES": numpy,
        "OMP_NUM_THREADS": str(threads),
        "TF_NUM_INTRAOP_THREADS": str(threads),
    }


def outcome(run):
    """Numbers of passed and failed tests of an ended process, and what failed first.

    `windlib verify` prints a line for each run that is not right, and nothing else.
    """
    count = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", run.stdout)}
    failed = count.get("failed", 0) + count.get("error", 0)
    lines = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if "passed" not in count and not failed:  # no pytest, or one that came to nothing
        lines = run.stderr.splitlines()
        failed = len(lines) if run.returncode else 0
    return count.get("passed"), max(failed, run.returncode != 0), "".join(lines[:1])


def main():
    """Tables of the record: a row a check, instruction set and number of threads."""
    flags = Path("/proc/cpuinfo").read_text().split()
    rows = []
    for name in [name for name, (flag, *_) in SETS.items() if flag in flags]:
        for threads in (1, 2):
            for check, command in CHECKS.items():
                environment = os.environ | settings(name, threads)
                run = subprocess.run(
                    command, cwd=ROOT, env=environment, capture_output=True, text=True
                )
                rows.append([name.replace("_", "."), threads, check, *outcome(run)])
    return [
        {
            "caption": "The tests with fewer instructions and other numbers of threads.",
            "columns": ["instructions", "threads", "what ran", "passed", "failed", "first failure"],
            "rows": rows,
        }
    ]
