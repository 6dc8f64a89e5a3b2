"""Models of other packages, by stand-ins that offer what those do, and Wannier90's file.

`make interop` asks the packages themselves.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from windlib.arguments import ArgumentError
from windlib.bloch import HamiltonianError, PeriodicityError, diagnose, from_wannier90

HR = Path(__file__).parent / "interop" / "ssh_hr.dat"
BETWEEN = np.array([[0, 2], [0, 0]])
INSIDE = np.array([[0, 1], [1, 0]])
SSH = {0: INSIDE, 1: BETWEEN, -1: BETWEEN.T}
TAU = np.array([0, 0.5])


def bloch(k, tau=(0, 0)):
    """The SSH chain at k, in units of 2π, with orbitals at tau in the phases."""
    h = sum(t * np.exp(2j * np.pi * r * k) for r, t in SSH.items())
    phase = np.exp(2j * np.pi * k * np.asarray(tau))
    return phase.conj()[:, None] * h * phase


def pythtb_1(dimensions=1, spins=1, site=0.0):
    """Spin doubles the chain: one orbital's spin block is a 2 × 2 matrix."""
    block = np.eye(spins) if spins > 1 else 1.0
    return SimpleNamespace(
        set_hop=None,
        set_onsite=None,
        _per=list(range(dimensions)),
        _nspin=spins,
        _site_energies=[site * block, site * block],
        _hoppings=[[block, 0, 1, np.zeros(dimensions)], [2 * block, 0, 1, np.ones(dimensions)]],
        _gen_ham=lambda k: bloch(float(np.squeeze(k)), TAU),
    )


def pythtb_2(amplitude=2.0):
    return SimpleNamespace(
        set_hop=None,
        set_onsite=None,
        periodic_dirs=[1],
        nspin=1,
        onsite=np.zeros(2),
        hoppings=[
            {"amplitude": 1.0, "from_orbital": 0, "to_orbital": 1},
            {
                "amplitude": amplitude,
                "from_orbital": 0,
                "to_orbital": 1,
                "lattice_vector": [0, 1],
            },
        ],
        hamiltonian=lambda k: bloch(k, TAU),
    )


class Sparse:
    def __init__(self, matrix):
        self.matrix = matrix

    def toarray(self):
        return self.matrix


def tbmodels(kind=np.asarray, far=(0, 1)):
    model = SimpleNamespace(hop={(0, 0): kind(INSIDE / 2), far: kind(BETWEEN)}, pos=[[0, 0]] * 2)
    model.hamilton = lambda k, convention=2: bloch(k, TAU if convention == 1 else (0, 0))
    return model


def sisl(nsc=(1, 5, 1), orthogonal=True, polarized=False):
    return SimpleNamespace(
        nsc=np.array(nsc),
        orthogonal=orthogonal,
        spin=SimpleNamespace(is_polarized=polarized),
        Hk=lambda k, format, dtype=complex: bloch(k[1]),
    )


def kwant(*names):
    def submatrix(params):
        return bloch(params[names[0]] / (2 * np.pi))

    return SimpleNamespace(parameters=frozenset(names), hamiltonian_submatrix=submatrix)


def kwant_lead():
    return SimpleNamespace(
        hamiltonian_submatrix=None,
        cell_hamiltonian=lambda: INSIDE,
        inter_cell_hopping=lambda: np.array([[0], [2]]),  # to the sites that it reaches
    )


@pytest.mark.parametrize(
    ("model", "certified"),
    [
        (pythtb_1(), True),
        (pythtb_2(), True),
        (tbmodels(), True),
        (tbmodels(Sparse), True),
        (sisl(), True),
        (kwant("k_x"), False),
    ],
    ids=["PythTB 1", "PythTB 2", "TBmodels", "TBmodels sparse", "sisl", "Kwant"],
)
def test_models_are_read(model, certified):
    found = diagnose(model)
    assert (found.winding, found.certified) == (1, certified)
    assert found.gap == pytest.approx(1)
    with pytest.raises(ArgumentError, match="a model together with"):
        diagnose(model, positions=TAU)


