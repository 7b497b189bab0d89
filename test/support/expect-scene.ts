import type { Communicator } from "../../src/comm/types.ts";
import type { Device } from "../../src/device/types.ts";
import { expectHalf } from "../../src/expectation/expect-half.ts";
import { DEGREES_OF_FREEDOM, ENOUGH_ESS } from "../../src/expectation/filter.ts";
import { makeReference } from "../../src/expectation/reference.ts";
import type { SliceMode } from "../../src/expectation/slices/cost.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import type { ImageModel } from "../../src/particles/image-model.ts";
import type { PosteriorBlock } from "../../src/posterior/block.ts";
import { MemoryPosteriorStore } from "../../src/posterior/store.ts";
import { filterPhases, makeScanLevels, SCAN_TEMPER, SURVIVOR_MARGIN } from "../../src/refine/schedule.ts";
import { memoryReader, type Scene, sceneBand, sceneModel } from "./scene.ts";

export interface ExpectSceneOptions {
  readonly model?: ImageModel;
  readonly map?: Float32Array;
  readonly images?: Float32Array;
  /** Rows in the order in which they are handled. */
  readonly particles?: Int32Array;
  readonly maxShell?: number;
  readonly blockSize?: number;
  readonly half?: number;
  /** Shares the slices with other ranks, which run the same scene. */
  readonly comm?: Communicator;
  readonly slices?: SliceMode;
}

/** One expectation phase of a global round over a scene, as `expectRound` sets it up: all its particles as one block. */
export async function expectScene(
  device: Device,
  scene: Scene,
  options: ExpectSceneOptions = {},
): Promise<PosteriorBlock> {
  const { boxPx, pixelSizeA, shiftSigmaPx } = scene;
  const { model = sceneModel(scene), map = scene.map, images = scene.images, maxShell = 12, half = 0 } = options;
  const particles = options.particles ?? Int32Array.from({ length: scene.count }, (_, i) => i);
  const scanShell = Math.min(8, maxShell);
  const band = sceneBand(device, boxPx);
  const reference = makeReference(device, map, boxPx, 2, maxShell);
  const store = new MemoryPosteriorStore();
  const levels = makeScanLevels({
    maxShell: scanShell,
    boxPx,
    pixelSizeA,
    diameterA: 0.7 * boxPx * pixelSizeA,
    shiftSigmaPx,
    group: pointGroup("C1"),
    seed: 3,
    round: 1,
  });
  await expectHalf(device, band, memoryReader(images, boxPx), model, reference, store, {
    half,
    particles,
    blockSize: options.blockSize ?? particles.length,
    blocksPerBatch: 1,
    mask: null,
    source: {
      kind: "scan",
      levels,
      survivorCount: 192,
      margin: SURVIVOR_MARGIN,
      keepCount: 96,
      temper: SCAN_TEMPER,
      ...(options.comm
        ? {
            sharing: {
              comm: options.comm,
              mode: options.slices ?? "auto",
              heldBytesLimit: 1e8,
              onChoice: () => {},
            },
          }
        : {}),
    },
    filter: {
      phases: filterPhases(scanShell, maxShell, 96, 4),
      parentCount: 96,
      enoughEss: ENOUGH_ESS,
      degreesOfFreedom: DEGREES_OF_FREEDOM,
      shiftSigmaPx,
      symmetry: Float32Array.of(1, 0, 0, 0),
      stream: 1,
    },
    insertedRotations: 96,
    signal: new AbortController().signal,
    onScan: () => {},
    onBatch: () => {},
  });
  reference.free();
  band.free();
  return store.read(half, 0);
}
