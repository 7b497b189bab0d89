// Bytes of a model per rank, for every way of holding it and several numbers of ranks, beside relion_reconstruct's.
// Usage: node bench/model-memory.mjs [--boxes 256,384] [--ranks 1,2,4,8] [--modes replicated,allgather,slab]
//
// Unit: one complex float volume of the padded box, 8 M²(M/2 + 1) bytes, M = 2 box. A figure is the largest of all ranks: peak resident
// memory in the maximization phase of one half map (VmHWM, reset just before) less resident memory just before, and what the
// device's allocator counted. Limits: replicated 4 units, allgather 1 + 3/n, slab 1.15 · 4/n; 32 MiB to each.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { simulate } from "../dist/simulate/simulate.js";
import { describeHost, writeResult } from "./results.mjs";

const MIB = 1 << 20;
const [IMAGES, ITERATIONS] = [2, 2];
const { values } = parseArgs({
  options: {
    boxes: { type: "string", default: "256,384" },
    ranks: { type: "string", default: "1,2,4,8" },
    modes: { type: "string", default: "replicated,allgather,slab" },
  },
});
const list = (text) => text.split(",");
const program = fileURLToPath(new URL("model-memory-rank.mjs", import.meta.url));

const UNITS = {
  replicated: () => 4,
  allgather: (n) => 1 + 3 / n,
  slab: (n) => 1.15 * (4 / n),
};
/** Larger models than these do not fit an ordinary machine beside each other. */
const MOST_RANKS = { 384: { replicated: 2, allgather: 4, slab: 8 } };

const rows = [];
for (const box of list(values.boxes).map(Number)) {
  const unit = 8 * (2 * box) ** 2 * (box + 1);
  for (const mode of list(values.modes)) {
    for (const n of list(values.ranks).map(Number)) {
      if (n > (MOST_RANKS[box]?.[mode] ?? n)) continue;
      if (UNITS[mode](n) * unit * n > 0.95 * totalmem()) {
        console.log(`${box} px  ${mode}  ${n} ranks: does not fit this machine`);
        continue;
      }
      const figures = measure({ box, mode, images: IMAGES, iterations: ITERATIONS }, n);
      const limitUnits = UNITS[mode](n);
      const limitBytes = limitUnits * unit + 32 * MIB;
      const row = {
        ...{ box, mode, ranks: n, unitBytes: unit, limitUnits },
        units: figures.residentGrowthBytes / unit,
        countedUnits: figures.countedBytes / unit,
        isWithin: figures.residentGrowthBytes <= limitBytes && figures.countedBytes <= limitBytes,
        ...figures,
      };
      rows.push(row);
      console.log(
        `${box} px  ${mode.padEnd(10)}  ${n} rank${n === 1 ? " " : "s"}  ${row.units.toFixed(2)} units resident  ${row.countedUnits.toFixed(2)} counted  ` +
          `limit ${limitUnits.toFixed(2)} + 32 MiB  ${row.isWithin ? "met" : "NOT MET"}  ${(figures.totalResidentBytes / 1e9).toFixed(2)} GB in all  ${(figures.elapsedMs / 1000).toFixed(0)} s`,
      );
    }
  }
}
const relion = [];
for (const box of list(values.boxes).map(Number)) relion.push(await measureRelion(box));
console.log(writeResult("model-memory", describeHost(), { rows, relion }));

function measure(given, ranks) {
  const node = [process.execPath, "--expose-gc", program, JSON.stringify(given)];
  const isOpenMpi = spawnSync("mpirun", ["--version"]).stdout?.toString().includes("Open MPI");
  const open = ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"];
  const words = ranks === 1 ? node : ["mpirun", ...(isOpenMpi ? open : []), "-n", String(ranks), ...node];
  const result = spawnSync(words[0], words.slice(1), { encoding: "utf8", maxBuffer: 1 << 24 });
  if (result.status !== 0) throw new Error(`${ranks} ranks, ${JSON.stringify(given)}: ${result.stderr}`);
  return JSON.parse(result.stdout.trim().split("\n").at(-1));
}

/** Peak resident memory of relion_reconstruct on a few images of the box, the whole process. */
async function measureRelion(box) {
  if (spawnSync("relion_reconstruct", ["--version"]).error) {
    console.log("relion_reconstruct: not installed");
    return { box, peakBytes: null };
  }
  const folder = mkdtempSync(join(tmpdir(), "vitreous-model-memory-"));
  try {
    const signal = new AbortController().signal;
    const options = { out: folder, particleCount: IMAGES, boxPx: box, pixelSizeA: 1.2 };
    await simulate(options, { signal, log: { event() {} } });
    const peakBytes = await peakOf(
      "relion_reconstruct",
      ["--i", "particles.star", "--o", "map.mrc", "--ctf", "--iter", "1"],
      folder,
    );
    console.log(
      `${box} px  relion_reconstruct  ${(peakBytes / 1e9).toFixed(2)} GB in all, one process, one map, one iteration of the gridding loop`,
    );
    return { box, peakBytes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Largest VmHWM seen while a program runs. */
function peakOf(command, words, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd, stdio: "ignore" });
    let peak = 0;
    const look = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
        peak = Math.max(peak, 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
      } catch {
        // Gone between two looks: the last figure stands.
      }
    }, 20);
    child.on("error", reject);
    child.on("exit", (code) => {
      clearInterval(look);
      if (code === 0) resolve(peak);
      else reject(new Error(`${command} ended with ${code}`));
    });
  });
}
