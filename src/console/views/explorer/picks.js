// Values to choose for a parameter: what the world has, by the schema's lookups, and values of earlier responses.

const SEEN_MOST = 20;
const seen = new Map(); // field name -> values, newest first

function remember(name, value) {
  if (value === "" || value === 0 || value === null || typeof value === "object") return;
  const values = seen.get(name) ?? [];
  seen.set(name, [value, ...values.filter((each) => each !== value)].slice(0, SEEN_MOST));
}

// Stores every scalar of a response under its name, so that a flow's id can be chosen for a parameter of that name.
export function learn(value) {
  if (Array.isArray(value)) value.forEach(learn);
  else if (value && typeof value === "object") {
    for (const [name, each] of Object.entries(value)) {
      remember(name, each);
      learn(each);
    }
  }
}

// "{Name}" in a lookup is a parameter of the form; the result is null while that is empty.
function fillIn(template, params) {
  if (Array.isArray(template)) {
    const list = template.map((each) => fillIn(each, params));
    return list.includes(null) ? null : list;
  }
  if (typeof template !== "string" || !/^\{\w+\}$/.test(template)) return template;
  const value = params[template.slice(1, -1)];
  return value === undefined || value === "" ? null : value;
}

function askOf(lookup, params) {
  const pairs = Object.entries(lookup.in).map(([key, value]) => [key, fillIn(value, params)]);
  return pairs.some(([, value]) => value === null) ? null : Object.fromEntries(pairs);
}

function rowsOf(response, path) {
  return path.split(".").reduce((rows, part) => rows.flatMap((row) => row?.[part] ?? []), [response]);
}

function fromRows(rows, lookup) {
  const pairs = rows.map((row) => ({ value: row[lookup.value], title: lookup.title ? row[lookup.title] : "" }));
  return pairs.filter(({ value }) => value !== "" && value !== null && value !== undefined);
}

// picksFor(lookups, call) -> async (name, params) -> [{value, title}]. `call(action, params)` makes an ordinary signed call and
// returns its response.
export function picksFor(lookups, call) {
  return async (name, params) => {
    const lookup = lookups.find((each) => each.for.includes(name));
    const ask = lookup && askOf(lookup, params);
    const response = ask ? await call(lookup.action, ask).catch(() => null) : null;
    const found = response ? fromRows(rowsOf(response, lookup.rows), lookup) : [];
    const remembered = (seen.get(name) ?? []).map((value) => ({ value, title: "" }));
    const all = [...found, ...remembered];
    return all.filter((pick, i) => all.findIndex((other) => other.value === pick.value) === i);
  };
}
