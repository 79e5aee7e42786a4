// The right side of the view: the response, the steps, the signature, the bytes, and the call as a program.
import { control } from "../../api.js";
import { codeBlock } from "../../components/code.js";
import { emptyState, errorBox } from "../../components/empty.js";
import { jsonView } from "../../components/json.js";
import { prose } from "../../components/prose.js";
import { tabs } from "../../components/tabs.js";
import { debounce, h, replace, select } from "../../dom.js";
import { language, number, t } from "../../i18n.js";
import { keep, kept } from "../../keep.js";
import { explainError, groundList, stepList } from "./explain.js";
import { answerText, requestText } from "./sign.js";
import { trailView, visibleBytes } from "./trail.js";

const SETTLED_MS = 300;

// --- panels ---

function nothing() {
  return emptyState(t("result.none"), t("result.first"));
}

function size(text) {
  return new Blob([text]).size;
}

// The journal stores only the beginning of a long text.
function cutNote(text, bytes) {
  return bytes > size(text) ? h("p", { class: "hint" }, t("result.cut", { kept: number(size(text)), all: number(bytes) })) : null;
}

function summary(outcome) {
  const { answer, method, entry } = outcome;
  const failed = answer.response?.Error;
  const done = answer.response ? !failed : entry?.code === "ok";
  const sizes = t("result.sizes", { ms: number(answer.ms, 1), sent: number(entry?.body_bytes ?? size(outcome.request.body)),
    got: number(entry?.answer_bytes ?? size(answer.text)) });
  return h("div", { class: "row" }, h("span", { class: `badge ${done ? "good" : "bad"}` },
    failed ? t("result.failed") : done ? t("result.done") : `HTTP ${answer.status}`),
  h("span", { class: "badge" }, method), h("span", { class: "dim small-text" }, sizes));
}

function journalFacts(outcome) {
  const box = h("div", { class: "stack" });
  const show = (entry) => {
    const known = entry?.why && !/^(sig|auth)\./.test(entry.why) ? prose(entry.why_text) : null; // explainError shows it for a signature
    const facts = [known, entry?.injected ? t("result.injected", { what: entry.injected }) : null,
      ...(entry?.leniencies ?? []).map((each) => t("result.lenient", { what: each }))];
    replace(box, facts.filter(Boolean).map((fact) => h("p", { class: "notice warn" }, fact)));
  };
  if (outcome.entry) show(outcome.entry);
  else journalOf(outcome.answer.response?.RequestId).then(show);
  return box;
}

async function journalOf(id) {
  return id ? control("GET", `/requests/${id}`).catch(() => null) : null;
}

function answerPanel(outcome) {
  const { answer, doc, action } = outcome;
  const error = answer.response?.Error;
  return h("div", { class: "stack" }, summary(outcome),
    error ? explainError({ doc, action, error, step: answer.step, why: answer.why, fix: t(outcome.entry ? "calls.unknown_fix" : "error.unknown_fix") }) : null, journalFacts(outcome),
    answer.response ? jsonView(answer.response) : [cutNote(answer.text, outcome.entry?.answer_bytes), codeBlock(answer.text, { title: t("result.body") })]);
}

function stepsPanel(outcome, pipeline) {
  const failed = outcome.answer.response?.Error || outcome.entry ? outcome.answer.step : null;
  return h("div", { class: "stack" }, h("p", { class: "hint" }, t("step.about")), groundList(outcome.entry?.decision.grounds ?? []),
    stepList(pipeline, failed));
}

function bytesPanel(outcome) {
  const block = (text, title) => codeBlock(text, { title, shown: visibleBytes(text) });
  return h("div", { class: "stack" }, block(requestText(outcome.request), t("result.request")),
    outcome.entry ? cutNote(outcome.request.body, outcome.entry.body_bytes) : h("p", { class: "hint" }, t("result.browser_headers")),
    block(answerText(outcome.answer), t("result.answer")), cutNote(outcome.answer.text, outcome.entry?.answer_bytes));
}

// --- copy as ---

function programPanel(doc, callOf) {
  const clients = doc.clients.filter((client) => client.calls);
  const box = h("div", { class: "stack" });
  const chosen = clients.find((client) => client.name === kept("client", "python")) ?? clients[0];
  const show = async (name) => {
    keep("client", name);
    const client = clients.find((each) => each.name === name);
    const snippet = await control("POST", "/snippet", { client: name, lang: language(), ...callOf() }).catch((error) => ({ error }));
    replace(box, snippet.error ? errorBox(snippet.error) : codeBlock(snippet.text, { title: client.file }));
  };
  const choice = select(clients.map((client) => [client.name, client.title]), chosen.name, show, { "aria-label": t("copy.as"), name: "client" });
  show(chosen.name);
  return h("div", { class: "stack" }, h("p", { class: "hint" }, t("copy.about")), choice, box);
}

// resultView({doc, pipeline, callOf, none, more}) -> element with show(outcome). callOf() is the call for programs, none() is shown
// without an outcome, more(outcome) returns further tabs. outcome: {request, answer, method, action, doc}, and for a call of the
// journal its `entry`; the steps of its signature are known only for calls of this page.
export function resultView({ doc, pipeline, callOf, none = nothing, more = () => [] }) {
  const element = h("div", { class: "panel result" });
  let chosen = "answer";
  let outcome = null;
  const needs = (make) => () => (outcome ? make(outcome) : none());
  const programTab = () => {
    if (callOf()) return programPanel(doc, callOf);
    return outcome ? h("p", { class: "notice warn" }, t("calls.not_kept")) : none();
  };
  const list = () => [
    { id: "answer", title: t("tab.answer"), panel: needs(answerPanel) },
    { id: "steps", title: t("tab.steps"), panel: needs((each) => stepsPanel(each, pipeline)) },
    (outcome ? outcome.entry : none !== nothing) ? null : { id: "signature", title: t("tab.signature"), panel: needs((each) => trailView(each.request.trail)) },
    { id: "bytes", title: t("tab.bytes"), panel: needs(bytesPanel) },
    { id: "program", title: t("tab.program"), fresh: true, panel: () => programTab() },
    ...(outcome ? more(outcome) : []),
  ].filter(Boolean);
  const draw = () => replace(element, tabs(list(), { label: t("result.label"), chosen, onChoose: (id) => { chosen = id; } }));
  element.show = (next) => {
    outcome = next;
    if (next && chosen === "program") chosen = "answer";
    draw();
  };
  // The form has changed: only the program depends on it.
  element.changed = debounce(() => { if (chosen === "program") draw(); }, SETTLED_MS);
  draw();
  return element;
}
