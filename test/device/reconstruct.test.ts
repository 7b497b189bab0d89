import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import {
  BACKENDS,
  expectBackendsAgree,
  expectThreadsAgree,
  makeSignal,
  relativeError,
  runOp,
  withDevice,
} from "./backends.ts";

// float32 transforms; the loop repeats them, and W follows |C| where little was inserted.
const MAP_TOLERANCE = 2e-6;
const GRIDDING_TOLERANCE = 2e-5;

const N = 16;
const M = 2 * N;
const RADIUS = 17;
const MAX_SHELL = 7;
const box = fourierBoxOfRadius(RADIUS);

interface Options {
  readonly griddingIterations?: number;
  readonly prior?: number;
  readonly maxShell?: number;
}

const call =
  ({ griddingIterations = 0, maxShell = MAX_SHELL }: Options): Parameters<typeof runOp>[2] =>
  (device, b) =>
    device.reconstruct({
      ...{ boxPx: N, paddingFactor: 2, accumulatorRadiusPx: RADIUS, maxShell, griddingIterations },
      ...{ forward: b["forward"]!, weight: b["weight"]!, prior: b["prior"]!, map: b["map"]!, report: b["report"]! },
    });

function forEachVoxel(visit: (index: number, x: number, y: number, z: number) => void): void {
  const edge = RADIUS + 1;
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      for (let x = 0; x <= edge; x++) visit(fourierBoxIndex(box, x, y, z), x, y, z);
    }
  }
}

/** T between 0.2 and 1.8, symmetric on the plane x = 0. */
function unevenWeight(seed: number): Float32Array {
  const random = makeSignal(box.voxelCount, seed);
  const weight = Float32Array.from(random, (r) => 1 + 0.8 * r);
  forEachVoxel((index, x, y, z) => {
    if (x === 0) weight[index] = weight[Math.min(index, fourierBoxIndex(box, 0, -y, -z))]!;
  });
  return weight;
}

const SD_PX = 1.7;

/** F = T × the transform of a Gaussian of height 1 and sd 1.7 px at the centre. */
function gaussianArrays(weight: Float32Array, options: Options = {}) {
  const forward = new Float32Array(2 * box.voxelCount);
  forEachVoxel((index, x, y, z) => {
    const exponent = (-2 * Math.PI ** 2 * SD_PX ** 2 * (x * x + y * y + z * z)) / M ** 2;
    forward[2 * index] = weight[index]! * (2 * Math.PI * SD_PX ** 2) ** 1.5 * Math.exp(exponent);
  });
  return {
    forward,
    weight,
    prior: new Float64Array(MAX_SHELL + 1).fill(options.prior ?? 0),
    map: new Float32Array(N ** 3).fill(5),
    report: new Float64Array(2),
  };
}

/** The Gaussian over the product of sinc², which undoes what linear interpolation at insertion does. */
const EXPECTED = Float32Array.from({ length: N ** 3 }, (_, i) => {
  const axes = [i % N, Math.floor(i / N) % N, Math.floor(i / (N * N))].map((x) => x - N / 2);
  return axes.reduce((value, x) => {
    const a = (Math.PI * x) / M;
    return (value * Math.exp(-(x * x) / (2 * SD_PX ** 2))) / (x === 0 ? 1 : (Math.sin(a) / a) ** 2);
  }, 1);
});

test("wrong shapes are refused at the door", async () => {
  await withDevice(BACKENDS[0]!.open, async (device) => {
    const buffers = Object.fromEntries(
      Object.entries(gaussianArrays(unevenWeight(1))).map(([name, data]) => [name, device.upload(data)]),
    );
    for (const name of ["forward", "weight", "prior", "map", "report"]) {
      const { elementType, length } = buffers[name]!;
      const attempt = (buffer: unknown) => () => call({})(device, { ...buffers, [name]: buffer } as never);
      expect(attempt(device.allocate(elementType, length - 1)), name).toThrow(ShapeError);
      expect(attempt(device.allocate("i32", length)), name).toThrow(ShapeError);
    }
    expect(() => call({ maxShell: -1 })(device, buffers)).toThrow(UsageError);
    expect(() => call({ griddingIterations: 0.5 })(device, buffers)).toThrow(UsageError);
  });
});

