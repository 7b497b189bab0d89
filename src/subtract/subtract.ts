import { DataError, throwIfAborted, UsageError } from "../core/errors.ts";
import { openDevice } from "../device/open.ts";
import { nodeFiles } from "../io/node/file-reader.ts";
import { folderOf, makeFolder } from "../io/node/folders.ts";
import { StackWriter } from "../io/node/stack-writer.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { completeOptions } from "../options/complete-options.ts";
import { deviceOptions } from "../options/device-options.ts";
import { type SubtractInput, subtractTable } from "../options/subtract-options.ts";
import { makeHalfSets } from "../particles/half-sets.ts";
import { openImageSource } from "../particles/stacks.ts";
import type { ParticleTable } from "../particles/table.ts";
import { readPoses } from "../simulate/read-poses.ts";
import { fitScales } from "./fit-scales.ts";
import { GridProjector, type ImageGrid, imageGrids } from "./group-images.ts";
import { centreOfMask, readSubtractionMaps } from "./read-maps.ts";
import { moveImage, recentringOf } from "./recentre.ts";
import { subtractedStar } from "./subtracted-star.ts";
import type { SubtractContext, Subtraction } from "./subtraction.ts";

export interface SubtractResult {
  readonly imageCount: number;
  /** Grey scale of the map in the images of each optics group; with --scale particle, their mean. */
  readonly scales: readonly { readonly group: string; readonly scale: number }[];
  /** What the images are centred on, Å from the map's centre; null: they were not moved. */
  readonly centreA: readonly [number, number, number] | null;
  readonly files: { readonly stacks: readonly string[]; readonly particles: string };
}

const BATCH = 128;
/**
 * Signal subtraction: takes the projection of the map outside a mask, with each particle's pose, CTF and aberrations, out of its
 * image. What is left shows what the mask keeps, with the image's own noise.
 */
export async function subtract(input: SubtractInput, context: SubtractContext): Promise<SubtractResult> {
  const options = completeOptions("subtract", subtractTable, input);
  const maps = readSubtractionMaps(options);
  const table = readPoses(options.particles, { requireCtf: true });
  if (!table.hasPoses) {
    throw new DataError(
      `${options.particles}: has no poses (rlnAngleRot, rlnAngleTilt, rlnAnglePsi). Give run_data.star of a finished run.`,
      { where: options.particles },
    );
  }
  for (const message of table.notes) context.log.event("warning", { message });
  const { halfSet } = makeHalfSets(table, options.seed);
  const source = openImageSource(table, {
    files: nodeFiles,
    metadataPath: options.particles,
    ...(options.particleRoot === null ? {} : { root: options.particleRoot }),
  });
  const device = openDevice(deviceOptions(options));
  try {
    const grids = imageGrids(table, source);
    const stacks = grids.map((_, i) => (grids.length === 1 ? `${options.out}.mrcs` : `${options.out}_${i + 1}.mrcs`));
    for (const path of stacks) expectNotRead(path, table, options.out);
    makeFolder(folderOf(options.out));
    const shiftPx = Float64Array.from(table.shiftPx);
    const centrePx = options.recentre ? centreOfMask(maps.mask, maps.boxPx) : null;
    const job: Subtraction = { device, table, source, options, maps, centrePx, halfSet, context, shiftPx };
    const scales: { group: string; scale: number }[] = [];
    const stackOf = new Int32Array(table.count);
    const sliceOf = new Int32Array(table.count);
    for (const [i, grid] of grids.entries()) {
      const rows = Int32Array.from(table.opticsGroup.keys()).filter((p) => grid.groups.includes(table.opticsGroup[p]!));
      rows.forEach((p, slice) => {
        stackOf[p] = i;
        sliceOf[p] = slice;
      });
      scales.push(...(await subtractGrid(job, grid, rows, stacks[i]!)));
    }
    const particles = `${options.out}.star`;
    writeStarFileAtomic(particles, subtractedStar(table, { stacks, stackOf, sliceOf, halfSet, shiftPx }));
    return {
      imageCount: table.count,
      scales,
      centreA: centrePx && scaled(centrePx, maps.pixelSizeA),
      files: { stacks, particles },
    };
  } finally {
    device.close();
    source.close();
  }
}

/** The images are read while their like is written: not into the same file. */
function expectNotRead(path: string, table: ParticleTable, out: string): void {
  const name = (file: string) => file.slice(file.lastIndexOf("/") + 1);
  const isSource =
    table.stackPaths.some((stack) => name(stack) === name(path)) && folderOf(path) === folderOf(table.where);
  if (!isSource) return;
  throw new UsageError(`subtract: --out ${out}: ${name(path)} holds the images of ${table.where}. Give another name.`);
}

/** Subtracts from the images of one grid, into one stack; the scales of its optics groups. */
async function subtractGrid(job: Subtraction, grid: ImageGrid, rows: Int32Array, stack: string) {
  const { device, table, source, options, maps, centrePx, halfSet, context } = job;
  const pixels = grid.boxPx ** 2;
  const taken = maps.mask.map((value) => 1 - value);
  const projector = new GridProjector(device, maps, taken, grid, options.paddingFactor);
  const writer = new StackWriter(stack, { ...grid, count: rows.length });
  const fits = await fitScales(job, grid, rows);
  try {
    for (let first = 0; first < rows.length; first += BATCH) {
      throwIfAborted(context.signal, "subtract");
      const batch = rows.slice(first, first + BATCH);
      const images = new Float32Array(batch.length * pixels);
      source.readInto(images, batch);
      const scales = await fits.scalesOf(images, batch);
      const models = await projector.images(table, batch, halfSet);
      batch.forEach((p, i) => {
        for (let k = i * pixels; k < (i + 1) * pixels; k++) images[k]! -= scales[i]! * models[k]!;
        if (centrePx !== null)
          recentreImage(job, scaled(centrePx, maps.pixelSizeA / grid.pixelSizeA), grid, images, i, p);
        // As stored: images of dark particles are turned over when they are read.
        if (table.opticsGroups[table.opticsGroup[p]!]!.imageSign < 0) {
          for (let k = i * pixels; k < (i + 1) * pixels; k++) images[k] = -images[k]!;
        }
      });
      writer.append(images);
      context.log.event("subtract.batch", { done: first + batch.length, total: rows.length });
    }
    writer.finish();
    return fits.scales();
  } finally {
    writer.discard();
    projector.close();
    fits.close();
  }
}

function recentreImage(
  { table, shiftPx }: Subtraction,
  centrePx: readonly [number, number, number],
  grid: ImageGrid,
  images: Float32Array,
  i: number,
  p: number,
): void {
  const { shiftPx: left, movePx } = recentringOf(
    table.rotation.slice(4 * p, 4 * p + 4),
    [shiftPx[2 * p]!, shiftPx[2 * p + 1]!],
    centrePx,
    table.opticsGroups[table.opticsGroup[p]!]!,
    grid.boxPx,
  );
  moveImage(images, i * grid.boxPx ** 2, grid.boxPx, movePx);
  shiftPx.set(left, 2 * p);
}

function scaled(v: readonly [number, number, number], factor: number): [number, number, number] {
  return [factor * v[0], factor * v[1], factor * v[2]];
}
