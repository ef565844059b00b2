// Where the signs over the map stand, which is meant by a pointer, and where a name finds room. Plain sums.
import type { Place } from "../geometry";

export interface Sign {
  kind: "unit" | "incident";
  id: number;
  /** Of the Mercator square, 0 to 1. */
  x: number;
  y: number;
  image: string;
  label: string;
  /** Written before the others find room. */
  loud: boolean;
  alarm: boolean;
  ring: boolean;
  /** Degrees; null for what does not move. */
  heading: number | null;
  /** Pixels beside its place. */
  shift: readonly [number, number];
}

const TILE_PX = 512;
const NEAR_PX = 12;
const CELL_PX = 4;

/** A place on the Mercator square, 0 to 1 from the north-west. */
export function mercator([lon, lat]: Place): [number, number] {
  const sin = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

export interface View {
  scale: number;
  left: number;
  top: number;
}
/** How the square lies under a window of so many pixels. */
export function viewOf(centre: Place, zoom: number, width: number, height: number): View {
  const scale = TILE_PX * 2 ** zoom, [x, y] = mercator(centre);
  return { scale, left: x * scale - width / 2, top: y * scale - height / 2 };
}

/** x and y of each sign in pixels; ``into`` is used again where it is long enough. */
export function toScreen(signs: readonly Sign[], { scale, left, top }: View, into: Float64Array): Float64Array {
  const out = into.length >= 2 * signs.length ? into : new Float64Array(2 * signs.length);
  for (let i = 0; i < signs.length; i++) {
    const sign = signs[i]!;
    out[2 * i] = sign.x * scale - left + sign.shift[0];
    out[2 * i + 1] = sign.y * scale - top + sign.shift[1];
  }
  return out;
}

/** The nearest sign of its kind no farther away than a fingertip; of two as near the one drawn later. */
export function hitOf(signs: readonly Sign[], spots: Float64Array, kind: Sign["kind"], { x, y }: { x: number; y: number }): number | null {
  let found: number | null = null, least = Infinity;
  for (let i = 0; i < signs.length; i++) {
    if (signs[i]!.kind !== kind) continue;
    const dx = Math.abs(spots[2 * i]! - x), dy = Math.abs(spots[2 * i + 1]! - y);
    if (dx > NEAR_PX || dy > NEAR_PX || Math.hypot(dx, dy) > least) continue;
    least = Math.hypot(dx, dy);
    found = signs[i]!.id;
  }
  return found;
}

const OVER_PX = 9;
const UNDER_PX = 8;
const ASIDE_PX = 13;

/**
 * Where a name may stand by its sign, the best place first: over an incident, under a unit, then the other way round,
 * then right and left of it. Each is the name's upper left corner.
 */
export function spotsOf(kind: Sign["kind"], x: number, y: number, width: number, height: number): [left: number, top: number][] {
  const over: [number, number] = [x - width / 2, y - OVER_PX - height];
  const under: [number, number] = [x - width / 2, y + (kind === "unit" ? UNDER_PX : UNDER_PX + 3)];
  const beside: [number, number][] = [[x + ASIDE_PX, y - height / 2], [x - ASIDE_PX - width, y - height / 2]];
  return kind === "unit" ? [under, over, ...beside] : [over, under, ...beside];
}

const FAR_PX = [26, 44, 62, 80, 104];

/** Places farther off, for a name that must be told where many stand: a line then leads from it to its sign. */
export function farSpotsOf(x: number, y: number, width: number, height: number): [left: number, top: number][] {
  return FAR_PX.flatMap((far): [number, number][] => [
    [x - width / 2, y - far - height], [x + far, y - far / 2 - height / 2], [x - far - width, y - far / 2 - height / 2],
    [x + far, y + far / 2 - height / 2], [x - far - width, y + far / 2 - height / 2], [x - width / 2, y + far],
  ]);
}

/** What of the window is taken, in cells of a few pixels. */
export class Room {
  private readonly across: number;
  private readonly down: number;
  private readonly taken: Uint8Array;

  constructor(width: number, height: number) {
    this.across = Math.ceil(width / CELL_PX);
    this.down = Math.ceil(height / CELL_PX);
    this.taken = new Uint8Array(this.across * this.down);
  }

  free(left: number, top: number, right: number, bottom: number): boolean {
    return !this.each(left, top, right, bottom, (cell) => this.taken[cell] === 1);
  }
  take(left: number, top: number, right: number, bottom: number): void {
    this.each(left, top, right, bottom, (cell) => {
      this.taken[cell] = 1;
      return false;
    });
  }

  private each(left: number, top: number, right: number, bottom: number, stop: (cell: number) => boolean): boolean {
    const from = Math.max(0, Math.floor(left / CELL_PX)), to = Math.min(this.across - 1, Math.floor(right / CELL_PX));
    const low = Math.max(0, Math.floor(top / CELL_PX)), high = Math.min(this.down - 1, Math.floor(bottom / CELL_PX));
    for (let row = low; row <= high; row++) for (let column = from; column <= to; column++) if (stop(row * this.across + column)) return true;
    return false;
  }
}
