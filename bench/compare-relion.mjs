// Vitreous against RELION on the same files: time, memory, and distance of map and poses from the truth.
//   node bench/compare-relion.mjs FOLDER… [--seeds 12,13] [--work FOLDER] [--relion-done NAME] [--threads 2] [--score FILE]
//     [--vitreous "--mask-diameter 300 …"] [--json] [--no-write]
// Each FOLDER holds particles.star, reference.mrc, truth.star and truth.mrc; --seeds makes two more such folders under --work.
// --relion-done NAME takes a finished RELION run in FOLDER/NAME, and what it used from FOLDER/NAME.time (/usr/bin/time -v):
// run at low priority or beside others, its processor time counts and its wall time does not.
import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { comparisonSet, DEFAULT_MAP, DEFAULT_SIMULATOR } from "./generated-sets.mjs";
import { RELION_OPTIONS, relionRefine } from "./relion-refine.mjs";
import { describeHost, writeResult } from "./results.mjs";
import { figure, tableLines } from "./table.mjs";
import { scoreAgainstTruth } from "./truth-score.mjs";
import { vitreousRefine } from "./vitreous-refine.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "" },
    work: { type: "string", default: "build/compare-relion" },
    "relion-done": { type: "string" },
    "no-relion": { type: "boolean", default: false },
    threads: { type: "string", default: "2" },
    score: { type: "string" },
    simulator: { type: "string", default: DEFAULT_SIMULATOR },
    map: { type: "string", default: DEFAULT_MAP },
    vitreous: { type: "string", default: "--mask-diameter 300 --initial-resolution 60" },
    json: { type: "boolean", default: false },
    "no-write": { type: "boolean", default: false },
  },
});
const say = (lines) => {
  if (!options.json) console.log([...lines, ""].join("\n"));
};

const work = resolve(options.work);
const seeds = options.seeds.split(",").filter(Boolean);
const folders = [
  ...positionals.map((folder) => resolve(folder)),
  ...seeds.map((seed) => comparisonSet(options.simulator, options.map, join(work, `seed-${seed}`), seed)),
];
if (folders.length === 0) throw new Error("compare-relion: give folders, or --seeds 12,13.");
const host = describeHost();
const args = [...options.vitreous.split(" ").filter(Boolean), "--threads", options.threads];
const sets = [];
for (const folder of folders) sets.push(compareOn(folder));
say(report(sets));
const result = { relionOptions: RELION_OPTIONS, vitreousOptions: args.join(" "), sets };
if (options.json) console.log(JSON.stringify({ host, ...result }, null, 1));
if (!options["no-write"]) say([`written: ${writeResult("relion", host, result)}`]);

function compareOn(folder) {
  const name = basename(folder);
  const truth = { map: join(folder, "truth.mrc"), poses: join(folder, "truth.star") };
  const out = join(work, `${name}-vitreous`);
  mkdirSync(work, { recursive: true });
  const runs = [vitreousRefine(folder, out, args)];
  if (!options["no-relion"]) runs.push(relionRefine(folder, options["relion-done"] ?? null));
  return {
    name,
    runs: runs.map(({ program, usage, files, isReused = false }) => ({
      program,
      usage,
      isReused,
      score: scoreAgainstTruth(program, files, truth, options.score),
    })),
  };
}

function report(all) {
  const row = (name, { program, usage, score, isReused }) => [
    name,
    program,
    figure(usage?.wallS) + (isReused ? " *" : ""),
    figure(usage?.processorS),
    figure(usage?.peakMB),
    score.map.at05.toFixed(2),
    score.map.at0143.toFixed(2),
    score.map.meanFsc.toFixed(4),
    score.poses.medianDeg.toFixed(2),
    score.poses.within3.toFixed(3),
    score.poses.within5.toFixed(3),
    score.poses.within10.toFixed(3),
    score.poses.medianShiftA.toFixed(2),
    Object.entries(score.rocArea)
      .map(([column, area]) => `${column} ${area.toFixed(3)}`)
      .join(", "),
  ];
  const header = [
    "set",
    "program",
    "wall s",
    "CPU s",
    "MB",
    "FSC 0.5 Å",
    "0.143 Å",
    "mean FSC",
    "median °",
    "< 3°",
    "< 5°",
    "< 10°",
    "shift Å",
    "ROC area, good against junk",
  ];
  const lines = tableLines(
    header,
    all.flatMap((set) => set.runs.map((run) => row(set.name, run))),
  );
  if (all.some((set) => set.runs.some((run) => run.isReused)))
    lines.push("* of an earlier run: comparable only if the machine was as free then.");
  return [...lines, "", ...all.flatMap(verdicts)];
}

/** The criteria of the comparison, one line each. */
function verdicts({ name, runs: [ours, theirs] }) {
  if (!theirs) return [];
  const fsc = ours.score.map.meanFsc - theirs.score.map.meanFsc;
  const found = ours.score.poses.within5 - theirs.score.poses.within5;
  const angle = theirs.score.poses.medianDeg / ours.score.poses.medianDeg;
  const ratio = (key) => (theirs.usage?.[key] ?? Number.NaN) / ours.usage[key];
  const line = (isMet, text) => `  ${isMet ? "met    " : "NOT MET"} ${text}`;
  return [
    name,
    line(fsc >= -0.005, `mean FSC to the truth ${fsc >= 0 ? "+" : ""}${fsc.toFixed(4)} (not lower by more than 0.005)`),
    line(found >= 0, `share within 5° ${found >= 0 ? "+" : ""}${found.toFixed(4)} (at least as good)`),
    line(angle >= 1, `median error: RELION's / ours ${angle.toFixed(3)} (at least 1)`),
    theirs.isReused
      ? `  unknown wall time (at least 5 is asked): not comparable here; CPU time: RELION's / ours ${figure(ratio("processorS"))}`
      : line(ratio("wallS") >= 5, `wall time: RELION's / ours ${figure(ratio("wallS"))} (at least 5)`),
  ];
}
