// The phone: a press is never lost. Without contact it is kept on the phone with its key and sent when
// there is contact; the key makes it count once however often it is sent.
import { duration } from "../core/clock.js";

const phone = document.querySelector("#phone");
const note = document.querySelector("#offline");
const STORE = "anlan-presses";
let lostSince = 0, busy = false;

const kept = () => JSON.parse(localStorage.getItem(STORE) || "[]");
const keep = (list) => localStorage.setItem(STORE, JSON.stringify(list));

function say() {
  const waiting = kept();
  const text = waiting.length ? note.dataset.saved.replace("{ago}", duration((Date.now() - waiting[0].kept) / 1000))
    : lostSince ? note.dataset.none.replace("{ago}", duration((performance.now() - lostSince) / 1000)) : "";
  note.hidden = !text;
  if (note.textContent !== text) note.textContent = text;
}

async function send(press) {
  const answer = await fetch(press.url, {
    method: "POST", body: new URLSearchParams(press.body), headers: { "HX-Request": "true" }, redirect: "follow",
  });
  return answer;
}

async function show(answer) {
  const html = await answer.text();
  if (!answer.ok) { document.querySelector("#toasts").innerHTML = html; return refresh(); }
  if (answer.url.endsWith("/unit")) put(html); else refresh();
}
function put(html) {
  phone.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  lostSince = 0;
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
  say();
}

async function refresh() {
  const active = document.activeElement;
  if (phone.contains(active) && active.matches("input, textarea, select")) return;
  if (phone.querySelector("form[data-draft] [name=narrative]")?.value) return;
  try {
    const answer = await fetch(phone.dataset.refresh, { headers: { "HX-Request": "true" } });
    if (answer.ok) put(await answer.text());
  } catch { lost(); }
}
function lost() { lostSince = lostSince || performance.now(); say(); }

document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!phone.contains(form)) return;
  e.preventDefault();
  e.stopPropagation();
  if (busy) return;
  busy = true;
  const press = { url: form.action, body: [...new FormData(form)], kept: Date.now() };
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
  try {
    const answer = await send(press);
    if (form.dataset.draft && answer.ok) sessionStorage.removeItem(`draft:${form.dataset.draft}`);
    document.activeElement?.blur();
    await show(answer);
  } catch {
    keep([...kept(), press]);
    lost();
  }
  busy = false;
}, true);

async function flush() {
  const waiting = kept();
  if (!waiting.length || busy) return;
  busy = true;
  try {
    const answer = await send(waiting[0]);
    keep(waiting.slice(1));
    await show(answer);
  } catch { lost(); }
  busy = false;
  say();
  if (kept().length) setTimeout(flush, 200);
}
addEventListener("online", flush);
setInterval(flush, 5000);
setInterval(say, 1000);
setInterval(refresh, 20_000);
document.addEventListener("anlan:event", () => setTimeout(refresh, 150));
document.addEventListener("anlan:unreachable", lost);
document.addEventListener("click", (e) => { if (e.target.closest("#big-text")) document.body.classList.toggle("big"); });
flush();
say();
