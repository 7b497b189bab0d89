// The tables of docs/scaling.md: one global round of 211,826 particles of 160² (C4, ten gridding iterations) on 256 to 2,048 nodes, and one local round.
//   node bench/scaling-table.mjs [cluster|taihulight|haswell] [--write]
// --write puts the tables of `cluster` and `taihulight` between their marks in docs/scaling.md.
import { readFileSync, writeFileSync } from "node:fs";
import { dist } from "./dist.mjs";

const load = (name) => import(new URL(name, dist).href);
const { cngProblem } = await load("plan/figures.js");
const { clusterPresets } = await load("plan/cluster-model.js");
const { defaultRates } = await load("plan/kernel-rates.js");
const { roundWork } = await load("plan/round-work.js");
const { expectationTime, maximizationTime } = await load("plan/round-time.js");

const NODES = [256, 512, 1024, 2048];
const MODES = { slices: "recompute", sliceGroup: 0, model: "replicated", modelGroups: 1 };
const slab = (modelGroups) => ({ model: "slab", modelGroups });
const COLUMNS = [
  ["E recompute", "E", {}],
  ["E all-reduce", "E", { slices: "allreduce" }],
  ["E all-gather", "E", { slices: "allgather" }],
  ["E conveyor", "E", { slices: "conveyor" }],
  ["E grouped", "E", { slices: "grouped" }],
  ["M replicated", "M", {}],
  ["M all-gather", "M", { model: "allgather" }],
  ["M slab", "M", slab(1)],
  ["M slab, 4 groups", "M", slab(4)],
  ["M slab, 16 groups", "M", slab(16)],
  ["M slab, 64 groups", "M", slab(64)],
];
const [CONVEYOR, ALL_GATHER] = [3, 6];

function settingOn(cluster) {
  return { problem: cngProblem(), rates: defaultRates, cluster: clusterPresets[cluster], stragglerSd: 0.03, seed: 0 };
}

/** Times of a round of this stage: a row for each number of nodes. */
function timesOf(cluster, stage) {
  const setting = settingOn(cluster);
  const work = roundWork(setting.problem, stage);
  const time = (n, phase, changes) =>
    (phase === "E" ? expectationTime : maximizationTime)(setting, work, n, { ...MODES, ...changes });
  return { work, rows: NODES.map((n) => ({ n, times: COLUMNS.map(([, phase, changes]) => time(n, phase, changes)) })) };
}

const markdown = (header, rows) =>
  [header, header.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")
    .replace(/\| --- /g, "|---")
    .replace(/---\|---/g, "---|---");

function tableOf(cluster, stage) {
  const { rows } = timesOf(cluster, stage);
  const least = (times, phase) =>
    Math.min(...times.filter((_, i) => COLUMNS[i][1] === phase).map(({ seconds }) => seconds));
  const best = rows.map(({ n, times }) => ({ n, seconds: least(times, "E") + least(times, "M") }));
  const paper = rows.map(({ n, times }) => ({ n, seconds: times[CONVEYOR].seconds + times[ALL_GATHER].seconds }));
  const efficiency = (list, i) =>
    `${((100 * list[0].seconds * list[0].n) / (list[i].seconds * list[i].n)).toFixed(0)} %`;
  const header = ["nodes", ...COLUMNS.map(([name]) => name), "best round", "efficiency"];
  return markdown(
    [...header, "published (conveyor, all-gather)", "efficiency"],
    rows.map(({ n, times }, i) => [
      ...[n, ...times.map(({ seconds }) => seconds.toFixed(3))],
      ...[best[i].seconds.toFixed(2), efficiency(best, i), paper[i].seconds.toFixed(2), efficiency(paper, i)],
    ]),
  );
}

/** What M is made of, way by way. */
function partsOf(cluster, stage) {
  const { rows } = timesOf(cluster, stage);
  const ways = COLUMNS.map(([name, phase], i) => ({ name, phase, i })).filter(({ phase }) => phase === "M");
  const names = Object.keys(rows[0].times[ways[0].i].parts);
  return markdown(
    ["nodes", "way", ...names, "sent by a rank, GB"],
    rows
      .filter(({ n }) => n === 512 || n === 2048)
      .flatMap(({ n, times }) =>
        ways.map(({ name, i }) => [
          ...[n, name.slice(2)],
          ...names.map((part) => times[i].parts[part].toFixed(3)),
          (times[i].sentBytes / 1e9).toFixed(2),
        ]),
      ),
  );
}

function textOf(cluster) {
  const { work } = timesOf(cluster, "global");
  const { sliceCount, shiftCount, pixelCount } = work.scan;
  return [
    `A global round; the grid that is shared: ${sliceCount} slices × ${shiftCount} shifts × ${pixelCount} pixels. Rates: ${defaultRates.source}.`,
    tableOf(cluster, "global"),
    "A local round (E shares no slices):",
    tableOf(cluster, "local"),
    "What M of the global round is made of, s:",
    partsOf(cluster, "global"),
  ].join("\n\n");
}

if (process.argv.includes("--write")) {
  const path = new URL("../docs/scaling.md", import.meta.url);
  let page = readFileSync(path, "utf8");
  for (const cluster of ["cluster", "taihulight"]) {
    const [begin, end] = [`<!-- table ${cluster} -->`, `<!-- end ${cluster} -->`];
    const parts = page.split(begin);
    if (parts.length !== 2 || !parts[1].includes(end))
      throw new Error(`docs/scaling.md: expected ${begin} … ${end} once.`);
    page = `${parts[0]}${begin}\n\n${textOf(cluster)}\n\n${parts[1].slice(parts[1].indexOf(end))}`;
  }
  writeFileSync(path, page);
} else console.log(textOf(process.argv[2] ?? "cluster"));
