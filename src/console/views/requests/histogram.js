// The requests over time, above the list. Dragging over it selects a span of time.
import { bucketsOf, chart } from "../../components/chart.js";
import { number, t } from "../../i18n.js";
import { outcomeOf } from "../../row.js";

const BUCKETS = 120;
const LEAST_MS = 60000; // a shorter span would show a few calls as wide bars
const OUTCOMES = ["ok", "refused", "injected"];

// histogram(onBrush) -> element with show(rows, filters)
export function histogram(onBrush) {
  const plot = chart({ label: t("histogram.title"), height: 56, onBrush, series: OUTCOMES.map((name) => ({ name, title: t(`traffic.${name}`) })) });
  plot.update = (rows, filters) => {
    const now = Date.now();
    const first = rows[0]?.ms ?? now;
    const from = filters.from ?? Math.min(first, now - LEAST_MS);
    const to = filters.to ?? Math.max(now, (rows.at(-1)?.ms ?? now) + 1);
    const buckets = bucketsOf(rows, { from, to, n: BUCKETS, seriesOf: (row) => OUTCOMES.indexOf(outcomeOf(row)), count: OUTCOMES.length });
    const sums = OUTCOMES.map((name, i) => `${t(`traffic.${name}`)} ${number(buckets.reduce((sum, each) => sum + each.values[i], 0))}`);
    plot.show(buckets, sums.join(", "));
  };
  return plot;
}
