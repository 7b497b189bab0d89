import type { HostArray } from "../../src/device/buffer.ts";
import type { InsertArgs } from "../../src/device/ops/insert.ts";
import { fourierBoxFor } from "../../src/geometry/fourier-box.ts";
import { type Backend, runOp } from "./backends.ts";
import { makePointScene, type PointScene, pointSceneArgs } from "./point-scene.ts";

export const FORWARD_SCALE = 2 ** 30;
export const WEIGHT_SCALE = 2 ** 28;

export const PADDING = 2;

/** Arguments of one insertion; `buffers` hold the scene's arrays and `accumulator`. */
export function insertArgs(
  scene: PointScene,
  buffers: Parameters<typeof pointSceneArgs>[1],
  radiusPx: number,
): InsertArgs {
  return {
    ...pointSceneArgs(scene, buffers),
    imageWeight: buffers["imageWeight"]!,
    pixelCount: scene.band.pixelCount,
    paddingFactor: PADDING,
    accumulatorRadiusPx: radiusPx,
    forwardScale: FORWARD_SCALE,
    weightScale: WEIGHT_SCALE,
    accumulator: buffers["accumulator"]!,
  };
}

/** The scene's arrays with an empty accumulator that holds its band. */
export function withAccumulator(scene: PointScene, change: Record<string, HostArray> = {}) {
  const box = fourierBoxFor(scene.band.maxShell, PADDING);
  const arrays = { ...scene.arrays, accumulator: new BigInt64Array(3 * box.voxelCount), ...change };
  return { box, arrays };
}

/** The accumulator after one insertion. */
export async function inserted(
  backend: Backend,
  scene: PointScene,
  change: Record<string, HostArray> = {},
  args: Partial<InsertArgs> = {},
): Promise<BigInt64Array> {
  const { box, arrays } = withAccumulator(scene, change);
  const { accumulator } = await runOp(
    backend.open,
    arrays,
    (device, buffers) => device.insert({ ...insertArgs(scene, buffers, box.radiusPx), ...args }),
    ["accumulator"],
  );
  return accumulator as BigInt64Array;
}

/** One image, one rotation, one shift, all factors 1. */
export function plainScene(rotation: readonly number[], shiftPx: readonly [number, number] = [0, 0]): PointScene {
  const shape = {
    imageCount: 2,
    activeCount: 1,
    rotationsPerImage: 1,
    shiftsPerRotation: 1,
    hasCtf: false,
    shellCount: 10,
  };
  const scene = makePointScene(shape);
  Object.assign(scene.arrays, {
    rotations: Float32Array.from(rotation),
    shiftsPx: Float32Array.from(shiftPx),
    weights: Float32Array.of(1),
    scale: Float32Array.of(1, 1),
    imageWeight: Float32Array.of(1, 1),
    inverseSigma2: new Float32Array(20).fill(1),
  });
  return scene;
}
