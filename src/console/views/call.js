// Call: find an action, fill in its parameters, send it, see what happened.
import { h, replace } from "../dom.js";
import { t } from "../i18n.js";

class CallView extends HTMLElement {
  connectedCallback() {
    replace(this, h("h2", {}, t("view.call")));
  }
}

customElements.define("vg-call", CallView);
