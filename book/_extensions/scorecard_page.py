"""The scorecard's page: one section a claim, from `book/scorecard.json`.

The page `book/scorecard.md` says where: ``% CLAIMS`` becomes the filter and the claims. What
``scorecard.show`` left in a chapter becomes the same cards.
"""

import json
import math
import re
from collections import Counter
from html import escape
from itertools import groupby
from pathlib import Path

from drawings import outputs
from sphinx.errors import ExtensionError

PAGE, MARK, KEY = "book/scorecard", "% CLAIMS", "% KEY"
SHOWN = "| claim | verdict |"  # how a table of scorecard.show begins
VERDICTS = ("reproduced", "seed-dependent", "not reproduced")
#: What is counted apart, and how tables call it.
KINDS = {
    "result": "the papers’ results, by their recipes as printed",
    "ours": "in other settings, or by recipes of ours",
    "bookkeeping": "definitions, sizes, numbers of weights",
}
_LOWEST = (0, 50, 90, 95, 99)  # where a picture's scale may begin, in percent
_MOST = 4  # columns that a phone has room for
_LINE = 24  # height of one line of a picture
_BRIEF = {
    "chosen run": "chosen",
    "by medians": "by medians",
    "majority baseline": "majority",
}
_ONE_SIDED = re.compile(r"One-sided seeds are right on one sign[^.]*\. ?")
_MARKS = {
    "the paper’s number": '<path class="paper" d="M10 1v18"/>',
    "chosen run": '<circle class="chosen" cx="10" cy="10" r="5"/>',
    "median": '<circle class="median" cx="10" cy="10" r="6"/>',
    "lowest to highest seed": '<path class="seeds" d="M1 10h18"/>',
}


def _number(value):
    digits = ",.0f" if abs(value) >= 1e4 else ",.4g"
    return "–" if value != value else f"{value:{digits}}".replace("-", "−")


def _numbers(values):
    return [escape(values)] if isinstance(values, str) else [_number(v) for v in values]


def _column(values):
    """One column of ours, all numbers with as many decimals, which the largest one decides."""
    known = [value for value in values if value == value]
    largest = max(map(abs, known), default=0)
    if all(value == round(value) for value in known):
        return [_number(value) for value in values]
    if largest < 1e-4:  # a power of ten, as claims have it that differences are bounded by
        return [re.sub("1e−0*([0-9]+)", r"10<sup>−\1</sup>", _number(value)) for value in values]
    decimals = 2 if largest >= 1 else 2 - math.floor(math.log10(largest))
    rounded = [round(value, decimals) + 0.0 for value in values]  # no zero has a sign
    texts = [f"{v:.{decimals}f}".replace("-", "−") if v == v else "–" for v in rounded]
    small = f"&lt; {10**-decimals:.{decimals}f}"  # and what is not 0 is not said to be
    return [
        small if value > 0 and short == 0 else text
        for value, short, text in zip(values, rounded, texts, strict=True)
    ]


def _strength(value):
    """A strength of a penalty as the chapters write it: 3·10⁻⁴."""
    digits, exponent = f"{value:.2e}".split("e")
    digits, power = digits.rstrip("0").rstrip("."), f"10<sup>{int(exponent)}</sup>"
    power = power.replace("-", "−")
    return "0" if value == 0 else power if digits == "1" else f"{digits}·{power}"


def _slug(verdict):
    return verdict.replace(" ", "-")


def counts(rows):
    """How many claims of each kind have each verdict, as lines of words and numbers."""
    found = Counter((row["kind"], row["verdict"]) for row in rows)
    return [(name, *(found[kind, v] for v in VERDICTS)) for kind, name in KINDS.items()]


def has_picture(row):
    """Whether a row has accuracies of several seeds to draw beside the paper's."""
    if isinstance(row["paper"], str) or len(row["paper"]) != len(row["chosen"]):
        return False
    return row["seeds"] > 1 and all(
        0 <= v <= 100 for v in [*row["paper"], *row["min"], *row["max"]]
    )


def key():
    """HTML of what the marks in the pictures mean."""
    marks = ",\n".join(
        f'<span><svg viewBox="0 0 20 20" aria-hidden="true">{mark}</svg> {name}</span>'
        for name, mark in _MARKS.items()
    )
    return (
        f'<p class="key">In the pictures: {marks}.\nEach scale begins where its numbers allow.</p>'
    )


