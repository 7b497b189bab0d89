import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { resolutionAt } from "../../src/map/resolution.ts";
import { histogramOf } from "../../src/report/histogram.ts";
import { report } from "../../src/report/report.ts";
import { viewDensity } from "../../src/report/view-density.ts";
import { type MadeRun, type MadeRunOptions, makeRunFolder } from "../support/run-folder.ts";

let made: MadeRun[] = [];
const run = (options: MadeRunOptions = {}) => {
  made.push(makeRunFolder(options));
  return made.at(-1)!;
};
afterEach(() => {
  for (const { remove } of made) remove();
  made = [];
});

describe("report refuses", () => {
  test("a folder that is no run, and one whose first round is not done", async () => {
    await expect(report({ folder: "/nowhere" })).rejects.toThrow("/nowhere: expected the folder of a run (run.json)");
    const early = run({ isFinished: false });
    rmSync(early.path("run_it002_model.star"));
    await expect(report({ folder: early.folder })).rejects.toThrow("no round is finished yet");
  });

  test("a damaged record", async () => {
    const { folder, path } = run();
    writeFileSync(path("run.json"), '{"program":"vitreous"');
    await expect(report({ folder })).rejects.toThrow(DataError);
  });
});

describe("a finished run", () => {
  test("is one page without script or request, and the same numbers as JSON", async () => {
    const { folder, path } = run();
    const { page, numbers, record } = await report({ folder });
    expect([page, numbers]).toEqual([path("report.html"), path("report.json")]);
    expect(JSON.parse(readFileSync(numbers, "utf8"))).toEqual(JSON.parse(JSON.stringify(record)));
    const html = readFileSync(page, "utf8");
    expect(html).not.toMatch(/<script|javascript:|https?:\/\/|@import|<link|<iframe|\son\w+=/i);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/src="/g)).toHaveLength(6);
    expect(html.match(/src="data:image\/png;base64,/g)).toHaveLength(6);
  });

  test("its numbers are those of its files", async () => {
    const { folder } = run();
    const { record } = await report({ folder });
    const { resolution, fsc, rounds, particles, micrographs } = record;
    expect(resolution!.resolutionA).toBe(resolutionAt(fsc.corrected!, 0.143, 16, 4).resolutionA);
    expect(resolution!.randomisedBeyondA).toBe(16);
    expect(rounds.map((round) => [round.stage, round.resolution0143A, round.elapsedMs])).toEqual([
      ["global", 16, 61_000],
      ["local", 10, 59_000],
    ]);
    expect(particles.goodCount).toBe(30);
    expect(particles.halfCounts).toEqual([20, 20]);
    expect(particles.defocusUm!.median).toBeCloseTo(1.2, 2);
    expect(particles.views!.counts.reduce((a, b) => a + b)).toBe(80);
    expect(micrographs[0]).toMatchObject({ name: "mic 3", particleCount: 10 });
    expect(record.rejected).toEqual([{ reason: "constant", count: 1 }]);
  });

  test("text of files is text on the page, whatever it holds", async () => {
    const hostile = `</title><script>alert(1)</script><img src=x onerror=alert(2)>&'\u202e`;
    const { folder } = run({ name: hostile });
    const { page } = await report({ folder });
    const html = readFileSync(page, "utf8");
    expect(html).not.toContain("<script");
    expect(html).not.toContain("<img src=x");
    expect(html).not.toContain("\u202e");
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;&amp;&#39;");
    // Micrograph, warning, reason, mask, host, device, option: each escaped in its own place.
    expect(html.split("&lt;script&gt;").length - 1).toBeGreaterThanOrEqual(7);
  });
});

test("what post-processing found stands on the page when it was run", async () => {
  const { folder, path } = run();
  expect((await report({ folder })).record.postprocess).toBeNull();
  mkdirSync(path("postprocess"));
  const found = {
    resolution: { resolutionA: 8.25 },
    mask: "<b>",
    bFactorA2: 120,
    anisotropy: { areaRatio: 0.71, finestA: 8, coarsestA: 9.5 },
    orientations: null,
    model: null,
  };
  writeFileSync(path("postprocess/postprocess.json"), JSON.stringify(found));
  const { record, page } = await report({ folder });
  expect(record.postprocess).toMatchObject({
    resolutionA: 8.25,
    bFactorA2: 120,
    areaRatio: 0.71,
    modelResolutionA: null,
  });
  const html = readFileSync(page, "utf8");
  expect(html).toContain("Resolution lies between 8.00 and 9.50 Å");
  expect(html).toContain("Mask: &lt;b&gt;.");
  expect(html).not.toContain("Map to model");
});

test("a run under way shows its last round, and says so", async () => {
  const { folder, path } = run({ isFinished: false });
  const { record } = await report({ folder, out: path("so-far.html") });
  expect(record.isFinished).toBe(false);
  expect(record.resolution).toBeNull();
  expect(existsSync(path("so-far.json"))).toBe(true);
  expect(readFileSync(path("so-far.html"), "utf8")).toContain("still under way");
});

test("a histogram counts every finite value once, those beyond its range at its ends", () => {
  const { counts, median } = histogramOf([-5, 0.1, 0.2, 0.9, 7, Number.NaN], 2, [0, 1])!;
  expect(counts).toEqual([3, 2]);
  expect(median).toBe(0.2);
  expect(histogramOf([Number.NaN], 4)).toBeNull();
});

describe("directions of view", () => {
  const uniform = (count: number) => ({
    rot: Float64Array.from({ length: count }, (_, i) => i * 2.399963),
    tilt: Float64Array.from({ length: count }, (_, i) => Math.acos(1 - (2 * i + 1) / count)),
  });

  test("an even spread leaves no direction empty and none crowded", () => {
    const { rot, tilt } = uniform(20_000);
    const { emptyShare, peak, counts } = viewDensity(rot, tilt, pointGroup("C1"));
    expect(counts.reduce((a, b) => a + b)).toBe(20_000);
    expect(emptyShare).toBe(0);
    expect(peak).toBeLessThan(1.6);
  });

  test("views round one great circle leave most directions empty; symmetry mates fill what they reach", () => {
    const rot = Float64Array.from({ length: 5000 }, (_, i) => i);
    const tilt = new Float64Array(5000).fill(Math.PI / 2);
    const alone = viewDensity(rot, tilt, pointGroup("C1")).emptyShare;
    expect(alone).toBeGreaterThan(0.7);
    // The mates of the equator under O are the three circles of the coordinate planes.
    expect(viewDensity(rot, tilt, pointGroup("O")).emptyShare).toBeLessThan(alone - 0.1);
    const pole = viewDensity(new Float64Array(100), new Float64Array(100), pointGroup("D2"));
    expect(pole.counts.filter((count) => count > 0)).toHaveLength(2);
  });
});
