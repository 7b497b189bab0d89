// Defocus search as whole runs on simulated sets with errors put into the written defocus: refined blind, then `defocus`, against the oracle
// (the same search with the true map and the true poses), and against the same images with the true defocus written.
// usage: node bench/defocus.mjs [--case particle|micrograph|coarse] [--seed N] [--threads N] [--folder FOLDER] [--error-free]
//   --folder      where sets and runs lie; what is there already is used, not made again
//   --error-free  also refines the set without errors, and compares the maps' FSC to the truth
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defocusErrorA, defocusOracle } from "./defocus-oracle.mjs";
import { dist } from "./dist.mjs";
import { DEFAULT_MAP, DEFAULT_SIMULATOR, simulateSet } from "./generated-sets.mjs";
import { writeResult } from "./machine-record.mjs";
import { scoreAgainstTruth } from "./truth-score.mjs";

const FINE = { n: 2000, box: 96, pixel: 2, defocus: "5000,15000", snr: 0.2, lowpass: 24 };
const fineRun = { maskDiameterA: 192, initialResolutionA: 24 };
/** limitA: science.md §6. */
const CASES = {
  particle: { set: FINE, error: { dferr: 300 }, run: fineRun, limitA: 100, ofOracle: 1.4 },
  micrograph: { set: FINE, error: { dferrmic: 300 }, run: fineRun, limitA: 70 },
  coarse: {
    set: { n: 2000, snr: 0.2 },
    error: { dferr: 300 },
    run: { maskDiameterA: 300, initialResolutionA: 40 },
    ofGiven: 1,
  },
};

const { values } = parseArgs({
  options: {
    case: { type: "string", default: "particle" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    folder: { type: "string" },
    "error-free": { type: "boolean", default: false },
  },
});
const wanted = CASES[values.case];
if (!wanted) throw new Error(`--case: expected one of ${Object.keys(CASES).join(", ")}, got ${values.case}`);
const [seed, threads] = [Number(values.seed), Number(values.threads)];
const folder = values.folder ?? join(tmpdir(), `vitreous-defocus-${process.pid}`);
const { refine, defocus } = await import(new URL("index.js", dist));

/** The set and its noise; the simulator prints the noise, so it is kept in a file beside. */
function setOf(name, options) {
  const path = join(folder, name);
  const said = `${path}.json`;
  if (!existsSync(said)) {
    writeFileSync(
      said,
      JSON.stringify(simulateSet(DEFAULT_SIMULATOR, DEFAULT_MAP, path, { ...wanted.set, ...options, seed })),
    );
  }
  return { path, noise: JSON.parse(readFileSync(said, "utf8")).noise };
}

function watch(rounds) {
  return {
    event(name, fields) {
      if (name === "warning") console.error(fields.message);
      if (name === "defocus.estimated")
        rounds.push({ round: fields.round, rmsChangeA: fields.rmsChangeA, movedA: fields.movedA });
      if (name !== "round.done") return;
      const { round, stage, radiusShell, resolution0143A, elapsedMs } = fields;
      console.error(
        `round ${round} ${stage} shell ${radiusShell} ${resolution0143A.toFixed(2)} Å ${(elapsedMs / 1000).toFixed(0)} s`,
      );
    },
  };
}

async function refined(set, name) {
  const out = join(folder, name);
  const rounds = [];
  const input = {
    particles: join(set.path, "particles.star"),
    reference: join(set.path, "reference.mrc"),
    out,
    threads,
    seed,
  };
  const result = existsSync(join(out, "run_class001.mrc"))
    ? null
    : await refine({ ...input, ...wanted.run }, { signal: new AbortController().signal, log: watch(rounds) });
  return { out, ...scored(out, set), rounds: result?.rounds ?? null, reason: result?.reason ?? null };
}

function scored(out, set) {
  const files = { map: join(out, "run_class001.mrc"), poses: join(out, "run_data.star") };
  const { map, poses } = scoreAgainstTruth("vitreous", files, {
    map: join(set.path, "truth.mrc"),
    poses: join(set.path, "truth.star"),
  });
  return { errorA: defocusErrorA(files.poses, set.path), map, poses };
}

const set = setOf("set", wanted.error);
const before = await refined(set, "run");
const rounds = [];
const out = join(folder, "defocus");
rmSync(out, { recursive: true, force: true });
const result = await defocus(
  { folder: before.out, out, threads },
  { signal: new AbortController().signal, log: watch(rounds) },
);
const after = {
  ...scored(out, set),
  rounds,
  reason: result.reason,
  resolutionA: result.resolutionA,
  unmaskedResolutionA: result.unmaskedResolutionA,
};
const oracle = await defocusOracle(set.path, set.noise, threads);
const errorFree = values["error-free"] ? await refined(setOf("error-free", {}), "error-free-run") : null;
const limits = {
  ...(wanted.limitA ? { limitA: wanted.limitA, isBelowLimit: after.errorA < wanted.limitA } : {}),
  ...(wanted.ofOracle
    ? { ofOracle: after.errorA / oracle.errorA, isNearOracle: after.errorA <= wanted.ofOracle * oracle.errorA }
    : {}),
  ...(wanted.ofGiven
    ? { ofGiven: after.errorA / before.errorA, isNoWorse: after.errorA <= wanted.ofGiven * before.errorA }
    : {}),
};
const record = {
  case: values.case,
  seed,
  set: { ...wanted.set, ...wanted.error },
  before,
  after,
  oracle,
  errorFree,
  limits,
};
console.log(
  JSON.stringify(
    record,
    (key, value) => (typeof value === "number" ? Number(value.toPrecision(5)) : key === "out" ? undefined : value),
    1,
  ),
);
console.log(writeResult(`defocus-${values.case}-seed${seed}`, record));
if (!values.folder) rmSync(folder, { recursive: true, force: true });
process.exit(Object.entries(limits).some(([key, value]) => key.startsWith("is") && !value) ? 1 : 0);
