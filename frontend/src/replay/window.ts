// A stretch of the past as the server tells it: the picture at its start, every change, positions on the way.
// Playing it is putting the changes in; nothing is worked out here that the server had not drawn.
import type { Call, CallBack, Cell, Fix, Group, Incident, Sky, Snapshot, Unit } from "../types";

export interface Frame {
  at: number;
  rows?: Incident[];
  /** Every heading in order, with its total and the ids of the rows under it. */
  groups?: [key: string, total: number, ids: number[]][];
  units?: Unit[];
  calls?: Call[];
  call_backs?: CallBack[];
  strip?: Cell[];
}
export interface Happening {
  id: number;
  at: number;
  text: string;
  number: string;
}
export interface PastWindow {
  from: number;
  until: number;
  start: Snapshot;
  frames: Frame[];
  told: Happening[];
  /** received (ms), then a fix as everywhere. */
  positions: [number, ...Fix][];
  /** The day's figures and the weather, each from a moment on. */
  figures: [at: number, cells: Cell[]][];
  sky: [at: number, sky: Sky][];
  tracks: { expired: boolean; one_in: number; kept_from: number };
}
export interface Step {
  /** The lists differ from before. */
  changed: boolean;
  /** Fixes received on the way. */
  fixes: Fix[];
  /** Time went back: what was known of positions is void. */
  anew: boolean;
}

const NONE: Cell[] = [];

/** Plays one window: ``to`` brings it to a moment, ``picture`` tells what the screen showed then. */
export class Player {
  at: number;
  private frame = 0;
  private fix = 0;
  private rows = new Map<number, Incident>();
  private units = new Map<number, Unit>();
  private groups: Group[] = [];
  private rest: Pick<Snapshot, "calls" | "call_backs" | "strip"> = { calls: [], call_backs: [], strip: [] };

  constructor(readonly past: PastWindow) {
    this.at = past.from;
    this.begin();
  }

  private begin(): void {
    const { start, from } = this.past;
    this.at = from;
    this.frame = this.fix = 0;
    this.groups = start.groups;
    this.rows = new Map(start.groups.flatMap((group) => group.rows.map((row) => [row.id, row] as const)));
    this.units = new Map(start.units.map((unit) => [unit.id, unit]));
    this.rest = { calls: start.calls, call_backs: start.call_backs, strip: start.strip };
  }

  holds(ms: number): boolean {
    return ms >= this.past.from && ms <= this.past.until;
  }

  to(ms: number): Step {
    const anew = ms < this.at;
    if (anew) this.begin();
    let changed = anew;
    for (; this.frame < this.past.frames.length && this.past.frames[this.frame]!.at <= ms; this.frame++) {
      this.put(this.past.frames[this.frame]!);
      changed = true;
    }
    const fixes: Fix[] = [];
    for (; this.fix < this.past.positions.length && this.past.positions[this.fix]![0] <= ms; this.fix++) {
      const [, ...fix] = this.past.positions[this.fix]!;
      fixes.push(fix);
    }
    this.at = ms;
    return { changed, fixes, anew };
  }

  private put(frame: Frame): void {
    for (const row of frame.rows ?? []) this.rows.set(row.id, row);
    for (const unit of frame.units ?? []) this.units.set(unit.id, unit);
    const order = frame.groups ?? this.groups.map((group) => [group.key, group.total, group.rows.map((row) => row.id)] as const);
    if (frame.groups || frame.rows) {
      const heads = new Map(this.groups.map((group) => [group.key, group]));
      this.groups = order.map(([key, total, ids]) => ({ ...heads.get(key)!, total, rows: ids.map((id) => this.rows.get(id)!) }));
    }
    this.rest = {
      calls: frame.calls ?? this.rest.calls,
      call_backs: frame.call_backs ?? this.rest.call_backs,
      strip: frame.strip ?? this.rest.strip,
    };
  }

  /** In the order of the live board; units that came on the books on the way come last. */
  picture(): Snapshot {
    return { groups: this.groups, units: [...this.units.values()], ...this.rest };
  }

  /** The day's figures as the strip showed them at ``ms``; none where the desk sees none. */
  figures(ms: number): Cell[] {
    return this.past.figures.findLast(([at]) => at <= ms)?.[1] ?? NONE;
  }
  /** The weather as it was known at ``ms``. */
  sky(ms: number): Sky | null {
    return this.past.sky.findLast(([at]) => at <= ms)?.[1] ?? null;
  }

  /** The moment of the next change of the lists, or null. */
  next(ms: number): number | null {
    return this.past.frames.find((frame) => frame.at > ms)?.at ?? null;
  }
  /** The moment of the change before this one, or null. */
  before(ms: number): number | null {
    return this.past.frames.findLast((frame) => frame.at < ms)?.at ?? null;
  }
}
