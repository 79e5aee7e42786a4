// The credential, region, language and signature method of a call. Chosen once for all actions.
import { control } from "../../api.js";
import { h, field, replace, select } from "../../dom.js";
import { language, pick, t } from "../../i18n.js";
import { METHODS } from "./sign.js";

const OTHER = "other";
const LANGUAGES = [["en-US", "en-US"], ["zh-CN", "zh-CN"]];

const state = { secretId: null, other: { secret_id: "", secret_key: "", token: "" }, region: null, language: null, method: "tc3" };
let credentials = null;

// Loads the credentials; if that is not allowed, the user can still type one.
export async function loadContext(doc) {
  state.language ??= language() === "zh" ? "zh-CN" : "en-US";
  state.region ??= doc.product.regions[0].name;
  credentials ??= (await control("GET", "/credentials")).credentials;
  state.secretId ??= (credentials.find((each) => each.is_default) ?? credentials[0])?.secret_id ?? OTHER;
}

function credential() {
  return credentials?.find((each) => each.secret_id === state.secretId) ?? state.other;
}

// {credential, region, language, method}
export function context() {
  return { credential: credential(), region: state.region, language: state.language, method: state.method };
}

// The credential of a call in the journal, or the chosen one if the server does not have it or does not reveal it.
export function credentialOf(secretId) {
  return credentials?.find((each) => each.secret_id === secretId) ?? credential();
}

// Not trimmed: a blank after a key is a mistake that the user should see.
function typed(key, label) {
  const input = h("input", { value: state.other[key], autocomplete: "off", spellcheck: "false", name: key,
    oninput: () => { state.other[key] = input.value; } });
  return field(label, input);
}

function otherFields() {
  return h("div", { class: "grid" }, typed("secret_id", "SecretId"), typed("secret_key", "SecretKey"), typed("token", t("context.token")));
}

export function contextView(doc) {
  const more = h("div", {});
  const showMore = () => replace(more, (state.secretId ?? OTHER) === OTHER ? otherFields() : null);
  const ids = (credentials ?? []).map((each) => [each.secret_id, `${each.secret_id} (${each.account})`]);
  const regions = doc.product.regions.map((region) => [region.name, `${region.name} (${pick(region, "title")})`]);
  const put = (key) => (value) => { state[key] = value; };
  showMore();
  return h("details", { class: "context" },
    h("summary", {}, t("context.title")),
    h("div", { class: "stack" }, h("div", { class: "grid" },
      field(t("context.credential"), select([...ids, [OTHER, t("context.other")]], state.secretId ?? OTHER, (id) => { state.secretId = id; showMore(); }, { name: "credential" })),
      field(t("context.region"), select([...regions, ["", t("context.no_region")]], state.region, put("region"), { name: "region" })),
      field(t("context.language"), select(LANGUAGES, state.language, put("language"), { name: "language" })),
      field(t("context.method"), select(METHODS, state.method, put("method"), { name: "method" }))), more));
}
