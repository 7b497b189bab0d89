/**
 * HEALPix pixel centres, ring scheme: 12 nside² directions of equal area (Górski et al. 2005, ApJ 622, 759, eqs 2–9).
 *
 * The ring formulas hold for every whole nside >= 1, not only powers of two, so the grid's step can follow the
 * resolution in steps finer than halving.
 */

import { UsageError } from "../core/errors.ts";

/** Side of a pixel at nside 1: √(4π/12) rad, 58.6°. */
export const HEALPIX_SIDE_RAD = Math.sqrt(Math.PI / 3);

export function healpixCount(nside: number): number {
  if (!Number.isInteger(nside) || nside < 1) {
    throw new UsageError(`healpix: nside must be a whole number of at least 1, got ${nside}.`);
  }
  return 12 * nside * nside;
}

/**
 * Pixel centres in ring order, from north to south: [12 nside² × (rot, tilt)] in radians, interleaved.
 * rot is the longitude (0..2π), tilt the colatitude (0..π).
 */
export function makeHealpixDirections(nside: number): Float64Array {
  const directions = new Float64Array(2 * healpixCount(nside));
  let pixel = 0;
  for (let ring = 1; ring < 4 * nside; ring++) {
    const fromPole = Math.min(ring, 4 * nside - ring);
    const isCap = fromPole < nside;
    const pixelCount = 4 * Math.min(fromPole, nside);
    const height = isCap ? 1 - fromPole ** 2 / (3 * nside ** 2) : 4 / 3 - (2 * fromPole) / (3 * nside);
    const tiltRad = Math.acos(ring <= 2 * nside ? height : -height);
    // Cap rings and every second equatorial ring start half a pixel from longitude 0.
    const start = isCap || (ring - nside) % 2 === 0 ? 0.5 : 0;
    for (let j = 0; j < pixelCount; j++) {
      directions[pixel++] = ((j + start) * 2 * Math.PI) / pixelCount;
      directions[pixel++] = tiltRad;
    }
  }
  return directions;
}
