import { localCommunicator } from "../comm/local.ts";
import type { Communicator } from "../comm/types.ts";
import { UsageError } from "../core/errors.ts";

/** How F, T and W lie on the ranks (docs/decisions/0014-slab-models.md). All give the same bytes. */
export type ModelMode = "replicated" | "allgather" | "slab";

/** The ranks of a maximization phase and what each holds of a model. */
export interface ModelRanks {
  readonly mode: ModelMode;
  /** All ranks. */
  readonly comm: Communicator;
  /** The ranks that share one model in slabs; a rank alone where it is replicated. */
  readonly group: Communicator;
  /** The ranks that hold the same part in every group. */
  readonly peers: Communicator;
}

/** One process that holds everything. */
export const oneModelRank: ModelRanks = {
  mode: "replicated",
  comm: localCommunicator,
  group: localCommunicator,
  peers: localCommunicator,
};

/**
 * Splits the ranks into groups that each hold one model: as many groups as ranks where it is replicated, else `groupCount`.
 * All ranks of `comm` call.
 */
export async function openModelRanks(comm: Communicator, mode: ModelMode, groupCount = 1): Promise<ModelRanks> {
  const groups = mode === "replicated" ? comm.size : groupCount;
  if (!Number.isSafeInteger(groups) || groups < 1 || comm.size % groups !== 0) {
    throw new UsageError(
      `model groups: expected a number that divides the ${comm.size} ranks, got ${groups}. Groups hold equal parts.`,
      { groups, ranks: comm.size },
    );
  }
  const groupSize = comm.size / groups;
  const group = await comm.split(Math.floor(comm.rank / groupSize), comm.rank);
  const peers = await comm.split(comm.rank % groupSize, comm.rank);
  return { mode, comm, group, peers };
}

/** Units (complex float volumes of the padded box) of a model that each rank holds, and of one held whole. */
const REPLICATED_UNITS = 4;

/** Bytes of one complex float volume of the padded box: M²(M/2 + 1) numbers, M = padding · box. */
export function modelUnitBytes(boxPx: number, paddingFactor: number): number {
  const size = paddingFactor * boxPx;
  return 8 * size * size * (size / 2 + 1);
}

/** What `auto` means: whole on every rank while two such models fit in half of its memory, else in slabs. */
export function chooseModelMode(rankCount: number, unitBytes: number, limitBytes: number): ModelMode {
  return rankCount === 1 || 2 * REPLICATED_UNITS * unitBytes <= limitBytes / 2 ? "replicated" : "slab";
}
