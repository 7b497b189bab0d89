import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog, type RefineInput, refine, silentLog } from "../../src/index.ts";
import type { PhaseProfile } from "../../src/refine/profile.ts";
import { differingFiles, makeTinyRun, resultFiles, type TinyRun } from "./tiny-run.ts";

let data: TinyRun;

/** Files of a finished run. */
async function run(out: string, changes: Partial<RefineInput> = {}): Promise<Map<string, Buffer>> {
  await refine({ ...data.options(out), ...changes }, { signal: new AbortController().signal, log: silentLog });
  return resultFiles(data.path(out));
}

beforeAll(async () => {
  data = await makeTinyRun();
});
afterAll(() => data.remove());

describe("a global search from the map alone", () => {
  let plain: Map<string, Buffer>;
  beforeAll(async () => {
    plain = await run("plain");
  });

  test("the run writes maps, poses and model of each round and of the end", () => {
    const names = ["run_class001.mrc", "run_half1_class001_unfil.mrc", "run_half2_class001_unfil.mrc"];
    const stars = ["run_data.star", "run_model.star", "run_it002_data.star", "run_it002_half1_class001.mrc"];
    for (const name of [...names, ...stars]) expect(plain.has(name), name).toBe(true);
  });

  test.each<[string, Partial<RefineInput>]>([
    ["two threads instead of one", { threads: 2 }],
    ["another batch size", { batchParticles: 48 }],
    ["two threads, batches as planned, images read anew each time", { threads: 2, batchParticles: 0, memoryGb: 0.03 }],
  ])("%s: the same bytes in every file", async (what, changes) => {
    expect(differingFiles(plain, await run(what.replaceAll(/\W+/g, "-"), changes))).toEqual([]);
  });

  test("a profile changes no byte, and its kernels and the rest make up each phase", async () => {
    const log = new MemoryLog();
    await refine({ ...data.options("profiled"), profile: true }, { signal: new AbortController().signal, log });
    expect(differingFiles(plain, resultFiles(data.path("profiled")))).toEqual([]);
    const profiles = log.events
      .filter(({ name }) => name === "profile")
      .map(({ fields }) => fields as unknown as PhaseProfile);
    expect(profiles.map(({ phase }) => phase)).toContain("final");
    for (const { wallMs, processorMs, ops, restMs } of profiles) {
      expect(processorMs).toBeGreaterThan(0);
      const sum = ops.reduce((ms, { elapsedMs }) => ms + elapsedMs, restMs);
      expect(sum / wallMs).toBeCloseTo(1, 1);
    }
    expect(profiles[0]!.ops.map(({ op }) => op)).toContain("compare");
  });

  test("another seed: other half-sets, other maps", async () => {
    const other = differingFiles(plain, await run("seed", { seed: 6 }));
    const decided = ["run_class001.mrc", "run_half1_class001_unfil.mrc", "run_data.star", "run_model.star"];
    expect(other).toEqual(expect.arrayContaining(decided));
  });
});

describe("a local search from given poses", () => {
  test("two threads and another batch size: the same bytes in every file", async () => {
    const local = { particles: data.path("data/truth.star"), stages: "local", maxRounds: 2 } as const;
    const plain = await run("local", local);
    expect(differingFiles(plain, await run("local-2", { ...local, threads: 2, batchParticles: 32 }))).toEqual([]);
  });
});
