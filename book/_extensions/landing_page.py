"""The welcome page's pictures, drawn from their formulas, and its numbers, read from the chapters.

The page `book/index.md` says where: ``% PICTURE`` becomes a curve and the angle that it turns
by, ``% CURVE name`` a small curve for a chapter's card. What a chapter hands over with
``plotting.glue("name", value)`` stands on any page where ``{{ name }}`` is.
"""

import json
import re
from pathlib import Path

import numpy as np
from sphinx.errors import ExtensionError

PAGE = "book/index"
MARK = re.compile(r"^% (PICTURE|CURVE) ?(\w*)$", re.MULTILINE)
_RECORD = "application/papermill.record/text/plain"
K = np.linspace(0, 2 * np.pi, 241)


def _ring(curve, around=0.0):
    return curve(np.exp(1j * K)) - around


# One curve of each chapter's system, as (points, where the origin is drawn).
CURVES = {
    "why": _ring(lambda e: 1 + 1.7 * e),
    "network": np.linspace(-2, 2, 41) + 1j * np.maximum(0, np.linspace(-2, 2, 41)) * 1.4,
    "ssh": _ring(lambda e: 0.9 + 1.3 * e),
    "general": _ring(lambda e: e**3 + 0.75 * e**-1 + 0.35 * e**2 + 0.1),
    "variations": np.exp(4j * np.pi * np.arange(12) / 11)
    * (1 + 0.25 * np.cos(6 * np.pi * np.arange(12) / 11)),
    "penalty": np.linspace(-2, 2, 41) + 1j * np.clip(np.linspace(-2, 2, 41) * 1.2, -1.1, 1.1),
    "hatano": _ring(lambda e: e + 0.45 / e),
    "nhssh": _ring(lambda e: (0.9 + e) * (0.55 + 1 / e) - 0.55),
    "open": np.exp((0.11 + 2j) * K),
    "aah": _ring(lambda e: 0.75 + e),  # r + exp(iΦ)
    "dirac": _ring(lambda e: 1 - 2 * (2 * e.real + 7.07 * e.imag) / 3 + 6j * e.real),  # m 2, κ 3
    "blackbox": np.r_[-2, -2, 2, 2] + 1j * np.r_[1.3, -1.3, 1.3, -1.3],
    "own": _ring(lambda e: (0.2 + e) * (0.6 + e)),
    "data": np.exp(1j * K[::8]) * (1 + 0.1 * np.cos(11 * K[::8]) + 0.08 * np.sin(17 * K[::8])),
}


def _path(z, scale, centre):
    z = centre + scale * np.conj(z)  # on a screen y points down
    return "M" + "L".join(f"{p.real:.1f} {p.imag:.1f}" for p in z)


def small(name):
    """The picture on a chapter's card: an ornament, which says nothing to a screen reader."""
    if name not in CURVES:
        raise ExtensionError(f"{PAGE}.md asks for the curve {name!r}; there are {sorted(CURVES)}")
    z = CURVES[name]
    middle = (z.real.min() + z.real.max()) / 2 + 1j * (z.imag.min() + z.imag.max()) / 2
    scale = min(150 / np.ptp(z.real), 80 / np.ptp(z.imag))
    centre = 100 + 50j - scale * np.conj(middle)
    return (
        '<svg class="thumbnail" viewBox="0 0 200 100" aria-hidden="true">'
        f'<path d="{_path(z, scale, centre)}"/>'
        f'<circle cx="{centre.real:.1f}" cy="{centre.imag:.1f}" r="4"/></svg>'
    )


