import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";
import { firstLine } from "./run-command.mjs";

function* filesUnder(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile()) yield path;
  }
}

function digest(texts, files) {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** What each build result depends on, as one digest: sources with their place, lockfile, Node ABI, compiler, MPI. */
export function stampsNow() {
  const lockfile = join(root, "package-lock.json");
  const toolchain = digest(
    [
      ...[root, process.versions.modules, firstLine("c++", ["--version"]), firstLine("cmake", ["--version"])],
      firstLine("mpicxx", ["-show"]),
    ],
    [lockfile],
  );
  const typescriptFiles = ["tsconfig.json", "tsconfig.build.json"].map((name) => join(root, name));
  return {
    toolchain,
    native: digest([toolchain], filesUnder(join(root, "native"))),
    typescript: digest([], [lockfile, ...typescriptFiles, ...filesUnder(join(root, "src"))]),
  };
}

function stampFile(name) {
  return join(root, "build", `${name}.stamp`);
}

export function readStamp(name) {
  return existsSync(stampFile(name)) ? readFileSync(stampFile(name), "utf8") : "";
}

export function writeStamp(name, stamp) {
  writeFileSync(stampFile(name), stamp);
}
