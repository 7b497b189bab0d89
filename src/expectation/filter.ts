import type { DeviceBuffer } from "../device/buffer.ts";
import { KERNEL_FIELDS } from "../device/ops/cloud/kernel.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../device/ops/update-cloud.ts";
import type { Device } from "../device/types.ts";
import { type Band, bandPrefix } from "../geometry/band.ts";
import type { Mates } from "../geometry/mates.ts";
import type { DeviceImageSet } from "../particles/image-set.ts";
import type { Cloud } from "./cloud.ts";
import { proposeOverMates, spreadOverMates } from "./over-mates.ts";
import type { DeviceReference } from "./reference.ts";

/** One phase of the particle filter. */
export interface Phase {
  /** Largest shell compared: phases before the last ones look with fewer shells where the cloud is still coarse. */
  readonly maxShell: number;
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  /** Exponent of the posterior in the weights: below 1 only in phases that look. */
  readonly temper: number;
  /** Whether an image may stop here; the points it stops with are its posterior. */
  readonly isFinal: boolean;
  /** Points are repeated at every mate of FilterOptions.mates. */
  readonly isOverMates?: boolean;
}

export interface FilterOptions {
  readonly phases: readonly Phase[];
  /** Parents kept between phases and handed to the next round. */
  readonly parentCount: number;
  /** An image stops at the first final phase whose effective sample size reaches this share of its points. */
  readonly enoughEss: number;
  readonly degreesOfFreedom: number;
  /** σt of the shift prior around the image centre, px. */
  readonly shiftSigmaPx: number;
  /** [symmetryCount][4] */
  readonly symmetry: Float32Array;
  /** Relaxed symmetry: `symmetry` is that of the map, and points of any mate are laid on one another where widths are measured. */
  readonly mates?: Mates;
  /** [images][2] */
  readonly key: Uint32Array;
  readonly stream: number;
  readonly signal: AbortSignal;
}

/** What the filter leaves: the points of each image's last phase. Shifts relative to the (recentred) images. */
export interface FilterResult {
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  readonly rotations: Float32Array;
  readonly shiftsPx: Float32Array;
  readonly weights: Float32Array;
  readonly summary: Float32Array;
  readonly kernel: Float32Array;
  readonly parentRotations: Float32Array;
  readonly parentShiftsPx: Float32Array;
}

/** Rows of an image-major array, for the images still active. */
function gatherRows(source: Float32Array, rows: Int32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) out.set(source.subarray(row * width, (row + 1) * width), i * width);
  return out;
}

function scatterRows(
  target: Float32Array,
  source: Float32Array,
  pairs: readonly (readonly [number, number])[],
  width: number,
): void {
  for (const [from, to] of pairs) target.set(source.subarray(from * width, (from + 1) * width), to * width);
}

/** Constants of the proposal; decisions/0005 says what they were measured against. */
export const DEGREES_OF_FREEDOM = 8;
export const ENOUGH_ESS = 0.5;
/** What follows a phase that looks: its cloud as it is, since what is one mode is not yet known. */
const AFTER_LOOK = { perturbFactor: 0.8, parentSpread: 1 };
/** What follows a phase that weighs: each mode's mean, and a kernel a little wider than the posterior. One smooth density, so that the lattice integrates it well. */
export const AFTER_WEIGHING = { perturbFactor: 1.2, parentSpread: 0 };
const SHRINK_FLOOR = 0.4;
const MIN_ROTATION_RAD = (0.05 * Math.PI) / 180;
const MIN_SHIFT_PX = 0.01;

/**
 * Runs the particle filter on every image of a set: perturb, weigh against the one posterior, resample, adapt the width, until each image stops.
 * All final phases of a plan have the same numbers of rotations and shifts.
 */
export async function filterCloud(
  device: Device,
  set: DeviceImageSet,
  band: Band,
  reference: DeviceReference,
  start: Cloud,
  options: FilterOptions,
): Promise<FilterResult> {
  const images = set.args.imageCount;
  const last = options.phases[options.phases.length - 1]!;
  const M = last.rotationsPerImage;
  const T = last.shiftsPerRotation;
  const J = options.parentCount;
  const result: FilterResult = {
    rotationsPerImage: M,
    shiftsPerRotation: T,
    rotations: new Float32Array(images * M * 4),
    shiftsPx: new Float32Array(images * M * T * 2),
    weights: new Float32Array(images * M * T),
    summary: new Float32Array(images * SUMMARY_FIELDS),
    kernel: new Float32Array(images * KERNEL_FIELDS),
    parentRotations: new Float32Array(images * J * 4),
    parentShiftsPx: new Float32Array(images * J * 2),
  };
  let active = Int32Array.from({ length: images }, (_, i) => i);
  let cloud = start;
  for (let phase = 0; phase < options.phases.length && active.length > 0; phase++) {
    options.signal.throwIfAborted();
    const plan = options.phases[phase]!;
    const step = await runPhase(device, set, band, reference, cloud, active, plan, phase, options);
    const stays: number[] = [];
    const ends: [number, number][] = [];
    active.forEach((image, row) => {
      if (plan.isFinal && isFinished(step, row, plan, options, phase)) ends.push([row, image]);
      else stays.push(row);
    });
    if (ends.length > 0) {
      scatterRows(result.rotations, step.rotations, ends, M * 4);
      scatterRows(result.shiftsPx, step.shiftsPx, ends, M * T * 2);
      scatterRows(result.weights, step.weights, ends, M * T);
      scatterRows(result.summary, step.summary, ends, SUMMARY_FIELDS);
      scatterRows(result.kernel, step.kernel, ends, KERNEL_FIELDS);
      scatterRows(result.parentRotations, step.parentRotations, ends, J * 4);
      scatterRows(result.parentShiftsPx, step.parentShiftsPx, ends, J * 2);
    }
    const rows = Int32Array.from(stays);
    cloud = {
      parentCount: J,
      rotations: gatherRows(step.parentRotations, rows, J * 4),
      shiftsPx: gatherRows(step.parentShiftsPx, rows, J * 2),
      weights: gatherRows(step.parentWeights, rows, J),
      kernel: gatherRows(step.kernel, rows, KERNEL_FIELDS),
    };
    active = Int32Array.from(stays, (row) => active[row]!);
  }
  return result;
}

