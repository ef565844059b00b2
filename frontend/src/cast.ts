// A circle drawn on the map or laid around an incident: who is inside, one sentence to all of them, who has seen it.
import { serverNow } from "@static/core/clock.js";
import { freshness } from "./clocks";
import { post, refuse } from "./deeds";
import { $, age, h, text } from "./dom";
import { facts, may, t } from "./facts";
import { metres, type Place } from "./geometry";
import { pointOf, store } from "./store";
import { chooseAll } from "./units";
import type { Unit } from "./types";

const RADIUS_M = 1000;
const MOST_CHARS = 200;
const KEPT = 3;

interface Answered {
  receiver: string;
  acknowledged_at: string | null;
  seen: { by: string; at: string | null; acknowledged_at: string | null }[];
}
interface Sent {
  id: number;
  text: string;
  at: number;
  units: string[];
  without: string[];
  answers: Answered[];
}
let sent: Sent[] = [];

const known = (unit: Unit): boolean => !["lost", "none"].includes(freshness(store.fixes.get(unit.id)?.[5], serverNow(), facts.ages));

/** Units on duty inside, by a position that isn't lost; the server reckons the same way. */
export function inside(at: Place, radius: number): Unit[] {
  return store.snap.units.filter((unit) => {
    const place = store.place(unit);
    return place && !unit.off && known(unit) && metres(at, place) <= radius;
  });
}
const lost = (): number => store.snap.units.filter((unit) => !unit.off && !known(unit)).length;
const found = (n: number, radius: number): string => t("circle_found", { n, m: Math.round(radius) }) + (lost() ? ` · ${t("circle_lost", { n: lost() })}` : "");

export function makeCasts(root: HTMLElement): void {
  const bar = h("div", { class: "isl-ringbar", id: "isl-ring", hidden: true });
  const box = h("div", { class: "isl-casts", id: "isl-casts", role: "status" });
  root.insertBefore(bar, $("#isl-chosen", root));
  root.insertBefore(box, $("#isl-chosen", root));
  store.on(["ring", "positions", "data"], () => drawRing(bar));
  document.addEventListener("anlan:event", (e) => {
    if (sent.length && (e as CustomEvent<{ kind?: string }>).detail.kind?.startsWith("notices.")) void refresh(box);
  });
  document.addEventListener("anlan:cast", () => drawSent(box));
}

function drawRing(bar: HTMLElement): void {
  const ring = store.ring;
  bar.hidden = !ring;
  if (!ring) {
    delete bar.dataset["now"];
    return bar.replaceChildren();
  }
  const there = inside(ring.at, ring.radius);
  const now = there.map((unit) => `${unit.id}${unit.state}`).join() + ring.radius + ring.at;
  if (bar.dataset["now"] === now) return;
  bar.dataset["now"] = now;
  const had = bar.contains(document.activeElement) ? document.activeElement!.id : "";
  const free = there.filter((unit) => unit.state === "available");
  bar.replaceChildren(
    h("b", {}, found(there.length, ring.radius)), h("span", { class: "signs clip num grow" }, there.map((unit) => unit.sign).join(" ")),
    free.length > 0 && may("dispatch.send") ? h("button", { type: "button", class: "chip", id: "isl-ring-choose", onclick: () => chooseAll(free) }, `${t("reach_choose")} (${free.length})`) : "",
    may("dispatch.broadcast") ? h("button", { type: "button", class: "btn", id: "isl-cast", onclick: () => broadcast() }, t("broadcast"), h("kbd", {}, "B")) : "",
    h("button", { type: "button", class: "chip", id: "isl-ring-clear", "aria-label": t("close"), onclick: clearRing }, "×"));
  if (had) document.getElementById(had)?.focus();
}

export function clearRing(): boolean {
  if (!store.ring) return false;
  store.ring = null;
  store.tell("ring");
  return true;
}

/** Into the circle drawn; without one, into a circle around the incident chosen. */
export function broadcast(): boolean {
  if (!may("dispatch.broadcast")) return false;
  const incident = store.incident;
  const at = store.ring?.at ?? (incident && pointOf(incident));
  if (!at) {
    refuse(t("broadcast_where"));
    return true;
  }
  store.ring ??= { at, radius: RADIUS_M };
  store.tell("ring");
  compose(store.ring);
  return true;
}

