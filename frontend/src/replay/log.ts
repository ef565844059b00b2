// What happened up to the moment shown, newest first; each line leads to its moment.
import { $, attr, h, keyed, text } from "../dom";
import { facts, t } from "../facts";
import { store } from "../store";
import { clockOf } from "./moment";
import type { Happening } from "./window";

const SHOWN = 80;

export interface LogDoors {
  seek: (at: number) => void;
  choose: (number: string) => void;
}

export class Log {
  private readonly known = new Map<number, Happening>();
  private readonly box = h("ol", { class: "rpl-log", id: "rpl-log" });
  private readonly matter = h("p", { class: "rpl-matter row tight", hidden: true });
  private readonly none = h("p", { class: "small quiet" }, t("replay_none"));
  private only = false;
  private from = 0;
  private until = 0;
  private drawn = "";

  constructor(root: HTMLElement, private readonly doors: LogDoors) {
    root.append(h("h2", {}, t("replay_log")), this.matter, this.none, this.box);
  }

  /** What was told from ``from`` to ``until``; a list with a gap in it would lie, so what doesn't join is dropped. */
  take(told: readonly Happening[], from: number, until: number): void {
    if (from > this.until || until < this.from) this.known.clear();
    this.from = this.known.size ? Math.min(this.from, from) : from;
    this.until = this.known.size ? Math.max(this.until, until) : until;
    for (const each of told) this.known.set(each.id, each);
    this.drawn = "";
  }

  show(at: number): void {
    const number = store.number;
    const past = [...this.known.values()].filter((each) => each.at <= at && !(this.only && number && each.number !== number));
    past.sort((a, b) => b.at - a.at || b.id - a.id);
    const shown = past.slice(0, SHOWN);
    const now = [number, this.only, shown[0]?.id, shown.length].join();
    if (now === this.drawn) return;
    this.drawn = now;
    this.head(number, at);
    this.none.hidden = shown.length > 0;
    keyed(this.box, shown, (each) => String(each.id), (each) => this.line(each), (el, each) => attr(el, "aria-current", number && each.number === number ? "true" : null));
  }

  private line(each: Happening): HTMLElement {
    return h("li", {},
      h("button", { type: "button", class: "when num", onclick: () => this.doors.seek(each.at) }, clockOf(each.at)),
      h("span", { class: "what" }, each.text),
      each.number ? h("button", { type: "button", class: "num of", onclick: () => this.doors.choose(each.number) }, each.number.slice(-5)) : "");
  }

  private head(number: string | null, at: number): void {
    this.matter.hidden = !number;
    if (!number || this.matter.dataset["number"] === number) return;
    this.matter.dataset["number"] = number;
    const tick = h("input", { type: "checkbox", id: "rpl-only", checked: this.only, onchange: () => {
      this.only = tick.checked;
      this.show(at);
    } });
    this.matter.replaceChildren(
      h("b", { class: "num" }, number), h("label", { class: "row tight" }, tick, t("replay_only")),
      h("a", { href: facts.replay!.matter.replace("NUMBER", number), target: "_blank", rel: "noopener" }, t("replay_matter")));
    text($("b", this.matter)!, number);
  }
}
