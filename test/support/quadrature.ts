import { KERNEL_FIELDS } from "../../src/device/ops/cloud/kernel.ts";
import { SUMMARY } from "../../src/device/ops/update-cloud.ts";
import { AFTER_WEIGHING, type FilterResult } from "../../src/expectation/filter.ts";
import {
  conjugateInto,
  fromRotationVectorInto,
  multiplyInto,
  rotationVectorInto,
} from "../../src/geometry/quaternion.ts";
import { type DoublePosterior, logSumExp } from "./double-posterior.ts";

/** Lattice of standard deviations: the trapezoidal rule of a Gaussian at this step errs by 2 exp(−2π²/step²) = 5e-11. */
const STEP = 0.9;
const REACH = 6;
const SIDE = 2 * REACH + 1;
const AXES = 5;

/** One image's posterior on a dense lattice. */
export interface Quadrature {
  /** log ∫ e^L N(t; 0, σt²) dR dt, dR the normalised Haar measure. */
  readonly logEvidence: number;
  /** [axis][bin] posterior mass below each upper edge; bins of the lattice's own axes. */
  readonly cumulative: readonly Float64Array[];
  readonly frame: Frame;
}

/** The lattice's own axes, around the cloud's mean: as the shift goes with the turn, the lattice of shifts moves with it. */
interface Frame {
  readonly rotation: Float64Array;
  readonly shiftPx: readonly [number, number];
  /** Packed Cholesky factor of one step. */
  readonly factor: readonly number[];
}

/** @param summary,kernel  rows of the filter's result: only where and how densely to look */
export function quadrature(
  exact: DoublePosterior,
  summary: Float32Array,
  kernel: Float32Array,
  shiftSigmaPx: number,
): Quadrature {
  const q = Float64Array.from(summary.subarray(SUMMARY.rotation, SUMMARY.rotation + 4));
  const shiftPx = [summary[SUMMARY.shiftPx]!, summary[SUMMARY.shiftPx + 1]!] as const;
  const f = Array.from(kernel, (value) => (STEP * value) / AFTER_WEIGHING.perturbFactor);
  const shifts: number[] = [];
  for (let y = -REACH; y <= REACH; y++) {
    for (let x = -REACH; x <= REACH; x++) shifts.push(shiftPx[0] + f[9]! * x, shiftPx[1] + f[13]! * x + f[14]! * y);
  }
  const count = shifts.length / 2;
  const logPeak = -Math.log(2 * Math.PI * shiftSigmaPx ** 2);
  const phases = exact.makePhases(shifts);
  const turn = new Float64Array(4);
  const likelihood = new Float64Array(count);
  const values = new Float64Array(SIDE ** AXES);
  let at = 0;
  for (let c = -REACH; c <= REACH; c++) {
    for (let b = -REACH; b <= REACH; b++) {
      for (let a = -REACH; a <= REACH; a++) {
        const v = [f[0]! * a, f[1]! * a + f[2]! * b, f[3]! * a + f[4]! * b + f[5]! * c] as const;
        const moved = [6, 10].map((row) => f[row]! * a + f[row + 1]! * b + f[row + 2]! * c) as [number, number];
        fromRotationVectorInto(turn, 0, v[0], v[1], v[2]);
        multiplyInto(turn, 0, q, 0, turn, 0);
        exact.logLikelihoodInto(likelihood, turn, phases, moved);
        const half = Math.hypot(...v) / 2;
        const haar = half > 0 ? 2 * Math.log(Math.sin(half) / half) : 0;
        for (let t = 0; t < count; t++, at++) {
          const length2 = (shifts[2 * t]! + moved[0]) ** 2 + (shifts[2 * t + 1]! + moved[1]) ** 2;
          values[at] = likelihood[t]! + logPeak - length2 / (2 * shiftSigmaPx ** 2) + haar;
        }
      }
    }
  }
  const total = logSumExp(values);
  const cell = Math.log(f[0]! * f[2]! * f[5]! * f[9]! * f[14]!) - Math.log(8 * Math.PI * Math.PI);
  const frame = { rotation: q, shiftPx, factor: f };
  return { logEvidence: total + cell, cumulative: cumulativeOf(values, total), frame };
}

