import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { DeviceBuffer } from "../../src/device/buffer.ts";
import { openDevice } from "../../src/device/open.ts";
import { kernelAt, rotationDensity } from "../../src/device/ops/cloud/kernel.ts";
import { peakDensity3, studentRadius3, tailMass3 } from "../../src/device/ops/cloud/student-t.ts";
import { systematicPicksInto } from "../../src/device/ops/cloud/systematic-resampling.ts";
import type { ProposePointsArgs } from "../../src/device/ops/propose-points.ts";
import type { Device } from "../../src/device/types.ts";
import { uniformRotationInto } from "../../src/geometry/quaternion.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, NATIVE_BACKENDS, runOp } from "./backends.ts";

// float32 against float64: quaternions to 1e-7, densities to 1e-5 of their value; rms over the points.
const KERNEL_TOLERANCE = 2e-5;
// Monte Carlo integrals: 4 standard errors of the sample sizes below.
const INTEGRAL_TOLERANCE = 0.06;

const C1 = Float32Array.of(1, 0, 0, 0);
const D2 = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

interface Scene {
  readonly images: number;
  readonly rotations: number;
  readonly shifts: number;
  readonly parents: number;
  readonly degreesOfFreedom: number;
  readonly kernel: readonly number[];
  readonly symmetry: Float32Array;
}

const plain: Scene = {
  images: 5,
  rotations: 21,
  shifts: 3,
  parents: 13,
  degreesOfFreedom: 4,
  kernel: [0.03, 0.01, 0.02, -0.004, 0.003, 0.025, 0.2, -0.1, 0.05, 0.4, 0.1, 0.15, -0.2, 0.1, 0.3],
  symmetry: C1,
};

function makeArrays(scene: Scene) {
  const parents = scene.images * scene.parents;
  const parentRotations = makeNormals(4 * parents, 3);
  for (let i = 0; i < parents; i++) {
    const length = Math.hypot(...parentRotations.subarray(4 * i, 4 * i + 4));
    for (let j = 0; j < 4; j++) parentRotations[4 * i + j]! /= length;
  }
  const parentWeights = makeNormals(parents, 4).map((v) => v * v);
  for (let image = 0; image < scene.images; image++) {
    const row = parentWeights.subarray(image * scene.parents, (image + 1) * scene.parents);
    if (scene.parents > 2) row[1] = 0;
    const total = row.reduce((sum, w) => sum + w, 0);
    row.forEach((w, j) => {
      row[j] = w / total;
    });
  }
  const points = scene.images * scene.rotations * scene.shifts;
  return {
    active: Int32Array.from({ length: scene.images }, (_, i) => i),
    rotations: new Float32Array(4 * scene.images * scene.rotations),
    shiftsPx: new Float32Array(2 * points),
    parentRotations,
    parentShiftsPx: makeNormals(2 * parents, 5),
    parentWeights,
    kernel: Float32Array.from({ length: 15 * scene.images }, (_, i) => scene.kernel[i % 15]!),
    symmetry: scene.symmetry,
    key: Uint32Array.from({ length: 2 * scene.images }, (_, i) => 1000 + i),
    logProposal: new Float32Array(points),
  };
}

const makeCall =
  (scene: Scene, change: Partial<ProposePointsArgs> = {}) =>
  (device: Device, buffers: Readonly<Record<string, DeviceBuffer>>): void => {
    device.proposePoints({
      activeCount: scene.images,
      rotationsPerImage: scene.rotations,
      shiftsPerRotation: scene.shifts,
      parentCount: scene.parents,
      degreesOfFreedom: scene.degreesOfFreedom,
      symmetryCount: scene.symmetry.length / 4,
      stream: 3,
      phase: 2,
      ...buffers,
      ...change,
    } as unknown as ProposePointsArgs);
  };

const outputs = ["rotations", "shiftsPx", "logProposal"] as const;

async function propose(open: () => Device, scene: Scene, arrays = makeArrays(scene)) {
  const results = await runOp(open, arrays, makeCall(scene), outputs);
  return results as Record<(typeof outputs)[number], Float32Array>;
}

describe("wrong calls are refused before anything runs", () => {
  test.each([
    ["kernel", { kernel: new Float32Array(15) }],
    ["parentWeights", { parentWeights: new Float32Array(9) }],
    ["logProposal", { logProposal: new Float32Array(9) }],
    ["key", { key: new Float32Array(10) }],
    ["symmetry", { symmetry: new Float32Array(3) }],
  ] as const)("%s of another shape or type", async (name, change) => {
    const call = runOp(
      () => openDevice({ kind: "reference" }),
      { ...makeArrays(plain), ...change },
      makeCall(plain),
      [],
    );
    await expect(call).rejects.toThrow(ShapeError);
    await expect(call).rejects.toThrow(`proposePoints: ${name}`);
  });

  test.each([
    { degreesOfFreedom: 4.5 },
    { degreesOfFreedom: 0 },
    { degreesOfFreedom: 33 },
    { parentCount: 0 },
    { stream: -1 },
  ])("%o", async (change) => {
    const call = runOp(() => openDevice({ kind: "reference" }), makeArrays(plain), makeCall(plain, change), []);
    await expect(call).rejects.toThrow(UsageError);
  });
});

