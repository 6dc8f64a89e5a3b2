"""One PDF of the book from its one-page form, through Chromium: ``make pdf``.

Solutions are open, folded code and what it prints are left out (``--code`` prints them too),
sliders show the frame that they start at, and live figures their stored pictures.
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
  h1 { font-size: 22pt !important; }
  h2 { font-size: 18pt !important; }
  h3 { font-size: 14pt !important; }
  pre, code { font-size: 8.5pt !important; }
  figure, table, .claim, .cell_input, .cell_output, .sd-card, .highlight, div.math {
    break-inside: avoid; }
  .pst-scrollable-table-container :is(th, td) { padding: 0.2em 0.35em !important; font-size: 7.5pt;
    white-space: normal; }
  .pst-scrollable-table-container code { white-space: normal; overflow-wrap: anywhere; }
  .page { break-before: page; }
  h2, h3, h4 { break-after: avoid; }
"""
OPEN = """async (code) => {
  document.documentElement.dataset.theme = "light";
  for (const box of document.querySelectorAll(".toggle-hidden"))
    box.classList.remove("toggle-hidden");
  for (const box of document.querySelectorAll("details")) {
    if (!code && box.classList.contains("hide")) box.remove();
    else box.replaceWith(...[...box.children].filter((part) => part.tagName !== "SUMMARY"));
  }
  for (const cell of document.querySelectorAll(".cell"))
    if (!cell.textContent.trim() && !cell.querySelector("img, svg")) cell.remove();
  for (const section of document.querySelectorAll("section"))
    if (section.children.length === 1) section.remove();  // a heading over what was folded
  for (const page of document.querySelectorAll("span[id^=document-] + section"))
    page.classList.add("page");
  // The book's pages are parts of this one now, and its folder is another.
  for (const link of document.querySelectorAll("a[href*='index.html#']"))
    link.href = link.href.replace(/^.*#/, "#");
  const pictures = [...document.querySelectorAll("article img")];
  for (const picture of pictures) {
    picture.loading = "eager";
    picture.src = picture.getAttribute("src").replace(/^(\.\.\/)+/, "");
  }
  await Promise.all(pictures.map((picture) => picture.decode()));
}"""

PAPER = 673  # pixels of CSS: A4 less its margins
CUT = """() => [...document.querySelectorAll("article :is(div, table, pre, figure)")]
  .filter((box) => ["auto", "hidden", "scroll"].includes(getComputedStyle(box).overflowX)
    && box.clientWidth > 0 && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.className || box.tagName}: ${box.textContent.trim().slice(0, 60)}`)"""


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
        tab.emulate_media(media="print")
        tab.set_viewport_size({"width": PAPER, "height": 900})
        cut = tab.evaluate(CUT)
        if cut:
            raise SystemExit(f"wider than the paper, and so cut off in print: {cut}")
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
