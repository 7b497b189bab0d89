import { DataError, messageOf } from "../core/errors.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { joinPath, listFolder, pathExists } from "../io/node/folders.ts";

/** Where a report finds what it shows: the final files of a run, or those of its last round while it is under way. */
export interface RunFiles {
  readonly folder: string;
  readonly isFinished: boolean;
  readonly record: string;
  readonly particles: string;
  readonly model: string;
  readonly fsc: string | null;
  readonly events: string | null;
  readonly rejected: string | null;
  readonly postprocess: string | null;
  /** One map, or the two half maps of a round. */
  readonly maps: readonly string[];
}

export function findRunFiles(folder: string): RunFiles {
  const file = (name: string): string => joinPath(folder, name);
  if (!pathExists(file("run.json"))) {
    throw new DataError(
      `${folder}: expected the folder of a run (run.json), found none. Give the folder that --out of vitreous refine named.`,
      { where: folder },
    );
  }
  const optional = (name: string): string | null => (pathExists(file(name)) ? file(name) : null);
  const shared = {
    folder,
    record: file("run.json"),
    events: optional("events.jsonl"),
    rejected: optional("rejected.star"),
    postprocess: optional("postprocess/postprocess.json"),
  };
  const isFinished = ["run_class001.mrc", "run_data.star", "run_model.star"].every((name) => pathExists(file(name)));
  if (isFinished) {
    return {
      ...shared,
      isFinished,
      particles: file("run_data.star"),
      model: file("run_model.star"),
      fsc: optional("run_fsc.json"),
      maps: [file("run_class001.mrc")],
    };
  }
  const rounds = listFolder(folder).flatMap((name) => /^(run_it\d+)_model\.star$/.exec(name)?.[1] ?? []);
  const last = rounds.filter((start) => pathExists(file(`${start}_data.star`))).at(-1);
  if (last === undefined) {
    throw new DataError(`${folder}: no round is finished yet: there is nothing to report. Wait for the first round.`, {
      where: folder,
    });
  }
  return {
    ...shared,
    isFinished,
    particles: file(`${last}_data.star`),
    model: file(`${last}_model.star`),
    fsc: null,
    maps: ["half1", "half2"].map((half) => file(`${last}_${half}_class001.mrc`)).filter(pathExists),
  };
}

/** A JSON file of the run. */
export function readJson(path: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(new TextDecoder().decode(readFileBytes(path)));
  } catch (thrown) {
    throw new DataError(`${path}: damaged: ${messageOf(thrown)}. Restore the file.`, { where: path }, thrown);
  }
}

/** Events of the log; a half line at the end of a killed run's log is left out. */
export function readEvents(path: string): Readonly<Record<string, unknown>>[] {
  const lines = new TextDecoder().decode(readFileBytes(path)).split("\n");
  return lines.flatMap((line) => {
    if (!line.startsWith("{") || !line.endsWith("}")) return [];
    try {
      return [JSON.parse(line)];
    } catch {
      // Only whole lines count.
      return [];
    }
  });
}
