"""What a page may run, and what it need not load.

Each page gets a content security policy: scripts come from the book's own files, or are those that
stand in the page, named by their digests; nothing comes from elsewhere. Handlers in attributes,
such as the theme's ``onclick``, become names of what `book/_static/actions.js` does.

Two things that the theme loads everywhere are left away: its icons as a script of 1.5 MB, which it
has as a font too; and the index of the search, but for the search page itself.
"""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path

from sphinx.errors import ExtensionError

ICONS, SEARCH = (
    re.compile(rf'\s*<script[^>]*src="[^"]*{name}\.js[^"]*"[^>]*></script>')
    for name in ("scripts/fontawesome", "(searchtools|language_data|searchindex)")
)
HANDLER = re.compile(r'(<[a-zA-Z][^<>]*?)\son(click|input)="([^"]*)"')
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)

# What handlers in attributes say, and the name of the action that does it instead.
ACTIONS = {"window.print()": "print", "toggleFullScreen()": "fullscreen"}
SLIDER = "this.closest('.slider')"  # windlib.plotting.slider


def _action(found):
    code = unescape(found[3])
    action = "slide" if SLIDER in code else ACTIONS.get(code.strip().rstrip(";"))
    if action is None:
        raise ExtensionError(f"a page has the handler {code!r}, and no action stands for it")
    return f'{found[1]} data-action="{action}"'


def protected(page, searches=False):
    """A page's HTML with its policy."""
    page = ICONS.sub("", page)
    if not searches:
        page = SEARCH.sub("", page)
    while HANDLER.search(page):
        page = HANDLER.sub(_action, page)
    inline = sorted(
        {
            b64encode(sha256(code.encode()).digest()).decode()
            for attributes, code in SCRIPT.findall(page)
            if "src=" not in attributes and code.strip()
        }
    )
    policy = (
        "default-src 'none'; script-src 'self' "
        + " ".join(f"'sha256-{digest}'" for digest in inline)
        + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; worker-src blob:; "
        "base-uri 'none'; form-action 'self'"
    )
    return page.replace(
        "<head>", f'<head>\n  <meta http-equiv="Content-Security-Policy" content="{policy}">', 1
    )


def protect(app, problem):
    """Rewrite all pages when they have been written."""
    if problem is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            page = path.read_text(encoding="utf-8")
            path.write_text(protected(page, path.name == "search.html"), encoding="utf-8")


def setup(app):
    app.add_js_file("actions.js", loading_method="defer")
    app.connect("build-finished", protect)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
