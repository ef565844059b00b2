// The map of the wall board: borders and heat, no single report, no unit, nobody's door.
import { ScaleControl, type GeoJSONSource, type Map as GlMap } from "maplibre-gl";
import { baseMap } from "../map/base";
import { palette } from "../map/symbols";
import { facts, px, word, type Heat, type HeatOf } from "./facts";

const FONT = ["Noto Sans Regular"];
const OPACITY = [0.22, 0.42, 0.62, 0.82];
type Areas = GeoJSON.FeatureCollection<GeoJSON.Polygon | GeoJSON.MultiPolygon, { kind: string; name: string; mine: boolean }>;

export class WallMap {
  private framed = false;

  private constructor(private readonly map: GlMap) {}

  static async make(box: HTMLElement): Promise<WallMap> {
    const map = await baseMap(box, facts.urls.basemap, word("map"));
    const view = new WallMap(map);
    view.dress();
    await view.areas();
    return view;
  }

  private dress(): void {
    const p = palette();
    const empty: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
    for (const source of ["heat", "areas"]) this.map.addSource(source, { type: "geojson", data: empty });
    const halo = { "text-halo-color": p.surface, "text-halo-width": 2 };
    this.map.addLayer({ id: "heat-fill", type: "fill", source: "heat", paint: { "fill-color": p.violet, "fill-opacity": ["get", "opacity"] } });
    this.map.addLayer({ id: "heat-line", type: "line", source: "heat", paint: { "line-color": p.violet, "line-width": 1.5 } });
    for (const [kind, width, colour] of [["station", 1.2, p.slate], ["zone", 2.4, p.riverText]] as const) {
      this.map.addLayer({ id: `${kind}-line`, type: "line", source: "areas", filter: ["==", ["get", "kind"], kind], paint: { "line-color": colour, "line-width": width } });
    }
    this.map.addLayer({ id: "station-name", type: "symbol", source: "areas", filter: ["==", ["get", "kind"], "station"],
      layout: { "text-field": ["get", "name"], "text-size": Math.max(12, px(20)), "text-font": FONT }, paint: { "text-color": p.ink2, ...halo } });
    this.map.addLayer({ id: "heat-name", type: "symbol", source: "heat",
      layout: { "text-field": ["get", "label"], "text-size": Math.max(13, px(24)), "text-font": FONT, "text-allow-overlap": true, "symbol-sort-key": ["-", 10, ["get", "band"]] },
      paint: { "text-color": p.ink, ...halo } });
    this.map.addControl(new ScaleControl({ maxWidth: 160 }), "bottom-left");
  }

  private async areas(): Promise<void> {
    const answer = await fetch(facts.urls.areas, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const all = (await answer.json()) as Areas;
    const shown = { ...all, features: all.features.filter((each) => each.properties.kind !== "beat") };
    (this.map.getSource("areas") as GeoJSONSource).setData(shown);
    const mine = shown.features.filter((each) => each.properties.mine);
    this.frame((mine.length ? mine : shown.features).flatMap((each) => corners(each.geometry)));
  }

  private frame(points: number[][]): void {
    if (!points.length || this.framed) return;
    const lons = points.map((at) => at[0]!), lats = points.map((at) => at[1]!);
    this.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: px(24), animate: false });
    this.framed = true;
  }

  draw(heat: Heat, shown: HeatOf): void {
    const features = shown.cells.map(([cell, band]): GeoJSON.Feature<GeoJSON.Polygon> => ({
      type: "Feature", geometry: { type: "Polygon", coordinates: [heat.features[cell] ?? []] },
      properties: { band, label: heat.bands[band] ?? "", opacity: OPACITY[band] ?? 0.82 },
    }));
    // The larger ones first: a smaller cell lies on top of the larger one around it.
    features.sort((a, b) => span(b) - span(a));
    (this.map.getSource("heat") as GeoJSONSource).setData({ type: "FeatureCollection", features });
    this.frame(features.flatMap((each) => corners(each.geometry)));
  }
}

const corners = (shape: GeoJSON.Polygon | GeoJSON.MultiPolygon): number[][] =>
  shape.type === "Polygon" ? (shape.coordinates[0] ?? []) : shape.coordinates.flatMap((each) => each[0] ?? []);

function span(cell: GeoJSON.Feature<GeoJSON.Polygon>): number {
  const lats = corners(cell.geometry).map((at) => at[1]!);
  return Math.max(...lats) - Math.min(...lats);
}
