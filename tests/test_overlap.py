"""No network is tested on what it was trained or validated on: shown by drawing."""

import json
import re
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from windlib import datasets
from windlib.claims import (
    general_aiii,
    hatano_nelson_chains,
    nonhermitian_aah,
    nonhermitian_dirac,
    phase_diagrams,
    ssh_shortcut,
)
from windlib.datasets import DataRecipe, draw
from windlib.runs import catalogue, selections
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.seeds import SEEDS

ROOT = Path(__file__).parents[1]
DRAWN = {  # a parameter that is random in every sampler, whatever its options
    "ssh": "t_prime",
    "chiral": "a",
    "hatano_nelson": "t_r",
    "nonhermitian_ssh": "delta",
    "dirac": "kappa",
    "aah": "V1",
}
TESTS = {  # every set that a claim is judged on, by how it is drawn
    "ssh": [
        lambda: ssh_shortcut.ssh_test.__wrapped__(32, "printed_label"),
        lambda: ssh_shortcut.ssh_test.__wrapped__(2, "printed_label"),
    ],
    "chiral": [
        *(lambda name=name, links=links: general_aiii.p1_test.__wrapped__(name, links, 10)
          for name in ("i", "ii", "iii", "iv") for links in (32, 64, 128)),
        lambda: general_aiii.strengthened_test.__wrapped__(10),
        lambda: ssh_shortcut.general_chains.__wrapped__(),
    ],
    "hatano_nelson": [
        lambda: hatano_nelson_chains.hatano_nelson_test.__wrapped__("complex"),
        lambda: hatano_nelson_chains.hatano_nelson_test.__wrapped__("real"),
    ],
    "nonhermitian_ssh": [
        *(lambda t=t: phase_diagrams.near_boundary.__wrapped__("nonhermitian_ssh", t, n=10)
          for t in catalogue.THRESHOLDS),
        lambda: phase_diagrams.along_line.__wrapped__("nonhermitian_ssh"),
    ],
    "dirac": [
        *(lambda t=t: phase_diagrams.near_boundary.__wrapped__("dirac", t, n=10)
          for t in catalogue.THRESHOLDS),
        lambda: phase_diagrams.along_line.__wrapped__("dirac"),
        nonhermitian_dirac._diagram_agrees,
    ],
    "aah": [
        lambda: nonhermitian_aah.aah_rings.__wrapped__(n=1),
        nonhermitian_aah._determinant_error,
    ],
}  # fmt: skip
LINES = {  # that seeds are selected along, across phase boundaries
    hamiltonian: [lambda of=hamiltonian: selections._across.__wrapped__(of, (0.2, -0.2))]
    for hamiltonian in ("nonhermitian_ssh", "dirac")
}


def seeds(make):
    """Seeds that a set is drawn with."""
    used, generator = [], np.random.default_rng

    def recording(seed):
        used.append(seed)
        return generator(seed)

    with mock.patch.object(np.random, "default_rng", recording):
        make()
    return used


def recipes(hamiltonian):
    """Every set that a network of the catalogue was trained or validated on."""
    sets = [data for e in CATALOGUE.values() for data in (e.data, e.validation)]
    return [data for data in sets if data.hamiltonian == hamiltonian]


@pytest.fixture(autouse=True)
def _little(monkeypatch, tmp_path):
    monkeypatch.setenv("WINDLIB_CACHE", str(tmp_path))
    monkeypatch.setattr(datasets, "_CHUNK", 500)
    monkeypatch.setattr(datasets, "_GIVE_UP", 10**6)


@pytest.mark.parametrize("hamiltonian", TESTS)
def test_no_test_is_drawn_with_a_seed_of_training_or_validation(hamiltonian):
    trained = [data.seed for data in recipes(hamiltonian)]
    for make in [*TESTS[hamiltonian], *LINES.get(hamiltonian, [])]:
        assert not any(seed in trained for seed in seeds(make))


