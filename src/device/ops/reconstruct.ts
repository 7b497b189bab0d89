import { fourierBoxIndex, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount, expectEvenBox } from "../check-buffer.ts";
import { dft3Into, makeComplex3 } from "../reference/fft.ts";
import { makeGriddingKernel } from "../reference/gridding-kernel.ts";
import { hostF32, hostF64 } from "../reference/host-buffer.ts";
import { expectPaddedSize, sincSquared } from "../reference/padded-grid.ts";

/**
 * F and T → real-space map.
 *
 * D(p) = max(T(p) + prior[round(|p|/padding)], share · mean of T + prior over the voxels of floor(|p|/padding)) inside |p| ≤
 * padding·maxShell and the M grid's Nyquist (|x|, |y|, |z| < M/2), 0 outside; griddingIterations = 0: share = 0.001, W = 1/D.
 * Otherwise share = 1e-10 (the loop itself bounds W between neighbours) and the density-compensation loop of algorithm 6.5
 * on D divided by its mean, so that a common factor of F and T changes nothing: W = 1 (inside), repeat
 * C = D·W → iFFT → × h → FFT → W /= max(|C|, 1e-6) (at most 1e20), stop when max| |C| − 1 | < 0.01, or from the 10th iteration on
 * when it fell by less than 5 % twice running, or after griddingIterations; h with radius 1.9 padded voxels·padding (3.8),
 * α = 15, argument x/M. Where D is 0 (nothing was inserted and no prior), W = 0.
 * map = iFFT_M(F·W), cropped to the central N³, divided by the product sinc²(x/M)sinc²(y/M)sinc²(z/M) (trilinear kernel),
 * M = padding·N. Phase origin at voxel floor(N/2). T must be symmetric, T(0, y, z) = T(0, −y, −z), as finishSlab makes it.
 */
export interface ReconstructArgs {
  /** f32 FourierBox complex */
  readonly forward: DeviceBuffer;
  /** f32 FourierBox real */
  readonly weight: DeviceBuffer;
  readonly accumulatorRadiusPx: number;
  /** M = paddingFactor · boxPx must be an even integer. */
  readonly paddingFactor: number;
  readonly boxPx: number;
  readonly maxShell: number;
  /** f64 [maxShell + 1]: added to T per shell (0: unregularised). */
  readonly prior: DeviceBuffer;
  readonly griddingIterations: number;
  /** f32 [N][N][N], overwritten */
  readonly map: DeviceBuffer;
  /** f64 [2], overwritten: iterations done, last max| |C| − 1 | (0, 0 without iterations); or null. */
  readonly report: DeviceBuffer | null;
}

export function checkReconstruct(args: ReconstructArgs): void {
  expectEvenBox("reconstruct: boxPx", args.boxPx);
  expectPaddedSize("reconstruct: paddingFactor", args.boxPx, args.paddingFactor);
  expectCount("reconstruct: accumulatorRadiusPx", args.accumulatorRadiusPx);
  expectCount("reconstruct: maxShell", args.maxShell);
  expectCount("reconstruct: griddingIterations", args.griddingIterations);
  const { voxelCount } = fourierBoxOfRadius(args.accumulatorRadiusPx);
  expectBuffer("reconstruct: forward", args.forward, "f32", 2 * voxelCount);
  expectBuffer("reconstruct: weight", args.weight, "f32", voxelCount);
  expectBuffer("reconstruct: prior", args.prior, "f64", args.maxShell + 1);
  expectBuffer("reconstruct: map", args.map, "f32", args.boxPx ** 3);
  if (args.report !== null) expectBuffer("reconstruct: report", args.report, "f64", 2);
}

/** Smallest D, as a share of its shell's mean, of the direct weight and of the gridding loop. */
const DIRECT_FLOOR = 1e-3;
const LOOP_FLOOR = 1e-10;

/** A voxel inside the radius: its place in the box, and in the M grid with its Friedel mate's. */
interface Voxel {
  readonly index: number;
  readonly shell: number;
  /** Shell whose mean bounds D from below: rounded down. */
  readonly floorShell: number;
  readonly place: number;
  readonly matePlace: number;
  /** 1 where both mates are stored (x = 0), else 2. */
  readonly count: number;
}

export function reconstructReference(args: ReconstructArgs): void {
  const size = args.paddingFactor * args.boxPx;
  const forward = hostF32(args.forward);
  const voxels = voxelsInside(args, size);
  const { density, mean } = normalisedDensity(args, voxels);
  const { compensation, iterations, error } =
    args.griddingIterations === 0
      ? { compensation: density.map((d) => (d > 0 ? 1 / d : 0)), iterations: 0, error: 0 }
      : compensate(density, voxels, size, args);
  const grid = makeComplex3(size, size, size);
  voxels.forEach(({ index, place, matePlace, count }, i) => {
    const w = mean > 0 ? compensation[i]! / mean : 0;
    grid.re[place] = forward[2 * index]! * w;
    grid.im[place] = forward[2 * index + 1]! * w;
    if (count === 2) {
      grid.re[matePlace] = grid.re[place]!;
      grid.im[matePlace] = -grid.im[place]!;
    }
  });
  dft3Into(grid, 1);
  cropInto(hostF32(args.map), grid.re, args.boxPx, size);
  if (args.report !== null) hostF64(args.report).set([iterations, error]);
}

