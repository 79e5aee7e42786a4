// The outcome of a call: the explanation of its error, and the steps that it passed.
import { textsOf } from "../../api.js";
import { prose } from "../../components/prose.js";
import { h } from "../../dom.js";
import { has, pick, t } from "../../i18n.js";

function ground(row) {
  const reason = row.why ?? row.source;
  return [t(`known.${row.provenance}`), reason ? [": ", prose(reason)] : null];
}

function line(label, ...parts) {
  return h("div", {}, h("dt", {}, label), h("dd", {}, parts));
}

const BY_FAULT = "fault"; // the step at which injected errors are answered

// Returns the cause of the code: a fault rule, the action's own cause, the gateway's, or that only a fault rule causes it.
function causeOf(doc, action, code, step) {
  if (step === BY_FAULT) return t("error.injected");
  const texts = textsOf(doc, code);
  const own = action?.errors.find((error) => texts.some((text) => text.id === error.id) && error.cause);
  if (own) return prose(own.cause);
  const common = texts.find((text) => text.cause);
  if (common) return pick(common.cause);
  return action?.errors.some((error) => texts.some((text) => text.id === error.id)) ? t("error.by_fault") : t("error.unlisted");
}

// A finding is a list of ids of mistakes, separated by spaces.
function findingOf(doc, why, fix) {
  const rows = (why ?? "").split(/[\s,;+]+/).map((id) => [...doc.doctor.mistakes, ...doc.doctor.forms].find((row) => row.id === id));
  if (/^(sig|auth)\.unknown$/.test(why ?? "")) return h("div", { class: "notice warn" }, h("p", { class: "strong" }, t("error.unknown_mistake")), h("p", {}, fix));
  return rows.filter(Boolean).map((row) => h("div", { class: "notice warn" }, h("p", { class: "strong" }, pick(row).cause),
    h("p", {}, pick(row).fix), h("p", { class: "hint" }, row.id)));
}

// explainError({doc, action, error: {Code, Message}, step, why, fix}) -> element; `step` is the step that failed, `fix` is the
// advice for a signature that no known mistake produces.
export function explainError({ doc, action, error, step, why, fix }) {
  const texts = textsOf(doc, error.Code);
  const text = texts[0];
  return h("section", { class: "notice bad", role: "alert" }, h("h3", { class: "wrap" }, error.Code), h("p", {}, error.Message),
    h("dl", { class: "facts" },
      line(t("error.cause"), causeOf(doc, action, error.Code, step)),
      text?.how ? line(t("error.how"), pick(text.how)) : null,
      line(t("error.retry"), t(texts.some((each) => each.retry) ? "error.retry_yes" : "error.retry_no")),
      text ? line(t("error.known"), ground(text)) : null),
    findingOf(doc, why, fix));
}

// The evidence of a rejected call in the journal, and whether it is documented, observed or assumed.
export function groundList(grounds) {
  if (!grounds.length) return null;
  return h("ul", { class: "stack grounds" }, grounds.map((each) => h("li", { class: "notice small-text" }, h("span", {}, prose(pick(each, "what"))),
    h("span", { class: "hint" }, ground(each)))));
}

// --- the steps ---

function stateOf(i, failedAt) {
  if (failedAt < 0 || i < failedAt) return "passed";
  return i === failedAt ? "failed" : "skipped";
}

const MARKS = { passed: "✓", failed: "✗", skipped: "·" };
const TONES = { passed: "good", failed: "bad", skipped: "dim" };

// stepList([{name, provenance}], failedStep or null) -> element
export function stepList(steps, failedStep) {
  const all = failedStep && !steps.some((step) => step.name === failedStep) ? [...steps, { name: failedStep, provenance: "documented" }] : steps;
  const failedAt = failedStep ? all.findIndex((step) => step.name === failedStep) : -1;
  return h("ol", { class: "steps" }, all.map((step, i) => {
    const state = stateOf(i, failedAt);
    return h("li", { class: state, "data-step": step.name }, h("span", { class: `mark ${TONES[state]}`, "aria-hidden": "true" }, MARKS[state]),
      h("span", { class: "strong" }, step.name), h("span", { class: "sr-only" }, t(`step.${state}`)),
      h("span", { class: "grow dim" }, has(`step.${step.name}`) ? t(`step.${step.name}`) : ""),
      h("span", { class: "badge", title: t("step.place") }, t(`known.${step.provenance}`)));
  }));
}
