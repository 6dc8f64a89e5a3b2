"""A diagnosis and a phase diagram, drawn."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure

from windlib import plotting
from windlib.bloch.certificate import turns

# Clockwise, straight ahead, anticlockwise: nearly the book's blue and red, which a dark page would
# replace at both ends of the map and nowhere between.
_TURNS = LinearSegmentedColormap.from_list("turns", ["#0072b3", "#b8b8b8", "#d55e01"])
_STYLES = ("o", "s", "^", "D")


def diagnosis(found: Any) -> Figure:
    """The curve, its links' angles above the networks' D(n), and the networks' outputs."""
    answers = [a for a in found.networks if a.link_values is not None]
    curve = answers[0].curve if answers else found.curve
    rows: list = [["curve", "angles"], ["curve", "links"]] if answers else [["curve", "angles"]]
    if found.networks:
        rows = [*rows, ["outputs", "outputs"]]
    heights = [2.0] * (len(rows) - bool(found.networks)) + [0.9] * bool(found.networks)
    figure, axes = plt.subplot_mosaic(
        rows, figsize=(8, sum(heights) + 1.2), height_ratios=heights, layout="constrained"
    )
    angle = turns(curve)
    links = _draw_curve(axes["curve"], curve, found, angle)
    k = 2 * np.pi * (np.arange(len(angle)) + 0.5) / len(angle)
    color = _TURNS(links.norm(angle))
    axes["angles"].bar(k, angle, 2 * np.pi / len(angle), color=color)
    part = next(part for part in (8, 4, 2, 1) if np.abs(angle).max() <= np.pi / part)
    limit, name = np.pi / part, "π" if part == 1 else f"π/{part}"
    axes["angles"].set_yticks([-limit, 0, limit], [f"−{name}", "0", name])
    axes["angles"].set(ylabel="Δθ(n) (radians)", ylim=(-limit, limit))
    plotting.brillouin_axis(axes["angles"])
    if answers:
        axes["angles"].set(xlabel="")
        axes["angles"].tick_params(labelbottom=False)
        for answer, style in zip(answers, _STYLES * len(answers), strict=False):
            values = answer.link_values
            at = 2 * np.pi * (np.arange(len(values)) + 0.5) / len(values)
            axes["links"].plot(at, values, style, ms=3.5, label=answer.name)
        axes["links"].set(ylabel="D(n) (dimensionless)")
        plotting.brillouin_axis(axes["links"])
    if found.networks:
        _draw_outputs(axes["outputs"], found)
    return figure


def _draw_curve(ax, curve, found, angle):
    points = np.column_stack([curve.real, curve.imag])
    links = LineCollection(
        np.stack([points[:-1], points[1:]], axis=1), cmap=_TURNS, lw=2.5, capstyle="round"
    )
    links.set_array(angle)
    links.set_clim(-np.abs(angle).max(), np.abs(angle).max())
    ax.add_collection(links)
    ax.plot(0, 0, "+", color="black", ms=11, mew=2)
    middle, size = points.mean(axis=0), 1.15 * np.abs(points - points.mean(axis=0)).max()
    size = max(size, 1.1 * np.abs(middle).max())  # the origin is in the picture
    ax.set(xlim=middle[0] + size * np.array([-1, 1]), ylim=middle[1] + size * np.array([-1, 1]))
    name = "det q" if found.kind == "chiral" else "det(H − E)"
    ax.set(xlabel=f"Re {name} / max |{name}|", ylabel=f"Im {name} / max |{name}|")
    ax.set(aspect="equal", title=f"w = {found.winding}")
    return links


def _draw_outputs(ax, found):
    ax.axvline(found.winding, color=plotting.GREY, lw=1)
    said = []
    for i, answer in enumerate(found.networks):
        at = answer.output if np.ndim(answer.output) == 0 else answer.predicted
        style = _STYLES[i % len(_STYLES)]
        if at is not None:
            said.append(at)
            ax.plot(at, i, style, color=f"C{i % 5}", ms=7)
    ax.set_yticks(range(len(found.networks)), [answer.name for answer in found.networks])
    low, high = min([*said, found.winding]), max([*said, found.winding])
    ax.set_xticks(np.arange(np.floor(low) - 1, np.ceil(high) + 2))
    ax.set(ylim=(len(found.networks) - 0.5, -0.5))
    ax.set_xlabel("output (the line is the winding number)")


def phase_diagram(found: Any, ax: Axes | None = None) -> Axes:
    """Windings of a scan over one or two parameters; what is undecided is left white."""
    if ax is None:
        _, ax = plt.subplots(layout="constrained")
    names, values = list(found.parameters), list(found.parameters.values())
    levels = np.unique(found.winding.compressed())
    if len(names) == 1:
        ax.plot(values[0], found.winding.astype(float).filled(np.nan), "o", ms=3)
        for at in _boundaries(values[0], found.winding):
            ax.axvline(at, color=plotting.GREY, lw=1, ls="--")
        ax.set(xlabel=names[0], ylabel="winding number")
        ax.set_yticks(levels if len(levels) else [0])
        return ax
    levels = levels if len(levels) else np.array([0])
    colors = plt.get_cmap("cividis")(np.linspace(0.05, 0.95, len(levels)))
    place = np.searchsorted(levels, found.winding.filled(levels[0]))
    shown = np.ma.masked_array(place, np.ma.getmaskarray(found.winding)).T
    mesh = ax.pcolormesh(
        *values,
        shown,
        cmap=ListedColormap(colors),
        norm=BoundaryNorm(np.arange(len(levels) + 1) - 0.5, len(levels)),
        rasterized=True,
    )
    bar = ax.figure.colorbar(mesh, ax=ax, ticks=range(len(levels)), label="winding number")
    bar.ax.set_yticklabels(levels)
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.grid(False)
    return ax


def _boundaries(values, winding):
    """Midpoints between decided neighbours with different windings."""
    at = np.flatnonzero(~np.ma.getmaskarray(winding))
    change = np.flatnonzero(np.diff(winding.data[at]))
    return (values[at[change]] + values[at[change + 1]]) / 2
