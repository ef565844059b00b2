// The live stream: one connection for all tabs of a browser (SharedWorker), or one per page where there
// are no shared workers. It says honestly how old the data is, and falls back to asking every 5 s.
import { hear } from "./clock.js";
import { openLine } from "./line.js";

const body = document.body;
const badge = document.querySelector(".live");
const STALE_MS = 22_000; // two beats of the server missed
const POLL_MS = 5_000;
let state = "start", heardAt = performance.now(), opened = false, cursor = body.dataset.cursor || "", mark = "";

function address() {
  if (body.dataset.liveUrl) return `${body.dataset.liveUrl.replace(/\/$/, "")}/live`;
  const port = Number(location.port || (location.protocol === "https:" ? 443 : 80)) + Number(body.dataset.livePort || 1);
  return `${location.protocol}//${location.hostname}:${port}/live`;
}

function show() {
  if (!badge) return;
  const age = (performance.now() - heardAt) / 1000;
  const words = badge.dataset;
  badge.dataset.state = state;
  const text = state === "live" ? words.live : state === "poll" ? words.poll : state === "lost" ? words.lost : words.start;
  const shown = `${text} ${age < 10 ? age.toFixed(1) : Math.round(age)} s`;
  const label = badge.querySelector(".label");
  if (label.textContent !== shown) label.textContent = shown;
}

function take(message) {
  heardAt = performance.now();
  // What comes by the stream says that it is there, whatever else did not get through.
  if (state !== "live") status("open");
  if (message.id) cursor = message.id;
  let data = {};
  try { data = JSON.parse(message.data || "{}"); } catch { /* a beat without content */ }
  if (data.now) hear(Date.parse(data.now));
  if (message.kind === "change") document.dispatchEvent(new CustomEvent("anlan:event", { detail: data }));
  else if (message.kind === "positions") document.dispatchEvent(new CustomEvent("anlan:positions", { detail: data }));
  else if (message.kind === "reload") document.dispatchEvent(new CustomEvent("anlan:event", { detail: { kind: "reload" } }));
}

function status(next) {
  if (next === "open") { opened = true; state = "live"; heardAt = performance.now(); }
  else if (next === "error" && state !== "poll") state = opened ? "lost" : "poll";
  document.dispatchEvent(new CustomEvent("anlan:live", { detail: state }));
  show();
}

/** The page was drawn at one place of the stream and joins it at another: what lies between is read anew. */
function joined({ status: next, place }) {
  status(next);
  if (!place || place === cursor) return;
  cursor = place;
  document.dispatchEvent(new CustomEvent("anlan:event", { detail: { kind: "poll" } }));
}

async function poll() {
  if (state === "live" && performance.now() - heardAt < STALE_MS) return;
  try {
    const answer = await fetch(body.dataset.pulse, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const pulse = await answer.json();
    hear(pulse.now_ms);
    heardAt = performance.now();
    if (state !== "live") state = "poll";
    if (pulse.mark !== mark) {
      mark = pulse.mark;
      document.dispatchEvent(new CustomEvent("anlan:event", { detail: { kind: "poll" } }));
    }
  } catch {
    state = "lost";
  }
  show();
}

const direct = (url) => openLine(url, take, status);

if (body.dataset.pulse) {
  const url = `${address()}?after=${encodeURIComponent(cursor)}`;
  try {
    const worker = new SharedWorker(body.dataset.liveWorker, { name: "anlan-live", type: "module" });
    worker.onerror = () => direct(url);
    worker.port.onmessage = (e) => (e.data.status ? joined(e.data) : take(e.data));
    worker.port.postMessage({ url });
    addEventListener("pagehide", () => worker.port.postMessage({ bye: true }));
    addEventListener("pageshow", (e) => { if (e.persisted) worker.port.postMessage({ url }); });
  } catch {
    direct(url);
  }
  setInterval(poll, POLL_MS);
  setTimeout(poll, 1500);
  setInterval(show, 500);
  document.addEventListener("anlan:unreachable", () => { state = "lost"; show(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
}
