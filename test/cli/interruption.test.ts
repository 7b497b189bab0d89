import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTinyDataSet, type TinyDataSet } from "../support/tiny-data-set.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const isBuilt = existsSync(main);
if (!isBuilt) console.warn("skipped: dist/cli/main.js is not built (npm run setup)");

describe.skipIf(!isBuilt)("a run that is told to stop", () => {
  let data: TinyDataSet;
  beforeAll(() => {
    data = makeTinyDataSet({ count: 24 });
  });
  afterAll(() => data.remove());

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGUSR1", 138],
  ] as const)("by %s exits with %i, names the way to go on, and goes on from there", async (name, code) => {
    const out = data.path(name);
    const words = ["refine", data.particles, "--reference", data.reference, "--out", out, "--max-rounds", "30"];
    const child = startCli([...words, "--threads", "1"]);
    await said(child, /round 2 {2}/);
    child.process.kill(name);
    expect(await child.exitCode).toBe(code);
    expect(child.messages()).toContain(`Stopped; the checkpoint is saved. To go on: vitreous resume ${out}`);
    const rounds = roundsDone(out);
    const resumed = startCli(["resume", out]);
    await said(resumed, new RegExp(`resuming {2}at round ${rounds + 1}`));
    resumed.process.kill("SIGKILL");
    await resumed.exitCode;
  });
});

interface RunningCli {
  readonly process: ChildProcess;
  readonly messages: () => string;
  readonly exitCode: Promise<number | null>;
}

function startCli(words: readonly string[]): RunningCli {
  const child = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += String(chunk);
  });
  return { process: child, messages: () => text, exitCode: new Promise((resolve) => child.on("exit", resolve)) };
}

async function said(child: RunningCli, pattern: RegExp): Promise<void> {
  while (!pattern.test(child.messages())) {
    if (child.process.exitCode !== null) throw new Error(`ended before it said ${pattern}:\n${child.messages()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Rounds whose checkpoint was saved, from the run's own log. */
function roundsDone(folder: string): number {
  const lines = readFileSync(`${folder}/events.jsonl`, "utf8").trimEnd().split("\n");
  return lines.filter((line) => JSON.parse(line).event === "checkpoint.saved").length;
}
