import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { quaternionToMatrixInto } from "../../src/geometry/quaternion.ts";
import { bytesReader } from "../../src/io/bytes.ts";
import { type CsDataset, readCs } from "../../src/io/cs/dataset.ts";
import { readCsFile } from "../../src/io/node/cs-file.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { particlesFromCs, rotationsOf } from "../../src/particles/from-cs.ts";
import { particlesFromStar } from "../../src/particles/from-star.ts";
import { particlesToStar } from "../../src/particles/to-star.ts";
import { makeNpy } from "../support/make-npy.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const CTF = ["accel_kv", "cs_mm", "amp_contrast", "df1_A", "df2_A", "df_angle_rad"] as const;
const CTF_VALUES = [300, 2.7, 0.1, 15000, 14000, 0.5];

/** Particles with path, index, CTF, pose (0, 0, angle), shift (2, -4) at twice the pixel size, split 0, 1, … */
function dataset(count: number, extra: Record<string, number> = {}): CsDataset {
  const names = [...CTF.map((name) => `ctf/${name}`), "blob/psize_A", "alignments3D/psize_A", ...Object.keys(extra)];
  const values = [...CTF_VALUES, 1.5, 3, ...Object.values(extra)];
  const fields = names.map((name) => `('${name}', '<f4')`).join(", ");
  const descr = `[('uid', '<u8'), ('blob/path', '|S8'), ('blob/idx', '<u4'), ('alignments3D/split', '<u4'), ('alignments3D/pose', '<f4', (3,)), ('alignments3D/shift', '<f4', (2,)), ${fields}]`;
  const bytes = makeNpy(descr, count, (view, i) => {
    view.setBigUint64(0, BigInt(1000 + i), true);
    new Uint8Array(view.buffer, view.byteOffset + 8, 8).set(new TextEncoder().encode(">J1/a"));
    view.setUint32(16, i, true);
    view.setUint32(20, i % 2, true);
    [0, 0, 0.1 * (i + 1), 2, -4, ...values].forEach((value, at) => {
      view.setFloat32(24 + 4 * at, value, true);
    });
  });
  return readCs(bytesReader(bytes, "x.cs"));
}

function passthrough(uids: readonly bigint[]): CsDataset {
  const bytes = makeNpy("[('uid', '<u8'), ('ctf/phase_shift_rad', '<f4')]", uids.length, (view, i) => {
    view.setBigUint64(0, uids[i]!, true);
    view.setFloat32(8, Number(uids[i]!) / 1000, true);
  });
  return readCs(bytesReader(bytes, "passthrough.cs"));
}

describe("data sets that cannot be refined are refused", () => {
  test("fields that live in the passthrough file are named", () => {
    expect(() => particlesFromCs(passthrough([1n]))).toThrow(DataError);
    expect(() => particlesFromCs(passthrough([1n]))).toThrow(/no field blob\/path, blob\/idx.*passthrough file/);
  });
  test("a passthrough file of other particles", () => {
    expect(() => particlesFromCs(dataset(2), [passthrough([1000n])])).toThrow(
      /1 of the 2 particles of x.cs are not in it/,
    );
  });
  test("aberrations", () => {
    expect(() => particlesFromCs(dataset(2, { "ctf/bfactor": 20 }))).toThrow(
      /ctf\/bfactor is 20: a CTF B-factor is not modelled/,
    );
    expect(particlesFromCs(dataset(2, { "ctf/bfactor": 20 }), [], { ignoreAberrations: true }).count).toBe(2);
  });
  test("no particles", () => {
    expect(() => particlesFromCs(dataset(0))).toThrow(/no particles/);
  });
});

test("a rotation vector turns image axes into volume axes by the right hand", () => {
  const matrix = new Float64Array(9);
  // A quarter turn about z takes x to y.
  quaternionToMatrixInto(matrix, 0, rotationsOf(Float64Array.of(0, 0, Math.PI / 2)), 0);
  expect([matrix[0], matrix[3], matrix[6]].map((value) => Math.round(value! * 1e9) / 1e9)).toEqual([0, 1, 0]);
  expect([...rotationsOf(new Float64Array(3))]).toEqual([1, 0, 0, 0]);
  const tiny = rotationsOf(Float64Array.of(1e-13, 0, 0));
  expect(tiny[1]).toBeCloseTo(5e-14, 20);
});

test("poses, shifts, half-sets and paths become the program's", () => {
  const table = particlesFromCs(dataset(3));
  expect(table.stackPaths).toEqual(["J1/a"]);
  expect([...table.imageSlice]).toEqual([0, 1, 2]);
  expect([...table.randomSubset]).toEqual([1, 2, 1]);
  // 2 px of 3 Å are 4 px of 1.5 Å; the shift is minus the origin.
  expect([...table.shiftPx.subarray(0, 2)]).toEqual([-4, 8]);
  expect(table.rotation[3]).toBeCloseTo(Math.sin(0.05), 7);
  expect(table.opticsGroups).toHaveLength(1);
});

test("passthrough fields are joined by uid, in any order", () => {
  const table = particlesFromCs(dataset(3), [passthrough([1002n, 1000n, 7n, 1001n])]);
  [1, 1.001, 1.002].forEach((expected, i) => {
    expect(table.phaseShiftRad[i]).toBeCloseTo(expected, 6);
  });
});

test("a .cs data set written as STAR is the same table", () => {
  const table = particlesFromCs(dataset(3));
  const again = particlesFromStar(particlesToStar(table));
  expect([...again.randomSubset]).toEqual([...table.randomSubset]);
  again.rotation.forEach((value, i) => {
    expect(value).toBeCloseTo(table.rotation[i]!, 8);
  });
  expect([...again.shiftPx]).toEqual([...table.shiftPx]);
  expect([again.imageName(2), again.opticsGroups[0]!.voltageKv]).toEqual(["000003@J1/a", 300]);
});

const FILES = ["cs/empiar_10076_7.cs", "cs/empiar_10076_7.star"];
test.skipIf(!hasSharedData(...FILES))("the same seven particles of EMPIAR-10076 agree as .cs and as .star", () => {
  const cs = particlesFromCs(readCsFile(sharedData(FILES[0]!)));
  const star = particlesFromStar(readStarFile(sharedData(FILES[1]!)));
  expect(cs.count).toBe(star.count);
  expect([cs.stackPaths, [...cs.imageSlice]]).toEqual([star.stackPaths, [...star.imageSlice]]);
  for (let i = 0; i < 7; i++) {
    // The .cs file holds float32, the STAR file one decimal.
    expect(Math.abs(cs.defocusUA[i]! - star.defocusUA[i]!)).toBeLessThan(0.06);
    expect(Math.abs(cs.defocusVA[i]! - star.defocusVA[i]!)).toBeLessThan(0.06);
    expect(cs.defocusAngleRad[i]).toBeCloseTo(star.defocusAngleRad[i]!, 5);
    expect(cs.phaseShiftRad[i]).toBe(star.phaseShiftRad[i]);
  }
  const [a, b] = [cs.opticsGroups[0]!, star.opticsGroups[0]!];
  expect([a.voltageKv, a.sphericalAberrationMm].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
    b.voltageKv,
    b.sphericalAberrationMm,
  ]);
  expect(a.amplitudeContrast).toBeCloseTo(b.amplitudeContrast, 6);
  expect(a.pixelSizeA).toBeCloseTo(b.pixelSizeA, 4);
  expect([a.boxPx, a.imageSign]).toEqual([320, -1]);
});
