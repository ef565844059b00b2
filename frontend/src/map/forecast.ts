// Calls to expect in a coming shift: squares on the map, and every one of them in the list beside it. Where the
// browser draws no map the list alone does the job.
import type { GeoJSONSource, Map as GlMap } from "maplibre-gl";
import { h, text } from "../dom";
import { facts, t } from "../facts";
import { BANDS, shaded, squares, type Told } from "./forecast_told";
import type { Palette } from "./symbols";

const EVERY_MS = 10 * 60_000;
const SOURCE = "forecast";
const LAYERS = ["forecast-fill", "forecast-line"];

interface Drawn {
  map: GlMap;
  palette: Palette;
  look: (at: [number, number]) => void;
}

/** The layer's switch for the legend. Off until somebody asks: a map of calls is not a map of expectations. */
export function forecastSwitch(host: HTMLElement, drawn: Drawn | null): HTMLElement {
  let panel: ForecastPanel | null = null;
  const input = h("input", { type: "checkbox", "data-layer": "layer_forecast", onchange: () => {
    panel ??= new ForecastPanel(host, drawn, () => {
      input.checked = false;
      panel?.show(false);
      (input.closest("details")?.querySelector("summary") ?? input).focus();
    });
    panel.show(input.checked);
    if (!input.checked) return;
    // Both boxes open would hide half the map: the legend folds, and one goes on in the panel.
    input.closest("details")?.removeAttribute("open");
    panel.focus();
  } });
  return h("label", {}, input, t("layer_forecast"));
}

class ForecastPanel {
  private readonly family = h("select", { "aria-label": t("expect_family"), onchange: () => void this.ask() });
  private readonly shift = h("select", { "aria-label": t("expect_shift"), onchange: () => void this.ask() });
  private readonly sum = h("p", { class: "num", role: "status" });
  private readonly rows = h("ol", { class: "isl-expect-rows", tabindex: 0, "aria-label": t("expect_title") });
  private readonly use = h("p", { class: "isl-expect-use", role: "note" });
  private readonly page = h("a", { href: "#" }, t("expect_page"));
  private readonly count = h("summary", {});
  // The map is what one looks at: its list lies folded until somebody asks. Without a map the list is all there is.
  private readonly list: HTMLDetailsElement;
  private readonly box: HTMLElement;
  private timer = 0;

  constructor(
    host: HTMLElement,
    private readonly drawn: Drawn | null,
    close: () => void,
  ) {
    if (drawn) {
      const { map, palette: p } = drawn;
      map.addSource(SOURCE, { type: "geojson", data: squares([]) });
      const before = map.getLayer("beat-line") ? "beat-line" : undefined;
      map.addLayer({ id: LAYERS[0]!, type: "fill", source: SOURCE, paint: { "fill-color": p.violet, "fill-opacity": shaded() } }, before);
      map.addLayer({ id: LAYERS[1]!, type: "line", source: SOURCE, paint: { "line-color": p.violet, "line-width": 1 } }, before);
    }
    this.list = h("details", { class: "isl-expect-list", open: !drawn }, this.count, this.rows);
    this.box = h("section", { class: "isl-expect", "aria-label": t("expect_title"), hidden: true },
      h("div", { class: "spread" }, h("b", {}, t("expect_title")), h("button", { type: "button", class: "chip", onclick: close }, t("expect_close"))),
      h("div", { class: "isl-expect-ask" }, this.family, this.shift),
      this.sum,
      drawn && h("p", { class: "isl-expect-shades" }, ...BANDS.map((_, k) => h("i", { class: `b${k + 1}`, "aria-hidden": "true" })), h("span", {}, t("expect_shades"))),
      this.list, this.use, this.page);
    host.append(this.box);
  }

  show(on: boolean): void {
    this.box.hidden = !on;
    for (const id of LAYERS) this.drawn?.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    clearInterval(this.timer);
    if (!on) return;
    // A shift passes while one looks.
    this.timer = window.setInterval(() => void this.ask(), EVERY_MS);
    void this.ask();
  }

  focus(): void {
    this.family.focus();
  }

  private async ask(): Promise<void> {
    const asked = new URLSearchParams({ family: this.family.value, shift: this.shift.value });
    try {
      const answer = await fetch(`${facts.urls.forecast}?${asked}`, { headers: { Accept: "application/json" } });
      if (answer.ok) this.draw((await answer.json()) as Told);
      else text(this.sum, t("not_reached"));
    } catch {
      text(this.sum, t("not_reached"));
    }
  }

  private draw(told: Told): void {
    const options = (all: Told["families"], chosen: string): HTMLElement[] => all.map((each) => h("option", { value: each.key, selected: each.key === chosen }, each.label));
    this.family.replaceChildren(...options(told.families, told.family));
    this.shift.replaceChildren(...options(told.shifts, told.shift));
    this.shift.hidden = !told.shifts.length;
    text(this.use, told.permitted_use);
    this.page.setAttribute("href", told.page);
    (this.drawn?.map.getSource(SOURCE) as GeoJSONSource | undefined)?.setData(squares(told.places));
    text(this.count, t("expect_list", { n: told.places.length }));
    this.list.hidden = told.expected === null;
    if (told.expected === null) {
      text(this.sum, t("expect_none"));
      return this.rows.replaceChildren();
    }
    text(this.sum, `${t("expect_sum", { n: told.expected.toFixed(1), low: told.low ?? 0, high: told.high ?? 0 })}${told.is_bar ? ` · ${t("expect_bar")}` : ""}`);
    const number = (n: number, low: number, high: number): HTMLElement => h("span", { class: "num" }, h("b", {}, n.toFixed(2)), ` ${t("expect_range", { low, high })}`);
    const { drawn } = this;
    const row = (place: Told["places"][number], ...told: HTMLElement[]): HTMLElement =>
      drawn ? h("button", { type: "button", class: "isl-expect-row", onclick: () => drawn.look(place.at) }, ...told) : h("div", { class: "isl-expect-row" }, ...told);
    this.rows.replaceChildren(
      ...told.places.map((place) => h("li", {},
        row(place,
          h("span", { class: "num quiet" }, String(place.rank)), h("span", { class: "clip" }, place.name, h("small", { class: "quiet" }, ` ${place.station}`)), number(place.expected, place.low, place.high),
          h("small", { class: "quiet isl-expect-why", title: place.why.join(" · ") }, place.why.join(" · "))))),
      ...told.rest.map((rest) => h("li", { class: "isl-expect-row" }, h("span", {}), h("span", { class: "clip" }, rest.station, h("small", { class: "quiet" }, ` ${t("expect_rest", { n: rest.cells })}`)), number(rest.expected, rest.low, rest.high))));
  }
}
