// The latest refusals, one line for each code, with what explains it.
import { prose } from "../../components/prose.js";
import { h, replace } from "../../dom.js";
import { number, t, time } from "../../i18n.js";
import { outcomeOf } from "../../row.js";
import { store } from "../../store.js";

const MOST = 8;

// [{code, n, last: row}], the latest first
function byCode(rows) {
  const found = new Map();
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    const row = rows[i];
    if (row.ok) continue;
    const known = found.get(row.code);
    if (known) known.n += 1;
    else found.set(row.code, { code: row.code, n: 1, last: row });
  }
  return [...found.values()].slice(0, MOST);
}

function line({ code, n, last }) {
  const said = last.whyText || last.message;
  return h("li", { class: "refusal" }, h("div", { class: "row" }, h("a", { class: "mono strong wrap grow", href: `#/requests/${last.id}` }, code || t("refusals.no_answer")),
    outcomeOf(last) === "injected" ? h("span", { class: "badge warn" }, t("traffic.injected")) : null,
    h("a", { class: "badge", href: `#/requests?q=${encodeURIComponent(`code:${code}`)}` }, t("refusals.count", { n: number(n) }))),
  h("div", { class: "small-text wrap" }, prose(said)), h("div", { class: "hint" }, `${last.action || "-"}, ${time(last.ms)}`));
}

// refusalsPanel() -> element with update()
export function refusalsPanel() {
  const list = h("ul", { class: "refusals" });
  const element = h("section", { class: "panel stack", "aria-label": t("refusals.title") }, h("h3", {}, t("refusals.title")), list);
  let drawn = null;
  element.update = () => {
    const found = byCode(store.calls);
    const next = found.map((each) => `${each.last.id} ${each.n}`).join();
    if (next === drawn) return;
    drawn = next;
    replace(list, found.length ? found.map(line) : h("li", { class: "dim" }, t("refusals.none")));
  };
  return element;
}
