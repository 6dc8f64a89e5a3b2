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
    """The theme's options of a build with that address, and a chapter's page."""
    monkeypatch.setenv("BOOK_REPOSITORY", address)
    config, handlers = SimpleNamespace(html_theme_options={"logo": "kept"}), {}
    app = SimpleNamespace(config=config)
    app.connect = lambda event, handler, priority=500: handlers.update({event: handler})
    repository.setup(app)
    page = {"body": "<h1>Chains</h1><p>They wind.</p>"}
    if "config-inited" in handlers:
        handlers["config-inited"](app, config)
    if "html-page-context" in handlers:
        handlers["html-page-context"](app, "notebooks/01", "page.html", page, object())
    return config.html_theme_options, page["body"]


def test_without_an_address_no_button(repository, monkeypatch):
    options, page = built_with(repository, monkeypatch, "")
    assert options == {"logo": "kept"}
    assert page == "<h1>Chains</h1><p>They wind.</p>"


@pytest.mark.parametrize(
    ("address", "colab"),
    [("https://github.com/someone/book.git", True), ("https://gitlab.com/someone/book", False)],
)
def test_an_address_is_linked_and_launched(repository, monkeypatch, address, colab):
    options, page = built_with(repository, monkeypatch, address)
    assert options["logo"] == "kept"
    assert options["repository_url"] == address.removesuffix(".git")
    assert options["launch_buttons"]["binderhub_url"] == "https://mybinder.org"
    assert ("colab_url" in options["launch_buttons"]) is colab
    assert ('"windlib @ git+https://github.com/someone/book@main" myst-nb' in page) is colab


@pytest.mark.parametrize("address", ["someone/book", "http://a", 'https://a.org/b/c"><script>'])
def test_what_is_no_address_ends_the_build(repository, monkeypatch, address):
    with pytest.raises(ExtensionError, match="expected an address such as"):
        built_with(repository, monkeypatch, address)
