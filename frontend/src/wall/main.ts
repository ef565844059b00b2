// The wall board. The server draws every figure; this program brings it up to date and adds map and chart.
import { duration, hear, serverNow } from "@static/core/clock.js";
import { typing } from "@static/core/shell.js";
import { canDraw } from "../map/webgl";
import { $, $$, h, text } from "../dom";
import { facts, first, word, type HeatOf, type Parts } from "./facts";
import { kept, step, type Chosen } from "./hours";
import type { HourChart } from "./chart";
import type { WallMap } from "./map";

const SOON_MS = 2_000;
const EVERY_MS = 20_000;
const STALE_MS = 60_000;
let parts: Parts = first;
let chosen: Chosen = null;
let chart: HourChart | null = null;
let map: WallMap | null = null;
let timer = 0;
let due = Infinity;
let asking = false;

// --- what is shown ----------------------------------------------------------------------------------------------

/** A part drawn by the server takes the place of the last one; focus and opened details stay where they were. */
function swap(name: string, html: string): void {
  const box = $(`[data-part="${name}"]`);
  if (!box || box.dataset["html"] === html) return;
  box.dataset["html"] = html;
  const focused = box.contains(document.activeElement) ? document.activeElement!.id || document.activeElement!.parentElement?.id : "";
  const isSummary = document.activeElement?.matches("summary");
  const open = $$<HTMLDetailsElement>("details[open]", box).map((each) => each.id);
  box.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (!focused) return;
  const again = document.getElementById(focused);
  (isSummary ? $("summary", again ?? box) : again)?.focus({ preventScroll: true });
}

function shown(): HeatOf {
  const { heat } = parts.day;
  return chosen === null ? heat.day : (heat.by_hour[String(chosen)] ?? { total: 0, drawn: 0, not_drawn: 0, cells: [], stations: [] });
}

const pad = (hour: number): string => String(hour).padStart(2, "0");
const when = (): string => (chosen === null ? word("all_day") : word("one_hour", { from: pad(chosen), to: pad(chosen + 1) }));

function drawHeat(): void {
  const { heat } = parts.day;
  chosen = kept(chosen, heat.hour_now);
  const found = shown();
  // The day's own sum stands beneath the map.
  text($("#w-when")!, chosen === null ? when() : [when(), word("total", { n: found.total, drawn: found.drawn }), ...found.stations.map(([name, words]) => `${name} ${words}`)].join(" · "));
  chart?.draw(heat, chosen);
  map?.draw(heat, found);
}

function draw(): void {
  for (const half of [parts.live, parts.day]) for (const [name, html] of Object.entries(half.html)) swap(name, html);
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
  drawHeat();
  watch();
}

/** What is seen is marked as old as soon as it is: by the one clock, not by whether a request failed. */
function watch(): void {
  const age = serverNow() - Math.min(parts.live.read_ms, parts.day.read_ms);
  const banner = $("#w-stale")!;
  const isStale = age > STALE_MS;
  document.body.toggleAttribute("data-stale", isStale);
  banner.hidden = !isStale;
  if (isStale) text(banner, word("stale", { age: duration(age / 1000) }));
}

// --- what is asked ----------------------------------------------------------------------------------------------

/** Ask within this time; where many things happen, the first of them sets the moment. */
function soon(delay: number): void {
  if (performance.now() + delay >= due) return;
  due = performance.now() + delay;
  clearTimeout(timer);
  timer = window.setTimeout(() => void ask(), delay);
}

async function ask(): Promise<void> {
  due = Infinity;
  if (asking) return soon(SOON_MS);
  asking = true;
  try {
    const answer = await fetch(facts.urls.data, { headers: { Accept: "application/json" } });
    if (answer.ok) take((await answer.json()) as Parts);
    else if (answer.status === 401 || answer.status === 403) note(word("session_over"));
  } catch {
    document.dispatchEvent(new CustomEvent("anlan:unreachable"));
  }
  asking = false;
  soon(EVERY_MS);
}

