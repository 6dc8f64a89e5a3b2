"""Links to the repository appear where its address is given, and nowhere else."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def repository(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_extensions"))
    import repository

    yield repository
    del sys.modules["repository"]


def built_with(repository, monkeypatch, address):
    """The theme's options of a build with that address."""
    monkeypatch.setenv("BOOK_REPOSITORY", address)
    config, handlers = SimpleNamespace(html_theme_options={"logo": "kept"}), []
    app = SimpleNamespace(connect=lambda event, handler, priority: handlers.append(handler))
    repository.setup(app)
    for handler in handlers:
        handler(app, config)
    return config.html_theme_options


def test_without_an_address_no_button(repository, monkeypatch):
    assert built_with(repository, monkeypatch, "") == {"logo": "kept"}


@pytest.mark.parametrize(
    ("address", "colab"),
    [("https://github.com/someone/book.git", True), ("https://gitlab.com/someone/book", False)],
)
def test_an_address_is_linked_and_launched(repository, monkeypatch, address, colab):
    options = built_with(repository, monkeypatch, address)
    assert options["logo"] == "kept"
    assert options["repository_url"] == address.removesuffix(".git")
    assert options["launch_buttons"]["binderhub_url"] == "https://mybinder.org"
    assert ("colab_url" in options["launch_buttons"]) is colab


@pytest.mark.parametrize("address", ["someone/book", "http://a", 'https://a.org/b/c"><script>'])
def test_what_is_no_address_ends_the_build(repository, monkeypatch, address):
    with pytest.raises(ExtensionError, match="expected an address such as"):
        built_with(repository, monkeypatch, address)
