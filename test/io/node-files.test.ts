import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError, ResourceError } from "../../src/core/errors.ts";
import { makeMrcHeader } from "../../src/io/mrc/encode.ts";
import { openStack } from "../../src/io/mrc/stack.ts";
import { AtomicFile, expectFreeSpace, writeFileAtomic } from "../../src/io/node/atomic-write.ts";
import { nodeFiles, openFile } from "../../src/io/node/file-reader.ts";
import { readMapFile, writeMapFile } from "../../src/io/node/map-file.ts";
import { StackWriter } from "../../src/io/node/stack-writer.ts";
import { readStarFile, writeStarFileAtomic } from "../../src/io/node/star-file.ts";
import { fileError } from "../../src/io/node/system-errors.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-io-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);
const leftovers = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".tmp"));

describe("what cannot be read or written is said with its remedy", () => {
  test("a missing file", () => {
    expect(() => openFile(at("none.mrc"))).toThrow(DataError);
    expect(() => openFile(at("none.mrc"))).toThrow(/cannot read: ENOENT. It does not exist. Check the path./);
    expect(nodeFiles.sizeOf(at("none.mrc"))).toBeUndefined();
  });
  test("a folder in place of a file", () => {
    expect(() => openFile(folder)).toThrow(/expected a file/);
  });
  test("a folder that does not exist", () => {
    expect(() => writeFileAtomic(at("no/such/file"), "x")).toThrow(/cannot write: ENOENT/);
  });
  test.each([
    ["ENOSPC", /The disk is full. Free some space/],
    ["EACCES", /No permission. Choose another folder/],
    ["EROFS", /read-only/],
    ["EDQUOT", /quota/],
  ])("%s is a ResourceError", (code, message) => {
    const error = fileError("write", "run1/map.mrc", Object.assign(new Error(code), { code }));
    expect(error).toBeInstanceOf(ResourceError);
    expect(error.message).toMatch(message);
  });
  test("a file larger than the free space is refused before a byte is written", () => {
    expect(() => writeFileAtomic(at("big"), "x", { expectedBytes: 1e18 })).toThrow(ResourceError);
    expect(() => expectFreeSpace(at("big"), 1e18)).toThrow(/expected 1000000000000000000 bytes of free space/);
    expect(existsSync(at("big"))).toBe(false);
  });
  test.skipIf(!existsSync("/dev/full"))("a full disk while writing leaves no file and a clear error", () => {
    // The kernel's always-full device stands for the disk.
    const error = (() => {
      const descriptor = openSync("/dev/full", "w");
      try {
        writeSync(descriptor, "x");
        return undefined;
      } catch (thrown) {
        return fileError("write", at("map.mrc"), thrown);
      } finally {
        closeSync(descriptor);
      }
    })();
    expect(error?.message).toMatch(/ENOSPC. The disk is full/);
  });
  test("gzip data cut short", () => {
    writeFileSync(at("cut.mrc.gz"), gzipSync(new Uint8Array(5000)).subarray(0, 20));
    expect(() => readMapFile(at("cut.mrc.gz"))).toThrow(DataError);
    expect(() => readMapFile(at("cut.mrc.gz"))).toThrow(/gzip data cannot be unpacked/);
  });
});

test("a failure while writing keeps the old file and leaves no temporary one", () => {
  writeFileAtomic(at("kept.txt"), "old");
  const chunks = function* (): Generator<Uint8Array> {
    yield Uint8Array.of(1, 2, 3);
    throw new Error("power cut");
  };
  expect(() => writeFileAtomic(at("kept.txt"), chunks())).toThrow("power cut");
  expect(readFileSync(at("kept.txt"), "utf8")).toBe("old");
  expect(leftovers()).toEqual([]);
});

test("a file appears under its name only when it is complete", () => {
  const file = AtomicFile.create(at("late.bin"));
  file.append(Uint8Array.of(0, 0, 3));
  expect(existsSync(at("late.bin"))).toBe(false);
  file.overwrite(0, Uint8Array.of(1, 2));
  file.commit();
  file.discard();
  expect([...readFileSync(at("late.bin"))]).toEqual([1, 2, 3]);
});

