/** Rows as text in columns: the first to the left, the others to the right, two spaces apart. */
export function columns(rows: readonly (readonly string[])[], indent = ""): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, c) => {
      widths[c] = Math.max(widths[c] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  ");
  return rows.map((row) => `${indent}${line(row).trimEnd()}\n`).join("");
}

/** Bytes with three digits: 812 MB, 1.24 GB. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"] as const;
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value === 0 || unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

/** Seconds with three digits, in the unit that suits: 4.20 ms, 12.3 s, 41.0 min, 7.25 h. */
export function secondsText(seconds: number): string {
  if (seconds === 0) return "0";
  if (seconds < 0.9995) return `${(1000 * seconds).toPrecision(3)} ms`;
  if (seconds < 600) return `${seconds.toPrecision(3)} s`;
  if (seconds < 3 * 3600) return `${(seconds / 60).toPrecision(3)} min`;
  return `${(seconds / 3600).toPrecision(3)} h`;
}
