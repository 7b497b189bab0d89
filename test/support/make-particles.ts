/** A row of a STAR table; undefined leaves the column out. */
export type StarRow = Readonly<Record<string, number | string | undefined>>;

/** The text of a particle STAR file; an empty optics list leaves data_optics out. */
export function makeStarText(optics: readonly StarRow[], particles: readonly StarRow[]): string {
  const parts = ["# version 30001\n\n"];
  if (optics.length > 0) parts.push(loopText("optics", optics));
  parts.push(loopText("particles", particles));
  return parts.join("");
}

function loopText(name: string, rows: readonly StarRow[]): string {
  const labels = Object.keys(rows[0] ?? {}).filter((label) => rows[0]?.[label] !== undefined);
  for (const row of rows) {
    for (const label of Object.keys(row)) if (row[label] !== undefined && !labels.includes(label)) labels.push(label);
  }
  const head = labels.map((label, i) => `_${label} #${i + 1}\n`).join("");
  const lines = rows.map((row) => labels.map((label) => row[label] ?? 0).join(" "));
  return `data_${name}\n\nloop_\n${head}${lines.join("\n")}\n\n`;
}
