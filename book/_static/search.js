// The search page, opened for "constructor" or "__proto__", took what every object of JavaScript
// has under this name for a word of the index, and failed. Here its indices inherit no names.
{
  const bare = Object.create(null, {
    hasOwnProperty: { value: Object.prototype.hasOwnProperty },
  });
  for (const words of ["terms", "titleterms"])
    Search._index[words] = Object.assign(Object.create(bare), Search._index[words]);
}

// An excerpt shows prose. Code, outputs and displayed equations are left out of it; an equation
// within a sentence stays if one can read it as it is typed.
{
  const textOf = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".highlight, .cell_output, div.math, table").forEach((e) => e.remove());
    page.querySelectorAll("span.math").forEach((e) => {
      const typed = e.textContent.replace(/^\\\(|\\\)$/g, "");
      e.textContent = /[\\{}]/.test(typed) ? "…" : typed;
    });
    return textOf(page.documentElement.outerHTML, anchor);
  };
}
