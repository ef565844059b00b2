// A board refreshes itself when something happens, and by a slow tick; never under an open form or popover.
const board = document.querySelector("#board");
let timer = 0, last = 0;

function inUse() {
  const active = document.activeElement;
  return board.querySelector("details.pop[open], details.drawer[open] form")
    || (board.contains(active) && active.matches("input, textarea, select"));
}
async function refresh() {
  clearTimeout(timer);
  timer = 0;
  if (inUse()) { soon(3000); return; }
  last = performance.now();
  let answer;
  try { answer = await fetch(board.dataset.refresh, { headers: { "HX-Request": "true" } }); }
  catch { document.dispatchEvent(new CustomEvent("anlan:unreachable")); return; }
  if (!answer.ok || inUse()) return;
  const html = await answer.text();
  const row = document.activeElement?.closest?.("[data-row]");
  const rows = [...board.querySelectorAll("[data-row]")];
  const at = row ? rows.indexOf(row) : -1;
  const boxes = [...board.querySelectorAll(".table-box")].map((b) => b.scrollTop);
  board.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  board.querySelectorAll(".table-box").forEach((b, i) => { b.scrollTop = boxes[i] || 0; });
  if (at >= 0) board.querySelectorAll("[data-row]")[at]?.focus({ preventScroll: true });
  window.htmx.process(board);
  document.dispatchEvent(new CustomEvent("anlan:swapped"));
}
function soon(delay) { if (!timer) timer = setTimeout(refresh, delay); }
document.addEventListener("anlan:event", () => soon(performance.now() - last > 2000 ? 300 : 2000));
document.addEventListener("anlan:positions", () => soon(Number(board.dataset.every)));
setInterval(() => soon(0), Math.max(15_000, Number(board.dataset.every)));
