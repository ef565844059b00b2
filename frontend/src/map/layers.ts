// Layers over the base map: areas, reach, incidents, units. Only native ones: a PC without a graphics card draws them too.
import type { LayerSpecification, Map as GlMap } from "maplibre-gl";
import { serverNow } from "@static/core/clock.js";
import { freshness, shortAge } from "../clocks";
import { facts, t } from "../facts";
import { metres, type Place } from "../geometry";
import { pointOf, store } from "../store";
import type { Unit } from "../types";
import type { Palette } from "./symbols";

export const SWITCHES: Record<string, string[]> = {
  layer_beat: ["beat-line", "beat-name"],
  layer_station: ["station-line", "station-name"],
  layer_zone: ["zone-line", "zone-name"],
  layer_booth: ["booth", "booth-name"],
  layer_must_cover: ["must_cover", "must_cover-name"],
  layer_rings: ["reach-fill", "reach-line", "reach-name"],
  layer_incidents: ["incident-halo", "incident", "incident-name"],
  layer_units: ["unit-chosen", "unit-heading", "unit"],
};
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const FONT = ["Noto Sans Regular"];

export function addLayers(map: GlMap, p: Palette): void {
  for (const source of ["areas", "reach", "incidents", "units", "tool", "ring"]) map.addSource(source, { type: "geojson", data: EMPTY });
  for (const layer of layers(p)) map.addLayer(layer);
}

const line = (kind: string, colour: string, width: number, dash?: number[]): LayerSpecification[] => [
  { id: `${kind}-line`, type: "line", source: "areas", filter: ["==", ["get", "kind"], kind],
    paint: { "line-color": colour, "line-width": width, "line-opacity": kind === "zone" ? 0.75 : 0.5, ...(dash ? { "line-dasharray": dash } : {}) } },
  { id: `${kind}-name`, type: "symbol", source: "areas", filter: ["==", ["get", "kind"], kind],
    minzoom: kind === "beat" ? 12 : 0,
    layout: { "text-field": ["get", "name"], "text-size": kind === "zone" ? 14 : 12, "text-font": FONT, "symbol-placement": "point" },
    paint: { "text-color": colour, "text-opacity": 0.85, "text-halo-width": 1.5 } },
];

