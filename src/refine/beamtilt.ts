import { localCommunicator } from "../comm/local.ts";
import { DataError, UsageError } from "../core/errors.ts";
import { readStarFile, writeStarFileAtomic } from "../io/node/star-file.ts";
import { type StarDocument, withTable } from "../io/star/document.ts";
import { NO_ABERRATIONS } from "../optics/aberrations.ts";
import { type BeamTiltFit, fitBeamTilt } from "../optics/fit-beam-tilt.ts";
import { type BeamtiltInput, beamtiltTable } from "../options/beamtilt-options.ts";
import { completeOptions } from "../options/complete-options.ts";
import type { OpticsGroup } from "../particles/table.ts";
import { loadCheckpoint } from "./checkpoint.ts";
import { openRun } from "./open-run.ts";
import { phaseSums } from "./phase-sums.ts";
import type { RunEnvironment } from "./run-environment.ts";
import { runFolder } from "./run-folder.ts";
import { readRunRecord, recordedOptions } from "./run-record.ts";

/** Beam tilt of one optics group: what the file said, and what the residual phases add to it. */
export interface GroupBeamTilt extends BeamTiltFit {
  readonly group: string;
  readonly beforeXMrad: number;
  readonly beforeYMrad: number;
}

export interface BeamtiltResult {
  readonly groups: readonly GroupBeamTilt[];
  readonly particles: string;
}

/** Estimates the beam tilt of each optics group of a finished run from the phases that are left between its images and its half maps. */
export async function beamtilt(input: BeamtiltInput, environment: RunEnvironment): Promise<BeamtiltResult> {
  const given = completeOptions("beamtilt", beamtiltTable, input);
  const from = runFolder(given.folder);
  const record = readRunRecord(from);
  const { log } = environment;
  const state = loadCheckpoint(from.checkpoint, (message) => log.event("warning", { message }));
  if (state.finished === null) {
    throw new UsageError(`${given.folder}: the run is not finished. Use vitreous resume ${given.folder} first.`);
  }
  const document = readStarFile(from.file("run_data.star"));
  const { threads, memoryGb, device, isa } = given;
  const options = { ...recordedOptions(record), threads, memoryGb, device, isa };
  const alone = { comm: localCommunicator, why: "one process", job: null };
  const context = await openRun(options, log, environment.signal, alone);
  try {
    const { data, band } = context;
    data.table.opticsGroups.forEach(expectTiltIsOwn);
    const sums = await phaseSums(context, state);
    const perPixelInvA = 1 / (data.boxPx * data.pixelSizeA);
    const groups = data.table.opticsGroups.map((group, index): GroupBeamTilt => {
      const fit = fitBeamTilt(sums[index]!, band.band, perPixelInvA, group);
      const { beamTiltXMrad, beamTiltYMrad } = group.aberrations ?? NO_ABERRATIONS;
      const total = { xMrad: fit.xMrad + beamTiltXMrad, yMrad: fit.yMrad + beamTiltYMrad };
      return { ...fit, ...total, group: group.name, beforeXMrad: beamTiltXMrad, beforeYMrad: beamTiltYMrad };
    });
    writeStarFileAtomic(given.out, withBeamTilt(document, data.table.opticsGroups, groups));
    return { groups, particles: given.out };
  } finally {
    await context.device.idle().catch(() => {});
    context.device.close();
    context.data.source.close();
  }
}

function expectTiltIsOwn(group: OpticsGroup): void {
  const zernike = group.aberrations?.oddZernike ?? [];
  if (!(group.sphericalAberrationMm > 0)) {
    throw new DataError(
      `optics group ${group.name}: rlnSphericalAberration is 0: its beam tilt leaves no phase to see.`,
    );
  }
  if ([3, 4].some((term) => Math.abs(zernike[term] ?? 0) > 1e-6)) {
    throw new DataError(
      `optics group ${group.name}: its coma stands in rlnOddZernike, where a beam tilt would be read as a second one. Set terms 4 and 5 to 0.`,
    );
  }
}

/** The document with rlnBeamTiltX and rlnBeamTiltY of its optics table replaced or added. */
function withBeamTilt(
  document: StarDocument,
  opticsGroups: readonly OpticsGroup[],
  found: readonly GroupBeamTilt[],
): StarDocument {
  const block = document.blocks.find((candidate) => candidate.name === "optics");
  if (block === undefined) throw new DataError(`${document.where}: expected a data_optics table, found none.`);
  const numbers = block.table.numbers("rlnOpticsGroup");
  const column = (label: string, pick: (tilt: GroupBeamTilt) => number) => ({
    label,
    numbers: Float64Array.from(numbers, (number, row) => {
      const index = opticsGroups.findIndex((group) => group.number === number);
      if (index >= 0) return pick(found[index]!);
      return block.table.has(label) ? block.table.numbers(label)[row]! : 0;
    }),
  });
  const table = block.table.withColumns([
    column("rlnBeamTiltX", (tilt) => tilt.xMrad),
    column("rlnBeamTiltY", (tilt) => tilt.yMrad),
  ]);
  return withTable(document, block, table);
}
