/**
 * Unit quaternions [w, x, y, z], four consecutive numbers of a Float64Array starting at an offset.
 *
 * Hamilton product; R(q) v = q v q*, active, image axes -> volume axes (docs/conventions.md). q and -q are the same
 * rotation. Every function may write over one of its own inputs.
 */

/** out = p q: the rotation q first, then p. */
export function multiplyInto(
  out: Float64Array,
  outOffset: number,
  p: Float64Array,
  pOffset: number,
  q: Float64Array,
  qOffset: number,
): void {
  const pw = p[pOffset]!;
  const px = p[pOffset + 1]!;
  const py = p[pOffset + 2]!;
  const pz = p[pOffset + 3]!;
  const qw = q[qOffset]!;
  const qx = q[qOffset + 1]!;
  const qy = q[qOffset + 2]!;
  const qz = q[qOffset + 3]!;
  out[outOffset] = pw * qw - px * qx - py * qy - pz * qz;
  out[outOffset + 1] = pw * qx + px * qw + py * qz - pz * qy;
  out[outOffset + 2] = pw * qy - px * qz + py * qw + pz * qx;
  out[outOffset + 3] = pw * qz + px * qy - py * qx + pz * qw;
}

/** out = q*, the inverse rotation of a unit quaternion. */
export function conjugateInto(out: Float64Array, outOffset: number, q: Float64Array, qOffset: number): void {
  out[outOffset] = q[qOffset]!;
  out[outOffset + 1] = -q[qOffset + 1]!;
  out[outOffset + 2] = -q[qOffset + 2]!;
  out[outOffset + 3] = -q[qOffset + 3]!;
}

/** out = q / |q|; the identity when |q| = 0. */
export function normaliseInto(out: Float64Array, outOffset: number, q: Float64Array, qOffset: number): void {
  const length = Math.hypot(q[qOffset]!, q[qOffset + 1]!, q[qOffset + 2]!, q[qOffset + 3]!);
  if (length === 0) {
    out.set([1, 0, 0, 0], outOffset);
    return;
  }
  for (let i = 0; i < 4; i++) out[outOffset + i] = q[qOffset + i]! / length;
}

/** <p, q> in four dimensions; |<p, q>| = cos(half the angle between the rotations). */
export function dot(p: Float64Array, pOffset: number, q: Float64Array, qOffset: number): number {
  return (
    p[pOffset]! * q[qOffset]! +
    p[pOffset + 1]! * q[qOffset + 1]! +
    p[pOffset + 2]! * q[qOffset + 2]! +
    p[pOffset + 3]! * q[qOffset + 3]!
  );
}

/**
 * Angle of the rotation that takes p to q, in 0..π rad.
 *
 * From the difference vector rather than the arc cosine, which loses half the digits below 1e-8 rad.
 */
export function angleBetweenRad(p: Float64Array, pOffset: number, q: Float64Array, qOffset: number): number {
  const sign = dot(p, pOffset, q, qOffset) < 0 ? -1 : 1;
  let difference = 0;
  let sum = 0;
  for (let i = 0; i < 4; i++) {
    const a = p[pOffset + i]!;
    const b = sign * q[qOffset + i]!;
    difference += (a - b) ** 2;
    sum += (a + b) ** 2;
  }
  return 4 * Math.atan2(Math.sqrt(difference), Math.sqrt(sum));
}

/** out = the 3x3 row-major matrix R(q), nine numbers at outOffset. */
export function quaternionToMatrixInto(
  out: Float64Array | Float32Array,
  outOffset: number,
  q: Float64Array,
  qOffset: number,
): void {
  const w = q[qOffset]!;
  const x = q[qOffset + 1]!;
  const y = q[qOffset + 2]!;
  const z = q[qOffset + 3]!;
  out[outOffset] = 1 - 2 * (y * y + z * z);
  out[outOffset + 1] = 2 * (x * y - w * z);
  out[outOffset + 2] = 2 * (x * z + w * y);
  out[outOffset + 3] = 2 * (x * y + w * z);
  out[outOffset + 4] = 1 - 2 * (x * x + z * z);
  out[outOffset + 5] = 2 * (y * z - w * x);
  out[outOffset + 6] = 2 * (x * z - w * y);
  out[outOffset + 7] = 2 * (y * z + w * x);
  out[outOffset + 8] = 1 - 2 * (x * x + y * y);
}

