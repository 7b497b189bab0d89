import { DataError, messageOf } from "../core/errors.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { checksum } from "../io/node/checksum.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { joinPath, listFolder, pathExists, removePath } from "../io/node/folders.ts";
import { Journal } from "../io/node/journal.ts";
import { decodeBlock, encodeBlock, type PosteriorBlock } from "../posterior/block.ts";
import type { PosteriorStore } from "../posterior/store.ts";
import { decodeState, encodeState, type RefinementState } from "./state.ts";

/**
 * The posteriors of one round, in journals on disk: appended block by block, read back by M and by the next round. Each rank appends to
 * its own file; what other ranks left there before this store was opened (another run of the same round, on any number of
 * ranks) is read too.
 */
export class JournalStore implements PosteriorStore {
  readonly #journal: Journal;
  readonly #others: readonly Journal[];

  constructor(folder: string, round: number, rank = 0) {
    const name = journalName(round, rank);
    this.#journal = Journal.open(joinPath(folder, name));
    this.#others = listFolder(folder)
      .filter((file) => file !== name && journalRound(file) === round)
      .map((file) => Journal.openToRead(joinPath(folder, file)));
  }

  async append(block: PosteriorBlock): Promise<void> {
    this.#journal.append(block.half, block.index, encodeBlock(block));
  }

  has(half: number, index: number): boolean {
    return [this.#journal, ...this.#others].some((journal) => journal.has(half, index));
  }

  async read(half: number, index: number): Promise<PosteriorBlock> {
    const holder = [this.#journal, ...this.#others].find((journal) => journal.has(half, index));
    const bytes = holder?.read(half, index);
    if (!bytes) {
      throw new DataError(
        `${this.#journal.path}: block ${index} of half-set ${half + 1} is missing. Start the run again.`,
      );
    }
    return decodeBlock(bytes);
  }

  close(): void {
    for (const journal of [this.#journal, ...this.#others]) journal.close();
  }
}

/** A state file and its checksum. */
interface StateEntry {
  readonly round: number;
  readonly state: string;
  readonly crc32: number;
}

interface Manifest extends StateEntry {
  /** The round before, kept as well: the last maps are made with its model, and it stands in for a damaged state. */
  readonly previous: StateEntry | null;
}

const MANIFEST = "manifest.json";
const KEPT_ROUNDS = 2;
const CHECKPOINT_FILE = /^round-(?<round>\d+)(\.rank-\d+)?\.(?<kind>state|journal)$/;

/**
 * Saves the state at the start of a round: the state file first, then the manifest that names it, both atomically. After a crash the
 * manifest names a whole state, the new one or the one before. Older rounds are removed afterwards.
 */
export function saveCheckpoint(folder: string, state: RefinementState): void {
  const bytes = encodeState(state);
  const name = stateName(state.round);
  writeFileAtomic(joinPath(folder, name), bytes, { expectedBytes: bytes.byteLength });
  const before = pathExists(joinPath(folder, MANIFEST)) ? readManifest(folder) : null;
  const previous = [before, before?.previous].find((entry) => entry?.round === state.round - 1);
  const manifest: Manifest = {
    round: state.round,
    state: name,
    crc32: checksum(bytes),
    previous: previous ? { round: previous.round, state: previous.state, crc32: previous.crc32 } : null,
  };
  writeFileAtomic(joinPath(folder, MANIFEST), `${JSON.stringify(manifest)}\n`);
  for (const file of listFolder(folder)) {
    const round = CHECKPOINT_FILE.exec(file)?.groups?.["round"];
    if (round !== undefined && Number(round) <= state.round - KEPT_ROUNDS) removePath(joinPath(folder, file));
  }
}

/**
 * The newest whole state of a run. A journal newer than it belongs to the round that was under way. Where the newest state is
 * damaged, the one before serves: its round is done again, to the same bytes.
 */
export function loadCheckpoint(folder: string, warn: (message: string) => void): RefinementState {
  const path = joinPath(folder, MANIFEST);
  if (!pathExists(path)) {
    throw new DataError(
      `${folder}: holds no checkpoint: expected ${MANIFEST}. Nothing to resume; start the run with vitreous refine.`,
    );
  }
  const manifest = readManifest(folder);
  try {
    return readState(folder, manifest);
  } catch (thrown) {
    if (manifest.previous === null) throw thrown;
    const state = readState(folder, manifest.previous);
    warn(`${messageOf(thrown)} Going on from round ${state.round}, the one before.`);
    return state;
  }
}

/** The state after a given round, while it is kept. */
export function loadState(folder: string, round: number): RefinementState {
  const manifest = readManifest(folder);
  const entry = [manifest, manifest.previous].find((kept) => kept?.round === round);
  if (!entry) throw new DataError(`${folder}: the state of round ${round} is not kept. Start the run again.`);
  return readState(folder, entry);
}

function readManifest(folder: string): Manifest {
  const path = joinPath(folder, MANIFEST);
  try {
    return JSON.parse(new TextDecoder().decode(readFileBytes(path))) as Manifest;
  } catch (thrown) {
    throw new DataError(`${path}: damaged: ${messageOf(thrown)}. Restore the file or start the run again.`, {}, thrown);
  }
}

function readState(folder: string, entry: StateEntry): RefinementState {
  const file = joinPath(folder, entry.state);
  const bytes = readFileBytes(file);
  if (checksum(bytes) !== entry.crc32) {
    throw new DataError(
      `${file}: damaged: its checksum is not the one in ${MANIFEST}. Restore the file or start the run again.`,
    );
  }
  return decodeState(bytes, file);
}

function stateName(round: number): string {
  return `round-${String(round).padStart(3, "0")}.state`;
}

/** Rank 0's has the name that a run of one process gives it. */
function journalName(round: number, rank: number): string {
  const place = rank === 0 ? "" : `.rank-${rank}`;
  return `round-${String(round).padStart(3, "0")}${place}.journal`;
}

/** Round of a journal's name, any rank's; undefined for another file. */
export function journalRound(name: string): number | undefined {
  const found = CHECKPOINT_FILE.exec(name)?.groups;
  return found?.["kind"] === "journal" ? Number(found["round"]) : undefined;
}
