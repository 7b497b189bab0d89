import { describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import { type FilterScene, runFilter, sameParents, turned, vectorFrom } from "./cloud-scene.ts";

const C1 = Float32Array.of(1, 0, 0, 0);

describe("the particle filter on a known posterior", () => {
  const truth = turned([0.5, 0.5, -0.5, 0.5], [0.2, -0.1, 0.4]);
  const sdRad = [0.012, 0.008, 0.016] as const;
  const sdPx = [0.12, 0.2] as const;
  const base: FilterScene = {
    images: 24,
    rotations: 128,
    shifts: 4,
    parents: 100,
    degreesOfFreedom: 4,
    perturbFactor: 0.8,
    parentSpread: 0.5,
    shrinkFloor: 0.5,
    phases: 6,
    startRotationRad: 0.08,
    startShiftPx: 0.8,
    priorSigmaPx: 3,
    symmetry: C1,
    startRotations: sameParents(24, 100, [turned(truth, [0.02, 0.01, -0.03])]),
    startShiftsPx: sameParents(24, 100, [[1.3, -0.6]]),
    stream: 1,
    logLikelihood: (_image, q, x, y) => {
      const v = vectorFrom(truth, q);
      return (
        -0.5 * v.reduce((sum, component, axis) => sum + (component / sdRad[axis]!) ** 2, 0) -
        0.5 * (((x - 1) / sdPx[0]) ** 2 + ((y + 0.4) / sdPx[1]) ** 2) +
        250
      );
    },
  };
  /** ∫ exp(log posterior) over the normalised Haar measure and the plane, for kernels this narrow. */
  const shiftEvidence = [0, 1]
    .map((axis) => {
      const variance = sdPx[axis]! ** 2 + 9;
      return (sdPx[axis]! / Math.sqrt(variance)) * Math.exp((-0.5 * [1, -0.4][axis]! ** 2) / variance);
    })
    .reduce((a, b) => a * b, 1);
  const logEvidence =
    250 + Math.log(((2 * Math.PI) ** 1.5 * sdRad[0] * sdRad[1] * sdRad[2] * shiftEvidence) / (8 * Math.PI ** 2));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  test("one Gaussian: evidence, covariance and effective sample size come out", async () => {
    using device = closing(openDevice({ kind: "cpu", threads: 1 }));
    const phases = await runFilter(device.device, base);
    const last = phases[phases.length - 1]!;
    const field = (index: number) =>
      Array.from({ length: base.images }, (_, i) => last.summary[SUMMARY_FIELDS * i + index]!);
    expect(Math.abs(mean(field(SUMMARY.logEvidence)) - logEvidence)).toBeLessThan(0.05);
    expect(mean(field(SUMMARY.effectiveSampleSize)) / (128 * 4)).toBeGreaterThan(0.7);
    expect(mean(field(SUMMARY.rotationSdRad).map((v) => v * v))).toBeCloseTo(mean(sdRad.map((v) => v * v)), 5);
    expect(mean(field(SUMMARY.shiftSdPx).map((v) => v * v))).toBeCloseTo(mean(sdPx.map((v) => v * v)), 2);
    // Image by image: 512 points of a lattice, 128 of them different rotations.
    for (const value of field(SUMMARY.logEvidence)) expect(Math.abs(value - logEvidence)).toBeLessThan(0.1);
    for (let image = 0; image < base.images; image++) {
      const row = last.summary.subarray(SUMMARY_FIELDS * image);
      const error = vectorFrom(truth, row.subarray(SUMMARY.rotation, SUMMARY.rotation + 4));
      error.forEach((component, axis) => {
        expect(Math.abs(component)).toBeLessThan(0.35 * sdRad[axis]!);
      });
    }
    expect(mean(field(SUMMARY.modeWeight))).toBeGreaterThan(0.97);
    // The next kernel is perturbFactor times the posterior, axis by axis.
    for (const [axis, place] of [0, 2, 5].entries()) {
      const scale = Math.sqrt(mean(Array.from({ length: base.images }, (_, i) => rowNorm(last.kernel, i, axis) ** 2)));
      expect(scale / (0.8 * sdRad[axis]!), `kernel ${place}`).toBeGreaterThan(0.85);
      expect(scale / (0.8 * sdRad[axis]!), `kernel ${place}`).toBeLessThan(1.15);
    }
  });

  test("a shift that goes with the turn costs no effective points: the kernel follows it", async () => {
    const pxPerRad = [
      [9, -14, 0],
      [0, 12, 11],
    ] as const;
    const following: FilterScene = {
      ...base,
      logLikelihood: (image, q, x, y) => {
        const v = vectorFrom(truth, q);
        const [alongX, alongY] = pxPerRad.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
        return base.logLikelihood(image, q, x - alongX!, y - alongY!);
      },
    };
    using device = closing(openDevice({ kind: "cpu", threads: 1 }));
    const last = (await runFilter(device.device, following)).at(-1)!;
    const ess = Array.from(
      { length: base.images },
      (_, i) => last.summary[SUMMARY_FIELDS * i + SUMMARY.effectiveSampleSize]!,
    );
    expect(mean(ess) / (128 * 4)).toBeGreaterThan(0.7);
  });

  test("two modes keep their weights, and the evidence is that of both", async () => {
    const other = turned(truth, [0, 0.25, 0]);
    const twin: FilterScene = {
      ...base,
      startRotations: sameParents(24, 100, [truth, other]),
      startShiftsPx: sameParents(24, 100, [[1, -0.4]]),
      startRotationRad: 0.03,
      startShiftPx: 0.4,
      phases: 5,
      logLikelihood: (image, q, x, y) => {
        const near = base.logLikelihood(image, q, x, y);
        const v = vectorFrom(other, q);
        const far = base.logLikelihood(image, turnedFloat(truth, v), x, y) + Math.log(0.25 / 0.75);
        return Math.max(near, far) + Math.log1p(Math.exp(-Math.abs(near - far)));
      },
    };
    using device = closing(openDevice({ kind: "cpu", threads: 1 }));
    const phases = await runFilter(device.device, twin);
    const last = phases[phases.length - 1]!;
    const field = (index: number) =>
      Array.from({ length: twin.images }, (_, i) => last.summary[SUMMARY_FIELDS * i + index]!);
    const closed = logEvidence + Math.log(4 / 3);
    expect(Math.abs(mean(field(SUMMARY.logEvidence)) - closed)).toBeLessThan(0.05);
    expect(field(SUMMARY.modeCount).every((count) => count >= 2)).toBe(true);
    expect(Math.abs(mean(field(SUMMARY.modeWeight)) - 0.75)).toBeLessThan(0.04);
    // Pooled within the modes: the distance between them is not in it.
    expect(mean(field(SUMMARY.rotationSdRad))).toBeLessThan(1.2 * Math.sqrt(mean(sdRad.map((v) => v * v))));
    expect(mean(field(SUMMARY.effectiveSampleSize)) / (128 * 4)).toBeGreaterThan(0.4);
  });
});

function rowNorm(kernel: Float32Array, image: number, axis: number): number {
  const start = 15 * image + [0, 1, 3][axis]!;
  return Math.hypot(...kernel.subarray(start, start + axis + 1));
}

const turnedFloat = (centre: ArrayLike<number>, v: readonly [number, number, number]) =>
  Float32Array.from(turned(centre, v));

function closing(device: Device): { device: Device } & Disposable {
  return { device, [Symbol.dispose]: () => device.close() };
}
