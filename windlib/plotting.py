"""The figures' shared look."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np

# Okabe and Ito's colours, which most colour-blind readers can tell apart.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#6b6b6b"


def use_style():
    """Set Matplotlib's defaults for every figure of the book.

    The background is opaque, so that figures stay readable on dark pages.
    """
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "white",
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


def brillouin_axis(ax):
    """Label an axis of momenta from 0 to 2π."""
    ax.set_xticks(np.pi * np.arange(5) / 2, ["0", "π/2", "π", "3π/2", "2π"])
    ax.set_xlabel("momentum k (radians per cell)")


def draw_arrows(ax, curve, title=""):
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
    ax.quiver(
        tail.real,
        tail.imag,
        0.36 * unit.real,
        0.36 * unit.imag,
        np.angle(unit),
        cmap="twilight_shifted",
        clim=(-np.pi, np.pi),
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.02,
        edgecolor="black",
        linewidth=0.5,
    )
    ax.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), aspect="equal", title=title)
    ax.axis("off")


def draw_seeds(ax, names, values, paper=None):
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


def draw_sweep(ax, points, values, names, style="-"):
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


def slider(draw, values, name):
    """Frames to slide through on the finished page, with no Python behind it.

    Parameters
    ----------
    draw : callable
        Takes a value and returns a figure, which is closed when it has become a picture.
    values : sequence
        One frame for each; the last one shows first. As text none has a space in it.
    name : str
        What the values are, such as "epoch".

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    ValueError
        No values, one twice, or one with a space.
    """
    from IPython.display import HTML

    texts = [str(value) for value in values]
    if not texts or len(set(texts)) < len(texts) or any(len(t.split()) != 1 for t in texts):
        raise ValueError(
            f"got the values {', '.join(texts) or 'of an empty list'}; expected at least one, "
            "none twice, and none with a space"
        )
    images = []
    for value in values:
        figure, picture = draw(value), io.BytesIO()
        figure.savefig(picture, format="png", dpi=80)
        plt.close(figure)
        code = base64.b64encode(picture.getvalue()).decode()
        hidden = "" if value == values[-1] else " hidden"
        alt = f"The figure that the caption describes, at {name} {value}."
        images.append(f'<img{hidden} src="data:image/png;base64,{code}" alt="{alt}"/>')
    last = len(values) - 1
    show = (
        "const d = this.closest('.slider'), all = d.querySelectorAll('img');"
        "all.forEach((image, i) => image.hidden = i != this.value);"
        "d.querySelector('output').value = this.dataset.values.split(' ')[this.value];"
    )
    return HTML(
        f'<div class="slider"><label>{name} <input type="range" min="0" max="{last}" '
        f'value="{last}" data-values="{" ".join(map(str, values))}" oninput="{show}"/> '
        f"<output>{values[-1]}</output></label><div>{''.join(images)}</div></div>"
    )