test("a gzip-packed map equals the plain one", () => {
  const map = {
    sizeX: 8,
    sizeY: 8,
    sizeZ: 8,
    pixelSizeA: 2,
    data: Float32Array.from({ length: 512 }, (_, i) => Math.sin(i)),
  };
  writeMapFile(at("map.mrc"), map);
  writeFileSync(at("map.mrc.gz"), gzipSync(readFileSync(at("map.mrc"))));
  expect(readMapFile(at("map.mrc.gz")).data).toEqual(readMapFile(at("map.mrc")).data);
});

test.skipIf(!hasSharedData("mrc/EMD-3197.map.bz2"))(
  "a bzip2-packed map is refused with the command that unpacks it",
  () => {
    expect(() => readMapFile(sharedData("mrc/EMD-3197.map.bz2"))).toThrow(/bunzip2/);
  },
);

test("the last slice of a stack over 4 GiB is read at its place", () => {
  // A sparse file: 17,000 slices of 256 × 256 float32 are 4.46 GB, of which three blocks exist.
  const [boxPx, count] = [256, 17_000];
  const sliceBytes = boxPx * boxPx * 4;
  const descriptor = openSync(at("large.mrcs"), "w");
  const statistics = { min: 0, max: 0, mean: 0, rms: 0 };
  const header = {
    sizeX: boxPx,
    sizeY: boxPx,
    sizeZ: count,
    pixelSizeA: 1.3,
    mode: 2 as const,
    isVolume: false,
    statistics,
  };
  writeSync(descriptor, makeMrcHeader(header), 0, 1024, 0);
  ftruncateSync(descriptor, 1024 + count * sliceBytes);
  const marked = Float32Array.from({ length: boxPx * boxPx }, (_, i) => i);
  writeSync(descriptor, new Uint8Array(marked.buffer), 0, sliceBytes, 1024 + (count - 1) * sliceBytes);
  closeSync(descriptor);
  const reader = openFile(at("large.mrcs"));
  expect(reader.size).toBeGreaterThan(2 ** 32);
  const stack = openStack(reader);
  const out = new Float32Array(2 * boxPx * boxPx);
  stack.readSlicesInto(out, count - 2, 2);
  expect(out.subarray(0, boxPx * boxPx).every((value) => value === 0)).toBe(true);
  expect(out.subarray(boxPx * boxPx)).toEqual(marked);
  expect(() => stack.readSliceBytes(count, 1)).toThrow(/expected slices 1 to 17000, got 17001/);
  stack.close();
  rmSync(at("large.mrcs"));
});

test("a stack written batch by batch is complete, with the statistics of all its images", () => {
  const writer = new StackWriter(at("made.mrcs"), { boxPx: 4, pixelSizeA: 2, count: 3, mode: 12 });
  writer.append(new Float32Array(32).fill(2));
  expect(existsSync(at("made.mrcs"))).toBe(false);
  writer.append(new Float32Array(16).fill(-1));
  writer.finish();
  const stack = openStack(openFile(at("made.mrcs")));
  expect([stack.count, stack.pixelSizeA, stack.header.min, stack.header.max, stack.header.mean]).toEqual([
    3, 2, -1, 2, 1,
  ]);
  stack.close();
});

test("a stack with missing or surplus images is not written", () => {
  const short = new StackWriter(at("short.mrcs"), { boxPx: 4, pixelSizeA: 2, count: 3 });
  short.append(new Float32Array(16));
  expect(() => short.finish()).toThrow(/expected 3, got 1/);
  const long = new StackWriter(at("long.mrcs"), { boxPx: 4, pixelSizeA: 2, count: 1 });
  expect(() => long.append(new Float32Array(32))).toThrow(/whole images, 1 in all/);
  expect(existsSync(at("short.mrcs")) || existsSync(at("long.mrcs"))).toBe(false);
  expect(leftovers()).toEqual([]);
});

test.skipIf(!hasSharedData("star/relion5.star"))("a STAR file written and read again has the same values", () => {
  const document = readStarFile(sharedData("star/relion5.star"));
  writeStarFileAtomic(at("copy.star"), document);
  const copy = readStarFile(at("copy.star"));
  expect(copy.blocks.map((block) => [block.name, block.comments, block.table.labels])).toEqual(
    document.blocks.map((block) => [block.name, block.comments, block.table.labels]),
  );
});
