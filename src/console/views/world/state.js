// The state's document as a person thinks of it: instances, with their databases and flows. It tells all accounts and regions at once,
// and asking for it leaves no trace in the journal, the coverage and the limiter, as calls would.

const BY_HAND_MS = 8e15; // past any date: such a flow waits to be finished by hand

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

function flowOf(row, backup, held) {
  const due = row.due_ms > BY_HAND_MS ? null : row.due_ms;
  return { id: row.id, kind: row.kind, start: row.start_ms, due, outcome: row.outcome, end: backup?.end_ms ?? due ?? row.start_ms,
    backup: backup?.name ?? null, way: backup?.way, databases: (held ?? []).map((each) => each.name) };
}

// worldOf(document) -> [{key, account, region, id, name, status, databases: [{name, status}], flows, newest first}]
export function worldOf({ tables }) {
  const databases = groupBy(rowsOf(tables, "database"), "instance");
  const backups = new Map(rowsOf(tables, "backup").map((row) => [row.flow, row]));
  const held = groupBy(rowsOf(tables, "flow_database"), "flow");
  const flows = groupBy(rowsOf(tables, "flow"), "instance");
  return rowsOf(tables, "instance").map((row) => ({ key: row.id, account: row.account, region: row.region, id: row.instance_id, name: row.name,
    status: row.status, hidden: row.hidden === 1, databases: databases.get(row.id) ?? [],
    flows: (flows.get(row.id) ?? []).map((flow) => flowOf(flow, backups.get(flow.id), held.get(flow.id))).reverse() }));
}
