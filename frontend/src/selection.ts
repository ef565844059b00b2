// Units chosen to be sent together. What is chosen is never silently dropped: a unit that is no longer free,
// or no longer on the list, stays chosen with a word of why until the dispatcher says otherwise.
import type { Taken, Unit } from "./types";

export interface Doubt {
  unit: Unit;
  /** "busy": no longer free; "gone": no longer on the list. */
  why: "busy" | "gone";
  /** Who took it, once asked. */
  taken?: Taken;
}

export class Selection {
  private readonly units = new Map<number, Unit>();
  /** The state each unit had when it was chosen. */
  private readonly stateThen = new Map<number, string>();
  private readonly missing = new Set<number>();
  private readonly takenBy = new Map<number, Taken>();

  get size(): number {
    return this.units.size;
  }
  get ids(): number[] {
    return [...this.units.keys()];
  }
  get list(): Unit[] {
    return [...this.units.values()];
  }
  has(id: number): boolean {
    return this.units.has(id);
  }
  add(unit: Unit): void {
    if (!this.units.has(unit.id)) this.stateThen.set(unit.id, unit.state);
    this.units.set(unit.id, unit);
  }
  remove(id: number): void {
    this.units.delete(id);
    this.stateThen.delete(id);
    this.missing.delete(id);
    this.takenBy.delete(id);
  }
  toggle(unit: Unit): boolean {
    if (this.has(unit.id)) this.remove(unit.id);
    else this.add(unit);
    return this.has(unit.id);
  }
  clear(): void {
    this.units.clear();
    this.stateThen.clear();
    this.missing.clear();
    this.takenBy.clear();
  }
  /** What is known of who took a unit that was chosen. */
  tell(id: number, taken: Taken): void {
    if (this.units.has(id)) this.takenBy.set(id, taken);
  }

  /** Take in fresh data: the units chosen stay the same, only what is known of them changes. */
  refresh(units: readonly Unit[]): void {
    const fresh = new Map(units.map((unit) => [unit.id, unit]));
    for (const id of this.units.keys()) {
      const unit = fresh.get(id);
      if (unit) {
        this.units.set(id, unit);
        this.missing.delete(id);
      } else this.missing.add(id);
    }
  }

  /** Units chosen when free that no longer are, and those no longer listed. */
  get doubts(): Doubt[] {
    const found: Doubt[] = [];
    for (const unit of this.units.values()) {
      const taken = this.takenBy.get(unit.id);
      const more = taken ? { taken } : {};
      if (this.missing.has(unit.id)) found.push({ unit, why: "gone", ...more });
      else if (unit.state !== "available" && this.stateThen.get(unit.id) !== unit.state) found.push({ unit, why: "busy", ...more });
    }
    return found;
  }
}