def test_a_lead_of_kwant_is_read():
    assert diagnose(kwant_lead()).winding == -1  # it binds the second orbital to the next first


def test_spins_double_the_chain():
    found = diagnose(pythtb_1(spins=2), chiral=[1, 1, -1, -1])
    assert found.winding == 2


def test_hoppings_that_turn_the_spin_have_their_adjoint():
    model = pythtb_1(spins=2)
    model._hoppings[0][0] = np.array([[1.0, 0.3j], [0.1, 1.2]])
    found = diagnose(model)
    assert (found.kind, abs(found.winding)) == ("chiral", 2)


def test_onsite_energies_are_read():
    found = diagnose(pythtb_1(site=0.25), chiral=False, energy=0.25 + 0.1j)
    assert found.gap == pytest.approx(np.hypot(1, 0.1))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (pythtb_1(dimensions=2), "PythTB model that is periodic along 2 directions"),
        (pythtb_2(amplitude="t"), r"PythTB that cannot be read \(TypeError|PythTB.*set them first"),
        (tbmodels(far=(1, 1)), r"along 2 lattice vectors \(numbers 0, 1\)"),
        (sisl(nsc=(3, 3, 1)), "sisl model that is periodic along 2 directions"),
        (sisl(orthogonal=False), "overlap matrix"),
        (sisl(polarized=True), "two chains"),
        (kwant("k_x", "t"), r"parameters \['k_x', 't'\]"),
        (kwant(), r"parameters \[\]"),
        (SimpleNamespace(set_hop=None, set_onsite=None), "PythTB that cannot be read"),
    ],
)
def test_models_that_are_refused(model, message):
    with pytest.raises(HamiltonianError, match=message):
        diagnose(model)


def test_an_open_gauge_is_refused_with_the_packages_fix():
    def calling(model):
        return lambda k: model and bloch(k, TAU)

    models = {"PythTB": pythtb_1(), "TBmodels": tbmodels(), "sisl": sisl(), "Kwant": kwant("k_x")}
    for name, model in models.items():
        with pytest.raises(PeriodicityError, match=f"; {name}.*itself"):
            diagnose(calling(model), period=1)
    with pytest.raises(PeriodicityError, match="give positions= of the orbitals"):
        diagnose(lambda k: bloch(k, TAU), period=1)


def test_the_package_is_found_where_a_function_has_its_model():
    model = pythtb_2()
    with pytest.raises(PeriodicityError, match="PythTB's phases contain the orbitals' positions"):
        diagnose(lambda k: model.hamiltonian(k), period=1)


def test_a_period_of_one_is_seen():
    with pytest.raises(PeriodicityError, match="it returns after 1, so give period=1"):
        diagnose(bloch)
    assert diagnose(bloch, period=1).winding == 1


# --- _hr.dat --------------------------------------------------------------------------------------


def test_the_file_is_divided_by_degeneracies():
    hoppings = from_wannier90(HR)
    for r, matrix in SSH.items():
        np.testing.assert_allclose(hoppings[r], matrix)
    assert diagnose(hoppings).winding == 1


def test_rounded_files_are_made_hermitian_and_keep_their_symmetry(tmp_path):
    lines = HR.read_text().splitlines()
    lines[14] = "1 0 0 1 2 4.000002 0.0"  # to be divided by its degeneracy, 2
    path = tmp_path / "seed_hr.dat"
    path.write_text("\n".join(lines))
    hoppings = from_wannier90(str(path))
    assert hoppings[1][0, 1] == pytest.approx(2.0000005, abs=1e-12)
    np.testing.assert_array_equal(hoppings[1], hoppings[-1].T)


def test_wannier_functions_have_their_symmetry_within_a_tolerance(tmp_path):
    path = tmp_path / "seed_hr.dat"
    onsite = "    0    0    0    1    1    0.000"
    path.write_text(HR.read_text().replace(onsite + "000", onsite + "004"))
    hoppings = from_wannier90(path)
    with pytest.raises(ValueError, match="no operator anticommutes"):
        diagnose(hoppings)
    found = diagnose(hoppings, tolerance=1e-5)
    assert (found.winding, found.certified) == (1, True)
    assert 1e-6 < found.chiral_residual < 1e-5


