// A past stretch played forward, back and by jumps shows the same at the same moment; typed moments are understood.
import { describe, expect, it } from "vitest";
import { clockOf, momentIn } from "../src/replay/moment";
import { Player, type PastWindow } from "../src/replay/window";
import type { Incident, Unit } from "../src/types";

const row = (id: number, kind = "fight"): Incident => ({
  id, number: `260302-0000${id}`, priority: "P2", kind, place: "", at: null, since: 0, amber_s: null, red_s: null, due: null, warn_s: 0, clock: "",
  track: "", major: false, danger: [], alarms: [], why: "", why_whole: "", headline: "", sent: [], order: null,
});
const unit = (id: number, state: string): Unit => ({
  id, sign: `P-0${id}`, track: "P", vehicle: "car", org: "west", state, badge: ["disc", "ok", state], since: 0, incident: null, incident_number: "", crew: [], off: false, seen: null,
});
const past: PastWindow = {
  from: 1000, until: 9000,
  start: { calls: [], call_backs: [], strip: [], units: [unit(1, "available")],
    groups: [{ key: "unsent", title: "", order: "", total: 0, rows: [] }, { key: "moving", title: "", order: "", total: 0, rows: [] }] },
  frames: [
    { at: 2000, rows: [row(7)], groups: [["unsent", 1, [7]], ["moving", 0, []]] },
    { at: 4000, rows: [row(7, "knife")] },
    { at: 6000, units: [unit(1, "assigned")], groups: [["unsent", 0, []], ["moving", 1, [7]]] },
  ],
  told: [], figures: [[1000, []], [4000, [{ key: "arrive_5", label: "", value: "–" }]]], sky: [], positions: [[3000, 1, 10, 20, null, null, 3], [5000, 1, 11, 20, null, null, 5]], tracks: { expired: false, one_in: 1, kept_from: 0 },
};
const shown = (player: Player): unknown => {
  const { groups, units } = player.picture();
  return [groups.map((group) => [group.key, group.total, group.rows.map((each) => each.kind)]), units.map((each) => each.state)];
};

describe("playing a stretch", () => {
  it("shows at each moment what stood then", () => {
    const player = new Player(past);
    player.to(3999);
    expect(shown(player)).toEqual([[["unsent", 1, ["fight"]], ["moving", 0, []]], ["available"]]);
    player.to(6000);
    expect(shown(player)).toEqual([[["unsent", 0, []], ["moving", 1, ["knife"]]], ["assigned"]]);
  });
  it("shows the same whichever way it came there", () => {
    for (const at of [1000, 2500, 4000, 8999]) {
      const straight = new Player(past), roundabout = new Player(past);
      straight.to(at);
      for (const other of [9000, 1500, 6500, at]) roundabout.to(other);
      expect(shown(roundabout)).toEqual(shown(straight));
    }
  });
  it("hands each position over once, and all of them anew after going back", () => {
    const player = new Player(past);
    expect(player.to(3500).fixes.map((fix) => fix[5])).toEqual([3]);
    expect(player.to(3600).fixes).toEqual([]);
    const back = player.to(3200);
    expect([back.anew, back.fixes.map((fix) => fix[5])]).toEqual([true, [3]]);
  });
  it("knows the change before and after a moment", () => {
    const player = new Player(past);
    expect([player.next(2000), player.before(4000), player.next(6000), player.before(2000)]).toEqual([4000, 2000, null, null]);
  });
});

describe("a moment typed", () => {
  const at = (text: string): number => Date.parse(`2026-03-02T${text}+08:00`);
  it("is understood with and without colons", () => {
    for (const text of ["14:05:10", "140510", " 14：05：10 "]) expect(momentIn(text, at("14:00:00"), at("15:00:00"))).toBe(at("14:05:10"));
    expect(momentIn("1405", at("14:00:00"), at("15:00:00"))).toBe(at("14:05:00"));
    expect(clockOf(at("14:05:10"))).toBe("14:05:10");
  });
  it("after midnight is the next day's", () => {
    expect(momentIn("0:10", at("23:30:00"), at("23:30:00") + 3600e3)).toBe(at("23:30:00") + 2400e3);
  });
  it("outside the stretch, or nonsense, is refused", () => {
    for (const text of ["16:00", "25:00", "12:61", "soon", ""]) expect(momentIn(text, at("14:00:00"), at("15:00:00"))).toBeNull();
  });
});

describe("what stands around the lists", () => {
  it("is that of the moment, and none before any was told", () => {
    const player = new Player(past);
    expect([999, 1000, 3999, 4000].map((ms) => player.figures(ms).length)).toEqual([0, 0, 0, 1]);
    expect(player.sky(9000)).toBeNull();
  });
});
