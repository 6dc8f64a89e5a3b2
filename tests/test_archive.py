"""Files of arrays: whole, unchanged and the same each time, or refused."""

import os
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

from windlib import archive
from windlib.archive import ArchiveError

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
    assert archive.digest({"a": (1, 2)}) == archive.digest({"a": [1, 2]})  # one list for JSON


def test_every_truncation_is_refused(path):
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ArchiveError, match=r"one\.safetensors .*delete it"):
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
from windlib import archive
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
    assert len(list(tmp_path.iterdir())) == 2
    assert archive.set_aside(path, "too short") is None  # another process was quicker
