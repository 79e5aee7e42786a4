// The flows that run now.
import { control } from "../../api.js";
import { h, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { store } from "../../store.js";
import { span } from "../resources/clock.js";
import { labelOf, worldOf } from "../resources/state.js";

const MOST = 8;

function line(product, { flow, owner }) {
  const left = h("span", { class: "dim small-text" });
  const bar = h("progress", { max: 1, "aria-label": t("flows.progress", { id: flow.id }) });
  const element = h("li", { class: "row" }, h("a", { class: "mono strong", href: `#/resources?flow=${flow.id}` }, String(flow.id)),
    h("span", { class: "grow wrap" }, labelOf(product, product.state.flow_kind, flow.kind), " ", h("span", { class: "dim mono" }, owner.id)), bar, left);
  const tick = (now) => {
    left.textContent = flow.due === null ? t("flow.by_hand") : t("flow.left", { span: span(flow.due - now) });
    if (flow.due === null) bar.removeAttribute("value");
    else bar.value = Math.min(1, Math.max(0, (now - flow.start) / Math.max(1, flow.due - flow.start)));
  };
  return { element, tick };
}

// flowsPanel(product) -> element with load() and tick()
export function flowsPanel(product) {
  const list = h("ul", { class: "stack" });
  const more = h("a", { class: "small-text", href: "#/resources" });
  const element = h("section", { class: "panel stack", "aria-label": t("flows.title") }, h("div", { class: "row" }, h("h3", { class: "grow" }, t("flows.title")), more), list);
  let lines = [];
  element.tick = () => { for (const each of lines) each.tick(store.now() ?? Date.now()); };
  element.load = async () => {
    const document = await control("GET", "/state").catch(() => null);
    if (!document) return;
    const running = worldOf(document, product.state).flatMap((owner) => owner.flows.filter((flow) => !flow.outcome).map((flow) => ({ flow, owner })));
    more.textContent = t("flows.all", { n: running.length });
    lines = running.slice(0, MOST).map((each) => line(product, each));
    replace(list, lines.length ? lines.map((each) => each.element) : h("li", { class: "dim" }, t("flows.none")));
    element.tick();
  };
  return element;
}
