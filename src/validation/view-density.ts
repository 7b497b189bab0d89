/** Histogram of view directions on cells of nearly equal area, relative to uniform views. */

/** Rings of tilt, 10° each; a ring has as many cells as fit with the same width. */
const RINGS = 18;

export interface ViewDensity {
  /** Views per solid angle / that of uniform views. */
  at(rotRad: number, tiltRad: number): number;
  /** Largest value of a cell. */
  readonly largest: number;
  /** Share of the cells (by area) without any view. */
  readonly emptyShare: number;
}

/**
 * @param directions  [3 × n] unit vectors
 * @param weights  [n]
 */
export function measureViewDensity(directions: Float64Array, weights: Float64Array): ViewDensity {
  const columns = Array.from({ length: RINGS }, (_, ring) =>
    Math.max(1, Math.round(2 * RINGS * Math.sin((Math.PI * (ring + 0.5)) / RINGS))),
  );
  const starts = columns.map((_, ring) => columns.slice(0, ring).reduce((sum, count) => sum + count, 0));
  const cellOf = (rotRad: number, tiltRad: number) => {
    const ring = Math.min(RINGS - 1, Math.max(0, Math.floor((tiltRad / Math.PI) * RINGS)));
    const turn = rotRad / (2 * Math.PI);
    return starts[ring]! + Math.min(columns[ring]! - 1, Math.floor((turn - Math.floor(turn)) * columns[ring]!));
  };
  const counts = new Float64Array(starts[RINGS - 1]! + columns[RINGS - 1]!);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    const [x, y, z] = [directions[3 * i]!, directions[3 * i + 1]!, directions[3 * i + 2]!];
    counts[cellOf(Math.atan2(y, x), Math.acos(Math.min(1, Math.max(-1, z))))]! += weights[i]!;
    total += weights[i]!;
  }
  let emptyShare = 0;
  let largest = 0;
  for (let ring = 0; ring < RINGS; ring++) {
    const [from, to] = [ring, ring + 1].map((edge) => Math.cos((Math.PI * edge) / RINGS)) as [number, number];
    const areaShare = (from - to) / 2 / columns[ring]!;
    for (let cell = starts[ring]!; cell < starts[ring]! + columns[ring]!; cell++) {
      if (counts[cell] === 0) emptyShare += areaShare;
      counts[cell] = total > 0 ? counts[cell]! / (total * areaShare) : 0;
      largest = Math.max(largest, counts[cell]!);
    }
  }
  return { at: (rotRad, tiltRad) => counts[cellOf(rotRad, tiltRad)]!, largest, emptyShare };
}
