import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { HostArray } from "../../src/device/buffer.ts";
import { TILE_FLOATS } from "../../src/device/ops/tile-insert.ts";
import { makeBandTiles } from "../../src/geometry/band-tiles.ts";
import { type FourierBox, fourierBoxFor, fourierBoxIndex } from "../../src/geometry/fourier-box.ts";
import { BACKENDS, bytesOf, NATIVE_BACKENDS, relativeError, runOp, withDevice } from "./backends.ts";
import { insertArgs, inserted, PADDING, withAccumulator } from "./insert-scene.ts";
import { makePointScene, type PointScene } from "./point-scene.ts";
import { TILE_CASES } from "./tile-cases.ts";

// Clusters of near rotations go tile by tile.

// Float32 values and coordinates, summed in float32 by the kernels, against float64.
const TOLERANCE = 1e-6;

/** A cloud of rotations per image, some of them far off. */
function cloudScene(rotationsPerImage: number, change: Parameters<typeof makePointScene>[0] = {}): PointScene {
  const scene = makePointScene({ rotationsPerImage, ...change });
  const rotations = scene.arrays["rotations"] as Float32Array;
  for (let i = 0; i < rotations.length / 4; i++) {
    const leader = 4 * (i - (i % rotationsPerImage));
    if (i % rotationsPerImage === 0 || i % 5 === 4) continue;
    for (let c = 0; c < 4; c++) rotations[4 * i + c] = rotations[leader + c]! + 0.05 * rotations[4 * i + c]!;
  }
  return scene;
}

/** F and T as numbers, the plane x = 0 completed with its conjugated mates. */
function completed(accumulator: BigInt64Array, box: FourierBox): Float64Array {
  const out = Float64Array.from(accumulator, Number);
  const edge = box.radiusPx + 1;
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      const [at, mate] = [3 * fourierBoxIndex(box, 0, y, z), 3 * fourierBoxIndex(box, 0, -y, -z)];
      out[at]! += Number(accumulator[mate]);
      out[at + 1]! -= Number(accumulator[mate + 1]);
      out[at + 2]! += Number(accumulator[mate + 2]);
    }
  }
  return out;
}

test("native insert of many rotations agrees with the reference, with and without CTF", async () => {
  for (const scene of [
    cloudScene(8),
    cloudScene(9, { hasCtf: false, boxPx: 26, maxShell: 12, shellCount: 13 }),
    cloudScene(33, { shiftsPerRotation: 5, activeCount: 2 }),
  ]) {
    const { box } = withAccumulator(scene);
    const wanted = completed(await inserted(BACKENDS[0]!, scene), box);
    for (const backend of NATIVE_BACKENDS) {
      const got = completed(await inserted(backend, scene), box);
      expect(relativeError(got, wanted), backend.name).toBeLessThan(TOLERANCE);
    }
  }
});

