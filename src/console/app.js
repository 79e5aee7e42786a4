// The frame: menu, language, theme, the prompt for the token, and the view that the address names.
import { onTokenNeeded, schema } from "./api.js";
import { h, replace, field, select } from "./dom.js";
import { t, LANGUAGES, chooseLanguage, language, preferredLanguage, setSections, useLanguage } from "./i18n.js";
import { VIEWS } from "./views/index.js";

const THEME = "virga.theme";
const THEMES = ["auto", "light", "dark"];

// "#/call/Name?a=b" -> {id: "call", rest: ["Name"], query}
export function routeOf(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const [id, ...rest] = path.split("/").map(decodeURIComponent);
  return { id: VIEWS.some((view) => view.id === id) ? id : VIEWS[0].id, rest, query: new URLSearchParams(query ?? "") };
}

function theme() {
  return localStorage.getItem(THEME) ?? "auto";
}

function applyTheme(name) {
  localStorage.setItem(THEME, name);
  document.documentElement.dataset.theme = name;
}

function askToken() {
  return new Promise((done) => {
    const input = h("input", { type: "password", autocomplete: "off", required: true });
    const dialog = h("dialog", { class: "panel", "aria-label": t("token.title") },
      h("form", { method: "dialog" }, h("h2", {}, t("token.title")), h("p", {}, t("token.text")), field(t("token.label"), input),
        h("div", { class: "row end" }, h("button", { type: "button", onclick: () => dialog.close() }, t("cancel")),
          h("button", { class: "primary", value: "ok" }, t("token.use")))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "ok" ? input.value : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

class App extends HTMLElement {
  connectedCallback() {
    this.main = h("main", { id: "main", tabindex: "-1" });
    window.addEventListener("hashchange", () => this.show());
    this.draw();
  }

  // Draws everything again, in another language.
  draw() {
    this.view?.remove(); // otherwise it would be connected again together with the frame
    this.menu = h("nav", { "aria-label": t("menu") }, VIEWS.map((view) =>
      h("a", { href: `#/${view.id}`, "data-view": view.id }, t(view.title))));
    replace(this, h("a", { class: "skip", href: "#main", onclick: (event) => this.skip(event) }, t("skip")),
      h("header", {}, h("h1", {}, h("a", { href: "#/" }, "virga")), this.menu, this.switches()), this.main);
    this.view = null;
    this.show();
  }

  skip(event) {
    event.preventDefault();
    this.main.focus();
  }

  switches() {
    const themes = THEMES.map((name) => [name, t(`theme.${name}`)]);
    return h("div", { class: "switches" },
      select(LANGUAGES, language(), async (lang) => { await chooseLanguage(lang); this.draw(); this.querySelector("[name=lang]").focus(); },
        { name: "lang", "aria-label": t("language") }),
      select(themes, theme(), applyTheme, { name: "theme", "aria-label": t("theme") }));
  }

  show() {
    const route = routeOf(location.hash);
    const { tag, title } = VIEWS.find((view) => view.id === route.id);
    document.title = `${t(title)} - virga`;
    for (const link of this.menu.children) {
      if (link.dataset.view === route.id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (this.view?.localName === tag) {
      this.view.route = route;
      return;
    }
    this.view = document.createElement(tag);
    this.view.route = route;
    const within = this.main.contains(document.activeElement);
    replace(this.main, this.view);
    if (within) this.main.focus(); // the link that the user followed no longer exists
  }
}

customElements.define("vg-app", App);

async function start() {
  applyTheme(theme());
  onTokenNeeded(askToken);
  setSections(["frame", ...VIEWS.map((view) => view.id)]);
  await Promise.all([useLanguage(preferredLanguage()), schema()]);
  document.body.append(document.createElement("vg-app"));
}

start();
