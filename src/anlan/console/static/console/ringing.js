// Lines that ring: shown the moment they ring, said to a screen reader, heard while this desk is free, answered
// with F1 from anywhere on the page. What is typed stays: the draft is kept under the sheet it belongs to.
import { serverNow } from "../core/clock.js";
import { RING, play, soundOn } from "./tone.js";

const box = document.querySelector("#ringing");
const said = document.querySelector("#ring-said");
const RING_KINDS = /^(intake\.(call_|switch_)|poll$|reload$)/;
const FALLBACK_MS = 10_000, TONE_EVERY_MS = 3_000;
let known = new Set(), timer = 0, busy = false, again = false, toneAt = -1e9;
const title = document.title;

function soon(delay = 60) { clearTimeout(timer); timer = setTimeout(refresh, delay); }

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(box.dataset.refresh, { headers: { "HX-Request": "true" } });
    if (answer.ok) show(await answer.text());
  } catch { document.dispatchEvent(new CustomEvent("anlan:unreachable")); }
  busy = false;
  if (again) { again = false; soon(200); }
}

function show(html) {
  const focus = document.activeElement?.closest?.("#ringing .ring")?.dataset.call;
  box.innerHTML = html;
  const rings = [...box.querySelectorAll(".ring")];
  for (const ring of rings) if (!known.has(ring.dataset.call)) announce(ring);
  known = new Set(rings.map((ring) => ring.dataset.call));
  document.title = rings.length ? `☎ ${rings.length} · ${title}` : title;
  if (focus) box.querySelector(`.ring[data-call="${focus}"] button`)?.focus();
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
  tone();
}

function announce(ring) {
  const { line, number, place } = ring.dataset;
  said.textContent = box.dataset.said.replace("{line}", line).replace("{number}", number).replace("{place}", place);
}

// --- heard: only where sound is on, and only while this desk has no call in hand --------------------------
function tone() {
  if (!soundOn() || !box.querySelector(".ring:not(.calm)") || performance.now() - toneAt < TONE_EVERY_MS) return;
  toneAt = performance.now();
  play(RING);
}

// --- the simulated caller of a demo speaks a line at a time ------------------------------------------------
// In the live console the sheet, and the caller with it, comes and goes while the page stays.
function speak() {
  const prompter = document.querySelector("[data-prompter]");
  if (!prompter) return;
  const spoken = (serverNow() - Number(prompter.dataset.since)) / (1000 * Number(prompter.dataset.every));
  [...prompter.children].forEach((line, i) => { line.hidden = i > spoken; });
}
speak();
document.addEventListener("anlan:swapped", speak);
setInterval(speak, 250);

if (box) {
  document.addEventListener("keydown", (e) => {
    if (e.key !== "F1" || e.isComposing || e.repeat) return;
    e.preventDefault();
    box.querySelector(".ring form")?.requestSubmit();
  });
  document.addEventListener("anlan:event", (e) => { if (RING_KINDS.test(e.detail.kind)) soon(); });
  setInterval(refresh, FALLBACK_MS);
  setInterval(tone, 500);
  refresh();
}
