import { boxRowsIndex, gridEdgePx, gridRows } from "../../geometry/box-rows.ts";
import { fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DensityArgs } from "../ops/density-args.ts";
import { hostF32, hostF64 } from "./host-buffer.ts";

/** Smallest D, as a share of its shell's mean, of the direct weight and of the gridding loop. */
const DIRECT_FLOOR = 1e-3;
const LOOP_FLOOR = 1e-10;

/** D over its mean on the rows of the grid that are held, and how they lie. */
export interface SlabDensity {
  readonly edge: number;
  readonly firstY: number;
  readonly rowCount: number;
  readonly scale: number;
  at(x: number, y: number, z: number): number;
  /** Place in W: [rows][2e+1 z][e+1 x]. */
  place(x: number, y: number, z: number): number;
}

export function makeSlabDensity(args: DensityArgs): SlabDensity {
  const rows = { ...args, box: fourierBoxOfRadius(args.accumulatorRadiusPx) };
  const edge = gridEdgePx(args.accumulatorRadiusPx, args.gridPx);
  const { firstY, count } = gridRows(rows, args.gridPx);
  const weight = hostF32(args.weight);
  const prior = hostF64(args.prior);
  const shellMean = hostF64(args.shellMean);
  const share = args.griddingIterations > 0 ? LOOP_FLOOR : DIRECT_FLOOR;
  return {
    edge,
    firstY,
    rowCount: count,
    scale: args.mean > 0 ? 1 / args.mean : 0,
    at(x, y, z) {
      const distance = Math.sqrt(x * x + y * y + z * z);
      if (!(args.mean > 0) || distance > args.paddingFactor * args.maxShell) return 0;
      const shell = distance / args.paddingFactor;
      const floor = share * shellMean[Math.floor(shell)]!;
      return Math.max(weight[boxRowsIndex(rows, x, y, z)]! + prior[Math.round(shell)]!, floor) / args.mean;
    },
    place: (x, y, z) => ((y - firstY) * (2 * edge + 1) + z + edge) * (edge + 1) + x,
  };
}
