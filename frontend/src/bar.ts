// The command bar: "/" from anywhere, then a verb, units and numbers; or an incident, a unit, a page.
import { History, incidentsOf, parse, unitOf, type Known, type Parsed } from "./command";
import { ask, plain, post, refuse, send, sendChosen, sheetOf } from "./deeds";
import { toggleSound } from "@static/console/tone.js";
import { $, $$, attr, h, text } from "./dom";
import { facts, t } from "./facts";
import { reachOf } from "./reach";
import { store } from "./store";
import type { Incident, Unit } from "./types";

export interface BarDoors {
  open: (number: string, toUnits?: boolean) => void;
  call: () => void;
  answer: () => void;
  locate: (unit: Unit) => void;
  reach: (minutes: number) => void;
  help: () => void;
  spots: () => void;
  broadcast: () => void;
  chooseFree: (minutes: number) => void;
}
interface Line {
  group: string;
  title: string;
  note: string;
  hint?: string;
  /** Null when done; else what is still missing, in words. */
  run: () => string | null | Promise<string | null>;
}

const english = document.documentElement.lang.startsWith("en");
const LINES = 7;
/** A command is a line; what was pasted by mistake must not hold the page up. */
const LONGEST = 200;

export class Bar {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly history = new History(sessionStorage, "anlan-commands");
  private lines: Line[] = [];
  private at = 0;
  private before: HTMLElement | null = null;

  constructor(private readonly doors: BarDoors) {
    this.input = h("input", { id: "isl-cmd", type: "search", maxlength: LONGEST, autocomplete: "off", spellcheck: "false", role: "combobox",
      "aria-label": t("command"), "aria-expanded": "false", "aria-controls": "isl-cmd-list", "aria-autocomplete": "list", placeholder: t("type_command") });
    this.list = h("div", { class: "found isl-cmd-list", id: "isl-cmd-list", role: "listbox", "aria-label": t("command") });
    const box = h("div", { class: "find isl-find", role: "search" }, this.input, h("kbd", { "aria-hidden": "true" }, "/"), this.list);
    $(".head nav")?.after(box);
    this.input.addEventListener("input", () => this.suggest());
    this.input.addEventListener("focus", () => this.suggest());
    this.input.addEventListener("keydown", (e) => this.key(e));
    document.addEventListener("pointerdown", (e) => {
      if (!box.contains(e.target as Node)) this.shut();
    });
  }

  open(): void {
    if (document.activeElement !== this.input) this.before = document.activeElement as HTMLElement | null;
    this.input.focus();
    this.input.select();
  }

  private shut(): void {
    this.list.replaceChildren();
    attr(this.input, "aria-expanded", "false");
    this.history.reset();
  }

  private leave(): void {
    this.shut();
    this.input.value = "";
    this.input.blur();
    if (this.before?.isConnected) this.before.focus({ preventScroll: true });
  }

