"""Settings and recipes that the tests share."""

import json
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

# Before TensorFlow, or a process that a test starts, reads them.
os.environ["WINDLIB_PROGRESS"] = "0"
os.environ["WINDLIB_CACHE"] = tempfile.mkdtemp(prefix="windlib-tests-")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from windlib import datasets
from windlib.datasets import DataRecipe
from windlib.runs import experiments
from windlib.runs.recipes import Experiment

# Drawn inputs: the same few in every test run; new and many with --hypothesis-profile=soak.
_ALWAYS = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("quick", max_examples=50, derandomize=True, **_ALWAYS)
settings.register_profile("soak", max_examples=10_000, print_blob=True, **_ALWAYS)
settings.load_profile("quick")


def pytest_addoption(parser):
    parser.addoption(
        "--nudge",
        type=int,
        metavar="SEED",
        help="change the inputs of the tests' trainings in their last bits, at random",
    )
    parser.addoption("--long", action="store_true", help="the tests that `make soak` runs, alone")


def pytest_collection_modifyitems(config, items):
    """The long tests run when they are asked for, and alone."""
    long = config.getoption("--long")
    left_out = [item for item in items if bool(item.get_closest_marker("long")) != long]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def last_bits(request):
    """Function that changes closed curves' last bits, as another processor would, if asked to."""
    seed = request.config.getoption("--nudge")
    if seed is None:
        return lambda x: x
    rng = np.random.default_rng(seed)

    def nudge(x):
        signs = rng.choice([-1, 1], x.shape)
        signs[:, -1] = signs[:, 0]
        return (x * (1 + 8 * np.finfo(np.float32).eps * signs)).astype(np.float32)

    return nudge


@pytest.fixture(scope="session", autouse=True)
def _recipes_with_other_last_bits(request, last_bits):
    """With --nudge, recipes' data are changed too, each set once."""
    if request.config.getoption("--nudge") is None:
        yield
        return
    plain = experiments.training_data
    kept = {}

    def changed(data):
        key = repr(data)
        if key not in kept:
            x, y = plain(data)
            kept[key] = datasets.read_only((last_bits(x), y))
        return kept[key]

    with mock.patch.object(experiments, "training_data", changed):
        yield


@pytest.fixture(scope="module", autouse=True)
def _drawn_cases(request):
    """What a file of drawn cases has counted, for the long form's record."""
    yield
    place, cases = os.environ.get("WINDLIB_SOAK_COUNTS"), getattr(request.module, "CASES", None)
    if place and cases:
        failures, seconds = request.module.FAILURES, request.module.SECONDS
        counts = {n: [cases[n], failures[n], round(seconds[n], 1)] for n in cases}
        Path(place, f"{request.module.__name__}.json").write_text(json.dumps(counts))


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
    data = DataRecipe("ssh", 200, 1, links=8, label="exact_winding")
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


@pytest.fixture(scope="session")
def browser():
    """Chromium, for the tests of the built pages."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("no Chromium found: run 'make browser', or install it", pytrace=False)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path)
