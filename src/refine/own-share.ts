import { mapGroupOf } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/**
 * FSC of a half map inside a mask that keeps the particle, from the FSC of the whole box: the signal lies inside, the noise fills the box,
 * and the mask lets `noiseShare` of its power through. With SSNR = f/(1 − f) this divides 1/SSNR by the same share.
 */
export function fscInsideMask(fsc: ArrayLike<number>, noiseShare: number): Float64Array {
  return Float64Array.from(fsc, (value) => {
    const f = Math.min(Math.max(value, 0), 1);
    return f > 0 ? f / (f + noiseShare * (1 - f)) : 0;
  });
}

/** Share of a box's white noise that a mask lets through: its mean square. */
export function noiseShareOf(mask: Float32Array): number {
  return mask.reduce((sum, value) => sum + value * value, 0) / mask.length;
}

/**
 * Share of an image's own inserted band that its slice of the reference returns, per shell.
 *
 * Inserted, an image adds C X/σ² to F; the reference is F·f/T, T the sum of C²/σ² over all images per padded voxel, C² taken as ½;
 * multiplying the map by a mask that fills m of its box lets m/padding³ of a voxel come back at itself. With 2π s ds pixels of each of N
 * images in the 4π s² ds · padding³ voxels at radius s this is 4 s m f/N.
 *
 * @param imageCount  N: images of the half-set, times the operators of the point group, which add to T alike
 * @param weightFsc  [shells] f, the FSC that the reference is weighted by
 */
export function ownShareOf(imageCount: number, mask: Float32Array, weightFsc: ArrayLike<number>): Float64Array {
  const filled = mask.reduce((sum, value) => sum + value, 0) / mask.length;
  return Float64Array.from(weightFsc, (value, s) => {
    const fsc = Math.min(Math.max(value, 0), 1);
    return (4 * s * filled * fsc) / Math.max(imageCount, 1);
  });
}

/** The share that a state's reference returns; of a checkpoint that does not say, that of a reference behind the sphere. */
export function knownOwnShare(context: RunContext, state: RefinementState, half: 0 | 1): Float64Array {
  const images = context.data.halves[half].length * mapGroupOf(context, state).order;
  return state.halves[half].ownShare ?? ownShareOf(images, context.sphereMask, state.fsc);
}
