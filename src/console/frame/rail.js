// The rail: the views, with icons and words. It folds to the icons.
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { keep, kept } from "../keep.js";
import { VIEWS } from "../views/index.js";

// rail(app) -> element with mark(id), which marks the view that is shown
export function rail(app) {
  const links = VIEWS.map(({ id, title }) => h("a", { href: `#/${id}`, "data-view": id, title: t(title) }, icon(id), h("span", {}, t(title))));
  const fold = h("button", { type: "button", class: "fold quiet small", onclick: () => set(app.dataset.rail !== "folded") });
  const set = (folded) => {
    app.dataset.rail = folded ? "folded" : "open";
    keep("rail", app.dataset.rail);
    fold.setAttribute("aria-label", t(folded ? "rail.unfold" : "rail.fold"));
    fold.title = t(folded ? "rail.unfold" : "rail.fold");
    fold.replaceChildren(icon(folded ? "unfold" : "fold"));
  };
  set(kept("rail", "open") === "folded");
  const element = h("header", { class: "rail" }, h("h1", {}, h("a", { class: "brand", href: "#/" }, icon("virga"), h("span", {}, "virga"))),
    h("nav", { "aria-label": t("menu") }, links), fold);
  element.mark = (id) => {
    for (const link of links) {
      if (link.dataset.view === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };
  return element;
}
