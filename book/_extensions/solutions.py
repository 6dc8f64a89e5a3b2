"""Folded code behind a solution says to which one it belongs."""

import json
import re

SOLUTION = re.compile(r"\{admonition\} Solution (\d+)")
DO = ("Show", "Hide")  # what a bar offers


def name(app, page, source):
    """Give the folded cells that follow a solution its number, on the bar that opens them."""
    if not app.env.doc2path(page).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    solution = None
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            found = SOLUTION.findall("".join(cell["source"]))
            solution = found[-1] if found else None
        elif solution and "hide-cell" in cell["metadata"].get("tags", []):
            words = {f"code_prompt_{do.lower()}": f"{do} code of solution {solution}" for do in DO}
            cell["metadata"].setdefault("mystnb", {}).update(words)
    source[0] = json.dumps(notebook, ensure_ascii=False)


def setup(app):
    app.connect("source-read", name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
