// The simulator of `vitreous plan` against real refinements under mpirun on this machine.
//   node bench/validate-simulation.mjs [--ranks 1,2,4,8] [--repeats 2] [--rounds 4] [--rates FILE|measure] [--no-write]
// Each rank has one thread. The model is told the cores: with more ranks than cores each has its share of them. Up to the cores the clock on the wall is
// compared (on a machine that does nothing else), beyond them the processor time of all ranks over the cores, which is also what a busy machine can be held against.
// Rates: the newest kernels file of `npm run bench`, which should be of this machine and day.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dist } from "./dist.mjs";
import { writeResult } from "./machine-record.mjs";
import { runOnRanks } from "./run-on-ranks.mjs";
import { figure, percent, tableLines } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    ranks: { type: "string", default: "1,2,4,8" },
    repeats: { type: "string", default: "2" },
    rounds: { type: "string", default: "4" },
    rates: { type: "string" },
    "no-write": { type: "boolean", default: false },
  },
});
const load = (name) => import(new URL(name, dist).href);
const { simulate } = await load("index.js");
const { ratesFromBench } = await load("plan/kernel-rates.js");
const { measureRates } = await load("plan/measure-rates.js");
const { simulateExpectation } = await load("plan/expectation-phase.js");
const { simulateMaximization } = await load("plan/maximization-phase.js");
const { roundWork } = await load("plan/round-work.js");
const { pointGroup } = await load("geometry/point-group.js");

const SETS = [
  { name: "A", boxPx: 40, pixelSizeA: 6.6, particleCount: 1200, snr: 0.15, diameterA: 215 },
  { name: "B", boxPx: 64, pixelSizeA: 4.2, particleCount: 800, snr: 0.15, diameterA: 215 },
];
const BLOCK = 8;
const BATCH = 2048;
const MODES = { slices: "conveyor", model: "slab" };
const GROUP = "C1";
/** Messages between ranks of one machine: a copy in memory, and a switch of the processor where ranks share one. */
const networkOf = (n, cores) => ({
  latencyS: n > cores ? 1e-4 : 2e-5,
  bytesPerS: 1.2e9,
  overheadS: 1e-6,
  globalShare: 1,
  coreSecondsPerByte: 4e-10,
});

async function ratesInUse() {
  if (options.rates === "measure") return measureRates();
  const folder = new URL("results/", import.meta.url);
  const newest = readdirSync(folder)
    .filter((file) => /^\d{4}-\d{2}-\d{2}-kernels-/.test(file))
    .sort()
    .at(-1);
  const path = options.rates ?? new URL(newest, folder);
  return ratesFromBench(readFileSync(path, "utf8"), String(path).split("/").at(-1));
}

/** What the simulator says of such a round, with the processor time of its parts: waiting left out, means over ranks. */
function predict(set, n, round, rates, cores) {
  const resolutionA = (set.boxPx * set.pixelSizeA) / round.radiusShell;
  const problem = {
    ...set,
    group: pointGroup(GROUP),
    paddingFactor: 2,
    offsetSigmaA: round.offsetSigmaA,
    initialResolutionA: resolutionA,
    finestResolutionA: resolutionA,
    scanResolutionA: 0,
    rotationsPerImage: 144,
    shiftsPerRotation: 3,
    insertedRotations: 36,
    keepCells: 256,
    griddingIterations: 0,
    checkpointParticles: BLOCK,
    batchParticles: BATCH,
    seed: 0,
  };
  const stage = round.stage === "global" ? (round.round === 1 ? "first" : "global") : "local";
  const work = roundWork(problem, stage);
  const share = Math.min(1, cores / n);
  const node = {
    cores: share,
    gflopsPerCore: rates.peakGflops,
    memoryGBps: share * rates.copyGBps,
    memoryGB: 8,
    storageGBps: 0.5 * share,
  };
  const hostSeconds = Object.fromEntries(Object.entries(rates.hostSeconds).map(([k, v]) => [k, v / share]));
  const shared = {
    work,
    rates: { ...rates, hostSeconds },
    cluster: { node, network: networkOf(n, cores), source: "" },
    slowness: new Float64Array(n).fill(1),
    particleCount: set.particleCount,
    blockSize: BLOCK,
    readBytesPerImage: 0,
  };
  const E = simulateExpectation({
    ...shared,
    mode: MODES.slices,
    groupSize: 0,
    blocksPerBatch: BATCH / BLOCK,
    journalBytesPerImage: 10_000,
  });
  const M = simulateMaximization({
    ...shared,
    mode: MODES.model,
    groups: 1,
    boxPx: set.boxPx,
    paddingFactor: 2,
    isSymmetric: false,
  });
  const busy = ({ parts }) =>
    Object.entries(parts).reduce((sum, [part, seconds]) => sum + (part === "waiting" ? 0 : seconds), 0);
  return { E: { wall: E.seconds, processor: busy(E) }, M: { wall: M.seconds, processor: busy(M) } };
}

