import { philox4x32, uniform01 } from "../core/random.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import { systematicPicksInto } from "../device/ops/cloud/systematic-resampling.ts";
import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { Device } from "../device/types.ts";
import type { Band } from "../geometry/band.ts";
import { astigmaticVariant } from "../optics/astigmatism.ts";
import { computeBatchCtf, opticsOfBatch } from "../particles/batch-ctf.ts";
import type { ImageModel } from "../particles/image-model.ts";
import type { DeviceBand, DeviceImageSet } from "../particles/image-set.ts";
import type { DefocusGrid } from "../posterior/defocus-prior.ts";
import type { SupportPoints } from "../posterior/sample-rotations.ts";
import type { DeviceReference } from "./reference.ts";
import {
  curveInto,
  type GridTable,
  makeGridTable,
  type OwnRings,
  ringLogLikelihood,
  ringWeights,
  takeOffOwnShare,
} from "./ring-curve.ts";

/** How defocus is sampled along with the poses. */
export interface DefocusPlan {
  readonly grid: DefocusGrid;
  /** [particles] change of defocus that the image model's CTFs already hold, Å. */
  readonly currentA: Float32Array;
  /** Points (rotation and shift) of each posterior that meet every defocus. */
  readonly pointCount: number;
  /**
   * [shells] share of an image's own inserted band that comes back at it from the reference, times σ²; what it adds to a curve
   * would hold the image at the defocus that it was inserted with, and is taken off. All 0: a reference made without these images.
   */
  readonly ownShare: Float64Array;
  /** Change of astigmatism over which its slope and curvature are taken, Å. */
  readonly astigmatismStepA: number;
}

export interface DefocusCurves {
  /** [images][grid.count] log of the mean over the posterior of exp(L(z) − L(current)). */
  readonly curve: Float32Array;
  /** [images][4] slope and negative curvature of the log-likelihood along two components of astigmatism, 1/Å and 1/Å². */
  readonly astigmatism: Float32Array;
}

/** The images whose curves are wanted: shifts of their points are relative to `set`. */
export interface CurveImages {
  readonly set: DeviceImageSet;
  readonly model: ImageModel;
  readonly half: number;
  /** [images][2] words of each image's draws. */
  readonly key: Uint32Array;
  readonly stream: number;
}

/** Images whose sums are held at once. */
const CHUNK = 512;
/** Counter word of the draws, apart from the filter's. */
const DEFOCUS_STREAM = 0x64656663;

/**
 * Log-likelihood of every image as a function of its defocus, the pose integrated over its posterior.
 *
 * A change δ of defocus adds b(k) δ, b = π λ |k|², to the argument a of the CTF, the same all around a ring. So with the sums
 * per ring of x = Re conj(X) S e^{−iφ}·scale/σ² against sin a and cos a, and of y = |S|²·scale²/σ² against sin² a, cos² a
 * and sin² (a + π/4), the whole curve Σ C x − ½ C² y is known for any δ: three passes of `residuals` with the phase of the
 * CTF turned by 0, π/2 and π/4.
 */
export async function defocusCurves(
  device: Device,
  band: DeviceBand,
  { set, model, half, key, stream }: CurveImages,
  reference: DeviceReference,
  found: SupportPoints,
  plan: DefocusPlan,
): Promise<DefocusCurves> {
  const images = set.args.imageCount;
  const K = plan.pointCount;
  const S = set.args.shellCount;
  const pixels = band.bandPixelCount;
  const points = drawPoints(found, images, K, key, stream);
  const optics = opticsOfBatch(model, set.particles);
  const ctf = device.allocate("f32", images * band.bandPixelCount);
  const out = {
    curve: new Float32Array(images * plan.grid.count),
    astigmatism: new Float32Array(4 * images),
  };
  const tables = new Map<number, GridTable>();
  try {
    // [phase][images × K × 3 × S], chunk by chunk so that memory stays bounded.
    const sums = async (rows: Float64Array, first: number, count: number, isMerged: boolean) => {
      computeBatchCtf(device, band, model, set.particles, rows, ctf);
      return residualSums(device, set, ctf, reference, points, K, first, count, isMerged);
    };
    for (let first = 0; first < images; first += CHUNK) {
      const count = Math.min(CHUNK, images - first);
      const byPhase: Float64Array[] = [];
      const ctfs: Float32Array[] = [];
      for (const turnRad of [0, Math.PI / 2, Math.PI / 4]) {
        byPhase.push(await sums(phaseTurned(optics, turnRad), first, count, false));
        ctfs.push((await device.read(ctf, first * pixels, count * pixels)) as Float32Array);
      }
      const planes = (await device.read(set.args.images, 2 * first * pixels, 2 * count * pixels)) as Float32Array;
      const byAstigmatism: Float64Array[] = [];
      for (const component of [0, 1] as const) {
        for (const sign of [1, -1]) {
          const rows = astigmaticVariant(optics, component, sign * plan.astigmatismStepA);
          byAstigmatism.push(await sums(rows, first, count, true));
        }
      }
      for (let i = 0; i < count; i++) {
        const image = first + i;
        if (points.isEmpty[image]) continue;
        const particle = set.particles[image]!;
        const weights = ringWeights(model, half, particle, S);
        const voltageV = optics[CTF_OPTICS_FIELDS * image + 3]!;
        let table = tables.get(voltageV);
        if (table === undefined) {
          table = makeGridTable(plan.grid, band.band, model.pixelSizeA, voltageV, S);
          tables.set(voltageV, table);
        }
        const atCurrent = curveInto(
          out.curve,
          image * plan.grid.count,
          byPhase,
          i,
          K,
          S,
          weights,
          table,
          plan.currentA[particle]!,
        );
        const own = ownRings(band.band, planes, ctfs, i, S);
        const sigma2 = model.sigma2[half]!.subarray(model.noiseGroup[particle]! * S);
        const share = plan.ownShare.map((value, s) => (sigma2[s]! > 0 ? value / sigma2[s]! : 0));
        takeOffOwnShare(out.curve, image * plan.grid.count, own, share, table, plan.currentA[particle]!);
        for (const component of [0, 1] as const) {
          const up = ringLogLikelihood(byAstigmatism[2 * component]!, i, S, weights);
          const down = ringLogLikelihood(byAstigmatism[2 * component + 1]!, i, S, weights);
          const step = plan.astigmatismStepA;
          out.astigmatism[4 * image + 2 * component] = (up - down) / (2 * step);
          out.astigmatism[4 * image + 2 * component + 1] = (2 * atCurrent - up - down) / step ** 2;
        }
      }
    }
  } finally {
    ctf.free();
  }
  return out;
}

