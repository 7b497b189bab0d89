// Where and with what a benchmark was run: kept beside its numbers.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

// The commit is that of the folder the benchmark is started in: the repository.
const root = process.cwd();

/** First line that a command prints, or null when it cannot be run. */
export function firstLine(command, args) {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
      .trim()
      .split("\n")[0];
  } catch {
    return null;
  }
}

/** Processor, load, Node, commit and time of a measurement. */
export function machineRecord() {
  return {
    machine: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    loadAverage: loadavg()[0],
    node: process.version,
    commit: firstLine("git", ["-C", root, "rev-parse", "HEAD"]),
    hasUncommittedSources: firstLine("git", ["-C", root, "status", "--porcelain", "--", "src", "native"]) !== "",
    date: new Date().toISOString(),
  };
}

/** Writes bench/results/DATE-NAME-COMMIT.json; returns its path. */
export function writeResult(name, result) {
  const record = machineRecord();
  const file = `${record.date.slice(0, 10)}-${name}-${record.commit?.slice(0, 8) ?? "nocommit"}.json`;
  const path = fileURLToPath(new URL(`results/${file}`, import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ ...record, ...result }, null, 1)}\n`);
  return path;
}
