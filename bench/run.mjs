// `npm run bench`: what the machine can do, what share of it each kernel reaches, and where the time of a round goes.
//   node bench/run.mjs [--threads N] [--repeats N] [--kernel NAME] [--details] [--json] [--no-round] [--no-write]
// Times are processor time of all threads, so that they also hold while other programs run.
import { parseArgs } from "node:util";
import { dist } from "./dist.mjs";
import { loadFolder } from "./load-typescript.mjs";
import { measureCase } from "./measure-case.mjs";
import { describeHost, previousResult, writeResult } from "./results.mjs";
import { measureRounds, roundLines } from "./round.mjs";
import { figure, percent, tableLines } from "./table.mjs";
import { makeYardstick, measureMachine } from "./yardstick.mjs";

const { values: options } = parseArgs({
  options: {
    threads: { type: "string" },
    repeats: { type: "string", default: "5" },
    kernel: { type: "string" },
    json: { type: "boolean", default: false },
    details: { type: "boolean", default: false },
    "no-round": { type: "boolean", default: false },
    "no-write": { type: "boolean", default: false },
  },
});
const say = (lines) => {
  if (!options.json) console.log([...lines, ""].join("\n"));
};

const { loadAddon } = await import(new URL("device/cpu/addon.js", dist).href);
const { openDevice } = await import(new URL("device/open.js", dist).href);
const host = describeHost();
const threads = Number(options.threads ?? host.cores);
const repeats = Number(options.repeats);
const addon = loadAddon();

const machine = { isa: addon.createDevice({ threads: 1 }).isa, ...(await measureMachine(addon, threads, repeats)) };
say(machineLines());
const kernels = await measureKernels();
const previous = previousResult("kernels", host.hash);
say(kernelLines(kernels, previous));
const details = options.details ? await measureDetails() : null;
if (details) say(detailLines(details));
// A start with its global round, then local rounds; and global rounds only, the last of which scans at the radius reached.
const rounds = [];
for (const stages of options["no-round"] || options.kernel ? [] : ["global,local", "global"]) {
  const measured = await measureRounds({ threads, stages, rounds: stages === "global" ? 2 : 3 });
  rounds.push({ stages, ...measured });
  say(roundLines(measured));
}
const result = { threads, machine, kernels, details, rounds };
if (options.json) console.log(JSON.stringify({ host, ...result }, null, 1));
if (!options["no-write"] && !options.kernel) say([`written: ${writeResult("kernels", host, result)}`]);
process.exit(0);

async function measureKernels() {
  const device = openDevice({ kind: "cpu", threads });
  // The same number of threads, so that a yardstick shares caches and power with itself as the kernel does.
  const yardstick = makeYardstick(addon.createDevice({ threads }));
  const rows = [];
  const modules = await loadFolder("cases");
  for (const name of ["scan", "filter", "volume"]) {
    for (const benchCase of modules[name].cases(device)) {
      if (!options.kernel || benchCase.kernel === options.kernel) {
        rows.push(await measureCase(device, yardstick, benchCase, repeats));
      }
      benchCase.free();
    }
  }
  await device.idle();
  device.close();
  return rows;
}

/** What each kernel's author measures beside: bench/kernels. */
async function measureDetails() {
  const device = openDevice({ kind: "cpu", threads });
  const rows = [];
  for (const module of Object.values(await loadFolder("kernels"))) rows.push(...(await module.run(device)));
  device.close();
  return rows;
}

function detailLines(rows) {
  return tableLines(
    ["kernel", "problem", "ms", "rate", "unit"],
    rows.map((r) => [r.kernel, r.what, figure(r.ms), figure(r.rate), r.unit]),
  );
}

function machineLines() {
  const kinds = [
    ["multiply-add, GFLOP/s", "multiplyAddGflops"],
    ["copy, GB/s (read + written)", "copyGBps"],
    ["gather from the first-level cache, million loads/s", "gatherMloads"],
    ["gather from 64 MiB, million loads/s", "farGatherMloads"],
  ];
  const row = ([label, key]) => [
    label,
    ...[machine.oneCore, machine.allCores].flatMap((p) => [figure(p[key]), figure(p[`${key}PerCore`])]),
  ];
  return [
    `${host.processor}, ${host.cores} cores, ${host.memoryGB} GB, ${machine.isa}, Node ${host.node}; load average ${host.loadAverage.toFixed(1)}`,
    ...(host.loadAverage > 0.5
      ? ["Other programs are running: trust the columns per core (processor time) and the shares."]
      : []),
    ...tableLines(["peak", "1 thread", "per core", `${machine.allCores.threads} threads`, "per core"], kinds.map(row)),
  ];
}

function kernelLines(rows, before) {
  const earlier = (row) => before?.kernels.find((other) => other.kernel === row.kernel && other.what === row.what);
  const change = (row) => {
    const old = earlier(row);
    return old ? `${(row.share / old.share).toFixed(2)} ×` : "–";
  };
  return [
    `kernels, ${threads} threads; share = least time by the peak that binds / time taken`,
    ...tableLines(
      ["kernel", "problem", "ms", "GFLOP/s", "GB/s", "Mloads/s", "bound by", "share", "before"],
      rows.map((r) => [
        r.kernel,
        r.what,
        figure(r.processorMs),
        figure(r.gflops),
        figure(r.gBps),
        figure(r.mloads),
        r.limit,
        percent(r.share),
        change(r),
      ]),
    ),
    before
      ? `before: ${before.name} (${before.commit}); the share now over the share then`
      : "before: no earlier result of this machine",
  ];
}
