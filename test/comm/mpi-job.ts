import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = new URL("../../", import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, root));

/** Why jobs of several ranks cannot be run here; null: they can. */
export function whyNoMpi(): string | null {
  if (!existsSync(path("build/vitreous-mpi.node")))
    return "the MPI addon was not built (no MPI found by npm run setup)";
  if (!existsSync(path("dist/comm/mpi.js"))) return "dist/ is missing (npm run setup)";
  return spawnSync("mpirun", ["--version"]).status === 0 ? null : "there is no mpirun";
}

export interface JobResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** Words that start `node` on n ranks of this host, whatever its number of cores. */
export function mpirunWords(ranks: number): string[] {
  const isOpenMpi = spawnSync("mpirun", ["--version"]).stdout.toString().includes("Open MPI");
  if (!isOpenMpi) return ["-n", String(ranks), process.execPath];
  const asRoot = process.getuid?.() === 0 ? ["--allow-run-as-root"] : [];
  return [...asRoot, "--oversubscribe", "--bind-to", "none", "-n", String(ranks), process.execPath];
}

/** Runs a program on n ranks to its end. */
export function runJob(ranks: number, words: readonly string[], environment: NodeJS.ProcessEnv = {}): JobResult {
  const started = performance.now();
  const result = spawnSync("mpirun", [...mpirunWords(ranks), ...words], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
    timeout: 50_000,
    maxBuffer: 1 << 26,
  });
  return {
    code: result.status,
    stdout: result.stdout,
    stderr: result.stderr,
    elapsedMs: performance.now() - started,
  };
}

/** A TypeScript file of the tests as a module that a plain node runs against dist/; gives its path. */
export function compiled(name: string): string {
  const source = readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const folder = path("build/test-js/");
  mkdirSync(folder, { recursive: true });
  const target = `${folder}${name.replace(/\.ts$/, ".mjs").replaceAll("/", "_")}`;
  writeFileSync(target, outputText);
  return target;
}

export const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
