import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RefineInput, silentLog, simulate } from "../../src/index.ts";

/** Simulated images small enough that a round takes about a second, and options that keep every stage and several blocks. */
export interface TinyRun {
  readonly folder: string;
  /** Options of a run into a folder of that name. */
  options(out: string): RefineInput;
  path(name: string): string;
  remove(): void;
}

const PARTICLES = 48;

export async function makeTinyRun(): Promise<TinyRun> {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-run-"));
  const { files } = await simulate(
    { out: join(folder, "data"), particleCount: PARTICLES, boxPx: 32, pixelSizeA: 8, snr: 0.5, seed: 3, threads: 1 },
    { signal: new AbortController().signal, log: silentLog },
  );
  const path = (name: string) => join(folder, name);
  return {
    folder,
    path,
    options: (out) => ({
      particles: files.particles,
      reference: files.reference,
      out: path(out),
      initialResolutionA: 50,
      scanResolutionA: 40,
      rotationsPerImage: 24,
      keepCells: 24,
      checkpointParticles: 16,
      batchParticles: 16,
      maxRounds: 2,
      threads: 1,
      seed: 5,
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Files that name times and paths. */
const OF_THIS_RUN = ["events.jsonl", "run.json", "report.html", "report.json"];

/** Every file of a run that its particles and options decide: all but the log of events, the report and the record of machine and time. */
export function resultFiles(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder).filter((name) => !OF_THIS_RUN.includes(name));
  return new Map(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/** Names of files that differ in a byte, or that only one of the runs has. */
export function differingFiles(a: Map<string, Buffer>, b: Map<string, Buffer>): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => !a.has(name) || !b.has(name) || !a.get(name)!.equals(b.get(name)!)).sort();
}
