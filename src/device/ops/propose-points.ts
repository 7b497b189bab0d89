import { expectInteger } from "../../core/checks.ts";
import { philox4x32, uniform01 } from "../../core/random.ts";
import { conjugateInto, fromRotationVectorInto, multiplyInto, normaliseInto } from "../../geometry/quaternion.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkPointSet } from "../check-image-set.ts";
import { hostF32, hostU32 } from "../reference/host-buffer.ts";
import { type Kernel, kernelAt, rotationDensity, shiftDensity } from "./cloud/kernel.ts";
import { MAX_DEGREES_OF_FREEDOM, studentDraw } from "./cloud/student-t.ts";
import { systematicPicksInto } from "./cloud/systematic-resampling.ts";
import type { PointSetArgs } from "./image-set.ts";

/** Numbers per image in `kernel`: lower Cholesky factor of the Student t's scale matrix of the rotation vector (rad; L00 L10 L11 L20 L21 L22), then of the shift (px; L00 L10 L11). The covariance is ν/(ν − 2) times the scale matrix. */
export const KERNEL_FIELDS = 9;

/**
 * New support points of each image, perturbed from its weighted parents, with the density they were really drawn from.
 *
 * Parent of rotation m: systematic resampling of parentWeight (one uniform offset, step 1/rotationsPerImage). The offset's
 * order is not shuffled. Rotation: q = q_parent · exp(v), v (rotation vector, rad, image axes) a 3D Student t with
 * `degreesOfFreedom` ν and the kernel's factor: v = L z √(ν/χ²_ν); |v| ≥ π is redrawn (up to 16 times, then scaled to 0.99 π),
 * and K_R is divided by the mass within |v| < π.
 * Each of its shiftsPerRotation shifts: t = t_parent + L z √(ν/χ²_ν), 2D.
 * logProposal(q, t) = log Σ_j w_j K_R(q | q_j) K_T(t | t_j): the mixture of the perturbation kernels over the cloud, K_R
 * with respect to the normalised Haar measure of SO(3) (uniform = 1; Haar density of a rotation vector of length θ:
 * (sin(θ/2)/(θ/2))²/(8π²)), K_T per px². With symmetry K_R is summed over the mates of q_j (G·q_j), so the density lives on the
 * quotient; it is then divided by |G| so that uniform remains 1. A kernel may
 * leave out mates (identity excepted) that add less than 1e-9 of the kernel's peak.
 * Random numbers: Philox keyed by key[row]; counter (stream, phase, index, block), index m·(shiftsPerRotation + 1) for
 * rotation m, that + 1 + s for its shift s, 2^32 − 1 for the resampling offset.
 */
export interface ProposePointsArgs extends PointSetArgs {
  readonly parentCount: number;
  /** f32 [activeCount][parentCount][4] */
  readonly parentRotations: DeviceBuffer;
  /** f32 [activeCount][parentCount][2] */
  readonly parentShiftsPx: DeviceBuffer;
  /** f32 [activeCount][parentCount], each row sums to 1 (to rounding); weight 0 = absent. */
  readonly parentWeights: DeviceBuffer;
  /** f32 [activeCount][9] */
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
  const { rotationsPerImage: rotationCount, shiftsPerRotation: shiftCount, parentCount } = args;
  const rotations = hostF32(args.rotations);
  const shiftsPx = hostF32(args.shiftsPx);
  const parentRotations = hostF32(args.parentRotations);
  const parentShiftsPx = hostF32(args.parentShiftsPx);
  const key: [number, number] = [hostU32(args.key)[2 * row]!, hostU32(args.key)[2 * row + 1]!];
  const words = new Uint32Array(4);
  philox4x32(words, key[0], key[1], args.stream, args.phase, PROPOSAL_OFFSET_INDEX, 0);
  const parents = new Int32Array(rotationCount);
  const weights = hostF32(args.parentWeights).subarray(row * parentCount, (row + 1) * parentCount);
  systematicPicksInto(parents, weights, uniform01(words[0]!));

