import type { CompareArgs } from "../../src/device/ops/compare.ts";
import { SLICE_PANEL, slicePanelLength } from "../../src/device/ops/project.ts";
import type { Device } from "../../src/device/types.ts";
import { bandPrefix, makeBand } from "../../src/geometry/band.ts";
import { makeNormals } from "../support/normals.ts";

/** Data of one comparison, on the host. */
export interface Scene {
  readonly boxPx: number;
  readonly maxShell: number;
  /** Shells compared, 1 … usedShell. */
  readonly usedShell: number;
  readonly imageCount: number;
  readonly sliceCount: number;
  readonly shiftCount: number;
  readonly keepCount: number;
  readonly profileScale: boolean;
  readonly hasCtf: boolean;
  /** [sliceCount][2][bandPixelCount] */
  readonly slices: Float32Array;
  readonly images: Float32Array;
  readonly ctf: Float32Array;
  readonly inverseSigma2: Float32Array;
  readonly shellCount: number;
  readonly group: Int32Array;
  readonly scale: Float32Array;
  readonly shiftsPx: Float32Array;
  readonly logShiftPrior: Float32Array;
}

const defaults = {
  boxPx: 24,
  maxShell: 11,
  usedShell: 9,
  imageCount: 3,
  sliceCount: 21,
  shiftCount: 5,
  keepCount: 4,
  profileScale: false,
  hasCtf: true,
  signal: 0.6,
};

/** Images = scale·C·(one of the slices, shifted) + white noise, σ² differing by group and shell. */
export function makeScene(change: Partial<typeof defaults> = {}): Scene {
  const s = { ...defaults, ...change };
  const band = makeBand(s.boxPx, s.maxShell);
  const P = band.pixelCount;
  const slices = makeNormals(s.sliceCount * 2 * P, 11).map((v) => v * s.signal);
  const ctf = makeNormals(s.imageCount * P, 12);
  const images = makeNormals(s.imageCount * 2 * P, 13);
  const shiftsPx = makeNormals(s.shiftCount * 2, 14).map((v) => 2 * v);
  const scale = Float32Array.from({ length: s.imageCount }, (_, i) => 0.8 + 0.1 * (i % 5));
  const group = Int32Array.from({ length: s.imageCount }, (_, i) => i % 2);
  const shellCount = s.maxShell + 1;
  const inverseSigma2 = Float32Array.from({ length: 2 * shellCount }, (_, i) => 0.7 + 0.05 * i);
  for (let image = 0; image < s.imageCount; image++) {
    const slice = (7 * image + 2) % s.sliceCount;
    const t = (3 * image) % s.shiftCount;
    for (let p = 0; p < P; p++) {
      const phaseRad = (-2 * Math.PI * (band.kx[p]! * shiftsPx[2 * t]! + band.ky[p]! * shiftsPx[2 * t + 1]!)) / s.boxPx;
      const factor = scale[image]! * (s.hasCtf ? ctf[image * P + p]! : 1);
      const [re, im] = [slices[2 * slice * P + p]!, slices[(2 * slice + 1) * P + p]!];
      const [c, sn] = [Math.cos(phaseRad), Math.sin(phaseRad)];
      const sigma = 1 / Math.sqrt(inverseSigma2[group[image]! * shellCount + band.shell[p]!]!);
      images[2 * image * P + p] = sigma * images[2 * image * P + p]! + factor * (re * c - im * sn);
      images[(2 * image + 1) * P + p] = sigma * images[(2 * image + 1) * P + p]! + factor * (re * sn + im * c);
    }
  }
  const logShiftPrior = makeNormals(s.imageCount * s.shiftCount, 15).map((v) => -Math.abs(v));
  return { ...s, slices, images, ctf, inverseSigma2, shellCount, group, scale, shiftsPx, logShiftPrior };
}

export interface State {
  readonly evidence: Float64Array;
  readonly topScore: Float32Array;
  readonly topSlice: Int32Array;
  readonly topShift: Int32Array;
  readonly profile: Float32Array;
}

