// A past stretch on the live screen: the same lists and map, another clock.
import "../island.css";
import "./replay.css";
import { playTime } from "@static/core/clock.js";
import { typing } from "@static/core/shell.js";
import { facts, t } from "../facts";
import { MapBox } from "../mapbox";
import { makeQueue } from "../queue";
import { store } from "../store";
import { say } from "../stream";
import { drawSky } from "../sky";
import { makeStrip, setDay } from "../strip";
import { makeUnits } from "../units";
import type { Sky, Unit } from "../types";
import { Bar } from "./bar";
import { Log } from "./log";
import { clockOf, dayOf } from "./moment";
import { Player, type PastWindow } from "./window";

const { from, until, grant, window: address } = facts.replay!;
const BACK_MS = 600_000;
const FRAME_MS = 100;

let player: Player | null = null;
let ahead: Promise<PastWindow | null> | null = null;
let now = from;
let playing = false;
let speed = 1;
let asked = 0;
let sky: Sky | null = null;

const part = (id: string): HTMLElement => document.getElementById(id)!;

// --- what is asked of the server ----------------------------------------------------------------------------------

/** Windows grow with the speed, so that there is always some time left to ask for the next one. */
const minutes = (): number => Math.min(30, Math.max(10, speed / 10));

async function ask(at: number): Promise<PastWindow | null> {
  const query = new URLSearchParams({ grant, at: String(Math.round(at)), minutes: String(Math.round(minutes())) });
  try {
    const answer = await fetch(`${address}?${query}`, { headers: { Accept: "application/json" } });
    if (answer.ok) return (await answer.json()) as PastWindow;
    const told = (await answer.json().catch(() => null)) as { detail?: string } | null;
    bar.note(told?.detail ?? t("replay_failed"));
  } catch {
    bar.note(t("replay_failed"));
  }
  return null;
}

/** Show exactly what stood at ``at``: a window that begins there holds every position, not one in so many. */
async function load(at: number, then?: () => void): Promise<void> {
  const mine = ++asked;
  bar.busy(true);
  const found = await ask(at);
  if (mine !== asked) return;
  bar.busy(false);
  if (!found) return pause();
  take(found, at);
  then?.();
}

function take(found: PastWindow, at: number): void {
  player = new Player(found);
  ahead = null;
  store.fixes.clear();
  log.take(found.told, found.from, found.until);
  bar.note(found.tracks.expired ? t("replay_tracks_expired") : found.tracks.one_in > 1 ? t("replay_tracks_thinned", { n: found.tracks.one_in }) : "");
  store.take(player.picture());
  show(at);
}

// --- time ---------------------------------------------------------------------------------------------------------

function show(at: number): void {
  if (!player) return;
  const { changed, fixes, anew } = player.to(at);
  now = at;
  if (anew) {
    store.fixes.clear();
    for (const unit of player.past.start.units) if (unit.seen) store.fixes.set(unit.id, unit.seen);
  }
  if (changed) store.take(player.picture());
  if (fixes.length || anew) store.takePositions(fixes);
  setDay(player.figures(at));
  const weather = player.sky(at);
  if (weather && weather !== sky) drawSky(part("isl-sky"), (sky = weather));
  bar.show(at);
  log.show(at);
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
  document.body.dataset["moment"] = String(Math.round(at));
}

export function seek(at: number): void {
  const wanted = Math.min(until, Math.max(from, at));
  asked++;
  bar.busy(false);
  if (player?.holds(wanted) && !(player.past.tracks.one_in > 1 && !playing)) show(wanted);
  else void load(wanted);
}

function pause(): void {
  if (!playing) return;
  playing = false;
  bar.playing(false);
  if (player && player.past.tracks.one_in > 1) void load(now);
}

