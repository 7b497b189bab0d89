import { UsageError } from "../../core/errors.ts";
import { fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkBand, checkReference } from "../check-image-set.ts";
import { hostF32, hostI32 } from "../reference/host-buffer.ts";
import { rotationMatrixAt, sampleTrilinear } from "../reference/trilinear.ts";
import type { BandArgs, ReferenceArgs } from "./image-set.ts";

/** Slices of one panel of a slice block: the vector dimension of compare. */
export const SLICE_PANEL = 16;

/**
 * Central slices of a reference: out(k) = V(padding · R (kx, ky, 0)ᵀ), trilinear, x < 0 by conj V(−p).
 *
 * layout "panels": f32 [ceil(rotationCount / 16)][pixelCount − firstPixel][3][16] = real, imaginary, power |S|² of 16
 * slices side by side (what compare reads); missing slices of the last panel are 0.
 * layout "planes": f32 [rotationCount][2][pixelCount − firstPixel].
 * Pixels with padding · |k| > volumeRadiusPx or a shell beyond maxShell are 0. Quaternions are normalised first; one that is
 * not finite, or 0, gives a slice of NaN. Kernels compute the point in float32 from a float64 matrix: an error of about
 * 1e-7 · |p| voxels.
 */
export interface ProjectArgs extends BandArgs, ReferenceArgs {
  /** f32 [rotationCount][4]: unit quaternions. */
  readonly rotations: DeviceBuffer;
  readonly rotationCount: number;
  /** First and one-past-last pixel of the band to extract. */
  readonly firstPixel: number;
  readonly pixelCount: number;
  readonly layout: "panels" | "planes";
  /** overwritten */
  readonly out: DeviceBuffer;
}

/** Floats that `project` writes for `sliceCount` slices in the panel layout. */
export function slicePanelLength(sliceCount: number, pixels: number): number {
  return Math.ceil(sliceCount / SLICE_PANEL) * pixels * 3 * SLICE_PANEL;
}

export function checkProject(args: ProjectArgs): void {
  checkBand("project", args);
  checkReference("project", args);
  checkPixelRange("project", args);
  expectCount("project: rotationCount", args.rotationCount);
  expectBuffer("project: rotations", args.rotations, "f32", 4 * args.rotationCount);
  const pixels = args.pixelCount - args.firstPixel;
  switch (args.layout) {
    case "panels":
      expectBuffer("project: out", args.out, "f32", slicePanelLength(args.rotationCount, pixels));
      break;
    case "planes":
      expectBuffer("project: out", args.out, "f32", args.rotationCount * 2 * pixels);
      break;
    default:
      args.layout satisfies never;
      throw new UsageError(`project: layout: expected panels or planes, got ${String(args.layout)}.`);
  }
}

/** 0 ≤ firstPixel ≤ pixelCount ≤ bandPixelCount. */
export function checkPixelRange(
  op: string,
  args: { readonly firstPixel: number; readonly pixelCount: number; readonly bandPixelCount: number },
): void {
  expectCount(`${op}: firstPixel`, args.firstPixel);
  expectCount(`${op}: pixelCount`, args.pixelCount, args.firstPixel);
  if (args.pixelCount > args.bandPixelCount) {
    throw new UsageError(
      `${op}: pixelCount: expected at most the ${args.bandPixelCount} pixels of the band, got ${args.pixelCount}.`,
    );
  }
}

export function projectReference(args: ProjectArgs): void {
  const out = hostF32(args.out);
  const rotations = hostF32(args.rotations);
  const pixels = args.pixelCount - args.firstPixel;
  if (args.layout === "panels") out.fill(0, 0, slicePanelLength(args.rotationCount, pixels));
  for (let slice = 0; slice < args.rotationCount; slice++) {
    const sample = sliceSampler(args, rotations, slice);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const [re, im] = sample(args.firstPixel + pixel);
      if (args.layout === "planes") {
        out[slice * 2 * pixels + pixel] = re;
        out[(slice * 2 + 1) * pixels + pixel] = im;
      } else {
        const panel = Math.floor(slice / SLICE_PANEL);
        const place = (panel * pixels + pixel) * 3 * SLICE_PANEL + (slice % SLICE_PANEL);
        out[place] = re;
        out[place + SLICE_PANEL] = im;
        out[place + 2 * SLICE_PANEL] = re * re + im * im;
      }
    }
  }
}

type Sample = (bandPixel: number) => readonly [re: number, im: number];

function sliceSampler(args: ProjectArgs, rotations: Float32Array, slice: number): Sample {
  const quaternion = rotations.subarray(4 * slice, 4 * slice + 4);
  const norm = Math.hypot(...quaternion);
  if (!(norm > 0 && Number.isFinite(norm))) return () => [Number.NaN, Number.NaN];
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const shell = hostI32(args.bandShell);
  const volume = hostF32(args.volume);
  const box = fourierBoxOfRadius(args.volumeRadiusPx);
  const matrix = rotationMatrixAt(rotations, slice);
  const { paddingFactor } = args;
  return (pixel) => {
    const x = paddingFactor * kx[pixel]!;
    const y = paddingFactor * ky[pixel]!;
    if (shell[pixel]! > args.maxShell || x * x + y * y > args.volumeRadiusPx ** 2) return [0, 0];
    const at = (axis: number) => matrix[3 * axis]! * x + matrix[3 * axis + 1]! * y;
    return sampleTrilinear(box, volume, at(0), at(1), at(2));
  };
}
