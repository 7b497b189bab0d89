import { expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { KERNEL_FIELDS } from "../../src/device/ops/cloud/kernel.ts";
import { SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import { decodeBlock, encodeBlock, type PosteriorBlock } from "../../src/posterior/block.ts";
import { makeNormals } from "../support/normals.ts";

const [count, M, T, J, S, D] = [3, 5, 2, 7, 9, 4];

const block: PosteriorBlock = {
  half: 1,
  index: 2,
  particles: Int32Array.of(4, 7, 11),
  rotationsPerImage: M,
  shiftsPerRotation: T,
  parentCount: J,
  shellCount: S,
  rotations: makeNormals(count * M * 4, 1),
  shiftsPx: makeNormals(count * M * T * 2, 2),
  weights: makeNormals(count * M * T, 3),
  summary: makeNormals(count * SUMMARY_FIELDS, 4),
  kernel: makeNormals(count * KERNEL_FIELDS, 5),
  parentRotations: makeNormals(count * J * 4, 6),
  parentShiftsPx: makeNormals(count * J * 2, 7),
  statistics: Float64Array.from(makeNormals(count * 3 * S, 8)),
};

test("a posterior block comes back from its bytes as it was, with and without curves of defocus", () => {
  expect(decodeBlock(encodeBlock(block))).toEqual(block);
  const defocus = { curve: makeNormals(count * D, 9), astigmatism: makeNormals(count * 4, 10) };
  expect(decodeBlock(encodeBlock({ ...block, defocus }))).toEqual({ ...block, defocus });
});

test("bytes of another version, or cut short, are refused", () => {
  const bytes = encodeBlock(block);
  expect(() => decodeBlock(bytes.slice(0, -4))).toThrow(DataError);
  bytes[0] = bytes[0]! ^ 1;
  expect(() => decodeBlock(bytes)).toThrow("of this version");
});