interface PhaseResult {
  readonly rotations: Float32Array;
  readonly shiftsPx: Float32Array;
  readonly weights: Float32Array;
  readonly summary: Float32Array;
  readonly kernel: Float32Array;
  readonly parentRotations: Float32Array;
  readonly parentShiftsPx: Float32Array;
  readonly parentWeights: Float32Array;
}

function isFinished(step: PhaseResult, row: number, plan: Phase, options: FilterOptions, phase: number): boolean {
  if (phase === options.phases.length - 1) return true;
  const summary = row * SUMMARY_FIELDS;
  if (step.summary[summary + SUMMARY.failed]! > 0) return true;
  const points = plan.rotationsPerImage * plan.shiftsPerRotation;
  return step.summary[summary + SUMMARY.effectiveSampleSize]! >= options.enoughEss * points;
}

async function runPhase(
  device: Device,
  set: DeviceImageSet,
  band: Band,
  reference: DeviceReference,
  cloud: Cloud,
  active: Int32Array,
  plan: Phase,
  phase: number,
  options: FilterOptions,
): Promise<PhaseResult> {
  const n = active.length;
  const M = plan.rotationsPerImage;
  const T = plan.shiftsPerRotation;
  const J = options.parentCount;
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  try {
    const key = new Uint32Array(2 * n);
    const priorCentre = new Float32Array(2 * n);
    active.forEach((image, i) => {
      key.set(options.key.subarray(2 * image, 2 * image + 2), 2 * i);
      for (let c = 0; c < 2; c++) priorCentre[2 * i + c] = -set.recentrePx[2 * image + c]!;
    });
    const points = {
      active: own(device.upload(active)),
      activeCount: n,
      rotationsPerImage: M,
      shiftsPerRotation: T,
      rotations: own(device.allocate("f32", n * M * 4)),
      shiftsPx: own(device.allocate("f32", n * M * T * 2)),
    };
    const kernel = own(device.upload(cloud.kernel));
    const folding = options.mates ? Float32Array.from(options.mates.group.quaternions) : options.symmetry;
    const shared = {
      symmetry: own(device.upload(folding)),
      symmetryCount: folding.length / 4,
      key: own(device.upload(key)),
      stream: options.stream,
      phase,
    };
    const logProposal = own(device.allocate("f32", n * M * T));
    const logLikelihood = own(device.allocate("f32", n * M * T));
    const weights = own(device.allocate("f32", n * M * T));
    const summary = own(device.allocate("f32", n * SUMMARY_FIELDS));
    const parentRotations = own(device.allocate("f32", n * J * 4));
    const parentShiftsPx = own(device.allocate("f32", n * J * 2));
    const parentWeights = own(device.allocate("f32", n * J));
    const proposal = {
      ...points,
      ...shared,
      ...(options.mates
        ? { symmetry: own(device.upload(options.symmetry)), symmetryCount: options.symmetry.length / 4 }
        : {}),
      parentCount: cloud.parentCount,
      parentRotations: own(device.upload(cloud.rotations)),
      parentShiftsPx: own(device.upload(cloud.shiftsPx)),
      parentWeights: own(device.upload(cloud.weights)),
      kernel,
      degreesOfFreedom: options.degreesOfFreedom,
      logProposal,
    };
    if (plan.isOverMates && options.mates) await proposeOverMates(device, proposal, options.mates);
    else device.proposePoints(proposal);
    device.scorePoints({
      ...set.args,
      ...reference.args,
      ...points,
      firstPixel: bandPrefix(band, 0),
      pixelCount: bandPrefix(band, plan.maxShell),
      out: logLikelihood,
    });
    device.updateCloud({
      ...points,
      ...shared,
      logLikelihood,
      logProposal,
      priorCentrePx: own(device.upload(priorCentre)),
      priorSigmaPx: own(device.upload(new Float32Array(n).fill(options.shiftSigmaPx))),
      temper: plan.temper,
      ...(plan.isFinal ? AFTER_WEIGHING : AFTER_LOOK),
      shrinkFloor: SHRINK_FLOOR,
      minRotationRad: MIN_ROTATION_RAD,
      minShiftPx: MIN_SHIFT_PX,
      kernel,
      weights,
      parentCount: J,
      parentRotations,
      parentShiftsPx,
      parentWeights,
      summary,
    });
    const read = async (buffer: DeviceBuffer) => (await device.read(buffer)) as Float32Array;
    const isKept = plan.isFinal || options.mates !== undefined;
    const result: PhaseResult = {
      rotations: isKept ? await read(points.rotations) : new Float32Array(0),
      shiftsPx: isKept ? await read(points.shiftsPx) : new Float32Array(0),
      weights: isKept ? await read(weights) : new Float32Array(0),
      summary: await read(summary),
      kernel: await read(kernel),
      parentRotations: await read(parentRotations),
      parentShiftsPx: await read(parentShiftsPx),
      parentWeights: await read(parentWeights),
    };
    if (options.mates) {
      const cloudShape = { rotationsPerImage: M, shiftsPerRotation: T };
      spreadOverMates({ ...result, ...cloudShape }, result.parentRotations, options.mates);
    }
    return result;
  } finally {
    for (const buffer of owned) buffer.free();
  }
}
