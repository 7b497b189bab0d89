// Lines of a table: columns as wide as their widest cell, numbers to the right.
export function tableLines(header, rows) {
  const all = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const isNumber = header.map((_, i) => rows.every((row) => /^([-–]|[\d.,]+( [%×])?)$/.test(String(row[i]))));
  const line = (row) =>
    row
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  return [line(header), widths.map((w) => "-".repeat(w)).join("  "), ...all.slice(1).map(line)];
}

export const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** Three significant figures, never in powers of ten. */
export const figure = (value) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
};
