import { DataError } from "../../core/errors.ts";
import type { StarTable } from "./table.ts";

/** One table of a STAR file. */
export interface StarBlock {
  /** Text after `data_`, often "optics" or "particles", may be empty. */
  readonly name: string;
  /** True for `loop_` tables, false for label–value pairs (a table of one row). */
  readonly isLoop: boolean;
  /** True for a further table under the same `data_` line. */
  readonly isContinuation: boolean;
  /** Comment lines before the block, with their #. */
  readonly comments: readonly string[];
  readonly table: StarTable;
}

export interface StarDocument {
  /** The file's name, for messages. */
  readonly where: string;
  readonly blocks: readonly StarBlock[];
  /** Comment lines after the last block. */
  readonly trailingComments: readonly string[];
}

/** The comment by which readers know the layout with optics groups. */
export const STAR_VERSION_COMMENT = "# version 30001";

export function findBlock(document: StarDocument, name: string): StarBlock | undefined {
  return document.blocks.find((block) => block.name === name && block.table.columns.length > 0);
}

export function expectBlock(document: StarDocument, name: string): StarBlock {
  const block = findBlock(document, name);
  if (block === undefined) {
    const names = document.blocks.map((other) => `data_${other.name}`).join(", ");
    throw new DataError(`${document.where}: no block data_${name} (blocks: ${names || "none"}).`, {
      where: document.where,
      block: name,
    });
  }
  return block;
}

/** A block of a document to be written. */
export function starBlock(name: string, table: StarTable, isLoop = true): StarBlock {
  return { name, isLoop, isContinuation: false, comments: [STAR_VERSION_COMMENT], table };
}

/** The document with one block's table replaced, all else untouched. */
export function withTable(document: StarDocument, block: StarBlock, table: StarTable): StarDocument {
  return { ...document, blocks: document.blocks.map((other) => (other === block ? { ...other, table } : other)) };
}
