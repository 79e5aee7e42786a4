// Small helpers for the DOM; the only module that creates elements.

// Attributes that must be set as properties, because otherwise a later change would not be visible.
const PROPERTIES = new Set(["value", "checked", "selected", "indeterminate"]);

function setOne(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  else if (PROPERTIES.has(name)) element[name] = value;
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) if (!PROPERTIES.has(name)) setOne(element, name, value);
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  // The value of a select can be set only after its options exist.
  for (const [name, value] of Object.entries(attributes ?? {})) if (PROPERTIES.has(name)) setOne(element, name, value);
  return element;
}

// h("button", {class: "plain", onclick: go}, "Go"): text is always set as text, never as markup.
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// The same for SVG elements.
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

// Replaces the children of `element` with `children`.
export function replace(element, ...children) {
  element.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Draws again and returns the focus to the element with the same data-key.
export function keepFocus(root, draw) {
  const key = root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  draw();
  if (key) [...root.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key)?.focus();
}

// Downloads a blob as a file.
export function saveAs(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

let lastId = 0;

// An id for a label and its field.
export function newId() {
  lastId += 1;
  return `vg-${lastId}`;
}

// A labelled field: label above, hint below, both linked to the input for screen readers.
export function field(labelText, input, hint) {
  if (!input.id) input.id = newId();
  const hintId = hint ? newId() : null;
  if (hint) input.setAttribute("aria-describedby", hintId);
  return h("div", { class: "field" }, h("label", { for: input.id }, labelText), input,
    hint ? h("div", { class: "hint", id: hintId }, hint) : null);
}

// A select from [value, text] pairs.
export function select(pairs, value, onChange, attributes) {
  const options = pairs.map(([each, text]) => h("option", { value: each }, text));
  return h("select", { ...attributes, value, onchange: (event) => onChange(event.target.value) }, options);
}

// Calls `run` when it has not been requested for `ms`.
export function debounce(run, ms) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), ms);
  };
}

// Runs at most once in `ms`, one run at a time, and once more after the last request. It uses a timer and not frames, because a hidden
// tab draws no frames.
export function throttle(run, ms) {
  let wanted = false;
  let busy = false;
  const loop = async () => {
    for (busy = true; wanted; ) {
      await new Promise((done) => { setTimeout(done, ms); });
      wanted = false;
      await run();
    }
    busy = false;
  };
  return () => {
    wanted = true;
    if (!busy) loop();
  };
}

// Announces a text to screen readers without moving the focus.
export function announce(text) {
  let region = document.getElementById("announcer");
  if (!region) document.body.append((region = h("div", { id: "announcer", class: "sr-only", role: "status" })));
  region.textContent = text;
}
