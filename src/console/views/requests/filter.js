// One line that filters the requests, chips for its terms, and quick chips. The address contains it.
import { h, newId, replace } from "../../dom.js";
import { t, time } from "../../i18n.js";
import { NAMES, parse, toggled } from "./query.js";

const QUICK = { refused: "is:refused", injected: "is:injected", slow: "dur:>5ms" };
const OFFERED = ["action", "code"]; // the fields whose values are offered

// {q, from, to}: the line, and the span of the brush in milliseconds or null. Former names of filters still work.
export function filtersOf(query) {
  const former = ["action", "code", "trace", "text"].filter((name) => query.get(name)).map((name) => (name === "text" ? query.get(name) : `${name}:${query.get(name)}`));
  const number = (name) => (query.get(name) ? Number(query.get(name)) : null);
  return { q: query.get("q") ?? former.join(" "), from: number("from"), to: number("to") };
}

export function queryOf({ q, from, to }) {
  return new URLSearchParams(Object.entries({ q, from, to }).filter(([, value]) => value)).toString();
}

// What "from" and "to" and the line let through.
export function tester(filters) {
  const terms = parse(filters.q);
  return (row) => (filters.from === null || row.ms >= filters.from) && (filters.to === null || row.ms < filters.to) && terms.every((term) => term.test(row));
}

// filterBar(filters, onChange) -> element with show(filters) and offer(rows). It changes `filters` in place.
export function filterBar(filters, onChange) {
  const list = h("datalist", { id: newId() });
  const chips = h("div", { class: "row chips" });
  const input = h("input", { type: "search", name: "filter", value: filters.q, list: list.id, autocomplete: "off", spellcheck: "false", "data-find": true,
    "aria-label": t("filter.label"), placeholder: t("filter.placeholder"), oninput: () => change({ q: input.value.trim() }) });

  function change(next) {
    Object.assign(filters, next);
    draw();
    onChange();
  }

  function set(q) {
    input.value = q;
    change({ q });
  }

  function quick() {
    const terms = parse(filters.q).map((term) => term.text);
    const all = h("button", { type: "button", class: "chip", "data-local": true, "aria-pressed": String(!terms.length && filters.from === null), onclick: () => { input.value = ""; change({ q: "", from: null, to: null }); } }, t("filter.all"));
    return [all, ...Object.entries(QUICK).map(([name, term]) => h("button", { type: "button", class: "chip", "data-quick": name, "data-local": true,
      "aria-pressed": String(terms.includes(term)), onclick: () => set(toggled(filters.q, term)) }, t(`filter.${name}`)))];
  }

  function active() {
    const terms = parse(filters.q).filter((term) => !Object.values(QUICK).includes(term.text));
    const chip = (text, remove) => h("button", { type: "button", class: "chip active", "data-local": true, title: t("filter.remove", { term: text }), onclick: remove }, text, h("span", { class: "sr-only" }, `, ${t("filter.remove_it")}`), h("span", { "aria-hidden": "true" }, " ×"));
    return [terms.map(({ text }) => chip(text, () => set(toggled(filters.q, text)))),
      filters.from === null ? null : chip(`${time(filters.from)} - ${time(filters.to)}`, () => change({ from: null, to: null }))];
  }

  function draw() {
    replace(chips, quick(), active());
  }

  const element = h("div", { class: "stack filter", role: "search" }, input, list, chips);
  let offered = "";
  element.offer = (rows) => {
    const values = OFFERED.flatMap((name) => [...new Set(rows.map((row) => row[name]))].filter(Boolean).sort().map((value) => `${name}:${value}`));
    const all = [...values, ...NAMES.map((name) => `${name}:`)];
    if (offered === JSON.stringify(all)) return; // an open list would close
    offered = JSON.stringify(all);
    replace(list, all.map((value) => h("option", { value })));
  };
  element.show = (next) => {
    if (JSON.stringify(next) === JSON.stringify(filters)) return;
    Object.assign(filters, next);
    input.value = filters.q;
    draw();
  };
  draw();
  return element;
}
