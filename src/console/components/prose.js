// A sentence from the schema or the server. Where it is there in English alone, what reads the page aloud is told so.
import { h } from "../dom.js";
import { language } from "../i18n.js";

const CHINESE = /[\u3400-\u9fff]/;

export function prose(text) {
  return !text || language() === "en" || CHINESE.test(text) ? text : h("span", { lang: "en" }, text);
}
