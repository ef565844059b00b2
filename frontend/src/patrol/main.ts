// The plan editor's map. The lists below do everything it does; it sends the same forms they send.
import { toast } from "@static/core/shell.js";
import { $ } from "../dom";
import { canDraw } from "../map/webgl";
import { factsOf, type Deed, type Facts, type Place, type Stop } from "./facts";
import type { PlanMap } from "./map";
import "./patrol.css";

const box = $("#patrol-map")!, note = $("#patrol-map-note")!, said = $("#patrol-said")!;
let facts: Facts = factsOf(document);
let view: PlanMap | null = null;
let busy = false;

async function start(): Promise<void> {
  const without = facts.words["no_map"] ?? "";
  if (!canDraw()) return tell(without);
  try {
    const { PlanMap } = await import("./map");
    box.hidden = false;
    view = await PlanMap.make(box, facts, {
      moved: (stop, to) => void send("move", stop, { route: String(to.route), place: String(to.place) }),
      removed: (stop) => void send("remove", stop, {}),
      chosen, picked, say: (words) => toast(words),
    });
    tell("");
    offerPicking();
    document.body.dataset["patrolMap"] = "ready";
  } catch (problem) {
    console.warn(problem);
    box.hidden = true;
    tell(without);
  }
}

function tell(words: string): void {
  note.textContent = words;
  note.hidden = !words;
}

function chosen(stop: Stop): void {
  const row = document.getElementById(`stop-${stop.id}`);
  row?.scrollIntoView({ block: "center" });
  row?.focus({ preventScroll: true });
}

/** The form's own button for the map: after each change the form is a new one. */
function offerPicking(): void {
  const button = $<HTMLButtonElement>("#add-pick");
  if (!button || !view) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    view?.pick();
    tell(facts.words["pick"] ?? "");
    box.scrollIntoView({ block: "nearest" });
  });
}

/** A place chosen on the map goes into the form; nothing is sent before its button is pressed. */
function picked(at: Place | null): void {
  tell(at ? facts.words["picked"] ?? "" : "");
  if (!at) return;
  $<HTMLSelectElement>("#add-spot")!.value = "";
  $<HTMLInputElement>("#add-lon")!.value = at[0].toFixed(6);
  $<HTMLInputElement>("#add-lat")!.value = at[1].toFixed(6);
  $("#add")!.scrollIntoView({ block: "center" });
  $("#add-why")!.focus({ preventScroll: true });
}

/** The same form as the row's own button sends; the answer is the page, whose lists take the place of ours. */
async function send(deed: Deed, stop: Stop, more: Record<string, string>): Promise<void> {
  if (busy) return;
  busy = true;
  const form = new URLSearchParams({
    csrfmiddlewaretoken: $<HTMLMetaElement>("meta[name=csrf-token]")!.content,
    idempotency_key: crypto.randomUUID(),
    stop: String(stop.id), edition: String(facts.edition), ...more,
  });
  try {
    const answer = await fetch(facts.doors[deed], { method: "POST", body: form });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) {
      toast(page.querySelector("#main p, .refusal")?.textContent?.trim() || facts.words["failed"] || String(answer.status), { kind: "bad" });
      return;
    }
    const sheet = page.querySelector("#sheet"), head = page.querySelector("#patrol-facts");
    if (!sheet || !head) return location.reload();
    $("#sheet")!.replaceWith(sheet);
    $("#patrol-facts")!.replaceWith(head);
    window.htmx.process(sheet);
    facts = factsOf(document);
    view?.draw(facts);
    offerPicking();
    said.textContent = facts.words[deed === "move" ? "moved" : "removed"] ?? "";
    document.getElementById(`stop-${stop.id}`)?.focus({ preventScroll: true });
  } catch {
    toast(facts.words["failed"] ?? "");
  } finally {
    busy = false;
  }
}

void start();
