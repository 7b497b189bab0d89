// One kernel against the peak that binds it.
import { median, processorMs } from "./yardstick.mjs";

const TARGET_MS = 40;
const NAMES = { flops: "multiply-add", bytes: "copy", gathers: "gather" };

/**
 * A case and its yardsticks in turn, `repeats` times. The least time that the case can take is its work divided by the
 * peak of each kind; the largest of these binds. The share is that time over the time taken: medians over the repeats.
 */
export async function measureCase(device, yardstick, benchCase, repeats) {
  const { work } = benchCase;
  benchCase.run();
  await device.idle();
  let calls = 1;
  const time = async () => {
    const start = processorMs();
    for (let call = 0; call < calls; call++) benchCase.run();
    await device.idle();
    return (processorMs() - start) / calls;
  };
  calls = Math.max(1, Math.ceil(TARGET_MS / Math.max(await time(), 0.05)));
  const kinds = ["flops", "bytes", ...(work.gathers ? ["gathers"] : [])];
  const least = async () => {
    const ms = {};
    for (const kind of kinds) ms[kind] = work[kind] / (await yardstick[kind]()).perCoreMs;
    return ms;
  };
  const times = [];
  const shares = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = await least();
    const ms = await time();
    const after = await least();
    times.push(ms);
    for (const kind of kinds) shares[kind].push((before[kind] + after[kind]) / 2 / ms);
  }
  const share = Object.fromEntries(kinds.map((kind) => [kind, median(shares[kind])]));
  const binds = kinds.reduce((a, b) => (share[b] > share[a] ? b : a));
  const ms = median(times);
  return {
    kernel: benchCase.kernel,
    what: benchCase.what,
    processorMs: ms,
    gflops: work.flops / ms / 1e6,
    gBps: work.bytes / ms / 1e6,
    mloads: work.gathers ? work.gathers / ms / 1e3 : null,
    limit: NAMES[binds],
    share: share[binds],
    shares: share,
  };
}
