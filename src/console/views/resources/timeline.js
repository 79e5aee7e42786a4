// The flows of an instance as bars on the service clock. The bar of a running flow moves, and its outcome can be forced.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";
import { serviceTime, span } from "./clock.js";

const SHOWN = 12;
const LEAST_MS = 1000; // a shorter axis would have bars without an end

const TONES = { success: "good", failure: "bad", running: "warn" };

function stateOf(flow) {
  return flow.outcome ?? "running";
}

function axisOf(flows, now) {
  const from = Math.min(...flows.map((flow) => flow.start));
  const to = Math.max(...flows.map((flow) => (flow.outcome ? flow.end : Math.max(now, flow.due ?? now))));
  return { from, span: Math.max(to - from, LEAST_MS) };
}

function place(element, axis, start, end) {
  element.style.setProperty("inset-inline-start", `${((start - axis.from) / axis.span) * 100}%`);
  element.style.setProperty("inline-size", `${(Math.max(end - start, 0) / axis.span) * 100}%`);
}

function wordOf(flow, now) {
  if (flow.outcome) return t("flow.ended", { state: t(`flow.${flow.outcome}`), span: span(flow.end - flow.start) });
  if (flow.due === null) return t("flow.by_hand");
  return flow.due > now ? t("flow.left", { span: span(flow.due - now) }) : t("flow.due");
}

function forcing(flow, onForce) {
  if (flow.outcome) return null;
  const button = (outcome) => h("button", { type: "button", class: "small", "data-key": `${flow.id}-${outcome}`,
    "aria-label": t(`flow.force_${outcome}_of`, { id: flow.id }), onclick: () => onForce(flow.id, outcome) }, t(`flow.force_${outcome}`));
  return h("span", { class: "row" }, button("success"), button("failure"));
}

// One flow: {element, tick(axis, now)}
function lane(flow, onForce) {
  const tone = TONES[stateOf(flow)];
  const whole = h("div", { class: "flow-whole" });
  const done = h("div", { class: `flow-done ${tone}` });
  const word = h("span", { class: "small-text dim" });
  const bar = h("div", { class: "flow-bar", role: "progressbar", "aria-label": t("flow.progress", { id: flow.id }), "aria-valuemin": 0, "aria-valuemax": 100 },
    whole, done);
  const title = [h("span", { class: "mono strong" }, String(flow.id)), " ", flow.label,
    flow.parts.length ? h("span", { class: "dim" }, ` ${flow.parts.join(", ")}`) : null];
  const element = h("li", { class: "lane", "data-flow": flow.id, "data-state": stateOf(flow) },
    h("div", { class: "wrap small-text" }, title, flow.record ? h("div", { class: "hint mono" }, flow.record) : null), bar,
    h("div", { class: "row lane-end" }, h("span", { class: `badge ${tone}` }, t(`flow.${stateOf(flow)}`)), word, forcing(flow, onForce)));
  const tick = (axis, now) => {
    const end = flow.outcome ? flow.end : Math.max(now, flow.start);
    const due = flow.outcome ? flow.end : flow.due ?? end;
    place(whole, axis, flow.start, due);
    place(done, axis, flow.start, Math.min(end, due));
    bar.setAttribute("aria-valuenow", due > flow.start ? Math.round((Math.min(end - flow.start, due - flow.start) / (due - flow.start)) * 100) : 100);
    word.textContent = wordOf(flow, now);
  };
  return { element, tick };
}

// timeline(flows, {now, onForce(id, outcome)}) -> element with tick(now)
export function timeline(flows, { now, onForce }) {
  const shown = flows.slice(0, SHOWN);
  const lanes = shown.map((flow) => lane(flow, onForce));
  const left = h("span", {});
  const right = h("span", {});
  const more = flows.length - shown.length;
  const element = h("div", { class: "stack" }, h("div", { class: "axis small-text dim mono", "aria-hidden": "true" }, left, right),
    h("ol", { class: "lanes" }, lanes.map((each) => each.element)), more ? h("p", { class: "hint" }, t("flow.more", { n: more })) : null);
  element.tick = (at) => {
    const axis = axisOf(shown, at);
    left.textContent = serviceTime(axis.from);
    right.textContent = serviceTime(axis.from + axis.span);
    for (const each of lanes) each.tick(axis, at);
  };
  element.tick(now);
  return element;
}
