"""A chapter between two others has a number of its own: the page ``02b_variations`` is 2b.

In `_toc.yml` such a page stands below the chapter that it follows, and Sphinx would number it as
one of that chapter's sections: 2.15. Its figures and equations count from 1 too.
"""

import re

from docutils import nodes
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

PAGE = re.compile(r"/0*(\d+[a-z])_\w+$")


def renumber(env):
    """Put a page's own number in place of the first numbers of all its sections."""
    for name, sections in env.toc_secnumbers.items():
        found, title = PAGE.search(name), sections.get("")
        if not found or not title:
            continue
        env.toc_secnumbers[name] = {
            anchor: number and (found[1], *number[len(title) :])
            for anchor, number in sections.items()
        }
        for node in (env.titles[name], *env.tocs[name].findall(nodes.reference)):
            number = node.get("secnumber")
            if number:
                node["secnumber"] = [found[1], *number[len(title) :]]


def number_after_sphinx(app):
    """Sections are numbered before figures; the numbers are changed in between."""
    count = TocTreeCollectorWithStyles.assign_section_numbers
    if getattr(count, "with_letters", False):
        return

    def assign_section_numbers(self, env):
        changed = count(self, env)
        renumber(env)
        return changed

    assign_section_numbers.with_letters = True
    TocTreeCollectorWithStyles.assign_section_numbers = assign_section_numbers


def setup(app):
    app.connect("builder-inited", number_after_sphinx)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
