import type { FileAccess } from "../io/bytes.ts";

/** Folders above the STAR file's that are tried: RELION names images from its project folder, jobs lie two below. */
const ANCESTORS = 3;

export interface StackLocations {
  readonly files: FileAccess;
  /** Path of the metadata file; image paths are tried from its folder first. */
  readonly metadataPath: string;
  /** Tried before everything else. */
  readonly root?: string;
}

/** The path of a stack that exists, or undefined. */
export function locateStack(stackPath: string, locations: StackLocations): string | undefined {
  for (const candidate of stackCandidates(stackPath, locations)) {
    if (locations.files.sizeOf(candidate) !== undefined) return candidate;
  }
  return undefined;
}

/** Paths where a stack may lie, in the order tried. */
export function stackCandidates(stackPath: string, { metadataPath, root }: StackLocations): string[] {
  const names = [stackPath];
  // Packages disagree on the ending of stacks.
  if (stackPath.endsWith(".mrcs")) names.push(stackPath.slice(0, -1));
  else if (stackPath.endsWith(".mrc")) names.push(`${stackPath}s`);
  if (stackPath.startsWith("/")) return names;
  const folder = folderOf(metadataPath);
  const folders = [...(root === undefined ? [] : [root]), folder, "."];
  for (let level = 1; level <= ANCESTORS; level++) folders.push(`${folder}/${"../".repeat(level).slice(0, -1)}`);
  return folders.flatMap((from) => names.map((name) => (from === "." ? name : `${from.replace(/\/$/, "")}/${name}`)));
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}
