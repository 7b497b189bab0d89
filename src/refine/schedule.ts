import { philox4x32, seedWords, uniform01 } from "../core/random.ts";
import type { ScanMargin } from "../expectation/child-cells.ts";
import type { Phase } from "../expectation/filter.ts";
import type { ScanGrid } from "../expectation/scan.ts";
import { type FinerLevel, nearestShifts, type ScanLevels } from "../expectation/scan-finer.ts";
import { makeShiftGrid } from "../expectation/shift-grid.ts";
import { childrenOf } from "../geometry/grid-children.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import { uniformRotationInto } from "../geometry/quaternion.ts";
import { makeViewGrid, type RotationGrid } from "../geometry/so3-grid.ts";

/** Shells are allowed to grow past the FSC's crossings by these: science.md's rule. */
const BEYOND_05 = 10;
const BEYOND_0143 = 5;

/** Largest shell of the coming round: what the FSC supports and a margin, within the box. */
export function nextRadius(shell05: number, shell0143: number, largestShell: number): number {
  return Math.min(largestShell, Math.max(Math.round(shell05) + BEYOND_05, Math.round(shell0143) + BEYOND_0143));
}

/** Shells inserted beyond those compared: what the next radius is judged by. */
const INSERTED_BEYOND = 12;

/** Largest shell inserted in a round, within the box. */
export function insertedShellOf(radiusShell: number, largestShell: number): number {
  return Math.min(largestShell, radiusShell + INSERTED_BEYOND);
}

/** Angular step that samples a particle of diameter D at resolution d: d/(π D) of a turn. */
export function angularStepRad(resolutionA: number, diameterA: number): number {
  return (2 * resolutionA) / diameterA;
}

/** The scan's finest grid looks no finer than this share of the particle's diameter; the particle filter goes on from there. */
const SCAN_DIAMETERS = 16;
/** Its coarsest grid, the only one that is compared whole: that costs the 7th power of the shell. */
const BASE_DIAMETERS = 6;

/** Largest shell of the scan of a round: the shells in use, coarser than D/16 (or what the option says). */
export function scanShell(
  radiusShell: number,
  boxPx: number,
  pixelSizeA: number,
  diameterA: number,
  scanResolutionA: number,
): number {
  const limitA = scanResolutionA > 0 ? scanResolutionA : diameterA / SCAN_DIAMETERS;
  return Math.min(radiusShell, Math.max(4, Math.round((boxPx * pixelSizeA) / limitA)));
}

/** Largest shell of the scan's coarsest grid. */
export function baseScanShell(maxShell: number, boxPx: number, pixelSizeA: number, diameterA: number): number {
  return Math.min(maxShell, Math.max(4, Math.round((boxPx * pixelSizeA * BASE_DIAMETERS) / diameterA)));
}

export interface ScanPlan {
  readonly maxShell: number;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly diameterA: number;
  readonly shiftSigmaPx: number;
  readonly group: PointGroup;
  readonly seed: number;
  readonly round: number;
}

/** Largest shift searched, in standard deviations of the prior. */
const SHIFT_REACH = 3;
/** Words that keep the grid's rotation apart from other draws of the seed. */
const GRID_STREAM = 0x67726964;

/** The grid of poses of a round, the same for both half-sets: rotated at random each round, reduced to the asymmetric unit. */
export function makeScanGrid(plan: ScanPlan): ScanGrid {
  return scanGridOf(plan, makeRotations(plan));
}

/**
 * The grids of a coarse-to-fine scan up to plan.maxShell: the coarsest is compared whole, of each finer one only the children of the
 * cells that were kept.
 */
export function makeScanLevels(plan: ScanPlan): ScanLevels {
  const shells = levelShells(baseScanShell(plan.maxShell, plan.boxPx, plan.pixelSizeA, plan.diameterA), plan.maxShell);
  let rotations = makeRotations({ ...plan, maxShell: shells[0]! });
  const base = scanGridOf({ ...plan, maxShell: shells[0]! }, rotations);
  const finer: FinerLevel[] = [];
  let coarse = base;
  for (const maxShell of shells.slice(1)) {
    const levelPlan = { ...plan, maxShell };
    const fineRotations = makeRotations(levelPlan);
    const grid = scanGridOf(levelPlan, fineRotations);
    finer.push({
      grid,
      children: childrenOf(rotations, fineRotations, plan.group),
      shiftOf: nearestShifts(coarse.shifts, grid.shifts),
    });
    rotations = fineRotations;
    coarse = grid;
  }
  return { base, finer };
}

