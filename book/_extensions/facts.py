"""Measured numbers for sentences, by name, from what the benchmarks wrote.

On a page ``{{ name }}`` stands for the number (MyST's substitutions). `readme.py` puts the same
ones into the README.
"""

import json
from pathlib import Path

#: The contestants of the training benchmark, by the names that sentences use.
RIVALS = {
    "jax": "JAX, by hand",
    "jax_plain": "JAX, by hand, without YNNPACK",
    "ynnpack": "the same, with YNNPACK",
    "compiled": "PyTorch, torch.compile",
    "pytorch": "PyTorch, eager",
    "keras": "Keras fit, as it comes",
    "keras_best": "Keras fit, best settings",
}
MISSING = "(not measured)"  # a rival that was not installed
FIRST = "P1, convolutional"


def short(value):
    """Two digits below ten, whole numbers above."""
    return f"{value:,.0f}" if value >= 9.5 else f"{value:.1f}"


def span(values):
    """From the smallest to the largest: "17 to 43"."""
    least, most = short(min(values)), short(max(values))
    return least if least == most else f"{least} to {most}"


def about(values):
    """A median, and the range over the rounds: "80 (55 to 88)"."""
    median, least, most = values
    return f"{short(median)} ({short(least)} to {short(most)})"


def _turned(values):
    """Ours over theirs, of theirs over ours."""
    median, least, most = values
    return 1 / median, 1 / most, 1 / least


def _training(found):
    networks = {n["network"]: {r["name"]: r for r in n["rows"]} for n in found["networks"]}
    ends = ("", "_whole", "_at_least", "_whole_at_least", "_first", "_convolutional")
    facts = {f"{name}{end}": MISSING for name in RIVALS for end in ends}
    facts |= {f"to_jax{end}": MISSING for end in ("", "_at_most", "_whole", "_first", "_others")}
    for name, row in RIVALS.items():
        theirs = {n: rows[row] for n, rows in networks.items() if row in rows}
        if len(theirs) < len(networks):
            continue
        for kind, key in (("", "ratio"), ("_whole", "total ratio")):
            facts[f"{name}{kind}"] = span([r[key][0] for r in theirs.values()])
            facts[f"{name}{kind}_at_least"] = short(min(r[key][1] for r in theirs.values()))
        facts[f"{name}_first"] = about(theirs[FIRST]["ratio"])
        convolutional = [r["ratio"][0] for n, r in theirs.items() if "fully" not in n]
        facts[f"{name}_convolutional"] = span(convolutional)
        if name == "jax":
            ours = {n: _turned(r["ratio"]) for n, r in theirs.items()}
            whole = [1 / r["total ratio"][0] for r in theirs.values()]
            facts["to_jax"] = span([median for median, *_ in ours.values()])
            facts["to_jax_at_most"] = f"{max(most for *_, most in ours.values()):.2f}"
            facts["to_jax_whole"] = span(whole)
            facts["to_jax_first"] = about(ours[FIRST])
            facts["to_jax_others"] = span([m for n, (m, *_) in ours.items() if n != FIRST])
    full = networks["P1, fully connected"]["windlib.training.fit"]["seconds"][0]
    facts["fully_connected_ms"] = f"{1000 * full:.0f}"
    return facts | {"training_date": found["date"]}


def _sampling(found):
    tasks = {t["task"]: {r["name"]: r for r in t["rows"]} for t in found["tasks"]}
    four = next(rows for task, rows in tasks.items() if "|w| = 4" in task)
    million = next(rows for task, rows in tasks.items() if task.startswith("a million chains"))
    alone = million["their random numbers alone"]["seconds"][0]
    return {
        "rejection": about(four["plain NumPy"]["ratio"]),
        "rejection_median": short(four["plain NumPy"]["ratio"][0]),
        "rejection_uncertain": f"{100 / found['found'] ** 0.5:.0f}",
        "rejection_draws": f"{found['draws'] / 1e6:.0f}",
        "random_share": f"{100 * alone / million['plain NumPy']['seconds'][0]:.0f}",
        "million": about(million["plain NumPy"]["ratio"]),
    }


def _determinants(found):
    rows = {r["name"]: r for r in found["rows"]}
    return {
        "lu": about(rows["numpy.linalg.slogdet"]["ratio"]),
        "rings_power": f"{found['exponent']:.2f}",
    }


def _scaling(found):
    links, samples, processes = found["studies"]
    one, two = (seconds[0] for seconds in processes["sizes"].values())
    return {
        "links_power": f"{links['exponent']:.2f}",
        "samples_power": f"{samples['exponent']:.2f}",
        "two_processes": f"{two / one:.2f}",
        "arithmetic": about(found["limit"]["ratio"]),
    }


def _many(found):
    few, *_, many = (row for row in found["rows"] if "scheduler" in row["peak"])
    grown = {name: many["peak"][name] - few["peak"][name] for name in few["peak"]}
    return {
        "rate_change": f"{100 * abs(many['rate'] / few['rate'] - 1):.0f}",
        "scheduler_grows": f"{grown['scheduler']:.0f}",
        "caller_grows": f"{grown['caller']:.0f}",
        "few_runs": f"{few['runs']:,}",
        "many_runs": f"{many['runs']:,}",
    }


READERS = {
    "training": _training,
    "sampling": _sampling,
    "determinants": _determinants,
    "scaling": _scaling,
    "many": _many,
}


def facts(folder):
    """All numbers by name, of the records in a folder."""
    named = {}
    for name, read in READERS.items():
        path = Path(folder) / f"{name}.json"
        named |= read(json.loads(path.read_text(encoding="utf-8")))
    return named


def setup(app):
    app.connect(
        "config-inited",
        lambda app, config: config.myst_substitutions.update(
            facts(Path(app.srcdir) / "book" / "performance")
        ),
        priority=400,
    )
    return {"parallel_read_safe": True}
