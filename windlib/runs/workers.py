"""Where trainings run: processes of this machine, or the workers of a Dask cluster."""

import contextlib
import json
import os
import pickle
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

import joblib

from windlib.arguments import whole
from windlib.errors import WindlibError

_WAITING = 32  # tasks that a cluster is given at least, so that it starts workers for them
_LEAK = 3 << 29  # bytes; TensorFlow keeps some 20 MB of every program it ever compiled
_TRIES = 3  # for a task whose process is killed, perhaps because memory was short
_MOST = 1000  # processes; each has a TensorFlow of its own


class ClusterError(WindlibError, RuntimeError):
    """The Dask cluster cannot be reached, or cannot be used as it is."""


class LostError(WindlibError, RuntimeError):
    """The process that did a task was killed, and so were those that tried again."""


def completed(
    function: Callable[..., Any],
    tasks: Iterable[tuple],
    *,
    jobs: int = -1,
    dask: str | None = None,
    lost: Callable[..., Any] | None = None,
) -> Generator:
    """Results of ``function(*task)`` as they are ready, in any order.

    Only some tasks are under way at a time, however many there are: `tasks` is read as they
    end. What a killed process was doing is done again by another one. No process outlives the
    generator, which `contextlib.closing` closes early, or this process, however it ends.

    Parameters
    ----------
    function : callable
        A function of a module, which other processes can import.
    tasks : iterable of tuple
        The arguments of each call.
    jobs : int
        Processes on this machine, as many as there are tasks at most; 1 for this process
        itself, −1 for one per core.
    dask : str, optional
        Address of a Dask scheduler, to use its workers instead.
    lost : callable, optional
        Called with a task whose processes on this machine were killed three times; what it
        returns is then the result.

    Raises
    ------
    ArgumentError
        `jobs` is not a whole number from 1 to 1,000, nor −1.
    LostError
        The processes of a task were killed three times, and there is no `lost`.
    ClusterError
        With `dask`: no scheduler answers at the address, or it is gone before the end; Dask is
        not installed; a worker has several threads; or workers were killed with their task.
    """
    jobs = joblib.cpu_count() if isinstance(jobs, int) and jobs == -1 else jobs
    jobs = whole("jobs", jobs, least=1, most=_MOST)
    if dask is not None:
        return _on_cluster(function, tasks, dask)
    if jobs == 1:
        return (function(*task) for task in tasks)
    return _here(function, tasks, jobs, lost)


def _here(function, tasks, jobs, lost):
    """One thread for each process: it starts the process when there is work, and waits for it."""
    tasks, idle, started = iter(tasks), [], []
    lock, stopping = threading.Lock(), threading.Event()

    def taken():
        with lock:  # or a process could be started after all have been stopped
            if stopping.is_set():
                raise LostError("stopped")
            if not idle:
                idle.append(_Process())
                started.append(idle[-1])
            return idle.pop()

    def call(task):
        for _ in range(_TRIES):
            try:
                process = taken()
                result, error, grown = process.do(function, task)
            except (OSError, EOFError, pickle.UnpicklingError):
                continue  # it was killed, or could not be started
            if grown:
                process.stop()
            else:
                idle.append(process)
            if error is not None:
                raise error
            return result
        if lost is None:
            raise LostError(f"the process of a task was killed {_TRIES} times: {task}")
        return lost(*task)

    threads = ThreadPoolExecutor(jobs)
    try:
        running = {threads.submit(call, task) for task in islice(tasks, 2 * jobs)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
                running |= {threads.submit(call, task) for task in islice(tasks, 1)}
    finally:
        with lock:
            stopping.set()
        for process in started:
            process.stop()
        threads.shutdown(cancel_futures=True)


class _Process:
    """A Python process that does one task after another.

    It has pipes to this one only, and ends when they do: when this process stops it, or ends in
    whatever way. As a session of its own it is not what Ctrl-C interrupts. It imports nothing of
    the caller's script, which thus needs no ``if __name__ == "__main__"``.
    """

    _START = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
        "from windlib.runs import workers; workers._serve()"
    )

    def __init__(self):
        alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", self._START, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=alone | os.environ,
        )

    def do(self, function, task):
        """What `_answer` says of a task."""
        question = pickle.dumps((function, task))
        pickle.dump(question, self._process.stdin)
        self._process.stdin.flush()
        return pickle.loads(pickle.load(self._process.stdout))

    def stop(self):
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what it was no longer told
                pipe.close()


def _serve():
    """Do the tasks that come through the standard input, until it ends."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)  # for whatever reads or prints
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    inbox = queue.SimpleQueue()

    def listen():
        try:
            while True:
                inbox.put(pickle.load(questions))
        finally:  # who asks is gone: at once, also in the midst of a task
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        answer = _answer(inbox.get())
        try:
            pickle.dump(answer, answers)
            answers.flush()
        except OSError:
            os._exit(0)


def _answer(question):
    """Pickled: the result, the exception if there was one, and whether this process has grown."""
    try:
        function, task = pickle.loads(question)
        return pickle.dumps((function(*task), None, _has_grown()))
    except Exception as error:
        error.add_note(traceback.format_exc())
        try:
            pickle.loads(answer := pickle.dumps((None, error, _has_grown())))
        except Exception:  # not every exception can be pickled
            error = RuntimeError(f"{type(error).__name__}: {error}")
            answer = pickle.dumps((None, error, _has_grown()))
        return answer


def _has_grown():
    try:
        import resource
    except ImportError:  # not on Windows
        return False
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > _LEAK


def _on_cluster(function, tasks, address):
    try:
        from distributed import Client, KilledWorker, as_completed
        from distributed.client import FutureCancelledError
    except ImportError as error:
        raise ClusterError(f"{error}: install it with pip install 'windlib[cluster]'") from error
    try:
        client = Client(address)
    except (OSError, RuntimeError, TypeError, ValueError) as error:  # TypeError: tls:// lacks keys
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        tasks, running = iter(tasks), as_completed()

        def submit_more():
            """Two tasks a worker, of those that are there now."""
            room = max(_WAITING, 2 * len(client.nthreads())) - running.count()
            for task in islice(tasks, max(0, room)):
                running.add(client.submit(_on_worker, function, task, pure=False))

        submit_more()
        for future in running:
            try:
                result = future.result()
            except KilledWorker as error:
                raise ClusterError(
                    f"{error} The workers may need more memory; called again, this goes on."
                ) from error
            except FutureCancelledError as error:
                raise ClusterError(
                    f"the scheduler at {address} is gone; called again with another, this goes on"
                ) from error
            yield result
            submit_more()


def _on_worker(function, task):
    import psutil
    from distributed import get_worker

    worker = get_worker()
    if worker.state.nthreads > 1:
        raise ClusterError(
            f"the worker {worker.address} has {worker.state.nthreads} threads; a training "
            "needs a process of its own: start workers with --nthreads 1"
        )
    result = function(*task)
    if worker.nanny and psutil.Process().memory_info().rss > _LEAK:
        worker.loop.add_callback(worker.close_gracefully, restart=True)
    return result
