// A JSON value as a tree that opens and closes.
import { h } from "../dom.js";
import { t } from "../i18n.js";

const OPEN_DEPTH = 3;
const MANY = 50; // longer lists are closed at first

function scalar(value) {
  const kind = value === null ? "null" : typeof value;
  return h("span", { class: `json-${kind}` }, JSON.stringify(value));
}

function branch(name, value, depth) {
  const entries = Object.entries(value);
  const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (!entries.length) return h("div", { class: "json-line" }, name, `${left}${right}`);
  return h("details", { open: depth < OPEN_DEPTH && entries.length < MANY },
    h("summary", {}, name, `${left} `, h("span", { class: "dim" }, t("json.entries", { n: entries.length })), ` ${right}`),
    h("div", { class: "json-inner" }, entries.map(([key, each]) => node(Array.isArray(value) ? null : key, each, depth + 1))));
}

function node(key, value, depth) {
  const name = key === null ? null : [h("span", { class: "json-key" }, JSON.stringify(key)), ": "];
  if (value !== null && typeof value === "object") return branch(name, value, depth);
  return h("div", { class: "json-line" }, name, scalar(value));
}

// jsonView({...}) -> element; a text that is not JSON is shown unchanged.
export function jsonView(value) {
  return h("div", { class: "json" }, node(null, value, 0));
}

export function tryJson(text) {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error };
  }
}
