import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { readCsFile } from "../../src/io/node/cs-file.ts";
import { nodeFiles } from "../../src/io/node/file-reader.ts";
import { writeMapFile } from "../../src/io/node/map-file.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { parseStar } from "../../src/io/star/parse.ts";
import { particlesFromCs } from "../../src/particles/from-cs.ts";
import { particlesFromStar } from "../../src/particles/from-star.ts";
import { imageFault } from "../../src/particles/image-fault.ts";
import type { ImageSource, ImageSourceOptions } from "../../src/particles/image-source.ts";
import { stackCandidates } from "../../src/particles/stack-paths.ts";
import { openImageSource } from "../../src/particles/stacks.ts";
import { makeStarText, type StarRow } from "../support/make-particles.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const BOX = 8;
let folder: string;

function faultsOf(source: ImageSource): number[] {
  const pixels = new Float32Array(source.boxPx ** 2);
  return Array.from({ length: source.count }, (_, particle) => {
    source.readInto(pixels, [particle]);
    return imageFault(pixels, 0, pixels.length);
  });
}

/** Image i of stack s holds 1000 s + 10 i + (pixel mod 7). */
function writeStack(name: string, stack: number, count: number, boxPx = BOX, pixelSizeA = 2, mode: 2 | 12 = 2): void {
  const data = Float32Array.from(
    { length: count * boxPx * boxPx },
    (_, at) => 1000 * stack + 10 * Math.floor(at / (boxPx * boxPx)) + ((at % (boxPx * boxPx)) % 7),
  );
  writeMapFile(
    join(folder, name),
    { sizeX: boxPx, sizeY: boxPx, sizeZ: count, pixelSizeA, data },
    { isVolume: false, mode },
  );
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-stacks-"));
  mkdirSync(join(folder, "job"));
  writeStack("a.mrcs", 1, 30);
  writeStack("b.mrcs", 2, 5, BOX, 2, 12);
  writeStack("cryo.mrc", 3, 2);
  writeStack("wide.mrcs", 4, 2, 10);
  writeStack("odd.mrcs", 5, 2, 7);
  writeStack("scaled.mrcs", 6, 2, BOX, 3);
  writeFileSync(join(folder, "broken.mrcs"), "data_particles this is no stack".repeat(50));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function open(names: readonly string[], options: Partial<ImageSourceOptions> = {}, optics: StarRow = {}): ImageSource {
  const text = makeStarText(
    [{ rlnOpticsGroup: 1, rlnImagePixelSize: 2, ...optics }],
    names.map((name) => ({ rlnImageName: name })),
  );
  const table = particlesFromStar(parseStar(new TextEncoder().encode(text), "x.star"), { requireCtf: false });
  return openImageSource(table, { files: nodeFiles, metadataPath: join(folder, "x.star"), ...options });
}

function read(source: ImageSource, particles: readonly number[]): number[] {
  const out = new Float32Array(particles.length * BOX * BOX);
  source.readInto(out, particles);
  // The first pixel tells stack and image; the others follow the pattern.
  return particles.map((_, place) => {
    const start = place * BOX * BOX;
    for (let at = 0; at < BOX * BOX; at++) expect(out[start + at]! - out[start]!).toBe(at % 7);
    return out[start]!;
  });
}

describe("stacks that do not fit the metadata are refused", () => {
  test.each([
    [
      "a missing stack",
      ["1@none.mrcs"],
      {},
      /x.star:\d+: the stack none.mrcs does not exist \(tried .*--particle-root/,
    ],
    [
      "an image beyond the last",
      ["3@a.mrcs", "31@a.mrcs"],
      {},
      /x.star:\d+: image 31 of .*a.mrcs, which has 30 images/,
    ],
    ["a text file", ["1@broken.mrcs"], {}, /broken.mrcs: not an MRC file/],
    [
      "boxes of two sizes",
      ["1@a.mrcs", "1@wide.mrcs"],
      {},
      /wide.mrcs: expected images of 8 px as in the other stacks, got 10 px/,
    ],
    [
      "another box in the metadata",
      ["1@a.mrcs"],
      { rlnImageSize: 64 },
      /box mismatch: the metadata say rlnImageSize 64, the images of .* have 8 px/,
    ],
    ["an odd box", ["1@odd.mrcs"], {}, /even number of pixels, got 7. Crop or pad/],
    [
      "another pixel size",
      ["1@scaled.mrcs"],
      {},
      /pixel size mismatch: the metadata say 2 Å, the header of .* 3.0000 Å/,
    ],
  ])("%s", (_name, names, optics, message) => {
    expect(() => open(names, {}, optics)).toThrow(DataError);
    expect(() => open(names, {}, optics)).toThrow(message);
  });
  test("all of them are reported together", () => {
    expect(() => open(["1@none.mrcs", "99@a.mrcs", "1@odd.mrcs"])).toThrow(/x.star: \d problems:/);
  });
  test("a pixel size conflict and an odd box may be accepted", () => {
    open(["1@scaled.mrcs"], { pixelSizeConflict: "accept" }).close();
    open(["1@odd.mrcs"], { allowOddBox: true }).close();
  });
});

test("images come in the order asked for, from several stacks and in both number formats", () => {
  const source = open(["3@a.mrcs", "1@b.mrcs", "30@a.mrcs", "4@a.mrcs", "5@b.mrcs", "5@a.mrcs"]);
  expect([source.count, source.boxPx, source.pixelSizeA]).toEqual([6, BOX, 2]);
  expect(source.storedBytes).toBe(4 * 256 + 2 * 128);
  expect(read(source, [5, 4, 3, 2, 1, 0])).toEqual([1040, 2040, 1030, 1290, 2000, 1020]);
  expect(read(source, [0, 0, 3, 0])).toEqual([1020, 1020, 1030, 1020]);
  expect(read(source, [])).toEqual([]);
  source.close();
});

test("the numbers are the same with no, some and all images resident, first and second time", () => {
  const names = Array.from({ length: 30 }, (_, i) => (i % 6 === 0 ? `${i / 6 + 1}@b.mrcs` : `${i + 1}@a.mrcs`));
  const order = Array.from({ length: 30 }, (_, i) => (i * 17) % 30);
  const expected = read(open(names), order);
  for (const residentBytes of [0, 1000, 1e9]) {
    const source = open(names, { residentBytes });
    expect(read(source, order)).toEqual(expected);
    expect(read(source, [...order].reverse())).toEqual([...expected].reverse());
    source.close();
  }
});

test("resident images are read from disk once", () => {
  let bytesRead = 0;
  const counting = {
    ...nodeFiles,
    open(path: string) {
      const reader = nodeFiles.open(path);
      return {
        ...reader,
        readInto(target: Uint8Array, offset: number) {
          bytesRead += offset > 0 ? target.length : 0;
          reader.readInto(target, offset);
        },
      };
    },
  };
  const source = open(["1@a.mrcs", "2@a.mrcs", "3@a.mrcs"], { files: counting, residentBytes: 1e6 });
  read(source, [0, 1, 2]);
  expect(bytesRead).toBe(3 * 256);
  read(source, [2, 0]);
  expect(bytesRead).toBe(3 * 256);
});

test("stacks are found beside the metadata, in a project folder above it, and with either ending", () => {
  open(["1@a.mrcs"], { metadataPath: join(folder, "job", "run_data.star") }).close();
  open(["1@cryo.mrcs"]).close();
  open(["1@a.mrcs"], { metadataPath: "/nowhere/x.star", root: folder }).close();
  open([`1@${folder}/a.mrcs`], { metadataPath: "/nowhere/x.star" }).close();
  const candidates = stackCandidates("s.mrc", { files: nodeFiles, metadataPath: "p/Refine3D/job1/x.star" });
  expect(candidates).toEqual(
    ["p/Refine3D/job1/", "", "p/Refine3D/job1/../", "p/Refine3D/job1/../../", "p/Refine3D/job1/../../../"].flatMap(
      (from) => [`${from}s.mrc`, `${from}s.mrcs`],
    ),
  );
});

test("a group of dark particles is read with its sign", () => {
  const source = open(["1@a.mrcs"], {}, { vitImageSign: -1 });
  const out = new Float32Array(BOX * BOX);
  source.readInto(out, [0]);
  expect(out[0]).toBe(-1000);
});

describe("images that cannot be used have a reason", () => {
  test("not finite, constant, or neither", () => {
    expect(imageFault(Float32Array.of(9, 1, 2, 9), 1, 2)).toBe(0);
    expect(imageFault(Float32Array.of(1, Number.NaN, 2), 0, 3)).toBe(1);
    expect(imageFault(Float32Array.of(1, Number.NEGATIVE_INFINITY), 0, 2)).toBe(1);
    expect(imageFault(Float32Array.of(7, 7, 7, 1), 0, 3)).toBe(2);
  });
  test("are found in a stack, without stopping", () => {
    const data = new Float32Array(3 * BOX * BOX).map((_, at) => at);
    data.fill(5, 0, BOX * BOX);
    data[2 * BOX * BOX + 9] = Number.NaN;
    writeMapFile(
      join(folder, "bad.mrcs"),
      { sizeX: BOX, sizeY: BOX, sizeZ: 3, pixelSizeA: 2, data },
      { isVolume: false },
    );
    const source = open(["1@bad.mrcs", "2@bad.mrcs", "3@bad.mrcs"]);
    expect(faultsOf(source)).toEqual([2, 0, 1]);
  });
});

const STACKS = [
  "ribosome-64/particles.star",
  "apoferritin-dev/apo_dev_64_f16.star",
  "stacks/sample_relion_data.star",
  "cs/empiar_10076_7.cs",
];
describe.skipIf(!hasSharedData(...STACKS))("stacks of other programs", () => {
  test.each([
    ["ribosome-64/particles.star", 2000, 64, 5],
    ["apoferritin-dev/apo_dev_64_f16.star", 538, 64, 3],
    ["stacks/sample_relion_data.star", 17, 200, 1.338],
  ])("%s opens and every image is good", (path, count, boxPx, pixelSizeA) => {
    const metadataPath = sharedData(path);
    const source = openImageSource(particlesFromStar(readStarFile(metadataPath)), { files: nodeFiles, metadataPath });
    expect([source.count, source.boxPx]).toEqual([count, boxPx]);
    expect(source.pixelSizeA).toBeCloseTo(pixelSizeA, 3);
    expect(faultsOf(source).every((fault) => fault === 0)).toBe(true);
    source.close();
  });

  test("particles that cryoSPARC marks as dark are bright after reading", () => {
    const metadataPath = sharedData("cs/empiar_10076_7.cs");
    const source = openImageSource(particlesFromCs(readCsFile(metadataPath)), { files: nodeFiles, metadataPath });
    const images = new Float32Array(7 * 320 * 320);
    source.readInto(images, [0, 1, 2, 3, 4, 5, 6]);
    let [inside, outside, insideCount, outsideCount] = [0, 0, 0, 0];
    images.forEach((value, at) => {
      const [x, y] = [(at % 320) - 160, (Math.floor(at / 320) % 320) - 160];
      const radius = Math.hypot(x, y) / 320;
      if (radius < 0.3) {
        inside += value;
        insideCount++;
      } else if (radius > 0.4) {
        outside += value;
        outsideCount++;
      }
    });
    expect(inside / insideCount).toBeGreaterThan(outside / outsideCount);
    source.close();
  });
});
