import type { Device } from "../device/types.ts";
import type { Accumulation } from "./accumulate.ts";

export interface ReconstructMapOptions {
  readonly boxPx: number;
  /** [maxShell + 1] added to T per shell; null: none. */
  readonly prior: Float64Array | null;
  readonly griddingIterations: number;
  readonly maxShell?: number;
}

/** Real-space map [N][N][N] of an accumulation. */
export async function reconstructMap(
  device: Device,
  sums: Accumulation,
  options: ReconstructMapOptions,
): Promise<Float32Array> {
  const maxShell = options.maxShell ?? sums.maxShell;
  const prior = device.upload((options.prior ?? new Float64Array(maxShell + 1)).slice(0, maxShell + 1));
  const map = device.allocate("f32", options.boxPx ** 3);
  try {
    device.reconstruct({
      forward: sums.forward,
      weight: sums.weight,
      accumulatorRadiusPx: sums.box.radiusPx,
      paddingFactor: sums.paddingFactor,
      boxPx: options.boxPx,
      maxShell,
      prior,
      griddingIterations: options.griddingIterations,
      map,
      report: null,
    });
    return (await device.read(map)) as Float32Array;
  } finally {
    prior.free();
    map.free();
  }
}
