// What a view shows when it has no data: the first thing to do. And what it shows after an error.
import { h } from "../dom.js";
import { prose } from "./prose.js";

export function emptyState(title, text, ...actions) {
  return h("div", { class: "empty" }, h("p", { class: "strong" }, title), h("p", {}, text), actions.length ? h("div", { class: "row" }, actions) : null);
}

export function errorBox(error) {
  return h("div", { class: "notice bad", role: "alert" }, h("p", { class: "strong" }, prose(error.message)), error.hint ? h("p", {}, prose(error.hint)) : null);
}
