// The search for actions: by name, parameter, code or a word of the description.

// What a hit matched, best first, with its weight.
const WEIGHTS = { name: 100, word: 60, parameter: 40, code: 30, summary: 20, description: 10 };

function entriesOf(action, doc) {
  const codes = action.errors.map((error) => doc.texts.get(error.id)?.code ?? error.id);
  return [
    ["parameter", action.in.map((f) => f.name)],
    ["code", codes],
    ["summary", [action.summary]],
    ["description", [...action.in, ...action.out].map((f) => f.summary ?? "")],
  ];
}

// "MakeThing" -> "make thing", so that "mth" finds it too.
function words(name) {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
}

function initialsMatch(name, query) {
  let at = 0;
  for (const letter of name) if (letter === query[at]) at += 1;
  return at === query.length;
}

function byName(action, query) {
  const name = action.name.toLowerCase();
  if (name.startsWith(query)) return WEIGHTS.name + query.length / name.length;
  if (name.includes(query)) return WEIGHTS.word + query.length / name.length;
  return query.length >= 3 && initialsMatch(words(action.name).replaceAll(" ", ""), query) ? 1 : 0;
}

function scoreOf(entry, query) {
  let best = { score: byName(entry.action, query), by: null };
  for (const [kind, texts] of entry.lists) {
    const hit = texts.find((text) => text.toLowerCase().includes(query));
    if (hit && WEIGHTS[kind] > best.score) best = { score: WEIGHTS[kind], by: { kind, text: hit } };
  }
  return best;
}

// Every word of the query must match something.
function match(entry, queries) {
  let total = entry.action.emulated ? 0.5 : 0;
  let by = null;
  for (const query of queries) {
    const found = scoreOf(entry, query);
    if (!found.score) return null;
    total += found.score;
    by ??= found.by;
  }
  return { action: entry.action, score: total, by };
}

// finder(doc) -> (text) -> [{action, by: {kind, text} or null}], best first; without text the emulated actions.
export function finder(doc) {
  const entries = doc.actions.map((action) => ({ action, lists: entriesOf(action, doc) }));
  return (text) => {
    const queries = text.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = entries.map((entry) => match(entry, queries)).filter(Boolean);
    return hits.sort((a, b) => b.score - a.score || a.action.tier - b.action.tier || (a.action.name < b.action.name ? -1 : 1));
  };
}
