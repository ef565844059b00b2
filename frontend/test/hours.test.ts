import { describe, expect, it } from "vitest";
import { kept, step } from "../src/wall/hours";

describe("which hour the map shows", () => {
  it("goes from the whole day to its first hour, and back to the running one", () => {
    expect(step(null, 1, 14)).toBe(0);
    expect(step(null, -1, 14)).toBe(14);
  });
  it("goes on and back by one hour", () => {
    expect(step(9, 1, 14)).toBe(10);
    expect(step(9, -1, 14)).toBe(8);
  });
  it("comes to the whole day beyond either end, never to an hour that has not been", () => {
    expect(step(14, 1, 14)).toBeNull();
    expect(step(0, -1, 14)).toBeNull();
  });
  it("forgets an hour of yesterday after midnight", () => {
    expect(kept(22, 0)).toBeNull();
    expect(kept(0, 0)).toBe(0);
  });
});
