// The three tones of a new P1, if the desk wants them; the choice is kept with the browser.
import { $, attr } from "./dom";

const NAME = "anlan-sound";
let audio: AudioContext | null = null;
let on = localStorage.getItem(NAME) === "on";

export function beep(): void {
  if (!on) return;
  audio ??= new AudioContext();
  for (const [start, pitch] of [[0, 880], [0.22, 660], [0.44, 880]] as const) {
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = 0.12;
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.16);
  }
}

export function toggleSound(): void {
  on = !on;
  localStorage.setItem(NAME, on ? "on" : "off");
  show();
  beep();
}

function show(): void {
  const button = $("button.sound");
  if (!button) return;
  attr(button, "aria-pressed", String(on));
  $<HTMLElement>(".on", button)!.hidden = !on;
  $<HTMLElement>(".off", button)!.hidden = on;
}

export function makeSound(): void {
  $("button.sound")?.addEventListener("click", toggleSound);
  show();
}
