/**
 * Point groups C_n, D_n, T, O, I1–I4 on RELION's axes, as the closure of two or three generators.
 *
 * z is the main axis. D_n adds a 2-fold on x. T: 3-fold z, 2-fold (0, √⅔, √⅓). O: 4-fold z, 3-fold (1,1,1).
 * I1, I2: 2-folds on x, y, z, with 5-folds at (0,1,φ) and (1,0,φ); I is I2. I3, I4: 5-fold z, 2-fold y, the next
 * 5-fold at (2,0,-1) and (2,0,1). Mates of a pose R are G R: the group acts on the volume side.
 */

import { UsageError } from "../core/errors.ts";
import { dot, fromRotationVectorInto, multiplyInto, normaliseInto, quaternionToMatrixInto } from "./quaternion.ts";

export interface PointGroup {
  /** Canonical name: "C1", "D7", "T", "O", "I2". */
  readonly name: string;
  readonly order: number;
  /** [order × 4], the identity first. */
  readonly quaternions: Float64Array;
  /** [order × 9], row-major, the same elements. */
  readonly matrices: Float64Array;
}

type Axis = readonly [x: number, y: number, z: number];

const GOLDEN = (1 + Math.sqrt(5)) / 2;
const Z: Axis = [0, 0, 1];

/** Largest n of C_n and D_n: beyond it a "symmetry" finer than 1° is a typing error. */
const MAX_FOLD = 360;

interface Generator {
  readonly fold: number;
  readonly axis: Axis;
}

const POLYHEDRAL: Readonly<Record<string, readonly Generator[]>> = {
  T: [
    { fold: 3, axis: Z },
    { fold: 2, axis: [0, Math.SQRT2, 1] },
  ],
  O: [
    { fold: 4, axis: Z },
    { fold: 3, axis: [1, 1, 1] },
  ],
  I1: [
    { fold: 2, axis: Z },
    { fold: 5, axis: [0, 1, GOLDEN] },
  ],
  I2: [
    { fold: 2, axis: Z },
    { fold: 5, axis: [1, 0, GOLDEN] },
  ],
  I3: [
    { fold: 5, axis: Z },
    { fold: 5, axis: [2, 0, -1] },
  ],
  I4: [
    { fold: 5, axis: Z },
    { fold: 5, axis: [2, 0, 1] },
  ],
};

/** The group of a name such as "c4", "D7", "O" or "I"; the case does not matter. */
export function pointGroup(name: string): PointGroup {
  const canonical = name.trim().toUpperCase();
  const generators = generatorsOf(canonical === "I" ? "I2" : canonical);
  if (!generators) {
    throw new UsageError(
      `symmetry: expected C1, C2 … C${MAX_FOLD}, D1 … D${MAX_FOLD}, T, O, I1, I2 (= I), I3 or I4, got "${name}".`,
    );
  }
  const quaternions = closure(generators);
  const order = quaternions.length / 4;
  const matrices = new Float64Array(9 * order);
  for (let g = 0; g < order; g++) quaternionToMatrixInto(matrices, 9 * g, quaternions, 4 * g);
  return { name: canonical === "I" ? "I2" : canonical, order, quaternions, matrices };
}

function generatorsOf(name: string): readonly Generator[] | undefined {
  const match = /^([CD])([1-9]\d*)$/.exec(name);
  if (!match) return POLYHEDRAL[name];
  const fold = Number(match[2]);
  if (fold > MAX_FOLD) return undefined;
  const main: Generator = { fold, axis: Z };
  return match[1] === "C" ? [main] : [main, { fold: 2, axis: [1, 0, 0] }];
}

/** Every product of the generators, breadth first from the identity; q and -q are one element. */
function closure(generators: readonly Generator[]): Float64Array {
  const steps = generators.map(({ fold, axis }) => {
    const scale = (2 * Math.PI) / fold / Math.hypot(...axis);
    const q = new Float64Array(4);
    fromRotationVectorInto(q, 0, axis[0] * scale, axis[1] * scale, axis[2] * scale);
    return q;
  });
  const elements: Float64Array[] = [Float64Array.of(1, 0, 0, 0)];
  for (let next = 0; next < elements.length; next++) {
    for (const step of steps) {
      const product = new Float64Array(4);
      multiplyInto(product, 0, step, 0, elements[next]!, 0);
      normaliseInto(product, 0, product, 0);
      // The smallest half angle in use is 0.5°, whose cosine is 1 - 4e-5: far from 1e-8.
      if (!elements.some((element) => Math.abs(dot(element, 0, product, 0)) > 1 - 1e-8)) elements.push(product);
    }
  }
  const out = new Float64Array(4 * elements.length);
  elements.forEach((element, g) => {
    out.set(element, 4 * g);
  });
  return out;
}
