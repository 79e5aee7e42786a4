// Converts the state document to instances with their databases and flows. The document covers all accounts and regions at once, and
// a request for it does not appear in the journal, the coverage and the rate limits, as calls would.

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

function flowOf(row, backup, databases) {
  const due = row.due_ms > BY_HAND_MS ? null : row.due_ms;
  return { id: row.id, kind: row.kind, start: row.start_ms, due, outcome: row.outcome, end: backup?.end_ms ?? due ?? row.start_ms,
    backup: backup?.name ?? null, way: backup?.way, databases: (databases ?? []).map((each) => each.name) };
}

// worldOf(document) -> [{key, account, region, id, name, status, databases: [{name, status}], flows, newest first}]
export function worldOf({ tables }) {
  const databases = groupBy(rowsOf(tables, "database"), "instance");
  const backups = new Map(rowsOf(tables, "backup").map((row) => [row.flow, row]));
  const databasesOfFlow = groupBy(rowsOf(tables, "flow_database"), "flow");
  const flows = groupBy(rowsOf(tables, "flow"), "instance");
  return rowsOf(tables, "instance").map((row) => ({ key: row.id, account: row.account, region: row.region, id: row.instance_id, name: row.name,
    status: row.status, hidden: row.hidden === 1, databases: databases.get(row.id) ?? [],
    flows: (flows.get(row.id) ?? []).map((flow) => flowOf(flow, backups.get(flow.id), databasesOfFlow.get(flow.id))).reverse() }));
}
