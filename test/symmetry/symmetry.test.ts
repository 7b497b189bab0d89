import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { eulerToMatrixInto, eulerToQuaternionInto } from "../../src/geometry/euler.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { angleBetweenRad, matrixToQuaternionInto, quaternionToMatrixInto } from "../../src/geometry/quaternion.ts";
import { readMapFile, writeMapFile } from "../../src/io/node/map-file.ts";
import { makeStarTable } from "../../src/io/star/table.ts";
import { alignPoses } from "../../src/symmetry/align-poses.ts";
import { operatorMatrixInto } from "../../src/symmetry/fit-group.ts";
import { symmetry } from "../../src/symmetry/symmetry.ts";
import { type Point, symmetricMap, turnedPoint } from "../support/symmetric-map.ts";

const BOX = 48;
const PIXEL_A = 4;
const ANGLES = [0.7, 1.1, -0.4] as const;
const OFFSET_A = [4, -2.5, 1.5] as const;
// 0.5°: a twelfth of the diameter is 14 Å, whose shells turn by 1° per 0.1 rad of phase.
const AXIS_RAD = 0.009;

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-symmetry-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, data: Float32Array): string {
  writeMapFile(path(name), { sizeX: BOX, sizeY: BOX, sizeZ: BOX, pixelSizeA: PIXEL_A, data });
  return path(name);
}

/** A group's map turned and moved as ANGLES and OFFSET_A say. */
function misplaced(name: string): Float32Array {
  const matrix = new Float64Array(9);
  eulerToMatrixInto(matrix, 0, ...ANGLES);
  return symmetricMap(name, BOX, PIXEL_A, (p) => {
    const q = turnedPoint(matrix, 0, p);
    return q.map((value, i) => value + OFFSET_A[i]!) as unknown as Point;
  });
}

describe("symmetry refuses", () => {
  test("C1, a map that is no cube, an empty map, poses without an output", async () => {
    const map = write("any.mrc", symmetricMap("C2", BOX, PIXEL_A));
    await expect(symmetry({ map, group: "C1" })).rejects.toThrow(UsageError);
    await expect(symmetry({ map, group: "K3" })).rejects.toThrow("symmetry: expected C1, C2");
    await expect(symmetry({ map, particles: "x.star" })).rejects.toThrow("--particles needs --out");
    const empty = write("empty.mrc", new Float32Array(BOX ** 3));
    await expect(symmetry({ map: empty })).rejects.toThrow("every value is the same");
    writeMapFile(path("flat.mrc"), { sizeX: 8, sizeY: 8, sizeZ: 4, pixelSizeA: 1, data: new Float32Array(256) });
    await expect(symmetry({ map: path("flat.mrc") })).rejects.toThrow(DataError);
  });
});

describe("the group of a turned and moved map is found, with its axes and its centre", () => {
  test.each(["C4", "D3", "T", "O", "I2"])("%s", async (name) => {
    const map = write(`${name}.mrc`, misplaced(name));
    const out = path(`${name}-aligned.mrc`);
    const result = await symmetry({ map, out, largestFold: 6, threads: 1 });
    expect(result.group).toBe(name);
    expect(result.fits[0]!.least).toBeGreaterThan(0.9);
    expect(result.background).toBeLessThan(0.5);
    const { rotDeg, tiltDeg, psiDeg, centreA } = result.placement!;
    const found = new Float64Array(4);
    const rad = Math.PI / 180;
    eulerToQuaternionInto(found, 0, rotDeg * rad, tiltDeg * rad, psiDeg * rad);
    expectSameOperators(name, found);
    // Along the axis of C_n the centre is free.
    const free = name === "C4" ? [0, 0, 0] : centreA.map((value, i) => Math.abs(value - OFFSET_A[i]!));
    expect(Math.max(...free)).toBeLessThan(0.5);
    expectOnAxes(name, readMapFile(out).data);
  });

  test("a map without symmetry has none", async () => {
    const result = await symmetry({ map: write("c1.mrc", misplaced("C1")), largestFold: 4, threads: 1 });
    expect(result.group).toBe("C1");
    expect(result.map).toBeNull();
  });
});