test.each([
  [4, [0.3, 0, 0.3, 0, 0, 0.3]],
  [5, [1.2, 0.3, 0.7, -0.2, 0.1, 0.5]],
  [6, [2, 0, 2, 0, 0, 2]],
] as const)("the rotation kernel integrates to 1 over SO(3): nu %i, factor %o", (nu, factor) => {
  const kernel = kernelAt(Float32Array.of(...factor, 0, 0, 0, 1, 0, 0, 0, 0, 1), 0, nu);
  const q = new Float64Array(4);
  let sum = 0;
  const side = 40; // regular in the three uniforms: a lattice integrates a smooth density far better than random points
  for (let i = 0; i < side ** 3; i++) {
    const u = [i % side, Math.floor(i / side) % side, Math.floor(i / side ** 2)].map((n) => (n + 0.5) / side);
    uniformRotationInto(q, 0, u[0]!, u[1]!, u[2]!);
    sum += rotationDensity(kernel, q);
  }
  expect(Math.abs(sum / side ** 3 - 1)).toBeLessThan(0.02);
});

test.each([1, 2, 4, 5, 32])("the ball of a Student t holds the share of the mass it was asked for: nu %i", (nu) => {
  for (const u of [0.3, 0.5, 0.9, 0.999, 1 - 1e-8]) {
    expect(1 - tailMass3(nu, studentRadius3(nu, u) ** 2)).toBeCloseTo(u, 7);
  }
  // Near the centre the density is that of the peak.
  const tiny = (4 / 3) * Math.PI * studentRadius3(nu, 1e-9) ** 3 * peakDensity3(nu);
  expect(tiny / 1e-9).toBeCloseTo(1, 4);
});

test("systematic resampling takes each item as often as its share, to within one, in order", () => {
  const weights = Float64Array.of(0, 0.3, 0.05, 0, 0.65, 0);
  const picks = new Int32Array(40);
  for (const offset of [0.001, 0.5, 0.999]) {
    systematicPicksInto(picks, weights, offset);
    const counts = weights.map((_, item) => picks.filter((pick) => pick === item).length);
    counts.forEach((count, item) => {
      expect(Math.abs(count - 40 * weights[item]!)).toBeLessThan(1);
    });
    expect(Array.from(picks)).toEqual(Array.from(picks).sort((a, b) => a - b));
  }
});

