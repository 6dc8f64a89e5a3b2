"""Drawings among a notebook's outputs say in words what they show, as pictures do.

MyST-NB gives a cell's ``mystnb.image.alt`` to pictures only.
"""

import json
from html import escape

START = '<div class="drawing"'


def outputs(source, change):
    """Change the HTML or Markdown among a notebook's outputs.

    Parameters
    ----------
    source : list of str
        Of Sphinx' "source-read": one text, which is replaced.
    change : callable
        Takes a cell and the data of one of its outputs, which it may change.
    """
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if "data" in output:
                change(cell, output["data"])
    source[0] = json.dumps(notebook, ensure_ascii=False)


def _say(cell, data):
    html = "".join(data.get("text/html", ""))
    alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
    if html.startswith(START) and alt:
        data["text/html"] = html.replace(START, f'{START} role="img" aria-label="{escape(alt)}"', 1)


def describe(app, name, source):
    """Give every drawing its description."""
    if app.env.doc2path(name).endswith(".ipynb"):
        outputs(source, _say)


def setup(app):
    app.connect("source-read", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