interface Points {
  /** [images][K][4] and [images][K][2] */
  readonly rotations: Float32Array;
  readonly shiftsPx: Float32Array;
  /** [images] 1: the image failed and has no points. */
  readonly isEmpty: Uint8Array;
}

/** An unbiased systematic sample of each posterior. */
function drawPoints(found: SupportPoints, images: number, K: number, key: Uint32Array, stream: number): Points {
  const T = found.shiftsPerRotation;
  const perImage = found.rotationsPerImage * T;
  const points = {
    rotations: new Float32Array(images * K * 4),
    shiftsPx: new Float32Array(images * K * 2),
    isEmpty: new Uint8Array(images),
  };
  const picks = new Int32Array(K);
  const words = new Uint32Array(4);
  for (let image = 0; image < images; image++) {
    const weights = found.weights.subarray(image * perImage, (image + 1) * perImage);
    if (!weights.some((weight) => weight > 0)) {
      points.isEmpty[image] = 1;
      for (let k = 0; k < K; k++) points.rotations[(image * K + k) * 4] = 1;
      continue;
    }
    philox4x32(words, key[2 * image]!, key[2 * image + 1]!, stream, DEFOCUS_STREAM, 0, 0);
    systematicPicksInto(picks, weights, uniform01(words[0]!));
    picks.forEach((pick, k) => {
      const rotation = image * found.rotationsPerImage + Math.floor(pick / T);
      const point = image * perImage + pick;
      points.rotations.set(found.rotations.subarray(4 * rotation, 4 * rotation + 4), (image * K + k) * 4);
      points.shiftsPx.set(found.shiftsPx.subarray(2 * point, 2 * point + 2), (image * K + k) * 2);
    });
  }
  return points;
}

/** Rows of `residuals`: one per point, or (merged) one per image with the mean over its points. */
async function residualSums(
  device: Device,
  set: DeviceImageSet,
  ctf: DeviceBuffer,
  reference: DeviceReference,
  points: Points,
  K: number,
  first: number,
  count: number,
  isMerged: boolean,
): Promise<Float64Array> {
  const rows = isMerged ? count : count * K;
  const buffers = {
    active: device.upload(Int32Array.from({ length: rows }, (_, i) => first + (isMerged ? i : Math.floor(i / K)))),
    rotations: device.upload(points.rotations.subarray(first * K * 4, (first + count) * K * 4)),
    shiftsPx: device.upload(points.shiftsPx.subarray(first * K * 2, (first + count) * K * 2)),
    weights: device.upload(new Float32Array(count * K).fill(isMerged ? 1 / K : 1)),
    out: device.allocate("f64", rows * 3 * set.args.shellCount),
  };
  device.residuals({
    ...set.args,
    ctf,
    ...reference.args,
    ...buffers,
    activeCount: rows,
    rotationsPerImage: isMerged ? K : 1,
    shiftsPerRotation: 1,
  });
  const sums = (await device.read(buffers.out)) as Float64Array;
  for (const buffer of Object.values(buffers)) buffer.free();
  return sums;
}

/** Per ring Σ |X|² C C and Σ |X|² C C⊥, C⊥ the CTF a quarter turn on: the image against itself under another defocus. */
function ownRings(band: Band, planes: Float32Array, ctfs: readonly Float32Array[], image: number, S: number): OwnRings {
  const [sine, cosine] = ctfs as [Float32Array, Float32Array];
  const own = { same: new Float64Array(S), turned: new Float64Array(S) };
  const at = image * band.pixelCount;
  for (let pixel = 1; pixel < band.pixelCount; pixel++) {
    const shell = band.shell[pixel]!;
    if (shell >= S) break;
    const power = planes[2 * at + pixel]! ** 2 + planes[2 * at + band.pixelCount + pixel]! ** 2;
    const c = sine[at + pixel]!;
    own.same[shell]! += power * c * c;
    own.turned[shell]! += power * c * cosine[at + pixel]!;
  }
  return own;
}

/** Optics rows with the phase of the CTF turned. */
function phaseTurned(optics: Float64Array, turnRad: number): Float64Array {
  const out = optics.slice();
  for (let at = 6; at < out.length; at += CTF_OPTICS_FIELDS) out[at]! += turnRad;
  return out;
}
