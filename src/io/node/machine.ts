import { availableParallelism, cpus, freemem, hostname, totalmem } from "node:os";

/** The machine a run runs on, for its record and its memory plan. */
export interface Machine {
  readonly hostName: string;
  readonly processor: string;
  /** Processors that this process may use. */
  readonly threads: number;
  /** Processors that the host has. */
  readonly processors: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly node: string;
}

export function describeMachine(): Machine {
  return {
    hostName: hostname(),
    processor: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    processors: cpus().length,
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    node: process.version,
  };
}
