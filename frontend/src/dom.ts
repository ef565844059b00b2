// Elements made and kept: rows are never made anew for an update, so focus and scroll stay where they are.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** An element. ``on…`` properties are listeners; true sets an empty attribute, false and null leave it out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") el.addEventListener(name.slice(2), value);
    else attr(el, name, value);
  }
  el.append(...(children.filter((c) => c !== null && c !== undefined && c !== false) as (Node | string)[]));
  return el;
}

export function attr(el: Element, name: string, value: string | number | boolean | null | undefined): void {
  if (value === null || value === undefined || value === false) el.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (el.getAttribute(name) !== text) el.setAttribute(name, text);
  }
}

export function text(el: Element, value: string): void {
  if (el.textContent !== value) el.textContent = value;
}

export const $ = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null =>
  root.querySelector<T>(selector);
export const $$ = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] => [
  ...root.querySelectorAll<T>(selector),
];

const SHAPES: Record<string, string> = {
  "triangle-up": '<path d="M8 1.5 15 14.5H1z"/>',
  diamond: '<path d="M8 .8 15.2 8 8 15.2.8 8z"/>',
  disc: '<circle cx="8" cy="8" r="6.5"/>',
  ring: '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="2"/>',
  square: '<path d="M2 2h12v12H2z"/>',
  "square-ring": '<path d="M3 3h10v10H3z" fill="none" stroke="currentColor" stroke-width="2"/>',
  play: '<path d="M3 1.5 14.5 8 3 14.5z"/>',
  "play-ring": '<path d="M4 3.2 12.4 8 4 12.8z" fill="none" stroke="currentColor" stroke-width="2"/>',
  half: '<path d="M2 2h6v12H2z"/><path d="M3 3h10v10H3z" fill="none" stroke="currentColor" stroke-width="2"/>',
  "half-ring": '<path d="M3 3h10v10H3zM8 3v10" fill="none" stroke="currentColor" stroke-width="2"/>',
  cross: '<path d="m3 3 10 10M13 3 3 13" stroke="currentColor" stroke-width="2.5"/>',
  tick: '<path d="m2 8.5 4 4L14 4" fill="none" stroke="currentColor" stroke-width="2.5"/>',
  arrow: '<path d="M1 8h12M9 3l5 5-5 5" fill="none" stroke="currentColor" stroke-width="2"/>',
  return: '<path d="M15 8H3m4-5L2 8l5 5" fill="none" stroke="currentColor" stroke-width="2"/>',
  bell: '<path d="M8 1.5a4.5 4.5 0 0 1 4.5 4.5v4l1.5 2H2l1.5-2V6A4.5 4.5 0 0 1 8 1.5zM6 13.5h4a2 2 0 0 1-4 0z"/>',
  pen: '<path d="m2 14 1-4 8-8 3 3-8 8z" fill="none" stroke="currentColor" stroke-width="1.8"/>',
};
const HOLLOW: Record<string, string> = { disc: "ring", play: "play-ring", square: "square-ring", half: "half-ring" };

export const hollow = (shape: string): string => HOLLOW[shape] ?? shape;
export const drawing = (shape: string): string => SHAPES[shape] ?? SHAPES["ring"]!;

/** One of the drawn shapes, for the eye only; drawn anew only when it differs. */
export function icon(shape: string): HTMLElement {
  const box = h("span", { class: "isl-icon", "aria-hidden": "true" });
  setIcon(box, shape);
  return box;
}
export function setIcon(box: HTMLElement, shape: string): void {
  if (box.dataset["shape"] === shape) return;
  box.dataset["shape"] = shape;
  box.innerHTML = `<svg class="icon" viewBox="0 0 16 16" fill="currentColor">${drawing(shape)}</svg>`;
}

export interface Age {
  since?: number | null;
  due?: number | null;
  amber?: number | null;
  red?: number | null;
}
/** An age or countdown; the shared clock of all pages writes its text twice a second. */
export function age(el: HTMLElement, { since, due, amber, red }: Age): void {
  const now = [since, due, amber, red].join();
  if (el.dataset["age"] === now) return;
  el.dataset["age"] = now;
  attr(el, "data-since", since);
  attr(el, "data-due", due);
  attr(el, "data-amber", amber);
  attr(el, "data-red", red);
  el.classList.toggle("age", Boolean(since || due));
  if (!since && !due) el.textContent = "";
}

/**
 * Bring the children of ``parent`` to ``items``: rows that stay are filled in place, others come or go.
 * The element that has the focus keeps it even when its row moves.
 */
export function keyed<T>(
  parent: HTMLElement,
  items: readonly T[],
  key: (item: T) => string,
  make: (item: T) => HTMLElement,
  fill: (el: HTMLElement, item: T) => void,
): void {
  const held = new Map<string, HTMLElement>();
  for (const el of parent.children) held.set((el as HTMLElement).dataset["id"] ?? "", el as HTMLElement);
  const focused = document.activeElement as HTMLElement | null;
  const wanted = new Set(items.map(key));
  for (const [id, el] of held) if (!wanted.has(id)) el.remove();
  let next = parent.firstElementChild as HTMLElement | null;
  for (const item of items) {
    const id = key(item);
    let el = held.get(id);
    if (!el) {
      el = make(item);
      el.dataset["id"] = id;
    }
    fill(el, item);
    if (el === next) next = el.nextElementSibling as HTMLElement | null;
    else parent.insertBefore(el, next);
  }
  if (focused && focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}
