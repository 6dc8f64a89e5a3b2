"""The figures' and tables' shared look."""

import html
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from windlib.arguments import (
    ArgumentError,
    array,
    choice,
    complexes,
    instance,
    items,
    real,
    short,
    whole,
    words,
)
from windlib.drawings import BLUE, GREEN, GREY, ORANGE, RED, Table, figure_html

#: Colours of P1's four tests, the same in every figure.
TESTS = {"i": BLUE, "ii": GREEN, "iii": ORANGE, "iv": RED}
# Around the circle, and none so dark or so pale that a page hides it.
_CYCLE = [BLUE, GREEN, ORANGE, RED, "#cc79a7", BLUE]
_DIRECTIONS = LinearSegmentedColormap.from_list("directions", _CYCLE)


def use_style() -> None:
    """Set Matplotlib's defaults for every figure of the book.

    In a notebook, figures show as drawings (`windlib.drawings.figure_html`).
    """
    if shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)():
        plt.switch_backend(plt.get_backend())  # loaded now, it does not undo what follows
        formatters = shell.display_formatter.formatters
        formatters["text/html"].for_type(Figure, figure_html)
        formatters["image/png"].type_printers.pop(Figure, None)  # nobody sees a second picture
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


def _axes(ax):
    instance("ax", ax, Axes, "Matplotlib's axes")


def brillouin_axis(ax: Axes) -> None:
    """Label an axis of momenta from 0 to 2π."""
    _axes(ax)
    ax.set_xticks(np.pi * np.arange(5) / 2, ["0", "π/2", "π", "3π/2", "2π"])
    ax.set_xlabel("momentum k (radians per cell)")


def plot_arrows(ax: Axes, curve: np.ndarray, title: str = "") -> None:
    """Draw a Hamiltonian as unit vectors h̃(k) placed around the Brillouin zone (P1, Fig. 2).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where it is drawn.
    curve : complex ndarray, shape (L + 1,)
        Points of one closed curve, in any unit; only their angles are drawn.
    title : str
        Above the drawing; none by default.

    Raises
    ------
    ArgumentError
        Several curves, or one through the origin, where the arrow has no direction.
    """
    _axes(ax)
    instance("title", title, str, "text")
    (curve,) = complexes(curve=curve, most=1e300)
    if np.ndim(curve) != 1 or len(curve) < 2 or not np.all(curve):
        raise ArgumentError(
            f"got curves of shape {np.shape(curve)}, {np.sum(np.equal(curve, 0))} points at the "
            "origin; expected one curve, (L + 1,), with none"
        )
    unit = curve[:-1] / np.abs(curve[:-1])
    place = np.exp(2j * np.pi * np.arange(len(unit)) / len(unit))
    room = min(1, 20 / len(unit))  # or many arrows would lie on each other
    arrow = 0.36 * room * unit
    tail = place - arrow / 2
    ax.plot(np.cos(t := np.linspace(0, 2 * np.pi, 200)), np.sin(t), color="#cccccc", lw=1, zorder=0)
    colour: dict[str, Any] = {
        "cmap": _DIRECTIONS,
        "clim": (-np.pi, np.pi),
        "edgecolor": "black",
    }
    size: dict[str, Any] = {
        "angles": "xy",
        "scale_units": "xy",
        "scale": 1,
        "width": 0.02 * room,
        "linewidth": 0.5,
    }
    ax.quiver(tail.real, tail.imag, arrow.real, arrow.imag, np.angle(unit), **colour, **size)
    ax.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), aspect="equal", title=title)
    ax.axis("off")


