// One rank of bench/overlap.mjs: a global scan of a few images against a large set of slices, the slices preloaded, on the conveyor,
// or gathered first. Rank 0 prints one line of JSON for each repetition.
// argv[2]: settings as JSON: { images, shell, boxPx, repeats }

import { dist } from "./dist.mjs";
import { makeLocalSource } from "./overlap-sources.mjs";

const load = (path) => import(new URL(path, dist).href);
const { openMpi } = await load("comm/mpi.js");
const { openDevice } = await load("device/open.js");
const { makeBand } = await load("geometry/band.js");
const { pointGroup } = await load("geometry/point-group.js");
const { loadImageSet, uploadBand } = await load("particles/image-set.js");
const { makeReference } = await load("expectation/reference.js");
const { scanGlobally, sliceSetOf } = await load("expectation/scan.js");
const { makeScanGrid } = await load("refine/schedule.js");
const { beltSlices, openBeltRanks } = await load("expectation/slices/belt.js");
const { cutUnit, unitLength, unitsOf } = await load("expectation/slices/units.js");
const { shareOf } = await load("comm/share.js");
const { gatheredSlices } = await load("expectation/slices/gathered.js");

const { images, shell, boxPx, repeats } = JSON.parse(process.argv[2]);
const comm = await openMpi();
const device = openDevice({ threads: 1 });
const band = uploadBand(device, makeBand(boxPx, boxPx / 2));
const { map, model, reader } = makeLocalSource(boxPx, images, comm.rank);
const reference = makeReference(device, map, boxPx, 2, shell);
const grid = makeScanGrid({
  maxShell: shell,
  boxPx,
  pixelSizeA: 1,
  diameterA: 0.8 * boxPx,
  shiftSigmaPx: 1,
  group: pointGroup("C1"),
  seed: 1,
  round: 1,
});
const rows = Int32Array.from({ length: images }, (_, i) => i);
const set = await loadImageSet(device, band, reader, model, rows, { half: 0, mask: null, isRecentred: false });
const slices = sliceSetOf(band, reference, grid, 0);
const signal = new AbortController().signal;

async function scan(source) {
  await scanGlobally(device, set, band, reference, grid, {
    keepCount: 32,
    profileScale: false,
    slices: source,
    signal,
    onProgress: () => {},
  });
}

/** Wall time of the slowest rank and processor time of all, ms. */
async function timed(work) {
  await comm.barrier();
  const cpu = process.cpuUsage();
  const since = performance.now();
  await work();
  const wall = Float64Array.of(performance.now() - since);
  const used = process.cpuUsage(cpu);
  const total = Float64Array.of((used.user + used.system) / 1e3);
  await comm.allReduceMax(wall);
  await comm.allReduceSum(total);
  return { wallMs: wall[0], cpuMs: total[0] };
}

/** What the belt sends, in its own messages and as many buffers, without any compute: the processor time of the transfers themselves. */
async function transfersOnly() {
  const units = unitsOf(slices.count);
  const most = Math.ceil(units.length / comm.size);
  for (let unit = 0, turn = 0; unit < most; unit++) {
    for (let step = 1; step < comm.size; step++, turn++) {
      const [leaving, arriving] = [travelling[turn % BUFFERS], travelling[(turn + 1) % BUFFERS]];
      await comm.shift(leaving, arriving);
    }
  }
}

/** What the belt cuts here, without sending or comparing it. */
async function cutOnly() {
  const units = unitsOf(slices.count);
  const { first, end } = shareOf(units.length, comm.rank, comm.size);
  const out = device.allocate("f32", unitLength(slices, units[0]));
  for (const unit of units.slice(first, end)) {
    cutUnit(device, slices, unit, out);
    await device.idle();
  }
  out.free();
}

/** As many as the belt has, of its blocks' size. */
const BUFFERS = 4;
const travelling = Array.from(
  { length: BUFFERS },
  () => new Uint8Array(4 * unitLength(slices, unitsOf(slices.count)[0])),
);
for (const buffer of travelling) buffer.fill(1);

const preloaded = await gatheredSlices(device, slices, comm, "allgather");
await scan(preloaded);
for (let repeat = 0; repeat < repeats; repeat++) {
  const result = { repeat, sliceCount: grid.rotationCount, pixels: slices.cut.pixelCount, shifts: grid.shifts.count };
  result.preloaded = await timed(() => scan(preloaded));
  const ring = await openBeltRanks(comm, 1);
  let belt;
  result.conveyor = await timed(async () => {
    belt = beltSlices(device, slices, ring, "conveyor", 1);
    await scan(belt);
  });
  result.conveyor.waitedMs = belt.waitedMs();
  await belt.finish();
  result.allgather = await timed(async () => {
    const gathered = await gatheredSlices(device, slices, comm, "allgather");
    await scan(gathered);
    await gathered.finish();
  });
  result.transfers = await timed(transfersOnly);
  result.cutting = await timed(cutOnly);
  if (comm.rank === 0) console.log(JSON.stringify(result));
}
await preloaded.finish();
device.close();
await comm.close();
