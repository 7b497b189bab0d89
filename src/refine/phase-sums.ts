import type { DeviceBuffer } from "../device/buffer.ts";
import { makeReference } from "../expectation/reference.ts";
import { bandPrefix } from "../geometry/band.ts";
import type { PhaseSums } from "../optics/fit-beam-tilt.ts";
import { loadImageSet } from "../particles/image-set.ts";
import { imageModelOf } from "./image-model-of.ts";
import { knownOwnShare } from "./own-share.ts";
import { REJECTED } from "./rejection.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/**
 * Σ X conj(M)/σ² of each optics group, at the poses of a state; images meet the map of their own half-set. What an image finds of itself in
 * that map has no phase, and would pull every phase towards 0: it is taken off.
 */
export async function phaseSums(context: RunContext, state: RefinementState): Promise<PhaseSums[]> {
  const { data, device, options, band } = context;
  const pixels = bandPrefix(band.band, Math.min(state.radiusShell, context.largestShell));
  const sums = data.table.opticsGroups.map(() => ({
    re: new Float64Array(pixels),
    im: new Float64Array(pixels),
    weight: new Float64Array(pixels),
  }));
  for (const half of [0, 1] as const) {
    const map = state.halves[half].reference;
    const reference = makeReference(device, map, data.boxPx, options.paddingFactor, state.radiusShell);
    const ownShare = knownOwnShare(context, state, half);
    try {
      const rows = data.halves[half].filter((p) => state.rejected[p] === REJECTED.none && state.good[p]! > 0);
      for (let first = 0; first < rows.length; first += context.blockSize) {
        context.signal.throwIfAborted();
        await addBatch(
          context,
          state,
          half,
          rows.slice(first, first + context.blockSize),
          reference.args,
          ownShare,
          pixels,
          sums,
        );
      }
    } finally {
      reference.free();
    }
  }
  return sums;
}

async function addBatch(
  context: RunContext,
  state: RefinementState,
  half: 0 | 1,
  particles: Int32Array,
  reference: ReturnType<typeof makeReference>["args"],
  ownShare: Float64Array,
  pixels: number,
  sums: readonly PhaseSums[],
): Promise<void> {
  const { data, device, band } = context;
  const model = imageModelOf(context, state);
  const set = await loadImageSet(device, band, data.reader, model, particles, { half, mask: null, isRecentred: false });
  const rotations = new Float32Array(4 * particles.length);
  particles.forEach((p, i) => {
    rotations.set(state.rotation.subarray(4 * p, 4 * p + 4), 4 * i);
  });
  const buffers: DeviceBuffer[] = [device.upload(rotations), device.allocate("f32", particles.length * 2 * pixels)];
  try {
    device.project({
      ...set.args,
      ...reference,
      rotations: buffers[0]!,
      rotationCount: particles.length,
      firstPixel: 0,
      pixelCount: pixels,
      layout: "planes",
      out: buffers[1]!,
    });
    const slices = (await device.read(buffers[1]!)) as Float32Array;
    const images = (await device.read(set.args.images)) as Float32Array;
    const ctf = (await device.read(set.args.ctf!)) as Float32Array;
    const sigma2 = model.sigma2[half]!;
    particles.forEach((p, i) => {
      const { re, im, weight } = sums[data.table.opticsGroup[p]!]!;
      const noise = model.noiseGroup[p]! * model.shellCount;
      const plane = i * band.bandPixelCount;
      const [x, y] = [state.shiftPx[2 * p]!, state.shiftPx[2 * p + 1]!];
      // Zero frequency has no phase.
      for (let k = 1; k < pixels; k++) {
        const scaled = model.scale[p]! * ctf[plane + k]!;
        const turnRad = (-2 * Math.PI * (band.band.kx[k]! * x + band.band.ky[k]! * y)) / data.boxPx;
        const [c, s] = [Math.cos(turnRad), Math.sin(turnRad)];
        const [sRe, sIm] = [slices[2 * i * pixels + k]!, slices[(2 * i + 1) * pixels + k]!];
        const [mRe, mIm] = [scaled * (sRe * c - sIm * s), scaled * (sRe * s + sIm * c)];
        const [xRe, xIm] = [images[2 * plane + k]!, images[2 * plane + band.bandPixelCount + k]!];
        const shell = band.band.shell[k]!;
        const share = state.good[p]! / sigma2[noise + shell]!;
        const own = ownShare[shell]! * ctf[plane + k]! ** 2 * (xRe * xRe + xIm * xIm);
        re[k]! += share * (xRe * mRe + xIm * mIm - own);
        im[k]! += share * (xIm * mRe - xRe * mIm);
        weight[k]! += share * (mRe * mRe + mIm * mIm);
      }
    });
  } finally {
    for (const buffer of buffers) buffer.free();
    set.free();
  }
}
