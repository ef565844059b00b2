// The live console. Everything is drawn from one picture that only the server changes.
import "./island.css";
import { toast, typing } from "@static/core/shell.js";
import { Bar, makeHelp } from "./bar";
import { broadcast, clearRing } from "./cast";
import { refuse, send, sendChosen } from "./deeds";
import { $, $$, h, text } from "./dom";
import { facts, may, t } from "./facts";
import { canDraw } from "./map/webgl";
import { MapBox } from "./mapbox";
import { Pane } from "./pane";
import { makeQueue } from "./queue";
import { makeSky } from "./sky";
import { SpotList } from "./spots";
import { store } from "./store";
import { listen, live } from "./stream";
import { makeStrip } from "./strip";
import { askReach, chooseAll, clearAsked, focusUnits, makeUnits } from "./units";
import type { Incident, Unit } from "./types";

// Sign-in led here: a PC that draws no map has its page in the list.
const address = new URL(location.href);
if (address.searchParams.has("begin")) {
  if (!canDraw()) location.replace(facts.urls.queue);
  address.searchParams.delete("begin");
  history.replaceState(null, "", address);
}

window.anlanIsland = { ready: false, map: "loading", events: [], loads: 0 };

const part = (id: string): HTMLElement => document.getElementById(id)!;
store.take(store.snap);

const pane = new Pane(part("isl-pane"));
const open = (number: string, toUnits = false): void => void pane.open(number, toUnits);
const map = new MapBox(part("isl-map"), { open, drop, list: () => void spots.open() });
const spots = new SpotList({ look: (at) => map.look(at) });

function locate(unit: Unit): void {
  store.focus = unit.id;
  store.tell("focus");
  map.goTo(unit);
}

/** A unit dropped on an incident is sent; ten seconds are left to take it back. */
function drop(incident: Incident, id: number): void {
  const unit = store.units.get(id);
  if (!unit) return;
  if (store.number !== incident.number) open(incident.number);
  if (store.chosen.has(id) && store.chosen.size > 1) void sendChosen(incident);
  else void send(incident, [unit]);
}

function answerOldest(): void {
  $<HTMLFormElement>("#ringing .ring form")?.requestSubmit();
}
// The strip of ringing lines is the one of every page; here its buttons open the call in the panel.
document.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  if (!form.closest("#ringing")) return;
  e.preventDefault();
  void pane.answerBy(form);
});

const doors = { pick: (minutes: number) => map.pick(minutes) };
makeQueue(part("isl-queue"), { open, call: (number) => void pane.call(number), drop });
makeUnits(part("isl-units"), { open, locate, pick: doors.pick, circle: () => map.circle() });
makeStrip(part("isl-strip"));
makeSky(part("isl-sky"));
const help = makeHelp();
const bar = new Bar({
  open, locate,
  call: () => void pane.call(null),
  answer: answerOldest,
  reach: () => undefined,
  help: () => help.showModal(),
  spots: () => void spots.open(),
  broadcast: () => void broadcast(),
  chooseFree: () => chooseAll((store.reach?.units ?? []).map(([id]) => store.units.get(id)).filter((unit): unit is Unit => unit?.state === "available")),
});

// --- whether what is seen is true now -------------------------------------------------------------------------
const stale = h("div", { class: "isl-stale", hidden: true, role: "status" });
part("isl-queue").before(stale);
store.on("live", () => {
  const label = $(".live .label")?.textContent ?? "";
  stale.hidden = live !== "lost";
  text(stale, t("data_stale", { age: label.replace(/^\D*/, "") }));
  document.body.dataset["live"] = live;
});

// --- keys -------------------------------------------------------------------------------------------------------
const until = (undo: HTMLElement): number => Number(undo.dataset["until"]);
const KEYS: Record<string, () => boolean | void> = {
  "/": () => bar.open(),
  "?": () => help.showModal(),
  n: () => (may("console.call") ? void pane.call(null) : false),
  a: answerOldest,
  q: () => ($("#isl-rows [aria-current]") ?? $("#isl-rows [data-row]"))?.focus(),
  u: focusUnits,
  i: () => pane.focus(),
  v: () => map.focus(),
  p: () => void spots.open(),
  b: () => broadcast(),
  z: () => {
    // Of all that can still be taken back the last: it is the slip of a moment ago.
    const undo = $$<HTMLButtonElement>("#toasts .isl-undo, #incident button[data-until]").sort((a, b) => until(b) - until(a))[0];
    undo?.click();
    return undo !== undefined;
  },
  w: () => askReach(5, doors),
  s: () => {
    if (store.chosen.size) return void sendChosen();
    // On a ranked row the row's own button is meant; elsewhere the key leads there.
    return document.activeElement?.closest("#inc-units") ? false : pane.toUnits();
  },
};
document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (e.key === "Escape") return escape(e);
  if (typing(e.target as Element)) return;
  const deed = KEYS[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (!deed || deed() === false) return;
  e.preventDefault();
  e.stopPropagation();
}, true);

function escape(e: KeyboardEvent): void {
  const target = e.target as Element;
  if (target.id === "isl-cmd" || $("details.pop[open]") || $("#cands")?.childElementCount) return;
  const drawer = target.closest<HTMLDetailsElement>("#isl-pane details.drawer[open]");
  if (drawer && !pane.taking && !$("#toasts > *")) {
    // What was typed stays in it; the keys of the incident work again.
    drawer.open = false;
    part("isl-pane").focus({ preventScroll: true });
    e.preventDefault();
    e.stopPropagation();
  } else if (map.endTool()) e.stopPropagation();
  else if (store.reach?.asked) clearAsked();
  else if (clearRing()) e.stopPropagation();
  else if (pane.taking && !$("#toasts > *")) {
    e.preventDefault();
    e.stopPropagation();
    pane.backFromCall();
  }
}

document.addEventListener("drop", (e) => {
  const into = (e.target as Element).closest("#isl-pane");
  const unit = Number(e.dataTransfer?.getData("text/x-unit"));
  if (!into || !unit) return;
  e.preventDefault();
  if (store.incident) drop(store.incident, unit);
  else refuse(t("chosen_no_incident"));
});
part("isl-pane").addEventListener("dragover", (e) => {
  if (e.dataTransfer?.types.includes("text/x-unit")) e.preventDefault();
});

// --- begin ------------------------------------------------------------------------------------------------------
listen();
const asked = new URLSearchParams(location.search).get("incident");
if (asked) open(asked);
window.anlanIsland.ready = true;
document.body.dataset["island"] = "ready";
void map.start().then((state) => {
  if (window.anlanIsland) window.anlanIsland.map = state;
  document.body.dataset["map"] = state;
  if (state === "off" || state === "failed") part("isl-map").closest("main")?.classList.add("no-map");
});
document.addEventListener("anlan:event", (e) => {
  if ((e as CustomEvent<{ kind?: string }>).detail.kind === "reload") toast(t("reloaded"));
});
