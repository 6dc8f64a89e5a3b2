"""Live figures: the page's own engine, the networks that it shows, and the directive ``live``.

    :::{live} winding
    :name: fig-live-winding
    :try: Drag the origin across the curve.

    A caption, as of any figure.
    :::

puts the figure ``winding`` of `book/_static/live/figures.js` there. Where there is no script, and
on paper, its picture stands there instead, which `live_pictures` draws when the book is built.
Its option ``:system: dirac`` is handed on to the figure.

The scripts of `book/_static/live/` become one, ``live.js``: browsers take neither modules nor the
files of workers from a file on disk. ``live-networks.js`` has the networks, from the archive.
"""

import base64
import functools
import json
import re
from html import escape
from pathlib import Path

import live_pictures
import numpy as np
import rjsmin
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

import windlib
from windlib import blackbox
from windlib.runs import archive, experiments

LIVE = Path(__file__).parents[1] / "_static" / "live"
ENGINE = ("winding", "curves", "network", "training")  # all that a worker runs
PAGE = ("draw", "panels", "figures", "playground", "start")

# What the page calls a network, its experiment, and which of its seeds.
CHOSEN, GOOD, DEAD = "chosen", "good", "dead"
OFFERED = {
    "aiii-cnn": ("aiii-cnn", CHOSEN, "P1's network"),
    "aiii-cnn-good": ("aiii-cnn", GOOD, "P1's network"),
    "aiii-cnn-dead": ("aiii-cnn", DEAD, "P1's network"),
    "aiii-fc": ("aiii-fc", CHOSEN, "P1's fully connected network"),
    "aiii-cnn-ours": ("aiii-cnn-ours", CHOSEN, "our recipe"),
    "ssh-linear": ("ssh-linear", CHOSEN, "linear, SSH chains"),
    "hatano-nelson-cnn": ("hatano-nelson-cnn", CHOSEN, "P2's network, Hatano–Nelson"),
    "hatano-nelson-fc": ("hatano-nelson-fc", CHOSEN, "fully connected, Hatano–Nelson"),
    "hatano-nelson-cnn-ours": ("hatano-nelson-cnn-ours", CHOSEN, "our recipe, Hatano–Nelson"),
    "nonhermitian-ssh": ("nonhermitian-ssh-cnn-0.2", CHOSEN, "P2's network, non-Hermitian SSH"),
    "nonhermitian-ssh-cnn-ours": (
        "nonhermitian-ssh-cnn-ours-0.2",
        CHOSEN,
        "our recipe, non-Hermitian SSH",
    ),
    "aah": ("aah-cnn", CHOSEN, "P2's network, AAH"),
    "aah-cnn-ours": ("aah-cnn-ours", CHOSEN, "our recipe, AAH"),
    "dirac": ("dirac-cnn-0.2", CHOSEN, "P2's network, Dirac"),
    "dirac-cnn-ours": ("dirac-cnn-ours-0.2", CHOSEN, "our recipe, Dirac"),
    "aiii-cnn-ours-short": ("aiii-cnn-ours-short", CHOSEN, "30 epochs, no penalty"),
    **{
        f"aiii-cnn-ours-short-l2-{strength}": (
            f"aiii-cnn-ours-short-l2-{strength}",
            CHOSEN,
            f"30 epochs, λ = {float(strength):g}",
        )
        for strength in ("1e-04", "1e-03", "3e-03", "1e-02", "3e-02", "1e-01")
    },
}


def _run(name, which):
    """The chosen run of an experiment, or the first of a fate that its weights foretell."""
    seeds = list(windlib.CATALOGUE[name].seeds)
    if which == CHOSEN:  # without the networks of all others
        paths = [experiments.find(name, seed) for seed in seeds]
        losses = [archive.read(path)[0]["history/val_loss"][-1] for path in paths]
        seeds = [seeds[int(np.argmin(losses))]]
    runs = (windlib.train(name, seed)[0] for seed in seeds)
    return next(r for r in runs if which == CHOSEN or blackbox.predicted_fate(r.network) == which)


@functools.cache
def networks():
    """The networks that the pages offer, as Keras has them, and how the pages describe them.

    Returns
    -------
    dict
        By name, "experiment-seed": the Keras model, and a dict of what goes into the page.
    """
    hand = blackbox.by_hand()
    facts = {"key": "by-hand", "about": "weights that were calculated, not trained"}
    facts |= {"system": "chiral", "classes": [], "inputs": "unit", "l2": 0}
    found = {"by-hand": (hand, facts | {"label": "by hand", "fate": blackbox.predicted_fate(hand)})}
    for key, (name, which, label) in OFFERED.items():
        run = _run(name, which)
        recipe = run.experiment
        fate = ""
        # Of P1's recipe. A head that does not bend has no side of its own.
        if name == "aiii-cnn":
            fate = blackbox.predicted_fate(run.network)
        found[f"{name}-{run.seed:02d}"] = (
            run.network,
            {
                "key": key,
                "label": f"{label}, {fate} (seed {run.seed})"
                if fate
                else f"{label} (seed {run.seed})",
                "about": recipe.about,
                "fate": fate,
                "system": recipe.data.hamiltonian,
                "classes": list(recipe.training.get("classes", ())),
                "inputs": recipe.data.inputs,
                "l2": recipe.training.get("l2", 0),
            },
        )
    return found


