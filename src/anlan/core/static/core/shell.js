// What every page does: popovers, toasts, table keys, command box, form keys and drafts.
import "./clock.js";

const $ = (sel, root = document) => root.querySelector(sel);
const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
export const typing = (el) => !!el && (el.matches("input:not([type=checkbox], [type=radio]), textarea, select") || el.isContentEditable);

// --- popovers: one open at a time, Esc or a click elsewhere closes them -------------------------------
document.addEventListener("click", (e) => {
  for (const pop of $$("details.pop[open]")) if (!pop.contains(e.target)) pop.open = false;
  if (e.target.closest("#toasts .shut")) e.target.closest("#toasts > *").remove();
  const opener = e.target.closest("[data-dialog]");
  if (opener) $(`#${opener.dataset.dialog}`)?.showModal();
  if (e.target.closest("[data-close]")) e.target.closest("dialog")?.close();
});

export function escape_() {
  const pop = $("details.pop[open]");
  if (pop) { pop.open = false; $("summary", pop).focus(); return true; }
  const toast = $("#toasts > :last-child");
  if (toast) { toast.remove(); return true; }
  return false;
}

// --- toasts: only for what the eye has left ----------------------------------------------------------
export function toast(html, { kind = "", stay = false } = {}) {
  const el = document.createElement("div");
  el.className = `toast ${kind}`;
  if (typeof html === "string") el.textContent = html; else el.append(html);
  shutter(el);
  $("#toasts").append(el);
  if (!stay) setTimeout(() => el.remove(), 8000);
  return el;
}
function shutter(el) {
  if ($(".shut", el)) return;
  const shut = document.createElement("button");
  shut.className = "shut"; shut.type = "button"; shut.textContent = "×";
  shut.setAttribute("aria-label", document.body.dataset.wordClose);
  el.append(shut);
}
new MutationObserver(() => $$("#toasts > *").forEach(shutter)).observe($("#toasts"), { childList: true });
$$("#toasts > *").forEach(shutter);

// --- somebody is here: told once a minute at most, so that a session in use is not taken for one left open -----------
const HERE_EVERY_MS = 60_000;
let hereAt = Date.now();
if (document.body.dataset.liveUrl !== undefined) for (const kind of ["pointerdown", "keydown", "wheel"]) document.addEventListener(kind, () => {
  if (Date.now() - hereAt < HERE_EVERY_MS) return;
  hereAt = Date.now();
  fetch("/here", { method: "POST", keepalive: true, headers: { "X-CSRFToken": $('meta[name="csrf-token"]').content, Accept: "application/json" } }).catch(() => {});
}, { capture: true, passive: true });

// --- keys ----------------------------------------------------------------------------------------------
document.addEventListener("keydown", (e) => {
  if (e.isComposing) return;
  // A question stands above what is said beside it: it is answered first.
  if (e.key === "Escape" && !$("dialog:modal") && escape_()) { e.preventDefault(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (typing(e.target)) return;
  if (e.key === "/") { const box = $("#find"); if (box) { e.preventDefault(); box.focus(); box.select(); } return; }
  if (e.key === "?") { $("#keys-dialog")?.showModal(); return; }
  if (e.key === "j" || e.key === "ArrowDown") return step(e, 1);
  if (e.key === "k" || e.key === "ArrowUp") return step(e, -1);
  if (e.key === "Enter" && document.activeElement?.matches("[data-row]")) return open_(document.activeElement, e);
  const button = $$(`[data-key="${e.key.toLowerCase()}"]`).find((b) => b.offsetParent !== null && !b.disabled);
  if (button) { e.preventDefault(); button.click(); }
});

function step(e, by) {
  const list = document.activeElement?.closest("[data-rows]") || $("[data-rows][data-default]") || $("[data-rows]");
  if (!list || document.activeElement?.closest("details.pop, dialog, .found")) return;
  const rows = $$("[data-row]", list).filter((r) => r.offsetParent !== null);
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement.closest?.("[data-row]"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by))];
  e.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
function open_(row, e) {
  const link = row.matches("a") ? row : $("[data-open]", row) || $("a, button", row);
  if (link) { e.preventDefault(); link.click(); }
}
document.addEventListener("dblclick", (e) => {
  const row = e.target.closest("tr[data-row]");
  if (row && !e.target.closest("a, button, input, summary")) open_(row, e);
});

// --- command box -----------------------------------------------------------------------------------------
const find = $("#find");
if (find) {
  const list = $("#found");
  find.addEventListener("keydown", (e) => {
    const links = $$("a", list);
    const at = links.findIndex((a) => a.classList.contains("here"));
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const to = Math.min(links.length - 1, Math.max(0, at + (e.key === "ArrowDown" ? 1 : -1)));
      links.forEach((a, i) => a.classList.toggle("here", i === to));
      links[to]?.scrollIntoView({ block: "nearest" });
    } else if (e.key === "Enter" && !e.isComposing) {
      e.preventDefault();
      (links[at] || links[0])?.click();
    } else if (e.key === "Escape") {
      list.replaceChildren(); find.blur();
    }
  });
  document.addEventListener("click", (e) => { if (!e.target.closest(".find")) list.replaceChildren(); });
}

