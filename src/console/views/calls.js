// Calls: the calls of all clients in the journal as they are answered. An opened call shows what the view Call shows for its own calls.
import { control, download, listen } from "../api.js";
import { emptyState, errorBox } from "../components/empty.js";
import { Table } from "../components/table.js";
import { h, replace, saveAs, throttle } from "../dom.js";
import { number, t, time } from "../i18n.js";
import { loadContext } from "./call/context.js";
import { resultView } from "./call/result.js";
import { actionBar, callOf, entryOf, outcomeOf, tabsOf } from "./calls/entry.js";
import { filterBar, filtersOf, matches, queryOf } from "./calls/filter.js";
import { rowOf } from "./calls/row.js";
import { View } from "./view.js";

const MOST = 10000; // as many as the server stores by default
const DRAW_MS = 100;

class CallsView extends View {
  #rows = [];
  #news = null; // the calls of events since the connection opened, until the list of all calls is loaded
  #entry = null;

  async prepare() {
    await loadContext(this.doc).catch(() => null); // without it a replay uses what the user typed in the view Call
    this.pipeline = (await control("GET", "/pipeline").catch(() => ({ steps: [] }))).steps;
    this.filters = filtersOf(this.route.query);
    this.refresh = throttle(() => this.#fill(), DRAW_MS);
  }

  routed() {
    this.bar.show(filtersOf(this.route.query));
    this.#fill();
    this.#open();
  }

  begin() {
    this.until(listen("/events", (event) => this.#hear(event), (on) => this.#live(on)));
  }

  draw() {
    this.state = h("span", { class: "badge", role: "status" }, t("calls.connecting"));
    this.count = h("span", { class: "dim small-text grow" });
    this.bar = filterBar(this.filters, () => this.#filtered());
    this.table = new Table({ label: t("view.calls"), onOpen: (row) => this.#go(row.id), rowClass: (row) => (row.ok ? "" : "refused"),
      empty: emptyState(t("calls.none"), t("calls.first"), h("a", { href: "#/call" }, t("view.call"))),
      columns: [
        { title: t("calls.time"), class: "time", cell: (row) => time(row.ms) },
        { title: t("calls.action"), class: "wide", cell: (row) => row.action || t("calls.no_action") },
        { title: t("calls.code"), class: "wide", cell: (row) => this.#code(row) },
        { title: t("calls.from"), class: "spare", cell: (row) => row.trace || row.client },
        { title: t("calls.took"), class: "took spare", cell: (row) => t("calls.ms", { ms: number(row.took, 1) }) },
      ] });
    this.table.follow = true;
    this.failure = h("div", {});
    this.actions = h("section", { class: "acts", "aria-label": t("calls.acts") });
    this.result = resultView({ doc: this.doc, pipeline: this.pipeline, callOf: () => (this.#entry ? callOf(this.#entry) : null),
      none: () => emptyState(t("calls.closed"), t("calls.open_how")), more: (outcome) => tabsOf(outcome) });
    replace(this, h("h2", { class: "sr-only" }, t("view.calls")), h("div", { class: "stack" }, this.failure, this.bar, h("div", { class: "split calls" },
      h("div", { class: "stack" }, h("div", { class: "row acts" }, this.state, this.count,
        h("button", { type: "button", class: "small", onclick: () => this.#har() }, t("calls.har")),
        h("button", { type: "button", class: "small", onclick: () => this.#clear() }, t("calls.clear"))), this.table.element),
      h("div", { class: "stack opened" }, this.actions, this.result))));
  }

  #code(row) {
    return [h("span", { class: `badge ${row.ok ? "good" : "bad"}` }, row.code || t("calls.no_answer")),
      row.injected ? [" ", h("span", { class: "badge warn", title: row.injected }, t("calls.fault"))] : null];
  }

  // --- the list ---

  async #load() {
    try {
      const page = await control("GET", `/requests?limit=${MOST}`);
      const rows = page.requests.map(rowOf);
      const last = rows.at(-1)?.serial ?? 0;
      this.#rows = [...rows, ...(this.#news ?? []).filter((row) => row.serial > last)];
      replace(this.failure);
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
    this.#news = null;
    this.#fill();
  }

  #hear({ type, data }) {
    if (type !== "call") return;
    (this.#news ?? this.#rows).push(rowOf(data));
    if (this.#rows.length > MOST + MOST / 10) this.#rows = this.#rows.slice(-MOST);
    this.refresh();
  }

  // The list is loaded after events arrive, so that no call is missed; without events there is still the list. It is loaded again for
  // each connection, because the server may have been restarted and then counts from one.
  #live(on) {
    this.state.className = `badge ${on ? "good" : "warn"}`;
    this.state.textContent = t(on ? "calls.live" : "calls.away");
    if (on) this.#news = [];
    if (on || !this.loaded) this.#load();
    this.loaded = true;
  }

  #fill() {
    const rows = this.#rows.filter((row) => matches(row, this.filters));
    this.table.rows = rows;
    this.bar.offer(this.#rows);
    this.count.textContent = t("calls.count", { n: number(rows.length), all: number(this.#rows.length) });
  }

  #address(id) {
    const query = queryOf(this.filters);
    return `#/calls${id ? `/${id}` : ""}${query ? `?${query}` : ""}`;
  }

  // Sets the address at once, because a reload may need it before the list is drawn.
  #filtered() {
    history.replaceState(null, "", this.#address(this.route.rest[0]));
    this.refresh();
  }

  async #har() {
    const { action, code, trace } = this.filters;
    const query = queryOf({ action, code, trace });
    try {
      saveAs(await download(`/requests.har?limit=${MOST}${query ? `&${query}` : ""}`), "virga.har");
    } catch (error) {
      replace(this.failure, errorBox(error));
    }
  }

  async #clear() {
    await control("DELETE", "/requests").catch((error) => replace(this.failure, errorBox(error)));
    this.#rows = [];
    this.#fill();
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
    if (entry) this.table.choose(entry.request_id);
    this.result.show(entry ? outcomeOf(this.doc, entry) : null);
  }
}

customElements.define("vg-calls", CallsView);
