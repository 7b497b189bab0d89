import { symmetricAngleRad } from "../geometry/asymmetric-unit.ts";
import { nearestMate } from "../geometry/mates.ts";
import { shellToResolutionA } from "../geometry/shells.ts";
import { REJECTED } from "./rejection.ts";
import { mapGroupOf, matesInUse } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import { angularStepRad, scanShell } from "./schedule.ts";
import type { RefinementState, RoundRecord } from "./state.ts";
import type { ModelUpdate } from "./update-model.ts";

type Given = Pick<RoundRecord, "round" | "insertedShell" | "shell05" | "shell0143" | "elapsedMs">;

/** How far the poses moved and how wide the clouds are: medians over the good particles. */
export function measureRound(
  context: RunContext,
  state: RefinementState,
  update: ModelUpdate,
  given: Given,
): RoundRecord {
  const { data } = context;
  const group = mapGroupOf(context, state);
  const mates = matesInUse(context, state);
  let certainty = 0;
  let changed = 0;
  const movedRad: number[] = [];
  const shiftMovedPx: number[] = [];
  const sdRad: number[] = [];
  const sdPx: number[] = [];
  let ess = 0;
  let good = 0;
  let used = 0;
  let failed = 0;
  const before = Float64Array.from(state.rotation);
  const after = Float64Array.from(update.particles.rotation);
  for (const rows of data.halves) {
    for (const p of rows) {
      if (update.particles.rejected[p] !== REJECTED.none) {
        failed++;
        continue;
      }
      used++;
      good += update.particles.good[p]!;
      ess += update.particles.ess[p]!;
      if (mates) {
        certainty += update.particles.mateWeight?.[p] ?? 0;
        if (nearestMate(mates, before, 4 * p, after, 4 * p) !== 0) changed++;
      }
      if (update.particles.good[p]! < 0.5) continue;
      movedRad.push(symmetricAngleRad(before, 4 * p, after, 4 * p, group));
      shiftMovedPx.push(
        Math.hypot(
          update.particles.shiftPx[2 * p]! - state.shiftPx[2 * p]!,
          update.particles.shiftPx[2 * p + 1]! - state.shiftPx[2 * p + 1]!,
        ),
      );
      sdRad.push(update.rotationSdRad[p]!);
      sdPx.push(update.shiftSdPx[p]!);
    }
  }
  const shell = scanShell(
    state.radiusShell,
    data.boxPx,
    data.pixelSizeA,
    context.diameterA,
    context.options.scanResolutionA,
  );
  const step = angularStepRad(shellToResolutionA(shell, data.boxPx, data.pixelSizeA), context.diameterA);
  const degrees = (rad: number) => (rad * 180) / Math.PI;
  return {
    ...given,
    stage: state.stage,
    isRelook: state.isRelook,
    radiusShell: state.radiusShell,
    movedDeg: degrees(median(movedRad)),
    shiftMovedA: median(shiftMovedPx) * data.pixelSizeA,
    jumpedShare: movedRad.length > 0 ? movedRad.filter((rad) => rad > step).length / movedRad.length : 1,
    meanEss: used > 0 ? ess / used : 0,
    meanRotationSdDeg: degrees(median(sdRad)),
    meanShiftSdPx: median(sdPx),
    goodShare: used > 0 ? good / used : 0,
    failedCount: failed,
    ...(mates && used > 0 ? { mates: { certainty: certainty / used, changedShare: changed / used } } : {}),
  };
}

function median(values: number[]): number {
  if (values.length === 0) return 0;
  values.sort((a, b) => a - b);
  return values[values.length >> 1]!;
}