def test_the_table_has_every_seed_once_and_everything_is_drawn_from_it():
    assert set(SEEDS) == set(TESTS)
    table = [seed for of in SEEDS.values() for name, seed in of.items() if "lines" not in name]
    assert len(set(table)) == len(table)
    for hamiltonian, of in SEEDS.items():
        assert len(set(of.values())) == len(of)
        makers = [*TESTS[hamiltonian], *LINES.get(hamiltonian, [])]
        drawn = {np.ravel(seed)[0] for make in makers for seed in seeds(make)}
        for e in CATALOGUE.values():
            if e.data.hamiltonian == hamiltonian:
                assert e.data.seed == of["training"]
                assert e.validation.seed == of["validation"]
        assert drawn == set(of.values()) - {of["training"], of["validation"]}


@pytest.mark.parametrize("hamiltonian", LINES)
def test_no_selection_looks_along_what_a_test_is_drawn_with(hamiltonian):
    tested = [seed for make in TESTS[hamiltonian] for seed in seeds(make)]
    (make,) = LINES[hamiltonian]
    assert len(seeds(make)) >= 1
    assert not any(seed in tested for seed in seeds(make))


def test_every_module_of_windlib_draws_from_the_table():
    """No seed is written as a number where a generator is made."""
    call = re.compile(r"default_rng\(\s*[\[(]?\s*\d")
    for path in (ROOT / "windlib").rglob("*.py"):
        code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not call.search(code), path.name


def test_every_set_has_its_own_seed():
    drawn = {h: [seeds(make) for make in makers] for h, makers in TESTS.items()}
    one = [str(seed) for sets in drawn.values() for seed in {str(s) for used in sets for s in used}]
    assert len(set(one)) == len(one)
    chiral = [str(used) for used in drawn["chiral"]]
    assert len(set(chiral)) == 6  # P1's four tests, one more (iv), and the general chains
    assert len({str(s) for s in drawn["aah"][0]}) == 110


def test_validation_is_the_training_datas_recipe_with_a_seed_of_its_own():
    for e in CATALOGUE.values():
        assert e.validation.seed != e.data.seed
        assert e.validation == replace(e.data, seed=e.validation.seed, n=e.validation.n)


def values(drawn, hamiltonian):
    parameters = drawn.parameters
    return set(np.ravel(parameters[DRAWN[hamiltonian]]).tolist())


@pytest.mark.parametrize("hamiltonian", TESTS)
def test_nothing_drawn_for_a_test_was_drawn_for_training_or_validation(hamiltonian):
    """Samplers draw in order, so that sets of one seed would share their first numbers."""
    few = {
        # A recipe's label, classes and inputs choose among what its seed draws.
        str((data.seed, data.options)): DataRecipe(
            hamiltonian, 300, data.seed, label="exact_winding", options=data.options
        )
        for data in recipes(hamiltonian)
    }
    found = [values(draw(data), hamiltonian) for data in few.values()]
    assert all(len(one) >= 290 for one in found)
    trained = set().union(*found)
    tests = [
        draw(DataRecipe(hamiltonian, 300, seed, label="exact_winding"))
        for seed in {s for make in TESTS[hamiltonian] for s in seeds(make) if np.ndim(s) == 0}
    ]
    if hamiltonian == "aah":
        tests.append(nonhermitian_aah.aah_rings.__wrapped__(n=3))
    assert not any(values(test, hamiltonian) & trained for test in tests)
    known = draw(next(iter(few.values())))
    assert values(known, hamiltonian) & trained  # what is shared would be seen


def test_no_notebook_draws_what_an_archived_network_was_trained_or_validated_on():
    """Where a page draws chains with a seed of its own, as its test or for a figure."""
    call = re.compile(r"\b(\w+)\.sample\([^()]*np\.random\.default_rng\((\d+)\)")
    drawn = [
        (path.name, *found)
        for path in ROOT.glob("notebooks/*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
        for found in call.findall("".join(cell["source"]))
    ]
    known = {(h, str(of[part])) for h, of in SEEDS.items() for part in ("training", "validation")}
    assert len(drawn) > 10
    assert not [name for name, hamiltonian, seed in drawn if (hamiltonian, seed) in known]
