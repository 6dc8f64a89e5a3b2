"""Every arrow of the sidebar has a name: the theme's fold and unfold chapters without a word."""


def mend(app, name, template, context, doctree):
    """Name each arrow after the page beside it, whose sections it shows."""
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