def picture():
    """A closed curve, and beside it the turns that it has made: both are followed once by a dot."""
    e = np.exp(1j * K)
    z = e**2 + 0.62 / e - 0.12
    turns = np.unwrap(np.angle(z)) / (2 * np.pi)
    turns -= turns[0]
    w = round(turns[-1])
    plane = 130 + 128j + 78 * np.conj(z)
    graph = 300 + 250 * K / (2 * np.pi) + 1j * (220 - 180 * turns / w)

    def moving(at, *names):
        values = [";".join(f"{v:.1f}" for v in of[::4]) for of in (at.real, at.imag)]
        return "".join(
            f'<animate attributeName="{name}" dur="5s" fill="freeze" values="{v}" '
            'begin="0.5s;winding.click"/>'
            for name, v in zip(names, values, strict=True)
        )

    def dot(at):
        end = f'r="6" cx="{at[-1].real:.1f}" cy="{at[-1].imag:.1f}"'
        return (
            f'<circle class="moving" {end}>{moving(at, "cx", "cy")}</circle>'
            f'<circle class="moving still" {end}/>'
        )

    def letter(of):
        return f'<tspan font-style="italic">{of}</tspan>'

    def line(of):
        return "M" + "L".join(f"{p.real:.1f} {p.imag:.1f}" for p in of)

    ticks = "".join(
        f'<path class="axis" d="M300 {220 - 180 * n / w}H550"/>'
        f'<text x="290" y="{225 - 180 * n / w}" text-anchor="end">{n}</text>'
        for n in range(w + 1)
    )
    # Twice: in motion, and at rest for readers who want nothing to move.
    end = f'x1="130" y1="128" x2="{plane[-1].real:.1f}" y2="{plane[-1].imag:.1f}"'
    turning = moving(plane, "x2", "y2")
    hand = f'<line class="hand" {end}>{turning}</line><line class="hand still" {end}/>'
    said = (
        f"A closed curve with three petals around the origin, and the angle by which it has turned "
        f"while the momentum runs from 0 to 2 pi: it climbs from 0 to {w} turns. "
        f"The winding number is {w}."
    )
    return (
        f'<svg class="winding" id="winding" role="img" aria-label="{said}" viewBox="0 0 580 262">'
        f"{ticks}"
        f'<path class="curve" d="{line(plane)}"/><circle class="origin" cx="130" cy="128" r="5"/>'
        f'<path class="curve" d="{line(graph)}"/>{hand}{dot(plane)}{dot(graph)}'
        f'<text x="300" y="244">0</text><text x="550" y="244" text-anchor="end">2π</text>'
        f'<text x="425" y="244" text-anchor="middle">momentum {letter("k")}</text>'
        f'<text x="300" y="22">turns around the origin</text>'
        f'<text class="answer" x="545" y="195">{letter("w")} = {w}</text></svg>'
    )


def draw(app, name, source):
    """Put the pictures where the page has its marks."""
    if name == PAGE:
        source[0] = MARK.sub(
            lambda found: picture() if found[1] == "PICTURE" else small(found[2]), source[0]
        )


def reading_time(cells):
    """Minutes for a notebook's text, without its folded solutions, at 200 words a minute."""
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    text = re.sub(r"```\{admonition\} Solution.*?```", "", text, flags=re.DOTALL)
    return max(1, round(len(text.split()) / 200))


def numbers(app, config):
    """Make what the chapters hand over known to every page, and how long they take to read."""
    found, total = {}, 0
    for path in sorted(Path(app.srcdir).glob("notebooks/[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        minutes = reading_time(cells)
        found[f"minutes_{path.stem}"], total = minutes, total + minutes
        for cell in cells:
            for output in cell.get("outputs", []):
                text = output.get("data", {}).get(_RECORD)
                if text:
                    found[output["metadata"]["scrapbook"]["name"]] = "".join(text).strip("'")
    found["hours"] = round(total / 60)
    config.myst_substitutions = {**found, **config.myst_substitutions}


def describe(app, name, template, context, doctree):
    """Say what the book is to whoever shows a link to it."""
    if name != PAGE:
        return
    about = (
        "An executable book: how neural networks learn topological winding numbers, with every "
        "network of two papers trained again, opened, and cured where it failed."
    )
    where, picture = app.config.html_baseurl.rstrip("/"), "_static/social.png"
    picture = f"{where}/{picture}" if where else context["pathto"](picture, resource=True)
    tags = {"og:title": app.config.html_title or app.config.project, "og:type": "website"}
    tags |= {"og:description": about, "og:image": picture}
    context["metatags"] = context.get("metatags", "") + "".join(
        [f'<meta name="description" content="{about}"/>']
        + [f'<meta property="{key}" content="{value}"/>' for key, value in tags.items()]
        + ['<meta name="twitter:card" content="summary_large_image"/>']
    )


def setup(app):
    app.connect("config-inited", numbers)
    app.connect("source-read", draw)
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
