/**
 * How evenly the views fill Fourier space, whatever is in the images.
 *
 * A view n fills the plane across it: a direction k at radius K is sampled when |n·k| < 1/(2K). The sampling s(k) is the
 * number of views that do so, divided by what uniform views give, so that its mean over all k is 1. The sampling
 * compensation factor is the harmonic mean of s, the factor by which unequal sampling lowers the signal-to-noise ratio.
 * Source: Baldwin & Lyumkis 2020, Prog. Biophys. Mol. Biol. 150, 160, eq. for 1/SCF = ⟨1/s⟩.
 */

import { makeHealpixDirections } from "../geometry/healpix.ts";

export interface FourierSampling {
  /**
   * 0..1; 1 for uniform views, 8/π² = 0.81 for side views of all azimuths. Where part of space is never sampled, 1/s has no
   * mean; then it is the factor of the sampled part by itself × its share of space.
   */
  readonly compensation: number;
  /** Share of directions that no view reaches. */
  readonly unsampledShare: number;
  /** Radius K, Fourier pixels. */
  readonly radiusPx: number;
  /** [3 × n] directions looked at, half a sphere. */
  readonly directions: Float64Array;
  /** [n] sampling relative to uniform views. */
  readonly sampling: Float64Array;
}

/** 12 nside² / 2 = 1,536 directions, 3.7° apart. */
const NSIDE = 16;

/**
 * @param views  [3 × n] unit vectors, symmetry mates included
 * @param weights  [n]
 */
export function measureSampling(views: Float64Array, weights: Float64Array, radiusPx: number): FourierSampling {
  const directions = upperHalf(makeHealpixDirections(NSIDE));
  const count = directions.length / 3;
  const sampling = new Float64Array(count);
  const halfWidth = 1 / (2 * radiusPx);
  let total = 0;
  for (let v = 0; v < weights.length; v++) {
    const [x, y, z, weight] = [views[3 * v]!, views[3 * v + 1]!, views[3 * v + 2]!, weights[v]!];
    total += weight;
    for (let d = 0; d < count; d++) {
      const cosine = x * directions[3 * d]! + y * directions[3 * d + 1]! + z * directions[3 * d + 2]!;
      if (cosine < halfWidth && cosine > -halfWidth) sampling[d]! += weight;
    }
  }
  // Uniform views have |cosine| below 1/(2K) with just that probability.
  const uniform = total * halfWidth;
  let [sampled, reciprocal] = [0, 0];
  for (let d = 0; d < count; d++) {
    sampling[d] = uniform > 0 ? sampling[d]! / uniform : 0;
    if (sampling[d]! <= 0) continue;
    sampled++;
    reciprocal += 1 / sampling[d]!;
  }
  const sampledShare = sampled / count;
  return {
    // The arithmetic mean over all directions is 1 but for the grid of directions, so over the sampled ones it is 1/share.
    compensation: sampled > 0 ? Math.min(1, sampledShare ** 2 * (sampled / reciprocal)) : 0,
    unsampledShare: 1 - sampledShare,
    radiusPx,
    directions,
    sampling,
  };
}

/** (rot, tilt) pairs → unit vectors with z > 0, and half of those on the equator. */
function upperHalf(rotTilt: Float64Array): Float64Array {
  const kept: number[] = [];
  for (let i = 0; i < rotTilt.length; i += 2) {
    const [rotRad, tiltRad] = [rotTilt[i]!, rotTilt[i + 1]!];
    const z = Math.cos(tiltRad);
    if (z < -1e-9 || (z < 1e-9 && rotRad >= Math.PI)) continue;
    kept.push(Math.sin(tiltRad) * Math.cos(rotRad), Math.sin(tiltRad) * Math.sin(rotRad), z);
  }
  return Float64Array.from(kept);
}
