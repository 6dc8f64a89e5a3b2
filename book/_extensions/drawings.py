"""Drawings among a notebook's outputs say in words what they show, as pictures do.

MyST-NB gives a cell's ``mystnb.image.alt`` to pictures only. Lines and dots that are a picture
inside of a drawing get a second picture, in the colours that the style sheet has for a dark page.
"""

import base64
import io
import json
import re
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from windlib import drawings

START = '<div class="drawing"'
COVERED = 0.6  # of its area: a map covers more, lines, dots and a shaded part less
NARROW = 8  # pixels: no map, and no scale of colours beside it, is narrower
_PICTURE = re.compile(r'<image ([^>]*)"data:image/png;base64,([^"]*)"([^>]*/)>')
_STYLE = Path(__file__).parents[1] / "_static" / "custom.css"
_DARK = dict(re.findall(r"--figure-(\w+): #([0-9a-f]{6})", _STYLE.read_text()))
# The book's colours and what they are on a dark page; the rest changes as those nearest to it do.
_PALETTE = {
    **{getattr(drawings, name.upper()): _DARK[name] for name in _DARK if name != "grid"},
    "#000000": "ced6dd",
    "#ffffff": "ffffff",
}


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


def in_the_dark(image):
    """A picture of lines and dots in the colours of a dark page."""
    rgb = [[bytes.fromhex(c.lstrip("#")) for c in pair] for pair in _PALETTE.items()]
    light, dark = np.array([[[*c] for c in pair] for pair in rgb], float).swapaxes(0, 1)
    pixels = np.array(image)
    colors, where = np.unique(pixels[..., :3].reshape(-1, 3), axis=0, return_inverse=True)
    near = 1 / (1e-9 + ((colors[:, None] - light) ** 2).sum(axis=2) ** 2)
    moved = colors + near @ (dark - light) / near.sum(axis=1, keepdims=True)
    moved = moved.clip(0, 255).round().astype(np.uint8)
    pixels[..., :3] = moved[where.ravel()].reshape((*pixels.shape[:2], 3))
    return Image.fromarray(pixels)


def _named(picture):
    """The tag of a picture inside of a drawing; two of them if it is no map."""
    before, code, after = picture.groups()
    image = Image.open(io.BytesIO(base64.b64decode(code))).convert("RGBA")
    alpha = image.getchannel("A").histogram()
    if sum(alpha[128:]) >= COVERED * sum(alpha) and min(image.size) >= NARROW:
        return picture[0]
    file = io.BytesIO()
    in_the_dark(image).save(file, "PNG", optimize=True)
    other = base64.b64encode(file.getvalue()).decode()
    nameless = re.sub(' id="[^"]*"', "", after)
    return (
        f'<image class="light" {before}"data:image/png;base64,{code}"{after}>'
        f'<image class="dark" {before}"data:image/png;base64,{other}"{nameless}>'
    )


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
