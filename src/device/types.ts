import type { DeviceBuffer, ElementType, HostArray } from "./buffer.ts";
import type { CompareArgs } from "./ops/compare.ts";
import type { ConformImagesArgs } from "./ops/conform-images.ts";
import type { CtfArgs } from "./ops/ctf.ts";
import type { Fft3Args } from "./ops/fft.ts";
import type { FinishAccumulatorArgs } from "./ops/finish-accumulator.ts";
import type { InsertArgs } from "./ops/insert.ts";
import type { PrepareImagesArgs } from "./ops/prepare-images.ts";
import type { ProjectArgs } from "./ops/project.ts";
import type { ProposePointsArgs } from "./ops/propose-points.ts";
import type { RadialMeanArgs } from "./ops/radial-mean.ts";
import type { ReconstructArgs } from "./ops/reconstruct.ts";
import type { ReferenceVolumeArgs } from "./ops/reference-volume.ts";
import type { ResidualsArgs } from "./ops/residuals.ts";
import type { ScorePointsArgs } from "./ops/score-points.ts";
import type { SymmetriseArgs } from "./ops/symmetrise.ts";
import type { UpdateCloudArgs } from "./ops/update-cloud.ts";

/** Every operation: takes whole batches, is enqueued in order, returns nothing. Each has a plain TypeScript reference in ops/. */
export interface DeviceOps {
  ctf(args: CtfArgs): void;
  conformImages(args: ConformImagesArgs): void;
  prepareImages(args: PrepareImagesArgs): void;
  project(args: ProjectArgs): void;
  compare(args: CompareArgs): void;
  scorePoints(args: ScorePointsArgs): void;
  proposePoints(args: ProposePointsArgs): void;
  updateCloud(args: UpdateCloudArgs): void;
  residuals(args: ResidualsArgs): void;
  insert(args: InsertArgs): void;
  finishAccumulator(args: FinishAccumulatorArgs): void;
  symmetrise(args: SymmetriseArgs): void;
  radialMean(args: RadialMeanArgs): void;
  reconstruct(args: ReconstructArgs): void;
  referenceVolume(args: ReferenceVolumeArgs): void;
  fftForward3(args: Fft3Args): void;
  fftInverse3(args: Fft3Args): void;
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
  allocate(elementType: ElementType, length: number): DeviceBuffer;
  /** A fresh buffer that holds a copy of `data`. */
  upload(data: HostArray): DeviceBuffer;
  /** Copies at once; the caller may change `data` afterwards. */
  write(buffer: DeviceBuffer, data: HostArray, offset?: number): void;
  read(buffer: DeviceBuffer, offset?: number, count?: number): Promise<HostArray>;
  fill(buffer: DeviceBuffer, value: number): void;
  idle(): Promise<void>;
  close(): void;
}
