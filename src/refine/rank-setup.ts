import type { OpenedCommunicator } from "../comm/open.ts";
import { threadLayout } from "../comm/thread-layout.ts";
import type { Communicator } from "../comm/types.ts";
import type { EventLog } from "../core/events.ts";
import { openDevice } from "../device/open.ts";
import type { Device } from "../device/types.ts";
import { checksum } from "../io/node/checksum.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { describeMachine } from "../io/node/machine.ts";
import { packageVersion } from "../io/node/package-version.ts";
import { deviceOptions } from "../options/device-options.ts";
import type { RefineOptions } from "../options/refine-options.ts";
import type { Agreed } from "./agreement.ts";

const GB = 1e9;
const FREE_SHARE = 0.75;

/** Options that may differ from rank to rank: no byte of the result depends on them. */
const OF_A_RANK: readonly string[] = ["threads", "memoryGb", "batchParticles"];

/** Memory and threads of this rank: what the options say, else its share of the host. */
export function planRank(
  options: Pick<RefineOptions, "threads" | "memoryGb">,
  { comm, job }: OpenedCommunicator,
  log: EventLog,
): { readonly limitBytes: number; readonly threads: number } {
  const machine = describeMachine();
  const neighbours = comm.size > 1 ? (job?.localSize ?? 1) : 1;
  const limitBytes = options.memoryGb > 0 ? options.memoryGb * GB : (FREE_SHARE * machine.freeMemoryBytes) / neighbours;
  if (options.threads > 0 || job === null || comm.size === 1) return { limitBytes, threads: options.threads };
  const layout = threadLayout(job, { allowed: machine.threads, present: machine.processors }, process.env);
  if (layout.warning !== null) log.event("warning", { message: layout.warning });
  return { limitBytes, threads: layout.threads };
}

/** Version, options and input files, each as a text. */
export function whatRanksShare(options: Readonly<Record<string, unknown>>, inputs: readonly string[]): Agreed {
  const given = Object.entries(options)
    .filter(([name]) => !OF_A_RANK.includes(name))
    .map(([name, value]) => [name, String(value)] as const);
  const files = inputs.map((path) => [`${path} (length and checksum)`, fingerprint(path)] as const);
  return [["the version", packageVersion()], ...given, ...files];
}

function fingerprint(path: string): string {
  const bytes = readFileBytes(path);
  return `${bytes.length} ${checksum(bytes).toString(16)}`;
}

const INSTRUCTION_SETS = ["sse2", "avx2", "avx512"];

/** The device of this rank, with the best instruction set that all ranks have: bytes are equal within one only. Collective. */
export async function openAlikeDevice(
  comm: Communicator,
  options: Pick<RefineOptions, "device" | "isa" | "threads">,
): Promise<Device> {
  const device = openDevice(deviceOptions(options));
  if (comm.size === 1) return device;
  const lowest = Float64Array.of(-INSTRUCTION_SETS.indexOf(device.isa));
  await comm.allReduceMax(lowest);
  const isa = INSTRUCTION_SETS[-lowest[0]!];
  if (isa === undefined || isa === device.isa) return device;
  device.close();
  return openDevice(deviceOptions({ ...options, isa: isa as RefineOptions["isa"] }));
}
