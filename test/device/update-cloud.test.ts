import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { DeviceBuffer } from "../../src/device/buffer.ts";
import { openDevice } from "../../src/device/open.ts";
import { choleskyInPlace } from "../../src/device/ops/cloud/cholesky.ts";
import { SUMMARY, SUMMARY_FIELDS, type UpdateCloudArgs } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, runOp } from "./backends.ts";

// Everything inside is float64 on both sides, rounded once to float32.
const KERNEL_TOLERANCE = 1e-6;

const C1 = Float32Array.of(1, 0, 0, 0);
const D2 = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

const shape = { images: 3, rotations: 15, shifts: 3, parents: 11, symmetry: C1 };
type Shape = Omit<typeof shape, "symmetry"> & { readonly symmetry: Float32Array };

function makeArrays(scene: Shape) {
  const points = scene.images * scene.rotations * scene.shifts;
  const rotations = makeNormals(4 * scene.images * scene.rotations, 3).map((v, i) => (i % 4 === 0 ? 1 : 0.02 * v));
  for (let i = 0; i < rotations.length / 4; i++) {
    const length = Math.hypot(...rotations.subarray(4 * i, 4 * i + 4));
    for (let j = 0; j < 4; j++) rotations[4 * i + j]! /= length;
  }
  return {
    active: Int32Array.from({ length: scene.images }, (_, i) => i),
    rotations,
    shiftsPx: makeNormals(2 * points, 4),
    logLikelihood: makeNormals(points, 5),
    logProposal: makeNormals(points, 6),
    priorCentrePx: makeNormals(2 * scene.images, 7),
    priorSigmaPx: new Float32Array(scene.images).fill(1.5),
    symmetry: scene.symmetry,
    key: Uint32Array.from({ length: 2 * scene.images }, (_, i) => 1000 + i),
    kernel: Float32Array.from(
      { length: 15 * scene.images },
      (_, i) => [0.03, 0, 0.02, 0, 0.01, 0.025, 0.3, 0, -0.2, 0.9, 0, 0.1, 0, 0, 0.8][i % 15]!,
    ),
    weights: new Float32Array(points),
    parentRotations: new Float32Array(4 * scene.images * scene.parents),
    parentShiftsPx: new Float32Array(2 * scene.images * scene.parents),
    parentWeights: new Float32Array(scene.images * scene.parents),
    summary: new Float32Array(SUMMARY_FIELDS * scene.images),
  };
}

const makeCall =
  (scene: Shape, change: Partial<UpdateCloudArgs> = {}) =>
  (device: Device, buffers: Readonly<Record<string, DeviceBuffer>>): void => {
    device.updateCloud({
      activeCount: scene.images,
      rotationsPerImage: scene.rotations,
      shiftsPerRotation: scene.shifts,
      parentCount: scene.parents,
      symmetryCount: scene.symmetry.length / 4,
      temper: 1,
      perturbFactor: 0.8,
      parentSpread: 1,
      shrinkFloor: 0.5,
      minRotationRad: 1e-3,
      minShiftPx: 1e-2,
      stream: 3,
      phase: 2,
      ...buffers,
      ...change,
    } as unknown as UpdateCloudArgs);
  };

const outputs = ["weights", "summary", "parentRotations", "parentShiftsPx", "parentWeights", "kernel"] as const;
type Outputs = Record<(typeof outputs)[number], Float32Array>;

async function update(
  open: () => Device,
  scene: Shape,
  arrays = makeArrays(scene),
  change: Partial<UpdateCloudArgs> = {},
) {
  return (await runOp(open, arrays, makeCall(scene, change), outputs)) as Outputs;
}

