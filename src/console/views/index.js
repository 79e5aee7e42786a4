// The views in the order of the menu. A view is a custom element (view.js); its `route` {id, rest, query} is set before it is connected
// and each time the address changes within it.
import "./call.js";
import "./calls.js";
import "./world.js";
import "./faults.js";
import "./coverage.js";
import "./limiter.js";

export const VIEWS = ["call", "calls", "world", "faults", "coverage", "limiter"].map((id) =>
  ({ id, title: `view.${id}`, tag: `vg-${id}` }));
