"""Runs trained by a Dask cluster: a scheduler and three workers, each a process of its own."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from distributed import Client, config

from windlib import experiments, workers

SEEDS = range(12)


def _contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


@pytest.fixture
def started():
    """Starts processes; kills whatever is left of their groups at the end."""
    processes = []

    def start(*command):
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def address(started, tmp_path):
    """Of a scheduler without workers."""
    file = tmp_path / "scheduler.json"
    started("dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    with Client(scheduler_file=str(file), timeout=60) as client:
        return client.scheduler.address


def _start_workers(started, address, count, threads=1):
    for _ in range(count):
        started("dask_worker", address, "--nthreads", str(threads), "--no-dashboard")


def test_a_killed_worker_loses_nothing(tiny, address, started, tmp_path, monkeypatch):
    training = {**tiny.training, "epochs": 100}  # a second: nobody is idle when one is killed
    recipe = replace(tiny, seeds=SEEDS, training=training)
    _start_workers(started, address, 3)
    killed = []

    def keep(path, *packed):
        """Kills the worker that does most at the moment, once, in the midst of it all."""
        kept(path, *packed)
        if len(_contents(tmp_path / "cluster")) == len(SEEDS) // 3 and not killed:
            with Client(address) as client:
                busy = max(client.processing().items(), key=lambda item: len(item[1]))
                assert len(busy[1]) > 0
                (pid,) = client.run(os.getpid, workers=[busy[0]]).values()
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    kept = experiments._keep
    monkeypatch.setattr(experiments, "_keep", keep)
    failed = experiments.reproduce([recipe], dask=address, folder=tmp_path / "cluster")
    assert failed == []
    assert killed
    monkeypatch.setattr(experiments, "_keep", kept)
    assert experiments.reproduce([recipe], jobs=1, folder=tmp_path / "alone") == []
    assert len(_contents(tmp_path / "alone")) == len(SEEDS)
    assert _contents(tmp_path / "cluster") == _contents(tmp_path / "alone")


def test_a_worker_that_has_grown_is_replaced(address, started):
    _start_workers(started, address, 1)
    with Client(address) as client:
        client.wait_for_workers(1)
        client.run(exec, "from windlib import workers; workers._LEAK = 1")  # it has more
        (first,) = client.run(os.getpid).values()
    pids = list(workers.completed(os.getpid, [()] * 5, dask=address))
    assert len(pids) == 5  # the last of its own is made anew if no other worker could take it
    assert set(pids) - {first}


def test_runs_wait_for_the_first_worker(address, started):
    results = workers.completed(math.factorial, [(n,) for n in range(5)], dask=address)
    _start_workers(started, address, 1)
    assert sorted(results) == [1, 1, 2, 6, 24]


def test_workers_with_several_threads_are_refused(address, started):
    _start_workers(started, address, 1, threads=2)
    with pytest.raises(workers.ClusterError, match="start workers with --nthreads 1"):
        list(workers.completed(math.factorial, [(2,)], dask=address))


def test_tasks_are_read_as_results_are_taken(address, started):
    _start_workers(started, address, 1)
    read = []

    def tasks():
        for n in range(500):
            read.append(n)
            yield (n,)

    for _ in (results := workers.completed(math.factorial, tasks(), dask=address)):
        break
    assert len(read) < 50
    results.close()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere"], ids=["silent", "no address"])
def test_without_a_scheduler(address, monkeypatch):
    monkeypatch.setitem(config["distributed"]["comm"]["timeouts"], "connect", "1s")
    begin = time.monotonic()
    with pytest.raises(workers.ClusterError, match=f"no Dask scheduler answers at {address}"):
        list(workers.completed(math.factorial, [(2,)], dask=address))
    assert time.monotonic() - begin < 30


def test_on_this_machine():
    results = workers.completed(math.factorial, [(n,) for n in range(4)], jobs=2)
    assert sorted(results) == [1, 1, 2, 6]
