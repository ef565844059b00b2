// The call form without a mouse: suggestions while typing, candidates by arrow keys, drafts that survive.
import { untilAnswered } from "../core/keep.js";
import { drafts } from "../core/shell.js";

const form = document.querySelector("#call-form");
const field = (name) => form.elements[name];
const address = document.querySelector("#address");
const list = document.querySelector("#cands");
const chosen = document.querySelector("#chosen-place");
const narrative = document.querySelector("#narrative");
// A sheet that was sent but refused (no contact, session over) is put back as it was.
const sent = `sent:${form.dataset.draft}`;
if (new URLSearchParams(location.search).has("saved")) sessionStorage.removeItem(sent);
else if (sessionStorage.getItem(sent) && !sessionStorage.getItem(`draft:${form.dataset.draft}`)) {
  sessionStorage.setItem(`draft:${form.dataset.draft}`, sessionStorage.getItem(sent));
}
// The sheet stands there before this has been fetched: a place somebody has typed by then is not the one of the draft.
const early = address.value !== address.defaultValue;
const draft = drafts(form);
if (early) field("place_id").value = "";
if (early || narrative.value !== narrative.defaultValue) draft.save();
const name = form.dataset.draft;
const started = `draft:${name}:started`;

// --- draft: Esc, a reload or a lost session never eat what was typed ----------------------------------------
if (draft.kept) {
  document.querySelector(".draft-note").hidden = false;
  const since = sessionStorage.getItem(started);
  const clock = document.querySelector("#call-clock .age");
  if (since && !field("call_id")) clock.dataset.since = since;
}
form.addEventListener("input", () => {
  if (!sessionStorage.getItem(started)) sessionStorage.setItem(started, document.querySelector("#call-clock .age").dataset.since);
});
document.querySelector("#draft-drop").addEventListener("click", () => { forget(); location.href = location.pathname; });
function forget() { draft.clear(); sessionStorage.removeItem(started); sessionStorage.removeItem(sent); }

// --- suggestions -------------------------------------------------------------------------------------------------
const ask = () => window.htmx.trigger(form, "suggest");
narrative.addEventListener("input", ask);
for (const el of form.querySelectorAll("[name=danger], [name=call_type]")) el.addEventListener("change", ask);

function set(name, value) { field(name).value = value; draft.save(); ask(); }
document.querySelector("#suggest").addEventListener("click", (e) => {
  const type = e.target.closest("[data-code]"), link = e.target.closest("[data-link]"), repeat = e.target.closest("[data-repeat]");
  if (type) set("code", field("code").value === type.dataset.code ? "" : type.dataset.code);
  if (link) set("link_to", field("link_to").value === link.dataset.link ? "" : link.dataset.link);
  if (repeat) set("repeat_of", field("repeat_of").value === repeat.dataset.repeat ? "" : repeat.dataset.repeat);
});
document.querySelector("#code-pick").addEventListener("change", (e) => set("code", (e.target.value.match(/^\d{4}/) || [""])[0]));

