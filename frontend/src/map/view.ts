// The map: what is on it is in the lists too, and what is done on it can be done there.
import { NavigationControl, ScaleControl, type GeoJSONSource, type Map as GlMap, type MapMouseEvent } from "maplibre-gl";
import { h } from "../dom";
import { facts, may, t } from "../facts";
import { pointOf, store } from "../store";
import { inside } from "../cast";
import { circleAround } from "../geometry";
import { places } from "../spots";
import { toggle } from "../units";
import type { MapDoors } from "../mapbox";
import { baseMap } from "./base";
import { followClosures } from "./closures";
import { addLayers, reachFeatures, signs, SWITCHES } from "./layers";
import { forecastSwitch } from "./forecast";
import { Sheet } from "./sheet";
import type { Sign } from "./signs";
import { addSymbols, palette, Signs } from "./symbols";

const LEAST_M = 50;
const SWITCHED = "anlan-layers";
type Tool = { end: () => void };

export class MapView {
  private tool: Tool | null = null;
  private framed = false;
  private due = false;
  private sheet!: Sheet;
  private readonly off = new Set<string>(JSON.parse(localStorage.getItem(SWITCHED) ?? "[]") as string[]);

  private constructor(
    private readonly map: GlMap,
    private readonly doors: MapDoors,
    private readonly say: (words: string) => void,
  ) {}

  static async make(box: HTMLElement, doors: MapDoors, say: (words: string) => void): Promise<MapView> {
    const map = await baseMap(box, facts.urls.basemap, t("map"));
    const view = new MapView(map, doors, say);
    view.dress();
    return view;
  }

  private dress(): void {
    const p = palette();
    addSymbols(this.map, p);
    addLayers(this.map, p);
    this.sheet = new Sheet(this.map, new Signs(p), { ink: p.ink, loud: p.p1Text, surface: p.surface, ring: p.riverText });
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-left");
    this.map.getContainer().append(this.legend());
    void this.loadAreas();
    followClosures((found) => this.set("closures", found));
    store.on(["positions", "chosen", "data", "incident", "focus"], () => this.soon());
    store.on("reach", () => this.set("reach", reachFeatures()));
    store.on("incident", () => this.toIncident());
    store.on("ring", () => this.drawRing());
    this.drawRing();
    this.set("reach", reachFeatures());
    // A position that nobody renews grows old on the map too.
    setInterval(() => this.soon(), 5000);
    this.listen();
    this.soon();
    this.frame();
    this.toIncident();
  }

