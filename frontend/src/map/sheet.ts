// A sheet over the map on which everything lies that moves: units and incidents. A second of a thousand units is
// one pass over pictures drawn beforehand. As layers of the map itself the same cost a dozen drawings of the whole
// map and a placing of every name, several times a second.
import type { Map as GlMap } from "maplibre-gl";
import { h } from "../dom";
import { farSpotsOf, hitOf, Room, spotsOf, toScreen, viewOf, type Sign } from "./signs";
import type { Signs } from "./symbols";

const FONT_PX = 12;
const LINE_PX = 14;
const HALO_PX = 3.2;
const KEPT = 3000;
/** Farther out an incident that presses nobody has a sign and no name. */
const NAMED_FROM = 11;

export interface Ink {
  ink: string;
  loud: string;
  surface: string;
  ring: string;
}

export class Sheet {
  private readonly canvas = h("canvas", { class: "isl-sheet", "aria-hidden": "true" });
  private readonly g = this.canvas.getContext("2d")!;
  private readonly names = new Map<string, HTMLCanvasElement>();
  private readonly font = `${FONT_PX}px ${getComputedStyle(document.body).fontFamily}`;
  private signs: readonly Sign[] = [];
  private spots: Float64Array = new Float64Array();
  private ratio = 1;

  constructor(
    private readonly map: GlMap,
    private readonly pictures: Signs,
    private readonly ink: Ink,
  ) {
    map.getCanvasContainer().append(this.canvas);
    const fit = (): void => {
      const { clientWidth: width, clientHeight: height } = map.getContainer();
      this.ratio = devicePixelRatio;
      this.canvas.width = Math.round(width * this.ratio);
      this.canvas.height = Math.round(height * this.ratio);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
      this.draw();
    };
    map.on("resize", fit);
    map.on("render", () => this.draw());
    fit();
  }

  show(signs: readonly Sign[]): void {
    this.signs = signs;
    this.draw();
  }

  /** The uppermost sign of a kind that a pointer at this place means. */
  at(point: { x: number; y: number }, kind: Sign["kind"]): number | null {
    return hitOf(this.signs, this.spots, kind, point);
  }

  private draw(): void {
    const { g, ratio, map } = this;
    const [width, height] = [this.canvas.width / ratio, this.canvas.height / ratio];
    const centre = map.getCenter();
    this.spots = toScreen(this.signs, viewOf([centre.lng, centre.lat], map.getZoom(), width, height), this.spots);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    const room = new Room(width, height);
    const seen: number[] = [];
    for (let i = 0; i < this.signs.length; i++) {
      const x = this.spots[2 * i]!, y = this.spots[2 * i + 1]!;
      if (x < -30 || y < -30 || x > width + 30 || y > height + 30) continue;
      seen.push(i);
      this.put(this.signs[i]!, x, y);
      room.take(x - 5, y - 5, x + 5, y + 5);
    }
    for (const i of seen) if (this.signs[i]!.loud) this.name(i, room);
    for (const i of seen) if (!this.signs[i]!.loud) this.name(i, room);
  }

  private put(sign: Sign, x: number, y: number): void {
    const { g } = this;
    if (sign.ring) {
      g.beginPath();
      g.arc(x, y, sign.kind === "unit" ? 15 : 17, 0, 2 * Math.PI);
      if (sign.kind === "unit") {
        g.globalAlpha = 0.25;
        g.fillStyle = this.ink.ring;
        g.fill();
        g.globalAlpha = 1;
      }
      g.strokeStyle = this.ink.ring;
      g.lineWidth = sign.kind === "unit" ? 2.5 : 3;
      g.stroke();
    }
    if (sign.heading !== null) this.picture(this.pictures.heading(sign.heading), x, y);
    this.picture(this.pictures.of(sign.image), x, y);
  }

  private picture(picture: HTMLCanvasElement, x: number, y: number): void {
    const size = picture.width / this.pictures.ratio;
    // On whole pixels a picture is copied, not mixed.
    const snap = (at: number): number => Math.round((at - size / 2) * this.ratio) / this.ratio;
    this.g.drawImage(picture, snap(x), snap(y), size, size);
  }

  /**
   * The name by its sign, at the first place where there is room; a loud one before the others. The name of a P1
   * goes farther off, led to by a line, rather than untold.
   */
  private name(i: number, room: Room): void {
    const sign = this.signs[i]!;
    if (!sign.label || (sign.kind === "incident" && !sign.loud && this.map.getZoom() < NAMED_FROM)) return;
    const name = this.nameOf(sign.label, sign.alarm);
    const width = name.width / this.pictures.ratio, height = name.height / this.pictures.ratio;
    const places = spotsOf(sign.kind, this.spots[2 * i]!, this.spots[2 * i + 1]!, width, height);
    // Few names are worth a second place: on a full map the rest would only be louder.
    if (!sign.loud) places.length = 1;
    const fits = ([left, top]: [number, number]): boolean => room.free(left + 2, top + 2, left + width - 2, top + height - 2);
    const [x, y] = [this.spots[2 * i]!, this.spots[2 * i + 1]!];
    let place = places.find(fits);
    if (!place && sign.alarm) {
      place = farSpotsOf(x, y, width, height).find(fits) ?? places[0]!;
      this.lead(x, y, place, width, height);
    }
    if (!place) return;
    const [left, top] = place;
    room.take(left, top, left + width, top + height);
    const snap = (at: number): number => Math.round(at * this.ratio) / this.ratio;
    this.g.drawImage(name, snap(left), snap(top), width, height);
  }

  /** A thin line from a sign to its name farther off. */
  private lead(x: number, y: number, [left, top]: [number, number], width: number, height: number): void {
    const { g } = this;
    g.beginPath();
    g.moveTo(x, y);
    g.lineTo(Math.max(left + 4, Math.min(left + width - 4, x)), Math.max(top + 4, Math.min(top + height - 4, y)));
    g.strokeStyle = this.ink.loud;
    g.lineWidth = 1;
    g.stroke();
  }

  private nameOf(label: string, alarm: boolean): HTMLCanvasElement {
    const key = `${alarm} ${label}`;
    let name = this.names.get(key);
    if (!name) {
      if (this.names.size > KEPT) this.names.clear();
      this.names.set(key, (name = this.write(label.split("\n"), alarm)));
    }
    return name;
  }

  private write(lines: string[], alarm: boolean): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    const g = canvas.getContext("2d")!;
    const { ratio } = this.pictures;
    g.font = this.font;
    canvas.width = Math.ceil((Math.max(...lines.map((line) => g.measureText(line).width)) + 2 * HALO_PX) * ratio);
    canvas.height = Math.ceil((lines.length * LINE_PX + HALO_PX) * ratio);
    g.scale(ratio, ratio);
    g.font = this.font;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.lineJoin = "round";
    g.lineWidth = HALO_PX;
    g.strokeStyle = this.ink.surface;
    g.fillStyle = alarm ? this.ink.loud : this.ink.ink;
    const middle = canvas.width / ratio / 2;
    lines.forEach((line, k) => g.strokeText(line, middle, LINE_PX * (k + 0.5) + HALO_PX / 2));
    lines.forEach((line, k) => g.fillText(line, middle, LINE_PX * (k + 0.5) + HALO_PX / 2));
    return canvas;
  }
}
