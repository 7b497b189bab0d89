// One rank of bench/model-memory.mjs: the maximization phase of one half map, gridding loop included, from a few images of noise.
// argv[2]: { box, mode, images, iterations } as JSON. Rank 0 prints the largest figures of all ranks as JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { openCommunicator } from "../dist/comm/open.js";
import { ownShare } from "../dist/comm/share.js";
import { openDevice } from "../dist/device/open.js";
import { CTF_OPTICS_FIELDS } from "../dist/device/ops/ctf.js";
import { makeBand } from "../dist/geometry/band.js";
import { pointGroup } from "../dist/geometry/point-group.js";
import { accumulate } from "../dist/maximization/accumulate.js";
import { openModelRanks } from "../dist/maximization/model-ranks.js";
import { reconstructSlab } from "../dist/maximization/reconstruct-map.js";
import { uploadBand } from "../dist/particles/image-set.js";

const PADDING = 2;
const given = JSON.parse(process.argv[2]);
const { comm } = await openCommunicator("auto");
const device = openDevice({ threads: 1 });
const ranks = await openModelRanks(comm, given.mode);

// What is loaded or compiled once is not the model's.
await maximize(32);
globalThis.gc?.();
await device.idle();
const before = residentBytes();
const counted = device.allocatedBytes;
writeFileSync("/proc/self/clear_refs", "5");
const started = performance.now();
await maximize(given.box);
const elapsedMs = performance.now() - started;
const largest = Float64Array.of(
  peakResidentBytes() - before,
  device.peakBytes - counted,
  peakResidentBytes(),
  elapsedMs,
);
await comm.allReduceMax(largest);
if (comm.rank === 0) {
  const [residentGrowthBytes, countedBytes, totalResidentBytes, ms] = largest;
  console.log(JSON.stringify({ residentGrowthBytes, countedBytes, totalResidentBytes, elapsedMs: ms }));
}
device.close();
if (comm.size > 1) await comm.close();

async function maximize(box) {
  const band = uploadBand(device, makeBand(box, box / 2));
  const count = given.images * comm.size;
  const sums = await accumulate(device, band, noiseReader(box), modelOf(box, count), blocks(count), {
    half: 0,
    maxShell: box / 2,
    paddingFactor: PADDING,
    group: pointGroup("C1"),
    particleCount: count,
    largestAmplitude: box * box * 4,
    ranks,
    exchange: "sparse",
    signal: new AbortController().signal,
  });
  const map = await reconstructSlab(device, sums, { boxPx: box, prior: null, griddingIterations: given.iterations });
  sums.free();
  band.free();
  await device.idle();
  return map.planeCount;
}

function modelOf(box, count) {
  const optics = new Float64Array(CTF_OPTICS_FIELDS * count);
  for (let p = 0; p < count; p++) optics.set([12000, 11500, 0.3, 3e5, 2.7e7, 0.1, 0, 1.2], CTF_OPTICS_FIELDS * p);
  const flat = new Float64Array(box / 2 + 1).fill(1);
  return {
    boxPx: box,
    pixelSizeA: 1.2,
    optics,
    gain: new Float32Array(count).fill(1),
    scale: new Float32Array(count).fill(1),
    noiseGroup: new Int32Array(count),
    noiseGroupCount: 1,
    shellCount: box / 2 + 1,
    sigma2: [flat, flat],
    recentrePx: new Int32Array(2 * count),
    key: new Uint32Array(2 * count),
  };
}

/** Images of noise: the same for the same particle. */
function noiseReader(box) {
  return {
    async readInto(out, particles) {
      particles.forEach((p, i) => {
        let state = 48271 * (p + 1);
        for (let k = i * box * box; k < (i + 1) * box * box; k++) {
          state = (state * 48271) % 2147483647;
          out[k] = state / 1073741823.5 - 1;
        }
      });
    },
  };
}

/** This rank's particles, one random orientation each. */
async function* blocks(count) {
  const { first, end } = ownShare(count, comm);
  const particles = Int32Array.from({ length: end - first }, (_, i) => first + i);
  const rotations = Float32Array.from({ length: 4 * particles.length }, (_, i) => Math.sin(1 + 37 * (4 * first + i)));
  const none = new Float32Array(0);
  const ones = new Float32Array(particles.length).fill(1);
  yield {
    imageWeight: ones,
    block: {
      ...{ half: 0, index: 0, particles, rotationsPerImage: 1, shiftsPerRotation: 1, parentCount: 0, shellCount: 0 },
      ...{ rotations, shiftsPx: new Float32Array(2 * particles.length), weights: ones, summary: none, kernel: none },
      ...{ parentRotations: none, parentShiftsPx: none, statistics: new Float64Array(0) },
    },
  };
}

function statusBytes(name) {
  const line = readFileSync("/proc/self/status", "utf8").match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"));
  return 1024 * Number(line[1]);
}

function residentBytes() {
  return statusBytes("VmRSS");
}

/** Since the count was last reset. */
function peakResidentBytes() {
  return statusBytes("VmHWM");
}
