// The shapes the server sends; times are milliseconds since 1970, coordinates millionths of a degree.

export type Badge = [shape: string, tone: string, word: string];
/** unit, lon·1e6, lat·1e6, speed in tenths of m/s, heading in degrees, fixed (seconds since 1970). */
export type Fix = [number, number, number, number | null, number | null, number];
export type Sent = [id: number, unit: number, sign: string, state: string, ...badge: Badge];

export interface Incident {
  id: number;
  number: string;
  priority: "P1" | "P2" | "P3" | "P4";
  kind: string;
  place: string;
  at: [number, number] | null;
  since: number;
  amber_s: number | null;
  red_s: number | null;
  due: number | null;
  warn_s: number;
  clock: string;
  track: string;
  major: boolean;
  danger: string[];
  alarms: string[];
  /** Why it stands where it stands: a phrase, and the whole of it. */
  why: string;
  why_whole: string;
  headline: string;
  sent: Sent[];
  order: [string, ...Badge] | null;
}
export interface Group {
  key: string;
  title: string;
  order: string;
  total: number;
  rows: Incident[];
}
export interface Call {
  id: number;
  number: string;
  line: string;
  state: string;
  badge: Badge;
  since: number;
}
export interface CallBack {
  id: number;
  number: string;
  reason: string;
  due: number;
}
export interface Unit {
  id: number;
  sign: string;
  track: "P" | "C";
  vehicle: string;
  org: string;
  state: string;
  badge: Badge;
  since: number;
  incident: number | null;
  incident_number: string;
  crew: string[];
  off: boolean;
  seen: Fix | null;
}
export interface Cell {
  key: string;
  label: string;
  value?: number | string;
  of?: number;
  part?: string;
  since?: number | null;
  amber_s?: number;
  red_s?: number;
  hot?: boolean;
  href?: string;
}
export interface Snapshot {
  now_ms?: number;
  groups: Group[];
  calls: Call[];
  call_backs: CallBack[];
  units: Unit[];
  strip: Cell[];
}
export interface SkyRow {
  at: number;
  temperature_c: number | null;
  rain_mm_h: number | null;
  wind_mps: number | null;
  visibility_m: number | null;
  source: string;
  synthetic: boolean;
}
export interface Sky {
  fed: boolean;
  old: boolean;
  measured: SkyRow | null;
  hours: SkyRow[];
  issued: number | null;
  warnings: { number: string; kind: string; level: string; level_word: string; text: string; issued: number; ends: number; source: string; synthetic: boolean }[];
}
/** Who has taken a unit meanwhile, since when, and for which incident. */
export interface Taken {
  since: number;
  by: string;
  number: string;
}
export interface Command {
  key: string;
  zh: string;
  py: string;
  en: string;
  takes: string;
}
export interface Facts {
  urls: {
    data: string;
    areas: string;
    figures: string;
    reach: string;
    weather: string;
    roads?: string;
    forecast: string;
    taken: string;
    call_save: string;
    call_new: string;
    queue: string;
    units: string;
    basemap: { light: string; dark: string } | null;
  };
  may: string[];
  words: Record<string, string>;
  commands: Command[];
  partners: { code: string; name: string }[];
  pages: { label: string; url: string }[];
  ages: { stale_s: number; lost_s: number };
  name: string;
  first: Snapshot;
  /** On the page that plays a past stretch: what was opened, and where its windows are asked for. */
  replay?: { grant: string; from: number; until: number; incident: string; window: string; open: string; matter: string };
}
export interface Reached {
  source: "road" | "line";
  areas: GeoJSON.FeatureCollection;
  units: [id: number, seconds: number, source: "road" | "line"][];
}
