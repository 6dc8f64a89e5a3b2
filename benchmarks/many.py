"""A hundred, a thousand, ten thousand tiny runs: time, and the largest memory of each process.

Once through this machine's cores and once through a Dask scheduler with three workers here. Each
run trains a network of 31 weights on 200 chains for three epochs, by one recipe from as many
seeds: what is measured is all that surrounds a training.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

os.environ["WINDLIB_PROGRESS"] = "0"

import measure
import psutil
from distributed import Client

from windlib.datasets import DataRecipe
from windlib.runs import reproduce
from windlib.runs.recipes import Experiment

WORKERS = 3
DATA = DataRecipe("ssh", 200, 1, links=8)
TINY = Experiment(
    "tiny",
    "a run that takes no time",
    DATA,
    replace(DATA, n=80, seed=2),
    "fully_connected",
    {"widths": [1]},
    {"epochs": 3, "batch_size": 50, "learning_rate": 1e-2},
)


def kind(process):
    """What a process is, for the table; None for what only starts others."""
    line = " ".join(process.cmdline())
    if process.pid == os.getpid():
        return "caller"
    if "dask_scheduler" in line:
        return "scheduler"
    if "spawn_main" in line or "LokyProcess" in line:
        return "worker"
    return None


class Memory(threading.Thread):
    """Watches the largest resident size, in MB, of each kind of process."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.ended = defaultdict(float), threading.Event()
        self.start()

    def run(self):
        me = psutil.Process()
        while not self.ended.wait(0.5):
            for process in [me, *me.children(recursive=True)]:
                try:
                    name, size = kind(process), process.memory_info().rss / 1e6
                except psutil.Error:
                    continue  # it has ended meanwhile
                if name:
                    self.peak[name] = max(self.peak[name], size)


def train(runs, dask):
    recipe = replace(TINY, seeds=range(runs))
    memory = Memory()
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        failed = reproduce.reproduce([recipe], dask=dask, folder=folder)
        seconds = time.perf_counter() - begin
        assert not failed
        assert len(list(Path(folder).glob("*.safetensors"))) == runs
    memory.ended.set()
    where = "Dask, three workers" if dask else "this machine's cores"
    row = {"where": where, "runs": runs, "seconds": seconds, "rate": runs / seconds}
    row["peak"] = dict(memory.peak)
    peak = ", ".join(f"{name} {size:.0f} MB" for name, size in sorted(memory.peak.items()))
    print(f"{where:22} {runs:7,} runs {seconds:8.1f} s {runs / seconds:6.1f} a second; {peak}")
    return row


def _start(program, *options):
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", *options, "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="+", default=[100, 1000, 10_000], help="on Dask")
    parser.add_argument("--here", type=int, nargs="+", default=[100, 1000], help="without Dask")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        started = [_start("dask_scheduler", "--port", "0", "--scheduler-file", str(file))]
        try:
            with Client(scheduler_file=str(file), timeout=60) as client:
                address = client.scheduler.address
                count = str(WORKERS)
                started.append(
                    _start("dask_worker", address, "--nworkers", count, "--nthreads", "1")
                )
                client.wait_for_workers(WORKERS, timeout=60)
            train(6, address)  # once, not counted: the workers import TensorFlow
            rows = [train(runs, address) for runs in options.runs]
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()
    train(4, None)
    rows += [train(runs, None) for runs in options.here]
    measure.save({"rows": rows, "processes": ["caller", "scheduler", "worker"]})


if __name__ == "__main__":
    main()
