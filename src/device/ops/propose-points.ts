import { expectInteger } from "../../core/checks.ts";
import { philox4x32, uniform01 } from "../../core/random.ts";
import { conjugateInto, fromRotationVectorInto, multiplyInto, normaliseInto } from "../../geometry/quaternion.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkPointSet } from "../check-image-set.ts";
import { hostF32, hostU32 } from "../reference/host-buffer.ts";
import {
  followingShift,
  KERNEL_FIELDS,
  type Kernel,
  kernelAt,
  rotationDensity,
  shiftDensity,
  shiftOfTurn,
} from "./cloud/kernel.ts";
import { MAX_DEGREES_OF_FREEDOM, studentRadius2, studentRadius3 } from "./cloud/student-t.ts";
import { systematicPicksInto } from "./cloud/systematic-resampling.ts";
import type { PointSetArgs } from "./image-set.ts";

/**
 * New support points of each image, perturbed from its weighted parents, with the density they were really drawn from.
 *
 * Parent of rotation m: systematic resampling of parentWeight (one uniform offset, step 1/rotationsPerImage). The offset's
 * order is not shuffled. Rotation: q = q_parent · exp(v), v = L z (rotation vector, rad, image axes), z a unit 3D Student t with
 * `degreesOfFreedom` ν; |v| ≥ π is redrawn (up to 16 times, then scaled to 0.99 π), and K_R is divided by the mass within |v| < π.
 * Each of its shiftsPerRotation shifts: t = t_parent + F z + L' z', z' a unit 2D Student t: the shift follows the turn, as the two are correlated.
 * logProposal(q, t) = log Σ_j w_j K_R(q | q_j) K_T(t | t_j, q): the mixture of the perturbation kernels over the cloud, K_R
 * with respect to the normalised Haar measure of SO(3) (uniform = 1; Haar density of a rotation vector of length θ:
 * (sin(θ/2)/(θ/2))²/(8π²)), K_T per px². With symmetry K_R K_T is summed over the mates of q_j (G·q_j), so the density lives on the
 * quotient; it is then divided by |G| so that uniform remains 1. A kernel may
 * leave out mates (identity excepted) that add less than 1e-9 of the kernel's peak.
 * z and z' come from a lattice, each point uniform by itself, all together even: u_d(m) = offset_d + m/g^(d + 1) mod 1, d = 0…4, g the
 * positive root of x^6 = x + 1 (Roberts 2018; a Kronecker sequence), in units of 2^-32. z: its radius holds u_0 of the mass, z_2/|z| = 2 u_1 − 1,
 * azimuth 2π u_2. z' of shift s of T: azimuth 2π (u_3 + s/T), its radius holds ((s + m) mod T + u_4)/T of the mass.
 * Random numbers: Philox keyed by key[row]; counter (stream, phase, index, block): index 2^32 − 1 for the resampling offset, 2^32 − 3, blocks 0 and 1
 * for the lattice's, m, block n for redraw n of rotation m.
 */
export interface ProposePointsArgs extends PointSetArgs {
  readonly parentCount: number;
  /** f32 [activeCount][parentCount][4] */
  readonly parentRotations: DeviceBuffer;
  /** f32 [activeCount][parentCount][2] */
  readonly parentShiftsPx: DeviceBuffer;
  /** f32 [activeCount][parentCount], each row sums to 1 (to rounding); weight 0 = absent. */
  readonly parentWeights: DeviceBuffer;
  /** f32 [activeCount][15]: lower Cholesky factor of the scale matrix of (rotation vector, shift), rad and px, packed by rows: L00 L10 L11 … L44. The covariance is ν/(ν − 2) times the scale matrix. */
  readonly kernel: DeviceBuffer;
  /** ν, a whole number from 1 to 32. */
  readonly degreesOfFreedom: number;
  /** f32 [symmetryCount][4], identity first. */
  readonly symmetry: DeviceBuffer;
  readonly symmetryCount: number;
  /** u32 [activeCount][2] */
  readonly key: DeviceBuffer;
  /** Counter word that separates rounds. */
  readonly stream: number;
  readonly phase: number;
  /** f32 [activeCount][rotationsPerImage][shiftsPerRotation], overwritten (as are rotations and shiftsPx of the point set). */
  readonly logProposal: DeviceBuffer;
}

/** Counter of the offset that chooses the parents. */
export const PROPOSAL_OFFSET_INDEX = 0xffffffff;
/** Counter of the offsets of the lattice. */
const LATTICE_OFFSET_INDEX = 0xfffffffd;
/** 2^32/g^(d + 1), rounded down. */
const LATTICE_STEP = [3785032106, 3335640776, 2939605022, 2590590015, 2283013049] as const;
const MAX_REDRAWS = 16;

