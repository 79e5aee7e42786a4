// The service clock: its current time, and buttons to move it.
import { control } from "../../api.js";
import { h } from "../../dom.js";
import { has, number, t } from "../../i18n.js";

const BEIJING_MS = 8 * 3600 * 1000;
const STEPS = [["minute", 60], ["hour", 3600], ["day", 86400]];
const FAST = 60;

const RATES = { frozen: () => 0, scaled: (clock) => clock.scale };

// The service writes times in this zone, independent of the user's zone.
export function serviceTime(ms) {
  return new Date(ms + BEIJING_MS).toISOString().slice(0, 19).replace("T", " ");
}

function unit(value, name) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 0 }).format(value);
}

// "1 h 5 min"
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [["day", Math.floor(seconds / 86400)], ["hour", Math.floor(seconds / 3600) % 24], ["minute", Math.floor(seconds / 60) % 60],
    ["second", seconds % 60]].filter(([, value]) => value).slice(0, 2);
  return parts.length ? parts.map(([name, value]) => unit(value, name)).join(" ") : unit(0, "second");
}

// clockPanel({onMoved, onError}) -> element with load(), now() and tick(). onMoved() when the user has moved the clock here.
export function clockPanel({ onMoved, onError }) {
  const shown = h("span", { class: "service-time mono", role: "timer" });
  const mode = h("span", { class: "badge" });
  let clock = null;
  let since = 0;

  function take(next) {
    clock = next;
    since = performance.now();
    mode.textContent = has(`clock.${clock.mode}`) ? t(`clock.${clock.mode}`, { n: number(clock.scale ?? 1) }) : clock.mode;
    mode.className = `badge ${clock.mode === "real" ? "good" : "warn"}`;
    element.tick();
  }

  const set = (method, path, body) => async () => {
    try {
      take(await control(method, path, body));
      onMoved();
    } catch (error) {
      onError(error);
    }
  };
  const button = (name, ...how) => h("button", { type: "button", class: "small", "data-clock": name, onclick: set(...how) }, t(`clock.do.${name}`));
  const element = h("section", { class: "panel row", "aria-label": t("clock.title") }, h("h3", {}, t("clock.title")), shown,
    h("span", { class: "dim small-text" }, "UTC+8"), mode, h("span", { class: "grow" }),
    button("freeze", "PUT", "/clock", { mode: "frozen" }), STEPS.map(([name, seconds]) => button(name, "POST", "/clock/advance", { seconds })),
    button("fast", "PUT", "/clock", { mode: "scaled", scale: FAST }), button("real", "PUT", "/clock", { mode: "real" }));
  element.load = async () => take(await control("GET", "/clock"));
  element.now = () => (clock ? clock.unix_ms + (performance.now() - since) * (RATES[clock.mode]?.(clock) ?? 1) : null);
  element.tick = () => { shown.textContent = clock ? serviceTime(element.now()) : ""; };
  return element;
}
