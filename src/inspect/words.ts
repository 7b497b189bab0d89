/** "1 particle", "2,000 particles". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** 2000000 → "2,000,000". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Four significant digits, without trailing zeros. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(4)));
}

export function bytesText(bytes: number): string {
  if (bytes < 1e3) return `${bytes} bytes`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** "a, b, c and 4 more". */
export function listed(names: readonly string[], shown = 4): string {
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(", ")} and ${rest} more` : names.join(", ");
}

/** Least, middle and greatest of finite values, and how many are not finite. */
export function spread(values: ArrayLike<number>): {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly notFiniteCount: number;
} {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const notFiniteCount = values.length - sorted.length;
  if (sorted.length === 0) return { min: Number.NaN, median: Number.NaN, max: Number.NaN, notFiniteCount };
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted[sorted.length - 1]!, notFiniteCount };
}

/** "5,000 … 14,900 (median 9,800) Å". */
export function spreadText(values: ArrayLike<number>, unit: string, digits: number): string {
  const { min, median, max } = spread(values);
  const show = (value: number): string => (Number.isFinite(value) ? withGroups(value.toFixed(digits)) : "–");
  const tail = unit === "" ? "" : ` ${unit}`;
  return show(min) === show(max) ? `${show(min)}${tail}` : `${show(min)} … ${show(max)}${tail}, median ${show(median)}`;
}

function withGroups(text: string): string {
  const [whole, fraction] = text.split(".");
  const groupedWhole = (whole ?? "").replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groupedWhole : `${groupedWhole}.${fraction}`;
}
