// The town room by keyboard: a key works on the order that has the cursor, else on the one due next.
import { typing } from "../core/shell.js";

document.addEventListener("keydown", (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
  if (document.querySelector("dialog[open]") || e.target.closest("details.pop, .found")) return;
  const key = e.key.toLowerCase();
  const here = document.activeElement.closest?.("#board [data-row]") || document.querySelector("#board [data-row]");
  const button = [...(here?.querySelectorAll(`[data-row-key="${CSS.escape(key)}"]`) || [])].find((b) => b.offsetParent && !b.disabled);
  if (!button) return;
  e.preventDefault();
  e.stopPropagation();
  sessionStorage.setItem("town-row", here.dataset.order || here.dataset.file || "");
  button.click();
}, true);

// After a deed the page comes anew: the cursor goes back to the same matter, wherever it now stands.
const last = sessionStorage.getItem("town-row");
if (last) {
  sessionStorage.removeItem("town-row");
  document.querySelector(`#board [data-order="${CSS.escape(last)}"], #board [data-file="${CSS.escape(last)}"]`)?.focus();
}
document.addEventListener("change", (e) => { if (e.target.matches("[data-goes]")) e.target.form.submit(); });
