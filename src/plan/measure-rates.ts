import { loadAddon } from "../device/cpu/addon.ts";
import { openDevice } from "../device/open.ts";
import { defaultRates, KERNELS, type Kernel, type KernelRates } from "./kernel-rates.ts";
import { makeRateCases } from "./rate-cases.ts";

const REPEATS = 3;
/** Work per sample: long enough for a clock, short enough to wait for. */
const TARGET_MS = 60;
const MULTIPLY_ADD_ROUNDS = 400_000;
const COPY_FLOATS = 1 << 22;

/**
 * Kernel rates of one core of this machine, in a few seconds: the kernels that decide a round are measured, the others are the default's
 * times the geometric mean of what those gained or lost. Processor time, so that other programs disturb little.
 */
export async function measureRates(): Promise<KernelRates> {
  const peaks = await measurePeaks();
  const device = openDevice({ kind: "cpu", threads: 1 });
  const gflops = { ...defaultRates.gflops };
  const gains: number[] = [];
  const measured = new Set<Kernel>();
  try {
    for (const { kernel, flops, run, free } of makeRateCases(device)) {
      const ms = await fastest(async (calls) => {
        for (let call = 0; call < calls; call++) run();
        await device.idle();
      });
      free();
      gflops[kernel] = flops / (1e6 * ms);
      gains.push(gflops[kernel] / defaultRates.gflops[kernel]);
      measured.add(kernel);
    }
    const gain = Math.exp(gains.reduce((sum, g) => sum + Math.log(g), 0) / gains.length);
    for (const kernel of KERNELS) if (!measured.has(kernel)) gflops[kernel] = gain * defaultRates.gflops[kernel];
    const slower = 1 / gain;
    return {
      gflops,
      ...peaks,
      hostSeconds: timesAll(slower, defaultRates.hostSeconds),
      source: `measured on this machine: ${device.description}; ${[...measured].join(", ")} directly, the others in proportion`,
    };
  } finally {
    device.close();
  }
}

function timesAll(factor: number, seconds: KernelRates["hostSeconds"]): KernelRates["hostSeconds"] {
  const products = Object.entries(seconds).map(([name, value]) => [name, factor * value]);
  return Object.fromEntries(products) as Record<keyof typeof seconds, number>;
}

/** Multiply-add peak and copy bandwidth of one core. */
async function measurePeaks(): Promise<Pick<KernelRates, "peakGflops" | "copyGBps">> {
  const native = loadAddon().createDevice({ threads: 1 });
  try {
    const work = native.allocate("f64", 1);
    const from = native.allocate("f32", COPY_FLOATS);
    const to = native.allocate("f32", COPY_FLOATS);
    native.fill(from, 1);
    const rate = async (args: Readonly<Record<string, unknown>>) => {
      const ms = await fastest(async (calls) => {
        for (let call = 0; call < calls; call++) native.run("machinePeak", { ...args, work });
        await native.idle();
      });
      return (await native.read(work))[0]! / (1e6 * ms);
    };
    const peakGflops = await rate({ what: "multiplyAdd", rounds: MULTIPLY_ADD_ROUNDS });
    const copyGBps = await rate({ what: "copy", rounds: 1, from, to });
    return { peakGflops, copyGBps };
  } finally {
    native.destroy();
  }
}

/** Least processor time of one call, ms. */
async function fastest(run: (calls: number) => Promise<void>): Promise<number> {
  const time = async (calls: number) => {
    const start = process.cpuUsage();
    await run(calls);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000 / calls;
  };
  const calls = Math.max(1, Math.ceil(TARGET_MS / Math.max(await time(1), 0.05)));
  let ms = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) ms = Math.min(ms, await time(calls));
  return ms;
}
