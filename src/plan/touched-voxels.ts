import { fourierBoxFor } from "../geometry/fourier-box.ts";

/** Distinct voxels that one slice touches, per pixel of it, at padding 2: cells of neighbouring pixels hardly overlap (simulated). */
const VOXELS_PER_PIXEL = 7.2;
/** Layers of voxels that a cloud adds, per voxel of its spread: a slice is itself 1.8 voxels deep and a cloud reaches ±2 sd, tilted by 64 % on average. */
const LAYERS_PER_VOXEL = 1.4;

export interface Insertion {
  /** Images that a rank inserts into one half map. */
  readonly images: number;
  readonly rotationsPerImage: number;
  /** Spread of an image's orientations, rad. */
  readonly cloudRad: number;
  readonly maxShell: number;
  readonly paddingFactor: number;
}

/**
 * Voxels of the Fourier box that hold something after a rank's insertions, for views spread evenly: shell by shell the share
 * 1 − exp(−slices · pixels · voxels per pixel / voxels of the shell). A cloud counts as the layers it spreads over, at most as its rotations.
 */
export function touchedVoxels(insertion: Insertion): number {
  const { images, rotationsPerImage, cloudRad, maxShell, paddingFactor } = insertion;
  let touched = 0;
  for (let shell = 1; shell <= maxShell; shell++) {
    const voxels = 2 * Math.PI * (paddingFactor * shell) ** 2 * paddingFactor;
    const layers = Math.min(rotationsPerImage, 1 + LAYERS_PER_VOXEL * paddingFactor * shell * cloudRad);
    const hits = images * layers * Math.PI * shell * VOXELS_PER_PIXEL;
    touched += voxels * -Math.expm1(-hits / voxels);
  }
  return Math.min(touched, fourierBoxFor(maxShell, paddingFactor).voxelCount);
}
