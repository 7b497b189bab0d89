import { SLICE_PIXEL_WORDS } from "../device/ops/slab-insert.ts";
import type { FourierBox } from "../geometry/fourier-box.ts";

/** Slices on the host, as `extractSlices` gives them. */
export interface SliceBatch {
  readonly count: number;
  /** Pixels from one slice to the next. */
  readonly capacity: number;
  /** [count][capacity][4] */
  readonly pixels: Float32Array;
  /** [count][2R+4] */
  readonly rowStart: Int32Array;
  /** [count][6] */
  readonly matrices: Float64Array;
}

/** What one rank gets of a batch: the pixels that touch its rows, as `addSlices` takes them. */
export interface SliceMessage {
  readonly sliceCount: number;
  readonly pixelCount: number;
  readonly matrices: Float64Array;
  readonly rowStart: Int32Array;
  readonly pixels: Float32Array;
}

const HEADER_BYTES = 16;
const PIXEL_BYTES = 4 * SLICE_PIXEL_WORDS;

/**
 * The pixels of a batch whose lower or upper row is one of [firstRow, endRow), as bytes: a header (slices, pixels, 0, 0), matrices, row starts,
 * pixels; a multiple of 8 long. A pixel between two ranks' rows goes to both. Empty where nothing touches the rows.
 */
export function packSlices(batch: SliceBatch, box: FourierBox, firstRow: number, endRow: number): Uint8Array {
  const rowCount = endRow - firstRow;
  const stride = box.sizeY + 1;
  const lowest = Math.max(0, firstRow - 1);
  const slices: number[] = [];
  let pixelCount = 0;
  for (let slice = 0; slice < batch.count && rowCount > 0; slice++) {
    const count = batch.rowStart[slice * stride + endRow]! - batch.rowStart[slice * stride + lowest]!;
    if (count === 0) continue;
    slices.push(slice);
    pixelCount += count;
  }
  if (slices.length === 0) return new Uint8Array(0);
  const layout = messageLayout(slices.length, pixelCount, rowCount);
  const bytes = new Uint8Array(layout.byteLength);
  new Int32Array(bytes.buffer, 0, 4).set([slices.length, pixelCount]);
  const matrices = new Float64Array(bytes.buffer, layout.matrices, 6 * slices.length);
  const rowStart = new Int32Array(bytes.buffer, layout.rowStart, slices.length * (rowCount + 2));
  const pixels = new Uint8Array(bytes.buffer, layout.pixels, pixelCount * PIXEL_BYTES);
  // As bytes: a frequency seen as a float may be a NaN, whose bits a copy of numbers need not keep.
  const source = new Uint8Array(batch.pixels.buffer, batch.pixels.byteOffset, batch.pixels.byteLength);
  let next = 0;
  slices.forEach((slice, i) => {
    matrices.set(batch.matrices.subarray(6 * slice, 6 * slice + 6), 6 * i);
    const starts = batch.rowStart.subarray(slice * stride, (slice + 1) * stride);
    const first = starts[lowest]!;
    const end = starts[endRow]!;
    for (let j = 0; j < rowCount + 2; j++) {
      rowStart[i * (rowCount + 2) + j] = next + starts[Math.max(0, firstRow - 1 + j)]! - first;
    }
    const from = slice * batch.capacity;
    pixels.set(source.subarray((from + first) * PIXEL_BYTES, (from + end) * PIXEL_BYTES), next * PIXEL_BYTES);
    next += end - first;
  });
  return bytes;
}

/** The parts of a message (views of `bytes`, which must begin at a multiple of 8). */
export function unpackSlices(bytes: Uint8Array, rowCount: number): SliceMessage {
  const [sliceCount, pixelCount] = new Int32Array(bytes.buffer, bytes.byteOffset, 2) as unknown as [number, number];
  const layout = messageLayout(sliceCount, pixelCount, rowCount);
  const at = (offset: number) => bytes.byteOffset + offset;
  return {
    sliceCount,
    pixelCount,
    matrices: new Float64Array(bytes.buffer, at(layout.matrices), 6 * sliceCount),
    rowStart: new Int32Array(bytes.buffer, at(layout.rowStart), sliceCount * (rowCount + 2)),
    pixels: new Float32Array(bytes.buffer, at(layout.pixels), SLICE_PIXEL_WORDS * pixelCount),
  };
}

function messageLayout(sliceCount: number, pixelCount: number, rowCount: number) {
  const matrices = HEADER_BYTES;
  const rowStart = matrices + 48 * sliceCount;
  const pixels = rowStart + 4 * sliceCount * (rowCount + 2);
  return { matrices, rowStart, pixels, byteLength: 8 * Math.ceil((pixels + pixelCount * PIXEL_BYTES) / 8) };
}
