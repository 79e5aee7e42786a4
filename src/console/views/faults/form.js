// The form of a fault rule: which calls, what happens, how often. It offers the action's own codes, then the gateway's.
import { errorBox } from "../../components/empty.js";
import { tryJson } from "../../components/json.js";
import { field, h, newId, replace } from "../../dom.js";
import { t } from "../../i18n.js";

const WHERE = { close: ["before", "after_commit"], http_status: [500, 502, 503, 504], flow_outcome: ["failure"] };

// --- fields ---

function put(rule, name, value) {
  if (value === "" || value === undefined) delete rule[name];
  else rule[name] = value;
}

function text(rule, name) {
  const input = h("input", { name, value: rule[name] ?? "", autocomplete: "off", spellcheck: "false", oninput: () => put(rule, name, input.value) });
  return field(t(`fault.${name}`), input);
}

function count(rule, name, attributes = {}) {
  const input = h("input", { name, type: "number", min: 0, step: 1, value: rule[name] ?? "", ...attributes,
    oninput: () => put(rule, name, input.value === "" ? "" : Number(input.value)) });
  return field(t(`fault.${name}`), input);
}

function choice(rule, name) {
  const given = rule[name] === undefined ? "" : String(rule[name]);
  const input = h("select", { name, onchange: () => put(rule, name, WHERE[name].find((value) => String(value) === input.value)) , value: given },
    h("option", { value: "" }, t("fault.no")), WHERE[name].map((value) => h("option", { value }, t(`fault.${name}.${value}`))));
  return field(t(`fault.${name}`), input);
}

function params(rule) {
  const input = h("textarea", { name: "params", class: "low", spellcheck: "false", value: rule.params ? JSON.stringify(rule.params, null, 2) : "", oninput: () => {
    const { value, error } = tryJson(input.value || "null");
    input.setAttribute("aria-invalid", String(Boolean(error)));
    if (!error) put(rule, "params", value ?? "");
  } });
  return field(t("fault.params"), input, t("fault.params_how"));
}

// --- the action and its codes ---

function codesOf(doc, name) {
  const own = doc.byName.get(name)?.errors.map((error) => doc.texts.get(error.id)?.code ?? error.id) ?? [];
  const common = doc.errors.filter((error) => error.from === "gateway").map((error) => error.code);
  return [["faults.own_codes", own], ["faults.common_codes", common]].map(([title, codes]) => [title, [...new Set(codes)].sort()]);
}

function codeChoice(doc, rule) {
  const input = h("select", { name: "code", onchange: () => put(rule, "code", input.value) });
  const show = () => {
    const groups = codesOf(doc, rule.action);
    // A code of the previous action may not exist for this action.
    if (rule.code && !groups.some(([, codes]) => codes.includes(rule.code))) delete rule.code;
    replace(input, h("option", { value: "" }, t("fault.no")), groups.filter(([, codes]) => codes.length).map(([title, codes]) =>
      h("optgroup", { label: t(title) }, codes.map((code) => h("option", { value: code }, code)))));
    input.value = rule.code ?? "";
  };
  show();
  return { element: field(t("fault.code"), input), show };
}

function actionChoice(doc, rule, onChange) {
  const list = h("datalist", { id: newId() }, doc.actions.filter((action) => action.emulated).map((action) => h("option", { value: action.name })));
  const input = h("input", { name: "action", value: rule.action ?? "", list: list.id, autocomplete: "off", spellcheck: "false", oninput: () => {
    const name = input.value.trim();
    input.setAttribute("aria-invalid", String(name !== "" && !doc.byName.has(name)));
    put(rule, "action", name);
    onChange();
  } });
  return [field(t("fault.action"), input, t("faults.action_how")), list];
}

// --- the form ---

function group(title, ...fields) {
  return h("fieldset", {}, h("legend", {}, t(title)), fields);
}

function grid(...fields) {
  return h("div", { class: "grid" }, fields);
}

// faultForm(doc, given, arm) -> form. `given` is the initial rule; arm(rule) sends it and throws an error if the rule is invalid.
export function faultForm(doc, given, arm) {
  const rule = { count: 1, ...structuredClone(given) };
  const codes = codeChoice(doc, rule);
  const failure = h("div", {});
  const submit = async (event) => {
    event.preventDefault();
    try {
      await arm(rule);
      replace(failure);
    } catch (error) {
      replace(failure, errorBox(error));
    }
  };
  const narrow = h("details", { open: Boolean(given.params) }, h("summary", {}, t("faults.narrow")),
    h("div", { class: "stack inner" }, params(rule), grid(text(rule, "trace"), text(rule, "secret_id"), text(rule, "region"))));
  const more = h("details", { open: !given.code && Boolean(given.action) }, h("summary", {}, t("faults.more")), h("div", { class: "stack inner" },
    text(rule, "message"), grid(count(rule, "delay_ms"), choice(rule, "close"), choice(rule, "http_status"), count(rule, "truncate"),
      text(rule, "request_id"), choice(rule, "flow_outcome"), count(rule, "flow_seconds"))));
  return h("form", { class: "stack", onsubmit: submit }, group("faults.which", actionChoice(doc, rule, codes.show), narrow),
    group("faults.what", codes.element, more),
    group("faults.when", grid(count(rule, "count"), count(rule, "after"), count(rule, "first"), count(rule, "every"),
      count(rule, "probability", { step: "any", max: 1 }))),
    failure, h("div", { class: "row" }, h("button", { class: "primary" }, t("faults.do_arm"))));
}
