import { gatherShares, ownShare } from "../comm/share.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import { makeReference } from "../expectation/reference.ts";
import { bandPrefix, makeBand } from "../geometry/band.ts";
import type { Mates } from "../geometry/mates.ts";
import { multiplyInto } from "../geometry/quaternion.ts";
import type { ImageModel } from "../particles/image-model.ts";
import { type DeviceImageSet, loadImageSet, uploadBand } from "../particles/image-set.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/** Some particles of a half-set at every mate of their poses. */
export interface MatePoses {
  readonly half: 0 | 1;
  /** [count] rows of the particle table. */
  readonly particles: Int32Array;
  /** [count][mates][4] */
  readonly rotations: Float32Array;
  /** [count][mates][2] absolute, px. */
  readonly shiftsPx: Float32Array;
}

/** Low shells of the images of MatePoses, held on the device: compared with one map after another. */
export interface MateImages {
  /** [count × mates] log-likelihood of each mate, the same on every rank. Collective. */
  score(map: Float32Array): Promise<Float64Array>;
  free(): void;
}

export function matePoses(state: RefinementState, half: 0 | 1, particles: Int32Array, mates: Mates): MatePoses {
  const k = mates.count;
  const rotations = new Float32Array(4 * k * particles.length);
  const shiftsPx = new Float32Array(2 * k * particles.length);
  const q = new Float64Array(4);
  particles.forEach((p, i) => {
    for (let g = 0; g < k; g++) {
      q.set(state.rotation.subarray(4 * p, 4 * p + 4));
      multiplyInto(q, 0, mates.quaternions, 4 * g, q, 0);
      rotations.set(q, 4 * (i * k + g));
      shiftsPx.set(state.shiftPx.subarray(2 * p, 2 * p + 2), 2 * (i * k + g));
    }
  });
  return { half, particles, rotations, shiftsPx };
}

/** Reads this rank's share of the images, masked as for every comparison. */
export async function openMateImages(
  context: RunContext,
  model: ImageModel,
  poses: MatePoses,
  mates: Mates,
  maxShell: number,
): Promise<MateImages> {
  const { device, data, comm } = context;
  const k = mates.count;
  const band = uploadBand(device, makeBand(data.boxPx, maxShell));
  const parts: {
    set: DeviceImageSet;
    first: number;
    buffers: Record<"active" | "rotations" | "shiftsPx", DeviceBuffer>;
  }[] = [];
  const free = () => {
    band.free();
    for (const { set, buffers } of parts) {
      set.free();
      for (const buffer of Object.values(buffers)) buffer.free();
    }
  };
  const share = ownShare(poses.particles.length, comm);
  try {
    for (let first = share.first; first < share.end; first += context.blockSize) {
      const end = Math.min(first + context.blockSize, share.end);
      const particles = poses.particles.slice(first, end);
      const options = { half: poses.half, mask: context.imageMask, isRecentred: true };
      const set = await loadImageSet(device, band, data.reader, model, particles, options);
      const shiftsPx = poses.shiftsPx.slice(2 * k * first, 2 * k * end);
      for (let i = 0; i < shiftsPx.length; i++) shiftsPx[i]! -= set.recentrePx[2 * Math.floor(i / (2 * k)) + (i % 2)]!;
      const buffers = {
        active: device.upload(Int32Array.from(particles.keys())),
        rotations: device.upload(poses.rotations.slice(4 * k * first, 4 * k * end)),
        shiftsPx: device.upload(shiftsPx),
      };
      parts.push({ set, first, buffers });
    }
  } catch (thrown) {
    free();
    throw thrown;
  }
  return {
    free,
    async score(map) {
      const scores = new Float64Array(k * poses.particles.length);
      const reference = makeReference(device, map, data.boxPx, context.options.paddingFactor, maxShell);
      try {
        for (const { set, first, buffers } of parts) {
          using out = device.allocate("f32", k * set.args.imageCount);
          device.scorePoints({
            ...set.args,
            ...reference.args,
            ...buffers,
            activeCount: set.args.imageCount,
            rotationsPerImage: k,
            shiftsPerRotation: 1,
            firstPixel: bandPrefix(band.band, 0),
            pixelCount: band.band.pixelCount,
            out,
          });
          scores.set((await device.read(out)) as Float32Array, k * first);
        }
      } finally {
        reference.free();
      }
      await gatherShares(comm, scores, poses.particles.length);
      return scores;
    },
  };
}
