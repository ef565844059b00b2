// The unit's phone: a press is never lost. It is sealed on the phone first, then sent with its key, and only
// taken off when the server has answered; the key makes it count once however often it is sent.
import { duration } from "../core/clock.js";
import * as store from "./phone-store.js";
import { LONGEST_S, canRecord, photo, record } from "./phone-media.js";
import * as visits from "./phone-visits.js";

const $ = (sel, root = document) => root.querySelector(sel);
const phone = $("#phone"), banner = $("#offline"), words = { ...$("#words").dataset, ...phone.dataset };
const isShell = "shell" in words;
const SEND_WAITS_MS = 15_000, AGAIN_MS = 5_000, REFRESH_MS = 20_000;
const STEPS = { sign: "signed", depart: "en_route", arrive: "arrived", finish: "finished" };
let lostSince = 0, sending = false, trouble = "", waiting = [];

const newKey = () => crypto.randomUUID?.() || [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("-");
const token = () => /(?:^|; )(?:__Host-)?anlan_csrf=([^;]+)/.exec(document.cookie)?.[1] || $("meta[name=csrf-token]")?.content || "";
const hour = (ms) => new Date(ms).toTimeString().slice(0, 8);
const ago = (ms) => duration((Date.now() - ms) / 1000);
const fill = (text, blanks) => text.replace(/\{(\w+)\}/g, (_all, name) => blanks[name] ?? "");

// --- what is said of the contact and of what waits --------------------------------------------------------
function say() {
  const unsent = waiting.filter((e) => e.kind !== "note");
  let text = "";
  if (trouble) text = trouble;
  else if (unsent.length) text = fill(store.lasts() ? words.saved : words.held, { n: unsent.length, ago: ago(unsent[0].at) });
  else if (lostSince) text = fill(words.none, { ago: duration((performance.now() - lostSince) / 1000) });
  banner.hidden = !text;
  if (banner.textContent !== text) banner.textContent = text;
  for (const el of document.querySelectorAll("[data-kept-at]")) {
    const age = ago(Number(el.dataset.keptAt));
    if (el.textContent !== age) el.textContent = age;
  }
}

/** Everything that waits or was refused, each with its own age. */
async function list() {
  waiting = await store.all();
  const box = $("#kept");
  box.replaceChildren(...waiting.map((entry) => (entry.kind === "note" ? card(entry) : line(entry))));
  box.hidden = !waiting.length;
  progress();
  say();
}
function line(entry) {
  const el = document.createElement("p");
  el.className = "kept-line";
  const age = document.createElement("b");
  age.className = "num";
  age.dataset.keptAt = entry.at;
  el.append(fill(words.line, { word: entry.word, time: hour(entry.at) }), " ", age);
  return el;
}
function card(entry) {
  const el = document.createElement("div");
  el.className = "refusal";
  el.setAttribute("role", "alert");
  el.dataset.code = entry.code;
  const head = document.createElement("b"), shut = document.createElement("button");
  head.textContent = fill(words.refused, { word: entry.word, time: hour(entry.at) });
  shut.type = "button"; shut.className = "btn wide-btn"; shut.textContent = words.seen;
  shut.addEventListener("click", async () => { await store.drop(entry.id); list(); });
  const text = document.createElement("span");
  text.textContent = entry.detail;
  el.append(head, text, shut);
  return el;
}

/** What was pressed but not sent moves the buttons on, so that work goes on without contact. */
function progress() {
  visits.progress(phone, waiting, words);
  const job = $("[data-assignment]", phone);
  if (!job) return;
  let state = job.dataset.assignmentState;
  const mine = waiting.filter((e) => e.kind === "deed" && e.assignment === job.dataset.assignment);
  for (const { deed } of mine) if (STEPS[deed]) state = STEPS[deed];
  for (const button of phone.querySelectorAll("[data-deed]")) {
    const { deed, states, nextIn } = button.dataset;
    const waits = mine.some((e) => e.deed === deed);
    button.disabled = !states.split(" ").includes(state) || (waits && deed === "report");
    button.classList.toggle("next", nextIn.split(" ").includes(state));
    button.classList.toggle("waits", waits);
  }
  job.dataset.shownState = state;
}

// --- sending ----------------------------------------------------------------------------------------------
function lost() { lostSince = lostSince || performance.now(); say(); }

async function send(entry) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), entry.kind === "file" ? 4 * SEND_WAITS_MS : SEND_WAITS_MS);
  const headers = { Accept: "application/json", "X-CSRFToken": token(), "X-Device-Now": new Date().toISOString() };
  let body = new URLSearchParams(entry.body);
  if (entry.kind === "file") {
    headers["Idempotency-Key"] = entry.key;
    headers["Content-Type"] = "application/octet-stream";
    body = await store.bytesOf(entry.id);
  }
  try {
    return await fetch(entry.url, { method: "POST", body, headers, signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Send what waits, presses before photos, each in its order. True while it goes well. */
async function flush() {
  if (sending) return;
  sending = true;
  let sent = false;
  try {
    for (;;) {
      waiting = await store.all();
      const next = waiting.find((e) => e.kind === "deed") || waiting.find((e) => e.kind === "file");
      if (!next) break;
      // What was pressed is done here and now; a photo may take minutes on a poor line.
      if (sent && next.kind === "file") { sent = false; await list(); refresh(true); }
      const went = await settle(next, await send(next));
      if (!went) break;
      sent = true;
    }
  } catch { lost(); }
  sending = false;
  await list();
  if (sent) refresh(true);
}

/** What the server's answer means for the entry; false where it has to wait. */
async function settle(entry, answer) {
  const isTold = (answer.headers.get("Content-Type") || "").includes("json");
  const told = isTold ? await answer.json() : {};
  lostSince = 0; trouble = "";
  if (answer.ok) {
    await store.drop(entry.id);
    if (told.is_late) log(fill(words.late, { word: entry.word, pressed: hour(entry.at), taken: hour(Date.parse(told.at)) }));
    else if (entry.kind === "file") log(fill(words.arrived, { word: entry.word }));
    if (entry.draft) sessionStorage.removeItem(`draft:${entry.draft}`);
    return true;
  }
  if (answer.status === 401) { trouble = words.signIn; return false; }
  if (!told.code || answer.status === 503 || answer.status === 507) {
    trouble = told.detail || words.later;
    return false;
  }
  await store.drop(entry.id);
  await store.keep({ kind: "note", word: entry.word, at: entry.at, detail: told.detail, code: told.code });
  return true;
}
function log(text) {
  const el = document.createElement("div");
  el.className = "toast";
  el.textContent = text;
  $("#toasts").append(el);
  setTimeout(() => el.remove(), 12_000);
}

async function kept(entry, blob) {
  try {
    await store.keep(entry, blob);
  } catch {
    // Nothing more can be kept: it is tried once, and whoever pressed is told if that fails.
    trouble = words.full;
    say();
    return false;
  }
  await list();
  flush();
  return true;
}

// --- presses ------------------------------------------------------------------------------------------------
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (form.action.endsWith("/sign-out")) { e.preventDefault(); return leave(form); }
  if (!phone.contains(form)) return;
  e.preventDefault();
  e.stopPropagation();
  const body = [...new FormData(form, e.submitter)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const of = (name) => body.find(([key]) => key === name)?.[1];
  if (!of("idempotency_key")) body.push(["idempotency_key", newKey()]);
  if (waiting.some((entry) => entry.body?.some(([name, value]) => name === "idempotency_key" && value === of("idempotency_key")))) return;
  const at = Date.now();
  body.push(["device_at", new Date(at).toISOString()]);
  const button = e.submitter || $("button", form);
  button.setAttribute("aria-busy", "true");
  await kept({
    kind: "deed", url: new URL(form.action).pathname, body, at, draft: form.dataset.draft || "",
    word: (button.dataset.word || button.textContent).trim(), deed: button.dataset.deed || "", assignment: of("assignment") || "", visit: of("push") || "",
  });
  button.removeAttribute("aria-busy");
  document.activeElement?.blur();
}, true);

/** Sign out: first everything on the phone is erased; what was not sent is told. */
async function leave(form) {
  const unsent = (await store.all()).filter((e) => e.kind !== "note").length;
  if (unsent && !confirm(fill(words.leave, { n: unsent }))) return;
  await store.erase();
  waiting = [];
  form.submit();
}
addEventListener("beforeunload", (e) => { if (!store.lasts() && waiting.length) e.preventDefault(); });

// --- photos and voice notes ------------------------------------------------------------------------------------
function attach(kind, word, bytes) {
  const visit = $(".visit[open]", phone)?.dataset.visit, id = $("[data-assignment]", phone)?.dataset.assignment;
  if (!visit && !id) return;
  const at = Date.now();
  const url = `/api/${visit ? `disputes/pushes/${visit}` : `assignments/${id}`}/attachments?kind=${kind}&taken_at=${encodeURIComponent(new Date(at).toISOString())}`;
  kept({ kind: "file", url, key: newKey(), at, word, assignment: id || "", visit: visit || "" }, bytes);
}
phone.addEventListener("change", async (e) => {
  if (!e.target.matches("#photo")) return;
  const [file] = e.target.files;
  const word = e.target.dataset.word;
  e.target.value = "";
  if (!file) return;
  try { attach("photo", word, await photo(file)); } catch { log(words.noPicture); }
});

let finish = null;
async function voice(button) {
  if (finish) return finish(true);
  const word = button.dataset.word, began = performance.now();
  try {
    finish = await record((bytes) => {
      finish = null;
      clearInterval(ticking);
      voices();
      if (bytes) attach("voice", word, bytes);
    });
  } catch { return log(words.noSound); }
  const tick = () => {
    const left = Math.max(0, Math.ceil(LONGEST_S - (performance.now() - began) / 1000));
    const shown = $("#voice");
    if (shown) { shown.textContent = fill(words.stop, { s: left }); shown.classList.add("on"); }
    const drop = $("#voice-drop");
    if (drop) drop.hidden = false;
  };
  const ticking = setInterval(tick, 500);
  tick();
}
function voices() {
  const button = $("#voice");
  if (!button) return;
  button.hidden = !canRecord;
  button.textContent = button.dataset.word;
  button.classList.remove("on");
  $("#voice-drop").hidden = true;
  $("#no-voice").hidden = canRecord;
}

// --- the page itself ---------------------------------------------------------------------------------------------
function put(html) {
  const open = $("#more", phone)?.open, visit = $(".visit[open]", phone)?.dataset.visit;
  phone.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  if (open && $("#more", phone)) $("#more", phone).open = true;
  visits.opened(phone, visit);
  lostSince = 0;
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
  drawn();
}
/** Questions are numbered: a slower answer to an earlier one must not bring back what is done. What a press changed
is owed to the eye until an answer to a later question is drawn. */
let asked = 0, shown = 0, owed = 0;
async function refresh(isAnswer = false) {
  if (isAnswer) owed = asked + 1;
  if (isShell || finish || isWriting(owed > 0)) return;
  const mine = ++asked;
  try {
    const answer = await fetch(words.refresh, { headers: { "HX-Request": "true" } });
    if (!answer.ok || !answer.url.endsWith(words.refresh)) return;
    const html = await answer.text();
    if (mine < shown || isWriting(owed > 0)) return; // who began to write while it was under way loses nothing
    shown = mine;
    if (mine >= owed) owed = 0;
    put(html);
  } catch { lost(); }
}
function isWriting(isAnswer) {
  const active = document.activeElement;
  if (phone.contains(active) && active.matches("input, textarea, select")) return true;
  return !isAnswer && (!!phone.querySelector("form[data-draft] [name=narrative]")?.value || visits.written(phone));
}

/** After each drawing: the map app's kind of coordinates, buttons, and the job that is kept for no contact. */
function drawn() {
  const isShifted = localStorage.getItem("anlan-map-shifted") === "1";
  const way = $("#way", phone);
  if (way) way.href = isShifted ? way.dataset.shifted : way.dataset.true;
  for (const el of phone.querySelectorAll("#shifted")) el.setAttribute("aria-pressed", isShifted);
  for (const el of phone.querySelectorAll("#awake")) { el.hidden = !navigator.wakeLock; el.setAttribute("aria-pressed", !!awake); }
  for (const el of phone.querySelectorAll("#install")) el.hidden = !installing;
  voices();
  const job = $("[data-assignment]", phone);
  visits.drawn(phone, store, isShell);
  if (!isShell && !visits.here(phone)) store.job(job ? { ...job.dataset, at: Date.now(), way: way ? { ...way.dataset } : null } : null);
  progress();
  say();
}

/** Without contact: the job as it was last known, told with its age. */
async function shell() {
  if (await visits.shell(phone, store, newKey)) $("#no-job").hidden = true;
  if (location.pathname.endsWith("/visits")) return;
  const job = await store.job();
  const box = $("#last-job");
  $("#no-job").hidden = !!job;
  if (!job) return;
  box.hidden = false;
  Object.assign(box.dataset, { assignment: job.assignment, assignmentState: job.assignmentState });
  for (const name of ["number", "kind", "place", "priority"]) $(`[data-blank=${name}]`, box).textContent = job[name] || "";
  $("[data-blank=age]", box).dataset.keptAt = job.at;
  const way = $("#way");
  way.hidden = !job.way;
  if (job.way) Object.assign(way.dataset, job.way);
  for (const input of phone.querySelectorAll("input[name=assignment]")) input.value = job.assignment;
  for (const input of phone.querySelectorAll("input[name=idempotency_key]")) input.value = newKey();
  $(".five").hidden = false;
}
async function back() {
  try {
    const answer = await fetch(words.refresh, { headers: { "HX-Request": "true" } });
    if (answer.ok || answer.status === 401) location.reload();
  } catch { lost(); }
}

// --- what the phone itself can do ----------------------------------------------------------------------------------
let awake = null, installing = null;
addEventListener("beforeinstallprompt", (e) => { e.preventDefault(); installing = e; drawn(); });
document.addEventListener("click", async (e) => {
  const button = e.target.closest("button");
  if (!button) return;
  if (button.id === "big-text") document.body.classList.toggle("big");
  if (button.id === "voice") voice(button);
  if (button.id === "voice-drop") finish?.(false);
  if (button.id === "photo-take") $("#photo").click();
  if (button.id === "shifted") {
    localStorage.setItem("anlan-map-shifted", button.getAttribute("aria-pressed") === "true" ? "0" : "1");
    drawn();
  }
  if (button.id === "install") { await installing?.prompt(); installing = null; drawn(); }
  if (button.id === "awake") {
    if (awake) { await awake.release(); awake = null; }
    else awake = await navigator.wakeLock.request("screen").catch(() => null);
    drawn();
  }
});
document.addEventListener("visibilitychange", async () => {
  if (document.hidden) return;
  if (awake) awake = await navigator.wakeLock.request("screen").catch(() => null);
  flush();
});

addEventListener("online", flush);
document.addEventListener("anlan:event", () => setTimeout(refresh, 150));
document.addEventListener("anlan:unreachable", lost);
setInterval(() => { flush(); if (owed) refresh(); }, AGAIN_MS);
setInterval(say, 1000);
setInterval(isShell ? back : refresh, isShell ? AGAIN_MS : REFRESH_MS);

const foreign = await store.open(words.owner || "");
if (foreign) log(fill(words.foreign, { n: foreign }));
for (const entry of await store.all()) {
  if (Date.now() - entry.at < store.HOURS * 3600e3) continue;
  await store.drop(entry.id);
  if (entry.kind !== "note") await store.keep({ kind: "note", word: entry.word, at: entry.at, detail: words.tooOld, code: "too_old" });
}
if (isShell) { lost(); await shell(); }
await list();
drawn();
flush();
if (navigator.serviceWorker && isSecureContext) {
  navigator.serviceWorker.register(words.worker, { scope: words.scope })
    .then(() => navigator.serviceWorker.ready).then((told) => told.active?.postMessage("language")).catch(() => {});
}
