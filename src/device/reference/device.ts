import { ResourceError, ShapeError, UsageError } from "../../core/errors.ts";
import type { DeviceBuffer, ElementType, HostArray } from "../buffer.ts";
import { expectCount } from "../check-buffer.ts";
import { makeOps, OP_TABLE, type Op } from "../op-table.ts";
import type { Device, OpTiming } from "../types.ts";
import { elementTypeOf, HostBuffer, hostBytes, makeHostArray } from "./host-buffer.ts";

/**
 * The device that runs every op's plain TypeScript. For tests and for reading; thousands of times slower than the kernels.
 *
 * An op runs when it is enqueued, which keeps the order of a queue; what it throws is kept for the next `read` or `idle`,
 * as on the other devices.
 */
export function createReferenceDevice(): Device {
  let allocatedBytes = 0;
  let peakBytes = 0;
  let failure: { readonly op: string; readonly cause: unknown } | null = null;
  let isClosed = false;

  const expectOpen = (call: string): void => {
    if (isClosed) throw new UsageError(`${call}: the device was closed. Open another one.`);
  };
  const timings: Record<string, OpTiming> = {};
  const surfaceFailure = (): void => {
    if (failure === null) return;
    const { op, cause } = failure;
    failure = null;
    throw new ResourceError(`${op}: ${cause instanceof Error ? cause.message : String(cause)}`, { op }, cause);
  };
  const adopt = (data: HostArray): HostBuffer => {
    allocatedBytes += data.byteLength;
    peakBytes = Math.max(peakBytes, allocatedBytes);
    return new HostBuffer(data, (bytes) => {
      allocatedBytes -= bytes;
    });
  };

  return {
    kind: "reference",
    description: "reference (plain TypeScript, 1 thread)",
    threads: 1,
    isa: "typescript",
    get allocatedBytes() {
      return allocatedBytes;
    },
    get peakBytes() {
      return peakBytes;
    },
    ...makeOps((name, args) => {
      expectOpen(name);
      const since = performance.now();
      try {
        (OP_TABLE[name] as Op<typeof args>).reference(args);
      } catch (cause) {
        failure ??= { op: name, cause };
      }
      const before = timings[name];
      timings[name] = {
        count: (before?.count ?? 0) + 1,
        elapsedMs: (before?.elapsedMs ?? 0) + performance.now() - since,
      };
    }),
    allocate(elementType: ElementType, length: number): DeviceBuffer {
      expectOpen("allocate");
      expectCount("allocate: length", length);
      return adopt(makeHostArray(elementType, length));
    },
    upload(data: HostArray): DeviceBuffer {
      expectOpen("upload");
      return adopt(data.slice());
    },
    write(buffer: DeviceBuffer, data: HostArray, offset = 0): void {
      expectOpen("write");
      const target = hostData("write", buffer);
      if (elementTypeOf(data) !== buffer.elementType) {
        throw new ShapeError("write: data", { expected: buffer.elementType, actual: elementTypeOf(data) });
      }
      expectWithin("write", buffer.length, offset, data.length);
      (target as Float32Array).set(data as Float32Array, offset);
    },
    async read(buffer: DeviceBuffer, offset = 0, count = buffer.length - offset, into?: HostArray): Promise<HostArray> {
      expectOpen("read");
      expectWithin("read", buffer.length, offset, count);
      surfaceFailure();
      const part = hostData("read", buffer).slice(offset, offset + count);
      if (into === undefined) return part;
      if (elementTypeOf(into) !== buffer.elementType || into.length !== count) {
        throw new ShapeError("read: into", {
          expected: `${count} elements of ${buffer.elementType}`,
          actual: `${into.length} of ${elementTypeOf(into)}`,
        });
      }
      hostBytes(into).set(hostBytes(part));
      return into;
    },
    hostView(buffer: DeviceBuffer): HostArray {
      expectOpen("hostView");
      return hostData("hostView", buffer);
    },
    fill(buffer: DeviceBuffer, value: number): void {
      expectOpen("fill");
      const data = hostData("fill", buffer);
      if (data instanceof BigInt64Array) data.fill(BigInt(value));
      else data.fill(value);
    },
    shrink(buffer: DeviceBuffer, elementType: ElementType, length: number): DeviceBuffer {
      expectOpen("shrink");
      const bytes = hostBytes(hostData("shrink", buffer));
      const shrunk = makeHostArray(elementType, length);
      expectWithin("shrink: bytes", bytes.length, 0, shrunk.byteLength);
      hostBytes(shrunk).set(bytes.subarray(0, shrunk.byteLength));
      buffer.free();
      return adopt(shrunk);
    },
    timings: () => ({ ...timings }),
    async idle(): Promise<void> {
      expectOpen("idle");
      surfaceFailure();
    },
    close(): void {
      isClosed = true;
    },
  };
}

function hostData(call: string, buffer: DeviceBuffer): HostArray {
  if (!(buffer instanceof HostBuffer)) {
    throw new UsageError(`${call}: the buffer belongs to another device. Upload the data to this one.`);
  }
  return buffer.data;
}

function expectWithin(call: string, length: number, offset: number, count: number): void {
  expectCount(`${call}: offset`, offset);
  expectCount(`${call}: count`, count);
  if (offset + count > length) {
    throw new ShapeError(`${call}: elements ${offset} to ${offset + count}`, {
      expected: `at most ${length}`,
      actual: offset + count,
    });
  }
}
