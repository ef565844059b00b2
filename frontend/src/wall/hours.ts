// Which hour the map shows: pure steps over the hours that have been, so that keys, buttons and the chart agree.

/** The whole day so far is null. */
export type Chosen = number | null;

/** One hour on or back; before the first hour and after the running one lies the whole day. */
export function step(chosen: Chosen, by: 1 | -1, hourNow: number): Chosen {
  if (chosen === null) return by > 0 ? 0 : hourNow;
  const next = chosen + by;
  return next < 0 || next > hourNow ? null : next;
}

/** The chosen hour as long as it lies in the day; after midnight a late hour of yesterday is none. */
export const kept = (chosen: Chosen, hourNow: number): Chosen => (chosen !== null && chosen > hourNow ? null : chosen);
