"""One PDF of the book from its one-page form, through Chromium: ``make pdf``.

Solutions are open, folded code is left out (``--code`` prints it too), sliders show the frame
that they start at.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STYLE = """
  .bd-sidebar, .bd-header, .bd-header-article, .bd-footer, .prev-next-footer, .headerlink,
  .copybtn, .toggle-button, .skip-link, #pst-skip-link, #pst-back-to-top, .slider label,
  .bd-sidebar-secondary { display: none !important; }
  .bd-main .bd-content .bd-article-container { max-width: 100% !important; }
  body, .bd-article { font-size: 10.5pt; }
  pre, code { font-size: 8.5pt !important; }
  figure, table, .claim, .cell_output, div.math { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
"""
OPEN = """(code) => {
  document.documentElement.dataset.theme = "light";
  for (const box of document.querySelectorAll(".toggle-hidden"))
    box.classList.remove("toggle-hidden");
  for (const box of document.querySelectorAll("details")) {
    if (!code && box.classList.contains("hide"))
      box.querySelectorAll(".cell_input").forEach((input) => input.remove());
    box.replaceWith(...[...box.children].filter((part) => part.tagName !== "SUMMARY"));
  }
}"""


def main():
    """Print the page that is named to the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("pdf", type=Path)
    parser.add_argument("--code", action="store_true", help="with the code that pages fold")
    options = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    chromium = next(filter(None, map(shutil.which, names)))
    with sync_playwright() as playwright:
        tab = playwright.chromium.launch(executable_path=chromium).new_page(bypass_csp=True)
        tab.set_default_timeout(0)
        tab.goto(options.page.resolve().as_uri())
        tab.evaluate("window.MathJax?.startup?.promise.then(() => 0)")
        tab.evaluate(OPEN, options.code)
        tab.add_style_tag(content=STYLE)
        tab.pdf(
            path=options.pdf,
            format="A4",
            margin=dict.fromkeys(("top", "bottom"), "18mm")
            | dict.fromkeys(("left", "right"), "16mm"),
            print_background=True,
            outline=True,
            tagged=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template='<span style="font-size:8px;margin:auto" class="pageNumber"></span>',
        )


if __name__ == "__main__":
    main()