/** out = the unit quaternion, w >= 0, of a 3x3 row-major rotation matrix. The largest component is found first, so no
 * difference of nearly equal numbers is divided by. */
export function matrixToQuaternionInto(
  out: Float64Array,
  outOffset: number,
  matrix: Float64Array | Float32Array,
  matrixOffset: number,
): void {
  const at = (i: number) => matrix[matrixOffset + i]!;
  const trace = at(0) + at(4) + at(8);
  const squares = [trace, at(0), at(4), at(8)];
  const largest = squares.indexOf(Math.max(...squares));
  if (largest === 0) {
    out.set([1 + trace, at(7) - at(5), at(2) - at(6), at(3) - at(1)], outOffset);
  } else if (largest === 1) {
    out.set([at(7) - at(5), 1 + 2 * at(0) - trace, at(1) + at(3), at(2) + at(6)], outOffset);
  } else if (largest === 2) {
    out.set([at(2) - at(6), at(1) + at(3), 1 + 2 * at(4) - trace, at(5) + at(7)], outOffset);
  } else {
    out.set([at(3) - at(1), at(2) + at(6), at(5) + at(7), 1 + 2 * at(8) - trace], outOffset);
  }
  normaliseInto(out, outOffset, out, outOffset);
  if (out[outOffset]! < 0) for (let i = 0; i < 4; i++) out[outOffset + i] = -out[outOffset + i]!;
}

/** out = the quaternion of a rotation vector (axis × angle, rad). Adjoint twin: `rotationVectorInto`. */
export function fromRotationVectorInto(
  out: Float64Array,
  outOffset: number,
  xRad: number,
  yRad: number,
  zRad: number,
): void {
  const angleRad = Math.hypot(xRad, yRad, zRad);
  // sin(a/2)/a from its series near zero, where the quotient is 0/0.
  const scale = angleRad < 1e-6 ? 0.5 - angleRad ** 2 / 48 : Math.sin(angleRad / 2) / angleRad;
  out[outOffset] = Math.cos(angleRad / 2);
  out[outOffset + 1] = xRad * scale;
  out[outOffset + 2] = yRad * scale;
  out[outOffset + 3] = zRad * scale;
}

/** out = the rotation vector (axis × angle, rad, length <= π) of q: three numbers at outOffset. */
export function rotationVectorInto(out: Float64Array, outOffset: number, q: Float64Array, qOffset: number): void {
  const sign = q[qOffset]! < 0 ? -1 : 1;
  const sine = Math.hypot(q[qOffset + 1]!, q[qOffset + 2]!, q[qOffset + 3]!);
  const halfRad = Math.atan2(sine, sign * q[qOffset]!);
  const scale = sine < 1e-9 ? 2 * sign : (2 * sign * halfRad) / sine;
  for (let i = 0; i < 3; i++) out[outOffset + i] = q[qOffset + 1 + i]! * scale;
}

/** out = a rotation uniform on SO(3) from three independent uniforms in [0, 1) (Shoemake 1992, Graphics Gems III). */
export function uniformRotationInto(out: Float64Array, outOffset: number, u1: number, u2: number, u3: number): void {
  const inner = Math.sqrt(1 - u1);
  const outer = Math.sqrt(u1);
  out[outOffset] = outer * Math.cos(2 * Math.PI * u3);
  out[outOffset + 1] = inner * Math.sin(2 * Math.PI * u2);
  out[outOffset + 2] = inner * Math.cos(2 * Math.PI * u2);
  out[outOffset + 3] = outer * Math.sin(2 * Math.PI * u3);
}