export function checkProposePoints(args: ProposePointsArgs): void {
  checkPointSet("proposePoints", args);
  expectCount("proposePoints: parentCount", args.parentCount, 1);
  expectCount("proposePoints: symmetryCount", args.symmetryCount, 1);
  expectInteger("proposePoints: degreesOfFreedom", args.degreesOfFreedom, 1, MAX_DEGREES_OF_FREEDOM);
  expectInteger("proposePoints: stream", args.stream, 0, 0xffffffff);
  expectInteger("proposePoints: phase", args.phase, 0, 0xffffffff);
  const parents = args.activeCount * args.parentCount;
  expectBuffer("proposePoints: parentRotations", args.parentRotations, "f32", 4 * parents);
  expectBuffer("proposePoints: parentShiftsPx", args.parentShiftsPx, "f32", 2 * parents);
  expectBuffer("proposePoints: parentWeights", args.parentWeights, "f32", parents);
  expectBuffer("proposePoints: kernel", args.kernel, "f32", KERNEL_FIELDS * args.activeCount);
  expectBuffer("proposePoints: symmetry", args.symmetry, "f32", 4 * args.symmetryCount);
  expectBuffer("proposePoints: key", args.key, "u32", 2 * args.activeCount);
  const points = args.activeCount * args.rotationsPerImage * args.shiftsPerRotation;
  expectBuffer("proposePoints: logProposal", args.logProposal, "f32", points);
}

export function proposePointsReference(args: ProposePointsArgs): void {
  for (let row = 0; row < args.activeCount; row++) {
    const kernel = kernelAt(hostF32(args.kernel), row, args.degreesOfFreedom);
    drawPoints(args, row, kernel);
    weighPoints(args, row, kernel);
  }
}

function drawPoints(args: ProposePointsArgs, row: number, kernel: Kernel): void {
  const { rotationsPerImage: rotationCount, shiftsPerRotation: shiftCount, parentCount, degreesOfFreedom } = args;
  const rotations = hostF32(args.rotations);
  const shiftsPx = hostF32(args.shiftsPx);
  const parentRotations = hostF32(args.parentRotations);
  const parentShiftsPx = hostF32(args.parentShiftsPx);
  const [key0, key1] = [hostU32(args.key)[2 * row]!, hostU32(args.key)[2 * row + 1]!];
  const wordsOf = (index: number, block: number) => {
    const words = new Uint32Array(4);
    philox4x32(words, key0, key1, args.stream, args.phase, index, block);
    return words;
  };
  const parents = new Int32Array(rotationCount);
  const weights = hostF32(args.parentWeights).subarray(row * parentCount, (row + 1) * parentCount);
  systematicPicksInto(parents, weights, uniform01(wordsOf(PROPOSAL_OFFSET_INDEX, 0)[0]!));
  const offset = [...wordsOf(LATTICE_OFFSET_INDEX, 0), ...wordsOf(LATTICE_OFFSET_INDEX, 1)];

  const q = new Float64Array(4);
  const step = new Float64Array(4);
  for (let m = 0; m < rotationCount; m++) {
    const u = LATTICE_STEP.map((unit, d) => uniform01((offset[d]! + Math.imul(m, unit)) >>> 0));
    const parent = row * parentCount + parents[m]!;
    const { v, z } = turnWithinPi(kernel, u, (attempt) => wordsOf(m, attempt));
    fromRotationVectorInto(step, 0, v[0], v[1], v[2]);
    q.set(parentRotations.subarray(4 * parent, 4 * parent + 4));
    multiplyInto(q, 0, q, 0, step, 0);
    normaliseInto(q, 0, q, 0);
    const rotation = row * rotationCount + m;
    rotations.set(q, 4 * rotation);
    const [followX, followY] = followingShift(kernel, z);
    const [l00, l10, l11] = kernel.shift as [number, number, number];
    for (let s = 0; s < shiftCount; s++) {
      const radius = studentRadius2(degreesOfFreedom, (((s + m) % shiftCount) + u[4]!) / shiftCount);
      const azimuthRad = 2 * Math.PI * (u[3]! + s / shiftCount);
      const [z0, z1] = [radius * Math.cos(azimuthRad), radius * Math.sin(azimuthRad)];
      const point = rotation * shiftCount + s;
      shiftsPx[2 * point] = parentShiftsPx[2 * parent]! + followX + l00 * z0;
      shiftsPx[2 * point + 1] = parentShiftsPx[2 * parent + 1]! + followY + l10 * z0 + l11 * z1;
    }
  }
}

