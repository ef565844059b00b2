// What the wall board was given by the server, and the shapes of what it is told later.
import type { Basemap } from "../map/base";

/** Cell and the place of its band among ``Heat.bands``. */
export type CellBand = [cell: string, band: number];
export interface HeatOf {
  total: number;
  drawn: number;
  not_drawn: number;
  cells: CellBand[];
  /** Name, band in words, organisation, band: what stands in no cell, told by station area. */
  stations: [name: string, words: string, org: number, band: number][];
}
export interface Hour {
  hour: number;
  now: number;
  drawn: number;
  mean: number | null;
  low: number | null;
  high: number | null;
}
export interface Heat {
  hour_now: number;
  n: number;
  bands: string[];
  day: HeatOf;
  by_hour: Record<string, HeatOf>;
  hours: Hour[];
  href: string;
  features: Record<string, [number, number][]>;
}
interface Half {
  read_ms: number;
  html: Record<string, string>;
}
export interface Parts {
  now_ms?: number;
  date: string;
  live: Half;
  day: Half & { heat: Heat };
}
export interface WallFacts {
  urls: { data: string; areas: string; figures: string; basemap: Basemap };
  words: Record<string, string>;
}

const read = <T>(id: string): T => JSON.parse(document.getElementById(id)!.textContent || "{}") as T;
export const facts = read<WallFacts>("wall-facts");
export const first = read<Parts>("wall-first");

/** A word in the page's language, with its named blanks filled. */
export const word = (key: string, blanks: Record<string, string | number> = {}): string =>
  (facts.words[key] ?? key).replace(/\{(\w+)\}/g, (blank, name: string) => String(blanks[name] ?? blank));

/** A length of the design (1920 by 1080) in the pixels of this screen. */
export const px = (n: number): number => {
  const board = Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--w-real")) || 0;
  return n * (board || Math.min(innerWidth / 1920, innerHeight / 1080));
};
