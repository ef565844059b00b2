// The map of the wall board: borders and heat, no single report, no unit, nobody's door.
import { ScaleControl, type GeoJSONSource, type Map as GlMap } from "maplibre-gl";
import { baseMap } from "../map/base";
import { palette } from "../map/symbols";
import { h } from "../dom";
import { facts, px, word, type Heat, type HeatOf } from "./facts";

const FONT = ["Noto Sans Regular"];
const OPACITY = [0.22, 0.42, 0.62, 0.82];
type Areas = GeoJSON.FeatureCollection<GeoJSON.Polygon | GeoJSON.MultiPolygon, { kind: string; name: string; mine: boolean; org: number | null }>;

export class WallMap {
  private stations: Areas["features"] = [];
  private frame: [[number, number], [number, number]] | null = null;

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
    this.map.addSource("heat-areas", { type: "geojson", data: empty });
    for (const source of ["heat", "areas"]) this.map.addSource(source, { type: "geojson", data: empty });
    const halo = { "text-halo-color": p.surface, "text-halo-width": 2 };
    this.map.addLayer({ id: "heat-area", type: "fill", source: "heat-areas", paint: { "fill-color": p.violet, "fill-opacity": ["get", "opacity"] } });
    this.map.addLayer({ id: "heat-area-line", type: "line", source: "heat-areas", paint: { "line-color": p.violet, "line-width": 2, "line-dasharray": [4, 3] } });
    this.map.addLayer({ id: "heat-fill", type: "fill", source: "heat", paint: { "fill-color": p.violet, "fill-opacity": ["get", "opacity"] } });
    this.map.addLayer({ id: "heat-line", type: "line", source: "heat", paint: { "line-color": p.violet, "line-width": 1.5 } });
    for (const [kind, width, colour] of [["station", 1.2, p.slate], ["zone", 2.4, p.riverText]] as const) {
      this.map.addLayer({ id: `${kind}-line`, type: "line", source: "areas", filter: ["==", ["get", "kind"], kind], paint: { "line-color": colour, "line-width": width } });
    }
    this.map.addLayer({ id: "station-name", type: "symbol", source: "areas", filter: ["==", ["get", "kind"], "station"],
      layout: { "text-field": ["get", "name"], "text-size": Math.max(12, px(20)), "text-font": FONT }, paint: { "text-color": p.ink2, ...halo } });
    this.map.addLayer({ id: "heat-name", type: "symbol", source: "heat",
      layout: { "text-field": ["get", "label"], "text-size": Math.max(13, px(24)), "text-font": FONT, "symbol-sort-key": ["-", 10, ["get", "band"]] },
      paint: { "text-color": p.ink, ...halo } });
    this.map.addLayer({ id: "heat-area-name", type: "symbol", source: "heat-areas",
      layout: { "text-field": ["get", "label"], "text-size": Math.max(13, px(24)), "text-font": FONT, "text-offset": [0, 1.2] }, paint: { "text-color": p.ink, ...halo } });
    this.map.addControl(new ScaleControl({ maxWidth: 160 }), "bottom-left");
  }

  private async areas(): Promise<void> {
    const answer = await fetch(facts.urls.areas, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const all = (await answer.json()) as Areas;
    const shown = { ...all, features: all.features.filter((each) => each.properties.kind !== "beat") };
    (this.map.getSource("areas") as GeoJSONSource).setData(shown);
    this.stations = shown.features.filter((each) => each.properties.kind === "station");
    const mine = shown.features.filter((each) => each.properties.mine);
    this.fit((mine.length ? mine : shown.features).flatMap((each) => corners(each.geometry)));
  }

  /** Everything in one frame; the first areas or cells that come decide, and a change of the screen's size keeps it. */
  private fit(points: number[][]): void {
    if (!points.length || this.frame) return;
    const lons = points.map((at) => at[0]!), lats = points.map((at) => at[1]!);
    this.frame = [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
    const show = (): void => void this.map.fitBounds(this.frame!, { padding: px(20), animate: false });
    show();
    this.map.on("resize", show);
  }

  /** What the shades mean, in words: no cell is told by its colour alone. */
  private legend(bands: string[]): void {
    const box = this.map.getContainer();
    const swatch = (place: number): HTMLElement => {
      const el = h("span", {});
      el.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><rect x="1" y="1" width="14" height="14" fill-opacity="${OPACITY[place] ?? 0.82}"/></svg>`;
      return el;
    };
    box.append(h("p", { class: "w-legend" }, ...bands.map((words, place) => {
      const el = swatch(place);
      el.append(words);
      return el;
    })));
  }

  draw(heat: Heat, shown: HeatOf): void {
    if (!this.map.getContainer().querySelector(".w-legend")) this.legend(heat.bands);
    const features = shown.cells.map(([cell, band]): GeoJSON.Feature<GeoJSON.Polygon> => ({
      type: "Feature", geometry: { type: "Polygon", coordinates: [heat.features[cell] ?? []] },
      properties: { band, label: heat.bands[band] ?? "", opacity: OPACITY[band] ?? 0.82 },
    }));
    // The larger ones first: a smaller cell lies on top of the larger one around it.
    features.sort((a, b) => span(b) - span(a));
    (this.map.getSource("heat") as GeoJSONSource).setData({ type: "FeatureCollection", features });
    this.fit(features.flatMap((each) => corners(each.geometry)));
    this.drawAreas(heat, shown);
  }

  /** What stands in no cell, by station area: fainter than any cell and dashed, because it is spread over all of it. */
  private drawAreas(heat: Heat, shown: HeatOf): void {
    const features = shown.stations.flatMap(([, words, org, band]) =>
      this.stations.filter((each) => each.properties.org === org).map((each): GeoJSON.Feature => ({
        ...each, properties: { label: word("by_area", { n: heat.bands[band] ?? words }), opacity: (OPACITY[band] ?? 0.82) / 2.5 },
      })));
    (this.map.getSource("heat-areas") as GeoJSONSource).setData({ type: "FeatureCollection", features });
  }
}

const corners = (shape: GeoJSON.Polygon | GeoJSON.MultiPolygon): number[][] =>
  shape.type === "Polygon" ? (shape.coordinates[0] ?? []) : shape.coordinates.flatMap((each) => each[0] ?? []);

function span(cell: GeoJSON.Feature<GeoJSON.Polygon>): number {
  const lats = corners(cell.geometry).map((at) => at[1]!);
  return Math.max(...lats) - Math.min(...lats);
}