  /** Whatever changed since the last picture is drawn once; while nobody looks, nothing is. */
  private soon(): void {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.sheet.show(signs().filter((sign) => !this.off.has(`layer_${sign.kind}s`)));
    });
  }

  private set(source: string, data: GeoJSON.FeatureCollection): void {
    (this.map.getSource(source) as GeoJSONSource | undefined)?.setData(data);
  }

  private async loadAreas(): Promise<void> {
    try {
      this.set("areas", await places());
    } catch {
      // Without areas the rest is drawn; the list of places says that the server was not reached.
    }
  }

  // --- where one looks -------------------------------------------------------------------------------------------

  /** Everything that is open and everybody on duty in one frame; later the dispatcher moves the map, not the data. */
  frame(again = false): void {
    if (this.framed && !again) return;
    const on = store.snap.units.filter((unit) => !unit.off || store.chosen.has(unit.id));
    const points = [...on.map((unit) => store.place(unit)), ...[...store.incidents.values()].map(pointOf)].filter((at) => at !== null);
    if (!points.length) return;
    const lons = points.map((at) => at[0]), lats = points.map((at) => at[1]);
    this.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 60, maxZoom: 14, animate: false });
    this.framed = true;
  }

  private toIncident(): void {
    const at = store.incident && pointOf(store.incident);
    if (at && !this.map.getBounds().contains(at)) this.map.easeTo({ center: at, duration: 150 });
  }

  goTo(place: [number, number]): void {
    this.map.easeTo({ center: place, zoom: Math.max(this.map.getZoom(), 14), duration: 150 });
  }

  // --- what is under the pointer ----------------------------------------------------------------------------------

  private at(point: { x: number; y: number }, kind: Sign["kind"]): number | null {
    return this.sheet.at(point, kind);
  }

  private listen(): void {
    const { map } = this;
    map.on("click", (e) => {
      if (this.tool) return;
      const incident = this.at(e.point, "incident");
      const unit = this.at(e.point, "unit");
      const row = incident === null ? undefined : store.incidents.get(incident);
      if (unit !== null) {
        const one = store.units.get(unit);
        if (one && (e.originalEvent.ctrlKey || e.originalEvent.metaKey || e.originalEvent.shiftKey)) return toggle(one);
        store.focus = unit;
        store.tell("focus");
        if (!row) return;
      }
      if (row) this.doors.open(row.number);
    });
    map.on("mousemove", (e) => {
      if (!this.tool) map.getCanvas().style.cursor = this.at(e.point, "unit") !== null || this.at(e.point, "incident") !== null ? "pointer" : "";
    });
    map.on("mousedown", (e) => this.dragUnit(e));
    const canvas = map.getCanvasContainer();
    canvas.addEventListener("dragover", (e) => {
      if (e.dataTransfer?.types.includes("text/x-unit")) e.preventDefault();
    });
    canvas.addEventListener("drop", (e) => {
      const unit = Number(e.dataTransfer?.getData("text/x-unit"));
      const edge = canvas.getBoundingClientRect();
      const row = store.incidents.get(this.at({ x: e.clientX - edge.left, y: e.clientY - edge.top }, "incident") ?? -1);
      e.preventDefault();
      if (unit && row) this.doors.drop(row, unit);
    });
  }

  /** A unit is drawn out to an incident and let go there. */
  private dragUnit(e: MapMouseEvent): void {
    if (this.tool || e.originalEvent.button !== 0 || !may("dispatch.send")) return;
    const id = this.at(e.point, "unit");
    const unit = id === null ? undefined : store.units.get(id);
    const from = unit && store.place(unit);
    if (!unit || !from) return;
    e.preventDefault();
    let moved = false;
    const move = (m: MapMouseEvent): void => {
      moved = moved || Math.hypot(m.point.x - e.point.x, m.point.y - e.point.y) > 6;
      if (!moved) return;
      const row = store.incidents.get(this.at(m.point, "incident") ?? -1);
      this.say(row ? t("drop_here", { unit: unit.sign, incident: `${row.priority} ${row.kind}` }) : unit.sign);
      const target = row ? pointOf(row)! : ([m.lngLat.lng, m.lngLat.lat] as [number, number]);
      this.set("tool", { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [from, target] } }] });
    };
    const up = (m: MapMouseEvent): void => {
      this.endTool();
      const row = moved ? store.incidents.get(this.at(m.point, "incident") ?? -1) : undefined;
      if (row) this.doors.drop(row, unit.id);
    };
    this.map.on("mousemove", move);
    this.map.once("mouseup", up);
    this.tool = { end: () => {
      this.map.off("mousemove", move);
      this.map.off("mouseup", up);
    } };
  }

  // --- drawing ---------------------------------------------------------------------------------------------------

  /** The next click is the point asked for. */
  pick(words: string, then: (at: [number, number]) => void): void {
    this.endTool();
    this.say(words);
    this.map.getCanvas().style.cursor = "crosshair";
    const click = (e: MapMouseEvent): void => {
      this.endTool();
      then([e.lngLat.lng, e.lngLat.lat]);
    };
    this.map.once("click", click);
    this.tool = { end: () => this.map.off("click", click) };
  }

  private drawRing(): void {
    const ring = store.ring;
    this.set("ring", { type: "FeatureCollection", features: ring ? [circleAround(ring.at, ring.radius)] : [] });
  }

  /** Press and draw outwards: the bar over the units then tells who is inside and what can be done. */
  circle(): void {
    this.endTool();
    this.say(t("circle_pick"));
    this.map.getCanvas().style.cursor = "crosshair";
    const down = (e: MapMouseEvent): void => {
      e.preventDefault();
      const centre: [number, number] = [e.lngLat.lng, e.lngLat.lat];
      let radius = 0;
      const move = (m: MapMouseEvent): void => {
        radius = e.lngLat.distanceTo(m.lngLat);
        this.set("tool", { type: "FeatureCollection", features: [circleAround(centre, radius)] });
        this.say(t("circle_found", { n: inside(centre, radius).length, m: Math.round(radius) }));
      };
      const up = (): void => {
        this.endTool();
        if (radius < LEAST_M) return;
        store.ring = { at: centre, radius };
        store.tell("ring");
      };
      this.map.on("mousemove", move);
      this.map.once("mouseup", up);
      this.tool = { end: () => {
        this.map.off("mousemove", move);
        this.map.off("mouseup", up);
      } };
    };
    this.map.once("mousedown", down);
    this.tool = { end: () => this.map.off("mousedown", down) };
  }

  endTool(): boolean {
    if (!this.tool) return false;
    this.tool.end();
    this.tool = null;
    this.say("");
    this.map.getCanvas().style.cursor = "";
    this.set("tool", { type: "FeatureCollection", features: [] });
    return true;
  }

  /** The legend is the layer switch. */
  private legend(): HTMLElement {
    const box = h("details", { class: "isl-legend" }, h("summary", {}, t("layers")));
    const { off } = this;
    const show = (key: string): void => {
      for (const id of SWITCHES[key] ?? []) this.map.setLayoutProperty(id, "visibility", off.has(key) ? "none" : "visible");
    };
    for (const key of Object.keys(SWITCHES)) {
      const input = h("input", { type: "checkbox", checked: !off.has(key), "data-layer": key, onchange: (e) => {
        if ((e.target as HTMLInputElement).checked) off.delete(key);
        else off.add(key);
        localStorage.setItem(SWITCHED, JSON.stringify([...off]));
        show(key);
        this.soon();
      } });
      box.append(h("label", {}, input, t(key)));
      show(key);
    }
    if (may("forecasting.view")) box.append(forecastSwitch(this.map.getContainer(), { map: this.map, palette: palette(), look: (at) => this.goTo(at) }));
    const { list } = this.doors;
    if (list) box.append(h("button", { type: "button", class: "btn", onclick: list }, t("spots"), h("kbd", {}, "P")));
    box.append(h("button", { type: "button", class: "btn", onclick: () => this.frame(true) }, t("fit")));
    if (!facts.urls.basemap) box.append(h("small", {}, t("map_without_base")));
    return box;
  }
}
