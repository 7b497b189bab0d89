/** Element types that a device buffer can hold. */
export type ElementType = "f32" | "f64" | "i32" | "u32" | "i64" | "u8";

/** Typed arrays that cross the device border at `write` and `read`. */
export type HostArray = Float32Array | Float64Array | Int32Array | Uint32Array | BigInt64Array | Uint8Array;

/** Memory on a device: opaque, counted against the memory plan, freed explicitly (or by `using`). */
export interface DeviceBuffer {
  readonly elementType: ElementType;
  /** Elements, not bytes. */
  readonly length: number;
  free(): void;
  [Symbol.dispose](): void;
}
