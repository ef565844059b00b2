// Moments as people write them, always by the clock on the wall of the centre (UTC+8, no summer time).

const ZONE_MS = 8 * 3600e3;
const DAY_MS = 24 * 3600e3;
const two = (n: number): string => String(n).padStart(2, "0");

/** ``14:05:10`` */
export const clockOf = (ms: number): string => new Date(ms + ZONE_MS).toISOString().slice(11, 19);
/** ``2026-11-22`` */
export const dayOf = (ms: number): string => new Date(ms + ZONE_MS).toISOString().slice(0, 10);

/** ``14:05:10``, ``14:05``, ``140510`` or ``1405`` as the first such moment between ``from`` and ``until``; null otherwise. */
export function momentIn(text: string, from: number, until: number): number | null {
  const plain = text.trim().replace(/[：.]/g, ":");
  const parts = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(plain) ?? /^(\d{2})(\d{2})(\d{2})?$/.exec(plain);
  if (!parts) return null;
  const [hours, minutes, seconds] = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const wanted = Date.parse(`${dayOf(from)}T${two(hours)}:${two(minutes)}:${two(seconds)}Z`) - ZONE_MS;
  // The first second of a stretch may have begun before it.
  const found = wanted < Math.floor(from / 1000) * 1000 ? wanted + DAY_MS : wanted;
  return found <= until ? Math.max(found, from) : null;
}
