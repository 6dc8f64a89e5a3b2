"""The built book, page by page: run ``make book`` first."""

import base64
import functools
import gc
import http.server
import io
import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document
from PIL import Image

from windlib import drawings

ROOT = Path(__file__).parent.parent
HTML = ROOT / "_build" / "html"
sys.path.append(str(ROOT / "book" / "_extensions"))

import glossary_links  # noqa: E402

PHONE = 390  # CSS pixels


def _files(entry):
    found = [entry[key] for key in ("root", "file") if key in entry]
    for key in ("parts", "chapters", "sections"):
        for child in entry.get(key, []):
            found += _files(child)
    return found


PAGES = _files(yaml.safe_load((ROOT / "_toc.yml").read_text()))
NOTEBOOKS = [page for page in PAGES if page.startswith("notebooks/")]
CHAPTERS = [page for page in NOTEBOOKS if page.split("/")[1][0].isdigit()]


@functools.cache
def _soup(path):
    gc.disable()  # else it looks through all earlier pages, again and again
    try:
        return BeautifulSoup(path.read_text(), "html.parser")
    finally:
        gc.freeze()
        gc.enable()


@functools.cache
def _anchors(path):
    return {tag["id"] for tag in _soup(path).find_all(id=True)}


def _page(name):
    if not (HTML / "index.html").exists():
        pytest.fail(f"{HTML} holds no book: run 'make book' first", pytrace=False)
    path = HTML / f"{name}.html"
    assert path.exists(), f"_toc.yml names {name}, and the book has no such page"
    return _soup(path)


def _article(name):
    article = _page(name).find("article")
    assert article is not None
    return article


def test_the_toc_names_every_notebook():
    notebooks = {
        p.relative_to(ROOT).with_suffix("").as_posix() for p in ROOT.glob("notebooks/*.ipynb")
    }
    assert set(NOTEBOOKS) == {name for name in notebooks if ".ipynb_checkpoints" not in name}


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_its_screen_and_has_one_title(name):
    page = _page(name)
    viewport = page.find("meta", attrs={"name": "viewport"})
    assert viewport is not None
    assert "width=device-width" in viewport["content"]
    assert len(page.find("article").find_all("h1")) == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_image_says_what_it_shows(name):
    for image in _article(name).find_all("img"):
        alt = image.get("alt", "").strip()
        assert len(alt.split()) > 2, f"{image['src']} has the alternative text {alt!r}"
        assert not re.search(r"\.(png|svg|jpe?g|gif|webp)$", alt), f"{alt!r} is a file name"


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_has_a_numbered_caption(name):
    article = _article(name)
    for image in article.find_all("img"):
        assert image.find_parent("figure"), f"{image['src']} ({image.get('alt')}) is in no figure"
    for figure in article.find_all("figure"):
        caption = figure.find("figcaption")
        assert caption is not None, f"a figure without caption: {figure}"
        number = caption.find(class_="caption-number")
        assert number is not None, f"a caption without number: {caption}"
        assert len(caption.get_text()) > len(number.get_text()) + 10, f"too short: {caption}"


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_and_its_figures_are_soon_there(name):
    path = HTML / f"{name}.html"
    images = {path.parent / unquote(image["src"]) for image in _page(name).select("img[src]")}
    sizes = {file.name: file.stat().st_size for file in [path, *images]}
    assert sum(sizes.values()) < 2_000_000, sizes


@pytest.mark.parametrize("name", PAGES)
def test_every_drawing_says_what_it_shows(name):
    for drawing in _article(name).select(".drawing, svg.winding"):
        frame = drawing.find_parent(class_="frame") or drawing
        assert frame["role"] == "img"
        assert len(frame["aria-label"].split()) > 5, frame["aria-label"]
        assert drawing.find_parent("figure") or "winding" in drawing["class"]


def test_the_welcome_page_begins_with_a_picture_and_what_was_found():
    article = _article("book/index")
    first = article.find("h2").find_all_previous()
    findings = article.select_one(".findings")
    assert article.select_one("svg.winding") in first
    assert findings in first
    assert len(findings("li")) == 3
    assert len(re.findall(r"\d", findings.text)) > 5  # numbers, from the chapters
    assert "{" not in findings.text
    cards = {a["href"].split("/")[-1] for a in article.select(".sd-card a.sd-stretched-link")}
    assert cards == {f"{name.split('/')[-1]}.html" for name in CHAPTERS}
    assert all("minutes" in footer.text for footer in article.select(".sd-card-footer"))
    described = _page("book/index").find("meta", attrs={"property": "og:image"})
    assert (HTML / "book" / described["content"]).exists()


