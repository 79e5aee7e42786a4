// The signature step by step: every line that was signed, with invisible characters made visible, and its meaning.
import { copyButton } from "../../components/code.js";
import { h } from "../../dom.js";
import { has, t } from "../../i18n.js";

// All characters that are invisible or look like others.
const INVISIBLE = /[\u0000-\u001f\u007f\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]| (?= )|^ | $/g;

// The same without line ends and indenting spaces, of which the bytes have many.
const ODD = /[\u0000-\u0009\u000b-\u001f\u007f\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g;

function nameOf(character) {
  return character === " " ? "␠" : `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

// "a\u00a0b" -> ["a", <mark>U+00A0</mark>, "b"]
export function visible(text, which = INVISIBLE) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(which)) {
    parts.push(text.slice(at, found.index), h("mark", {}, nameOf(found[0])));
    at = found.index + found[0].length;
  }
  return [...parts, text.slice(at)];
}

export function visibleBytes(text) {
  return visible(text, ODD);
}

// The end of a line is signed too, for all lines except the last.
function row(text, note, last) {
  const end = last ? null : h("span", { class: "eol", "aria-hidden": "true" }, "⏎");
  return h("tr", {}, h("td", { class: "mono wrap" }, text === "" ? h("span", { class: "dim" }, t("sign.empty")) : visible(text), end),
    h("td", { class: "hint" }, has(`sign.${note}`) ? t(`sign.${note}`) : ""));
}

const JOINED = new Set(["canonical", "string"]);

function stage({ id, lines, notes }) {
  const joined = JOINED.has(id);
  return h("section", { class: "stack stage", "data-stage": id },
    h("div", { class: "row" }, h("h4", { class: "grow" }, t(`sign.stage.${id}`)), joined ? copyButton(lines.join("\n")) : null),
    h("p", { class: "hint" }, t(`sign.about.${id}`)),
    h("table", {}, h("thead", { class: "sr-only" }, h("tr", {}, h("th", { scope: "col" }, t("sign.line")), h("th", { scope: "col" }, t("sign.meaning")))),
      h("tbody", {}, lines.map((text, i) => row(text, notes[i], !joined || i === lines.length - 1)))));
}

export function trailView(trail) {
  return h("div", { class: "stack" }, trail.map(stage));
}
