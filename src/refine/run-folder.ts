import { type EventLog, teeLog } from "../core/events.ts";
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

/** Creates the folder and a log that also writes each event as a line of events.jsonl. */
export function openRunFolder(
  folder: RunFolder,
  log: EventLog,
  early: readonly (readonly [name: string, fields: Readonly<Record<string, unknown>>])[] = [],
): { readonly log: EventLog; close(): void } {
  makeFolder(folder.path);
  makeFolder(folder.checkpoint);
  const file = new AppendFile(folder.events);
  const lines: EventLog = {
    event(name, fields) {
      file.line(JSON.stringify({ time: new Date().toISOString(), event: name, ...fields }));
    },
  };
  for (const [name, fields] of early) lines.event(name, fields);
  return { log: teeLog(lines, log), close: () => file.close() };
}
