import type { DeviceBuffer, HostArray } from "../../src/device/buffer.ts";
import type { ImageSetArgs, PointSetArgs } from "../../src/device/ops/image-set.ts";
import { type Band, makeBand } from "../../src/geometry/band.ts";
import { makeNormals } from "../support/normals.ts";

/** Images, CTFs, noise spectra and support points with weights, all random: what `insert` and `residuals` take. */
export interface PointScene {
  readonly boxPx: number;
  readonly band: Band;
  readonly imageCount: number;
  readonly shellCount: number;
  readonly activeCount: number;
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  readonly hasCtf: boolean;
  readonly arrays: Record<string, HostArray>;
}

const defaults = {
  boxPx: 20,
  maxShell: 9,
  shellCount: 9,
  imageCount: 5,
  activeCount: 3,
  rotationsPerImage: 3,
  shiftsPerRotation: 2,
  hasCtf: true,
};

/** Counts are odd by default, one weight in four is 0, and image 0 is never active. */
export function makePointScene(change: Partial<typeof defaults> = {}): PointScene {
  const s = { ...defaults, ...change };
  const band = makeBand(s.boxPx, s.maxShell);
  const pixelCount = band.pixelCount;
  const rotationCount = s.activeCount * s.rotationsPerImage;
  const rotations = makeNormals(4 * rotationCount, 21);
  for (let i = 0; i < rotationCount; i++) {
    const length = Math.hypot(...rotations.subarray(4 * i, 4 * i + 4));
    for (let c = 0; c < 4; c++) rotations[4 * i + c]! /= length;
  }
  const weights = makeNormals(rotationCount * s.shiftsPerRotation, 22).map((v, i) => (i % 4 === 2 ? 0 : Math.abs(v)));
  const arrays: Record<string, HostArray> = {
    bandKx: band.kx,
    bandKy: band.ky,
    bandShell: band.shell,
    images: makeNormals(2 * s.imageCount * pixelCount, 23),
    inverseSigma2: makeNormals(2 * s.shellCount, 24).map((v) => 0.5 + Math.abs(v)),
    group: Int32Array.from({ length: s.imageCount }, (_, i) => i % 2),
    scale: Float32Array.from({ length: s.imageCount }, (_, i) => 0.8 + 0.15 * i),
    imageWeight: Float32Array.from({ length: s.imageCount }, (_, i) => 1 - 0.1 * i),
    active: Int32Array.from({ length: s.activeCount }, (_, i) => 1 + (i % (s.imageCount - 1))),
    rotations,
    shiftsPx: makeNormals(2 * rotationCount * s.shiftsPerRotation, 25).map((v) => 2 * v),
    weights,
  };
  if (s.hasCtf) arrays["ctf"] = makeNormals(s.imageCount * pixelCount, 26);
  return { ...s, band, arrays };
}

/** The arguments of the image set and the points; `buffers` hold the scene's arrays under their names. */
export function pointSceneArgs(
  scene: PointScene,
  buffers: Readonly<Record<string, DeviceBuffer>>,
): ImageSetArgs & PointSetArgs & { readonly weights: DeviceBuffer } {
  const buffer = (name: string): DeviceBuffer => buffers[name]!;
  return {
    boxPx: scene.boxPx,
    bandKx: buffer("bandKx"),
    bandKy: buffer("bandKy"),
    bandShell: buffer("bandShell"),
    bandPixelCount: scene.band.pixelCount,
    imageCount: scene.imageCount,
    images: buffer("images"),
    ctf: scene.hasCtf ? buffer("ctf") : null,
    inverseSigma2: buffer("inverseSigma2"),
    shellCount: scene.shellCount,
    group: buffer("group"),
    scale: buffer("scale"),
    active: buffer("active"),
    activeCount: scene.activeCount,
    rotationsPerImage: scene.rotationsPerImage,
    shiftsPerRotation: scene.shiftsPerRotation,
    rotations: buffer("rotations"),
    shiftsPx: buffer("shiftsPx"),
    weights: buffer("weights"),
  };
}
