// The filter of the requests: terms with a name and a value, or words that stand anywhere in the call, its body or its answer.
//
//   code:NotFound -action:Describe dur:>5ms is:refused "any text"
//
// A value may stand anywhere in the field, in any case. A minus excludes. All terms must match.
import { outcomeOf } from "../../row.js";

const UNITS = { "µs": 1, us: 1, ms: 1000, s: 1000000 };
const TERM = /(-?)(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g;

const FIELDS = {
  action: (row) => row.action,
  code: (row) => row.code,
  trace: (row) => row.trace,
  client: (row) => row.client,
  id: (row) => row.id,
  region: (row) => row.region,
  key: (row) => row.secretId,
  message: (row) => row.message ?? "",
};

export const NAMES = [...Object.keys(FIELDS), "dur", "is"];

// ">5ms" -> test(microseconds); null if it is no duration.
function durationTest(text) {
  const [, sign, value, unit] = /^(>=?|<=?)?([\d.]+)(µs|us|ms|s)?$/.exec(text) ?? [];
  if (value === undefined) return null;
  const us = Number(value) * UNITS[unit ?? "ms"];
  return { ">": (x) => x > us, ">=": (x) => x >= us, "<": (x) => x < us, "<=": (x) => x <= us }[sign ?? ">="];
}

function testOf(name, value) {
  const low = value.toLowerCase();
  if (name === "dur") {
    const fits = durationTest(low);
    return fits && ((row) => fits(row.us));
  }
  if (name === "is") return (row) => outcomeOf(row) === low || (low === "refused" && !row.ok);
  if (FIELDS[name]) return (row) => FIELDS[name](row).toLowerCase().includes(low);
  return null;
}

// parse("code:NotFound") -> [{text, test(row)}]. A name that is not known makes the term a word: a time such as 12:30 is one.
export function parse(text) {
  return [...text.matchAll(TERM)].map(([whole, minus, name, quoted, bare]) => {
    const value = quoted ?? bare;
    const named = name && testOf(name.toLowerCase(), value);
    const word = (name && !named ? `${name}:${value}` : value).toLowerCase();
    const test = named || ((row) => row.hay.includes(word));
    return { text: whole, test: minus ? (row) => !test(row) : test };
  });
}

export function matches(row, terms) {
  return terms.every((term) => term.test(row));
}

// The filter with that term added, or without it if it was there.
export function toggled(text, term) {
  const terms = parse(text).map((each) => each.text);
  const rest = terms.filter((each) => each !== term);
  return (rest.length < terms.length ? rest : [...terms, term]).join(" ");
}
