import { checksum } from "../io/node/checksum.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { joinPath, listFolder, pathExists } from "../io/node/folders.ts";
import { journalRecords } from "../io/node/journal-records.ts";
import { decodeState } from "../refine/state.ts";
import { type Description, type Fact, fact } from "./description.ts";
import { bytesText, counted, grouped, shortNumber } from "./words.ts";

/** checkpoint/ of a run: manifest, states, journals. */
export function describeCheckpointFolder(path: string): Description {
  const manifest = JSON.parse(new TextDecoder().decode(readFileBytes(joinPath(path, "manifest.json")))) as {
    readonly round: number;
    readonly state: string;
    readonly crc32: number;
  };
  const notes: string[] = [];
  const statePath = joinPath(path, manifest.state);
  if (!pathExists(statePath))
    notes.push(`${manifest.state}, which the manifest names, is missing: the round before will be taken.`);
  else if (checksum(readFileBytes(statePath)) !== manifest.crc32) {
    notes.push(
      `${manifest.state} is damaged (its checksum is not the manifest's): resume goes on from the round before.`,
    );
  }
  return {
    path,
    kind: "checkpoint",
    summary: `a checkpoint of a Vitreous run, saved after round ${manifest.round}`,
    facts: listFolder(path).map((name): Fact => fact(name, fileText(joinPath(path, name)))),
    notes,
  };
}

function fileText(path: string): string {
  if (path.endsWith(".state")) return describeState(readFileBytes(path), path).summary;
  if (path.endsWith(".journal")) return describeJournal(path).summary;
  return "names the newest whole state";
}

/** State at the start of a round. */
export function describeState(bytes: Uint8Array, path: string): Description {
  const state = decodeState(bytes, path);
  const rejected = state.rejected.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0);
  return {
    path,
    kind: "checkpoint-state",
    summary: `the state of a Vitreous run after round ${state.round} (${bytesText(bytes.length)})`,
    facts: [
      fact("particles", `${grouped(state.good.length)}, of which ${grouped(rejected)} rejected`),
      fact(
        "next",
        state.finished === null
          ? `${state.isRelook ? "another global look" : `${state.stage} search`} up to shell ${state.radiusShell}`
          : `nothing: ${state.finished}`,
      ),
      ...state.history.map((r) =>
        fact(
          `round ${r.round}`,
          `${r.isRelook ? "relook" : r.stage}, FSC 0.143 at shell ${shortNumber(r.shell0143)}, moved ${shortNumber(r.movedDeg)}°`,
        ),
      ),
    ],
    notes: [],
  };
}

/** Posteriors of the round under way, block by block. */
export function describeJournal(path: string): Description {
  const { records, goodBytes, fileBytes } = journalRecords(path);
  const blocks = [0, 1].map((half) => records.filter((record) => record.key0 === half).length);
  return {
    path,
    kind: "checkpoint-journal",
    summary: `a journal of posteriors: ${counted(records.length, "whole block")} (${bytesText(goodBytes)})`,
    facts: [fact("blocks", `${blocks[0]} of half-set 1, ${blocks[1]} of half-set 2`)],
    notes:
      fileBytes > goodBytes
        ? [`the last ${bytesText(fileBytes - goodBytes)} are torn or damaged: resume computes that block again.`]
        : [],
  };
}
