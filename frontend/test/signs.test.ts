import { describe, expect, it } from "vitest";
import { hitOf, mercator, Room, spotsOf, toScreen, viewOf, type Sign } from "../src/map/signs";

const PLACE: [number, number] = [120.07, 28.9];
const sign = (id: number, kind: Sign["kind"], at: [number, number], shift: [number, number] = [0, 0]): Sign => {
  const [x, y] = mercator(at);
  return { kind, id, x, y, image: "", label: "", loud: false, alarm: false, ring: false, heading: null, shift };
};

describe("signs over the map", () => {
  it("puts the middle of the window where the map's middle is, east to the right and north up", () => {
    const view = viewOf(PLACE, 12, 700, 500);
    const spots = toScreen([sign(1, "unit", PLACE), sign(2, "unit", [120.08, 28.91]), sign(3, "unit", PLACE, [17, 4])], view, new Float64Array());
    expect([...spots.slice(0, 2)]).toEqual([350, 250].map((each) => expect.closeTo(each, 6)));
    expect(spots[2]).toBeGreaterThan(350);
    expect(spots[3]).toBeLessThan(250);
    expect([...spots.slice(4)]).toEqual([367, 254].map((each) => expect.closeTo(each, 6)));
  });
  it("spreads a degree of longitude over as many pixels as a map of 512-pixel tiles does", () => {
    const spots = toScreen([sign(1, "unit", [0, 0]), sign(2, "unit", [1, 0])], viewOf([0, 0], 10, 100, 100), new Float64Array());
    expect(spots[2]! - spots[0]!).toBeCloseTo((512 * 1024) / 360, 6);
    expect(mercator([0, 85.0511287798])[1]).toBeCloseTo(0, 9);
  });
  it("means the nearest of its kind, of two as near the upper one, and nobody from afar", () => {
    const signs = [sign(1, "unit", PLACE), sign(2, "incident", PLACE), sign(3, "unit", PLACE), sign(4, "unit", PLACE, [10, 0])];
    const spots = toScreen(signs, viewOf(PLACE, 12, 200, 200), new Float64Array());
    expect(hitOf(signs, spots, "unit", { x: 101, y: 100 })).toBe(3);
    expect(hitOf(signs, spots, "unit", { x: 108, y: 100 })).toBe(4);
    expect(hitOf(signs, spots, "incident", { x: 101, y: 100 })).toBe(2);
    expect(hitOf(signs, spots, "unit", { x: 100, y: 140 })).toBeNull();
  });
  it("gives room for a name once, and to what begins outside the window only inside it", () => {
    const room = new Room(100, 100);
    expect(room.free(10, 10, 50, 24)).toBe(true);
    room.take(10, 10, 50, 24);
    expect(room.free(45, 20, 80, 34)).toBe(false);
    expect(room.free(60, 10, 90, 24)).toBe(true);
    room.take(-20, 90, 10, 120);
    expect(room.free(0, 95, 5, 99)).toBe(false);
    expect(room.free(20, 95, 40, 99)).toBe(true);
  });
  it("offers a name four places by its sign, its own first, and none of them over the sign", () => {
    for (const kind of ["unit", "incident"] as const) {
      const places = spotsOf(kind, 100, 100, 60, 16);
      expect(places).toHaveLength(4);
      expect(places[0]![1] < 100).toBe(kind === "incident");
      for (const [left, top] of places) expect(left > 106 || left + 60 < 94 || top > 106 || top + 16 < 94).toBe(true);
      expect(new Set(places.map(String)).size).toBe(4);
    }
  });
});
