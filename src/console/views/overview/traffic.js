// The calls of the last fifteen minutes: how many succeeded, were refused or were injected, how long they took; and the coverage.
import { control } from "../../api.js";
import { bucketsOf, chart, percentile } from "../../components/chart.js";
import { h } from "../../dom.js";
import { duration, number, t } from "../../i18n.js";
import { outcomeOf } from "../../row.js";
import { store } from "../../store.js";

const SPAN_MS = 15 * 60 * 1000;
const BUCKETS = 90; // ten seconds each
const OUTCOMES = ["ok", "refused", "injected"];

function facts(buckets) {
  const sums = OUTCOMES.map((_, i) => buckets.reduce((sum, each) => sum + each.values[i], 0));
  const us = buckets.flatMap((each) => each.us).sort((a, b) => a - b);
  const shown = (share) => (us.length ? duration(percentile(us, share)) : "-");
  return [...OUTCOMES.map((name, i) => [t(`traffic.${name}`), number(sums[i])]), ["p50", shown(0.5)], ["p95", shown(0.95)]];
}

// trafficPanel() -> element with update() and loadCoverage()
export function trafficPanel() {
  const plot = chart({ label: t("traffic.title"), series: OUTCOMES.map((name) => ({ name, title: t(`traffic.${name}`) })),
    lines: [{ name: "p50", title: "p50", value: (each) => percentile(each.us, 0.5) }, { name: "p95", title: "p95", value: (each) => percentile(each.us, 0.95) }] });
  const figures = h("dl", { class: "figures" });
  const share = h("meter", { min: 0, max: 100, "aria-label": t("traffic.coverage") });
  const words = h("a", { href: "#/coverage" });
  const element = h("section", { class: "panel stack traffic", "aria-label": t("traffic.title") }, plot, figures,
    h("div", { class: "row" }, h("span", { class: "strong" }, t("traffic.coverage")), share, words));
  let drawn = "";
  element.update = () => {
    const step = SPAN_MS / BUCKETS;
    const to = Math.ceil(Date.now() / step) * step;
    const next = `${to} ${store.calls.at(-1)?.serial} ${store.calls.length}`;
    if (next === drawn) return;
    drawn = next;
    const buckets = bucketsOf(store.calls, { from: to - SPAN_MS, to, n: BUCKETS, seriesOf: (row) => OUTCOMES.indexOf(outcomeOf(row)), count: OUTCOMES.length });
    const list = facts(buckets);
    plot.show(buckets, list.map((pair) => pair.join(" ")).join(", "));
    figures.replaceChildren(...list.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  };
  element.loadCoverage = async () => {
    const report = await control("GET", "/coverage?actions=called").catch(() => null);
    if (!report) return;
    share.value = report.percent;
    words.textContent = t("traffic.covered", { seen: number(report.seen), documented: number(report.documented), percent: number(report.percent) });
  };
  return element;
}