def plot_seeds(
    ax: Axes, names: Sequence[str], values: ArrayLike, paper: Sequence[float] | None = None
) -> None:
    """Draw one dot a seed for each name, and the paper's number as a bar.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where it is drawn.
    names : sequence of str
        Labels along the axis, such as a paper's test sets.
    values : ndarray, shape (seeds, len(names))
        In percent.
    paper : sequence of float, optional
        The paper's number for each name, in percent; no bars by default.

    Raises
    ------
    ArgumentError
        The values are not one row a seed, with one number for each name, or `paper` has not one
        number for each name.
    """
    _axes(ax)
    values, names = array("values", values, finite=False), words("names", names)
    if values.ndim != 2 or values.shape[1] != len(names):
        raise ArgumentError(
            f"got values of shape {values.shape} for {len(names)} names; expected (seeds, names)"
        )
    if paper is not None and np.shape(array("paper", paper)) != (len(names),):
        raise ArgumentError(f"got paper of shape {np.shape(paper)}; expected ({len(names)},)")
    spread = np.linspace(-0.18, 0.18, len(values))
    for i in range(len(names)):
        ax.plot(i + spread, values[:, i], "o", ms=5, color=BLUE, alpha=0.75, mec="none")
    if paper is not None:
        ax.hlines(paper, np.arange(len(names)) - 0.3, np.arange(len(names)) + 0.3, color=RED, lw=2)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="accuracy (%)", xlim=(-0.5, len(names) - 0.5))


def plot_grid(
    ax: Axes,
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    text: Sequence[str] | None = None,
) -> None:
    """Draw accuracies as a grid of coloured cells, with the numbers in them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where it is drawn.
    values : ndarray, shape (len(rows), len(columns))
        In percent.
    rows, columns : sequence of str
        Labels along the two axes; the first row is at the top.
    text : sequence of str, optional
        One remark for each row, to its right.

    Raises
    ------
    ArgumentError
        Not one value for each row and column, or not one remark for each row.
    """
    _axes(ax)
    values = array("values", values, finite=False)
    rows, columns = words("rows", rows), words("columns", columns)
    text = None if text is None else words("text", text)
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


def plot_sweep(
    ax: Axes,
    points: Sequence[str],
    values: Sequence[ArrayLike],
    names: Sequence[str],
    style: str = "-",
) -> None:
    """Draw every point of a sweep: a dot a seed, and a line through the medians.

    Names stand a little beside each other, so that their dots can be told apart.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where it is drawn.
    points : sequence of str
        Labels along the axis: the value of each point of the sweep. They stand at equal distances.
    values : sequence of array_like, shape (seeds, len(names)) each
        In percent; one for each point.
    names : sequence of str
        What the lines are, at most four.
    style : {"-", "--", ":", "-.", ""}
        How the lines through the medians are drawn, as Matplotlib has it: solid, dashed, dotted,
        dashed and dotted, or none; solid by default.

    Raises
    ------
    ArgumentError
        More than four names, not as many values as points, not one column for each name, or
        another style.
    """
    _axes(ax)
    colors = [BLUE, ORANGE, RED, GREEN]
    points, names = words("points", points), words("names", names)
    choice("style", style, ("-", "--", ":", "-.", ""))
    arrays = [array("values", seeds, finite=False) for seeds in items("values", values, "arrays")]
    fit = all(seeds.ndim == 2 and seeds.shape[1] == len(names) for seeds in arrays)
    if len(names) > len(colors) or len(arrays) != len(points) or not fit:
        raise ArgumentError(
            f"got {len(names)} names, and {len(arrays)} values for {len(points)} points; expected "
            f"at most {len(colors)} names, and one array for each point, (seeds, names)"
        )
    for i, name in enumerate(names):
        columns = [seeds[:, i] for seeds in arrays]
        place = np.arange(len(points)) + 0.08 * (i - (len(names) - 1) / 2)
        ax.plot(place, [np.median(c) for c in columns], style, color=colors[i], label=name)
        for x, column in zip(place, columns, strict=True):
            ax.plot(np.full(len(column), x), column, "o", ms=3, color=colors[i], alpha=0.75)
    ax.set_xticks(range(len(points)), points)


def power_of_ten(value: float) -> str:
    """Write a number such as the strength of a penalty as the book's text does.

    Raises
    ------
    ArgumentError
        It is negative, or more than one digit is needed before the power of ten.

    Examples
    --------
    >>> power_of_ten(3e-4), power_of_ten(0.1), power_of_ten(0)
    ('3·10⁻⁴', '10⁻¹', '0')
    """
    number = real("value", value, least=0)
    rounded = f"{number:.0e}"
    if float(rounded) != number:
        raise ArgumentError(f"got value={number}; expected one digit times a power of ten")
    digit, _, exponent = rounded.partition("e")
    if not int(exponent):
        return digit
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digit == "1" else f"{digit}·10{raised}"


