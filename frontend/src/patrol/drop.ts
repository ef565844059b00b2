// Where a stop was let go: on which route's line, and between which of its stops.
import type { Place, Sheet } from "./facts";

export interface Drop {
  route: number;
  /** The place in the order it takes, from 1. */
  place: number;
}
type Point = { x: number; y: number };

/** The nearest line within ``within`` pixels, without the stop's own two legs; null where there is none. */
export function dropOf(sheet: Sheet, stop: number, at: Point, project: (place: Place) => Point, within: number): Drop | null {
  let best: (Drop & { away: number }) | null = null;
  for (const route of sheet.routes) {
    // The line as it is without the stop that is carried: where it was, is no answer.
    const others = route.stops.filter((each) => each.id !== stop);
    const corners = [route.base, ...others.map((each) => each.at), route.base].map(project);
    for (let leg = 0; leg + 1 < corners.length; leg++) {
      const away = distance(at, corners[leg]!, corners[leg + 1]!);
      if (away <= within && (!best || away < best.away)) best = { route: route.id, place: leg + 1, away };
    }
  }
  return best && { route: best.route, place: best.place };
}

/** From a point to a piece of a line, in pixels. */
export function distance(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const long = dx * dx + dy * dy;
  const part = long ? Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / long)) : 0;
  return Math.hypot(p.x - a.x - part * dx, p.y - a.y - part * dy);
}