describe("wrong calls are refused before anything runs", () => {
  test.each([
    ["summary", { summary: new Float32Array(9) }],
    ["logLikelihood", { logLikelihood: new Float64Array(200) }],
    ["parentWeights", { parentWeights: new Float32Array(2) }],
    ["kernel", { kernel: new Float32Array(15) }],
  ] as const)("%s of another shape or type", async (name, change) => {
    const call = runOp(
      () => openDevice({ kind: "reference" }),
      { ...makeArrays(shape), ...change },
      makeCall(shape),
      [],
    );
    await expect(call).rejects.toThrow(ShapeError);
    await expect(call).rejects.toThrow(`updateCloud: ${name}`);
  });

  test.each([
    { temper: 0 },
    { parentSpread: -0.1 },
    { parentSpread: 1.1 },
    { perturbFactor: Number.NaN },
    { minShiftPx: 0 },
    { parentCount: 0 },
  ])("%o", async (change) => {
    const call = runOp(() => openDevice({ kind: "reference" }), makeArrays(shape), makeCall(shape, change), []);
    await expect(call).rejects.toThrow(UsageError);
  });
});

test("the Cholesky factor of a covariance multiplies back to it", () => {
  const a = Float64Array.of(4, 1, 3, -0.5, 0.7, 2);
  const l = a.slice();
  choleskyInPlace(l, 3);
  const [l00, l10, l11, l20, l21, l22] = l as unknown as [number, number, number, number, number, number];
  const back = [
    l00 * l00,
    l10 * l00,
    l10 * l10 + l11 * l11,
    l20 * l00,
    l20 * l10 + l21 * l11,
    l20 ** 2 + l21 ** 2 + l22 ** 2,
  ];
  back.forEach((value, i) => {
    expect(value).toBeCloseTo(a[i]!, 12);
  });
});

