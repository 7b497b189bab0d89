import { expectRoom } from "../core/checks.ts";
import { UsageError } from "../core/errors.ts";
import { openStack } from "../io/mrc/stack.ts";
import { checkStacks, type StackRecord } from "./check-stacks.ts";
import { commonGrid } from "./common-grid.ts";
import { imageKey } from "./duplicates.ts";
import type { ImageSource, ImageSourceOptions } from "./image-source.ts";
import { ResidentSlices } from "./resident-slices.ts";
import { StackPool } from "./stack-pool.ts";
import type { ParticleTable } from "./table.ts";

/** Bytes read at once: neighbouring slices of one file are one read. */
const READ_BYTES = 4 * 1024 * 1024;

export type { ImageSource, ImageSourceOptions } from "./image-source.ts";

/** Opens the stacks of a table after checking that each exists and fits; DataError with all problems otherwise. */
export function openImageSource(table: ParticleTable, options: ImageSourceOptions): ImageSource {
  const checked = checkStacks(table, options);
  const pool = new StackPool((path) => openStack(options.files.open(path)));
  const { groupBoxPx, stacks } = checked;
  const { boxPx, pixelSizeA } = commonGrid(table, groupBoxPx);
  const sliceBytes = Float64Array.from(
    { length: table.count },
    (_, particle) => (stacks[table.imageStack[particle] as number] as StackRecord).sliceBytes,
  );
  const resident = new ResidentSlices(sliceBytes, options.residentBytes ?? 0);
  // Fresh memory for each read would cost more than the read itself.
  let scratch = new Uint8Array(0);

  const decode = (out: Float32Array, place: number, particle: number, bytes: Uint8Array, stack: StackRecord): void => {
    const imagePixels = (groupBoxPx[table.opticsGroup[particle] as number] as number) ** 2;
    const start = place * imagePixels;
    stack.decodeInto(out, start, bytes);
    if (table.opticsGroups[table.opticsGroup[particle] as number]?.imageSign === -1) {
      for (let i = start; i < start + imagePixels; i++) out[i] = -(out[i] as number);
    }
  };

  return {
    count: table.count,
    boxPx,
    pixelSizeA,
    groupBoxPx,
    storedBytes: sliceBytes.reduce((sum, bytes) => sum + bytes, 0),
    readInto(out, particles) {
      const boxes = new Set(Array.from(particles, (particle) => groupBoxPx[table.opticsGroup[particle] as number]));
      if (boxes.size > 1) {
        throw new UsageError(
          `readInto: expected particles of one box, got ${[...boxes].join(", ")} px. Read each optics group by itself.`,
        );
      }
      for (const box of boxes) expectRoom("readInto: out", out, particles.length * (box as number) ** 2);
      const missing: number[] = [];
      for (let place = 0; place < particles.length; place++) {
        const particle = particles[place] as number;
        const bytes = resident.get(particle);
        const stack = stacks[table.imageStack[particle] as number] as StackRecord;
        if (bytes === undefined) missing.push(place);
        else decode(out, place, particle, bytes, stack);
      }
      const keys = Float64Array.from(missing, (place) => imageKey(table, particles[place] as number));
      const order = Int32Array.from(missing.keys()).sort((a, b) => (keys[a] as number) - (keys[b] as number));
      for (let from = 0; from < order.length; ) {
        const firstKey = keys[order[from] as number] as number;
        const firstParticle = particles[missing[order[from] as number] as number] as number;
        const stackIndex = table.imageStack[firstParticle] as number;
        const stack = stacks[stackIndex] as StackRecord;
        const mostSlices = Math.max(1, Math.floor(READ_BYTES / stack.sliceBytes));
        let to = from + 1;
        let lastKey = firstKey;
        // Slices that follow each other (or are asked for twice) are read together.
        for (; to < order.length; to++) {
          const key = keys[order[to] as number] as number;
          if (key > lastKey + 1 || key - firstKey >= mostSlices || key >= (stackIndex + 1) * 0x100000000) break;
          lastKey = key;
        }
        const firstSlice = table.imageSlice[firstParticle] as number;
        const byteCount = (lastKey - firstKey + 1) * stack.sliceBytes;
        if (scratch.length < byteCount) scratch = new Uint8Array(Math.max(byteCount, READ_BYTES));
        const bytes = scratch.subarray(0, byteCount);
        pool.stack(stack.path).readSliceBytesInto(bytes, firstSlice);
        for (; from < to; from++) {
          const place = missing[order[from] as number] as number;
          const particle = particles[place] as number;
          const start = ((keys[order[from] as number] as number) - firstKey) * stack.sliceBytes;
          const slice = bytes.subarray(start, start + stack.sliceBytes);
          resident.keep(particle, slice);
          decode(out, place, particle, slice, stack);
        }
      }
    },
    close() {
      pool.close();
    },
  };
}
