// A call of the journal: the outcome that the result of the view Call shows, and the operations on it.
import { control } from "../../api.js";
import { codeBlock } from "../../components/code.js";
import { errorBox } from "../../components/empty.js";
import { tryJson } from "../../components/json.js";
import { h, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { context, credentialOf } from "../explorer/context.js";
import { makeCall } from "../explorer/sign.js";
import { comparePanel } from "./compare.js";

// Loads a call of the journal and its explanation.
export async function entryOf(id) {
  const [entry, decision] = await Promise.all(["requests", "why"].map((each) => control("GET", `/${each}/${encodeURIComponent(id)}`)));
  return { ...entry, decision };
}

export function outcomeOf(doc, entry) {
  const answer = { status: entry.http_status, statusText: "", headers: [], text: entry.answer, ms: entry.duration_us / 1000,
    response: tryJson(entry.answer).value?.Response ?? null, step: entry.failed_step, why: entry.why };
  const headers = entry.headers.map(({ name, value }) => [name, value]);
  return { doc, entry, answer, method: entry.signature, action: doc.byName.get(entry.action),
    request: { method: entry.method, target: entry.target, headers, body: entry.body } };
}

// The journal has no parameters of a body that was cut or was not JSON; a call without parameters would be another call.
function canRepeat(entry) {
  return entry.params !== null;
}

// For a program that makes this call.
export function callOf(entry) {
  if (!canRepeat(entry)) return null;
  const call = { action: entry.action, params: JSON.stringify(entry.params), region: entry.region };
  return credentialOf(entry.secret_id).secret_id === entry.secret_id ? { ...call, secret_id: entry.secret_id } : call;
}

// {A: [{B: 1}]} -> {"A.0.B": 1}, as fault rules and expectations name nested values.
function paths(value, prefix = "") {
  if (value === null || typeof value !== "object") return { [prefix]: value };
  return Object.assign({}, ...Object.entries(value).map(([key, each]) => paths(each, prefix ? `${prefix}.${key}` : key)));
}

// --- as a test ---

function verifyOf(entry) {
  return { action: entry.action, code: entry.code, ...(entry.trace ? { trace: entry.trace } : {}),
    ...(Object.keys(entry.params ?? {}).length ? { params: entry.params } : {}), count: { min: 1 } };
}

async function check(body, box) {
  try {
    const { matched } = await control("POST", "/verify", body);
    replace(box, h("p", { class: "notice good", role: "status" }, t("calls.verified", { n: matched })));
  } catch (error) {
    replace(box, errorBox(error));
  }
}

function testPanel({ entry }) {
  const body = verifyOf(entry);
  const box = h("div", {});
  return h("div", { class: "stack" }, h("p", { class: "hint" }, t("calls.test_about")),
    codeBlock(JSON.stringify(body, null, 2), { title: "POST /_virga/verify" }),
    h("div", { class: "row" }, h("button", { type: "button", onclick: () => check(body, box) }, t("calls.check"))), box);
}

// What virga signed for a rejected signature; version 1 has no canonical request.
function ownText({ decision }) {
  return decision.canonical_request || decision.string_to_sign;
}

// The tabs that only a call of the journal has.
export function tabsOf(outcome) {
  return [
    ownText(outcome.entry) ? { id: "compare", title: t("calls.compare"), panel: () => comparePanel(ownText(outcome.entry)) } : null,
    { id: "test", title: t("calls.as_test"), panel: () => testPanel(outcome) },
  ].filter(Boolean);
}

// --- what can be done with it ---

// Sends the exact bytes of the body where they are known, with a new signature.
function again(entry) {
  const whole = entry.body && !entry.body.includes("***") && new Blob([entry.body]).size === entry.body_bytes && tryJson(entry.body).value;
  return { action: entry.action, params: entry.params, text: whole ? entry.body : JSON.stringify(entry.params),
    ...context(), credential: credentialOf(entry.secret_id), region: entry.region };
}

function ruleOf(entry) {
  const params = paths(entry.params ?? {});
  return { action: entry.action, ...(entry.code && entry.code !== "ok" ? { code: entry.code } : {}), ...(Object.keys(params).length ? { params } : {}) };
}

function link(view, name, value, text) {
  return h("a", { class: "button small", href: `#/${view}?${name}=${encodeURIComponent(JSON.stringify(value))}` }, text);
}

export function actionBar(doc, entry, open) {
  const failure = h("div", {});
  const known = doc.byName.has(entry.action);
  const repeats = known && canRepeat(entry);
  const replay = h("button", { type: "button", class: "small primary", disabled: !repeats, onclick: async () => {
    replay.disabled = true;
    try {
      const { answer } = await makeCall(doc, again(entry));
      if (answer.response) open(answer.response.RequestId);
    } catch (error) {
      replace(failure, errorBox({ message: t("call.no_answer"), hint: error.message }));
    }
    replay.disabled = false;
  } }, t("calls.replay"));
  return h("div", { class: "stack" }, h("div", { class: "row" }, h("span", { class: "strong mono wrap grow" }, entry.action), replay,
    repeats ? link(`explorer/${entry.action}`, "params", entry.params, t("calls.edit")) : null,
    known ? link("faults", "rule", ruleOf(entry), t("calls.make_rule")) : null),
  canRepeat(entry) ? null : h("p", { class: "hint" }, t("calls.not_kept")), failure);
}
