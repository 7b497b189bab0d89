// How far a refinement is from what was simulated: by the scorer of a file, or, where there is none, by score-own.mjs.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const DEFAULT_SCORER = fileURLToPath(new URL("../../shared/tools/score.mjs", import.meta.url));
const own = fileURLToPath(new URL("score-own.mjs", import.meta.url));

function call(scorer, ...args) {
  const result = spawnSync(process.execPath, [scorer, ...args], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${scorer} ${args.join(" ")} failed:\n${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** Columns whose ROC area (true particles against junk) is stated, where the file has them. */
const SIGNS = {
  vitreous: ["vitGoodProbability", "rlnLogLikeliContribution", "rlnNormCorrection", "rlnMaxValueProbDistribution"],
  relion: ["rlnMaxValueProbDistribution", "rlnLogLikeliContribution"],
};

/** @param files  { map, poses } of the result; map null: poses only */
export function scoreAgainstTruth(program, files, truth, scorer) {
  const path = scorer ?? (existsSync(DEFAULT_SCORER) ? DEFAULT_SCORER : own);
  const junk = {};
  const written = readFileSync(files.poses, "utf8");
  for (const column of SIGNS[program].filter((name) => written.includes(`_${name} `))) {
    const { rocArea } = call(path, "junk", files.poses, truth.poses, "--column", column);
    if (Number.isFinite(rocArea)) junk[column] = rocArea;
  }
  return {
    scorer: path === own ? "own" : "file",
    map: call(path, "map", files.map, truth.map, "--align", "1"),
    poses: call(path, "poses", files.poses, truth.poses, "--align", "1"),
    rocArea: junk,
  };
}