@pytest.mark.parametrize("name", PAGES)
def test_every_internal_link_and_anchor_resolves(name):
    here = HTML / f"{name}.html"
    broken = []
    for link in _page(name).find_all("a", href=True):
        address = urlsplit(link["href"])
        if address.scheme or address.netloc:
            continue
        target = (here.parent / unquote(address.path)).resolve() if address.path else here
        anchor = unquote(address.fragment)
        if not target.is_file() or (
            anchor and target.suffix == ".html" and anchor not in _anchors(target)
        ):
            broken.append(link["href"])
    assert not broken


@pytest.mark.parametrize("name", PAGES)
def test_nothing_failed_on_the_page(name):
    article = _article(name)
    assert "Traceback" not in article.get_text()
    assert not article.select(".stderr"), "a cell printed to stderr"
    assert not article.select(".system-message, .problematic, .traceback")
    code = {id(part) for tag in article.find_all(["pre", "code"]) for part in tag.strings}
    prose = "".join(part for part in article.strings if id(part) not in code)
    assert "??" not in prose
    assert not re.search(r"\{(cite|doc|eq|func|mod|numref|ref|term)[:}]", prose)


@pytest.mark.parametrize("name", CHAPTERS)
def test_folded_code_behind_a_solution_says_whose_it_is(name):
    exercises = _article(name).find("section", id="exercises")
    solved = [tag.get_text() for tag in exercises.select(".admonition-title")]
    bars = [tag.get_text() for tag in exercises.select("details.hide .collapsed")]
    assert len(set(bars)) > 0
    for bar in bars:
        number = re.fullmatch(r"Show code of solution (\d+)", bar)[1]
        assert f"Solution {number}" in solved


@pytest.mark.parametrize("name", PAGES)
def test_no_line_begins_with_the_punctuation_behind_a_formula(name):
    for formula in _article(name).select("span.math"):
        if str(formula.next_sibling)[:1] in {*".,;:!?)]"}:
            assert "together" in formula.parent.get("class", []), formula.parent


