// The simulator of `vitreous plan` against real refinements under mpirun on this machine.
//   node bench/validate-simulation.mjs [--ranks 1,2,4,8] [--repeats 2] [--rounds 3] [--json FILE]
// Each rank has one thread. The model is told the cores: with more ranks than cores each has its share of them. Beside the clock on the wall, which counts the
// other programs of a busy machine too, the processor time of all ranks over the cores in use is compared: the time that an idle machine would need at least.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dist } from "./dist.mjs";
import { machineRecord } from "./machine-record.mjs";
import { runOnRanks } from "./run-on-ranks.mjs";
import { figure, percent, tableLines } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    ranks: { type: "string", default: "1,2,4,8" },
    repeats: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
    json: { type: "string" },
  },
});
const load = (name) => import(new URL(name, dist).href);
const { simulate } = await load("index.js");
const { measureRates } = await load("plan/measure-rates.js");
const { simulateExpectation } = await load("plan/expectation-phase.js");
const { simulateMaximization } = await load("plan/maximization-phase.js");
const { roundWork } = await load("plan/round-work.js");
const { pointGroup } = await load("geometry/point-group.js");

const SETS = [
  { name: "A", boxPx: 40, pixelSizeA: 6.6, particleCount: 160, snr: 0.15, diameterA: 215 },
  { name: "B", boxPx: 64, pixelSizeA: 4.2, particleCount: 96, snr: 0.15, diameterA: 215 },
];
const BLOCK = 8;
const BATCH = 2048;
/** Messages between ranks of one machine: a copy in memory, and a switch of the processor where ranks share one. */
const networkOf = (n, cores) => ({
  latencyS: n > cores ? 1e-4 : 2e-5,
  bytesPerS: 1.2e9,
  overheadS: 1e-6,
  globalShare: 1,
  coreSecondsPerByte: 4e-10,
});

/** What the simulator says of such a round. */
function predict(set, n, round, rates, cores) {
  const resolutionA = (set.boxPx * set.pixelSizeA) / round.radiusShell;
  const problem = {
    ...set,
    group: pointGroup("C1"),
    paddingFactor: 2,
    offsetSigmaA: round.offsetSigmaA,
    initialResolutionA: resolutionA,
    finestResolutionA: resolutionA,
    scanResolutionA: 0,
    rotationsPerImage: 96,
    shiftsPerRotation: 4,
    keepCells: 256,
    griddingIterations: 0,
    checkpointParticles: BLOCK,
    batchParticles: BATCH,
    seed: 0,
  };
  const work = roundWork(problem, round.stage === "global" ? "global" : "local");
  const share = Math.min(1, cores / n);
  const node = {
    cores: share,
    gflopsPerCore: rates.peakGflops,
    memoryGBps: share * rates.copyGBps,
    memoryGB: 8,
    storageGBps: 0.5 * share,
  };
  const shared = {
    work,
    rates: {
      ...rates,
      hostSeconds: Object.fromEntries(Object.entries(rates.hostSeconds).map(([k, v]) => [k, v / share])),
    },
    cluster: { node, network: networkOf(n, cores), source: "" },
    slowness: new Float64Array(n).fill(1),
    particleCount: set.particleCount,
    blockSize: BLOCK,
    readBytesPerImage: 0,
  };
  const E = simulateExpectation({
    ...shared,
    mode: "recompute",
    groupSize: 0,
    blocksPerBatch: BATCH / BLOCK,
    journalBytesPerImage: 10_000,
  });
  const M = simulateMaximization({
    ...shared,
    mode: "replicated",
    groups: 1,
    boxPx: set.boxPx,
    paddingFactor: 2,
    isSymmetric: false,
  });
  // What the ranks' processors do, waiting left out: parts are means over ranks.
  const busy = ({ parts }) =>
    Object.entries(parts).reduce((sum, [part, seconds]) => sum + (part === "waiting" ? 0 : seconds), 0);
  return {
    E: { wall: E.seconds, processor: busy(E) },
    M: { wall: M.seconds, processor: busy(M) },
    both: { wall: E.seconds + M.seconds, processor: busy(E) + busy(M) },
  };
}

