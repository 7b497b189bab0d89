import { UsageError } from "../../core/errors.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkImageSet } from "../check-image-set.ts";
import { hostF32, hostF64, hostI32 } from "../reference/host-buffer.ts";
import type { ImageSetArgs } from "./image-set.ts";
import { checkPixelRange, SLICE_PANEL, slicePanelLength } from "./project.ts";

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
 *   the keepCount best slices by score (ties: lower slice index), in no particular order (a heap between calls).
 * profile outputs (profileScale only): of the pose with the largest L: cross, 2·norm; and the largest cross²/(4 norm)
 * among poses with cross < 0 ("contrast inverted?").
 * An image or slice with NaN gives NaN evidence and is never kept. exp(score − m) below e^−87 counts as 0.
 * A K order fixed by the problem: one sum over pixels in band order (real and imaginary part of a pixel next to each other), whatever the tile.
 */
export interface CompareArgs extends ScanPixels, ScanState {
  /** Panels from `project`: same firstPixel and pixelCount. */
  readonly slices: DeviceBuffer;
  readonly sliceCount: number;
  /** Index of the block's first slice in the whole set: a multiple of SLICE_PANEL. */
  readonly firstSlice: number;
  /** f32 [shiftCount][2], px. */
  readonly shiftsPx: DeviceBuffer;
  readonly shiftCount: number;
  /** f32 [imageCount][shiftCount]. */
  readonly logShiftPrior: DeviceBuffer;
  readonly profileScale: boolean;
  /** f32 [imageCount][4]: L, cross, 2·norm of the best pose, and the best L with cross < 0; start at (−Infinity, 0, 0, 0). Null unless profileScale. */
  readonly profile: DeviceBuffer | null;
}

/** The images and the pixels of the band that a scan compares. */
interface ScanPixels extends ImageSetArgs {
  readonly firstPixel: number;
  readonly pixelCount: number;
}

/** What a scan keeps of each image. */
export interface ScanState {
  readonly keepCount: number;
  /** f64 [imageCount][2]; start at (−Infinity, 0). */
  readonly evidence: DeviceBuffer;
  /** f32 [imageCount][keepCount]; start at −Infinity. */
  readonly topScore: DeviceBuffer;
  /** i32 [imageCount][keepCount]; start at −1. */
  readonly topSlice: DeviceBuffer;
  /** i32 [imageCount][keepCount]: shift with the largest L + prior. */
  readonly topShift: DeviceBuffer;
}

export function checkCompare(args: CompareArgs): void {
  checkImageSet("compare", args);
  checkPixelRange("compare", args);
  expectCount("compare: sliceCount", args.sliceCount);
  expectCount("compare: firstSlice", args.firstSlice);
  expectCount("compare: shiftCount", args.shiftCount, 1);
  if (args.firstSlice % SLICE_PANEL !== 0) {
    throw new UsageError(
      `compare: firstSlice: expected a multiple of ${SLICE_PANEL}, so that panels are merged alike however the slices are ` +
        `cut, got ${args.firstSlice}.`,
    );
  }
  const pixels = args.pixelCount - args.firstPixel;
  expectBuffer("compare: slices", args.slices, "f32", slicePanelLength(args.sliceCount, pixels));
  expectBuffer("compare: shiftsPx", args.shiftsPx, "f32", 2 * args.shiftCount);
  expectBuffer("compare: logShiftPrior", args.logShiftPrior, "f32", args.imageCount * args.shiftCount);
  checkScanState("compare", args);
  if (args.profile !== null) {
    expectBuffer("compare: profile", args.profile, "f32", 4 * args.imageCount);
  } else if (args.profileScale) {
    throw new UsageError("compare: profile: expected a buffer where profileScale is true, got null.");
  }
}

export function checkScanState(op: string, args: ScanState & { readonly imageCount: number }): void {
  expectCount(`${op}: keepCount`, args.keepCount);
  const kept = args.imageCount * args.keepCount;
  expectBuffer(`${op}: evidence`, args.evidence, "f64", 2 * args.imageCount);
  expectBuffer(`${op}: topScore`, args.topScore, "f32", kept);
  expectBuffer(`${op}: topSlice`, args.topSlice, "i32", kept);
  expectBuffer(`${op}: topShift`, args.topShift, "i32", kept);
}

export function compareReference(args: CompareArgs): void {
  for (let image = 0; image < args.imageCount; image++) {
    const products = makeProducts(args, image);
    for (let slice = 0; slice < args.sliceCount; slice++) {
      const pose = scoreSlice(args, image, products.cross(slice), products.norm(slice));
      addEvidence(args, image, pose.score);
      keepBest(args, image, args.firstSlice + slice, pose);
      if (args.profileScale) addProfile(hostF32(args.profile!), image, pose);
    }
  }
}

interface Products {
  /** [shiftCount] */
  cross(slice: number): Float64Array;
  norm(slice: number): number;
}

