// The one store of the app. It has the only event stream, and what several views show: the calls, the clock, the fault rules, and
// whether the server answers. A view reads the fields and subscribes to changes: store.on("calls", draw).
import { control, listen } from "./api.js";
import { throttle } from "./dom.js";
import { rowOf } from "./row.js";

const MOST = 10000; // calls; as many as the server stores by default
const POLL_MS = 2000; // another client may move the clock or add a fault rule, and no event reports that
const TELL_MS = 100;
const RATE_MS = 5000;
const RATES = { frozen: () => 0, scaled: (clock) => clock.scale };

class Store {
  online = null; // null until the first answer, then whether the server answers
  calls = []; // rows of row.js, oldest first
  loaded = false; // whether `calls` has what the journal had
  clock = null; // of GET /_virga/clock
  faults = [];
  #news = null; // the calls of events while the list is loaded
  #topics = new Map();
  #clockAt = 0;

  // Calls run(value) after each change of a topic: online, calls, clock, faults, flow, call. Returns a function that ends it.
  on(topic, run) {
    if (!this.#topics.has(topic)) this.#topics.set(topic, new Set());
    this.#topics.get(topic).add(run);
    return () => this.#topics.get(topic).delete(run);
  }

  #tell(topic, value) {
    for (const run of [...(this.#topics.get(topic) ?? [])]) run(value);
  }

  start() {
    this.tellCalls = throttle(() => this.#tell("calls"), TELL_MS);
    listen("/events", (event) => this.#hear(event), (on) => this.#connected(on));
    setInterval(() => { if (this.online) this.poll(); }, POLL_MS);
  }

  // --- the connection ---

  // The list is loaded after events arrive, so that no call is missed. It is loaded again for each connection, because the server may
  // have been restarted and then counts from one.
  #connected(on) {
    if (on) {
      this.#news = [];
      this.#load();
      this.poll();
    }
    if (on === this.online) return;
    this.online = on;
    this.#tell("online", on);
  }

  async #load() {
    const page = await control("GET", `/requests?limit=${MOST}`).catch(() => null);
    if (page) {
      const rows = page.requests.map(rowOf);
      const last = rows.at(-1)?.serial ?? 0;
      this.calls = [...rows, ...(this.#news ?? []).filter((row) => row.serial > last)];
      this.loaded = true;
    }
    this.#news = null;
    this.#tell("calls");
  }

  #hear({ type, data }) {
    if (type === "call") {
      const row = rowOf(data);
      (this.#news ?? this.calls).push(row);
      if (this.calls.length > MOST + MOST / 10) this.calls = this.calls.slice(-MOST);
      this.tellCalls();
      if (row.injected) this.pollFaults();
    }
    this.#tell(type, data);
  }

  // Removes the calls from the journal.
  async clear() {
    await control("DELETE", "/requests");
    this.calls = [];
    this.#tell("calls");
  }

  // Calls a second, over the last seconds.
  rate() {
    const from = Date.now() - RATE_MS;
    let n = 0;
    for (let i = this.calls.length - 1; i >= 0 && this.calls[i].ms > from; i -= 1) n += 1;
    return n / (RATE_MS / 1000);
  }

  // --- the clock and the fault rules ---

  async poll() {
    await Promise.all([this.pollClock(), this.pollFaults()]);
  }

  async pollClock() {
    const clock = await control("GET", "/clock").catch(() => null);
    if (clock) this.setClock(clock);
  }

  setClock(clock) {
    const changed = clock.mode !== this.clock?.mode || clock.scale !== this.clock?.scale || clock.mode !== "real";
    this.clock = clock;
    this.#clockAt = performance.now();
    if (changed) this.#tell("clock", clock);
  }

  // The service clock now, in milliseconds; null while it is unknown.
  now() {
    if (!this.clock) return null;
    return this.clock.unix_ms + (performance.now() - this.#clockAt) * (RATES[this.clock.mode]?.(this.clock) ?? 1);
  }

  async pollFaults() {
    const list = await control("GET", "/faults").catch(() => null);
    if (!list || JSON.stringify(list.faults) === JSON.stringify(this.faults)) return;
    this.faults = list.faults;
    this.#tell("faults", this.faults);
  }
}

export const store = new Store();
