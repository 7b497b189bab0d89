import { rotationVectorInto } from "../../../geometry/quaternion.ts";
import { PEAK_DENSITY_2, peakDensity3, tailMass3 } from "./student-t.ts";

/** Numbers of a kernel: the packed lower Cholesky factor, of order 5, of the joint scale matrix of rotation vector (rad) and shift (px). */
export const KERNEL_FIELDS = 15;

/**
 * The perturbation kernel of one image: a Student t on rotation vectors, and one on what is left of the shift after the part that goes with
 * the turn: v = L z, t = F z + L' z', z and z' unit Student t.
 */
export interface Kernel {
  readonly degreesOfFreedom: number;
  /** Lower Cholesky factor of the scale matrix of the rotation vector, rad: L00 L10 L11 L20 L21 L22. */
  readonly rotation: readonly number[];
  /** F, px: L30 L31 L32 L40 L41 L42. */
  readonly follow: readonly number[];
  /** L', px: L33 L43 L44. */
  readonly shift: readonly number[];
  /** Density of the rotation vector at 0, per rad³, among draws with |v| < π. */
  readonly rotationPeak: number;
  /** Density of the shift at 0, per px². */
  readonly shiftPeak: number;
}

/** Where a factor's diagonal is 0 the density would be infinite. */
const SMALLEST_SCALE = 1e-9;
const DIAGONAL = [0, 2, 5];

/** Reads row `row` of the `kernel` buffer, [rows][15]. */
export function kernelAt(kernels: Float32Array, row: number, degreesOfFreedom: number): Kernel {
  const fields = Array.from(kernels.subarray(KERNEL_FIELDS * row, KERNEL_FIELDS * (row + 1)));
  const rotation = fields.slice(0, 6);
  const shift = [fields[9]!, fields[13]!, fields[14]!];
  for (const i of DIAGONAL) rotation[i] = Math.max(rotation[i]!, SMALLEST_SCALE);
  for (const i of [0, 2]) shift[i] = Math.max(shift[i]!, SMALLEST_SCALE);
  const volume = rotation[0]! * rotation[2]! * rotation[5]!;
  return {
    degreesOfFreedom,
    rotation,
    follow: [...fields.slice(6, 9), ...fields.slice(10, 13)],
    shift,
    rotationPeak: peakDensity3(degreesOfFreedom) / (volume * massInside(rotation, volume, degreesOfFreedom)),
    shiftPeak: PEAK_DENSITY_2 / (shift[0]! * shift[2]!),
  };
}

/** L⁻¹ v for the factor of the rotation. */
function scaledTurn(factor: readonly number[], x: number, y: number, z: number): readonly [number, number, number] {
  const a = x / factor[0]!;
  const b = (y - factor[1]! * a) / factor[2]!;
  return [a, b, (z - factor[3]! * a - factor[4]! * b) / factor[5]!];
}

/** |L⁻¹ v|² for the factor of the rotation. */
function rotationDistance2(factor: readonly number[], x: number, y: number, z: number): number {
  const [a, b, c] = scaledTurn(factor, x, y, z);
  return a * a + b * b + c * c;
}

/** The shift that goes with the scaled turn z: F z, px. */
export function followingShift({ follow }: Kernel, z: ArrayLike<number>): readonly [number, number] {
  const along = (row: number) => follow[row]! * z[0]! + follow[row + 1]! * z[1]! + follow[row + 2]! * z[2]!;
  return [along(0), along(3)];
}

/** |L⁻¹ v|² for the factor of the shift. */
function shiftDistance2(factor: readonly number[], x: number, y: number): number {
  const a = x / factor[0]!;
  const b = (y - factor[1]! * a) / factor[2]!;
  return a * a + b * b;
}

/** Directions over which the mass beyond |v| = π is averaged. */
const DIRECTION_COUNT = 48;

/**
 * Share of the rotation vectors' Student t that lies within |v| < π: draws beyond it are redrawn. Averaged over a
 * Fibonacci sphere; along each direction the tail is known.
 */
function massInside(factor: readonly number[], volume: number, degreesOfFreedom: number): number {
  let outside = 0;
  for (let i = 0; i < DIRECTION_COUNT; i++) {
    const z = 1 - (2 * i + 1) / DIRECTION_COUNT;
    const radius = Math.sqrt(1 - z * z);
    const azimuthRad = i * Math.PI * (3 - Math.sqrt(5));
    const s = rotationDistance2(factor, radius * Math.cos(azimuthRad), radius * Math.sin(azimuthRad), z);
    outside += tailMass3(degreesOfFreedom, Math.PI * Math.PI * s) / (volume * s * Math.sqrt(s));
  }
  return Math.max(1 - outside / DIRECTION_COUNT, 0.1);
}

/**
 * K_R of the relative rotation q_parent* q, with respect to the normalised Haar measure of SO(3) (uniform = 1).
 *
 * The Haar density of a rotation vector of length θ is (sin(θ/2)/(θ/2))²/(8π²) per rad³.
 *
 * @param relative  [4], unit quaternion
 */
export function rotationDensity(kernel: Kernel, relative: Float64Array): number {
  const v = new Float64Array(3);
  rotationVectorInto(v, 0, relative, 0);
  const halfRad = Math.hypot(v[0]!, v[1]!, v[2]!) / 2;
  const sinc = halfRad < 1e-6 ? 1 : Math.sin(halfRad) / halfRad;
  const distance2 = rotationDistance2(kernel.rotation, v[0]!, v[1]!, v[2]!);
  const nu = kernel.degreesOfFreedom;
  return (kernel.rotationPeak * (1 + distance2 / nu) ** (-(nu + 3) / 2) * 8 * Math.PI * Math.PI) / (sinc * sinc);
}

/** The shift that goes with a relative rotation, px. @param relative  [4], unit quaternion */
export function shiftOfTurn(kernel: Kernel, relative: Float64Array): readonly [number, number] {
  const v = new Float64Array(3);
  rotationVectorInto(v, 0, relative, 0);
  return followingShift(kernel, scaledTurn(kernel.rotation, v[0]!, v[1]!, v[2]!));
}

/** K_T of a shift relative to where its parent's went with the turn, per px². */
export function shiftDensity(kernel: Kernel, xPx: number, yPx: number): number {
  const nu = kernel.degreesOfFreedom;
  return kernel.shiftPeak * (1 + shiftDistance2(kernel.shift, xPx, yPx) / nu) ** (-(nu + 2) / 2);
}
