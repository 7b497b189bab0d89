import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { MemoryLog, postprocess, reconstruct, simulate } from "../../src/index.ts";
import { readStarFile, writeStarFileAtomic } from "../../src/io/node/star-file.ts";
import { withTable } from "../../src/io/star/document.ts";

const folder = mkdtempSync(join(tmpdir(), "vitreous-scores-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const quiet = () => ({ signal: new AbortController().signal, log: new MemoryLog() });

test("images of noise correlate with the other half's map about 0, images of the particle above, and every image has a score", async () => {
  const input = {
    out: join(folder, "data"),
    boxPx: 32,
    pixelSizeA: 6,
    particleCount: 300,
    snr: 0.3,
    junkShare: 0.2,
    seed: 4,
  };
  const { files } = await simulate({ ...input, threads: 1 }, quiet());
  // Half-sets of the file, so that it is known which map an image had no part in.
  const document = readStarFile(files.truthPoses);
  const block = document.blocks.find(({ name }) => name === "particles")!;
  const subset = Array.from({ length: 300 }, (_, i) => 1 + (i % 2));
  const table0 = block.table.withColumns([{ label: "rlnRandomSubset", numbers: subset, kind: "integer" }]);
  const particles = join(folder, "data", "halves.star");
  writeStarFileAtomic(particles, withTable(document, block, table0));
  const out = join(folder, "rec");
  await reconstruct({ particles, out, threads: 1 }, quiet());
  const result = await postprocess(
    {
      half1: `${out}_half1.mrc`,
      half2: `${out}_half2.mrc`,
      particles,
      out: join(folder, "post"),
      mask: "sphere",
      scoreParticles: true,
      skipLocalResolution: true,
      threads: 1,
    },
    quiet(),
  );
  const { table } = readStarFile(result.files["scored particles"]!).blocks.find(({ name }) => name === "particles")!;
  const score = table.numbers("vitCrossCorrelation");
  const isJunk = table.numbers("junk");
  expect(score.length).toBe(300);
  const good = score.filter((_, i) => isJunk[i] === 0);
  const junk = score.filter((_, i) => isJunk[i] === 1);
  const wins = good.reduce((sum, value) => sum + junk.filter((other) => value > other).length, 0);
  expect(wins / (good.length * junk.length)).toBeGreaterThan(0.99);
  // 20 % of 300 images, each with an error of about 1/√(pixels) = 0.04.
  expect(Math.abs(junk.reduce((sum, value) => sum + value, 0) / junk.length)).toBeLessThan(0.03);
  expect(result.particleScores.map(({ label }) => label)).toContain("vitCrossCorrelation");
  expect(readFileSync(result.files["particle scores plot"]!, "utf8")).not.toMatch(/NaN|undefined/);
}, 120_000);
