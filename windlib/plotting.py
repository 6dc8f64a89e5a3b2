"""The figures' shared look."""

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
    """
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
    """
    values = np.asarray(values)
    spread = np.linspace(-0.18, 0.18, len(values))
    for i in range(len(names)):
        ax.plot(i + spread, values[:, i], "o", ms=5, color=BLUE, alpha=0.75, mec="none")
    if paper is not None:
        ax.hlines(paper, np.arange(len(names)) - 0.3, np.arange(len(names)) + 0.3, color=RED, lw=2)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="accuracy (%)", xlim=(-0.5, len(names) - 0.5))
