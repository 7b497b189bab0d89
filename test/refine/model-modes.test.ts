import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Communicator } from "../../src/comm/types.ts";
import { type RefineInput, reconstruct, refine, silentLog } from "../../src/index.ts";
import { writeMapFile } from "../../src/io/node/map-file.ts";
import { slabOfMap } from "../../src/map/map-slab.ts";
import { writeMapSlab } from "../../src/refine/write-map-slab.ts";
import { makeSignal } from "../device/backends.ts";
import { runRanks } from "../support/in-process-ranks.ts";
import { differingFiles, makeTinyRun, resultFiles, type TinyRun } from "./tiny-run.ts";

let data: TinyRun;
let alone: Map<string, Buffer>;

const SHORT = { checkpointParticles: 5, batchParticles: 5, maxRounds: 1 } as const;
const quiet = () => ({ signal: new AbortController().signal, log: silentLog });

async function run(out: string, ranks: number, changes: Partial<RefineInput>): Promise<Map<string, Buffer>> {
  await runRanks(ranks, (comm) => refine({ ...data.options(out), ...SHORT, ...changes }, { ...quiet(), comm }));
  return resultFiles(data.path(out));
}

beforeAll(async () => {
  data = await makeTinyRun();
  await refine({ ...data.options("alone"), ...SHORT }, quiet());
  alone = resultFiles(data.path("alone"));
});
afterAll(() => data.remove());

describe("a refinement has the same bytes in every file for each way of sharing slices and of holding the model", () => {
  const slices = ["recompute", "allgather", "allreduce", "grouped", "conveyor"] as const;
  const pairs = slices.flatMap((slice) =>
    (["replicated", "allgather", "slab"] as const).map((model) => [slice, model] as const),
  );
  test.each(pairs)("slices by %s, model %s, two ranks", async (slice, model) => {
    expect(differingFiles(alone, await run(`${slice}-${model}`, 2, { slices: slice, model }))).toEqual([]);
  });

  test.each([1, 2, 3])("ranks that are late by chance, two with slabs and a conveyor, delays %i", async (delaySeed) => {
    const [out, changes] = [`late-${delaySeed}`, { slices: "conveyor", model: "slab" } as const];
    const refined = (comm: Communicator) =>
      refine({ ...data.options(out), ...SHORT, ...changes }, { ...quiet(), comm });
    await runRanks(2, refined, delaySeed);
    expect(differingFiles(alone, resultFiles(data.path(out)))).toEqual([]);
  });

  test("slabs on five ranks, and on four in two groups", async () => {
    expect(differingFiles(alone, await run("five", 5, { model: "slab" }))).toEqual([]);
    expect(differingFiles(alone, await run("groups", 4, { model: "slab", modelGroups: 2 }))).toEqual([]);
  });
});

describe("a reconstruction from known poses has the same bytes in every file", () => {
  const files = ["map.mrc", "map_half1.mrc", "map_half2.mrc", "map_fsc.json"];
  const options = { symmetry: "C2", griddingIterations: 3, threads: 1 } as const;
  const bytes = (prefix: string) => files.map((name) => readFileSync(data.path(name.replace("map", prefix))));

  test.each([1, 2, 3, 4, 5])("on %i ranks", async (ranks) => {
    const particles = data.path("data/truth.star");
    await reconstruct({ ...options, particles, out: data.path("whole") }, quiet());
    for (const model of ["replicated", "allgather", "slab"] as const) {
      const out = data.path(`${model}${ranks}`);
      await runRanks(ranks, (comm) => reconstruct({ ...options, particles, out, model }, { ...quiet(), comm }));
      bytes(`${model}${ranks}`).forEach((file, i) => {
        expect(file.equals(bytes("whole")[i]!), `${model}: ${files[i]}`).toBe(true);
      });
    }
  });

  test("groups that do not divide the ranks are refused", async () => {
    const input = { ...options, particles: data.path("data/truth.star"), out: data.path("odd"), modelGroups: 2 };
    const attempt = runRanks(3, (comm) => reconstruct({ ...input, model: "slab" }, { ...quiet(), comm }));
    await expect(attempt).rejects.toThrow(/model groups: expected a number that divides the 3 ranks, got 2/);
  });
});

test("a map written plane by plane from several ranks is the file of one process", async () => {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-slabs-"));
  try {
    const boxPx = 12;
    const map = makeSignal(boxPx ** 3, 3);
    const sizes = { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx };
    writeMapFile(join(folder, "whole.mrc"), { ...sizes, pixelSizeA: 1.3, data: map });
    const whole = readFileSync(join(folder, "whole.mrc"));
    for (const ranks of [1, 3, 5, 17]) {
      const path = join(folder, `${ranks}.mrc`);
      await runRanks(ranks, (comm) => writeMapSlab(comm, path, slabOfMap(comm, map, boxPx), 1.3));
      expect(readFileSync(path).equals(whole), `${ranks} ranks`).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
