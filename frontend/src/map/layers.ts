// What lies on the base map: areas and reach as layers of its own, units and incidents as signs of the sheet over it.
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, Map as GlMap } from "maplibre-gl";
import { serverNow } from "@static/core/clock.js";
import { freshness, shortAge } from "../clocks";
import { facts, t } from "../facts";
import { metres, type Place } from "../geometry";
import { mercator, type Sign } from "./signs";
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
  layer_closures: ["closure-edge", "closure-closed", "closure-slow", "closure-way", "closure-spot", "closure-name"],
  // These two lie on the sheet over the map.
  layer_incidents: [],
  layer_units: [],
};
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const FONT = ["Noto Sans Regular"];

export function addLayers(map: GlMap, p: Palette): void {
  for (const source of ["areas", "closures", "reach", "tool", "ring"]) map.addSource(source, { type: "geojson", data: EMPTY });
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

/** Closed roads are a full red line on a light edge, slow ones a broken amber line: they differ without colour too. */
function closureLayers(p: Palette): LayerSpecification[] {
  const colour: ExpressionSpecification = ["match", ["get", "kind"], "closed", p.p1Text, p.p2Text];
  const lined = (kind: string): FilterSpecification => ["all", ["==", ["get", "kind"], kind], ["!=", ["geometry-type"], "Point"]];
  const width: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 9, 2, 13, 4, 16, 7];
  const round = { "line-cap": "round", "line-join": "round" } as const;
  return [
    { id: "closure-edge", type: "line", source: "closures", layout: round,
      paint: { "line-color": p.surface, "line-opacity": 0.9, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 4, 13, 7, 16, 11] } },
    { id: "closure-closed", type: "line", source: "closures", filter: lined("closed"), layout: round, paint: { "line-color": p.p1Text, "line-width": width } },
    { id: "closure-slow", type: "line", source: "closures", filter: lined("slow"), paint: { "line-color": p.p2Text, "line-width": width, "line-dasharray": [2, 1.2] } },
    { id: "closure-way", type: "symbol", source: "closures", filter: ["==", ["get", "one_way"], true], minzoom: 12,
      layout: { "symbol-placement": "line", "symbol-spacing": 60, "text-field": ">", "text-size": 18, "text-font": FONT, "text-keep-upright": false, "text-allow-overlap": true },
      paint: { "text-color": p.surface, "text-halo-color": colour, "text-halo-width": 2 } },
    { id: "closure-spot", type: "circle", source: "closures", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 7, "circle-color": colour, "circle-stroke-color": p.surface, "circle-stroke-width": 2 } },
    { id: "closure-name", type: "symbol", source: "closures", minzoom: 12,
      layout: { "symbol-placement": "point", "text-field": ["get", "label"], "text-size": 12, "text-font": FONT, "text-anchor": "top", "text-offset": [0, 0.8], "text-optional": true },
      paint: { "text-color": colour, "text-halo-color": p.surface, "text-halo-width": 1.6 } },
  ];
}

function layers(p: Palette): LayerSpecification[] {
  const halo = { "text-halo-color": p.surface, "text-halo-width": 1.6 };
  const named = line("beat", p.edge, 1, [2, 2]).concat(line("station", p.slate, 1.1), line("zone", p.riverText, 1.5, [6, 3]));
  for (const layer of named) if (layer.type === "symbol") layer.paint = { ...layer.paint, "text-halo-color": p.surface };
  return [
    ...named,
    { id: "ring-fill", type: "fill", source: "ring", paint: { "fill-color": p.p2, "fill-opacity": 0.08 } },
    { id: "ring-line", type: "line", source: "ring", paint: { "line-color": p.p2Text, "line-width": 2 } },
    ...closureLayers(p),
    ...spots("booth", p), ...spots("must_cover", p),
    { id: "reach-fill", type: "fill", source: "reach", paint: { "fill-color": p.river, "fill-opacity": ["interpolate", ["linear"], ["get", "minutes"], 1, 0.3, 5, 0.14, 10, 0.09] } },
    { id: "reach-line", type: "line", source: "reach", paint: { "line-color": p.riverText, "line-width": 1.2, "line-opacity": 0.9 } },
    { id: "reach-name", type: "symbol", source: "reach", layout: { "symbol-placement": "line", "text-field": ["get", "label"], "text-size": 12, "text-font": FONT, "symbol-spacing": 400 },
      paint: { "text-color": p.riverText, ...halo } },
    { id: "tool-fill", type: "fill", source: "tool", paint: { "fill-color": p.p2, "fill-opacity": 0.15 } },
    { id: "tool-line", type: "line", source: "tool", paint: { "line-color": p.p2Text, "line-width": 2, "line-dasharray": [3, 2] } },
  ];
}

const MOVING = 10; // tenths of m/s: slower than a walk has no direction

const THERE_M = 80;
const ON_IT = [0, 0] as const, BESIDE = [17, 4] as const;
function isThere(unit: Unit, at: Place): boolean {
  const incident = unit.incident === null ? undefined : store.incidents.get(unit.incident);
  const spot = incident && pointOf(incident);
  return Boolean(spot && metres(at, spot) <= THERE_M);
}

/** Units, the chosen last, then incidents, the pressing last: what is drawn later lies on top. */
export function signs(): Sign[] {
  return [...unitSigns(), ...incidentSigns()];
}

function unitSigns(): Sign[] {
  const now = serverNow();
  const chosen: Sign[] = [], others: Sign[] = [];
  for (const unit of store.snap.units) {
    const fix = store.fixes.get(unit.id);
    const ring = store.chosen.has(unit.id);
    if (!fix || (unit.off && !ring)) continue;
    const at: Place = [fix[1] / 1e6, fix[2] / 1e6], [x, y] = mercator(at);
    const old = freshness(fix[5], now, facts.ages) !== "fresh";
    const [shape, tone] = unit.badge;
    const loud = ring || unit.id === store.focus || (store.number !== null && unit.incident_number === store.number);
    (ring ? chosen : others).push({
      kind: "unit", id: unit.id, x, y, ring, loud, alarm: false,
      image: `u-${shape}-${tone}${old ? "-stale" : ""}`,
      label: old ? `${unit.sign}\n${shortAge(now / 1000 - fix[5])}` : unit.sign,
      heading: !old && (fix[3] ?? 0) >= MOVING ? fix[4] : null,
      // Beside its incident, not over it: neither hides the other.
      shift: isThere(unit, at) ? BESIDE : ON_IT,
    });
  }
  return [...others, ...chosen];
}

function incidentSigns(): Sign[] {
  const found: Sign[] = [];
  for (const row of store.incidents.values()) {
    const at = pointOf(row);
    if (!at) continue;
    const [x, y] = mercator(at), ring = row.number === store.number, alarm = row.priority === "P1";
    found.push({
      kind: "incident", id: row.id, x, y, ring, alarm, loud: ring || alarm, image: `i-${row.priority}`,
      label: `${row.kind} ${row.number.slice(-3)}`, heading: null, shift: ON_IT,
    });
  }
  return found.sort((a, b) => b.image.localeCompare(a.image));
}

export function reachFeatures(): GeoJSON.FeatureCollection {
  const areas = store.reach?.areas;
  if (!areas) return EMPTY;
  return { ...areas, features: areas.features.map((each) => ({ ...each, properties: { ...each.properties, label: t("reach_minutes", { n: String(each.properties?.["minutes"]) }) } })) };
}

