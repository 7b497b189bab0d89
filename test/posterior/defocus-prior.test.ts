import { describe, expect, test } from "vitest";
import { estimateDefocus, makeDefocusGrid } from "../../src/posterior/defocus-prior.ts";
import { makeNormals } from "../support/normals.ts";

const grid = makeDefocusGrid(1000, 20);
const PER_GROUP = 50;

interface Scene {
  readonly groups: number;
  readonly particleSigmaA: number;
  readonly groupSigmaA: number;
  /** Standard deviation of what an image alone says of its defocus, Å. */
  readonly imageSigmaA: number;
}

/** Gaussian curves around true change + error. */
function makeScene(scene: Scene, seed: number) {
  const count = scene.groups * PER_GROUP;
  const normals = makeNormals(2 * count + scene.groups, seed);
  const trueA = new Float64Array(count);
  const group = new Int32Array(count);
  const curves = new Float32Array(count * grid.count);
  for (let i = 0; i < count; i++) {
    group[i] = Math.floor(i / PER_GROUP);
    trueA[i] = scene.groupSigmaA * normals[2 * count + group[i]!]! + scene.particleSigmaA * normals[i]!;
    const seenA = trueA[i]! + scene.imageSigmaA * normals[count + i]!;
    for (let d = 0; d < grid.count; d++) {
      const z = (grid.firstA + d * grid.stepA - seenA) / scene.imageSigmaA;
      curves[i * grid.count + d] = -0.5 * z * z;
    }
  }
  const found = estimateDefocus(curves, grid, group, scene.groups, new Uint8Array(count).fill(1));
  const error = Math.sqrt(trueA.reduce((sum, z, i) => sum + (z - found.meanA[i]!) ** 2, 0) / count);
  return { found, error, count, group, curves };
}

describe("the prior of a defocus search", () => {
  test("errors of single particles are found to what images and prior can tell together", () => {
    const { found, error } = makeScene({ groups: 20, particleSigmaA: 200, groupSigmaA: 0, imageSigmaA: 60 }, 1);
    const best = 1 / Math.sqrt(1 / 60 ** 2 + 1 / 200 ** 2);
    expect(error).toBeLessThan(1.08 * best);
    // 1,000 particles: 3 % and a little of what stands in m.
    expect(found.particleSigmaA).toBeGreaterThan(180);
    expect(found.particleSigmaA).toBeLessThan(220);
    expect(found.groupSigmaA).toBeLessThan(60);
    expect(found.sdA[0]).toBeGreaterThan(0.9 * best);
    expect(found.sdA[0]).toBeLessThan(1.15 * best);
  });

  test("errors of whole micrographs are averaged over their particles", () => {
    const { found, error } = makeScene({ groups: 20, particleSigmaA: 0, groupSigmaA: 300, imageSigmaA: 100 }, 2);
    // 100 Å of 50 particles each; with some spread that is not there.
    expect(error).toBeLessThan(30);
    expect(found.particleSigmaA).toBeLessThan(40);
    expect(found.groupSigmaA).toBeGreaterThan(180);
  });

  test("where the images cannot tell, they are left nearly as they were", () => {
    const { error } = makeScene({ groups: 20, particleSigmaA: 0, groupSigmaA: 0, imageSigmaA: 400 }, 3);
    // 0 would be best; unshrunk it would be 400.
    expect(error).toBeLessThan(80);
  });

  test("where the images tell little, the result is never worse than what was given", () => {
    const { error } = makeScene({ groups: 20, particleSigmaA: 300, groupSigmaA: 0, imageSigmaA: 350 }, 4);
    const best = 1 / Math.sqrt(1 / 350 ** 2 + 1 / 300 ** 2);
    expect(error).toBeLessThan(1.1 * best);
  });

  test("particles that take no part get their micrograph's change", () => {
    const { found, group, curves, count } = makeScene(
      { groups: 4, particleSigmaA: 50, groupSigmaA: 200, imageSigmaA: 60 },
      5,
    );
    const isUsed = new Uint8Array(count).fill(1);
    isUsed[7] = 0;
    curves.fill(0, 7 * grid.count, 8 * grid.count);
    const without = estimateDefocus(curves, grid, group, 4, isUsed);
    expect(without.meanA[7]).toBe(without.groupA[0]);
    expect(Math.abs(without.groupA[0]! - found.groupA[0]!)).toBeLessThan(15);
  });
});
