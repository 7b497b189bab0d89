import { DataError } from "../core/errors.ts";
import { ProblemList } from "../core/problems.ts";
import { readStarFile } from "../io/node/star-file.ts";
import type { Aberrations } from "../optics/aberrations.ts";
import type { SimulateOptions } from "../options/simulate-options.ts";
import { readAberrations } from "../particles/read-aberrations.ts";

const LABELS = [
  ["rlnVoltage", "voltageKv"],
  ["rlnSphericalAberration", "sphericalAberrationMm"],
  ["rlnAmplitudeContrast", "amplitudeContrast"],
] as const;

/** The options with what --optics states put in, and the aberrations of that file's first optics group. */
export function withOptics(options: SimulateOptions): {
  readonly options: SimulateOptions;
  readonly aberrations: Aberrations | undefined;
} {
  if (options.opticsFile === null) return { options, aberrations: undefined };
  const document = readStarFile(options.opticsFile);
  const table = document.blocks.find((block) => block.name === "optics")?.table;
  if (table === undefined || table.rowCount === 0) {
    throw new DataError(`${options.opticsFile}: expected a data_optics table with a row, found none.`);
  }
  const problems = new ProblemList(options.opticsFile);
  const aberrations = readAberrations(table, 0, problems);
  problems.throwIfAny();
  const stated = LABELS.filter(([label]) => table.has(label)).map(([label, name]) => [name, table.numbers(label)[0]]);
  return { options: { ...options, ...Object.fromEntries(stated) }, aberrations };
}
