"""Tasks done by processes of this machine, and by a Dask cluster, whatever is killed meanwhile."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest
from distributed import Client, config

from windlib.bloch import scan
from windlib.runs import archive, reproduce, workers

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


@pytest.mark.long
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

    kept = archive.write
    monkeypatch.setattr(archive, "write", keep)
    failed = reproduce.reproduce([recipe], dask=address, folder=tmp_path / "cluster")
    assert failed == []
    assert killed
    monkeypatch.setattr(archive, "write", kept)
    assert reproduce.reproduce([recipe], jobs=1, folder=tmp_path / "alone") == []
    assert len(_contents(tmp_path / "alone")) == len(SEEDS)
    assert _contents(tmp_path / "cluster") == _contents(tmp_path / "alone")


def test_a_worker_that_has_grown_is_replaced(address, started):
    _start_workers(started, address, 1)
    with Client(address) as client:
        client.wait_for_workers(1)
        client.run(exec, "from windlib.runs import workers; workers._LEAK = 1")  # it has more
        (first,) = client.run(os.getpid).values()
    pids = list(workers.completed(os.getpid, [()] * 3, dask=address))
    assert len(pids) == 3  # the last of its own is made anew if no other worker could take it
    assert set(pids) - {first}


def test_runs_wait_for_the_first_worker(address, started):
    results = workers.completed(math.factorial, [(n,) for n in range(5)], dask=address)
    _start_workers(started, address, 1)
    assert sorted(results) == [1, 1, 2, 6, 24]


def test_a_clusters_workers_count_a_phase_diagram(address, started, monkeypatch):
    monkeypatch.setattr(scan, "_CHUNK", 100)
    grid = {"t": np.linspace(0, 2, 21), "u": np.linspace(0.1, 2, 20)}
    there = set()

    def chain(t, u):  # of this test: no worker can import it
        return {0: [[0, t], [t, 0]], 1: [[0, u], [0, 0]], -1: [[0, 0], [u, 0]]}

    def counted(*task):
        return os.getpid(), *count(*task)

    def completed(function, tasks, **options):
        for pid, *result in workers_completed(counted, tasks, **options):
            there.add(pid)
            yield result

    count, workers_completed = scan.counted, workers.completed
    monkeypatch.setattr(scan.workers, "completed", completed)
    _start_workers(started, address, 2)
    found = scan.phase_diagram(chain, grid, dask=address)
    t, u = np.meshgrid(grid["t"], grid["u"], indexing="ij")
    decided = np.abs(t - u) > 1e-9
    np.testing.assert_array_equal(~np.ma.getmaskarray(found.winding), decided)
    np.testing.assert_array_equal(found.winding[decided], (u > t)[decided])
    assert there
    assert os.getpid() not in there


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


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "nowhere", "tls://127.0.0.1:9", "foo://x", "", 5]
)
def test_without_a_scheduler(address, monkeypatch):
    monkeypatch.setitem(config["distributed"]["comm"]["timeouts"], "connect", "1s")
    begin = time.monotonic()
    with pytest.raises(workers.ClusterError, match=f"no Dask scheduler answers at {address}"):
        list(workers.completed(math.factorial, [(2,)], dask=address))
    assert time.monotonic() - begin < 30


# --- processes of this machine ------------------------------------------------------------------

TASKS = """
import os, signal, time
from pathlib import Path
from windlib.runs import workers

def pid():
    return os.getpid()

def grow():
    workers._LEAK = 1
    return os.getpid()

def die_once(file):  # two tasks with the same file: the first to begin dies
    try:
        Path(file).touch(exist_ok=False)
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def lose_one(experiment, seed):  # in place of `reproduce._work`
    if seed == 1:
        die()
    return experiment, seed, ({"x": [float(seed)]}, {"seed": seed}), None

def sleep(folder, seconds):
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(seconds)

