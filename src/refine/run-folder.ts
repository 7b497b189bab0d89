import type { Communicator } from "../comm/types.ts";
import { type EventLog, silentLog, teeLog } from "../core/events.ts";
import { AppendFile } from "../io/node/append-file.ts";
import { joinPath, makeFolder } from "../io/node/folders.ts";

/** Names of everything in a run's folder: written down once. */
export interface RunFolder {
  readonly path: string;
  readonly checkpoint: string;
  readonly record: string;
  readonly events: string;
  file(name: string): string;
  round(round: number, rest: string): string;
}

export function runFolder(path: string): RunFolder {
  return {
    path,
    checkpoint: joinPath(path, "checkpoint"),
    record: joinPath(path, "run.json"),
    events: joinPath(path, "events.jsonl"),
    file: (name) => joinPath(path, name),
    round: (round, rest) => joinPath(path, `run_it${String(round).padStart(3, "0")}_${rest}`),
  };
}

/** Creates the folder and a log that also writes each event as a line of events.jsonl. Rank 0 alone does so; the others come after it. */
export async function openRunFolder(
  folder: RunFolder,
  log: EventLog,
  comm: Communicator,
  early: readonly (readonly [name: string, fields: Readonly<Record<string, unknown>>])[] = [],
): Promise<{ readonly log: EventLog; close(): void }> {
  if (comm.rank > 0) {
    await comm.barrier();
    return { log: silentLog, close() {} };
  }
  makeFolder(folder.path);
  makeFolder(folder.checkpoint);
  const file = new AppendFile(folder.events);
  const lines: EventLog = {
    event(name, fields) {
      file.line(JSON.stringify({ time: new Date().toISOString(), event: name, ...fields }));
    },
  };
  for (const [name, fields] of early) lines.event(name, fields);
  await comm.barrier();
  return { log: teeLog(lines, log), close: () => file.close() };
}
