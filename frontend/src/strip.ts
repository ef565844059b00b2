// The figures at the foot. Each opens what it counts: a group of the queue, the free units, or its records.
import { $, age, attr, h, keyed, text } from "./dom";
import { facts, may, t } from "./facts";
import { store } from "./store";
import { showFree } from "./units";
import type { Cell } from "./types";

const EVERY_MS = 60_000;
const OPENS: Record<string, string> = { unsent: "unsent", oldest: "unsent", unsigned: "unsigned", on_scene: "on_scene", calls: "calls" };
let day: Cell[] = [];
let redraw = (): void => undefined;

/** The day's figures as they stood at a past moment. */
export function setDay(cells: Cell[]): void {
  if (day === cells) return;
  day = cells;
  redraw();
}

export function makeStrip(root: HTMLElement): void {
  const box = h("div", { class: "isl-cells" });
  root.append(box);
  const draw = (): void => keyed(box, [...store.snap.strip, ...day], (cell) => cell.key, make, fill);
  redraw = draw;
  store.on("data", draw);
  draw();
  if (!may("reports.view")) return;
  const ask = async (): Promise<void> => {
    try {
      const answer = await fetch(facts.urls.figures, { headers: { Accept: "application/json" } });
      if (answer.ok) day = (await answer.json()) as Cell[];
      draw();
    } catch {
      // The strip keeps what it has; the header says that the server is not reached.
    }
  };
  // The queue comes first: what needs a sum over the day is asked when the page stands.
  setTimeout(() => void ask(), 1000);
  setInterval(() => void ask(), EVERY_MS);
}

function make(cell: Cell): HTMLElement {
  const inside = [h("span", { class: "label" }), h("b", { class: "value num" }), h("small", { class: "part num" })];
  // A label that finds no room is whole here.
  const title = `${cell.label} · ${t("records")}`;
  if (cell.href) return h("a", { class: "isl-cell", href: cell.href, title, target: "_blank", rel: "noopener" }, ...inside);
  return h("button", { type: "button", class: "isl-cell", title, onclick: () => open(cell.key) }, ...inside);
}

function fill(el: HTMLElement, cell: Cell): void {
  text($(".label", el)!, cell.label);
  const value = $(".value", el)!;
  value.classList.toggle("hot", Boolean(cell.hot));
  if ("since" in cell) {
    age(value, { since: cell.since ?? null, amber: cell.amber_s ?? null, red: cell.red_s ?? null });
    if (!cell.since) text(value, "–");
  } else text(value, String(cell.value ?? "–"));
  text($(".part", el)!, cell.part ?? (cell.of === undefined ? "" : `/ ${cell.of}`));
  if (cell.href) attr(el, "href", cell.href);
}

function open(key: string): void {
  if (key.startsWith("free-")) return showFree(key === "free-P" ? "P" : "C");
  const head = $(`#isl-rows [data-group="${OPENS[key] ?? ""}"]`);
  if (!head) return;
  head.scrollIntoView({ block: "start" });
  const row = head.nextElementSibling as HTMLElement | null;
  if (row?.matches("[data-row]")) row.focus();
}
