"""The figures' and tables' shared look."""

import contextlib
import html
import io
import re
import sys
import zlib

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import Collection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from windlib.arguments import ArgumentError, choice

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
_MANY = 3000  # points, from which on a picture of them is smaller than a drawing


def use_style():
    """Set Matplotlib's defaults for every figure of the book.

    In a notebook, figures show as drawings (`figure_html`), and as pictures where a viewer
    shows no drawings.
    """
    if shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)():
        plt.switch_backend(plt.get_backend())  # loaded now, it does not undo what follows
        shell.display_formatter.formatters["text/html"].for_type(Figure, figure_html)
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "white",
            "axes.facecolor": "none",
            "savefig.facecolor": "white",
            "savefig.dpi": 120,
            "font.size": 11,
            "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, RED, GREY]),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#e4e4e4",
            "legend.frameon": False,
            "lines.linewidth": 1.8,
        }
    )


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
    figure.set_size_inches(_PHONE, height / rows * grid.nrows)
    try:
        yield
    finally:
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


def _drawing(figure, name):
    """A figure as an SVG element whose colours a page can set."""
    for ax in figure.axes:
        points = {artist: _points(artist) for artist in [*ax.lines, *ax.collections]}
        for artist, number in points.items():
            if isinstance(artist, QuadMesh) or sum(points.values()) > _MANY < 99 * number:
                artist.set_rasterized(True)
    file = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "windlib"}):
        figure.savefig(file, format="svg", facecolor="none", dpi=144, metadata={"Date": None})
    svg = file.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r' d="[^"]*', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), svg)
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


def figure_html(figure):
    """A figure as drawings (SVG) for a page: one for a wide column, one for a phone.

    Panels beside each other stand one below the other on a phone. Text stays text. Colours of
    the book are variables of the page's style sheet, the background is transparent, and
    what has thousands of points is a picture inside of the drawing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    str
        HTML that stands for itself.
    """
    wide = _drawing(figure, "wide")
    if figure.get_size_inches()[0] <= _PHONE:
        return f'<div class="drawing">{wide}</div>'
    with _narrow(figure):
        narrow = _drawing(figure, "narrow")
    return f'<div class="drawing">{wide}<div style="display:none">{narrow}</div></div>'


def brillouin_axis(ax):
    """Label an axis of momenta from 0 to 2π."""
    ax.set_xticks(np.pi * np.arange(5) / 2, ["0", "π/2", "π", "3π/2", "2π"])
    ax.set_xlabel("momentum k (radians per cell)")


def plot_arrows(ax, curve, title=""):
    """Draw a Hamiltonian as unit vectors h̃(k) placed around the Brillouin zone (P1, Fig. 2).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    curve : complex ndarray, shape (L + 1,)
    title : str

    Raises
    ------
    ValueError
        Several curves, or one through the origin, where the arrow has no direction.
    """
    if np.ndim(curve) != 1 or not np.all(curve):
        raise ValueError(
            f"got curves of shape {np.shape(curve)}, {np.sum(np.equal(curve, 0))} points at the "
            "origin; expected one curve, (L + 1,), with none"
        )
    unit = curve[:-1] / np.abs(curve[:-1])
    place = np.exp(2j * np.pi * np.arange(len(unit)) / len(unit))
    tail = place - 0.18 * unit
    ax.plot(np.cos(t := np.linspace(0, 2 * np.pi, 200)), np.sin(t), color="#cccccc", lw=1)
    colour = {"cmap": "twilight_shifted", "clim": (-np.pi, np.pi), "edgecolor": "black"}
    size = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.02, "linewidth": 0.5}
    arrow = 0.36 * unit
    ax.quiver(tail.real, tail.imag, arrow.real, arrow.imag, np.angle(unit), **colour, **size)
    ax.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), aspect="equal", title=title)
    ax.axis("off")


def plot_seeds(ax, names, values, paper=None):
    """Draw one dot a seed for each name, and the paper's number as a bar.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    names : sequence of str
    values : ndarray, shape (seeds, len(names))
        In percent.
    paper : sequence of float, optional

    Raises
    ------
    ValueError
        The values are not one row a seed, with one number for each name.
    """
    values = np.asarray(values)
    if values.ndim != 2 or values.shape[1] != len(names):
        raise ValueError(
            f"got values of shape {values.shape} for {len(names)} names; expected (seeds, names)"
        )
    spread = np.linspace(-0.18, 0.18, len(values))
    for i in range(len(names)):
        ax.plot(i + spread, values[:, i], "o", ms=5, color=BLUE, alpha=0.75, mec="none")
    if paper is not None:
        ax.hlines(paper, np.arange(len(names)) - 0.3, np.arange(len(names)) + 0.3, color=RED, lw=2)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="accuracy (%)", xlim=(-0.5, len(names) - 0.5))


def plot_grid(ax, values, rows, columns, text=None):
    """Draw accuracies as a grid of coloured cells, with the numbers in them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : ndarray, shape (len(rows), len(columns))
        In percent.
    rows, columns : sequence of str
    text : sequence of str, optional
        One remark for each row, to its right.

    Raises
    ------
    ArgumentError
        Not one value for each row and column, or not one remark for each row.
    """
    values = np.asarray(values, float)
    wanted = (len(rows), len(columns))
    if values.shape != wanted or (text is not None and len(text) != len(rows)):
        raise ArgumentError(
            f"got values of shape {values.shape} and {'no' if text is None else len(text)} "
            f"remarks; expected {wanted}, and one remark for each row or none"
        )
    ax.pcolormesh(values, cmap="cividis", vmin=0, vmax=100, edgecolors="white", lw=1)
    for (i, j), value in np.ndenumerate(values):
        color = "#111111" if value > 55 else "white"  # whatever the page's text is
        ax.text(j + 0.5, i + 0.5, f"{value:.0f}", ha="center", va="center", color=color)
    for i, remark in enumerate(text or ()):
        ax.text(len(columns) + 0.15, i + 0.5, remark, va="center")
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)


