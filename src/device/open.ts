import { UsageError } from "../core/errors.ts";
import { createCpuDevice } from "./cpu/device.ts";
import { createReferenceDevice } from "./reference/device.ts";
import type { Device } from "./types.ts";

export interface OpenDeviceOptions {
  /**
   * "cpu": the native kernels. "reference": plain TypeScript, for tests. "auto" (default): the fastest that is built; today
   * the CPU. The reference is never chosen silently: it would take months for a real data set.
   */
  readonly kind?: "auto" | "cpu" | "reference";
  /** Default: all processors this process may use. */
  readonly threads?: number;
  /** A lower instruction set than the processor's, to reproduce the bytes of another machine. */
  readonly isa?: string;
}

const ISAS = ["sse2", "avx2", "avx512"] as const;

/** Opens the machine that runs the kernels; `description` of the result says which one it is. */
export function openDevice(options: OpenDeviceOptions = {}): Device {
  const kind = options.kind ?? "auto";
  switch (kind) {
    case "reference":
      return createReferenceDevice();
    case "auto":
    case "cpu": {
      const isa = ISAS.find((name) => name === options.isa);
      if (options.isa !== undefined && isa === undefined) {
        throw new UsageError(`device: the instruction set must be ${ISAS.join(", ")}, got ${options.isa}.`);
      }
      return createCpuDevice({
        ...(options.threads === undefined ? {} : { threads: options.threads }),
        ...(isa === undefined ? {} : { isa }),
      });
    }
    default:
      kind satisfies never;
      throw new UsageError(`device: the kind must be auto, cpu or reference, got ${String(kind)}.`);
  }
}
