import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { openDevice } from "../../src/device/open.ts";
import type { CompareCellsArgs } from "../../src/device/ops/compare-cells.ts";
import type { Device } from "../../src/device/types.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { makeBandColumns } from "../../src/geometry/band-columns.ts";
import { BACKENDS, NATIVE_ISAS, withDevice } from "./backends.ts";
import { makeScene as makeAnyScene, makeArgs, readState, type Scene, type State } from "./compare-scene.ts";

// Sums of some hundred float32 terms that reach some hundreds, in log-likelihood units.
const SCORE_TOLERANCE = 0.01;

const STEP_PX = 1.3;
/** A regular grid of shifts in steps, in no particular order: 13 within two steps of its centre, and one far off. */
const STEPS = Int32Array.from(
  [
    [0, 0],
    [1, 0],
    [0, -1],
    [-1, 0],
    [0, 1],
    [-1, 1],
    [1, 1],
    [2, 0],
    [-1, -1],
    [0, 2],
    [1, -1],
    [0, -2],
    [-2, 0],
    [5, -4],
  ].flat(),
);

/** A scene whose shifts are the first `shiftCount` of STEPS. */
function makeScene(change: Parameters<typeof makeAnyScene>[0] = {}): Scene {
  const scene = makeAnyScene(change);
  return { ...scene, shiftsPx: Float32Array.from(STEPS.subarray(0, 2 * scene.shiftCount), (step) => step * STEP_PX) };
}

interface Cells {
  /** Per image: slice and shift of each cell. */
  readonly lists: readonly (readonly (readonly [slice: number, shift: number])[])[];
}

function cellArgs(
  device: Device,
  scene: Scene,
  { lists }: Cells,
  first = 0,
  last = scene.sliceCount,
): CompareCellsArgs {
  const args = makeArgs(device, scene);
  const band = makeBand(scene.boxPx, scene.maxShell);
  const columns = makeBandColumns(band, args.firstPixel, args.pixelCount);
  const pixels = columns.source.length;
  const slices = Float32Array.from({ length: 2 * (last - first) * pixels }, (_, i) => {
    const k = columns.source[i % pixels]!;
    return k < 0 ? 0 : scene.slices[(2 * first + Math.floor(i / pixels)) * band.pixelCount + k]!;
  });
  const inside = lists.map((list) => list.filter(([slice]) => slice >= first && slice < last));
  const start = new Int32Array(lists.length + 1);
  inside.forEach((list, i) => {
    start[i + 1] = start[i]! + list.length;
  });
  return {
    ...args,
    columnKx: device.upload(columns.kx),
    columnKy: device.upload(columns.ky),
    columnSource: device.upload(columns.source),
    rowCount: columns.rowCount,
    chunkStart: device.upload(columns.chunkStart),
    chunkCount: columns.chunkCount,
    slices: device.upload(slices),
    sliceCount: last - first,
    firstSlice: first,
    shiftSteps: device.upload(STEPS.slice(0, 2 * scene.shiftCount)),
    stepPx: STEP_PX,
    cellStart: device.upload(start),
    cellCount: inside.flat().length,
    cellSlice: device.upload(Int32Array.from(inside.flat(), ([slice]) => slice - first)),
    cellShift: device.upload(Int32Array.from(inside.flat(), ([, shift]) => shift)),
  };
}

async function run(device: Device, scene: Scene, cells: Cells): Promise<State> {
  const args = cellArgs(device, scene, cells);
  device.compareCells(args);
  return readState(device, { ...makeArgs(device, scene), ...args, slices: args.slices });
}

const logEvidence = (state: State, image: number) =>
  state.evidence[2 * image]! + Math.log(state.evidence[2 * image + 1]!);

function kept(state: State, scene: Scene, image: number) {
  return Array.from({ length: scene.keepCount }, (_, i) => image * scene.keepCount + i)
    .map((i) => ({ score: state.topScore[i]!, slice: state.topSlice[i]!, shift: state.topShift[i]! }))
    .sort((a, b) => b.score - a.score || a.slice - b.slice);
}

/** Every slice, around the centre: all of the first 13 shifts are near it. */
function everything(scene: Scene): Cells {
  const { sliceCount, imageCount } = scene;
  return {
    lists: Array.from({ length: imageCount }, () =>
      Array.from({ length: sliceCount }, (_, slice) => [slice, 0] as const),
    ),
  };
}

/** Some slices, each around one shift; at most of them some of the near shifts are missing. */
function some(scene: Scene): Cells {
  return {
    lists: Array.from({ length: scene.imageCount }, (_, image) =>
      image === 1 ? [] : [2, 3, 9, 16, 20].map((slice) => [slice, (slice + 5 * image) % scene.shiftCount] as const),
    ),
  };
}

