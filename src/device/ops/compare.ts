import type { DeviceBuffer } from "../buffer.ts";
import type { ImageSetArgs } from "./image-set.ts";

/**
 * Every image of a set against every slice of a block under every shift of a grid, as matrix products, with the epilogue
 * fused: the image × slice × shift array never reaches memory.
 *
 * With a = scale·C/σ²:  cross(t) = Re Σ conj(X) a e^{−2πi k·t/N} S,   norm = ½ Σ a·scale·C·|S|²   over pixels
 * [firstPixel, pixelCount) of the band (a prefix: shells in use, DC left out).
 *   profileScale false:  L(t) = cross(t) − norm
 *   profileScale true:   L(t) = cross(t)² / (4 norm) where cross(t) > 0, else 0 (the grey scale maximised out per pose)
 * score(slice) = log Σ_t exp(L(t) + logShiftPrior(t)).  Per image the running state is updated in slice order, so any cut
 * of the slice set into blocks (multiples of SLICE_PANEL) gives the same bytes:
 *   evidence[0..1] = running maximum m and Σ exp(score − m) (float64), merged panel by panel;
 *   the keepCount best slices by score (ties: lower slice index), unordered.
 * profile outputs (profileScale only): of the pose with the largest L: cross, 2·norm; and the largest cross²/(4 norm)
 * among poses with cross < 0 ("contrast inverted?").
 * A K order fixed by the problem: one sum over pixels in band order (real and imaginary part of a pixel next to each other), whatever the tile.
 */
export interface CompareArgs extends ImageSetArgs {
  /** Panels from `project`: same firstPixel and pixelCount. */
  readonly slices: DeviceBuffer;
  readonly sliceCount: number;
  /** Index of the block's first slice in the whole set. */
  readonly firstSlice: number;
  readonly firstPixel: number;
  readonly pixelCount: number;
  /** f32 [shiftCount][2], px. */
  readonly shiftsPx: DeviceBuffer;
  readonly shiftCount: number;
  /** f32 [imageCount][shiftCount]. */
  readonly logShiftPrior: DeviceBuffer;
  readonly profileScale: boolean;
  readonly keepCount: number;
  /** f64 [imageCount][2]; start at (−Infinity, 0). */
  readonly evidence: DeviceBuffer;
  /** f32 [imageCount][keepCount]; start at −Infinity. */
  readonly topScore: DeviceBuffer;
  /** i32 [imageCount][keepCount]; start at −1. */
  readonly topSlice: DeviceBuffer;
  /** i32 [imageCount][keepCount]: shift with the largest L + prior. */
  readonly topShift: DeviceBuffer;
  /** f32 [imageCount][4]: L, cross, 2·norm of the best pose, and the best L with cross < 0; start at (−Infinity, 0, 0, 0). Null unless profileScale. */
  readonly profile: DeviceBuffer | null;
}
