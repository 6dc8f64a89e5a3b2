"""Links to the repository, where its address is known: ``BOOK_REPOSITORY=https://… make book``.

A page then links its source and an issue form, and a chapter opens in Binder or, from GitHub, in
Colab, with a line that says what Colab needs first. Without an address there is nothing to link.
"""

import os
import re

from sphinx.errors import ExtensionError


def _branch():
    return os.environ.get("BOOK_BRANCH", "main")


def options(address):
    """The theme's options for the address of a repository.

    Parameters
    ----------
    address : str
        Such as ``https://github.com/someone/book``.
    """
    if not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w./-]+", address):
        raise ExtensionError(
            f"got BOOK_REPOSITORY={address!r}; expected an address such as "
            "https://github.com/someone/book"
        )
    buttons = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
    if address.startswith("https://github.com/"):
        buttons["colab_url"] = "https://colab.research.google.com"
    return {
        "repository_url": address.removesuffix(".git").rstrip("/"),
        "repository_branch": _branch(),
        "path_to_docs": "",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": buttons,
    }


def colab(app, name, template, context, doctree):
    """Say on a notebook's page how Colab gets windlib: Binder installs it by itself."""
    if name.startswith("notebooks/") and doctree is not None:
        address = app.config.html_theme_options["repository_url"]
        context["body"] = context["body"].replace(
            "</h1>",
            "</h1>\n<details><summary>To run this chapter in Colab</summary>"
            "<p>Colab has no windlib yet. Insert this cell above the first one, and run it:</p>"
            f'<pre>%pip install "windlib @ git+{address}@{_branch()}" myst-nb</pre></details>',
            1,
        )


def setup(app):
    address = os.environ.get("BOOK_REPOSITORY", "")
    if address:
        if address.startswith("https://github.com/"):
            app.connect("html-page-context", colab)
        app.connect(
            "config-inited",
            lambda app, config: config.html_theme_options.update(options(address)),
            priority=100,
        )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
