import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  watch,
  writeFileSync,
} from "node:fs";

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError, MemoryLog, ResourceError, refine, resume, silentLog } from "../../src/index.ts";
import { differingFiles, makeTinyRun, resultFiles, type TinyRun } from "./tiny-run.ts";

const cli = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let data: TinyRun;
let whole: Map<string, Buffer>;

const quiet = () => ({ signal: new AbortController().signal, log: silentLog });

/** Aborts at the first event that matches. */
function abortingAt(name: string, round: number) {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    log: {
      event(event: string, fields: Readonly<Record<string, unknown>>) {
        if (event === name && fields["round"] === round) controller.abort(new Error("stop"));
      },
    },
  };
}

beforeAll(async () => {
  data = await makeTinyRun();
  await refine(data.options("whole"), quiet());
  whole = resultFiles(data.path("whole"));
});
afterAll(() => data.remove());

test("a run stopped inside E, inside M and between rounds, on other threads, ends in the bytes of an undisturbed run", async () => {
  const out = data.path("stopped");
  await expect(refine(data.options("stopped"), abortingAt("expectation.batch", 2))).rejects.toThrow();
  await expect(resume(out, { threads: 2 }, abortingAt("maximization.start", 2))).rejects.toThrow();
  await expect(resume(out, {}, abortingAt("checkpoint.saved", 2))).rejects.toThrow();
  await resume(out, {}, quiet());
  expect(differingFiles(whole, resultFiles(out))).toEqual([]);
});

