// Where the time of a refinement goes: op by op for E and M of each round, files, and the rest (JavaScript and waiting).
//   node bench/round.mjs [--particles N] [--rounds N] [--stages global,local] [--threads N] [--star FILE --reference FILE] [--json]
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { dist } from "./dist.mjs";
import { figure, percent, tableLines } from "./table.mjs";

const FILE_CALLS = [
  "readSync",
  "writeSync",
  "fsyncSync",
  "openSync",
  "closeSync",
  "renameSync",
  "fstatSync",
  "ftruncateSync",
];

/** Counts the time spent in node:fs; before the product is loaded, or its imports keep the functions as they were. */
function watchFiles() {
  const watched = { ms: 0 };
  const originals = FILE_CALLS.map((name) => [name, fs[name]]);
  for (const [name, original] of originals) {
    fs[name] = (...args) => {
      const start = performance.now();
      try {
        return original(...args);
      } finally {
        watched.ms += performance.now() - start;
      }
    };
  }
  syncBuiltinESMExports();
  const restore = () => {
    for (const [name, original] of originals) fs[name] = original;
    syncBuiltinESMExports();
  };
  return { watched, restore };
}

/** The devices that the addon makes from now on: a run opens its own. */
async function watchDevices() {
  const { loadAddon } = await import(new URL("device/cpu/addon.js", dist).href);
  const addon = loadAddon();
  const create = addon.createDevice;
  const devices = [];
  addon.createDevice = (options) => {
    const device = create(options);
    devices.push(device);
    return device;
  };
  return {
    devices,
    restore: () => {
      addon.createDevice = create;
    },
  };
}

async function makeSet(folder, particles, threads) {
  const { simulate } = await import(new URL("index.js", dist).href);
  await simulate(
    { out: folder, particleCount: particles, snr: 0.1, seed: 7, threads },
    { signal: new AbortController().signal, log: { event() {} } },
  );
  return { star: join(folder, "particles.star"), reference: join(folder, "reference.mrc") };
}

/** Runs a refinement and returns, for each phase of each round, milliseconds on the wall by op. */
export async function measureRounds({
  particles = 600,
  rounds = 3,
  stages = "global,local",
  threads,
  star,
  reference,
} = {}) {
  const files = watchFiles();
  const { devices, restore } = await watchDevices();
  const folder = fs.mkdtempSync(join(tmpdir(), "vitreous-round-"));
  const phases = [];
  let open = null;
  const readOps = () => {
    const ops = {};
    for (const device of devices) {
      for (const [name, { elapsedMs, count }] of Object.entries(device.timings())) {
        ops[name] ??= { ms: 0, count: 0 };
        ops[name].ms += elapsedMs;
        ops[name].count += count;
      }
    }
    return ops;
  };
  const change = (name, round, detail) => {
    const now = { wall: performance.now(), cpu: process.cpuUsage(), files: files.watched.ms, ops: readOps() };
    if (open) {
      const ops = Object.fromEntries(
        Object.entries(now.ops)
          .map(([op, { ms, count }]) => [
            op,
            { ms: ms - (open.ops[op]?.ms ?? 0), count: count - (open.ops[op]?.count ?? 0) },
          ])
          .filter(([, { ms }]) => ms > 0),
      );
      phases.push({
        ...open.label,
        wallMs: now.wall - open.wall,
        processorMs: (now.cpu.user + now.cpu.system - open.cpu.user - open.cpu.system) / 1000,
        fileMs: now.files - open.files,
        ops,
      });
    }
    open = name ? { ...now, label: { round, phase: name, ...detail } } : null;
  };
  try {
    const set = star ? { star, reference } : await makeSet(folder, particles, threads);
    devices.length = 0;
    const { refine } = await import(new URL("index.js", dist).href);
    await refine(
      {
        particles: set.star,
        reference: set.reference,
        out: join(folder, "run"),
        maxRounds: rounds,
        stages,
        ...(threads ? { threads } : {}),
      },
      {
        signal: new AbortController().signal,
        log: {
          event(name, fields) {
            if (name === "round.start") change("E", fields.round, { stage: fields.stage, shell: fields.radiusShell });
            else if (name === "maximization.start") change("M", fields.round, {});
            else if (name === "round.done") change(null);
          },
        },
      },
    );
  } finally {
    restore();
    files.restore();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return { particles: star ? null : particles, phases };
}

export function roundLines({ particles, phases }) {
  const ops = [...new Set(phases.flatMap((p) => Object.keys(p.ops)))];
  const total = (op) => phases.reduce((sum, p) => sum + (p.ops[op]?.ms ?? 0), 0);
  const shown = ops.sort((a, b) => total(b) - total(a));
  const wall = phases.reduce((sum, p) => sum + p.wallMs, 0);
  const rest = (p) => p.wallMs - Object.values(p.ops).reduce((sum, { ms }) => sum + ms, 0) - p.fileMs;
  const label = (p) => `${p.round} ${p.phase}${p.stage ? ` ${p.stage}, shell ${p.shell}` : ""}`;
  const row = (name, of) => [
    name,
    ...phases.map((p) => percent(of(p) / p.wallMs)),
    percent(phases.reduce((s, p) => s + of(p), 0) / wall),
  ];
  return [
    `time split of ${phases.length / 2} rounds${particles ? `, ${particles} particles of 64 px` : ""}: share of each phase's time on the wall`,
    ...tableLines(
      ["", ...phases.map(label), "all"],
      [
        ["seconds", ...phases.map((p) => figure(p.wallMs / 1000)), figure(wall / 1000)],
        [
          "processor s",
          ...phases.map((p) => figure(p.processorMs / 1000)),
          figure(phases.reduce((s, p) => s + p.processorMs, 0) / 1000),
        ],
        ...shown.map((op) => row(op, (p) => p.ops[op]?.ms ?? 0)),
        row("files", (p) => p.fileMs),
        row("rest", rest),
      ],
    ),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({
    options: {
      particles: { type: "string" },
      rounds: { type: "string" },
      stages: { type: "string" },
      threads: { type: "string" },
      star: { type: "string" },
      reference: { type: "string" },
      json: { type: "boolean" },
    },
  });
  const number = (text) => (text === undefined ? undefined : Number(text));
  const result = await measureRounds({
    particles: number(values.particles),
    rounds: number(values.rounds),
    stages: values.stages,
    threads: number(values.threads),
    ...(values.star ? { star: values.star, reference: values.reference } : {}),
  });
  console.log(values.json ? JSON.stringify(result, null, 1) : roundLines(result).join("\n"));
  process.exit(0);
}
