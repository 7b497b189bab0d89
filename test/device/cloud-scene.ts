import type { DeviceBuffer } from "../../src/device/buffer.ts";
import { KERNEL_FIELDS } from "../../src/device/ops/cloud/kernel.ts";
import { SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";

/** Numbers of a run of the particle filter on made-up likelihoods. */
export interface FilterScene {
  readonly images: number;
  readonly rotations: number;
  readonly shifts: number;
  readonly parents: number;
  readonly degreesOfFreedom: number;
  readonly perturbFactor: number;
  readonly parentSpread: number;
  readonly shrinkFloor: number;
  readonly phases: number;
  /** Rotation and shift sd (square roots of the diagonal of the scale matrices) of the first kernel. */
  readonly startRotationRad: number;
  readonly startShiftPx: number;
  readonly priorSigmaPx: number;
  readonly symmetry: Float32Array;
  /** [images][parents][4] and [2] */
  readonly startRotations: Float32Array;
  readonly startShiftsPx: Float32Array;
  readonly stream: number;
  /** Log-likelihood of a point. */
  logLikelihood(image: number, rotation: Float32Array, xPx: number, yPx: number): number;
}

export interface FilterPhase {
  readonly rotations: Float32Array;
  readonly shiftsPx: Float32Array;
  readonly logProposal: Float32Array;
  readonly weights: Float32Array;
  readonly kernel: Float32Array;
  readonly parentRotations: Float32Array;
  /** [images][16] */
  readonly summary: Float32Array;
}

/** proposePoints → likelihood → updateCloud, as often as the scene says; every phase's results. */
export async function runFilter(device: Device, scene: FilterScene): Promise<FilterPhase[]> {
  const { images, rotations: M, shifts: T, parents: J } = scene;
  const points = images * M * T;
  const kernelRow = new Array<number>(KERNEL_FIELDS).fill(0);
  for (const i of [0, 2, 5]) kernelRow[i] = scene.startRotationRad;
  for (const i of [9, 14]) kernelRow[i] = scene.startShiftPx;
  const kernel = Float32Array.from({ length: images * KERNEL_FIELDS }, (_, i) => kernelRow[i % KERNEL_FIELDS]!);
  const owned: DeviceBuffer[] = [];
  const keep = <T extends DeviceBuffer>(buffer: T): T => {
    owned.push(buffer);
    return buffer;
  };
  const f32 = (length: number) => keep(device.allocate("f32", length));
  const buffers = {
    active: keep(device.upload(Int32Array.from({ length: images }, (_, i) => i))),
    rotations: f32(points * 4),
    shiftsPx: f32(points * 2),
    logProposal: f32(points),
    logLikelihood: f32(points),
    weights: f32(points),
    parentRotations: keep(device.upload(scene.startRotations)),
    parentShiftsPx: keep(device.upload(scene.startShiftsPx)),
    parentWeights: keep(device.upload(new Float32Array(images * J).fill(1 / J))),
    kernel: keep(device.upload(kernel)),
    symmetry: keep(device.upload(scene.symmetry)),
    key: keep(device.upload(Uint32Array.from({ length: images * 2 }, (_, i) => 77 + i))),
    priorCentrePx: f32(images * 2),
    priorSigmaPx: keep(device.upload(new Float32Array(images).fill(scene.priorSigmaPx))),
    summary: f32(images * SUMMARY_FIELDS),
  };
  const shape = {
    ...buffers,
    activeCount: images,
    rotationsPerImage: M,
    shiftsPerRotation: T,
    parentCount: J,
    degreesOfFreedom: scene.degreesOfFreedom,
    symmetryCount: scene.symmetry.length / 4,
    stream: scene.stream,
    temper: 1,
    perturbFactor: scene.perturbFactor,
    parentSpread: scene.parentSpread,
    shrinkFloor: scene.shrinkFloor,
    minRotationRad: 1e-4,
    minShiftPx: 1e-3,
  };
  const read = async (buffer: DeviceBuffer) => (await device.read(buffer)) as Float32Array;
  const results: FilterPhase[] = [];
  for (let phase = 0; phase < scene.phases; phase++) {
    device.proposePoints({ ...shape, phase });
    const rotations = (await read(buffers.rotations)).subarray(0, images * M * 4);
    const shiftsPx = await read(buffers.shiftsPx);
    const logLikelihood = Float32Array.from({ length: points }, (_, i) => {
      const rotation = Math.floor(i / T);
      const q = rotations.subarray(4 * rotation, 4 * rotation + 4);
      return scene.logLikelihood(Math.floor(rotation / M), q, shiftsPx[2 * i]!, shiftsPx[2 * i + 1]!);
    });
    device.write(buffers.logLikelihood, logLikelihood);
    device.updateCloud({ ...shape, phase });
    results.push({
      rotations,
      shiftsPx,
      logProposal: await read(buffers.logProposal),
      weights: await read(buffers.weights),
      kernel: await read(buffers.kernel),
      parentRotations: await read(buffers.parentRotations),
      summary: await read(buffers.summary),
    });
  }
  for (const buffer of owned) buffer.free();
  return results;
}

/** exp of a rotation vector, times `centre` from the left: centre · exp(v). */
export function turned(
  centre: ArrayLike<number>,
  v: readonly [number, number, number],
): [number, number, number, number] {
  const angle = Math.hypot(...v);
  const s = angle < 1e-9 ? 0.5 : Math.sin(angle / 2) / angle;
  const [pw, px, py, pz] = Array.from(centre) as [number, number, number, number];
  const [w, x, y, z] = [Math.cos(angle / 2), v[0] * s, v[1] * s, v[2] * s];
  return [
    pw * w - px * x - py * y - pz * z,
    pw * x + px * w + py * z - pz * y,
    pw * y - px * z + py * w + pz * x,
    pw * z + px * y - py * x + pz * w,
  ];
}

/** Rotation vector of centre* · q. */
export function vectorFrom(centre: ArrayLike<number>, q: ArrayLike<number>): [number, number, number] {
  const [w, x, y, z] = turnedBy(centre, q);
  const sign = w < 0 ? -1 : 1;
  const sine = Math.hypot(x, y, z);
  const scale = sine < 1e-9 ? 2 * sign : (2 * sign * Math.atan2(sine, sign * w)) / sine;
  return [x * scale, y * scale, z * scale];
}

function turnedBy(p: ArrayLike<number>, q: ArrayLike<number>): [number, number, number, number] {
  const [pw, px, py, pz] = [p[0]!, -p[1]!, -p[2]!, -p[3]!];
  const [w, x, y, z] = Array.from(q) as [number, number, number, number];
  return [
    pw * w - px * x - py * y - pz * z,
    pw * x + px * w + py * z - pz * y,
    pw * y - px * z + py * w + pz * x,
    pw * z + px * y - py * x + pz * w,
  ];
}

/** The parents of every image: these poses in turn. */
export function sameParents(images: number, parents: number, poses: readonly (readonly number[])[]): Float32Array {
  const width = poses[0]!.length;
  return Float32Array.from(
    { length: images * parents * width },
    (_, i) => poses[(Math.floor(i / width) % parents) % poses.length]![i % width]!,
  );
}
