import type { DeviceBuffer, HostArray } from "../src/device/buffer.ts";
import type { Device } from "../src/device/types.ts";

/** What one call of a kernel must do at the least, whatever the implementation: the yardstick of its time. */
export interface Work {
  /** Floating-point operations, 2 per multiply-add; elementary functions are estimates (named in docs/performance.md). */
  readonly flops: number;
  /** Bytes that must come from or go to memory once. */
  readonly bytes: number;
  /** Accesses of 16 bytes or more to places that must be computed. */
  readonly gathers?: number;
}

/** A kernel on one problem; `run` enqueues it once on the device. */
export interface BenchCase {
  readonly kernel: string;
  /** Sizes of the problem. */
  readonly what: string;
  readonly work: Work;
  run(): void;
  free(): void;
}

/** Uploads, remembers, frees: the buffers of one case. */
export function makeOwner(device: Device) {
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer): DeviceBuffer => {
    owned.push(buffer);
    return buffer;
  };
  return {
    upload: (data: HostArray): DeviceBuffer => own(device.upload(data)),
    allocate: (...args: Parameters<Device["allocate"]>): DeviceBuffer => own(device.allocate(...args)),
    free(): void {
      for (const buffer of owned) buffer.free();
    },
  };
}

/** Numbers in [0, 1) from a fixed multiplicative generator: the same problem on every machine. */
export function makeUniform(seed: number): () => number {
  let state = (seed * 7919) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Normal numbers of mean 0. */
export function normals(length: number, seed: number, sd = 1): Float32Array {
  const next = makeUniform(seed);
  return Float32Array.from(
    { length },
    () => sd * Math.sqrt(-2 * Math.log(next() + 1e-9)) * Math.cos(2 * Math.PI * next()),
  );
}

/** Flops of a real-to-complex transform of n values. */
export function realFftFlops(n: number): number {
  return 2.5 * n * Math.log2(n);
}
