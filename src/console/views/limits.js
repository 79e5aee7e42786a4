// Rate limits: the counters of this second as they change, and the limits, which the user can change.
import { control } from "../api.js";
import { emptyState, errorBox } from "../components/empty.js";
import { announce, field, h, newId, replace } from "../dom.js";
import { number, t } from "../i18n.js";
import { View } from "./view.js";

const POLL_MS = 500;
const MOST = 100; // rows that are shown, the newest seconds first

class LimiterView extends View {
  #last = "";

  begin() {
    this.#load();
    this.every(POLL_MS, () => this.#load());
  }

  draw() {
    this.failure = h("div", {});
    this.words = h("span", { class: "grow" });
    this.list = h("div", { class: "counters" });
    const button = (all) => h("button", { type: "button", class: "small", "data-all": all, onclick: () => this.#put({ all }) }, t(`limiter.all.${all}`));
    replace(this, h("div", { class: "page-head" }, h("h2", {}, t("view.limits"))), h("div", { class: "stack" },
      h("section", { class: "panel row", "aria-label": t("limiter.limits") }, this.words, ["documented", "start", "off"].map(button)),
      this.#form(), this.failure, h("section", { class: "panel", "aria-label": t("limiter.counters") }, this.list)));
  }

  #form() {
    const list = h("datalist", { id: newId() }, this.doc.actions.map((action) => h("option", { value: action.name })));
    const action = h("input", { name: "action", list: list.id, required: true, autocomplete: "off", spellcheck: "false" });
    const limit = h("input", { name: "per_second", type: "number", min: 0, max: 1000000, step: 1 });
    const submit = (event) => {
      event.preventDefault();
      this.#put({ limits: [{ action: action.value, ...(limit.value === "" ? {} : { per_second: Number(limit.value) }) }] });
    };
    return h("form", { class: "panel grid", onsubmit: submit, "aria-label": t("limiter.change") }, field(t("limiter.action"), action), list,
      field(t("limiter.per_second"), limit, t("limiter.none_given")), h("div", { class: "foot" }, h("button", {}, t("limiter.set"))));
  }

  async #put(body) {
    try {
      this.#show(await control("PUT", "/limiter", body));
      replace(this.failure);
      announce(t("limiter.changed"));
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
  }

  async #load() {
    try {
      this.#show(await control("GET", "/limiter"));
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
  }

  // --- the counters ---

  #show(view) {
    const text = JSON.stringify(view);
    if (text === this.#last) return;
    this.#last = text;
    const limits = new Map(view.limits.map((each) => [each.action, each.per_second]));
    const changed = view.limits.filter((each) => each.per_second !== each.documented);
    this.words.textContent = t("limiter.words", { refused: number(view.refused), changed: number(changed.length), all: number(view.limits.length) });
    const counters = view.counters.toSorted((a, b) => b.second - a.second || (a.key < b.key ? -1 : 1)).slice(0, MOST);
    replace(this.list, counters.length ? this.#table(counters, limits) : emptyState(t("limiter.none"), t("limiter.first"), h("a", { href: "#/explorer" }, t("view.explorer"))));
  }

  #table(counters, limits) {
    const head = ["action", "who", "second", "calls"].map((key) => h("th", { scope: "col", class: key === "who" ? "spare" : null }, t(`limiter.${key}`)));
    return h("table", { class: "plain" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, counters.map((each) => this.#row(each, limits.get(each.action)))));
  }

  #row(counter, limit) {
    const known = limit !== null && limit !== undefined;
    const label = t(known ? "limiter.of" : "limiter.free", { calls: number(counter.calls), limit: known ? number(limit) : "" });
    const bar = known ? h("meter", { min: 0, max: Math.max(limit, 1), high: limit * 0.9, value: counter.calls, "aria-label": label }) : null;
    return h("tr", {}, h("td", { class: "mono wrap" }, counter.action ?? counter.key), h("td", { class: "wrap spare" }, counter.secret_id ?? "", " ", counter.region ?? ""),
      h("td", { class: "mono" }, new Date(counter.second * 1000).toISOString().slice(11, 19)),
      h("td", {}, h("div", { class: "row" }, bar, h("span", { class: known && counter.calls > limit ? "bad strong" : "" }, label))));
  }
}

customElements.define("vg-limits", LimiterView);
