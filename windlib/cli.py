"""The console script ``windlib``."""

import argparse
import json
import sys


def _parser():
    parser = argparse.ArgumentParser(
        prog="windlib", description="Experiments of the book: list, train, verify, score."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("names", nargs="*", metavar="NAME", help="experiments; all by default")
        sub.add_argument("--archive", metavar="DIR", help="folder of trained runs to use alone")
        return sub

    command("list", "List the catalogue's experiments and how many of their runs are there.")
    sub = command(
        "reproduce",
        "Train every run that the archive lacks, one process per core. A NAME that ends in .toml "
        "is a sweep's file: its runs are trained, and a table and a plot put beside it.",
    )
    sub.add_argument("--jobs", type=int, default=-1, metavar="N", help="processes; all cores")
    sub.add_argument("--dask", metavar="ADDRESS", help="train on a Dask scheduler's workers")
    sub.add_argument("--force", action="store_true", help="train also what is there")
    sub = command("verify", "Check the archived runs, and retrain the first epoch of each recipe.")
    sub.add_argument("--all", action="store_true", help="retrain the first epoch of every run")
    sub = commands.add_parser("scorecard", help="The papers' numbers beside ours.")
    sub.add_argument("--archive", metavar="DIR", help="folder of trained runs to use alone")
    sub.add_argument("--json", action="store_true", help="print JSON")
    return parser


def main(arguments=None):
    """Run the command line; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if getattr(options, "jobs", 1) == 0:
        parser.error("--jobs 0: expected at least 1, or -1 for all cores")
    if getattr(options, "dask", None) and options.jobs != -1:
        parser.error("--jobs and --dask: a cluster has as many workers as it has")
    from windlib import archive, experiments
    from windlib.sweeps import SweepError
    from windlib.workers import ClusterError

    names = getattr(options, "names", [])
    if options.command == "reproduce":
        names = [name for name in names if not name.endswith(".toml")]
    if unknown := [name for name in names if name not in experiments.CATALOGUE]:
        print(
            f"windlib: no experiment {', '.join(unknown)}; 'windlib list' shows them all",
            file=sys.stderr,
        )
        return 2
    try:
        return globals()[f"_{options.command}"](options, experiments)
    except (archive.ArchiveError, ClusterError, SweepError) as error:
        print(f"windlib: {error}", file=sys.stderr)
        return 1


def _list(options, experiments):
    for name in options.names or experiments.CATALOGUE:
        e = experiments.CATALOGUE[name]
        there = sum(experiments.find(e, s, options.archive) is not None for s in e.seeds)
        print(f"{name:26} {there:2} of {len(e.seeds):2} runs  {e.about}")
    return 0


def _reproduce(options, experiments):
    from windlib import sweeps

    grids = {name: sweeps.read(name) for name in options.names if name.endswith(".toml")}
    wanted = [name for name in options.names if name not in grids]
    wanted += [experiment for sweep in grids.values() for experiment in sweep.experiments]
    try:
        failed = experiments.reproduce(
            wanted,
            jobs=options.jobs,
            dask=options.dask,
            force=options.force,
            folder=options.archive,
        )
    except KeyboardInterrupt:
        print("windlib: stopped; the runs that had ended are kept", file=sys.stderr)
        return 130
    for line in failed:
        print(f"windlib: not trained: {line}", file=sys.stderr)
    for name, sweep in grids.items():
        for written in sweeps.report(sweep, name, options.archive):
            print(written)
    return 1 if failed else 0


def _verify(options, experiments):
    wrong = experiments.verify(options.names, every_seed=options.all, folder=options.archive)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _scorecard(options, experiments):
    from windlib import scorecard

    rows = scorecard.rows(folder=options.archive)
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        print(scorecard.table(rows))
    return 0
