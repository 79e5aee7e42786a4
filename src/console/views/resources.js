// World: instances, their databases and their flows, on the service clock.
import { control } from "../api.js";
import { emptyState, errorBox } from "../components/empty.js";
import { field, h, keepFocus, replace, throttle } from "../dom.js";
import { t } from "../i18n.js";
import { store } from "../store.js";
import { clockPanel } from "./resources/clock.js";
import { keepPanel } from "./resources/keep.js";
import { labelOf, worldOf } from "./resources/state.js";
import { timeline } from "./resources/timeline.js";
import { View } from "./view.js";

const TICK_MS = 250;
const CLOCK_MS = 2000; // another client may move the clock, and no event reports that
const RELOAD_MS = 250;
const SHOWN = 50;
const NORMAL = 2; // the status of a resource and of a part that works
const BUSY = 7; // the status of a resource while a flow runs on it

class WorldView extends View {
  #instances = null;
  #drawn = "";
  #lines = [];
  #wanted = "";

  begin() {
    this.reload = throttle(() => this.#load(), RELOAD_MS);
    this.#load();
    this.until(store.on("call", (call) => { if (this.doc.byName.get(call.action)?.writes) this.reload(); }));
    this.until(store.on("flow", () => this.reload()));
    this.until(store.on("online", (on) => { if (on) this.reload(); }));
    this.every(TICK_MS, () => this.#tick());
    this.every(CLOCK_MS, () => this.clock.load().catch(() => null));
  }

  draw() {
    this.failure = h("div", {});
    const onError = (error) => replace(this.failure, errorBox(error));
    const onChanged = () => { replace(this.failure); this.#load(); };
    this.clock = clockPanel({ onMoved: onChanged, onError });
    const find = h("input", { type: "search", name: "find", autocomplete: "off", spellcheck: "false",
      oninput: () => { this.#wanted = find.value.trim().toLowerCase(); this.#show(); } });
    this.list = h("div", { class: "instances" });
    replace(this, h("div", { class: "page-head" }, h("h2", {}, t("view.resources"))), h("div", { class: "stack" }, this.clock, keepPanel(this.doc.product, { onChanged, onError }), this.failure,
      field(t("world.find"), find), this.list));
  }

  async #load() {
    try {
      const [document] = await Promise.all([control("GET", "/state"), this.clock.load()]);
      this.#instances = worldOf(document, this.doc.product.state);
      for (const flow of this.#instances.flatMap((each) => each.flows)) flow.label = labelOf(this.doc.product, this.doc.product.state.flow_kind, flow.kind);
      this.#show();
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
  }

  #tick() {
    this.clock.tick();
    for (const line of this.#lines) line.tick(this.clock.now());
  }

  // --- the instances ---

  #chosen() {
    const visible = this.#instances.filter((each) => !each.hidden || each.flows.length);
    return visible.filter((each) => `${each.id} ${each.name} ${each.account} ${each.region}`.toLowerCase().includes(this.#wanted));
  }

  // Draws only after a change, so that the elements that the user reads or clicks stay in place.
  #show() {
    if (!this.#instances) return;
    const chosen = this.#chosen();
    const next = JSON.stringify(chosen);
    if (next === this.#drawn) return;
    this.#drawn = next;
    this.#lines = [];
    keepFocus(this.list, () => replace(this.list, chosen.slice(0, SHOWN).map((each) => this.#instance(each)),
      chosen.length > SHOWN ? h("p", { class: "hint" }, t("world.more", { n: chosen.length - SHOWN })) : null,
      chosen.length ? null : emptyState(t("world.none"), t(this.#wanted ? "world.none_found" : "world.none_how"))));
  }

  #instance(each) {
    const status = each.flows.some((flow) => !flow.outcome) ? BUSY : each.status;
    const tone = { [NORMAL]: "good", [BUSY]: "warn" }[status] ?? "bad";
    return h("section", { class: "panel stack", "data-instance": each.id, "aria-label": each.id },
      h("div", { class: "row" }, h("h3", { class: "mono wrap" }, each.id), h("span", { class: "grow" }, each.name),
        h("span", { class: `badge ${tone}` }, labelOf(this.doc.product, this.doc.product.state.resource_status, status))),
      h("p", { class: "hint" }, t("world.where", { account: each.account, region: each.region })),
      h("ul", { class: "row", "aria-label": t("world.databases") }, each.parts.map((part) => this.#part(part))),
      this.#flows(each));
  }

  #part({ name, status }) {
    const state = status === NORMAL ? null : h("span", { class: "warn" }, ` ${labelOf(this.doc.product, this.doc.product.state.part_status, status)}`);
    return h("li", { class: "chip mono" }, name, state);
  }

  #flows({ flows }) {
    if (!flows.length) return h("p", { class: "dim" }, t("world.quiet"), " ", h("a", { href: "#/explorer" }, t("view.explorer")));
    const line = timeline(flows, { now: this.clock.now(), onForce: (id, outcome) => this.#force(id, outcome) });
    this.#lines.push(line);
    return line;
  }

  async #force(id, outcome) {
    try {
      await control("POST", `/flows/${id}/finish`, { outcome });
      replace(this.failure);
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
    await this.#load();
  }
}

customElements.define("vg-resources", WorldView);
