import type { Fft3 } from "../map/fft3.ts";
import { DEFAULT_EDGE_PX, sphereMaskInto } from "../map/masks.ts";
import type { PostprocessOptions } from "../options/postprocess-options.ts";
import { makeAutomaticMask } from "./automatic-mask.ts";
import { type MapPair, readMask } from "./map-pair.ts";

export interface NamedMask {
  /** [boxPx³] */
  readonly mask: Float32Array;
  /** For every resolution that is reported inside it. */
  readonly name: string;
}

const DEFAULT_SPHERE_SHARE = 0.9;

/** The mask asked for: automatic, a sphere, or a file. */
export async function postprocessMask(
  options: PostprocessOptions,
  pair: MapPair,
  average: Float32Array,
  fft: Fft3,
): Promise<NamedMask> {
  const { boxPx, pixelSizeA } = pair;
  if (options.mask === "sphere") {
    const diameterA = options.maskDiameterA || DEFAULT_SPHERE_SHARE * boxPx * pixelSizeA;
    const radiusPx = Math.min(diameterA / (2 * pixelSizeA), boxPx / 2 - 1);
    const mask = sphereMaskInto(new Float32Array(boxPx ** 3), boxPx, radiusPx, DEFAULT_EDGE_PX);
    return { mask, name: `soft sphere of ${(2 * radiusPx * pixelSizeA).toFixed(0)} Å` };
  }
  if (options.mask !== "auto") return { mask: readMask(options.mask, pair), name: options.mask };
  const made = await makeAutomaticMask(average, pair, fft, options);
  return {
    mask: made.mask,
    name: `made from the average map at ${made.resolutionA.toFixed(0)} Å, ${(100 * made.share).toFixed(1)} % of the box`,
  };
}
