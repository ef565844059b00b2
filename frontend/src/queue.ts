// The queue on the left: calls that ring, then what is open by whose hands it is in, each group's order explained.
import { ALARM, play } from "@static/console/tone.js";
import { explained } from "@static/console/whyrow.js";
import { toast } from "@static/core/shell.js";
import { age, attr, h, icon, setIcon, text, $ } from "./dom";
import { facts, may, t } from "./facts";
import { LiveList } from "./livelist";
import { store } from "./store";
import { say } from "./stream";
import type { Call, CallBack, Group, Incident } from "./types";

type Item =
  | { kind: "head"; key: string; title: string; order: string; total: number; hot: boolean; left: number }
  | { kind: "call"; call: Call }
  | { kind: "back"; task: CallBack }
  | { kind: "incident"; row: Incident; group: string }
  | { kind: "more"; key: string; n: number }
  | { kind: "empty" };

const SHAPES: Record<string, string> = { P1: "triangle-up", P2: "diamond", P3: "disc", P4: "ring" };
/** Calls in other hands must not push the incidents out of sight. */
const CALLS_SHOWN = 2;
const HOT = new Set(["unsent", "unsigned"]);

export interface QueueDoors {
  open: (number: string) => void;
  call: (number: string | null) => void;
  drop: (incident: Incident, unit: number) => void;
}

/** Rows that come after the first picture carry a marker until they are opened. */
let started = false;

export function makeQueue(root: HTMLElement, doors: QueueDoors): void {
  const news = h("button", { type: "button", class: "btn isl-news", hidden: true, onclick: () => list.settle(true) });
  const box = h("div", { class: "isl-rows", id: "isl-rows", "data-rows": true, "data-default": true });
  const head = h("div", { class: "queue-head" });
  if (may("console.call"))
    head.append(h("button", { type: "button", class: "btn main", id: "isl-new-call", onclick: () => doors.call(null) }, t("call_panel"), h("kbd", {}, "N")));
  head.append(h("span", { class: "grow" }), news, h("a", { class: "btn plain", href: facts.urls.queue }, t("list_link")));
  root.append(head, box);
  holdStill($("#ringing", root), box);
  const list = new LiveList<Item>(box, {
    key: keyOf,
    make: (item) => make(item, doors),
    fill,
    waiting: (fresh) => {
      news.hidden = fresh === 0;
      text(news, `${fresh} ↑`);
    },
  });
  // One that is raised to P1 needs somebody now as one that comes as such does; none is told twice.
  const told = new Set<number>();
  const explain = explained(box, (row) => row.dataset["number"] ?? "", say);
  const draw = (): void => {
    for (const row of store.incidents.values()) {
      if (row.priority !== "P1" || told.has(row.id)) continue;
      told.add(row.id);
      if (started && !facts.replay) herald(row, doors);
    }
    list.show(items());
    explain();
    mark(box);
  };
  store.on("data", draw);
  store.on("incident", () => mark(box));
  draw();
  started = true;
}

/** A ring above the list must not move the row somebody is about to press. */
function holdStill(strip: HTMLElement | null, box: HTMLElement): void {
  if (!strip) return;
  let height = strip.offsetHeight;
  new ResizeObserver(() => {
    const grown = strip.offsetHeight - height;
    height = strip.offsetHeight;
    if (grown && (box.matches(":hover") || box.contains(document.activeElement))) box.scrollTop += grown;
  }).observe(strip);
}

function mark(box: HTMLElement): void {
  for (const row of box.querySelectorAll<HTMLElement>("[data-number]")) {
    const here = row.dataset["number"] === store.number;
    attr(row, "aria-current", here ? "true" : null);
    if (here) row.removeAttribute("data-new");
  }
}

