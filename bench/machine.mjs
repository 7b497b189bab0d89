// What this machine can do at best, and what share of it `compare` and `project` reach: builds bench/native once (cmake, ninja)
// and runs it. `node bench/machine.mjs [repeats] [threads]` prints tables; `--json` prints the numbers.
//
// Peaks and kernels are measured in turn in one process, in processor time per core, so that their ratio also holds while
// other programs run. Flops of compare: 2·I·R·P for the norms and 4·I·R·T·P for the products (I images, R slices, T
// shifts, P pixels), its epilogue included in the time.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const source = fileURLToPath(new URL("native/", import.meta.url));
const build = fileURLToPath(new URL("../build/bench/", import.meta.url));

function run(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8" });
  if (result.error)
    throw new Error(`bench: ${command} could not be started. Run npm run setup.`, { cause: result.error });
  if (result.status !== 0) {
    throw new Error(`bench: ${command} ${args.join(" ")} failed:\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
}

/**
 * @returns {{ isa: string, threads: number, fmaPeakGflops: number, sgemmGflops: number, copyGBps: number, gatherMloads: number,
 *   kernels: { pixels: number, images: number, slices: number, shifts: number, profileScale: boolean,
 *     compareGflops: number, compareShareOfPeak: number, projectMpixels: number }[] }}
 *   rates per core; sgemmGflops is 0 where OpenBLAS is not installed
 */
export function measureMachine(repeats = 5, threads = 1) {
  mkdirSync(build, { recursive: true });
  run("cmake", ["-S", source, "-B", build, "-G", "Ninja"]);
  run("cmake", ["--build", build]);
  return JSON.parse(run(join(build, "kernel-bench"), [String(repeats), String(threads)]));
}

/** Lines of text for a terminal. */
export function describeMachine(machine) {
  const lines = [
    `machine (${machine.isa}, ${machine.threads} thread${machine.threads === 1 ? "" : "s"}, per core)`,
    `  multiply-add peak    ${machine.fmaPeakGflops.toFixed(1)} GFLOP/s`,
    machine.sgemmGflops > 0
      ? `  OpenBLAS sgemm       ${machine.sgemmGflops.toFixed(1)} GFLOP/s (${percent(machine.sgemmGflops / machine.fmaPeakGflops)} of peak)`
      : "  OpenBLAS sgemm       not measured: libopenblas-dev is not installed",
    `  copy bandwidth       ${machine.copyGBps.toFixed(1)} GB/s (read + written)`,
    `  gather rate          ${machine.gatherMloads.toFixed(0)} million 16-byte loads/s from 8 MiB`,
    "",
    "  compare / project    pixels  images  slices  shifts   GFLOP/s  of peak   project Mpixel/s",
  ];
  for (const k of machine.kernels) {
    lines.push(
      `    ${(k.profileScale ? "profiled scale" : "").padEnd(16)} ${[k.pixels, k.images, k.slices, k.shifts]
        .map((n) => String(n).padStart(7))
        .join(
          " ",
        )}   ${k.compareGflops.toFixed(1).padStart(7)}  ${percent(k.compareShareOfPeak).padStart(6)}   ${k.projectMpixels.toFixed(0).padStart(10)}`,
    );
  }
  return lines;
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const numbers = process.argv.slice(2).filter((word) => /^\d+$/.test(word));
  const machine = measureMachine(...numbers.map(Number));
  console.log(process.argv.includes("--json") ? JSON.stringify(machine, null, 2) : describeMachine(machine).join("\n"));
}
