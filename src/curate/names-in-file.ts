import { DataError } from "../core/errors.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { parseStar } from "../io/star/parse.ts";

/** Names of images (000001@stack.mrcs) and of micrographs, told apart by the @. */
export interface NameList {
  readonly where: string;
  readonly images: ReadonlySet<string>;
  readonly micrographs: ReadonlySet<string>;
}

/** One name a line (empty lines and # comments apart), or the image names, else micrograph names, of a STAR file. */
export function namesInFile(path: string): NameList {
  const bytes = readFileBytes(path);
  const text = new TextDecoder().decode(bytes);
  const names = /^\s*data_\w*\s*$/m.test(text) ? starNames(bytes, path) : lineNames(text);
  if (names.length === 0) throw new DataError(`${path}: expected names, one a line, got none.`, { where: path });
  return {
    where: path,
    images: new Set(names.filter((name) => name.includes("@")).map(plainImageName)),
    micrographs: new Set(names.filter((name) => !name.includes("@"))),
  };
}

/** The number of an image without leading zeros: programs pad it differently. */
export function plainImageName(name: string): string {
  return name.replace(/^0+(?=\d)/, "");
}

function lineNames(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function starNames(bytes: Uint8Array, path: string): string[] {
  const { blocks } = parseStar(bytes, path);
  for (const label of ["rlnImageName", "rlnMicrographName"]) {
    const block = blocks.find((candidate) => candidate.table.has(label));
    if (block !== undefined) return block.table.texts(label);
  }
  throw new DataError(`${path}: expected a column rlnImageName or rlnMicrographName, found neither.`, { where: path });
}
