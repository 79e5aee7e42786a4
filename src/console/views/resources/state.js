// Converts the state document to resources with their parts and flows; doc.product.state names the tables. The document covers all
// accounts and regions at once, and a request for it does not appear in the journal, the coverage and the rate limits, as calls would.
import { pick } from "../../i18n.js";

const BY_HAND_MS = 8e15; // later than any date: such a flow waits to be ended by hand

function rowsOf(tables, name) {
  const { columns, rows } = tables[name] ?? { columns: [], rows: [] };
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
}

function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row[key])) groups.set(row[key], []);
    groups.get(row[key]).push(row);
  }
  return groups;
}

function flowOf(row, record, parts) {
  const due = row.due_ms > BY_HAND_MS ? null : row.due_ms;
  return { id: row.id, kind: row.kind, start: row.start_ms, due, outcome: row.outcome, end: record?.end_ms ?? due ?? row.start_ms,
    record: record?.name ?? null, parts: (parts ?? []).map((each) => each.name) };
}

// worldOf(document, names) -> [{key, account, region, id, name, status, parts: [{name, status}], flows, newest first}]. A row of another
// table names its resource, or its flow, in a column with the name of that table.
export function worldOf({ tables }, names) {
  const parts = groupBy(rowsOf(tables, names.parts), names.resources);
  const records = new Map(rowsOf(tables, names.flow_record).map((row) => [row.flow, row]));
  const partsOfFlow = groupBy(rowsOf(tables, names.flow_parts), "flow");
  const flows = groupBy(rowsOf(tables, "flow"), names.resources);
  return rowsOf(tables, names.resources).map((row) => ({ key: row.id, account: row.account, region: row.region, id: row[names.resource_id], name: row.name,
    status: row.status, hidden: row.hidden === 1, parts: parts.get(row.id) ?? [],
    flows: (flows.get(row.id) ?? []).map((flow) => flowOf(flow, records.get(flow.id), partsOfFlow.get(flow.id))).reverse() }));
}

// The label of a value of an enum, by its number or its text: its title, else its meaning, else the value itself.
export function labelOf(product, name, value) {
  const known = product.enums.find((each) => each.name === name)?.values.find((each) => each.number === value || each.text === value);
  return known ? pick(known, known.title ? "title" : undefined) : String(value);
}
