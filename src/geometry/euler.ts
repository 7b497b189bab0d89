/**
 * ZYZ Euler angles, RELION's rot, tilt, psi (radians here; degrees exist only in io and cli).
 *
 * R = Rz(rot) Ry(tilt) Rz(psi), active, image axes -> volume axes, the transpose of RELION's printed matrix. The view
 * direction R (0,0,1) is (cos rot sin tilt, sin rot sin tilt, cos tilt).
 */

import { matrixToQuaternionInto, quaternionToMatrixInto } from "./quaternion.ts";

export interface EulerAngles {
  readonly rotRad: number;
  readonly tiltRad: number;
  readonly psiRad: number;
}

/** Below this sine of tilt, rot and psi are not separately defined in double precision, and rot is set to 0. */
const POLE_SINE = 1e-10;

/** out = the unit quaternion of the angles: four numbers at offset. */
export function eulerToQuaternionInto(
  out: Float64Array,
  offset: number,
  rotRad: number,
  tiltRad: number,
  psiRad: number,
): void {
  const cosine = Math.cos(tiltRad / 2);
  const sine = Math.sin(tiltRad / 2);
  const halfSum = (rotRad + psiRad) / 2;
  const halfDifference = (rotRad - psiRad) / 2;
  out[offset] = cosine * Math.cos(halfSum);
  out[offset + 1] = -sine * Math.sin(halfDifference);
  out[offset + 2] = sine * Math.cos(halfDifference);
  out[offset + 3] = cosine * Math.sin(halfSum);
}

/** Angles of a unit quaternion: rot and psi in (-π, π], tilt in [0, π]. At tilt 0 and π rot is 0 and psi carries all. */
export function quaternionToEuler(q: Float64Array, offset: number): EulerAngles {
  const w = q[offset]!;
  const x = q[offset + 1]!;
  const y = q[offset + 2]!;
  const z = q[offset + 3]!;
  const sine = Math.hypot(x, y);
  const cosine = Math.hypot(w, z);
  const tiltRad = 2 * Math.atan2(sine, cosine);
  if (sine < POLE_SINE) return { rotRad: 0, tiltRad: 0, psiRad: wrap(2 * Math.atan2(z, w)) };
  // At tilt π only rot - psi is defined: -(rot - psi)/2 = atan2(x, y).
  if (cosine < POLE_SINE) return { rotRad: 0, tiltRad: Math.PI, psiRad: wrap(2 * Math.atan2(x, y)) };
  const halfSum = Math.atan2(z, w);
  const halfDifference = Math.atan2(-x, y);
  return { rotRad: wrap(halfSum + halfDifference), tiltRad, psiRad: wrap(halfSum - halfDifference) };
}

/** out = the 3x3 row-major matrix R of the angles: nine numbers at offset. */
export function eulerToMatrixInto(
  out: Float64Array | Float32Array,
  offset: number,
  rotRad: number,
  tiltRad: number,
  psiRad: number,
): void {
  const q = new Float64Array(4);
  eulerToQuaternionInto(q, 0, rotRad, tiltRad, psiRad);
  quaternionToMatrixInto(out, offset, q, 0);
}

/** Angles of a 3x3 row-major rotation matrix R (image axes -> volume axes). */
export function matrixToEuler(matrix: Float64Array | Float32Array, offset: number): EulerAngles {
  const q = new Float64Array(4);
  matrixToQuaternionInto(q, 0, matrix, offset);
  return quaternionToEuler(q, 0);
}

/** The same angle in (-π, π]. */
function wrap(angleRad: number): number {
  const turns = Math.ceil((angleRad - Math.PI) / (2 * Math.PI));
  return angleRad - 2 * Math.PI * turns;
}
