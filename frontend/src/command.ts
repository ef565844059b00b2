// What was typed after the slash: a verb in Chinese, its pinyin initials or English, then units, numbers, minutes.
import type { Command } from "./types";

export interface Known {
  incidents: { id: number; number: string }[];
  units: { id: number; sign: string; incident: number | null }[];
  partners: { code: string; name: string }[];
}
export interface Parsed {
  command: Command;
  score: number;
  units: number[];
  incidents: number[];
  minutes: number | null;
  partner: string | null;
  /** Words that fit nothing. */
  rest: string[];
}

/** How well ``typed`` fits ``word``: 1 the same, less for a beginning, a part, letters in order; 0 not at all. */
export function likeness(typed: string, word: string): number {
  const a = typed.toLowerCase(), b = word.toLowerCase();
  if (!a || !b) return 0;
  if (a === b) return 1;
  if (b.startsWith(a)) return 0.9 - 0.1 * (1 - a.length / b.length);
  if (b.split(/[\s-]+/).some((part) => part.startsWith(a))) return 0.7;
  if (a.length > 1 && b.includes(a)) return 0.6;
  if (a.length > 2 && inOrder(a, b)) return 0.4;
  return a.length > 3 && oneSlip(a, b.slice(0, a.length + 1)) ? 0.35 : 0;
}

function inOrder(a: string, b: string): boolean {
  let at = 0;
  for (const letter of a) {
    at = b.indexOf(letter, at) + 1;
    if (!at) return false;
  }
  return true;
}

/** One letter wrong, missing, too many, or two changed over. */
function oneSlip(a: string, b: string): boolean {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  const rest = (x: string, from: number) => x.slice(from);
  return (
    rest(a, i + 1) === rest(b, i) || rest(a, i) === rest(b, i + 1) || rest(a, i + 1) === rest(b, i + 1).slice(0, a.length - i - 1) ||
    (a[i] === b[i + 1] && a[i + 1] === b[i] && b.startsWith(rest(a, i + 2), i + 2))
  );
}

const plain = (sign: string): string => sign.toLowerCase().replace(/[\s-]/g, "");

/** The unit of that call sign; P7, p-07 and P07 are the same. */
export function unitOf(typed: string, known: Known): number | null {
  const wanted = plain(typed);
  if (!/\d/.test(wanted)) return null;
  const exact = known.units.find((unit) => plain(unit.sign) === wanted);
  if (exact) return exact.id;
  const loose = (text: string) => text.replace(/(^|\D)0+(?=\d)/g, "$1");
  const near = known.units.filter((unit) => loose(plain(unit.sign)) === loose(wanted));
  return near.length === 1 ? near[0]!.id : null;
}

