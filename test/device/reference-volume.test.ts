import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, makeSignal, runOp, withDevice } from "./backends.ts";

// float32 transform of numbers of order 1.
const VOLUME_TOLERANCE = 1e-6;

const call =
  (boxPx: number, paddingFactor: number, volumeRadiusPx: number): Parameters<typeof runOp>[2] =>
  (device, b) =>
    device.referenceVolume({ boxPx, paddingFactor, volumeRadiusPx, map: b["map"]!, volume: b["volume"]! });

const arrays = (map: Float32Array, radiusPx: number) => ({
  map,
  volume: new Float32Array(2 * fourierBoxOfRadius(radiusPx).voxelCount).fill(9),
});

/** Product of sinc² along the axes: what the op divides by. */
function interpolationLoss(i: number, boxPx: number, sizePx: number): number {
  const axis = (x: number) => {
    const a = (Math.PI * (x - boxPx / 2)) / sizePx;
    return a === 0 ? 1 : (Math.sin(a) / a) ** 2;
  };
  return axis(i % boxPx) * axis(Math.floor(i / boxPx) % boxPx) * axis(Math.floor(i / (boxPx * boxPx)));
}

test("wrong shapes are refused at the door", async () => {
  await withDevice(BACKENDS[0]!.open, async (device) => {
    const map = device.allocate("f32", 8 ** 3);
    const volume = device.allocate("f32", 2 * fourierBoxOfRadius(5).voxelCount);
    const args = { map, volume, boxPx: 8, paddingFactor: 2, volumeRadiusPx: 5 };
    device.referenceVolume(args);
    expect(() => device.referenceVolume({ ...args, boxPx: 10 })).toThrow(ShapeError);
    expect(() => device.referenceVolume({ ...args, boxPx: 7 })).toThrow(UsageError);
    expect(() => device.referenceVolume({ ...args, volumeRadiusPx: 6 })).toThrow(ShapeError);
    expect(() => device.referenceVolume({ ...args, paddingFactor: 1.3 })).toThrow(UsageError);
    expect(() => device.referenceVolume({ ...args, paddingFactor: 0.5 })).toThrow(UsageError);
  });
});

describe.each(BACKENDS)("$name", ({ open }) => {
  test("a point at the box centre is 1 at every frequency below Nyquist and 0 beyond", async () => {
    const map = new Float32Array(8 ** 3);
    map[(4 * 8 + 4) * 8 + 4] = 1;
    const { volume } = await runOp(open, arrays(map, 9), call(8, 2, 9), ["volume"]);
    const box = fourierBoxOfRadius(9);
    for (const [x, y, z] of [
      [0, 0, 0],
      [7, 7, 7],
      [3, -7, 5],
      [0, 7, -7],
      [8, 0, 0],
      [0, -8, 1],
      [10, 10, 10],
    ] as const) {
      const place = 2 * fourierBoxIndex(box, x, y, z);
      const isInside = Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) < 8;
      expect(volume[place]).toBeCloseTo(isInside ? 1 : 0, 6);
      expect(volume[place + 1]).toBeCloseTo(0, 6);
    }
  });

  test("the plane z = 0 is the transform of the map's projection along z", async () => {
    const n = 12;
    const size = 24;
    const signal = makeSignal(n ** 3, 2);
    const map = signal.map((v, i) => v * interpolationLoss(i, n, size));
    const { volume } = await runOp(open, arrays(map, 11), call(n, 2, 11), ["volume"]);
    const box = fourierBoxOfRadius(11);
    for (const [kx, ky] of [
      [0, 0],
      [1, 0],
      [0, 3],
      [2, -5],
      [5, 4],
    ] as const) {
      let [re, im] = [0, 0];
      for (let i = 0; i < n ** 3; i++) {
        const dot = kx * ((i % n) - n / 2) + ky * ((Math.floor(i / n) % n) - n / 2);
        re += signal[i]! * Math.cos((2 * Math.PI * dot) / n);
        im -= signal[i]! * Math.sin((2 * Math.PI * dot) / n);
      }
      const place = 2 * fourierBoxIndex(box, 2 * kx, 2 * ky, 0);
      // 1e-4: float32 sum of 1,728 numbers of order 1
      expect(Math.abs(Number(volume[place]) - re)).toBeLessThan(1e-4);
      expect(Math.abs(Number(volume[place + 1]) - im)).toBeLessThan(1e-4);
    }
  });
});

test("the native kernels agree with the reference, whatever the number of threads", async () => {
  for (const [n, padding, radius] of [
    [8, 2, 5],
    [10, 2, 11],
    [10, 1, 4],
    [8, 1.5, 7],
  ] as const) {
    const data = arrays(makeSignal(n ** 3, n), radius);
    await expectBackendsAgree(data, call(n, padding, radius), ["volume"], VOLUME_TOLERANCE);
    await expectThreadsAgree(data, call(n, padding, radius), ["volume"]);
  }
});