/** A booth is a house, a must-cover point a flag; their names come when one looks closer. */
const spots = (kind: string, p: Palette): LayerSpecification[] => [
  { id: kind, type: "symbol", source: "areas", filter: ["==", ["get", "kind"], kind],
    layout: { "icon-image": `s-${kind}`, "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.55, 13, 0.9] } },
  { id: `${kind}-name`, type: "symbol", source: "areas", filter: ["==", ["get", "kind"], kind], minzoom: 13,
    layout: { "text-field": ["get", "name"], "text-size": 12, "text-font": FONT, "text-anchor": "left", "text-offset": [0.9, 0], "text-optional": true },
    paint: { "text-color": p.ink2, "text-halo-color": p.surface, "text-halo-width": 1.6 } },
];

function layers(p: Palette): LayerSpecification[] {
  const halo = { "text-halo-color": p.surface, "text-halo-width": 1.6 };
  const named = line("beat", p.edge, 1, [2, 2]).concat(line("station", p.slate, 1.1), line("zone", p.riverText, 1.5, [6, 3]));
  for (const layer of named) if (layer.type === "symbol") layer.paint = { ...layer.paint, "text-halo-color": p.surface };
  return [
    ...named,
    { id: "ring-fill", type: "fill", source: "ring", paint: { "fill-color": p.p2, "fill-opacity": 0.08 } },
    { id: "ring-line", type: "line", source: "ring", paint: { "line-color": p.p2Text, "line-width": 2 } },
    ...spots("booth", p), ...spots("must_cover", p),
    { id: "reach-fill", type: "fill", source: "reach", paint: { "fill-color": p.river, "fill-opacity": ["interpolate", ["linear"], ["get", "minutes"], 1, 0.3, 5, 0.14, 10, 0.09] } },
    { id: "reach-line", type: "line", source: "reach", paint: { "line-color": p.riverText, "line-width": 1.2, "line-opacity": 0.9 } },
    { id: "reach-name", type: "symbol", source: "reach", layout: { "symbol-placement": "line", "text-field": ["get", "label"], "text-size": 12, "text-font": FONT, "symbol-spacing": 400 },
      paint: { "text-color": p.riverText, ...halo } },
    { id: "tool-fill", type: "fill", source: "tool", paint: { "fill-color": p.p2, "fill-opacity": 0.15 } },
    { id: "tool-line", type: "line", source: "tool", paint: { "line-color": p.p2Text, "line-width": 2, "line-dasharray": [3, 2] } },
    { id: "unit-chosen", type: "circle", source: "units", filter: ["==", ["get", "chosen"], true],
      paint: { "circle-radius": 15, "circle-color": p.river, "circle-opacity": 0.25, "circle-stroke-color": p.riverText, "circle-stroke-width": 2.5 } },
    { id: "unit-heading", type: "symbol", source: "units", filter: ["has", "heading"],
      layout: { "icon-image": "heading", "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map", "icon-allow-overlap": true, "icon-ignore-placement": true } },
    { id: "unit", type: "symbol", source: "units",
      layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-offset": ["case", ["get", "there"], ["literal", [17, 4]], ["literal", [0, 0]]], "text-field": ["get", "label"], "text-size": 12, "text-font": FONT, "text-anchor": "top", "text-offset": [0, 0.8], "text-optional": true },
      paint: { "text-color": p.ink, ...halo } },
    { id: "incident-halo", type: "circle", source: "incidents", filter: ["==", ["get", "here"], true],
      paint: { "circle-radius": 17, "circle-color": "transparent", "circle-stroke-color": p.riverText, "circle-stroke-width": 3 } },
    { id: "incident", type: "symbol", source: "incidents",
      layout: { "icon-image": ["concat", "i-", ["get", "priority"]], "icon-allow-overlap": true, "symbol-sort-key": ["-", 10, ["get", "level"]],
        "icon-size": ["match", ["get", "priority"], "P1", 1.25, 1] } },
    { id: "incident-name", type: "symbol", source: "incidents", minzoom: 11,
      layout: { "text-field": ["get", "label"], "text-size": 12, "text-font": FONT, "text-anchor": "bottom", "text-offset": [0, -0.9], "text-optional": true, "symbol-sort-key": ["get", "level"] },
      paint: { "text-color": ["match", ["get", "priority"], "P1", p.p1Text, p.ink], ...halo } },
  ];
}

const MOVING = 10; // tenths of m/s: slower than a walk has no direction

const THERE_M = 80;
function isThere(unit: Unit, at: Place): boolean {
  const incident = unit.incident === null ? undefined : store.incidents.get(unit.incident);
  const spot = incident && pointOf(incident);
  return Boolean(spot && metres(at, spot) <= THERE_M);
}

export function unitFeatures(): GeoJSON.FeatureCollection {
  const now = serverNow();
  const features: GeoJSON.Feature[] = [];
  for (const unit of store.snap.units) {
    const fix = store.fixes.get(unit.id);
    if (!fix || (unit.off && !store.chosen.has(unit.id))) continue;
    const fresh = freshness(fix[5], now, facts.ages);
    const old = fresh !== "fresh";
    const [shape, tone] = unit.badge;
    const properties: Record<string, unknown> = {
      id: unit.id,
      icon: `u-${shape}-${tone}${old ? "-stale" : ""}`,
      label: old ? `${unit.sign}\n${shortAge(now / 1000 - fix[5])}` : unit.sign,
      chosen: store.chosen.has(unit.id),
      // Beside its incident, not over it: neither hides the other.
      there: isThere(unit, [fix[1] / 1e6, fix[2] / 1e6]),
    };
    if (!old && fix[4] !== null && (fix[3] ?? 0) >= MOVING) properties["heading"] = fix[4];
    features.push({ type: "Feature", geometry: { type: "Point", coordinates: [fix[1] / 1e6, fix[2] / 1e6] }, properties });
  }
  return { type: "FeatureCollection", features };
}

export function incidentFeatures(): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  for (const row of store.incidents.values()) {
    if (!row.at) continue;
    features.push({ type: "Feature", geometry: { type: "Point", coordinates: [row.at[0] / 1e6, row.at[1] / 1e6] },
      properties: { id: row.id, priority: row.priority, level: Number(row.priority[1]), here: row.number === store.number, label: `${row.kind} ${row.number.slice(-3)}` } });
  }
  return { type: "FeatureCollection", features };
}

export function reachFeatures(): GeoJSON.FeatureCollection {
  const areas = store.reach?.areas;
  if (!areas) return EMPTY;
  return { ...areas, features: areas.features.map((each) => ({ ...each, properties: { ...each.properties, label: t("reach_minutes", { n: String(each.properties?.["minutes"]) }) } })) };
}

