// The whole state: reset it, save it to a file, and load it from a file.
import { control, download, upload } from "../../api.js";
import { announce, h, saveAs, select } from "../../dom.js";
import { t } from "../../i18n.js";

const SCOPES = ["flows", "backups", "limiter", "faults", "journal", "all"];

// keepPanel({onChanged, onError}) -> element
export function keepPanel({ onChanged, onError }) {
  let scope = SCOPES[0];
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
    say(t("keep.removed", removed));
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
    select(SCOPES.map((name) => [name, t(`keep.scope.${name}`)]), scope, (next) => { scope = next; }, { name: "scope", class: "fit", "aria-label": t("keep.scope") }),
    h("button", { type: "button", class: "small", onclick: reset }, t("keep.reset")), said,
    h("button", { type: "button", class: "small", onclick: save }, t("keep.save")),
    h("button", { type: "button", class: "small", onclick: () => file.click() }, t("keep.load")), file);
}