def test_a_number_keeps_its_percent_and_a_range_its_end(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_extensions"))
    import punctuation

    page = new_document("page")
    page += nodes.paragraph("", "", nodes.Text("99 % (Fig. 3, Eqs. 1 and 2) on"))
    page[0] += nodes.literal("", "5 % or so")
    page += nodes.raw("", '<table class="results"><td>1.5–2 (a–b)</td></table>', format="html")
    punctuation.tie(None, page, "page")
    assert page[0].astext() == "99\u00a0% (Fig.\u00a03, Eqs.\u00a01 and 2) on5 % or so"
    cell = '<td class="value">1.5–\u20602 (a–b)</td>'
    assert page[1].astext() == f'<table class="results">{cell}</table>'
    text = punctuation.TIED.sub("_", "test II, tests of |w| = 3 and 2 of 16 with s ≥ 0.2, a = b")
    assert text == "test_II, tests of |w|_=_3 and 2_of_16 with s_≥_0.2, a_=_b"
    shown = [  # what a cell says, how it is shown, and how it may break
        ("th", "|w| &lt; 3", "|^w|^_<_3", None),
        ("th", "one-sided", "one\u2011sided", None),
        ("td", "3–4", "3–^4", ["value"]),
        ("td", "2 of 4, 0 dead", "2_of_4, 0 dead", ["value"]),
        ("td", "P1's was not measured", "P1’s was not measured", None),
        ("td", "97.1 (97.0–99.8)", "97.1 (97.0–^99.8)", ["range"]),
        ("td", "3·10⁻⁴", "3·10−4", ["value"]),
    ]
    html = "".join(f"<{tag}>{text}</{tag}>" for tag, text, *_ in shown)
    page += nodes.raw("", f'<table class="results"><tr>{html}</tr></table>', format="html")
    punctuation.tie(None, page, "page")
    cells = BeautifulSoup(page[-1].astext(), "html.parser").find_all(["th", "td"])
    for cell, (*_, text, kind) in zip(cells, shown, strict=True):
        assert cell.get_text().replace("\u00a0", "_").replace("\u2060", "^") == text
        assert cell.get("class") == kind
    assert cells[-1].find("sup").get_text() == "−4"
    del sys.modules["punctuation"]


def test_short_values_of_written_tables_do_not_break():
    article = _article("book/performance")
    values = [cell.get_text() for cell in article.select("td.value")]
    assert "5 min" in values
    assert max(map(len, values)) <= 14
    assert not article.select("th.value")
    assert "td.value { white-space: nowrap" in (HTML / "_static" / "custom.css").read_text()


def _glued(output):
    """Whether an output shows elsewhere on the page, where a directive asks for it."""
    kinds = output.get("data", {})
    return bool(kinds) and all(kind.startswith("application/papermill") for kind in kinds)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_cell_that_has_an_output_shows_it(name):
    cells = json.loads((ROOT / f"{name}.ipynb").read_text())["cells"]
    hidden = {"remove-cell", "remove-output"}
    expected = [
        cell
        for cell in cells
        if any(not _glued(output) for output in cell.get("outputs", []))
        and not hidden & set(cell["metadata"].get("tags", []))
    ]
    assert expected, f"{name}.ipynb has no stored outputs: run 'make execute'"
    assert len(_article(name).select("div.cell_output")) == len(expected)


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("heading", ["Summary", "Exercises"])
def test_chapter_has(name, heading):
    headings = [h.get_text() for h in _article(name).find_all("h2")]
    assert any(heading in text for text in headings), headings


def test_every_module_has_its_place_on_one_page():
    home = ROOT / "windlib"
    paths = {*home.rglob("[!_]*.py"), *home.glob("*/__init__.py")} - {home / "cli.py"}
    # What windlib.bloch's own modules have is documented under its name.
    paths -= {*home.glob("bloch/[!_]*.py")}
    pages = {name: _article(name) for name in PAGES if name.startswith("book/api/")}
    for path in paths:
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(parts).removesuffix(".__init__")
        found = [name for name, page in pages.items() if page.find(id=f"module-{module}")]
        assert found == [f"book/api/{parts[1]}"], module


def _rows():
    path = ROOT / "_build" / "scorecard.json"
    assert path.exists(), "there is no scorecard: run 'make book'"
    return json.loads(path.read_text())


def _target(link, here):
    """The element that a link of a page leads to."""
    address = urlsplit(link["href"])
    page = (here.parent / unquote(address.path)).resolve() if address.path else here
    return _soup(page).find(id=unquote(address.fragment)) if address.fragment else _soup(page)


def test_the_scorecard_has_every_claim_once_with_its_verdict():
    article = _article("book/scorecard")
    shown = [
        (section.find("h3").contents[0], section.select_one(".claim .verdict").get_text())
        for section in article.select("section:has(> .claim)")
    ]
    assert sorted(shown) == sorted((row["id"], row["verdict"]) for row in _rows())
    for row in _rows():
        anchor = article.find(id=f"claim-{row['id'].lower().replace('.', '-')}")
        claim = anchor.find_parent("section").select_one(":scope > .claim")
        said = claim.get_text().translate({0xA0: " ", 0x2060: None, 0x2019: "'", 0x2011: "-"})
        assert row["what"] in said
        assert f"verdict-{row['verdict'].replace(' ', '-')}" in claim["class"]


def test_the_scorecard_can_be_filtered_by_verdict():
    article = _article("book/scorecard")
    radios = {radio["id"]: radio for radio in article.select(".filter input[type=radio]")}
    verdicts = {row["verdict"].replace(" ", "-") for row in _rows()}
    assert {"show-all", *(f"show-{verdict}" for verdict in verdicts)} <= set(radios)
    assert [name for name, radio in radios.items() if radio.has_attr("checked")] == ["show-all"]
    assert all(radio.find_parent("label").get_text().strip() for radio in radios.values())
    style = (HTML / "_static" / "custom.css").read_text()
    assert all(f"#show-{verdict}:checked" in style for verdict in verdicts)


def test_the_scorecard_counts_results_apart_from_the_rest():
    table = _article("book/scorecard").select_one("table.counts")
    verdicts = [cell.get_text() for cell in table.select("thead th")[1:]]
    lines = [[int(td.get_text()) for td in tr.select("td")] for tr in table.select("tbody tr")]
    found = [[row["kind"], row["verdict"]] for row in _rows()]
    kinds = ("result", "ours", "bookkeeping")
    assert lines == [[found.count([kind, verdict]) for verdict in verdicts] for kind in kinds]
    assert sum(map(sum, lines)) == len(found)


def test_cards_say_what_is_no_result_and_what_some_seeds_are_judged_by():
    for row in _rows():
        card = _article("book/scorecard").find(string=row["id"]).find_parent("section")
        marks = [mark.get_text() for mark in card.select(".claim .kind")]
        called = {"result": [], "ours": ["our setting"], "bookkeeping": ["bookkeeping"]}
        assert marks == called[row["kind"]], row["id"]
        judged = f"Judged by {row['selection']}." in card.get_text()
        assert judged is (0 < row["holding"] < row["seeds"]), row["id"]


def test_the_scorecards_pictures_say_their_numbers():
    pictures = _article("book/scorecard").select("svg.spread")
    assert pictures
    for picture in pictures:
        assert picture["role"] == "img"
        assert re.search(r"\d.* chosen, .* median, .* over all seeds", picture["aria-label"])


def test_the_scorecards_links_lead_to_its_chapters_and_figures():
    here = HTML / "book" / "scorecard.html"
    for row in _rows():
        section = _article("book/scorecard").find(string=row["id"]).find_parent("section")
        links = section.select("a.reference.internal")
        if row.get("page"):
            assert any(row["page"] in link["href"] for link in links), row["id"]
        if row.get("figure"):
            found = [_target(a, here) for a in links if a["href"].endswith("#" + row["figure"])]
            assert [tag.name for tag in found] == ["figure"], row["id"]


@pytest.mark.parametrize("name", [*CHAPTERS, "book/scorecard"])
def test_the_marks_of_the_cards_are_explained_once(name):
    article = _article(name)
    assert len(article.select(".key")) == bool(article.select("svg.spread"))


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_cards_of_a_chapter_say_once_what_one_sided_seeds_are(name):
    remarks = [tag.get_text() for tag in _article(name).select(".claim .why")]
    assert sum("One-sided seeds are right on one sign" in remark for remark in remarks) <= 1


def test_pictures_inside_of_drawings_are_maps_or_lines():
    """What is none of a map is there twice, in the colours of a light page and of a dark one."""
    for chapter, figure, lines in [
        ("04_hatano_nelson", "fig-hn-predicted", True),
        ("04_hatano_nelson", "fig-hn-parts", False),
        ("06_nonhermitian_aah", "fig-aah-chain", False),  # a scale of colours, 15 pixels wide
    ]:
        images = _article(f"notebooks/{chapter}").select(f"#{figure} image")
        assert images
        both = [["light"], ["dark"]] * (len(images) // 2)
        assert [image.get("class") for image in images] == (both if lines else [None] * len(images))


def test_dots_that_are_a_picture_have_the_colours_of_the_page():
    def pixels(image):
        code = base64.b64decode(image["xlink:href"].split(",", 1)[1])
        return np.array(Image.open(io.BytesIO(code)).convert("RGBA"))

    style = (ROOT / "book" / "_static" / "custom.css").read_text()
    images = _article("notebooks/04_hatano_nelson").select("#fig-hn-predicted image")
    light, dark = pixels(images[0]), pixels(images[1])
    np.testing.assert_array_equal(light[..., 3], dark[..., 3])
    for name in ("blue", "orange", "green", "red", "grey"):
        color = [*bytes.fromhex(getattr(drawings, name.upper())[1:]), 255]
        (found,) = np.unique(dark[(light == color).all(axis=-1)], axis=0)
        assert f"--figure-{name}: #{bytes(found[:3]).hex()}" in style


@pytest.mark.parametrize("name", CHAPTERS)
def test_folded_code_behind_a_solution_says_which_one(name):
    said = [tag.get_text() for tag in _article(name).select("details.hide summary p")]
    named = [text.split() for text in said if "solution" in text]
    shown, hidden = ([int(n) for verb, *_, n in named if verb == v] for v in ("Show", "Hide"))
    assert shown == hidden == sorted(shown)
    assert shown, said


def _glossary():
    """Anchor of each term."""
    terms = _article("book/glossary").select("dt[id]")
    return {" ".join(dt.get_text().replace("#", "").split()): dt["id"] for dt in terms}


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_links_each_term_where_it_uses_it_first(name):
    article, used = _article(name), 0
    prose = BeautifulSoup(str(article), "html.parser")
    for other in prose.select("table, figure, .cell_output, code, .math, .admonition-title, .live"):
        other.replace_with("|")
    for link in prose.select("a"):
        term = "term-" in link["href"] and "glossary.html#" in link["href"]
        link.replace_with(f"<{link['href'].split('#')[1]}>" if term else "|")
    text = " ".join(" ".join(p.get_text() for p in prose.select("p")).split())
    phrases = [words for words in glossary_links.EVERYDAY if " " in words]
    text = re.sub("|".join(phrases), "|", text)
    for term, anchor in _glossary().items():
        if term in glossary_links.EVERYDAY:
            continue
        alone = text
        for longer in _glossary():  # "validation loss" is no use of "loss"
            if term.lower() in longer.lower() and term != longer:
                alone = re.sub(rf"\b{re.escape(longer)}s?\b", "|", alone, flags=re.IGNORECASE)
        used_here = rf"<{anchor}>|(?<![\w-]){re.escape(term)}(?![\w-])"
        first = re.search(used_here, alone, re.IGNORECASE)
        if first:
            used += 1
            assert first[0] == f"<{anchor}>", alone[first.start() - 60 : first.end() + 60]
    assert used


@pytest.mark.parametrize(
    ("name", "term", "sense"),
    [
        ("09_your_own_system", "good", "as good as its 32 links"),
        ("01_ssh_shortcut", "blind", "blind guesses"),
        ("06_nonhermitian_aah", "loss", "gain or loss on each site"),
        ("07_nonhermitian_dirac", "loss", "gain and loss that make"),
    ],
)
def test_an_everyday_word_is_no_term(name, term, sense):
    prose = BeautifulSoup(str(_article(f"notebooks/{name}")), "html.parser")
    for link in prose.select(f'a[href$="#term-{term}"]'):
        link.replace_with("|")
    assert sense in " ".join(prose.get_text().split())


def test_every_term_of_the_glossary_is_linked_from_a_chapter():
    linked = {
        link["href"].split("#")[1]
        for name in CHAPTERS
        for link in _article(name).select('a.reference.internal[href*="glossary.html#term-"]')
    }
    entries = _article("book/glossary").select("dl.glossary > dd")
    for entry in entries:
        names, before = set(), entry.find_previous_sibling()
        while before is not None and before.name == "dt":
            names.add(before["id"])
            before = before.find_previous_sibling()
        assert names & linked, names
    assert entries


@pytest.mark.parametrize("name", CHAPTERS)
def test_links_to_the_glossary_lead_to_a_term(name):
    links = _article(name).select('a.reference.internal[href*="glossary.html#term-"]')
    assert links
    assert all(_target(link, HTML / f"{name}.html").name == "dt" for link in links)


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    """Where a server on this machine has the book."""
    _page(PAGES[0])
    handler = functools.partial(_Handler, directory=HTML)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _new_reader(browser, address):
    """A new reader's tab, as wide as a phone, and a list of all that goes wrong in it."""
    tab = browser.new_page(viewport={"width": PHONE, "height": 844}, base_url=address)
    faults = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    tab.on("requestfailed", lambda request: faults.append(f"{request.url} did not load"))
    return tab, faults


@pytest.fixture
def phone(browser, address):
    """Such a tab, for one test."""
    tab, faults = _new_reader(browser, address)
    yield tab, faults
    tab.context.close()


MEASURE = """async () => {
  await window.MathJax?.startup?.promise;
  const beyond = (e) => e.getBoundingClientRect().right > innerWidth + 1;
  return { inner: innerWidth, scroll: document.documentElement.scrollWidth,
           wrong_equations: document.querySelectorAll("mjx-merror").length,
           unset_equations: [...document.querySelectorAll("article .math")]
             .filter((e) => !e.querySelector("mjx-container")).length,
           beyond: [...document.querySelectorAll("article *")].filter(beyond).slice(0, 3)
             .map((e) => e.outerHTML.slice(0, 120)) };
}"""


# What a reader sees without a click, and how it lies in its column.
LOOK = """async () => {
  await window.MathJax?.startup?.promise;
  // What a reader opens: solutions, answers, tables beside figures. Code stays folded.
  const folded = "article :is(.toggle-hidden, details:not(.hide))";
  for (const e of document.querySelectorAll(folded)) {
    e.classList.remove("toggle-hidden");
    e.open = true;
  }
  await new Promise((done) => setTimeout(done, 50));  // equations are being fitted
  const article = document.querySelector("article"), seen = (e) => e.checkVisibility();
  const edge = article.getBoundingClientRect().right + 1;
  const blocks = "pre, table, .drawing, svg, figure, div.math, .cell_output, .scroll";
  const wide = [...article.querySelectorAll(blocks)].filter(seen).filter((e) =>
    e.getBoundingClientRect().right > edge ||
    (getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1));
  const texts = [...article.querySelectorAll("svg text")].filter(seen).map((text) => {
    const sizes = [text, ...text.querySelectorAll("tspan")].map((e) =>
      parseFloat(getComputedStyle(e).fontSize));
    const { a, b } = text.getScreenCTM();
    return [Math.hypot(a, b) * Math.max(...sizes), text.textContent];
  });
  const equations = [...article.querySelectorAll("mjx-container")].filter(seen).map((e) =>
    [parseFloat(getComputedStyle(e.querySelector("mjx-math")).fontSize), e]);
  const small = equations.filter(([size]) => size < 11).map(([size, e]) => [size, e.textContent]);
  small.push(...texts.filter(([size]) => size < 9));
  const cut = (text) => {
    const { left, right } = text.getBoundingClientRect();
    for (let e = text.ownerSVGElement; e && e !== document.body; e = e.parentElement) {
      const box = e.getBoundingClientRect();
      const clips = getComputedStyle(e).overflowX !== "visible";
      if (clips && (right > box.right + 1 || left < box.left - 1)) return true;
    }
    return right > innerWidth;
  };
  wide.push(...[...article.querySelectorAll("svg text")].filter(seen).filter(cut));
  const words = document.createTreeWalker(article, NodeFilter.SHOW_TEXT), range = new Range();
  const broken = [];  // words and numbers in tables that are on two lines
  while (words.nextNode()) {
    const text = words.currentNode, parent = text.parentElement;
    if (!parent.closest("td, th") || parent.closest("code, mjx-container")) continue;
    for (const word of text.data.matchAll(/[\\p{L}\\p{N}.,]+/gu)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((r) => r.top)).size > 1) broken.push(word[0]);
    }
  }
  const outside = (e) => {
    range.selectNodeContents(e);
    const { left, right } = range.getBoundingClientRect(), box = e.parentElement.closest("a");
    return right > box.getBoundingClientRect().right + 1 || left < box.getBoundingClientRect().left;
  };
  const links = [...document.querySelectorAll(".prev-next-title")].filter(outside);
  broken.push(...links.map((e) => e.textContent));
  const reach = (e) => e.querySelector("mjx-math").getBoundingClientRect().right;
  // Boxes of solutions cut off what leaves its paragraph.
  const limit = (e) => (e.closest("p") ?? article).getBoundingClientRect().right + 1;
  wide.push(...equations.map(([, e]) => e).filter((e) => reach(e) > limit(e)));
  return { broken, wide: wide.map((e) => e.outerHTML.replace(/\\s+/g, " ").slice(0, 150)),
           small: small.map(([size, text]) => `${text}: ${size}`) };
}"""


@pytest.fixture(scope="module", params=PAGES)
def visit(request, browser, address):
    """What one visit of a page shows: on a phone, then on a wide screen."""
    tab, faults = _new_reader(browser, address)
    tab.goto(f"/{request.param}.html")
    found = {"measured": tab.evaluate(MEASURE), "title": tab.title(), "faults": faults}
    for width in (PHONE, 1280):
        tab.set_viewport_size({"width": width, "height": 900})
        found[width] = tab.evaluate(LOOK)
    tab.context.close()
    return found


def test_on_a_phone_nothing_fails_and_nothing_scrolls_sideways(visit):
    seen = visit["measured"]
    assert not visit["faults"]
    assert visit["title"], "the page did not load"
    assert seen["inner"] == PHONE
    assert seen["scroll"] <= seen["inner"] + 1, seen["beyond"]
    assert seen["wrong_equations"] == seen["unset_equations"] == 0


@pytest.mark.parametrize("width", [1280, PHONE])
def test_everything_fits_its_column_and_figures_and_equations_are_legible(width, visit):
    seen = visit[width]
    assert not seen["wide"]
    assert not seen["broken"]
    assert width > PHONE or not seen["small"]


# What each chapter finds, in one figure.
MAIN_FIGURES = {
    "00_why_winding": "fig-why-chain",
    "00b_networks": "fig-net-ramps",
    "01_ssh_shortcut": "fig-ssh-weights",
    "02_general_aiii": "fig-table",
    "02b_variations": "fig-size",
    "03_regularization": "fig-l2-clean",
    "04_hatano_nelson": "fig-hn-recipes",
    "05_nonhermitian_ssh": "fig-nhssh-threshold",
    "05b_open_chains": "fig-nhssh-ends",
    "06_nonhermitian_aah": "fig-aah-picture",
    "07_nonhermitian_dirac": "fig-dirac-elsewhere",
    "08_opening_the_black_box": "fig-head",
    "09_your_own_system": "fig-own-ssh",
    "10_your_own_data": "fig-data-wrong",
}


def test_every_chapter_has_a_main_figure():
    assert [f"notebooks/{name}" for name in MAIN_FIGURES] == CHAPTERS


@pytest.mark.parametrize(("name", "figure"), MAIN_FIGURES.items())
def test_the_main_figure_begins_within_a_screen_and_a_half(name, figure, browser, address):
    tab = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=address)
    tab.goto(f"/notebooks/{name}.html")
    tab.evaluate("() => window.MathJax?.startup?.promise")
    top = tab.locator(f"figure#{figure}").bounding_box()["y"]
    tab.context.close()
    assert top <= 1.5 * 900


# The first width is that of a new reader: the page looks only then which tables scroll.
SCREENS = [(PHONE, "dark"), (PHONE, "light"), (1280, "light"), (1280, "dark")]
# Each of these takes axe time: what nobody sees or hears, what test_live.py looks at, and what
# looks like two others in the same place: words in code, rows, links in a list.
LEAVE_OUT = """() => {
  document.querySelectorAll(
    "details:not([open]) > :not(summary), .drawing svg *, .live, article .math"
  ).forEach((e) => e.remove());
  const one = (e) => `${e.tagName}.${e.className}.${e.getAttribute("style")}.${e.role}`;
  const way = (e) => (e === document.body ? "" : `${way(e.parentElement)} ${one(e)}`);
  const often = "pre span, .spread *, tbody tr, li:not(:has(ul)), article p:not(:has(*))";
  const alike = Map.groupBy(document.querySelectorAll(often), way);
  for (const all of alike.values()) all.slice(2).forEach((e) => e.remove());
  document.head.append(document.createElement("style"));  // colours do not fade into each other
  document.head.lastChild.textContent = "* { transition: none !important; }";
}"""


@pytest.mark.parametrize("name", [*PAGES, "404", "genindex", "py-modindex", "search"])
def test_everybody_can_use_every_page(name, browser, address):
    tab, _ = _new_reader(browser, address)
    tab.route("**/mathjax/**", lambda route: route.fulfill(body=""))
    tab.goto(f"/{name}.html")
    tab.evaluate(LEAVE_OUT)
    serious = []
    for width, scheme in SCREENS:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme)
        found = Axe().run(tab, options={"preload": False, "resultTypes": ["violations"]}).response
        assert found["passes"]
        for fault in found["violations"]:
            if fault["impact"] in ("serious", "critical"):
                where = [node["html"][:120] for node in fault["nodes"][:3]]
                serious.append((width, scheme, fault["id"], len(fault["nodes"]), where))
    tab.context.close()
    assert not serious