def picture(row, paper):
    """A line from the lowest to the highest seed, marks on it, and a bar at the paper's number."""
    names = row.get("columns") or [""] * len(row["chosen"])
    low = max(b for b in _LOWEST if b <= min([*row["paper"], *row["min"]]))
    left, bottom = 12 + 7 * max(map(len, names)), _LINE * len(names)
    scale = (310 - left) / (100 - low)
    parts, words = [], []
    lines = zip(names, *(row[k] for k in ("paper", "chosen", "median", "min", "max")), strict=True)
    for i, (name, *values) in enumerate(lines):
        published, chosen, median, least, most = (left + scale * (v - low) for v in values)
        y = _LINE * (i + 0.5)
        parts += [
            f'<text x="0" y="{y + 4}">{escape(name)}</text>',
            f'<path class="track" d="M{left} {y}H310"/>',
            f'<path class="seeds" d="M{least:.1f} {y}H{most:.1f}"/>',
            f'<path class="paper" d="M{published:.1f} {y - 9}v18"/>',
            f'<circle class="median" cx="{median:.1f}" cy="{y}" r="4.5"/>',
            f'<circle class="chosen" cx="{chosen:.1f}" cy="{y}" r="3.5"/>',
        ]
        published, chosen, median, least, most = map(_number, values)
        words.append(
            f"{name + ': ' if name else ''}{paper} {published}; ours {chosen} chosen, "
            f"{median} median, {least} to {most} over all seeds"
        )
    for value in (low, 100):
        x, anchor = left + scale * (value - low), "start" if value == low else "end"
        parts.append(f'<text x="{x}" y="{bottom + 14}" text-anchor="{anchor}">{value} %</text>')
    said = escape("Accuracies in percent. " + ". ".join(words) + ".")
    box = f'viewBox="0 0 320 {bottom + 18}"'
    return f'<svg class="spread" role="img" aria-label="{said}" {box}>{"".join(parts)}</svg>'


def _ours(row):
    """What our number is: the only one, the chosen run's, or judged from all seeds' medians."""
    if row["seeds"] <= 1:
        return "ours"
    return "by medians" if "medians" in (row.get("selection") or "") else "chosen run"


def _table(row, paper):
    """The paper's numbers and ours: a line for each, or a column where a line would be long."""
    columns = row.get("columns") or [""] * len(row["chosen"])
    lines = [(paper, row["paper"]), (_ours(row), row["chosen"])]
    if row["seeds"] > 1:
        lines.append((f"median of {row['seeds']}", row["median"]))
        lines += [("lowest seed", row["min"]), ("highest seed", row["max"])]
    if row.get("baseline"):
        lines.append(("majority baseline", row["baseline"]))
    names = [name for name, _ in lines]
    ours = zip(*(values for _, values in lines[1:]), strict=True)
    ours = [
        [*map(_strength, values)] if name == "λ" else _column(values)
        for name, values in zip(columns, ours, strict=True)
    ]
    ours = zip(*ours, strict=True)
    body = [_numbers(row["paper"]), *map(list, ours)]
    above = ""
    if len(columns) > _MOST:
        if isinstance(row["paper"], str):  # words are said once, and not beside every number
            (said,), *body = body
            _, *names = names
            above = f'<tr><th scope="row">{paper}</th><td colspan="{len(body)}">{said}</td></tr>'
        short = [values * len(columns) if len(values) == 1 else values for values in body]
        brief = [_BRIEF.get(name, name.split(" of ")[0]) for name in names]
        columns, names, body = brief, columns, [*zip(*short, strict=True)]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    html = f"<thead><tr><td></td>{head}</tr></thead>{above}" if any(columns) else above
    for name, values in zip(names, body, strict=True):
        span = f' colspan="{len(columns)}"' if len(values) < len(columns) else ""
        cells = "".join(f"<td{span}>{value}</td>" for value in values)
        html += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    return f'<table class="numbers">{html}</table>'


def _setting(what, before):
    """Of a claim's words in another setting: what is in brackets, where all else is the same."""
    same, bracket, setting = what.removesuffix(")").rpartition(" (")
    inside = bracket and ")" not in setting and before.startswith(same)
    return setting if inside else what


def _elsewhere(row, rows, place):
    """Where a result that was not reproduced does hold, by its own rule: its other settings."""
    if row["kind"] != "result" or row["verdict"] == "reproduced":
        return ""
    settings = [
        f'<a href="{place}#{anchor(other)}">{escape(_setting(other["what"], row["what"]))}</a> '
        f"({other['reaching']} of {other['seeds']} seeds)"
        for other in rows
        if other["id"].startswith(f"{row['id']}.") and other["reaching"]
    ]
    return (
        f'<p class="why">Other settings in which it holds: {"; ".join(settings)}.</p>\n'
        if settings
        else ""
    )


