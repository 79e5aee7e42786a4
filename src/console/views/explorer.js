// Call: find an action, fill in its parameters, send it to the listener that every client uses, see the result.
import { control } from "../api.js";
import { errorBox, emptyState } from "../components/empty.js";
import { tryJson } from "../components/json.js";
import { prose } from "../components/prose.js";
import { searchBox } from "../components/search.js";
import { tabs } from "../components/tabs.js";
import { announce, h, replace, newId } from "../dom.js";
import { language, pick, t } from "../i18n.js";
import { context, contextView, loadContext } from "./explorer/context.js";
import { finder } from "./explorer/find.js";
import { form } from "./explorer/form.js";
import { learn, picksFor } from "./explorer/picks.js";
import { resultView } from "./explorer/result.js";
import { canSign, makeCall } from "./explorer/sign.js";
import { View } from "./view.js";

const paramsOf = new Map(); // the parameters by action; they are kept when the view is closed
const outcomeOf = new Map();

class CallView extends View {
  async prepare() {
    this.find = finder(this.doc);
    this.failed = await loadContext(this.doc).catch((error) => error);
    this.pipeline = (await control("GET", "/pipeline").catch(() => ({ steps: [] }))).steps;
    this.picks = picksFor(this.doc.product.lookups, async (name, params) => (await this.#signed(name, params, JSON.stringify(params))).answer.response);
  }

  begin() {
    const onKey = (event) => this.#key(event);
    document.addEventListener("keydown", onKey);
    this.until(() => document.removeEventListener("keydown", onKey));
  }

  draw() {
    this.body = h("div", {});
    this.search = searchBox({ label: t("call.search"), placeholder: t("call.placeholder"), none: t("call.no_hits"), find: this.find,
      show: (hit) => this.#hit(hit), onChoose: ({ action }) => { location.hash = `#/explorer/${action.name}`; } });
    replace(this, h("div", { class: "page-head" }, h("h2", {}, t("view.explorer"))),
      h("div", { class: "stack" }, this.failed instanceof Error ? errorBox(this.failed) : null,
        canSign() ? null : h("p", { class: "notice warn" }, t("call.insecure")), this.search, this.body));
  }

  // "/" moves the focus to the search box from anywhere except a field; Ctrl+Enter sends from everywhere.
  #key(event) {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing) {
      event.preventDefault();
      this.search.focus();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.action) {
      event.preventDefault();
      this.#send();
    }
  }

  #hit({ action, by }) {
    return [h("div", { class: "row" }, h("span", { class: "strong mono" }, action.name),
      action.emulated ? null : h("span", { class: "badge" }, t("call.not_emulated")),
      by ? h("span", { class: "badge warn" }, `${t(`call.by.${by.kind}`)}: ${by.text.slice(0, 60)}`) : null),
    h("div", { class: "dim small-text" }, prose(action.summary))];
  }

  // --- one action ---

  routed() {
    const action = this.doc.byName.get(this.route.rest[0] ?? "");
    this.action = action ?? null;
    if (!action) {
      replace(this.body, this.#start());
      if (!document.activeElement?.closest("header, .bar, main *")) this.search.focus(); // the user has not moved the focus yet
      return;
    }
    const given = tryJson(this.route.query.get("params") ?? "");
    if (given.value && typeof given.value === "object") paramsOf.set(action.name, given.value);
    if (!paramsOf.has(action.name)) paramsOf.set(action.name, {});
    this.#show(action);
  }

  #start() {
    const links = (domain) => this.doc.actions.filter((each) => each.domain === domain && each.emulated).map((each) =>
      h("li", {}, h("a", { href: `#/explorer/${each.name}`, class: "mono" }, each.name)));
    const domains = this.doc.product.domains.map((domain) => [pick(domain, "title"), links(domain.title)]).filter(([, found]) => found.length);
    return h("div", { class: "stack" }, emptyState(t("call.start"), t("call.start_how", { n: this.doc.actions.length })),
      h("div", { class: "domains" }, domains.map(([domain, found]) => h("section", { class: "panel stack" }, h("h3", {}, domain), h("ul", {}, found)))));
  }

  #show(action) {
    this.result = resultView({ doc: this.doc, pipeline: this.pipeline, callOf: () => this.#programCall() });
    this.sendButton = h("button", { type: "button", class: "primary", onclick: () => this.#send() }, t("call.send"));
    this.failure = h("div", {});
    replace(this.body, h("div", { class: "split" },
      h("div", { class: "panel stack" }, this.#heading(action), contextView(this.doc), this.#editor(action), this.failure,
        h("div", { class: "row send" }, this.sendButton, h("span", { class: "hint" }, t("call.send_key")))), this.result));
    if (outcomeOf.has(action.name)) this.result.show(outcomeOf.get(action.name));
  }

  #heading(action) {
    const region = action.region === "required" ? t("call.region_required") : t("call.region_none");
    return h("header", { class: "stack" }, h("h3", { class: "mono wrap title" }, action.name), h("p", {}, prose(action.summary)), language() === "en" ? null : h("p", { class: "hint" }, t("call.in_english")),
      h("div", { class: "row" }, h("span", { class: `badge ${action.emulated ? "good" : "warn"}` }, t(action.emulated ? "call.emulated" : "call.not_emulated")),
        h("span", { class: "badge" }, t(action.writes ? "call.writes" : "call.reads")), h("span", { class: "badge" }, region),
        h("span", { class: "badge" }, t("call.rate", { n: action.rate.per_second }))));
  }

  #editor(action) {
    const examples = action.examples.map((example) => h("button", { type: "button", class: "small", onclick: () => {
      paramsOf.set(action.name, structuredClone(example.in));
      edit.show("form", true);
    } }, prose(example.title)));
    const edit = this.#tabs(action);
    return h("div", { class: "stack" }, h("div", { class: "row" }, examples, h("button", { type: "button", class: "small", onclick: () => {
      paramsOf.set(action.name, {});
      edit.show("form", true);
    } }, t("call.clear"))), edit);
  }

  // Form and JSON show the same object: each is created again when the user switches to it.
  #tabs(action) {
    const holder = h("div", { class: "editor" });
    holder.show = (chosen) => replace(holder, tabs([
      { id: "form", title: t("call.form"), panel: () => this.#form(action) },
      { id: "json", title: "JSON", panel: () => this.#json(action) },
    ], { label: t("call.parameters"), chosen, onChoose: (id) => { if (id !== chosen) holder.show(id); } }));
    holder.show("form");
    return holder;
  }

  #form(action) {
    return form({ fields: action.in, objects: action.product.objects, params: paramsOf.get(action.name), picks: this.picks, onChange: () => this.result.changed() });
  }

  #json(action) {
    const hint = h("div", { class: "hint", id: newId(), role: "status" });
    const area = h("textarea", { "aria-label": t("call.json"), "aria-describedby": hint.id, spellcheck: "false", name: "json",
      value: JSON.stringify(paramsOf.get(action.name), null, 2), oninput: () => {
        const { value, error } = tryJson(area.value);
        const wrong = error?.message ?? (value === null || typeof value !== "object" || Array.isArray(value) ? t("call.no_object") : "");
        area.setAttribute("aria-invalid", String(Boolean(wrong)));
        hint.textContent = wrong;
        if (wrong) return;
        paramsOf.set(action.name, value);
        this.result.changed();
      } });
    return h("div", { class: "stack" }, area, hint);
  }

  // --- the call ---

  #programCall() {
    const { credential, region } = context();
    const params = JSON.stringify(paramsOf.get(this.action.name));
    const call = { action: this.action.name, params, region };
    return credential.account ? { ...call, secret_id: credential.secret_id } : call;
  }

  async #signed(action, params, text) {
    return makeCall(this.doc, { action, params, text, ...context() });
  }

  // The response belongs to the form that sent the call, which may no longer exist.
  async #send() {
    const { action, sendButton, failure } = this;
    if (sendButton.disabled) return;
    sendButton.disabled = true;
    try {
      const params = paramsOf.get(action.name);
      const outcome = { ...await this.#signed(action.name, params, JSON.stringify(params)), action, doc: this.doc };
      outcomeOf.set(action.name, outcome);
      if (!outcome.answer.response?.Error) learn(outcome.answer.response);
      if (this.action === action) this.result.show(outcome);
      announce(outcome.answer.response?.Error?.Code ?? t("result.done"));
      replace(failure);
    } catch (error) {
      replace(failure, errorBox({ message: t("call.no_answer"), hint: error.message }));
    }
    sendButton.disabled = false;
  }
}

customElements.define("vg-explorer", CallView);