describe.each(BACKENDS)("updateCloud on $name", (backend) => {
  test("weights are posterior over proposal; evidence, effective size and maximum follow from them", async () => {
    const arrays = makeArrays(shape);
    const { weights, summary } = await update(backend.open, shape, arrays);
    const perImage = shape.rotations * shape.shifts;
    for (let image = 0; image < shape.images; image++) {
      const raw = Array.from({ length: perImage }, (_, i) => {
        const at = image * perImage + i;
        const x = arrays.shiftsPx[2 * at]! - arrays.priorCentrePx[2 * image]!;
        const y = arrays.shiftsPx[2 * at + 1]! - arrays.priorCentrePx[2 * image + 1]!;
        const prior = Math.exp(-(x * x + y * y) / 4.5) / (4.5 * Math.PI);
        return (Math.exp(arrays.logLikelihood[at]!) * prior) / Math.exp(arrays.logProposal[at]!);
      });
      const total = raw.reduce((a, b) => a + b, 0);
      raw.forEach((w, i) => {
        expect(weights[image * perImage + i]!).toBeCloseTo(w / total, 6);
      });
      const row = summary.subarray(SUMMARY_FIELDS * image);
      expect(row[SUMMARY.logEvidence]).toBeCloseTo(Math.log(total / perImage), 5);
      expect(row[SUMMARY.effectiveSampleSize]).toBeCloseTo(total ** 2 / raw.reduce((a, b) => a + b * b, 0), 4);
      expect(row[SUMMARY.maxWeight]).toBeCloseTo(Math.max(...raw) / total, 6);
    }
  });

  test("a point that is not finite gets weight 0, and an image without a finite point fails alone", async () => {
    const arrays = makeArrays(shape);
    const perImage = shape.rotations * shape.shifts;
    arrays.logLikelihood[3] = Number.NaN;
    arrays.logLikelihood[4] = Number.POSITIVE_INFINITY;
    arrays.logProposal[5] = Number.NEGATIVE_INFINITY;
    arrays.logLikelihood.fill(Number.NaN, perImage, 2 * perImage);
    const { weights, summary, parentRotations, parentWeights, kernel } = await update(backend.open, shape, arrays);
    expect(Array.from(weights.subarray(3, 6))).toEqual([0, 0, 0]);
    expect(weights.subarray(0, perImage).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    const failed = (image: number) => summary[SUMMARY_FIELDS * image + SUMMARY.failed];
    expect([failed(0), failed(1), failed(2)]).toEqual([0, 1, 0]);
    expect(summary[SUMMARY_FIELDS + SUMMARY.logEvidence]).toBe(Number.NEGATIVE_INFINITY);
    expect(weights.subarray(perImage, 2 * perImage).every((w) => w === 0)).toBe(true);
    expect(kernel.subarray(15, 30)).toEqual(arrays.kernel.subarray(15, 30));
    const firstPoint = arrays.rotations.subarray(4 * shape.rotations, 4 * shape.rotations + 4);
    expect(parentRotations.subarray(4 * shape.parents, 4 * shape.parents + 4)).toEqual(firstPoint);
    expect(parentWeights.every((w) => Math.abs(w * shape.parents - 1) < 1e-6)).toBe(true);
  });

  test("all weight on one point: it is every parent, and the kernel shrinks to the old one's share and no further than its floor", async () => {
    const arrays = makeArrays(shape);
    arrays.logLikelihood.fill(Number.NEGATIVE_INFINITY);
    arrays.logLikelihood[7] = 0;
    const { summary, parentRotations, parentShiftsPx, kernel } = await update(backend.open, shape, arrays);
    const rotation = Math.floor(7 / shape.shifts);
    for (let j = 0; j < shape.parents; j++) {
      expect(parentRotations.subarray(4 * j, 4 * j + 4)).toEqual(
        arrays.rotations.subarray(4 * rotation, 4 * rotation + 4),
      );
      expect(parentShiftsPx.subarray(2 * j, 2 * j + 2)).toEqual(arrays.shiftsPx.subarray(14, 16));
    }
    expect(summary[SUMMARY.effectiveSampleSize]).toBeCloseTo(1, 6);
    expect(summary[SUMMARY.modeCount]).toBe(1);
    const isotropic = Math.sqrt(arrays.kernel.subarray(0, 6).reduce((a, b) => a + b * b, 0) / 3);
    expect(kernel[0]).toBeCloseTo(0.8 * 0.5 * Math.sqrt(6 / 7) * isotropic, 6);
    expect(kernel[1]).toBe(0);
    const floored = await update(backend.open, shape, arrays, { minRotationRad: 0.1, minShiftPx: 2 });
    expect([floored.kernel[0], floored.kernel[2], floored.kernel[5]].map((v) => Math.round(1e5 * v!) / 1e5)).toEqual([
      0.1, 0.1, 0.1,
    ]);
    expect([floored.kernel[9], floored.kernel[14]]).toEqual([2, 2]);
  });

  test("few effective points: the next cloud looks around a dozen of them, the weights stay those of the posterior", async () => {
    const arrays = makeArrays(shape);
    arrays.logLikelihood.forEach((_, i) => {
      arrays.logLikelihood[i] = -3 * (i % (shape.rotations * shape.shifts));
      arrays.logProposal[i] = 0;
    });
    arrays.shiftsPx.fill(0);
    const { weights, summary, parentShiftsPx, parentRotations } = await update(backend.open, shape, arrays);
    expect(weights[0]).toBeCloseTo(1 - Math.exp(-3), 5);
    expect(summary[SUMMARY.effectiveSampleSize]).toBeLessThan(1.2);
    const different = new Set(Array.from({ length: shape.parents }, (_, j) => parentRotations[4 * j]));
    expect(different.size).toBeGreaterThan(4);
    expect(parentShiftsPx.every((v) => v === 0)).toBe(true);
  });

  test("parents drawn in stand at their share of the way from their mode's mean", async () => {
    const arrays = makeArrays(shape);
    arrays.kernel.fill(2); // wide enough that all points are one mode
    arrays.logLikelihood.fill(0);
    arrays.logProposal.fill(0);
    const [as, drawn] = [
      await update(backend.open, shape, arrays),
      await update(backend.open, shape, arrays, { parentSpread: 0.25 }),
    ];
    expect(drawn.weights).toEqual(as.weights);
    expect(drawn.kernel).toEqual(as.kernel);
    for (let image = 0; image < shape.images; image++) {
      const mean = as.summary.subarray(SUMMARY_FIELDS * image + SUMMARY.shiftPx);
      for (let j = image * shape.parents; j < (image + 1) * shape.parents; j++) {
        for (let c = 0; c < 2; c++) {
          const away = as.parentShiftsPx[2 * j + c]! - mean[c]!;
          expect(drawn.parentShiftsPx[2 * j + c]! - mean[c]!).toBeCloseTo(0.25 * away, 5);
        }
        const q = as.summary.subarray(SUMMARY_FIELDS * image + SUMMARY.rotation).slice(0, 4);
        const angle = (rotations: Float32Array) => {
          const dot = q.reduce((sum, value, i) => sum + value * rotations[4 * j + i]!, 0);
          return 2 * Math.acos(Math.min(1, Math.abs(dot)));
        };
        expect(angle(drawn.parentRotations)).toBeCloseTo(0.25 * angle(as.parentRotations), 3);
      }
    }
  });

  test("temper flattens the weights, not the evidence", async () => {
    const [full, half] = [
      await update(backend.open, shape),
      await update(backend.open, shape, makeArrays(shape), { temper: 0.25 }),
    ];
    expect(half.summary[SUMMARY.logEvidence]).toBe(full.summary[SUMMARY.logEvidence]);
    expect(half.summary[SUMMARY.maxLogPosterior]).toBe(full.summary[SUMMARY.maxLogPosterior]);
  });

  test("points around mates of one pose are one mode", async () => {
    const scene: Shape = { ...shape, symmetry: D2 };
    const arrays = makeArrays(scene);
    arrays.shiftsPx.fill(0);
    arrays.logLikelihood.fill(0);
    arrays.logProposal.fill(0);
    arrays.kernel.fill(0.07);
    for (let m = 0; m < arrays.rotations.length / 4; m += 2) {
      const [w, x, y, z] = arrays.rotations.slice(4 * m, 4 * m + 4) as unknown as [number, number, number, number];
      arrays.rotations.set([-y, z, w, -x], 4 * m); // j · q: half a turn about y
    }
    const { summary } = await update(backend.open, scene, arrays);
    expect(summary[SUMMARY.modeCount]).toBe(1);
    expect(summary[SUMMARY.rotationSdRad]).toBeLessThan(0.06);
    expect(
      (await update(backend.open, { ...scene, symmetry: C1 }, { ...arrays, symmetry: C1 })).summary[SUMMARY.modeCount],
    ).toBe(2);
  });
});

describe("the kernel agrees with the reference", () => {
  test.each([
    ["odd counts", {}],
    ["one point", { rotations: 1, shifts: 1, parents: 1 }],
    ["D2, many parents", { symmetry: D2, parents: 200, rotations: 64, shifts: 4 }],
  ] as const)("%s", async (_, change) => {
    const scene: Shape = { ...shape, ...change };
    await expectBackendsAgree(makeArrays(scene), makeCall(scene), outputs, KERNEL_TOLERANCE);
    const looking = makeCall(scene, { temper: 0.3, parentSpread: 0.4 });
    await expectBackendsAgree(makeArrays(scene), looking, outputs, KERNEL_TOLERANCE);
  });

  test("more modes than are kept", async () => {
    const arrays = makeArrays(shape);
    arrays.kernel.fill(0.001);
    await expectBackendsAgree(arrays, makeCall(shape), outputs, KERNEL_TOLERANCE);
  });

  test("the bytes do not depend on threads", async () => {
    await expectThreadsAgree(makeArrays(shape), makeCall(shape), outputs);
  });
});
