"""Training whatever the archive lacks, one process per core, here or on a cluster."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from tqdm import tqdm

from windlib.runs import archive, experiments, workers
from windlib.runs.recipes import Experiment


@contextmanager
def one_core() -> Iterator[None]:
    """Train in one of several processes: more threads in each would only get in the way."""
    before = dict(os.environ)
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "WINDLIB_PROGRESS": "0"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _work(experiment, seed):
    """Train one run; returns it as `archive.write` takes it, or a sentence that says why not."""
    try:
        with one_core():
            return (
                experiment,
                seed,
                experiments.contents(experiments.fit_run(experiment, seed)),
                None,
            )
    except Exception as error:  # whatever it is, the other runs go on
        return experiment, seed, None, f"{type(error).__name__}: {error}"


LOST = "its process was killed three times; memory may be short"


def _lost(experiment, seed):
    return experiment, seed, None, LOST


def reproduce(
    names: str | Experiment | Iterable[str | Experiment] = (),
    *,
    jobs: int = -1,
    dask: str | None = None,
    force: bool = False,
    folder: str | os.PathLike | None = None,
) -> list[str]:
    """Train every run that the archive lacks, one process per core, here or on a cluster.

    Each run is written by this process as it ends. Stopped at any moment and started again,
    this leaves the same files as when it is left alone. A run that cannot be trained, for
    example because its loss diverges, does not stop the others. A damaged run is set aside,
    and trained anew.

    Parameters
    ----------
    names : str, Experiment, or sequence of these
        Experiments; all of the catalogue by default.
    jobs : int
        Processes; −1 for one per core.
    dask : str, optional
        Address of a Dask scheduler whose workers train instead of this machine.
    force : bool
        Train also what the archive has.
    folder : path, optional
        Archive to use instead of the user's cache and the committed runs.

    Returns
    -------
    list of str
        A sentence for each run that could not be trained or kept, or that came with windlib
        and is damaged.

    Warns
    -----
    UserWarning
        A damaged run was set aside.

    Raises
    ------
    UnwritableError
        Nothing can be written into the archive; found before anything is trained.
    ClusterError
        With `dask`: the cluster cannot be reached or used, as in `windlib.runs.workers.completed`.
    UnknownExperimentError
        The catalogue has no experiment of one of the names.
    ArgumentError
        `jobs` is not a whole number from 1 to 1,000, nor −1.
    """
    work, failed = [], []
    for e in experiments.all_named(names):
        for seed in e.seeds:
            try:
                if force or not _is_there(e, seed, folder):
                    work.append((e, seed))
            except archive.ArchiveError as error:
                failed.append(f"{e.name} seed {seed}: {error}")
    if work:
        archive.check_writable(experiments.destination(folder))
    silent = os.environ.get("WINDLIB_PROGRESS") == "0"
    with tqdm(total=len(work), unit="run", disable=silent) as bar:

        def missing():
            for e, seed in work:
                if force or experiments.find(e, seed, folder) is None:
                    yield e, seed
                else:  # another process was quicker
                    bar.update()

        results = workers.completed(_work, missing(), jobs=jobs, dask=dask, lost=_lost)
        with closing(results):
            for e, seed, packed, refusal in results:
                bar.set_postfix_str(f"{e.name} seed {seed}", refresh=False)
                bar.update()
                whose = f"{e.name} seed {seed} ({e.about})"
                if refusal is not None:
                    failed.append(f"{whose}: {refusal}")
                    continue
                try:
                    archive.write(experiments.destination(folder) / e.filename(seed), *packed)
                except OSError as problem:
                    failed.append(
                        f"{whose}: it cannot be kept: {problem}. Called again, this goes on"
                    )
                    break
    return failed


def _is_there(experiment, seed, folder):
    """Whether the archive has a run; a damaged one is set aside, or refused if committed."""
    path = experiments.find(experiment, seed, folder)
    if path is None:
        return False
    try:
        experiments.read_run(path, experiment, seed)
    except FileNotFoundError:  # another process has set it aside
        return False
    except archive.ArchiveError as error:
        experiments.set_run_aside(path, error)
        return False
    return True
