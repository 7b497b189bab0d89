import { DataError } from "../core/errors.ts";
import { lowPassMap } from "../map/low-pass.ts";
import { makeSolventMask } from "../map/solvent-mask.ts";
import type { RunContext } from "./run-context.ts";

/** The mask is made from nothing finer than this: only so may it cross between the halves. */
const MASK_RESOLUTION_A = 20;
/** No mask is made from maps that do not reach this yet. */
const NEEDED_RESOLUTION_A = 25;
const GROWTH_A = 10;
const EDGE_A = 25;

export interface SolventMask {
  readonly mask: Float32Array;
  /** For reports. */
  readonly name: string;
}

/**
 * A mask around the molecule: the user's, one made from the average of both halves ("auto"), or the sphere.
 *
 * @param resolutionA  what the half maps reach: no mask is made from maps that show no shape yet
 */
export async function solventMaskOf(
  context: RunContext,
  kind: "auto" | "sphere",
  halfMaps: readonly [Float32Array, Float32Array],
  resolutionA: number,
): Promise<SolventMask> {
  const { options, data, fft } = context;
  const sphere = { mask: context.sphereMask, name: `soft sphere of ${context.diameterA.toFixed(0)} Å` };
  if (context.givenMask) return { mask: context.givenMask, name: options.solventMask };
  if (kind === "sphere" || resolutionA > NEEDED_RESOLUTION_A) return sphere;
  const average = halfMaps[0].map((value, i) => 0.5 * (value + halfMaps[1][i]!));
  const smooth = await lowPassMap(average, data.boxPx, data.pixelSizeA, MASK_RESOLUTION_A, fft);
  try {
    const mask = makeSolventMask(smooth, data.boxPx, {
      radiusPx: Math.min(context.imageMask.radiusPx, data.boxPx / 2 - 1),
      extendPx: GROWTH_A / data.pixelSizeA,
      edgePx: EDGE_A / data.pixelSizeA,
    });
    for (let i = 0; i < mask.length; i++) mask[i]! *= context.sphereMask[i]!;
    return { mask, name: `made from the average map at ${MASK_RESOLUTION_A} Å` };
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    context.log.event("warning", {
      message: `no mask could be made from the maps, the sphere is used: ${thrown.message}`,
    });
    return sphere;
  }
}
