// The weather over the map: what is measured, the coming hours, warnings; how old it is, and from whom.
import { age, h, icon } from "./dom";
import { facts, t } from "./facts";
import { say } from "./stream";
import type { Sky, SkyRow } from "./types";

const EVERY_MS = 5 * 60_000;
const NEWS = /^places\.(weather|warning)_/;
const FRESH_S = 90 * 60;
/** Rain in words, mm in an hour, as the weather service divides it. */
const RAIN: [number, string][] = [[16, "rain_storm"], [8, "rain_heavy"], [2.5, "rain_moderate"], [0.1, "rain_light"]];

export const rainWord = (mm: number | null): string => t(RAIN.find(([least]) => (mm ?? 0) >= least)?.[1] ?? "rain_none");
const hour = (ms: number): string => new Date(ms + 8 * 3600e3).toISOString().slice(11, 13);
const minute = (ms: number): string => new Date(ms + 8 * 3600e3).toISOString().slice(11, 16);
const has = (value: number | null): value is number => value !== null && value !== undefined;

export function makeSky(root: HTMLElement): void {
  let told: Set<string> | null = null;
  const ask = async (): Promise<void> => {
    try {
      const answer = await fetch(facts.urls.weather, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const sky = (await answer.json()) as Sky;
      drawSky(root, sky);
      const now = new Set(sky.warnings.map((each) => `${each.number} ${each.level}`));
      for (const each of sky.warnings) if (told && !told.has(`${each.number} ${each.level}`)) say(t("warning_new", { kind: each.kind, level: each.level_word }));
      told = now;
    } catch {
      // What was told stays with its age; the header says that the server is not reached.
    }
  };
  void ask();
  setInterval(() => void ask(), EVERY_MS);
  document.addEventListener("anlan:event", (e) => {
    if (NEWS.test((e as CustomEvent<{ kind?: string }>).detail.kind ?? "")) void ask();
  });
}

export function drawSky(root: HTMLElement, sky: Sky): void {
  if (!sky.fed) return root.replaceChildren(h("span", { class: "quiet" }, t("weather_none")));
  root.replaceChildren(...sky.warnings.map(warning), ...now(sky), ...ahead(sky));
  root.classList.toggle("warned", sky.warnings.length > 0);
}

function warning(each: Sky["warnings"][number]): HTMLElement {
  const words = t("warning_until", { kind: each.kind, level: each.level_word, time: minute(each.ends) });
  return h("b", { class: `sky-warning ${each.level}`, title: [each.text, `${each.source} ${minute(each.issued)}`, each.synthetic ? t("synthetic") : ""].filter(Boolean).join(" · ") },
    icon("triangle-up"), words);
}

function now(sky: Sky): Node[] {
  const row = sky.measured;
  if (!row) return [h("span", { class: "quiet" }, t("weather_no_measure"))];
  const clock = h("span", { class: "num" });
  age(clock, { since: row.at, amber: FRESH_S, red: 2 * FRESH_S });
  const box = h("span", { class: `sky-now${sky.old ? " old" : ""}` },
    has(row.temperature_c) && h("b", { class: "num" }, `${row.temperature_c.toFixed(0)} °C`),
    has(row.rain_mm_h) && h("span", {}, row.rain_mm_h >= 0.1 ? `${rainWord(row.rain_mm_h)} ${row.rain_mm_h.toFixed(1)} mm/h` : rainWord(0)),
    has(row.wind_mps) && h("span", {}, `${t("wind")} ${row.wind_mps.toFixed(0)} m/s`),
    has(row.visibility_m) && row.visibility_m < 3000 && h("span", { class: "low" }, `${t("visibility")} ${row.visibility_m.toFixed(0)} m`),
    h("small", { class: "quiet" }, row.synthetic ? t("synthetic") : row.source, " ", clock),
    sky.old && h("b", { class: "low" }, t("weather_old")));
  return [box];
}

function ahead(sky: Sky): Node[] {
  if (!sky.hours.length) return [h("span", { class: "quiet" }, t("weather_no_forecast"))];
  const most = Math.max(...sky.hours.map((row) => row.rain_mm_h ?? 0));
  const title = t("forecast_issued", { time: sky.issued ? minute(sky.issued) : "–", source: sky.hours[0]!.source });
  return [h("span", { class: "sky-ahead num", title }, h("span", { class: "quiet" }, t("forecast"), most >= 0.1 ? " mm/h" : ""), ...sky.hours.map((row) => one(row, most)))];
}

function one(row: SkyRow, most: number): HTMLElement {
  const rain = row.rain_mm_h ?? 0;
  return h("span", { class: `sky-hour${rain >= 8 ? " low" : ""}` }, h("small", { class: "quiet" }, t("hour", { h: hour(row.at) })), " ",
    most >= 0.1 ? (rain >= 0.05 ? rain.toFixed(rain < 10 ? 1 : 0) : "0") : has(row.temperature_c) ? `${row.temperature_c.toFixed(0)}°` : "–");
}
