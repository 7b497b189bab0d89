/**
 * Shells and Friedel weights of half-complex arrays: kx = 0..floor(boxPx/2) fastest, ky and kz wrapped.
 *
 * A sum over the stored half with `friedelWeight` equals the sum over the full transform.
 */

/** Number of kx columns that a real-to-complex transform of boxPx samples stores. */
export function halfLength(boxPx: number): number {
  return Math.floor(boxPx / 2) + 1;
}

/** Signed frequency of a wrapped index: 0..boxPx-1 -> -floor(boxPx/2)..; the Nyquist row of an even box is -boxPx/2. */
export function signedFrequency(index: number, boxPx: number): number {
  return index < (boxPx + 1) >> 1 ? index : index - boxPx;
}

/** How often the column kx counts in a sum over the full transform: 1 at kx = 0 and at an even box's Nyquist, else 2. */
export function friedelWeight(kx: number, boxPx: number): number {
  return kx === 0 || 2 * kx === boxPx ? 1 : 2;
}

/** round(√(squared radius)): no whole number has a root with fraction ½, so there are no ties. */
export function shellOf(radiusSquared: number): number {
  return Math.round(Math.sqrt(radiusSquared));
}

/** [boxPx × boxPx × halfLength] shell of every voxel of a half-complex volume. */
export function makeVolumeShells(boxPx: number): Int32Array {
  const length = halfLength(boxPx);
  const shells = new Int32Array(boxPx * boxPx * length);
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < length; kx++, o++) shells[o] = shellOf(kx * kx + ky * ky + kz * kz);
    }
  }
  return shells;
}

/** Resolution of a shell in Å (Infinity at shell 0). */
export function shellToResolutionA(shell: number, boxPx: number, pixelSizeA: number): number {
  return (boxPx * pixelSizeA) / shell;
}

/** Shell, not rounded, of a resolution in Å. */
export function resolutionToShell(resolutionA: number, boxPx: number, pixelSizeA: number): number {
  return (boxPx * pixelSizeA) / resolutionA;
}
