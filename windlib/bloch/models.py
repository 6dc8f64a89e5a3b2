"""Models of other packages as hoppings.

None of these packages is imported: a model is recognised by what it offers.
"""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from windlib.bloch.errors import HamiltonianError

_OFFERS = {  # what each package's model has that no other one has
    "PythTB": ("set_hop", "set_onsite"),
    "TBmodels": ("hamilton", "hop", "pos"),
    "sisl": ("Hk", "nsc"),
    "Kwant": ("hamiltonian_submatrix",),
}
_FIXES = {
    "PythTB": "PythTB's phases contain the orbitals' positions: give the model itself, or "
    "positions= (its orbitals) and period=1",
    "TBmodels": "TBmodels: give the model itself, or hamilton(k, convention=2) with period=1",
    "sisl": "sisl: give the Hamiltonian itself, or Hk(k, gauge='lattice') with period=1",
    "Kwant": "Kwant: give wraparound(builder).finalized() itself",
}


def package(thing: object) -> str | None:
    """Name of the package whose model a thing is, or None."""
    for name, offers in _OFFERS.items():
        if all(hasattr(thing, offer) for offer in offers):
            return name
    return None


def advice(function: Callable[..., Any]) -> str:
    """How to get a periodic H(k) from the model that a function calls, if it calls one."""
    used = [getattr(function, "__self__", None)]
    try:
        closure = inspect.getclosurevars(getattr(function, "func", function))
        used += [*closure.nonlocals.values(), *closure.globals.values()]
    except TypeError:  # not written in Python
        pass
    for thing in used:
        if name := package(thing):
            return _FIXES[name]
    return "give positions= of the orbitals if they stand in the phases, or else the true period="


def read(model: Any) -> Any:
    """Hoppings {R: matrix} of a model, or a function H(k) of period 2π; None if it is no model.

    Raises
    ------
    HamiltonianError
        It is a model, but not of one chain, or not one that can be read.
    """
    name = package(model)
    if name is None:
        return None
    try:
        return {"PythTB": _pythtb, "TBmodels": _tbmodels, "sisl": _sisl, "Kwant": _kwant}[name](
            model
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, HamiltonianError):
            raise
        raise HamiltonianError(
            f"got a model of {name} that cannot be read ({type(error).__name__}: {error}); if it "
            "has parameters, set them first; or give a function H(k), or hoppings {R: matrix}"
        ) from error


def _pythtb(model):
    if hasattr(model, "hoppings"):  # version 2
        directions, spins, onsite = model.periodic_dirs, model.nspin, model.onsite
        hops = [
            (h["amplitude"], h["from_orbital"], h["to_orbital"], h.get("lattice_vector"))
            for h in model.hoppings
        ]
    else:
        directions, spins, onsite = model._per, model._nspin, model._site_energies
        hops = [(h[0], h[1], h[2], h[3] if len(h) > 3 else None) for h in model._hoppings]
    _refuse_other_dimensions("PythTB", len(directions))
    orbitals = len(onsite)
    found = {}

    def add(r, i, j, block):
        matrix = found.setdefault(r, np.zeros((orbitals, spins, orbitals, spins), complex))
        matrix[i, :, j, :] += np.reshape(block, (spins, spins))

    for i, energy in enumerate(onsite):
        add(0, i, i, energy)
    for amplitude, i, j, cells in hops:  # each is listed in one direction
        r = 0 if cells is None else int(np.ravel(cells)[directions[0] if np.size(cells) > 1 else 0])
        block = np.reshape(amplitude, (spins, spins))
        add(r, i, j, block)
        add(-r, j, i, np.conj(block).T)
    return {r: m.reshape(2 * (orbitals * spins,)) for r, m in found.items()}


def _tbmodels(model):
    found = {}
    for cells, half in model.hop.items():  # R = 0 by half, and of R and −R only one
        half = half.toarray() if hasattr(half, "toarray") else np.asarray(half)
        for r, matrix in ((tuple(cells), half), (tuple(-c for c in cells), half.conj().T)):
            found[r] = found.get(r, 0) + matrix
    return along_one_axis(found)


def _sisl(model):
    if not getattr(model, "orthogonal", True):
        raise HamiltonianError(
            "got a sisl Hamiltonian with an overlap matrix; expected orthogonal orbitals; give "
            "the function S(k)^(-1/2) H(k) S(k)^(-1/2) instead"
        )
    spin = getattr(model, "spin", None)
    if spin is not None and spin.is_polarized:
        raise HamiltonianError(
            "got a spin-polarized sisl Hamiltonian, which is two chains; give one of them: lambda "
            "k: H.Hk([k, 0, 0], spin=0, format='array'), with period=1"
        )
    axes = np.flatnonzero(np.asarray(model.nsc) > 1)
    _refuse_other_dimensions("sisl", len(axes))
    reach = int(model.nsc[axes[0]]) // 2
    nodes = 2 * reach + 1
    k = np.zeros((nodes, 3))
    k[:, axes[0]] = np.arange(nodes) / nodes
    h = np.array([model.Hk(list(one), format="array", dtype=complex) for one in k])
    powers = np.concatenate([np.arange(reach + 1), np.arange(-reach, 0)])
    return dict(zip(powers.tolist(), np.fft.fft(h, axis=0, norm="forward"), strict=True))


def _kwant(model):
    if hasattr(model, "inter_cell_hopping"):  # a lead, not wrapped around
        inside, between = model.cell_hamiltonian(), np.array(model.inter_cell_hopping())
        if between.shape != inside.shape:  # only the sites at the border are listed
            full = np.zeros(inside.shape, complex)
            full[:, : between.shape[1]] = between
            between = full
        return {0: inside, 1: between, -1: between.conj().T}
    names = sorted(model.parameters)
    if len(names) != 1:
        raise HamiltonianError(
            f"got a Kwant system with the parameters {names}; expected the momentum alone, as of "
            "kwant.wraparound.wraparound(builder).finalized() of a chain; set the others in a "
            "function: lambda k: system.hamiltonian_submatrix(params={'k_x': k, ...})"
        )
    return partial(_kwant_at, model, names[0])


def _kwant_at(model, name, k):
    return model.hamiltonian_submatrix(params={name: float(k)})


def _refuse_other_dimensions(name, dimensions):
    if dimensions != 1:
        raise HamiltonianError(
            f"got a {name} model that is periodic along {dimensions} directions; expected a chain, "
            "periodic along one; give a function H(k) along a line of the Brillouin zone instead"
        )


def along_one_axis(found: dict[tuple[int, ...], np.ndarray]) -> dict[int, np.ndarray]:
    """{R: matrix} from matrices of R vectors, which must all lie on one axis."""
    vectors = np.array(list(found))
    far = [np.abs(m).max(initial=0) > 0 for m in found.values()]
    used = np.flatnonzero(np.abs(vectors[far]).max(axis=0, initial=0))
    if len(used) > 1:
        raise HamiltonianError(
            f"got hoppings along {len(used)} lattice vectors (numbers "
            f"{', '.join(map(str, used))}); expected those of a chain, along one; give a function "
            "H(k) along a line of the Brillouin zone instead"
        )
    axis = used[0] if len(used) else 0
    return {int(r[axis]): m for r, m in found.items() if not np.delete(r, axis).any()}
