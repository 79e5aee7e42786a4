// The control API: requests with its token, its errors as ControlError, its events as they come, and the schema's document.

const TOKEN = "virga.token";
const TOKEN_HEADER = "X-Virga-Token";
const RETRY_MS = 1000;

export class ControlError extends Error {
  constructor(status, error) {
    super(error?.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = error?.code ?? "failed";
    this.hint = error?.hint ?? "";
  }
}

let askForToken = async () => null;

// `ask` shows the prompt and returns the text that the user typed, or null.
export function onTokenNeeded(ask) {
  askForToken = ask;
}

// The page's language, which may differ from the browser's.
function headers(more) {
  const token = sessionStorage.getItem(TOKEN);
  return { "Accept-Language": document.documentElement.lang, ...more, ...(token ? { [TOKEN_HEADER]: token } : {}) };
}

async function errorOf(answer) {
  const body = await answer.json().catch(() => ({}));
  return new ControlError(answer.status, body.error);
}

let asking = null;

// Several requests that were rejected at the same time share one prompt.
async function takeToken() {
  asking ??= askForToken().finally(() => { asking = null; });
  const token = await asking;
  if (token) sessionStorage.setItem(TOKEN, token);
  return Boolean(token);
}

// Sends until the server accepts the token or the user cancels.
async function request(path, init) {
  for (;;) {
    const answer = await fetch(path, { ...init, headers: headers(init.headers) });
    if (answer.status !== 403) return answer;
    const error = await errorOf(answer);
    // A token does not help against another reason for the rejection, such as an unknown host name.
    if (!error.hint.includes(TOKEN_HEADER) || !(await takeToken())) throw error;
  }
}

// Sends a request to the control API: control("PUT", "/clock", {mode: "frozen"}). Returns the parsed JSON of the response.
export async function control(method, path, body) {
  const init = { method, headers: body === undefined ? {} : { "Content-Type": "application/json" } };
  if (body !== undefined) init.body = JSON.stringify(body);
  const answer = await request(`/_virga${path}`, init);
  if (!answer.ok) throw await errorOf(answer);
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

// The same for a response that is a file; returns a Blob.
export async function download(path) {
  const answer = await request(`/_virga${path}`, { method: "GET" });
  if (!answer.ok) throw await errorOf(answer);
  return answer.blob();
}

// Sends a file unchanged, because its integers may be larger than a script's numbers.
export async function upload(method, path, blob) {
  const answer = await request(`/_virga${path}`, { method, headers: { "Content-Type": "application/json" }, body: blob });
  if (!answer.ok) throw await errorOf(answer);
  return answer.json();
}

// --- events ---

function dispatch(block, onEvent) {
  const event = { id: "", type: "message", data: [] };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue; // a comment keeps the connection alive
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (line.startsWith("data")) event.data.push(value);
    else if (line.startsWith("event")) event.type = value;
    else if (line.startsWith("id")) event.id = value;
  }
  if (event.data.length) onEvent({ id: event.id, type: event.type, data: JSON.parse(event.data.join("\n")) });
  return event.id;
}

async function readEvents(body, onEvent, state) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) state.lastId = dispatch(block, onEvent) || state.lastId;
  }
}

// Server-sent events with the token, which EventSource cannot send. onEvent({id, type, data}); onState(true|false) when the
// connection opens and closes. Reconnects and continues after the last event. Returns a function that ends it.
export function listen(path, onEvent, onState = () => {}) {
  const stop = new AbortController();
  const state = { lastId: "" };
  (async () => {
    while (!stop.signal.aborted) {
      try {
        const more = state.lastId ? { "Last-Event-ID": state.lastId } : {};
        const answer = await request(`/_virga${path}`, { headers: more, signal: stop.signal });
        onState(answer.ok);
        if (answer.ok) await readEvents(answer.body, onEvent, state);
      } catch { /* the server stopped, or the user left the page */ }
      if (stop.signal.aborted) return;
      onState(false);
      await new Promise((done) => { setTimeout(done, RETRY_MS); });
    }
  })();
  return () => stop.abort();
}

// --- the schema's document ---

let document_ = null;

// Actions, errors, clients: {product, actions, byName, texts, ...}, fetched once.
export function schema() {
  document_ ??= fetch("/_virga/schema.json").then((answer) => answer.json()).then(index);
  return document_;
}

// `product` is the first one, with the domains and lookups of all; each action has its own product.
function index(raw) {
  const all = (key) => raw.products.flatMap((product) => product[key]);
  const actions = raw.products.flatMap((product) => product.actions.map((action) => ({ ...action, product })));
  return { ...raw, product: { ...raw.products[0], domains: all("domains"), lookups: all("lookups") }, actions,
    byName: new Map(actions.map((action) => [action.name, action]).reverse()),
    texts: new Map(raw.errors.map((error) => [error.id, error])) };
}

// Returns every row of errors with that code, because one code may have several texts.
export function textsOf(doc, code) {
  return doc.errors.filter((error) => error.code === code);
}
