/** Lines over time, drawn by hand: two short series need no library. */

import { svg } from "../dom.js";

const [W, H, LEFT, BOTTOM] = [480, 170, 40, 24];

/**
 * @param {string} label  what is shown, for those who do not see it
 * @param {{values: (number | null)[], other?: boolean}[]} series  0 to `most`, oldest first
 * @param {{most?: number, say?: (value: number) => string, from?: string, to?: string}} [how]
 */
export function plot(label, series, { most = 1, say = String, from = "", to = "" } = {}) {
  const y = (/** @type {number} */ value) => H - BOTTOM - (value / most) * (H - BOTTOM - 12);
  const lines = series.map(({ values, other }) => {
    const x = (/** @type {number} */ index) =>
      LEFT + (values.length > 1 ? (index / (values.length - 1)) * (W - LEFT - 10) : (W - LEFT) / 2);
    const points = values.flatMap((value, index) => (value === null ? [] : [[x(index), y(value)]]));
    if (points.length === 1) {
      return svg("circle", { class: "dot", cx: points[0]?.[0] ?? 0, cy: points[0]?.[1] ?? 0, r: 4 });
    }
    return svg("polyline", { class: other ? "line other" : "line", points: points.map(String).join(" ") });
  });
  const axis = (/** @type {number} */ value) => [
    svg("line", { class: "axis", x1: LEFT, x2: W - 10, y1: y(value), y2: y(value) }),
    svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, say(value)),
  ];
  return svg("svg", { class: "plot", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": label },
    ...axis(0), ...axis(most), ...lines,
    svg("text", { x: LEFT, y: H - 6 }, from), svg("text", { x: W - 10, y: H - 6, "text-anchor": "end" }, to));
}
