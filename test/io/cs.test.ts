import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { bytesReader } from "../../src/io/bytes.ts";
import { readCs } from "../../src/io/cs/dataset.ts";
import { parseLiteral } from "../../src/io/cs/literal.ts";
import { readCsFile } from "../../src/io/node/cs-file.ts";
import { makeNpy } from "../support/make-npy.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const read = (bytes: Uint8Array) => readCs(bytesReader(bytes, "x.cs"));

const EXAMPLE = makeNpy(
  "[('uid', '<u8'), ('name', '|S6'), ('unit', '<U2'), ('v', '>f4', (2,)), ('b', '|b1')]",
  2,
  (view, i) => {
    view.setBigUint64(0, 2n ** 63n + BigInt(i), true);
    new Uint8Array(view.buffer, view.byteOffset + 8, 6).set(new TextEncoder().encode(i === 0 ? "a" : "longer"));
    view.setUint32(14, 0xc5, true);
    view.setFloat32(22, i + 0.5, false);
    view.setFloat32(26, -i, false);
    view.setUint8(30, i);
  },
);

describe("wrong files are refused", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /not a cryoSPARC .cs file/],
    ["text", new TextEncoder().encode("data_particles and more"), /not a cryoSPARC .cs file/],
    ["cut in the header", EXAMPLE.subarray(0, 60), /truncated/],
    [
      "cut in the records",
      EXAMPLE.subarray(0, EXAMPLE.length - 1),
      /truncated: expected \d+ bytes \(2 records of 31\)/,
    ],
    ["a plain array", makeNpy("'<f4'", 1, () => {}), /structured array with named fields/],
    ["an unknown type", makeNpy("[('a', '<c8')]", 1, () => {}), /field not understood/],
    ["nested records", makeNpy("[('a', [('b', '<f4')])]", 1, () => {}), /field not understood/],
  ];
  test.each(cases)("%s", (_name, bytes, message) => {
    expect(() => read(bytes)).toThrow(DataError);
    expect(() => read(bytes)).toThrow(message);
  });
  test("a missing field is named with those that are there", () => {
    expect(() => read(EXAMPLE).numbers("w")).toThrow("no field w (fields: uid, name, unit, v, b)");
    expect(() => read(EXAMPLE).numbers("name")).toThrow("name: expected numbers, got text");
    expect(() => read(EXAMPLE).internedTexts("v")).toThrow("v: expected text, got numbers");
  });
});

test("fields of every kind are read, either byte order, with their shapes", () => {
  const data = read(EXAMPLE);
  expect(data.count).toBe(2);
  expect([...data.identifiers("uid")]).toEqual([2n ** 63n, 2n ** 63n + 1n]);
  expect(data.internedTexts("name")).toEqual({ texts: ["a", "longer"], index: Int32Array.of(0, 1) });
  expect(data.internedTexts("unit")).toEqual({ texts: ["Å"], index: Int32Array.of(0, 0) });
  expect([...data.numbers("v")]).toEqual([0.5, -0, 1.5, -1]);
  expect([...data.numbers("b")]).toEqual([0, 1]);
});

test("the literal of a header is read as Python reads it", () => {
  expect(parseLiteral("{'a': (1, ), \"b\": [True, None, -2], }", "x")).toEqual({ a: [1], b: [true, null, -2] });
  expect(() => parseLiteral("{'a': 1", "x")).toThrow(DataError);
  expect(() => parseLiteral("[".repeat(100), "x")).toThrow(/shallower/);
  expect(() => parseLiteral("1 2", "x")).toThrow(/expected the end/);
});

test("bytes of any kind are read or refused, never a crash", () => {
  const damaged = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }).map((changes) => {
    const bytes = new Uint8Array(EXAMPLE);
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        const data = read(bytes);
        for (const name of data.names) if (data.has(name)) data.internedTexts(name);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DataError);
      }
    }),
    { numRuns: 1000 },
  );
});

test.skipIf(!hasSharedData("cs/empiar_10076_7.cs"))("a file of cryoSPARC has its fields and values", () => {
  const data = readCsFile(sharedData("cs/empiar_10076_7.cs"));
  expect(data.count).toBe(7);
  expect([...data.numbers("blob/idx")]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect([...data.numbers("blob/shape").subarray(0, 2)]).toEqual([320, 320]);
  expect(data.internedTexts("blob/path").texts).toEqual(["empiar_10076_7.mrc"]);
  expect(new Set(data.identifiers("uid")).size).toBe(7);
});
