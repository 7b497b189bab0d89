import { expectPositive } from "../core/checks.ts";
import { fourierBoxOfRadius } from "../geometry/fourier-box.ts";
import { expectBuffer, expectCount, expectEvenBox } from "./check-buffer.ts";
import type { BandArgs, ImageSetArgs, PointSetArgs, ReferenceArgs } from "./ops/image-set.ts";

/** Shapes of the arguments that several ops share; `op` begins the message. */
export function checkBand(op: string, args: BandArgs): void {
  expectEvenBox(`${op}: boxPx`, args.boxPx);
  expectCount(`${op}: bandPixelCount`, args.bandPixelCount, 1);
  expectBuffer(`${op}: bandKx`, args.bandKx, "i32", args.bandPixelCount);
  expectBuffer(`${op}: bandKy`, args.bandKy, "i32", args.bandPixelCount);
  expectBuffer(`${op}: bandShell`, args.bandShell, "i32", args.bandPixelCount);
}

export function checkImageSet(op: string, args: ImageSetArgs): void {
  checkBand(op, args);
  expectCount(`${op}: imageCount`, args.imageCount);
  expectCount(`${op}: shellCount`, args.shellCount, 1);
  const planeLength = args.imageCount * args.bandPixelCount;
  expectBuffer(`${op}: images`, args.images, "f32", 2 * planeLength);
  if (args.ctf !== null) expectBuffer(`${op}: ctf`, args.ctf, "f32", planeLength);
  expectBuffer(`${op}: inverseSigma2`, args.inverseSigma2, "f32", args.imageCount > 0 ? args.shellCount : 0);
  expectBuffer(`${op}: group`, args.group, "i32", args.imageCount);
  expectBuffer(`${op}: scale`, args.scale, "f32", args.imageCount);
}

export function checkPointSet(op: string, args: PointSetArgs): void {
  expectCount(`${op}: activeCount`, args.activeCount);
  expectCount(`${op}: rotationsPerImage`, args.rotationsPerImage, 1);
  expectCount(`${op}: shiftsPerRotation`, args.shiftsPerRotation, 1);
  const rotationCount = args.activeCount * args.rotationsPerImage;
  expectBuffer(`${op}: active`, args.active, "i32", args.activeCount);
  expectBuffer(`${op}: rotations`, args.rotations, "f32", 4 * rotationCount);
  expectBuffer(`${op}: shiftsPx`, args.shiftsPx, "f32", 2 * rotationCount * args.shiftsPerRotation);
}

export function checkReference(op: string, args: ReferenceArgs): void {
  expectCount(`${op}: volumeRadiusPx`, args.volumeRadiusPx, 1);
  expectCount(`${op}: maxShell`, args.maxShell);
  expectPositive(`${op}: paddingFactor`, args.paddingFactor);
  expectBuffer(`${op}: volume`, args.volume, "f32", 2 * fourierBoxOfRadius(args.volumeRadiusPx).voxelCount);
}
