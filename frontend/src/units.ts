// Every unit in a list: state, what it is on, how old its position is. Whatever the map can do is done here too.
import { duration, serverNow } from "@static/core/clock.js";
import { minutesSeconds, freshness } from "./clocks";
import { makeCasts } from "./cast";
import { refuse, sendChosen } from "./deeds";
import { $, $$, age, attr, h, hollow, icon, setIcon, text } from "./dom";
import { facts, may, t } from "./facts";
import { LiveList } from "./livelist";
import { clearReach, reachOf } from "./reach";
import { store, type Reach } from "./store";
import type { Doubt } from "./selection";
import type { Taken, Unit } from "./types";

type Filter = "duty" | "free" | "P" | "C" | "all";
type Sort = "sign" | "state" | "near";
const STATE_ORDER = ["available", "assigned", "en_route", "on_scene", "busy", "off", "out_of_service"];
const MINUTES = [1, 3, 5, 10];
/** Made once: a thousand signs are ten thousand comparisons. */
const bySign = new Intl.Collator("en", { numeric: true });

export interface UnitDoors {
  open: (number: string) => void;
  locate: (unit: Unit) => void;
  pick: (minutes: number) => void;
  circle: () => void;
}

let filter: Filter = "duty";
let sort: Sort = "sign";

export function showFree(track: "P" | "C"): void {
  filter = "free";
  only = track;
  redraw();
  focusUnits();
}
let only: "P" | "C" | null = null;
let redraw = (): void => undefined;
export function focusUnits(): void {
  $("#isl-units [data-row]")?.focus();
}

export function makeUnits(root: HTMLElement, doors: UnitDoors): void {
  const box = h("div", { class: "isl-grid", id: "isl-grid", role: "listbox", "aria-multiselectable": "true", "aria-label": t("units"), "data-rows": true });
  const chosen = h("div", { class: "isl-chosen", id: "isl-chosen", hidden: true, role: "status" });
  root.append(head(doors), chosen, box);
  makeCasts(root);
  const look = watch(box);
  const list = new LiveList<Unit>(box, { key: (unit) => String(unit.id), make: (unit) => make(unit, doors), fill });
  redraw = () => {
    const units = shown();
    text($(".count", root)!, String(units.length));
    for (const button of $$<HTMLButtonElement>("[data-filter]", root)) attr(button, "aria-pressed", String(button.dataset["filter"] === filter));
    list.show(units);
    look();
  };
  store.on(["data", "reach"], redraw);
  store.on("positions", () => fillMoved(box));
  store.on("chosen", () => {
    fillAll(box);
    drawChosen(chosen);
  });
  store.on(["incident", "data"], () => drawChosen(chosen));
  store.on("reach", () => drawReach(root));
  store.on("focus", () => {
    for (const row of $$("[data-row]", box)) row.classList.toggle("focus", Number(row.dataset["unit"]) === store.focus);
    $(".focus", box)?.scrollIntoView({ block: "nearest" });
  });
  setInterval(() => {
    fillAll(box);
    look();
  }, 5000);
  redraw();
  drawChosen(chosen);
}

function head(doors: UnitDoors): HTMLElement {
  const filters: [Filter, string][] = [["duty", t("layer_units")], ["free", t("free")], ["P", t("police")], ["C", t("community")], ["all", t("all")]];
  const sorter = h("select", { class: "mini", "aria-label": t("sort_units"), onchange: (e) => {
    sort = (e.target as HTMLSelectElement).value as Sort;
    redraw();
  } }, h("option", { value: "sign" }, t("sort_sign")), h("option", { value: "state" }, t("sort_state")), h("option", { value: "near" }, t("sort_near")));
  return h("header", { class: "isl-tools" },
    h("h2", {}, t("units"), " ", h("span", { class: "count" })),
    h("span", { class: "row tight", role: "group", "aria-label": t("filter_units") },
      ...filters.map(([key, word]) => h("button", { type: "button", class: "chip", "data-filter": key, onclick: () => {
        filter = key;
        only = null;
        redraw();
      } }, word))),
    sorter,
    h("span", { class: "grow" }),
    h("span", { class: "isl-reach row tight", role: "group", "aria-label": t("reach") },
      h("span", { class: "small" }, t("reach")),
      ...MINUTES.map((n) => h("button", { type: "button", class: "chip", "data-minutes": n, onclick: () => askReach(n, doors) }, t("reach_minutes", { n }))),
      h("button", { type: "button", class: "chip", id: "isl-circle", onclick: () => doors.circle() }, t("circle"))),
    h("span", { class: "isl-found row tight", hidden: true }));
}

