// A list that refreshes by itself but never moves a row under the pointer or the keyboard.
import { $$, keyed } from "./dom";
import { facts } from "./facts";

const QUIET_MS = 4000;

/** Something of the page is in the hand: no list moves, neither where it was taken from nor where it is going. */
let inHand = false;
document.addEventListener("dragstart", () => (inHand = true));
// While something is dragged a browser tells of no pointer and no key. What was taken from a part that was drawn anew
// meanwhile is never said to be let go: the next touch says so.
for (const end of ["dragend", "drop", "pointermove", "pointerdown", "keydown"])
  document.addEventListener(end, () => (inHand = false), { capture: true, passive: true });

export interface Parts<T> {
  key: (item: T) => string;
  make: (item: T) => HTMLElement;
  fill: (el: HTMLElement, item: T) => void;
  /** Told how many new rows wait because somebody is in the list. */
  waiting?: (fresh: number) => void;
}

export class LiveList<T> {
  private held: readonly T[] | null = null;
  private touchedAt = -1e9;
  private timer = 0;

  constructor(
    readonly root: HTMLElement,
    private readonly parts: Parts<T>,
  ) {
    for (const kind of ["pointermove", "keydown", "wheel"] as const)
      root.addEventListener(kind, () => (this.touchedAt = performance.now()), { passive: true });
    root.addEventListener("pointerleave", () => this.settle(true));
  }

  private inUse(): boolean {
    // A past moment is shown as it was, whoever has a hand in the list.
    if (facts.replay) return false;
    const here = this.root.matches(":hover") || this.root.contains(document.activeElement);
    return here && performance.now() - this.touchedAt < QUIET_MS;
  }

  /** Show ``items``: at once when nobody is in the list, else in place, the rest when they have left. */
  show(items: readonly T[]): void {
    this.held = items;
    this.settle(false);
  }

  settle(now: boolean): void {
    if (!this.held) return;
    clearTimeout(this.timer);
    // A browser ends the drag of a row that is put elsewhere in the page, and as one begins the pointer leaves the list.
    if (inHand || (!now && this.inUse())) {
      this.inPlace(this.held);
      this.timer = window.setTimeout(() => this.settle(false), 1200);
      return;
    }
    const anchor = this.anchor();
    const was = anchor?.getBoundingClientRect().top;
    keyed(this.root, this.held, this.parts.key, this.parts.make, this.parts.fill);
    this.held = null;
    for (const el of $$(".gone", this.root)) el.classList.remove("gone");
    if (anchor?.isConnected && was !== undefined && this.root.scrollTop > 0)
      this.root.scrollTop += anchor.getBoundingClientRect().top - was;
    this.parts.waiting?.(0);
  }

  private inPlace(items: readonly T[]): void {
    const there = new Map(items.map((item) => [this.parts.key(item), item]));
    const here = new Set<string>();
    for (const el of this.root.children as Iterable<Element> as Iterable<HTMLElement>) {
      const id = el.dataset["id"] ?? "";
      here.add(id);
      const item = there.get(id);
      el.classList.toggle("gone", !item);
      if (item) this.parts.fill(el, item);
    }
    this.parts.waiting?.([...there.keys()].filter((id) => !here.has(id)).length);
  }

  private anchor(): HTMLElement | undefined {
    const current = this.root.querySelector<HTMLElement>("[aria-current], :focus");
    if (current) return current;
    const top = this.root.getBoundingClientRect().top + 26;
    return $$("[data-row]", this.root).find((row) => row.getBoundingClientRect().top >= top);
  }
}
