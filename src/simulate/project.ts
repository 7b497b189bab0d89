import { DataError, throwIfAborted } from "../core/errors.ts";
import { openDevice } from "../device/open.ts";
import { readCubicMap } from "../io/node/cubic-map.ts";
import { folderOf, makeFolder } from "../io/node/folders.ts";
import { StackWriter } from "../io/node/stack-writer.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { completeOptions } from "../options/complete-options.ts";
import { deviceOptions } from "../options/device-options.ts";
import { type ProjectInput, type ProjectOptions, projectTable } from "../options/project-options.ts";
import { makeParticleTable, type ParticleTable } from "../particles/table.ts";
import { particlesToStar } from "../particles/to-star.ts";
import { modelBatch } from "./model-batch.ts";
import { Projector } from "./projector.ts";
import { readPoses } from "./read-poses.ts";
import type { SimulateContext } from "./simulate.ts";

const BATCH = 256;

/** What `project` wrote. */
export interface ProjectResult {
  readonly imageCount: number;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly files: { readonly stack: string; readonly particles: string };
}

/** Noise-free images of a map with the poses and CTF of a particle file: the image model, image by image. */
export async function project(input: ProjectInput, context: SimulateContext): Promise<ProjectResult> {
  const options = completeOptions("project", projectTable, input);
  const map = readCubicMap(options.reference, 0);
  const table = readPoses(options.particles, { requireCtf: !options.withoutCtf });
  for (const message of table.notes) context.log.event("warning", { message });
  makeFolder(folderOf(options.out));
  const files = { stack: `${options.out}.mrcs`, particles: `${options.out}.star` };
  const projected = projectedTable(table, files.stack, map, options);
  const device = openDevice(deviceOptions(options));
  try {
    const projector = new Projector(device, map.data, map.boxPx, map.pixelSizeA, options.paddingFactor);
    const writer = new StackWriter(files.stack, { ...map, count: table.count });
    try {
      for (let start = 0; start < table.count; start += BATCH) {
        throwIfAborted(context.signal, "project");
        const end = Math.min(table.count, start + BATCH);
        writer.append(await projector.makeImages(modelBatch(projected, start, end, options.withoutCtf)));
        context.log.event("project.batch", { done: end, total: table.count });
      }
      writer.finish();
    } finally {
      writer.discard();
      projector.close();
    }
  } finally {
    device.close();
  }
  writeStarFileAtomic(files.particles, particlesToStar(projected));
  return { imageCount: table.count, boxPx: map.boxPx, pixelSizeA: map.pixelSizeA, files };
}

/** The table of the projections: the map's box and pixel size, shifts in its pixels, images in the new stack. */
function projectedTable(
  table: ParticleTable,
  stackPath: string,
  map: { readonly boxPx: number; readonly pixelSizeA: number },
  options: ProjectOptions,
): ParticleTable {
  if (!table.hasPoses) {
    throw new DataError(
      `${table.where}: expected orientations (rlnAngleRot, rlnAngleTilt, rlnAnglePsi), got none. ` +
        "Give a file with poses, such as run_data.star.",
      { where: table.where },
    );
  }
  const stackName = stackPath.slice(stackPath.lastIndexOf("/") + 1);
  return makeParticleTable({
    ...table,
    stackPaths: [stackName],
    imageStack: new Int32Array(table.count),
    imageSlice: Int32Array.from({ length: table.count }, (_, particle) => particle),
    opticsGroups: table.opticsGroups.map((group) => ({ ...group, ...map, imageSign: 1 as const })),
    shiftPx: options.withoutShifts ? new Float32Array(2 * table.count) : scaledShifts(table, map.pixelSizeA),
    hasCtf: table.hasCtf && !options.withoutCtf,
    source: { kind: "made" },
  });
}

function scaledShifts(table: ParticleTable, pixelSizeA: number): Float32Array {
  return table.shiftPx.map((shift, i) => {
    const group = table.opticsGroups[table.opticsGroup[i >> 1]!]!;
    return (shift * group.pixelSizeA) / pixelSizeA;
  });
}