type Vector3 = readonly [number, number, number];

/** The point of a unit 3D Student t at three uniforms. */
function studentAt3(degreesOfFreedom: number, u: ArrayLike<number>): Vector3 {
  const radius = studentRadius3(degreesOfFreedom, u[0]!);
  const ring = radius * 2 * Math.sqrt(u[1]! * (1 - u[1]!));
  const azimuthRad = 2 * Math.PI * u[2]!;
  return [ring * Math.cos(azimuthRad), ring * Math.sin(azimuthRad), radius * (2 * u[1]! - 1)];
}

/** z and v = L z, z drawn again at random while |v| ≥ π. */
function turnWithinPi(
  kernel: Kernel,
  u: ArrayLike<number>,
  wordsOf: (attempt: number) => Uint32Array,
): { readonly v: Vector3; readonly z: Vector3 } {
  const [l00, l10, l11, l20, l21, l22] = kernel.rotation as [number, number, number, number, number, number];
  let z = studentAt3(kernel.degreesOfFreedom, u);
  for (let attempt = 1; ; attempt++) {
    const [z0, z1, z2] = z;
    const v: Vector3 = [l00 * z0, l10 * z0 + l11 * z1, l20 * z0 + l21 * z1 + l22 * z2];
    const length = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    if (length < Math.PI) return { v, z };
    if (attempt === MAX_REDRAWS) {
      const scaled = (x: Vector3) => x.map((value) => (value * 0.99 * Math.PI) / length) as [number, number, number];
      return { v: scaled(v), z: scaled(z) };
    }
    z = studentAt3(kernel.degreesOfFreedom, Float64Array.from(wordsOf(attempt), uniform01));
  }
}

/** logProposal of the points as they were stored. */
function weighPoints(args: ProposePointsArgs, row: number, kernel: Kernel): void {
  const { rotationsPerImage: rotationCount, shiftsPerRotation: shiftCount, parentCount } = args;
  const rotations = hostF32(args.rotations);
  const shiftsPx = hostF32(args.shiftsPx);
  const parentShiftsPx = hostF32(args.parentShiftsPx);
  const logProposal = hostF32(args.logProposal);
  const weights = hostF32(args.parentWeights).subarray(row * parentCount, (row + 1) * parentCount);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const parents = hostF32(args.parentRotations).subarray(4 * row * parentCount, 4 * (row + 1) * parentCount);
  for (let m = 0; m < rotationCount; m++) {
    const rotation = row * rotationCount + m;
    const mates = matesOf(args, kernel, parents, rotations.subarray(4 * rotation, 4 * rotation + 4));
    for (let s = 0; s < shiftCount; s++) {
      const point = rotation * shiftCount + s;
      let sum = 0;
      for (const { parent, density, follow } of mates) {
        const at = 2 * (row * parentCount + parent);
        const x = shiftsPx[2 * point]! - parentShiftsPx[at]! - follow[0];
        const y = shiftsPx[2 * point + 1]! - parentShiftsPx[at + 1]! - follow[1];
        sum += weights[parent]! * density * shiftDensity(kernel, x, y);
      }
      logProposal[point] = Math.log(sum / (total * args.symmetryCount));
    }
  }
}

/** A mate of a parent as one rotation sees it. */
interface Mate {
  readonly parent: number;
  /** K_R */
  readonly density: number;
  /** Shift that goes with the turn from the mate to the rotation, px. */
  readonly follow: readonly [number, number];
}

/** Every parent under every operator of the point group. */
function matesOf(args: ProposePointsArgs, kernel: Kernel, parents: Float32Array, rotation: Float32Array): Mate[] {
  const symmetry = Float64Array.from(hostF32(args.symmetry));
  const q = Float64Array.from(rotation);
  const mate = new Float64Array(4);
  const relative = new Float64Array(4);
  return Array.from({ length: args.parentCount * args.symmetryCount }, (_, i) => {
    const parent = Math.floor(i / args.symmetryCount);
    mate.set(parents.subarray(4 * parent, 4 * parent + 4));
    multiplyInto(mate, 0, symmetry, 4 * (i % args.symmetryCount), mate, 0);
    conjugateInto(relative, 0, mate, 0);
    multiplyInto(relative, 0, relative, 0, q, 0);
    normaliseInto(relative, 0, relative, 0);
    return { parent, density: rotationDensity(kernel, relative), follow: shiftOfTurn(kernel, relative) };
  });
}
