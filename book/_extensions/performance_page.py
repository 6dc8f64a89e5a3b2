"""The tables of the performance page, from what the benchmarks wrote to `book/performance/`.

A line ``% BENCHMARK name`` of `book/performance.md` becomes the tables of that benchmark, under
them the command, the date and the machine.
"""

import re
from itertools import count

from records import fill, marks, measured, number, table

PAGE = "book/performance"
MARK = marks("BENCHMARK")


def span(values):
    """Median, and from the smallest to the largest."""
    median, least, most = map(number, values)
    return f"{median} ({least}–{most})"


AIMS = {
    "JAX, by hand": 1 / 1.15,
    "PyTorch, eager": 15,
    "Keras fit, best settings": 6,
    "Keras fit, as it comes": 15,
}


def _training(found):
    networks = found["networks"]
    yield _summary(networks)
    yield "::::{dropdown} In seconds, with the whole training and all ranges, network by network\n"
    for network in networks:
        yield table(
            f"{network['network']}: {network['samples']:,} curves, batch {network['batch']}; "
            f"the whole training has {network['epochs']} epochs, compilation included. "
            "Medians, and in parentheses the smallest and the largest of all rounds.",
            ["", "seconds per epoch", "times ours", "whole training, times ours"],
            [
                [r["name"], span(r["seconds"]), span(r["ratio"]), span(r["total ratio"])]
                for r in network["rows"]
            ],
        )
    yield "::::\n"
    yield _aims(networks)


def _summary(networks):
    """Epochs against ours, one number for each contestant and network."""
    ratios = [{r["name"]: r["ratio"][0] for r in network["rows"]} for network in networks]
    return table(
        "Time of an epoch, times ours: medians.",
        ["", *(network["network"] for network in networks)],
        [
            [
                name.removesuffix(".training.fit"),  # a phone has no room for it
                *(number(known[name]) if name in known else "–" for known in ratios),
            ]
            for name in ratios[0]
        ],
    )


def _aims(networks):
    """What we aimed at, epoch by epoch, and on how many networks the medians meet it."""
    rows = []
    for name, least in AIMS.items():
        ratios = [r["ratio"][0] for n in networks for r in n["rows"] if r["name"] == name]
        met = sum(ratio >= least for ratio in ratios)
        rows.append([name, number(least), f"{met} of {len(ratios)} networks"])
    return table(
        "What we aimed at: at least so many times our time for an epoch.",
        ["", "times ours, at least", "reached in the median by"],
        rows,
    )


def _epoch(found):
    networks = found["networks"]
    rows = [
        [row["name"], *(span(n["rows"][i]["ratio"]) for n in networks)]
        for i, row in enumerate(networks[0]["rows"])
    ]
    compiled = [number(n["compiled"]) for n in networks]
    yield table(
        "Time of an epoch without one of the parts, over that with all of them. The last line: "
        "for how many epochs the first one, which compiles the program, lasts.",
        ["without", *(n["network"] for n in networks)],
        [*rows, ["the first epoch lasts", *compiled]],
    )


def _against(caption, rows):
    head = ["", "seconds", "times ours"]
    return table(caption, head, [[r["name"], span(r["seconds"]), span(r["ratio"])] for r in rows])


def _sampling(found):
    for task in found["tasks"]:
        yield _against(f"{task['task'][0].upper()}{task['task'][1:]}.", task["rows"])


def _determinants(found):
    yield _against("A thousand rings of 89 sites at 33 fluxes.", found["rows"])
    rows = [[f"{int(sites):,}", span(s)] for sites, s in found["sites"].items()]
    yield table(
        f"A thousand rings of more sites; the time grows as the power {found['exponent']:.2f}.",
        ["sites", "seconds"],
        rows,
    )


def _grown(studies):
    """One table of times against sizes of several kinds, "links, seconds per epoch" say."""
    rows, measures = [], []
    for study in studies:
        what, comma, unit = study["study"].partition(", ")
        measures.append(f"with the {what}{comma}{unit}")
        power = f"{study['exponent']:.2f}".replace("-", "−")
        for size, seconds in study["sizes"].items():
            rows.append([f"{what}: {int(size):,}", span(seconds), power])
            power = ""  # once for all sizes
    return table(
        f"How the time grows: {'; '.join(measures)}. The last column has the power of a power law.",
        ["", "seconds", "power"],
        rows,
    )


def _scaling(found):
    yield _grown(found["studies"])
    limit = found["limit"]
    yield (
        f"An epoch of P1's convolutional network at L = 32 on 100,000 samples is "
        f"{limit['operations'] / 1e9:.1f} · 10⁹ operations. In a product of large matrices one "
        f"core does {limit['peak'][0] / 1e9:.0f} · 10⁹ of them a second; in the same run the epoch "
        f"took {span(limit['ratio'])} times as long as at that speed.\n"
    )


def _bloch(found):
    yield _against("Ten thousand random chains of four bands.", found["rows"])
    yield _grown(found["studies"])
    scan = found["scan"]
    yield table(
        "A scan over two parameters; memory is the largest resident size of the process that "
        "scans, and of the largest of those that help it.",
        ["points", "undecided", "seconds", "MB", "MB of one that helps"],
        [
            [f"{scan['points']:,}", f"{scan['undecided']:,}", number(scan["seconds"])]
            + [f"{peak:,.0f}" for peak in scan["peak"]]
        ],
    )


def _many(found):
    rows = [
        [r["where"], f"{r['runs']:,}", number(r["seconds"]), number(r["rate"])]
        + [f"{r['peak'][name]:,.0f}" if name in r["peak"] else "–" for name in found["processes"]]
        for r in found["rows"]
    ]
    head = ["where", "runs", "seconds", "runs a second"]
    head += [f"{name}, MB" for name in found["processes"]]
    yield table("Tiny runs; memory is the largest resident size that was seen.", head, rows)


def time(seconds):
    """In words: "4 min 50 s"."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s".removesuffix(" 0 s") if minutes else f"{seconds} s"


def _book(found):
    yield table(
        "What the book's commands take, each measured once, and what we aimed at.",
        ["", "measured", "aim", "on"],
        [
            [r["what"], time(r["seconds"]), time(r["aim"]) if r["aim"] else "", r["date"]]
            for r in found["rows"]
        ],
    )


TABLES = {
    "training": _training,
    "epoch": _epoch,
    "sampling": _sampling,
    "determinants": _determinants,
    "scaling": _scaling,
    "many": _many,
    "bloch": _bloch,
    "book": _book,
}


def markdown(name, found):
    """Tables of one benchmark, named "table-sampling-1" and so on, and where they come from."""
    numbers = count(1)
    text = "\n".join([*TABLES[name](found), measured(found)])
    return re.sub(
        r"^:::\{table\} .*$",
        lambda head: f"{head[0]}\n:name: table-{name}-{next(numbers)}",
        text,
        flags=re.MULTILINE,
    )


def setup(app):
    app.connect("source-read", fill(PAGE, PAGE, MARK, markdown, "make bench"))
    return {"parallel_read_safe": True}
