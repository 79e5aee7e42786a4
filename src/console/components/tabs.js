// Tabs: arrow keys move between them (the pattern of ARIA's authoring guide). A panel is created when it is first shown; a
// `fresh` panel is created each time.
import { h, replace, newId } from "../dom.js";

// tabs([{id, title, panel() -> node}], {label, chosen, onChoose(id)}) -> element with show(id)
export function tabs(list, { label, chosen, onChoose }) {
  const panelId = newId();
  const panel = h("div", { class: "tab-panel", role: "tabpanel", id: panelId, tabindex: "0" });
  const made = new Map();
  const buttons = list.map((tab) => h("button", { type: "button", role: "tab", id: newId(), "aria-controls": panelId, "data-tab": tab.id,
    onclick: () => show(tab.id) }, tab.title));

  function show(id) {
    const i = Math.max(0, list.findIndex((tab) => tab.id === id));
    buttons.forEach((button, j) => {
      button.setAttribute("aria-selected", String(i === j));
      button.tabIndex = i === j ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", buttons[i].id);
    if (list[i].fresh || !made.has(list[i].id)) made.set(list[i].id, list[i].panel());
    replace(panel, made.get(list[i].id));
    onChoose?.(list[i].id);
  }

  function move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = (at + step + buttons.length) % buttons.length;
    show(list[next].id);
    buttons[next].focus();
  }

  const element = h("div", { class: "tabs" }, h("div", { role: "tablist", "aria-label": label, onkeydown: move }, buttons), panel);
  element.show = show;
  show(chosen);
  return element;
}
