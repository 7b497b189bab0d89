// The benchmark's TypeScript, made runnable against the compiled product: types are dropped, imports of ../src go to dist.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { dist } from "./dist.mjs";

const bench = fileURLToPath(new URL("./", import.meta.url));
const target = fileURLToPath(new URL("../build/bench-js/", import.meta.url));

function transpile(name) {
  const { outputText } = ts.transpileModule(readFileSync(join(bench, name), "utf8"), {
    compilerOptions: { target: "ES2022", module: "ESNext", verbatimModuleSyntax: true },
  });
  const text = outputText
    .replace(/(["'])(?:\.\.\/)+src\/([^"']+)\.ts\1/g, (_, quote, path) => `${quote}${dist}${path}.js${quote}`)
    .replace(/(["'])(\.\.?\/[^"']+)\.ts\1/g, "$1$2.mjs$1");
  const out = join(target, name.replace(/\.ts$/, ".mjs"));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, text);
}

/** The modules of a folder of bench/, by file name without ending. */
export async function loadFolder(folder) {
  const names = readdirSync(bench, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  for (const name of names) transpile(name);
  const modules = {};
  for (const name of names.filter((n) => dirname(n) === folder).sort()) {
    const path = join(target, name.replace(/\.ts$/, ".mjs"));
    modules[name.slice(folder.length + 1, -3)] = await import(pathToFileURL(path).href);
  }
  return modules;
}
