import { DataError } from "../../core/errors.ts";
import { bytesPerPixel, expectReadableMode, isKnownMode, type MrcMode } from "./mode.ts";

/** Bytes of the fixed part of an MRC header. */
export const MRC_HEADER_BYTES = 1024;

/** The header of an MRC file as found. Source: the MRC2014 format description. */
export interface MrcHeader {
  /** Columns, rows, sections as stored. */
  readonly columns: number;
  readonly rows: number;
  readonly sections: number;
  readonly mode: MrcMode;
  readonly isLittleEndian: boolean;
  /** Extended header between the fixed one and the data. */
  readonly extendedBytes: number;
  /** First data byte. */
  readonly dataOffset: number;
  /** Cell edges in Å and the grid intervals along them; 0 where the program that wrote it left them empty. */
  readonly cellA: readonly [number, number, number];
  readonly intervals: readonly [number, number, number];
  /** Å per pixel along x, y, z; 0 = not stated. */
  readonly pixelSizesA: readonly [number, number, number];
  /** Which axis (1 x, 2 y, 3 z) the columns, rows, sections run along. */
  readonly axes: readonly [number, number, number];
  readonly start: readonly [number, number, number];
  readonly originA: readonly [number, number, number];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly rms: number;
  /** 0: images or a stack, 1: a volume, 401: a stack of volumes. */
  readonly spaceGroup: number;
  readonly version: number;
}

/**
 * Reads the 1024-byte header, either byte order.
 *
 * @param bytes  [≥ 1024]
 * @param where  the file's name
 * @param fileBytes  size of the (unpacked) file, which must hold all the data
 */
export function parseMrcHeader(bytes: Uint8Array, where: string, fileBytes: number): MrcHeader {
  if (bytes.length < MRC_HEADER_BYTES) {
    throw new DataError(
      `${where}: truncated: expected an MRC header of ${MRC_HEADER_BYTES} bytes, got ${bytes.length}.`,
      { where, expectedBytes: MRC_HEADER_BYTES, actualBytes: bytes.length },
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, MRC_HEADER_BYTES);
  const little = isLittleEndian(view, where);
  const int = (word: number): number => view.getInt32((word - 1) * 4, little);
  const float = (word: number): number => view.getFloat32((word - 1) * 4, little);
  const [columns, rows, sections] = [int(1), int(2), int(3)];
  if (columns < 1 || rows < 1 || sections < 1) {
    throw new DataError(`${where}: expected dimensions above 0, got ${columns} × ${rows} × ${sections}.`, {
      where,
      dimensions: [columns, rows, sections],
    });
  }
  const mode = expectReadableMode(where, int(4));
  const extendedBytes = int(24);
  if (extendedBytes < 0) {
    throw new DataError(`${where}: expected an extended header of 0 bytes or more, got ${extendedBytes}.`, { where });
  }
  const dataOffset = MRC_HEADER_BYTES + extendedBytes;
  const expectedBytes = dataOffset + columns * rows * sections * bytesPerPixel(mode);
  if (fileBytes < expectedBytes) {
    throw new DataError(
      `${where}: truncated: expected ${expectedBytes} bytes (${columns} × ${rows} × ${sections}, mode ${mode}), ` +
        `got ${fileBytes}. Copy or make the file again.`,
      { where, expectedBytes, actualBytes: fileBytes },
    );
  }
  const cellA = [float(11), float(12), float(13)] as const;
  const intervals = [int(8), int(9), int(10)] as const;
  const pixelSize = (axis: 0 | 1 | 2): number => {
    const sizeA = cellA[axis] / intervals[axis];
    return Number.isFinite(sizeA) && sizeA > 0 ? sizeA : 0;
  };
  return {
    columns,
    rows,
    sections,
    mode,
    isLittleEndian: little,
    extendedBytes,
    dataOffset,
    cellA,
    intervals,
    pixelSizesA: [pixelSize(0), pixelSize(1), pixelSize(2)],
    axes: axisOrder(int(17), int(18), int(19), where),
    start: [int(5), int(6), int(7)],
    originA: [float(50), float(51), float(52)],
    min: float(20),
    max: float(21),
    mean: float(22),
    rms: float(55),
    spaceGroup: int(23),
    version: int(28),
  };
}

/**
 * The order in which dimensions and mode make sense; the machine stamp decides only when both or neither do,
 * because stamps are the less reliable of the two.
 */
function isLittleEndian(view: DataView, where: string): boolean {
  const stampIsBig = view.getUint8(212) === 0x11 && view.getUint8(213) === 0x11;
  const little = looksSane(view, true);
  const big = looksSane(view, false);
  if (little !== big) return little;
  const stampIsLittle = view.getUint8(212) === 0x44;
  const isMap = view.getUint8(208) === 0x4d && view.getUint8(209) === 0x41 && view.getUint8(210) === 0x50;
  if (!little && !isMap && !stampIsBig && !stampIsLittle) {
    throw new DataError(
      `${where}: not an MRC file: dimensions ${view.getInt32(0, true)} × ${view.getInt32(4, true)} × ` +
        `${view.getInt32(8, true)}, mode ${view.getInt32(12, true)}, no "MAP " and no machine stamp.`,
      { where },
    );
  }
  return !stampIsBig;
}

function looksSane(view: DataView, little: boolean): boolean {
  for (let word = 0; word < 3; word++) {
    const size = view.getInt32(word * 4, little);
    // 2^24 pixels along one axis: far above any image, far below a byte-swapped small number.
    if (size < 1 || size > (word < 2 ? 0x1000000 : 0x7fffffff)) return false;
  }
  return isKnownMode(view.getInt32(12, little));
}

/** Programs that leave the axis words empty mean columns x, rows y, sections z. */
function axisOrder(c: number, r: number, s: number, where: string): readonly [number, number, number] {
  if (c === 0 && r === 0 && s === 0) return [1, 2, 3];
  const isPermutation = [1, 2, 3].every((axis) => c === axis || r === axis || s === axis);
  if (!isPermutation) {
    throw new DataError(`${where}: expected MAPC, MAPR, MAPS to be 1, 2, 3 in some order, got ${c}, ${r}, ${s}.`, {
      where,
      axes: [c, r, s],
    });
  }
  return [c, r, s];
}
