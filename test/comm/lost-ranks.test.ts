import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refine, silentLog } from "../../src/index.ts";
import { differingFiles, makeTinyRun, resultFiles, type TinyRun } from "../refine/tiny-run.ts";
import { runJob, whyNoMpi } from "./mpi-job.ts";
import { type RunningJob, startJob } from "./rank-processes.ts";

const cli = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const reason = whyNoMpi();
if (reason) console.warn(`skipped: jobs of several processes: ${reason}`);

/** Issue: a lost rank is named and the job over within this. */
const PATIENCE_MS = 10_000;

describe.skipIf(reason !== null)("vitreous under mpirun", () => {
  let data: TinyRun;
  let alone: Map<string, Buffer>;
  beforeAll(async () => {
    data = await makeTinyRun();
    await refine(
      { ...data.options("alone"), checkpointParticles: 4 },
      { signal: new AbortController().signal, log: silentLog },
    );
    alone = resultFiles(data.path("alone"));
  });
  afterAll(() => data.remove());

  function words(out: string, more: readonly string[] = []): string[] {
    const { particles, reference } = data.options(out);
    const flags =
      "--initial-resolution 50 --scan-resolution 40 --rotations-per-image 24 --keep-cells 24 --checkpoint-particles 4 --batch 16 --max-rounds 2 --threads 1 --seed 5";
    return [cli, "refine", particles, "--reference", reference, "--out", data.path(out), ...flags.split(" "), ...more];
  }

  /** Waits until the run's log says so. */
  async function until(out: string, line: RegExp): Promise<void> {
    const events = join(data.path(out), "events.jsonl");
    for (const since = performance.now(); performance.now() - since < 30_000; ) {
      if (existsSync(events) && line.test(readFileSync(events, "utf8"))) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`nothing matched ${line}`);
  }

  test("three ranks by the conveyor: the bytes of one process, printed once", () => {
    const job = runJob(3, words("three", ["--slices", "conveyor"]));
    expect(job.code, job.stderr).toBe(0);
    expect(differingFiles(alone, resultFiles(data.path("three")))).toEqual([]);
    expect(job.stdout.match(/^stopped/gm)).toHaveLength(1);
    expect(job.stderr).toMatch(/note: 3 ranks of .*: started by mpi/);
  });

  test("a wrong call is said once, with the exit code of a wrong call", () => {
    const job = runJob(3, words("wrong", ["--symmetry", "Q7"]));
    expect(job.code).toBe(2);
    expect(job.stderr.match(/error:/g)).toHaveLength(1);
    expect(job.stderr).not.toContain("rank 1 of 3");
  });

  test("what only a later rank finds wrong is said by that rank", () => {
    const job = runJob(1, [...words("late"), ":", "-n", "1", process.execPath, ...words("late", ["--symmetry", "Q7"])]);
    expect(job.code).toBe(2);
    expect(job.stderr).toMatch(/rank 1 of 2: error: .*Q7/);
  });

  test("a rank with another option is named, and all end with it", () => {
    const job = runJob(2, [...words("mixed"), ":", "-n", "1", process.execPath, ...words("mixed", ["--padding", "1"])]);
    expect(job.code).toBe(1);
    expect(job.stderr).toContain(
      "rank 2 of 3: error: rank 2 differs from rank 0: paddingFactor is 1 here and 2 on rank 0",
    );
    expect(job.elapsedMs).toBeLessThan(PATIENCE_MS);
  });

  async function endAfter(job: RunningJob, rank: number, signal: NodeJS.Signals): Promise<string> {
    const pid = job.pidOf(rank);
    expect(pid, "rank's process").toBeDefined();
    const since = performance.now();
    process.kill(pid!, signal);
    const { code, messages, endedAt } = await job.ended;
    console.log(
      `${signal} of rank ${rank}: the job ended after ${((endedAt - since) / 1000).toFixed(1)} s, code ${code}`,
    );
    expect(code, messages).not.toBe(0);
    expect(endedAt - since).toBeLessThan(PATIENCE_MS);
    return messages;
  }

  test("kill -9 of a rank inside E: the job ends, the rank is named, two ranks go on to the same bytes", async () => {
    const job = startJob(3, words("killed"));
    await until("killed", /"event":"expectation\.batch","round":1,/);
    expect(await endAfter(job, 1, "SIGKILL")).toMatch(/rank 1\b/);
    expect(existsSync(join(data.path("killed"), "run_class001.mrc"))).toBe(false);
    const resumed = runJob(2, [cli, "resume", data.path("killed")]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(differingFiles(alone, resultFiles(data.path("killed")))).toEqual([]);
  });

  test("SIGUSR1, which mpirun hands to every rank: stopped at a checkpoint, with the line to go on with", async () => {
    const job = startJob(2, words("warned"));
    await until("warned", /"event":"expectation\.batch","round":1,/);
    job.child.kill("SIGUSR1");
    const { code, messages } = await job.ended;
    expect(code, messages).toBe(138);
    expect(messages).toContain(`vitreous resume ${data.path("warned")}`);
  });

  test("a rank that falls silent is named, and the job ends", async () => {
    const job = startJob(3, words("silent"), { VITREOUS_SILENCE_S: "3" });
    await until("silent", /"event":"expectation\.batch","round":1,/);
    expect(await endAfter(job, 2, "SIGSTOP")).toMatch(
      /rank 2 \(process \d+ on .*\) has been silent for 3 s\. The job ends here/,
    );
  });
});
