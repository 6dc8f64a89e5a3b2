"""Settings and recipes that the tests share."""

import os
import shutil
import tempfile
from dataclasses import replace
from unittest import mock

# Before TensorFlow, or a process that a test starts, reads them.
os.environ["WINDLIB_PROGRESS"] = "0"
os.environ["WINDLIB_CACHE"] = tempfile.mkdtemp(prefix="windlib-tests-")

import pytest
from hypothesis import HealthCheck, settings

from windlib import experiments
from windlib.catalogue import Experiment
from windlib.datasets import Data

# Drawn inputs: the same few in every test run; new and many with --hypothesis-profile=soak.
_ALWAYS = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("quick", max_examples=50, derandomize=True, **_ALWAYS)
settings.register_profile("soak", max_examples=10_000, print_blob=True, **_ALWAYS)
settings.load_profile("quick")


def pytest_unconfigure():
    shutil.rmtree(os.environ["WINDLIB_CACHE"], ignore_errors=True)


@pytest.fixture(autouse=True)
def _environment():
    """No test changes the variables of the next one."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(scope="session")
def tiny():
    """A recipe that trains in the time of its compilation."""
    data = Data("ssh", 200, 1, links=8, label="exact_winding")
    return Experiment(
        "tiny",
        "for the tests",
        data,
        replace(data, n=80, seed=2),
        "fully_connected",
        {"widths": [3]},
        {"epochs": 3, "batch_size": 60, "learning_rate": 1e-2},
        seeds=range(2),
    )


@pytest.fixture(scope="session")
def trained(tiny, tmp_path_factory):
    """The runs of `tiny`, as trained, and the folder that holds them."""
    folder = tmp_path_factory.mktemp("trained")
    return experiments.train(tiny, folder=folder), folder


@pytest.fixture
def folder(trained, tmp_path):
    """A copy of that folder, to be changed."""
    return shutil.copytree(trained[1], tmp_path / "archive")


@pytest.fixture
def catalogue(tiny, monkeypatch):
    """The catalogue, with `tiny` as its only experiment."""
    monkeypatch.setattr(experiments, "CATALOGUE", {"tiny": tiny})
