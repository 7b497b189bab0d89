import { ShapeError, UsageError } from "../../core/errors.ts";
import type { DeviceBuffer, ElementType, HostArray } from "../buffer.ts";

/** A buffer of the reference device: an ordinary typed array. */
export class HostBuffer implements DeviceBuffer {
  readonly elementType: ElementType;
  readonly length: number;
  #data: HostArray | null;
  readonly #onFree: (byteLength: number) => void;

  constructor(data: HostArray, onFree: (byteLength: number) => void = () => {}) {
    this.elementType = elementTypeOf(data);
    this.length = data.length;
    this.#data = data;
    this.#onFree = onFree;
  }

  get data(): HostArray {
    if (this.#data === null) {
      throw new UsageError("reference device: the buffer has been freed. Free it after its last use.");
    }
    return this.#data;
  }

  free(): void {
    if (this.#data !== null) {
      this.#onFree(this.#data.byteLength);
      this.#data = null;
    }
  }

  [Symbol.dispose](): void {
    this.free();
  }
}

/** A zeroed array of `length` elements of a type. */
export function makeHostArray(elementType: ElementType, length: number): HostArray {
  switch (elementType) {
    case "f32":
      return new Float32Array(length);
    case "f64":
      return new Float64Array(length);
    case "i32":
      return new Int32Array(length);
    case "u32":
      return new Uint32Array(length);
    case "i64":
      return new BigInt64Array(length);
    case "u8":
      return new Uint8Array(length);
    default:
      throw new UsageError(
        `allocate: the element type must be f32, f64, i32, u32, i64 or u8, got ${String(elementType)}.`,
      );
  }
}

export function elementTypeOf(data: HostArray): ElementType {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Float64Array) return "f64";
  if (data instanceof Int32Array) return "i32";
  if (data instanceof Uint32Array) return "u32";
  if (data instanceof BigInt64Array) return "i64";
  return "u8";
}

/** The same memory as bytes. */
export function hostBytes(data: HostArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The array behind a reference buffer; for the TypeScript references of the ops. */
export function hostF32(buffer: DeviceBuffer): Float32Array {
  return hostArray(buffer, "f32") as Float32Array;
}

export function hostF64(buffer: DeviceBuffer): Float64Array {
  return hostArray(buffer, "f64") as Float64Array;
}

export function hostI32(buffer: DeviceBuffer): Int32Array {
  return hostArray(buffer, "i32") as Int32Array;
}

export function hostU32(buffer: DeviceBuffer): Uint32Array {
  return hostArray(buffer, "u32") as Uint32Array;
}

export function hostI64(buffer: DeviceBuffer): BigInt64Array {
  return hostArray(buffer, "i64") as BigInt64Array;
}

function hostArray(buffer: DeviceBuffer, elementType: ElementType): HostArray {
  if (!(buffer instanceof HostBuffer)) {
    throw new UsageError("reference device: the buffer belongs to another device. Upload the data to this one.");
  }
  if (buffer.elementType !== elementType) {
    throw new ShapeError("reference device: buffer", { expected: elementType, actual: buffer.elementType });
  }
  return buffer.data;
}
