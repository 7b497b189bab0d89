import type { DeviceBuffer } from "../device/buffer.ts";
import type { ProposePointsArgs } from "../device/ops/propose-points.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../device/ops/update-cloud.ts";
import type { Device } from "../device/types.ts";
import { type Mates, nearestMate } from "../geometry/mates.ts";
import { multiplyInto } from "../geometry/quaternion.ts";
import type { FilterResult } from "./filter.ts";

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

/**
 * Turns the summary pose of each image to its heaviest mate, and notes that mate's share of the posterior. (Modes are found with mates
 * laid on one another, so that the summary's mate is that of one point.)
 */
export function settleMates(found: FilterResult, mates: Mates): void {
  const images = found.summary.length / SUMMARY_FIELDS;
  const points = found.shiftsPerRotation;
  const anchor = new Float64Array(4);
  const q = new Float64Array(4);
  for (let i = 0; i < images; i++) {
    const summary = found.summary.subarray(i * SUMMARY_FIELDS, (i + 1) * SUMMARY_FIELDS);
    if (summary[SUMMARY.failed]! > 0) continue;
    anchor.set(summary.subarray(SUMMARY.rotation, SUMMARY.rotation + 4));
    const weight = new Float64Array(mates.count);
    for (let m = 0; m < found.rotationsPerImage; m++) {
      const rotation = i * found.rotationsPerImage + m;
      let total = 0;
      for (let s = 0; s < points; s++) total += found.weights[rotation * points + s]!;
      if (total === 0) continue;
      q.set(found.rotations.subarray(4 * rotation, 4 * rotation + 4));
      const g = nearestMate(mates, anchor, 0, q, 0);
      weight[g]! += total;
    }
    const heaviest = weight.indexOf(weight.reduce((a, b) => Math.max(a, b), 0));
    multiplyInto(q, 0, mates.quaternions, 4 * heaviest, anchor, 0);
    const sign = q[0]! < 0 ? -1 : 1;
    summary.set(
      q.map((x) => sign * x),
      SUMMARY.rotation,
    );
    summary[SUMMARY.mateWeight] = weight[heaviest]! / weight.reduce((a, b) => a + b, 0);
  }
}
