import type { DeviceBuffer } from "../device/buffer.ts";
import { systematicPicksInto } from "../device/ops/cloud/systematic-resampling.ts";
import type { ProposePointsArgs } from "../device/ops/propose-points.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../device/ops/update-cloud.ts";
import type { Device } from "../device/types.ts";
import { nearestMateInto } from "../geometry/asymmetric-unit.ts";
import { type Mates, nearestMate } from "../geometry/mates.ts";
import { multiplyInto } from "../geometry/quaternion.ts";

/**
 * Support points at every mate of a pseudo-symmetric particle: poses are proposed on the quotient by the whole group and each is repeated,
 * turned, at all mates. The same perturbations at every mate: what tells mates apart is the reference alone.
 *
 * A point's density is that on the quotient by the group: drawn there, with a mate chosen evenly, it is the density of the
 * very pose (uniform = 1), and so it is what the weights divide by.
 *
 * @param args  rotationsPerImage a multiple of mates.count; args.symmetry is not used
 */
export async function proposeOverMates(device: Device, args: ProposePointsArgs, mates: Mates): Promise<void> {
  const { activeCount: images, shiftsPerRotation: T } = args;
  const each = args.rotationsPerImage / mates.count;
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  try {
    const drawn = {
      rotations: own(device.allocate("f32", images * each * 4)),
      shiftsPx: own(device.allocate("f32", images * each * T * 2)),
      logProposal: own(device.allocate("f32", images * each * T)),
    };
    device.proposePoints({
      ...args,
      ...drawn,
      rotationsPerImage: each,
      symmetry: own(device.upload(Float32Array.from(mates.group.quaternions))),
      symmetryCount: mates.group.order,
    });
    const rotations = (await device.read(drawn.rotations)) as Float32Array;
    device.write(args.rotations, turnedByMates(rotations, images, each, mates));
    for (const [name, width] of [
      ["shiftsPx", 2 * T],
      ["logProposal", T],
    ] as const) {
      const values = (await device.read(drawn[name])) as Float32Array;
      device.write(args[name], repeated(values, images, each * width, mates.count));
    }
  } finally {
    await device.idle();
    for (const buffer of owned) buffer.free();
  }
}

/** [images][each][4] → [images][mates][each][4]: g q for each mate g. */
function turnedByMates(rotations: Float32Array, images: number, each: number, mates: Mates): Float32Array {
  const out = new Float32Array(rotations.length * mates.count);
  const q = new Float64Array(4);
  for (let i = 0, at = 0; i < images; i++) {
    for (let g = 0; g < mates.count; g++) {
      for (let m = 0; m < each; m++, at += 4) {
        const from = 4 * (i * each + m);
        q.set(rotations.subarray(from, from + 4));
        multiplyInto(q, 0, mates.quaternions, 4 * g, q, 0);
        out.set(q, at);
      }
    }
  }
  return out;
}

/** [images][width] → [images][count][width]. */
function repeated(values: Float32Array, images: number, width: number, count: number): Float32Array {
  const out = new Float32Array(values.length * count);
  for (let i = 0; i < images; i++) {
    const row = values.subarray(i * width, (i + 1) * width);
    for (let g = 0; g < count; g++) out.set(row, (i * count + g) * width);
  }
  return out;
}

/** What a phase of the filter leaves of each image. */
export interface MateCloud {
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  readonly rotations: Float32Array;
  readonly weights: Float32Array;
  readonly summary: Float32Array;
}

/**
 * Puts each image's parents at its mates by weight. Modes are found with mates laid on one another, and parents are drawn in to their mode's mean, at
 * whatever mate that stands: here each parent gets a mate of its own, in the shares that the points' weights have.
 *
 * @param parentRotations  [images][parentCount][4], changed
 */
export function spreadOverMates(cloud: MateCloud, parentRotations: Float32Array, mates: Mates): void {
  const images = cloud.summary.length / SUMMARY_FIELDS;
  const count = parentRotations.length / (4 * images);
  const stride = coprimeStride(count);
  const picks = new Int32Array(count);
  const q = new Float64Array(4);
  for (let i = 0; i < images; i++) {
    const shares = mateShares(cloud, i, mates);
    if (shares === null) continue;
    systematicPicksInto(picks, shares.weight, 0.5);
    for (let j = 0; j < count; j++) {
      const at = 4 * (i * count + j);
      q.set(parentRotations.subarray(at, at + 4));
      nearestMateInto(q, 0, q, 0, shares.anchor, 0, mates.group);
      // Neighbours in the list lie side by side: mates are dealt out across it.
      multiplyInto(q, 0, mates.quaternions, 4 * picks[(j * stride) % count]!, q, 0);
      parentRotations.set(q, at);
    }
  }
}

/** About 0.618 of a count, without a common divisor: steps of it visit every item. */
function coprimeStride(count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(1, Math.round(0.618 * count));
  while (divisor(stride, count) !== 1) stride++;
  return stride;
}

/** Weight of the points at each mate of an image's summary pose; null for an image that failed. */
function mateShares(
  cloud: MateCloud,
  image: number,
  mates: Mates,
): { readonly anchor: Float64Array; readonly weight: Float64Array } | null {
  const summary = cloud.summary.subarray(image * SUMMARY_FIELDS, (image + 1) * SUMMARY_FIELDS);
  if (summary[SUMMARY.failed]! > 0) return null;
  const anchor = Float64Array.from(summary.subarray(SUMMARY.rotation, SUMMARY.rotation + 4));
  const weight = new Float64Array(mates.count);
  const q = new Float64Array(4);
  for (let m = 0; m < cloud.rotationsPerImage; m++) {
    const rotation = image * cloud.rotationsPerImage + m;
    let total = 0;
    for (let s = 0; s < cloud.shiftsPerRotation; s++) total += cloud.weights[rotation * cloud.shiftsPerRotation + s]!;
    if (total === 0) continue;
    q.set(cloud.rotations.subarray(4 * rotation, 4 * rotation + 4));
    weight[nearestMate(mates, anchor, 0, q, 0)]! += total;
  }
  return { anchor, weight };
}

/** Turns the summary pose of each image to its heaviest mate, and notes that mate's share of the posterior. */
export function settleMates(found: MateCloud, mates: Mates): void {
  const images = found.summary.length / SUMMARY_FIELDS;
  const q = new Float64Array(4);
  for (let i = 0; i < images; i++) {
    const shares = mateShares(found, i, mates);
    if (shares === null) continue;
    const { anchor, weight } = shares;
    const heaviest = weight.indexOf(weight.reduce((a, b) => Math.max(a, b), 0));
    multiplyInto(q, 0, mates.quaternions, 4 * heaviest, anchor, 0);
    const sign = q[0]! < 0 ? -1 : 1;
    const summary = found.summary.subarray(i * SUMMARY_FIELDS, (i + 1) * SUMMARY_FIELDS);
    summary.set(
      q.map((x) => sign * x),
      SUMMARY.rotation,
    );
    summary[SUMMARY.mateWeight] = weight[heaviest]! / weight.reduce((a, b) => a + b, 0);
  }
}
