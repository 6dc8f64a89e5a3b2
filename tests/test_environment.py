"""pyproject.toml, requirements.lock and environment.yml say the same."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import windlib

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
DIRECT = [
    Requirement(line)
    for lines in [
        PROJECT["dependencies"],
        *(EXTRAS[name] for name in EXTRAS if name not in ("rivals", "soak", "interop")),
    ]
    for line in lines
]
BUILD = [Requirement(line) for line in PYPROJECT["build-system"]["requires"]]


def _locked():
    """Requirement and hashes of every entry of the lock."""
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            yield Requirement(requirement), hashes


LOCKED = list(_locked())


def test_every_entry_of_the_lock_is_pinned_and_hashed():
    assert len(LOCKED) > 50
    for requirement, hashes in LOCKED:
        assert [s.operator for s in requirement.specifier] == ["=="], str(requirement)
        assert "*" not in str(requirement.specifier)
        assert hashes, f"{requirement.name} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), requirement.name


# The build's own requirements too: the package is installed without build isolation.
@pytest.mark.parametrize("direct", [*DIRECT, *BUILD], ids=lambda direct: direct.name)
def test_every_direct_dependency_is_in_the_lock(direct):
    pins = [
        next(iter(requirement.specifier)).version
        for requirement, _ in LOCKED
        if canonicalize_name(requirement.name) == canonicalize_name(direct.name)
    ]
    assert pins, f"{direct.name} is not in requirements.lock: run 'make lock'"
    for pin in pins:
        assert direct.specifier.contains(pin, prereleases=True), f"{direct} excludes {pin}"


@pytest.mark.parametrize("direct", DIRECT, ids=lambda direct: direct.name)
def test_every_direct_dependency_has_a_lower_bound(direct):
    assert [s for s in direct.specifier if s.operator == ">="], f"{direct}: try how old it may be"


@pytest.mark.parametrize("name", ["tensorflow", "keras"])
def test_what_windlib_leans_on_inside_has_an_upper_bound(name):
    (direct,) = [d for d in DIRECT if d.name == name]
    assert [s for s in direct.specifier if s.operator == "<"]


@pytest.mark.parametrize(
    "chosen",
    ["jupyter-book<2", "jupyterlab", "numpy", "tensorflow", "keras", "matplotlib", "nbval"],
)
def test_what_the_book_is_built_on_is_a_direct_dependency(chosen):
    chosen = Requirement(chosen)
    (direct,) = [d for d in DIRECT if canonicalize_name(d.name) == chosen.name]
    assert set(chosen.specifier) <= set(direct.specifier)


def test_conda_and_binder_install_exactly_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["name"] == "windlib"
    assert environment["channels"] == ["conda-forge"]
    python, pip, by_pip = environment["dependencies"]
    assert pip == "pip"
    assert by_pip == {"pip": ["-r requirements.lock"]}
    name, version = python.split("=")
    assert name == "python"
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


def test_every_test_has_a_time_limit(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("timeout")
    assert 0 < float(pytestconfig.getini("timeout")) <= 300


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert windlib.__version__ == PROJECT["version"] == str(citation["version"])


def test_no_file_depends_on_the_machine_it_was_written_on():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folders = r"(?<![\w.])/(?:work|root|opt|home)/|\.\./shared"
    registries = r"pypi\.org|pythonhosted\.org|anaconda\.org"
    tied = re.compile(f"{folders}|{registries}")
    found = []
    for path in filter(None, listed.stdout.split("\0")):
        try:
            text = (ROOT / path).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # not text, or deleted and not yet committed
        found += [f"{path}: {match[0]}" for match in tied.finditer(text)]
    assert not found


def test_every_file_that_the_readme_names_is_there():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
