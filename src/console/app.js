// The frame: rail, bar, language, theme, the prompt for the token, and the view that the address names.
import { onTokenNeeded, schema } from "./api.js";
import { h, replace, field } from "./dom.js";
import { bar } from "./frame/bar.js";
import { disableWhile } from "./frame/lost.js";
import { palette } from "./frame/palette.js";
import { rail } from "./frame/rail.js";
import { preferredLanguage, t, useLanguage } from "./i18n.js";
import { kept } from "./keep.js";
import { store } from "./store.js";
import { addressOf, routeOf, VIEWS } from "./views/index.js";

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
  #shown = 0; // the last call of show(), because modules arrive late

  connectedCallback() {
    this.main = h("main", { id: "main", tabindex: "-1" });
    this.lost = h("div", { class: "lost notice bad", role: "alert" });
    this.palette = palette(() => this.doc);
    schema().then((doc) => { this.doc = doc; });
    window.addEventListener("hashchange", () => this.show());
    store.on("online", (on) => this.#online(on));
    this.draw();
  }

  // Draws everything again, in another language.
  draw() {
    this.view?.remove(); // otherwise it would be connected again together with the frame
    this.rail = rail(this);
    replace(this.lost, h("p", { class: "strong" }, t("lost.title")), h("p", {}, t("lost.text")));
    replace(this, h("a", { class: "skip", href: "#main", onclick: (event) => this.#skip(event) }, t("skip")), this.rail,
      bar({ palette: this.palette, onLanguage: () => { this.draw(); this.querySelector("[name=lang]").focus(); } }), this.main);
    this.view = null;
    this.show();
  }

  #skip(event) {
    event.preventDefault();
    this.main.focus();
  }

  #online(on) {
    if (on) this.lost.remove();
    else this.main.prepend(this.lost);
    disableWhile(!on, this.main);
  }

  async show() {
    const turn = (this.#shown += 1);
    const moved = addressOf(location.hash);
    if (moved) history.replaceState(null, "", moved);
    const route = routeOf(location.hash);
    const { tag, title, load } = VIEWS.find((view) => view.id === route.id);
    document.title = `${t(title)} - virga`;
    this.rail.mark(route.id);
    if (this.view?.localName === tag) {
      this.view.route = route;
      return;
    }
    await load();
    if (turn !== this.#shown) return;
    this.view = document.createElement(tag);
    this.view.route = route;
    const within = this.main.contains(document.activeElement);
    replace(this.main, store.online === false ? this.lost : null, this.view);
    if (within) this.main.focus(); // the link that the user followed no longer exists
  }
}

customElements.define("vg-app", App);

async function start() {
  document.documentElement.dataset.theme = kept("theme", "auto");
  onTokenNeeded(askToken);
  await useLanguage(preferredLanguage());
  store.start();
  document.body.append(document.createElement("vg-app"));
}

start();
