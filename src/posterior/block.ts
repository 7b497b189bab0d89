import { DataError } from "../core/errors.ts";
import { KERNEL_FIELDS } from "../device/ops/cloud/kernel.ts";

/**
 * All that the expectation phase hands to the maximization phase and to the next round, for one block of particles.
 * Blocks, not ranks or batches, are the key: their size is fixed by the options.
 */
export interface PosteriorBlock {
  /** 0 or 1 */
  readonly half: number;
  /** Index of the block within its half-set. */
  readonly index: number;
  /** [count] rows of the particle table. */
  readonly particles: Int32Array;
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  readonly parentCount: number;
  readonly shellCount: number;
  /** [count][M][4] support orientations: unit quaternions. */
  readonly rotations: Float32Array;
  /** [count][M][T][2] support shifts, px, absolute: displacement from the image centre. */
  readonly shiftsPx: Float32Array;
  /** [count][M][T] posterior weights; a row sums to 1, or to 0 for a particle that failed. */
  readonly weights: Float32Array;
  /** [count][16] summary of the cloud (device/ops/update-cloud.ts), shifts absolute. */
  readonly summary: Float32Array;
  /** [count][15] kernel that the next round starts from. */
  readonly kernel: Float32Array;
  /** [count][parentCount][4] equal-weight cloud that the next round perturbs. */
  readonly parentRotations: Float32Array;
  /** [count][parentCount][2], absolute px. */
  readonly parentShiftsPx: Float32Array;
  /** [count][3][shellCount] residual, cross and model power (device/ops/residuals.ts). */
  readonly statistics: Float64Array;
  /** Only in the defocus stage. */
  readonly defocus?: BlockDefocus;
}

/** What a block knows of its particles' defocus (expectation/defocus-curves.ts). */
export interface BlockDefocus {
  /** [count][grid points] log-likelihood of each change of defocus. */
  readonly curve: Float32Array;
  /** [count][4] slope and curvature along two components of astigmatism. */
  readonly astigmatism: Float32Array;
}

/** Particles [first, end) of a block with their support points, as views: what insertion needs of them, not a block to be stored. */
export function partOfBlock(block: PosteriorBlock, first: number, end: number): PosteriorBlock {
  const points = block.rotationsPerImage * block.shiftsPerRotation;
  return {
    ...block,
    particles: block.particles.subarray(first, end),
    rotations: block.rotations.subarray(first * block.rotationsPerImage * 4, end * block.rotationsPerImage * 4),
    shiftsPx: block.shiftsPx.subarray(first * points * 2, end * points * 2),
    weights: block.weights.subarray(first * points, end * points),
  };
}

const MAGIC = 0x56425033; // "VBP3"
const HEADER_WORDS = 10;

/** Bytes of a block: a header of ten 32-bit words, then the arrays in a fixed order, float64 first so that all are aligned. */
export function encodeBlock(block: PosteriorBlock): Uint8Array {
  const arrays = orderedArrays(block);
  const bytes = arrays.reduce((sum, array) => sum + array.byteLength, 4 * HEADER_WORDS);
  const out = new Uint8Array(bytes);
  new Uint32Array(out.buffer, 0, HEADER_WORDS).set([
    MAGIC,
    block.half,
    block.index,
    block.particles.length,
    block.rotationsPerImage,
    block.shiftsPerRotation,
    block.parentCount,
    block.shellCount,
    defocusPoints(block),
    0,
  ]);
  let offset = 4 * HEADER_WORDS;
  for (const array of arrays) {
    out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += array.byteLength;
  }
  return out;
}

/** The inverse of `encodeBlock`; a wrong magic number or length is a DataError. */
export function decodeBlock(bytes: Uint8Array): PosteriorBlock {
  const copy = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const words =
    copy.byteLength >= 4 * HEADER_WORDS ? new Uint32Array(copy.buffer, copy.byteOffset, HEADER_WORDS) : null;
  if (!words || words[0] !== MAGIC) throw new DataError("posterior block: not a posterior block of this version.");
  const [, half, index, count, M, T, J, S, D] = words as unknown as number[];
  let offset = 4 * HEADER_WORDS;
  const take = <A>(
    make: new (buffer: ArrayBufferLike, offset: number, length: number) => A,
    length: number,
    size: number,
  ): A => {
    if (offset + length * size > copy.byteLength) throw new DataError("posterior block: truncated.");
    const array = new make(copy.buffer, copy.byteOffset + offset, length);
    offset += length * size;
    return array;
  };
  const statistics = take(Float64Array, count! * 3 * S!, 8);
  const particles = take(Int32Array, count!, 4);
  const block: PosteriorBlock = {
    half: half!,
    index: index!,
    particles,
    rotationsPerImage: M!,
    shiftsPerRotation: T!,
    parentCount: J!,
    shellCount: S!,
    rotations: take(Float32Array, count! * M! * 4, 4),
    shiftsPx: take(Float32Array, count! * M! * T! * 2, 4),
    weights: take(Float32Array, count! * M! * T!, 4),
    summary: take(Float32Array, count! * 16, 4),
    kernel: take(Float32Array, count! * KERNEL_FIELDS, 4),
    parentRotations: take(Float32Array, count! * J! * 4, 4),
    parentShiftsPx: take(Float32Array, count! * J! * 2, 4),
    statistics,
  };
  if (D === 0) return block;
  return {
    ...block,
    defocus: { curve: take(Float32Array, count! * D!, 4), astigmatism: take(Float32Array, count! * 4, 4) },
  };
}

function defocusPoints(block: PosteriorBlock): number {
  return block.defocus === undefined ? 0 : block.defocus.curve.length / block.particles.length;
}

function orderedArrays(block: PosteriorBlock) {
  return [
    block.statistics,
    block.particles,
    block.rotations,
    block.shiftsPx,
    block.weights,
    block.summary,
    block.kernel,
    block.parentRotations,
    block.parentShiftsPx,
    ...(block.defocus ? [block.defocus.curve, block.defocus.astigmatism] : []),
  ];
}
