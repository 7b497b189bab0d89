import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { bytesReader } from "../../src/io/bytes.ts";
import { encodeMap, makeMrcHeader } from "../../src/io/mrc/encode.ts";
import { type DensityMapData, readMap } from "../../src/io/mrc/map.ts";
import { openStack } from "../../src/io/mrc/stack.ts";
import { openFile } from "../../src/io/node/file-reader.ts";
import { readMapFile } from "../../src/io/node/map-file.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const STATISTICS = { min: 0, max: 0, mean: 0, rms: 0 };

/** A header with chosen words over a complete mode 2 header of 4 × 3 × 2. */
function headerWith(words: Record<number, number>, isLittle = true): Uint8Array {
  const header = makeMrcHeader({
    sizeX: 4,
    sizeY: 3,
    sizeZ: 2,
    pixelSizeA: 1.5,
    mode: 2,
    isVolume: true,
    statistics: STATISTICS,
  });
  const view = new DataView(header.buffer);
  for (const [word, value] of Object.entries(words)) view.setInt32((Number(word) - 1) * 4, value, true);
  if (isLittle) return header;
  for (let word = 0; word < 56; word++) {
    if (word !== 52 && word !== 53) header.subarray(word * 4, word * 4 + 4).reverse();
  }
  header.set([0x11, 0x11, 0, 0], 212);
  return header;
}

function file(header: Uint8Array, data: Uint8Array, extended = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(header.length + extended.length + data.length);
  bytes.set(header);
  bytes.set(extended, header.length);
  bytes.set(data, header.length + extended.length);
  return bytes;
}

function ramp(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => i - 5);
}

function bytesOfMap(map: DensityMapData, options = {}): Uint8Array {
  return Buffer.concat([...encodeMap(map, options)]);
}

describe("wrong files are named with what is wrong", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /truncated: expected an MRC header of 1024 bytes, got 0/],
    ["short header", new Uint8Array(100), /expected an MRC header of 1024 bytes, got 100/],
    ["text", new TextEncoder().encode("data_particles\n".repeat(100)), /not an MRC file/],
    ["truncated data", file(headerWith({}), new Uint8Array(90)), /expected 1120 bytes \(4 × 3 × 2, mode 2\), got 1114/],
    ["a transform", file(headerWith({ 4: 4 }), new Uint8Array(960)), /mode 4 \(complex 32-bit floats/],
    ["4-bit", file(headerWith({ 4: 101 }), new Uint8Array(960)), /mode 101 \(4-bit integers\)/],
    ["unknown mode", file(headerWith({ 4: 77 }), new Uint8Array(960)), /got mode 77/],
    ["negative size", file(headerWith({ 2: -3 }), new Uint8Array(960)), /dimensions above 0, got 4 × -3 × 2/],
    [
      "negative extended header",
      file(headerWith({ 24: -8 }), new Uint8Array(960)),
      /extended header of 0 bytes or more/,
    ],
    ["axes", file(headerWith({ 17: 1, 18: 1, 19: 3 }), new Uint8Array(96)), /MAPC, MAPR, MAPS/],
  ];
  test.each(cases)("%s", (_name, bytes, message) => {
    expect(() => openStack(bytesReader(bytes, "x.mrc"))).toThrow(DataError);
    expect(() => openStack(bytesReader(bytes, "x.mrc"))).toThrow(message);
  });

  test("slices beyond the last are refused with their numbers", () => {
    const stack = openStack(bytesReader(file(headerWith({}), new Uint8Array(96)), "x.mrcs"));
    expect(() => stack.readSlicesInto(new Float32Array(24), 1, 2)).toThrow("expected slices 1 to 2, got 2 to 3");
  });

  test("a map with unequal pixel sizes is refused", () => {
    const header = headerWith({});
    new DataView(header.buffer).setFloat32(48, 9, true);
    expect(() => readMap(bytesReader(file(header, new Uint8Array(96)), "x.mrc"))).toThrow(/cubic voxels/);
  });
});