/** Around the incident chosen; without one the map is asked for a point. */
export function askReach(minutes: number, doors: Pick<UnitDoors, "pick">): void {
  const incident = store.incident;
  if (!incident) return doors.pick(minutes);
  if (!incident.at) return refuse(t("reach_no_point"));
  void reachOf(incident, [...new Set([...[1, 3, 5].filter((n) => n < minutes), minutes])], true);
  sort = "near";
}

function drawReach(root: HTMLElement): void {
  const reach = store.reach;
  const box = $(".isl-found", root)!;
  const minutes = reach?.minutes.at(-1);
  for (const button of $$("[data-minutes]", root)) attr(button, "aria-pressed", String(Boolean(reach?.asked) && Number(button.dataset["minutes"]) === minutes));
  box.hidden = !reach?.asked;
  if (!reach?.asked || minutes === undefined) return;
  sort = "near";
  $<HTMLSelectElement>("select", root)!.value = sort;
  redraw();
  const free = reach.units.map(([id]) => store.units.get(id)).filter((unit): unit is Unit => unit?.state === "available");
  const how = reach.source === "line" ? t("reach_line") : reach.urgent ? t("reach_urgent") : t("reach_road");
  const words = reach.units.length ? t("reach_found", { n: reach.units.length, minutes }) : t("reach_none", { n: minutes });
  box.replaceChildren(
    h("b", { class: "num" }, words), h("small", {}, how),
    free.length > 0 && may("dispatch.send") ? h("button", { type: "button", class: "chip", id: "isl-choose-free", onclick: () => chooseAll(free) }, t("reach_choose")) : "",
    h("button", { type: "button", class: "chip", "aria-label": t("close"), onclick: clearAsked }, "×"));
}

export function clearAsked(): void {
  const incident = store.incident;
  clearReach();
  sort = "sign";
  const select = $<HTMLSelectElement>("#isl-units select");
  if (select) select.value = sort;
  redraw();
  if (incident) void reachOf(incident);
}

export function chooseAll(units: readonly Unit[]): void {
  for (const unit of units) store.chosen.add(unit);
  store.tell("chosen");
}

function shown(): Unit[] {
  const eta = etas();
  const there = new Set(store.snap.units.map((unit) => unit.id));
  // A unit that was chosen and is no longer told stays in the list, marked, until the dispatcher lets it go.
  const left = store.chosen.list.filter((unit) => !there.has(unit.id));
  const wanted = [...store.snap.units, ...left].filter((unit) => {
    if (store.chosen.has(unit.id)) return true;
    if (filter === "all") return true;
    if (unit.off) return false;
    if (filter === "free") return unit.state === "available" && (!only || unit.track === only);
    return filter === "duty" || unit.track === filter;
  });
  const rank = (unit: Unit): number => (sort === "near" ? (eta.get(unit.id) ?? 1e9) : sort === "state" ? STATE_ORDER.indexOf(unit.state) : 0);
  return wanted.sort((a, b) => rank(a) - rank(b) || bySign.compare(a.sign, b.sign));
}

let etasHeld = new Map<number, number>();
let etasOf: Reach | null = null;
/** Seconds from each unit to the point asked about; made once for each answer. */
function etas(): Map<number, number> {
  if (etasOf !== store.reach) {
    etasOf = store.reach;
    etasHeld = new Map(etasOf?.units.map(([id, seconds]) => [id, seconds]) ?? []);
  }
  return etasHeld;
}

