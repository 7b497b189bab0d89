import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { type PointGroup, pointGroup } from "../../src/geometry/point-group.ts";
import { angleBetweenRad, matrixToQuaternionInto, multiplyInto } from "../../src/geometry/quaternion.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const ORDERS = { C1: 1, C4: 4, D1: 2, D2: 4, D7: 14, T: 12, O: 24, I1: 60, I2: 60, I3: 60, I4: 60 } as const;
const NAMES = Object.keys(ORDERS) as (keyof typeof ORDERS)[];

// Two operators of each polyhedral group as RELION 3.1.3 prints them (5 digits); each pair generates its group.
const RELION_OPERATORS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  T: [
    [-0.5, 0.86602539, 0, -0.86602539, -0.5, 0, 0, 0, 1],
    [-0.5, -0.28867, -0.8165, 0.28867, 0.83333, -0.4714, 0.8165, -0.4714, -0.33333],
  ],
  O: [
    [0, 1, 0, 0, 0, 1, 1, 0, 0],
    [1, 0, 0, 0, 0, -1, 0, 1, 0],
  ],
  I1: [
    [1, 0, 0, 0, -1, 0, 0, 0, -1],
    [0.80902, -0.5, -0.30902, 0.5, 0.30902, 0.80902, -0.30902, -0.80902, 0.5],
  ],
  I2: [
    [-1, 0, 0, 0, -1, 0, 0, 0, 1],
    [0.5, 0.80902, 0.30902, -0.80902, 0.30902, 0.5, 0.30902, -0.5, 0.80902],
  ],
  I3: [
    [0.309017, 0.95105654, 0, -0.95105654, 0.309017, 0, 0, 0, 1],
    [0.67082, 0.68819, -0.27639, -0.16246, 0.5, 0.85065, 0.72361, -0.52573, 0.44721],
  ],
  I4: [
    [-0.44721, 0, 0.89443, 0, -1, 0, 0.89443, 0, 0.44721],
    [0.8618, 0.42533, 0.27639, -0.42533, 0.30902, 0.85065, 0.27639, -0.85065, 0.44721],
  ],
};

// 2e-4 rad: RELION prints five digits.
const PRINTED_RAD = 2e-4;

function elementNear(group: PointGroup, matrix: readonly number[]): number {
  const q = new Float64Array(4);
  matrixToQuaternionInto(q, 0, Float64Array.from(matrix), 0);
  for (let g = 0; g < group.order; g++) {
    if (angleBetweenRad(group.quaternions, 4 * g, q, 0) < PRINTED_RAD) return g;
  }
  return -1;
}

/** Every 3x3 matrix of a printout of `relion_refine --print_symmetry_ops`. */
function readOperators(text: string): number[][] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, i) =>
    /^\s*R\(\d+\)=/.test(line)
      ? [
          lines
            .slice(i + 1, i + 4)
            .flatMap((row) => row.trim().split(/\s+/))
            .map(Number),
        ]
      : [],
  );
}

describe("point groups", () => {
  test.each(["", "C", "C0", "C04", "D", "D361", "K2", "I5", "C-2", "octahedral"])(
    "%j is refused with the list",
    (name) => {
      expect(() => pointGroup(name)).toThrow(UsageError);
      expect(() => pointGroup(name)).toThrow(/I1, I2 \(= I\), I3 or I4, got/);
    },
  );

  test("names are read in any case, and I is I2", () => {
    expect(pointGroup("d7").name).toBe("D7");
    expect(pointGroup(" o ").order).toBe(24);
    expect(pointGroup("i").name).toBe("I2");
    expect(pointGroup("i").quaternions).toEqual(pointGroup("I2").quaternions);
  });

  test.each(NAMES)("%s has its order, starts with the identity and is closed under products", (name) => {
    const group = pointGroup(name);
    expect(group.order).toBe(ORDERS[name]);
    expect([...group.quaternions.subarray(0, 4)]).toEqual([1, 0, 0, 0]);
    const product = new Float64Array(4);
    for (let g = 0; g < group.order; g++) {
      for (let h = 0; h < group.order; h++) {
        multiplyInto(product, 0, group.quaternions, 4 * g, group.quaternions, 4 * h);
        const same = [];
        for (let e = 0; e < group.order; e++) {
          if (angleBetweenRad(product, 0, group.quaternions, 4 * e) < 1e-10) same.push(e);
        }
        expect(same).toHaveLength(1);
      }
    }
  });

  test.each(Object.keys(RELION_OPERATORS))("%s lies on RELION's axes", (name) => {
    const group = pointGroup(name);
    for (const matrix of RELION_OPERATORS[name]!) expect(elementNear(group, matrix)).toBeGreaterThan(0);
  });

  test("icosahedral settings on different axes share no 5-fold", () => {
    const inI1 = pointGroup("I1");
    expect(elementNear(inI1, RELION_OPERATORS["I2"]![1]!)).toBe(-1);
    expect(elementNear(pointGroup("I3"), RELION_OPERATORS["I4"]![1]!)).toBe(-1);
  });

  test.skipIf(!hasSharedData("symmetry/relion_sym_D7.txt"))(
    "C4, D2 and D7 are the operators that RELION prints",
    () => {
      for (const name of ["C4", "D2", "D7"] as const) {
        const group = pointGroup(name);
        const operators = readOperators(readFileSync(sharedData(`symmetry/relion_sym_${name}.txt`), "utf8"));
        expect(operators).toHaveLength(group.order);
        const found = new Set(operators.map((matrix) => elementNear(group, matrix)));
        expect(found.has(-1)).toBe(false);
        expect(found.size).toBe(group.order);
      }
    },
  );
});
