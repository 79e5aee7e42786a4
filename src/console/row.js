// The part of a call that the lists keep; it is small, because there may be ten thousand calls.

export function rowOf(call) {
  const words = [call.action, call.code, call.message, call.trace, call.client, call.secret_id, call.request_id, call.region, call.target,
    call.body, call.answer].join("\n");
  let low = null;
  return { id: call.request_id, serial: call.serial, ms: call.unix_ms, serviceMs: call.service_ms, action: call.action, code: call.code,
    ok: call.code === "ok", trace: call.trace, client: call.client, secretId: call.secret_id, region: call.region, us: call.duration_us,
    injected: call.injected, why: call.why, whyText: call.why_text, message: call.message, params: call.params, flow: call.flow_id ?? null,
    // All its texts in lower case, for a search; most lists are never searched.
    get hay() { low ??= words.toLowerCase(); return low; } };
}

// "ok", "refused" or "injected": what a plot and a filter distinguish.
export function outcomeOf(row) {
  if (row.injected) return "injected";
  return row.ok ? "ok" : "refused";
}