describe("every mode in either byte order gives the same numbers", () => {
  const values = [0, 1, 2, 3, 100, 5, 6, 7, 8, 9, 10, 11];
  const makers: [number, number, (view: DataView, at: number, value: number, little: boolean) => void][] = [
    [0, 1, (view, at, value) => view.setInt8(at, value)],
    [1, 2, (view, at, value, little) => view.setInt16(at, value, little)],
    [2, 4, (view, at, value, little) => view.setFloat32(at, value, little)],
    [6, 2, (view, at, value, little) => view.setUint16(at, value, little)],
  ];
  for (const [mode, width, set] of makers) {
    test.each([true, false])(`mode ${mode}, little-endian %s`, (little) => {
      const data = new Uint8Array(12 * width);
      values.forEach((value, i) => {
        set(new DataView(data.buffer), i * width, value, little);
      });
      const header = headerWith({ 3: 1, 4: mode, 10: 1, 24: 37 }, little);
      const stack = openStack(bytesReader(file(header, data, new Uint8Array(37).fill(255)), "x.mrc"));
      const out = new Float32Array(12);
      stack.readSlicesInto(out, 0, 1);
      expect([...out]).toEqual(values);
      expect(stack.pixelSizeA).toBeCloseTo(1.5, 6);
    });
  }

  test("a wrong machine stamp does not mislead", () => {
    const header = headerWith({});
    header.set([0x11, 0x11, 0, 0], 212);
    expect(openStack(bytesReader(file(header, new Uint8Array(96)), "x.mrc")).header.isLittleEndian).toBe(true);
  });

  test("a Buffer as the file, misaligned and byte-swapped, is read twice the same and not changed", () => {
    const data = new Uint8Array(96);
    for (let i = 0; i < 24; i++) new DataView(data.buffer).setFloat32(4 * i, i, false);
    const buffer = Buffer.from(file(headerWith({ 24: 37 }, false), data, new Uint8Array(37)));
    const stack = openStack(bytesReader(buffer, "x.mrc"));
    for (let time = 0; time < 2; time++) {
      const out = new Float32Array(24);
      stack.readSlicesInto(out, 0, 2);
      expect(out).toEqual(Float32Array.from({ length: 24 }, (_, i) => i));
    }
  });

  test("negative numbers keep their sign in modes 0 and 1", () => {
    const bytes = file(headerWith({ 1: 2, 2: 1, 3: 1, 4: 1, 10: 1 }), new Uint8Array(Int16Array.of(-5, -32768).buffer));
    const out = new Float32Array(2);
    openStack(bytesReader(bytes, "x.mrc")).readSlicesInto(out, 0, 1);
    expect([...out]).toEqual([-5, -32768]);
  });
});

test("a map survives writing and reading, its header complete", () => {
  const map = { sizeX: 4, sizeY: 3, sizeZ: 2, pixelSizeA: 1.25, data: ramp(24) };
  const read = readMap(bytesReader(bytesOfMap(map, { label: "test" }), "x.mrc"));
  expect(read.data).toEqual(map.data);
  expect([read.sizeX, read.sizeY, read.sizeZ, read.pixelSizeA]).toEqual([4, 3, 2, 1.25]);
  const header = read.header!;
  expect([header.min, header.max, header.mean]).toEqual([-5, 18, 6.5]);
  expect(header.rms).toBeCloseTo(Math.sqrt((24 ** 2 - 1) / 12), 5);
  expect([header.spaceGroup, header.version, header.axes, header.start]).toEqual([1, 20140, [1, 2, 3], [0, 0, 0]]);
});

test("a float16 map says version 20141 and holds every number to 11 bits", () => {
  const map = { sizeX: 2, sizeY: 2, sizeZ: 2, pixelSizeA: 2, data: Float32Array.of(0.1, -3.7, 1e-3, 5, 6, 7, 8, 900) };
  const read = readMap(bytesReader(bytesOfMap(map, { mode: 12 }), "x.mrc"));
  expect(read.header).toMatchObject({ mode: 12, version: 20141 });
  read.data.forEach((value, i) => {
    expect(Math.abs(value / map.data[i]! - 1)).toBeLessThanOrEqual(2 ** -11);
  });
});

test("a stack has space group 0 and one section per cell", () => {
  const map = { sizeX: 4, sizeY: 4, sizeZ: 5, pixelSizeA: 2, data: ramp(80) };
  const { header } = openStack(bytesReader(bytesOfMap(map, { isVolume: false }), "x.mrcs"));
  expect([header.spaceGroup, header.intervals, header.pixelSizesA]).toEqual([0, [4, 4, 1], [2, 2, 2]]);
});

