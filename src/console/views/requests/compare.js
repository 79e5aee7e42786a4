// What virga has signed next to what the client has signed; the first byte that differs is marked.
import { h, field, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { visible } from "../explorer/trail.js";

const encoder = new TextEncoder();

// Returns the index of the first character that differs; -1 when the texts are the same.
export function firstDifference(own, theirs) {
  const most = Math.max(own.length, theirs.length);
  for (let i = 0; i < most; i += 1) if (own[i] !== theirs[i]) return i;
  return -1;
}

function place(text, at) {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = encoder.encode(before.slice(before.lastIndexOf("\n") + 1)).length + 1;
  return t("calls.differs", { line, column, byte: encoder.encode(before).length });
}

// Lines with their ends; the character at `at` is marked, or the end of the text.
function marked(text, at) {
  const shown = (part) => part.split("\n").flatMap((line, i) => (i ? [h("span", { class: "eol" }, "⏎"), "\n", visible(line)] : visible(line)));
  if (at < 0) return shown(text);
  const found = at >= text.length ? t("calls.end") : text[at] === "\n" ? "⏎\n" : visible(text[at]);
  return [shown(text.slice(0, at)), h("mark", { class: "differs" }, found), shown(text.slice(at + 1))];
}

function sideBySide(own, theirs) {
  const at = theirs === "" ? -1 : firstDifference(own, theirs);
  const part = (title, text) => h("figure", { class: "code" }, h("figcaption", {}, title),
    h("pre", { tabindex: "0", role: "group", "aria-label": title }, h("code", {}, marked(text, at))));
  const verdict = theirs === "" ? null : h("p", { class: `notice ${at < 0 ? "good" : "warn"}`, role: "status" },
    at < 0 ? t("calls.same") : place(own, at));
  return [verdict, part(t("calls.own"), own), theirs === "" ? null : part(t("calls.theirs"), theirs)];
}

export function comparePanel(own) {
  const box = h("div", { class: "stack" });
  // A field of the page converts line ends, so a CR LF of the client is visible only in the log.
  const area = h("textarea", { name: "theirs", spellcheck: "false", oninput: () => replace(box, sideBySide(own, area.value)) });
  replace(box, sideBySide(own, ""));
  return h("div", { class: "stack" }, field(t("calls.paste"), area, t("calls.paste_how")), box);
}
