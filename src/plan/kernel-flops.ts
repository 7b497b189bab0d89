/**
 * Flops that each kernel is counted with: what the task needs at the least, whatever the implementation, 2 per multiply-add. Rates are
 * measured with the same counts (bench/cases/), so a constant that is a guess cancels.
 */

/** A real-to-complex transform of n values. */
export function realFftFlops(n: number): number {
  return 2.5 * n * Math.log2(n);
}

/** One slice of `pixels`: seven interpolations of a complex number, the place in the volume, |S|². */
export function projectFlops(pixels: number): number {
  return 43 * pixels;
}

/** One image against one slice at `shifts`: |S|² once, the cross term for each shift. */
export function compareFlops(pixels: number, shifts: number): number {
  return pixels * (2 + 4 * shifts);
}

/** One image against one slice under the shifts around one: product and |S|² once, five sums along y; the 21 along x are few. */
export function cellFlops(pixels: number): number {
  return pixels * (13 + 4 * 5);
}

/** One image's points: project, filter, and for each shift its phase and product. */
export function scoreFlops(pixels: number, rotations: number, shifts: number): number {
  return pixels * rotations * (50 + 10 * shifts);
}

/** Density of every point under the mixture over all parents. */
export function proposeFlops(rotations: number, shifts: number, parents: number): number {
  return rotations * parents * (70 + 15 * shifts);
}

export function updateFlops(points: number): number {
  return 159 * points;
}

export function residualFlops(pixels: number, rotations: number, shifts: number): number {
  return pixels * rotations * (60 + 10 * shifts);
}

export function insertFlops(pixels: number, rotations: number, shifts: number): number {
  return pixels * rotations * (102 + 10 * shifts);
}

/** One image to its band; a mask needs two more transforms and a normal number per pixel. */
export function prepareFlops(boxPx: number, isMasked: boolean): number {
  const pixels = boxPx * boxPx;
  return realFftFlops(pixels) * (isMasked ? 3 : 1) + (isMasked ? 65 : 1) * pixels;
}

export function ctfFlops(pixels: number): number {
  return 50 * pixels;
}

/** Fixed point to float, Hermitian plane. */
export function finishFlops(voxels: number): number {
  return 40 * voxels;
}

/** Every voxel interpolated once per operator. */
export function symmetriseFlops(voxels: number, order: number): number {
  return order > 1 ? 60 * voxels * order : 0;
}