describe.each(BACKENDS)("insert of many rotations on $name", (backend) => {
  test("gives what one insertion per rotation gives, once the plane x = 0 is completed", async () => {
    const scene = cloudScene(9);
    const { box, arrays } = withAccumulator(scene);
    const together = await inserted(backend, scene);
    const { accumulator } = await runOp(
      backend.open,
      arrays,
      (device, buffers) => {
        const perPoint = { rotations: 4, shiftsPx: 2 * 2, weights: 2 };
        for (let m = 0; m < 9; m++) {
          const own = Object.entries(perPoint).map(([name, width]) => {
            const all = scene.arrays[name] as Float32Array;
            const rows = Array.from({ length: scene.activeCount }, (_, row) => {
              const first = (row * 9 + m) * width;
              return [...all.subarray(first, first + width)];
            });
            return [name, device.upload(Float32Array.from(rows.flat()))];
          });
          const cut = { ...buffers, ...Object.fromEntries(own) };
          device.insert({ ...insertArgs(scene, cut, box.radiusPx), rotationsPerImage: 1 });
        }
      },
      ["accumulator"],
    );
    const wanted = completed(accumulator as BigInt64Array, box);
    expect(relativeError(completed(together, box), wanted)).toBeLessThan(TOLERANCE);
  });

  test("images in two calls, in another order, give the same bytes as in one", async () => {
    const scene = cloudScene(9, { activeCount: 4 });
    const whole = await inserted(backend, scene);
    const { box, arrays } = withAccumulator(scene);
    const perRow = { rotations: 4 * 9, shiftsPx: 2 * 9 * 2, weights: 9 * 2, active: 1 };
    const { accumulator } = await runOp(
      backend.open,
      arrays,
      (device, buffers) => {
        for (const [first, end] of [
          [3, 4],
          [0, 3],
        ] as const) {
          const cut = Object.entries(perRow).map(([name, width]) => {
            return [name, device.upload(scene.arrays[name]!.slice(first * width, end * width) as HostArray)];
          });
          const own = { ...buffers, ...Object.fromEntries(cut) };
          device.insert({ ...insertArgs(scene, own, box.radiusPx), activeCount: end - first });
        }
      },
      ["accumulator"],
    );
    expect(bytesOf(accumulator).equals(bytesOf(whole))).toBe(true);
  });

  test("a value that is not finite, or too large for the fixed point, fails the op; weights of 0 add nothing", async () => {
    const scene = cloudScene(9);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      const images = (scene.arrays["images"] as Float32Array).slice();
      images[2 * 2 * scene.band.pixelCount + 5] = bad;
      await expect(inserted(backend, scene, { images })).rejects.toThrow(/insert.*finite.*2\^51/s);
    }
    const nothing = await inserted(backend, scene, { weights: new Float32Array(scene.arrays["weights"]!.length) });
    expect(nothing.every((value) => value === 0n)).toBe(true);
    const rejected = await inserted(backend, scene, { imageWeight: new Float32Array(scene.imageCount) });
    expect(rejected.every((value) => value === 0n)).toBe(true);
  });

  test("wrong tiles and buffers are refused", async () => {
    const { arrays, numbers } = TILE_CASES.insertTiles;
    await withDevice(backend.open, async (device) => {
      const buffers = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, device.upload(data)]));
      const args = { ...numbers, ...buffers } as unknown as Parameters<typeof device.insertTiles>[0];
      const short = device.upload(new Float32Array(1));
      expect(() => device.insertTiles({ ...args, planes: short })).toThrow(ShapeError);
      expect(() => device.insertTiles({ ...args, rowCount: 0 })).toThrow(UsageError);
      expect(() => device.insertTiles({ ...args, paddingFactor: 0 })).toThrow(UsageError);
    });
  });
});

