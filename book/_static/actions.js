// What the buttons and sliders of a page do, since its policy admits no handlers in attributes.
const actions = {
  print: () => window.print(),
  fullscreen: () => toggleFullScreen(),  // the theme's
  slide(range) {
    const box = range.closest(".slider");
    const text = range.dataset.values.split(" ")[range.value];
    box.querySelectorAll(".frame, img").forEach((frame, i) => (frame.hidden = i !== Number(range.value)));
    box.querySelector("output").value = text;
    range.setAttribute("aria-valuetext", text);
  },
};
for (const [event, names] of [["click", ["print", "fullscreen"]], ["input", ["slide"]]])
  document.addEventListener(event, ({ target }) => {
    const found = target.closest("[data-action]");
    if (names.includes(found?.dataset.action)) actions[found.dataset.action](found);
  });
