// The plan editor's map. The lists below do everything it does; it sends the same forms they send.
import { toast } from "@static/core/shell.js";
import { $ } from "../dom";
import { canDraw } from "../map/webgl";
import { factsOf, type Facts, type Stop } from "./facts";
import type { Drop } from "./drop";
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
    view = await PlanMap.make(box, facts, { moved: (stop, to) => void move(stop, to), chosen, say: (words) => toast(words) });
    tell("");
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

/** The same form as the row's own button sends; the answer is the page, whose lists take the place of ours. */
async function move(stop: Stop, to: Drop): Promise<void> {
  if (busy) return;
  busy = true;
  const form = new URLSearchParams({
    csrfmiddlewaretoken: $<HTMLMetaElement>("meta[name=csrf-token]")!.content,
    idempotency_key: crypto.randomUUID(),
    stop: String(stop.id), route: String(to.route), place: String(to.place), edition: String(facts.edition),
  });
  try {
    const answer = await fetch(facts.move, { method: "POST", body: form });
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
    said.textContent = facts.words["moved"] ?? "";
    document.getElementById(`stop-${stop.id}`)?.focus({ preventScroll: true });
  } catch {
    toast(facts.words["failed"] ?? "");
  } finally {
    busy = false;
  }
}

void start();
