import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryLog } from "../../src/core/events.ts";
import { readMapFile } from "../../src/io/node/map-file.ts";
import type { RefineInput } from "../../src/options/refine-options.ts";
import { readParticles } from "../../src/refine/dataset.ts";
import { refine } from "../../src/refine/refine.ts";
import type { SceneFiles } from "./scene-files.ts";

/** What a short refinement of a scene left. */
export interface SceneRun {
  readonly log: MemoryLog;
  readonly result: Awaited<ReturnType<typeof refine>>;
  /** Fields of round.done, round by round. */
  readonly rounds: Readonly<Record<string, number>>[];
  readonly table: ReturnType<typeof readParticles>;
  /** [N³] unregularised half maps of the end. */
  readonly halfMaps: readonly [Float32Array, Float32Array];
  /** [N³] reference that half 1 or 2 was left with by a round. */
  referenceOf(round: number, half: 1 | 2): Float32Array;
  /** Unmasked half-map FSC of the final reconstruction, [shells]. */
  readonly fsc: readonly number[];
}

/** Refines the files of a scene with few rounds and small clouds. */
export async function runScene(files: SceneFiles, name: string, input: Partial<RefineInput> = {}): Promise<SceneRun> {
  const log = new MemoryLog();
  const out = files.path(name);
  const result = await refine(
    {
      particles: files.particles,
      reference: files.reference,
      out,
      maxRounds: 3,
      scanResolutionA: 16,
      offsetSigmaA: 6,
      ...input,
    },
    { signal: new AbortController().signal, log },
  );
  const record = JSON.parse(readFileSync(join(out, "run_fsc.json"), "utf8")) as { shells: { unmasked: number }[] };
  return {
    log,
    result,
    rounds: log.named("round.done").map((event) => event.fields as Record<string, number>),
    table: readParticles(result.particles),
    halfMaps: [readMapFile(result.halfMaps[0]).data, readMapFile(result.halfMaps[1]).data],
    referenceOf: (round, half) =>
      readMapFile(join(out, `run_it${String(round).padStart(3, "0")}_half${half}_class001.mrc`)).data,
    fsc: record.shells.map((shell) => shell.unmasked),
  };
}
