// What the console does to the world: each deed once, by its key, and each refusal in the server's own words.
import { serverNow } from "@static/core/clock.js";
import { toast } from "@static/core/shell.js";
import { h } from "./dom";
import { t } from "./facts";
import { store } from "./store";
import { soon } from "./stream";
import type { Incident, Unit } from "./types";

export type Answer = { ok: true; data: Record<string, unknown> } | { ok: false; words: string };

const token = (): string => document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
const newKey = (): string => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);

/** Send a command. Lost on the way, it is sent once more under the same key: the server does it once. */
export async function post(url: string, body: unknown, form?: FormData): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json", "Idempotency-Key": newKey(), "X-CSRFToken": token() };
  if (!form) headers["Content-Type"] = "application/json";
  const request = { method: "POST", headers, body: form ?? JSON.stringify(body ?? {}), redirect: "manual" as const };
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const answer = await fetch(url, request);
      if (answer.type === "opaqueredirect") return { ok: true, data: {} };
      const data = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
      if (answer.ok) return { ok: true, data };
      return { ok: false, words: refusal(data, answer.status) };
    } catch {
      if (attempt) break;
      await new Promise((done) => setTimeout(done, 400));
    }
  }
  document.dispatchEvent(new CustomEvent("anlan:unreachable"));
  return { ok: false, words: t("not_reached") };
}

/** A form of the page pressed: its answer as a page, followed to where it leads; null when the server wasn't reached. */
export async function pressed(form: HTMLFormElement): Promise<Response | null> {
  const request = { method: "POST", headers: { "X-CSRFToken": token() }, body: new FormData(form) };
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      return await fetch(form.action, request);
    } catch {
      await new Promise((done) => setTimeout(done, 400));
    }
  }
  document.dispatchEvent(new CustomEvent("anlan:unreachable"));
  return null;
}

function refusal(data: Record<string, unknown>, status: number): string {
  const words = (data["detail_i18n"] as Record<string, string> | undefined)?.[document.documentElement.lang];
  return words ?? (data["detail"] as string | undefined) ?? (status === 401 ? t("session_over") : t("not_reached"));
}

export function refuse(words: string): void {
  toast(h("div", { class: "refusal" }, words), { stay: true });
}

interface Question {
  title: string;
  lines?: string[];
  note?: string;
  reason?: string;
  confirm?: string;
}
/** Ask before what can't be undone, or for a reason; null when the answer is no. Enter says yes, Esc no. */
export function ask({ title, lines = [], note, reason, confirm }: Question): Promise<string | null> {
  const before = document.activeElement as HTMLElement | null;
  const input = reason ? h("input", { name: "reason", required: true, maxlength: 200, "aria-label": reason, placeholder: reason }) : null;
  const yes = h("button", { class: "btn main big", value: "yes" }, confirm ?? t("confirm"), h("kbd", {}, "Enter"));
  const no = h("button", { class: "btn big", type: "button", onclick: () => box.close("no") }, t("cancel"), h("kbd", {}, "Esc"));
  const form = h("form", { method: "dialog", class: "isl-ask" },
    h("h2", {}, title),
    lines.length > 0 && h("ul", {}, ...lines.map((line) => h("li", {}, line))),
    note ? h("p", { class: "small" }, note) : null,
    input,
    h("div", { class: "row" }, yes, no),
  );
  const box = h("dialog", { "aria-label": title }, form);
  document.body.append(box);
  box.showModal();
  (input ?? yes).focus();
  return new Promise((done) => {
    box.addEventListener("close", () => {
      const said = box.returnValue === "yes" ? (input?.value.trim() ?? "yes") : null;
      box.remove();
      before?.focus({ preventScroll: true });
      done(said);
    });
  });
}

/** How long the server lets a sending be taken back without a reason. */
const UNDO_MS = 10_000;
const SHOWN_NUMBERS = ["rank", "eta_s", "eta_p90_s", "travel_s", "fix_age_s", "advised_unit"];
const SHOWN_WORDS = ["eta_source", "reason", "advice"];

