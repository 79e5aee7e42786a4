// A form generated from an action's fields. It edits one object in place; empty fields are not in the object.
import { prose } from "../../components/prose.js";
import { h, replace, newId, select, debounce } from "../../dom.js";
import { t } from "../../i18n.js";

const NUMBERS = new Set(["int64", "uint64", "double"]);
const PICK_MS = 150;

// --- one value ---

// Text that is not a number stays as typed, so that a call with a wrong type can be sent.
function parse(field, text) {
  if (text === "") return undefined;
  if (!NUMBERS.has(field.kind)) return text;
  const value = Number(text);
  return Number.isFinite(value) && text.trim() !== "" ? value : text;
}

function rule(field, name) {
  return field.rules?.find((each) => each.rule === name);
}

// "1 to 128 characters"
export function limitsOf(field) {
  const parts = (field.rules ?? []).map((each) => {
    if (each.rule === "int_range") return t("form.range", { min: each.min, max: each.max });
    if (each.rule === "length") return t("form.length", { min: each.min, max: each.max });
    if (each.rule === "count") return t("form.count", { min: each.min, max: each.max });
    if (each.rule === "chars") return t("form.chars", { chars: each.chars });
    return each.rule === "time" || each.rule === "date" ? t(`form.${each.rule}`) : null;
  });
  return parts.filter(Boolean);
}

function isNeeded(field) {
  return Boolean(field.required) || Boolean(rule(field, "present"));
}

function misfit(field, value) {
  const range = rule(field, "int_range");
  if (value === undefined) return false;
  if (NUMBERS.has(field.kind)) return typeof value !== "number" || (range && (value < range.min || value > range.max));
  const length = rule(field, "length");
  return Boolean(length) && ([...String(value)].length < length.min || [...String(value)].length > length.max);
}

function choice(field, values, value, set) {
  const given = value === undefined ? "" : String(value);
  const pairs = [["", t("form.not_given")], ...values.map((each) => [String(each), String(each)])];
  return select(pairs, given, (text) => set(field.kind === "bool" ? { true: true, false: false }[text] : parse(field, text)));
}

function textInput(form, field, value, set) {
  const listId = newId();
  const list = h("datalist", { id: listId });
  const input = h("input", { value: value === undefined ? "" : String(value), list: listId, autocomplete: "off", spellcheck: "false",
    inputmode: NUMBERS.has(field.kind) ? "decimal" : "text", placeholder: field.default === undefined ? "" : String(field.default),
    oninput: () => {
      const next = parse(field, input.value);
      input.setAttribute("aria-invalid", String(misfit(field, next)));
      set(next);
    },
    onfocus: debounce(async () => {
      const picks = await form.picks(field.name, form.params);
      replace(list, picks.map((pick) => h("option", { value: String(pick.value), label: pick.title ? `${pick.value} (${pick.title})` : null })));
    }, PICK_MS) });
  return [input, list];
}

function scalar(form, field, value, set) {
  const words = rule(field, "one_of");
  const range = rule(field, "int_range");
  if (field.kind === "bool") return [choice(field, [true, false], value, set)];
  if (words) return [choice(field, words.values, value, set)];
  if (range && range.max - range.min < 8) {
    return [choice(field, Array.from({ length: range.max - range.min + 1 }, (_, i) => range.min + i), value, set)];
  }
  return textInput(form, field, value, set);
}

// --- lists and objects ---

function listOf(form, field, values, set) {
  const box = h("div", { class: "list" });
  const items = [...(values ?? [])];
  const changed = () => set(items.length ? [...items] : undefined);
  const draw = (focusLast) => {
    replace(box, items.map((value, i) => row(value, i)), h("button", { type: "button", class: "small", onclick: () => {
      items.push(field.kind === "object" ? {} : "");
      if (field.kind === "object") changed();
      draw(true);
    } }, t("form.add", { name: field.name })));
    if (focusLast) box.querySelector(":scope > .item:nth-last-child(2)")?.querySelector("input, select")?.focus();
  };
  const row = (value, i) => {
    const label = `${field.name} ${i + 1}`;
    const put = (next) => { items[i] = next ?? ""; changed(); };
    const parts = field.kind === "object" ? [fieldset(form, label, field.type, value, put)] : scalar(form, field, value, put);
    if (field.kind !== "object") parts[0].setAttribute("aria-label", label);
    return h("div", { class: "item" }, h("div", { class: "grow" }, parts), h("button", { type: "button", class: "small",
      "aria-label": t("form.remove", { name: label }), onclick: () => { items.splice(i, 1); changed(); draw(); } }, "×"));
  };
  draw();
  return box;
}

function fieldset(form, legend, type, value, set) {
  const object = value ?? {};
  const fields = form.objects[type] ?? [];
  return h("fieldset", {}, h("legend", {}, legend), fields.map((field) => one(form, field, object, () => {
    set(Object.keys(object).length ? object : undefined);
  })));
}

// --- a field with its label and hint ---

function words(field) {
  const limits = limitsOf(field);
  if (field.default !== undefined) limits.push(t("form.default", { value: JSON.stringify(field.default) }));
  const summary = prose(field.summary?.replace(/\.$/, ""));
  return [summary, summary && limits.length ? t("form.stop") : null, limits.join(t("form.stop"))];
}

function one(form, field, holder, changed) {
  const set = (value) => {
    if (value === undefined) delete holder[field.name];
    else holder[field.name] = value;
    changed();
  };
  const hintId = newId();
  const type = field.list ? `list<${field.type}>` : field.type;
  const value = holder[field.name];
  const heading = [field.name, " ", h("span", { class: "badge" }, type), " ",
    isNeeded(field) ? h("span", { class: "badge warn" }, t("form.required")) : null,
    field.deprecated ? h("span", { class: "badge" }, t("form.deprecated")) : null];
  const hint = h("div", { class: "hint", id: hintId }, words(field));
  if (field.list || field.kind === "object") {
    const body = field.list ? listOf(form, field, value, set) : fieldset(form, field.name, field.type, value, set);
    return h("div", { class: "field", role: "group", "aria-label": field.name, "aria-describedby": hintId, "data-field": field.name },
      h("div", { class: "strong small-text" }, heading), body, hint);
  }
  const parts = scalar(form, field, value, set);
  Object.entries({ id: newId(), "aria-describedby": hintId, name: field.name }).forEach(([key, each]) => parts[0].setAttribute(key, each));
  return h("div", { class: "field", "data-field": field.name }, h("label", { for: parts[0].id }, heading), parts, hint);
}

// form({fields, objects, params, picks, onChange}) -> element. Required fields come first, in their order; the others follow.
export function form(options) {
  const sorted = [...options.fields.filter(isNeeded), ...options.fields.filter((field) => !isNeeded(field))];
  if (!sorted.length) return h("p", { class: "dim" }, t("form.none"));
  return h("div", { class: "stack fields" }, sorted.map((field) => one(options, field, options.params, options.onChange)));
}