test("sections stored along x are turned into x, y, z", () => {
  // Stored columns z (2), rows y (3), sections x (4): pixel (x, y, z) holds 100x + 10y + z.
  const stored: number[] = [];
  for (let x = 0; x < 4; x++) for (let y = 0; y < 3; y++) for (let z = 0; z < 2; z++) stored.push(100 * x + 10 * y + z);
  const header = headerWith({ 1: 2, 2: 3, 3: 4, 17: 3, 18: 2, 19: 1 });
  const map = readMap(bytesReader(file(header, new Uint8Array(Float32Array.from(stored).buffer)), "x.mrc"));
  expect([map.sizeX, map.sizeY, map.sizeZ]).toEqual([4, 3, 2]);
  for (let z = 0; z < 2; z++) {
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 4; x++) expect(map.data[(z * 3 + y) * 4 + x]).toBe(100 * x + 10 * y + z);
    }
  }
});

test("a batch of slices equals the slices one by one", () => {
  const map = { sizeX: 4, sizeY: 4, sizeZ: 6, pixelSizeA: 2, data: ramp(96) };
  const stack = openStack(bytesReader(bytesOfMap(map, { isVolume: false, mode: 12 }), "x.mrcs"));
  const batch = new Float32Array(48);
  stack.readSlicesInto(batch, 2, 3);
  const single = new Float32Array(48);
  for (let i = 0; i < 3; i++) stack.decodeInto(single, i * 16, stack.readSliceBytes(2 + i, 1));
  expect(batch).toEqual(single);
  expect(batch).toEqual(map.data.subarray(32, 80));
});

test("bytes of any kind are read or refused, never a crash", () => {
  const valid = bytesOfMap({ sizeX: 4, sizeY: 4, sizeZ: 2, pixelSizeA: 2, data: ramp(32) });
  const damaged = fc
    .array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 12 })
    .map((changes) => {
      const bytes = new Uint8Array(valid);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    })
    .chain((bytes) => fc.nat(bytes.length).map((length) => bytes.subarray(0, length)));
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 3000 })), (bytes) => {
      try {
        readMap(bytesReader(bytes, "x.mrc"));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DataError);
      }
    }),
    { numRuns: 500 },
  );
});

const MAPS: [string, number[], number][] = [
  ["maps/50S-vol.mrc", [32, 32, 128], 4],
  ["maps/ribosome-70S-64px-sharpened.mrc", [64, 64, 64], 5],
  ["maps/ribosome-70S-65px.mrc", [65, 65, 65], 0],
  ["maps/spike-vol.mrc", [16, 16, 128], 8],
  ["mrc/EMD-3197.map", [20, 20, 20], 11.4],
  ["ribosome-64/truth.mrc", [64, 64, 64], 5],
];
describe.skipIf(!hasSharedData(...MAPS.map(([path]) => path)))("maps of other programs", () => {
  test.each(MAPS)(
    "%s reads with its sizes, and its header's statistics where they are stated",
    (path, sizes, pixelSizeA) => {
      const map = readMapFile(sharedData(path));
      expect([map.sizeX, map.sizeY, map.sizeZ]).toEqual(sizes);
      expect(map.pixelSizeA).toBeCloseTo(pixelSizeA, 5);
      const { min, max, mean } = map.header!;
      if (min > max) return; // MRC2014: min > max means not stated
      let [low, high, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
      for (const value of map.data) {
        low = Math.min(low, value);
        high = Math.max(high, value);
        sum += value;
      }
      expect(low).toBeCloseTo(min, 5);
      expect(high).toBeCloseTo(max, 5);
      expect(sum / map.data.length).toBeCloseTo(mean, 4);
    },
  );
});

const F16 = "apoferritin-dev/apo_dev_64_f16.mrcs";
test.skipIf(!hasSharedData(F16))("a float16 stack of real images has the statistics its header states", () => {
  const reader = openFile(sharedData(F16));
  const stack = openStack(reader);
  expect([stack.sizeX, stack.sizeY, stack.count, stack.pixelSizeA, stack.header.mode]).toEqual([64, 64, 538, 3, 12]);
  const pixels = new Float32Array(538 * 64 * 64);
  stack.readSlicesInto(pixels, 0, 538);
  stack.close();
  const sum = pixels.reduce((total, value) => total + value, 0);
  expect(sum / pixels.length).toBeCloseTo(stack.header.mean, 5);
  expect(pixels.reduce((high, value) => Math.max(high, value))).toBeCloseTo(stack.header.max, 3);
});