@pytest.mark.parametrize("root", ["/", "/some/folder/"])
@pytest.mark.parametrize("lacking", ["no-page.html", "notebooks/no/page.html", "no/folder/"])
def test_a_page_that_is_not_there_leads_to_the_book(root, lacking, browser):
    def host(route):
        path = HTML / urlsplit(route.request.url).path.removeprefix(root)
        there = path.is_file()
        route.fulfill(status=200 if there else 404, path=path if there else HTML / "404.html")

    tab = browser.new_page()
    tab.route("**/*", host)
    assert tab.goto(f"http://book.test{root}{lacking}").status == 404
    tab.wait_for_load_state("networkidle")
    leads = tab.evaluate("[...document.links].map((link) => link.href)")
    tab.context.close()
    pages = ["book/index.html", "book/playground.html", "search.html"]
    assert leads == [f"http://book.test{root}{page}" for page in pages]
    assert all((HTML / page).is_file() for page in pages)


def test_pages_show_little_code_and_few_printed_lines():
    """Code and printed lines that are seen without a click."""
    code, lines = 0, 0
    for name in NOTEBOOKS:
        article = _article(name)
        folded = {id(tag) for box in article.select("details") for tag in box.select("pre")}
        code += sum(id(tag) not in folded for tag in article.select(".cell_input pre"))
        for tag in article.select(".cell_output .stream pre, .cell_output .text_plain pre"):
            lines += (id(tag) not in folded) * (tag.get_text().strip().count("\n") + 1)
    assert code <= 90
    assert lines <= 60


