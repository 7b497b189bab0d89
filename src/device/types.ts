import type { DeviceBuffer, ElementType, HostArray } from "./buffer.ts";
import type { CompareArgs } from "./ops/compare.ts";
import type { CompareCellsArgs } from "./ops/compare-cells.ts";
import type { ConformImagesArgs } from "./ops/conform-images.ts";
import type { CtfArgs } from "./ops/ctf.ts";
import type { Fft3Args, FftLinesArgs, FftPlanesArgs } from "./ops/fft.ts";
import type { InsertArgs } from "./ops/insert.ts";
import type { PrepareImagesArgs } from "./ops/prepare-images.ts";
import type { ProjectArgs } from "./ops/project.ts";
import type { ProposePointsArgs } from "./ops/propose-points.ts";
import type { RadialMeanArgs } from "./ops/radial-mean.ts";
import type { ReconstructArgs } from "./ops/reconstruct.ts";
import type { ReferenceVolumeArgs } from "./ops/reference-volume.ts";
import type { ResidualsArgs } from "./ops/residuals.ts";
import type { ScorePointsArgs } from "./ops/score-points.ts";
import type { ShellSumsArgs } from "./ops/shell-sums.ts";
import type {
  AddFixedArgs,
  AddSumsArgs,
  ClaimSlabArgs,
  FinishSlabArgs,
  HermitianColumnArgs,
} from "./ops/slab-finish.ts";
import type {
  GriddingFromPlanesArgs,
  GriddingToPlanesArgs,
  MapLinesArgs,
  MapPlanesArgs,
  SmoothPlanesArgs,
} from "./ops/slab-gridding.ts";
import type { AddSlicesArgs, ExtractSlicesArgs } from "./ops/slab-insert.ts";
import type { NarrowSumsArgs, SymmetriseArgs, SymmetriseRowsArgs } from "./ops/symmetrise.ts";
import type { InsertTilesArgs, WeighTilesArgs } from "./ops/tile-insert.ts";
import type { UpdateCloudArgs } from "./ops/update-cloud.ts";

/** Every operation: takes whole batches, is enqueued in order, returns nothing. Each has a plain TypeScript reference in ops/. */
export interface DeviceOps {
  ctf(args: CtfArgs): void;
  conformImages(args: ConformImagesArgs): void;
  prepareImages(args: PrepareImagesArgs): void;
  project(args: ProjectArgs): void;
  compare(args: CompareArgs): void;
  compareCells(args: CompareCellsArgs): void;
  scorePoints(args: ScorePointsArgs): void;
  proposePoints(args: ProposePointsArgs): void;
  updateCloud(args: UpdateCloudArgs): void;
  residuals(args: ResidualsArgs): void;
  insert(args: InsertArgs): void;
  symmetrise(args: SymmetriseArgs): void;
  radialMean(args: RadialMeanArgs): void;
  reconstruct(args: ReconstructArgs): void;
  referenceVolume(args: ReferenceVolumeArgs): void;
  fftForward3(args: Fft3Args): void;
  fftInverse3(args: Fft3Args): void;
  // What follows works on the part of a volume that one rank holds.
  fftPlanes(args: FftPlanesArgs): void;
  fftLines(args: FftLinesArgs): void;
  extractSlices(args: ExtractSlicesArgs): void;
  addSlices(args: AddSlicesArgs): void;
  weighTiles(args: WeighTilesArgs): void;
  insertTiles(args: InsertTilesArgs): void;
  addFixed(args: AddFixedArgs): void;
  addSums(args: AddSumsArgs): void;
  claimSlab(args: ClaimSlabArgs): void;
  hermitianColumn(args: HermitianColumnArgs): void;
  finishSlab(args: FinishSlabArgs): void;
  symmetriseRows(args: SymmetriseRowsArgs): void;
  narrowSums(args: NarrowSumsArgs): void;
  shellSums(args: ShellSumsArgs): void;
  griddingToPlanes(args: GriddingToPlanesArgs): void;
  smoothPlanes(args: SmoothPlanesArgs): void;
  griddingFromPlanes(args: GriddingFromPlanesArgs): void;
  mapLines(args: MapLinesArgs): void;
  mapPlanes(args: MapPlanesArgs): void;
}

/** Calls of an op and the time they took on the device. */
export interface OpTiming {
  readonly count: number;
  readonly elapsedMs: number;
}

/**
 * A machine that runs the kernels. Wrong arguments throw at once (ShapeError, UsageError); what an op meets while it runs
 * surfaces at the next `read` or `idle`. A buffer may be freed as soon as the ops that use it are enqueued.
 */
export interface Device extends DeviceOps {
  readonly kind: "cpu" | "reference";
  /** For run.json and the terminal: processor, instruction set, threads. */
  readonly description: string;
  readonly threads: number;
  /** Instruction set in use: same seed, same bytes holds within one. */
  readonly isa: string;
  readonly allocatedBytes: number;
  readonly peakBytes: number;
  /** A fresh buffer of zeros. What is never written of a sparse one takes, if the device can help it, no memory; to others it gives speed. */
  allocate(elementType: ElementType, length: number, isSparse?: boolean): DeviceBuffer;
  /** A fresh buffer that holds a copy of `data`. */
  upload(data: HostArray): DeviceBuffer;
  /** Copies at once; the caller may change `data` afterwards. */
  write(buffer: DeviceBuffer, data: HostArray, offset?: number): void;
  /** A fresh array, or `into`, of the buffer's type and `count` elements, which is the device's until the promise settles. */
  read(buffer: DeviceBuffer, offset?: number, count?: number, into?: HostArray): Promise<HostArray>;
  /**
   * The buffer's memory itself, for messages between ranks, which need no copy then. Whoever reads or writes it sees to it that no queued
   * op uses the buffer meanwhile. It lives for as long as the array is held: after `free` too.
   */
  hostView(buffer: DeviceBuffer): HostArray;
  fill(buffer: DeviceBuffer, value: number): void;
  /**
   * The front of a buffer's memory as `length` elements of another type; the rest is given back and `buffer` is spent. No
   * queued op may hold it: await `idle` first.
   */
  shrink(buffer: DeviceBuffer, elementType: ElementType, length: number): DeviceBuffer;
  idle(): Promise<void>;
  /** What has run since the device was opened, by op. */
  timings(): Readonly<Record<string, OpTiming>>;
  close(): void;
}
