import { describe, expect, it } from "vitest";
import { Selection } from "../src/selection";
import type { Unit } from "../src/types";

const unit = (id: number, state = "available"): Unit => ({
  id, sign: `P-0${id}`, track: "P", vehicle: "car", org: "", state, badge: ["disc", "ok", state], since: 0,
  incident: null, incident_number: "", crew: [], off: false, seen: null,
});

describe("chosen units", () => {
  it("stay chosen when the data is read anew", () => {
    const chosen = new Selection();
    chosen.add(unit(1));
    chosen.add(unit(2));
    chosen.refresh([unit(2), unit(3), unit(1)]);
    expect(chosen.ids).toEqual([1, 2]);
    expect(chosen.doubts).toEqual([]);
  });
  it("stay chosen, with a word of why, when one is no longer free", () => {
    const chosen = new Selection();
    chosen.add(unit(1));
    chosen.refresh([unit(1, "assigned")]);
    expect(chosen.ids).toEqual([1]);
    expect(chosen.doubts.map((d) => [d.unit.id, d.why])).toEqual([[1, "busy"]]);
  });
  it("stay chosen when one leaves the list, and are without doubt when it comes back", () => {
    const chosen = new Selection();
    chosen.add(unit(1));
    chosen.refresh([]);
    expect(chosen.doubts.map((d) => d.why)).toEqual(["gone"]);
    chosen.refresh([unit(1)]);
    expect(chosen.doubts).toEqual([]);
  });
  it("raise no doubt about a unit that was chosen as busy", () => {
    const chosen = new Selection();
    chosen.add(unit(1, "on_scene"));
    chosen.refresh([unit(1, "on_scene")]);
    expect(chosen.doubts).toEqual([]);
  });
  it("are toggled and cleared by the dispatcher alone", () => {
    const chosen = new Selection();
    expect(chosen.toggle(unit(1))).toBe(true);
    expect(chosen.toggle(unit(1))).toBe(false);
    chosen.add(unit(2));
    chosen.clear();
    expect(chosen.size).toBe(0);
  });
});