/** Shells grow by at most this from level to level: a cell has about 3.4 children, each looked at under 21 shifts. */
const LEVEL_RATIO = 1.5;

/** Which cells are subdivided; decisions/ says what it was measured against. */
export const SURVIVOR_MARGIN: ScanMargin = { units: 40, shareOfBest: 0.3 };

/** Shells of the levels, in equal ratios. */
export function levelShells(base: number, finest: number): number[] {
  return equalRatios(base, finest, LEVEL_RATIO);
}

/** Shells from `first` to `last` whose ratios are alike and at most `largest`. */
function equalRatios(first: number, last: number, largest: number): number[] {
  const steps = Math.ceil(Math.log(last / first) / Math.log(largest) - 1e-9);
  return Array.from({ length: steps + 1 }, (_, i) => Math.round(first * (last / first) ** (steps > 0 ? i / steps : 0)));
}

function makeRotations(plan: ScanPlan): RotationGrid {
  const words = new Uint32Array(4);
  const [key0, key1] = seedWords(plan.seed);
  philox4x32(words, key0, key1, GRID_STREAM, plan.round, 0, 0);
  const turn = new Float64Array(4);
  uniformRotationInto(turn, 0, uniform01(words[0]!), uniform01(words[1]!), uniform01(words[2]!));
  const resolutionA = (plan.boxPx * plan.pixelSizeA) / plan.maxShell;
  const stepRad = Math.min(angularStepRad(resolutionA, plan.diameterA), Math.PI / 9);
  return makeViewGrid({ stepRad, turn, group: plan.group });
}

function scanGridOf(plan: ScanPlan, grid: RotationGrid): ScanGrid {
  const stepPx = plan.boxPx / (4 * plan.maxShell);
  return {
    quaternions: grid.quaternions,
    rotationCount: grid.count,
    rotationStepRad: Math.max(grid.viewStepRad, grid.inPlaneStepRad),
    shifts: makeShiftGrid(Math.max(SHIFT_REACH * plan.shiftSigmaPx, stepPx), stepPx, plan.shiftSigmaPx),
    maxShell: plan.maxShell,
  };
}

const LOOK_GROWTH = 1.5;
const LOOK_TEMPER = 0.5;
/** Of the scores of a scan where they choose the parents: at 0.5 one image in 400 lost its only peak, which lay between the cells. */
export const SCAN_TEMPER = 0.25;
/** Most phases that weigh. Nearly every image stops after one or two; one whose mode was hit by few points at first takes four or five. */
const LAST_PHASES = 6;
/** Perturbations that each mate is looked at with. */
const FEWEST_PER_MATE = 8;

/** Most rotations and support points that a phase of a local round gives an image: what memory is planned for. */
export function largestPhase(
  rotationsPerImage: number,
  shiftsPerRotation: number,
  mateCount: number,
): { readonly rotations: number; readonly points: number } {
  const phases = filterPhases(1, 1, rotationsPerImage, shiftsPerRotation, mateCount);
  return {
    rotations: Math.max(...phases.map((phase) => phase.rotationsPerImage)),
    points: Math.max(...phases.map((phase) => phase.rotationsPerImage * phase.shiftsPerRotation)),
  };
}

/**
 * Phases of the particle filter. After a scan the shells grow in equal ratios of at most 1.5, from the scan's to those in use, as the cloud shrinks: the full radius on
 * a coarse cloud would miss the peaks between its points. Phases that look are tempered; the last ones weigh. Where symmetry is relaxed
 * (mateCount above 1) the first phase looks at every mate.
 */
export function filterPhases(
  from: number,
  radiusShell: number,
  rotationsPerImage: number,
  shiftsPerRotation: number,
  mateCount = 1,
): Phase[] {
  const phases: Phase[] = [];
  const look = {
    rotationsPerImage: Math.round(1.5 * rotationsPerImage),
    shiftsPerRotation: Math.min(2, shiftsPerRotation),
    temper: LOOK_TEMPER,
    isFinal: false,
  };
  if (mateCount > 1) {
    const perMate = Math.max(FEWEST_PER_MATE, Math.round(look.rotationsPerImage / mateCount));
    phases.push({ ...look, rotationsPerImage: mateCount * perMate, maxShell: radiusShell, isOverMates: true });
  }
  if (from < radiusShell) {
    for (const maxShell of equalRatios(from, radiusShell, LOOK_GROWTH).slice(0, -1)) phases.push({ ...look, maxShell });
  }
  for (let k = 0; k < LAST_PHASES; k++) {
    phases.push({ maxShell: radiusShell, rotationsPerImage, shiftsPerRotation, temper: 1, isFinal: true });
  }
  return phases;
}
