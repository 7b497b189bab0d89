import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fsc, MemoryLog, mask, type PostprocessResult, postprocess } from "../../src/index.ts";
import { readMapFile } from "../../src/io/node/map-file.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { makePhantom } from "../../src/map/phantom.ts";
import { BOX_PX, type HalfMapFolder, makeHalfMaps, PIXEL_SIZE_A } from "./half-maps.ts";

const quiet = () => ({ signal: new AbortController().signal, log: new MemoryLog() });

let data: HalfMapFolder;
let result: PostprocessResult;
const half = (number: 1 | 2) => data.path(`run_half${number}_class001_unfil.mrc`);

beforeAll(async () => {
  data = makeHalfMaps();
  result = await postprocess({ folder: data.folder, fitFromA: 40, emdbBundle: true, threads: 1 }, quiet());
});
afterAll(() => data.remove());

describe("postprocess of a run folder", () => {
  test("says of each resolution its threshold, its mask and where phases were randomised", () => {
    const { resolution, unmaskedResolution } = result;
    expect(resolution).toMatchObject({ threshold: 0.143, curve: "corrected" });
    expect(resolution.mask).toMatch(/^made from the average map at 18 Å, \d+\.\d % of the box$/);
    expect(resolution.randomisedBeyondA).toBeGreaterThan(resolution.resolutionA);
    expect(unmaskedResolution).toMatchObject({
      threshold: 0.143,
      curve: "unmasked",
      mask: "none",
      randomisedBeyondA: null,
    });
    expect(resolution.resolutionA).toBeLessThanOrEqual(unmaskedResolution.resolutionA);
  });

  test("every file that it names is there, and no SVG holds a number that is none", () => {
    expect(Object.keys(result.files)).toEqual([
      "sharpened map",
      "sharpened map, masked",
      "mask",
      "local resolution",
      "locally filtered map",
      "local resolution plot",
      "curves",
      "FSC XML",
      "FSC plot",
      "Guinier plot",
      "directional FSC plot",
      "orientation plot",
      "particle scores plot",
      "picture",
      "EMDB bundle",
      "figures",
    ]);
    for (const path of Object.values(result.files)) {
      expect(existsSync(path), path).toBe(true);
      if (path.endsWith(".svg")) expect(readFileSync(path, "utf8"), path).not.toMatch(/NaN|Infinity|undefined/);
      if (path.endsWith(".mrc")) {
        const map = readMapFile(path);
        expect(map.sizeX).toBe(BOX_PX);
        expect(map.pixelSizeA).toBeCloseTo(PIXEL_SIZE_A, 5);
        expect(map.data.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test("takes symmetry from run.json and weights the views with p(good)", () => {
    expect(result.orientations).toMatchObject({ particleCount: 60, symmetry: "C2" });
    expect(result.goodShare).toBeCloseTo(50 / 60, 10);
    expect(result.particleScores.map(({ label }) => label)).toEqual(["vitGoodProbability", "rlnLogLikeliContribution"]);
  });

  test("writes curves under RELION's labels: what the result says stands in the file", () => {
    const { blocks } = readStarFile(result.files["curves"]!);
    const [general, curves, guinier] = ["general", "fsc", "guinier"].map(
      (name) => blocks.find((block) => block.name === name)!.table,
    );
    expect(general!.numbers("rlnFinalResolution")[0]).toBeCloseTo(result.resolution.resolutionA, 3);
    expect(general!.numbers("rlnBfactorUsedForSharpening")[0]).toBeCloseTo(result.bFactorA2, 2);
    expect(curves!.rowCount).toBe(BOX_PX / 2 + 1);
    const [masked, random, corrected] = [
      "rlnFourierShellCorrelationMaskedMaps",
      "rlnCorrectedFourierShellCorrelationPhaseRandomizedMaskedMaps",
      "rlnFourierShellCorrelationCorrected",
    ].map((label) => curves!.numbers(label));
    const last = BOX_PX / 2;
    expect(corrected![last]).toBeCloseTo((masked![last]! - random![last]!) / (1 - random![last]!), 4);
    expect(guinier!.numbers("rlnLogAmplitudesOriginal").every(Number.isFinite)).toBe(true);
  });

  test("bundles for deposition the half maps byte by byte, the FSC in the EMDB's XML and a picture", () => {
    const file = (name: string) => readFileSync(`${result.files["EMDB bundle"]}/${name}`);
    expect(file("half_map_1.mrc").equals(readFileSync(half(1)))).toBe(true);
    expect(file("half_map_2.mrc").equals(readFileSync(half(2)))).toBe(true);
    const xml = file("fsc.xml").toString();
    expect(xml).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<fsc title="[^"]+" xaxis="Resolution \(A-1\)" yaxis="Correlation Coefficient">/,
    );
    expect(xml.match(/<coordinate>/g)).toHaveLength(BOX_PX / 2 + 1);
    // A PNG of 500 × 500.
    expect(file("picture.png").readUInt32BE(16)).toBe(500);
    expect(JSON.parse(file("deposition.json").toString())).toMatchObject({ boxPx: BOX_PX, symmetry: "C2" });
  });

  test("the same call gives the same bytes", async () => {
    const out = data.path("again");
    const again = await postprocess({ folder: data.folder, fitFromA: 40, emdbBundle: true, threads: 2, out }, quiet());
    for (const [what, path] of Object.entries(result.files)) {
      if (what === "EMDB bundle") continue;
      // The STAR file names no folder but those of the half maps.
      expect(readFileSync(again.files[what]!).equals(readFileSync(path)), what).toBe(true);
    }
  });
});

describe("a model", () => {
  test("of the molecule agrees with its map, and one that is turned upside down does not", async () => {
    const { xA, yA, zA, sigmaA, count } = makePhantom();
    const pdb = (sign: 1 | -1) => {
      const lines = Array.from({ length: count }, (_, i) => {
        const place = [sign * xA[i]!, yA[i]!, sign * zA[i]!].map((value) => value.toFixed(3).padStart(8)).join("");
        const bFactor = (8 * Math.PI ** 2 * sigmaA[i]! ** 2).toFixed(2).padStart(6);
        return `ATOM  ${String(i % 99999).padStart(5)}  CA  ALA A${String(i % 9999).padStart(4)}    ${place}  1.00${bFactor}           C`;
      });
      const path = data.path(`model${sign}.pdb`);
      writeFileSync(path, `${lines.join("\n")}\n`);
      return path;
    };
    const input = { folder: data.folder, modelFrame: "centre", skipLocalResolution: true, threads: 1 } as const;
    const right = await postprocess({ ...input, model: pdb(1), out: data.path("right") }, quiet());
    const wrong = await postprocess({ ...input, model: pdb(-1), out: data.path("wrong") }, quiet());
    expect(right.model).toMatchObject({ atomCount: count, outsideCount: 0 });
    // The half maps reach about this far, too.
    expect(right.model!.resolutionA).toBeLessThan(1.2 * right.resolution.resolutionA);
    expect(wrong.model!.resolutionA).toBeGreaterThan(3 * right.model!.resolutionA);
  });
});

describe("masks and curves of any maps", () => {
  test("mask writes what postprocess used, and fsc inside it finds the same resolution", async () => {
    const average = readMapFile(half(1)).data.map((value, i) => 0.5 * (value + readMapFile(half(2)).data[i]!));
    const made = await mask(
      { map: data.write("average.mrc", average), out: data.path("mask.mrc"), threads: 1 },
      quiet(),
    );
    expect(readMapFile(made.mask).data).toEqual(readMapFile(result.files["mask"]!).data);
    const found = await fsc(
      { first: half(1), second: half(2), mask: made.mask, out: data.path("curves/fsc"), threads: 1 },
      quiet(),
    );
    expect(found.resolutions[0]).toMatchObject({ threshold: 0.143, curve: "corrected", mask: made.mask });
    expect(found.resolutions[0]!.resolutionA).toBeCloseTo(result.resolution.resolutionA, 10);
    expect(found.files.map((path) => path.slice(data.path("curves/").length))).toEqual([
      "fsc.star",
      "fsc.xml",
      "fsc.svg",
      "fsc.json",
    ]);
  });

  test("without a mask fsc gives the unmasked curve and says so", async () => {
    const found = await fsc({ first: half(1), second: half(2), threads: 1 }, quiet());
    expect(found.resolutions.map(({ curve, threshold }) => [curve, threshold])).toEqual([
      ["unmasked", 0.143],
      ["unmasked", 0.5],
    ]);
    expect(found.corrected).toBeNull();
    expect(found.resolutions[0]!.resolutionA).toBeCloseTo(result.unmaskedResolution.resolutionA, 10);
  });
});
