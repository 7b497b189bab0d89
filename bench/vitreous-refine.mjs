// One run of `vitreous refine` in a process of its own, with what it used.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const preload = new URL("exit-usage.mjs", import.meta.url).href;

/** Refines the set of a folder into `out`; a finished run that is already there is taken as it is. */
export function vitreousRefine(folder, out, args) {
  const usagePath = `${out}.usage.json`;
  const files = { map: join(out, "run_class001.mrc"), poses: join(out, "run_data.star") };
  if (!(existsSync(usagePath) && existsSync(files.map))) {
    rmSync(out, { recursive: true, force: true });
    const command = [
      "refine",
      join(folder, "particles.star"),
      "--reference",
      join(folder, "reference.mrc"),
      "--out",
      out,
    ];
    const result = spawnSync(process.execPath, ["--import", preload, cli, ...command, ...args], {
      env: { ...process.env, BENCH_USAGE: usagePath },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    writeFileSync(`${out}.log`, `${result.stdout ?? ""}${result.stderr ?? ""}`);
    if (result.status !== 0) throw new Error(`vitreous refine failed (${result.status}); see ${out}.log`);
  }
  return { program: "vitreous", args, usage: JSON.parse(readFileSync(usagePath, "utf8")), files };
}
