import type { DeviceBuffer } from "../device/buffer.ts";
import type { BandArgs, ImageSetArgs } from "../device/ops/image-set.ts";
import type { Device } from "../device/types.ts";
import type { Band } from "../geometry/band.ts";
import { computeBatchCtf, opticsOfBatch } from "./batch-ctf.ts";
import type { ImageModel, ImageReader } from "./image-model.ts";

/** The band's index arrays on a device. */
export interface DeviceBand extends BandArgs {
  readonly band: Band;
  free(): void;
}

export function uploadBand(device: Device, band: Band): DeviceBand {
  const bandKx = device.upload(band.kx);
  const bandKy = device.upload(band.ky);
  const bandShell = device.upload(band.shell);
  return {
    band,
    boxPx: band.boxPx,
    bandKx,
    bandKy,
    bandShell,
    bandPixelCount: band.pixelCount,
    free() {
      for (const buffer of [bandKx, bandKy, bandShell]) buffer.free();
    },
  };
}

export interface ImageSetOptions {
  readonly half: number;
  /** Circular mask with noise fill; null: the unmasked image, as it is inserted. */
  readonly mask: { readonly radiusPx: number; readonly edgePx: number } | null;
  /** Whether images are moved by their recentrePx before masking. */
  readonly isRecentred: boolean;
  /** Memory for the images on their way to the device, [particles × N²] or more; absent: fresh. */
  readonly scratch?: Float32Array;
}

/** A batch of images on the device, with its CTFs, noise and scale; free() gives the memory back. */
export interface DeviceImageSet {
  readonly args: ImageSetArgs;
  readonly particles: Int32Array;
  /** [count][2] what was taken out of the shifts, px. */
  readonly recentrePx: Int32Array;
  free(): void;
}

/** Bytes a device holds per image of a set, transients included: for the memory plan. */
export function imageSetBytes(boxPx: number, bandPixelCount: number): number {
  return 4 * boxPx * boxPx + 12 * bandPixelCount + 160;
}

/** Keeps the noise that fills the masked surround apart from the draws of the particle filter. */
const NOISE_KEY = 0x6e6f6973;

/** Reads, gains, recentres, masks and transforms the images of `particles`, and computes their CTFs. */
export async function loadImageSet(
  device: Device,
  band: DeviceBand,
  reader: ImageReader,
  model: ImageModel,
  particles: Int32Array,
  options: ImageSetOptions,
): Promise<DeviceImageSet> {
  const count = particles.length;
  const pixelCount = count * model.boxPx * model.boxPx;
  const pixelsHost = options.scratch?.subarray(0, pixelCount) ?? new Float32Array(pixelCount);
  await reader.readInto(pixelsHost, particles);
  const recentrePx = new Int32Array(2 * count);
  const key = new Uint32Array(2 * count);
  particles.forEach((p, i) => {
    if (options.isRecentred) recentrePx.set(model.recentrePx.subarray(2 * p, 2 * p + 2), 2 * i);
    key[2 * i] = model.key[2 * p]! ^ NOISE_KEY;
    key[2 * i + 1] = model.key[2 * p + 1]!;
  });
  const sigma2 = model.sigma2[options.half]!;
  const kept: DeviceBuffer[] = [];
  const keep = (buffer: DeviceBuffer) => {
    kept.push(buffer);
    return buffer;
  };
  const transient = [
    device.upload(pixelsHost),
    device.upload(Float32Array.from(particles, (p) => model.gain[p]!)),
    device.upload(recentrePx),
    device.upload(Float32Array.from(sigma2)),
    device.upload(key),
  ] as const;
  const [pixels, gain, recentre, sigma2Buffer, noiseKey] = transient;
  const group = keep(device.upload(Int32Array.from(particles, (p) => model.noiseGroup[p]!)));
  const images = keep(device.allocate("f32", 2 * count * band.bandPixelCount));
  const ctf = keep(device.allocate("f32", count * band.bandPixelCount));
  const inverseSigma2 = keep(device.upload(Float32Array.from(sigma2, (v) => (v > 0 ? 1 / v : 0))));
  const scale = keep(device.upload(Float32Array.from(particles, (p) => model.scale[p]!)));
  const bandArgs = bandOf(band);
  device.prepareImages({
    ...bandArgs,
    imageCount: count,
    pixels,
    gain,
    recentrePx: recentre,
    maskRadiusPx: options.mask?.radiusPx ?? 0,
    maskEdgePx: options.mask?.edgePx ?? 0,
    sigma2: sigma2Buffer,
    shellCount: model.shellCount,
    group,
    noiseKey,
    out: images,
  });
  computeBatchCtf(device, band, model, particles, opticsOfBatch(model, particles), ctf);
  for (const buffer of transient) buffer.free();
  return {
    args: { ...bandArgs, imageCount: count, images, ctf, inverseSigma2, shellCount: model.shellCount, group, scale },
    particles,
    recentrePx,
    free() {
      for (const buffer of kept) buffer.free();
    },
  };
}

function bandOf({ boxPx, bandKx, bandKy, bandShell, bandPixelCount }: DeviceBand): BandArgs {
  return { boxPx, bandKx, bandKy, bandShell, bandPixelCount };
}
