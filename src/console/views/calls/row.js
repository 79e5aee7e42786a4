// The part of a call that the list stores; it is small, because the list may have ten thousand calls.

export function rowOf(call) {
  const words = [call.action, call.code, call.message, call.trace, call.client, call.secret_id, call.request_id, call.region, call.target,
    call.body];
  return { id: call.request_id, serial: call.serial, ms: call.unix_ms, action: call.action, code: call.code, ok: call.code === "ok",
    trace: call.trace, client: call.client, took: call.duration_us / 1000, injected: call.injected, hay: words.join("\n").toLowerCase() };
}
