import { slicePanelLength } from "../device/ops/project.ts";
import { type Band, bandPrefix, makeBand } from "../geometry/band.ts";
import { fourierBoxFor } from "../geometry/fourier-box.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import { resolutionToShell } from "../geometry/shells.ts";
import { filterPhases, insertedShellOf, makeScanLevels, scanShell } from "../refine/schedule.ts";
import { type InsertionWork, insertedFlops, insertionWork } from "./insertion-work.ts";
import {
  cellFlops,
  compareFlops,
  ctfFlops,
  finishFlops,
  prepareFlops,
  projectFlops,
  proposeFlops,
  realFftFlops,
  residualFlops,
  scoreFlops,
  symmetriseFlops,
  updateFlops,
} from "./kernel-flops.ts";
import type { KernelFlops } from "./kernel-rates.ts";

/** What a refinement will be: data and options, no files. */
export interface PlanProblem {
  readonly particleCount: number;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly diameterA: number;
  readonly group: PointGroup;
  readonly paddingFactor: number;
  readonly offsetSigmaA: number;
  readonly initialResolutionA: number;
  /** What the run is expected to reach. */
  readonly finestResolutionA: number;
  readonly scanResolutionA: number;
  readonly rotationsPerImage: number;
  /** Of those, how many leave residuals and are inserted. */
  readonly insertedRotations: number;
  readonly shiftsPerRotation: number;
  readonly keepCells: number;
  readonly griddingIterations: number;
  /** Particles of a block of the journal: the smallest share of a rank. */
  readonly checkpointParticles: number;
  /** Images that meet the slices together; 0: as many as fit. */
  readonly batchParticles: number;
  readonly seed: number;
}

export type PlanStage = "first" | "global" | "local" | "final";

/** Work of one round of a stage, in counts that do not depend on ranks. */
export interface RoundWork {
  readonly stage: PlanStage;
  readonly radiusShell: number;
  readonly insertedShell: number;
  /** Pixels of an image's whole band. */
  readonly bandPixelCount: number;
  readonly scan: ScanWork | null;
  /** Per image: search, statistics and preparation in E; preparation and insertion in M. */
  readonly expectation: KernelFlops;
  readonly maximization: KernelFlops;
  /** Per half-set: the reference's transform; what follows insertion, F and T in `boxVoxels`. */
  readonly reference: KernelFlops;
  readonly boxVoxels: number;
  /** Of one image, sums to the owners of rows included; null: the last round's sums serve. */
  readonly insertion: InsertionWork | null;
  readonly referenceVoxels: number;
  /** Maps reconstructed in the round, of both half-sets and of all particles. */
  readonly reconstructions: number;
  /** Of one of them: once, and in each gridding iteration. */
  readonly transform: KernelFlops;
  readonly griddingStep: KernelFlops;
  readonly griddingIterations: number;
  /** Transforms of unpadded maps: FSC, joined shells. */
  readonly mapTransforms: KernelFlops;
  /** Completing and symmetrising one half-set's sums. */
  readonly finish: KernelFlops;
}

/** The global search: every image of a half-set meets every slice of the coarsest grid, and of finer ones the children of what it kept. */
export interface ScanWork {
  /** Of the coarsest grid, whose slices are shared, and of the finest. */
  readonly shell: number;
  readonly finestShell: number;
  readonly sliceCount: number;
  readonly shiftCount: number;
  readonly pixelCount: number;
  readonly sliceBytes: number;
  readonly perSlice: KernelFlops;
  /** One image against one slice. */
  readonly perComparison: KernelFlops;
  /** Slices of the finer grids: cut by every rank, in every pass. */
  readonly finerPerPass: KernelFlops;
  /** One image against the children of its cells, on all finer grids. */
  readonly finerPerImage: KernelFlops;
}

/** Of three last phases an image runs so many on average: it stops at the first whose sample is good enough. */
const MEAN_FINAL_PHASES: Readonly<Record<PlanStage, number>> = { first: 3, global: 2.2, local: 1.5, final: 0 };
/**
 * Cells that an image keeps on the grids of a scan, coarsest first, as a share of the most that it may keep: averages of runs at SNR 0.1 to
 * 0.3 (docs/decisions/0015-coarse-to-fine-scan.md). Noisy images keep all that they may, good ones a tenth on the finest grids.
 */
const MEAN_KEPT = [0.9, 0.8, 0.65] as const;
/** Multiples of keepCells that may be kept on every grid but the last. */
const SURVIVORS = 2;
/** Both half maps forward for their FSC; both references forward and back where their low shells are joined. */
const MAP_TRANSFORMS = 6;

/** Largest shell that a stage compares. */
export function stageShell(problem: PlanProblem, stage: PlanStage): number {
  const largest = problem.boxPx / 2;
  if (stage === "final") return largest;
  const wantedA = stage === "first" ? problem.initialResolutionA : problem.finestResolutionA;
  const shell = Math.round(resolutionToShell(wantedA, problem.boxPx, problem.pixelSizeA));
  return Math.min(largest, Math.max(shell, 4));
}

