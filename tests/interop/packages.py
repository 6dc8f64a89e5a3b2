"""The same chains in PythTB, TBmodels, sisl and Kwant, in every gauge that each one has.

A chain is a list of hoppings (i, j, R, t): the matrix element between orbital i of a cell and
orbital j of the cell R further on. Each is listed once, and its adjoint is meant, too.
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from windlib.bloch import diagnose
from windlib.winding import WindingError

RECORD = Path(__file__).parents[2] / "book" / "interop.json"

# Name: positions of the orbitals in the cell, hoppings, winding number of det q. In each one the
# second orbital of a cell and the first one of the next are bound most strongly.
CHAINS = {
    "SSH": ((0, 0.5), ((0, 1, 0, 1.0), (1, 0, 1, 2.0)), -1),
    "extended SSH": ((0, 0.25), ((0, 1, 0, 1.0), (1, 0, 1, 0.5), (1, 0, 2, 3.0)), -2),
    "two chains": (
        (0, 0.5, 0, 0.5),
        (
            *((0, 1, 0, 1.0), (1, 0, 1, 2.0), (2, 3, 0, 0.5), (3, 2, 1, 1.5)),
            *((0, 3, 0, 0.2 + 0.1j), (2, 1, 0, 0.3j)),
        ),
        -2,
    ),
}


def pythtb(positions, hops):
    import pythtb

    orbitals = [[tau] for tau in positions]
    if hasattr(pythtb, "TBModel"):  # version 2
        lattice = pythtb.Lattice([[1.0]], orbitals, periodic_dirs=...)
        model = pythtb.TBModel(lattice)
        h = model.hamiltonian
    else:
        model = pythtb.tb_model(1, 1, [[1.0]], orbitals)

        def h(k):
            return model._gen_ham(np.atleast_1d(k))

    for i, j, r, t in hops:
        model.set_hop(t, i, j, [r])
    return {
        "the model": {"hamiltonian": model},
        "H(k)": {"hamiltonian": h, "period": 1},
        "H(k), positions=": {"hamiltonian": h, "period": 1, "positions": positions},
    }


def tbmodels(positions, hops):
    import tbmodels

    size = len(positions)
    model = tbmodels.Model(
        on_site=[0] * size, size=size, dim=1, pos=[[tau] for tau in positions], contains_cc=False
    )
    for i, j, r, t in hops:
        model.add_hop(t, i, j, (r,))

    def first(k):
        return model.hamilton([k], convention=1)

    def second(k):
        return model.hamilton([k], convention=2)

    return {
        "the model": {"hamiltonian": model},
        "H(k)": {"hamiltonian": second, "period": 1},
        "H(k), convention 1": {"hamiltonian": first, "period": 1},
        "H(k), positions=": {"hamiltonian": first, "period": 1, "positions": positions},
    }


def sisl(positions, hops):
    import sisl

    cells = 2 * max(abs(r) for _, _, r, _ in hops) + 1
    geometry = sisl.Geometry(
        [[tau, 0.1 * i, 0] for i, tau in enumerate(positions)],
        atoms=sisl.Atom(1, R=5.0),
        lattice=sisl.Lattice([1, 10, 10], nsc=[cells, 1, 1]),
    )
    h = sisl.Hamiltonian(geometry, dtype=complex)
    for i, j, r, t in hops:
        h[i, j, (r, 0, 0)] = t
        h[j, i, (-r, 0, 0)] = np.conj(t)

    def atomic(k):
        return h.Hk([k, 0, 0], format="array", gauge=_ATOMIC[version("sisl") >= "0.15"])

    return {
        "the model": {"hamiltonian": h},
        "H(k)": {"hamiltonian": lambda k: h.Hk([k, 0, 0], format="array"), "period": 1},
        "H(k), atomic gauge": {"hamiltonian": atomic, "period": 1},
        "H(k), positions=": {"hamiltonian": atomic, "period": 1, "positions": positions},
    }


_ATOMIC = {False: "r", True: "atomic"}


def kwant(positions, hops):
    import kwant

    lattice = kwant.lattice.general(
        [[1, 0]], [[tau, i] for i, tau in enumerate(positions)], norbs=1
    )
    chain = kwant.Builder(kwant.TranslationalSymmetry((1, 0)))
    for orbital in lattice.sublattices:
        chain[orbital(0)] = 0
    for i, j, r, t in hops:
        chain[lattice.sublattices[i](0), lattice.sublattices[j](r)] = t
    wrapped = kwant.wraparound.wraparound(chain).finalized()
    found = {
        "the model": {"hamiltonian": wrapped},
        "H(k)": {"hamiltonian": lambda k: wrapped.hamiltonian_submatrix(params={"k_x": k})},
    }
    if max(r for _, _, r, _ in hops) == 1:  # Kwant's leads reach one cell
        found["a lead"] = {"hamiltonian": chain.finalized()}
    return found


PACKAGES = {"PythTB": pythtb, "TBmodels": tbmodels, "sisl": sisl, "Kwant": kwant}


def answers(package, name):
    """From a gauge to what windlib says of a chain in it: its winding number, or the error."""
    positions, hops, _ = CHAINS[name]
    found = {}
    for gauge, given in PACKAGES[package](positions, hops).items():
        try:
            found[gauge] = diagnose(**given).winding
        except WindingError as error:
            found[gauge] = f"{type(error).__name__}: {error}"
    return found


def main():
    record = {"versions": {"Python": sys.version.split()[0]}, "answers": {}}
    for package in PACKAGES:
        try:
            record["versions"][package] = version(package.lower())
        except PackageNotFoundError:
            continue
        record["answers"][package] = {name: answers(package, name) for name in CHAINS}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