function makeProducts(args: CompareArgs, image: number): Products {
  const { firstPixel, shiftCount, bandPixelCount, boxPx } = args;
  const pixels = args.pixelCount - firstPixel;
  const images = hostF32(args.images);
  const slices = hostF32(args.slices);
  const shiftsPx = hostF32(args.shiftsPx);
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const weight = pixelWeights(args, image);
  const place = (slice: number, pixel: number) =>
    (Math.floor(slice / SLICE_PANEL) * pixels + pixel) * 3 * SLICE_PANEL + (slice % SLICE_PANEL);
  // a·X·e^{+2πi k·t/N}: the real part of its conjugate times S is a pixel's part of cross.
  const turned = new Float64Array(shiftCount * pixels * 2);
  for (let t = 0; t < shiftCount; t++) {
    for (let p = 0; p < pixels; p++) {
      const k = firstPixel + p;
      const phaseRad = (2 * Math.PI * (kx[k]! * shiftsPx[2 * t]! + ky[k]! * shiftsPx[2 * t + 1]!)) / boxPx;
      const re = weight.signal[p]! * images[2 * image * bandPixelCount + k]!;
      const im = weight.signal[p]! * images[(2 * image + 1) * bandPixelCount + k]!;
      turned[2 * (t * pixels + p)] = re * Math.cos(phaseRad) - im * Math.sin(phaseRad);
      turned[2 * (t * pixels + p) + 1] = re * Math.sin(phaseRad) + im * Math.cos(phaseRad);
    }
  }
  return {
    cross(slice) {
      return Float64Array.from({ length: shiftCount }, (_, t) => {
        let sum = 0;
        for (let p = 0; p < pixels; p++) {
          const at = place(slice, p);
          const x = 2 * (t * pixels + p);
          sum += turned[x]! * slices[at]! + turned[x + 1]! * slices[at + SLICE_PANEL]!;
        }
        return sum;
      });
    },
    norm(slice) {
      let sum = 0;
      for (let p = 0; p < pixels; p++) sum += weight.power[p]! * slices[place(slice, p) + 2 * SLICE_PANEL]!;
      return sum / 2;
    },
  };
}

/** a = scale·C/σ² and a·scale·C of the pixels in use; 0 where the shell has no σ². */
function pixelWeights(args: ScanPixels, image: number): { signal: Float64Array; power: Float64Array } {
  const pixels = args.pixelCount - args.firstPixel;
  const shell = hostI32(args.bandShell);
  const scale = hostF32(args.scale)[image]!;
  const inverseSigma2 = hostF32(args.inverseSigma2);
  const row = hostI32(args.group)[image]! * args.shellCount;
  const signal = new Float64Array(pixels);
  const power = new Float64Array(pixels);
  for (let p = 0; p < pixels; p++) {
    const k = args.firstPixel + p;
    const ctf = args.ctf === null ? 1 : hostF32(args.ctf)[image * args.bandPixelCount + k]!;
    const inverse = shell[k]! < args.shellCount ? inverseSigma2[row + shell[k]!]! : 0;
    signal[p] = scale * ctf * inverse;
    power[p] = signal[p]! * scale * ctf;
  }
  return { signal, power };
}

/** One slice under all shifts. */
interface ScoredSlice {
  readonly score: number;
  readonly bestShift: number;
  readonly best: { readonly likelihood: number; readonly cross: number; readonly power: number };
  readonly inverted: number;
}

function scoreSlice(args: CompareArgs, image: number, cross: Float64Array, norm: number): ScoredSlice {
  const logShiftPrior = hostF32(args.logShiftPrior).subarray(image * args.shiftCount);
  const gain = (c: number) => (c * c) / (4 * norm);
  let best = { likelihood: Number.NEGATIVE_INFINITY, cross: 0, power: 2 * norm };
  let inverted = 0;
  let bestShift = 0;
  const values = cross.map((c, t) => {
    // "not at most 0" lets NaN through, so that a broken image shows itself.
    const likelihood = !args.profileScale ? c - norm : c <= 0 ? 0 : gain(c);
    if (likelihood > best.likelihood) best = { likelihood, cross: c, power: 2 * norm };
    if (c < 0) inverted = Math.max(inverted, gain(c));
    return likelihood + logShiftPrior[t]!;
  });
  values.forEach((value, t) => {
    if (value > values[bestShift]!) bestShift = t;
  });
  const largest = values[bestShift]!;
  const score = largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return { score, bestShift, best, inverted };
}

export function addEvidence(args: ScanState, image: number, score: number): void {
  const evidence = hostF64(args.evidence);
  const largest = Math.max(evidence[2 * image]!, score);
  evidence[2 * image + 1] =
    evidence[2 * image + 1]! * Math.exp(evidence[2 * image]! - largest) + Math.exp(score - largest);
  evidence[2 * image] = largest;
}

/** Replaces the worst kept slice (lowest score; of equals the later slice) if this one is better. */
export function keepBest(
  args: ScanState,
  image: number,
  slice: number,
  pose: { readonly score: number; readonly bestShift: number },
): void {
  if (args.keepCount === 0) return;
  const topScore = hostF32(args.topScore);
  const topSlice = hostI32(args.topSlice);
  const first = image * args.keepCount;
  let worst = first;
  for (let place = first + 1; place < first + args.keepCount; place++) {
    const isWorse =
      topScore[place]! < topScore[worst]! ||
      (topScore[place] === topScore[worst] && topSlice[place]! > topSlice[worst]!);
    if (isWorse) worst = place;
  }
  const score = Math.fround(pose.score);
  if (score > topScore[worst]! || (score === topScore[worst] && slice < topSlice[worst]!)) {
    topScore[worst] = score;
    topSlice[worst] = slice;
    hostI32(args.topShift)[worst] = pose.bestShift;
  }
}

function addProfile(profile: Float32Array, image: number, pose: ScoredSlice): void {
  const row = profile.subarray(4 * image, 4 * image + 4);
  if (pose.best.likelihood > row[0]!) row.set([pose.best.likelihood, pose.best.cross, pose.best.power]);
  row[3] = Math.max(row[3]!, pose.inverted);
}
