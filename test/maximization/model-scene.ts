import type { Communicator } from "../../src/comm/types.ts";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { gatherMap } from "../../src/map/map-slab.ts";
import {
  type Accumulation,
  accumulate,
  addAccumulation,
  type WeightedBlock,
} from "../../src/maximization/accumulate.ts";
import { type ModelMode, openModelRanks } from "../../src/maximization/model-ranks.ts";
import { reconstructSlab } from "../../src/maximization/reconstruct-map.ts";
import type { PosteriorBlock } from "../../src/posterior/block.ts";
import { runRanks } from "../support/in-process-ranks.ts";
import { makeNormals } from "../support/normals.ts";
import { makeScene, memoryReader, type Scene, sceneBand, sceneModel } from "../support/scene.ts";

export const SCENE_BOX_PX = 20;
const SCENE_COUNT = 18;
/** A cluster and a few beside it. */
const ROTATIONS = 9;
const SHIFTS = 2;

export async function makeModelScene(): Promise<Scene> {
  const device = openDevice({ threads: 1 });
  try {
    return await makeScene(device, { boxPx: SCENE_BOX_PX, count: SCENE_COUNT, snr: 0.5, seed: 7 });
  } finally {
    device.close();
  }
}

/** Support points near the true poses; some weights and one image weight are 0. */
function blockOf(scene: Scene, half: 0 | 1, particles: Int32Array, rotationsPerImage: number): WeightedBlock {
  const count = particles.length;
  const jitter = makeNormals(SCENE_COUNT * rotationsPerImage * 8, 11 + half);
  const rotations = new Float32Array(4 * count * rotationsPerImage);
  const shiftsPx = new Float32Array(2 * count * rotationsPerImage * SHIFTS);
  const weights = new Float32Array(count * rotationsPerImage * SHIFTS);
  particles.forEach((p, i) => {
    for (let m = 0; m < rotationsPerImage; m++) {
      const seed = 8 * (p * rotationsPerImage + m);
      for (let c = 0; c < 4; c++) {
        rotations[4 * (i * rotationsPerImage + m) + c] = scene.rotations[4 * p + c]! + 0.05 * jitter[seed + c]!;
      }
      for (let t = 0; t < SHIFTS; t++) {
        const point = (i * rotationsPerImage + m) * SHIFTS + t;
        for (let c = 0; c < 2; c++) {
          shiftsPx[2 * point + c] = scene.shiftsPx[2 * p + c]! + 0.3 * jitter[seed + 4 + ((c + t) % 4)]!;
        }
        weights[point] = (p + m) % 3 === 0 ? 0 : 0.2 + 0.1 * t;
      }
    }
  });
  const none = new Float32Array(0);
  const block: PosteriorBlock = {
    ...{ half, index: 0, particles, rotationsPerImage, shiftsPerRotation: SHIFTS, parentCount: 0 },
    ...{ shellCount: 0, rotations, shiftsPx, weights, summary: none, kernel: none, parentRotations: none },
    ...{ parentShiftsPx: none, statistics: new Float64Array(0) },
  };
  return { block, imageWeight: Float32Array.from(particles, (p) => (p === 5 ? 0 : 0.5 + 0.02 * p)) };
}

export interface ModelRun {
  readonly mode: ModelMode;
  readonly ranks: number;
  readonly groups?: number;
  readonly symmetry?: string;
  readonly exchange?: "sparse" | "dense";
  readonly griddingIterations?: number;
  readonly rotations?: number;
  readonly kind?: Device["kind"];
  /** 1: the first half only, with its two maps. */
  readonly halves?: 1 | 2;
}

export interface ModelResult {
  /** Maps of half 1, of half 1 with a prior, of both; then meanWeight of half 1. */
  readonly bytes: Buffer;
  readonly map: Float32Array;
  /** Of each rank, the device's own count. */
  readonly peakBytes: readonly number[];
}

/** Both halves of a scene on some ranks, each with its own device and every n-th particle. */
export async function runModel(scene: Scene, run: ModelRun): Promise<ModelResult> {
  const perRank = await runRanks(run.ranks, (comm) => modelOnRank(scene, comm, run));
  for (const { bytes } of perRank) {
    if (!bytes.equals(perRank[0]!.bytes)) throw new Error("the ranks do not agree");
  }
  return { ...perRank[0]!, peakBytes: perRank.map(({ peakBytes }) => peakBytes) };
}

async function modelOnRank(scene: Scene, comm: Communicator, run: ModelRun) {
  const device = openDevice({ kind: run.kind ?? "cpu", ...(run.kind === "reference" ? {} : { threads: 1 }) });
  const band = sceneBand(device, scene.boxPx);
  const ranks = await openModelRanks(comm, run.mode, run.groups ?? 1);
  const model = sceneModel(scene);
  const sums: Accumulation[] = [];
  for (const half of run.halves === 1 ? ([0] as const) : ([0, 1] as const)) {
    const all = Int32Array.from({ length: SCENE_COUNT / 2 }, (_, i) => 2 * i + half);
    const own = all.filter((_, i) => i % comm.size === comm.rank);
    const blocks = async function* () {
      // Uneven blocks; a rank may have none.
      for (const cut of [own.subarray(0, 3), own.subarray(3)])
        if (cut.length > 0) yield blockOf(scene, half, cut, run.rotations ?? ROTATIONS);
    };
    sums.push(
      await accumulate(device, band, memoryReader(scene.images, scene.boxPx), model, blocks(), {
        ...{ half: 0, maxShell: 9, paddingFactor: 2, group: pointGroup(run.symmetry ?? "C1") },
        ...{ particleCount: all.length, largestAmplitude: 1e4, signal: new AbortController().signal, ranks },
        ...(run.exchange ? { exchange: run.exchange } : {}),
      }),
    );
  }
  const griddingIterations = run.griddingIterations ?? 0;
  const prior = Float64Array.from({ length: 10 }, (_, shell) => 0.01 * shell);
  const options = { boxPx: scene.boxPx, griddingIterations };
  const whole = async (target: Accumulation | undefined, given: Float64Array | null) =>
    gatherMap(ranks.group, await reconstructSlab(device, target!, { ...options, prior: given }));
  const map = await whole(sums[0]!, null);
  const regularised = await whole(sums[0]!, prior);
  const { peakBytes } = device;
  const mean = sums[0]!.meanWeight.slice();
  if (sums.length > 1) await addAccumulation(device, sums[0]!, sums[1]!);
  const joined = await whole(sums[0]!, null);
  for (const half of sums) half.free();
  band.free();
  // Queued work holds memory a moment longer than its caller.
  await device.idle();
  const left = device.allocatedBytes;
  device.close();
  if (left !== 0) throw new Error(`${left} bytes were not freed`);
  const bytes = Buffer.concat(
    [map, regularised, joined, mean].map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)),
  );
  return { bytes, map, peakBytes };
}
