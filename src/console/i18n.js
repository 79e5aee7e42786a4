// Words in the reader's language. A view asks t("call.send"); texts of the product come from the schema's document by pick().

export const LANGUAGES = [["en", "English"], ["zh", "中文"]];
const STORED = "virga.lang";

let words = {};
let current = "en";

// What the reader chose, else what the browser prefers.
export function preferredLanguage() {
  const chosen = localStorage.getItem(STORED);
  if (chosen) return chosen;
  return navigator.languages.some((each) => each.toLowerCase().startsWith("zh")) && !startsWithEnglish() ? "zh" : "en";
}

function startsWithEnglish() {
  return navigator.language.toLowerCase().startsWith("en");
}

// The frame and each view have a file of words a language.
let sections = [];

export function setSections(names) {
  sections = names;
}

async function wordsOf(lang, section) {
  const answer = await fetch(`/_virga/console/i18n/${lang}/${section}.json`);
  return answer.json();
}

let wanted = null;

// The last choice counts, however the words come in.
export async function useLanguage(lang) {
  wanted = lang;
  const parts = await Promise.all(sections.map((section) => wordsOf(lang, section)));
  if (wanted !== lang) return;
  words = Object.assign({}, ...parts);
  current = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export function chooseLanguage(lang) {
  localStorage.setItem(STORED, lang);
  return useLanguage(lang);
}

export function language() {
  return current;
}

// The text of a key, with {name} replaced by values.name. A key that is missing shows itself.
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

// Is there a text of that key?
export function has(key) {
  return key in words;
}

// Of a row with texts in two languages ({en, zh} or {title, title_zh}) the one to show.
export function pick(row, stem) {
  if (stem) return (current === "zh" && row[`${stem}_zh`]) || row[stem];
  return row[current] ?? row.en;
}

// A number and a time as the reader writes them.
export function number(value, digits = 0) {
  return new Intl.NumberFormat(current, { maximumFractionDigits: digits }).format(value);
}

export function clock(value) {
  return new Intl.DateTimeFormat(current, { dateStyle: "short", timeStyle: "medium" }).format(new Date(value));
}

// The time of day alone, in 24 hours for its width.
export function time(value) {
  return new Intl.DateTimeFormat(current, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(value));
}
