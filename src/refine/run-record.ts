import { DataError } from "../core/errors.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { pathExists } from "../io/node/folders.ts";
import { describeMachine } from "../io/node/machine.ts";
import { packageVersion } from "../io/node/package-version.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type RefineInput, type RefineOptions, refineTable } from "../options/refine-options.ts";
import type { RunContext } from "./run-context.ts";
import type { RunFolder } from "./run-folder.ts";

/** run.json: everything that can change a bit of the result, and where it ran. */
export interface RunRecord {
  readonly program: "vitreous";
  readonly version: string;
  readonly started: string;
  readonly options: RefineOptions;
  readonly device: {
    readonly kind: string;
    readonly description: string;
    readonly isa: string;
    readonly threads: number;
  };
  /** Processes that shared the work; the result does not depend on it. */
  readonly ranks: { readonly count: number; readonly why: string };
  readonly machine: ReturnType<typeof describeMachine>;
  readonly data: { readonly particleCount: number; readonly boxPx: number; readonly pixelSizeA: number };
}

export function writeRunRecord(folder: RunFolder, context: RunContext, options: RefineOptions): void {
  const { device, data } = context;
  const record: RunRecord = {
    program: "vitreous",
    version: packageVersion(),
    started: new Date().toISOString(),
    options,
    device: { kind: device.kind, description: device.description, isa: device.isa, threads: device.threads },
    ranks: { count: context.comm.size, why: context.ranks },
    machine: describeMachine(),
    data: { particleCount: data.table.count, boxPx: data.boxPx, pixelSizeA: data.pixelSizeA },
  };
  writeFileAtomic(folder.record, `${JSON.stringify(record, null, 2)}\n`);
}

export function readRunRecord(folder: RunFolder): RunRecord {
  if (!pathExists(folder.record)) {
    throw new DataError(
      `${folder.path}: expected the folder of a run (run.json), found none. Give the folder that --out named.`,
    );
  }
  const record = JSON.parse(new TextDecoder().decode(readFileBytes(folder.record))) as RunRecord;
  if (record.program !== "vitreous") throw new DataError(`${folder.record}: not the record of a vitreous run.`);
  return record;
}

/** The options of a run; those that the version that began it did not have stand at their defaults. */
export function recordedOptions(record: RunRecord): RefineOptions {
  const known = Object.entries(record.options).filter(([name]) => Object.hasOwn(refineTable, name));
  return completeOptions("resume", refineTable, Object.fromEntries(known) as RefineInput);
}