const least = (runs, of) => Math.min(...runs.map(of));
const cores = availableParallelism();
const folder = mkdtempSync(join(tmpdir(), "vitreous-validate-"));
const rows = [];
/** The best of each kernel: what else runs on the machine can only slow it. */
async function bestRates(times) {
  const measured = [];
  for (let i = 0; i < times; i++) measured.push(await measureRates());
  const best = (of) => Math.max(...measured.map(of));
  return {
    gflops: Object.fromEntries(
      Object.keys(measured[0].gflops).map((kernel) => [kernel, best((m) => m.gflops[kernel])]),
    ),
    peakGflops: best((m) => m.peakGflops),
    copyGBps: best((m) => m.copyGBps),
    hostSeconds: Object.fromEntries(
      Object.keys(measured[0].hostSeconds).map((key) => [key, Math.min(...measured.map((m) => m.hostSeconds[key]))]),
    ),
  };
}
const rates = await bestRates(3);
try {
  for (const set of SETS) {
    const data = await simulate(
      {
        out: join(folder, set.name),
        particleCount: set.particleCount,
        boxPx: set.boxPx,
        pixelSizeA: set.pixelSizeA,
        snr: set.snr,
        seed: 3,
        threads: 1,
      },
      { signal: new AbortController().signal, log: { event() {} } },
    );
    const files = { ...set, star: data.files.particles, reference: data.files.reference };
    for (const n of options.ranks.split(",").map(Number)) {
      const runs = [];
      for (let repeat = 0; repeat < Number(options.repeats); repeat++)
        runs.push(await runOnRanks(files, n, folder, { rounds: options.rounds, blockSize: BLOCK, batch: BATCH }));
      for (const [i, round] of runs[0].entries()) {
        const predicted = predict(set, n, round, rates, cores);
        for (const phase of ["E", "M", "both"]) {
          const wall = least(runs, (r) => r[i][phase].wall);
          const processor = least(runs, (r) => r[i][phase].processor) / Math.min(n, cores);
          rows.push({
            set: set.name,
            ranks: n,
            round: round.round,
            stage: round.stage,
            shell: round.radiusShell,
            phase,
            predicted: predicted[phase],
            wall,
            processor,
          });
        }
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const error = (row, key) => row.predicted[key] / row[key] - 1;
const summary = (phase, key, mostRanks) => {
  // Rounds of less than a tenth of a second say more of the clock than of the model.
  const errors = rows
    .filter((row) => row.phase === phase && row.ranks <= mostRanks && row[key] > 0.1)
    .map((row) => Math.abs(error(row, key)));
  errors.sort((a, b) => a - b);
  return { median: errors[errors.length >> 1], largest: errors.at(-1), count: errors.length };
};
console.log(`load average ${loadavg()[0].toFixed(1)} on ${cores} cores`);
console.log(
  tableLines(
    [
      "set",
      "ranks",
      "round",
      "stage",
      "shell",
      "phase",
      "predicted wall s",
      "predicted processor s / cores",
      "wall s",
      "error",
      "processor s / cores",
      "error",
    ],
    rows.map((r) => [
      r.set,
      String(r.ranks),
      String(r.round),
      r.stage,
      String(r.shell),
      r.phase,
      figure(r.predicted.wall),
      figure(r.predicted.processor),
      figure(r.wall),
      percent(error(r, "wall")),
      figure(r.processor),
      percent(error(r, "processor")),
    ]),
  ).join("\n"),
);
const every = Number.POSITIVE_INFINITY;
const summaries = {
  "E, no more ranks than cores": { wall: summary("E", "wall", cores), processor: summary("E", "processor", cores) },
  "M, no more ranks than cores": { wall: summary("M", "wall", cores), processor: summary("M", "processor", cores) },
  "E + M, all ranks": { wall: summary("both", "wall", every), processor: summary("both", "processor", every) },
};
console.log(JSON.stringify(summaries, null, 1));
if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...machineRecord(), rows, summaries }, null, 1)}\n`);
process.exit(0);