test.each(NATIVE_BACKENDS)("$name: every row that a tile touches is one of those named for it", async (backend) => {
  const scene = cloudScene(9);
  const { box, arrays } = withAccumulator(scene);
  const tileCount = makeBandTiles({
    ...scene.band,
    shellCount: scene.shellCount,
    paddingFactor: PADDING,
    radiusPx: box.radiusPx,
  }).count;
  const tiles = scene.activeCount * tileCount;
  await withDevice(backend.open, async (device) => {
    const buffers = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, device.upload(data)]));
    const args = insertArgs(scene, buffers, box.radiusPx);
    const planes = device.allocate("f32", TILE_FLOATS * tiles);
    const rows = device.allocate("i32", 4 * tiles);
    const isLoose = device.allocate("i32", scene.activeCount * scene.rotationsPerImage);
    device.weighTiles({ ...args, tileCount, planes, rows, isLoose });
    const loose = (await device.read(isLoose)) as Int32Array;
    const named = (await device.read(rows)) as Int32Array;
    const all = (await device.read(planes)) as Float32Array;
    const accumulator = device.allocate("i64", 3 * box.voxelCount);
    const [M, T] = [scene.rotationsPerImage, scene.shiftsPerRotation];
    for (const tile of [0, 3, tileCount + 7, tiles - 1]) {
      device.fill(accumulator, 0);
      const row = Math.floor(tile / tileCount);
      const points = (name: string, width: number) =>
        device.upload(scene.arrays[name]!.slice(row * M * width, (row + 1) * M * width) as HostArray);
      device.insertTiles({
        ...{ boxPx: args.boxPx, bandKx: args.bandKx, bandKy: args.bandKy, bandShell: args.bandShell },
        ...{ pixelCount: args.pixelCount, shellCount: args.shellCount, paddingFactor: PADDING },
        ...{ accumulatorRadiusPx: box.radiusPx, firstRow: 0, rowCount: box.sizeY },
        ...{ messageImageCount: 1, messageTileCount: 1, messagePointCount: M, shiftsPerRotation: T },
        tileStart: device.upload(Int32Array.of(0, 1)),
        pointStart: device.upload(Int32Array.of(0, M)),
        tiles: device.upload(Int32Array.of(tile % tileCount)),
        planes: device.upload(all.slice(TILE_FLOATS * tile, TILE_FLOATS * (tile + 1))),
        rotations: points("rotations", 4),
        shiftsPx: points("shiftsPx", 2 * T),
        // Weights of 0 leave the loose points out.
        weights: device.upload(
          Float32Array.from(scene.arrays["weights"]!.slice(row * M * T, (row + 1) * M * T) as Float32Array, (w, i) =>
            loose[row * M + Math.floor(i / T)] === 0 ? w : 0,
          ),
        ),
        accumulator,
      });
      const sums = (await device.read(accumulator)) as BigInt64Array;
      const touched = Array.from({ length: box.sizeY }, (_, y) => y).filter((y) => {
        const length = 3 * box.sizeZ * box.sizeX;
        return sums.subarray(y * length, (y + 1) * length).some((value) => value !== 0n);
      });
      expect(touched.length).toBeGreaterThan(0);
      const [a, b, c, d] = named.subarray(4 * tile, 4 * tile + 4) as unknown as [number, number, number, number];
      for (const y of touched) expect((y >= a && y < b) || (y >= c && y < d), `tile ${tile}, row ${y}`).toBe(true);
    }
  });
});

test("native insertTiles names a tile or a start that is out of range", async () => {
  const { arrays, numbers } = TILE_CASES.insertTiles;
  const wrong = {
    tiles: (arrays["tiles"] as Int32Array).map((tile, i) => (i === 1 ? 1000 : tile)),
    pointStart: Int32Array.of(0, 12, 9),
  };
  for (const backend of NATIVE_BACKENDS) {
    for (const [name, data] of Object.entries(wrong)) {
      const call = runOp(
        backend.open,
        { ...arrays, [name]: data },
        (device, buffers) =>
          device.insertTiles({ ...numbers, ...buffers } as unknown as Parameters<typeof device.insertTiles>[0]),
        ["accumulator"],
      );
      await expect(call).rejects.toThrow(new RegExp(`${name}\\[1\\]: expected`));
    }
  }
});

test("tiles hold every inserted pixel once", () => {
  const scene = makePointScene({ boxPx: 26, maxShell: 12, shellCount: 12 });
  const radiusPx = fourierBoxFor(11, PADDING).radiusPx;
  const { source, count } = makeBandTiles({ ...scene.band, shellCount: 12, paddingFactor: PADDING, radiusPx });
  const held = [...source].filter((pixel) => pixel >= 0).sort((a, b) => a - b);
  const wanted = Array.from({ length: scene.band.pixelCount }, (_, pixel) => pixel).filter((pixel) => {
    const length = Math.hypot(scene.band.kx[pixel]!, scene.band.ky[pixel]!);
    return scene.band.shell[pixel]! < 12 && PADDING * length <= radiusPx;
  });
  expect(held).toEqual(wanted);
  expect(count * 16).toBe(source.length);
});
