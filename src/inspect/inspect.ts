import { DataError } from "../core/errors.ts";
import type { ByteReader } from "../io/bytes.ts";
import { openFile } from "../io/node/file-reader.ts";
import { isFolder, joinPath, listFolder, pathExists } from "../io/node/folders.ts";
import { unpackedReader } from "../io/node/map-file.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type InspectInput, inspectTable } from "../options/inspect-options.ts";
import { describeCheckpointFolder, describeJournal, describeState } from "./describe-checkpoint.ts";
import { describeCs } from "./describe-cs.ts";
import { describeEvents } from "./describe-events.ts";
import { describeJson } from "./describe-json.ts";
import { describeMmcif, describePdb } from "./describe-model.ts";
import { describeMrc } from "./describe-mrc.ts";
import { describeRunFolder } from "./describe-run.ts";
import { describeStar } from "./describe-star.ts";
import { describeXml } from "./describe-xml.ts";
import type { Description } from "./description.ts";
import { type FileKind, HEAD_BYTES, recognise } from "./recognise.ts";
import { bytesText } from "./words.ts";

/** Says in words what a file, or the folder of a run, holds. A damaged file is a DataError that says how. */
export async function inspect(input: InspectInput): Promise<Description> {
  const options = completeOptions("inspect", inspectTable, input);
  const path = options.file;
  if (isFolder(path)) return describeFolder(path);
  const file = openFile(path);
  try {
    const kind = recognise(file.read(0, Math.min(HEAD_BYTES, file.size)));
    if (kind !== "gzip" && kind !== "bzip2") return describeFile(kind, file, options.imageCount, false);
    const inner = unpackedReader(file);
    return describeFile(recognise(inner.read(0, Math.min(HEAD_BYTES, inner.size))), inner, options.imageCount, true);
  } finally {
    file.close();
  }
}

function describeFolder(path: string): Description {
  if (pathExists(joinPath(path, "run.json"))) return describeRunFolder(path);
  if (pathExists(joinPath(path, "manifest.json"))) return describeCheckpointFolder(path);
  const names = listFolder(path);
  throw new DataError(
    `${path}: expected the folder of a run (run.json) or a checkpoint (manifest.json), found neither among ${names.length} entries. Give one of its files.`,
    { where: path },
  );
}

const PLAIN: Readonly<Record<string, string>> = {
  svg: "an SVG picture: open it in a browser",
  html: "an HTML page: open it in a browser",
  png: "a PNG picture",
  hdf5: "an HDF5 file (Gatan, EMAN2 or Imaris), which is not read: convert it to MRC",
  tiff: "a TIFF image, which is not read: particles come in MRC stacks",
};

function describeFile(kind: FileKind, reader: ByteReader, imageCount: number, isPacked: boolean): Description {
  const path = reader.name;
  const bytes = (): Uint8Array => reader.read(0, reader.size);
  const text = (): string => new TextDecoder().decode(bytes());
  switch (kind) {
    case "mrc":
      return describeMrc(reader, imageCount, isPacked);
    case "cs":
      return describeCs(reader);
    case "star":
      return describeStar(bytes(), path);
    case "mmcif":
      return describeMmcif(text(), path);
    case "pdb":
      return describePdb(text(), path);
    case "xml":
      return describeXml(text(), path);
    case "json":
      return describeJson(text(), path);
    case "json-lines":
      return describeEvents(text(), path);
    case "journal":
      return describeJournal(path);
    case "state":
      return describeState(bytes(), path);
    case "empty":
      throw new DataError(`${path}: is empty (0 bytes). Copy or make the file again.`, { where: path });
    case "gzip":
    case "bzip2":
      throw new DataError(`${path}: packed twice. Unpack it once first.`, { where: path });
    case "unknown":
      throw new DataError(
        `${path}: not recognised (${bytesText(reader.size)}): expected MRC, STAR, .cs, PDB, mmCIF, FSC XML, JSON or a checkpoint file. ${unknownHint(reader)}`,
        { where: path },
      );
    default:
      return { path, kind, summary: PLAIN[kind]!, facts: [], notes: [] };
  }
}

function unknownHint(reader: ByteReader): string {
  const head = reader.read(0, Math.min(64, reader.size));
  const isZeros = head.every((byte) => byte === 0);
  if (isZeros) return "It begins with zeros: the disk may have been full when it was written.";
  const isText = head.every((byte) => byte >= 0x09 && byte < 0x7f);
  return reader.size < 1024 && !isText
    ? "An MRC file has at least 1024 bytes: this one may be truncated."
    : "Check that it is the file meant.";
}
