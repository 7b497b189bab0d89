import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { messageOf, ResourceError, UsageError } from "../core/errors.ts";
import { argumentChecks } from "./expect-arguments.ts";
import { hasMpiAddon, loadMpiAddon, type MpiAddon } from "./mpi-addon.ts";
import { oneCollectiveAtATime } from "./one-at-a-time.ts";
import type { Communicator } from "./types.ts";

export interface MpiSettings {
  /** Longest message handed to MPI at once, bytes; below 2^31. */
  readonly cutBytes?: number;
  /** Most elements of a sum exchanged at once. */
  readonly sumElements?: number;
  /** Silence of a rank that ends the job, s. */
  readonly silenceSeconds?: number;
}

/** All ranks of this process' MPI job, and what only the world can do. */
export interface MpiWorld extends Communicator {
  /** Name and version of the MPI library, in its own words. */
  readonly library: string;
  /** Ends the whole job with an exit code. Returns; the process is killed soon after. */
  abort(code: number): void;
  /** Ranks of this host whose processes are gone. */
  lostRanks(): { readonly rank: number; readonly name: string }[];
  /** The lowest rank of this host that still lives: the one to speak of losses. */
  readonly isFirstAlive: () => boolean;
}

const WORLD = -1;
const MOST_CUT_BYTES = 2 ** 31 - 8;

/** Joins the MPI job: once in a process. A process that no launcher started is a job of one rank. */
export async function openMpi(settings: MpiSettings = {}): Promise<MpiWorld> {
  if (!hasMpiAddon()) {
    throw new ResourceError(
      "mpi: the MPI addon was not built, because no MPI was found. Install one (on Debian: libopenmpi-dev openmpi-bin) and run npm run setup.",
    );
  }
  const cutBytes = settings.cutBytes;
  if (cutBytes !== undefined && !(cutBytes >= 8 && cutBytes <= MOST_CUT_BYTES && cutBytes % 8 === 0)) {
    throw new UsageError(`mpi: cutBytes: expected a multiple of 8 from 8 to ${MOST_CUT_BYTES}, got ${cutBytes}.`);
  }
  let addon: MpiAddon;
  try {
    addon = loadMpiAddon();
  } catch (cause) {
    throw new ResourceError(
      `mpi: the MPI addon does not load (${messageOf(cause)}). Run npm run setup where the job's MPI is the one in use.`,
      {},
      cause,
    );
  }
  await named("start", addon.start(settings));
  const { library, rank, size, identities } = addon.facts();
  const ranks = identities.trim().split("\n").map(parseIdentity);
  const isGone = (r: number) => ranks[r]!.host === hostname() && startOf(ranks[r]!.pid) !== ranks[r]!.start;
  return {
    ...communicatorOf(addon, WORLD, rank, size),
    library: library.split(/[\n\0,]/)[0]!.trim(),
    abort: (code) => addon.abort(code),
    lostRanks: () =>
      ranks.flatMap((identity, r) =>
        r !== rank && isGone(r) ? [{ rank: r, name: `rank ${r} (process ${identity.pid} on ${identity.host})` }] : [],
      ),
    isFirstAlive: () =>
      ranks.findIndex((identity, r) => identity.host === hostname() && (r === rank || !isGone(r))) === rank,
  };
}

let nextGroup = 0;

function communicatorOf(addon: MpiAddon, group: number, rank: number, size: number): Communicator {
  const check = argumentChecks(rank, size);
  return oneCollectiveAtATime({
    rank,
    size,
    async send(bytes, to, tag) {
      check.point("send", "to", to, tag);
      await named("send", addon.send(group, bytes, to, tag));
    },
    async receive(into, from, tag) {
      check.point("receive", "from", from, tag);
      await named("receive", addon.receive(group, into, from, tag));
    },
    shift: (outgoing, incoming) => named("shift", addon.shift(group, outgoing, incoming)),
    async allGather(own, all, byteCounts) {
      check.parts("allGather", byteCounts, all.length, own.length);
      await named("allGather", addon.allGather(group, own, all, byteCounts));
    },
    async allToAll(outgoing, sendByteCounts, incoming, receiveByteCounts) {
      check.counts("allToAll", sendByteCounts, outgoing.length);
      check.counts("allToAll", receiveByteCounts, incoming.length);
      await named("allToAll", addon.allToAll(group, outgoing, sendByteCounts, incoming, receiveByteCounts));
    },
    async reduceScatterFixed(values, own, counts) {
      check.parts("reduceScatterFixed", counts, values.length, own.length);
      await named("reduceScatterFixed", addon.reduceScatterFixed(group, values, own, counts));
    },
    allReduceSum: (values) => named("allReduceSum", addon.allReduceSum(group, values)),
    allReduceSumFixed: (values) => named("allReduceSumFixed", addon.allReduceSumFixed(group, values)),
    allReduceMax: (values) => named("allReduceMax", addon.allReduceMax(group, values)),
    async broadcast(bytes, root) {
      check.root("broadcast", root);
      await named("broadcast", addon.broadcast(group, bytes, root));
    },
    barrier: () => named("barrier", addon.barrier(group)),
    async split(colour, key) {
      const id = nextGroup++;
      const facts = new Int32Array(2);
      await named("split", addon.split(group, colour, key, id, facts));
      return communicatorOf(addon, id, facts[0]!, facts[1]!);
    },
    close: () => named("close", group === WORLD ? addon.finish() : addon.free(group)),
  });
}

async function named<T>(call: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    throw new ResourceError(`communicator, ${call}: ${messageOf(cause)}`, {}, cause);
  }
}

function parseIdentity(line: string): { readonly host: string; readonly pid: number; readonly start: number } {
  const [host, pid, start] = line.split(" ");
  return { host: host ?? "", pid: Number(pid), start: Number(start) };
}

/** When a process began, in clock ticks since boot; 0: there is none, or it has ended. Field 22 of its stat file. */
function startOf(pid: number): number {
  const path = `/proc/${pid}/stat`;
  try {
    if (!existsSync(path)) return 0;
    const text = readFileSync(path, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? 0 : Number(fields[19]);
  } catch {
    return 0; // it ended between the two calls
  }
}
