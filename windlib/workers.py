"""Where trainings run: the cores of this machine, or the workers of a Dask cluster."""

import warnings
from itertools import islice

import joblib

_WAITING = 32  # tasks that a cluster is given at least, so that it starts workers for them
_LEAK = 2 << 30  # bytes; TensorFlow keeps some 20 MB of every program it ever compiled


class ClusterError(RuntimeError):
    """The Dask cluster cannot be reached, or cannot be used as it is."""


def completed(function, tasks, *, jobs=-1, dask=None):
    """Results of ``function(*task)`` as they are ready, in any order.

    Only some tasks are under way at a time, however many there are: `tasks` is read as they
    end, without `dask` in another thread.

    Parameters
    ----------
    function : callable
        A function of a module, which other processes can import.
    tasks : iterable of tuple
    jobs : int
        Processes on this machine; −1 for one per core.
    dask : str, optional
        Address of a Dask scheduler, to use its workers instead. What a killed worker was
        doing is done again by another one.

    Raises
    ------
    ClusterError
    """
    if dask is None:
        # Joblib replaces a process that has grown, as it should, and warns of it.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        return parallel(joblib.delayed(function)(*task) for task in tasks)
    return _on_cluster(function, tasks, dask)


def _on_cluster(function, tasks, address):
    try:
        from distributed import Client, KilledWorker, as_completed
        from distributed.client import FutureCancelledError
    except ImportError as error:
        raise ClusterError(f"{error}: install it with pip install 'windlib[cluster]'") from error
    try:
        client = Client(address)
    except (OSError, ValueError) as error:
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