def card(row, rows, place=""):
    """HTML of one claim: verdict, what is claimed, the seeds' picture, the numbers, remarks.

    `place` is the address of the scorecard's page, seen from a chapter, which names the claim.
    """
    link = f'<a href="{place}#{anchor(row)}">{row["id"]}</a>: ' if place else ""
    paper, verdict, kind = row["id"].split(".")[0], row["verdict"], row["kind"]
    called = "our setting" if kind == "ours" else kind
    apart = "" if kind == "result" else f'<span class="kind">{called}</span> '
    why = row.get("why", "")
    if 0 < row["holding"] < row["seeds"]:
        why += f" Judged by {row['selection']}."
    drawn = has_picture(row)
    beside = " beside" if drawn and len(row["chosen"]) <= _MOST else ""
    return f"""<div class="claim verdict-{_slug(verdict)}{beside}">
<p><span class="verdict">{verdict}</span> {apart}{link}{escape(row["what"])}</p>
{picture(row, paper) if drawn else ""}<div class="scroll">{_table(row, paper)}</div>
<p class="why">{escape(why)}</p>
{_elsewhere(row, rows, place)}</div>"""


def anchor(row):
    """Name of a claim's place on the scorecard's page."""
    return "claim-" + row["id"].lower().replace(".", "-")


def told_once(row, told):
    """The row, without the sentence on one-sided seeds if a card in `told` has said it."""
    if not _ONE_SIDED.search(row["why"]):
        return row
    if told:
        return row | {"why": _ONE_SIDED.sub("", row["why"]).strip()}
    told.append(row["id"])
    return row


def claim(row, rows):
    """Markdown of one claim, under a heading that is its id."""
    links = []
    if row.get("page"):
        links.append(f"{{doc}}`../{row['page']}`")
    if row.get("figure"):
        links.append(f"{{numref}}`{row['figure']}`")
    return f"""
(claim-{row["id"]})=
### {row["id"]}

{card(row, rows)}

{", ".join(links)}
"""


def _counted(rows):
    head = "".join(f'<th scope="col">{v}</th>' for v in VERDICTS)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{n}</td>" for n in numbers)}</tr>'
        for name, *numbers in counts(rows)
    )
    return (
        f'<table class="table counts"><thead><tr><th scope="col">claims</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _filter(rows):
    counts = Counter(row["verdict"] for row in rows)
    choices = [("all", "all", len(rows)), *((_slug(v), v, counts[v]) for v in VERDICTS)]
    radios = "".join(
        f'<label><input type="radio" name="verdict" id="show-{slug}"'
        f"{' checked' if slug == 'all' else '' if n else ' disabled'}> {name} ({n})</label>"
        for slug, name, n in choices
    )
    return f'<fieldset class="filter"><legend>Show the claims that are</legend>{radios}</fieldset>'


def _group(row):
    path = Path(__file__).parents[2] / f"{row['page']}.ipynb"
    title = json.loads(path.read_text())["cells"][0]["source"][0].removeprefix("# ").strip()
    return f"{row['id'].split('.')[0]}: {title}"


def markdown(rows):
    """Markdown of the counts, the filter and all claims, chapter by chapter."""
    text = f"{_counted(rows)}\n\n{_filter(rows)}"
    for title, group in groupby(rows, _group):
        text += f"\n\n## {title}\n" + "".join(claim(row, rows) for row in group)
    return text


def write_claims(app, name, source):
    """Put the claims where the page has its mark, and cards where a chapter shows claims."""
    chapter = app.env.doc2path(name).endswith(".ipynb") and SHOWN in source[0]
    if name != PAGE and not chapter:
        return
    path = Path(app.srcdir) / "book" / "scorecard.json"
    if not path.exists():
        raise ExtensionError(f"{path} is missing: run 'make book', which makes it first")
    app.env.note_dependency(str(path))
    rows = json.loads(path.read_text())
    if not chapter:
        source[0] = source[0].replace(MARK, markdown(rows)).replace(KEY, key())
        return
    by_id = {row["id"]: row for row in rows}
    keys, told = [key()], []  # which a chapter needs once

    def cards(_, data):
        text = "".join(data.get("text/markdown", ""))
        if text.startswith(SHOWN):
            ids = re.findall(r"^\| (P[12]\.[^:]+): ", text, re.MULTILINE)
            lines = [told_once(by_id[id], told) for id in ids]
            shown = [card(line, rows, f"../{PAGE}.html") for line in lines]
            if any(has_picture(by_id[id]) for id in ids) and keys:
                shown.append(keys.pop())
            data["text/html"] = "".join(shown)
            del data["text/markdown"]

    outputs(source, cards)


def setup(app):
    app.connect("source-read", write_claims)
    return {"parallel_read_safe": True}
