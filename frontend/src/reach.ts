// Who can be at a point in so many minutes: asked of the road engine, shown as rings and in the unit list.
import { facts } from "./facts";
import { pointOf, store, type Reach } from "./store";
import type { Incident, Reached } from "./types";

export const RINGS = [1, 3, 5];
const URGENT = new Set(["P1", "P2"]);
let asked = 0;
/** The incident somebody has asked about by hand: drawing its panel anew must not answer something else. */
let byHandOf: number | null = null;

async function askedOf(incident: Incident, minutes: number[], at: [number, number], byHand: boolean): Promise<Reach | null> {
  byHandOf = byHand ? incident.id : null;
  const found = await reachTo(at, minutes, URGENT.has(incident.priority), byHand);
  if (!found && byHandOf === incident.id) byHandOf = null;
  return found;
}

export async function reachTo(at: [number, number], minutes: number[], urgent: boolean, byHand: boolean): Promise<Reach | null> {
  const mine = ++asked;
  const query = new URLSearchParams({
    lon: at[0].toFixed(6), lat: at[1].toFixed(6), minutes: minutes.join(","), urgent: urgent ? "1" : "0",
  });
  try {
    const answer = await fetch(`${facts.urls.reach}?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || mine !== asked) return null;
    const found = (await answer.json()) as Reached;
    store.reach = { ...found, at, minutes, urgent, asked: byHand };
    store.tell("reach");
    return store.reach;
  } catch {
    document.dispatchEvent(new CustomEvent("anlan:unreachable"));
    return null;
  }
}

/** The rings of an incident; without a point there are none. */
export function reachOf(incident: Incident, minutes = RINGS, byHand = false): Promise<Reach | null> {
  const at = pointOf(incident);
  if (!at) {
    clearReach();
    return Promise.resolve(null);
  }
  if (!byHand && byHandOf === incident.id) return Promise.resolve(store.reach);
  return askedOf(incident, minutes, at, byHand);
}

export function clearReach(): void {
  asked++;
  byHandOf = null;
  if (!store.reach) return;
  store.reach = null;
  store.tell("reach");
}
