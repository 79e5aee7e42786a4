// The bar on top: the endpoint to copy, the command palette, the state of the server as pills, language and theme.
import { copyButton } from "../components/code.js";
import { h, select } from "../dom.js";
import { chooseLanguage, LANGUAGES, language, number, t } from "../i18n.js";
import { icon } from "../icons.js";
import { keep, kept } from "../keep.js";
import { store } from "../store.js";

const THEMES = ["auto", "light", "dark"];
const RATE_MS = 1000;

// Set before each drawing: the subscriptions of the bar before it, which is drawn again in another language.
let ends = [];

function pill(href, name, topics, show) {
  const element = h("a", { class: "pill", href, "data-pill": name });
  const draw = () => {
    const { text, tone = "", hidden = false } = show();
    element.textContent = text;
    element.className = `pill ${tone}`;
    element.hidden = hidden;
  };
  ends.push(...topics.map((topic) => store.on(topic, draw)));
  draw();
  element.draw = draw;
  return element;
}

function connection() {
  if (store.online === null) return { text: t("pill.connecting") };
  return store.online ? { text: t("pill.connected"), tone: "good" } : { text: t("pill.lost"), tone: "bad" };
}

function clock() {
  const mode = store.clock?.mode ?? "real";
  return { text: t(`pill.clock.${mode}`, { n: number(store.clock?.scale ?? 1) }), tone: "warn", hidden: mode === "real" };
}

function faults() {
  const n = store.faults.filter((fault) => fault.count === undefined || fault.hits < fault.count).length;
  return { text: t(n === 1 ? "pill.fault" : "pill.faults", { n }), tone: "warn", hidden: n === 0 };
}

function rate() {
  return { text: t("pill.rate", { n: number(store.rate(), 1) }) };
}

function pills() {
  const busy = pill("#/requests", "rate", ["calls"], rate);
  const timer = setInterval(() => busy.draw(), RATE_MS);
  ends.push(() => clearInterval(timer));
  return h("div", { class: "pills", role: "group", "aria-label": t("pills") }, pill("#/overview", "connection", ["online"], connection),
    pill("#/resources", "clock", ["clock"], clock), pill("#/faults", "faults", ["faults"], faults), busy);
}

function switches(onLanguage) {
  const themes = THEMES.map((name) => [name, t(`theme.${name}`)]);
  const setTheme = (name) => {
    keep("theme", name);
    document.documentElement.dataset.theme = name;
  };
  return h("div", { class: "switches" },
    select(LANGUAGES, language(), async (lang) => { await chooseLanguage(lang); onLanguage(); }, { name: "lang", "aria-label": t("language") }),
    select(themes, kept("theme", "auto"), setTheme, { name: "theme", "aria-label": t("theme") }));
}

// bar({palette, onLanguage}) -> element
export function bar({ palette, onLanguage }) {
  for (const end of ends.splice(0)) end();
  return h("div", { class: "bar", role: "region", "aria-label": t("bar") },
    h("div", { class: "endpoint" }, h("code", { title: t("endpoint") }, location.origin), copyButton(location.origin, t("copy"), t("copy.endpoint"))),
    h("button", { type: "button", class: "find", title: t("palette.open"), onclick: () => palette.open() }, icon("search"), h("span", {}, t("palette.find")), h("kbd", {}, "Ctrl K")),
    pills(), switches(onLanguage));
}
