// The visits on the phone: the list goes on from what was recorded without contact, and what was last seen of it
// is kept sealed - number, type, place, colour and due time; never who the parties are or what was said.
import { duration } from "../core/clock.js";

const KEPT = ["visit", "file", "number", "kind", "place", "level", "levelWord", "due", "dueLevel", "seq"];
const all = (phone) => [...phone.querySelectorAll(".visit")];

/** Whether this page is about visits. */
export const here = (phone) => !!phone.querySelector("#visits");

/** Whether somebody has begun to write in the open visit. */
export const written = (phone) => all(phone).some((v) => v.open && v.querySelector("textarea")?.value);

/** After a drawing: the visit that was open is open again. */
export function opened(phone, visit) {
  if (visit) for (const v of all(phone)) if (v.dataset.visit === visit) v.open = true;
}

/** A visit whose record waits to be sent is done here, and says so. */
export function progress(phone, waiting, words) {
  for (const visit of all(phone)) {
    const mine = waiting.filter((e) => e.kind !== "note" && e.visit === visit.dataset.visit);
    const recorded = mine.find((e) => e.kind === "deed" && e.url.endsWith("/record"));
    const said = visit.querySelector(".visit-waits");
    said.hidden = !mine.length;
    said.textContent = mine.length ? words.visitWaits.replace("{words}", [...new Set(mine.map((e) => e.word))].join(" · ")) : "";
    visit.classList.toggle("recorded", !!recorded);
    if (recorded) visit.open = false;
    for (const button of visit.querySelectorAll(".visit-do button")) button.disabled = !!recorded;
  }
}

/** What is kept for when there is no contact. */
export function drawn(phone, store, isShell) {
  if (!isShell && here(phone)) {
    const rows = all(phone).map((v) => Object.fromEntries(KEPT.map((name) => [name, v.dataset[name] || ""])));
    const buttons = Object.fromEntries(all(phone).map((v) => [v.dataset.seq, [...v.querySelectorAll(".visit-do button")].map((b) => [b.value, b.textContent])]));
    store.visits({ at: Date.now(), rows, buttons });
  }
  const now = phone.querySelector(".phone-top [data-kept-at]");
  if (now && !isShell) now.dataset.keptAt = Date.now();
  sheets(phone);
}

/** The bar for photo and voice is there while a visit is open. */
function sheets(phone) {
  const bar = phone.querySelector(".visit-media");
  if (!bar || bar.dataset.set) return;
  bar.dataset.set = "1";
  const show = () => { bar.hidden = !all(phone).some((v) => v.open); };
  for (const visit of all(phone)) {
    visit.addEventListener("toggle", () => { show(); if (visit.open) visit.scrollIntoView({ block: "start" }); });
  }
  show();
}

/** How long until each is due, by this phone's own clock: the kept page does not know the server's. */
function dues(box) {
  for (const el of box.querySelectorAll("[data-kept-due]")) {
    const left = (Number(el.dataset.keptDue) - Date.now()) / 1000;
    el.textContent = left < 0 ? `+${duration(-left)}` : duration(left);
    el.dataset.level = left < 0 ? "red" : "";
  }
}

/** Without contact: the visits as they were last known. True where there are any. */
export async function shell(phone, store, newKey) {
  const known = await store.visits(), box = phone.querySelector("#last-visits");
  if (!known?.rows.length || !box) return false;
  const model = box.querySelector("template").content;
  for (const row of known.rows) {
    const visit = model.cloneNode(true).querySelector(".visit");
    Object.assign(visit.dataset, row);
    visit.classList.add(`due-${row.dueLevel || "calm"}`, `level-${row.level}`);
    for (const el of visit.querySelectorAll("[data-blank]")) el.textContent = row[el.dataset.blank] || "";
    visit.querySelector("time").dataset.keptDue = row.due;
    visit.querySelector("[name=push]").value = row.visit;
    visit.querySelector("[name=idempotency_key]").value = newKey();
    const bar = visit.querySelector(".visit-do");
    for (const [value, word] of known.buttons[row.seq] || []) {
      const button = document.createElement("button");
      button.className = "step"; button.name = "outcome"; button.value = value; button.textContent = word;
      bar.append(button);
    }
    box.append(visit);
  }
  box.querySelector("[data-kept-at]").dataset.keptAt = known.at;
  box.hidden = false;
  sheets(phone);
  dues(box);
  setInterval(() => dues(box), 1000);
  return true;
}
