// Notices on every page: a number in the head, the sentence once where it is new, sound and speech for urgent
// ones. What was shown is reported as shown, and only when somebody could see it.
import { toast } from "../core/shell.js";
import { voice } from "../core/voice.js";
import { ALARM, play } from "./tone.js";

const badge = document.querySelector("#notices-badge");
const said = document.querySelector("#notices-said");
const words = badge?.dataset ?? {};
const SPEECH = `anlan-speech:${words.person}`, BEEP_AT = "anlan-notice-beep";
const AGAIN_MS = 20_000, LATE_MS = 30_000;
let waiting = [], timer = 0, unsaid = null;
const told = new Set(), reported = new Set();

const key = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);
function post(url, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set("idempotency_key", key());
  const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
}

async function look() {
  timer = 0;
  try {
    const answer = await fetch(words.mine, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    waiting = (await answer.json()).waiting;
  } catch { return; } // the badge of the live line says that there is no contact
  show();
  tell();
  document.dispatchEvent(new CustomEvent("anlan:notices"));
}
function soon() { if (!timer) timer = setTimeout(look, 150 + Math.random() * 350); }

function show() {
  const count = badge.querySelector("b");
  count.hidden = !waiting.length;
  count.textContent = waiting.length;
  badge.toggleAttribute("data-urgent-now", waiting.some((n) => n.urgent));
  badge.setAttribute("aria-label", waiting.length ? `${words.title}: ${waiting.length}` : badge.title);
  for (const el of document.querySelectorAll(".notice-toast")) {
    if (!waiting.some((n) => String(n.id) === el.dataset.notice)) el.closest(".toast").remove();
  }
}

function tell() {
  if (document.hidden) { desktop(); return; }
  const fresh = waiting.filter((n) => !n.seen && !told.has(n.id));
  // An urgent one stands on every page until somebody answers or this desk has put it away.
  for (const notice of waiting.filter((n) => fresh.includes(n) || (n.urgent && !putAway().includes(n.id)))) {
    told.add(notice.id);
    if (!document.querySelector(`[data-notice="${notice.id}"]`)) toast(card(notice), { kind: notice.urgent ? "bad" : "", stay: notice.urgent });
  }
  if (fresh.length) said.textContent = fresh.map((n) => (n.urgent ? `${words.urgent}: ` : "") + n.text).join(" ");
  const loud = fresh.filter((n) => n.urgent && n.loud);
  if (loud.length) { beep(); speak(loud.map((n) => n.text).join(" ")); }
  const unreported = waiting.filter((n) => !n.seen && !reported.has(n.id)).map((n) => n.id);
  if (!unreported.length) return;
  unreported.forEach((id) => reported.add(id));
  post(words.seen, { ids: unreported.join(",") })
    .then((answer) => { if (!answer.ok) throw new Error(answer.status); })
    .catch(() => unreported.forEach((id) => reported.delete(id)));
}

const PUT_AWAY = "anlan-notices-away";
const putAway = () => JSON.parse(sessionStorage.getItem(PUT_AWAY) || "[]");
document.addEventListener("click", (e) => {
  const id = e.target.closest("#toasts .shut")?.parentElement?.querySelector(".notice-toast")?.dataset.notice;
  if (id) sessionStorage.setItem(PUT_AWAY, JSON.stringify([...putAway(), Number(id)].slice(-50)));
}, true);

function card(notice) {
  const box = document.createElement("div");
  box.className = "notice-toast";
  box.dataset.notice = notice.id;
  const text = document.createElement("bdi");
  text.textContent = notice.text;
  if (notice.urgent) box.append(Object.assign(document.createElement("b"), { className: "alarm-word", textContent: `▲ ${words.urgent}` }));
  const row = document.createElement("span");
  row.className = "row";
  const yes = document.createElement("button");
  yes.type = "button"; yes.className = "btn main"; yes.textContent = words.acknowledge;
  yes.addEventListener("click", async () => {
    yes.disabled = true;
    const answer = await post(notice.acknowledge, {}).catch(() => null);
    if (answer?.ok) { box.closest(".toast")?.remove(); look(); return; }
    yes.disabled = false;
    const why = await answer?.json().catch(() => null);
    if (why?.detail) text.textContent = why.detail;
  });
  const open = document.createElement("a");
  open.className = "btn"; open.href = notice.url; open.textContent = words.open;
  row.append(yes, open);
  box.append(text, row);
  return box;
}

// --- heard: urgent ones, again until somebody answers; of several pages of one browser only one sounds --------
function beep() {
  if (Date.now() - Number(localStorage.getItem(BEEP_AT) || 0) < 2000) return;
  if (play(ALARM)) localStorage.setItem(BEEP_AT, Date.now());
}
const speaks = () => localStorage.getItem(SPEECH) === "on";
function speak(text, wanted = speaks(), since = Date.now()) {
  if (!wanted || !globalThis.speechSynthesis) return;
  const by = voice();
  if (!by) { unsaid = { text, since }; return; }
  unsaid = null;
  const sentence = new SpeechSynthesisUtterance(text);
  sentence.voice = by; sentence.lang = by.lang;
  // A page nobody has touched yet may not speak: said at the first key.
  sentence.addEventListener("error", (e) => { if (e.error === "not-allowed") unsaid = { text, since }; });
  speechSynthesis.speak(sentence);
}
/** What found no voice yet, or was not allowed: said now, unless it is too old to say. */
function catchUp() {
  if (unsaid && Date.now() - unsaid.since < LATE_MS) speak(unsaid.text, true, unsaid.since); else unsaid = null;
}
// Behind other windows: only where the person has allowed it. It is no proof that anybody has read it.
function desktop() {
  if (waiting.some((n) => n.urgent && n.loud)) beep();
  if (globalThis.Notification?.permission !== "granted") return;
  for (const notice of waiting.filter((n) => n.loud && !n.seen && !told.has(`d${n.id}`))) {
    told.add(`d${notice.id}`);
    const shown = new Notification(words.title, { body: notice.text, tag: `anlan-${notice.id}`, requireInteraction: notice.urgent });
    shown.onclick = () => { window.focus(); location.href = notice.url; };
  }
}

// --- the page of notices: keys and switches -------------------------------------------------------------------
const typing = (el) => !!el && el.matches?.("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e.target)) return;
  const list = document.querySelector(".notice-list");
  if (!list || !["a", "p"].includes(e.key.toLowerCase())) return;
  const row = document.activeElement?.closest?.(".notice-row") ?? list.querySelector(".notice-row");
  if (!row) return;
  e.preventDefault();
  if (e.key.toLowerCase() === "a") row.querySelector("[data-acknowledge]").click();
  else { globalThis.speechSynthesis?.cancel(); speak(row.querySelector(".notice-text bdi").textContent, true); }
});
function switches() {
  const speech = document.querySelector("[data-notice-speech]");
  const desk = document.querySelector("[data-notice-desktop]");
  if (speech) {
    const draw = () => {
      speech.setAttribute("aria-pressed", speaks());
      speech.querySelector(".on").hidden = !speaks();
      speech.querySelector(".off").hidden = speaks();
      speech.title = voice() ? "" : speech.dataset.none;
    };
    speech.addEventListener("click", () => { localStorage.setItem(SPEECH, speaks() ? "off" : "on"); draw(); });
    globalThis.speechSynthesis?.addEventListener?.("voiceschanged", draw);
    draw();
  }
  if (desk && globalThis.Notification?.permission === "default") {
    desk.hidden = false;
    desk.addEventListener("click", async () => { desk.hidden = (await Notification.requestPermission()) !== "default"; });
  }
}

if (badge) {
  switches();
  globalThis.speechSynthesis?.addEventListener?.("voiceschanged", catchUp);
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, catchUp, { capture: true, passive: true });
  look();
  document.addEventListener("anlan:event", (e) => {
    const kind = e.detail?.kind ?? "";
    const mine = waiting.some((n) => n.id === e.detail?.data?.notice);
    if (kind === "poll" || kind === "reload" || /^notices\.notice_(sent|escalated)$/.test(kind) || (kind.startsWith("notices.") && mine)
      || kind.startsWith("dispatch.checkin_")) soon();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tell(); });
  setInterval(() => { if (waiting.some((n) => n.urgent && n.loud)) beep(); }, AGAIN_MS);
  setInterval(soon, 60_000);
}