function make(unit: Unit, doors: UnitDoors): HTMLElement {
  const el = h("div", { class: "isl-unit", role: "option", tabindex: 0, "data-row": true, "data-unit": unit.id, draggable: may("dispatch.send") ? "true" : "false" },
    h("span", { class: "tickbox", "aria-hidden": "true" }), icon("ring"), h("b", { class: "num sign" }), h("span", { class: "state clip" }),
    h("span", { class: "on num" }), h("span", { class: "eta num" }), h("span", { class: "fix num" }));
  made.set(unit.id, el);
  const current = (): Unit | undefined => store.units.get(unit.id);
  el.addEventListener("click", (e) => {
    const now = current();
    if (!now) return;
    if ((e.target as Element).closest(".on") && now.incident_number) return doors.open(now.incident_number);
    if ((e.target as Element).closest(".tickbox") || e.ctrlKey || e.metaKey || e.shiftKey) return toggle(now);
    doors.locate(now);
  });
  el.addEventListener("keydown", (e) => {
    const now = current();
    if (!now) return;
    if (e.key === " ") {
      e.preventDefault();
      toggle(now);
    } else if (e.key === "Enter") {
      e.preventDefault();
      e.stopPropagation();
      doors.locate(now);
    }
  });
  el.addEventListener("dragstart", (e) => {
    e.dataTransfer?.setData("text/x-unit", String(unit.id));
    e.dataTransfer?.setData("text/plain", unit.sign);
  });
  return el;
}

export function toggle(unit: Unit): void {
  if (!may("dispatch.send")) return;
  store.chosen.toggle(unit);
  store.tell("chosen");
}

const made = new Map<number, HTMLElement>();

/** Rows that can be seen, or nearly: of a thousand ages only these are written each second. */
let seen: ReadonlySet<Element> = new Set();
const BEYOND_PX = 120;

function watch(box: HTMLElement): () => void {
  let due = false;
  const look = (): void => {
    due = false;
    const before = seen;
    seen = new Set(within(box.children, box.offsetTop + box.scrollTop - BEYOND_PX, box.clientHeight + 2 * BEYOND_PX));
    for (const row of [...before, ...seen]) if (before.has(row) !== seen.has(row)) {
      fillRow(row as HTMLElement, Number((row as HTMLElement).dataset["unit"]));
      // The shared clock goes on from here; nobody waits for its next tick.
      const fix = $(".age", row);
      if (fix) text(fix, duration((serverNow() - Number(fix.dataset["since"])) / 1000));
    }
  };
  const soon = (): void => {
    if (!due) requestAnimationFrame(look);
    due = true;
  };
  box.addEventListener("scroll", soon, { passive: true });
  new ResizeObserver(soon).observe(box);
  return soon;
}

/** Of rows one below the other, those that begin between ``top`` and so much below it. */
function within(rows: HTMLCollection, top: number, height: number): Element[] {
  const found: Element[] = [];
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as HTMLElement).offsetTop < top) low = middle + 1;
    else high = middle;
  }
  for (let k = low; k < rows.length && (rows[k] as HTMLElement).offsetTop <= top + height; k++) found.push(rows[k]!);
  return found;
}

function fillAll(box: HTMLElement): void {
  for (const el of box.children as Iterable<Element> as Iterable<HTMLElement>) fillRow(el, Number(el.dataset["unit"]));
}

/** Of a thousand units two hundred tell their place in a second; the others' rows stay as they are. */
function fillMoved(box: HTMLElement): void {
  // Where time is played, what stays where it is grows old too.
  if (facts.replay) return fillAll(box);
  for (const id of store.moved) {
    const el = made.get(id);
    if (el?.isConnected) fillRow(el, id);
  }
}

function fillRow(el: HTMLElement, id: number): void {
  const unit = store.units.get(id) ?? store.chosen.list.find((each) => each.id === id);
  if (unit) fill(el, unit);
}

interface Parts {
  icon: HTMLElement;
  sign: HTMLElement;
  state: HTMLElement;
  on: HTMLElement;
  eta: HTMLElement;
  fix: HTMLElement;
}
const parts = new WeakMap<HTMLElement, Parts>();

function partsOf(row: HTMLElement): Parts {
  let found = parts.get(row);
  if (!found) {
    const part = (name: string): HTMLElement => $(`.${name}`, row)!;
    found = { icon: part("isl-icon"), sign: part("sign"), state: part("state"), on: part("on"), eta: part("eta"), fix: part("fix") };
    parts.set(row, found);
  }
  return found;
}

