// A rule in words: which calls, what happens to them, and when.
import { number, t } from "../../i18n.js";

const PARTS = {
  which: ["region", "secret_id", "trace", "params"],
  what: ["code", "undocumented_code", "message", "delay_ms", "close", "truncate", "http_status", "request_id", "flow_outcome", "flow_seconds"],
  when: ["after", "first", "every", "count", "probability"],
};

function shown(value) {
  if (typeof value === "number") return number(value, 3);
  return typeof value === "object" ? JSON.stringify(value) : value;
}

// wordsOf(fault, "which" | "what" | "when") -> text
export function wordsOf(fault, part) {
  const words = PARTS[part].filter((name) => fault[name] !== undefined).map((name) => `${t(`fault.${name}`)}: ${shown(fault[name])}`);
  return words.join("; ") || (part === "when" ? t("faults.always") : "");
}
