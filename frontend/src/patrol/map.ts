// A plan's routes on the base map: a line for each unit, a numbered stop that can be carried to another line.
import { Marker, Popup, ScaleControl, type GeoJSONSource, type Map as GlMap } from "maplibre-gl";
import { h } from "../dom";
import { baseMap } from "../map/base";
import { palette } from "../map/symbols";
import { dropOf, type Drop } from "./drop";
import type { Facts, Place, Route, Sheet, Stop } from "./facts";

const TINTS = 8, WITHIN_PX = 28;

export interface Doors {
  moved: (stop: Stop, to: Drop) => void;
  removed: (stop: Stop) => void;
  /** A place pressed on after ``pick``; null where it was given up. */
  picked: (at: Place | null) => void;
  chosen: (stop: Stop) => void;
  say: (words: string) => void;
}

export class PlanMap {
  private markers: Marker[] = [];
  private framed = false;
  private popup: Popup | null = null;
  private wish: Marker | null = null;
  private picking: AbortController | null = null;

  private constructor(private readonly map: GlMap, private facts: Facts, private readonly doors: Doors) {}

  static async make(box: HTMLElement, facts: Facts, doors: Doors): Promise<PlanMap> {
    const map = await baseMap(box, facts.basemap, facts.words["map"] ?? "");
    const view = new PlanMap(map, facts, doors);
    view.dress();
    map.addControl(new ScaleControl({ maxWidth: 160 }), "bottom-left");
    view.draw(facts);
    return view;
  }

  private dress(): void {
    const p = palette();
    this.map.addSource("routes", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    this.map.addLayer({ id: "route-under", type: "line", source: "routes", paint: { "line-color": p.surface, "line-width": 5, "line-opacity": 0.9 } });
    this.map.addLayer({ id: "route", type: "line", source: "routes", paint: { "line-color": ["get", "colour"], "line-width": 2.5 } });
  }

  draw(facts: Facts): void {
    this.facts = facts;
    const tints = Array.from({ length: TINTS }, (_, k) => tint(k));
    const features = facts.routes.map((route): GeoJSON.Feature => ({
      type: "Feature", properties: { colour: tints[route.tint % TINTS] },
      geometry: { type: "LineString", coordinates: [route.base, ...route.stops.map((stop) => stop.at), route.base] },
    }));
    (this.map.getSource("routes") as GeoJSONSource).setData({ type: "FeatureCollection", features });
    this.popup?.remove();
    this.wish?.remove();
    for (const marker of this.markers) marker.remove();
    this.markers = facts.routes.flatMap((route) => [this.base(route), ...apart(route.stops).map(([stop, aside]) => this.stop(route, stop, aside))]);
    this.frame(facts);
  }

  private base(route: Route): Marker {
    const el = h("span", { class: `pt-base t${route.tint}`, role: "img", "aria-label": route.call_sign }, route.call_sign);
    return new Marker({ element: el, anchor: "bottom" }).setLngLat(route.base).addTo(this.map);
  }

  private stop(route: Route, stop: Stop, aside: number): Marker {
    // For the hand that drags: pins near one another cover one another. All they do stands in the lists, for keys too.
    const el = h("span", { class: `pt-stop t${route.tint}`, title: `${route.call_sign} ${stop.number}: ${stop.label}`, "aria-hidden": "true" }, String(stop.number));
    el.dataset["kind"] = stop.kind;
    el.classList.toggle("locked", stop.locked);
    el.classList.toggle("faulty", stop.faulty);
    const may = this.facts.may_edit && !stop.locked;
    const marker = new Marker({ element: el, draggable: may, offset: [aside * 28, 0] }).setLngLat(stop.at).addTo(this.map);
    el.addEventListener("click", (event) => { event.stopPropagation(); this.ask(route, stop); });
    let carried = false;
    marker.on("dragstart", () => { carried = true; });
    marker.on("dragend", () => {
      if (!carried) return;
      carried = false;
      const at = marker.getLngLat();
      marker.setLngLat(stop.at); // the place is the place: only who goes there, and when, is changed
      const to = dropOf(this.facts, stop.id, this.map.project(at), (place) => this.map.project(place), WITHIN_PX);
      if (!to) this.doors.say(this.facts.words["drop_on_line"] ?? "");
      else if (stop.stays && to.route !== route.id) this.doors.say(this.facts.words["stays"] ?? "");
      else this.doors.moved(stop, to);
    });
    return marker;
  }

  /** What may be done with a stop, beside it: found in the list, and taken out. */
  private ask(route: Route, stop: Stop): void {
    if (this.picking) return this.picked(stop.at);
    this.popup?.remove();
    const words = this.facts.words;
    const list = h("button", { class: "btn", type: "button", onclick: () => { this.popup?.remove(); this.doors.chosen(stop); } }, words["in_list"] ?? "");
    const out = h("button", { class: "btn", type: "button", onclick: () => { this.popup?.remove(); this.doors.removed(stop); } }, words["remove"] ?? "");
    const may = this.facts.may_edit && !stop.locked && !stop.stays;
    const told = h("div", { class: "pt-ask" }, h("p", {}, `${route.call_sign} ${stop.number}: ${stop.label}`), list, may && out);
    this.popup = new Popup({ offset: 16, maxWidth: "260px", focusAfterOpen: true }).setLngLat(stop.at).setDOMContent(told).addTo(this.map);
  }

  /** The next press on the map, or Enter for its middle, is a place; Escape gives it up. */
  pick(): void {
    this.picking?.abort();
    this.picking = new AbortController();
    const { signal } = this.picking, canvas = this.map.getCanvas();
    canvas.classList.add("pt-picking");
    void this.map.once("click").then((event) => { if (!signal.aborted) this.picked(event.lngLat.toArray()); });
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.picked(this.map.getCenter().toArray()); }
      if (event.key === "Escape") this.picked(null);
    }, { signal });
    canvas.focus({ preventScroll: true });
  }

  private picked(at: Place | null): void {
    this.picking?.abort();
    this.picking = null;
    this.map.getCanvas().classList.remove("pt-picking");
    this.wish?.remove();
    if (at) this.wish = new Marker({ element: h("span", { class: "pt-wish", "aria-hidden": "true" }, "+") }).setLngLat(at).addTo(this.map);
    this.doors.picked(at);
  }

  private frame(sheet: Sheet): void {
    const places: Place[] = sheet.routes.flatMap((route) => [route.base, ...route.stops.map((stop) => stop.at)]);
    if (!places.length || this.framed) return;
    this.framed = true;
    const lons = places.map((at) => at[0]), lats = places.map((at) => at[1]);
    this.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 48, animate: false, maxZoom: 15 });
  }
}

/** Stops of one route at one place stand side by side, or only the last could be taken hold of. */
function apart(stops: Stop[]): [Stop, number][] {
  const seen = new Map<string, number>();
  return stops.map((stop) => {
    const key = stop.at.join();
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return [stop, nth];
  });
}

function tint(number: number): string {
  const probe = document.body.appendChild(h("span", { class: `t${number}`, hidden: true }));
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
