import { describe, expect, it } from "vitest";
import { freshness, minutesSeconds, shortAge } from "../src/clocks";

const limits = { stale_s: 60, lost_s: 600 };

describe("a position", () => {
  it("is fresh for a minute, stale for ten, then lost", () => {
    const now = 1_000_000_000;
    const at = (age: number) => freshness(now / 1000 - age, now, limits);
    expect([at(0), at(60), at(61), at(600), at(601)]).toEqual(["fresh", "fresh", "stale", "stale", "lost"]);
  });
  it("that never came is none", () => expect(freshness(null, 0, limits)).toBe("none"));
});

describe("a short age", () => {
  it("is in one unit", () => expect([shortAge(-3), shortAge(59), shortAge(60), shortAge(7300)]).toEqual(["0 s", "59 s", "1 min", "2 h"]));
});

describe("a travel time", () => {
  it("is in minutes and seconds", () => expect([minutesSeconds(65), minutesSeconds(600.4)]).toEqual(["1:05", "10:00"]));
});
