import { expect } from "vitest";
import type { DeviceBuffer, HostArray } from "../../src/device/buffer.ts";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";

/** One way of running the ops. */
export interface Backend {
  readonly name: string;
  readonly kind: Device["kind"];
  open(): Device;
}

const reference: Backend = { name: "reference", kind: "reference", open: () => openDevice({ kind: "reference" }) };

/** Instruction sets that this processor has, lowest first; empty, with the reason printed, without the addon. */
export const NATIVE_ISAS: readonly string[] = ["sse2", "avx2", "avx512"].filter((isa) => {
  try {
    openDevice({ kind: "cpu", isa, threads: 1 }).close();
    return true;
  } catch (error) {
    console.warn(`skipped: cpu ${isa}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
});

/** The native kernels on every instruction set of this processor, with two threads. */
export const NATIVE_BACKENDS: readonly Backend[] = NATIVE_ISAS.map((isa) => ({
  name: `cpu ${isa}`,
  kind: "cpu",
  open: () => openDevice({ kind: "cpu", isa, threads: 2 }),
}));

export const BACKENDS: readonly Backend[] = [reference, ...NATIVE_BACKENDS];

/** Opens a device for the length of `use`. */
export async function withDevice<T>(open: () => Device, use: (device: Device) => Promise<T>): Promise<T> {
  const device = open();
  try {
    return await use(device);
  } finally {
    device.close();
  }
}

type Call = (device: Device, buffers: Readonly<Record<string, DeviceBuffer>>) => void;

/** Uploads the arrays, makes the call and reads the arrays named in `outputs` back. */
export function runOp<Output extends string>(
  open: () => Device,
  arrays: Readonly<Record<string, HostArray>>,
  call: Call,
  outputs: readonly Output[],
): Promise<Record<Output, HostArray>> {
  return withDevice(open, async (device) => {
    const buffers = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, device.upload(data)]));
    call(device, buffers);
    await device.idle();
    const results = await Promise.all(outputs.map((name) => device.read(buffers[name]!)));
    return Object.fromEntries(outputs.map((name, i) => [name, results[i]])) as Record<Output, HostArray>;
  });
}

/** One op on every backend: the native kernels must agree with the reference, within √(Σ difference²) / √(Σ reference²). */
export async function expectBackendsAgree(
  arrays: Readonly<Record<string, HostArray>>,
  call: Call,
  outputs: readonly string[],
  tolerance: number,
): Promise<void> {
  const wanted = await runOp(reference.open, arrays, call, outputs);
  for (const backend of NATIVE_BACKENDS) {
    const got = await runOp(backend.open, arrays, call, outputs);
    for (const name of outputs) {
      expect(relativeError(got[name]!, wanted[name]!), `${backend.name}: ${name}`).toBeLessThan(tolerance);
    }
  }
}

/** The bytes of the native kernels must not depend on the number of threads. */
export async function expectThreadsAgree(
  arrays: Readonly<Record<string, HostArray>>,
  call: Call,
  outputs: readonly string[],
): Promise<void> {
  for (const isa of NATIVE_ISAS) {
    const results = [];
    for (const threads of [1, 2, 3]) {
      results.push(await runOp(() => openDevice({ kind: "cpu", isa, threads }), arrays, call, outputs));
    }
    for (const name of outputs) {
      // Buffer.equals: toEqual walks the bytes one by one.
      const one = bytesOf(results[0]![name]!);
      expect(bytesOf(results[1]![name]!).equals(one), `${isa}: ${name}, 2 threads`).toBe(true);
      expect(bytesOf(results[2]![name]!).equals(one), `${isa}: ${name}, 3 threads`).toBe(true);
    }
  }
}

export function relativeError(actual: HostArray, expected: HostArray): number {
  expect(actual.length).toBe(expected.length);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    const want = Number(expected[i]);
    const got = Number(actual[i]);
    if (Object.is(got, want) || got === want) {
      norm += Number.isFinite(want) ? want ** 2 : 0;
      continue;
    }
    difference += (got - want) ** 2;
    norm += want ** 2;
  }
  if (difference === 0) return 0;
  return Number.isNaN(difference) || norm === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(difference / norm);
}

export function bytesOf(array: HostArray): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Numbers in [−1, 1) from a fixed multiplicative generator (seed in, same numbers out). */
export function makeSignal(length: number, seed = 1): Float32Array {
  let state = (seed * 7919) % 2147483647;
  return Float32Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
}
