"""How windlib's docstrings read on the API pages.

They are written for ``help()``: |w| is a modulus there and not a substitution, and a name in
single backticks is an argument or another function, of this module or of one above it.
"""

from sphinx.util.nodes import make_refnode


def keep_bars(app, what, name, obj, options, lines):
    """Escape the bars of |w| outside of examples."""
    lines[:] = [
        x if x.lstrip().startswith((">>>", "...")) else x.replace("|", r"\|") for x in lines
    ]


def link_name(app, env, node, contnode):
    """Link `name` to the one object of windlib that is called so; else leave it as code."""
    if (node.get("refdomain"), node.get("reftype")) != ("py", "obj"):
        return None
    found = env.get_domain("py").find_obj(env, None, None, node["reftarget"], None, searchmode=1)
    if len(found) != 1:
        return contnode
    name, target = found[0]
    return make_refnode(app.builder, node["refdoc"], target.docname, target.node_id, contnode, name)


def setup(app):
    app.connect("autodoc-process-docstring", keep_bars)
    app.connect("missing-reference", link_name)
    return {"parallel_read_safe": True}
