"""Pages that throw nothing in the browser: two faults of packages under the book, mended."""


def mend(app, name, template, context, doctree):
    """Leave Thebe's scripts away, which no page uses, and add `search.js` to the search page.

    Every page would have Thebe's constants twice, and a constant can be declared once.
    """
    scripts = context["script_files"]
    scripts[:] = [
        script
        for script in scripts
        if "thebe" not in f"{script} {getattr(script, 'attributes', {}).get('body')}".lower()
    ]
    if name == "search":
        app.add_js_file("search.js", defer="defer")  # when the index has been read


def setup(app):
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