describe.each(BACKENDS)("proposePoints on $name", (backend) => {
  const many = backend.kind === "reference" ? 8 : 40;

  test.each([
    ["C1", C1, 4],
    ["D2", D2, 5],
  ] as const)(
    "draws from the density it states, %s: the mean of 1/density over a region is its volume",
    async (_, symmetry, nu) => {
      // Kernels wide enough to reach everywhere: the region is all rotations (volume 1) and a disc of radius 2 px.
      const kernel = [0.9, 0.2, 0.7, 0, -0.1, 0.8, 0.4, -0.3, 0.2, 1.5, 0, 0.3, -0.4, 0.4, 1.2];
      const scene: Scene = {
        ...plain,
        images: many,
        rotations: 256,
        shifts: 4,
        parents: 2,
        degreesOfFreedom: nu,
        kernel,
        symmetry,
      };
      const arrays = makeArrays(scene);
      arrays.parentShiftsPx.fill(0);
      const { shiftsPx, logProposal } = await propose(backend.open, scene, arrays);
      let sum = 0;
      logProposal.forEach((value, i) => {
        if (Math.hypot(shiftsPx[2 * i]!, shiftsPx[2 * i + 1]!) < 2) sum += Math.exp(-value);
      });
      expect(Math.abs(sum / logProposal.length / (4 * Math.PI) - 1)).toBeLessThan(INTEGRAL_TOLERANCE);
    },
  );

  test("two separate parents get points in proportion, each with its share of the density", async () => {
    const kernel = [0.01, 0, 0.01, 0, 0, 0.01, 0, 0, 0, 0.05, 0, 0, 0, 0, 0.05];
    const scene: Scene = { ...plain, images: 1, rotations: 100, shifts: 2, parents: 2, kernel };
    const arrays = makeArrays(scene);
    arrays.parentRotations.set([1, 0, 0, 0, 0, 1, 0, 0]);
    arrays.parentShiftsPx.set([5, 0, -5, 0]);
    arrays.parentWeights.set([0.25, 0.75]);
    const { rotations, shiftsPx, logProposal } = await propose(backend.open, scene, arrays);
    const single = kernelAt(arrays.kernel, 0, 4);
    let first = 0;
    for (let m = 0; m < 100; m++) {
      const isFirst = Math.abs(rotations[4 * m]!) > 0.7;
      if (isFirst) first++;
      const parent = arrays.parentRotations.subarray(isFirst ? 0 : 4, isFirst ? 4 : 8);
      const [pw, px] = [parent[0]!, -parent[1]!];
      const [w, x, y, z] = Float64Array.from(rotations.subarray(4 * m, 4 * m + 4)) as unknown as [
        number,
        number,
        number,
        number,
      ];
      const relative = Float64Array.of(pw * w - px * x, pw * x + px * w, pw * y - px * z, pw * z + px * y);
      for (let s = 0; s < 2; s++) {
        const at = 2 * (2 * m + s);
        const [dx, dy] = [shiftsPx[at]! - (isFirst ? 5 : -5), shiftsPx[at + 1]!];
        const shiftDensity = (1 + (dx * dx + dy * dy) / 0.05 ** 2 / 4) ** -3 / (2 * Math.PI * 0.05 ** 2);
        const expected = Math.log((isFirst ? 0.25 : 0.75) * rotationDensity(single, relative) * shiftDensity);
        expect(logProposal[2 * m + s]!).toBeCloseTo(expected, 2);
      }
    }
    expect(first).toBe(25);
  });

  test("a parent replaced by its symmetry mate changes no density", async () => {
    const scene: Scene = { ...plain, symmetry: D2 };
    const arrays = makeArrays(scene);
    const mates = makeArrays(scene);
    for (let j = 0; j < mates.parentRotations.length / 4; j += 2) {
      const [w, x, y, z] = arrays.parentRotations.subarray(4 * j, 4 * j + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      mates.parentRotations.set([-x, w, -z, y], 4 * j); // i · q: half a turn about x
    }
    const [before, after] = [await propose(backend.open, scene, arrays), await propose(backend.open, scene, mates)];
    for (let i = 0; i < before.logProposal.length; i++) {
      expect(Math.abs(after.logProposal[i]! - before.logProposal[i]!)).toBeLessThan(2e-3);
    }
  });
});

describe("the kernel agrees with the reference", () => {
  test.each([
    ["nu 4", {}],
    ["nu 1, one parent", { degreesOfFreedom: 1, parents: 1 }],
    ["nu 5, many parents, one shift", { degreesOfFreedom: 5, parents: 100, shifts: 1 }],
    ["nu 32", { degreesOfFreedom: 32, parents: 8 }],
    ["D2, nu 6", { symmetry: D2, degreesOfFreedom: 6 }],
    [
      "D2, a kernel over half the sphere",
      { symmetry: D2, kernel: [1, 0.2, 0.9, 0, 0.1, 1.1, 0.5, 0, 0.4, 3, 0, 0.6, 0.2, 0, 2] },
    ],
    ["a kernel of 0", { kernel: [0.02, 0, 0.02, 0, 0, 0.02, 0, 0, 0, 0, 0, 0, 0, 0, 0], parents: 1 }],
  ] as const)("%s", async (_, change) => {
    const scene: Scene = { ...plain, ...change };
    await expectBackendsAgree(makeArrays(scene), makeCall(scene), outputs, KERNEL_TOLERANCE);
  });

  test("parents of which many are equal, as a phase that weighs leaves them", async () => {
    const scene: Scene = { ...plain, parents: 40, symmetry: D2, degreesOfFreedom: 8 };
    const arrays = makeArrays(scene);
    for (let parent = 0; parent < scene.images * scene.parents; parent++) {
      const first = parent - (parent % scene.parents);
      const like = first + (parent % scene.parents < 30 ? parent % 3 : (parent % scene.parents) - 20);
      arrays.parentRotations.copyWithin(4 * parent, 4 * like, 4 * like + 4);
      arrays.parentShiftsPx.copyWithin(2 * parent, 2 * like, 2 * like + 2);
    }
    await expectBackendsAgree(arrays, makeCall(scene), outputs, KERNEL_TOLERANCE);
  });
});

test("the bytes do not depend on threads, nor the points on the instruction set", async () => {
  await expectThreadsAgree(makeArrays(plain), makeCall(plain), outputs);
  const first = await propose(NATIVE_BACKENDS[0]!.open, plain);
  for (const backend of NATIVE_BACKENDS.slice(1)) {
    const { rotations, shiftsPx } = await propose(backend.open, plain);
    expect(rotations).toEqual(first.rotations);
    expect(shiftsPx).toEqual(first.shiftsPx);
  }
});
