// How old a position is, and how pressing a clock is: pure sums, so that list and map say the same.

export type Freshness = "fresh" | "stale" | "lost" | "none";

/** Fresh up to ``stale_s``, stale up to ``lost_s``, then lost; "none" without any position. */
export function freshness(fixed_s: number | null | undefined, now_ms: number, limits: { stale_s: number; lost_s: number }): Freshness {
  if (fixed_s === null || fixed_s === undefined) return "none";
  const age = now_ms / 1000 - fixed_s;
  return age > limits.lost_s ? "lost" : age > limits.stale_s ? "stale" : "fresh";
}

/** An age for a label on the map, where there is no room for seconds: 45 s, 3 min, 2 h. */
export function shortAge(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`;
}

/** 2:05 for travel times. */
export function minutesSeconds(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}
