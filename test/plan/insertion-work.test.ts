import { expect, test } from "vitest";
import { evenShares } from "../../src/comm/even-shares.ts";
import { openDevice } from "../../src/device/open.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { fourierBoxFor } from "../../src/geometry/fourier-box.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { fixedPointScales, type Insertion, rowBatches } from "../../src/maximization/insertion.ts";
import {
  fullestOwner,
  insertionWork,
  ownersOfTile,
  repeatedInsertion,
  sentToOwners,
} from "../../src/plan/insertion-work.ts";
import type { PosteriorBlock } from "../../src/posterior/block.ts";
import { makeNormals } from "../support/normals.ts";
import { makeScene, memoryReader, sceneBand, sceneModel } from "../support/scene.ts";

const POINTS = { rotations: 24, shifts: 4 };
const BOX_PX = 32;
const IMAGES = 12;

/** Bytes of the messages of images whose rotations lie as near as those of a local round, for so many owners of rows. */
async function messageBytes(owners: number): Promise<number> {
  const device = openDevice({ threads: 1 });
  const scene = await makeScene(device, { boxPx: BOX_PX, count: IMAGES, snr: 0.5, seed: 7 });
  const band = sceneBand(device, BOX_PX);
  const model = sceneModel(scene);
  const { rotations: M, shifts: T } = POINTS;
  const spread = makeNormals(4 * IMAGES * M, 5);
  const rotations = new Float32Array(4 * IMAGES * M);
  for (let i = 0; i < rotations.length; i++) {
    const axis = i % 4;
    // 1.5 degrees about each axis.
    rotations[i] = scene.rotations[4 * Math.floor(i / (4 * M)) + axis]! + 0.013 * spread[i]!;
  }
  for (let q = 0; q < rotations.length; q += 4) {
    const norm = Math.hypot(...rotations.subarray(q, q + 4));
    for (let c = 0; c < 4; c++) rotations[q + c]! /= norm;
  }
  const none = new Float32Array(0);
  const block: PosteriorBlock = {
    ...{
      half: 0,
      index: 0,
      particles: Int32Array.from({ length: IMAGES }, (_, i) => i),
      parentCount: 0,
      shellCount: 0,
    },
    ...{ rotationsPerImage: M, shiftsPerRotation: T, rotations, shiftsPx: new Float32Array(2 * IMAGES * M * T) },
    ...{ weights: new Float32Array(IMAGES * M * T).fill(1 / (M * T)), summary: none, kernel: none },
    ...{ parentRotations: none, parentShiftsPx: none, statistics: new Float64Array(0) },
  };
  const maxShell = BOX_PX / 2;
  const options = {
    ...{ half: 0, maxShell, paddingFactor: 2, group: pointGroup("C1"), particleCount: IMAGES },
    ...{ largestAmplitude: 1e4, signal: new AbortController().signal },
  };
  const box = fourierBoxFor(maxShell, 2);
  const scales = fixedPointScales(model, options);
  const insertion: Insertion = {
    device,
    band,
    reader: memoryReader(scene.images, BOX_PX),
    model,
    options,
    box,
    scales,
    scratch: new Float32Array(IMAGES * BOX_PX ** 2),
  };
  async function* blocks() {
    yield { block, imageWeight: new Float32Array(IMAGES).fill(1) };
  }
  const starts = evenShares(box.sizeY, owners);
  let bytes = 0;
  for await (const batch of rowBatches(insertion, blocks()))
    for (let owner = 0; owner < owners; owner++) bytes += batch.pack(starts[owner]!, starts[owner + 1]!).length;
  device.close();
  return bytes / IMAGES;
}

test("what is planned to be sent of an image is what its messages hold, within a fifth, for few owners of rows and for many", async () => {
  const work = insertionWork("local", makeBand(BOX_PX, BOX_PX / 2), BOX_PX / 2, 2, POINTS);
  for (const owners of [1, 2, 4, 16]) {
    const ratio = sentToOwners(work, owners) / (await messageBytes(owners));
    expect(ratio, `${owners} owners`).toBeGreaterThan(0.8);
    expect(ratio, `${owners} owners`).toBeLessThan(1.25);
  }
});

test("rows near the middle hold more: the fullest owner's share of a slice through the middle", () => {
  const work = insertionWork("local", makeBand(160, 80), 64, 2, { rotations: 96, shifts: 4 });
  const R = 1;
  // Slices of every direction: rows at |y| hold what is proportional to R − |y|.
  const heldBy = (from: number, to: number) => {
    const steps = 10_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += R - Math.abs(from + ((i + 0.5) * (to - from)) / steps);
    return (sum * (to - from)) / steps / R ** 2;
  };
  for (const owners of [1, 2, 3, 4, 7, 8]) {
    const shares = Array.from({ length: owners }, (_, k) => heldBy(-1 + (2 * k) / owners, -1 + (2 * (k + 1)) / owners));
    expect(fullestOwner(work, owners)).toBeCloseTo(owners * Math.max(...shares), 3);
  }
  expect(fullestOwner(work, 4 * work.rowCount)).toBeGreaterThan(7);
});

test("owners of few rows repeat what a tile over many rows needs; one owner repeats nothing", () => {
  const work = insertionWork("local", makeBand(160, 80), 64, 2, { rotations: 96, shifts: 4 });
  expect(ownersOfTile(work, 1)).toBeCloseTo(1, 0);
  expect(repeatedInsertion(work, 1)).toBeCloseTo(1, 1);
  expect(repeatedInsertion(work, work.rowCount)).toBeCloseTo(work.tileRows, 9);
  expect(repeatedInsertion(work, 4 * work.rowCount)).toBeCloseTo(work.tileRows, 9);
});
