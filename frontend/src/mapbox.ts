// The map's place on the screen. The map itself is loaded when the queue already stands; where the browser
// can't draw it, this box says so and the lists do the whole job.
import { $, h } from "./dom";
import { facts, may, t } from "./facts";
import { broadcast } from "./cast";
import { forecastSwitch } from "./map/forecast";
import { canDraw } from "./map/webgl";
import { reachTo } from "./reach";
import { store } from "./store";
import type { MapView } from "./map/view";
import type { Incident, Unit } from "./types";

export interface MapDoors {
  open: (number: string) => void;
  drop: (incident: Incident, unit: number) => void;
  /** The places of the map in a list. */
  list?: () => void;
}
export type MapState = "ready" | "off" | "failed";

export class MapBox {
  private view: MapView | null = null;
  private readonly canvas = h("div", { class: "isl-canvas" });
  private readonly note = h("p", { class: "isl-map-note", role: "status" }, t("map_loading"));

  constructor(
    private readonly root: HTMLElement,
    private readonly doors: MapDoors,
  ) {
    root.append(this.canvas, this.note);
  }

  async start(): Promise<MapState> {
    // Lists first: the map waits until the browser has nothing better to do.
    await new Promise<void>((done) => ("requestIdleCallback" in window ? requestIdleCallback(() => done(), { timeout: 1500 }) : setTimeout(done, 200)));
    if (!canDraw()) return this.without(t("map_off"), "off");
    try {
      const { MapView } = await import("./map/view");
      this.view = await MapView.make(this.canvas, this.doors, (words) => this.say(words));
      this.say("");
      return "ready";
    } catch (problem) {
      console.warn(problem);
      return this.without(t("map_failed"), "failed");
    }
  }

  private without(words: string, state: MapState): MapState {
    this.canvas.remove();
    this.say(words);
    // What is on no other list of this screen: the calls to expect.
    if (facts.urls.forecast && may("forecasting.view")) this.root.append(h("div", { class: "isl-expect-alone" }, forecastSwitch(this.root, null)));
    return state;
  }

  private say(words: string): void {
    this.note.textContent = words;
    this.note.hidden = !words;
  }

  goTo(unit: Unit): void {
    const place = store.place(unit);
    if (place) this.look(place);
  }
  look(place: [number, number]): void {
    this.view?.goTo(place);
  }
  focus(): void {
    $(".maplibregl-canvas", this.root)?.focus();
  }
  pick(minutes: number): void {
    this.view?.pick(t("reach_pick"), (at) => void reachTo(at, [...new Set([...[1, 3, 5].filter((n) => n < minutes), minutes])], false, true));
    if (!this.view) this.say(t("chosen_no_incident"));
  }
  circle(): void {
    if (this.view) this.view.circle();
    // Without a map the circle is laid around the incident chosen.
    else if (!broadcast()) this.say(t("chosen_no_incident"));
  }
  /** End drawing; true if something was being drawn. */
  endTool(): boolean {
    return this.view?.endTool() ?? false;
  }
}
