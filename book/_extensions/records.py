"""Tables of a page, from JSON files in a folder of its own: what the pages of records share.

A record says what was found, and by which command, when and on which machine.
"""

import json
import re
from pathlib import Path

from sphinx.errors import ExtensionError


def number(value):
    """Three digits, and no zeros that were not measured."""
    if value >= 999.5:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".") if value >= 1e-3 else f"{1e6 * value:.3g} × 10⁻⁶"


_LONG = 60  # letters, of a cell that no screen has room for on one line
_NAME = 30  # letters, of a first cell that stays on one


def table(caption, head, rows):
    """A Markdown table with a caption; lines of code in it may break anywhere."""
    rows = [list(row) for row in rows]
    option = [":class: long"] if any(len(cell) > _LONG for row in rows for cell in row) else []
    if option and all(len(row[0]) <= _NAME for row in rows):
        option = [":class: long named"]
    text = ["|".join(["", *(f" {cell} " for cell in row), ""]) for row in (head, *rows)]
    text.insert(1, "|---" * len(head) + "|")
    return "\n".join([f":::{{table}} {caption}", *option, "", *text, ":::", ""])


def measured(found):
    """Where a record comes from, in a line."""
    versions = ", ".join(f"{library} {number}" for library, number in found["versions"].items())
    return (
        f"*Measured on {found['date']} by `{found['command']}` on {found['machine']}, "
        f"with {versions}.*"
    )


def marks(word):
    """Pattern of the lines that become tables: a per cent sign, a word, the record's name."""
    return re.compile(rf"^% {word} (\w+)$", re.MULTILINE)


def fill(page, folder, mark, markdown, command):
    """Handler of Sphinx' "source-read" that puts the tables where a page has its marks.

    Parameters
    ----------
    page, folder : str
        The page, and where its records are.
    mark : re.Pattern
        One of `marks`.
    markdown : callable
        Takes a record's name and content, and returns the tables.
    command : str
        What writes the records.
    """

    def write_tables(app, name, source):
        def tables(found):
            path = Path(app.srcdir) / folder / f"{found[1]}.json"
            if not path.exists():
                raise ExtensionError(f"{path} is missing: '{command}' writes it")
            app.env.note_dependency(str(path))
            return markdown(found[1], json.loads(path.read_text(encoding="utf-8")))

        if name == page:
            source[0] = mark.sub(tables, source[0])

    return write_tables
