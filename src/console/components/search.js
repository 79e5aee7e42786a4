// A search box with a list of results: type, arrow down, Enter (ARIA's combobox).
import { h, replace, newId } from "../dom.js";

const SHOWN = 12;

// searchBox({label, placeholder, find(text) -> [item], show(item) -> node, onChoose(item)}) -> element with focus()
export function searchBox({ label, placeholder, find, show, onChoose, onInput, none }) {
  const listId = newId();
  const list = h("ul", { role: "listbox", id: listId, "aria-label": label, hidden: true });
  const input = h("input", { type: "search", role: "combobox", "aria-label": label, "aria-controls": listId, "aria-expanded": "false",
    "aria-autocomplete": "list", "data-find": true, autocomplete: "off", spellcheck: "false", placeholder, oninput: update,
    onkeydown: key, onblur: () => setTimeout(close, 150) });
  let items = [];
  let active = 0;

  function update() {
    onInput?.(input.value);
    items = find(input.value).slice(0, SHOWN);
    active = 0;
    draw();
  }

  function draw() {
    const rows = items.map((item, i) => h("li", { role: "option", id: `${listId}-${i}`, "aria-selected": String(i === active),
      onmousedown: (event) => { event.preventDefault(); choose(i); } }, show(item)));
    replace(list, rows.length ? rows : h("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "dim" }, none));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (items.length) input.setAttribute("aria-activedescendant", `${listId}-${active}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(i) {
    if (!items[i]) return;
    close();
    input.value = "";
    onChoose(items[i]);
  }

  function key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden) {
      event.preventDefault();
      update();
    } else if (step && items.length) {
      event.preventDefault();
      active = (active + step + items.length) % items.length;
      draw();
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape") {
      close();
    }
  }

  const element = h("div", { class: "search" }, input, list);
  element.focus = () => input.focus();
  element.update = update;
  return element;
}
