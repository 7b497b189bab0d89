import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}

function fits(allowed, actual) {
  if (allowed === undefined) return true;
  return allowed.includes(actual) || (allowed.some((name) => name.startsWith("!")) && !allowed.includes(`!${actual}`));
}

function cLibrary() {
  // Without this the report looks up the names of all open connections.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

/** Optional packages are builds for one platform, or parts that only such a build needs; npm leaves the others out. */
function isForThisMachine(entry, libc) {
  if (entry.os === undefined && entry.cpu === undefined) return false;
  return fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && fits(entry.libc, libc);
}

/** True where node_modules holds exactly what package-lock.json says, so that `npm ci` would change nothing. */
export function arePackagesInstalled() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined || present === undefined) return false;
  const libc = cLibrary();
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || (entry.optional === true && !isForThisMachine(entry, libc))) continue;
    if (present[path]?.integrity !== entry.integrity) return false;
    if (!existsSync(join(root, path, "package.json"))) return false;
  }
  return Object.entries(present).every(([path, entry]) => wanted[path]?.integrity === entry.integrity);
}
