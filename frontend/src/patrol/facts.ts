// What the plan's page tells the map beside its lists.
import type { Basemap } from "../map/base";

export type Deed = "move" | "remove";
export type Place = [lon: number, lat: number];
export interface Stop {
  id: number;
  number: number;
  at: Place;
  kind: string;
  /** Place, kind and hours in words: what a mouse over it and a screen reader are told. */
  label: string;
  locked: boolean;
  faulty: boolean;
  stays: boolean;
}
export interface Route {
  id: number;
  call_sign: string;
  tint: number;
  base: Place;
  stops: Stop[];
}
export interface Sheet {
  edition: number;
  may_edit: boolean;
  routes: Route[];
}
export interface Facts extends Sheet {
  basemap: Basemap;
  doors: Record<Deed, string>;
  words: Record<string, string>;
}

export function factsOf(root: ParentNode): Facts {
  return JSON.parse(root.querySelector("#patrol-facts")!.textContent || "{}") as Facts;
}
