import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { DataError } from "../../src/core/errors.ts";
import { validate } from "../../src/inspect/validate.ts";
import { StackWriter } from "../../src/io/node/stack-writer.ts";
import { recorder } from "../cli/recorder.ts";
import { makeStarText, type StarRow } from "../support/make-particles.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const BOX = 16;
const COUNT = 40;
const OPTICS: StarRow = {
  rlnOpticsGroupName: "og1",
  rlnOpticsGroup: 1,
  rlnVoltage: 300,
  rlnSphericalAberration: 2.7,
  rlnAmplitudeContrast: 0.1,
  rlnImagePixelSize: 4,
  rlnImageSize: BOX,
};

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-validate-"));
  writeStack("good.mrcs", (image, i) => noise(image, i) + particle(i));
  writeStack("dark.mrcs", (image, i) => noise(image, i) - particle(i));
  writeStack("bad.mrcs", (image, i) =>
    image === 3 ? Number.NaN : image === 5 ? 1 : (image === 7 ? 50 : 1) * (noise(image, i) + particle(i)),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Uniform, without pattern. */
function noise(image: number, i: number): number {
  const value = Math.sin(12.9898 * (image + 1) + 78.233 * i) * 43758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}

function particle(i: number): number {
  const square = ((i % BOX) - BOX / 2) ** 2 + (Math.floor(i / BOX) - BOX / 2) ** 2;
  return 2 * Math.exp(-square / 8);
}

function writeStack(name: string, pixel: (image: number, i: number) => number, pixelSizeA = 4): void {
  const writer = new StackWriter(path(name), { boxPx: BOX, pixelSizeA, count: COUNT });
  for (let image = 0; image < COUNT; image++) {
    writer.append(Float32Array.from({ length: BOX * BOX }, (_, i) => pixel(image, i)));
  }
  writer.finish();
}

function rows(change: (i: number) => StarRow = () => ({}), stack = "good.mrcs"): StarRow[] {
  return Array.from({ length: COUNT }, (_, i) => ({
    rlnImageName: `${String(i + 1).padStart(6, "0")}@${stack}`,
    rlnMicrographName: `mic${i % 2}.mrc`,
    rlnCoordinateX: 100 * i,
    rlnCoordinateY: 50 * i,
    rlnDefocusU: 15000 + i,
    rlnDefocusV: 14800,
    rlnDefocusAngle: 20,
    rlnOpticsGroup: 1,
    rlnRandomSubset: 1 + (i % 2),
    ...change(i),
  }));
}

async function found(particles: StarRow[], optics: readonly StarRow[] = [OPTICS], options = {}) {
  writeFileSync(path("set.star"), makeStarText(optics, particles));
  const validation = await validate({ particles: path("set.star"), ...options });
  return { ...validation, codes: validation.problems.map(({ code }) => code) };
}

test("a sound set has no problem, and what was looked at is said", async () => {
  const validation = await found(rows());
  expect(validation.problems).toEqual([]);
  expect(validation).toMatchObject({ particleCount: COUNT, stackCount: 1, micrographCount: 2, opticsGroupCount: 1 });
  expect(validation.images!.readCount).toBe(COUNT);
  expect(validation.images!.contrast).toBeGreaterThan(0.5);
});

describe("each kind of fault is found, counted and given a remedy", () => {
  const cases: readonly (readonly [
    what: string,
    code: string,
    count: number,
    set: () => Promise<Awaited<ReturnType<typeof found>>>,
  ])[] = [
    ["images counted from 0", "image-name", 1, () => found(rows((i) => ({ rlnImageName: `${i}@good.mrcs` })))],
    [
      "an image beyond its stack",
      "image-beyond-stack",
      1,
      () => found(rows((i) => (i === 9 ? { rlnImageName: "41@good.mrcs" } : {}))),
    ],
    ["a stack that is not there", "file-missing", 1, () => found(rows(() => ({}), "gone.mrcs"))],
    ["a box that is not the stack's", "box-mismatch", 1, () => found(rows(), [{ ...OPTICS, rlnImageSize: 32 }])],
    [
      "a pixel size that is not the stack's",
      "pixel-size-mismatch",
      1,
      () => found(rows(), [{ ...OPTICS, rlnImagePixelSize: 3 }]),
    ],
    [
      "an optics group without a row",
      "optics-group-missing",
      2,
      () => found(rows((i) => (i > 37 ? { rlnOpticsGroup: 5 } : {}))),
    ],
    ["an optics group defined twice", "optics-group-twice", 1, () => found(rows(), [OPTICS, OPTICS])],
    ["a voltage in volts", "optics-value", 1, () => found(rows(), [{ ...OPTICS, rlnVoltage: 300000 }])],
    ["a defocus in µm", "defocus-unit", 40, () => found(rows(() => ({ rlnDefocusU: 1.5, rlnDefocusV: 1.4 })))],
    [
      "a defocus that is no number",
      "not-finite rlnDefocusU",
      1,
      () => found(rows((i) => (i === 2 ? { rlnDefocusU: "nan" } : {}))),
    ],
    [
      "text for a number",
      "text-for-number rlnDefocusV",
      1,
      () => found(rows((i) => (i === 2 ? { rlnDefocusV: "high" } : {}))),
    ],
    ["one half-set", "half-set-one-sided", 1, () => found(rows(() => ({ rlnRandomSubset: 1 })))],
    [
      "a particle without a half-set",
      "half-set-missing",
      1,
      () => found(rows((i) => (i === 0 ? { rlnRandomSubset: 0 } : {}))),
    ],
    [
      "an image in both halves",
      "copy-in-both-halves",
      1,
      () => found(rows((i) => (i === 1 ? { rlnImageName: "000001@good.mrcs" } : {}))),
    ],
    ["no CTF", "ctf-missing", 1, () => found(rows().map(({ rlnDefocusAngle: _, ...row }) => row))],
    ["beam tilt that is not modelled", "refused", 1, () => found(rows(), [{ ...OPTICS, rlnImageDimensionality: 3 }])],
  ];
  test.each(cases)("%s", async (_, code, count, set) => {
    const { problems, errorCount } = await set();
    const problem = problems.find((candidate) => candidate.code === code);
    expect(problem, problems.map((p) => p.code).join()).toMatchObject({ severity: "error", count });
    expect(problem!.examples[0]).toBeTruthy();
    expect(problem!.remedy).toMatch(/\w+.*\.$/);
    expect(errorCount).toBeGreaterThan(0);
  });

  const warnings: typeof cases = [
    ["overfocus", "overfocus", 40, () => found(rows(() => ({ rlnDefocusU: -15000, rlnDefocusV: -15000 })))],
    ["U and V far apart", "astigmatism", 1, () => found(rows((i) => (i === 4 ? { rlnDefocusU: 25000 } : {})))],
    [
      "picks on one spot",
      "picked-twice",
      1,
      () => found(rows((i) => (i === 2 ? { rlnCoordinateX: 1, rlnCoordinateY: 1 } : {}))),
    ],
    [
      "a shift beyond a quarter of the box",
      "shift-large",
      1,
      () => found(rows((i) => ({ rlnOriginXAngst: i === 6 ? 20 : 1, rlnOriginYAngst: 0 }))),
    ],
    [
      "rows that repeat an image",
      "copies",
      1,
      () => found(rows((i) => (i === 2 ? { rlnImageName: "000001@good.mrcs" } : {}))),
    ],
    ["dark particles", "contrast-inverted", 1, () => found(rows(() => ({}), "dark.mrcs"))],
    ["an image of NaN", "image-not-finite", 1, () => found(rows(() => ({}), "bad.mrcs"))],
    ["a constant image", "image-constant", 1, () => found(rows(() => ({}), "bad.mrcs"))],
    ["an image fifty times as strong", "image-outlier", 1, () => found(rows(() => ({}), "bad.mrcs"))],
  ];
  test.each(warnings)("%s (a warning)", async (_, code, count, set) => {
    const { problems, errorCount } = await set();
    const problem = problems.find((candidate) => candidate.code === code);
    expect(problem, problems.map((p) => p.code).join()).toMatchObject({ severity: "warning", count });
    expect(errorCount).toBe(0);
  });
});

test("no images are read when none are asked for, and all when all are", async () => {
  expect((await found(rows(), [OPTICS], { imageCount: 0 })).images).toBeNull();
  expect((await found(rows(), [OPTICS], { imageCount: 10 })).images!.readCount).toBe(10);
  expect((await found(rows(), [OPTICS], { imageCount: 1, allImages: true })).images!.readCount).toBe(COUNT);
});

test("a file that is no particle set is a DataError", async () => {
  writeFileSync(path("fsc.star"), "data_fsc\n\nloop_\n_rlnResolution #1\n0.1\n");
  await expect(validate({ particles: path("fsc.star") })).rejects.toThrow(DataError);
});

test("on the command line: 0 for a sound set, 1 with errors, findings as text or JSON", async () => {
  await found(rows());
  const sound = recorder();
  expect(await runCli(["validate", path("set.star")], sound)).toBe(0);
  expect(sound.results).toContain("No problem found.");
  await found(rows(() => ({ rlnRandomSubset: 2 })));
  const faulty = recorder();
  expect(await runCli(["validate", path("set.star")], faulty)).toBe(1);
  expect(faulty.results).toMatch(
    /error {4}all particles lie in one half-set \(1\)\n.*0 and 40 particles.*\n.*→ Remove the column/,
  );
  expect(faulty.messages).toContain("1 kind of error; refine would stop");
  const json = recorder();
  expect(await runCli(["validate", path("set.star"), "--json"], json)).toBe(1);
  expect(JSON.parse(json.results).problems[0].code).toBe("half-set-one-sided");
});

const SHARED: Readonly<Record<string, readonly string[]>> = {
  "apoferritin-dev/apo_dev_64_f16.star": [],
  "ribosome-64/particles.star": [],
  "cs/empiar_10076_7.cs": ["pixel-size-header"],
  "cs/empiar_10076_7.star": ["pixel-size-header"],
  "star/relion31-two-tables.star": ["half-set-one-sided", "file-missing", "picked-twice"],
  "star/relion30-PfCRT.star": ["optics-value", "file-missing", "half-set-unequal"],
  "star/relion5.star": ["file-missing", "half-set-unequal", "copies"],
  "star/one_loop.star": ["optics-value", "ctf-missing", "file-missing", "refused"],
  "stacks/sample_relion_data.star": ["pixel-size-header"],
};
describe.skipIf(!hasSharedData(...Object.keys(SHARED)))("sets of other programs", () => {
  test.each(Object.entries(SHARED))("%s: %j", async (name, codes) => {
    const { problems } = await validate({ particles: sharedData(name), imageCount: 50 });
    expect(problems.map(({ code }) => code)).toEqual(codes);
  });
});
