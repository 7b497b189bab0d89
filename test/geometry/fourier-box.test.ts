import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import {
  boxFromHalfComplexInto,
  fourierBoxFor,
  fourierBoxIndex,
  fourierBoxOfRadius,
  halfComplexFromBoxInto,
} from "../../src/geometry/fourier-box.ts";
import { friedelWeight, halfLength, makeVolumeShells, signedFrequency } from "../../src/geometry/shells.ts";

describe("the Fourier box", () => {
  test("wrong lengths, odd centred sides and impossible radii are refused", () => {
    const box = fourierBoxOfRadius(2);
    const contents = new Float32Array(2 * box.voxelCount);
    const transform = new Float32Array(2 * 8 * 8 * 5);
    expect(() => boxFromHalfComplexInto(contents.subarray(2), box, transform, 8, false)).toThrow(ShapeError);
    expect(() => boxFromHalfComplexInto(contents, box, transform.subarray(2), 8, false)).toThrow(ShapeError);
    expect(() => boxFromHalfComplexInto(contents, box, new Float32Array(2 * 7 * 7 * 4), 7, true)).toThrow(UsageError);
    expect(() => fourierBoxOfRadius(-1)).toThrow(UsageError);
    expect(() => fourierBoxFor(-1, 2)).toThrow(UsageError);
    expect(() => fourierBoxFor(3, 0.5)).toThrow(UsageError);
  });

  test("every neighbour of every point that a shell can reach has its own address", () => {
    const [maxShell, padding] = [6, 2];
    const box = fourierBoxFor(maxShell, padding);
    expect(box).toMatchObject({ radiusPx: 13, sizeX: 15, sizeY: 29, sizeZ: 29, voxelCount: 15 * 29 * 29 });
    const reach = padding * (maxShell + 0.5);
    const [low, high] = [Math.floor(-reach), Math.floor(reach - 1e-9) + 1];
    const seen = new Set<number>();
    for (let z = low; z <= high; z++) {
      for (let y = low; y <= high; y++) for (let x = 0; x <= high; x++) seen.add(fourierBoxIndex(box, x, y, z));
    }
    expect(seen.size).toBe((high + 1) * (high - low + 1) ** 2);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...seen)).toBeLessThan(box.voxelCount);
    expect(fourierBoxIndex(box, box.sizeX - 1, 14, 14)).toBe(box.voxelCount - 1);
  });

  test.each([
    [8, 2, false],
    [8, 9, true],
    [9, 3, false],
    [12, 4, true],
  ])(
    "side %i, radius %i: a voxel goes to the address of its signed frequency and comes back",
    (side, radiusPx, isCentred) => {
      const box = fourierBoxOfRadius(radiusPx);
      const length = halfLength(side);
      const transform = Float32Array.from({ length: 2 * side * side * length }, (_, i) => i + 1);
      const contents = new Float32Array(2 * box.voxelCount).fill(7);
      boxFromHalfComplexInto(contents, box, transform, side, isCentred);
      const back = new Float32Array(transform.length).fill(7);
      halfComplexFromBoxInto(back, side, contents, box, isCentred);
      const edge = Math.min(radiusPx + 1, Math.floor((side - 1) / 2));
      let inside = 0;
      for (let iz = 0, o = 0; iz < side; iz++) {
        for (let iy = 0; iy < side; iy++) {
          for (let x = 0; x < length; x++, o++) {
            const [y, z] = [signedFrequency(iy, side), signedFrequency(iz, side)];
            const isInside = x <= edge && Math.abs(y) <= edge && Math.abs(z) <= edge;
            expect(back[2 * o]).toBe(isInside ? transform[2 * o] : 0);
            expect(back[2 * o + 1]).toBe(isInside ? transform[2 * o + 1] : 0);
            if (!isInside) continue;
            inside++;
            const sign = isCentred && (x + y + z) % 2 !== 0 ? -1 : 1;
            expect(contents[2 * fourierBoxIndex(box, x, y, z)]).toBe(sign * transform[2 * o]!);
          }
        }
      }
      expect(contents.filter((value) => value !== 0).length).toBe(2 * inside);
    },
  );
});

describe("shells of half-complex volumes", () => {
  test.each([6, 7])("Friedel weights count every voxel of a %i³ transform once", (boxPx) => {
    const shells = makeVolumeShells(boxPx);
    const counted = new Map<number, number>();
    for (let o = 0; o < shells.length; o++) {
      const weight = friedelWeight(o % halfLength(boxPx), boxPx);
      counted.set(shells[o]!, (counted.get(shells[o]!) ?? 0) + weight);
    }
    const direct = new Map<number, number>();
    for (let i = 0; i < boxPx ** 3; i++) {
      const k = [i % boxPx, Math.floor(i / boxPx) % boxPx, Math.floor(i / boxPx ** 2)];
      const shell = Math.round(Math.hypot(...k.map((index) => signedFrequency(index, boxPx))));
      direct.set(shell, (direct.get(shell) ?? 0) + 1);
    }
    expect(counted).toEqual(direct);
  });
});
