"""Files of arrays: whole, unchanged and the same each time, or refused."""

import errno
import json
import os
import socket
import struct
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import save_file

from windlib.arguments import ArgumentError
from windlib.runs import archive
from windlib.runs.archive import ArchiveError

ARRAYS = {
    "weight/kernel": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4),
    "history/loss": np.array([0.5, 0.25, 1e-300]),
    "winding": np.array([[-4, 4]]),
    "empty": np.zeros((0, 3)),
    "strided": np.arange(12.0).reshape(3, 4).T[::2],
}
DESCRIPTION = {"recipe": {"seed": 0, "shares": [0.5, 0.5], "about": "π ≠ 3"}, "versions": {}}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "runs" / "one.safetensors"
    archive.write(path, ARRAYS, DESCRIPTION)
    return path


def test_round_trip(path):
    arrays, description = archive.read(path)
    assert description == DESCRIPTION
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array, strict=True)


@pytest.mark.parametrize("order", "<>=")
def test_bytes_are_native_whatever_was_given(path, tmp_path, order):
    turned = {name: a.astype(a.dtype.newbyteorder(order)) for name, a in ARRAYS.items()}
    archive.write(tmp_path / "turned", turned, DESCRIPTION)
    assert (tmp_path / "turned").read_bytes() == path.read_bytes()
    assert all(array.dtype.isnative for array in archive.read(tmp_path / "turned")[0].values())


def test_scalars_keep_their_shape(tmp_path):
    archive.write(tmp_path / "scalar", {"x": np.float64(3)}, {})
    assert archive.read(tmp_path / "scalar")[0]["x"].shape == ()


def test_equal_arguments_give_equal_bytes(path, tmp_path):
    other_order = dict(reversed(ARRAYS.items()))
    archive.write(tmp_path / "two", other_order, dict(reversed(DESCRIPTION.items())))
    assert (tmp_path / "two").read_bytes() == path.read_bytes()


def test_digest_tells_descriptions_apart():
    different = [{}, {"a": 1}, {"a": 2}, {"a": "1"}, {"a": None}, {"b": 1}, {"a": [1]}, {"a": 1.5}]
    assert len({archive.digest(d) for d in different}) == len(different)
    numpys = {"a": np.int64(1), "b": [np.float64(0.1), np.bool_(True)], "c": np.arange(3)}
    assert archive.digest(numpys) == archive.digest({"a": 1, "b": [0.1, True], "c": [0, 1, 2]})
    with pytest.raises(ArgumentError, match="JSON cannot hold"):
        archive.digest({"a": object()})
    assert archive.digest({"a": (1, 2)}) == archive.digest({"a": [1, 2]})  # one list for JSON


def test_every_truncation_is_refused(path):
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ArchiveError, match=r"one\.safetensors .*moved away, it is made anew"):
            archive.read(path)


def test_every_flipped_byte_is_refused(path):
    whole = path.read_bytes()
    for i, byte in enumerate(whole):
        path.write_bytes(whole[:i] + bytes([byte ^ 1 << i % 8]) + whole[i + 1 :])
        with pytest.raises(ArchiveError):
            archive.read(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"\"seed\": 0", rb"\"seed\": 1"),  # a field of the recipe
        (b"history/loss", b"history/less"),  # the name of an array
        (b"[3,4]", b"[4,3]"),  # its shape
        (b"F32", b"I32"),  # its type
        (np.float64(0.25).tobytes(), np.float64(0.26).tobytes()),  # one value
    ],
)
def test_an_edit_by_hand_is_refused(path, old, new):
    whole = path.read_bytes()
    assert whole.count(old) == 1
    assert len(old) == len(new)
    path.write_bytes(whole.replace(old, new))
    with pytest.raises(ArchiveError, match="differs from its checksum"):
        archive.read(path)


def test_other_files_are_refused(tmp_path):
    for name, content in [("text", b"0.5, 0.25"), ("pickle", b"\x80\x04K\x01."), ("empty", b"")]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ArchiveError, match=name):
            archive.read(tmp_path / name)
    save_file(ARRAYS, tmp_path / "foreign")  # safetensors, but without our description
    with pytest.raises(ArchiveError, match="foreign"):
        archive.read(tmp_path / "foreign")


def sealed(description):
    return {"__metadata__": {"windlib": json.dumps({"description": description, "sha256": "0"})}}


def tensor(kind, shape, size):
    return {**sealed({}), "x": {"dtype": kind, "shape": shape, "data_offsets": [0, size]}}


