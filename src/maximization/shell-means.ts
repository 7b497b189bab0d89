import { gatherNumbers } from "../comm/typed-exchange.ts";
import type { Communicator } from "../comm/types.ts";
import type { ShellSumsArgs } from "../device/ops/shell-sums.ts";
import type { Device } from "../device/types.ts";

/** Sum and count per shell over all rows, added in the order of the rows. */
export interface ShellTotals {
  readonly sum: Float64Array;
  readonly count: Float64Array;
}

/** The op `shellSums` over the rows of all ranks of `group`: the same numbers on each, whatever rank holds which row. */
export async function shellTotals(
  device: Device,
  group: Communicator,
  starts: readonly number[],
  args: Omit<ShellSumsArgs, "out">,
): Promise<ShellTotals> {
  const perRow = 2 * args.shellCount;
  using out = device.allocate("f64", args.rowCount * perRow);
  device.shellSums({ ...args, out });
  const rowCount = starts[starts.length - 1]!;
  const rows = new Float64Array(rowCount * perRow);
  const counts = starts.slice(1).map((end, rank) => (end - starts[rank]!) * perRow);
  await gatherNumbers(group, (await device.read(out)) as Float64Array, rows, counts);
  const sum = new Float64Array(args.shellCount);
  const count = new Float64Array(args.shellCount);
  for (let shell = 0; shell < args.shellCount; shell++) {
    for (let row = 0; row < rowCount; row++) {
      sum[shell]! += rows[row * perRow + 2 * shell]!;
      count[shell]! += rows[row * perRow + 2 * shell + 1]!;
    }
  }
  return { sum, count };
}

/** Mean of each shell; 0 where it has no voxel. */
export function shellMeans({ sum, count }: ShellTotals): Float64Array {
  return sum.map((value, shell) => (count[shell]! > 0 ? value / count[shell]! : 0));
}
