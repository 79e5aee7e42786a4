// The views, in the order of the rail. The modules of a view are loaded when it is first shown.

const LOADERS = {
  overview: () => import("./overview.js"),
  explorer: () => import("./explorer.js"),
  requests: () => import("./requests.js"),
  resources: () => import("./resources.js"),
  faults: () => import("./faults.js"),
  coverage: () => import("./coverage.js"),
  limits: () => import("./limits.js"),
};
const FORMER = { call: "explorer", calls: "requests", world: "resources", limiter: "limits" }; // names before version 0.2

export const VIEWS = Object.entries(LOADERS).map(([id, load]) => ({ id, title: `view.${id}`, tag: `vg-${id}`, load }));

// The present address of a former one, or null: "#/calls/1" -> "#/requests/1".
export function addressOf(hash) {
  const [, id, rest] = /^#\/(\w+)(.*)$/.exec(hash) ?? [];
  return FORMER[id] ? `#/${FORMER[id]}${rest}` : null;
}

// "#/explorer/Name?a=b" -> {id: "explorer", rest: ["Name"], query}; an unknown view is the first, with `unknown`.
export function routeOf(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const [id, ...rest] = path.split("/").map(decodeURIComponent);
  const known = VIEWS.some((view) => view.id === id);
  return { id: known ? id : VIEWS[0].id, unknown: !known && id !== "", rest, query: new URLSearchParams(query ?? "") };
}
