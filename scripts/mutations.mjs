// Applies one mistake at a time to a copy of this repository and runs the test that ought to notice: a table of mutation, test and verdict.
//
//   node scripts/mutations.mjs [--only <word>]
//
// Needs the built addon. A mutated C++ file is compiled and linked in the copy with the commands of the build.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const bruteForce = { file: "test/science/brute-force.test.ts", title: "project and compare", isScience: true };
const filterEvidence = { file: "test/science/brute-force.test.ts", title: "with many points", isScience: true };
const knownPoses = { file: "test/refine/known-poses.test.ts" };
const metamorphic = { file: "test/refine/metamorphic.test.ts" };
const coarseToFine = { file: "test/expectation/coarse-to-fine.test.ts" };
const canary = { file: "test/science/leak-canary.test.ts", isScience: true };
const coverage = { file: "test/science/coverage.test.ts", title: "unmasked", isScience: true };

const mutations = [
  {
    name: "conjugated shift in compare",
    file: "native/kernels/phase_rows.cpp",
    from: "      sines[pixel] = static_cast",
    to: "      sines[pixel] = -static_cast",
    test: bruteForce,
  },
  {
    name: "conjugated shift in the particle filter",
    file: "native/simd/score_points.cpp",
    from: "static_cast<double>(shift[0]) / job.box_px",
    to: "-static_cast<double>(shift[0]) / job.box_px",
    test: metamorphic,
  },
  {
    name: "conjugated shift in insertion",
    file: "src/maximization/insertion.ts",
    from: "device.upload(block.shiftsPx)",
    to: "device.upload(block.shiftsPx.map((t) => -t))",
    test: knownPoses,
  },
  {
    name: "half a pixel in insertion",
    file: "src/maximization/insertion.ts",
    from: "device.upload(block.shiftsPx)",
    to: "device.upload(block.shiftsPx.map((t) => t + 0.5))",
    test: knownPoses,
  },
  {
    name: "sigma2 × 2 in the likelihood",
    file: "src/particles/image-set.ts",
    from: "v > 0 ? 1 / v : 0",
    to: "v > 0 ? 0.5 / v : 0",
    test: bruteForce,
  },
  {
    name: "sigma2 × 2 in the likelihood",
    file: "src/particles/image-set.ts",
    from: "v > 0 ? 1 / v : 0",
    to: "v > 0 ? 0.5 / v : 0",
    test: coverage,
  },
  {
    name: "sigma2 × 2 in its estimate",
    file: "src/maximization/model-update.ts",
    from: "/ (2 * pixels * sums.noiseWeight[g]!)",
    to: "/ (pixels * sums.noiseWeight[g]!)",
    test: knownPoses,
  },
  {
    name: "CTF angle flipped",
    file: "native/kernels/ctf.cpp",
    from: "std::sin(2 * angle_rad)",
    to: "-std::sin(2 * angle_rad)",
    test: bruteForce,
  },
  {
    name: "R ↔ Rᵀ in insertion",
    file: "src/maximization/insertion.ts",
    from: "device.upload(block.rotations)",
    to: "device.upload(block.rotations.map((v, k) => (k % 4 === 0 ? v : -v)))",
    test: knownPoses,
  },
  {
    name: "R ↔ Rᵀ in the scan",
    file: "src/expectation/slices/units.ts",
    from: "Float32Array.from(from)",
    to: "Float32Array.from(from, (v, k) => (k % 4 === 0 ? v : -v))",
    test: metamorphic,
  },
  {
    name: "R ↔ Rᵀ in the finer grids of the scan",
    file: "src/expectation/scan-finer.ts",
    from: "Float32Array.from(grid.quaternions.subarray(4 * first, 4 * (first + count)))",
    to: "Float32Array.from(grid.quaternions.subarray(4 * first, 4 * (first + count)), (v, k) => (k % 4 === 0 ? v : -v))",
    test: coarseToFine,
  },
  {
    name: "scales of F and T swapped",
    file: "src/maximization/finish-rows.ts",
    from: "column, ...scales, weight",
    to: "column, forwardScale: scales.weightScale, weightScale: scales.forwardScale, weight",
    test: knownPoses,
  },
  {
    name: "no prior on shifts in the filter",
    file: "src/expectation/filter.ts",
    from: "fill(options.shiftSigmaPx)",
    to: "fill(100 * options.shiftSigmaPx)",
    test: filterEvidence,
  },
  {
    name: "half tags swapped in the references",
    file: "src/refine/expect-round.ts",
    from: "state.halves[half].reference",
    to: "state.halves[half === 0 ? 1 : 0].reference",
    test: canary,
  },
  {
    name: "half tags swapped in insertion",
    file: "src/refine/round.ts",
    from: "weightedBlocks(context, store, half, update.good)",
    to: "weightedBlocks(context, store, half === 0 ? 1 : 0, update.good)",
    test: canary,
  },
];

