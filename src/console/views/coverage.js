// Coverage: which of an action's documented codes were returned, by a cause or by a fault rule, and which never.
import { control } from "../api.js";
import { emptyState, errorBox } from "../components/empty.js";
import { announce, h, keepFocus, replace, select, throttle } from "../dom.js";
import { number, t } from "../i18n.js";
import { store } from "../store.js";
import { View } from "./view.js";

const RELOAD_MS = 300;

class CoverageView extends View {
  #scope = "called";
  #armed = new Set(); // "action code" of fault rules that wait for a call
  #drawn = "";
  #open = new Map(); // what the user has opened or closed

  begin() {
    const reload = throttle(() => this.#load(), RELOAD_MS);
    this.#load();
    this.until(store.on("call", reload));
    this.until(store.on("online", (on) => { if (on) reload(); }));
  }

  draw() {
    this.failure = h("div", {});
    this.share = h("meter", { min: 0, max: 100, "aria-label": t("coverage.share") });
    this.words = h("span", { class: "grow", role: "status" });
    this.list = h("div", { class: "stack covered" });
    const scopes = ["called", "emulated", "all"].map((name) => [name, t(`coverage.scope.${name}`)]);
    replace(this, h("div", { class: "page-head" }, h("h2", {}, t("view.coverage"))), h("div", { class: "stack" },
      h("section", { class: "panel row", "aria-label": t("coverage.share") }, this.share, this.words,
        select(scopes, this.#scope, (scope) => { this.#scope = scope; this.#load(); }, { name: "scope", class: "fit", "aria-label": t("coverage.scope") }),
        h("button", { type: "button", class: "small", onclick: () => this.#again() }, t("coverage.again"))),
      h("p", { class: "row hint" }, ["natural", "injected", "never"].map((kind) => [h("span", { class: `badge ${TONES[kind]}` }, t(`coverage.${kind}`)), t(`coverage.about.${kind}`)])),
      this.failure, this.list));
  }

  async #load() {
    try {
      const [report, { faults }] = await Promise.all([control("GET", `/coverage?actions=${this.#scope === "called" ? "called" : "all"}`), control("GET", "/faults")]);
      const waiting = faults.filter((fault) => fault.count === undefined || fault.hits < fault.count);
      this.#armed = new Set(waiting.map((fault) => `${fault.action} ${fault.code}`));
      replace(this.failure);
      this.#show(report);
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
  }

  #show(report) {
    const actions = report.actions.filter((each) => this.#scope !== "emulated" || each.emulated);
    const next = JSON.stringify([actions, [...this.#armed], this.#scope]);
    this.share.value = report.percent;
    this.words.textContent = t("coverage.words", { seen: number(report.seen), documented: number(report.documented), percent: number(report.percent) });
    if (next === this.#drawn) return;
    this.#drawn = next;
    keepFocus(this.list, () => replace(this.list, actions.length ? actions.map((each) => this.#action(each)) :
      emptyState(t("coverage.none"), t("coverage.first"), h("a", { href: "#/explorer" }, t("view.explorer")))));
  }

  // An action that was not called is closed at first, because there are many.
  #action(each) {
    const seen = each.codes.length - each.never.length + (each.done ? 1 : 0);
    const called = seen > 0 || each.others.length > 0;
    const open = this.#open.get(each.action) ?? called;
    const element = h("details", { class: "panel", open, "data-action": each.action, ontoggle: () => this.#open.set(each.action, element.open) },
      h("summary", {}, h("span", { class: "mono strong wrap" }, each.action || t("coverage.no_action")), " ",
        each.action ? h("span", { class: "dim small-text" }, t("coverage.of", { seen, all: each.codes.length + 1 })) : null),
      h("ul", { class: "row inner" }, each.action ? h("li", {}, this.#done(each)) : null, each.codes.map((code) => h("li", {}, this.#code(each.action, code))),
        each.others.map((code) => h("li", {}, this.#code(each.action, code)))));
    return element;
  }

  #done({ done }) {
    return h("span", { class: `badge ${done ? "good" : ""}` }, `ok ${done ? number(done) : t("coverage.never")}`);
  }

  #code(action, { code, natural, injected }) {
    if (natural) return h("span", { class: "badge good" }, `${code} ${number(natural)}`, injected ? ` + ${number(injected)}` : null);
    if (injected) return h("span", { class: "badge warn" }, `${code} ${number(injected)}`);
    const waits = this.#armed.has(`${action} ${code}`);
    return h("button", { type: "button", class: "small never mono", "data-key": `${action} ${code}`, disabled: waits, title: t("coverage.arm_it"),
      onclick: () => this.#arm(action, code) }, code, waits ? ` (${t("coverage.waits")})` : null);
  }

  async #arm(action, code) {
    try {
      await control("POST", "/faults", { action, code, count: 1 });
      announce(t("coverage.is_armed", { action, code }));
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
    await this.#load();
  }

  async #again() {
    await control("DELETE", "/coverage").catch((error) => replace(this.failure, errorBox(error)));
    await this.#load();
  }
}

const TONES = { natural: "good", injected: "warn", never: "" };

customElements.define("vg-coverage", CoverageView);
