import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  eulerToMatrixInto,
  eulerToQuaternionInto,
  matrixToEuler,
  quaternionToEuler,
} from "../../src/geometry/euler.ts";
import { angleBetweenRad, fromRotationVectorInto, multiplyInto } from "../../src/geometry/quaternion.ts";

const angle = fc.double({ min: -7, max: 7, noNaN: true });

function fromAngles(rotRad: number, tiltRad: number, psiRad: number): Float64Array {
  const q = new Float64Array(4);
  eulerToQuaternionInto(q, 0, rotRad, tiltRad, psiRad);
  return q;
}

describe("Euler angles", () => {
  test("the quaternion is Rz(rot) Ry(tilt) Rz(psi), made from three axis turns", () => {
    fc.assert(
      fc.property(angle, angle, angle, (rotRad, tiltRad, psiRad) => {
        const turn = (x: number, y: number, z: number) => {
          const q = new Float64Array(4);
          fromRotationVectorInto(q, 0, x, y, z);
          return q;
        };
        const product = turn(0, 0, rotRad);
        multiplyInto(product, 0, product, 0, turn(0, tiltRad, 0), 0);
        multiplyInto(product, 0, product, 0, turn(0, 0, psiRad), 0);
        expect(angleBetweenRad(product, 0, fromAngles(rotRad, tiltRad, psiRad), 0)).toBeLessThan(1e-13);
      }),
    );
  });

  test("the matrix is the transpose of the one RELION prints for rot 30°, tilt 40°, psi 50°", () => {
    // RELION's A from its published formula: A11 = cψ cθ cφ - sψ sφ, A12 = cψ cθ sφ + sψ cφ, A13 = -cψ sθ, …
    const [f, t, p] = [30, 40, 50].map((deg) => (deg * Math.PI) / 180) as [number, number, number];
    const { cos, sin } = Math;
    const relion = [
      cos(p) * cos(t) * cos(f) - sin(p) * sin(f),
      cos(p) * cos(t) * sin(f) + sin(p) * cos(f),
      -cos(p) * sin(t),
      -sin(p) * cos(t) * cos(f) - cos(p) * sin(f),
      -sin(p) * cos(t) * sin(f) + cos(p) * cos(f),
      sin(p) * sin(t),
      sin(t) * cos(f),
      sin(t) * sin(f),
      cos(t),
    ];
    const matrix = new Float64Array(9);
    eulerToMatrixInto(matrix, 0, f, t, p);
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        expect(matrix[3 * row + column]).toBeCloseTo(relion[3 * column + row]!, 14);
      }
    }
  });

  test("angles survive the way through quaternion and matrix as the same rotation", () => {
    const matrix = new Float64Array(9);
    fc.assert(
      fc.property(angle, angle, angle, (rotRad, tiltRad, psiRad) => {
        const q = fromAngles(rotRad, tiltRad, psiRad);
        eulerToMatrixInto(matrix, 0, rotRad, tiltRad, psiRad);
        for (const back of [quaternionToEuler(q, 0), matrixToEuler(matrix, 0)]) {
          expect(back.tiltRad).toBeGreaterThanOrEqual(0);
          expect(back.tiltRad).toBeLessThanOrEqual(Math.PI);
          for (const value of [back.rotRad, back.psiRad]) expect(Math.abs(value)).toBeLessThanOrEqual(Math.PI + 1e-15);
          const again = fromAngles(back.rotRad, back.tiltRad, back.psiRad);
          // 1e-9: within POLE_SINE of a pole the direction of the tilt is dropped.
          expect(angleBetweenRad(q, 0, again, 0)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  test("angles in the principal range come back as they went in", () => {
    const back = quaternionToEuler(fromAngles(2.9, 0.3, -3.0), 0);
    expect(back.rotRad).toBeCloseTo(2.9, 13);
    expect(back.tiltRad).toBeCloseTo(0.3, 13);
    expect(back.psiRad).toBeCloseTo(-3.0, 13);
  });

  test("at tilt 0 and π rot is 0 and psi carries the whole turn", () => {
    expect(quaternionToEuler(fromAngles(0.4, 0, 0.5), 0)).toMatchObject({ rotRad: 0, tiltRad: 0 });
    expect(quaternionToEuler(fromAngles(0.4, 0, 0.5), 0).psiRad).toBeCloseTo(0.9, 13);
    const flipped = quaternionToEuler(fromAngles(0.4, Math.PI, 0.5), 0);
    expect(flipped.rotRad).toBe(0);
    expect(flipped.psiRad).toBeCloseTo(0.1, 13);
    expect(angleBetweenRad(fromAngles(0, Math.PI, 0.1), 0, fromAngles(0.4, Math.PI, 0.5), 0)).toBeLessThan(1e-13);
  });
});
