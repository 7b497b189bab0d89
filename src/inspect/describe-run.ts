import { readFileBytes } from "../io/node/file-reader.ts";
import { joinPath, listFolder, pathExists } from "../io/node/folders.ts";
import { runFolder } from "../refine/run-folder.ts";
import { describeCheckpointFolder } from "./describe-checkpoint.ts";
import { describeEvents } from "./describe-events.ts";
import { describeJson } from "./describe-json.ts";
import { type Description, fact } from "./description.ts";
import { counted } from "./words.ts";

/** The folder of a run: what was asked for, how far it is, what there is. */
export function describeRunFolder(path: string): Description {
  const folder = runFolder(path);
  const text = (file: string): string => new TextDecoder().decode(readFileBytes(file));
  const record = describeJson(text(folder.record), folder.record);
  const events = pathExists(folder.events) ? describeEvents(text(folder.events), folder.events) : undefined;
  const names = listFolder(path);
  const isFinished = names.includes("run_class001.mrc") && names.includes("run_data.star");
  const rounds = names.filter((name) => /^run_it\d+_data\.star$/.test(name)).length;
  const manifest = joinPath(folder.checkpoint, "manifest.json");
  const checkpoint = pathExists(manifest) ? describeCheckpointFolder(folder.checkpoint) : undefined;
  const status = isFinished ? "finished" : `not finished, ${counted(rounds, "round")} done`;
  return {
    path,
    kind: "run-folder",
    summary: `a Vitreous run: ${status}`,
    facts: [
      ...record.facts,
      ...(events?.facts.filter(({ name }) => name !== "warnings") ?? []),
      ...RESULTS.filter(([name]) => names.includes(name)).map(([name, what]) => fact(name, what)),
      ...(checkpoint ? [fact("checkpoint", checkpoint.summary)] : []),
    ],
    notes: [
      ...(isFinished ? [] : [`to go on: vitreous resume ${path}`]),
      ...(checkpoint?.notes ?? []),
      ...(events?.notes ?? []),
    ],
  };
}

const RESULTS: readonly (readonly [name: string, what: string])[] = [
  ["run_class001.mrc", "the refined map"],
  ["run_half1_class001_unfil.mrc", "half map 1, unfiltered"],
  ["run_half2_class001_unfil.mrc", "half map 2, unfiltered"],
  ["run_data.star", "poses and scores of the particles"],
  ["run_model.star", "FSC, noise and history"],
  ["run_fsc.json", "FSC curves"],
  ["run_mask.mrc", "the mask of the masked FSC"],
  ["rejected.star", "particles that could not be used"],
  ["report.html", "the report: open it in a browser"],
  ["run_summary.svg", "slices and FSC as one picture"],
];