function items(): Item[] {
  const found: Item[] = [];
  const { call_backs: backs, groups } = store.snap;
  // Lines that ring stand in the strip above.
  const calls = facts.replay ? store.snap.calls : store.snap.calls.filter((call) => call.state !== "ringing");
  if (calls.length) found.push({ kind: "head", key: "calls", title: t("calls_waiting"), order: t("oldest_first"), total: calls.length, hot: true, left: Math.max(0, calls.length - CALLS_SHOWN) });
  found.push(...calls.slice(0, CALLS_SHOWN).map((call): Item => ({ kind: "call", call })));
  if (backs.length) found.push({ kind: "head", key: "backs", title: t("call_back"), order: t("oldest_first"), total: backs.length, hot: true, left: 0 });
  found.push(...backs.map((task): Item => ({ kind: "back", task })));
  for (const group of groups) found.push(...ofGroup(group));
  return found;
}

function ofGroup(group: Group): Item[] {
  if (!group.rows.length && group.key !== "unsent") return [];
  const hot = group.key === "unsent" && group.total > 0;
  const found: Item[] = [{ kind: "head", key: group.key, title: group.title, order: group.order, total: group.total, hot, left: 0 }];
  found.push(...group.rows.map((row): Item => ({ kind: "incident", row, group: group.key })));
  if (!group.rows.length) found.push({ kind: "empty" });
  const more = group.total - group.rows.length;
  if (more > 0) found.push({ kind: "more", key: group.key, n: more });
  return found;
}

function keyOf(item: Item): string {
  switch (item.kind) {
    case "head": return `h-${item.key}`;
    case "call": return `c-${item.call.id}`;
    case "back": return `b-${item.task.id}`;
    case "incident": return `i-${item.row.id}`;
    case "more": return `m-${item.key}`;
    case "empty": return "empty";
  }
}

function make(item: Item, doors: QueueDoors): HTMLElement {
  switch (item.kind) {
    case "head":
      return h("h2", { class: "isl-head", "data-group": item.key },
        h("span", { class: "title" }), h("span", { class: "count" }), h("small", { class: "left quiet num" }), h("span", { class: "grow" }),
        h("details", { class: "pop right" }, h("summary", {}, t("order")), h("div", { class: "panel" })));
    case "call":
      return h("a", { class: "isl-row call", href: `/console/calls/${item.call.number}`, "data-row": true,
        onclick: (e) => plainClick(e) && doors.call(item.call.number) },
        h("span", { class: "l1" }, icon("bell"), h("b", { class: "clip grow num" }), h("span", { class: "badge" }), h("span", { class: "clock" })));
    case "back":
      return h("a", { class: "isl-row call", href: `/console/calls/${item.task.number}`, "data-row": true, onclick: (e) => plainClick(e) && doors.call(item.task.number) },
        h("span", { class: "l1" }, icon("return"), h("b", { class: "clip grow num" }), h("span", { class: "clock" })));
    case "incident":
      return makeIncident(item.row, doors);
    case "more":
      return h("p", { class: "small more" });
    case "empty":
      return h("div", { class: "empty" }, h("b", {}, t("nothing_waits")), t("nothing_waits_how"));
  }
}

function makeIncident(row: Incident, doors: QueueDoors): HTMLElement {
  const el = h("a", { class: "isl-row", href: `/console/incidents/${row.number}`, "data-row": true, "data-number": row.number,
    "data-incident": row.id, "data-new": started, draggable: "false",
    onclick: (e) => plainClick(e) && doors.open(row.number) },
    h("span", { class: "l1" }, h("span", { class: "prio" }, icon("ring"), h("span", { class: "p" })), h("b", { class: "clip" }), h("span", { class: "why-row clip quiet grow" }), h("span", { class: "clock" })),
    h("span", { class: "l2" }, h("span", { class: "place clip grow" }), h("span", { class: "who clip" }), h("span", { class: "num quiet short" })));
  el.addEventListener("dragover", (e) => {
    if (!e.dataTransfer?.types.includes("text/x-unit")) return;
    e.preventDefault();
    el.classList.add("target");
  });
  el.addEventListener("dragleave", () => el.classList.remove("target"));
  el.addEventListener("drop", (e) => {
    e.preventDefault();
    el.classList.remove("target");
    const incident = store.incidents.get(row.id);
    const unit = Number(e.dataTransfer?.getData("text/x-unit"));
    if (incident && unit) doors.drop(incident, unit);
  });
  return el;
}

