"""Arrays on disk: written atomically, checked by digest, and read without executing code."""

import hashlib
import itertools
import json
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import platformdirs
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

COMMITTED = Path(__file__).parent / "trained"


class ArchiveError(ValueError):
    """A file is damaged, was changed by hand, or does not hold what its name promises."""


def cache_folder():
    """Folder for what this user trained or sampled; the variable WINDLIB_CACHE overrides it."""
    return Path(os.environ.get("WINDLIB_CACHE") or platformdirs.user_cache_dir("windlib"))


def digest(description):
    """SHA-256 of a description that JSON can hold, whatever the order of its keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def _checksum(arrays, description):
    sha = hashlib.sha256(digest(description).encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name], order="C")
        sha.update(f"{name} {array.dtype.str} {array.shape}".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def write(path, arrays, description):
    """Write arrays and a JSON description to one safetensors file, all or nothing.

    The same arguments give the same bytes. A reader sees the old file or the new one,
    never a part, also when two processes write at once or one is killed.
    """
    arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    # One key only: safetensors does not keep the order of several.
    sealed = {"description": description, "sha256": _checksum(arrays, description)}
    metadata = {"windlib": json.dumps(sealed, sort_keys=True)}
    write_bytes(path, save(arrays, metadata))


def write_bytes(path, content):
    """Write a file all or nothing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path):
    """Arrays and description that `write` put into a file.

    Returns
    -------
    arrays : dict of ndarray
    description : dict

    Raises
    ------
    ArchiveError
        The file is truncated, not a safetensors file, or differs from its checksum.
    FileNotFoundError
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        with safe_open(path, framework="numpy") as file:
            sealed = json.loads(file.metadata()["windlib"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        description, expected = sealed["description"], sealed["sha256"]
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ArchiveError(
            f"{path} is not a readable windlib file ({error}); delete it to make it anew"
        ) from error
    if _checksum(arrays, description) != expected:
        raise ArchiveError(
            f"{path} differs from its checksum: it was damaged or changed by hand; "
            "delete it to make it anew"
        )
    return arrays, description


def set_aside(path, reason):
    """Move a damaged file out of the way, with a warning: it is neither used nor deleted.

    Returns
    -------
    Path or None
        Where it is now; None if it cannot be moved, or another process did so first.
    """
    path = Path(path)
    names = (path.with_name(f"{path.name}.damaged{n or ''}") for n in itertools.count())
    aside = next(name for name in names if not name.exists())
    try:
        os.replace(path, aside)
    except FileNotFoundError:
        return None
    except OSError as error:
        warnings.warn(f"{path} is not used: {reason}; nor can it be moved: {error}", stacklevel=2)
        return None
    warnings.warn(f"{path} is set aside as {aside.name}: {reason}", stacklevel=2)
    return aside
