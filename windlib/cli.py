"""The console script ``windlib``."""

# Everything else is imported where it is used: Ctrl-C is then caught from the first moment on.
import os
import sys

_MOST_JOBS = 1000


def main(arguments: list[str] | None = None) -> int | None:
    """Run the command line; returns the exit status.

    0: done. 1: something failed, and a line says what. 2: wrong usage. 130: stopped by Ctrl-C.
    141: whoever read the output, such as ``head``, has gone.
    """
    alone = arguments is None  # a process of its own, not a call from Python
    try:
        if alone:
            _mend_streams()
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # or a full disk would be noticed too late
    except KeyboardInterrupt:
        return _complain("stopped; finished runs are kept", 130)
    except BrokenPipeError:
        # Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else error, 1)
    finally:
        if alone:
            import signal

            signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is left to be tidied


def _mend_streams():
    """Closed streams lead nowhere; what the output's encoding lacks is spelt out."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:  # the file takes the closed one's number
            stream = open(os.devnull, "w" if number else "r")  # noqa: SIM115
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
    sys.stdout.reconfigure(errors="backslashreplace")


def _complain(text, status):
    print(f"windlib: {' '.join(str(text).splitlines())}", file=sys.stderr)
    return status


def _parser():
    import argparse

    parser = argparse.ArgumentParser(
        prog="windlib", description="Experiments of the book: list, train, verify, score."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, text, what="the folder of trained runs to use, instead of the book's"):
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--archive", metavar="DIR", help=what)
        return sub

    def names(sub, what="experiments; all of them by default"):
        sub.add_argument("names", nargs="*", metavar="NAME", help=what)
        return sub

    def processes(sub):
        sub.add_argument(
            "--jobs", type=_jobs, default=-1, metavar="N", help="processes; one per core by default"
        )

    names(command("list", "List the experiments, and how many of their runs are trained."))
    sub = command(
        "reproduce",
        "Train all runs that are not trained yet, one process per core. A NAME that ends in "
        ".toml is a sweep's file: its runs are trained, and a table and a plot put beside it.",
        "the folder to put trained runs into, made if need be; your cache by default",
    )
    names(sub, "experiments, or files of sweeps; all experiments by default")
    processes(sub)
    sub.add_argument(
        "--dask",
        type=_address,
        metavar="ADDRESS",
        help="train on the workers of a Dask scheduler that you trust, such as "
        "tcp://192.0.2.1:8786",
    )
    sub.add_argument("--force", action="store_true", help="train also what is trained already")
    sub = command("verify", "Check the trained runs, and retrain first epochs.")
    names(sub).add_argument(
        "--retrain",
        choices=("few", "recipes", "runs"),
        default="recipes",
        help="the first epoch of one recipe for each system and kind of network, of one run of "
        "every recipe (the default), or of every run",
    )
    processes(sub)
    sub = command("scorecard", "Print the papers' numbers beside ours, each with a verdict.")
    sub.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _jobs(text):
    import argparse

    from windlib.arguments import short

    try:
        number = int(text)
    except ValueError:
        number = 0
    if number != -1 and not 1 <= number <= _MOST_JOBS:
        raise argparse.ArgumentTypeError(
            f"got {short(text)}; expected 1 to {_MOST_JOBS} processes, or -1: one per core"
        )
    return number


def _address(text):
    import argparse
    import re

    from windlib.arguments import short

    # Dask waits for ever for some of the protocols that it has not.
    if not re.fullmatch(r"((tcp|tls)://)?[^\s/]+:\d{1,5}", text, re.ASCII):
        raise argparse.ArgumentTypeError(
            f"got {short(text)}; expected a scheduler's address, such as tcp://192.0.2.1:8786"
        )
    return text


def _run(arguments):
    from windlib.arguments import short

    parser = _parser()
    options = parser.parse_args(arguments)
    folder = options.archive
    if folder is not None and not os.path.isdir(folder):
        if not folder or os.path.exists(folder):
            parser.error(f"--archive {short(folder)}: this is no folder")
        if options.command != "reproduce":
            parser.error(f"--archive {folder}: there is no such folder")
    if getattr(options, "dask", None) and options.jobs != -1:
        parser.error("--jobs and --dask: a cluster has as many workers as it has")
    from windlib.errors import WindlibError
    from windlib.runs import experiments

    names = getattr(options, "names", [])
    if options.command == "reproduce":
        names = [name for name in names if not name.endswith(".toml")]
    if unknown := [name for name in names if name not in experiments.CATALOGUE]:
        return _complain(f"no experiment {', '.join(unknown)}; 'windlib list' shows them all", 2)
    try:
        return globals()[f"_{options.command}"](options, experiments)
    except WindlibError as error:
        return _complain(error, 1)


def _list(options, experiments):
    for name in options.names or experiments.CATALOGUE:
        e = experiments.CATALOGUE[name]
        there = sum(experiments.find(e, s, options.archive) is not None for s in e.seeds)
        print(f"{name:26} {there:2} of {len(e.seeds):2} runs  {e.about}")
    return 0


def _reproduce(options, experiments):
    from windlib.runs import reproduce, sweep_results, sweeps

    grids = {name: sweeps.read(name) for name in options.names if name.endswith(".toml")}
    wanted = [name for name in options.names if name not in grids]
    wanted += [experiment for sweep in grids.values() for experiment in sweep.experiments]
    failed = reproduce.reproduce(
        wanted,
        jobs=options.jobs,
        dask=options.dask,
        force=options.force,
        folder=options.archive,
    )
    for line in failed:
        _complain(f"not trained: {line}", 1)
    for name, sweep in grids.items():
        for written in sweep_results.report(sweep, name, options.archive):
            print(written)
    return 1 if failed else 0


def _verify(options, _):
    from windlib.runs import verify

    wrong = verify.verify(
        options.names, retrain=options.retrain, jobs=options.jobs, folder=options.archive
    )
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _scorecard(options, _):
    import json

    from windlib.claims import scorecard

    rows = scorecard.rows(folder=options.archive)
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        print(scorecard.table(rows))
    return 0
