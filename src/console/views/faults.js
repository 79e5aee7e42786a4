// Faults: the fault rules and how often they were applied, a form to add a rule, and the magic instances, which need no rule.
import { control } from "../api.js";
import { copyButton } from "../components/code.js";
import { emptyState, errorBox } from "../components/empty.js";
import { tryJson } from "../components/json.js";
import { announce, h, keepFocus, replace, throttle } from "../dom.js";
import { number, pick, t } from "../i18n.js";
import { store } from "../store.js";
import { faultForm } from "./faults/form.js";
import { wordsOf } from "./faults/words.js";
import { View } from "./view.js";

const RELOAD_MS = 200;

class FaultsView extends View {
  #drawn = "";

  begin() {
    const reload = throttle(() => this.#load(), RELOAD_MS);
    this.#load();
    this.until(store.on("call", reload));
    this.until(store.on("online", (on) => { if (on) reload(); }));
  }

  draw() {
    this.failure = h("div", {});
    this.list = h("div", { class: "armed stack" });
    this.formHolder = h("section", { class: "panel stack", "aria-label": t("faults.arm") });
    replace(this, h("div", { class: "page-head" }, h("h2", {}, t("view.faults"))), h("div", { class: "split" }, this.formHolder,
      h("div", { class: "stack" }, h("section", { class: "panel stack", "aria-label": t("faults.armed") }, this.failure, this.list), this.#magic())));
  }

  // The address may contain a rule, which another view makes from a call.
  routed() {
    const given = tryJson(this.route.query.get("rule") ?? "").value;
    this.form = faultForm(this.doc, given ?? {}, (rule) => this.#arm(rule));
    replace(this.formHolder, h("h3", {}, t("faults.arm")), this.form);
  }

  async #arm(rule) {
    const { id } = await control("POST", "/faults", rule);
    announce(t("faults.is_armed", { id }));
    await this.#load();
  }

  // --- the fault rules ---

  async #load() {
    try {
      const { faults } = await control("GET", "/faults");
      replace(this.failure);
      if (this.#drawn === JSON.stringify(faults)) return;
      this.#drawn = JSON.stringify(faults);
      keepFocus(this.list, () => replace(this.list, this.#heading(faults), this.#rules(faults)));
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
  }

  #heading(faults) {
    return h("div", { class: "row" }, h("h3", { class: "grow" }, t("faults.armed")),
      faults.length ? h("button", { type: "button", class: "small", "data-key": "all", onclick: () => this.#remove("/faults") }, t("faults.clear")) : null);
  }

  #rules(faults) {
    if (!faults.length) return emptyState(t("faults.none"), t("faults.first"));
    return h("ul", { class: "stack" }, faults.map((fault) => h("li", { class: "rule", "data-fault": fault.id },
      h("div", { class: "grow stack" }, h("div", { class: "wrap" }, h("span", { class: "mono strong" }, fault.action ?? t("faults.any_action")),
        " ", h("span", { class: "hint" }, wordsOf(fault, "which"))), h("div", { class: "wrap mono" }, wordsOf(fault, "what")), h("div", { class: "hint" }, wordsOf(fault, "when"))),
      h("span", { class: `badge ${fault.hits ? "warn" : ""}` }, t("faults.hits", { hits: number(fault.hits), seen: number(fault.seen) })),
      h("button", { type: "button", class: "small", "data-key": fault.id, "aria-label": t("faults.remove_it", { id: fault.id }),
        onclick: () => this.#remove(`/faults/${fault.id}`) }, t("faults.remove")))));
  }

  async #remove(path) {
    await control("DELETE", path).catch((error) => replace(this.failure, errorBox(error)));
    await this.#load();
  }

  // --- magic instances ---

  #magic() {
    const row = (magic) => h("tr", {}, h("td", {}, h("code", { class: "wrap" }, magic.instance_id)), h("td", {}, pick(magic),
      h("div", { class: "hint mono" }, magic.code ?? magic.action ?? "")), h("td", {}, copyButton(magic.instance_id)));
    return h("details", { class: "panel", open: true }, h("summary", { class: "strong" }, t("magic.title")), h("p", { class: "hint" }, t("magic.about")),
      h("table", { class: "plain rows" }, h("thead", {}, h("tr", {}, ["magic.id", "magic.effect", "magic.copy"].map((key) => h("th", { scope: "col" }, t(key))))),
        h("tbody", {}, this.doc.magic.map(row))));
  }
}

customElements.define("vg-faults", FaultsView);