/** What the open panel showed of a unit, and whom it advised: kept with the sending, so that it can be learned from. */
function shownOf(unit: Unit): Record<string, number | string> {
  const listed = document.querySelector<HTMLInputElement>(`#inc-units [data-row] input[name=unit][value="${unit.id}"]`);
  if (!listed?.form) {
    const eta = store.reach?.units.find(([id]) => id === unit.id);
    return eta ? { eta_s: eta[1], eta_source: eta[2] } : {};
  }
  const told = new FormData(listed.form);
  for (const input of document.querySelectorAll<HTMLInputElement>("#inc-advice input")) told.set(input.name, input.value);
  const known: Record<string, number | string> = {};
  for (const name of SHOWN_NUMBERS) if (told.get(name)) known[name] = Number(told.get(name));
  for (const name of SHOWN_WORDS) if (told.get(name)) known[name] = String(told.get(name));
  return known;
}

/** Send units to an incident, the first of them as lead if nobody is there yet. Those refused stay chosen. */
export async function send(incident: Incident, units: readonly Unit[]): Promise<void> {
  const refused: string[] = [];
  const sheets: number[] = [];
  for (const unit of units) {
    const known = store.number === incident.number ? shownOf(unit) : {};
    const answer = await post(`/api/incidents/${incident.id}/assignments`, { unit_id: unit.id, ...known });
    if (answer.ok) {
      store.chosen.remove(unit.id);
      sheets.push(Number(answer.data["id"]));
    } else refused.push(`${unit.sign}: ${answer.words}`);
  }
  store.tell("chosen");
  soon(0);
  document.dispatchEvent(new CustomEvent("anlan:incident-changed"));
  const n = units.length;
  if (refused.length) {
    const head = t("sent_some", { done: n - refused.length, n, number: incident.number });
    toast(h("div", { class: "refusal" }, head, h("ul", {}, ...refused.map((line) => h("li", {}, line)))), { stay: true });
  } else {
    const until = serverNow() + UNDO_MS;
    const words = n === 1 ? t("sent_one", { unit: units[0]!.sign, number: incident.number }) : t("sent_all", { n, number: incident.number });
    toast(h("div", {}, words, " ", h("button", { class: "btn isl-undo", type: "button", "data-until": until, onclick: (e) => void takeBack(sheets, e) }, t("undo"), h("kbd", {}, "Z"))));
  }
}

async function takeBack(sheets: readonly number[], e: Event): Promise<void> {
  (e.target as HTMLElement).closest(".toast")?.remove();
  let back = 0;
  for (const id of sheets) {
    const answer = await post(`/api/assignments/${id}/cancel`, { reason: "undo" });
    // Signed meanwhile, or too late: the server's own words say so, and the unit stays sent.
    if (answer.ok) back++;
    else refuse(answer.words);
  }
  if (back) toast(t("undone", { n: back }));
  soon(0);
  document.dispatchEvent(new CustomEvent("anlan:incident-changed"));
}

/** Several units go only after their names and number were read and agreed to. */
export async function sendChosen(incident: Incident | null = store.incident): Promise<void> {
  const units = store.chosen.list;
  if (!units.length) return refuse(t("chosen_none"));
  if (!incident) return refuse(t("chosen_no_incident"));
  if (units.length > 1 || store.chosen.doubts.length) {
    const what = `${incident.priority} ${incident.kind} ${incident.number}`;
    const agreed = await ask({
      title: t("chosen_ask", { n: units.length, incident: what }),
      lines: units.map((unit) => `${unit.sign} · ${unit.badge[2]} · ${unit.org}`),
      note: t("chosen_first"),
      confirm: t("chosen_send", { n: units.length, number: incident.number.slice(-5) }),
    });
    if (!agreed) return;
  }
  await send(incident, units);
}

/** The sheet of a unit that is out: on that incident if one is named, else the only one it has. */
export function sheetOf(unit: number, incident: number | null): number | null {
  for (const row of store.incidents.values()) {
    if (incident !== null && row.id !== incident) continue;
    const sheet = row.sent.find((each) => each[1] === unit);
    if (sheet) return sheet[0];
  }
  return null;
}

/** A command whose answer needs no words beyond what the screen then shows. */
export async function plain(url: string, body: unknown = {}): Promise<boolean> {
  const answer = await post(url, body);
  if (!answer.ok) refuse(answer.words);
  soon(0);
  document.dispatchEvent(new CustomEvent("anlan:incident-changed"));
  return answer.ok;
}
