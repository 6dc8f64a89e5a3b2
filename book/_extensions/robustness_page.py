"""The tables of the page on how the book is tested, from the records in `book/soak/`.

A line ``% RECORD name`` of `book/robustness.md` becomes the tables of ``name.json``, which
``python -m soak name`` wrote:

    {"date": "2026-11-25", "command": "python -m soak truth", "machine": "2 x86-64 cores …",
     "versions": {"Python": "3.11.7", …},
     "tables": [{"caption": "A sentence.", "columns": ["check", "cases", "failures", "remark"],
                 "rows": [["`winding_number`, any array", 100000, 0, ""], …]}, …]}

A cell is Markdown, a number, or null where there is none. A row has as many cells as there are
columns.
"""

from records import fill, marks, measured, number, table
from sphinx.errors import ExtensionError

PAGE = "book/robustness"
MARK = marks("RECORD")


def _cell(value):
    if value is None:
        return "–"
    if isinstance(value, str):
        return value.replace("|", r"\|")
    return f"{value:,}" if isinstance(value, int) else number(value)


def markdown(name, found):
    """Tables of one record, and where they come from."""
    keys = {"date", "command", "machine", "versions", "tables"}
    if set(found) != keys:
        raise ExtensionError(f"{name}.json has {sorted(found)}, expected {sorted(keys)}")
    text = []
    for one in found["tables"]:
        if not one["rows"]:  # nothing of it has run
            continue
        if any(len(row) != len(one["columns"]) for row in one["rows"]):
            raise ExtensionError(f"{name}.json: a row of {one['caption']!r} has not all columns")
        text.append(table(one["caption"], one["columns"], [map(_cell, row) for row in one["rows"]]))
    return "\n".join([*text, measured(found)])


def setup(app):
    app.connect("source-read", fill(PAGE, "book/soak", MARK, markdown, "make soak"))
    return {"parallel_read_safe": True}