/** The incidents whose numbers end so, newest first; at least three digits. Numbers begin anew each day, so past midnight two may fit. */
export function incidentsOf(typed: string, known: Known): number[] {
  const wanted = typed.replace(/^#/, "").replace(/-/g, "");
  if (!/^\d{3,}$/.test(wanted)) return [];
  return known.incidents
    .filter((incident) => incident.number.replace(/-/g, "").endsWith(wanted))
    .sort((a, b) => (a.number < b.number ? 1 : -1))
    .map((incident) => incident.id);
}

const minutesOf = (typed: string): number | null => {
  // 5, 5min and the same with a Chinese unit.
  const found = /^(\d{1,2})\D{0,3}$/.exec(typed);
  return found && Number(found[1]) > 0 && Number(found[1]) <= 30 ? Number(found[1]) : null;
};

/** A Chinese verb may run straight into what follows: 派警P-07 is 派警 P-07. */
function words(text: string, commands: readonly Command[]): string[] {
  const parts = text.trim().replace(/^\//, "").split(/[\s,，、]+/).filter(Boolean);
  const first = parts[0];
  if (!first) return [];
  const glued = commands.map((c) => c.zh).find((zh) => first.length > zh.length && first.startsWith(zh));
  return glued ? [glued, first.slice(glued.length), ...parts.slice(1)] : parts;
}

function verbScore(command: Command, typed: string): number {
  return Math.max(
    likeness(typed, command.zh),
    likeness(typed, command.py),
    likeness(typed, command.en),
    likeness(typed, command.key.replace("_", " ")),
  );
}

/** The commands the text may mean, best first; a text without a verb is none. */
export function parse(text: string, commands: readonly Command[], known: Known): Parsed[] {
  const [verb, ...rest] = words(text, commands);
  if (!verb) return [];
  const found: Parsed[] = [];
  for (const command of commands) {
    // An English verb may be several words: take as many as still fit.
    const spaced = command.en.toLowerCase().split(" ");
    let taken = 0;
    if (spaced[0]?.startsWith(verb.toLowerCase()))
      while (taken < rest.length && spaced[taken + 1]?.startsWith(rest[taken]!.toLowerCase())) taken++;
    const score = verbScore(command, [verb, ...rest.slice(0, taken)].join(" "));
    if (score > 0) for (const each of readings(rest.slice(taken), command, known)) found.push({ ...each, command, score });
  }
  const order = new Map(commands.map((command, at) => [command.key, at]));
  return found.sort((a, b) => b.score - a.score || order.get(a.command.key)! - order.get(b.command.key)!);
}

type Args = Omit<Parsed, "command" | "score">;
const MOST_READINGS = 3;

/** One reading for each incident a number may mean, the newest first: a person sees them all and picks. */
function readings(typed: readonly string[], command: Command, known: Known): Args[] {
  const most = Math.max(1, ...typed.map((word) => incidentsOf(word, known).length));
  return Array.from({ length: Math.min(most, MOST_READINGS) }, (_, nth) => args(typed, command, known, nth));
}

function args(typed: readonly string[], command: Command, known: Known, nth: number): Args {
  const found = { units: [] as number[], incidents: [] as number[], minutes: null as number | null, partner: null as string | null, rest: [] as string[] };
  for (const word of typed) {
    const unit = unitOf(word, known);
    const partner = command.takes.includes("P")
      ? known.partners.find((p) => p.code.toLowerCase() === word.toLowerCase() || p.name.includes(word))
      : undefined;
    const minutes = command.takes.includes("M") ? minutesOf(word) : null;
    const fits = incidentsOf(word, known);
    const incident = fits[Math.min(nth, fits.length - 1)] ?? null;
    if (unit !== null) {
      if (!found.units.includes(unit)) found.units.push(unit); // named twice it is still one
    }
    else if (partner) found.partner = partner.code;
    else if (incident !== null) found.incidents.push(incident);
    else if (minutes !== null) found.minutes = minutes;
    else found.rest.push(word);
  }
  return found;
}

/** What was run before, newest first, each line once. */
export class History {
  private lines: string[];
  private at = -1;

  constructor(
    private readonly keep: Pick<Storage, "getItem" | "setItem">,
    private readonly name: string,
    private readonly most = 50,
  ) {
    let held: unknown = [];
    try {
      held = JSON.parse(keep.getItem(name) ?? "[]");
    } catch {
      // What can't be read is forgotten.
    }
    this.lines = Array.isArray(held) ? held.filter((line): line is string => typeof line === "string") : [];
  }

  add(line: string): void {
    this.lines = [line, ...this.lines.filter((each) => each !== line)].slice(0, this.most);
    this.keep.setItem(this.name, JSON.stringify(this.lines));
    this.at = -1;
  }
  /** One line further back. */
  back(): string | null {
    if (this.at + 1 >= this.lines.length) return null;
    return this.lines[++this.at] ?? null;
  }
  /** One line forward; an empty line at the end. */
  forward(): string | null {
    if (this.at < 0) return null;
    return this.lines[--this.at] ?? "";
  }
  reset(): void {
    this.at = -1;
  }
  get latest(): readonly string[] {
    return this.lines;
  }
}
