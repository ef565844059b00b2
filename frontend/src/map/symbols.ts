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

function paint(map: GlMap, name: string, shape: string, colour: string, ground: string, isHollow: boolean): void {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * RATIO;
  const g = canvas.getContext("2d")!;
  g.scale(RATIO, RATIO);
  g.translate(SIZE / 2, SIZE / 2);
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
  map.addImage(name, g.getImageData(0, 0, SIZE * RATIO, SIZE * RATIO), { pixelRatio: RATIO });
}

/** The small arrow before a unit that moves; turned by its heading. */
function arrow(map: GlMap, colour: string, ground: string): void {
  const size = 44;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const g = canvas.getContext("2d")!;
  g.scale(RATIO, RATIO);
  g.translate(size / 2, size / 2);
  g.beginPath();
  poly(g, [[0, -20], [5, -12], [-5, -12]]);
  g.strokeStyle = ground;
  g.lineWidth = 3;
  g.stroke();
  g.fillStyle = colour;
  g.fill();
  map.addImage("heading", g.getImageData(0, 0, size * RATIO, size * RATIO), { pixelRatio: RATIO });
}

const TONES = ["ok", "blue", "violet", "slate", "grey"] as const;
const UNIT_SHAPES = ["disc", "play-ring", "play", "square", "half", "cross"];

export function addSymbols(map: GlMap, p: Palette): void {
  for (const tone of TONES)
    for (const shape of UNIT_SHAPES) {
      paint(map, `u-${shape}-${tone}`, shape, p[tone], p.surface, shape === "play-ring");
      paint(map, `u-${shape}-${tone}-stale`, shape, p[tone], p.surface, true);
    }
  paint(map, "i-P1", "triangle-up", p.p1, "#ffffff", false);
  paint(map, "i-P2", "diamond", p.p2, p.surface, false);
  paint(map, "i-P3", "pin", p.p3, p.surface, false);
  paint(map, "i-P4", "pin", p.p4, p.surface, true);
  paint(map, "s-booth", "house", p.riverText, p.surface, true);
  paint(map, "s-must_cover", "flag", p.slate, p.surface, true);
  arrow(map, p.ink, p.surface);
}
