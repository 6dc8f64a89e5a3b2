"""Figures as drawings that a page can colour and a phone can read.

`figure_html` makes them. The rest of this module is for `windlib.plotting` alone.
"""

import base64
import contextlib
import html
import io
import re
import warnings
import zlib

import matplotlib.pyplot as plt
from matplotlib.collections import Collection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from windlib.arguments import instance

# Okabe and Ito's colours, which most colour-blind readers can tell apart.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#6b6b6b"

# What a page may show otherwise, in the dark say: its style sheet sets --figure-blue and so on.
_THEME = {
    "#000000": "ink",
    "#e4e4e4": "grid",
    BLUE.lower(): "blue",
    ORANGE.lower(): "orange",
    GREEN.lower(): "green",
    RED.lower(): "red",
    GREY: "grey",
}
_PHONE = 4.6  # inches: as wide as a figure may be whose text a phone shows large enough
_APART = 0.11  # inches, above and below of each panel there: a title belongs to what is below it
_MANY = 3000  # points, from which on a picture of them is smaller than a drawing


@contextlib.contextmanager
def _narrow(figure):
    """A figure as a phone has room for it: panels one below the other, small ones in pairs."""
    panels = [ax for ax in figure.axes if ax.get_subplotspec() is not None]
    places = [ax.get_subplotspec() for ax in panels]
    width, height = figure.get_size_inches()
    rows, columns = places[0].get_gridspec().get_geometry() if places else (1, 1)
    across = 2 if columns > 1 and width / columns < 2.8 else 1
    grid = GridSpec(max(1, -(-len(panels) // across)), across, figure=figure)
    labelled = []  # axes that share another's labels, which is now elsewhere
    for i, (ax, place) in enumerate(zip(panels, places, strict=True)):
        ax.set_subplotspec(grid[i // across, i % across])
        for axis, side in [(ax.yaxis, "labelleft"), (ax.xaxis, "labelbottom")]:
            if columns * rows > 1 and axis.get_tick_params().get(side) is False:
                labelled.append((axis, side, axis.get_label_text()))
                same = "rowspan" if side == "labelleft" else "colspan"
                shared = [
                    getattr(other, f"{axis.axis_name}axis").get_label_text()
                    for other, at in zip(panels, places, strict=True)
                    if getattr(at, same).start == getattr(place, same).start
                ]
                axis.set_tick_params(**{side: True})
                axis.set_label_text(next(filter(None, shared), ""))
    outside = []  # legends beside their axes, for which there is no room
    for ax in panels:
        if (legend := ax.get_legend()) is not None:
            anchor = legend.get_bbox_to_anchor()
            if ax.transAxes.inverted().transform(anchor.p0)[0] > 0.99:
                outside.append((legend, legend._bbox_to_anchor, legend._loc))
                legend.set_bbox_to_anchor(None)
                legend.set_loc("best")
    layout = figure.get_layout_engine()
    pads = layout.get() if isinstance(layout, ConstrainedLayoutEngine) else {}
    if pads and grid.nrows > 1:
        layout.set(h_pad=_APART)
    figure.set_size_inches(_PHONE, height / rows * grid.nrows)
    try:
        yield
    finally:
        if pads:
            layout.set(h_pad=pads["h_pad"])
        for legend, anchor, place in outside:
            legend._bbox_to_anchor, legend._loc = anchor, place  # as no setter puts them back
        figure.set_size_inches(width, height)
        for ax, place in zip(panels, places, strict=True):
            ax.set_subplotspec(place)
        for axis, side, text in labelled:
            axis.set_tick_params(**{side: False})
            axis.set_label_text(text)


def _points(artist):
    """How many points a line or a collection consists of."""
    if isinstance(artist, Collection):
        return len(artist.get_offsets()) + sum(len(p.vertices) for p in artist.get_paths())
    return len(artist.get_xydata())


def _shorter_path(path):
    """A path with two digits after the point, and no space that it can do without."""
    path = re.sub(r"(\.\d\d)\d+", r"\1", path[0])
    return re.sub(r"\s*([MLQCz])\s*", r"\1", path)


def _shorter_place(place):
    """Where a text or a marker stands, with two digits after the point."""
    return place[1] + re.sub(r"(\.\d\d)\d+", r"\1", place[2])


def _one_style(markers):
    """Markers that look alike, their style named once."""
    return f"<g {markers[1]}>\n{markers[0].replace(f' {markers[1]}', '')}</g>\n"


def _fewer_colors(picture):
    """A map inside of a drawing, in 255 colours; clouds of points, with soft edges, stay as is."""
    image = Image.open(io.BytesIO(base64.b64decode(picture[0]))).convert("RGBA")
    alpha = image.getchannel("A")
    if alpha.histogram()[255] < 0.9 * image.width * image.height:
        return picture[0]
    few = image.convert("RGB").quantize(255, dither=Image.Dither.NONE)
    few.putpalette((few.getpalette() + 768 * [0])[:768])  # the last one stands for holes
    few.paste(255, mask=alpha.point(lambda a: 255 * (a < 128)))
    file = io.BytesIO()
    few.save(file, "PNG", transparency=255, optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _drawing(figure, name):
    """A figure as an SVG element whose colours a page can set."""
    dpi = 108  # enough for a map; dots and lines need two pixels where a screen has one
    for ax in figure.axes:
        points = {artist: _points(artist) for artist in [*ax.lines, *ax.collections]}
        for artist, number in points.items():
            if isinstance(artist, QuadMesh) or sum(points.values()) > _MANY < 99 * number:
                with warnings.catch_warnings():  # before Matplotlib 3.11 a contour stays lines
                    warnings.simplefilter("ignore", UserWarning)
                    artist.set_rasterized(True)
                dpi = dpi if isinstance(artist, QuadMesh) else 192
    file = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "windlib"}):
        figure.savefig(file, format="svg", facecolor="none", dpi=dpi, metadata={"Date": None})
    svg = file.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'(?<= d=")[^"]*', _shorter_path, svg)
    svg = re.sub(r' transform="rotate\(-?0 [^"]*"', "", svg)
    svg = re.sub(r'(?<= )([xy]="|transform="rotate\()([^"]*")', _shorter_place, svg)
    svg = re.sub(r'(?<=data:image/png;base64,)[^"]*', _fewer_colors, svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    svg = re.sub(r'<use [^>]* (style="[^"]*")/>\n(?:<use [^>]* \1/>\n)+', _one_style, svg)
    key = f"{zlib.crc32(svg.encode()):08x}{name[0]}"  # names are for a whole page
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{key}", svg)
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--figure-font, sans-serif)", svg)
    svg = re.sub(
        "|".join(_THEME), lambda color: f"var(--figure-{_THEME[color[0]]}, {color[0]})", svg
    )
    return re.sub(
        r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"[^>]*>',
        rf'<svg class="{name}" viewBox="0 0 \1 \2" style="width:100%;max-width:\1pt;'
        rf'fill:var(--figure-ink, #000)">',
        svg,
        count=1,
    )


def figure_html(figure: Figure) -> str:
    """A figure as drawings (SVG) for a page: one for a wide column, one for a phone.

    Panels beside each other stand one below the other on a phone. Text stays text. Colours of
    the book are variables of the page's style sheet, the background is transparent, and
    what has thousands of points is a picture inside of the drawing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Stays as it is.

    Returns
    -------
    str
        HTML that stands for itself.

    Raises
    ------
    ArgumentError
        It is no figure of Matplotlib.
    """
    instance("figure", figure, Figure, "a figure of Matplotlib")
    wide = _drawing(figure, "wide")
    if figure.get_size_inches()[0] <= _PHONE:
        return f'<div class="drawing">{wide}</div>'
    with _narrow(figure):
        narrow = _drawing(figure, "narrow")
    return f'<div class="drawing">{wide}<div style="display:none">{narrow}</div></div>'


class Table:
    """A small table: HTML on a page, the same in plain text elsewhere."""

    def __init__(self, columns, rows, best):
        self.columns, self.rows, self.best = columns, rows, best

    def __repr__(self):
        lines = [["", *self.columns], *([name, *cells] for name, cells in self.rows.items())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join([first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]).rstrip()
            for first, *rest in lines
        )

    def _repr_html_(self):
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = ""
        for i, (name, cells) in enumerate(self.rows.items()):
            cells = [
                f"<td><strong>{html.escape(cell)}</strong></td>"
                if (i, j) in self.best
                else f"<td>{html.escape(cell)}</td>"
                for j, cell in enumerate(cells)
            ]
            body += f'<tr><th scope="row">{html.escape(name)}</th>{"".join(cells)}</tr>'
        return (
            f'<table class="results"><thead><tr><td></td>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )
