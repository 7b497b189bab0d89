// Time and memory of reconstruction from known poses against relion_reconstruct: 4,000 images of 64 px, 500 of 256 px, CTF, padding 2.
// Usage: node bench/reconstruct-speed.mjs [--sets 64x4000,256x500] [--repeats 3] [--programs relionDirect,singleDirect] (default: all; RELION's loop takes minutes at 256 px)
// RELION makes one map, on one thread; so does Vitreous with --single-map, on all. Vitreous's default is three maps and their FSC. Two ways of weighting: the
// gridding loop of ten iterations (RELION's default), and the inserted weight alone (Vitreous's). Runs alternate; medians. On a machine with other
// work only processor time and memory say something.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { silentLog, simulate } from "../dist/index.js";
import { firstLine, writeResult } from "./machine-record.mjs";

const { values } = parseArgs({
  options: {
    sets: { type: "string", default: "64x4000,256x500" },
    repeats: { type: "string", default: "3" },
    programs: { type: "string" },
  },
});
const TIMES_FASTER = 10;
const MEMORY_SHARE = 1 / 3;
const WIDTH_A = 256;
const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vitreous-speed-"));

/** Wall and processor seconds and peak memory of a command. */
function timed(cwd, command) {
  const report = join(folder, "time");
  const result = spawnSync("/usr/bin/time", ["-f", "%e %U %S %M", "-o", report, ...command], { cwd, encoding: "utf8" });
  if (result.status !== 0)
    throw new Error(`${command.join(" ")}: exit ${result.status}\n${result.stderr ?? result.error}`);
  const [wallS, user, system, peakKb] = readFileSync(report, "utf8").trim().split(/\s+/).map(Number);
  return { wallS, processorS: user + system, peakMB: peakKb / 1e3 };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const medians = (runs) =>
  Object.fromEntries(["wallS", "processorS", "peakMB"].map((name) => [name, median(runs.map((run) => run[name]))]));

const LOOP = ["--gridding-iterations", "10"];
const DIRECT = ["--gridding-iterations", "0"];
const known = {
  relionLoop: { relion: ["--iter", "10"] },
  relionDirect: { relion: ["--skip_gridding"] },
  singleLoop: { vitreous: ["--single-map", ...LOOP] },
  singleDirect: { vitreous: ["--single-map", ...DIRECT] },
  threeMaps: { vitreous: DIRECT },
};
const wanted = values.programs?.split(",") ?? Object.keys(known);
const programs = Object.fromEntries(wanted.map((name) => [name, known[name]]));
const pairs = [
  { name: "one map, as each does by default", relion: "relionLoop", vitreous: "singleDirect" },
  { name: "one map, gridding loop of 10", relion: "relionLoop", vitreous: "singleLoop" },
  { name: "one map, inserted weight", relion: "relionDirect", vitreous: "singleDirect" },
  { name: "three maps and FSC against RELION's one, defaults", relion: "relionLoop", vitreous: "threeMaps" },
];
const rows = [];
const runsOfSets = {};
try {
  for (const set of values.sets.split(",")) {
    const [boxPx, particleCount] = set.split("x").map(Number);
    const data = join(folder, set);
    await simulate(
      { out: data, boxPx, pixelSizeA: WIDTH_A / boxPx, particleCount, snr: 0.1, seed: 1 },
      { signal: new AbortController().signal, log: silentLog },
    );
    const runs = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
    for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
      for (const [name, { relion, vitreous }] of Object.entries(programs)) {
        const command = relion
          ? [
              "relion_reconstruct",
              "--i",
              "truth.star",
              "--o",
              join(folder, "relion.mrc"),
              "--ctf",
              "--pad",
              "2",
              ...relion,
            ]
          : [process.execPath, cli, "reconstruct", "truth.star", "--out", join(folder, "own"), ...vitreous];
        runs[name].push(timed(data, command));
      }
    }
    runsOfSets[set] = runs;
    for (const { name, ...pair } of pairs) {
      if (!(pair.relion in programs) || !(pair.vitreous in programs)) continue;
      const [relion, vitreous] = [medians(runs[pair.relion]), medians(runs[pair.vitreous])];
      const row = {
        set,
        pair: name,
        relion,
        vitreous,
        timesFaster: relion.wallS / vitreous.wallS,
        timesLessProcessorTime: relion.processorS / vitreous.processorS,
        memoryShare: vitreous.peakMB / relion.peakMB,
      };
      rows.push(row);
      console.log(
        `${set}, ${name}: RELION ${relion.wallS.toFixed(1)} s (${relion.processorS.toFixed(1)} processor s), ${relion.peakMB.toFixed(0)} MB; ` +
          `Vitreous ${vitreous.wallS.toFixed(1)} s (${vitreous.processorS.toFixed(1)} processor s), ${vitreous.peakMB.toFixed(0)} MB: ` +
          `${row.timesFaster.toFixed(1)} times faster (${TIMES_FASTER} wanted), ${row.timesLessProcessorTime.toFixed(1)} times less processor time, ` +
          `${row.memoryShare.toFixed(2)} of the memory (${MEMORY_SHARE.toFixed(2)} wanted)`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  writeResult("reconstruct-speed", {
    relion: firstLine("relion_reconstruct", ["--version"]),
    rows,
    runs: runsOfSets,
  }),
);
