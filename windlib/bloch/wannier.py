"""Wannier90's file of hoppings."""

import math
import os

import numpy as np

from windlib import arguments
from windlib.arguments import short, whole
from windlib.bloch.errors import HamiltonianError
from windlib.bloch.models import along_one_axis

_MOST_BANDS = 1000
_PRINTED = 5e-6  # eV; the file has six decimals


def from_wannier90(path: str | os.PathLike) -> dict[int, np.ndarray]:
    r"""Hoppings of a chain from Wannier90's file ``seedname_hr.dat``, for `diagnose`.

    In the file :math:`H_{ab}(R)` is the matrix element between Wannier function a in the home cell
    and b in the cell at R; it is divided by R's degeneracy. The file has six decimals, so that
    :math:`H(-R) = H(R)^\dagger` holds to its last digit only: the mean of both is taken. For the
    same reason `diagnose` may need ``tolerance=1e-5`` to see a chiral operator.

    Parameters
    ----------
    path : str or path
        The file that Wannier90 writes with ``write_hr = true``.

    Returns
    -------
    dict
        {R: matrix}, each of shape (m, m), in eV, with whole numbers R along the chain.

    Raises
    ------
    HamiltonianError
        The file cannot be read or is damaged, or its hoppings lead along more than one lattice
        vector, or they are not Hermitian.
    ArgumentError
        `path` is neither text nor a path.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> lines = ["an SSH chain", "2", "3", "1 1 1"]
    >>> hops = {(0, 1, 2): 1, (0, 2, 1): 1, (1, 1, 2): 2, (-1, 2, 1): 2}
    >>> for r in (-1, 0, 1):
    ...     for n in (1, 2):
    ...         lines += [f"{r} 0 0 {m} {n} {hops.get((r, m, n), 0)} 0.0" for m in (1, 2)]
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ssh_hr.dat"
    >>> _ = path.write_text("\n".join(lines))
    >>> from windlib import diagnose
    >>> chain = from_wannier90(path)
    >>> diagnose(chain).winding
    1
    """
    path = arguments.path("path", path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise HamiltonianError(
            f"{path} cannot be read: {error.strerror}; expected the file seedname_hr.dat that "
            "Wannier90 writes with write_hr = true"
        ) from error
    except UnicodeDecodeError as error:
        raise HamiltonianError(f"{path} is no _hr.dat of Wannier90: it is no text") from error
    try:
        found = _read(lines)
    except (ValueError, OverflowError) as error:
        raise HamiltonianError(f"{path} is not a whole _hr.dat of Wannier90: {error}") from error
    return _hermitian(along_one_axis(found), path)


def _read(lines):
    """Hoppings by the vector R from a file's lines."""
    if len(lines) < 4:
        raise ValueError(f"it has {len(lines)} lines; expected a title, two numbers and more")
    bands = whole("num_wann (line 2)", _number(lines, 1, lines[1]), least=1, most=_MOST_BANDS)
    cells = whole("nrpts (line 3)", _number(lines, 2, lines[2]), least=1, most=1_000_000)
    degeneracies: list[int] = []
    line = 3
    while len(degeneracies) < cells:
        if line == len(lines):
            raise ValueError(f"it ends after {len(degeneracies)} of {cells} degeneracies")
        degeneracies += [_number(lines, line, word) for word in lines[line].split()]
        line += 1
    if len(degeneracies) > cells or min(degeneracies) < 1:
        raise ValueError(
            f"got {len(degeneracies)} degeneracies, the smallest {min(degeneracies)}; expected "
            f"{cells}, of 1 or more"
        )
    rows = [(i, lines[i].split()) for i in range(line, len(lines)) if lines[i].strip()]
    for i, row in rows:
        if len(row) != 7:
            raise ValueError(f"line {i + 1} has {len(row)} numbers; expected 7")
    if len(rows) != cells * bands**2:
        raise ValueError(f"it has {len(rows)} matrix elements; expected {cells * bands**2}")
    places = np.array([[_number(lines, i, word) for word in row[:5]] for i, row in rows])
    values = np.array([[_number(lines, i, word, float) for word in row[5:]] for i, row in rows])
    return _by_vector(places.reshape(cells, -1, 5), values @ [1, 1j], bands, degeneracies)


def _number(lines, line, word, kind=int):
    """A number of a line, or an error that names the line; Fortran writes stars for no room."""
    try:
        number = kind(word)
        if math.isfinite(number):
            return number
    except (ValueError, OverflowError):
        pass
    what = "whole number" if kind is int else "finite number"
    raise ValueError(f"line {line + 1} is {short(lines[line].strip())}; expected a {what}")


def _by_vector(places, values, bands, degeneracies):
    found = {}
    for block, elements, degeneracy in zip(
        places, values.reshape(len(places), -1), degeneracies, strict=True
    ):
        vector, index = tuple(block[0, :3].tolist()), block[:, 3:] - 1
        numbers = index[:, 0] * bands + index[:, 1]
        in_range = (index >= 0).all() and (index < bands).all()
        if (block[:, :3] != block[0, :3]).any() or vector in found:
            raise ValueError(f"the lines of R = {vector} do not stand together")
        if not in_range or len(set(numbers.tolist())) < bands**2:
            raise ValueError(f"R = {vector} does not list every pair of orbitals once")
        matrix = np.zeros((bands, bands), complex)
        matrix[index[:, 0], index[:, 1]] = elements / degeneracy
        found[vector] = matrix
    return found


def _hermitian(found, path):
    mirrored = {r: found.get(-r, np.zeros_like(t)).conj().T for r, t in found.items()}
    apart = max(np.abs(t - mirrored[r]).max() for r, t in found.items())
    if apart > _PRINTED:
        raise HamiltonianError(
            f"{path}: H(R) and the adjoint of H(-R) differ by {apart:.3g} eV; expected the same to "
            f"within the file's digits, {_PRINTED:g} eV"
        )
    return {r: (t + mirrored[r]) / 2 for r, t in found.items()}
