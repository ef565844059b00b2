// What sets a fresh reading going: an event of the stream, or a slow tick where nothing is heard.
import { facts, t } from "./facts";
import { store } from "./store";
import type { Fix, Snapshot } from "./types";

const SOON_MS = 60;
const SLOW_MS = 60_000;
let timer = 0, busy = false, again = false;
export let live = "start";

export function soon(delay = SOON_MS): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void load(), delay);
}

async function load(): Promise<void> {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(facts.urls.data, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      store.take((await answer.json()) as Snapshot);
      if (window.anlanIsland) document.body.dataset["loads"] = String(++window.anlanIsland.loads);
    } else if (answer.status === 401 || answer.status === 403) say(t("session_over"));
  } catch {
    document.dispatchEvent(new CustomEvent("anlan:unreachable"));
  }
  busy = false;
  if (again) {
    again = false;
    soon(150);
  }
}

const box = document.getElementById("isl-say")!;
/** Say it to whoever listens instead of looking. */
export function say(words: string): void {
  box.textContent = words;
}

export function listen(): void {
  document.addEventListener("anlan:event", (e) => {
    const event = (e as CustomEvent<{ id?: string }>).detail;
    const seen = window.anlanIsland?.events;
    if (event.id && seen) {
      seen.push(event.id);
      if (seen.length > 2000) seen.splice(0, 1000);
    }
    // The first of a burst is shown at once, the rest together.
    if (!busy) soon();
    else again = true;
  });
  document.addEventListener("anlan:positions", (e) => store.takePositions((e as CustomEvent<Fix[]>).detail));
  document.addEventListener("anlan:commanded", () => soon(0));
  // The head of every page knows best: it hears the stream, the slow question and each command that didn't get through.
  const head = document.querySelector<HTMLElement>(".live");
  const look = (): void => {
    live = head?.dataset["state"] ?? live;
    store.tell("live");
  };
  if (head) new MutationObserver(look).observe(head, { attributes: true, attributeFilter: ["data-state"], childList: true, subtree: true });
  look();
  setInterval(() => soon(0), SLOW_MS);
}
