// One clock for all ages: the server's. The device's own clock is never asked, only how long ago the
// server spoke (a monotonic count), so two screens side by side show the same age.

const nav = performance.getEntriesByType("navigation")[0];
const seed = Number(document.body.dataset.serverNow);
let offset = seed - (nav && nav.responseStart ? nav.responseStart : performance.now());

let played = null;

export function serverNow() {
  return played ? played() : offset + performance.now();
}

/** A page that plays a past hour gives its own moment here: every age then counts to that one. */
export function playTime(moment) {
  played = moment;
  tick();
}

/** Take the server's time from a live message or a poll; small differences are ignored to stay calm. */
export function hear(serverMs) {
  const seen = serverMs - performance.now();
  if (Math.abs(seen - offset) > 1500) offset = seen;
}

/** 3:20 below an hour, 2 h 10 min above (2:10 h on the wall); the words come from the page, so they are in its language. */
export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  const words = document.body.dataset;
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor((s % 3600) / 60);
  const told = { "{h}": hours, "{m}": minutes, "{mm}": String(minutes).padStart(2, "0") };
  if (hours < 48) return words.wordHours.replace(/\{\w+\}/g, (name) => told[name]);
  return words.wordDays.replace("{d}", Math.floor(hours / 24));
}

function tick() {
  const now = serverNow();
  for (const el of document.querySelectorAll(".server-clock")) {
    // The clock in the header is the present's, whatever is being played.
    const text = new Date(offset + performance.now() + 8 * 3600e3).toISOString().slice(11, 19);
    if (el.textContent !== text) el.textContent = text;
  }
  for (const el of document.querySelectorAll(".age[data-since], .age[data-due]")) age(el, now);
}

function age(el, now) {
  const { since, due, amber, red } = el.dataset;
  let text, seconds;
  if (due) {
    seconds = (now - Number(due)) / 1000;
    text = seconds > 0 ? `+${duration(seconds)}` : duration(-seconds + 0.999);
  } else {
    seconds = (now - Number(since)) / 1000;
    text = duration(seconds);
  }
  if (el.textContent !== text) el.textContent = text;
  const level = red !== undefined && seconds >= Number(red) ? "red"
    : amber !== undefined && seconds >= Number(amber) ? "amber" : "";
  if ((el.dataset.level || "") !== level) el.dataset.level = level;
}

tick();
setInterval(tick, 500);
document.addEventListener("htmx:afterSwap", tick);
document.addEventListener("anlan:swapped", tick);
