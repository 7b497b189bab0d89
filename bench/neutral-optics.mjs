// What optics beyond defocus cost those who do not use them: the same local refinement of a set whose file has no aberration columns, has them at their
// neutral values, and (for comparison) has real ones. The first two must leave the same maps; processor time, in turns.
// usage: node bench/neutral-optics.mjs [--repeats N]
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dist } from "./dist.mjs";
import { writeResult } from "./machine-record.mjs";

const { values } = parseArgs({ options: { repeats: { type: "string", default: "7" } } });
const load = (path) => import(new URL(path, dist).href);
const { refine, simulate } = await load("index.js");
const { readStarFile, writeStarFileAtomic } = await load("io/node/star-file.js");
const { withTable } = await load("io/star/document.js");
const quiet = () => ({ signal: new AbortController().signal, log: { event() {} } });
const folder = mkdtempSync(join(tmpdir(), "vitreous-neutral-"));

const numbers = (of) => Object.entries(of).map(([label, value]) => ({ label, numbers: [value] }));
const texts = (of) => Object.entries(of).map(([label, value]) => ({ label, texts: [value] }));
const NEUTRAL = [
  ...numbers({ rlnBeamTiltX: 0, rlnBeamTiltY: 0, rlnMagMat00: 1, rlnMagMat01: 0, rlnMagMat10: 0, rlnMagMat11: 1 }),
  ...texts({ rlnOddZernike: "[0,0,0,0,0,0]", rlnEvenZernike: "[0,0,0,0,0,0,0,0,0]" }),
  ...numbers({ rlnCtfDataAreCtfPremultiplied: 0 }),
];
const REAL = [
  ...numbers({ rlnBeamTiltX: 0.3, rlnBeamTiltY: -0.2 }),
  ...numbers({ rlnMagMat00: 1.01, rlnMagMat01: 0, rlnMagMat10: 0, rlnMagMat11: 0.99 }),
  ...texts({ rlnOddZernike: "[0,0,5,0,0,0]", rlnEvenZernike: "[0,0,0,0,20,0,0,0,0]" }),
];

/** Processor time of one run, and the bytes of its maps; the STAR files differ by the columns that were given. */
async function measured(name, particles, reference, repeat) {
  const out = join(folder, `${name}-${repeat}`);
  const before = process.cpuUsage();
  const options = { stages: "local", maxRounds: 3, initialResolutionA: 20, threads: 1, seed: 1 };
  await refine({ particles, reference, out, ...options }, quiet());
  const { user, system } = process.cpuUsage(before);
  const files = readdirSync(out)
    .filter((file) => file.endsWith(".mrc"))
    .sort();
  const bytes = Buffer.concat(files.map((file) => readFileSync(join(out, file))));
  rmSync(out, { recursive: true });
  return { seconds: (user + system) / 1e6, hash: createHash("sha256").update(bytes).digest("hex") };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
try {
  const place = join(folder, "set");
  await simulate({ out: place, particleCount: 600, boxPx: 64, pixelSizeA: 4, snr: 0.2, seed: 1 }, quiet());
  const truth = readStarFile(join(place, "truth.star"));
  const block = truth.blocks.find(({ name }) => name === "optics");
  const variants = Object.entries({ absent: [], neutral: NEUTRAL, real: REAL }).map(([name, columns]) => {
    const path = join(place, `${name}.star`);
    writeStarFileAtomic(path, withTable(truth, block, block.table.withColumns(columns)));
    return { name, path, runs: [] };
  });
  // The first runs warm up what is compiled while running.
  for (let repeat = -1; repeat < Number(values.repeats); repeat++) {
    for (const variant of variants) {
      const run = await measured(variant.name, variant.path, join(place, "reference.mrc"), repeat);
      if (repeat >= 0) variant.runs.push(run);
    }
  }
  const [absent] = variants;
  const rows = variants.map(({ name, runs }) => ({
    columns: name,
    processorSeconds: median(runs.map((run) => run.seconds)),
    ratioToAbsent: median(runs.map((run, i) => run.seconds / absent.runs[i].seconds)),
    hasMapsOfAbsent: runs.every((run) => run.hash === absent.runs[0].hash),
  }));
  console.table(rows);
  const set = { particles: 600, boxPx: 64, rounds: 3 };
  console.log(writeResult("neutral-optics", { repeats: Number(values.repeats), set, rows }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
