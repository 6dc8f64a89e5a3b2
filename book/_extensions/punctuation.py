"""No line begins with what belongs to the end of the line before it.

That is the point or the comma behind a formula, which is no text to a browser, the sign of percent
behind a number, the number of a figure or an equation, the second half of "|w| = 3" or "2 of 16",
and the end of a range in a table; short values there are marked for the style sheet.
"""

import re
from html import escape, unescape

from docutils import nodes

BEFORE, AFTER = re.compile(r"[(\[“]$"), re.compile(r"^[.,;:!?)\]”]+")
TIED = re.compile(
    r"(?<=\d)\s(?=%)|(?<=\bFig\.)\s|(?<=\bFigs\.)\s|(?<=\bEq\.)\s|(?<=\bEqs\.)\s"
    r"|(?<=\b[Cc]hapter)\s(?=\d)|\s(?=[=≤≥≈<>]\s)|(?<=\s[=≤≥≈<>])\s"
    r"|(?<=\d)\s(?=of \d)|(?<=\d of)\s(?=\d)|(?<=\b[Tt]est)\s(?=I+\b|\()|(?<=\bon)\s(?=I+\b)"
)
RANGE = re.compile(r"(?<=\d)–(?=\d)")
TABLE = re.compile('class="(results|numbers|claim)\\b')
BETWEEN = re.compile(r"[\d.,]+ \([−\d.,]+–[−\d.,]+\)")  # on a wide screen
VALUE = re.compile(r"(?=.*\d).{,14}")  # short enough for a phone to show it on one line
RAISED = re.compile("(?<=10)[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")
_CELL = re.compile(r"(<td[^>]*>(?:<strong>)?|>)([^<>]+)(?=<)")
_CODE = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)


def _split(text, pattern):
    """What is next to a formula in the text beside it, and the rest."""
    found = pattern.search(text) if isinstance(text, nodes.Text) else None
    return (found[0], pattern.sub("", text)) if found else ("", text)


def keep_together(app, doctree, name):
    """Put formulas and the punctuation that touches them into spans that do not break."""
    for formula in list(doctree.findall(nodes.math)):
        parent, i = formula.parent, formula.parent.index(formula)
        opening, left = _split(parent[i - 1], BEFORE) if i else ("", None)
        closing, right = _split(parent[i + 1], AFTER) if i + 1 < len(parent) else ("", None)
        if not opening and not closing:
            continue
        parts = [nodes.Text(opening), formula.deepcopy(), nodes.Text(closing)]
        if closing:
            parent[i + 1] = nodes.Text(right)
        parent[i] = nodes.inline("", "", *filter(None, parts), classes=["together"])
        if opening:
            parent[i - 1] = nodes.Text(left)


def _raised(found):
    return f"<sup>{found[0].translate(_PLAIN)}</sup>"


def _cell(found):
    """What a table or a card says at one place, in the book's typography and in one piece."""
    tag, text = found.groups()
    text = unescape(text)
    if tag.startswith("<td") and VALUE.fullmatch(text):
        tag = tag.replace("<td", '<td class="value"', 1)
    elif tag.startswith("<td") and BETWEEN.fullmatch(text):
        tag = tag.replace("<td", '<td class="range"', 1)
    text = RANGE.sub("–\u2060", TIED.sub("\u00a0", re.sub(r"(?<=\w)'", "’", text)))
    text = text.replace("|", "|\u2060").replace("one-sided", "one\u2011sided")
    return tag + RAISED.sub(_raised, escape(text, quote=False))


def tie(app, doctree, name):
    """Spaces that do not break in "99 %" and "Fig. 3", and short values in tables in one piece."""
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, _CODE) and TIED.search(text):
            text.parent.replace(text, nodes.Text(TIED.sub("\u00a0", text)))
    for entry in doctree.findall(nodes.entry):
        for text in list(entry.findall(nodes.Text)):
            if not isinstance(text.parent, _CODE) and RANGE.search(text):
                text.parent.replace(text, nodes.Text(RANGE.sub("–\u2060", text)))
        if VALUE.fullmatch(entry.astext()) and isinstance(entry.parent.parent, nodes.tbody):
            entry["classes"].append("value")
    for html in doctree.findall(nodes.raw):
        if TABLE.search(html.astext()):
            html[:] = [nodes.Text(_CELL.sub(_cell, html.astext()))]


def setup(app):
    app.connect("doctree-resolved", keep_together)
    app.connect("doctree-resolved", tie)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
