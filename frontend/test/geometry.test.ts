import { describe, expect, it } from "vitest";
import { circleAround, metres } from "../src/geometry";

describe("distances on the map", () => {
  it("reckons a minute of latitude as a nautical mile, and less along a parallel", () => {
    expect(metres([120, 28], [120, 28 + 1 / 60])).toBeCloseTo(1855, 0);
    expect(metres([120, 60], [121, 60]) / metres([120, 0], [121, 0])).toBeCloseTo(0.5, 5);
  });
  it("draws a circle whose every corner is as far away as asked", () => {
    const ring = (circleAround([120.07, 28.9], 800).geometry as GeoJSON.Polygon).coordinates[0]!;
    expect(ring[0]).toEqual(ring.at(-1));
    for (const corner of ring) expect(metres([120.07, 28.9], corner as [number, number])).toBeCloseTo(800, 0);
  });
});
