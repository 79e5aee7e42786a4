// Texts in the user's language. A view calls t("call.send"); texts of the product come from the schema document through pick().

import { keep, kept } from "./keep.js";

export const LANGUAGES = [["en", "English"], ["zh", "中文"]];

let words = {};
let current = "en";

// The language that the user chose, else the one that the browser prefers.
export function preferredLanguage() {
  const chosen = kept("lang", null);
  if (chosen) return chosen;
  return navigator.languages.some((each) => each.toLowerCase().startsWith("zh")) && !startsWithEnglish() ? "zh" : "en";
}

function startsWithEnglish() {
  return navigator.language.toLowerCase().startsWith("en");
}

let wanted = null;

// The build makes one file for each language. The last choice wins, in whatever order the files arrive.
export async function useLanguage(lang) {
  wanted = lang;
  const next = await (await fetch(`/_virga/console/i18n/${lang}.json`)).json();
  if (wanted !== lang) return;
  words = next;
  current = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export function chooseLanguage(lang) {
  keep("lang", lang);
  return useLanguage(lang);
}

export function language() {
  return current;
}

// Returns the text of a key, with {name} replaced by values.name. A missing key is shown as itself.
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

// Returns whether a text with that key exists.
export function has(key) {
  return key in words;
}

// Returns the text to show of a row with texts in two languages ({en, zh} or {title, title_zh}).
export function pick(row, stem) {
  if (stem) return (current === "zh" && row[`${stem}_zh`]) || row[stem];
  return row[current] ?? row.en;
}

// A number and a time in the user's format.
export function number(value, digits = 0) {
  return new Intl.NumberFormat(current, { maximumFractionDigits: digits }).format(value);
}

export function clock(value) {
  return new Intl.DateTimeFormat(current, { dateStyle: "short", timeStyle: "medium" }).format(new Date(value));
}

// Only the time of day, in 24 hours, because that is narrower.
export function time(value) {
  return new Intl.DateTimeFormat(current, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(value));
}

// A duration of a call: "30 µs", "1.2 ms", "2.5 s".
export function duration(us) {
  const [value, unit] = us < 1000 ? [us, "µs"] : us < 1000000 ? [us / 1000, "ms"] : [us / 1000000, "s"];
  return `${number(value, value < 10 ? 1 : 0)} ${unit}`;
}