/** Steps of the table of a marginal's cumulative mass, per step of the lattice. */
const FINE = 32;

/** [axis] running mass of each marginal: the band-limited function through the lattice's sums, on a fine grid. */
function cumulativeOf(values: Float64Array, total: number): Float64Array[] {
  const mass = Array.from({ length: AXES }, () => new Float64Array(SIDE));
  // Slowest index first: c b a y x.
  const axisOf = [2, 1, 0, 4, 3];
  values.forEach((value, at) => {
    const p = Math.exp(value - total);
    let rest = at;
    for (let k = AXES - 1; k >= 0; k--) {
      mass[axisOf[k]!]![rest % SIDE]! += p;
      rest = Math.floor(rest / SIDE);
    }
  });
  return mass.map((row) => {
    const out = new Float64Array((SIDE - 1) * FINE);
    let running = 0;
    for (let i = 0; i < out.length; i++) {
      const x = (i + 0.5) / FINE;
      let density = 0;
      for (let k = 0; k < SIDE; k++) {
        const turn = Math.PI * (x - k);
        density += row[k]! * (Math.abs(turn) < 1e-9 ? 1 : Math.sin(turn) / turn);
      }
      running += density / FINE;
      out[i] = running;
    }
    return out;
  });
}

/**
 * Adds an image's support points to histograms: of each point, and along each axis, the posterior mass that the quadrature puts below it. Weights that
 * follow the posterior fill all bins alike.
 *
 * @param histograms  [5][bins], added to
 */
export function addToHistograms(
  histograms: readonly Float64Array[],
  found: FilterResult,
  image: number,
  { frame, cumulative }: Quadrature,
): void {
  const { rotationsPerImage: M, shiftsPerRotation: T } = found;
  const f = frame.factor;
  const q = new Float64Array(4);
  const inverse = new Float64Array(4);
  const v = new Float64Array(3);
  conjugateInto(inverse, 0, frame.rotation, 0);
  for (let point = image * M * T; point < (image + 1) * M * T; point++) {
    const rotation = 4 * Math.floor(point / T);
    q.set(found.rotations.subarray(rotation, rotation + 4));
    multiplyInto(q, 0, inverse, 0, q, 0);
    rotationVectorInto(v, 0, q, 0);
    const a = v[0]! / f[0]!;
    const b = (v[1]! - f[1]! * a) / f[2]!;
    const c = (v[2]! - f[3]! * a - f[4]! * b) / f[5]!;
    const left = [6, 10].map(
      (row, i) => found.shiftsPx[2 * point + i]! - frame.shiftPx[i]! - f[row]! * a - f[row + 1]! * b - f[row + 2]! * c,
    );
    const x = left[0]! / f[9]!;
    const y = (left[1]! - f[13]! * x) / f[14]!;
    for (const [axis, at] of [a, b, c, x, y].entries()) {
      const table = cumulative[axis]!;
      const index = Math.min(Math.max(Math.floor((at + REACH) * FINE), 0), table.length - 1);
      const bins = histograms[axis]!;
      const bin = Math.min(Math.max(Math.floor(table[index]! * bins.length), 0), bins.length - 1);
      bins[bin]! += found.weights[point]!;
    }
  }
}

/** Total variation between a histogram and one of equal bins. */
export function variationFromEven(bins: Float64Array): number {
  const total = bins.reduce((sum, x) => sum + x, 0);
  return bins.reduce((sum, x) => sum + Math.abs(x / total - 1 / bins.length), 0) / 2;
}

/** The row of an image's kernel. */
export const kernelOf = (found: FilterResult, image: number): Float32Array =>
  found.kernel.subarray(image * KERNEL_FIELDS, (image + 1) * KERNEL_FIELDS);
