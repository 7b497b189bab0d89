/** Kinds of file told apart by their first bytes; names play no part. */
export type FileKind =
  | "mrc"
  | "gzip"
  | "bzip2"
  | "cs"
  | "star"
  | "mmcif"
  | "pdb"
  | "xml"
  | "svg"
  | "html"
  | "png"
  | "json"
  | "json-lines"
  | "journal"
  | "state"
  | "hdf5"
  | "tiff"
  | "empty"
  | "unknown";

/** As many first bytes as recognition needs. */
export const HEAD_BYTES = 65_536;

const STARTS: readonly (readonly [FileKind, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["cs", [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ["png", [0x89, 0x50, 0x4e, 0x47]],
  ["hdf5", [0x89, 0x48, 0x44, 0x46]],
  ["tiff", [0x49, 0x49, 0x2a, 0x00]],
  ["tiff", [0x4d, 0x4d, 0x00, 0x2a]],
  // Of the checkpoint journal: "JNRL" as a little-endian word.
  ["journal", [0x4c, 0x52, 0x4e, 0x4a]],
];

/** @param head  the first bytes of the file, at most HEAD_BYTES */
export function recognise(head: Uint8Array): FileKind {
  if (head.length === 0) return "empty";
  for (const [kind, bytes] of STARTS) if (bytes.every((byte, i) => head[i] === byte)) return kind;
  if (isMrc(head)) return "mrc";
  if (isState(head)) return "state";
  return isText(head) ? recogniseText(new TextDecoder().decode(head)) : "unknown";
}

function isMrc(head: Uint8Array): boolean {
  if (head.length < 1024) return false;
  const hasMark = head[208] === 0x4d && head[209] === 0x41 && head[210] === 0x50;
  if (hasMark) return true;
  const view = new DataView(head.buffer, head.byteOffset);
  return [true, false].some((little) => {
    const [x, y, z, mode] = [0, 4, 8, 12].map((at) => view.getInt32(at, little)) as [number, number, number, number];
    return x > 0 && y > 0 && z > 0 && x < 0x100000 && y < 0x100000 && [0, 1, 2, 3, 4, 6, 12, 16, 101].includes(mode);
  });
}

/** A word with the length of a JSON head, twelve bytes of padding, then {"version". */
function isState(head: Uint8Array): boolean {
  if (head.length < 26) return false;
  return new TextDecoder().decode(head.subarray(16, 26)) === '{"version"';
}

function isText(head: Uint8Array): boolean {
  return !head.some((byte) => byte === 0 || (byte < 0x09 && byte > 0));
}

function recogniseText(text: string): FileKind {
  const start = text.trimStart();
  if (/^<\?xml[^>]*>\s*<svg|^<svg/.test(start)) return "svg";
  if (/^<!doctype html|^<html/i.test(start)) return "html";
  if (/^<\?xml|^<\w+[\s>]/.test(start)) return "xml";
  if (start.startsWith("{"))
    return /^\{[^\n]*\}\r?\n\s*(\{|$)/.test(start) && /"event":/.test(start) ? "json-lines" : "json";
  if (start.startsWith("[")) return "json";
  if (/^\s*_atom_site\./m.test(text)) return "mmcif";
  if (/^(HEADER|TITLE |COMPND|REMARK|CRYST1|ATOM {2}|HETATM|MODEL )/m.test(text) && /^(ATOM {2}|HETATM)/m.test(text)) {
    return "pdb";
  }
  if (/^\s*data_/m.test(text)) return "star";
  return "unknown";
}