describe.each(BACKENDS)("$name", ({ open }) => {
  test("a Gaussian gridded with uneven weights comes back with its height and width", async () => {
    const { map, report } = await runOp(open, gaussianArrays(unevenWeight(1)), call({}), ["map", "report"]);
    // 1e-3: in Fourier space the Gaussian is cut at the radius, where 1e-5 of its height is left on a large surface.
    expect(relativeError(map, EXPECTED)).toBeLessThan(1e-3);
    expect(Math.abs(Number(map[((N / 2) * N + N / 2) * N + N / 2]) - 1)).toBeLessThan(1e-3);
    expect(Array.from(report as Float64Array)).toEqual([0, 0]);
  });

  test("the gridding loop converges on an even density and leaves the map as it was", async () => {
    const arrays = gaussianArrays(new Float32Array(box.voxelCount).fill(3));
    const { map, report } = await runOp(open, arrays, call({ griddingIterations: 12 }), ["map", "report"]);
    expect(Number(report[0])).toBeLessThanOrEqual(12);
    expect(Number(report[0])).toBeGreaterThan(1);
    // The error is a maximum: it sits on the sharp edge of the ball.
    expect(Number(report[1])).toBeLessThan(0.2);
    expect(relativeError(map, EXPECTED)).toBeLessThan(2e-3);
  });

  test("a common factor of F and T changes nothing", async () => {
    const arrays = gaussianArrays(unevenWeight(2));
    const scaled = {
      ...arrays,
      forward: arrays.forward.map((v) => v * 2 ** -30),
      weight: arrays.weight.map((v) => v * 2 ** -30),
    };
    for (const griddingIterations of [0, 3]) {
      const { map } = await runOp(open, arrays, call({ griddingIterations }), ["map"]);
      const { map: same } = await runOp(open, scaled, call({ griddingIterations }), ["map"]);
      expect(relativeError(same, map)).toBeLessThan(1e-6);
    }
  });

  test("a prior as large as the weight halves the map", async () => {
    const even = new Float32Array(box.voxelCount).fill(0.25);
    const { map } = await runOp(open, gaussianArrays(even, { prior: 0.25 }), call({}), ["map"]);
    const { map: whole } = await runOp(open, gaussianArrays(even), call({}), ["map"]);
    expect(
      relativeError(
        (map as Float32Array).map((v) => 2 * v),
        whole,
      ),
    ).toBeLessThan(1e-6);
  });

  test("where nothing at all was inserted the map is zero", async () => {
    for (const griddingIterations of [0, 5]) {
      const arrays = gaussianArrays(new Float32Array(box.voxelCount));
      const { map } = await runOp(open, arrays, call({ griddingIterations }), ["map"]);
      expect((map as Float32Array).every((v) => v === 0)).toBe(true);
    }
  });

  test("a hole in the weights is bounded by the floor of its shell", async () => {
    const weight = unevenWeight(3);
    weight[fourierBoxIndex(box, 3, 2, 1)] = 0;
    const arrays = gaussianArrays(weight);
    arrays.forward[2 * fourierBoxIndex(box, 3, 2, 1)] = 0;
    const { map } = await runOp(open, arrays, call({ griddingIterations: 2 }), ["map"]);
    expect((map as Float32Array).every(Number.isFinite)).toBe(true);
  });

  test("shells beyond the radius are cut", async () => {
    const weight = new Float32Array(box.voxelCount).fill(1);
    const arrays = gaussianArrays(weight);
    const low = { ...arrays, forward: arrays.forward.slice() };
    forEachVoxel((index, x, y, z) => {
      if (Math.hypot(x, y, z) > 2 * 4) low.forward.fill(0, 2 * index, 2 * index + 2);
    });
    const { map } = await runOp(open, arrays, call({ maxShell: 4 }), ["map"]);
    const { map: wanted } = await runOp(open, low, call({}), ["map"]);
    expect(relativeError(map, wanted)).toBeLessThan(1e-6);
  });
});

test("the native kernels agree with the reference, whatever the number of threads", async () => {
  const arrays = gaussianArrays(unevenWeight(4));
  arrays.forward.set(makeSignal(arrays.forward.length, 9));
  for (const [griddingIterations, tolerance] of [
    [0, MAP_TOLERANCE],
    [4, GRIDDING_TOLERANCE],
  ] as const) {
    await expectBackendsAgree(arrays, call({ griddingIterations }), ["map", "report"], tolerance);
    await expectThreadsAgree(arrays, call({ griddingIterations }), ["map", "report"]);
  }
});
