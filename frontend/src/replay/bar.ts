// The bar of time: play, speed, one event on or back, a slider over the stretch, a moment typed.
import { h, icon, setIcon, text } from "../dom";
import { facts, t } from "../facts";
import { clockOf, dayOf, momentIn } from "./moment";

const SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300, 600];
const SOON_MS = 150;

export interface BarDoors {
  from: number;
  until: number;
  play: () => void;
  step: (way: 1 | -1) => void;
  seek: (at: number) => void;
  speed: (n: number) => void;
}

export class Bar {
  private readonly face = icon("play");
  private readonly clock = h("b", { class: "rpl-clock num", "aria-live": "off" });
  private readonly day = h("span", { class: "rpl-day num" });
  private readonly slider: HTMLInputElement;
  private readonly typed: HTMLInputElement;
  private readonly speeds: HTMLSelectElement;
  private readonly button: HTMLButtonElement;
  private readonly said = h("p", { class: "rpl-note", role: "status", hidden: true });
  private readonly waits = h("span", { class: "rpl-busy small", hidden: true, role: "status" }, t("replay_reading"));
  private held = 0;

  constructor(root: HTMLElement, private readonly doors: BarDoors) {
    this.button = h("button", { type: "button", class: "btn main", id: "rpl-play", onclick: doors.play }, this.face, h("span", { class: "word" }, t("replay_play")));
    this.slider = h("input", { type: "range", id: "rpl-slider", min: 0, max: Math.ceil((doors.until - doors.from) / 1000), step: 1, value: 0, "aria-label": t("replay_slider"),
      oninput: () => this.slide() });
    this.typed = h("input", { type: "text", id: "rpl-at", class: "num", size: 8, maxlength: 8, autocomplete: "off", inputmode: "numeric", placeholder: "14:05:10", "aria-label": t("replay_at") });
    this.speeds = h("select", { id: "rpl-speed", class: "mini", "aria-label": t("replay_speed"), onchange: () => doors.speed(Number(this.speeds.value)) },
      ...SPEEDS.map((n) => h("option", { value: n }, `${n}×`)));
    const form = h("form", { class: "row tight", onsubmit: (e) => this.jump(e) }, this.typed, h("button", { class: "btn" }, t("replay_go")), h("kbd", {}, "G"));
    root.append(
      h("div", { class: "rpl-row" },
        h("span", { class: "rpl-mark" }, t("replay")), this.day, this.clock,
        h("button", { type: "button", class: "btn", "aria-label": t("replay_back"), title: t("replay_back"), onclick: () => doors.step(-1) }, "◂"),
        this.button,
        h("button", { type: "button", class: "btn", id: "rpl-next", "aria-label": t("replay_on"), title: t("replay_on"), onclick: () => doors.step(1) }, "▸"),
        this.speeds,
        h("span", { class: "rpl-edge num small" }, clockOf(doors.from).slice(0, 5)), this.slider, h("span", { class: "rpl-edge num small" }, clockOf(doors.until).slice(0, 5)),
        form, this.waits, h("a", { class: "btn plain", href: facts.replay!.open }, t("replay_open_other"))),
      this.said);
    root.title = t("replay_keys");
    this.show(doors.from);
  }

  private slide(): void {
    const at = this.doors.from + Number(this.slider.value) * 1000;
    this.show(at);
    // A hand that still moves is not answered with a reading for every pixel.
    clearTimeout(this.held);
    this.held = window.setTimeout(() => this.doors.seek(at), SOON_MS);
  }

  private jump(e: Event): void {
    e.preventDefault();
    const { from, until } = this.doors;
    const at = momentIn(this.typed.value, from, until);
    if (at === null) {
      this.note(t("replay_outside", { from: `${dayOf(from)} ${clockOf(from)}`, until: `${dayOf(until)} ${clockOf(until)}` }));
      return this.typed.select();
    }
    this.typed.blur();
    this.doors.seek(at);
  }

  show(at: number): void {
    text(this.clock, clockOf(at));
    text(this.day, dayOf(at));
    const value = String(Math.round((at - this.doors.from) / 1000));
    if (this.slider.value !== value) this.slider.value = value;
    this.slider.setAttribute("aria-valuetext", clockOf(at));
  }
  playing(is: boolean): void {
    setIcon(this.face, is ? "square" : "play");
    text(this.button.querySelector(".word")!, t(is ? "replay_pause" : "replay_play"));
    this.button.setAttribute("aria-pressed", String(is));
  }
  faster(way: 1 | -1): void {
    const here = SPEEDS.indexOf(Number(this.speeds.value));
    this.speeds.value = String(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, here + way))]);
    this.doors.speed(Number(this.speeds.value));
  }
  busy(is: boolean): void {
    this.waits.hidden = !is;
  }
  note(words: string): void {
    this.said.hidden = !words;
    text(this.said, words);
  }
  focus(): void {
    this.typed.select();
    this.typed.focus();
  }
}
