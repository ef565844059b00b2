// The incident: refreshed in its own place when something happens to it, never while somebody types in it.
import { serverNow } from "../core/clock.js";

const root = () => document.querySelector("[data-incident-id]");
let timer = 0, stale = false;

function inUse(el) {
  const active = document.activeElement;
  return el.contains(active) && active.matches("input, textarea, select, button, summary, [data-row]")
    || el.querySelector("details.pop[open], details.drawer[open] form, dialog[open]");
}

async function refresh() {
  const el = root();
  if (!el) return;
  if (inUse(el)) { stale = true; timer = setTimeout(refresh, 3000); return; }
  stale = false;
  const answer = await fetch(el.dataset.refresh, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const open = [...el.querySelectorAll("details.drawer[open]")].map((d) => d.id).filter(Boolean);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-incident-id]");
  if (!fresh || inUse(el)) return;
  const kept = [];
  for (const spot of fresh.querySelectorAll("[data-keep]")) {
    const old = document.getElementById(spot.id);
    if (old && el.contains(old)) { spot.replaceWith(old); kept.push(old); }
  }
  el.replaceWith(fresh);
  for (const id of open) { const d = document.getElementById(id); if (d) d.open = true; }
  window.htmx.process(fresh);
  for (const old of kept) window.htmx.trigger(old, "refresh");
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
}

document.addEventListener("anlan:incident-changed", () => { clearTimeout(timer); timer = setTimeout(refresh, 200); });
document.addEventListener("anlan:event", (e) => {
  const el = root();
  if (el && !document.querySelector("#queue") && (["poll", "reload"].includes(e.detail.kind) || String(e.detail.incident_id) === el.dataset.incidentId)) {
    document.dispatchEvent(new CustomEvent("anlan:incident-changed"));
  }
});
document.addEventListener("htmx:afterRequest", (e) => {
  if (e.detail.successful && e.detail.requestConfig?.verb === "post") document.dispatchEvent(new CustomEvent("anlan:commanded"));
});

// A button may open its drawer and put the cursor where one types.
document.addEventListener("click", (e) => {
  const opener = e.target.closest("[data-drawer]");
  if (!opener) return;
  const drawer = document.getElementById(opener.dataset.drawer);
  if (!drawer) return;
  drawer.hidden = false;
  drawer.open = true;
  drawer.scrollIntoView({ block: "nearest" });
  (drawer.querySelector("[autofocus]") || drawer.querySelector("input:not([type=hidden]), select, textarea, button"))?.focus();
});

// A link may lead the cursor to rows further down; what is counted down goes when its time is over.
document.addEventListener("click", (e) => {
  const link = e.target.closest("[data-focus]");
  if (!link) return;
  e.preventDefault();
  const row = document.querySelector(link.dataset.focus);
  row?.focus();
  row?.scrollIntoView({ block: "center" });
});
setInterval(() => {
  for (const button of document.querySelectorAll("[data-until]")) {
    const left = (Number(button.dataset.until) - serverNow()) / 1000;
    if (left <= 0) button.remove(); else { const el = button.querySelector(".left"); if (el) el.textContent = Math.ceil(left); }
  }
}, 250);
