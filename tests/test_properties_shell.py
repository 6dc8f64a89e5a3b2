"""The command line and sweep files, given whatever somebody may type.

`make soak` runs the same with the hypothesis profile "soak", and counts.
"""

import contextlib
import datetime
import functools
import io
import os
import time
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from windlib.claims import scorecard
from windlib.cli import main
from windlib.runs import archive, experiments, reproduce, sweeps, verify

CASES, FAILURES, SECONDS = Counter(), Counter(), Counter()
SWEEP = b"""base = "tiny"
seeds = 2
[set]
training.epochs = 2
data.links = 4
[grid]
training.learning_rate = [1e-3, 1e-2]
network_options.widths = [[], [3], [3, 2]]
"""

# What an operating system can hand over: any bytes but NUL, which Python decodes in its way.
argument = st.binary(max_size=12).map(lambda b: os.fsdecode(b.replace(b"\0", b"")))
WORDS = """list reproduce verify scorecard tiny tinny --archive --jobs --dask --force --json
--retrain few
-h --help -- - -1 0 3 1e3 99999999999999999999 tcp://192.0.2.1:8786 tls://h:1 http://h . x.toml
nowhere sweep.toml --archive= --jobs=-7 --arch=. -x"""
word = st.sampled_from(WORDS.split())
arguments = st.lists(word | argument, max_size=6)


def counted(test):
    """A test of one drawn case, with its cases, failures and seconds counted."""
    name = test.__name__.removeprefix("test_").replace("_", " ")

    @functools.wraps(test)
    def one(*args, **kwargs):
        CASES[name] += 1
        begin = time.perf_counter()
        try:
            test(*args, **kwargs)
        except Exception:
            FAILURES[name] = 1  # however often it is seen again while it is made smaller
            raise
        finally:
            SECONDS[name] += time.perf_counter() - begin

    return one


@pytest.fixture(scope="module")
def place(tiny, tmp_path_factory):
    """A folder with a sweep's file, and a catalogue of which nothing is trained."""
    place = tmp_path_factory.mktemp("place")
    (place / "sweep.toml").write_bytes(SWEEP)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for module in (experiments, sweeps):
            patch.setattr(module, "CATALOGUE", {"tiny": tiny})
        patch.setattr(reproduce, "reproduce", lambda *_, **__: ["tiny seed 0: diverged"])
        patch.setattr(verify, "verify", lambda *_, **__: [])
        patch.setattr(scorecard, "rows", lambda **_: experiments.archived("tiny"))
        yield place


@given(arguments, st.sampled_from([None, KeyboardInterrupt, OSError, archive.ArchiveError]))
@example(["reproduce", "sweep.toml"], None)
@example(["reproduce", "."], None)
@example(["verify", "tiny"], None)
@example(["list"], KeyboardInterrupt)
@counted
def test_the_command_line_ends_with_a_status_and_lines(place, arguments, error):
    def find(*_):
        if error is not None:
            raise error("a reason")

    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiments, "find", find)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(arguments)
            except SystemExit as end:  # as argparse ends
                status = end.code
    assert status in (0, 1, 2, 130)
    lines = err.getvalue().splitlines()
    assert bool(lines) == (status != 0)
    assert "Traceback" not in err.getvalue()
    if status == 2 and lines[0].startswith("usage: "):
        lines = [line for line in lines if line.startswith("windlib")][-1:]
    assert lines == [line for line in lines if line.startswith("windlib")]
    if status == 130:
        assert lines == ["windlib: stopped; finished runs are kept"]


def _is_sweep_or_sweep_error(path):
    """Whether the file is a sweep; nothing else may come of it than that or a SweepError."""
    try:
        sweep = sweeps.read(path)
    except sweeps.SweepError as error:
        complaint = str(error)
    else:
        complaint = None
    if complaint is not None:
        assert complaint.startswith(str(path))
        return False
    runs = [e.filename(s) for e in sweep.experiments for s in e.seeds]
    assert 0 < len(set(runs)) == len(runs) <= 10_000  # none twice
    for experiment in sweep.experiments:
        assert experiment.data.seed != experiment.validation.seed
    return True


@given(st.binary(max_size=300))
@counted
def test_any_bytes(place, content):
    path = place / "any.toml"
    path.write_bytes(content)
    assert not _is_sweep_or_sweep_error(path)


@given(st.data())
@counted
def test_a_damaged_sweep(place, data):
    content = bytearray(SWEEP)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        new = st.binary(max_size=3) | st.sampled_from([b"\n", b"[", b'"', b".", b"true", b"1e9"])
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(new)
    path = place / "damaged.toml"
    path.write_bytes(content)
    _is_sweep_or_sweep_error(path)


number = st.integers(-3, 100) | st.integers() | st.floats() | st.sampled_from([1.0, 1e5, 2**63])
leaf = number | st.booleans() | st.text(max_size=5) | st.dates() | st.datetimes() | st.times()
value = st.recursive(
    leaf,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = [
    *(f"{s}.{f}" for s in ("data", "validation") for f in ("n", "seed", "links", "noise", "label")),
    *(f"data.{f}" for f in ("hamiltonian", "windings", "shares", "options", "options.low")),
    *("network", "network_options.widths", "network_options.kernels", "network_options"),
    *(f"training.{f}" for f in ("epochs", "l2", "phases", "patience", "classes", "schedule")),
    *("training", "data", "name", "seeds", "data.n.x", "x"),
]
words = st.sampled_from(
    ["ssh", "chiral", "convolutional", "exact_winding", "np", "curve", "cosine"]
)
table = st.dictionaries(
    st.sampled_from(FIELDS), st.lists(words | value, min_size=1, max_size=3) | value, max_size=3
)


def _toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'
    return repr(value)


@given(
    base=st.just("tiny") | value,
    seeds=st.integers(1, 3) | value,
    fixed=table | value,
    grid=table | value,
    dotted=st.booleans(),
)
@example("tiny", 2, {}, {"data.n": [0, True]}, True)
@example("tiny", 2, {}, {"data.seed": [5, 2]}, True)
@example("tiny", 2, {}, {"data.n": [5, 6.0], "training.phases": [True, False]}, True)
@counted
def test_any_values_of_the_fields(place, base, seeds, fixed, grid, dotted):
    lines = [f"base = {_toml(base)}", f"seeds = {_toml(seeds)}"]
    for name, section in (("set", fixed), ("grid", grid)):
        if dotted and isinstance(section, dict):
            lines += [f"[{name}]", *(f"{k or 'x'} = {_toml(v)}" for k, v in section.items())]
        else:
            lines.append(f"{name} = {_toml(section)}")
    path = place / "values.toml"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    _is_sweep_or_sweep_error(path)
