// What a view shows while it has nothing: what to do first. And what it shows when something failed.
import { h } from "../dom.js";
import { prose } from "./prose.js";

export function emptyState(title, text, ...actions) {
  return h("div", { class: "empty" }, h("p", { class: "strong" }, title), h("p", {}, text), actions.length ? h("div", { class: "row" }, actions) : null);
}

export function errorBox(error) {
  return h("div", { class: "notice bad", role: "alert" }, h("p", { class: "strong" }, prose(error.message)), error.hint ? h("p", {}, prose(error.hint)) : null);
}
