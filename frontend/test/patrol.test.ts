// Where a carried stop is let go decides whose it becomes, and when it is visited.
import { expect, test } from "vitest";
import { distance, dropOf } from "../src/patrol/drop";
import type { Place, Sheet, Stop } from "../src/patrol/facts";

const stop = (id: number, at: Place): Stop => ({ id, number: id, at, kind: "cell", label: "", locked: false, faulty: false, stays: false });
// Two routes side by side: base at 0, stops at 10 and 20, one unit on y = 0, the other on y = 50.
const sheet: Sheet = {
  edition: 0, may_edit: true,
  routes: [0, 50].map((y, k) => ({ id: k + 1, call_sign: `P-${k}`, tint: k, base: [0, y] as Place, stops: [stop(10 * k + 1, [10, y]), stop(10 * k + 2, [20, y])] })),
};
const flat = (place: Place): { x: number; y: number } => ({ x: place[0], y: place[1] });

test("a stop let go on another line goes between the two it lies between", () => {
  expect(dropOf(sheet, 1, { x: 15, y: 48 }, flat, 5)).toEqual({ route: 2, place: 2 });
  expect(dropOf(sheet, 1, { x: 4, y: 51 }, flat, 5)).toEqual({ route: 2, place: 1 });
});
test("on its own line it takes its place as if it had been lifted out", () => {
  expect(dropOf(sheet, 2, { x: 5, y: 1 }, flat, 5)).toEqual({ route: 1, place: 1 });
});
test("away from every line nothing is changed", () => {
  expect(dropOf(sheet, 1, { x: 15, y: 25 }, flat, 5)).toBeNull();
});
test("the distance to a piece of a line ends at its ends", () => {
  expect(distance({ x: 13, y: 4 }, { x: 0, y: 0 }, { x: 10, y: 0 })).toBe(5);
  expect(distance({ x: 3, y: 4 }, { x: 0, y: 0 }, { x: 0, y: 0 })).toBe(5);
});
