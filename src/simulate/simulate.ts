import { throwIfAborted } from "../core/errors.ts";
import type { EventLog } from "../core/events.ts";
import { openDevice } from "../device/open.ts";
import type { Device } from "../device/types.ts";
import { expectFreeSpace } from "../io/node/atomic-write.ts";
import { joinPath, makeFolder } from "../io/node/folders.ts";
import { writeMapFile } from "../io/node/map-file.ts";
import { StackWriter } from "../io/node/stack-writer.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { lowPassMap } from "../map/low-pass.ts";
import { completeOptions } from "../options/complete-options.ts";
import { deviceOptions } from "../options/device-options.ts";
import { type SimulateInput, type SimulateOptions, simulateTable } from "../options/simulate-options.ts";

import { noiseSdFor } from "./noise-level.ts";
import { withOptics } from "./optics-file.ts";
import { particleDocuments } from "./particle-tables.ts";
import { Projector } from "./projector.ts";
import { readSourceMap } from "./source-map.ts";
import { addWhiteNoise, type TrueParticle, trueParticle } from "./true-particles.ts";

/** Images held at once: 256 images of 256 px are 64 MB. */
const BATCH = 256;

export interface SimulateContext {
  readonly signal: AbortSignal;
  readonly log: EventLog;
}

/** What `simulate` wrote. */
export interface SimulateResult {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly particleCount: number;
  readonly junkCount: number;
  readonly files: {
    readonly stack: string;
    readonly particles: string;
    readonly truthPoses: string;
    readonly truthMap: string;
    readonly reference: string;
  };
}

/**
 * Particle images of a map with known poses, written batch by batch.
 *
 * image = C · P(map) shifted + white noise of variance 1; the map is scaled so that the variance of the noise-free
 * images inside the circle of radius box/2 − 2 px is the wanted signal-to-noise ratio. truth.mrc is on that scale.
 */
export async function simulate(input: SimulateInput, context: SimulateContext): Promise<SimulateResult> {
  const given = completeOptions("simulate", simulateTable, input);
  const { options, aberrations } = withOptics(given);
  makeFolder(options.out);
  // Where the box is known beforehand, a disk that is too small shows before anything is computed.
  if (options.boxPx > 0) expectFreeSpace(fileNames(options.out).stack, 4 * options.particleCount * options.boxPx ** 2);
  const source = readSourceMap(options);
  const { boxPx, pixelSizeA } = source;
  const device = openDevice(deviceOptions(options));
  try {
    const particles = Array.from({ length: options.particleCount }, (_, i) => ({
      ...trueParticle(i, options, pixelSizeA),
      ...(aberrations ? { aberrations } : {}),
    }));
    const junkCount = particles.filter((particle) => particle.isJunk).length;
    context.log.event("simulate.start", {
      map: source.origin,
      particleCount: particles.length,
      junkCount,
      boxPx,
      pixelSizeA,
      snr: options.snr,
      device: device.description,
    });
    const map = await scaledMap(device, source.data, boxPx, pixelSizeA, particles, options);
    const files = fileNames(options.out);
    await writeStack(files.stack, device, map, boxPx, pixelSizeA, particles, options, context);
    await writeTruth(files, device, map, boxPx, pixelSizeA, particles, options);
    return { boxPx, pixelSizeA, particleCount: particles.length, junkCount, files };
  } finally {
    device.close();
  }
}

function fileNames(folder: string): SimulateResult["files"] {
  return {
    stack: joinPath(folder, "particles.mrcs"),
    particles: joinPath(folder, "particles.star"),
    truthPoses: joinPath(folder, "truth.star"),
    truthMap: joinPath(folder, "truth.mrc"),
    reference: joinPath(folder, "reference.mrc"),
  };
}

/** The map on the scale on which the noise has variance 1. */
async function scaledMap(
  device: Device,
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  particles: readonly TrueParticle[],
  options: SimulateOptions,
): Promise<Float32Array> {
  const projector = new Projector(device, map, boxPx, pixelSizeA);
  try {
    const noiseSd = await noiseSdFor(projector, particles, options.snr);
    return map.map((value) => value / noiseSd);
  } finally {
    projector.close();
  }
}

async function writeStack(
  path: string,
  device: Device,
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  particles: readonly TrueParticle[],
  options: SimulateOptions,
  context: SimulateContext,
): Promise<void> {
  const projector = new Projector(device, map, boxPx, pixelSizeA);
  const writer = new StackWriter(path, { boxPx, pixelSizeA, count: particles.length });
  try {
    for (let start = 0; start < particles.length; start += BATCH) {
      throwIfAborted(context.signal, "simulate");
      const batch = particles.slice(start, start + BATCH);
      const images = await imagesOf(projector, batch);
      batch.forEach((_, i) => {
        addWhiteNoise(images, i * boxPx * boxPx, boxPx * boxPx, options.seed, start + i);
      });
      writer.append(images);
      context.log.event("simulate.batch", { done: start + batch.length, total: particles.length });
    }
    writer.finish();
  } finally {
    writer.discard();
    projector.close();
  }
}

/** Noise-free images [batch × boxPx²]; those of junk are 0. */
async function imagesOf(projector: Projector, batch: readonly TrueParticle[]): Promise<Float32Array> {
  const pixels = projector.boxPx ** 2;
  const images = await projector.makeImages({
    count: batch.length,
    rotations: Float64Array.from(batch.flatMap((particle) => [...particle.rotation])),
    shiftsPx: Float64Array.from(batch.flatMap((particle) => [particle.shiftXPx, particle.shiftYPx])),
    optics: batch.map((particle) => particle.optics),
    aberrations: batch.map((particle) => particle.aberrations),
  });
  batch.forEach((particle, i) => {
    if (particle.isJunk) images.fill(0, i * pixels, (i + 1) * pixels);
  });
  return images;
}

async function writeTruth(
  files: SimulateResult["files"],
  device: Device,
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  particles: readonly TrueParticle[],
  options: SimulateOptions,
): Promise<void> {
  const asFile = (data: Float32Array) => ({ sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data });
  writeMapFile(files.truthMap, asFile(map));
  const rough = await lowPassMap(map, boxPx, pixelSizeA, options.referenceResolutionA, deviceFft3(device));
  writeMapFile(files.reference, asFile(rough));
  const documents = particleDocuments(particles, options, boxPx, pixelSizeA);
  writeStarFileAtomic(files.truthPoses, documents.truth);
  // The particle file last: where it stands, everything that it names stands too.
  writeStarFileAtomic(files.particles, documents.blind);
}
