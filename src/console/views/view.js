// What the views share. A view is drawn once all that it needs is there, hears of its address and of events only after that, and lets go
// of everything when it leaves the page, were it in the middle of that.
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

  // To be called from begin() with what ends a timer or a listener.
  until(end) {
    this.#ends.push(end);
  }

  every(ms, run) {
    const timer = setInterval(run, ms);
    this.until(() => clearInterval(timer));
  }

  // --- what a view has of its own, in the order of the calls ---

  async prepare() {}

  draw() {}

  // The address names something else, and at first.
  routed() {}

  begin() {}
}
