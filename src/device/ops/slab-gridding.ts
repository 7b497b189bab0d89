import { expectPositive } from "../../core/checks.ts";
import { UsageError } from "../../core/errors.ts";
import { gridEdgePx, gridRows } from "../../geometry/box-rows.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount, expectEvenBox } from "../check-buffer.ts";
import { dft3Into, dftInto, makeComplex3 } from "../reference/fft.ts";
import { makeGriddingKernel } from "../reference/gridding-kernel.ts";
import { hostF32, hostF64 } from "../reference/host-buffer.ts";
import { sincSquared } from "../reference/padded-grid.ts";
import { makeRowBlocks } from "../reference/row-blocks.ts";
import { makeSlabDensity } from "../reference/slab-density.ts";
import type { DensityArgs } from "./density-args.ts";
import { expectRows } from "./shell-sums.ts";

// `reconstruct` in steps: lines along z of the rows y that a rank holds, then planes z; what lies between is an exchange between
// ranks. e = the grid's edge (geometry/box-rows.ts), M = gridPx, N = boxPx; "rows" are those held that lie in the grid.

/** D·W along z. With isFirst, W = 1 where D > 0 first. */
export interface GriddingToPlanesArgs extends DensityArgs {
  readonly isFirst: boolean;
  /** f32 [rows][2e+1 z][e+1 x] */
  readonly compensation: DeviceBuffer;
  /** f32 [M/2+1 z][rows][e+1][2], overwritten */
  readonly grid: DeviceBuffer;
}

/** Planes: along y and x to real space, times the kernel, and back, in place. */
export interface SmoothPlanesArgs {
  readonly gridPx: number;
  readonly edgePx: number;
  /** a of the kernel, padded voxels */
  readonly kernelRadiusPx: number;
  readonly firstPlane: number;
  readonly planeCount: number;
  /** [ranks + 1] first row of the grid that each rank's block holds, from 0 to 2e+1 */
  readonly rowStarts: readonly number[];
  /** f32 [ranks][planeCount][rows of that rank][e+1][2] */
  readonly grid: DeviceBuffer;
}

/** Lines back, and W ← W/|C|. */
export interface GriddingFromPlanesArgs extends DensityArgs {
  readonly grid: DeviceBuffer;
  readonly compensation: DeviceBuffer;
  /** f64 [1], overwritten: max | |C| − 1 | of these rows, 0 without any */
  readonly error: DeviceBuffer;
}

/** F·W along z, the N planes of the map only. */
export interface MapLinesArgs extends DensityArgs {
  readonly boxPx: number;
  /** f32 [rowCount][2R+3][R+2][2] */
  readonly forward: DeviceBuffer;
  /** null: W = 1/D */
  readonly compensation: DeviceBuffer | null;
  /** f32 [N z][rows][e+1][2], overwritten */
  readonly grid: DeviceBuffer;
}

/** Planes of the map, corrected for linear interpolation. */
export interface MapPlanesArgs extends Omit<SmoothPlanesArgs, "kernelRadiusPx"> {
  readonly boxPx: number;
  /** f32 [planeCount][N][N], overwritten */
  readonly map: DeviceBuffer;
}

function checkDensity(where: string, args: DensityArgs): { rows: number; edge: number } {
  const box = expectRows(where, args);
  expectEvenBox(`${where}: gridPx`, args.gridPx);
  expectPositive(`${where}: paddingFactor`, args.paddingFactor);
  expectCount(`${where}: maxShell`, args.maxShell);
  expectCount(`${where}: griddingIterations`, args.griddingIterations);
  expectBuffer(`${where}: weight`, args.weight, "f32", args.rowCount * box.sizeZ * box.sizeX);
  expectBuffer(`${where}: prior`, args.prior, "f64", args.maxShell + 1);
  expectBuffer(`${where}: shellMean`, args.shellMean, "f64", args.maxShell + 1);
  return {
    rows: gridRows({ ...args, box }, args.gridPx).count,
    edge: gridEdgePx(args.accumulatorRadiusPx, args.gridPx),
  };
}

function checkGrid(where: string, args: GriddingToPlanesArgs | GriddingFromPlanesArgs): void {
  const { rows, edge } = checkDensity(where, args);
  expectBuffer(`${where}: compensation`, args.compensation, "f32", rows * (2 * edge + 1) * (edge + 1));
  expectBuffer(`${where}: grid`, args.grid, "f32", 2 * (args.gridPx / 2 + 1) * rows * (edge + 1));
}

export function checkGriddingToPlanes(args: GriddingToPlanesArgs): void {
  checkGrid("griddingToPlanes", args);
}

