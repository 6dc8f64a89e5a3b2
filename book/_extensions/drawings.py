"""Drawings among a notebook's outputs say in words what they show, as pictures do.

MyST-NB gives a cell's ``mystnb.image.alt`` to pictures only. Lines and dots that are a picture
inside of a drawing are named as such, so that the style sheet can give them a dark page's colours.
"""

import base64
import io
import json
import re
from html import escape

from PIL import Image

START = '<div class="drawing"'
COVERED = 0.6  # of its area: a map covers more, lines, dots and a shaded part less
NARROW = 8  # pixels: no map, and no scale of colours beside it, is narrower
_PICTURE = re.compile(r'<image (?=[^>]*"data:image/png;base64,([^"]*)")')


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


def _named(picture):
    """The tag of a picture inside of a drawing, with a class if it is no map."""
    image = Image.open(io.BytesIO(base64.b64decode(picture[1]))).convert("RGBA")
    alpha = image.getchannel("A").histogram()
    thin = sum(alpha[128:]) < COVERED * sum(alpha) or min(image.size) < NARROW
    return '<image class="lines" ' if thin else picture[0]


def _name(_, data):
    for kind, html in data.items():
        if kind.endswith("text/html"):
            data[kind] = _PICTURE.sub(_named, "".join(html))


def _say(cell, data):
    html = "".join(data.get("text/html", ""))
    alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
    if html.startswith(START) and alt:
        data["text/html"] = html.replace(START, f'{START} role="img" aria-label="{escape(alt)}"', 1)


def describe(app, name, source):
    """Give every drawing its description."""
    if app.env.doc2path(name).endswith(".ipynb"):
        outputs(source, _say)
        outputs(source, _name)


def setup(app):
    app.connect("source-read", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
