import { chooseModes, modelName, sliceName, type Wanted } from "./choose-modes.ts";
import { roundTime, type Setting } from "./round-time.ts";
import type { PlanStage, RoundWork } from "./round-work.ts";

/** A typical run on one rank count, with the modes chosen for it. */
export interface ScalingRow {
  readonly rankCount: number;
  readonly runSeconds: number;
  readonly expectationSeconds: number;
  readonly maximizationSeconds: number;
  readonly slices: string;
  readonly model: string;
  /** Against the smallest rank count of the table. */
  readonly efficiency: number;
}

/** Twice the ranks must save at least this share of the time to be worth it. */
const WORTH_DOUBLING = 0.1;

/** A run on 1, 2, 4 … ranks. */
export function scalingOf(
  setting: Setting,
  works: ReadonlyMap<PlanStage, RoundWork>,
  largestRankCount: number,
  wanted: Wanted,
  rounds: Readonly<Record<PlanStage, number>>,
): ScalingRow[] {
  const rows: ScalingRow[] = [];
  for (let rankCount = 1; rankCount <= largestRankCount; rankCount *= 2) {
    const { modes } = chooseModes(setting, works.get("global")!, rankCount, {
      ...wanted,
      modelGroups: rankCount % Math.max(1, wanted.modelGroups) === 0 ? wanted.modelGroups : 0,
    });
    let expectationSeconds = 0;
    let maximizationSeconds = 0;
    for (const [stage, work] of works) {
      const time = roundTime(setting, work, rankCount, modes);
      expectationSeconds += rounds[stage] * time.expectation.seconds;
      maximizationSeconds += rounds[stage] * time.maximization.seconds;
    }
    const runSeconds = expectationSeconds + maximizationSeconds;
    const first = rows[0] ?? { rankCount, runSeconds };
    rows.push({
      rankCount,
      runSeconds,
      expectationSeconds,
      maximizationSeconds,
      slices: sliceName(modes),
      model: modelName(modes),
      efficiency: (first.runSeconds * first.rankCount) / (runSeconds * rankCount),
    });
  }
  return rows;
}

/** The first rank count whose double saves less than a tenth; null: none in the table. */
export function stopsHelpingAt(rows: readonly ScalingRow[]): number | null {
  for (let i = 0; i + 1 < rows.length; i++) {
    if (rows[i + 1]!.runSeconds > (1 - WORTH_DOUBLING) * rows[i]!.runSeconds) return rows[i]!.rankCount;
  }
  return null;
}