  private key(e: KeyboardEvent): void {
    if (e.isComposing) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const line = e.key === "ArrowUp" && this.at === 0 ? this.history.back() : e.key === "ArrowDown" && !this.input.value ? this.history.forward() : null;
      if (line !== null) {
        this.input.value = line;
        this.suggest(false);
      } else this.point(this.at + (e.key === "ArrowDown" ? 1 : -1));
    } else if (e.key === "Enter") {
      e.preventDefault();
      void this.run(this.lines[this.at]);
    } else if (e.key === "Escape") {
      e.preventDefault();
      e.stopPropagation();
      this.leave();
    }
  }

  private async run(line: Line | undefined): Promise<void> {
    const typed = this.input.value.trim();
    if (!line) return this.tell(t("command_none"));
    const missing = await line.run();
    if (missing !== null) return this.tell(missing);
    if (typed) this.history.add(typed);
    // A command that led somewhere keeps the focus it has set.
    if (document.activeElement === this.input) this.leave();
    else {
      this.shut();
      this.input.value = "";
    }
  }

  private tell(words: string): void {
    this.list.replaceChildren(h("p", { class: "isl-missing", role: "alert" }, words));
  }

  private point(to: number): void {
    const rows = $$("[role=option]", this.list);
    this.at = Math.max(0, Math.min(rows.length - 1, to));
    rows.forEach((row, i) => {
      row.classList.toggle("here", i === this.at);
      attr(row, "aria-selected", String(i === this.at));
    });
    attr(this.input, "aria-activedescendant", rows[this.at]?.id ?? null);
    rows[this.at]?.scrollIntoView({ block: "nearest" });
  }

  private suggest(reset = true): void {
    if (reset) this.history.reset();
    this.lines = this.offer(this.input.value.trim());
    let group = "";
    const rows: Node[] = [];
    this.lines.forEach((line, i) => {
      if (line.group !== group) rows.push(h("div", { class: "group" }, (group = line.group)));
      rows.push(h("a", { role: "option", id: `isl-cmd-${i}`, "aria-selected": "false",
        onpointerdown: (e) => {
          e.preventDefault();
          void this.run(line);
        } },
        h("b", { class: "clip" }, line.title), h("span", { class: "quiet clip grow" }, line.note), line.hint ? h("kbd", {}, line.hint) : null));
    });
    if (!this.lines.length) rows.push(h("p", { class: "isl-missing" }, t("command_none")));
    this.list.replaceChildren(...rows, h("p", { class: "small isl-cmd-foot" }, t("command_run")));
    attr(this.input, "aria-expanded", "true");
    this.point(0);
  }

  private offer(typed: string): Line[] {
    if (!typed) return [...this.past(), ...facts.commands.map((command) => this.line({ command, score: 1, units: [], incidents: [], minutes: null, partner: null, rest: [] }))];
    const parsed = parse(typed, facts.commands, known());
    const commands = parsed.map((each) => this.line(each));
    const things = [...incidents(typed, this.doors), ...units(typed, this.doors)];
    const sure = (parsed[0]?.score ?? 0) >= 0.55;
    const found = sure ? [...commands.slice(0, 5), ...things] : [...things, ...commands.slice(0, 3)];
    return [...found.slice(0, LINES), ...pages(typed)];
  }

  private past(): Line[] {
    return this.history.latest.slice(0, 3).map((line) => ({
      group: t("command_history"), title: line, note: "",
      run: () => {
        this.input.value = line;
        return this.offer(line)[0]?.run() ?? t("command_none");
      },
    }));
  }

  private line(parsed: Parsed): Line {
    const { command } = parsed;
    const named = [
      ...parsed.units.map((id) => store.units.get(id)?.sign ?? ""),
      ...parsed.incidents.map((id) => shortNumber(id)),
      parsed.minutes === null ? "" : t("reach_minutes", { n: parsed.minutes }),
      parsed.partner ?? "",
    ].filter(Boolean).join(" ");
    const takes = command.takes.replaceAll("U", "P-01").replaceAll("N", "00412").replaceAll("M", "5").replaceAll("P ", "119 ").replace(/P$/, "119");
    return { group: t("group_command"), title: `${english ? command.en : command.zh} ${named}`.trim(), note: named ? "" : takes,
      hint: command.py, run: () => perform(parsed, this.doors) };
  }
}

/** The last five figures; the whole number where another day's incident ends the same. */
function shortNumber(id: number): string {
  const number = store.incidents.get(id)?.number ?? "";
  const short = number.slice(-5);
  return [...store.incidents.values()].some((row) => row.id !== id && row.number.endsWith(short)) ? number : short;
}

function known(): Known {
  return { incidents: [...store.incidents.values()], units: store.snap.units, partners: facts.partners };
}

function incidents(typed: string, doors: BarDoors): Line[] {
  const whole = /^\d{6}-\d{3,6}$/.test(typed);
  const meant = incidentsOf(typed, known());
  const rows = [...store.incidents.values()].filter((row) => meant.includes(row.id) || row.number.endsWith(typed) || (typed.length > 1 && (row.place.includes(typed) || row.kind.toLowerCase().includes(typed.toLowerCase()))));
  const lines = rows.slice(0, 5).map((row) => ({ group: t("group_incident"), title: `${row.priority} ${row.kind}`, note: `${row.number} ${row.place}`,
    run: () => (doors.open(row.number), null) }));
  if (whole && !lines.length) lines.push({ group: t("group_incident"), title: typed, note: "", run: () => (doors.open(typed), null) });
  return lines;
}

