import { expect, test } from "vitest";
import { SUMMARY, SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import { settleMates, spreadOverMates } from "../../src/expectation/over-mates.ts";
import { symmetricAngleRad } from "../../src/geometry/asymmetric-unit.ts";
import { matesOf, nearestMate } from "../../src/geometry/mates.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { fromRotationVectorInto, multiplyInto, uniformRotationInto } from "../../src/geometry/quaternion.ts";

const MATES = matesOf(pointGroup("C4"), pointGroup("C1"));
const PARENTS = 96;

/** One image: a point near each mate of a pose, with these weights; the summary at the first; parents about it. */
function cloud(weights: readonly number[]) {
  const pose = new Float64Array(4);
  const [step, q] = [new Float64Array(4), new Float64Array(4)];
  uniformRotationInto(pose, 0, 0.4, 0.2, 0.9);
  const rotations = new Float32Array(16);
  for (let g = 0; g < 4; g++) {
    fromRotationVectorInto(step, 0, 0.02 * g, -0.03, 0.01);
    multiplyInto(q, 0, MATES.quaternions, 4 * g, pose, 0);
    multiplyInto(q, 0, q, 0, step, 0);
    rotations.set(q, 4 * g);
  }
  const summary = new Float32Array(SUMMARY_FIELDS);
  summary.set(pose, SUMMARY.rotation);
  const parents = new Float32Array(4 * PARENTS);
  for (let j = 0; j < PARENTS; j++) {
    fromRotationVectorInto(step, 0, 0.001 * j, 0.0005 * j, 0);
    multiplyInto(q, 0, pose, 0, step, 0);
    parents.set(q, 4 * j);
  }
  return {
    pose,
    parents,
    found: { rotationsPerImage: 4, shiftsPerRotation: 1, rotations, weights: Float32Array.from(weights), summary },
  };
}

test("parents stand at the mates in the shares of their weight, each where it stood but for the mate", () => {
  const { pose, parents, found } = cloud([0.25, 0.5, 0, 0.25]);
  const before = Float64Array.from(parents);
  spreadOverMates(found, parents, MATES);
  const after = Float64Array.from(parents);
  const counts = [0, 0, 0, 0];
  for (let j = 0; j < PARENTS; j++) {
    expect(symmetricAngleRad(before, 4 * j, after, 4 * j, MATES.group)).toBeLessThan(1e-5);
    counts[nearestMate(MATES, pose, 0, after, 4 * j)]!++;
  }
  expect(counts).toEqual([24, 48, 0, 24]);
});

test("an image's pose is turned to its heaviest mate, whose share is noted", () => {
  const { pose, found } = cloud([0.1, 0.1, 0.7, 0.1]);
  settleMates(found, MATES);
  const settled = Float64Array.from(found.summary.subarray(SUMMARY.rotation, SUMMARY.rotation + 4));
  expect(nearestMate(MATES, pose, 0, settled, 0)).toBe(2);
  expect(found.summary[SUMMARY.mateWeight]).toBeCloseTo(0.7, 6);
});
