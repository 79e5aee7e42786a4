// Requests: the calls of all clients as they are answered, newest first. An opened call shows what the Explorer shows for its own calls.
import { control, download } from "../api.js";
import { emptyState, errorBox } from "../components/empty.js";
import { Table } from "../components/table.js";
import { h, replace, saveAs } from "../dom.js";
import { duration, number, t, time } from "../i18n.js";
import { store } from "../store.js";
import { loadContext } from "./explorer/context.js";
import { resultView } from "./explorer/result.js";
import { actionBar, callOf, entryOf, outcomeOf, tabsOf } from "./requests/entry.js";
import { filterBar, filtersOf, queryOf, tester } from "./requests/filter.js";
import { histogram } from "./requests/histogram.js";
import { View } from "./view.js";

const MOST = 10000; // of an archive; as many as the server stores by default
const HAR = ["action", "code", "trace"]; // the filters that an archive knows, each as the beginning of a name

class RequestsView extends View {
  #entry = null;
  #shown = []; // the rows of the list, newest first
  #seen = 0; // the serial of the newest row that the user has seen at the top

  async prepare() {
    await loadContext(this.doc).catch(() => null); // without it a replay uses what the user typed in the Explorer
    this.pipeline = (await control("GET", "/pipeline").catch(() => ({ steps: [] }))).steps;
    this.filters = filtersOf(this.route.query);
    this.resourceNames = this.doc.product.lookups[0].for;
  }

  routed() {
    this.bar.show(filtersOf(this.route.query));
    this.#fill();
    this.#open();
  }

  begin() {
    this.until(store.on("calls", () => this.#fill()));
    const onKey = (event) => { if (event.key === "Escape" && this.#entry && !document.querySelector("dialog[open]")) this.#go(null); };
    document.addEventListener("keydown", onKey);
    this.until(() => document.removeEventListener("keydown", onKey));
  }

  draw() {
    this.count = h("span", { class: "dim small-text grow", role: "status" });
    this.news = h("button", { type: "button", class: "small primary", hidden: true, "data-local": true, onclick: () => { this.table.element.scrollTop = 0; this.#fill(); } });
    this.bar = filterBar(this.filters, () => this.#filtered());
    this.plot = histogram((from, to) => { this.bar.show({ ...this.filters, from, to: to ?? null }); this.#filtered(); });
    this.table = this.#list();
    this.failure = h("div", {});
    this.actions = h("section", { class: "acts", "aria-label": t("calls.acts") });
    this.result = resultView({ doc: this.doc, pipeline: this.pipeline, callOf: () => (this.#entry ? callOf(this.#entry) : null),
      none: () => emptyState(t("calls.closed"), t("calls.open_how")), more: (outcome) => tabsOf(outcome) });
    this.opened = h("div", { class: "stack opened" }, this.actions, this.result);
    replace(this, h("div", { class: "page-head" }, h("h2", {}, t("view.requests")),
      h("button", { type: "button", class: "small", onclick: () => this.#har() }, t("calls.har")),
      h("button", { type: "button", class: "small", onclick: () => this.#clear() }, t("calls.clear"))),
    h("div", { class: "stack" }, this.failure, h("section", { class: "panel stack" }, this.plot, this.bar), h("div", { class: "split calls" },
      h("div", { class: "stack" }, h("div", { class: "row acts" }, this.count, this.news), this.table.element),
      this.opened)));
  }

  #list() {
    const table = new Table({ label: t("view.requests"), onOpen: (row) => this.#go(row.id), onMove: (row) => this.#go(row.id), rowClass: (row) => (row.ok ? "" : "refused"),
      empty: emptyState(t("calls.none"), t("calls.first"), h("a", { href: "#/explorer" }, t("view.explorer"))),
      columns: [
        { title: t("calls.time"), class: "time", cell: (row) => time(row.ms) },
        { title: t("calls.action"), class: "wide", cell: (row) => row.action || t("calls.no_action") },
        { title: t("calls.code"), class: "wide", cell: (row) => this.#code(row) },
        { title: t("calls.resource"), class: "mono spare", cell: (row) => this.#resource(row) },
        { title: t("calls.from"), class: "spare", cell: (row) => row.trace || row.client },
        { title: t("calls.took"), class: "took", cell: (row) => duration(row.us) },
      ] });
    table.element.addEventListener("scroll", () => this.#tellNews());
    return table;
  }

  #code(row) {
    return [h("span", { class: `badge ${row.ok ? "good" : "bad"}`, title: row.code }, row.code || t("calls.no_answer")),
      row.injected ? [" ", h("span", { class: "badge warn", title: row.injected }, t("calls.fault"))] : null];
  }

  #resource({ params }) {
    const name = this.resourceNames.find((each) => params?.[each] !== undefined);
    return name ? [params[name]].flat()[0] ?? "" : "";
  }

  // --- the list ---

  #fill() {
    const rows = store.calls.filter(tester(this.filters));
    this.#shown = rows.toReversed();
    this.table.rows = this.#shown;
    this.plot.update(rows, this.filters);
    this.bar.offer(store.calls);
    this.count.textContent = t("calls.count", { n: number(rows.length), all: number(store.calls.length) });
    this.#tellNews();
  }

  // How many calls came since the top of the list was in sight.
  #tellNews() {
    const newest = this.#shown[0]?.serial ?? 0;
    if (this.table.element.scrollTop === 0) this.#seen = newest;
    const n = this.#shown.findIndex((row) => row.serial <= this.#seen);
    this.news.hidden = n <= 0;
    this.news.textContent = t("calls.news", { n: number(n) });
  }

  #address(id) {
    const query = queryOf(this.filters);
    return `#/requests${id ? `/${id}` : ""}${query ? `?${query}` : ""}`;
  }

  // Sets the address at once, because a reload may need it before the list is drawn.
  #filtered() {
    history.replaceState(null, "", this.#address(this.route.rest[0]));
    this.#fill();
  }

  async #har() {
    const given = new URLSearchParams(HAR.map((name) => [name, new RegExp(`(?:^| )${name}:(\\S+)`).exec(this.filters.q)?.[1] ?? ""]).filter(([, value]) => value));
    try {
      saveAs(await download(`/requests.har?limit=${MOST}${given.size ? `&${given}` : ""}`), "virga.har");
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
  }

  async #clear() {
    await store.clear().catch((error) => replace(this.failure, errorBox(error)));
  }

  // --- one call ---

  #go(id) {
    location.hash = this.#address(id);
  }

  // While one call is loading, the user may open another.
  async #open() {
    const [id] = this.route.rest;
    if (this.#entry?.request_id === id) return;
    try {
      const entry = id ? await entryOf(id) : null;
      if (id === this.route.rest[0]) this.#show(entry);
    } catch (error) {
      if (id !== this.route.rest[0]) return;
      this.#show(null);
      replace(this.actions, errorBox(error));
    }
  }

  #show(entry) {
    this.#entry = entry;
    replace(this.actions, entry ? actionBar(this.doc, entry, (next) => this.#go(next)) : null);
    this.table.choose(entry?.request_id ?? null);
    this.opened.parentElement.dataset.opened = String(Boolean(this.route.rest[0]));
    this.result.show(entry ? outcomeOf(this.doc, entry) : null);
  }
}

customElements.define("vg-requests", RequestsView);
