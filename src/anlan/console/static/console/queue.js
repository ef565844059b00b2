// The queue refreshes by itself, but never moves a row under the pointer or the keyboard.
import { toast } from "../core/shell.js";
import { ALARM, play } from "./tone.js";
import { explained } from "./whyrow.js";

const box = document.querySelector("#queue");
const pane = document.querySelector("#pane");
const news = document.querySelector(".queue-news");
const announce = document.querySelector("#announce");
let waiting = null, timer = 0, busy = false, again = false, known = ids(box), lastTouch = -1e9;

function ids(root) { return new Set([...root.querySelectorAll("[data-id]")].map((row) => row.dataset.id)); }
const chosen = () => new URLSearchParams(location.search).get("incident") || box.querySelector("[aria-current]")?.dataset.number || "";

// --- reading: is somebody in the list right now? ------------------------------------------------------------
for (const kind of ["pointermove", "keydown", "wheel"]) box.addEventListener(kind, () => { lastTouch = performance.now(); }, { passive: true });
const inUse = () => (box.matches(":hover") || box.contains(document.activeElement)) && performance.now() - lastTouch < 4000;
box.addEventListener("pointerleave", () => { lastTouch = -1e9; settle(); });

const explain = explained(box, (row) => row.dataset.id, (words) => { announce.textContent = words; });

// --- refreshing ---------------------------------------------------------------------------------------------
function soon(delay = 250) { clearTimeout(timer); timer = setTimeout(refresh, delay); }

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(box.dataset.refresh, { headers: { "HX-Request": "true" } });
    if (answer.ok) receive(await answer.text());
    else if (answer.redirected || answer.status === 401) location.reload();
  } catch { document.dispatchEvent(new CustomEvent("anlan:unreachable")); }
  busy = false;
  if (again) { again = false; soon(400); }
}

function receive(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const strip = fresh.querySelector("#strip-new");
  if (strip) document.querySelector("#strip").replaceChildren(...strip.childNodes);
  strip?.remove();
  waiting = fresh.body;
  const added = [...waiting.querySelectorAll("[data-id]")].filter((row) => !known.has(row.dataset.id));
  for (const row of added) { known.add(row.dataset.id); row.classList.add("new"); herald(row); }
  settle();
}

function settle() {
  if (!waiting) return;
  if (inUse()) { inPlace(waiting); setTimeout(settle, 1500); return; }
  const focus = document.activeElement?.dataset?.id;
  const anchor = box.querySelector("[aria-current]") || firstSeen();
  const id = anchor?.dataset.id, was = anchor?.getBoundingClientRect().top;
  const newIds = new Set([...box.querySelectorAll(".new")].map((row) => row.dataset.id));
  box.replaceChildren(...waiting.childNodes);
  waiting = null;
  for (const row of box.querySelectorAll("[data-id]")) if (newIds.has(row.dataset.id)) row.classList.add("new");
  mark();
  const now = id && box.querySelector(`[data-id="${id}"]`);
  if (now && was !== undefined && box.scrollTop > 0) box.scrollTop += now.getBoundingClientRect().top - was;
  explain();
  if (focus) box.querySelector(`[data-id="${focus}"]`)?.focus({ preventScroll: true });
  news.hidden = true;
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
}

function firstSeen() {
  const top = box.getBoundingClientRect().top + 28;
  return [...box.querySelectorAll("[data-id]")].find((row) => row.getBoundingClientRect().top >= top);
}

/** Rows that stay get their new content where they are; what came or went is only counted. */
function inPlace(fresh) {
  const here = ids(box), there = ids(fresh);
  for (const row of fresh.querySelectorAll("[data-id]")) {
    const old = here.has(row.dataset.id) && box.querySelector(`[data-id="${row.dataset.id}"]`);
    if (old) old.querySelector(".why-told")?.remove();
    if (old && old.innerHTML !== row.innerHTML && !old.querySelector("details[open]")) {
      old.innerHTML = row.innerHTML;
    }
  }
  for (const id of here) box.querySelector(`[data-id="${id}"]`).classList.toggle("gone", !there.has(id));
  const fresher = [...there].filter((id) => !here.has(id)).length;
  news.hidden = fresher === 0;
  news.querySelector(".count").textContent = fresher;
  explain();
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
}
news.addEventListener("click", () => { lastTouch = -1e9; document.activeElement.blur(); settle(); box.scrollTop = 0; });

