import type { Fft3 } from "../map/fft3.ts";
import { lowPassMap } from "../map/low-pass.ts";
import { makeSolventMask, solventThreshold } from "../map/solvent-mask.ts";

export interface AutomaticMaskOptions {
  readonly maskResolutionA: number;
  /** "auto" or a number. */
  readonly maskThreshold: string;
  readonly maskExtendA: number;
  readonly maskEdgeA: number;
}

export interface AutomaticMask {
  /** [boxPx³] 0 … 1. */
  readonly mask: Float32Array;
  readonly resolutionA: number;
  readonly threshold: number;
  /** Share of the box, soft edge counted by its weight. */
  readonly share: number;
}

/** Nothing finer than this may enter a mask that both halves are looked at through. */
const MASK_RESOLUTION_A = 15;
const LEAST_VOXELS = { resolution: 3, extend: 3, edge: 6 };
const EXTEND_A = 6;
const EDGE_A = 12;

/** A soft mask around the molecule of a map; the zeros of the options stand for their defaults. */
export async function makeAutomaticMask(
  map: Float32Array,
  { boxPx, pixelSizeA }: { readonly boxPx: number; readonly pixelSizeA: number },
  fft: Fft3,
  options: AutomaticMaskOptions,
): Promise<AutomaticMask> {
  const resolutionA = options.maskResolutionA || Math.max(MASK_RESOLUTION_A, LEAST_VOXELS.resolution * pixelSizeA);
  const smooth = await lowPassMap(map, boxPx, pixelSizeA, resolutionA, fft);
  const radiusPx = Math.floor(boxPx / 2) - 1;
  const threshold =
    options.maskThreshold === "auto" ? solventThreshold(smooth, boxPx, radiusPx) : Number(options.maskThreshold);
  const mask = makeSolventMask(smooth, boxPx, {
    threshold,
    extendPx: options.maskExtendA / pixelSizeA || Math.max(LEAST_VOXELS.extend, EXTEND_A / pixelSizeA),
    edgePx: options.maskEdgeA / pixelSizeA || Math.max(LEAST_VOXELS.edge, EDGE_A / pixelSizeA),
  });
  const share = mask.reduce((sum, value) => sum + value, 0) / mask.length;
  return { mask, resolutionA, threshold, share };
}
