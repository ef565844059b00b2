import { describe, expect, it } from "vitest";
import { BANDS, squares, type Expected } from "../src/map/forecast_told";

const ring: [number, number][] = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]];
const place = (over: Partial<Expected>): Expected => ({ rank: 1, band: 4, name: "a", station: "s", expected: 1, low: 0, high: 2, why: [], at: [0, 0], rings: [ring], ...over });

describe("squares of a coming shift", () => {
  it("draws cells told together as one feature of one shade", () => {
    const drawn = squares([place({ rings: [ring, ring] }), place({ rank: 2, band: 1 })]);
    expect(drawn.features.map((each) => each.properties)).toEqual([{ rank: 1, band: 4 }, { rank: 2, band: 1 }]);
    expect((drawn.features[0]!.geometry as GeoJSON.MultiPolygon).coordinates).toHaveLength(2);
  });
  it("has a shade for each quarter, darker for more", () => {
    expect([...BANDS].sort((a, b) => a - b)).toEqual([...BANDS]);
    expect(BANDS).toHaveLength(4);
  });
});
