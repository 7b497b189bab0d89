import { DataError } from "../core/errors.ts";
import type { NodeModel } from "./cluster-model.ts";

/** The kernels that the cost model knows, by the op they belong to. */
export const KERNELS = [
  "project",
  "compare",
  "compareCells",
  "scorePoints",
  "proposePoints",
  "updateCloud",
  "residuals",
  "insert",
  "reconstruct",
  "prepareMasked",
  "prepareImages",
  "ctf",
  "fft",
  "finishSlab",
] as const;
export type Kernel = (typeof KERNELS)[number];

/** Flops by kernel, counted as `kernel-flops.ts` counts them. */
export type KernelFlops = Readonly<Partial<Record<Kernel, number>>>;

/** What one core of a measured machine does. */
export interface KernelRates {
  /** GFLOP/s of one core. */
  readonly gflops: Readonly<Record<Kernel, number>>;
  /** Peaks of one core of that machine: what the rates are scaled by on another. */
  readonly peakGflops: number;
  readonly copyGBps: number;
  /**
   * Seconds that orchestration takes on one core, however many there are: per image in E, its cells on the finer grids of a scan, and in M;
   * for owners of rows per image, per tile and owner, and per message; per voxel of a half map and once in M.
   */
  readonly hostSeconds: {
    readonly expectation: number;
    readonly cells: number;
    readonly maximization: number;
    readonly packing: number;
    readonly packedTile: number;
    readonly message: number;
    readonly mapVoxel: number;
    readonly maximizationRound: number;
  };
  readonly source: string;
}

/** Kernels that memory binds: on another machine they scale with its bandwidth, the others with its multiply-add peak. */
const MEMORY_BOUND: ReadonlySet<Kernel> = new Set(["reconstruct", "fft", "finishSlab"]);

/** Measured by `npm run bench`: bench/results/2026-11-30-kernels-cdb2053f.json; ctf and finishSlab from its rounds. */
export const defaultRates: KernelRates = {
  gflops: {
    project: 9.09,
    compare: 78.3,
    compareCells: 36.6,
    scorePoints: 29.3,
    proposePoints: 15.9,
    updateCloud: 0.669,
    residuals: 23.7,
    insert: 14.7,
    reconstruct: 17.2,
    prepareMasked: 5.71,
    prepareImages: 9.93,
    ctf: 33,
    fft: 11.5,
    finishSlab: 1.6,
  },
  peakGflops: 111,
  copyGBps: 17.0,
  hostSeconds: {
    expectation: 0.33e-3,
    cells: 0.6e-3,
    maximization: 0.05e-3,
    packing: 0.65e-3,
    packedTile: 0.2e-6,
    message: 0.15e-3,
    mapVoxel: 30e-9,
    maximizationRound: 0.06,
  },
  source: "AMD EPYC, 2 cores, AVX-512 (bench/results/2026-11-30-kernels-cdb2053f.json)",
};

/** Seconds of one rank for this many flops. */
export function kernelSeconds(flops: KernelFlops, rates: KernelRates, node: NodeModel): number {
  const computing = node.cores * (node.gflopsPerCore / rates.peakGflops);
  const moving = node.memoryGBps / rates.copyGBps;
  let seconds = 0;
  for (const kernel of KERNELS) {
    const count = flops[kernel];
    if (count === undefined || count === 0) continue;
    seconds += count / (1e9 * rates.gflops[kernel] * (MEMORY_BOUND.has(kernel) ? moving : computing));
  }
  return seconds;
}

interface BenchRow {
  readonly kernel: string;
  readonly what: string;
  readonly processorMs: number;
  readonly gflops: number;
}

/**
 * Rates of a result of `npm run bench`: per kernel the flops of all its cases over their processor time.
 * What the file lacks is taken from the default.
 *
 * @param where  names the file in messages
 */
export function ratesFromBench(text: string, where: string): KernelRates {
  const bench = benchOf(text, where);
  const sums = new Map<string, { mflop: number; ms: number }>();
  for (const row of bench.kernels) {
    const name = row.kernel === "prepareImages" && row.what.includes("masked") ? "prepareMasked" : row.kernel;
    const sum = sums.get(name) ?? { mflop: 0, ms: 0 };
    sum.mflop += row.gflops * row.processorMs;
    sum.ms += row.processorMs;
    sums.set(name, sum);
  }
  const gflops = { ...defaultRates.gflops };
  for (const kernel of KERNELS) {
    const sum = sums.get(kernel);
    if (sum && sum.ms > 0) gflops[kernel] = sum.mflop / sum.ms;
  }
  const { multiplyAddGflopsPerCore, copyGBpsPerCore } = bench.machine.allCores;
  return {
    gflops,
    peakGflops: multiplyAddGflopsPerCore,
    copyGBps: copyGBpsPerCore,
    hostSeconds: defaultRates.hostSeconds,
    source: `${bench.host?.processor ?? "unknown processor"}, ${bench.machine.isa ?? "unknown instruction set"} (${where})`,
  };
}

interface BenchFile {
  readonly host?: { readonly processor?: string };
  readonly machine: {
    readonly isa?: string;
    readonly allCores: { readonly multiplyAddGflopsPerCore: number; readonly copyGBpsPerCore: number };
  };
  readonly kernels: readonly BenchRow[];
}

function benchOf(text: string, where: string): BenchFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError(`${where}: expected JSON as npm run bench writes it. Give one of bench/results/.`, {}, cause);
  }
  const bench = value as Partial<BenchFile> | null;
  const peaks = bench?.machine?.allCores;
  const areRows =
    Array.isArray(bench?.kernels) && bench.kernels.every((row) => row.processorMs > 0 && row.gflops > 0 && row.what);
  if (!areRows || !(peaks && peaks.multiplyAddGflopsPerCore > 0 && peaks.copyGBpsPerCore > 0)) {
    throw new DataError(
      `${where}: expected "kernels" with gflops and processorMs, and "machine.allCores" with the peaks per core. Give a kernels file of bench/results/.`,
    );
  }
  return bench as BenchFile;
}