describe("damage on disk", () => {
  beforeAll(async () => {
    await expect(refine(data.options("cut"), abortingAt("expectation.batch", 2))).rejects.toThrow();
  });

  /** A copy of the run that was stopped inside E of round 2. */
  function copyOfCut(name: string) {
    cpSync(data.path("cut"), data.path(name), { recursive: true });
    const file = (inside: string) => join(data.path(name), "checkpoint", inside);
    const flip = (inside: string, offset: number) => {
      const bytes = readFileSync(file(inside));
      bytes[offset]! ^= 4;
      writeFileSync(file(inside), bytes);
    };
    return { out: data.path(name), file, flip };
  }

  test("a torn record at the journal's end is done again, to the same bytes", async () => {
    const { out, file } = copyOfCut("torn");
    const journal = file("round-002.journal");
    truncateSync(journal, readFileSync(journal).length - 7);
    await resume(out, {}, quiet());
    expect(differingFiles(whole, resultFiles(out))).toEqual([]);
  });

  test("a block filed under another key and a damaged state: both noticed, the round before serves, the same bytes", async () => {
    const { out, flip } = copyOfCut("flipped");
    const keyOffset = 12;
    flip("round-002.journal", keyOffset);
    flip("round-001.state", 5000);
    const log = new MemoryLog();
    await resume(out, {}, { signal: new AbortController().signal, log });
    const warnings = log.events.filter(({ name }) => name === "warning").map(({ fields }) => String(fields["message"]));
    expect(warnings.join()).toMatch(/round-001\.state: damaged: its checksum.*Going on from round 0/);
    expect(differingFiles(whole, resultFiles(out))).toEqual([]);
  });

  test("no whole state left, a broken manifest: said in one sentence with a remedy", async () => {
    const both = copyOfCut("both");
    both.flip("round-001.state", 5000);
    both.flip("round-000.state", 5000);
    const noState = await resume(both.out, {}, quiet()).catch((thrown: unknown) => thrown);
    expect(noState).toBeInstanceOf(DataError);
    expect((noState as Error).message).toMatch(/round-000\.state: damaged.*start the run again/);
    writeFileSync(both.file("manifest.json"), "{");
    const noManifest = await resume(both.out, {}, quiet()).catch((thrown: unknown) => thrown);
    expect(noManifest).toBeInstanceOf(DataError);
    expect((noManifest as Error).message).toContain("manifest.json: damaged");
  });

  test("a damaged journal of a round that is over: the block that is lost is named", async () => {
    const out = data.path("over");
    cpSync(data.path("whole"), out, { recursive: true });
    const journal = join(out, "checkpoint", "round-002.journal");
    truncateSync(journal, readFileSync(journal).length - 1);
    const thrown = await resume(out, {}, quiet()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(DataError);
    expect((thrown as Error).message).toMatch(/round-002\.journal: block \d+ of half-set 2 is missing/);
  });
});

test.skipIf(!existsSync("/dev/full"))(
  "a full disk stops the run with a remedy; with room again it ends in the same bytes",
  async () => {
    const out = data.path("full");
    mkdirSync(join(out, "checkpoint"), { recursive: true });
    const journal = join(out, "checkpoint", "round-001.journal");
    symlinkSync("/dev/full", journal);
    const thrown = await refine(data.options("full"), quiet()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ResourceError);
    expect((thrown as Error).message).toMatch(/round-001\.journal: cannot write.*The disk is full\. Free some space/);
    unlinkSync(journal);
    await resume(out, {}, quiet());
    expect(differingFiles(whole, resultFiles(out))).toEqual([]);
  },
);

if (!existsSync(cli)) console.warn("skipped: tests of killed processes need dist/ (npm run setup)");

describe.skipIf(!existsSync(cli))("as a process", () => {
  interface Ending {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly messages: string;
  }

  /** Runs the CLI and sends a signal at the first progress line that matches, or when a file of the checkpoint folder does. */
  function interrupted(
    words: string[],
    out: string,
    signal: NodeJS.Signals,
    when: { line?: RegExp; file?: RegExp },
  ): Promise<Ending> {
    mkdirSync(join(out, "checkpoint"), { recursive: true });
    const child = spawn(process.execPath, [cli, ...words], { stdio: ["ignore", "ignore", "pipe"] });
    let messages = "";
    child.stderr.on("data", (chunk) => (messages += String(chunk)));
    const events = join(out, "events.jsonl");
    // Once: a second Ctrl-C means "at once".
    let isSent = false;
    const send = () => {
      if (!isSent) child.kill(signal);
      isSent = true;
    };
    const poll = setInterval(() => {
      if (when.line && existsSync(events) && when.line.test(readFileSync(events, "utf8"))) send();
    }, 2);
    const watcher = watch(join(out, "checkpoint"), (_, name) => {
      if (name && when.file?.test(name)) send();
    });
    return new Promise((resolve) => {
      child.on("close", (code, received) => {
        clearInterval(poll);
        watcher.close();
        resolve({ code, signal: received, messages });
      });
    });
  }

  function refineWords(out: string): string[] {
    const { particles, reference, initialResolutionA, scanResolutionA, rotationsPerImage, keepCells, ...rest } =
      data.options(out);
    const { checkpointParticles, batchParticles, maxRounds, threads, seed } = rest;
    const flags = {
      reference,
      out: data.path(out),
      "initial-resolution": initialResolutionA,
      "scan-resolution": scanResolutionA,
      "rotations-per-image": rotationsPerImage,
      "keep-cells": keepCells,
      "checkpoint-particles": checkpointParticles,
      batch: batchParticles,
      "max-rounds": maxRounds,
      threads,
      seed,
    };
    return ["refine", particles, ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])];
  }

  const INSIDE_E = /"event":"expectation\.batch","round":2,/;

  test("kill -9 inside E, then kill -9 while a checkpoint waits for its new name: resume ends in the same bytes", async () => {
    const out = data.path("killed");
    const first = await interrupted(refineWords("killed"), out, "SIGKILL", { line: INSIDE_E });
    expect(first.signal).toBe("SIGKILL");
    expect(readdirSync(join(out, "checkpoint"))).toContain("round-002.journal");
    const second = await interrupted(["resume", out], out, "SIGKILL", { file: /^\.round-002\.state.*tmp$/ });
    expect(second.signal).toBe("SIGKILL");
    expect(existsSync(join(out, "run_class001.mrc"))).toBe(false);
    await resume(out, {}, quiet());
    expect(readdirSync(join(out, "checkpoint")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(differingFiles(whole, resultFiles(out))).toEqual([]);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)(
    "%s ends the process with %i and the line to go on with; going on gives the same bytes",
    async (signal, code) => {
      const out = data.path(signal);
      const ending = await interrupted(refineWords(signal), out, signal, { line: INSIDE_E });
      expect(ending.code).toBe(code);
      expect(ending.messages).toContain(`vitreous resume ${out}`);
      await resume(out, {}, quiet());
      expect(differingFiles(whole, resultFiles(out))).toEqual([]);
    },
  );
});
