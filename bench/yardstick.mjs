// What the machine can do at best, through the addon's op machinePeak: in the same process as the kernels, so that the two
// can be measured in turn.

const MULTIPLY_ADD_ROUNDS = 400_000;
const COPY_FLOATS = 1 << 23;
const GATHER_LOADS = 8_000_000;
const GATHER_LOADS_FROM_MEMORY = 500_000;
/** Stays in the first-level cache: the most that the load units can do. */
const NEAR_FLOATS = 1 << 12;
/** 64 MiB: beyond the caches of a core. */
const FAR_FLOATS = 1 << 24;

/** Processor time of all threads: on a busy machine the clock on the wall measures the other programs. */
export function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function median(values) {
  const sorted = [...values];
  sorted.sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Rates by name; each call takes about 20 ms. `native` is a device of the addon. */
export function makeYardstick(native) {
  const work = native.allocate("f64", 1);
  const from = native.allocate("f32", COPY_FLOATS);
  const to = native.allocate("f32", COPY_FLOATS);
  native.fill(from, 1);
  native.fill(to, 1);
  const near = native.allocate("f32", NEAR_FLOATS);
  let far = null;
  const rate = async (args) => {
    await native.idle();
    const wall = performance.now();
    const start = processorMs();
    native.run("machinePeak", { ...args, work });
    await native.idle();
    const ms = processorMs() - start;
    const wallMs = performance.now() - wall;
    const done = (await native.read(work))[0];
    return { perCoreMs: done / ms, perWallMs: done / wallMs };
  };
  return {
    /** flops per ms */
    flops: () => rate({ what: "multiplyAdd", rounds: MULTIPLY_ADD_ROUNDS }),
    /** bytes per ms, read and written both counted */
    bytes: () => rate({ what: "copy", rounds: 1, from, to }),
    /** loads of 16 bytes at random places per ms, from the first-level cache */
    gathers: () => rate({ what: "gather", rounds: GATHER_LOADS, table: near }),
    /** … and from 64 MiB: what an access that nothing foresaw costs */
    farGathers() {
      far ??= native.allocate("f32", FAR_FLOATS);
      native.fill(far, 1);
      return rate({ what: "gather", rounds: GATHER_LOADS_FROM_MEMORY, table: far });
    },
    free() {
      for (const buffer of [work, from, to, near]) buffer.free();
      far?.free();
    },
  };
}

/** Peaks of one core and of all, GFLOP/s, GB/s, million loads per second. */
export async function measureMachine(addon, threads, repeats) {
  const summary = {};
  for (const [name, count] of [
    ["oneCore", 1],
    ["allCores", threads],
  ]) {
    const native = addon.createDevice({ threads: count });
    const yardstick = makeYardstick(native);
    const rows = { flops: [], bytes: [], gathers: [], farGathers: [] };
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const what of Object.keys(rows)) rows[what].push(await yardstick[what]());
    }
    // By the wall the best of the repeats: what else runs can only slow it. By processor time the median.
    const best = (what) => Math.max(...rows[what].map((r) => r.perWallMs));
    const perCore = (what) => median(rows[what].map((r) => r.perCoreMs));
    summary[name] = {
      threads: count,
      multiplyAddGflops: best("flops") / 1e6,
      multiplyAddGflopsPerCore: perCore("flops") / 1e6,
      copyGBps: best("bytes") / 1e6,
      copyGBpsPerCore: perCore("bytes") / 1e6,
      gatherMloads: best("gathers") / 1e3,
      gatherMloadsPerCore: perCore("gathers") / 1e3,
      farGatherMloads: best("farGathers") / 1e3,
      farGatherMloadsPerCore: perCore("farGathers") / 1e3,
    };
    yardstick.free();
    native.destroy();
  }
  return summary;
}
