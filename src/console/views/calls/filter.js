// Which calls of the journal are shown: by action, code, trace and text. The address contains the filters.
import { h, field, replace, newId } from "../../dom.js";
import { t } from "../../i18n.js";

const NAMES = ["action", "code", "trace", "text"];

export function filtersOf(query) {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));
}

// "action=...&text=...", without empty filters.
export function queryOf(filters) {
  return new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
}

// Actions and codes match by their beginning, so that the name of a group of codes finds the group.
export function matches(row, { action, code, trace, text }) {
  return row.action.startsWith(action) && row.code.startsWith(code) && row.trace.startsWith(trace) &&
    (!text || row.hay.includes(text.toLowerCase()));
}

function input(filters, name, onChange) {
  const list = h("datalist", { id: newId() });
  const box = h("input", { name: `filter_${name}`, type: "search", value: filters[name], list: list.id, autocomplete: "off", spellcheck: "false",
    oninput: () => { filters[name] = box.value.trim(); onChange(); } });
  return { list, box, element: field(t(`calls.${name}`), box) };
}

// filterBar(filters, onChange) -> element with offer(rows), which sets the names to choose from, and show(filters). It changes
// `filters` in place.
export function filterBar(filters, onChange) {
  const inputs = Object.fromEntries(NAMES.map((name) => [name, input(filters, name, onChange)]));
  const element = h("div", { class: "grid", role: "search" }, NAMES.map((name) => [inputs[name].element, inputs[name].list]));
  let offered = "";
  element.offer = (rows) => {
    const found = ["action", "code"].map((name) => [...new Set(rows.map((row) => row[name]))].filter(Boolean).sort());
    if (offered === JSON.stringify(found)) return; // an open list would close
    offered = JSON.stringify(found);
    ["action", "code"].forEach((name, i) => replace(inputs[name].list, found[i].map((value) => h("option", { value }))));
  };
  element.show = (next) => {
    for (const name of NAMES) if (filters[name] !== next[name]) inputs[name].box.value = filters[name] = next[name];
  };
  return element;
}