# "constructor" and "__proto__" are names that every object of JavaScript has.
@pytest.mark.parametrize(
    ("words", "least"),
    [("winding", 10), ("constructor", 0), ("__proto__", 0), ("toString", 0), ("-constructor", 0)],
)
def test_the_search_finds_what_is_there_and_fails_on_nothing(words, least, phone):
    tab, faults = phone
    tab.goto(f"/search.html?q={words}")
    tab.locator("#search-results .search-summary").filter(has_text="earch").wait_for()
    tab.wait_for_load_state("networkidle")
    assert not faults
    assert tab.locator("#search-results li").count() >= least


def test_excerpts_of_the_search_are_prose(phone):
    tab, faults = phone
    tab.goto("/search.html?q=kernels")
    tab.locator("#search-results .context").nth(4).wait_for()
    tab.wait_for_load_state("networkidle")
    excerpts = tab.locator("#search-results .context").all_text_contents()
    assert len(excerpts) >= 5
    for excerpt in excerpts:
        assert not re.search(r"\\\w|\\[()]|import |np\.", excerpt), excerpt
    assert not faults


def test_a_chapter_between_two_others_has_a_number_of_its_own():
    article = _article("notebooks/02b_variations")
    sections = [tag.get_text().split()[0] for tag in article.select(".section-number")]
    assert sections[:3] == ["2b.", "2b.1.", "2b.2."]
    figures = [tag.get_text().split()[1] for tag in article.select(".caption-number")]
    assert figures == [f"2b.{n}" for n in range(1, len(figures) + 1)]
    after = _article("notebooks/03_regularization").select_one("h1 .section-number")
    assert after.get_text().strip() == "3."


@pytest.mark.parametrize("width", [300, 3000])
def test_what_is_wider_than_the_paper_is_not_printed(width, tmp_path):
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    wide = f"<div style='overflow: auto'><p style='width: {width}px'>wide</p></div>"
    page.write_text(f"<!DOCTYPE html><html><body><article>{wide}</article></body></html>")
    command = [sys.executable, ROOT / "book" / "print.py", page, pdf]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("wider than the paper" in done.stderr) == (width > 673)
    assert pdf.exists() == (done.returncode == 0) == (width < 673)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_whole_book_can_be_printed(tmp_path):
    subprocess.run(["git", "clone", "--quiet", ROOT, tmp_path / "book"], check=True)
    ready = Path(sys.prefix, ".ready")
    command = ["make", "pdf", f"VENV={sys.prefix}", f"--old-file={ready}"]
    subprocess.run(command, cwd=tmp_path / "book", check=True)
    pdf = (tmp_path / "book" / "_build" / "book.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) > 300
