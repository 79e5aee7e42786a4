// How to connect: endpoint, credential, region, and a program for each client. Says whether a call has arrived.
import { control } from "../../api.js";
import { codeBlock, copyButton } from "../../components/code.js";
import { errorBox } from "../../components/empty.js";
import { tabs } from "../../components/tabs.js";
import { h, replace } from "../../dom.js";
import { language, number, pick, t, time } from "../../i18n.js";
import { keep, kept } from "../../keep.js";
import { store } from "../../store.js";

function fact(key, value, shown = value) {
  return h("div", { "data-fact": key }, h("dt", {}, t(`connect.${key}`)), h("dd", {}, h("code", { class: "wrap" }, shown), copyButton(value, t("copy"), t("connect.copy", { name: t(`connect.${key}`) }))));
}

// A call that every world can answer: the first lookup of the product.
function firstCall(doc, credential) {
  const { action, in: params } = doc.product.lookups[0];
  return { action, params: JSON.stringify(params), region: doc.product.regions[0].name, lang: language(), ...(credential ? { secret_id: credential.secret_id } : {}) };
}

function snippet(call, client) {
  const box = h("div", {});
  control("POST", "/snippet", { client: client.name, ...call }).then(({ text }) => replace(box, codeBlock(text, { title: client.file })),
    (error) => replace(box, errorBox(error)));
  return box;
}

function programs(doc, credential) {
  const call = firstCall(doc, credential);
  const clients = doc.clients.filter((client) => client.calls);
  return tabs(clients.map((client) => ({ id: client.name, title: client.title, panel: () => snippet(call, client) })),
    { label: t("connect.clients"), chosen: kept("client", "python"), onChoose: (id) => keep("client", id) });
}

// connectPanel(doc, credentials) -> element with update(), after each call
export function connectPanel(doc, credentials) {
  const credential = credentials.find((each) => each.is_default) ?? credentials[0];
  const region = doc.product.regions[0];
  const state = h("p", { class: "first-call", role: "status" });
  const facts = h("dl", { class: "connect-facts" }, fact("endpoint", location.origin),
    credential ? [fact("secret_id", credential.secret_id), fact("secret_key", credential.secret_key)] : null, fact("region", region.name, `${region.name} (${pick(region, "title")})`));
  const element = h("section", { class: "panel stack connect", "aria-label": t("connect.title") }, h("div", { class: "row spread" }, h("h3", {}, t("connect.title")), state),
    facts, programs(doc, credential));
  let drawn = "";
  element.update = () => {
    const last = store.calls.at(-1);
    const next = last ? `${last.id}` : `${store.loaded}`;
    if (next === drawn) return;
    drawn = next;
    state.className = `first-call pill ${last ? "good" : ""}`;
    replace(state, last ? h("a", { href: `#/requests/${last.id}` }, t("connect.arrived", { n: number(store.calls.length), action: last.action || "-", time: time(last.ms) })) : t("connect.waiting"));
  };
  return element;
}
