import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { simulate } from "../../src/index.ts";
import { openSlurm, type Slurm } from "./one-node.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const isWanted = process.env["VITREOUS_TEST_SLURM"] === "1";
const opened = !isWanted
  ? "not asked for (npm run test:slurm)"
  : existsSync(main)
    ? openSlurm()
    : "dist/ is not built (npm run setup)";
if (typeof opened === "string") console.warn(`skipped: tests under Slurm: ${opened}`);
const hasMpi = spawnSync("mpirun", ["--version"]).status === 0;
const PATIENCE_MS = 20 * 60_000;

describe.skipIf(typeof opened === "string")("a refinement under Slurm", () => {
  const slurm = opened as Slurm;
  const folder = mkdtempSync(join(tmpdir(), "vitreous-under-slurm-"));
  const environment = { ...slurm.environment, OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
  afterAll(() => {
    slurm.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (program: string, ...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, words, { cwd: folder, env: environment, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${status}\n${stdout}${stderr}`);
    return stdout;
  };
  const until = async (what: string, isDone: () => boolean) => {
    const end = Date.now() + PATIENCE_MS;
    while (!isDone()) {
      if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS / 60_000} minutes`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const events = (out: string) =>
    existsSync(join(folder, out, "events.jsonl")) ? readFileSync(join(folder, out, "events.jsonl"), "utf8") : "";

  test(
    "that is told to stop saves its checkpoint, is put back in the queue, and ends in the bytes of an undisturbed run",
    async () => {
      const data = await simulate(
        { out: join(folder, "data"), particleCount: 96, boxPx: 32, pixelSizeA: 8, snr: 0.2, threads: 1 },
        { signal: new AbortController().signal, log: { event: () => {} } },
      );
      const refine = (out: string) => [
        ...["refine", data.files.particles, "--reference", data.files.reference, "--out", out],
        ...["--max-rounds", "3", "--checkpoint-particles", "8", "--initial-resolution", "50"],
      ];
      const layout = ["--ranks", hasMpi ? "2" : "1", "--nodes", "1", "--threads", "1", "--time", "30"];
      const said = run(process.execPath, main, "submit", ...layout, "--submit", "--", ...refine("run 1"));
      const job = /^job\s+(\d+)/m.exec(said)![1]!;
      await until("the first round", () => events("run 1").includes('"checkpoint.saved"'));
      // What Slurm itself does --grace seconds before the limit.
      run("scancel", "--signal=USR1", "--batch", job);
      const restarts = () => Number(/Restarts=(\d+)/.exec(run("scontrol", "show", "job", job))![1]);
      await until("back in the queue", () => restarts() === 1);
      // A job that is put back waits for two minutes otherwise.
      await until("pending", () => run("squeue", "--noheader", "--format=%T", "--job", job).trim() !== "COMPLETING");
      // Slurm refuses to start a job in the second in which it killed it.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      spawnSync("scontrol", ["update", `JobId=${job}`, "StartTime=now"], { env: environment });
      await until("the end of the run", () => events("run 1").includes('"run.done"'));
      expect(events("run 1")).toContain('"run.resume"');
      expect(readFileSync(join(folder, "vitreous-run 1.err"), "utf8")).toContain("SIGUSR1: stopping");
      run(process.execPath, main, ...refine("undisturbed"), "--threads", "1");
      for (const name of ["run_class001.mrc", "run_data.star"]) {
        expect(readFileSync(join(folder, "run 1", name)).equals(readFileSync(join(folder, "undisturbed", name)))).toBe(
          true,
        );
      }
    },
    2 * PATIENCE_MS,
  );
});
