"""A chapter's main figure stands at its top, whichever cell draws it.

In the notebook the cell tagged ``main-figure`` stays where the story needs it, and so does its
folded code on the page; its output moves up, behind the first cell.
"""

import json
from copy import deepcopy

TAG = "main-figure"


def move(app, page, source):
    """Show the output of the tagged cell behind the first one."""
    if not app.env.doc2path(page).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        if TAG in tags:
            above = deepcopy(cell) | {"id": f"{cell['id']}-above"}
            above["metadata"]["tags"] = ["remove-input"]
            tags.append("remove-output")
            notebook["cells"].insert(1, above)
            source[0] = json.dumps(notebook, ensure_ascii=False)
            return


def setup(app):
    app.connect("source-read", move)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
