// Signs of the map, drawn once: shape and colour say the same; a stale position is hollow.
import type { Map as GlMap } from "maplibre-gl";

const SIZE = 22, RATIO = 2;

export interface Palette {
  ground: string; surface: string; line: string; edge: string; ink: string; ink2: string; river: string; riverText: string;
  p1: string; p2: string; p3: string; p4: string; ok: string; blue: string; violet: string; slate: string; grey: string; p1Text: string; p2Text: string;
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: read("ground"), surface: read("surface"), line: read("line"), edge: read("edge"), ink: read("ink"), ink2: read("ink-2"),
    river: read("river"), riverText: read("river-text"), p1: read("p1"), p2: read("p2"), p3: read("p3"), p4: read("p4"),
    ok: read("ok"), blue: read("blue"), violet: read("violet"), slate: read("slate"), grey: read("grey"), p1Text: read("p1-text"), p2Text: read("p2-text"),
  };
}

type Draw = (g: CanvasRenderingContext2D) => void;

const PATHS: Record<string, Draw> = {
  disc: (g) => g.arc(0, 0, 7, 0, 2 * Math.PI),
  play: (g) => poly(g, [[-5.5, -7.5], [8, 0], [-5.5, 7.5]]),
  "play-ring": (g) => poly(g, [[-5.5, -7.5], [8, 0], [-5.5, 7.5]]),
  square: (g) => g.rect(-6.5, -6.5, 13, 13),
  half: (g) => g.rect(-6.5, -6.5, 13, 13),
  cross: (g) => poly(g, [[-5, -5], [0, -1.5], [5, -5], [1.5, 0], [5, 5], [0, 1.5], [-5, 5], [-1.5, 0]]),
  // An incident is a pin, a unit a disc: on the map they must differ without colour.
  pin: (g) => {
    g.arc(0, -2, 6.5, 0.75 * Math.PI, 2.25 * Math.PI);
    g.lineTo(0, 10);
    g.closePath();
  },
  house: (g) => poly(g, [[0, -8], [7.5, -1], [5.5, -1], [5.5, 7], [-5.5, 7], [-5.5, -1], [-7.5, -1]]),
  flag: (g) => poly(g, [[-5, -8], [7, -4], [-3, 0], [-3, 8], [-5, 8]]),
  "triangle-up": (g) => poly(g, [[0, -9], [9, 7], [-9, 7]]),
  diamond: (g) => poly(g, [[0, -8.5], [8.5, 0], [0, 8.5], [-8.5, 0]]),
};

function poly(g: CanvasRenderingContext2D, points: [number, number][]): void {
  points.forEach(([x, y], i) => (i ? g.lineTo(x, y) : g.moveTo(x, y)));
  g.closePath();
}

function paint(shape: string, colour: string, ground: string, isHollow: boolean, ratio: number, grown = 1): HTMLCanvasElement {
  const [canvas, g] = blank(Math.ceil(SIZE * grown), ratio);
  g.scale(grown, grown);
  g.beginPath();
  (PATHS[shape] ?? PATHS["disc"]!)(g);
  g.lineJoin = "round";
  g.strokeStyle = ground;
  g.lineWidth = 5;
  g.stroke();
  g.fillStyle = isHollow ? ground : colour;
  g.fill();
  g.strokeStyle = colour;
  g.lineWidth = 2;
  g.stroke();
  if (shape === "half" && !isHollow) {
    g.fillStyle = ground;
    g.fillRect(0.5, -5, 5, 10);
  }
  return canvas;
}

/** An empty picture whose middle is the origin. */
function blank(size: number, ratio: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.round(size * ratio);
  const g = canvas.getContext("2d")!;
  g.scale(ratio, ratio);
  g.translate(size / 2, size / 2);
  return [canvas, g];
}

/** The small arrow before a unit that moves; turned by its heading. */
function arrow(degrees: number, colour: string, ground: string, ratio: number): HTMLCanvasElement {
  const [canvas, g] = blank(44, ratio);
  g.rotate((degrees * Math.PI) / 180);
  g.beginPath();
  poly(g, [[0, -20], [5, -12], [-5, -12]]);
  g.strokeStyle = ground;
  g.lineWidth = 3;
  g.stroke();
  g.fillStyle = colour;
  g.fill();
  return canvas;
}

const TONES = ["ok", "blue", "violet", "slate", "grey"] as const;
const UNIT_SHAPES = ["disc", "play-ring", "play", "square", "half", "cross"];
const TURNS = 36;

/** The signs of units and incidents as pictures, each drawn when it is first needed. */
export class Signs {
  private readonly held = new Map<string, HTMLCanvasElement>();
  private readonly draw = new Map<string, () => HTMLCanvasElement>();

  constructor(
    p: Palette,
    /** Pixels of the screen in one of the page. */
    readonly ratio = devicePixelRatio,
  ) {
    for (const tone of TONES)
      for (const shape of UNIT_SHAPES) {
        this.draw.set(`u-${shape}-${tone}`, () => paint(shape, p[tone], p.surface, shape === "play-ring", ratio));
        this.draw.set(`u-${shape}-${tone}-stale`, () => paint(shape, p[tone], p.surface, true, ratio));
      }
    this.draw.set("i-P1", () => paint("triangle-up", p.p1, "#ffffff", false, ratio, 1.25));
    this.draw.set("i-P2", () => paint("diamond", p.p2, p.surface, false, ratio));
    this.draw.set("i-P3", () => paint("pin", p.p3, p.surface, false, ratio));
    this.draw.set("i-P4", () => paint("pin", p.p4, p.surface, true, ratio));
    for (let turn = 0; turn < TURNS; turn++) this.draw.set(`heading-${turn}`, () => arrow((turn * 360) / TURNS, p.ink, p.surface, ratio));
  }

  of(name: string): HTMLCanvasElement {
    let picture = this.held.get(name);
    if (!picture) this.held.set(name, (picture = (this.draw.get(name) ?? this.draw.get("u-disc-grey")!)()));
    return picture;
  }
  heading(degrees: number): HTMLCanvasElement {
    return this.of(`heading-${Math.round((degrees / 360) * TURNS) % TURNS}`);
  }
}

/** What stands still is drawn by the map itself. */
export function addSymbols(map: GlMap, p: Palette): void {
  const add = (name: string, picture: HTMLCanvasElement): void => {
    map.addImage(name, picture.getContext("2d")!.getImageData(0, 0, picture.width, picture.height), { pixelRatio: RATIO });
  };
  add("s-booth", paint("house", p.riverText, p.surface, true, RATIO));
  add("s-must_cover", paint("flag", p.slate, p.surface, true, RATIO));
}
