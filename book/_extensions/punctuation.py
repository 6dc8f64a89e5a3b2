"""No line begins with what belongs to the end of the line before it.

A browser may break a line on either side of a formula, which is no text to it, and at a space:
before the point or comma behind a formula, before a per cent sign, before a figure's number.
"""

import re

from docutils import nodes

BEFORE, AFTER = re.compile(r"[(\[]$"), re.compile(r"^[.,;:!?)\]]+")
INSIDE = re.compile(r"(?<=\d) (?=%)|(?<=\bFig\.) (?=\d)|(?<=\bEq\.) (?=\d)")
AS_IT_IS = nodes.literal | nodes.FixedTextElement | nodes.math  # code, raw HTML, formulas


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


def keep_numbers(app, doctree, name):
    """Put a space that does not break into "97 %", "Fig. 2" and "Eq. 3"."""
    for text in list(doctree.findall(nodes.Text)):
        if INSIDE.search(text) and not isinstance(text.parent, AS_IT_IS):
            text.parent.replace(text, nodes.Text(INSIDE.sub("\u00a0", text)))


def setup(app):
    app.connect("doctree-resolved", keep_together)
    app.connect("doctree-resolved", keep_numbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