// --- address -------------------------------------------------------------------------------------------------------
const options = () => [...list.querySelectorAll("[role=option]")];
const typed = () => address.value.trim();
/** What the list that came last was asked for: it may be fewer letters than are typed by now. */
let answered = list.firstElementChild?.dataset.for ?? "";
/** What Enter was pressed for before its list had come; the first of that list is taken when it does. */
let awaited = null;
const at = () => options().findIndex((o) => o.getAttribute("aria-selected") === "true");
function point(to) {
  options().forEach((o, i) => o.setAttribute("aria-selected", i === to));
  const option = options()[to];
  if (option) { address.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
}
/** By Enter: the one pointed at; else the first of what was typed to the end, as soon as it is there. */
function choose() {
  const pointed = options()[at()];
  if (pointed) take(pointed);
  else if (answered !== typed()) awaited = field("place_id").value ? null : typed();
  else if (options().length) take(options()[0]);
}
function shut() { awaited = null; list.replaceChildren(); address.setAttribute("aria-expanded", "false"); address.removeAttribute("aria-activedescendant"); }
function take(option) {
  address.value = option.dataset.text;
  field("place_id").value = option.dataset.place;
  shut(); tell(); draft.save(); ask();
}
function tell() {
  const has = !!field("place_id").value;
  chosen.textContent = has ? `${chosen.dataset.chosen} ${address.value}` : address.value ? chosen.dataset.open : "";
  chosen.classList.toggle("ok-text", has);
}
address.addEventListener("input", () => { awaited = null; field("place_id").value = ""; tell(); });
address.addEventListener("keydown", (e) => {
  if (e.isComposing) return;
  const open = options().length > 0;
  if (e.key === "ArrowDown" && open) { e.preventDefault(); point(Math.min(options().length - 1, at() + 1)); }
  else if (e.key === "ArrowUp" && open) { e.preventDefault(); point(Math.max(0, at() - 1)); }
  else if (e.key === "Enter" && !e.ctrlKey) { e.preventDefault(); choose(); }
  else if (e.key === "Escape" && (open || list.firstChild || awaited)) { e.preventDefault(); e.stopPropagation(); shut(); }
  else if (e.key === "Tab" && at() >= 0) take(options()[at()]);
});
list.addEventListener("pointerdown", (e) => { const o = e.target.closest("[role=option]"); if (o) { e.preventDefault(); take(o); } });
// Who has gone on to the next field after Enter still gets what Enter was pressed for.
address.addEventListener("blur", () => setTimeout(() => { if (!awaited) shut(); }, 150));
list.addEventListener("htmx:afterSwap", (e) => {
  if (e.target !== list) return;
  answered = list.firstElementChild?.dataset.for ?? "";
  address.setAttribute("aria-expanded", options().length > 0);
  if (awaited && awaited === answered) {
    if (options().length) take(options()[0]);
    awaited = null;
    held?.();
  } else if (!awaited && document.activeElement !== address) shut();
});
// A question that got no answer is put again while somebody waits for it: the same letters would never ask twice.
address.addEventListener("htmx:afterRequest", (e) => {
  if (e.target === address && !e.detail.successful)
    setTimeout(() => { if (address.isConnected && (awaited || document.activeElement === address) && answered !== typed()) window.htmx.trigger(address, "again"); }, 2000);
});
tell();

// --- saving ----------------------------------------------------------------------------------------------------------
const PLACE_WITHIN_MS = 1500;
let left = false, held = null;
function submit(then, type) {
  if (left || held) return;
  if (awaited) {
    // Enter has asked for a point that is on its way: the sheet goes with it, or after a moment without.
    const timer = setTimeout(() => { awaited = null; held?.(); }, PLACE_WITHIN_MS);
    held = () => { clearTimeout(timer); held = null; submit(then, type); };
    return;
  }
  if (type) field("call_type").value = type;
  field("then").value = then;
  // In the live console's panel the sheet is taken in without leaving the page.
  if (!form.dispatchEvent(new CustomEvent("anlan:sheet", { bubbles: true, cancelable: true }))) return;
  left = true;
  draft.save();
  untilAnswered().then(leave);
}
function leave() {
  setTimeout(() => { left = false; }, 5000);
  draft.save();
  const kept = sessionStorage.getItem(`draft:${name}`);
  forget();
  sessionStorage.setItem(sent, kept);
  HTMLFormElement.prototype.submit.call(form);
}
form.addEventListener("click", (e) => {
  const button = e.target.closest("[data-then]");
  if (button) { e.preventDefault(); submit(button.dataset.then, button.dataset.type); }
});
form.addEventListener("submit", (e) => { e.preventDefault(); });
for (const button of document.querySelectorAll("[data-invalid]")) button.addEventListener("click", () => submit("save", button.dataset.invalid));

document.addEventListener("keydown", (e) => {
  if (e.isComposing || !form.isConnected) return;
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); submit(e.shiftKey ? "send" : "save"); return; }
  const dialog = document.querySelector("#invalid-dialog");
  if (dialog.open && /^[1-3]$/.test(e.key)) { e.preventDefault(); dialog.querySelectorAll("[data-invalid]")[Number(e.key) - 1]?.click(); return; }
  const f = document.querySelector(`[data-fkey="${e.key}"]`);
  if (f) { e.preventDefault(); f.click(); return; }
  if (e.altKey && /^Digit[1-3]$/.test(e.code)) { e.preventDefault(); document.querySelectorAll("#suggest [data-code]")[Number(e.code.slice(5)) - 1]?.click(); }
  if (e.altKey && e.code === "KeyL") { e.preventDefault(); document.querySelector("#suggest [data-link]")?.click(); }
  if (e.altKey && e.code === "KeyH") { e.preventDefault(); const d = document.querySelector("#d-by-hand"); d.open = !d.open; if (d.open) d.querySelector("input").focus(); }
});
if (draft.kept || narrative.value || field("call_id")) setTimeout(ask, 300);
// Whoever types already is not taken out of a field: the rest of an address would go into the story.
if (!form.contains(document.activeElement)) narrative.focus();
