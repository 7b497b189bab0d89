// A set like the design paper's: an ion channel (C4, 160 px at 1.32 Å/px), up to 211,826 particles; time and memory of a refinement.
// Usage: node bench/cng-set.mjs FOLDER PARTICLES [rounds]     rounds: stop after so many (default: until it stops by itself)
// The molecule is made here: helices of the built-in one, smaller, four times about the axis. The set (102 kB an image) stays in FOLDER.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog, simulate } from "../dist/index.js";
import { dist } from "./dist.mjs";
import { writeResult } from "./machine-record.mjs";
import { vitreousRefine } from "./vitreous-refine.mjs";

const load = (path) => import(new URL(path, dist).href);
const { symmetricAngleRad } = await load("geometry/asymmetric-unit.js");
const { pointGroup } = await load("geometry/point-group.js");
const { writeMapFile } = await load("io/node/map-file.js");
const { blobDensityInto } = await load("map/blob-density.js");
const { makeBlobs } = await load("map/blobs.js");
const { makePhantom } = await load("map/phantom.js");
const { readPoses } = await load("simulate/read-poses.js");

const BOX_PX = 160;
const PIXEL_SIZE_A = 1.32;
const MASK_DIAMETER_A = 160;
/** A subunit: the built-in molecule at this size, this far from the axis. */
const SUBUNIT_SIZE = 0.5;
const SUBUNIT_A = 33;
const SNR = 0.03;

const [folder, count, rounds] = process.argv.slice(2);
if (!folder || !(Number(count) > 0)) {
  console.error("usage: node bench/cng-set.mjs FOLDER PARTICLES [rounds]");
  process.exit(2);
}

function channel() {
  const part = makePhantom();
  const blobs = [];
  for (let quarter = 0; quarter < 4; quarter++) {
    const [cosine, sine] = [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ][quarter];
    for (let i = 0; i < part.count; i++) {
      const x = SUBUNIT_SIZE * part.xA[i] + SUBUNIT_A;
      const y = SUBUNIT_SIZE * part.yA[i];
      blobs.push({
        xA: cosine * x - sine * y,
        yA: sine * x + cosine * y,
        // The long axis of the part along the channel.
        zA: SUBUNIT_SIZE * part.zA[i],
        sigmaA: SUBUNIT_SIZE * part.sigmaA[i],
        weight: part.weight[i],
      });
    }
  }
  return makeBlobs(blobs);
}

const set = join(folder, `set-${count}`);
if (!existsSync(join(set, "particles.star"))) {
  mkdirSync(folder, { recursive: true });
  const map = join(folder, "channel.mrc");
  const data = blobDensityInto(new Float32Array(BOX_PX ** 3), BOX_PX, PIXEL_SIZE_A, channel());
  writeMapFile(map, { sizeX: BOX_PX, sizeY: BOX_PX, sizeZ: BOX_PX, pixelSizeA: PIXEL_SIZE_A, data });
  const since = performance.now();
  await simulate(
    { map, out: set, particleCount: Number(count), snr: SNR, shiftSdA: 4, seed: 1, referenceResolutionA: 40 },
    { signal: new AbortController().signal, log: silentLog },
  );
  console.log(`simulated in ${((performance.now() - since) / 1000).toFixed(0)} s`);
}

const out = join(folder, `run-${count}${rounds ? `-${rounds}` : ""}`);
const args = ["--symmetry", "C4", "--mask-diameter", String(MASK_DIAMETER_A), "--initial-resolution", "40"];
const run = vitreousRefine(set, out, [...args, ...(rounds ? ["--max-rounds", rounds] : [])]);

const found = readPoses(run.files.poses, {});
const truth = readPoses(join(set, "truth.star"), {});
const group = pointGroup("C4");
const errors = Array.from(found.imageSlice, (slice, row) => {
  const deg = 180 / Math.PI;
  return deg * symmetricAngleRad(found.rotation, 4 * row, truth.rotation, 4 * slice, group);
}).sort((a, b) => a - b);
const events = readFileSync(join(out, "events.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const result = {
  particles: Number(count),
  stackGB: (Number(count) * 4 * BOX_PX ** 2) / 1e9,
  rounds: rounds ? Number(rounds) : null,
  usage: run.usage,
  medianErrorDeg: errors[errors.length >> 1],
  within5: errors.filter((error) => error < 5).length / errors.length,
  perRound: events.filter(({ event }) => event === "round.done"),
};
console.log(JSON.stringify({ ...result, perRound: result.perRound.length }));
console.log(writeResult(`cng-${count}`, result));
