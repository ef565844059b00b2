// What a desk hears, the same on every page: played only where the switch in the head is on. A browser keeps a page
// mute until somebody has pressed or clicked something on it; what should have been heard meanwhile is not piled up to
// sound all at once, but played once, as soon as the page may.
const NAME = "anlan-sound", LATE_MS = 30_000;
let audio = null, missed = null;

/** The three tones of a new P1 and of an urgent notice: hertz, begin and length in seconds. */
export const ALARM = { notes: [[880, 0, 0.16], [660, 0.22, 0.16], [880, 0.44, 0.16]], gain: 0.12 };
/** A line that rings. */
export const RING = { notes: [0, 0.35].flatMap((at) => [440, 480].map((hertz) => [hertz, at, 0.25])), gain: 0.06 };

export const soundOn = () => localStorage.getItem(NAME) === "on";

/** Play it, or have it played at the first key; true when it is heard now. */
export function play(sound) {
  if (!soundOn()) return false;
  try { audio = audio ?? new AudioContext(); } catch { return false; } // no sound on this machine; what it told stands on the screen
  if (audio.state === "running") { strike(sound); return true; }
  missed = { sound, at: performance.now() };
  wake();
  return false;
}

function strike({ notes, gain }) {
  for (const [hertz, at, length] of notes) {
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.frequency.value = hertz; volume.gain.value = gain;
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + at); tone.stop(audio.currentTime + at + length);
  }
}

/** Ask to be heard. The answer may come only once somebody has pressed something. */
function wake() {
  mark();
  audio?.resume().then(() => {
    mark();
    const late = missed; missed = null;
    if (late && soundOn() && performance.now() - late.at < LATE_MS) strike(late.sound);
  }, () => undefined);
}
for (const kind of ["keydown", "pointerdown"]) {
  document.addEventListener(kind, () => { if (audio && audio.state !== "running") wake(); }, { capture: true, passive: true });
}

// --- the switch in the head ---------------------------------------------------------------------------------
const button = document.querySelector("button.sound");
const words = { on: button?.querySelector(".on").textContent, title: button?.title };
function mark() {
  if (!button) return;
  const asleep = soundOn() && !!audio && audio.state !== "running";
  const told = document.querySelector("#notices-badge")?.dataset ?? {};
  button.toggleAttribute("data-asleep", asleep);
  button.querySelector(".on").textContent = (asleep && told.asleep) || words.on;
  button.title = (asleep && told.asleepWhy) || words.title;
}
function draw() {
  if (!button) return;
  const on = soundOn();
  button.setAttribute("aria-pressed", on);
  button.querySelector(".on").hidden = !on; button.querySelector(".off").hidden = on;
  mark();
}
/** On, with the alarm to hear it by; or off. */
export function toggleSound() {
  localStorage.setItem(NAME, soundOn() ? "off" : "on");
  draw();
  play(ALARM);
}
button?.addEventListener("click", toggleSound);
addEventListener("storage", (e) => { if (e.key === NAME) draw(); });
draw();
// Whether the page may be heard shows itself as soon as the switch is on, not when the first alarm is missed.
if (soundOn()) { try { audio = new AudioContext(); audio.onstatechange = mark; setTimeout(mark, 300); } catch { /* none here */ } }
