import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RefineInput, refine, resume, silentLog } from "../../src/index.ts";
import { runRanks } from "../support/in-process-ranks.ts";
import { differingFiles, makeTinyRun, resultFiles, type TinyRun } from "./tiny-run.ts";

let data: TinyRun;
let alone: Map<string, Buffer>;

/** Small enough that every rank has blocks of both halves, and one batch more than another. */
const BLOCKS = { checkpointParticles: 5, batchParticles: 5 } as const;

const quiet = () => ({ signal: new AbortController().signal, log: silentLog });

/** Files of a run on n ranks within this process. */
async function run(out: string, ranks: number, changes: Partial<RefineInput> = {}): Promise<Map<string, Buffer>> {
  await runRanks(ranks, (comm) => refine({ ...data.options(out), ...BLOCKS, ...changes }, { ...quiet(), comm }));
  return resultFiles(data.path(out));
}

beforeAll(async () => {
  data = await makeTinyRun();
  await refine({ ...data.options("alone"), ...BLOCKS }, quiet());
  alone = resultFiles(data.path("alone"));
});
afterAll(() => data.remove());

describe("the same bytes in every file", () => {
  test.each<[number, NonNullable<RefineInput["slices"]>]>([
    [1, "conveyor"],
    [2, "auto"],
    [2, "conveyor"],
    [3, "recompute"],
    [3, "allgather"],
    [3, "allreduce"],
    [3, "conveyor"],
    [4, "grouped"],
    [5, "conveyor"],
  ])("on %i ranks, slices by %s", async (ranks, slices) => {
    expect(differingFiles(alone, await run(`${slices}-${ranks}`, ranks, { slices }))).toEqual([]);
  });

  test("more ranks than blocks: some have no image, and still take part", async () => {
    const few = { checkpointParticles: 16, slices: "conveyor" } as const;
    expect(differingFiles(await run("few-1", 1, few), await run("few-4", 4, few))).toEqual([]);
  });

  test("a local search from given poses, on 1 and on 3 ranks", async () => {
    const local = { particles: data.path("data/truth.star"), stages: "local" } as const;
    expect(differingFiles(await run("local-1", 1, local), await run("local-3", 3, local))).toEqual([]);
  });

  test("stopped on 3 ranks inside E of round 2, gone on with 2, stopped in M, finished by one", async () => {
    const out = "stopped";
    const abortingAt = (name: string) => {
      const controller = new AbortController();
      const log = {
        event(event: string, fields: Readonly<Record<string, unknown>>) {
          if (event === name && fields["round"] === 2) controller.abort(new Error("stop"));
        },
      };
      return { signal: controller.signal, log };
    };
    const first = abortingAt("expectation.batch");
    const started = runRanks(3, (comm) => refine({ ...data.options(out), ...BLOCKS }, { ...first, comm }));
    await expect(started).rejects.toThrow();
    const second = abortingAt("maximization.start");
    await expect(runRanks(2, (comm) => resume(data.path(out), {}, { ...second, comm }))).rejects.toThrow();
    await resume(data.path(out), {}, quiet());
    expect(differingFiles(alone, resultFiles(data.path(out)))).toEqual([]);
  });
});

test("ranks that were started differently are refused, each with what differs", async () => {
  const started = runRanks(2, (comm) =>
    refine(
      { ...data.options("mixed"), seed: 5 + comm.rank, symmetry: comm.rank === 0 ? "C1" : "C2" },
      { ...quiet(), comm },
    ),
  );
  await expect(started).rejects.toThrow(
    "rank 1 differs from rank 0: symmetry is C2 here and C1 on rank 0; seed is 6 here and 5 on rank 0. Start every rank",
  );
});
