import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { writeMapFile } from "../io/node/map-file.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { selectParticles } from "../particles/table.ts";
import { particlesToStar } from "../particles/to-star.ts";
import { ownShifts } from "./data-grid.ts";
import type { Dataset } from "./dataset.ts";
import { changedOptics } from "./defocus-plan.ts";
import { modelDocument } from "./model-star.ts";
import { REJECTED, rejectionReason } from "./rejection.ts";
import type { RunContext } from "./run-context.ts";
import type { RunFolder } from "./run-folder.ts";
import type { RefinementState } from "./state.ts";

/** Writes a cubic map of the run's box. */
export function writeRunMap(path: string, data: Float32Array, { boxPx, pixelSizeA }: Dataset): void {
  writeMapFile(path, { ...cube(boxPx), pixelSizeA, data });
}

function cube(boxPx: number) {
  return { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx };
}

/** The particle table with this state's poses and figures: all columns of the input kept. */
export function writeParticles(path: string, context: RunContext, state: RefinementState): void {
  const { data } = context;
  writeStarFileAtomic(
    path,
    particlesToStar(data.table, {
      rotation: Float64Array.from(state.rotation),
      shiftPx: ownShifts(data, state.shiftPx),
      randomSubset: data.halfSet,
      classNumber: new Int32Array(data.table.count).fill(1),
      // RELION divides an image by its norm correction; ours multiplies.
      normCorrection: state.norm.map((norm) => 1 / norm),
      logLikelihood: state.logEvidence,
      maxProbability: state.maxWeight,
      significantSamples: state.ess,
      goodProbability: state.good,
      ...defocusResults(context, state),
      extra: [...mateResults(state), ...defocusResults(context, state).extra],
    }),
  );
}

/** How sure each particle is of the mate that its pose stands at, once symmetry is relaxed. */
function mateResults({ mateWeight }: RefinementState) {
  return mateWeight ? [{ label: "vitMateProbability", numbers: mateWeight }] : [];
}

/** Defocus as the run found it, with how far it moved and how well it is known. */
function defocusResults(context: RunContext, state: RefinementState) {
  const { table, optics } = context.data;
  if (state.defocus === undefined) return { extra: [] };
  const rows = changedOptics(optics, state.defocus);
  const column = (field: number) =>
    Float32Array.from({ length: table.count }, (_, p) => rows[CTF_OPTICS_FIELDS * p + field]!);
  return {
    defocusUA: column(0),
    defocusVA: column(1),
    defocusAngleRad: column(2),
    extra: [
      { label: "vitDefocusChange", numbers: state.defocus.changeA },
      { label: "vitDefocusSd", numbers: state.defocus.sdA },
    ],
  };
}

/** Maps, poses and model of a round, under RELION's names. */
export function writeRound(folder: RunFolder, context: RunContext, state: RefinementState): void {
  for (const half of [0, 1] as const) {
    const path = folder.round(state.round, `half${half + 1}_class001.mrc`);
    writeRunMap(path, state.halves[half].reference, context.data);
  }
  writeParticles(folder.round(state.round, "data.star"), context, state);
  writeStarFileAtomic(
    folder.round(state.round, "model.star"),
    modelDocument(context, state, folder.round(state.round, "model.star")),
  );
}

/** Particles that were left out, with the reason; no file when there are none. */
export function writeRejected(folder: RunFolder, context: RunContext, state: RefinementState): void {
  const rows = Int32Array.from(state.rejected.keys()).filter((p) => state.rejected[p] !== REJECTED.none);
  if (rows.length === 0) return;
  const table = selectParticles(context.data.table, rows);
  const texts = Array.from(rows, (p) => rejectionReason(state.rejected[p]!));
  writeStarFileAtomic(
    folder.file("rejected.star"),
    particlesToStar(table, { extra: [{ label: "vitRejectionReason", texts }] }),
  );
}

/** Text of a picture or record, atomically. */
export function writeText(path: string, text: string): void {
  writeFileAtomic(path, text);
}
