import { DataError } from "../core/errors.ts";
import { readCsFile } from "../io/node/cs-file.ts";
import { readStarFile } from "../io/node/star-file.ts";
import type { StarBlock, StarDocument } from "../io/star/document.ts";
import type { StarTable } from "../io/star/table.ts";
import { particlesFromCs } from "../particles/from-cs.ts";
import { particlesToStar } from "../particles/to-star.ts";

/** A particle set as the rows of a STAR document: what is cut or repeated without looking at what the columns mean. */
export interface ParticleDocument {
  readonly document: StarDocument;
  /** The block of `document` that holds one row per particle. */
  readonly block: StarBlock;
  readonly table: StarTable;
}

/** Reads a STAR file as it stands, or a cryoSPARC .cs file brought into STAR columns. */
export function readParticleDocument(path: string): ParticleDocument {
  const document = path.endsWith(".cs") ? particlesToStar(particlesFromCs(readCsFile(path))) : readStarFile(path);
  const withImages = document.blocks.filter((block) => block.isLoop && block.table.has("rlnImageName"));
  const block = withImages.find((candidate) => candidate.name === "particles") ?? withImages[0];
  if (block === undefined) {
    const names = document.blocks.map((other) => `data_${other.name}`).join(", ");
    throw new DataError(
      `${path}: expected a particle table with a column rlnImageName; the blocks here are ${names}. ` +
        "Give the file of particles (e.g. run_data.star).",
      { where: path },
    );
  }
  return { document, block, table: block.table };
}

/** A column that a condition needs; DataError naming who asked for it. */
export function expectColumn(table: StarTable, label: string, askedBy: string): void {
  if (table.has(label)) return;
  throw new DataError(
    `${table.where}: ${askedBy} needs the column ${label}, which the file does not have. Columns: ${table.labels.join(", ")}.`,
    { where: table.where, label },
  );
}
