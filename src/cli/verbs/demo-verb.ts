import { UsageError } from "../../core/errors.ts";
import { joinPath, listFolder, makeFolder, removePath } from "../../io/node/folders.ts";
import type { DemoOptions } from "../../options/demo-options.ts";
import { refine } from "../../refine/refine.ts";
import { compareWithTruth, FOUND_DEG } from "../../simulate/compare-with-truth.ts";
import { simulate } from "../../simulate/simulate.ts";
import { writeReport } from "../write-report.ts";
import type { VerbContext } from "./verb-context.ts";

/** Names that a demonstration makes in its folder. */
const DATA = "data";
const RUN = "run";

/** A data set small enough for minutes on two cores, noisy enough to look like one. */
const DEMO_DATA = { boxPx: 64, pixelSizeA: 4, snr: 0.15, shiftSdA: 8, referenceResolutionA: 50 } as const;
const DEMO_RUN = { initialResolutionA: 50, maskDiameterA: 215 } as const;

/** Simulates a small data set, refines it from a rough map and compares the result with the truth. */
export async function demoVerb(options: DemoOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  clearFolder(options.out);
  const { seed, threads, device, isa, particleCount } = options;
  const machine = { threads, device, isa };
  log.event("note", {
    message: `simulating ${particleCount} particles of the built-in molecule in ${options.out}/${DATA}`,
  });
  const data = await simulate(
    { out: joinPath(options.out, DATA), particleCount, seed, ...DEMO_DATA, ...machine },
    { signal, log },
  );
  const { particles, reference } = data.files;
  const out = joinPath(options.out, RUN);
  log.event("note", { message: `vitreous refine ${particles} --reference ${reference} --out ${out}` });
  const result = await refine({ particles, reference, out, seed, ...DEMO_RUN, ...machine }, { signal, log });
  const page = await writeReport(out, log);
  const truth = await compareWithTruth({
    map: result.map,
    poses: result.particles,
    trueMap: data.files.truthMap,
    truePoses: data.files.truthPoses,
  });
  terminal.writeResult(
    [
      `The demonstration is done: ${particleCount} simulated images, ${result.rounds} rounds.`,
      `poses       ${(100 * truth.foundShare).toFixed(1)} % within ${FOUND_DEG}° of the truth, median error ${truth.medianErrorDeg.toFixed(2)}°`,
      `truth       map agrees with the true one to ${withLimit(truth.resolutionA)} (FSC 0.5)`,
      `resolution  ${withLimit(result.resolutionA)} (half maps, FSC 0.143, masked, phase-randomised)`,
      `map         ${result.map}`,
      `picture     ${result.picture}`,
      ...(page === null ? [] : [`report      ${page}`]),
      "",
    ].join("\n"),
  );
}

/** A resolution, and whether it is the pixels rather than the images that limit it. */
function withLimit(resolutionA: number): string {
  const isLimit = resolutionA < 2 * DEMO_DATA.pixelSizeA * 1.005;
  return `${resolutionA.toFixed(1)} Å${isLimit ? ", all that the pixels can hold" : ""}`;
}

/** Takes an earlier demonstration away, and nothing else. */
function clearFolder(folder: string): void {
  const strangers = listFolder(folder).filter((name) => name !== DATA && name !== RUN);
  if (strangers.length > 0) {
    throw new UsageError(
      `demo --out ${folder}: expected an empty folder or an earlier demonstration, got ${strangers[0]} in it. Give another folder.`,
      { folder, strangers },
    );
  }
  makeFolder(folder);
  for (const name of [DATA, RUN]) removePath(joinPath(folder, name));
}
