// Files stay readable: 300 lines at most. A longer one is split, or stands below with its reason.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./setup/root.mjs";

const LIMIT = 300;
const folders = ["src", "test", "native", "scripts", "bench"];
const extensions = new Set([".ts", ".mjs", ".cpp", ".h"]);

/** Longer files, each with the reason; tables and generated lists only. */
const allowed = new Map([]);

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (extensions.has(extname(entry.name))) yield path;
  }
}

/** One sentence per file that is too long, or on the list without need. */
export function sizeProblems(base = root, exceptions = allowed) {
  const problems = [];
  const unused = new Set(exceptions.keys());
  for (const folder of readdirSync(base).filter((name) => folders.includes(name))) {
    for (const path of filesUnder(join(base, folder))) {
      const name = relative(base, path);
      const lineCount = readFileSync(path, "utf8").split("\n").length - 1;
      if (lineCount <= LIMIT) continue;
      if (!unused.delete(name)) problems.push(`${name}: expected at most ${LIMIT} lines, got ${lineCount}. Split it.`);
    }
  }
  for (const name of unused) problems.push(`${name}: is on the list of long files but is not long. Take it off.`);
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const problems = sizeProblems();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