export function checkGriddingFromPlanes(args: GriddingFromPlanesArgs): void {
  checkGrid("griddingFromPlanes", args);
  expectBuffer("griddingFromPlanes: error", args.error, "f64", 1);
}

export function checkMapLines(args: MapLinesArgs): void {
  const { rows, edge } = checkDensity("mapLines", args);
  expectEvenBox("mapLines: boxPx", args.boxPx);
  const held = args.rowCount * (2 * args.accumulatorRadiusPx + 3) * (args.accumulatorRadiusPx + 2);
  expectBuffer("mapLines: forward", args.forward, "f32", 2 * held);
  if (args.compensation !== null) {
    expectBuffer("mapLines: compensation", args.compensation, "f32", rows * (2 * edge + 1) * (edge + 1));
  }
  expectBuffer("mapLines: grid", args.grid, "f32", 2 * args.boxPx * rows * (edge + 1));
}

function checkPlanes(where: string, args: Omit<SmoothPlanesArgs, "kernelRadiusPx">, depth: number): void {
  expectEvenBox(`${where}: gridPx`, args.gridPx);
  expectCount(`${where}: edgePx`, args.edgePx);
  expectCount(`${where}: firstPlane`, args.firstPlane);
  expectCount(`${where}: planeCount`, args.planeCount);
  const rows = 2 * args.edgePx + 1;
  if (args.firstPlane + args.planeCount > depth || args.rowStarts[args.rowStarts.length - 1] !== rows) {
    throw new UsageError(
      `${where}: expected planes up to ${depth} and rowStarts up to ${rows}, got ${args.firstPlane + args.planeCount} and ${args.rowStarts.join(", ")}.`,
    );
  }
  expectBuffer(`${where}: grid`, args.grid, "f32", 2 * args.planeCount * rows * (args.edgePx + 1));
}

export function checkSmoothPlanes(args: SmoothPlanesArgs): void {
  expectPositive("smoothPlanes: kernelRadiusPx", args.kernelRadiusPx);
  checkPlanes("smoothPlanes", args, args.gridPx / 2 + 1);
}

export function checkMapPlanes(args: MapPlanesArgs): void {
  expectEvenBox("mapPlanes: boxPx", args.boxPx);
  checkPlanes("mapPlanes", args, args.boxPx);
  expectBuffer("mapPlanes: map", args.map, "f32", args.planeCount * args.boxPx ** 2);
}

export function griddingToPlanesReference(args: GriddingToPlanesArgs): void {
  const density = makeSlabDensity(args);
  const compensation = hostF32(args.compensation);
  const grid = hostF32(args.grid);
  forEachColumn(density, (x, y) => {
    const line = makeComplex3(args.gridPx, 1, 1);
    for (let z = -density.edge; z <= density.edge; z++) {
      const d = density.at(x, y, z);
      if (args.isFirst) compensation[density.place(x, y, z)] = d > 0 ? 1 : 0;
      line.re[(z + args.gridPx) % args.gridPx] = d * compensation[density.place(x, y, z)]!;
    }
    dftInto(line.re, line.im, -1);
    for (let z = 0; z <= args.gridPx / 2; z++) {
      const place = 2 * ((z * density.rowCount + y - density.firstY) * (density.edge + 1) + x);
      grid[place] = line.re[z]!;
      grid[place + 1] = line.im[z]!;
    }
  });
}

export function griddingFromPlanesReference(args: GriddingFromPlanesArgs): void {
  const density = makeSlabDensity(args);
  const compensation = hostF32(args.compensation);
  const grid = hostF32(args.grid);
  let error = 0;
  forEachColumn(density, (x, y) => {
    const line = makeComplex3(args.gridPx, 1, 1);
    for (let z = 0; z < args.gridPx; z++) {
      const stored = Math.min(z, args.gridPx - z);
      const place = 2 * ((stored * density.rowCount + y - density.firstY) * (density.edge + 1) + x);
      line.re[z] = grid[place]!;
      line.im[z] = z === stored ? grid[place + 1]! : -grid[place + 1]!;
    }
    dftInto(line.re, line.im, 1);
    for (let z = -density.edge; z <= density.edge; z++) {
      if (!(density.at(x, y, z) > 0)) continue;
      const c = Math.abs(line.re[(z + args.gridPx) % args.gridPx]!);
      const place = density.place(x, y, z);
      error = Math.max(error, Math.abs(c - 1));
      compensation[place] = Math.min(compensation[place]! / Math.max(c, 1e-6), 1e20);
    }
  });
  hostF64(args.error)[0] = error;
}

