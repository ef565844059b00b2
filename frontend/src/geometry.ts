// Distances on the small scale of a county, and the circle drawn on its map. Plain sums, tested without a browser.

const METRES_PER_DEGREE = 111_320;
export type Place = [lon: number, lat: number];

export function metres([lon, lat]: Place, [toLon, toLat]: Place): number {
  const east = (toLon - lon) * METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  return Math.hypot(east, (toLat - lat) * METRES_PER_DEGREE);
}

export function circleAround([lon, lat]: Place, radius: number): GeoJSON.Feature {
  const ring = Array.from({ length: 49 }, (_, i) => {
    const turn = (i / 48) * 2 * Math.PI;
    return [lon + (radius * Math.cos(turn)) / METRES_PER_DEGREE / Math.cos((lat * Math.PI) / 180), lat + (radius * Math.sin(turn)) / METRES_PER_DEGREE];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}
