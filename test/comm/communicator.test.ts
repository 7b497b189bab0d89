import { beforeAll, describe, expect, test } from "vitest";
import { makeLocalCommunicator } from "../../src/comm/local.ts";
import { runRanks } from "../support/in-process-ranks.ts";
import { communicatorSuite } from "./communicator-suite.ts";
import { compiled, type JobResult, program, runJob, whyNoMpi } from "./mpi-job.ts";

describe("one process", () => {
  const comm = makeLocalCommunicator();
  test.each(communicatorSuite)("$title", ({ run }) => run(comm));
});

/** Ranks of one process check no arguments: the last case is for those that a caller meets. */
const withoutMisuse = communicatorSuite.slice(0, -1);

describe.each([1, 2, 3, 4, 5])("%i ranks in one process", (ranks) => {
  test.each(withoutMisuse)("$title", async ({ run }) => void (await runRanks(ranks, run)));
});

const reason = whyNoMpi();
if (reason) console.warn(`skipped: communicators over MPI: ${reason}`);

/** Messages cut into many pieces, sums into many stretches: what 2^31 elements would bring, on little data. */
const SMALL_CUTS = { cutBytes: 4096, sumElements: 700 };

describe.skipIf(reason !== null).each([
  [1, {}],
  [2, {}],
  [3, {}],
  [4, {}],
  [5, {}],
  [3, SMALL_CUTS],
] as const)("%i ranks over MPI, settings %j", (ranks, settings) => {
  let job: JobResult;
  beforeAll(() => {
    job = runJob(ranks, [program("mpi-program.mjs"), compiled("communicator-suite.ts"), JSON.stringify(settings)]);
  });

  test.each(communicatorSuite)("$title", ({ title }) => {
    const line = job.stdout.split("\n").find((text) => text.startsWith("{") && JSON.parse(text).title === title);
    expect(line, `${job.stdout}\n${job.stderr}`).toBeDefined();
    expect(JSON.parse(line!), job.stderr).toEqual({ title, size: ranks, failedRanks: [] });
  });

  test("the job ends well", () => {
    expect(job.code, job.stderr).toBe(0);
  });
});
