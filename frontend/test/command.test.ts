import { describe, expect, it } from "vitest";
import { History, incidentsOf, likeness, parse, unitOf, type Known } from "../src/command";
import type { Command } from "../src/types";

const COMMANDS: Command[] = [
  { key: "send", zh: "派警", py: "pj", en: "Send", takes: "U N" },
  { key: "support", zh: "增援", py: "zy", en: "Support", takes: "U N" },
  { key: "transfer", zh: "转接", py: "zj", en: "Transfer", takes: "N P" },
  { key: "route", zh: "转街道", py: "zjd", en: "To the town room", takes: "N" },
  { key: "new_call", zh: "新接警", py: "xjj", en: "New call", takes: "" },
  { key: "reach", zh: "谁能到", py: "snd", en: "Who can be here", takes: "N M" },
];
const KNOWN: Known = {
  incidents: [
    { id: 1, number: "261122-00412" },
    { id: 2, number: "261122-00423" },
    { id: 3, number: "261121-00423" },
  ],
  units: [
    { id: 7, sign: "P-07", incident: null },
    { id: 11, sign: "P-11", incident: 1 },
    { id: 71, sign: "C-07", incident: null },
  ],
  partners: [{ code: "119", name: "119消防" }, { code: "12345", name: "12345热线" }],
};
const first = (text: string) => parse(text, COMMANDS, KNOWN)[0];

describe("a command", () => {
  it("is the same in Chinese, by its initials and in English", () => {
    for (const text of ["派警 p-07 00412", "pj p07 412", "send P7 00412", "/send p-07 412", "派警P-07 412"]) {
      expect(first(text)).toMatchObject({ command: { key: "send" }, units: [7], incidents: [1] });
    }
  });
  it("takes several units", () => expect(first("pj p7 p11 412")?.units).toEqual([7, 11]));
  it("of several English words is understood word by word", () => {
    expect(first("to the town 412")).toMatchObject({ command: { key: "route" }, incidents: [1] });
    expect(first("new call")?.command.key).toBe("new_call");
  });
  it("forgives a slip", () => {
    expect(first("suport p7")?.command.key).toBe("support");
    expect(first("tranfser 412 119")?.command.key).toBe("transfer");
  });
  it("knows a partner desk from an incident", () => {
    expect(first("zj 412 119")).toMatchObject({ incidents: [1], partner: "119" });
  });
  it("reads minutes only where minutes belong", () => {
    expect(first("reach 412 5")).toMatchObject({ incidents: [1], minutes: 5 });
    expect(first("pj p7 5")).toMatchObject({ minutes: null, rest: ["5"] });
  });
  it("puts the exact initials before a longer word beginning so", () => {
    expect(parse("zj", COMMANDS, KNOWN).map((p) => p.command.key)).toEqual(["transfer", "route"]);
  });
  it("is nothing when nothing fits", () => expect(parse("xyzzy", COMMANDS, KNOWN)).toEqual([]));
});

describe("a call sign", () => {
  it("is known without its hyphen and zeros", () => {
    expect(unitOf("p7", KNOWN)).toBe(7);
    expect(unitOf("c07", KNOWN)).toBe(71);
  });
  it("is not guessed from letters or from a bare number", () => {
    expect(unitOf("p", KNOWN)).toBeNull();
    expect(unitOf("07", KNOWN)).toBeNull();
  });
});

describe("an incident's number", () => {
  it("may be given by its last digits", () => expect(incidentsOf("412", KNOWN)).toEqual([1]));
  it("means today's before yesterday's when two end so", () => expect(incidentsOf("00423", KNOWN)).toEqual([2, 3]));
  it("is one when it is given whole", () => expect(incidentsOf("261121-00423", KNOWN)).toEqual([3]));
  it("is none with less than three digits", () => expect(incidentsOf("23", KNOWN)).toEqual([]));
  it("that two days share offers both, today's first", () => {
    const offered = parse("pj p7 00423", COMMANDS, KNOWN).filter((each) => each.command.key === "send");
    expect(offered.map((each) => [each.units, each.incidents])).toEqual([[[7], [2]], [[7], [3]]]);
  });
});

describe("likeness", () => {
  it("prefers the same to a beginning, a beginning to a part", () => {
    expect(likeness("send", "send")).toBeGreaterThan(likeness("sen", "send"));
    expect(likeness("sen", "send")).toBeGreaterThan(likeness("end", "send"));
    expect(likeness("", "send")).toBe(0);
  });
});

describe("history", () => {
  const shelf = () => {
    const held = new Map<string, string>();
    return { getItem: (k: string) => held.get(k) ?? null, setItem: (k: string, v: string) => void held.set(k, v) };
  };
  it("goes back and forth, each line once, and survives a reload", () => {
    const keep = shelf();
    const history = new History(keep, "h");
    for (const line of ["pj p7 412", "zy p11 412", "pj p7 412"]) history.add(line);
    const later = new History(keep, "h");
    expect([later.back(), later.back(), later.back()]).toEqual(["pj p7 412", "zy p11 412", null]);
    expect([later.forward(), later.forward()]).toEqual(["pj p7 412", ""]);
  });
  it("forgets what it can't read", () => {
    const keep = { getItem: () => "{broken", setItem: () => undefined };
    expect(new History(keep, "h").latest).toEqual([]);
  });
});
