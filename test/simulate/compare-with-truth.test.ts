import { expect, test } from "vitest";
import {
  fromRotationVectorInto,
  multiplyInto,
  quaternionToMatrixInto,
  uniformRotationInto,
} from "../../src/geometry/quaternion.ts";
import type { ParticleTable } from "../../src/particles/table.ts";
import { comparePoses } from "../../src/simulate/compare-with-truth.ts";
import { frameShiftPx, matchRows } from "../../src/simulate/truth-frame.ts";

const count = 60;

function poses(error: (i: number) => readonly [number, number, number], frame = Float64Array.of(1, 0, 0, 0)) {
  const truth = new Float64Array(4 * count);
  const found = new Float64Array(4 * count);
  const turn = new Float64Array(4);
  for (let i = 0; i < count; i++) {
    uniformRotationInto(truth, 4 * i, ((i + 0.5) * 0.618) % 1, (i * 0.414) % 1, (i * 0.732) % 1);
    fromRotationVectorInto(turn, 0, ...error(i));
    multiplyInto(found, 4 * i, truth, 4 * i, turn, 0);
    multiplyInto(found, 4 * i, frame, 0, found, 4 * i);
  }
  const imageSlice = Int32Array.from({ length: count }, (_, i) => i);
  const table = (rotation: Float64Array) => ({ count, rotation, imageSlice }) as unknown as ParticleTable;
  return { found: table(found), truth: table(truth) };
}

const DEG = Math.PI / 180;

test("the true poses are found to 0°", () => {
  const { found, truth } = poses(() => [0, 0, 0]);
  const result = comparePoses(found, truth);
  expect(result.foundShare).toBe(1);
  expect(result.medianErrorDeg).toBeLessThan(1e-6);
});

test("errors of 2° about changing axes are 2°, whatever the frame", () => {
  const axis = (i: number) =>
    [
      [2 * DEG, 0, 0],
      [0, 2 * DEG, 0],
      [0, 0, 2 * DEG],
    ][i % 3] as [number, number, number];
  const frame = new Float64Array(4);
  fromRotationVectorInto(frame, 0, 6 * DEG, -3 * DEG, 2 * DEG);
  const { found, truth } = poses(axis, frame);
  const result = comparePoses(found, truth);
  expect(result.medianErrorDeg).toBeCloseTo(2, 1);
  expect(result.frameRotationDeg).toBeCloseTo(7, 0);
});

test("a tenth of the particles far off counts as not found and does not turn the frame", () => {
  const { found, truth } = poses((i) => (i % 10 === 0 ? [1.5, 0, 0] : [0.01, 0, 0]));
  const result = comparePoses(found, truth);
  expect(result.foundShare).toBeCloseTo(0.9, 10);
  expect(result.frameRotationDeg).toBeLessThan(0.5);
});

test("a map that lies 1.5, −2 and 0.5 px off displaces every particle, and is found there again", () => {
  const { truth } = poses(() => [0, 0, 0]);
  const off = [1.5, -2, 0.5];
  const matrix = new Float64Array(9);
  const shiftPx = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    quaternionToMatrixInto(matrix, 0, truth.rotation, 4 * i);
    // The centre's place in the image: the first two components of R⁻¹ c, beside the particle's own (3, 4).
    for (const axis of [0, 1]) {
      shiftPx[2 * i + axis] = 3 + axis + off.reduce((sum, c, row) => sum + matrix[3 * row + axis]! * c, 0);
    }
  }
  const own = Float32Array.from(shiftPx, (_, i) => 3 + (i % 2));
  const found = { ...truth, shiftPx } as ParticleTable;
  const placed = frameShiftPx(found, { ...truth, shiftPx: own } as ParticleTable, matchRows(found, truth));
  placed.forEach((c, i) => {
    expect(c).toBeCloseTo(off[i]!, 5);
  });
});