function fill(row: HTMLElement, unit: Unit): void {
  const { icon, sign, state, on, eta, fix } = partsOf(row);
  const fixed = store.fixes.get(unit.id)?.[5];
  const fresh = freshness(fixed, serverNow(), facts.ages);
  const [shape, tone, word] = unit.badge;
  setIcon(icon, fresh === "fresh" ? shape : hollow(shape));
  attr(row, "data-tone", tone);
  attr(row, "data-fresh", fresh);
  attr(row, "aria-selected", String(store.chosen.has(unit.id)));
  const doubt = store.chosen.size ? store.chosen.doubts.find((each) => each.unit.id === unit.id) : undefined;
  attr(row, "data-doubt", doubt?.why ?? null);
  text(sign, unit.sign);
  text(state, word);
  text(on, unit.incident_number.slice(-5));
  attr(row, "data-on", Boolean(unit.incident_number));
  const seconds = etas().get(unit.id);
  text(eta, seconds === undefined ? "" : minutesSeconds(seconds));
  attr(row, "data-eta", seconds !== undefined);
  if (fresh === "none" || !seen.has(row)) {
    age(fix, {});
    text(fix, fresh === "none" ? t("unit_no_fix") : "");
  } else age(fix, { since: (fixed ?? 0) * 1000, amber: facts.ages.stale_s, red: facts.ages.lost_s });
  const place = fresh === "none" ? t("unit_no_fix") : fresh === "fresh" ? "" : t(fresh);
  attr(row, "title", [unit.org, unit.crew.join(" "), place].filter(Boolean).join(" · "));
  // What is seen is what is read out; beside it only what the eye gets from the icon.
  attr(row, "aria-description", place || null);
}

/** The units chosen, by name and number; doubts are said, nobody is dropped. */
function drawChosen(box: HTMLElement): void {
  const { chosen, incident } = store;
  box.hidden = chosen.size === 0;
  if (!chosen.size) {
    box.replaceChildren();
    delete box.dataset["now"];
    return;
  }
  const doubts = chosen.doubts;
  for (const doubt of doubts) if (!doubt.taken) void askTaken(doubt.unit);
  const now = JSON.stringify([chosen.list.map((u) => [u.sign, u.state]), incident?.number, doubts.map((each) => [each.why, each.taken?.by])]);
  if (box.dataset["now"] === now) return;
  box.dataset["now"] = now;
  const number = incident?.number.slice(-5);
  const focus = box.contains(document.activeElement) ? (document.activeElement as HTMLElement).id : "";
  box.replaceChildren(
    h("b", { class: "num" }, t("chosen_units", { n: chosen.size })),
    h("span", { class: "signs clip num" }, chosen.list.map((unit) => unit.sign).join(" ")),
    h("span", { class: "grow" }),
    h("button", { type: "button", class: "btn main", id: "isl-send-chosen", onclick: () => void sendChosen() },
      number ? t("chosen_send", { n: chosen.size, number }) : t("chosen_no_incident"), h("kbd", {}, "S")),
    h("button", { type: "button", class: "btn plain", id: "isl-clear-chosen", onclick: () => {
      chosen.clear();
      store.tell("chosen");
    } }, t("chosen_clear")),
    ...doubts.map((doubt) => h("p", { class: "doubt" }, "◆ ", inWords(doubt))));
  if (focus) document.getElementById(focus)?.focus();
}

function inWords({ unit, why, taken }: Doubt): string {
  if (why === "gone") return t("chosen_left", { unit: unit.sign });
  const blanks = { unit: unit.sign, state: unit.badge[2], time: clockTime(taken?.since ?? unit.since), by: taken?.by ?? "", number: taken?.number.slice(-5) ?? "" };
  return t(taken?.by && taken.number ? "chosen_taken" : "chosen_gone", blanks);
}

const asking = new Set<string>();
/** Who has taken it, asked once for each change. */
async function askTaken(unit: Unit): Promise<void> {
  const key = `${unit.id} ${unit.since}`;
  if (asking.has(key) || !facts.urls.taken) return;
  asking.add(key);
  try {
    const answer = await fetch(`${facts.urls.taken}${unit.id}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    store.chosen.tell(unit.id, (await answer.json()) as Taken);
    store.tell("chosen");
  } catch {
    asking.delete(key);
  }
}

const clockTime = (ms: number): string => new Date(ms + 8 * 3600e3).toISOString().slice(11, 16);
