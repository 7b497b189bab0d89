import { ResourceError, ShapeError, UsageError } from "../../core/errors.ts";
import type { DeviceBuffer, ElementType, HostArray } from "../buffer.ts";
import { expectCount } from "../check-buffer.ts";
import { makeOps } from "../op-table.ts";
import type { Device } from "../types.ts";
import { type AddonBuffer, type AddonDevice, type AddonIsa, loadAddon } from "./addon.ts";

/** Native memory of one CPU device. */
class CpuBuffer implements DeviceBuffer {
  readonly elementType: ElementType;
  readonly length: number;
  readonly native: AddonBuffer<ElementType>;

  constructor(native: AddonBuffer<ElementType>) {
    this.native = native;
    this.elementType = native.type;
    this.length = native.length;
  }

  free(): void {
    this.native.free();
  }

  [Symbol.dispose](): void {
    this.native.free();
  }
}

export interface CpuDeviceOptions {
  /** Default: the processors that this process may use. */
  readonly threads?: number;
  /** Default: the best one that the processor has (or VITREOUS_ISA). */
  readonly isa?: AddonIsa;
}

/**
 * The device of the native kernels. Ops run in order on one executor thread with its OpenMP team; the event loop stays free.
 * A buffer may be freed as soon as the ops that use it are enqueued.
 */
export function createCpuDevice(options: CpuDeviceOptions = {}): Device {
  const { addon, native } = openAddon(options);
  const allocate = (elementType: ElementType, length: number, isSparse = false): CpuBuffer => {
    expectCount("allocate: length", length);
    return new CpuBuffer(atOnce(() => native.allocate(elementType, length, isSparse)));
  };
  const write = (buffer: DeviceBuffer, data: HostArray, offset = 0): void => {
    const target = unwrap("write", buffer);
    if (offset + data.length > buffer.length) {
      throw new ShapeError("write: data", {
        expected: `at most ${buffer.length - offset} elements from offset ${offset}`,
        actual: `${data.length} elements`,
      });
    }
    atOnce(() => native.write(target, data, offset));
  };
  return {
    kind: "cpu",
    description: `cpu (${addon.cpuFeatures().name}, ${native.isa}, ${native.threads} thread${native.threads === 1 ? "" : "s"})`,
    threads: native.threads,
    isa: native.isa,
    get allocatedBytes() {
      return native.allocatedBytes;
    },
    get peakBytes() {
      return native.peakBytes;
    },
    ...makeOps((name, args) => {
      const unwrapped = Object.entries(args).map(([key, value]) => [
        key,
        isBuffer(value) ? unwrap(name, value) : value,
      ]);
      atOnce(() => native.run(name, Object.fromEntries(unwrapped)));
    }),
    allocate,
    upload(data: HostArray): DeviceBuffer {
      const buffer = allocate(elementTypeOfArray(data), data.length);
      write(buffer, data);
      return buffer;
    },
    write,
    async read(buffer: DeviceBuffer, offset = 0, count = buffer.length - offset, into?: HostArray): Promise<HostArray> {
      const source = unwrap("read", buffer);
      expectCount("read: offset", offset);
      expectCount("read: count", count);
      if (offset + count > buffer.length) {
        throw new ShapeError(`read: elements ${offset} to ${offset + count}`, {
          expected: `at most ${buffer.length}`,
          actual: offset + count,
        });
      }
      return later(atOnce(() => native.read(source, offset, count, into)));
    },
    hostView(buffer: DeviceBuffer): HostArray {
      const memory = unwrap("hostView", buffer);
      return atOnce(() => memory.view());
    },
    fill(buffer: DeviceBuffer, value: number): void {
      atOnce(() => native.fill(unwrap("fill", buffer), value));
    },
    shrink(buffer: DeviceBuffer, elementType: ElementType, length: number): DeviceBuffer {
      const memory = unwrap("shrink", buffer);
      atOnce(() => memory.shrink(elementType, length));
      return new CpuBuffer(memory);
    },
    idle(): Promise<void> {
      return later(native.idle());
    },
    timings: () => native.timings(),
    close(): void {
      native.destroy();
    },
  };
}

function openAddon(options: CpuDeviceOptions): { addon: ReturnType<typeof loadAddon>; native: AddonDevice } {
  let addon: ReturnType<typeof loadAddon>;
  try {
    addon = loadAddon();
  } catch (cause) {
    throw new ResourceError(`cpu device: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause);
  }
  try {
    return { addon, native: addon.createDevice(options) };
  } catch (cause) {
    throw new UsageError(`cpu device: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause);
  }
}

function isBuffer(value: unknown): value is DeviceBuffer {
  return typeof value === "object" && value !== null && "elementType" in value;
}

function unwrap(call: string, buffer: DeviceBuffer): AddonBuffer<ElementType> {
  if (!(buffer instanceof CpuBuffer)) {
    throw new UsageError(`${call}: the buffer belongs to another device. Upload the data to this one.`);
  }
  return buffer.native;
}

/** What the addon refuses when it is called is a wrong call, or memory that cannot be had. */
function atOnce<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof RangeError) throw new ResourceError(cause.message, {}, cause);
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), {}, cause);
  }
}

/** What an op met while it ran. */
async function later<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    throw new ResourceError(cause instanceof Error ? cause.message : String(cause), {}, cause);
  }
}

function elementTypeOfArray(data: HostArray): ElementType {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Float64Array) return "f64";
  if (data instanceof Int32Array) return "i32";
  if (data instanceof Uint32Array) return "u32";
  if (data instanceof BigInt64Array) return "i64";
  return "u8";
}