function compose(ring: { at: Place; radius: number }): void {
  const before = document.activeElement as HTMLElement | null;
  const who = h("p", { class: "small num", role: "status" });
  const words = h("textarea", { rows: 3, maxlength: MOST_CHARS, required: true, "aria-label": t("broadcast_text"), placeholder: t("broadcast_text") });
  const radius = h("input", { type: "number", min: 100, max: 20000, step: 100, value: Math.round(ring.radius), "aria-label": t("radius"), class: "num" });
  const urgent = h("input", { type: "checkbox" });
  const tell = (): void => {
    const there = inside(ring.at, ring.radius);
    text(who, `${found(there.length, ring.radius)}: ${there.map((unit) => unit.sign).join(" ")}`);
  };
  radius.addEventListener("input", () => {
    ring.radius = Math.min(20000, Math.max(100, Number(radius.value) || RADIUS_M));
    store.ring = { ...ring };
    store.tell("ring");
    tell();
  });
  const box = h("dialog", { id: "isl-compose", "aria-label": t("broadcast") });
  const form = h("form", { method: "dialog", class: "isl-ask" }, h("h2", {}, t("broadcast")), who, words,
    h("div", { class: "row" }, h("label", { class: "field inline" }, t("radius"), " ", radius, " m"), h("label", { class: "field inline" }, urgent, t("urgent"))),
    h("div", { class: "row" }, h("button", { class: "btn main big", value: "yes" }, t("broadcast_send"), h("kbd", {}, "Ctrl+Enter")),
      h("button", { type: "button", class: "btn big", onclick: () => box.close("no") }, t("cancel"), h("kbd", {}, "Esc"))));
  form.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    void submit(box, ring, words.value.trim(), urgent.checked);
  });
  box.append(form);
  box.addEventListener("close", () => {
    box.remove();
    before?.focus({ preventScroll: true });
  });
  document.body.append(box);
  tell();
  box.showModal();
  words.focus();
}

/** Refused, the window stays with what was typed. */
async function submit(box: HTMLDialogElement, ring: { at: Place; radius: number }, words: string, urgent: boolean): Promise<void> {
  const answer = await post("/api/broadcasts", { text: words, urgent, lon: ring.at[0], lat: ring.at[1], radius_m: Math.round(ring.radius) });
  if (!answer.ok) {
    $(".refusal", box)?.remove();
    $("form", box)?.prepend(h("div", { class: "refusal", role: "alert" }, answer.words));
    return;
  }
  const told = answer.data as { id: number; text: string; sent_at: string; units: { call_sign: string }[]; without_crew: string[] };
  sent = [{ id: told.id, text: told.text, at: Date.parse(told.sent_at), units: told.units.map((unit) => unit.call_sign), without: told.without_crew, answers: [] }, ...sent].slice(0, KEPT);
  box.close("yes");
  document.dispatchEvent(new CustomEvent("anlan:cast"));
}

async function refresh(box: HTMLElement): Promise<void> {
  for (const each of sent) {
    const answer = await fetch(`/api/notices/${each.id}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) each.answers = ((await answer.json()) as { answers: Answered[] }).answers;
  }
  drawSent(box);
}

function drawSent(box: HTMLElement): void {
  const opened = new Set([...box.querySelectorAll<HTMLElement>("details[open]")].map((each) => each.dataset["id"]));
  box.replaceChildren(...sent.map((each) => {
    const seen = each.answers.filter((one) => one.seen.some((who) => who.at)).length;
    const taken = each.answers.filter((one) => one.acknowledged_at || one.seen.some((who) => who.acknowledged_at)).length;
    const clock = h("span", { class: "num quiet" });
    age(clock, { since: each.at });
    return h("details", { class: "isl-castrow", "data-id": each.id, open: opened.has(String(each.id)) },
      h("summary", {}, h("b", { class: "clip" }, each.text), clock, h("span", { class: "num" }, t("broadcast_seen", { seen, taken, n: each.units.length })),
        h("button", { type: "button", class: "chip", "aria-label": t("close"), onclick: (e) => {
          e.preventDefault();
          sent = sent.filter((other) => other !== each);
          drawSent(box);
        } }, "×")),
      h("p", { class: "small num" }, each.answers.map(line).join(" · ") || each.units.join(" ")),
      each.without.length ? h("p", { class: "small" }, t("broadcast_no_crew", { units: each.without.join(" ") })) : null);
  }));
}

function line(one: Answered): string {
  const state = one.acknowledged_at || one.seen.some((who) => who.acknowledged_at) ? t("acknowledged") : one.seen.some((who) => who.at) ? t("seen") : t("not_seen");
  return `${one.receiver} ${state}`;
}
