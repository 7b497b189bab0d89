import type { Candidate } from "../plan/choose-modes.ts";
import type { PlanResult } from "../plan/plan.ts";
import type { StageBytes } from "../plan/rank-memory.ts";
import { bytesText, columns, secondsText } from "./columns.ts";

const STAGE_NAMES = { first: "global, first", global: "global", local: "local", final: "final maps" } as const;

/** A plan for the terminal: memory, time, ways, scaling, and where the figures come from. */
export function planText(plan: PlanResult): string {
  return [
    `${plan.particleCount} particles of ${plan.boxPx} px at ${plan.pixelSizeA} Å/px on ${plan.rankCount} rank${plan.rankCount > 1 ? "s" : ""} of ${plan.threads} cores\n`,
    memoryText(plan),
    stagesText(plan),
    `A typical run: ${secondsText(plan.runSeconds)}.\n`,
    waysText(plan),
    scalingText(plan),
    ...plan.advice.map((advice) => `Better: ${advice}.\n`),
    `Rates: ${plan.ratesSource}.\nMachine: ${plan.clusterSource}.\nA model, not a measurement: docs/scaling.md says how far it was off where it was checked.\n`,
  ].join("\n");
}

function memoryText({ memory, fits }: PlanResult): string {
  const row = (name: string, stage: StageBytes) => [
    name,
    ...[stage.model, stage.maps, stage.images, stage.slices, stage.total].map(bytesText),
  ];
  const kept =
    memory.residentBytes >= memory.storedBytes
      ? `Raw images, ${bytesText(memory.storedBytes)}, stay in memory between phases.`
      : `Of ${bytesText(memory.storedBytes)} of raw images ${bytesText(memory.residentBytes)} stay in memory; the others are read again in each phase.`;
  const verdict = fits ? "" : " NOT ENOUGH: give more ranks, --model slab or nodes with more memory.";
  return (
    `Memory of a rank (limit ${bytesText(memory.limitBytes)}):${verdict}\n` +
    columns(
      [
        ["stage", "model", "maps", "images", "slices", "all"],
        row("expectation", memory.expectation),
        row("maximization", memory.maximization),
        row("final maps", memory.final),
      ],
      "  ",
    ) +
    `${kept}\n`
  );
}

function stagesText(plan: PlanResult): string {
  const rows = plan.stages.map((stage) => [
    STAGE_NAMES[stage.stage],
    `× ${stage.rounds}`,
    `${stage.radiusShell} (${stage.resolutionA.toFixed(1)} Å)`,
    stage.slices > 0 ? `${stage.slices} × ${stage.shifts} × ${stage.slicePixels}` : "–",
    secondsText(stage.expectation.seconds),
    secondsText(stage.maximization.seconds),
    secondsText(stage.seconds),
  ]);
  return `Time of a round:\n${columns(
    [["stage", "rounds", "shells", "slices × shifts × pixels", "E", "M", "round"], ...rows],
    "  ",
  )}`;
}

function waysText(plan: PlanResult): string {
  const rows = (candidates: readonly Candidate[]) =>
    candidates.map((way) => [
      way.name,
      way.seconds === null ? "does not fit" : secondsText(way.seconds),
      bytesText(way.bytes),
    ]);
  return (
    `${plan.reasons.map((reason) => `Recommended ${reason}.\n`).join("")}` +
    columns(
      [
        ["slices (E of a global round)", "time", "memory"],
        ...rows(plan.sliceCandidates),
        ["model (M of a global round)", "time", "memory"],
        ...rows(plan.modelCandidates),
      ],
      "  ",
    )
  );
}

function scalingText(plan: PlanResult): string {
  const rows = plan.scaling.map((row) => [
    String(row.rankCount),
    secondsText(row.runSeconds),
    secondsText(row.expectationSeconds),
    secondsText(row.maximizationSeconds),
    `${(100 * row.efficiency).toFixed(1)} %`,
    row.slices,
    row.model,
  ]);
  const last = plan.scaling.at(-1)!.rankCount;
  const stop =
    plan.stopsHelpingAt === null
      ? `Up to ${last} ranks each doubling saves more than a tenth of the time.`
      : `Beyond ${plan.stopsHelpingAt} ranks, twice as many save less than a tenth of the time.`;
  return `Run against ranks:\n${columns(
    [["ranks", "run", "E", "M", "efficiency", "slices", "model"], ...rows],
    "  ",
  )}${stop}\n`;
}