function units(typed: string, doors: BarDoors): Line[] {
  const wanted = typed.toLowerCase().replace(/[\s-]/g, "");
  if (!wanted) return [];
  const exact = unitOf(typed, known());
  return store.snap.units
    .filter((unit) => unit.id === exact || unit.sign.toLowerCase().replace(/-/g, "").startsWith(wanted))
    .slice(0, 5)
    .map((unit) => ({ group: t("group_unit"), title: unit.sign, note: `${unit.badge[2]} ${unit.incident_number.slice(-5)} ${unit.org}`, run: () => (doors.locate(unit), null) }));
}

function pages(typed: string): Line[] {
  return facts.pages.filter((page) => page.label.toLowerCase().startsWith(typed.toLowerCase())).map((page) => ({ group: t("group_page"), title: page.label, note: "",
    run: () => {
      location.href = page.url;
      return null;
    } }));
}

/** Do it; or say what is missing. What is not typed is taken from what is chosen on the screen. */
async function perform(parsed: Parsed, doors: BarDoors): Promise<string | null> {
  const { key } = parsed.command;
  if (parsed.rest.length) {
    const number = parsed.rest.find((word) => /^\d/.test(word));
    return number ? t("command_unknown_incident", { text: number }) : t("command_needs_unit");
  }
  const one = incidentNamed(parsed, 0);
  switch (key) {
    case "new_call": return doors.call(), null;
    case "answer": return doors.answer(), null;
    case "help": return doors.help(), null;
    case "spots": return doors.spots(), null;
    case "broadcast": return one && store.number !== one.number && doors.open(one.number), doors.broadcast(), null;
    case "sound": return toggleSound(), null;
    case "clear": return store.chosen.clear(), store.tell("chosen"), null;
    case "list": return (location.href = facts.urls.queue), null;
    case "open": return one ? (doors.open(one.number), null) : t("command_needs_incident");
    case "locate": return withUnit(parsed, (unit) => (doors.locate(unit), null));
    case "reach": return around(parsed, doors, (n) => doors.reach(n));
    case "choose_free": return around(parsed, doors, (n) => doors.chooseFree(n));
    case "send": case "support": return sendNamed(parsed, one, doors);
    case "reassign": return reassign(parsed, one);
    case "merge": return merge(parsed);
    case "transfer": return transfer(parsed, one);
    case "route": return routeTo(one);
    default: return step(parsed, one);
  }
}

/** An incident named in the command; the one on the screen stands in for the first that isn't. */
function incidentNamed(parsed: Parsed, at: number): Incident | null {
  const id = parsed.incidents[at];
  return (id === undefined ? null : store.incidents.get(id)) ?? (parsed.incidents.length ? null : store.incident);
}

function withUnit(parsed: Parsed, then: (unit: Unit) => string | null): string | null {
  const unit = store.units.get(parsed.units[0] ?? store.focus ?? -1);
  return unit ? then(unit) : t("command_needs_unit");
}

async function around(parsed: Parsed, doors: BarDoors, then: (minutes: number) => void): Promise<string | null> {
  const one = incidentNamed(parsed, 0);
  if (!one) return t("command_needs_incident");
  if (!one.at) return t("reach_no_point");
  const minutes = parsed.minutes ?? 5;
  if (store.number !== one.number) doors.open(one.number);
  await reachOf(one, [...new Set([...[1, 3, 5].filter((n) => n < minutes), minutes])], true);
  then(minutes);
  return null;
}

async function sendNamed(parsed: Parsed, incident: Incident | null, doors: BarDoors): Promise<string | null> {
  if (!incident) return t("command_needs_incident");
  const named = parsed.units.map((id) => store.units.get(id)).filter((unit): unit is Unit => Boolean(unit));
  if (named.length === 1) return await send(incident, named), null;
  if (named.length > 1) {
    for (const unit of named) store.chosen.add(unit);
    store.tell("chosen");
  }
  if (store.chosen.size) return await sendChosen(incident), null;
  doors.open(incident.number, true);
  return null;
}

async function reassign(parsed: Parsed, incident: Incident | null): Promise<string | null> {
  const [from, to] = parsed.units;
  if (from === undefined || to === undefined) return t("command_needs_unit");
  const sheet = sheetOf(from, parsed.incidents.length ? (incident?.id ?? null) : null);
  const [old, next] = [store.units.get(from)!, store.units.get(to)!];
  if (sheet === null) return t("command_no_assignment", { unit: old.sign, number: incident?.number ?? "–" });
  const reason = await ask({ title: `${old.sign} → ${next.sign}`, reason: t("reason"), confirm: parsed.command[english ? "en" : "zh"] });
  if (reason) await plain(`/api/assignments/${sheet}/replace`, { unit_id: to, reason });
  return null;
}

