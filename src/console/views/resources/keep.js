// The whole state: reset it, save it to a file, and load it from a file.
import { control, download, upload } from "../../api.js";
import { announce, h, saveAs, select } from "../../dom.js";
import { pick, t } from "../../i18n.js";

const OWN_SCOPES = ["limiter", "faults", "journal", "all"]; // those of the products come before them

// What a reset has removed: the counts of the product's scopes, then the emulator's own.
function removedText(product, removed) {
  const counts = product.reset_scopes.map((each) => pick(each, "removed").replace("{n}", removed[each.name]));
  return t("keep.removed", { ...removed, product: counts.join(t("keep.and")) });
}

// keepPanel(product, {onChanged, onError}) -> element
export function keepPanel(product, { onChanged, onError }) {
  const scopes = [...product.reset_scopes.map((each) => [each.name, pick(each, "title")]), ...OWN_SCOPES.map((name) => [name, t(`keep.scope.${name}`)])];
  let scope = scopes[0][0];
  const said = h("span", { class: "hint grow" });
  const say = (text) => {
    said.textContent = text;
    announce(text);
  };
  const run = (work) => async (...args) => {
    try {
      await work(...args);
    } catch (error) {
      onError(error);
    }
  };
  const reset = run(async () => {
    const { removed } = await control("POST", `/reset?scope=${scope}`);
    say(removedText(product, removed));
    onChanged();
  });
  const save = run(async () => saveAs(await download("/state"), "virga-state.json"));
  const load = run(async (event) => {
    const [file] = event.target.files;
    event.target.value = ""; // so that the same file can be chosen again
    say(t("keep.loaded", await upload("PUT", "/state", file)));
    onChanged();
  });
  const file = h("input", { type: "file", accept: ".json,application/json", hidden: true, onchange: load });
  return h("section", { class: "panel row", "aria-label": t("keep.title") }, h("h3", {}, t("keep.title")),
    select(scopes, scope, (next) => { scope = next; }, { name: "scope", class: "fit", "aria-label": t("keep.scope") }),
    h("button", { type: "button", class: "small", onclick: reset }, t("keep.reset")), said,
    h("button", { type: "button", class: "small", onclick: save }, t("keep.save")),
    h("button", { type: "button", class: "small", onclick: () => file.click() }, t("keep.load")), file);
}
