"""Arrays on disk: written atomically, checked by digest, and read without executing code."""

import contextlib
import errno
import hashlib
import itertools
import json
import os
import secrets
import stat
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from safetensors import SafetensorError
from safetensors.numpy import load, save

from windlib import arguments
from windlib.arguments import ArgumentError, has_mask, instance, plain, short
from windlib.errors import WindlibError

COMMITTED = Path(__file__).parents[1] / "trained"

# Nothing that windlib writes comes near to these; a file that claims more is not read.
_LARGEST = 1 << 30  # bytes of a file
_LONGEST = 1 << 20  # bytes of its header, which holds the description
_TAKEN = "__metadata__"  # where safetensors keeps a description


class ArchiveError(WindlibError, ValueError):
    """A file is damaged, was changed by hand, or does not hold what its name promises."""


class UnwritableError(ArchiveError):
    """A folder in which files are to be kept cannot be written."""


def cache_folder() -> Path:
    """Folder for what this user trained or sampled; the variable WINDLIB_CACHE overrides it."""
    return Path(os.environ.get("WINDLIB_CACHE") or platformdirs.user_cache_dir("windlib"))


def digest(description: dict) -> str:
    """SHA-256 of a description that JSON can hold, whatever the order of its keys.

    NumPy's numbers count as the Python numbers that they are equal to.

    Raises
    ------
    ArgumentError
        JSON cannot hold it.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": np.int64(1)})
    True
    """
    return hashlib.sha256(to_json(description).encode()).hexdigest()


