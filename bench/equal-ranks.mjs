// The same refinement on 1, 2, 3 and 4 ranks: every result file must have the same bytes.
// Usage: node bench/equal-ranks.mjs <particles.star> <reference.mrc> [options of vitreous refine]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeResult } from "./machine-record.mjs";
import { mpirunWords } from "./mpi-words.mjs";
import { differingFiles, eventsOf, resultFiles } from "./run-state.mjs";

const [particles, reference, ...options] = process.argv.slice(2);
if (reference === undefined) {
  console.error("usage: node bench/equal-ranks.mjs <particles.star> <reference.mrc> [options of vitreous refine]");
  process.exit(2);
}
const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vitreous-ranks-"));
const MODES = ["recompute", "conveyor", "allgather", "grouped"];
const MODELS = ["replicated", "slab", "allgather", "slab"];

const rows = [];
try {
  let first;
  console.log("ranks  slices     wall, s  rounds  files that differ from one rank's");
  for (const [index, slices] of MODES.entries()) {
    const ranks = index + 1;
    const out = join(folder, `ranks${ranks}`);
    const words = ["refine", particles, "--reference", reference, "--out", out, "--slices", slices];
    words.push("--model", MODELS[index], ...options);
    const launcher = ranks > 1 ? ["mpirun", ...mpirunWords(ranks)] : [];
    const [program, ...rest] = [...launcher, process.execPath, cli, ...words];
    const since = performance.now();
    const result = spawnSync(program, rest, { encoding: "utf8" });
    if (result.status !== 0) throw new Error(`${ranks} ranks: exit ${result.status}\n${result.stderr}`);
    const wallS = (performance.now() - since) / 1000;
    const files = resultFiles(out);
    first ??= files;
    const rounds = eventsOf(out).filter(({ event }) => event === "round.done").length;
    const differing = differingFiles(first, files);
    rows.push({ ranks, slices, wallS, rounds, fileCount: files.size, differing });
    const shown = differing.length === 0 ? `none of ${files.size}` : differing.join(", ");
    console.log(
      `${String(ranks).padStart(5)}  ${slices.padEnd(9)}  ${wallS.toFixed(0).padStart(7)}  ${String(rounds).padStart(6)}  ${shown}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const passes = rows.every(({ differing }) => differing.length === 0);
console.log(writeResult("equal-ranks", { passes, particles: particles.split("/").slice(-2).join("/"), options, rows }));
process.exit(passes ? 0 : 1);