const least = (runs, of) => Math.min(...runs.map(of));
const cores = availableParallelism();
const folder = mkdtempSync(join(tmpdir(), "vitreous-validate-"));
const rows = [];
const rates = await ratesInUse();
console.log(`rates: ${rates.source}; load average ${loadavg()[0].toFixed(1)} on ${cores} cores`);
try {
  for (const set of SETS) {
    const { particleCount, boxPx, pixelSizeA, snr } = set;
    const data = await simulate(
      { out: join(folder, set.name), particleCount, boxPx, pixelSizeA, snr, seed: 3, threads: 1 },
      { signal: new AbortController().signal, log: { event() {} } },
    );
    const files = { ...set, star: data.files.particles, reference: data.files.reference };
    for (const n of options.ranks.split(",").map(Number)) {
      const runs = [];
      for (let repeat = 0; repeat < Number(options.repeats); repeat++) {
        const settings = { rounds: options.rounds, blockSize: BLOCK, batch: BATCH, ...MODES };
        runs.push(await runOnRanks(files, n, folder, settings));
      }
      for (const [i, round] of runs[0].entries()) {
        const predicted = predict(set, n, round, rates, cores);
        for (const phase of ["E", "M"]) {
          const wall = least(runs, (r) => r[i][phase].wall);
          const processor = least(runs, (r) => r[i][phase].processor) / Math.min(n, cores);
          const { ops, rest } = runs[0][i][phase];
          const { stage, radiusShell } = round;
          const label = { set: set.name, ranks: n, round: round.round, stage, shell: radiusShell, phase };
          rows.push({ ...label, predicted: predicted[phase], wall, processor, ops, rest });
        }
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const error = (row, clock) => row.predicted[clock] / row[clock] - 1;
const headings = ["set", "ranks", "round", "stage", "shell", "phase", "predicted wall s", "wall s", "error"];
console.log(
  tableLines(
    [...headings, "predicted processor s / cores", "processor s / cores", "error"],
    rows.map((r) => [
      ...[r.set, String(r.ranks), String(r.round), r.stage, String(r.shell), r.phase],
      ...["wall", "processor"].flatMap((clock) => [
        figure(r.predicted[clock]),
        figure(r[clock]),
        percent(error(r, clock)),
      ]),
    ]),
  ).join("\n"),
);

/** In the first round code is compiled while it runs: once a process, which small sets show and large ones do not. */
const FIRST_COUNTED = 2;

/** E or M of a whole run: the sum over its rounds but the first, on each clock. */
function runOf(set, ranks, phase) {
  const own = rows.filter(
    (row) => row.set === set && row.ranks === ranks && row.phase === phase && row.round >= FIRST_COUNTED,
  );
  const sum = (of) => own.reduce((total, row) => total + of(row), 0);
  const result = { set, ranks, phase };
  for (const clock of ["wall", "processor"]) {
    const [predictedS, measuredS] = [sum((row) => row.predicted[clock]), sum((row) => row[clock])];
    result[clock] = { predictedS, measuredS, error: predictedS / measuredS - 1 };
  }
  return { ...result, decisive: ranks <= cores ? "wall" : "processor" };
}
const whole = SETS.flatMap(({ name }) =>
  options.ranks.split(",").flatMap((n) => ["E", "M"].map((phase) => runOf(name, Number(n), phase))),
);
console.log(`\nrounds from ${FIRST_COUNTED} on; decisive: the wall up to ${cores} ranks, processor time beyond`);
console.log(
  tableLines(
    [
      "set",
      "ranks",
      "phase",
      "wall: predicted",
      "measured",
      "error",
      "processor: predicted",
      "measured",
      "error",
      "decisive",
    ],
    whole.map((r) => [
      ...[r.set, String(r.ranks), r.phase],
      ...["wall", "processor"].flatMap((clock) => [
        figure(r[clock].predictedS),
        figure(r[clock].measuredS),
        percent(r[clock].error),
      ]),
      `${r.decisive} ${percent(r[r.decisive].error)}`,
    ]),
  ).join("\n"),
);
const LIMIT = 0.2;
const worst = whole.reduce((most, r) => Math.max(most, Math.abs(r[r.decisive].error)), 0);
const worstProcessor = whole.reduce((most, r) => Math.max(most, Math.abs(r.processor.error)), 0);
const passes = worst < LIMIT;
console.log(
  `largest error ${percent(worst)} (limit ${percent(LIMIT)}); on processor time alone ${percent(worstProcessor)}: ${passes ? "passes" : "FAILED"}`,
);
if (!options["no-write"])
  console.log(
    writeResult("simulation-validation", { passes, worst, worstProcessor, modes: MODES, rates, whole, rows }),
  );
process.exit(0);
