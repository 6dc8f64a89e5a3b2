// The search page, opened for "constructor" or "__proto__", took what every object of JavaScript
// has under this name for a word of the index, and failed. Here its indices inherit no names.
{
  const bare = Object.create(null, {
    hasOwnProperty: { value: Object.prototype.hasOwnProperty },
  });
  for (const words of ["terms", "titleterms"])
    Search._index[words] = Object.assign(Object.create(bare), Search._index[words]);
}
