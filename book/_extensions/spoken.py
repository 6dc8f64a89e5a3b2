"""What those who hear a page are told: two faults of packages under the book, mended.

The arrows of the theme's sidebar fold and unfold chapters and have no name. Docutils calls the
bibliography a list, and its entries no entries of one.
"""

LIST = '<div role="list" class="citation-list">'


def mend(app, name, template, context, doctree):
    """Name each arrow after the page beside it, and call the bibliography no list."""
    if "body" in context:
        context["body"] = context["body"].replace(LIST, '<div class="citation-list">')
    tree = context.get("generate_toctree_html")
    if tree is None:  # a page without sidebar
        return

    def named(*args, **options):
        soup = tree(*args, **options)
        for arrow in soup("summary"):
            if link := arrow.find_parent("li").find("a"):
                arrow["aria-label"] = f"Pages under {link.get_text(strip=True)}"
        return soup

    context["generate_toctree_html"] = named


def setup(app):
    app.connect("html-page-context", mend, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