export function smoothPlanesReference(args: SmoothPlanesArgs): void {
  const size = args.gridPx;
  const kernel = makeGriddingKernel(size, args.kernelRadiusPx);
  const grid = hostF32(args.grid);
  const distance = (p: number) => Math.min(p, size - p);
  forEachPlane(args, (z, read) => {
    const plane = read(grid);
    dft3Into(plane, 1);
    for (let i = 0; i < size * size; i++) {
      const factor = kernel[z * z + distance(Math.floor(i / size)) ** 2 + distance(i % size) ** 2]! / size ** 3;
      plane.re[i]! *= factor;
      plane.im[i] = 0;
    }
    dft3Into(plane, -1);
    return plane;
  });
}

export function mapLinesReference(args: MapLinesArgs): void {
  const density = makeSlabDensity(args);
  const forward = hostF32(args.forward);
  const compensation = args.compensation === null ? null : hostF32(args.compensation);
  const grid = hostF32(args.grid);
  const [side, sizeX] = [2 * args.accumulatorRadiusPx + 3, args.accumulatorRadiusPx + 2];
  const edge = args.accumulatorRadiusPx + 1;
  forEachColumn(density, (x, y) => {
    const line = makeComplex3(args.gridPx, 1, 1);
    for (let z = -density.edge; z <= density.edge; z++) {
      const d = density.at(x, y, z);
      if (!(d > 0)) continue;
      const w = density.scale * (compensation === null ? 1 / d : compensation[density.place(x, y, z)]!);
      const source = 2 * (((y + edge - args.firstRow) * side + z + edge) * sizeX + x);
      line.re[(z + args.gridPx) % args.gridPx] = forward[source]! * w;
      line.im[(z + args.gridPx) % args.gridPx] = forward[source + 1]! * w;
    }
    dftInto(line.re, line.im, 1);
    for (let z = 0; z < args.boxPx; z++) {
      const place = 2 * ((z * density.rowCount + y - density.firstY) * (density.edge + 1) + x);
      const source = (z - args.boxPx / 2 + args.gridPx) % args.gridPx;
      grid[place] = line.re[source]!;
      grid[place + 1] = line.im[source]!;
    }
  });
}

export function mapPlanesReference(args: MapPlanesArgs): void {
  const [n, size] = [args.boxPx, args.gridPx];
  const map = hostF32(args.map);
  const grid = hostF32(args.grid);
  const correction = Float64Array.from({ length: n }, (_, x) => sincSquared((x - n / 2) / size));
  const wrap = (p: number) => (p - n / 2 + size) % size;
  forEachPlane(args, (z, read) => {
    const plane = read(grid);
    dft3Into(plane, 1);
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        const value = plane.re[wrap(y) * size + wrap(x)]! / size ** 3;
        const place = ((z - args.firstPlane) * n + y) * n + x;
        map[place] = value / (correction[x]! * correction[y]! * correction[z]!);
      }
    }
    return null;
  });
}

function forEachColumn(
  { edge, firstY, rowCount }: { edge: number; firstY: number; rowCount: number },
  visit: (x: number, y: number) => void,
): void {
  for (let y = firstY; y < firstY + rowCount; y++) for (let x = 0; x <= edge; x++) visit(x, y);
}

type Plane = ReturnType<typeof makeComplex3>;

/**
 * Reads each plane as [M][M]: columns x > 0 whose mates are not stored are doubled, so that the real part along x is that of the
 * complex-to-real transform; what comes back is written where it was.
 */
function forEachPlane(
  args: Omit<SmoothPlanesArgs, "kernelRadiusPx">,
  visit: (z: number, read: (grid: Float32Array) => Plane) => Plane | null,
): void {
  const [size, edge] = [args.gridPx, args.edgePx];
  const at = makeRowBlocks(args.rowStarts, args.planeCount, edge + 1);
  const grid = hostF32(args.grid);
  for (let index = 0; index < args.planeCount; index++) {
    const changed = visit(args.firstPlane + index, () => {
      const columns = makeComplex3(1, size, size);
      for (let y = -edge; y <= edge; y++) {
        for (let x = 0; x <= edge; x++) {
          const place = ((y + size) % size) * size + x;
          const count = x === 0 ? 1 : 2;
          columns.re[place] = count * grid[2 * at(index, y + edge, x)]!;
          columns.im[place] = count * grid[2 * at(index, y + edge, x) + 1]!;
        }
      }
      return columns;
    });
    if (changed === null) continue;
    for (let y = -edge; y <= edge; y++) {
      for (let x = 0; x <= edge; x++) {
        const place = ((y + size) % size) * size + x;
        grid[2 * at(index, y + edge, x)] = changed.re[place]!;
        grid[2 * at(index, y + edge, x) + 1] = changed.im[place]!;
      }
    }
  }
}
