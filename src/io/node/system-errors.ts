import { DataError, messageOf, ResourceError, type VitreousError } from "../../core/errors.ts";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full. Free some space or choose a folder on another disk.",
  EDQUOT: "The disk quota is used up. Free some space or choose a folder on another disk.",
  EACCES: "No permission. Choose another folder or change its permissions.",
  EPERM: "No permission. Choose another folder or change its permissions.",
  EROFS: "The file system is read-only. Choose a folder on another disk.",
  ENOENT: "It does not exist. Check the path.",
  ENOTDIR: "A part of the path is a file, not a folder. Check the path.",
  EISDIR: "It is a folder, not a file.",
  EMFILE: "Too many files are open. Raise the limit (ulimit -n).",
  ENFILE: "Too many files are open on this machine.",
  EIO: "The disk reported an error. Check the disk or the network file system.",
  ENOMEM: "Not enough memory.",
};

/** Causes that lie in what was asked for, not in the machine. */
const WRONG_PATH = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

/** The error of a failed file operation, with its remedy. `doing`: "write run1/run_class001.mrc". */
export function fileError(doing: string, path: string, thrown: unknown): VitreousError {
  const code = codeOf(thrown);
  const remedy = code === undefined ? undefined : REMEDIES[code];
  const message = `${path}: cannot ${doing}: ${code ?? messageOf(thrown)}. ${remedy ?? messageOf(thrown)}`;
  const fields = { path, doing, systemCode: code };
  return code !== undefined && WRONG_PATH.has(code)
    ? new DataError(message, fields, thrown)
    : new ResourceError(message, fields, thrown);
}

export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
