"""The folded code of an exercise's solution is called so, and no "code cell content"."""

import json
import re


def name_code(app, name, source):
    """Say on each folded cell behind a solution which solution it belongs to."""
    if not app.env.doc2path(name).endswith(".ipynb"):
        return
    notebook, solved = json.loads(source[0]), []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            solved = re.findall(r"\{admonition\} Solution (\d+)", "".join(cell["source"]))
        elif solved and "hide-cell" in cell["metadata"].get("tags", []):
            prompts = {
                f"code_prompt_{verb.lower()}": f"{verb} the code of solution {solved[-1]}"
                for verb in ("Show", "Hide")
            }
            cell["metadata"].setdefault("mystnb", {}).update(prompts)
    source[0] = json.dumps(notebook, ensure_ascii=False)


def setup(app):
    app.connect("source-read", name_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
