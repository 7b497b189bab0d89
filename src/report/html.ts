/** Text for an HTML page. Everything that comes from a file goes through `text`. */

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that end lines, command terminals or turn the direction of writing are shown as a box. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text as it may stand between tags or in a quoted attribute. */
export function text(value: unknown): string {
  return String(value)
    .replace(HIDDEN, "\ufffd")
    .replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** 2000000 → "2,000,000", with thin spaces where the locale has none. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number with fixed decimals; a dash for what was not measured. */
export function shown(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(digits);
}

/** "12 s", "3 min 20 s", "2 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