/** A copy with its own sources and build folder; the modules are linked. */
function makeCopy() {
  const copy = mkdtempSync(join(tmpdir(), "vitreous-mutations-"));
  for (const name of [
    "src",
    "test",
    "native",
    "build",
    "package.json",
    "tsconfig.json",
    "vitest.config.ts",
    "vitest.science.config.ts",
  ]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Compiles one C++ file of the copy, for every instruction set it is built for, and links the addon. */
function rebuild(copy, file) {
  const build = join(copy, "build");
  const here = (text) => text.replaceAll(root, copy);
  const commands = JSON.parse(readFileSync(join(build, "compile_commands.json"), "utf8"));
  for (const { command, file: source } of commands) {
    if (here(source) === join(copy, file)) execFileSync("sh", ["-c", here(command)], { cwd: build });
  }
  const all = execFileSync("ninja", ["-t", "commands", "vitreous.node"], { cwd: build, encoding: "utf8" })
    .trim()
    .split("\n");
  execFileSync("sh", ["-c", here(all.at(-1))], { cwd: build });
}

function runTest(copy, { file, title, isScience }) {
  const args = ["vitest", "run", file, "--config", isScience ? "vitest.science.config.ts" : "vitest.config.ts"];
  if (title) args.push("-t", title);
  const { status, stdout } = spawnSync("npx", args, { cwd: copy, encoding: "utf8", timeout: 600_000 });
  if (status === 0) return { isRed: false, failed: "" };
  const failed = /^.*(?:FAIL).*$/m.exec(stdout ?? "")?.[0] ?? "";
  return {
    isRed: true,
    failed: stripVTControlCharacters(failed).split(">").at(-1).trim(),
  };
}

const greenWithout = new Map();
/** Whether a test passes without any mistake: one that is red anyway notices nothing. */
function isGreenWithout(copy, test) {
  const key = `${test.file} ${test.title ?? ""}`;
  if (!greenWithout.has(key)) greenWithout.set(key, !runTest(copy, test).isRed);
  return greenWithout.get(key);
}

function mutate(copy, mutation) {
  const path = join(copy, mutation.file);
  const text = readFileSync(path, "utf8");
  if (text.split(mutation.from).length !== 2) {
    return { verdict: "STALE: the line to change is not there once", failed: "" };
  }
  if (!isGreenWithout(copy, mutation.test)) {
    return { verdict: "UNKNOWN: the test is red without the mistake", failed: "" };
  }
  const isNative = mutation.file.startsWith("native/");
  try {
    writeFileSync(path, text.replace(mutation.from, mutation.to));
    if (isNative) rebuild(copy, mutation.file);
    const { isRed, failed } = runTest(copy, mutation.test);
    return { verdict: isRed ? "red" : "GREEN: not noticed", failed };
  } finally {
    writeFileSync(path, text);
    if (isNative) rebuild(copy, mutation.file);
  }
}

const only = process.argv[2] === "--only" ? process.argv[3] : "";
const copy = makeCopy();
let isNoticed = true;
try {
  for (const mutation of mutations.filter(({ name }) => name.includes(only))) {
    const { verdict, failed } = mutate(copy, mutation);
    isNoticed &&= verdict === "red";
    console.log(`${mutation.name} → ${mutation.test.file} → ${verdict}${failed ? ` (${failed})` : ""}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = isNoticed ? 0 : 1;
