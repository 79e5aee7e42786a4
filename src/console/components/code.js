// Unchanged text, with a button that copies it.
import { h, announce } from "../dom.js";
import { t } from "../i18n.js";

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context only the selection can be copied.
    const area = h("textarea", { class: "sr-only", value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  announce(t("copied"));
}

// copyButton("text", "Copy", "Copy the address"): `name` is for screen readers. `text` may be a function that returns the text.
export function copyButton(text, label = t("copy"), name = null) {
  return h("button", { type: "button", class: "small", "data-local": true, "aria-label": name, onclick: async (event) => {
    const button = event.currentTarget;
    await copy(typeof text === "function" ? text() : text);
    button.textContent = t("copied");
    setTimeout(() => { button.textContent = label; }, 1500);
  } }, label);
}

// codeBlock("text", {title, label, shown}); `label` is for screen readers, `shown` replaces the text in
// the page; the button still copies the text.
export function codeBlock(text, { title, label, shown = text } = {}) {
  return h("figure", { class: "code" },
    h("figcaption", { class: "row" }, h("span", { class: "grow" }, title ?? ""), copyButton(text)),
    h("pre", { tabindex: "0", role: "group", "aria-label": label ?? title ?? t("code") }, h("code", {}, shown)));
}
