"""Kills, damage, a full disk: what is left of trained runs in the worst of circumstances.

``python -m soak.kills 50`` kills a `reproduce` of tiny recipes at 50 random moments.
"""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from windlib.datasets import DataRecipe
from windlib.runs import archive, checks, experiments, reproduce
from windlib.runs.recipes import Experiment

RUNS = 12
DRIVER = "from soak import kills; kills._reproduce({folder!r}, {jobs})"


def _recipes():
    data = [DataRecipe("ssh", n, seed, links=8) for n, seed in [(300, 1), (50, 2)]]
    training = {"epochs": 3, "batch_size": 50}
    first = Experiment("one", "", *data, "fully_connected", {"widths": []}, training)
    second = replace(first, name="two", network="convolutional", network_options={"kernels": 3})
    return [replace(e, seeds=range(RUNS // 2)) for e in (first, second)]


def _reproduce(folder, jobs):
    sys.exit("\n".join(reproduce.reproduce(_recipes(), jobs=jobs, folder=folder)) or None)


def drawn(experiment, seed):
    """In place of a training, for the short form in the tests: no TensorFlow is imported."""
    time.sleep(0.1)
    rng, epochs = np.random.default_rng(seed), experiment.training["epochs"]
    arrays = {f"history/{name}": rng.uniform(size=epochs) for name in ("loss", "val_loss")}
    for name, shape in checks.weight_shapes(experiment).items():
        arrays[f"weight/{name}"] = rng.uniform(size=shape)
    facts = {"recipe": experiment.recipe(seed), "versions": {}}
    return experiment, seed, (arrays, facts), None


def _start(folder, jobs, **options):
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER.format(folder=str(folder), jobs=jobs)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def _contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.safetensors")}


def _descendants(pid):
    """Processes that a process has started, in whichever thread; Linux knows."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except OSError:
            continue
    return found


def _lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def undisturbed(place):
    """The files of the recipes when nothing happens."""
    process = _start(place, 1)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert len(_contents(place)) == RUNS
    return _contents(place)


def kills(count, expected, rng):
    """Kill the main process `count` times, with one and with two jobs; then let it end."""
    found = dict.fromkeys(("kills", "runs lost", "runs changed", "processes left"), 0)
    jobs = 1
    while found["kills"] < count:
        with tempfile.TemporaryDirectory() as folder:
            jobs, there = 3 - jobs, {}
            while found["kills"] < count and len(there) < RUNS:
                process = _start(folder, jobs)
                # Most of the time is the import of TensorFlow, which has nothing to lose.
                while process.poll() is None and _contents(folder).keys() <= there.keys():
                    time.sleep(0.01)
                time.sleep(rng.uniform(0, 0.5))
                workers = _descendants(process.pid)
                name = rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
                if process.poll() is None:
                    process.send_signal(name)
                    found["kills"] += 1
                process.communicate()
                time.sleep(0.5)
                found["processes left"] += sum(map(_lives, workers))
                before, there = there, _contents(folder)
                found["runs lost"] += len(before.keys() - there.keys())
                found["runs changed"] += sum(expected[n] != c for n, c in there.items())
            process = _start(folder, jobs)
            _, err = process.communicate()
            assert process.returncode == 0, err
            found["runs changed"] += _contents(folder) != expected
    return found


def worker_kills(count, expected, rng):
    """Kill single worker processes; the main process goes on and ends with every run."""
    found = dict.fromkeys(("worker kills", "unfinished", "runs changed"), 0)
    while found["worker kills"] < count:
        with tempfile.TemporaryDirectory() as folder:
            process = _start(folder, 2)
            killed = 0
            while process.poll() is None:
                time.sleep(rng.uniform(0.5, 8))
                workers = [pid for pid in _descendants(process.pid) if _lives(pid)]
                if workers and killed < 2:  # a run whose process is killed three times is given up
                    os.kill(rng.choice(workers), signal.SIGKILL)
                    killed += 1
            found["worker kills"] += killed
            found["unfinished"] += process.returncode != 0
            found["runs changed"] += _contents(folder) != expected
    return found


def damaged(count, expected, rng):
    """Damage files in `count` ways, and load them."""
    found = dict.fromkeys(("damaged files", "refused", "identical", "believed"), 0)
    runs = {e.filename(seed): (e, seed) for e in _recipes() for seed in e.seeds}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(count):
            name = rng.choice(sorted(expected))
            content = bytearray(expected[name])
            at = rng.randrange(len(content))
            match rng.choice(("bit", "truncated", "zeroed", "swapped", "longer")):
                case "bit":
                    content[at] ^= 1 << rng.randrange(8)
                case "truncated":
                    del content[at:]
                case "zeroed":
                    end = min(len(content), at + 512)
                    content[at:end] = bytes(end - at)
                case "swapped":
                    content[at:] = content[at:][::-1]
                case "longer":
                    content += rng.randbytes(rng.randrange(1, 512))
            path = Path(folder) / name
            path.write_bytes(content)
            found["damaged files"] += 1
            try:
                run = experiments.load(path, *runs[name])
            except archive.ArchiveError:
                found["refused"] += 1
                continue
            experiments.save(run, folder)
            found["identical" if path.read_bytes() == expected[name] else "believed"] += 1
    return found


def two_at_once(count, expected):
    """Two processes with two jobs each fill one folder."""
    found = dict.fromkeys(("pairs of processes", "failed", "runs changed"), 0)
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            pair = [_start(folder, 2) for _ in range(2)]
            for process in pair:
                process.communicate()
                found["failed"] += process.returncode != 0
            found["pairs of processes"] += 1
            found["runs changed"] += _contents(folder) != expected
    return found


def no_space(expected):
    """A disk that fills, as a limit on the size of files; then one with room."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))

    with tempfile.TemporaryDirectory() as folder:
        process = _start(folder, 1, preexec_fn=limit)
        _, err = process.communicate()
        named = "UnwritableError" in err and "nothing can be kept in" in err
        nothing_left = os.listdir(folder) == []
        process = _start(folder, 1)
        process.communicate()
        same = _contents(folder) == expected
    outcome = {"noticed before training": named and nothing_left, "whole once it had room": same}
    return {"full disks": 1, **{what: int(so) for what, so in outcome.items()}}


def main(count=50, files=1000):
    """Everything, as tables: what was done, how often, and what came of it."""
    rng = random.Random(16)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        expected = undisturbed(place)
    parts = [
        kills(count, expected, rng),
        worker_kills(max(1, count // 5), expected, rng),
        damaged(files, expected, rng),
        two_at_once(max(1, count // 10), expected),
        no_space(expected),
    ]
    rows = [[next(iter(p)), *next(iter(p.items()))[1:], _rest(p)] for p in parts]
    return [
        {
            "caption": "What was done, how often, and what came of it.",
            "columns": ["what", "times", "outcome"],
            "rows": rows,
        }
    ]


def _rest(part):
    return ", ".join(f"{name}: {value}" for name, value in list(part.items())[1:])


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:])), indent=1))
