import { evenShares } from "../comm/even-shares.ts";
import { gatherNumbers } from "../comm/typed-exchange.ts";
import type { Communicator } from "../comm/types.ts";
import { halfLength } from "../geometry/shells.ts";
import { type CorrectedFsc, correctForMask, RANDOMISATION_THRESHOLD } from "./corrected-fsc.ts";
import { fscOfRowSums, fscRowSums } from "./fsc.ts";
import type { MapSlab, TransformSlab } from "./map-slab.ts";
import { applyMaskInto } from "./masks.ts";
import { randomisePhaseRowsInto } from "./phase-randomise.ts";
import { resolutionAt } from "./resolution.ts";
import type { SlabFft3 } from "./slab-fft3.ts";

/** FSC of two transforms in slabs, on every rank: as `fscFromTransforms`, to the last bit. Only sums per row travel. */
export async function fscOfSlabs(comm: Communicator, a: TransformSlab, b: TransformSlab): Promise<Float64Array> {
  const { boxPx, firstRow, rowCount } = a;
  const own = fscRowSums(a.data, b.data, boxPx, firstRow, rowCount);
  const perRow = 3 * halfLength(boxPx);
  const rows = evenShares(boxPx, comm.size);
  const all = new Float64Array(boxPx * perRow);
  const counts = rows.slice(1).map((end, rank) => (end - rows[rank]!) * perRow);
  await gatherNumbers(comm, own, all, counts);
  return fscOfRowSums(all, boxPx);
}

/** `correctedFsc` of half maps in slabs; `mask` holds this rank's planes. All ranks of `comm` call. */
export async function correctedFscOfSlabs(
  comm: Communicator,
  fft: SlabFft3,
  halfA: MapSlab,
  halfB: MapSlab,
  mask: Float32Array,
  seed: number,
): Promise<CorrectedFsc> {
  const maskedFsc = async (a: MapSlab, b: MapSlab): Promise<Float64Array> =>
    fscOfSlabs(comm, await fft.forward(masked(a, mask)), await fft.forward(masked(b, mask)));
  const transformA = await fft.forward(halfA);
  const transformB = await fft.forward(halfB);
  const unmasked = await fscOfSlabs(comm, transformA, transformB);
  // The pixel size does not matter to a shell.
  const { lastShell: lastTrueShell } = resolutionAt(unmasked, RANDOMISATION_THRESHOLD, halfA.boxPx, 1);
  const inMask = await maskedFsc(halfA, halfB);
  // One draw, with the streams of the whole-map function's first.
  randomisePhaseRowsInto(transformA.data, transformA.data, transformA, lastTrueShell, seed, 0);
  randomisePhaseRowsInto(transformB.data, transformB.data, transformB, lastTrueShell, seed, 1);
  const randomised = await maskedFsc(await fft.inverse(transformA), await fft.inverse(transformB));
  const corrected = correctForMask(inMask, randomised, lastTrueShell);
  return { unmasked, masked: inMask, randomised, corrected, lastTrueShell };
}

function masked(map: MapSlab, mask: Float32Array): MapSlab {
  return { ...map, data: applyMaskInto(new Float32Array(map.data.length), map.data, mask) };
}
