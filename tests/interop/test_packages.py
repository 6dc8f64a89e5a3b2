"""Models of other packages: the right winding number in every gauge, or the fix by its name."""

import json

import numpy as np
import packages
import pytest

from windlib.bloch import HamiltonianError, diagnose

_FIX = {  # what the refused gauges' errors say
    "PythTB": "give the model itself, or positions=",
    "TBmodels": r"give the model itself, or hamilton\(k, convention=2\)",
    "sisl": r"give the Hamiltonian itself, or Hk\(k, gauge='lattice'\)",
}
_REFUSED = {("PythTB", "H(k)"), ("TBmodels", "H(k), convention 1"), ("sisl", "H(k), atomic gauge")}


@pytest.mark.parametrize("name", packages.CHAINS)
@pytest.mark.parametrize("package", packages.PACKAGES)
def test_every_gauge(package, name):
    pytest.importorskip(package.lower())
    expected = packages.CHAINS[name][-1]
    found = packages.answers(package, name)
    for gauge, answer in found.items():
        if (package, gauge) in _REFUSED:
            assert answer.startswith("PeriodicityError: H(k + 1) differs")
            assert _FIX[package].replace("\\", "") in answer
        else:
            assert answer == expected, gauge
    assert "the model" in found


@pytest.mark.parametrize("name", packages.CHAINS)
@pytest.mark.parametrize("package", packages.PACKAGES)
def test_models_are_certified_where_the_package_tells_its_hoppings(package, name):
    pytest.importorskip(package.lower())
    positions, hops, _ = packages.CHAINS[name]
    given = packages.PACKAGES[package](positions, hops)
    assert diagnose(**given["the model"]).certified == (package != "Kwant")
    if "a lead" in given:
        assert diagnose(**given["a lead"]).certified


@pytest.mark.parametrize("name", packages.CHAINS)
@pytest.mark.parametrize("package", packages.PACKAGES)
def test_energies_are_the_packages_own(package, name):
    """The hoppings that are read give the spectrum that the package's H(k) has."""
    pytest.importorskip(package.lower())
    positions, hops, _ = packages.CHAINS[name]
    given = packages.PACKAGES[package](positions, hops)
    h = given["H(k)"]["hamiltonian"]
    period = given["H(k)"].get("period", 2 * np.pi)
    k = period * np.arange(64) / 64
    own = np.linalg.eigvalsh([np.reshape(h(float(one)), 2 * (len(positions),)) for one in k])
    gap = np.abs(own).min()
    assert diagnose(**given["the model"]).gap == pytest.approx(gap)


def test_sheets_are_refused():
    kwant = pytest.importorskip("kwant")
    sheet = kwant.Builder(kwant.TranslationalSymmetry((1, 0), (0, 1)))
    square = kwant.lattice.square(norbs=1)
    sheet[square(0, 0)] = 0
    sheet[square.neighbors()] = 1
    with pytest.raises(HamiltonianError, match=r"parameters \['k_x', 'k_y'\]"):
        diagnose(kwant.wraparound.wraparound(sheet).finalized())


def test_overlap_matrices_are_refused():
    sisl = pytest.importorskip("sisl")
    geometry = sisl.Geometry([[0, 0, 0]], lattice=sisl.Lattice([1, 9, 9], nsc=[3, 1, 1]))
    with pytest.raises(HamiltonianError, match="overlap matrix"):
        diagnose(sisl.Hamiltonian(geometry, orthogonal=False))


def test_wannier90_files_are_read_as_tbmodels_reads_them(tmp_path):
    tbmodels = pytest.importorskip("tbmodels")
    from windlib.bloch import from_wannier90

    path = packages.Path(__file__).parent / "ssh_hr.dat"
    model = tbmodels.Model.from_wannier_files(hr_file=str(path))
    ours = from_wannier90(path)
    for k in (0.0, 0.3, 1.7):
        h = sum(t * np.exp(1j * r * k) for r, t in ours.items())
        theirs = model.hamilton([k / (2 * np.pi), 0, 0])
        np.testing.assert_allclose(h, theirs, atol=1e-12)


def test_the_record_is_what_the_packages_say():
    record = json.loads(packages.RECORD.read_text())
    for package, chains in record["answers"].items():
        pytest.importorskip(package.lower())
        assert {name: packages.answers(package, name) for name in packages.CHAINS} == chains
