"""A chapter links each term of the glossary where it uses it first.

A ``{term}`` role is needed only where a term is written in a form that is not found here, which
knows the plural. Titles, captions, tables and outputs stay as they are.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

#: Where one of the terms is an everyday word: there a role says that the term is meant.
EVERYDAY = ("good", "blind", "recall", "gain and loss", "gain or loss")
_NO_PROSE = (
    nodes.caption,
    nodes.figure,
    nodes.footnote,
    nodes.literal,
    nodes.math,
    nodes.raw,
    nodes.reference,
    nodes.table,
    addnodes.pending_xref,
)


def _written(term):
    """A pattern of a term or its plural, on one line or two."""
    words = r"\s+".join(map(re.escape, term.split()))
    return re.sub("y$", "(?:y|ie)", words) + "(?:e?s)?"


def in_prose(node):
    """Whether a node stands in a paragraph, and in nothing there that has a form of its own."""
    above = []
    while (node := node.parent) is not None:
        above.append(node)
    outputs = any("cell_output" in node.get("classes", ()) for node in above)
    paragraph = any(isinstance(node, nodes.paragraph) for node in above)
    return paragraph and not outputs and not any(isinstance(node, _NO_PROSE) for node in above)


class FirstUses(SphinxPostTransform):
    """Turn the first use of each term into what its role would have given."""

    default_priority = 5  # before references are resolved

    def run(self, **kwargs):
        objects = self.env.get_domain("std").get_objects()
        terms = {name for name, _, kind, *_ in objects if kind == "term"}.difference(EVERYDAY)
        terms = sorted(terms, key=lambda term: (-len(term), term))
        patterns = [*(f"({_written(term)})" for term in terms), *map(_written, EVERYDAY)]
        pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])", re.IGNORECASE)
        pages = self.document.findall(addnodes.start_of_file)  # those of the book on one page
        for page in list(pages) or [self.document]:
            if page.get("docname", self.env.docname).startswith("notebooks/"):
                self.link_first_uses(page, terms, pattern)

    def link_first_uses(self, page, terms, pattern):
        linked = set()
        for node in list(page.findall()):
            if not in_prose(node):
                continue
            if isinstance(node, addnodes.pending_xref) and node["reftype"] == "term":
                linked.add(node["reftarget"].lower())
            elif isinstance(node, nodes.Text):
                parts, end = [], 0
                for found in pattern.finditer(node):
                    term = found.lastindex and terms[found.lastindex - 1]
                    if not term or term.lower() in linked:
                        continue
                    linked.add(term.lower())
                    parts += [nodes.Text(node[end : found.start()]), self.link(term, found[0])]
                    end = found.end()
                if parts:
                    node.parent.replace(node, [*parts, nodes.Text(node[end:])])

    def link(self, term, text):
        """The reference that a role makes."""
        words = nodes.inline("", text, classes=["xref", "std", "std-term"])
        return addnodes.pending_xref(
            "",
            words,
            refdomain="std",
            reftype="term",
            reftarget=term,
            refdoc=self.env.docname,
            refexplicit=True,
            refwarn=True,
        )


def setup(app):
    app.add_post_transform(FirstUses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
