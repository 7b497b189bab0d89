import { availableParallelism, cpus, freemem, hostname, totalmem } from "node:os";

/** The machine a run runs on, for its record and its memory plan. */
export interface Machine {
  readonly hostName: string;
  readonly processor: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly node: string;
}

export function describeMachine(): Machine {
  return {
    hostName: hostname(),
    processor: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    node: process.version,
  };
}
