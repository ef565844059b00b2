// The picture all parts of the console draw from: read from the server, changed only by it.
import { hear } from "@static/core/clock.js";
import { facts } from "./facts";
import { Selection } from "./selection";
import type { Fix, Incident, Reached, Snapshot, Unit } from "./types";

export type Topic = "data" | "positions" | "incident" | "chosen" | "reach" | "focus" | "live" | "ring";

export interface Reach extends Reached {
  at: [lon: number, lat: number];
  minutes: number[];
  urgent: boolean;
  /** Asked for by hand, so that the unit list follows it. */
  asked: boolean;
}

class Store {
  snap: Snapshot = facts.first;
  readonly incidents = new Map<number, Incident>();
  readonly units = new Map<number, Unit>();
  readonly fixes = new Map<number, Fix>();
  /** Units of which a position was told last. */
  moved: readonly number[] = [];
  readonly chosen = new Selection();
  /** Number of the incident shown on the right. */
  number: string | null = null;
  reach: Reach | null = null;
  /** A circle drawn on the map, or laid around an incident. */
  ring: { at: [lon: number, lat: number]; radius: number } | null = null;
  /** A unit the eye is led to. */
  focus: number | null = null;
  private readonly listeners = new Map<Topic, (() => void)[]>();

  /** Call ``listener`` whenever one of ``topics`` is told, until what is returned is called. */
  on(topics: Topic | Topic[], listener: () => void): () => void {
    const all = [topics].flat();
    for (const topic of all) this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
    return () => {
      for (const topic of all) this.listeners.set(topic, (this.listeners.get(topic) ?? []).filter((each) => each !== listener));
    };
  }
  tell(topic: Topic): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  take(snap: Snapshot): void {
    this.snap = snap;
    if (snap.now_ms) hear(snap.now_ms);
    this.incidents.clear();
    for (const group of snap.groups) for (const row of group.rows) this.incidents.set(row.id, row);
    this.units.clear();
    for (const unit of snap.units) {
      this.units.set(unit.id, unit);
      if (unit.seen) this.fix(unit.seen);
    }
    this.chosen.refresh(snap.units);
    this.tell("data");
    this.tell("chosen");
  }

  /** A position, unless a newer one is known. */
  private fix(row: Fix): void {
    const held = this.fixes.get(row[0]);
    if (!held || held[5] <= row[5]) this.fixes.set(row[0], row);
  }
  takePositions(rows: readonly Fix[]): void {
    for (const row of rows) this.fix(row);
    this.moved = rows.map((row) => row[0]);
    this.tell("positions");
  }

  get incident(): Incident | null {
    return (this.number && [...this.incidents.values()].find((row) => row.number === this.number)) || null;
  }
  place(unit: Unit): [number, number] | null {
    const fix = this.fixes.get(unit.id);
    return fix ? [fix[1] / 1e6, fix[2] / 1e6] : null;
  }
}

export const store = new Store();

export const pointOf = (incident: Incident): [number, number] | null =>
  incident.at ? [incident.at[0] / 1e6, incident.at[1] / 1e6] : null;