def plot_sweep(ax, points, values, names, style="-"):
    """Draw every point of a sweep: a dot a seed, and a line through the medians.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    points : sequence of str
    values : sequence of array_like, shape (seeds, len(names)) each
        In percent; one for each point.
    names : sequence of str
        What the lines are.
    style : str
        Of the lines, as Matplotlib has it.

    Raises
    ------
    ValueError
        More than four names, or not as many values as points.
    """
    colors = [BLUE, ORANGE, RED, GREEN]
    if len(names) > len(colors) or len(values) != len(points):
        raise ValueError(
            f"got {len(names)} names, and {len(values)} values for {len(points)} points; expected "
            f"at most {len(colors)} names, and one array for each point"
        )
    place = np.arange(len(points))
    for i, name in enumerate(names):
        columns = [np.asarray(seeds)[:, i] for seeds in values]
        ax.plot(place, [np.median(c) for c in columns], style, color=colors[i], label=name)
        for x, column in zip(place + 0.12 * (i - (len(names) - 1) / 2), columns, strict=True):
            ax.plot(np.full(len(column), x), column, "o", ms=3, color=colors[i], alpha=0.6)
    ax.set_xticks(place, points)


class _Table:
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


def results_table(columns, rows, digits=1, best=None):
    """A small table of results, with the best number of each column marked.

    Parameters
    ----------
    columns : sequence of str
        What the numbers are, with their units.
    rows : dict
        Name of a row to its cells: numbers, or text, as many as columns.
    digits : int
        After the decimal point, of numbers that are not whole.
    best : {"highest", "lowest"}, optional
        Which number of a column is marked, with its equals; none by default.

    Returns
    -------
    object
        Shows itself in a notebook, as a table of HTML or as text.

    Raises
    ------
    ArgumentError
        A row has not one cell for each column, or `best` is another word.

    Examples
    --------
    >>> results_table(["(i) (%)", "weights"], {"trained": [99.44, 310], "by hand": [100.0, 310]})
             (i) (%)  weights
    trained     99.4      310
    by hand    100.0      310
    """
    if best is not None:
        choice("best", best, ("highest", "lowest"))
    for name, cells in rows.items():
        if len(cells) != len(columns):
            raise ArgumentError(
                f"got {len(cells)} cells in the row {name!r}; expected {len(columns)}, one for "
                f"each of {list(columns)}"
            )

    def shown(value):
        if isinstance(value, str):
            return value
        whole = isinstance(value, (int, np.integer))
        return f"{value:,}" if whole else f"{value:.{digits}f}".replace("-", "−")

    texts = {name: [*map(shown, cells)] for name, cells in rows.items()}
    marked = set()
    for j in range(len(columns)) if best else ():
        column = [cells[j] for cells in rows.values()]
        numbers = {
            i: float(f"{value:.{digits}f}")
            for i, value in enumerate(column)
            if not isinstance(value, str)
        }
        if len(numbers) > 1:
            top = (max if best == "highest" else min)(numbers.values())
            marked |= {(i, j) for i, value in numbers.items() if value == top}
    return _Table(columns, texts, marked)


def slider(draw, values, name, start=None):
    """Frames to slide through on the finished page, with no Python behind it.

    Parameters
    ----------
    draw : callable
        Takes a value and returns a figure, which is closed when it has been drawn.
    values : sequence
        One frame for each. As text none has a space in it.
    name : str
        What the values are, such as "epoch".
    start : optional
        The value that shows first; by default the last one.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    ValueError
        No values, one twice, or one with a space; or they have no such `start`.
    """
    from IPython.display import HTML

    texts = [str(value) for value in values]
    if not texts or len(set(texts)) < len(texts) or any(len(t.split()) != 1 for t in texts):
        raise ValueError(
            f"got the values {', '.join(texts) or 'of an empty list'}; expected at least one, "
            "none twice, and none with a space"
        )
    first = texts[-1] if start is None else str(start)
    choice("start", first, texts)
    frames = []
    for value, text in zip(values, texts, strict=True):
        figure = draw(value)
        drawing = figure_html(figure)
        plt.close(figure)
        hidden = "" if text == first else " hidden"
        about = f"The figure that the caption describes, at {name} {text}."
        frames.append(
            f'<div class="frame" role="img" aria-label="{html.escape(about)}"{hidden}>'
            f"{drawing}</div>"
        )
    show = (
        "const d = this.closest('.slider'), all = d.querySelectorAll('.frame');"
        "all.forEach((frame, i) => frame.hidden = i != this.value);"
        "const text = this.dataset.values.split(' ')[this.value];"
        "d.querySelector('output').value = text;"
        "this.setAttribute('aria-valuetext', text);"
    )
    return HTML(
        f'<div class="slider"><label>{name} <input type="range" min="0" max="{len(texts) - 1}" '
        f'value="{texts.index(first)}" aria-valuetext="{first}" data-values="{" ".join(texts)}" '
        f'oninput="{show}"/> <output>{first}</output></label>{"".join(frames)}</div>'
    )