// --- a new P1 is said, shown and heard ----------------------------------------------------------------------
function herald(row) {
  if (row.dataset.priority !== "P1") return;
  const text = announce.dataset.newP1.replace("{title}", () => row.dataset.title).replace("{place}", () => row.dataset.place || "–");
  announce.textContent = text;
  const link = document.createElement("a");
  link.href = row.getAttribute("href"); link.textContent = `▲ ${text}`;
  toast(link, { kind: "p1", stay: true });
  play(ALARM);
}

// --- choosing -----------------------------------------------------------------------------------------------
function mark() {
  const number = chosen();
  for (const row of box.querySelectorAll("[data-row]")) {
    const here = number && row.getAttribute("href").endsWith(`/${number}`);
    if (here) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
  }
}
async function open(row) {
  row.classList.remove("new");
  const number = row.getAttribute("href").split("/").pop();
  const url = new URL(location.href); url.searchParams.set("incident", number);
  history.replaceState(null, "", url);
  mark();
  await load(row.getAttribute("href"));
  pane.scrollTop = 0;
}
let asked = 0;
async function load(href) {
  const mine = ++asked;
  let answer, html;
  try {
    answer = await fetch(href, { headers: { "HX-Request": "true" } });
    html = await answer.text();
  } catch { document.dispatchEvent(new CustomEvent("anlan:unreachable")); if (mine === asked) notShown(); return; }
  if (mine !== asked) return;
  if (!answer.ok) { notShown(); document.querySelector("#toasts").innerHTML = html; return; }
  pane.innerHTML = html;
  window.htmx.process(pane);
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
}
/** What stands beside the list is not what is marked in it: it goes, so that nothing is sent to the wrong matter. */
function notShown() {
  pane.replaceChildren();
  const url = new URL(location.href); url.searchParams.delete("incident");
  history.replaceState(null, "", url);
  mark();
}
box.addEventListener("click", (e) => {
  const row = e.target.closest("a.qrow[data-priority]");
  if (!row || e.target.closest("details") || e.ctrlKey || e.metaKey || matchMedia("(max-width: 900px)").matches) return;
  e.preventDefault();
  open(row);
});
mark();

// Coming from a saved call: its draft is done with, and the cursor stands on the first unit.
if (new URLSearchParams(location.search).has("send")) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("sent:call")) sessionStorage.removeItem(key);
  const url = new URL(location.href); url.searchParams.delete("send"); history.replaceState(null, "", url);
  // The list may be swapped again while the first answer is on its way; until somebody acts, the cursor stays.
  const first = (e) => {
    if (e && e.target.id !== "inc-units") return;
    if (document.activeElement === document.body) document.querySelector("#inc-units [data-row]")?.focus();
  };
  const done = () => document.removeEventListener("htmx:afterSwap", first);
  document.addEventListener("htmx:afterSwap", first);
  for (const act of ["keydown", "pointerdown"]) document.addEventListener(act, done, { once: true });
  first();
}

// --- what sets it going: the stream, or a slow tick when nothing is heard ---------------------------------
document.addEventListener("anlan:event", (e) => {
  soon();
  const shown = pane.querySelector("[data-incident-id]");
  if (shown && (e.detail.kind === "poll" || e.detail.kind === "reload" || String(e.detail.incident_id) === shown.dataset.incidentId)) {
    document.dispatchEvent(new CustomEvent("anlan:incident-changed"));
  }
});
document.addEventListener("anlan:commanded", () => soon(50));
setInterval(() => soon(0), 60_000);