// --- forms: a new key after each taken command, a draft that Esc, a reload or a lost session can't eat -----
function fresh(form) {
  for (const key of $$("input[name=idempotency_key]", form)) {
    key.value = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
  }
}
document.addEventListener("htmx:afterRequest", (e) => {
  if (e.detail.successful && e.detail.elt.matches?.("form")) fresh(e.detail.elt);
});
window.addEventListener("pageshow", (e) => { if (e.persisted) $$("form").forEach(fresh); });
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.matches("[hx-post], [data-again]") || form.method !== "post") return;
  if (form.dataset.sent) { e.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 5000);
});

// Whoever signs out leaves nothing behind that a phone kept sealed for sending (the unit's page asks first).
document.addEventListener("submit", (e) => {
  if (!e.defaultPrevented && e.target.action.endsWith("/sign-out")) globalThis.indexedDB?.deleteDatabase("anlan-phone");
});

export function drafts(form) {
  const name = `draft:${form.dataset.draft}`;
  const skip = new Set(["csrfmiddlewaretoken", "idempotency_key"]);
  const save = () => {
    const values = {};
    for (const [key, value] of new FormData(form)) if (!skip.has(key) && value) values[key] = value;
    sessionStorage.setItem(name, JSON.stringify(values));
  };
  const kept = JSON.parse(sessionStorage.getItem(name) || "null");
  if (kept) {
    for (const [key, value] of Object.entries(kept)) {
      const el = form.elements[key];
      if (!el) continue;
      if (el instanceof RadioNodeList) el.value = value;
      else if (el.type === "checkbox") el.checked = true;
      else if (!el.value) el.value = value;
    }
  }
  form.addEventListener("input", save);
  form.addEventListener("change", save);
  return { kept: !!kept && Object.keys(kept).length > 0, clear: () => sessionStorage.removeItem(name), save };
}
for (const form of $$("form[data-draft]:not([data-own-draft])")) {
  const draft = drafts(form);
  form.addEventListener("submit", () => setTimeout(draft.clear));
}

// --- htmx: the CSRF word, and a connection that is gone said in words ------------------------------------
document.addEventListener("htmx:configRequest", (e) => {
  const token = $("meta[name=csrf-token]")?.content;
  if (token) e.detail.headers["X-CSRFToken"] = token;
});
// What was swapped in is bound a moment later. Sent in that moment a form would leave the page: it is bound first.
document.addEventListener("submit", (e) => {
  if (e.defaultPrevented || !globalThis.htmx || !e.target.matches("[hx-post], [hx-get]")) return;
  e.preventDefault();
  htmx.process(e.target);
  setTimeout(() => e.target.requestSubmit(e.submitter)); // a form that is being sent can't be sent again
});
document.addEventListener("htmx:sendError", (e) => {
  document.dispatchEvent(new CustomEvent("anlan:unreachable"));
  // Something was to be saved, not only looked up; a phone keeps what is pressed and says so itself.
  const form = e.detail.elt.closest("form");
  if (e.detail.requestConfig?.verb === "post" && form?.elements.idempotency_key && !form.matches(".phone-body *, [data-draft]")) unsaved();
});
function unsaved() {
  if (!$("#toasts .unsaved")) toast(document.body.dataset.wordUnsaved, { kind: "refusal unsaved", stay: true });
}
document.addEventListener("htmx:afterRequest", (e) => { if (e.detail.successful) $("#toasts .unsaved")?.remove(); });
