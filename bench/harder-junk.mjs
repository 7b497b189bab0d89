// Junk that looks like particles: one image in ten is another molecule's, or shows two particles. How well do the result's
// columns tell them from the good ones?
//   node bench/harder-junk.mjs [--kinds other,double] [--particles 1000] [--share 0.1] [--seed 21] [--work FOLDER]
//     [--other MAP.mrc] [--map MAP.mrc] [--simulator FILE] [--threads 2] [--no-write]
// --other is a cubic map of the same pixel size; without it, the built-in molecule stands in.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DEFAULT_MAP, DEFAULT_SIMULATOR, simulateSet, simulatorLibrary } from "./generated-sets.mjs";
import { addSecondParticles, replaceImages } from "./junk-images.mjs";
import { describeHost, writeResult } from "./results.mjs";
import { tableLines } from "./table.mjs";
import { scoreAgainstTruth } from "./truth-score.mjs";
import { vitreousRefine } from "./vitreous-refine.mjs";

const { values: options } = parseArgs({
  options: {
    kinds: { type: "string", default: "other,double" },
    particles: { type: "string", default: "1000" },
    share: { type: "string", default: "0.1" },
    seed: { type: "string", default: "21" },
    work: { type: "string", default: "build/harder-junk" },
    other: { type: "string" },
    map: { type: "string", default: DEFAULT_MAP },
    simulator: { type: "string", default: DEFAULT_SIMULATOR },
    score: { type: "string" },
    threads: { type: "string", default: "2" },
    "no-write": { type: "boolean", default: false },
  },
});
const n = Number(options.particles);
const seed = Number(options.seed);
const period = Math.round(1 / Number(options.share));
const work = resolve(options.work);
mkdirSync(work, { recursive: true });
const library = await simulatorLibrary(options.simulator);
const common = { n, snr: 0.1, shift: 2, junk: 0, lowpass: 60 };

const results = [];
for (const kind of options.kinds.split(",")) {
  const folder = join(work, `${kind}-${n}-${seed}`);
  if (!existsSync(join(folder, "junk.done"))) makeJunkSet(kind, folder);
  const args = ["--mask-diameter", "300", "--initial-resolution", "60", "--threads", options.threads];
  const run = vitreousRefine(folder, `${folder}-vitreous`, args);
  const truth = { map: join(folder, "truth.mrc"), poses: join(folder, "truth.star") };
  results.push({ kind, usage: run.usage, score: scoreAgainstTruth("vitreous", run.files, truth, options.score) });
}
const columns = Object.keys(results[0].score.rocArea);
const lines = tableLines(
  ["junk", ...columns.map((column) => `ROC ${column}`), "mean FSC", "median °", "< 5°"],
  results.map(({ kind, score }) => [
    kind,
    ...columns.map((column) => score.rocArea[column].toFixed(3)),
    score.map.meanFsc.toFixed(4),
    score.poses.medianDeg.toFixed(2),
    score.poses.within5.toFixed(3),
  ]),
);
console.log([`${n} images, one in ${period} junk; ROC area of good against junk`, ...lines].join("\n"));
if (!options["no-write"]) {
  console.log(`written: ${writeResult("harder-junk", describeHost(), { particles: n, period, seed, results })}`);
}

/** A set of good images, every period-th of which is then spoilt; truth.star says which. */
function makeJunkSet(kind, folder) {
  const good = simulateSet(options.simulator, options.map, folder, { ...common, seed });
  const spoilt = Array.from({ length: Math.floor(n / period) }, (_, i) => i * period + period - 1);
  if (kind === "other") {
    const replacement = join(work, `replacement-${n}-${seed}`);
    const pixel = String(good.pixelSizeA);
    simulateSet(options.simulator, options.other ?? builtInMap(good), replacement, {
      ...common,
      seed: seed + 1,
      pixel,
    });
    replaceImages(library, folder, replacement, spoilt);
  } else if (kind === "double") {
    // Projections without a transfer function and (almost) without noise: contrast all amplitude, nothing defocused.
    const clean = join(work, `clean-${n}-${seed}`);
    const plain = { q: 1, cs: 0, defocus: "0,0", astig: 0, snr: 1e9, shift: 6, n: spoilt.length };
    const second = simulateSet(options.simulator, options.map, clean, { ...common, ...plain, seed: seed + 2 });
    addSecondParticles(library, folder, clean, spoilt, second.noise / good.noise);
  } else {
    throw new Error(`harder-junk: --kinds: expected other or double, got ${kind}.`);
  }
  markJunk(join(folder, "truth.star"), new Set(spoilt));
  writeFileSync(join(folder, "junk.done"), "");
}

/** Map of the molecule that the product generates, on the grid of the good images. */
function builtInMap({ box, pixelSizeA }) {
  const folder = join(work, "built-in");
  const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  const size = ["--box", String(box), "--pixel-size", String(pixelSizeA)];
  if (!existsSync(join(folder, "truth.mrc"))) {
    const result = spawnSync(process.execPath, [cli, "simulate", "--out", folder, "--particles", "1", ...size], {
      encoding: "utf8",
    });
    if (result.status !== 0) throw new Error(`vitreous simulate failed:\n${result.stderr}`);
  }
  return join(folder, "truth.mrc");
}

/** Sets the last column, junk, of the given rows to 1. */
function markJunk(path, rows) {
  let row = -1;
  const lines = readFileSync(path, "utf8").split("\n");
  const marked = lines.map((line) => {
    if (!/^\d+@/.test(line)) return line;
    row++;
    return rows.has(row) ? line.replace(/\S+$/, "1") : line;
  });
  writeFileSync(path, marked.join("\n"));
}