describe.each(BACKENDS)("on $name", (backend) => {
  test("all cells under all shifts give what the whole scan gives", async () => {
    for (const [hasCtf, shiftCount] of [
      [true, 5],
      [false, 13],
    ] as const) {
      const scene = makeScene({ hasCtf, shiftCount });
      await withDevice(backend.open, async (device) => {
        const args = makeArgs(device, scene);
        device.compare(args);
        const wanted = await readState(device, args);
        const got = await run(device, scene, everything(scene));
        for (let image = 0; image < scene.imageCount; image++) {
          expect(Math.abs(logEvidence(got, image) - logEvidence(wanted, image))).toBeLessThan(SCORE_TOLERANCE);
          const [a, e] = [kept(got, scene, image), kept(wanted, scene, image)];
          expect(a.map(({ slice, shift }) => [slice, shift])).toEqual(e.map(({ slice, shift }) => [slice, shift]));
          a.forEach(({ score }, i) => {
            expect(Math.abs(score - e[i]!.score)).toBeLessThan(SCORE_TOLERANCE);
          });
        }
      });
    }
  });

  test("only the cells listed count, and an image without cells is left as it was", async () => {
    const scene = makeScene({ keepCount: 7, shiftCount: 14 });
    const cells = some(scene);
    await withDevice(backend.open, async (device) => {
      const state = await run(device, scene, cells);
      const wanted = await withDevice(
        () => openDevice({ kind: "reference" }),
        async (reference) => run(reference, scene, cells),
      );
      expect([state.evidence[2], state.evidence[3]]).toEqual([Number.NEGATIVE_INFINITY, 0]);
      for (const image of [0, 2]) {
        expect(Math.abs(logEvidence(state, image) - logEvidence(wanted, image))).toBeLessThan(SCORE_TOLERANCE);
        const found = kept(state, scene, image).map(({ slice, shift }) => [slice, shift]);
        expect(found).toEqual(kept(wanted, scene, image).map(({ slice, shift }) => [slice, shift]));
        expect(new Set(found.map(([slice]) => slice))).toEqual(new Set([-1, 2, 3, 9, 16, 20]));
      }
    });
  });

  test("an image with NaN has NaN evidence and keeps nothing", async () => {
    const scene = makeScene();
    scene.images.fill(Number.NaN, 0, 40);
    const state = await withDevice(backend.open, (device) => run(device, scene, everything(scene)));
    expect(logEvidence(state, 0)).toBeNaN();
    expect(kept(state, scene, 0).every(({ slice }) => slice === -1)).toBe(true);
    expect(Number.isFinite(logEvidence(state, 2))).toBe(true);
  });

  test("a buffer that is too short, and an index out of range, are refused", async () => {
    await withDevice(backend.open, async (device) => {
      const scene = makeScene();
      const args = cellArgs(device, scene, some(scene));
      const short = device.upload(new Int32Array(1));
      for (const name of ["columnSource", "chunkStart", "shiftSteps", "cellStart", "cellSlice", "topSlice"] as const) {
        expect(() => device.compareCells({ ...args, [name]: short }), name).toThrow(ShapeError);
      }
      expect(() => device.compareCells({ ...args, stepPx: 0 })).toThrow(UsageError);
      if (device.kind !== "cpu") return;
      device.compareCells({ ...args, cellSlice: device.upload(new Int32Array(args.cellCount).fill(scene.sliceCount)) });
      await expect(device.idle()).rejects.toThrow(/cellSlice\[0\]: expected 0 to 20, got 21/);
    });
  });
});

test("blocks of slices, threads and batches change no byte", async () => {
  const scene = makeScene({ imageCount: 6, keepCount: 5 });
  const cells = everything(scene);
  for (const isa of NATIVE_ISAS) {
    const states: State[] = [];
    for (const [threads, blockSlices] of [
      [1, 21],
      [2, 21],
      [3, 4],
    ] as const) {
      await withDevice(
        () => openDevice({ kind: "cpu", isa, threads }),
        async (device) => {
          const whole = cellArgs(device, scene, cells);
          for (let first = 0; first < scene.sliceCount; first += blockSlices) {
            const block = cellArgs(device, scene, cells, first, Math.min(first + blockSlices, scene.sliceCount));
            const { evidence, topScore, topSlice, topShift } = whole;
            device.compareCells({ ...block, evidence, topScore, topSlice, topShift });
          }
          states.push(await readState(device, { ...makeArgs(device, scene), ...whole, slices: whole.slices }));
        },
      );
    }
    expect(states[1], isa).toEqual(states[0]);
    expect(states[2], isa).toEqual(states[0]);
  }
});