function take(told: Parts): void {
  if (told.now_ms) hear(told.now_ms);
  // A new day: its date stands in the head, which the server draws.
  if (told.date !== parts.date) return location.reload();
  parts = told;
  note("");
  draw();
}

function note(words: string): void {
  const box = $("#w-note")!;
  if (!words && box.dataset["stays"]) return;
  text(box, words);
  box.hidden = !words;
}

// --- hours ------------------------------------------------------------------------------------------------------

function choose(hour: Chosen): void {
  chosen = hour !== null && hour === chosen ? null : hour;
  drawHeat();
}

function picker(): void {
  const go = (by: 1 | -1) => () => {
    chosen = step(chosen, by, parts.day.heat.hour_now);
    drawHeat();
  };
  const button = (label: string, sign: string, onclick: () => void): HTMLElement => h("button", { type: "button", class: "btn", "aria-label": /\w|\p{L}/u.test(sign) ? null : label, title: label, onclick }, sign);
  $("#w-pick")!.append(
    button(word("hour_back"), "◀", go(-1)),
    button(word("all_day"), word("day_short"), () => choose(null)),
    button(word("hour_on"), "▶", go(1)),
    button(word("tables"), word("tables"), tables),
    button(word("picture"), word("picture"), picture),
    facts.urls.figures ? h("a", { class: "btn", href: facts.urls.figures, download: "" }, word("figures")) : "",
    h("span", { id: "w-legend" }),
  );
}

/** The chart as it stands, as a PNG file. */
function picture(): void {
  if (!chart) return;
  const time = new Date(parts.day.read_ms).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
  const place = $(".w-head h1")?.textContent?.trim() ?? "";
  const foot = word("picture_read", { place, date: parts.date, time });
  const link = h("a", { href: chart.picture(word("picture_title"), foot, $("#w-legend")?.textContent ?? ""), download: `wall-${parts.date}.png` });
  link.click();
}

function tables(): void {
  document.body.classList.toggle("w-tables");
  drawHeat();
}

const KEYS: Record<string, () => void> = {
  ArrowLeft: () => ((chosen = step(chosen, -1, parts.day.heat.hour_now)), drawHeat()),
  ArrowRight: () => ((chosen = step(chosen, 1, parts.day.heat.hour_now)), drawHeat()),
  Home: () => ((chosen = null), drawHeat()),
  t: tables,
};
document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || typing(e.target as Element)) return;
  // On the map the arrows move the map.
  if ((e.target as Element).closest(".maplibregl-canvas")) return;
  const deed = KEYS[e.key];
  if (!deed) return;
  e.preventDefault();
  deed();
});

// --- begin ------------------------------------------------------------------------------------------------------

async function charts(): Promise<void> {
  const { HourChart } = await import("./chart");
  $("#w-hours")!.hidden = false;
  picker();
  chart = new HourChart($("#w-chart")!, choose);
  $("#w-legend")!.replaceChildren(...HourChart.legend(parts.day.heat));
  drawHeat();
}

async function mapped(): Promise<void> {
  const canvas = $("#w-map")!;
  const without = (words: string): void => {
    canvas.remove();
    document.body.classList.add("w-tables", "w-no-map");
    note(words);
    $("#w-note")!.dataset["stays"] = "1";
  };
  if (!canDraw()) return without(word("map_off"));
  try {
    canvas.hidden = false;
    const { WallMap } = await import("./map");
    map = await WallMap.make(canvas);
    drawHeat();
  } catch (problem) {
    console.warn(problem);
    without(word("map_failed"));
  }
}

// From here on the table is one key away instead of in the map's place.
document.body.dataset["wall"] = "loading";
draw();
for (const kind of ["anlan:event", "anlan:commanded"]) document.addEventListener(kind, () => soon(SOON_MS));
document.addEventListener("anlan:live", () => watch());
setInterval(watch, 1000);
soon(EVERY_MS);
addEventListener("resize", () => drawHeat());
// A chart that can't be had takes neither the map with it nor the word that there is none.
void charts()
  .catch((problem) => console.warn(problem))
  .then(mapped)
  .finally(() => (document.body.dataset["wall"] = "ready"));
