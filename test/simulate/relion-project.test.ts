import { afterAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { eulerToQuaternionInto } from "../../src/geometry/euler.ts";
import { quaternionToMatrixInto } from "../../src/geometry/quaternion.ts";
import { openStack } from "../../src/io/mrc/stack.ts";
import { openFile } from "../../src/io/node/file-reader.ts";
import { readMapFile } from "../../src/io/node/map-file.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { resampleMap } from "../../src/map/resample.ts";
import { Projector } from "../../src/simulate/projector.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const STACK = "stacks/rln_proj_64.mrcs";
const STAR = "stacks/rln_proj_64.star";
const MAP = "maps/ribosome-70S-65px.mrc";
const RAD_PER_DEG = Math.PI / 180;
const BOX = 64;
/** 0.99998 or better was measured; the map went through another resampling than ours. */
const CORRELATION = 0.9999;
/** The map was brought from 65 to 64 px by a program that keeps the box's corner, not its centre voxel: x, y, z in voxels. */
const MAP_OFFSET_PX = -0.5;

describe.skipIf(!hasSharedData(STACK, STAR, MAP))("projections made by relion_project", () => {
  const device = openDevice();
  afterAll(() => device.close());

  test("are ours, pose by pose, and no other convention's", async () => {
    const table = readStarFile(sharedData(STAR)).blocks.find((block) => block.table.has("rlnAngleRot"))!.table;
    const stack = openStack(openFile(sharedData(STACK)));
    const count = stack.count;
    const theirs = new Float32Array(count * BOX * BOX);
    stack.readSlicesInto(theirs, 0, count);
    stack.close();
    const map = resampleMap(
      readMapFile(sharedData(MAP)).data,
      { boxPx: 65, pixelSizeA: 1 },
      { boxPx: BOX, pixelSizeA: 65 / 64 },
    );
    const projector = new Projector(device, map, BOX, 65 / 64);
    const angles = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"].map((label) => table.numbers(label));
    const rotations = new Float64Array(4 * count);
    const turned = new Float64Array(4 * count);
    for (let i = 0; i < count; i++) {
      const [rot, tilt, psi] = angles.map((column) => column[i]! * RAD_PER_DEG) as [number, number, number];
      eulerToQuaternionInto(rotations, 4 * i, rot, tilt, psi);
      eulerToQuaternionInto(turned, 4 * i, -psi, -tilt, -rot);
    }
    const shiftsPx = shiftsOfOffset(rotations, count);
    const ours = await projector.makeImages({ count, rotations, shiftsPx, optics: null });
    const transposed = await projector.makeImages({ count, rotations: turned, shiftsPx: null, optics: null });
    projector.close();
    for (let i = 0; i < count; i++) {
      const image = theirs.subarray(i * BOX * BOX, (i + 1) * BOX * BOX);
      expect(correlation(ours.subarray(i * BOX * BOX, (i + 1) * BOX * BOX), image)).toBeGreaterThan(CORRELATION);
      expect(correlation(transposed.subarray(i * BOX * BOX, (i + 1) * BOX * BOX), image)).toBeLessThan(0.97);
    }
  });
});

/** What a map that sits off the centre does to its projections: the offset in image axes, Rᵀ d. */
function shiftsOfOffset(rotations: Float64Array, count: number): Float64Array {
  const shiftsPx = new Float64Array(2 * count);
  const matrix = new Float64Array(9);
  for (let i = 0; i < count; i++) {
    quaternionToMatrixInto(matrix, 0, rotations, 4 * i);
    shiftsPx[2 * i] = MAP_OFFSET_PX * (matrix[0]! + matrix[3]! + matrix[6]!);
    shiftsPx[2 * i + 1] = MAP_OFFSET_PX * (matrix[1]! + matrix[4]! + matrix[7]!);
  }
  return shiftsPx;
}

function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (data: Float32Array) => data.reduce((x, y) => x + y, 0) / data.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - meanA) * (b[i]! - meanB);
    aa += (value - meanA) ** 2;
    bb += (b[i]! - meanB) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}
