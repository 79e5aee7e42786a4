// What the page keeps in the browser: choices, history, saved requests. A browser that refuses storage loses them with the page.
const PREFIX = "virga.";

export function kept(name, otherwise) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise; // no storage, or not written by this version
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch { /* no storage, or it is full */ }
}