def results_table(
    columns: Sequence[str],
    rows: Mapping[str, Sequence[Any]],
    digits: int = 1,
    best: str | Sequence[str | None] | None = None,
) -> Any:
    """A small table of results, with the best number of each column marked.

    Parameters
    ----------
    columns : sequence of str
        What the numbers are, with their units.
    rows : dict
        Name of a row to its cells: numbers, or text, as many as columns.
    digits : int
        After the decimal point, of numbers that are not whole.
    best : {"highest", "lowest"} or sequence of these and None, optional
        Which number of each column is marked, with its equals; none by default.

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
    columns, digits = words("columns", columns), whole("digits", digits, 0, 20)
    one = best is None or isinstance(best, str)
    each = [best] * len(columns) if one else instance("best", best, list | tuple, "words")
    for word in each:
        if word is not None:
            choice("best", word, ("highest", "lowest"))
    if len(each) != len(columns):
        raise ArgumentError(f"got best={short(best)}; expected a word or one for each of {columns}")
    for name, cells in instance("rows", rows, Mapping, "a dict of cells by name").items():
        row = "the row " + short(instance("a row's name", name, str, "text"))
        for cell in instance(row, cells, Sequence | np.ndarray, "a list of cells"):
            instance(
                "a cell", cell, str | int | float | np.integer | np.floating, "a number or text"
            )
        if len(cells) != len(columns):
            raise ArgumentError(
                f"got {len(cells)} cells in {row}; expected {len(columns)}, one for each of "
                f"{columns}"
            )

    def shown(value):
        if isinstance(value, str):
            return value
        whole = isinstance(value, (int, np.integer))
        text = f"{value:,}" if whole else f"{value:.{digits}f}"
        return text.replace("-", "−")

    texts = {name: [*map(shown, cells)] for name, cells in rows.items()}
    marked = set()
    for j, word in enumerate(each):
        column = [cells[j] if word else "" for cells in rows.values()]
        numbers = {
            i: float(f"{value:.{digits}f}")
            for i, value in enumerate(column)
            if not isinstance(value, str)
        }
        if len(numbers) > 1:
            top = (max if word == "highest" else min)(numbers.values())
            marked |= {(i, j) for i, value in numbers.items() if value == top}
    return Table(columns, texts, marked)


def slider(
    draw: Callable[[Any], Figure], values: Sequence[Any], name: str, start: Any = None
) -> Any:
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
    ArgumentError
        No values, one twice, or one with a space; or they have no such `start`.
    """
    from IPython.display import HTML

    instance("draw", draw, Callable, "a function that draws a figure of a value")
    instance("name", name, str, "text")
    values = items("values", values, "a list of values")
    texts = words("values", values)
    if not texts or len(set(texts)) < len(texts) or any(len(t.split()) != 1 for t in texts):
        raise ArgumentError(
            f"got the values {', '.join(texts) or 'of an empty list'}; expected at least one, "
            "none twice, and none with a space"
        )
    (first,) = texts[-1:] if start is None else words("start", [start])
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


def glue(name: str, value: Any) -> None:
    """Hand a value to the book's pages, which show it where they name it.

    Writes what `myst_nb.glue` writes with ``display=False``, so that a chapter runs where the
    book cannot be built.

    Parameters
    ----------
    name : str
        By which a page asks for the value.
    value
        Anything that a notebook can show.
    """
    instance("name", name, str, "text")
    from IPython.core.formatters import format_display_data
    from IPython.display import display

    data, metadata = format_display_data(value)
    prefix = "application/papermill.record/"  # no kind that a notebook shows
    metadata["scrapbook"] = {"name": name, "mime_prefix": prefix}
    display({prefix + kind: shown for kind, shown in data.items()}, raw=True, metadata=metadata)