class Odd(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")

def odd():
    raise Odd(1, 2)

def talk():
    print("not an answer", flush=True)
    return "answered"
"""


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    """A module of tasks, found through `sys.path` only, as a reader's own are."""
    (tmp_path / "some_tasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "some_tasks", raising=False)
    import some_tasks

    return some_tasks


def _lives(pid):
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


@pytest.mark.parametrize("jobs", [1, 2, -1])
def test_on_this_machine(jobs):
    results = workers.completed(math.factorial, [(n,) for n in range(9)], jobs=jobs)
    assert sorted(results) == sorted(map(math.factorial, range(9)))


def test_a_killed_process_is_replaced_and_its_task_done_again(tasks, tmp_path):
    work = [(str(tmp_path / f"once-{n // 2}"),) for n in range(12)]
    pids = list(workers.completed(tasks.die_once, work, jobs=2))
    assert len(pids) == 12
    assert len(set(pids)) > 2


def test_a_task_that_kills_every_process_is_named_and_the_others_are_done(tasks):
    with pytest.raises(workers.LostError, match="killed 3 times"):
        list(workers.completed(tasks.die, [()], jobs=2))
    lost = workers.completed(os._exit, [(1,), (2,)], jobs=2, lost=lambda n: f"lost {n}")
    assert sorted(lost) == ["lost 1", "lost 2"]


def test_a_lost_run_is_named_and_the_others_are_kept(tiny, tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "_work", tasks.lose_one)
    recipe, folder = replace(tiny, seeds=range(4)), tmp_path / "runs"
    (failed,) = reproduce.reproduce(recipe, jobs=2, folder=folder)
    assert failed == f"tiny seed 1 (for the tests): {reproduce.LOST}"
    assert sorted(os.listdir(folder)) == [recipe.filename(seed) for seed in (0, 2, 3)]


def test_no_more_processes_than_tasks(tasks, monkeypatch):
    started = []
    init = workers._Process.__init__
    monkeypatch.setattr(workers._Process, "__init__", lambda p: started.append(p) or init(p))
    assert len(list(workers.completed(tasks.pid, [()], jobs=24))) == 1
    assert len(started) == 1


def test_a_process_that_has_grown_is_replaced(tasks):
    pytest.importorskip("resource")
    assert len(set(workers.completed(tasks.grow, [()] * 4, jobs=2))) == 4


def test_what_a_task_raises_is_raised_here(tasks):
    with pytest.raises(ValueError, match="negative") as caught:
        list(workers.completed(math.factorial, [(1,), (-1,)], jobs=2))
    assert "workers.py" in caught.value.__notes__[0]
    with pytest.raises(RuntimeError, match="Odd: 1 and 2"):  # which pickle cannot make anew
        list(workers.completed(tasks.odd, [()], jobs=2))


def test_what_a_task_prints_is_no_answer(tasks):
    assert list(workers.completed(tasks.talk, [()], jobs=2)) == ["answered"]


def test_tasks_are_read_as_processes_end():
    read = []

    def numbers():
        for n in range(500):
            read.append(n)
            yield (n,)

    results = workers.completed(math.factorial, numbers(), jobs=2)
    next(results)
    assert len(read) <= 5
    results.close()
    assert len(read) <= 5


def test_nothing_is_left_of_a_generator_that_is_closed(tasks, tmp_path):
    (tmp_path / "pids").mkdir()
    work = ((str(tmp_path / "pids"), seconds) for seconds in (0, 60, 60, 60))
    results = workers.completed(tasks.sleep, work, jobs=2)
    next(results)
    _wait_for(lambda: len(os.listdir(tmp_path / "pids")) == 2)
    begin = time.monotonic()
    results.close()
    assert time.monotonic() - begin < 10
    assert not any(map(_lives, os.listdir(tmp_path / "pids")))


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_nothing_is_left_of_a_main_process_that_is_killed(tasks, tmp_path, name):
    # Without `if __name__ == "__main__"`: no process may run these lines again.
    script = tmp_path / "script.py"
    script.write_text(
        "import some_tasks; from windlib.runs import workers\n"
        f"list(workers.completed(some_tasks.sleep, [({str(tmp_path / 'pids')!r}, 60)] * 2, jobs=2))"
    )
    (tmp_path / "pids").mkdir()
    process = subprocess.Popen([sys.executable, script], stderr=subprocess.DEVNULL)
    try:
        _wait_for(lambda: len(os.listdir(tmp_path / "pids")) == 2)
        process.send_signal(getattr(signal, name))
        process.wait(10)
    finally:
        process.kill()
    _wait_for(lambda: not any(map(_lives, os.listdir(tmp_path / "pids"))), 5)
    assert len(os.listdir(tmp_path / "pids")) == 2