  const draw = (normals: Float64Array, index: number, attempt: number) =>
    studentDraw(normals, args.degreesOfFreedom, key, args.stream, args.phase, index, attempt);
  const q = new Float64Array(4);
  const step = new Float64Array(4);
  for (let m = 0; m < rotationCount; m++) {
    const index = m * (shiftCount + 1);
    const parent = row * parentCount + parents[m]!;
    const v = drawRotationVector(kernel, (normals, attempt) => draw(normals, index, attempt));
    fromRotationVectorInto(step, 0, v[0], v[1], v[2]);
    q.set(parentRotations.subarray(4 * parent, 4 * parent + 4));
    multiplyInto(q, 0, q, 0, step, 0);
    normaliseInto(q, 0, q, 0);
    const rotation = row * rotationCount + m;
    rotations.set(q, 4 * rotation);
    for (let s = 0; s < shiftCount; s++) {
      const z = new Float64Array(2);
      const widening = draw(z, index + 1 + s, 0);
      const point = rotation * shiftCount + s;
      const [l00, l10, l11] = kernel.shift as [number, number, number];
      shiftsPx[2 * point] = parentShiftsPx[2 * parent]! + widening * l00 * z[0]!;
      shiftsPx[2 * point + 1] = parentShiftsPx[2 * parent + 1]! + widening * (l10 * z[0]! + l11 * z[1]!);
    }
  }
}

/** v = L z √(ν/χ²), drawn again while |v| ≥ π. */
function drawRotationVector(
  kernel: Kernel,
  draw: (normals: Float64Array, attempt: number) => number,
): [number, number, number] {
  const [l00, l10, l11, l20, l21, l22] = kernel.rotation as [number, number, number, number, number, number];
  const z = new Float64Array(3);
  for (let attempt = 0; ; attempt++) {
    const widening = draw(z, attempt);
    const [z0, z1, z2] = z as unknown as [number, number, number];
    const v: [number, number, number] = [
      widening * l00 * z0,
      widening * (l10 * z0 + l11 * z1),
      widening * (l20 * z0 + l21 * z1 + l22 * z2),
    ];
    const length = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    if (length < Math.PI) return v;
    if (attempt === MAX_REDRAWS - 1) return v.map((x) => (x * 0.99 * Math.PI) / length) as [number, number, number];
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
    const densities = rotationDensities(args, kernel, parents, rotations.subarray(4 * rotation, 4 * rotation + 4));
    for (let s = 0; s < shiftCount; s++) {
      const point = rotation * shiftCount + s;
      let sum = 0;
      for (let j = 0; j < parentCount; j++) {
        const parent = 2 * (row * parentCount + j);
        const x = shiftsPx[2 * point]! - parentShiftsPx[parent]!;
        const y = shiftsPx[2 * point + 1]! - parentShiftsPx[parent + 1]!;
        sum += weights[j]! * densities[j]! * shiftDensity(kernel, x, y);
      }
      logProposal[point] = Math.log(sum / total);
    }
  }
}

/** K_R of one rotation about each parent, on the quotient by the point group. */
function rotationDensities(
  args: ProposePointsArgs,
  kernel: Kernel,
  parents: Float32Array,
  rotation: Float32Array,
): Float64Array {
  const symmetry = Float64Array.from(hostF32(args.symmetry));
  const q = Float64Array.from(rotation);
  const parent = new Float64Array(4);
  const relative = new Float64Array(4);
  return Float64Array.from({ length: args.parentCount }, (_, j) => {
    let sum = 0;
    for (let g = 0; g < args.symmetryCount; g++) {
      parent.set(parents.subarray(4 * j, 4 * j + 4));
      multiplyInto(parent, 0, symmetry, 4 * g, parent, 0);
      conjugateInto(relative, 0, parent, 0);
      multiplyInto(relative, 0, relative, 0, q, 0);
      normaliseInto(relative, 0, relative, 0);
      sum += rotationDensity(kernel, relative);
    }
    return sum / args.symmetryCount;
  });
}
