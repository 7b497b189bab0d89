// The conveyor against preloaded slices and against an all-gather, on hosts that are network namespaces with links of 1 Gb/s.
// Usage: node bench/overlap.mjs [hosts] [images] [shell] [repeats] [rate]      (defaults: 2 96 18 7 1gbit)
// Choose images and shell so that transfers are 20 to 50 % of compute; the table says what they were. More hosts than cores share them: host h is bound to core
// h modulo the cores, so that four hosts on two cores have half of one each.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { writeResult } from "./machine-record.mjs";
import { makeHosts, whyNoNamespaces } from "./namespaces.mjs";

const MOST_OVER_PRELOADED = 1.05;
const [hosts = "2", images = "96", shell = "18", repeats = "7", rate = "1gbit"] = process.argv.slice(2);

const reason = whyNoNamespaces();
if (reason !== null) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const { words, close } = makeHosts(Number(hosts), rate);
let runs;
try {
  const settings = { images: Number(images), shell: Number(shell), boxPx: 64, repeats: Number(repeats) };
  const program = fileURLToPath(new URL("overlap-rank.mjs", import.meta.url));
  const result = spawnSync("mpirun", [...words, process.execPath, program, JSON.stringify(settings)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (result.status !== 0) throw new Error(`mpirun: exit ${result.status}\n${result.stdout}`);
  runs = result.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
} finally {
  close();
}

const ofAll = (mode, field) => median(runs.map((run) => run[mode][field]));
const { sliceCount, pixels, shifts } = runs[0];
console.log(
  `${hosts} hosts on ${Math.min(Number(hosts), cpus().length)} cores, ${rate}, ${images} images a host, ${sliceCount} slices of ${pixels} pixels, ${shifts} shifts; medians of ${runs.length}`,
);
console.log("mode        wall, s   processor of all hosts, s");
for (const mode of ["preloaded", "conveyor", "allgather", "transfers", "cutting"]) {
  console.log(
    `${mode.padEnd(10)}  ${(ofAll(mode, "wallMs") / 1e3).toFixed(2).padStart(7)}   ${(ofAll(mode, "cpuMs") / 1e3).toFixed(2).padStart(7)}`,
  );
}
// Each host pays for its own end of the transfers; hosts that share a core pay one after the other.
const cores = Math.min(Number(hosts), cpus().length);
const tcpMs = ofAll("transfers", "cpuMs") / cores;
const over = ofAll("conveyor", "wallMs") / (ofAll("preloaded", "wallMs") + tcpMs);
const wins = runs.filter((run) => run.conveyor.wallMs < run.allgather.wallMs).length;
const share = ofAll("transfers", "wallMs") / ofAll("preloaded", "wallMs");
console.log(
  `transfers are ${(100 * share).toFixed(0)} % of compute; the belt waited ${(ofAll("conveyor", "waitedMs") / 1e3).toFixed(2)} s`,
);
console.log(`conveyor / (preloaded + processor time of TCP): ${over.toFixed(3)} (at most ${MOST_OVER_PRELOADED})`);
console.log(`conveyor beats all-gather in ${wins} of ${runs.length}`);
const passes = over <= MOST_OVER_PRELOADED && wins >= Math.ceil((6 / 7) * runs.length);
console.log(
  writeResult(`overlap-${hosts}-hosts`, { passes, hosts, cores, images, shell, rate, share, over, wins, runs }),
);
console.log(passes ? "passes" : "FAILED");
