// What the page was given by the server: addresses, permissions, words.
import type { Facts } from "./types";

export const facts: Facts = JSON.parse(document.getElementById("isl-facts")!.textContent || "{}");
const permitted = new Set(facts.may);

export const may = (action: string): boolean => permitted.has(action);

/** A word in the page's language, with its named blanks filled. */
export function t(key: string, blanks: Record<string, string | number> = {}): string {
  return (facts.words[key] ?? key).replace(/\{(\w+)\}/g, (blank, name: string) => String(blanks[name] ?? blank));
}