function play(): void {
  if (playing) return pause();
  if (now >= until) now = from;
  if (!player?.holds(now)) void load(now);
  playing = true;
  bar.playing(true);
  let last = performance.now();
  const beat = (): void => {
    if (!playing) return;
    const here = performance.now();
    const passed = here - last;
    if (passed >= FRAME_MS || speed <= 2) {
      last = here;
      advance(passed * speed);
    }
    requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
}

function advance(ms: number): void {
  if (!player) return;
  const wanted = Math.min(until, now + ms);
  if (wanted >= until && player.holds(until)) {
    show(until);
    pause();
    return say(t("replay_end"));
  }
  const end = player.past.until;
  // The next window is asked for while this one plays; where it is late, time waits for it.
  if (!ahead && end < until && end - now < Math.max(speed * 8000, 60_000)) ahead = ask(end);
  if (wanted <= end) return show(wanted);
  show(end);
  const held = ahead;
  void held?.then((found) => {
    if (ahead !== held || !playing) return;
    if (found) take(found, end);
    else pause();
  });
}

/** One change of the lists on or back; beyond the window another is read. */
async function step(way: 1 | -1): Promise<void> {
  if (playing) pause();
  if (!player) return;
  const found = way === 1 ? player.next(now) : player.before(now);
  if (found !== null) return seek(found);
  if (way === 1) {
    const end = player.past.until;
    if (end >= until) return seek(until);
    await load(end);
    if (now === end && player.next(end) !== null) show(player.next(end)!);
    return;
  }
  const start = player.past.from;
  if (start <= from) return seek(from);
  const earlier = Math.max(from, start - BACK_MS);
  await load(earlier);
  show(player.before(start) ?? earlier);
}

// --- parts --------------------------------------------------------------------------------------------------------

playTime(() => now);
store.take(store.snap);
const bar = new Bar(part("rpl-bar"), { from, until, play, step: (way) => void step(way), seek, speed: (n) => (speed = n) });
const log = new Log(part("isl-pane"), { seek, choose });

function choose(number: string): void {
  store.number = store.number === number ? null : number || null;
  store.tell("incident");
  log.show(now);
}

const map = new MapBox(part("isl-map"), { open: choose, drop: () => undefined });
const nothing = (): void => undefined;
makeQueue(part("isl-queue"), { open: choose, call: nothing, drop: nothing });
makeUnits(part("isl-units"), { open: choose, locate, pick: nothing, circle: nothing });
makeStrip(part("isl-strip"));

function locate(unit: Unit): void {
  store.focus = unit.id;
  store.tell("focus");
  map.goTo(unit);
}

const KEYS: Record<string, () => void> = {
  " ": play,
  ArrowLeft: () => void step(-1),
  ArrowRight: () => void step(1),
  "+": () => bar.faster(1),
  "=": () => bar.faster(1),
  "-": () => bar.faster(-1),
  g: () => bar.focus(),
  q: () => part("isl-queue").querySelector<HTMLElement>("[data-row]")?.focus(),
  u: () => part("isl-units").querySelector<HTMLElement>("[data-row]")?.focus(),
  i: () => part("isl-pane").focus(),
  v: () => map.focus(),
};
document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
  const target = e.target as HTMLElement;
  const isSlider = target.matches("input[type=range]");
  if (!isSlider && (typing(target) || (e.key === " " && target.matches("button, summary, select")))) return;
  const minute = e.shiftKey && (e.key === "ArrowLeft" ? -60_000 : e.key === "ArrowRight" ? 60_000 : 0);
  const deed = minute ? () => seek(now + minute) : KEYS[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (!deed || (target.closest(".maplibregl-map") && e.key.startsWith("Arrow"))) return;
  e.preventDefault();
  e.stopPropagation();
  deed();
}, true);

document.title = `${dayOf(from)} ${clockOf(from)} · ${document.title}`;
void load(from, () => {
  if (facts.replay?.incident) choose(facts.replay.incident);
  document.body.dataset["replay"] = "ready";
  // The map frames what there is, so it comes when something is there.
  void map.start().then((state) => {
    document.body.dataset["map"] = state;
    if (state === "off" || state === "failed") part("isl-map").closest("main")?.classList.add("no-map");
  });
});
