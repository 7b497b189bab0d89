/** A regular grid of shifts inside a circle, with the log of the (normalised) Gaussian prior N(0, σt²) at each. */
export interface ShiftGrid {
  readonly count: number;
  readonly stepPx: number;
  /** [count][2] in steps, by rising radius (ties by y, then x), so that equal grids are equal arrays. */
  readonly steps: Int32Array;
  /** [count][2] px */
  readonly shiftsPx: Float32Array;
  /** [count] log prior, normalised so that the priors of the grid sum to 1. */
  readonly logPrior: Float32Array;
}

/**
 * @param radiusPx  largest shift searched
 * @param stepPx  distance of neighbours: box/(4 · shell) keeps the phase error at the edge of the band below π/4 per axis
 * @param sigmaPx  standard deviation of the prior per axis
 */
export function makeShiftGrid(radiusPx: number, stepPx: number, sigmaPx: number): ShiftGrid {
  const points: [number, number][] = [];
  const reach = Math.floor(radiusPx / stepPx);
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      if (Math.hypot(x, y) * stepPx <= radiusPx) points.push([x, y]);
    }
  }
  points.sort((a, b) => a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2 || a[1] - b[1] || a[0] - b[0]);
  const shiftsPx = new Float32Array(2 * points.length);
  const logPrior = new Float64Array(points.length);
  let total = 0;
  points.forEach(([x, y], i) => {
    shiftsPx[2 * i] = x * stepPx;
    shiftsPx[2 * i + 1] = y * stepPx;
    logPrior[i] = (-(x * x + y * y) * stepPx * stepPx) / (2 * sigmaPx * sigmaPx);
    total += Math.exp(logPrior[i]!);
  });
  return {
    count: points.length,
    stepPx,
    steps: Int32Array.from(points.flat()),
    shiftsPx,
    logPrior: Float32Array.from(logPrior, (v) => v - Math.log(total)),
  };
}
