import type { Device } from "../device/types.ts";
import { gatherMap, type MapSlab } from "../map/map-slab.ts";
import type { Accumulation } from "./accumulate.ts";
import { type ReconstructMapOptions, reconstructRows } from "./reconstruct-rows.ts";

export type { ReconstructMapOptions } from "./reconstruct-rows.ts";

/** Real-space map of an accumulation: this rank's planes, all of them where the model is whole here. All ranks of the model call. */
export async function reconstructSlab(
  device: Device,
  sums: Accumulation,
  options: ReconstructMapOptions,
): Promise<MapSlab> {
  if (sums.rows !== null) return reconstructRows(device, sums, sums.rows, options);
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
    const data = (await device.read(map)) as Float32Array;
    return { boxPx: options.boxPx, firstPlane: 0, planeCount: options.boxPx, data };
  } finally {
    prior.free();
    map.free();
  }
}

/** The whole map [N][N][N] on every rank. */
export async function reconstructMap(
  device: Device,
  sums: Accumulation,
  options: ReconstructMapOptions,
): Promise<Float32Array> {
  return gatherMap(sums.ranks.group, await reconstructSlab(device, sums, options));
}
