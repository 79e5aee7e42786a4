// A sentence from the schema or the server. If it exists only in English, it is marked as English for screen readers.
import { h } from "../dom.js";
import { language } from "../i18n.js";

const CHINESE = /[\u3400-\u9fff]/;

export function prose(text) {
  return !text || language() === "en" || CHINESE.test(text) ? text : h("span", { lang: "en" }, text);
}
