// Signs a call in the browser and sends it to the listener that every client uses. Stores each step of the signature.

const encoder = new TextEncoder();
const TRACE = "virga-console"; // marks the console's own calls in the journal

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}

export async function sha256(data) {
  return hex(await crypto.subtle.digest("SHA-256", typeof data === "string" ? encoder.encode(data) : data));
}

async function hmac(key, text, hash = "SHA-256") {
  const bytes = typeof key === "string" ? encoder.encode(key) : key;
  const imported = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", imported, encoder.encode(text));
}

// Encodes according to RFC 3986: encodeURIComponent leaves five more characters unencoded.
function percent(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

// {A: [{B: 1}]} -> [["A.0.B", "1"]]
export function flatten(value, prefix = "") {
  if (value === null || typeof value !== "object") return [[prefix, typeof value === "string" ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, each]) => flatten(each, prefix ? `${prefix}.${key}` : key));
}

function byKey(a, b) {
  return a[0] < b[0] ? -1 : 1;
}

function queryOf(pairs) {
  return pairs.map(([key, value]) => `${percent(key)}=${percent(value)}`).join("&");
}

// --- version 3 ---

const TC3 = "TC3-HMAC-SHA256";

async function tc3Keys(secretKey, date, service, text) {
  const dateKey = await hmac(`TC3${secretKey}`, date);
  const serviceKey = await hmac(dateKey, service);
  const signingKey = await hmac(serviceKey, "tc3_request");
  const signature = hex(await hmac(signingKey, text));
  const hashes = await Promise.all([dateKey, serviceKey, signingKey].map(sha256));
  return { signature, hashes };
}

function tc3Headers(call, timestamp, contentType) {
  const headers = [["Content-Type", contentType], ["X-TC-Action", call.action], ["X-TC-Version", call.version],
    ["X-TC-Timestamp", String(timestamp)], ["X-TC-Language", call.language], ["X-TC-TraceId", call.trace]];
  if (call.region) headers.push(["X-TC-Region", call.region]);
  if (call.credential.token) headers.push(["X-TC-Token", call.credential.token]);
  return headers;
}

async function signTc3(call, method) {
  const get = method === "GET";
  const contentType = get ? "application/x-www-form-urlencoded" : "application/json";
  const query = get ? queryOf(flatten(call.params).sort(byKey)) : "";
  const body = get ? "" : call.text;
  const date = new Date(call.timestamp * 1000).toISOString().slice(0, 10);
  const canonical = [method, "/", query, `content-type:${contentType}`, `host:${call.host}`, "", "content-type;host", await sha256(body)];
  const scope = `${date}/${call.service}/tc3_request`;
  const text = [TC3, String(call.timestamp), scope, await sha256(canonical.join("\n"))];
  const { signature, hashes } = await tc3Keys(call.credential.secret_key, date, call.service, text.join("\n"));
  const authorization = `${TC3} Credential=${call.credential.secret_id}/${scope}, SignedHeaders=content-type;host, Signature=${signature}`;
  const headers = [...tc3Headers(call, call.timestamp, contentType), ["Authorization", authorization]];
  return {
    method, target: query ? `/?${query}` : "/", headers, body,
    trail: [
      { id: "canonical", lines: canonical, notes: ["method", "path", get ? "query" : "no_query", "type", "host", "blank", "names", "payload"] },
      { id: "string", lines: text, notes: ["algorithm", "timestamp", "scope", "canonical_hash"] },
      { id: "keys", lines: hashes, notes: ["date_key", "service_key", "signing_key"] },
      { id: "signature", lines: [signature, authorization], notes: ["signature", "header"] },
    ],
  };
}

// --- version 1 ---

