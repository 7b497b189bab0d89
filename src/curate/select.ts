import { DataError, UsageError } from "../core/errors.ts";
import { folderOf, makeFolder } from "../io/node/folders.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { withTable } from "../io/star/document.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type SelectInput, selectTable } from "../options/select-options.ts";
import { namesInFile } from "./names-in-file.ts";
import { readParticleDocument } from "./particle-document.ts";
import { type ParticleSelection, selectRows } from "./select-rows.ts";

export interface SelectResult {
  readonly particles: string;
  readonly keptCount: number;
  readonly totalCount: number;
  /** Rows that each condition by itself would leave out. */
  readonly refused: readonly { readonly condition: string; readonly count: number }[];
}

/** Writes some rows of a particle set, every column kept as it stands. Images are neither read nor written. */
export async function select(input: SelectInput): Promise<SelectResult> {
  const options = completeOptions("select", selectTable, input);
  const selection: ParticleSelection = {
    score: { label: options.scoreColumn, min: options.minScore, max: options.maxScore },
    defocusA: options.defocusA,
    micrograph: options.micrograph,
    half: options.half,
    classNumber: options.classNumber,
    names: options.list === null ? null : namesInFile(options.list),
    isDistinct: options.isDistinct,
  };
  expectCondition(selection);
  const { document, block, table } = readParticleDocument(options.particles);
  const { kept, refused } = selectRows(table, selection, options.isInverted);
  if (kept.length === 0) {
    const why = refused.map(({ condition, count }) => `${condition} leaves out ${count}`).join("; ");
    throw new DataError(
      `${options.particles}: none of ${table.rowCount} particles is left: ${why}. Nothing was written; change the conditions.`,
      { where: options.particles },
    );
  }
  makeFolder(folderOf(options.out));
  writeStarFileAtomic(options.out, withTable(document, block, table.selectRows(kept)));
  return { particles: options.out, keptCount: kept.length, totalCount: table.rowCount, refused };
}

function expectCondition(selection: ParticleSelection): void {
  const { score, defocusA, micrograph, half, classNumber, names, isDistinct } = selection;
  const texts = [score.min, score.max, defocusA, micrograph, names];
  if (texts.some((value) => value !== null) || half > 0 || classNumber > 0 || isDistinct) return;
  throw new UsageError(
    "select: expected a condition, got none. Give --min-score, --defocus, --micrograph, --half, --class, --list or --distinct.",
  );
}
