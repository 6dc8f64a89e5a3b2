"""Trains sweeps, or the whole book, on a SLURM cluster."""

import sys

from dask_jobqueue import SLURMCluster

from windlib import cli

if __name__ == "__main__":
    with SLURMCluster(
        queue="compute",
        cores=8,
        processes=8,  # one worker a core, so one thread each
        memory="32GB",
        walltime="04:00:00",
        worker_extra_args=["--lifetime", "225m", "--lifetime-stagger", "10m"],
    ) as cluster:
        cluster.adapt(minimum_jobs=1, maximum_jobs=20)
        address = cluster.scheduler_address
        sys.exit(cli.main(["reproduce", "--dask", address, *sys.argv[1:]]))
