import { expectPositive } from "../../core/checks.ts";
import { UsageError } from "../../core/errors.ts";
import { boxRowsIndex } from "../../geometry/box-rows.ts";
import { type FourierBox, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostF32, hostF64 } from "../reference/host-buffer.ts";

/** The rows y of a Fourier box that a rank holds (geometry/box-rows.ts). */
export interface RowsArgs {
  readonly accumulatorRadiusPx: number;
  readonly firstRow: number;
  readonly rowCount: number;
}

/**
 * Sum and count of T + prior per shell and row: |x|, |y|, |z| ≤ edgePx, |p| ≤ limitPx, the shell |p| / padding rounded or cut off, the
 * prior's always rounded; x > 0 counts twice. Rows are summed apart, so that adding them in order gives the same bytes
 * whatever rank holds which.
 */
export interface ShellSumsArgs extends RowsArgs {
  /** f32 [rowCount][2R+3][R+2] */
  readonly weight: DeviceBuffer;
  readonly edgePx: number;
  readonly limitPx: number;
  readonly paddingFactor: number;
  readonly shellCount: number;
  readonly isRounded: boolean;
  /** f64 [shellCount] or null: none */
  readonly prior: DeviceBuffer | null;
  /** f64 [rowCount][shellCount][2], overwritten: sum, count */
  readonly out: DeviceBuffer;
}

/** The box of some rows, after its checks. */
export function expectRows(where: string, { accumulatorRadiusPx, firstRow, rowCount }: RowsArgs): FourierBox {
  expectCount(`${where}: accumulatorRadiusPx`, accumulatorRadiusPx, 1);
  expectCount(`${where}: firstRow`, firstRow);
  expectCount(`${where}: rowCount`, rowCount);
  const box = fourierBoxOfRadius(accumulatorRadiusPx);
  if (firstRow + rowCount > box.sizeY) {
    throw new UsageError(
      `${where}: rows ${firstRow} to ${firstRow + rowCount}: expected at most ${box.sizeY}, the rows of a box of radius ${accumulatorRadiusPx}.`,
    );
  }
  return box;
}

export function checkShellSums(args: ShellSumsArgs): void {
  const box = expectRows("shellSums", args);
  expectCount("shellSums: edgePx", args.edgePx);
  expectPositive("shellSums: paddingFactor", args.paddingFactor);
  expectCount("shellSums: shellCount", args.shellCount, 1);
  expectBuffer("shellSums: weight", args.weight, "f32", args.rowCount * box.sizeZ * box.sizeX);
  if (args.prior !== null) expectBuffer("shellSums: prior", args.prior, "f64", args.shellCount);
  expectBuffer("shellSums: out", args.out, "f64", 2 * args.rowCount * args.shellCount);
}

export function shellSumsReference(args: ShellSumsArgs): void {
  const rows = { ...args, box: fourierBoxOfRadius(args.accumulatorRadiusPx) };
  const weight = hostF32(args.weight);
  const prior = args.prior === null ? null : hostF64(args.prior);
  const out = hostF64(args.out).fill(0, 0, 2 * args.rowCount * args.shellCount);
  const edge = args.edgePx;
  for (let row = 0; row < args.rowCount; row++) {
    const y = args.firstRow + row - args.accumulatorRadiusPx - 1;
    if (Math.abs(y) > edge) continue;
    for (let z = -edge; z <= edge; z++) {
      for (let x = 0; x <= edge; x++) {
        const distance = Math.sqrt(x * x + y * y + z * z);
        const rounded = Math.round(distance / args.paddingFactor);
        const shell = args.isRounded ? rounded : Math.floor(distance / args.paddingFactor);
        if (distance > args.limitPx || shell >= args.shellCount) continue;
        const multiplicity = x === 0 ? 1 : 2;
        const place = 2 * (row * args.shellCount + shell);
        out[place]! += multiplicity * (weight[boxRowsIndex(rows, x, y, z)]! + (prior?.[rounded] ?? 0));
        out[place + 1]! += multiplicity;
      }
    }
  }
}
