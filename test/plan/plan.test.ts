import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { benchScale } from "../../src/plan/bench-scale.ts";
import { measureRates } from "../../src/plan/measure-rates.ts";
import { plan } from "../../src/plan/plan.ts";
import { recorder } from "../cli/recorder.ts";

const input = { particleCount: 20_000, boxPx: 64, pixelSizeA: 4, largestRankCount: 64 };

describe("wrong calls of plan", () => {
  test.each([
    [["plan"], 2, /plan: missing --particles <count>, --box <px>, --pixel-size <Å>/],
    [
      ["plan", "--particles", "1000", "--box", "65", "--pixel-size", "4"],
      2,
      /expected an even number of pixels, got 65/,
    ],
    [
      ["plan", "--particles", "1000", "--box", "64", "--pixel-size", "4", "--mask-diameter", "300"],
      2,
      /expected at most the box, 256\.0 Å, got 300 Å/,
    ],
    [
      ["plan", "--particles", "1000", "--box", "64", "--pixel-size", "4", "--model-groups", "2"],
      2,
      /expected a number that divides the 1 ranks, got 2/,
    ],
    [
      ["plan", "--particles", "1000", "--box", "64", "--pixel-size", "4", "--rates", "nowhere.json"],
      1,
      /nowhere\.json: cannot read: ENOENT/,
    ],
  ] as const)("%j", async (words, code, message) => {
    const terminal = recorder();
    expect(await runCli(words, terminal)).toBe(code);
    expect(terminal.messages).toMatch(message);
  });
});

test("the terminal's plan has memory, stages, ways and scaling; --json has the same numbers", async () => {
  const words = ["plan", "--particles", "20000", "--box", "64", "--pixel-size", "4", "--ranks", "8", "--up-to", "64"];
  const text = recorder();
  expect(await runCli(words, text)).toBe(0);
  for (const part of [
    "Memory of a rank",
    "final maps",
    "Recommended slices",
    "Recommended model",
    "efficiency",
    "Rates: ",
  ])
    expect(text.results).toContain(part);
  const json = recorder();
  expect(await runCli([...words, "--json"], json)).toBe(0);
  const result = JSON.parse(json.results);
  expect(result.scaling.map((row: { rankCount: number }) => row.rankCount)).toEqual([1, 2, 4, 8, 16, 32, 64]);
  expect(result.stages.map((stage: { stage: string }) => stage.stage)).toEqual(["first", "global", "local", "final"]);
});

test("what was asked for is what is planned, and a rank that is too small is said to be", async () => {
  const result = await plan({
    ...input,
    rankCount: 4,
    slices: "conveyor",
    model: "slab",
    modelGroups: 2,
    memoryGb: 0.01,
  });
  expect(result.modes).toMatchObject({ slices: "conveyor", model: "slab", modelGroups: 2 });
  expect(result.fits).toBe(false);
});

test("a model that one rank cannot hold is held in slabs", async () => {
  const large = {
    particleCount: 100_000,
    boxPx: 512,
    pixelSizeA: 1,
    rankCount: 64,
    memoryGb: 32,
    largestRankCount: 64,
  };
  expect((await plan(large)).modes.model).toBe("slab");
  expect((await plan({ ...large, model: "replicated" })).fits).toBe(false);
});

test("blocks too few for the ranks are noticed, with a size that is better", async () => {
  const many = await plan({ ...input, rankCount: 64 });
  expect(many.advice[0]).toContain("a half-set has 40 blocks of 256 particles for 64 ranks");
  const better = Number(/--checkpoint-particles (\d+)/.exec(many.advice[0]!)![1]);
  const followed = await plan({ ...input, rankCount: 64, checkpointParticles: better, batchParticles: 2048 });
  expect(followed.advice).toEqual([]);
  expect(followed.runSeconds).toBeLessThan(many.runSeconds);
});

test("more ranks stop helping where the table says so", async () => {
  const { scaling, stopsHelpingAt } = await plan(input);
  const at = scaling.findIndex((row) => row.rankCount === stopsHelpingAt);
  if (stopsHelpingAt === null) {
    for (const [i, row] of scaling.slice(1).entries())
      expect(row.runSeconds).toBeLessThanOrEqual(0.9 * scaling[i]!.runSeconds);
  } else expect(scaling[at + 1]!.runSeconds).toBeGreaterThan(0.9 * scaling[at]!.runSeconds);
});

test("rates measured here have the order of magnitude of any machine of today", async () => {
  const { gflops, peakGflops, copyGBps } = await measureRates();
  for (const rate of [gflops.compare, gflops.insert, gflops.fft, peakGflops, copyGBps]) {
    expect(rate).toBeGreaterThan(0.05);
    expect(rate).toBeLessThan(2000);
  }
});

describe("the paper's figures", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vitreous-bench-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("memory and the maximization phase become a picture and a table each", async () => {
    for (const figure of ["4", "9"] as const) {
      const { files, figures } = await benchScale({ out: folder, figure });
      expect(files.map((file) => existsSync(file))).toEqual([true, true]);
      expect(readFileSync(files[0]!, "utf8")).toContain("<svg");
      const rows = readFileSync(files[1]!, "utf8").trimEnd().split("\n").slice(3);
      expect(rows).toHaveLength(figures[0]!.series[0]!.points.length);
    }
  });

  test("slabs on eight ranks hold an eighth of the model each, at every size", async () => {
    const { figures } = await benchScale({ out: folder, figure: "4" });
    const curve = (label: string) => figures[0]!.series.find((s) => s.label === label)!.points;
    curve("slab, 8 ranks").forEach(([, gb], i) => {
      expect(gb / curve("replicated (baseline)")[i]![1]).toBeCloseTo(1 / 8, 9);
    });
  });
});
