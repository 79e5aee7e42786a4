// The common part of the views. A view is drawn after everything that it needs is loaded. It receives its address and events only after
// that. When it leaves the page it ends all timers and listeners, even if it is still loading.
import { schema } from "../api.js";

export class View extends HTMLElement {
  #route;
  #drawn = false;
  #ends = [];

  get route() {
    return this.#route;
  }

  set route(route) {
    this.#route = route;
    if (this.#drawn) this.routed();
  }

  async connectedCallback() {
    this.doc = await schema();
    await this.prepare();
    if (!this.isConnected) return;
    this.draw();
    this.#drawn = true;
    this.routed();
    this.begin();
  }

  disconnectedCallback() {
    for (const end of this.#ends.splice(0)) end();
  }

  // begin() calls this with a function that ends a timer or a listener.
  until(end) {
    this.#ends.push(end);
  }

  every(ms, run) {
    const timer = setInterval(run, ms);
    this.until(() => clearInterval(timer));
  }

  // --- what each view implements, in the order of the calls ---

  async prepare() {}

  draw() {}

  // Called at first, and each time the address changes within the view.
  routed() {}

  begin() {}
}