def described(name, network, facts):
    """A network as the page reads it (`Network` of `network.js`)."""
    layers = {layer.name: layer for layer in network.layers}
    links = layers.get("links")
    weights = np.concatenate([w.ravel() for w in network.get_weights()]).astype("<f4")
    return {
        "name": name,
        **facts,
        "links": network.input_shape[1] - 1,
        "kernels": links.kernels if links else 0,
        "activation": links.link_activation.__name__ if links else "linear",
        "layers": [
            [layer.units, layer.activation.__name__]
            for layer in network.layers
            if hasattr(layer, "units")
        ],
        "weights": base64.b64encode(weights.tobytes()).decode(),
    }


def joined():
    """All scripts as one, without the comments and the spaces that the sources have."""
    engine, page = (
        "".join((LIVE / f"{name}.js").read_text(encoding="utf-8") for name in names)
        for names in (ENGINE, PAGE)
    )
    # A worker, which has no document, gets the text of the same function.
    whole = (
        f'(function live() {{\n"use strict";\n{engine}\n'
        f"if (!globalThis.document) return work(globalThis);\n{page}\n}})();\n"
    )
    for text in re.findall("`[^`]*`", whole):
        if text.count("{") != text.count("}"):
            raise ExtensionError(f"a template in a template, which rjsmin misreads: {text}")
    # Each statement of the sources ends with a semicolon: no line's end does.
    return re.sub(r"\n|;(?=\})", "", rjsmin.jsmin(whole))


class Live(SphinxDirective):
    """A live figure with its caption."""

    required_arguments = 1
    has_content = True
    option_spec = {  # noqa: RUF012  # as docutils has it
        "name": directives.unchanged,
        "try": directives.unchanged,
        "system": directives.unchanged,
    }

    def run(self):
        name = self.arguments[0]
        if name not in live_pictures.PICTURES:
            raise self.error(
                f"no live figure {name!r}; expected one of {', '.join(live_pictures.PICTURES)}"
            )
        self.assert_has_content()
        options = {key: value for key, value in self.options.items() if key == "system"}
        root = "../" * self.env.docname.count("/")
        figure = nodes.figure(classes=["live"])
        if "try" in self.options:
            text, problems = self.parse_inline(self.options["try"], lineno=self.lineno)
            hint = nodes.paragraph("", "", nodes.strong("", "Try this. "), *text, *problems)
            hint["classes"].append("live-try")
            figure += hint
        alt = live_pictures.PICTURES[name].__doc__.strip().splitlines()[0]
        picture = Path(self.env.app.doctreedir) / "live" / f"live-{name}.svg"
        figure += nodes.raw("", _stage(picture, name, options, root, alt), format="html")
        caption = self.parse_content_to_nodes()
        figure += nodes.caption("", "", *caption[0].children)
        self.set_source_info(figure)
        self.options.setdefault("name", f"fig-live-{name}")
        self.add_name(figure)
        return [figure]


def _stage(picture, name, options, root, alt):
    with picture.open(encoding="utf-8") as file:
        width, height = re.search(
            r'width="([\d.]+)pt" height="([\d.]+)pt"|$', file.read(1000)
        ).groups()
    chosen = escape(json.dumps(options, sort_keys=True))
    return (
        f'<div class="live-stage" data-live="{name}" data-options="{chosen}"></div>'
        f'<img class="live-still" loading="lazy" src="{root}_static/live-{name}.svg"'
        f' width="{float(width):.0f}" height="{float(height):.0f}" alt="{escape(alt)}">'
    )


def write(app):
    """Put the scripts and the pictures where Sphinx looks for static files."""
    folder = Path(app.doctreedir) / "live"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "live.js").write_text(joined(), encoding="utf-8")
    found = [described(name, *parts) for name, parts in networks().items()]
    (folder / "live-networks.js").write_text(
        f"globalThis.windlibNetworks = {json.dumps(found, ensure_ascii=False)};\n",
        encoding="utf-8",
    )
    live_pictures.write(folder, {name: network for name, (network, _) in networks().items()})
    app.config.html_static_path.append(str(folder))


def load(app, name, template, context, doctree):
    """Give the scripts to the pages that have a live figure."""
    if doctree is not None and any(
        "live" in figure["classes"] for figure in doctree.findall(nodes.figure)
    ):
        for file in ("live-networks.js", "live.js"):
            app.add_js_file(file, loading_method="defer")
        app.add_css_file("live/live.css")


def setup(app):
    app.add_directive("live", Live)
    app.connect("builder-inited", write)
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
