import { beforeAll, describe, expect, test } from "vitest";
import type { ModelMode } from "../../src/maximization/model-ranks.ts";
import { relativeError } from "../device/backends.ts";
import type { Scene } from "../support/scene.ts";
import { type ModelResult, type ModelRun, makeModelScene, runModel, SCENE_BOX_PX } from "./model-scene.ts";

const RANKS = [1, 2, 3, 4, 5];

let scene: Scene;
beforeAll(async () => {
  scene = await makeModelScene();
});

/** What one process with the whole model gives, by what was asked. */
const wholes = new Map<string, Promise<ModelResult>>();
function whole(run: Pick<ModelRun, "symmetry" | "griddingIterations" | "rotations">): Promise<ModelResult> {
  const key = JSON.stringify(run);
  const known = wholes.get(key) ?? runModel(scene, { ...run, mode: "replicated", ranks: 1 });
  wholes.set(key, known);
  return known;
}

async function expectWholeBytes(run: ModelRun): Promise<void> {
  const asked = {
    ...(run.symmetry ? { symmetry: run.symmetry } : {}),
    ...(run.griddingIterations ? { griddingIterations: run.griddingIterations } : {}),
    ...(run.rotations ? { rotations: run.rotations } : {}),
  };
  const wanted = await whole(asked);
  const got = await runModel(scene, run);
  expect(relativeError(got.map, wanted.map)).toBe(0);
  expect(got.bytes.equals(wanted.bytes)).toBe(true);
}

describe.each(RANKS)("on %i ranks", (ranks) => {
  test.each<ModelMode>(["replicated", "allgather", "slab"])(
    "the %s model gives the bytes of one process, gridding loop included",
    (mode) => expectWholeBytes({ mode, ranks, griddingIterations: 4 }),
  );

  test.each([2, 9])(
    "images with %i rotations reach the rows' owners as slices or tiles, or as dense sums, with one result",
    async (rotations) => {
      await expectWholeBytes({ mode: "slab", ranks, exchange: "sparse", rotations });
      await expectWholeBytes({ mode: "slab", ranks, exchange: "dense", rotations });
    },
  );

  test("a point group is summed across ranks in the order of one process", async () => {
    await expectWholeBytes({ mode: "slab", ranks, symmetry: "D3", exchange: "sparse" });
  });
});

test("two groups of two ranks, each with its own slabs, agree with one process", () =>
  expectWholeBytes({ mode: "slab", ranks: 4, groups: 2, exchange: "sparse", griddingIterations: 4 }));

test("more ranks than the box has rows are as good as few", () =>
  expectWholeBytes({ mode: "slab", ranks: 47, exchange: "sparse", griddingIterations: 2 }));

test("groups that do not divide the ranks are refused", async () => {
  await expect(runModel(scene, { mode: "slab", ranks: 3, groups: 2 })).rejects.toThrow(/divides the 3 ranks, got 2/);
});

/** Images, slices on their way and other things that do not depend on the ranks. */
const SMALL_BYTES = 160 * 1024;
const UNITS: { readonly [Mode in ModelMode]: (ranks: number) => number } = {
  replicated: () => 4,
  allgather: (ranks) => 1 + 3 / ranks,
  slab: (ranks) => (1.15 * 4) / ranks,
};

describe.each<ModelMode>(["replicated", "allgather", "slab"])("what a rank's device holds of a %s model", (mode) => {
  test.each([...RANKS, 8])("on %i ranks is within its units of a complex volume of the padded box", async (ranks) => {
    const sidePx = 2 * SCENE_BOX_PX;
    const unitBytes = 8 * sidePx * sidePx * (sidePx / 2 + 1);
    const { peakBytes } = await runModel(scene, { mode, ranks, exchange: "sparse", griddingIterations: 2, halves: 1 });
    expect(Math.max(...peakBytes)).toBeLessThan(UNITS[mode](ranks) * unitBytes + SMALL_BYTES);
  });
});

test("the TypeScript references give the map of the kernels, in slabs as whole", async () => {
  const kernels = await whole({ griddingIterations: 1 });
  const reference = await runModel(scene, { mode: "slab", ranks: 2, kind: "reference", griddingIterations: 1 });
  // 1e-5: single precision.
  expect(relativeError(reference.map, kernels.map)).toBeLessThan(1e-5);
});
