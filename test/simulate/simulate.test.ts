import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silentLog } from "../../src/core/events.ts";
import { nodeFiles } from "../../src/io/node/file-reader.ts";
import { readMapFile, writeMapFile } from "../../src/io/node/map-file.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { blobDensityInto } from "../../src/map/blob-density.ts";
import { makePhantom } from "../../src/map/phantom.ts";
import { openImageSource } from "../../src/particles/stacks.ts";
import { project } from "../../src/simulate/project.ts";
import { readPoses } from "../../src/simulate/read-poses.ts";
import { simulate } from "../../src/simulate/simulate.ts";

const context = { signal: new AbortController().signal, log: silentLog };
const PARTICLES = 40;
const BOX = 32;
const PIXEL_SIZE_A = 8;
const settings = { particleCount: PARTICLES, snr: 0.3, junkShare: 0.2, seed: 5 } as const;

describe("a simulated data set", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-"));
  const at = (name: string) => join(folder, name);
  // Made once: building the molecule takes longer than simulating from it.
  const common = { ...settings, map: at("molecule.mrc") };
  beforeAll(async () => {
    const data = blobDensityInto(new Float32Array(BOX ** 3), BOX, PIXEL_SIZE_A, makePhantom());
    writeMapFile(at("molecule.mrc"), { sizeX: BOX, sizeY: BOX, sizeZ: BOX, pixelSizeA: PIXEL_SIZE_A, data });
    await simulate({ out: at("a"), ...common }, context);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("consists of five files", () => {
    expect(readdirSync(at("a"))).toEqual([
      "particles.mrcs",
      "particles.star",
      "reference.mrc",
      "truth.mrc",
      "truth.star",
    ]);
  });

  test("has the same bytes when made again, on one thread", async () => {
    await simulate({ out: at("b"), ...common, threads: 1 }, context);
    for (const name of readdirSync(at("a"))) {
      expect(readFileSync(at(`a/${name}`)).equals(readFileSync(at(`b/${name}`))), name).toBe(true);
    }
  });

  test("has other images with another seed", async () => {
    await simulate({ out: at("c"), ...common, seed: 6 }, context);
    expect(readFileSync(at("a/particles.mrcs")).equals(readFileSync(at("c/particles.mrcs")))).toBe(false);
  });

  test("keeps its poses out of the file that a search is given", () => {
    expect(readPoses(at("a/particles.star"), {}).hasPoses).toBe(false);
    expect(readPoses(at("a/truth.star"), {}).hasPoses).toBe(true);
  });

  test("less the projections of its true map with its true poses is white noise of variance 1", async () => {
    await project({ particles: at("a/truth.star"), reference: at("a/truth.mrc"), out: at("p") }, context);
    const images = readImages(at("a/particles.star"));
    const projections = readImages(at("p.star"));
    const junk = readStarFile(at("a/truth.star")).blocks[1]!.table.numbers("junk");
    const pixels = BOX * BOX;
    let signal = 0;
    for (let i = 0; i < PARTICLES; i++) {
      let [sum, squares, power] = [0, 0, 0];
      for (let k = i * pixels; k < (i + 1) * pixels; k++) {
        const rest = images[k]! - (junk[i] ? 0 : projections[k]!);
        sum += rest;
        squares += rest * rest;
        power += projections[k]! ** 2;
      }
      // 5 standard deviations of the variance of 1024 normal numbers: 5·√(2/1024).
      expect(Math.abs(squares / pixels - (sum / pixels) ** 2 - 1)).toBeLessThan(0.22);
      signal += power / pixels / PARTICLES;
    }
    // The variance asked for is that inside the circle, and the particle is all inside it.
    expect(signal).toBeGreaterThan(0.15);
    expect(signal).toBeLessThan(0.45);
  });

  test("marks about the share of junk that was asked for", () => {
    const junk = readStarFile(at("a/truth.star")).blocks[1]!.table.numbers("junk");
    const count = junk.reduce((a, b) => a + b, 0);
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThan(18);
  });

  test("has a reference without detail: its power beyond the cutoff is 0", () => {
    const truth = readMapFile(at("a/truth.mrc"));
    const reference = readMapFile(at("a/reference.mrc"));
    expect(reference.pixelSizeA).toBeCloseTo(8, 5);
    expect(variance(reference.data)).toBeLessThan(variance(truth.data));
    // Neighbouring voxels of a map low-passed to 60 Å at 8 Å/px are nearly equal.
    expect(roughness(reference.data)).toBeLessThan(0.35 * roughness(truth.data));
  });
});

function readImages(path: string): Float32Array {
  const table = readPoses(path, {});
  const source = openImageSource(table, { files: nodeFiles, metadataPath: path, residentBytes: 1e9 });
  const out = new Float32Array(table.count * source.boxPx ** 2);
  source.readInto(
    out,
    Int32Array.from({ length: table.count }, (_, i) => i),
  );
  source.close();
  return out;
}

function variance(data: Float32Array): number {
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  return data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length;
}

/** Squared difference of x neighbours over the variance. */
function roughness(data: Float32Array): number {
  let sum = 0;
  for (let i = 1; i < data.length; i++) sum += (data[i]! - data[i - 1]!) ** 2;
  return sum / data.length / variance(data);
}