def _with(line, text):
    def change(lines):
        return [*lines[:line], text, *lines[line + 1 :]]

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [],
        lambda lines: lines[:3],
        lambda lines: lines[:-1],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [*lines[:-1], lines[-2]],
        lambda lines: [*lines[:4], *lines[5:8], lines[4], *lines[8:]][:-1],
        lambda lines: lines[:4] + lines[5:9] + lines[4:5] + lines[9:],
        lambda lines: [*lines[:2], "4", "1 1 1 2", *lines[4:12], *lines[8:]],  # R = 0 twice
        _with(1, "two"),
        _with(1, "-2"),
        _with(1, "1000000"),
        _with(2, "0"),
        _with(2, "99999999999999999999"),
        _with(3, "1 1 0"),
        _with(3, "1 1 1 1"),
        _with(3, "1 1 x"),
        _with(9, "0 0 0 2 1 nan 0"),
        _with(9, "0 0 0 2 1 1e999 0"),
        _with(9, "0 0 0 3 1 1.0 0.0"),
        _with(9, "0 0 0 2 1 1.0"),
        _with(9, "0 0 0 2 1 1.00 0.00 0.0"),
        _with(9, "0 1 0 2 1 1.0 0.0"),
        _with(9, "0 0 0 2 1 1.5 0.0"),  # not Hermitian any more
        _with(14, "1 0 0 1 2 4.1 0.0"),
    ],
)
def test_damaged_files_are_refused(tmp_path, change):
    path = tmp_path / "seed_hr.dat"
    path.write_text("\n".join(change(HR.read_text().splitlines())))
    with pytest.raises(HamiltonianError, match=r"seed_hr\.dat"):
        from_wannier90(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [], "it has 0 lines; expected a title"),
        (lambda lines: lines[:3], "it has 3 lines"),
        (lambda lines: [*lines[:3], "1 1"], "it ends after 2 of 3 degeneracies"),
        (lambda lines: lines[:-1], "it has 11 matrix elements; expected 12"),
        (_with(1, "two"), "line 2 is 'two'; expected a whole number"),
        (_with(3, "1 1 0"), "got 3 degeneracies, the smallest 0; expected 3, of 1 or more"),
        (_with(9, "0 0 0 2 1 ********* 0.0"), r"line 10 is '0 0 0 2 1 \*.*; expected a finite"),
        (_with(9, "0 0 0 2 1 nan 0"), "line 10 is '0 0 0 2 1 nan 0'; expected a finite number"),
        (_with(9, "0 0 0 2 1 1.0"), "line 10 has 6 numbers; expected 7"),
    ],
)
def test_the_error_says_what_is_wrong_with_a_file(tmp_path, change, message):
    path = tmp_path / "seed_hr.dat"
    path.write_text("\n".join(change(HR.read_text().splitlines())))
    with pytest.raises(HamiltonianError, match=message):
        from_wannier90(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(HamiltonianError, match=r"missing_hr\.dat cannot be read: No such file"):
        from_wannier90(tmp_path / "missing_hr.dat")


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "binary_hr.dat").write_bytes(bytes(range(256)))
    for name in ("binary_hr.dat", "missing_hr.dat", ""):
        with pytest.raises(HamiltonianError):
            from_wannier90(tmp_path / name)
    with pytest.raises(ArgumentError):
        from_wannier90(3)


def test_files_of_sheets_are_refused(tmp_path):
    path = tmp_path / "seed_hr.dat"
    lines = HR.read_text().splitlines()
    sheet = [" ".join([r := line.split()[0], r, *line.split()[2:]]) for line in lines[4:]]
    path.write_text("\n".join([*lines[:4], *sheet]))
    with pytest.raises(HamiltonianError, match="along 2 lattice vectors"):
        from_wannier90(path)


def test_a_path_that_no_file_can_have_is_refused():
    with pytest.raises(ArgumentError, match="expected a path that a file can have"):
        from_wannier90("\0")
