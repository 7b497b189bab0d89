import type { StarDocument } from "../io/star/document.ts";
import { makeParticleTable, type ParticleTable } from "../particles/table.ts";
import { particlesToStar } from "../particles/to-star.ts";

export interface SubtractedImages {
  /** Paths of the new stacks, and where each particle's image lies in them. */
  readonly stacks: readonly string[];
  readonly stackOf: Int32Array;
  readonly sliceOf: Int32Array;
  /** [particles] 1 or 2 */
  readonly halfSet: Uint8Array;
  /** [particles][2] px */
  readonly shiftPx: Float64Array;
}

/**
 * The particle table with its new images. Every column of the input stays; rlnImageOriginalName says which image it was, and rlnRandomSubset is
 * written out: a half-set drawn from the new names would not be that which the pose was found in.
 */
export function subtractedStar(table: ParticleTable, images: SubtractedImages): StarDocument {
  const names = (of: ParticleTable) => Array.from({ length: of.count }, (_, p) => of.imageName(p));
  const moved = makeParticleTable({
    ...table,
    // Beside the file, as the names of stacks are looked for.
    stackPaths: images.stacks.map((path) => path.slice(path.lastIndexOf("/") + 1)),
    imageStack: images.stackOf,
    imageSlice: images.sliceOf,
  });
  return particlesToStar(moved, {
    shiftPx: images.shiftPx,
    randomSubset: images.halfSet,
    extra: [
      { label: "rlnImageName", texts: names(moved) },
      { label: "rlnImageOriginalName", texts: names(table) },
    ],
  });
}
