// Overview: where to point a client, what is happening, and what was refused last.
import { control } from "../api.js";
import { throttle, h, replace } from "../dom.js";
import { t } from "../i18n.js";
import { store } from "../store.js";
import { connectPanel } from "./overview/connect.js";
import { flowsPanel } from "./overview/flows.js";
import { refusalsPanel } from "./overview/refusals.js";
import { trafficPanel } from "./overview/traffic.js";
import { View } from "./view.js";

const SECOND_MS = 1000;
const SLOW_MS = 2000;

class OverviewView extends View {
  async prepare() {
    this.credentials = (await control("GET", "/credentials").catch(() => ({ credentials: [] }))).credentials;
  }

  draw() {
    this.connect = connectPanel(this.doc, this.credentials);
    this.traffic = trafficPanel();
    this.refusals = refusalsPanel();
    this.flows = flowsPanel(this.doc.product);
    replace(this, h("div", { class: "page-head" }, h("h2", {}, t("view.overview"))),
      this.route.unknown ? h("p", { class: "notice warn", role: "alert" }, t("overview.unknown")) : null,
      h("div", { class: "overview" }, this.connect, h("div", { class: "stack" }, this.traffic, this.refusals, this.flows)));
  }

  begin() {
    const calls = () => { this.connect.update(); this.traffic.update(); this.refusals.update(); };
    const slow = throttle(() => Promise.all([this.flows.load(), this.traffic.loadCoverage()]), SLOW_MS);
    this.until(store.on("calls", () => { calls(); slow(); }));
    this.until(store.on("flow", slow));
    this.until(store.on("online", (on) => { if (on) slow(); }));
    this.every(SECOND_MS, () => { this.traffic.update(); this.flows.tick(); });
    calls();
    this.flows.load();
    this.traffic.loadCoverage();
  }
}

customElements.define("vg-overview", OverviewView);
