// What the server tells of a coming shift, and how it becomes squares: pure, without a map.
import type { ExpressionSpecification } from "maplibre-gl";

export interface Expected {
  rank: number;
  band: number;
  name: string;
  station: string;
  expected: number;
  low: number;
  high: number;
  why: string[];
  at: [number, number];
  rings: [number, number][][];
}
export interface Told {
  permitted_use: string;
  page: string;
  families: { key: string; label: string }[];
  shifts: { key: string; label: string }[];
  family: string;
  shift: string;
  is_bar: boolean;
  expected: number | null;
  low: number | null;
  high: number | null;
  places: Expected[];
  rest: { station: string; cells: number; expected: number; low: number; high: number }[];
}

/** How dark a square is by its band, 1 to 4. */
export const BANDS = [0.14, 0.28, 0.44, 0.62] as const;

export const shaded = (): ExpressionSpecification => ["match", ["get", "band"], 1, BANDS[0], 2, BANDS[1], 3, BANDS[2], BANDS[3]];

/** Every cell of a place as a square of its own: neighbours told together have one shade. */
export function squares(places: readonly Expected[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: places.map((place) => ({
      type: "Feature",
      properties: { rank: place.rank, band: place.band },
      geometry: { type: "MultiPolygon", coordinates: place.rings.map((ring) => [ring]) },
    })),
  };
}