function startState(imageCount: number, keepCount: number): State {
  return {
    evidence: Float64Array.from({ length: 2 * imageCount }, (_, i) => (i % 2 === 0 ? Number.NEGATIVE_INFINITY : 0)),
    topScore: new Float32Array(imageCount * keepCount).fill(Number.NEGATIVE_INFINITY),
    topSlice: new Int32Array(imageCount * keepCount).fill(-1),
    topShift: new Int32Array(imageCount * keepCount).fill(-1),
    profile: Float32Array.from({ length: 4 * imageCount }, (_, i) => (i % 4 === 0 ? Number.NEGATIVE_INFINITY : 0)),
  };
}

/** Slices [first, first + count) as panels; what a last panel lacks is NaN, so that a slice too many shows. */
function panelsOf(scene: Scene, first: number, count: number, firstPixel: number, pixelCount: number): Float32Array {
  const P = makeBand(scene.boxPx, scene.maxShell).pixelCount;
  const pixels = pixelCount - firstPixel;
  const out = new Float32Array(slicePanelLength(count, pixels)).fill(Number.NaN);
  for (let s = 0; s < count; s++) {
    for (let p = 0; p < pixels; p++) {
      const place = (Math.floor(s / SLICE_PANEL) * pixels + p) * 3 * SLICE_PANEL + (s % SLICE_PANEL);
      const re = scene.slices[2 * (first + s) * P + firstPixel + p]!;
      const im = scene.slices[(2 * (first + s) + 1) * P + firstPixel + p]!;
      out[place] = re;
      out[place + SLICE_PANEL] = im;
      out[place + 2 * SLICE_PANEL] = re * re + im * im;
    }
  }
  return out;
}

/** Slices [first, first + count) as planes. */
export function planesOf(
  scene: Scene,
  first: number,
  count: number,
  firstPixel: number,
  pixelCount: number,
): Float32Array {
  const P = makeBand(scene.boxPx, scene.maxShell).pixelCount;
  const pixels = pixelCount - firstPixel;
  const out = new Float32Array(count * 2 * pixels);
  for (let plane = 0; plane < 2 * count; plane++) {
    const from = (2 * first + plane) * P + firstPixel;
    out.set(scene.slices.subarray(from, from + pixels), plane * pixels);
  }
  return out;
}

export function makeArgs(device: Device, scene: Scene, firstSlice = 0, sliceCount = scene.sliceCount): CompareArgs {
  const band = makeBand(scene.boxPx, scene.maxShell);
  const firstPixel = bandPrefix(band, 0);
  const pixelCount = bandPrefix(band, scene.usedShell);
  const start = startState(scene.imageCount, scene.keepCount);
  return {
    boxPx: scene.boxPx,
    bandKx: device.upload(band.kx),
    bandKy: device.upload(band.ky),
    bandShell: device.upload(band.shell),
    bandPixelCount: band.pixelCount,
    imageCount: scene.imageCount,
    images: device.upload(scene.images),
    ctf: scene.hasCtf ? device.upload(scene.ctf) : null,
    inverseSigma2: device.upload(scene.inverseSigma2),
    shellCount: scene.shellCount,
    group: device.upload(scene.group),
    scale: device.upload(scene.scale),
    slices: device.upload(panelsOf(scene, firstSlice, sliceCount, firstPixel, pixelCount)),
    sliceCount,
    firstSlice,
    firstPixel,
    pixelCount,
    shiftsPx: device.upload(scene.shiftsPx),
    shiftCount: scene.shiftCount,
    logShiftPrior: device.upload(scene.logShiftPrior),
    profileScale: scene.profileScale,
    keepCount: scene.keepCount,
    evidence: device.upload(start.evidence),
    topScore: device.upload(start.topScore),
    topSlice: device.upload(start.topSlice),
    topShift: device.upload(start.topShift),
    profile: scene.profileScale ? device.upload(start.profile) : null,
  };
}

export async function readState(device: Device, args: CompareArgs): Promise<State> {
  return {
    evidence: (await device.read(args.evidence)) as Float64Array,
    topScore: (await device.read(args.topScore)) as Float32Array,
    topSlice: (await device.read(args.topSlice)) as Int32Array,
    topShift: (await device.read(args.topShift)) as Int32Array,
    profile: args.profile ? ((await device.read(args.profile)) as Float32Array) : new Float32Array(0),
  };
}
