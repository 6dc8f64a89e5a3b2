"""What importing windlib does, and doesn't, in a fresh process."""

import os
import re
import subprocess
import sys
import warnings
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import windlib
from windlib import cli, winding
from windlib.runs import experiments, recipes

ROOT = Path(__file__).parents[1]


def python(code, **variables):
    """Run code in a new process, without the variables that windlib sets in this one."""
    ours = ("TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS", "KERAS_BACKEND")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    run = subprocess.run(
        [sys.executable, "-c", code], env=clean | variables, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run


@pytest.mark.parametrize(
    "code",
    [
        "import windlib",
        "import windlib; windlib.winding_number; windlib.CATALOGUE; windlib.hamiltonians",
        "from windlib import cli; cli.main(['list'])",
    ],
)
def test_tensorflow_is_imported_only_where_it_is_needed(code):
    run = python(
        f"{code}\nimport sys; print('LOADED', {{'tensorflow', 'keras'}} & {{*sys.modules}})"
    )
    assert "LOADED set()" in run.stdout
    assert run.stderr == ""


def test_importing_tensorflow_says_nothing():
    run = python("import windlib; windlib.training")
    assert run.stdout == ""
    assert run.stderr == ""


@pytest.mark.parametrize(
    "order",
    ["import windlib, keras", pytest.param("import keras, windlib", marks=pytest.mark.long)],
)
def test_keras_opens_a_saved_network_once_windlib_is_imported(tmp_path, order):
    network = windlib.networks.convolutional(links=4, kernels=3)
    path = tmp_path / "network.keras"
    with warnings.catch_warnings(action="ignore"):  # Keras' files and NumPy 2
        network.save(path)
    found = python(f"{order}; print(keras.models.load_model({str(path)!r}).count_params())")
    assert found.stdout.split()[-1] == str(network.count_params())


@pytest.mark.parametrize("closed", ["2>&-", pytest.param(">&- 2>&-", marks=pytest.mark.long)])
def test_closed_outputs_are_left_alone(tmp_path, closed):
    code = "import windlib; windlib.training; open('done', 'w').close()"
    run = subprocess.run(f'"{sys.executable}" -c "{code}" {closed}', shell=True, cwd=tmp_path)
    assert run.returncode == 0
    assert (tmp_path / "done").exists()


def test_variables_that_are_set_stay_as_they_are():
    code = "import os, windlib; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    assert python(code, TF_CPP_MIN_LOG_LEVEL="1").stdout == "1\n"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", "--xla_cpu_prefer_vector_width=512"),
        ("--a=1", "--a=1 --xla_cpu_prefer_vector_width=512"),
        ("--xla_cpu_prefer_vector_width=256", "--xla_cpu_prefer_vector_width=256"),
    ],
)
def test_flags_for_xla_are_added_to(given, found):
    assert python("import os, windlib; print(os.environ['XLA_FLAGS'])", XLA_FLAGS=given).stdout == (
        found + "\n"
    )


@pytest.mark.parametrize("name", windlib.__all__)
def test_every_public_name_is_there(name):
    assert name in dir(windlib)
    assert getattr(windlib, name) is not None


def test_short_names_are_those_of_the_submodules():
    assert windlib.winding_number is winding.winding_number
    assert windlib.train is experiments.train
    assert windlib.CATALOGUE is experiments.CATALOGUE
    assert windlib.Experiment is recipes.Experiment


def test_unknown_names():
    with pytest.raises(AttributeError, match="'windlib' has no attribute 'wind'"):
        _ = windlib.wind


def test_console_script():
    (script,) = entry_points(group="console_scripts", name="windlib")
    assert script.load() is cli.main


PAGES = [*ROOT.glob("*.md"), *(ROOT / "book").rglob("*.md")]
IMPORTS = re.compile(r"^\s*((?:from|import) windlib.*)$", re.M)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if IMPORTS.search(p.read_text())], ids=lambda p: p.name
)
def test_what_a_page_imports_is_there(page):
    for line in IMPORTS.findall(page.read_text(encoding="utf-8")):
        exec(line, {})
