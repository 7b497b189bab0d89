// The table of docs/scaling.md: one global round of 211,826 particles of 160² (C4, ten gridding iterations) on 256 to 2,048 nodes.
//   node bench/scaling-table.mjs [cluster|taihulight|haswell]
import { dist } from "./dist.mjs";

const load = (name) => import(new URL(name, dist).href);
const { cngProblem } = await load("plan/figures.js");
const { clusterPresets } = await load("plan/cluster-model.js");
const { defaultRates } = await load("plan/kernel-rates.js");
const { roundWork } = await load("plan/round-work.js");
const { expectationTime, maximizationTime } = await load("plan/round-time.js");

const cluster = clusterPresets[process.argv[2] ?? "cluster"];
const setting = { problem: cngProblem(), rates: defaultRates, cluster, stragglerSd: 0.03, seed: 0 };
const work = roundWork(setting.problem, "global");
const modes = (changes) => ({ slices: "recompute", sliceGroup: 0, model: "replicated", modelGroups: 1, ...changes });
const E = (n, changes) => expectationTime(setting, work, n, modes(changes)).seconds;
const M = (n, changes) => maximizationTime(setting, work, n, modes(changes)).seconds;
const columns = [
  ["E recompute", (n) => E(n)],
  ["E all-reduce", (n) => E(n, { slices: "allreduce" })],
  ["E all-gather", (n) => E(n, { slices: "allgather" })],
  ["E conveyor", (n) => E(n, { slices: "conveyor" })],
  ["E grouped", (n) => E(n, { slices: "grouped" })],
  ["M replicated", (n) => M(n)],
  ["M all-gather", (n) => M(n, { model: "allgather" })],
  ["M slab", (n) => M(n, { model: "slab" })],
  ["M slab, 4 groups", (n) => M(n, { model: "slab", modelGroups: 4 })],
  ["M slab, 16 groups", (n) => M(n, { model: "slab", modelGroups: 16 })],
];
const rows = [256, 512, 1024, 2048].map((n) => ({ n, values: columns.map(([, of]) => of(n)) }));
const least = (values, phase) => Math.min(...values.filter((_, i) => columns[i][0].startsWith(phase)));
const best = rows.map(({ n, values }) => ({ n, seconds: least(values, "E") + least(values, "M") }));
const paper = rows.map(({ n, values }) => ({ n, seconds: values[3] + values[6] }));
const efficiency = (list, i) => `${((100 * list[0].seconds * list[0].n) / (list[i].seconds * list[i].n)).toFixed(0)} %`;
console.log(
  `${work.scan.sliceCount} slices × ${work.scan.shiftCount} shifts × ${work.scan.pixelCount} pixels; ${cluster.source}\n`,
);
console.log(
  `| nodes | ${columns.map(([name]) => name).join(" | ")} | best round | efficiency | published (conveyor, all-gather) | efficiency |`,
);
console.log(`|${"---|".repeat(columns.length + 5)}`);
rows.forEach(({ n, values }, i) => {
  const cells = values.map((value) => value.toFixed(3));
  console.log(
    `| ${[n, ...cells, best[i].seconds.toFixed(2), efficiency(best, i), paper[i].seconds.toFixed(2), efficiency(paper, i)].join(" | ")} |`,
  );
});
