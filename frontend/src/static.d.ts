// What the island takes from the modules every page shares.
declare module "@static/core/clock.js" {
  /** The server's time in milliseconds since 1970: the one clock of all ages. */
  export function serverNow(): number;
  export function hear(serverMs: number): void;
  /** Let every age count to a moment of the page's own choosing. */
  export function playTime(moment: () => number): void;
  /** 3:20 below an hour, then words in the page's language. */
  export function duration(seconds: number): string;
}
declare module "@static/core/shell.js" {
  export function toast(content: string | Node, options?: { kind?: string; stay?: boolean }): void;
  export function typing(element: Element | null): boolean;
}
declare module "@static/console/tone.js" {
  export interface Sound { notes: number[][]; gain: number }
  export const ALARM: Sound;
  /** Play it where sound is on; at the first key where the browser keeps the page mute until then. */
  export function play(sound: Sound): boolean;
  export function toggleSound(): void;
}
declare module "@static/console/whyrow.js" {
  /** Y on a row, or a finger on its short reason, tells the whole reason; what comes back tells it again after a drawing. */
  export function explained(box: HTMLElement, idOf: (row: HTMLElement) => string, say: (words: string) => void): () => void;
}
declare module "*?worker&url" {
  const address: string;
  export default address;
}
interface Window {
  htmx: { process(root: Element): void; trigger(root: Element, event: string): void };
  /** For tests and support: what came by the stream, and whether the picture stands. */
  anlanIsland?: { ready: boolean; map: string; events: string[]; loads: number };
}
