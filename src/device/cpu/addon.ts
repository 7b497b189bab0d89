import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Element types of native buffers; f16 travels as 16-bit patterns. */
export type AddonElementType = "f32" | "f64" | "i32" | "u32" | "i64" | "u8" | "f16";

/** The typed array that carries each element type across `write` and `read`. */
export interface AddonArrays {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  u32: Uint32Array;
  i64: BigInt64Array;
  u8: Uint8Array;
  f16: Uint16Array;
}

/** Zeroed native memory, aligned to 64 bytes. Queued ops keep it alive after `free()`. */
export interface AddonBuffer<T extends AddonElementType = AddonElementType> {
  readonly type: T;
  /** Number of elements. */
  readonly length: number;
  readonly isFreed: boolean;
  /** The memory itself, which lives for as long as the array is held. */
  view(): AddonArrays[T];
  /** Keeps the front as `length` elements of another type and gives the rest back; no queued work may hold the buffer. */
  shrink(type: AddonElementType, length: number): void;
  free(): void;
}

export interface AddonOpTiming {
  readonly count: number;
  readonly elapsedMs: number;
}

/**
 * One executor thread with its OpenMP team. Calls return at once and run in order; what an op throws rejects the next
 * `read` or `idle`, which also clears it.
 */
export interface AddonDevice {
  readonly threads: number;
  readonly isa: AddonIsa;
  /** Bytes held by live buffers, and the most so far. */
  readonly allocatedBytes: number;
  readonly peakBytes: number;
  allocate<T extends AddonElementType>(type: T, length: number, isSparse?: boolean): AddonBuffer<T>;
  /** Copies `data` before it returns; `offset` in elements. */
  write<T extends AddonElementType>(buffer: AddonBuffer<T>, data: AddonArrays[T], offset?: number): void;
  /** Elements [offset, offset + count), in a fresh array or in `into`, which must not be detached until then. */
  read<T extends AddonElementType>(
    buffer: AddonBuffer<T>,
    offset?: number,
    count?: number,
    into?: AddonArrays[T],
  ): Promise<AddonArrays[T]>;
  idle(): Promise<void>;
  fill(buffer: AddonBuffer, value: number): void;
  copy<T extends AddonElementType>(
    destination: AddonBuffer<T>,
    destinationOffset: number,
    source: AddonBuffer<T>,
    sourceOffset: number,
    count: number,
  ): void;
  /** Enqueues an op by name; arguments are checked now, by name and length. */
  run(op: string, args: Readonly<Record<string, unknown>>): void;
  /** Time spent per op since the start or the last `resetTimings`. */
  timings(): Record<string, AddonOpTiming>;
  resetTimings(): void;
  /** Drops queued work (open promises reject), waits for the running op, ends the thread. Buffers stay until freed. */
  destroy(): void;
}

export type AddonIsa = "sse2" | "avx2" | "avx512";

export interface AddonCpuFeatures {
  readonly name: string;
  /** The best instruction set that the kernels can use here. */
  readonly isa: AddonIsa;
  readonly avx2: boolean;
  readonly fma: boolean;
  readonly avx512f: boolean;
  readonly avx512bw: boolean;
  readonly avx512vnni: boolean;
  readonly avx512bf16: boolean;
  readonly amxTile: boolean;
  readonly amxBf16: boolean;
  readonly amxInt8: boolean;
}

export interface AddonBuildInfo {
  readonly compiler: string;
  readonly fftw: string;
  /** Date of the OpenMP specification, as yyyymm. */
  readonly openmp: number;
}

export interface Addon {
  /** `threads` defaults to the processors this process may use, `isa` to the best one (or VITREOUS_ISA). */
  createDevice(options?: { threads?: number; isa?: AddonIsa }): AddonDevice;
  cpuFeatures(): AddonCpuFeatures;
  buildInfo(): AddonBuildInfo;
  opNames(): string[];
}

// The same distance from src/device/cpu and from dist/device/cpu.
const addonPath = fileURLToPath(new URL("../../../build/vitreous.node", import.meta.url));

let loaded: Addon | undefined;

/** The native addon, loaded on first use. Throws with what to do when it is missing or does not load. */
export function loadAddon(): Addon {
  if (loaded !== undefined) return loaded;
  if (!existsSync(addonPath)) {
    throw new Error(`native addon: expected ${addonPath}, got no such file. Run \`npm run setup\`.`);
  }
  // OpenMP reads this once, when the addon brings it in: idle threads then sleep instead of spinning.
  process.env["OMP_WAIT_POLICY"] ??= "passive";
  try {
    loaded = createRequire(import.meta.url)(addonPath) as Addon;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`native addon: ${addonPath} does not load (${reason}). Run \`npm run setup\` to rebuild it.`, {
      cause,
    });
  }
  return loaded;
}