async function signV1(call, hash) {
  const common = { Action: call.action, Version: call.version, Timestamp: call.timestamp, Nonce: call.nonce, Language: call.language,
    SecretId: call.credential.secret_id, SignatureMethod: hash === "SHA-1" ? "HmacSHA1" : "HmacSHA256" };
  if (call.region) common.Region = call.region;
  if (call.credential.token) common.Token = call.credential.token;
  const pairs = [...flatten(common), ...flatten(call.params)].sort(byKey);
  const query = pairs.map(([key, value]) => `${key}=${value}`);
  const text = `GET${call.host}/?${query.join("&")}`;
  const signature = base64(await hmac(call.credential.secret_key, text, hash));
  return {
    method: "GET", target: `/?${queryOf([...pairs, ["Signature", signature]])}`, headers: [["X-TC-TraceId", call.trace]], body: "",
    trail: [
      { id: "sorted", lines: query, notes: query.map((_, i) => (i === 0 ? "sorted" : "")) },
      { id: "string", lines: [text], notes: ["v1_string"] },
      { id: "signature", lines: [signature], notes: [hash === "SHA-1" ? "sha1" : "sha256"] },
    ],
  };
}

// The signature methods: [id, text].
export const METHODS = [["tc3", "TC3-HMAC-SHA256, POST"], ["tc3get", "TC3-HMAC-SHA256, GET"], ["sha1", "HmacSHA1, GET"],
  ["sha256", "HmacSHA256, GET"]];

const SIGNERS = { tc3: (call) => signTc3(call, "POST"), tc3get: (call) => signTc3(call, "GET"), sha1: (call) => signV1(call, "SHA-1"),
  sha256: (call) => signV1(call, "SHA-256") };

// call: {action, params, text (its JSON), version, service, region, language, credential, trace} -> the signed request.
// Signatures need a secure context: localhost, or TLS.
export function canSign() {
  return Boolean(globalThis.crypto?.subtle);
}

export function sign(call, method) {
  const timestamp = Math.floor(Date.now() / 1000);
  const nonce = 1 + Math.floor(Math.random() * 1e9);
  return SIGNERS[method]({ ...call, host: location.host, timestamp, nonce });
}

// --- sending ---

// Asks virga for the step that failed and for the explanation of a rejected signature; not part of the call.
const EXPLAIN = [["X-Virga-Explain", "1"]];

function headersOf(request) {
  return Object.fromEntries([...request.headers, ...EXPLAIN]);
}

export async function send(request) {
  const began = performance.now();
  const init = { method: request.method, headers: headersOf(request), cache: "no-store", credentials: "omit" };
  if (request.method === "POST") init.body = request.body;
  const answer = await fetch(request.target, init);
  const text = await answer.text();
  const ms = performance.now() - began;
  let json = null;
  try { json = JSON.parse(text); } catch { /* cut short, or the edge's page */ }
  return { status: answer.status, statusText: answer.statusText, headers: [...answer.headers], text, ms, response: json?.Response ?? null,
    step: answer.headers.get("X-Virga-Step"), why: answer.headers.get("X-Virga-Why") };
}

// The bytes that were sent, as far as a script knows them: the browser adds its own headers.
export function requestText(request) {
  const host = request.headers.some(([name]) => name.toLowerCase() === "host") ? [] : [["Host", location.host]];
  const lines = [`${request.method} ${request.target} HTTP/1.1`, ...[...host, ...request.headers].map(([n, v]) => `${n}: ${v}`)];
  return `${lines.join("\n")}\n\n${request.body}`;
}

export function answerText(answer) {
  const lines = [`HTTP/1.1 ${answer.status} ${answer.statusText}`, ...answer.headers.map(([n, v]) => `${n}: ${v}`)];
  return `${lines.join("\n")}\n\n${answer.text}`;
}

// Signs and sends: makeCall(doc, {action, params, text, credential, region, language, method}) -> {request, method, answer}
export async function makeCall(doc, call) {
  const product = doc.byName.get(call.action)?.product ?? doc.product;
  const request = await sign({ ...call, version: product.version, service: product.name, trace: TRACE }, call.method);
  return { request, method: call.method, answer: await send(request) };
}
