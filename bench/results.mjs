// Results of earlier runs: one JSON file each, compared only with results of the same machine.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, hostname, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("results/", import.meta.url));
const root = fileURLToPath(new URL("../", import.meta.url));

function git(...args) {
  const result = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : "unknown";
}

/** The machine without its name: processor, cores, memory, and a hash that also takes the host's name. */
export function describeHost() {
  const model = cpus()[0]?.model ?? "unknown";
  const cores = availableParallelism();
  const memoryGB = Math.round(totalmem() / 1e9);
  const hash = createHash("sha256").update(`${hostname()} ${model} ${cores} ${memoryGB}`).digest("hex").slice(0, 8);
  return { hash, processor: model, cores, memoryGB, node: process.version, loadAverage: loadavg()[0] };
}

export function describeCommit() {
  return {
    commit: git("rev-parse", "--short", "HEAD"),
    isModified: git("status", "--porcelain", "src", "native") !== "",
  };
}

/** The newest result of this kind and machine, or null. */
export function previousResult(kind, hash) {
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder).filter((name) => name.endsWith(`-${kind}-${hash}.json`));
  const last = names.sort().at(-1);
  return last === undefined ? null : { name: last, ...JSON.parse(readFileSync(join(folder, last), "utf8")) };
}

/** Writes results/<date>-<kind>-<machine>.json; a later run of the same day takes its place. */
export function writeResult(kind, host, result) {
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const path = join(folder, `${date.slice(0, 10)}-${kind}-${host.hash}.json`);
  writeFileSync(path, `${JSON.stringify({ date, host, ...describeCommit(), ...result }, rounded, 1)}\n`);
  return path;
}

function rounded(_, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