/** A click with a modifier opens a window of its own, as everywhere. */
function plainClick(e: Event): boolean {
  const click = e as MouseEvent;
  if (click.ctrlKey || click.metaKey || click.shiftKey) return false;
  e.preventDefault();
  return true;
}

function fill(el: HTMLElement, item: Item): void {
  if (item.kind === "head") {
    text($(".title", el)!, item.title);
    text($(".count", el)!, String(item.total));
    $(".count", el)!.classList.toggle("hot", item.hot);
    // The longest waiting are shown; how many are not stands beside the sum.
    text($(".left", el)!, item.left ? `+${item.left}` : "");
    attr($(".left", el)!, "title", item.left ? t("more", { n: item.left }) : null);
    text($(".panel", el)!, item.order);
  } else if (item.kind === "call") {
    text($("b", el)!, item.call.line);
    text($(".badge", el)!, item.call.badge[2]);
    age($(".clock", el)!, { since: item.call.since, amber: 10, red: 20 });
  } else if (item.kind === "back") {
    text($("b", el)!, `${item.task.reason} · ${item.task.number}`);
    age($(".clock", el)!, { due: item.task.due, amber: -30, red: 0 });
  } else if (item.kind === "more") text(el, t("more", { n: item.n }));
  else if (item.kind === "incident") fillIncident(el, item.row, item.group);
}

function fillIncident(el: HTMLElement, row: Incident, group: string): void {
  const level = row.priority.toLowerCase();
  attr(el, "class", `isl-row ${level}${HOT.has(group) ? " hot" : ""}${el.classList.contains("gone") ? " gone" : ""}${el.classList.contains("target") ? " target" : ""}`);
  const prio = $(".prio", el)!;
  attr(prio, "class", `prio ${level}`);
  setIcon($(".isl-icon", prio)!, SHAPES[row.priority] ?? "ring");
  text($(".p", prio)!, row.priority);
  text($("b", el)!, row.kind);
  const clock = $(".clock", el)!;
  if (group === "unsent" || row.due === null) age(clock, { since: row.since, amber: group === "unsent" ? row.amber_s : null, red: group === "unsent" ? row.red_s : null });
  else age(clock, { due: row.due, amber: -row.warn_s, red: 0 });
  attr(clock, "title", row.clock);
  text($(".place", el)!, row.place || t("place_unknown"));
  const why = $(".why-row", el)!;
  // The age beside it tells since when; the phrase's first part is what there is room for.
  text(why, row.why.split(" · ")[0] ?? "");
  attr(why, "title", row.why_whole);
  const who = $(".who", el)!;
  text(who, hands(row));
  who.classList.toggle("alarm-word", row.alarms.length > 0 || (!row.sent.length && row.danger.length > 0));
  text($(".short", el)!, row.number.slice(-5));
  attr(el, "title", [row.headline, ...row.danger, row.major ? t("major") : ""].filter(Boolean).join(" · "));
}

/** In whose hands it is; an alarm or a danger goes first, because it needs somebody now. */
function hands(row: Incident): string {
  if (row.alarms.length) return `▲ ${row.alarms[0]}`;
  if (row.sent.length) {
    const [, , sign, , , , word] = row.sent[row.sent.length - 1]!;
    return `${sign} ${word}${row.sent.length > 1 ? ` +${row.sent.length - 1}` : ""}`;
  }
  if (row.order) return `${row.order[0]} ${row.order[3]}`;
  return row.danger.length ? `▲ ${row.danger.join(" ")}` : row.track;
}

function herald(row: Incident, doors: QueueDoors): void {
  const words = t("new_p1", { title: row.kind, place: row.place || "–" });
  say(words);
  play(ALARM);
  const link = h("a", { href: `/console/incidents/${row.number}`, onclick: (e) => plainClick(e) && doors.open(row.number) }, `▲ ${words}`);
  toast(link, { kind: "p1", stay: true });
}
