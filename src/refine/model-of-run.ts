import type { Communicator } from "../comm/types.ts";
import type { EventLog } from "../core/events.ts";
import {
  chooseModelMode,
  type ModelMode,
  type ModelRanks,
  modelUnitBytes,
  openModelRanks,
} from "../maximization/model-ranks.ts";

export interface ModelOptions {
  readonly model: "auto" | ModelMode;
  readonly modelGroups: number;
  readonly paddingFactor: number;
}

/**
 * How this run holds its model: what the options say, or what fits the rank with the least memory. Collective.
 *
 * @param limitBytes  of this rank
 */
export async function openRunModel(
  comm: Communicator,
  options: ModelOptions,
  boxPx: number,
  limitBytes: number,
  log: EventLog,
): Promise<ModelRanks> {
  const least = Float64Array.of(-limitBytes);
  await comm.allReduceMax(least);
  const unit = modelUnitBytes(boxPx, options.paddingFactor);
  const mode = options.model === "auto" ? chooseModelMode(comm.size, unit, -least[0]!) : options.model;
  const ranks = await openModelRanks(comm, mode, options.modelGroups);
  if (comm.size > 1) {
    const parts = ranks.group.size === 1 ? "whole on every rank" : `in ${ranks.group.size} slabs`;
    log.event("note", { message: `model: ${mode}, ${parts}, ${(unit / 1e9).toFixed(2)} GB a volume.` });
  }
  return ranks;
}