def to_json(value: Any) -> str:
    """JSON with sorted keys; NumPy's numbers and arrays become Python's numbers and lists."""
    try:
        return json.dumps(plain(value), sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(f"got a description that JSON cannot hold: {error}") from None


def checksum(arrays: dict[str, np.ndarray], description: dict) -> str:
    """SHA-256 of all that `write` keeps."""
    sha = hashlib.sha256(digest(description).encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name], order="C")
        sha.update(f"{name} {array.dtype.str} {array.shape}".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def write(path: str | os.PathLike, arrays: dict[str, np.ndarray], description: dict) -> None:
    """Write arrays and a JSON description to one safetensors file, all or nothing.

    The same arguments give the same bytes. A reader sees the old file or the new one,
    never a part, also when two processes write at once or one is killed.

    Raises
    ------
    ArgumentError
        JSON cannot hold the description, it is no dict, or the arrays are not numbers by name.
    OSError
        The file cannot be written, or would be larger than `read` reads.
    """
    instance("arrays", arrays, dict, "a dict of arrays by name")
    instance("description", description, dict, "a dict that JSON can hold")
    if _TAKEN in arrays:
        raise ArgumentError(f"got an array named '{_TAKEN}'; expected another name: the file's own")
    arrays = {name: _little_endian(name, array) for name, array in arrays.items()}
    # One key only: safetensors does not keep the order of several.
    sealed = {"description": description, "sha256": checksum(arrays, description)}
    content = save(arrays, {"windlib": to_json(sealed)})
    if len(content) > _LARGEST or _header_length(content) > _LONGEST:
        raise OSError(
            errno.EFBIG,
            f"got {len(content):,} bytes, {_header_length(content):,} of them of description; "
            f"expected at most {_LARGEST:,} and {_LONGEST:,}",
            str(path),
        )
    write_bytes(path, content)


def _little_endian(name, array):
    if has_mask(array):
        raise ArgumentError(f"got {short(name)} as a masked array; expected .filled() or .data")
    try:
        array = np.asarray(array)
    except ValueError:  # lists of unequal lengths
        array = np.asarray(None)
    kind, size = array.dtype.kind, array.dtype.itemsize
    if not isinstance(name, str) or kind not in "biuf" or size > 8:
        raise ArgumentError(
            f"got {short(name)} of type {array.dtype}; expected a name, and real numbers of at "
            "most 64 bits"
        )
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _header_length(content):
    return int.from_bytes(content[:8], "little")


def write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """Write a file all or nothing.

    A process that is killed meanwhile leaves a hidden file ``.windlib-….partial``. Nobody reads
    it, and nobody removes it: whether its writer still lives, no other process can know.
    """
    path = arguments.path("path", path)
    instance("content", content, bytes, "bytes")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".windlib-{secrets.token_hex(8)}.partial"
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def check_writable(folder: str | os.PathLike) -> None:
    """Write a file of the size of a run into a folder, which is made if need be, and remove it.

    Raises
    ------
    UnwritableError
        The folder is read-only, full, or a file.
    """
    probe = arguments.path("folder", folder) / f".windlib-{secrets.token_hex(8)}.probe"
    try:
        write_bytes(probe, bytes(1 << 16))
        probe.unlink()
    except OSError as error:
        raise UnwritableError(
            f"nothing can be kept in {folder}: {error.strerror}; choose another folder (--archive, "
            "folder=, or the variable WINDLIB_CACHE), or make room there"
        ) from error


def read(path: str | os.PathLike) -> tuple[dict[str, np.ndarray], dict]:
    """Arrays and description that `write` put into a file.

    Sizes are checked before anything is read: a file that claims to be huge costs nothing.

    Returns
    -------
    arrays : dict of ndarray
    description : dict

    Raises
    ------
    ArchiveError
        The file is truncated, not a safetensors file, or differs from its checksum.
    FileNotFoundError
        There is no such file.
    ArgumentError
        `path` is nothing that a file can be named.
    """
    path = arguments.path("path", path)
    try:
        content = _content(path)
        header = json.loads(content[8 : 8 + _header_length(content)])
        sealed = json.loads(header[_TAKEN]["windlib"])
        arrays, description = load(content), sealed["description"]
        if not isinstance(description, dict):
            raise TypeError("its description is no table of fields")
        whole = checksum(arrays, description) == sealed["sha256"]
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} does not exist") from None
    except (
        *(SafetensorError, OSError, RecursionError),
        *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
    ) as error:  # whatever a parser says of such a file
        raise ArchiveError(
            f"{path} is not a readable windlib file ({error}); moved away, it is made anew"
        ) from error
    if not whole:
        raise ArchiveError(
            f"{path} differs from its checksum: it was damaged or changed by hand; "
            "moved away, it is made anew"
        )
    return arrays, description


def _content(path):
    """The bytes of a file, unless it is no file, or too large to be one of ours."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise ValueError("it is no file but a folder, a pipe or a device")
    with path.open("rb") as file:
        start = file.read(8)
        if facts.st_size > _LARGEST or _header_length(start) > min(_LONGEST, facts.st_size):
            raise ValueError(
                f"it has {facts.st_size:,} bytes and claims {_header_length(start):,} of header"
            )
        return start + file.read(_LARGEST)


def set_aside(path: str | os.PathLike, reason: object) -> Path | None:
    """Move a damaged file out of the way, with a warning: it is neither used nor deleted.

    Returns
    -------
    Path or None
        Where it is now; None if it cannot be moved, or another process did so first.

    Raises
    ------
    ArgumentError
        `path` is no path of a file.
    """
    path = arguments.path("path", path)
    if not path.name:
        raise ArgumentError(f"got path={short(str(path))}; expected the path of a file")
    names = (path.with_name(f"{path.name}.damaged{n or ''}") for n in itertools.count())
    aside = next(name for name in names if not os.path.lexists(name))
    try:
        os.replace(path, aside)
    except FileNotFoundError:
        return None
    except OSError as error:
        warnings.warn(f"{path} is not used: {reason}; nor can it be moved: {error}", stacklevel=2)
        return None
    warnings.warn(f"{path} is set aside as {aside.name}: {reason}", stacklevel=2)
    return aside
