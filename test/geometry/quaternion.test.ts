import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  angleBetweenRad,
  conjugateInto,
  dot,
  fromRotationVectorInto,
  matrixToQuaternionInto,
  multiplyInto,
  normaliseInto,
  quaternionToMatrixInto,
  rotationVectorInto,
  uniformRotationInto,
} from "../../src/geometry/quaternion.ts";

const unit = fc.double({ min: 0, max: 1 - 1e-12, noNaN: true });
const rotation = fc.tuple(unit, unit, unit).map(([a, b, c]) => {
  const q = new Float64Array(4);
  uniformRotationInto(q, 0, a, b, c);
  return q;
});

// 1e-12: a dozen double-precision products of numbers near 1.
const DIGITS = 12;

function matrixOf(q: Float64Array): Float64Array {
  const matrix = new Float64Array(9);
  quaternionToMatrixInto(matrix, 0, q, 0);
  return matrix;
}

function matrixProduct(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: 9 }, (_, i) => {
    const row = 3 * Math.floor(i / 3);
    return a[row]! * b[i % 3]! + a[row + 1]! * b[3 + (i % 3)]! + a[row + 2]! * b[6 + (i % 3)]!;
  });
}

function expectClose(actual: Float64Array, expected: ArrayLike<number>, digits = DIGITS): void {
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, digits);
}

describe("quaternions", () => {
  test("a zero quaternion normalises to the identity, not to NaN", () => {
    const q = new Float64Array(4);
    normaliseInto(q, 0, q, 0);
    expect([...q]).toEqual([1, 0, 0, 0]);
  });

  test("a quarter turn about z takes x to y", () => {
    const q = new Float64Array(4);
    fromRotationVectorInto(q, 0, 0, 0, Math.PI / 2);
    expectClose(matrixOf(q), [0, -1, 0, 1, 0, 0, 0, 0, 1]);
  });

  test("the matrix of a product is the product of the matrices", () => {
    fc.assert(
      fc.property(rotation, rotation, (p, q) => {
        const product = new Float64Array(4);
        multiplyInto(product, 0, p, 0, q, 0);
        expectClose(matrixOf(product), matrixProduct(matrixOf(p), matrixOf(q)));
      }),
    );
  });

  test("a product may be written over either factor", () => {
    const p = Float64Array.of(0.5, 0.5, 0.5, 0.5);
    const q = Float64Array.of(0.8, 0.6, 0, 0);
    const expected = new Float64Array(4);
    multiplyInto(expected, 0, p, 0, q, 0);
    multiplyInto(q, 0, p, 0, q, 0);
    expect(q).toEqual(expected);
  });

  test("a rotation times its conjugate is the identity", () => {
    fc.assert(
      fc.property(rotation, (q) => {
        const inverse = new Float64Array(4);
        conjugateInto(inverse, 0, q, 0);
        multiplyInto(inverse, 0, inverse, 0, q, 0);
        expectClose(inverse, [1, 0, 0, 0]);
      }),
    );
  });

  test("a matrix gives its quaternion back, up to sign, half turns included", () => {
    const back = new Float64Array(4);
    fc.assert(
      fc.property(rotation, (q) => {
        matrixToQuaternionInto(back, 0, matrixOf(q), 0);
        expect(Math.abs(dot(back, 0, q, 0))).toBeCloseTo(1, DIGITS);
      }),
    );
    for (const q of [
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]) {
      matrixToQuaternionInto(back, 0, matrixOf(Float64Array.from(q)), 0);
      expectClose(back, q);
    }
  });

  test("exponential and logarithm of a rotation vector are inverse below a half turn, down to 1e-12 rad", () => {
    const vector = new Float64Array(3);
    const q = new Float64Array(4);
    const component = fc.double({ min: -1.8, max: 1.8, noNaN: true });
    fc.assert(
      fc.property(component, component, component, fc.integer({ min: 0, max: 12 }), (x, y, z, decade) => {
        // Below 1e-290 a component loses digits in the format itself, not in the mathematics.
        const expected = [x, y, z].map((value) => (Math.abs(value) < 1e-290 ? 0 : value / 10 ** decade));
        fromRotationVectorInto(q, 0, expected[0]!, expected[1]!, expected[2]!);
        rotationVectorInto(vector, 0, q, 0);
        const length = Math.hypot(...expected);
        for (let i = 0; i < 3; i++) expect(Math.abs(vector[i]! - expected[i]!)).toBeLessThanOrEqual(1e-11 * length);
      }),
    );
  });

  test("q and -q are no angle apart, and small angles keep their digits", () => {
    const q = Float64Array.of(1, 0, 0, 0);
    const minus = Float64Array.of(-1, 0, 0, 0);
    expect(angleBetweenRad(q, 0, minus, 0)).toBe(0);
    const near = new Float64Array(4);
    for (const angleRad of [1e-10, 1e-5, 1, 3, Math.PI]) {
      fromRotationVectorInto(near, 0, 0, angleRad, 0);
      expect(angleBetweenRad(q, 0, near, 0) / angleRad).toBeCloseTo(1, 6);
    }
  });

  test("uniform rotations have the angle distribution (θ - sin θ)/π", () => {
    const identity = Float64Array.of(1, 0, 0, 0);
    const q = new Float64Array(4);
    const side = 40;
    let below = 0;
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        for (let k = 0; k < side; k++) {
          uniformRotationInto(q, 0, (i + 0.5) / side, (j + 0.5) / side, (k + 0.5) / side);
          if (angleBetweenRad(q, 0, identity, 0) < 1.5) below++;
        }
      }
    }
    // 0.005: midpoint rule on 40³ points of a step function.
    expect(Math.abs(below / side ** 3 - (1.5 - Math.sin(1.5)) / Math.PI)).toBeLessThan(0.005);
  });
});
