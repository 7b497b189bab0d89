/** Radial averages of a map's transform. */

import { friedelWeight, halfLength, shellOf, signedFrequency } from "../geometry/shells.ts";
import { expectTransform } from "./map-shape.ts";

export interface RadialSpectrum {
  /** [shell] mean |F|² over the full shell, shells 0..floor(boxPx/2). */
  readonly power: Float64Array;
  /** [shell] mean |F|. */
  readonly amplitude: Float64Array;
  /** [shell] voxels of the full transform in the shell. */
  readonly voxelCount: Float64Array;
}

/** Spectrum of an unnormalised half-complex transform; the mean map power per voxel is Σ power × voxelCount / boxPx⁶. */
export function radialSpectrum(transform: Float32Array, boxPx: number): RadialSpectrum {
  expectTransform("radial spectrum", transform, boxPx);
  const shellCount = halfLength(boxPx);
  const power = new Float64Array(shellCount);
  const amplitude = new Float64Array(shellCount);
  const voxelCount = new Float64Array(shellCount);
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < shellCount; kx++, o += 2) {
        const shell = shellOf(kx * kx + ky * ky + kz * kz);
        if (shell >= shellCount) continue;
        const weight = friedelWeight(kx, boxPx);
        const square = transform[o]! ** 2 + transform[o + 1]! ** 2;
        power[shell]! += weight * square;
        amplitude[shell]! += weight * Math.sqrt(square);
        voxelCount[shell]! += weight;
      }
    }
  }
  for (let shell = 0; shell < shellCount; shell++) {
    power[shell]! /= voxelCount[shell]!;
    amplitude[shell]! /= voxelCount[shell]!;
  }
  return { power, amplitude, voxelCount };
}
