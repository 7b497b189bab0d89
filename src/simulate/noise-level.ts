import { DataError } from "../core/errors.ts";
import type { Projector } from "./projector.ts";
import type { TrueParticle } from "./true-particles.ts";

/** Images that the signal's variance is measured on; the first ones, so that the answer does not depend on batches. */
const PILOT_IMAGES = 64;
/** Width of the rim left out of the circle, px. */
const RIM_PX = 2;

/** Standard deviation of the noise that gives the wanted signal-to-noise ratio. */
export async function noiseSdFor(
  projector: Projector,
  particles: readonly TrueParticle[],
  snr: number,
): Promise<number> {
  const pilot = particles.slice(0, PILOT_IMAGES);
  const images = await projector.makeImages({
    count: pilot.length,
    rotations: Float64Array.from(pilot.flatMap((particle) => [...particle.rotation])),
    // Centred, so that a large shift does not move signal out of the circle.
    shiftsPx: null,
    optics: pilot.map((particle) => particle.optics),
  });
  const pixels = projector.boxPx ** 2;
  let sum = 0;
  for (let i = 0; i < pilot.length; i++) {
    sum += varianceInCircle(images.subarray(i * pixels, (i + 1) * pixels), projector.boxPx);
  }
  const variance = sum / pilot.length;
  if (!(variance > 0)) {
    throw new DataError("simulate: expected a map with density in it, got projections without variance.");
  }
  return Math.sqrt(variance / snr);
}

function varianceInCircle(image: Float32Array, boxPx: number): number {
  const centre = boxPx / 2;
  const radius = centre - RIM_PX;
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 0; y < boxPx; y++) {
    for (let x = 0; x < boxPx; x++) {
      if (Math.hypot(x - centre, y - centre) >= radius) continue;
      const value = image[y * boxPx + x]!;
      sum += value;
      squares += value * value;
      count++;
    }
  }
  return squares / count - (sum / count) ** 2;
}