async function merge(parsed: Parsed): Promise<string | null> {
  const [a, b] = parsed.incidents.map((id) => store.incidents.get(id));
  const from = b ? a : store.incident;
  const into = b ?? a;
  if (!from || !into || from === into) return t("command_needs_incident");
  const agreed = await ask({ title: `${from.number} → ${into.number}`, lines: [`${from.kind} ${from.place}`, `${into.kind} ${into.place}`], confirm: parsed.command[english ? "en" : "zh"] });
  if (agreed) await plain(`/api/incidents/${from.id}/merge`, { incident_id: into.id });
  return null;
}

async function transfer(parsed: Parsed, incident: Incident | null): Promise<string | null> {
  if (!incident) return t("command_needs_incident");
  if (!parsed.partner) return facts.partners.map((partner) => `${partner.code} ${partner.name}`).join(" · ");
  const agreed = await ask({ title: `${incident.number} → ${parsed.partner}`, lines: [`${incident.kind} ${incident.place}`], confirm: parsed.command[english ? "en" : "zh"] });
  if (agreed) await plain(`/api/incidents/${incident.id}/transfer`, { partner: parsed.partner });
  return null;
}

async function routeTo(incident: Incident | null): Promise<string | null> {
  if (!incident) return t("command_needs_incident");
  const answer = await post(`/console/incidents/${incident.number}/do/route`, null, new FormData());
  if (!answer.ok) refuse(answer.words);
  document.dispatchEvent(new CustomEvent("anlan:incident-changed"));
  return null;
}

/** A step noted for a unit: signed, set off, arrived, done, called off. */
async function step(parsed: Parsed, incident: Incident | null): Promise<string | null> {
  const id = parsed.units[0];
  const unit = id === undefined ? undefined : store.units.get(id);
  if (!unit) return t("command_needs_unit");
  const sheet = sheetOf(unit.id, parsed.incidents.length ? (incident?.id ?? -1) : null);
  if (sheet === null) return t("command_no_assignment", { unit: unit.sign, number: incident?.number ?? "–" });
  if (parsed.command.key === "call_off") {
    const reason = await ask({ title: `${parsed.command[english ? "en" : "zh"]} ${unit.sign}`, reason: t("reason"), confirm: parsed.command[english ? "en" : "zh"] });
    if (reason) await plain(`/api/assignments/${sheet}/cancel`, { reason });
  } else await plain(`/api/assignments/${sheet}/${parsed.command.key}`);
  return null;
}

/** All commands and keys, for the question mark. */
export function makeHelp(): HTMLDialogElement {
  const keys: [string, string][] = [["/", t("key_command")], ["N", t("key_new")], ["F1", t("key_answer")], ["J K ↑ ↓", t("key_row")], ["Enter", t("key_open")], ["Y", t("key_why")],
    ["S", t("key_send")], ["Space", t("key_space")], ["Z", t("key_undo")], ["Q U I V", t("key_lists")], ["W", t("key_reach")], ["P", t("key_spots")], ["B", t("key_broadcast")], ["Esc", t("key_escape")]];
  const rows = facts.commands.map((c) => h("tr", {}, h("td", { lang: "zh-Hans" }, c.zh), h("td", { class: "num" }, c.py), h("td", { lang: "en" }, c.en), h("td", { class: "num quiet" },
    c.takes.replaceAll("U", "P-01").replaceAll("N", "00412").replaceAll("M", "5").replace(/P$/, "119"))));
  const box = h("dialog", { id: "isl-help", class: "isl-help", "aria-labelledby": "isl-help-title" },
    h("div", { class: "spread" }, h("h2", { id: "isl-help-title" }, t("help")), h("button", { type: "button", class: "btn", onclick: () => box.close() }, t("close"))),
    h("p", { class: "small" }, t("help_say")),
    h("div", { class: "isl-help-two" },
      h("div", { class: "keys" }, ...keys.flatMap(([key, words]) => [h("span", {}, ...key.split(" ").map((k) => h("kbd", {}, k))), h("span", {}, words)])),
      h("table", { class: "dense" }, h("tbody", {}, ...rows))));
  document.body.append(box);
  text(box.querySelector("h2")!, t("help"));
  return box;
}
