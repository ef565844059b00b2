// Closed and slow roads on the map: asked for when one was set or lifted, and when one ends by the clock.
import { serverNow } from "@static/core/clock.js";
import { facts, t } from "../facts";

interface Closures extends GeoJSON.FeatureCollection {
  again: number;
}
const NEWS = /^places\.road_condition_/;
const LATEST_MS = 5 * 60_000, SOONEST_MS = 2_000;

const minute = (ms: number): string => new Date(ms + 8 * 3600e3).toISOString().slice(11, 16);

export function labelled(found: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  return {
    ...found,
    features: found.features.map((each) => {
      const p = each.properties as { name: string; word: string; until: number };
      const words = t("closure_until", { word: p.word, time: minute(p.until) });
      return { ...each, properties: { ...p, label: p.name ? `${p.name}\n${words}` : words } };
    }),
  };
}

export function followClosures(show: (found: GeoJSON.FeatureCollection) => void): void {
  const url = facts.urls.roads;
  if (!url) return;
  let timer = 0, asked = 0;
  const ask = async (): Promise<void> => {
    const mine = ++asked;
    let wait = LATEST_MS;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (answer.ok && mine === asked) {
        const found = (await answer.json()) as Closures;
        show(labelled(found));
        wait = Math.min(Math.max(found.again - serverNow() + 500, SOONEST_MS), LATEST_MS);
      }
    } catch {
      // What was drawn stays; the header says that the server is not reached.
    }
    if (mine !== asked) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), wait);
  };
  void ask();
  document.addEventListener("anlan:event", (e) => {
    const kind = (e as CustomEvent<{ kind?: string }>).detail.kind ?? "";
    if (NEWS.test(kind) || kind === "reload") void ask();
  });
}
