// Every place on the map in a list: booths, must-cover points, zones, station areas, beats. From a row one sees it, or
// asks who can be there, as on the map.
import { $, $$, attr, h, text } from "./dom";
import { facts, t } from "./facts";
import { reachTo } from "./reach";

export interface Spot {
  kind: string;
  code: string;
  name: string;
  word: string;
  org: string;
  at: [number, number];
}
export type Places = GeoJSON.FeatureCollection;
const KINDS = ["booth", "must_cover", "standby", "zone", "station", "beat"];
const MINUTES = [1, 3, 5, 10];

let held: Promise<Places> | null = null;
/** Areas and points, asked once; null again after a failure. */
export function places(): Promise<Places> {
  held ??= fetch(facts.urls.areas, { headers: { Accept: "application/json" } }).then((answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json() as Promise<Places>;
  });
  held.catch(() => (held = null));
  return held;
}

/** The middle of a feature's corners: good enough to look there. */
export function middle(geometry: GeoJSON.Geometry): [number, number] {
  const found: [number, number][] = [];
  const walk = (node: unknown): void => {
    if (!Array.isArray(node)) return;
    if (typeof node[0] === "number") found.push([node[0], node[1] as number]);
    else node.forEach(walk);
  };
  walk((geometry as GeoJSON.Polygon).coordinates);
  const lons = found.map((at) => at[0]), lats = found.map((at) => at[1]);
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
}

export function spotsOf(all: Places): Spot[] {
  const word = (kind: string): string => t(`layer_${kind}`);
  const spots = all.features.map((feature): Spot => {
    const p = feature.properties as Record<string, string>;
    return { kind: p["kind"] ?? "", code: p["code"] ?? "", name: p["name"] ?? "", word: p["word"] ?? word(p["kind"] ?? ""), org: p["org"] ?? "", at: middle(feature.geometry) };
  });
  const rank = (spot: Spot): number => KINDS.indexOf(spot.kind);
  return spots.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "zh"));
}

export interface SpotDoors {
  look: (at: [number, number]) => void;
}

export class SpotList {
  private readonly box: HTMLDialogElement;
  private readonly rows = h("div", { class: "isl-spots", "data-rows": true });
  private readonly filter: HTMLInputElement;
  private before: HTMLElement | null = null;

  constructor(private readonly doors: SpotDoors) {
    this.filter = h("input", { type: "search", "aria-label": t("spots_filter"), placeholder: t("spots_filter"), oninput: () => this.sift() });
    this.box = h("dialog", { id: "isl-spots", class: "isl-help", "aria-labelledby": "isl-spots-title" },
      h("div", { class: "spread" }, h("h2", { id: "isl-spots-title" }, t("spots")), this.filter, h("button", { type: "button", class: "btn", onclick: () => this.box.close() }, t("close"), h("kbd", {}, "Esc"))),
      this.rows);
    this.box.addEventListener("close", () => this.before?.focus({ preventScroll: true }));
    this.box.addEventListener("keydown", (e) => this.key(e));
    document.body.append(this.box);
  }

  async open(): Promise<void> {
    this.before = document.activeElement as HTMLElement | null;
    this.box.showModal();
    this.filter.focus();
    if (this.rows.childElementCount) return;
    try {
      const spots = spotsOf(await places());
      this.rows.replaceChildren(...(spots.length ? spots.map((spot) => this.row(spot)) : [h("p", { class: "empty" }, t("spots_none"))]));
      this.sift();
    } catch {
      text(this.rows, t("not_reached"));
    }
  }

  private row(spot: Spot): HTMLElement {
    const ask = (n: number): void => {
      this.box.close();
      this.doors.look(spot.at);
      void reachTo(spot.at, [...new Set([...[1, 3, 5].filter((each) => each < n), n])], false, true);
    };
    return h("div", { class: "isl-spot", tabindex: 0, "data-row": true, "data-words": `${spot.name} ${spot.code} ${spot.word} ${spot.org}`.toLowerCase(),
      onkeydown: (e) => (e as KeyboardEvent).key === "Enter" && e.target === e.currentTarget && ask(5) },
      h("span", { class: "badge" }, spot.word), h("b", { class: "clip" }, spot.name), h("span", { class: "quiet clip grow" }, spot.org || spot.code),
      h("button", { type: "button", class: "chip", onclick: () => {
        this.box.close();
        this.doors.look(spot.at);
      } }, t("look_there")),
      ...MINUTES.map((n) => h("button", { type: "button", class: "chip", "aria-label": `${t("reach")} ${t("reach_minutes", { n })}`, onclick: () => ask(n) }, t("reach_minutes", { n }))));
  }

  private sift(): void {
    const wanted = this.filter.value.trim().toLowerCase();
    for (const row of $$("[data-words]", this.rows)) attr(row, "hidden", !(row.dataset["words"] ?? "").includes(wanted));
  }

  private key(e: KeyboardEvent): void {
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
    const rows = $$("[data-row]:not([hidden])", this.rows);
    const at = rows.indexOf((document.activeElement as Element).closest<HTMLElement>("[data-row]")!);
    const to = e.key === "ArrowDown" ? Math.min(rows.length - 1, at + 1) : at - 1;
    e.preventDefault();
    if (to < 0) this.filter.focus();
    else rows[to]?.focus();
    $(":focus", this.rows)?.scrollIntoView({ block: "nearest" });
  }
}