function voxelsInside(args: ReconstructArgs, size: number): Voxel[] {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const edge = Math.min(args.accumulatorRadiusPx + 1, size / 2 - 1);
  const radius = args.paddingFactor * args.maxShell;
  const place = (x: number, y: number, z: number): number =>
    (((z + size) % size) * size + ((y + size) % size)) * size + ((x + size) % size);
  const voxels: Voxel[] = [];
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      for (let x = 0; x <= edge; x++) {
        const distance = Math.sqrt(x * x + y * y + z * z);
        if (distance > radius) continue;
        voxels.push({
          index: fourierBoxIndex(box, x, y, z),
          shell: Math.round(distance / args.paddingFactor),
          floorShell: Math.floor(distance / args.paddingFactor),
          place: place(x, y, z),
          matePlace: place(-x, -y, -z),
          count: x === 0 ? 1 : 2,
        });
      }
    }
  }
  return voxels;
}

/** D over its mean, per voxel, and that mean (of T + prior). */
function normalisedDensity(args: ReconstructArgs, voxels: readonly Voxel[]): { density: Float64Array; mean: number } {
  const weight = hostF32(args.weight);
  const prior = hostF64(args.prior);
  const sum = new Float64Array(args.maxShell + 1);
  const count = new Float64Array(args.maxShell + 1);
  for (const voxel of voxels) {
    sum[voxel.floorShell]! += voxel.count * (weight[voxel.index]! + prior[voxel.shell]!);
    count[voxel.floorShell]! += voxel.count;
  }
  const total = sum.reduce((a, b) => a + b, 0);
  const mean = total / count.reduce((a, b) => a + b, 0);
  const share = args.griddingIterations > 0 ? LOOP_FLOOR : DIRECT_FLOOR;
  const density = Float64Array.from(voxels, ({ index, shell, floorShell }) => {
    if (!(mean > 0)) return 0;
    return Math.max(weight[index]! + prior[shell]!, (share * sum[floorShell]!) / count[floorShell]!) / mean;
  });
  return { density, mean };
}

/** The gridding loop: W with D·W, convolved with the kernel, as near to 1 as the loop gets. */
function compensate(
  density: Float64Array,
  voxels: readonly Voxel[],
  size: number,
  args: ReconstructArgs,
): { compensation: Float64Array; iterations: number; error: number } {
  const kernel = makeGriddingKernel(size, 1.9 * args.paddingFactor);
  const compensation = density.map((d) => (d > 0 ? 1 : 0));
  let error = Number.POSITIVE_INFINITY;
  let stalled = 0;
  let iterations = 0;
  while (iterations < args.griddingIterations) {
    const grid = makeComplex3(size, size, size);
    voxels.forEach(({ place, matePlace }, i) => {
      grid.re[place] = density[i]! * compensation[i]!;
      grid.re[matePlace] = grid.re[place]!;
    });
    dft3Into(grid, 1);
    for (let i = 0; i < grid.re.length; i++) {
      const h = kernel[squaredDistance(i, size)]! / size ** 3;
      grid.re[i]! *= h;
      grid.im[i]! *= h;
    }
    dft3Into(grid, -1);
    const previous = error;
    error = 0;
    voxels.forEach(({ place }, i) => {
      if (density[i] === 0) return;
      const c = Math.hypot(grid.re[place]!, grid.im[place]!);
      error = Math.max(error, Math.abs(c - 1));
      compensation[i] = Math.min(compensation[i]! / Math.max(c, 1e-6), 1e20);
    });
    iterations++;
    stalled = error > 0.95 * previous ? stalled + 1 : 0;
    if (error < 0.01 || (iterations >= 10 && stalled >= 2)) break;
  }
  return { compensation, iterations, error };
}

/** Squared distance, in voxels, of a grid place from index 0, the wrapped origin. */
function squaredDistance(place: number, size: number): number {
  const x = place % size;
  const y = Math.floor(place / size) % size;
  const z = Math.floor(place / (size * size));
  return Math.min(x, size - x) ** 2 + Math.min(y, size - y) ** 2 + Math.min(z, size - z) ** 2;
}

function cropInto(map: Float32Array, padded: Float64Array, n: number, size: number): void {
  const wrap = (coordinate: number): number => (coordinate - n / 2 + size) % size;
  const correction = Float64Array.from({ length: n }, (_, x) => sincSquared((x - n / 2) / size));
  for (let z = 0; z < n; z++) {
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        const value = padded[(wrap(z) * size + wrap(y)) * size + wrap(x)]! / size ** 3;
        map[(z * n + y) * n + x] = value / (correction[x]! * correction[y]! * correction[z]!);
      }
    }
  }
}
