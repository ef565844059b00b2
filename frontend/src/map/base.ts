// The base map every map of the product begins with: our own tiles in the page's theme, or plain ground without them.
import { addProtocol, Map as GlMap, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import { Protocol } from "pmtiles";
import { palette } from "./symbols";

export type Basemap = { light: string; dark: string } | null;

/** A map in ``box`` whose style is loaded; it can't be tilted or turned. */
export async function baseMap(box: HTMLElement, basemap: Basemap, label: string): Promise<GlMap> {
  setWorkerUrl(worker);
  addProtocol("pmtiles", new Protocol().tile);
  const style = await baseStyle(basemap);
  const map = new GlMap({ container: box, style, center: [120.07, 28.9], zoom: 11, attributionControl: { compact: false }, maxPitch: 0, dragRotate: false,
    pitchWithRotate: false, fadeDuration: 0, locale: {}, localIdeographFontFamily: getComputedStyle(document.body).fontFamily });
  map.touchZoomRotate.disableRotation();
  map.getCanvas().setAttribute("aria-label", label);
  map.on("error", (e) => console.warn(e.error?.message ?? e));
  await new Promise<void>((done) => map.once("style.load", () => done()));
  return map;
}

async function baseStyle(basemap: Basemap): Promise<StyleSpecification> {
  const p = palette();
  const plain: StyleSpecification = { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": p.ground } }] };
  if (!basemap) return plain;
  try {
    const theme = document.documentElement.dataset["theme"] === "dark" ? "dark" : "light";
    const answer = await fetch(basemap[theme]);
    return answer.ok ? ((await answer.json()) as StyleSpecification) : plain;
  } catch {
    return plain;
  }
}
