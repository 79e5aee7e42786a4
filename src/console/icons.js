// The icons: lines on a grid of 24, drawn by hand.
import { svg } from "./dom.js";

const PATHS = {
  virga: "M6 10a6 6 0 0 1 11.3-2.3A4.5 4.5 0 0 1 17 16M8 14v3M12 12v6M8 20v.5M12 21v.5M16 19v.5",
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM14 4v3h6V4zM4 17v3h6v-3z",
  explorer: "M5 4l14 8-14 8 3-8z",
  requests: "M4 6h16M4 12h16M4 18h10",
  resources: "M12 3c4.4 0 8 1.3 8 3s-3.600 3-8 3-8-1.300-8-3 3.600-3 8-3zM4 6v6c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12v6c0 1.700 3.600 3 8 3s8-1.300 8-3v-6",
  faults: "M13 3L5 14h6l-1 7 8-11h-6z",
  coverage: "M4 4h4v4H4zM10 4h4v4h-4zM16 4h4v4h-4zM4 10h4v4H4zM10 10h4v4h-4zM4 16h4v4H4zM16 16h4v4h-4z",
  limits: "M4 18a8 8 0 1 1 16 0M12 18l4-6",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l4 4",
  fold: "M15 5l-7 7 7 7",
  unfold: "M9 5l7 7-7 7",
};

// icon("faults") -> an SVG element that screen readers skip; a word stands beside it.
export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, svg("path", { d: PATHS[name] }));
}