/** Counts what refine does in a round of this stage: the same schedule, grids and bands. */
export function roundWork(problem: PlanProblem, stage: PlanStage): RoundWork {
  const { boxPx, shiftsPerRotation, paddingFactor } = problem;
  const band = makeBand(boxPx, boxPx / 2);
  const radiusShell = stageShell(problem, stage);
  const insertedShell = stage === "final" ? boxPx / 2 : insertedShellOf(radiusShell, boxPx / 2);
  const scan = stage === "first" || stage === "global" ? scanWork(problem, radiusShell) : null;
  const pixelsTo = (shell: number) => bandPrefix(band, shell) - bandPrefix(band, 0);
  const grid = (paddingFactor * boxPx) ** 3;
  const { voxelCount } = fourierBoxFor(insertedShell, paddingFactor);
  const search = stage === "final" ? {} : searchFlops(problem, stage, scan, radiusShell, pixelsTo);
  const insertion = insertionOf(problem, stage, band, insertedShell);
  return {
    stage,
    radiusShell,
    insertedShell,
    bandPixelCount: band.pixelCount,
    scan,
    expectation:
      stage === "final"
        ? {}
        : {
            ...search,
            prepareMasked: prepareFlops(boxPx, true),
            ctf: ctfFlops(band.pixelCount),
            residuals: residualFlops(pixelsTo(radiusShell), insertedRotationsOf(problem), shiftsPerRotation),
          },
    maximization:
      insertion === null
        ? {}
        : {
            prepareImages: prepareFlops(boxPx, false),
            ctf: ctfFlops(band.pixelCount),
            insert: insertedFlops(insertion),
          },
    reference: stage === "final" ? {} : { fft: realFftFlops(grid) },
    boxVoxels: voxelCount,
    insertion,
    referenceVoxels: stage === "final" ? 0 : fourierBoxFor(radiusShell, paddingFactor).voxelCount,
    reconstructions: stage === "final" ? 3 : 4,
    transform: { reconstruct: realFftFlops(grid) },
    // There and back, each on half of the grid: D·W is real and even.
    griddingStep: { reconstruct: realFftFlops(grid) },
    griddingIterations: problem.griddingIterations,
    mapTransforms: { fft: MAP_TRANSFORMS * realFftFlops(boxPx ** 3) },
    finish: { finishSlab: finishFlops(voxelCount), project: symmetriseFlops(voxelCount, problem.group.order) },
  };
}

/** Rotations of an image that leave residuals and are inserted. */
export function insertedRotationsOf({ insertedRotations, rotationsPerImage }: PlanProblem): number {
  return Math.min(insertedRotations, rotationsPerImage);
}

function insertionOf(problem: PlanProblem, stage: PlanStage, band: Band, maxShell: number): InsertionWork | null {
  const { paddingFactor, shiftsPerRotation } = problem;
  if (stage === "final" && insertedShellOf(stageShell(problem, "local"), band.maxShell) === band.maxShell) return null;
  const points = { rotations: insertedRotationsOf(problem), shifts: shiftsPerRotation };
  return insertionWork(stage, band, maxShell, paddingFactor, points);
}

function scanWork(problem: PlanProblem, radiusShell: number): ScanWork {
  const { boxPx, pixelSizeA, diameterA } = problem;
  const finestShell = scanShell(radiusShell, boxPx, pixelSizeA, diameterA, problem.scanResolutionA);
  const { base, finer } = makeScanLevels({
    maxShell: finestShell,
    boxPx,
    pixelSizeA,
    diameterA,
    shiftSigmaPx: Math.max(1, problem.offsetSigmaA / pixelSizeA),
    group: problem.group,
    seed: problem.seed,
    round: 1,
  });
  const band = makeBand(boxPx, finestShell);
  const pixelsOf = (shell: number) => bandPrefix(band, shell) - bandPrefix(band, 0);
  const pixelCount = pixelsOf(base.maxShell);
  let finerProject = 0;
  let finerCompare = 0;
  let coarseCount = base.rotationCount;
  finer.forEach(({ grid }, level) => {
    const pixels = pixelsOf(grid.maxShell);
    const kept = SURVIVORS * problem.keepCells * MEAN_KEPT[Math.min(level, MEAN_KEPT.length - 1)]!;
    const cells = (Math.min(coarseCount, kept) * grid.rotationCount) / coarseCount;
    finerProject += grid.rotationCount * projectFlops(pixels);
    finerCompare += cells * cellFlops(pixels);
    coarseCount = grid.rotationCount;
  });
  return {
    shell: base.maxShell,
    finestShell,
    sliceCount: base.rotationCount,
    shiftCount: base.shifts.count,
    pixelCount,
    sliceBytes: (4 * slicePanelLength(base.rotationCount, pixelCount)) / base.rotationCount,
    perSlice: { project: projectFlops(pixelCount) },
    perComparison: { compare: compareFlops(pixelCount, base.shifts.count) },
    finerPerPass: { project: finerProject },
    finerPerImage: { compareCells: finerCompare },
  };
}

/** The particle filter of one image: every phase that looks, and as many of the last ones as are run on average. */
function searchFlops(
  problem: PlanProblem,
  stage: PlanStage,
  scan: ScanWork | null,
  radiusShell: number,
  pixelsTo: (shell: number) => number,
): KernelFlops {
  const { rotationsPerImage, shiftsPerRotation, keepCells } = problem;
  const phases = filterPhases(scan ? scan.finestShell : radiusShell, radiusShell, rotationsPerImage, shiftsPerRotation);
  const finalCount = phases.filter((phase) => phase.isFinal).length;
  let scorePoints = 0;
  let proposePoints = 0;
  let updateCloud = 0;
  phases.forEach((phase, index) => {
    const share = phase.isFinal ? Math.min(1, MEAN_FINAL_PHASES[stage] / finalCount) : 1;
    const parents = scan && index === 0 ? keepCells : rotationsPerImage;
    const { rotationsPerImage: rotations, shiftsPerRotation: shifts } = phase;
    scorePoints += share * scoreFlops(pixelsTo(phase.maxShell), rotations, shifts);
    proposePoints += share * proposeFlops(rotations, shifts, parents);
    updateCloud += share * updateFlops(rotations * shifts);
  });
  return { scorePoints, proposePoints, updateCloud };
}
