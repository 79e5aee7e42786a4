// The command palette: views, actions and requests by name. Ctrl+K opens it from everywhere; "?" lists the keys.
import { searchBox } from "../components/search.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { store } from "../store.js";
import { VIEWS } from "../views/index.js";

const REQUESTS = 5; // hits of each kind
const ACTIONS = 6;
const RESOURCES = 4;
const KEYS = ["palette", "keys", "find", "send", "close", "rows"];

function viewsFor(query) {
  return VIEWS.map(({ id, title }) => ({ kind: "view", name: t(title), href: `#/${id}` })).filter(({ name }) => name.toLowerCase().includes(query));
}

function actionsFor(doc, query) {
  const hits = (doc?.actions ?? []).filter(({ name }) => name.toLowerCase().includes(query));
  hits.sort((a, b) => a.name.toLowerCase().indexOf(query) - b.name.toLowerCase().indexOf(query));
  return hits.slice(0, ACTIONS).map(({ name, summary }) => ({ kind: "action", name, more: summary, href: `#/explorer/${name}` }));
}

function requestsFor(query) {
  const hits = [];
  for (let i = store.calls.length - 1; i >= 0 && hits.length < REQUESTS; i -= 1) {
    const row = store.calls[i];
    if (row.id.startsWith(query) || row.trace.toLowerCase().includes(query)) hits.push({ kind: "request", name: row.id, more: `${row.action} ${row.code}`, href: `#/requests/${row.id}` });
  }
  return hits;
}

// Texts of parameters of recent calls, such as the id of an instance: a hit filters the requests by it.
function resourcesFor(query) {
  const found = new Set();
  for (let i = store.calls.length - 1; i >= 0 && found.size < RESOURCES; i -= 1) {
    for (const value of Object.values(store.calls[i].params ?? {})) {
      if (typeof value === "string" && value.toLowerCase().includes(query)) found.add(value);
    }
  }
  return [...found].slice(0, RESOURCES).map((name) => ({ kind: "resource", name, href: `#/requests?q=${encodeURIComponent(name)}` }));
}

function keysDialog() {
  const dialog = h("dialog", { class: "panel", "aria-label": t("keys.title"), onclose: () => dialog.remove() },
    h("form", { method: "dialog" }, h("h2", {}, t("keys.title")), h("dl", { class: "keys" },
      KEYS.map((name) => [h("dt", {}, h("kbd", {}, t(`keys.${name}`))), h("dd", {}, t(`keys.${name}.what`))])),
    h("div", { class: "row end" }, h("button", { class: "primary", "data-local": true }, t("close")))));
  document.body.append(dialog);
  dialog.showModal();
}

// palette(docOf) -> {open()}
export function palette(docOf) {
  const find = (text) => {
    const query = text.trim().toLowerCase();
    if (!query) return viewsFor("");
    return [...viewsFor(query), ...actionsFor(docOf(), query), ...resourcesFor(query), ...requestsFor(query)];
  };
  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    const box = searchBox({ label: t("palette.open"), placeholder: t("palette.placeholder"), none: t("palette.none"), find,
      show: ({ kind, name, more }) => [h("div", { class: "row" }, h("span", { class: "badge" }, t(`palette.${kind}`)), h("span", { class: "strong wrap" }, name)),
        more ? h("div", { class: "dim small-text" }, more) : null],
      onChoose: ({ href }) => { dialog.close(); location.hash = href; } });
    const dialog = h("dialog", { class: "panel palette", "aria-label": t("palette.open"), onclose: () => dialog.remove() }, box);
    document.body.append(dialog);
    dialog.showModal();
    box.focus();
    box.update();
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      open();
    } else if (event.key === "?" && !typing && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      keysDialog();
    } else if (event.key === "/" && !typing) {
      const field = document.querySelector("main [data-find]");
      if (!field) return;
      event.preventDefault();
      field.focus();
    }
  });
  return { open };
}