/** The operators found in the map are those that made it. */
function expectSameOperators(name: string, found: Float64Array): void {
  const group = pointGroup(name);
  const truth = new Float64Array(4);
  eulerToQuaternionInto(truth, 0, ...ANGLES);
  const [matrix, q, other] = [new Float64Array(9), new Float64Array(4), new Float64Array(4)];
  for (let g = 0; g < group.order; g++) {
    operatorMatrixInto(matrix, found, group.quaternions.slice(4 * g, 4 * g + 4));
    matrixToQuaternionInto(q, 0, matrix, 0);
    let nearest = Math.PI;
    for (let h = 0; h < group.order; h++) {
      operatorMatrixInto(matrix, truth, group.quaternions.slice(4 * h, 4 * h + 4));
      matrixToQuaternionInto(other, 0, matrix, 0);
      nearest = Math.min(nearest, angleBetweenRad(q, 0, other, 0));
    }
    expect(nearest).toBeLessThan(2 * AXIS_RAD);
  }
}

/** The aligned map is the symmetric map itself, up to a turn that the group's own axes allow. */
function expectOnAxes(name: string, map: Float32Array): void {
  const { matrices, order } = pointGroup(name);
  let worst = 1;
  const middle = BOX / 2;
  const inside = (v: number) => v >= 0 && v < BOX - 1;
  for (let g = 1; g < order; g += Math.max(1, Math.floor(order / 6))) {
    let [ab, aa, bb] = [0, 0, 0];
    for (let z = 4; z < BOX - 4; z += 2) {
      for (let y = 4; y < BOX - 4; y += 2) {
        for (let x = 4; x < BOX - 4; x += 2) {
          const p = turnedPoint(matrices, 9 * g, [x - middle, y - middle, z - middle]).map(
            (v) => Math.round(v) + middle,
          );
          if (!p.every(inside)) continue;
          const a = map[(z * BOX + y) * BOX + x]!;
          const b = map[(p[2]! * BOX + p[1]!) * BOX + p[0]!]!;
          ab += a * b;
          aa += a * a;
          bb += b * b;
        }
      }
    }
    worst = Math.min(worst, ab / Math.sqrt(aa * bb));
  }
  // 0.9: values are taken at the nearest voxel, half a voxel off at most.
  expect(worst).toBeGreaterThan(0.9);
}

test("turned poses put every point of the turned map where the old ones put it in the images", () => {
  const [rotation, matrix, pose, before, after] = [4, 9, 4, 9, 9].map((n) => new Float64Array(n)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  eulerToQuaternionInto(rotation, 0, 0.4, 0.9, -1.2);
  quaternionToMatrixInto(matrix, 0, rotation, 0);
  const centreA = [3, -4, 5] as const;
  const rows = [
    [10, 40, 70, 2, -3],
    [-120, 100, 15, 0, 6],
  ];
  const table = makeStarTable("poses.star", [
    { label: "rlnImageName", texts: ["1@a.mrcs", "2@a.mrcs"] },
    ...["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst", "rlnOriginYAngst"].map((label, i) => ({
      label,
      numbers: rows.map((row) => row[i]!),
    })),
  ]);
  const aligned = alignPoses(table, rotation, centreA);
  const p: Point = [12, -7, 20];
  // A point p of V lies at Qᵀ (p − c) in V'(x) = V(Q x + c).
  const moved = inverse(matrix, p.map((value, i) => value - centreA[i]!) as unknown as Point);
  rows.forEach((_, row) => {
    const matrixOf = (t: typeof table, out: Float64Array) => {
      const [rot, tilt, psi] = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"].map(
        (label) => (t.numbers(label)[row]! * Math.PI) / 180,
      ) as [number, number, number];
      eulerToQuaternionInto(pose, 0, rot, tilt, psi);
      quaternionToMatrixInto(out, 0, pose, 0);
      return out;
    };
    const old = inverse(matrixOf(table, before), p);
    const now = inverse(matrixOf(aligned, after), moved);
    for (const [axis, label] of [
      [0, "rlnOriginXAngst"],
      [1, "rlnOriginYAngst"],
    ] as const) {
      expect(now[axis] - aligned.numbers(label)[row]!).toBeCloseTo(old[axis] - table.numbers(label)[row]!, 9);
    }
  });
});

function inverse(m: ArrayLike<number>, p: Point): Point {
  const column = (c: number) => m[c]! * p[0] + m[3 + c]! * p[1] + m[6 + c]! * p[2];
  return [column(0), column(1), column(2)];
}