HOSTILE = {  # header, bytes that follow, and how many more zeros the file claims to have
    "nested metadata": ({"__metadata__": {"windlib": "[" * 100_000}}, b"", 0),
    "nested header": ("[" * 100_000, b"", 0),
    "metadata of a number": ({"__metadata__": 3}, b"", 0),
    "a list of metadata": ([], b"", 0),
    "float8": (tensor("F8_E4M3", [2], 2), b"ab", 0),
    "bfloat16": (tensor("BF16", [1], 2), b"ab", 0),
    "4 bits": (tensor("F4", [4], 2), b"ab", 0),
    "a description that is a list": (sealed([1]), b"", 0),
    "no description": (sealed(None), b"", 0),
    "an endless integer": ('{"__metadata__": %s}' % ("9" * 5000), b"", 0),
    "2 MB of JSON": (sealed("x" * 2_000_000), b"", 0),
    "30 GB": (tensor("U8", [30 << 30], 30 << 30), b"", 30 << 30),
    "a claim of 2**61 numbers": (tensor("F64", [2**61], 0), b"", 0),
    "fewer than none": (tensor("F64", [-1], 8), bytes(8), 0),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_at_once(tmp_path, case):
    resource = pytest.importorskip("resource")
    header, data, zeros = HOSTILE[case]
    header = (header if isinstance(header, str) else json.dumps(header)).encode()
    with (tmp_path / "hostile").open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)
        file.truncate(file.tell() + zeros)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    with pytest.raises(ArchiveError, match="hostile is not a readable windlib file"):
        archive.read(tmp_path / "hostile")
    assert time.process_time() - begin < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 50_000  # KB


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are Unix'")
def test_what_is_no_file_is_refused_and_nobody_waits_for_it(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to("circle")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for path in tmp_path.iterdir():
            with pytest.raises(ArchiveError, match=path.name):
                archive.read(path)


@pytest.mark.parametrize("limit", ["_LARGEST", "_LONGEST"])
def test_what_could_not_be_read_is_not_written(path, monkeypatch, limit):
    monkeypatch.setattr(archive, limit, 200)
    old = path.read_bytes()
    with pytest.raises(OSError, match="expected at most") as caught:
        archive.write(path, ARRAYS, DESCRIPTION)
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == old
    with pytest.raises(ArchiveError, match="claims"):
        archive.read(path)


@pytest.mark.parametrize("description", [[1], None, "x", 3])
def test_a_description_is_a_dict(path, description):
    before = path.read_bytes()
    with pytest.raises(ArgumentError, match=r"got description=.*; expected a dict"):
        archive.write(path, ARRAYS, description)
    assert path.read_bytes() == before


def test_no_array_has_the_name_of_the_description(path):
    before = path.read_bytes()
    with pytest.raises(ArgumentError, match="named '__metadata__'; expected another name"):
        archive.write(path, {**ARRAYS, "__metadata__": np.zeros(3)}, DESCRIPTION)
    assert path.read_bytes() == before


def test_a_folder_that_can_be_written_is_made_and_left_empty(tmp_path):
    archive.check_writable(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(archive.UnwritableError, match=f"kept in {folder}: .*WINDLIB_CACHE"):
            archive.check_writable(folder)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(archive.UnwritableError, match="No space left"):
        archive.check_writable(tmp_path)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("mask", [0o077, 0o022, 0o002])
def test_files_have_the_permissions_that_the_user_gives_to_new_files(tmp_path, mask):
    before = os.umask(mask)
    try:
        archive.write(tmp_path / "one", ARRAYS, DESCRIPTION)
    finally:
        os.umask(before)
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_missing_file_is_not_a_damaged_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors"):
        archive.read(tmp_path / "none.safetensors")


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_writer_that_dies_leaves_the_old_file(path, monkeypatch, error, step):
    def die(*_):
        raise error("no more")

    old = path.read_bytes()
    monkeypatch.setattr(os, step, die)
    with pytest.raises(error):
        archive.write(path, {"x": np.zeros(3)}, {})
    assert path.read_bytes() == old
    assert os.listdir(path.parent) == [path.name]


WRITER = """
import sys, numpy as np
from windlib.runs import archive
for i in range(150):
    archive.write(sys.argv[1], {"x": np.full(20_000, float(sys.argv[2]))}, {"by": sys.argv[2]})
"""


def test_two_writers_and_a_reader(tmp_path):
    path = tmp_path / "shared.safetensors"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, str(i)]) for i in (1, 2)]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            arrays, description = archive.read(path)  # never a mixture, or it would raise
            assert (arrays["x"] == float(description["by"])).all()
            seen.add(description["by"])
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen
    assert archive.read(path)[1]["by"] in "12"
    assert os.listdir(tmp_path) == [path.name]


def test_cache_folder_follows_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("WINDLIB_CACHE", str(tmp_path))
    assert archive.cache_folder() == tmp_path
    monkeypatch.delenv("WINDLIB_CACHE")
    assert archive.cache_folder().name == "windlib"


def test_a_damaged_file_is_set_aside_and_none_is_overwritten(tmp_path):
    path = tmp_path / "x.safetensors"
    for content in ("first", "second"):
        path.write_text(content)
        with pytest.warns(UserWarning, match=r"x\.safetensors is set aside as .*: too short"):
            aside = archive.set_aside(path, "too short")
        assert aside.read_text() == content
        assert not path.exists()
    assert archive.set_aside(path, "too short") is None  # another process was quicker
    path.mkdir()
    with pytest.warns(UserWarning, match="no file"):
        assert archive.set_aside(str(path), "no file").is_dir()
    assert len(list(tmp_path.iterdir())) == 3


def test_masked_arrays_are_not_kept(tmp_path):
    masked = np.ma.array([1.0, 2.0], mask=[0, 1])
    for arrays, description in [
        ({"a": masked}, {}),
        ({"a": [masked]}, {}),
        ({"a": [1.0]}, {"b": masked}),
    ]:
        with pytest.raises(ArgumentError, match="masked array"):
            archive.write(tmp_path / "kept", arrays, description)


def test_a_folder_without_a_name_is_not_set_aside():
    for path in (".", "/"):
        with pytest.raises(ArgumentError, match="expected the path of a file"):
            archive.set_aside(path, "a reason")
