// The screen at a door: follows the live stream, says what is new, and takes the keeper's word by key.
import { voice } from "../core/voice.js";

const now = document.querySelector("#gate-now");
const button = document.querySelector("#gate-sound");
const SOUND = "anlan-gate-sound", SAID = `anlan-gate-said:${now.dataset.reader}`;
const isOn = () => localStorage.getItem(SOUND) === "on";
const typing = (el) => !!el && el.matches?.("input, textarea, select, [contenteditable]");
let timer = 0;

/** Read the screen anew, once for all that happens within a moment. */
function soon() {
  if (timer) return;
  timer = setTimeout(() => { timer = 0; if (!isBusy()) htmx.trigger(now, "refresh"); }, 120);
}
/** Whoever is typing at the door loses nothing: the screen is read anew when they have left the field. */
const isBusy = () => now.contains(document.activeElement) && typing(document.activeElement) && document.activeElement.value !== document.activeElement.defaultValue;

/** Say the words of the last passage once in this window; the mark is set where the voice has begun. */
function say(again = false) {
  const words = now.querySelector("[data-spoken]");
  if (!words || !isOn()) return;
  const { passage, spoken } = words.dataset;
  if (!again && (words.dataset.fresh !== "yes" || sessionStorage.getItem(SAID) === passage)) return;
  sessionStorage.setItem(SAID, passage);
  const by = voice();
  if (!by) { fromServer(); return; }
  const sentence = new SpeechSynthesisUtterance(spoken);
  sentence.voice = by; sentence.lang = by.lang; sentence.rate = 0.95;
  speechSynthesis.cancel();
  speechSynthesis.speak(sentence);
}

// A browser without a voice of its own plays what the server says.
async function fromServer() {
  const told = document.querySelector("#gate-voice");
  try {
    const answer = await fetch(now.dataset.speech, { headers: { Accept: "application/json" } });
    if (answer.status === 204) return;
    if (!answer.ok) { told.textContent = (await answer.json()).detail; told.hidden = false; return; }
    told.hidden = true;
    const url = URL.createObjectURL(await answer.blob());
    const sound = new Audio(url);
    sound.addEventListener("ended", () => URL.revokeObjectURL(url));
    await sound.play();
  } catch { /* the live badge says that there is no contact; a page nobody touched may not play yet */ }
}

function draw() {
  button.setAttribute("aria-pressed", isOn());
  button.querySelector(".on").hidden = !isOn();
  button.querySelector(".off").hidden = isOn();
}
button.addEventListener("click", () => {
  localStorage.setItem(SOUND, isOn() ? "off" : "on");
  draw();
  if (isOn()) say(true); else globalThis.speechSynthesis?.cancel();
});

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e.target)) return;
  const key = e.key.toLowerCase();
  if (key === "r") { say(true); return; }
  if (key !== "y" && key !== "n") return;
  const row = document.activeElement?.closest?.(".gate-asked") ?? now.querySelector(".gate-asked");
  const chosen = row?.querySelector(`button[value=${key === "y" ? "yes" : "no"}]`);
  if (chosen) { e.preventDefault(); chosen.click(); }
});

document.addEventListener("anlan:event", (e) => {
  const kind = e.detail?.kind ?? "";
  if (kind.startsWith("equipment.") || kind === "poll" || kind === "reload") soon();
});
now.addEventListener("htmx:afterSwap", () => say());
globalThis.speechSynthesis?.addEventListener?.("voiceschanged", () => say());
now.addEventListener("focusout", soon);
setInterval(soon, 20_000); // what is shown for minutes goes away though nothing happens
draw();
say();
