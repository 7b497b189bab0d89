import type { OpenDeviceOptions } from "../device/open.ts";

/** The part of a verb's options that chooses the device, in the device's own terms (0 and auto mean its defaults). */
export function deviceOptions(options: {
  readonly device: "auto" | "cpu" | "reference";
  readonly isa: string;
  readonly threads: number;
}): OpenDeviceOptions {
  return {
    kind: options.device,
    ...(options.threads > 0 ? { threads: options.threads } : {}),
    ...(options.isa === "auto" ? {} : { isa: options.isa }),
  };
}
