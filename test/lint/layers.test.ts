import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Report {
  summary: {
    totalCruised: number;
    totalDependenciesCruised: number;
    violations: { from: string; rule: { name: string } }[];
  };
}

/** The project's own rules, run on src/ of a folder. */
function cruise(folder: string, source = "src"): Report["summary"] {
  const config = join(root, ".dependency-cruiser.cjs");
  const cruiser = join(root, "node_modules/.bin/depcruise");
  const result = spawnSync(cruiser, ["--config", config, "--output-type", "json", source], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return (JSON.parse(result.stdout) as Report).summary;
}

/** "rule: file" for each rule that a small tree of sources breaks. */
function brokenRules(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-layers-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return cruise(folder).violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const forbidden = [
  ["maximization", "expectation"],
  ["expectation", "maximization"],
  ["core", "io"],
  ["io", "geometry"],
  ["optics", "io"],
  ["device", "particles"],
  ["map", "refine"],
  ["options", "refine"],
  ["refine", "cli"],
  ["refine", "plan"],
  ["plan", "simulate"],
  ["plan", "cluster"],
  ["cluster", "plan"],
] as const;

const wrongTree: Record<string, string> = {
  "src/map/a.ts": 'import { b } from "./b.ts";\nexport const a = (): number => b();\n',
  "src/map/b.ts": 'import { a } from "./a.ts";\nexport const b = (): number => a();\n',
  "src/io/mrc/read.ts": 'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
  "src/drawer/x.ts": 'import { y } from "../core/y.ts";\nexport const x = y;\n',
  "src/core/y.ts": "export const y = 1;\n",
  "src/index.ts": 'export { y } from "./core/y.ts";\n',
  "src/map/entry.ts": 'import { y } from "../index.ts";\nexport const z = y;\n',
  "src/map/nowhere.ts": 'import { w } from "./absent.ts";\nexport const z = w;\n',
};
for (const [from, to] of forbidden) {
  wrongTree[`src/${from}/needs-${to}.ts`] =
    `import type { There } from "../${to}/there.ts";\nexport type Here = There;\n`;
  wrongTree[`src/${to}/there.ts`] = "export interface There { x: number }\n";
}

describe("a tree that breaks every rule", () => {
  let broken: string[] = [];
  beforeAll(() => {
    broken = brokenRules(wrongTree);
  });

  test.each(forbidden)("%s may not import %s, not even a type", (from, to) => {
    expect(broken).toContain(`layer-${from}: src/${from}/needs-${to}.ts`);
  });

  test("a cycle between two files of one folder is reported", () => {
    expect(broken.filter((line) => line.startsWith("no-circular"))).not.toEqual([]);
  });

  test.each([
    ["node:* outside the folders at the edge", "node-only-at-the-edge: src/io/mrc/read.ts"],
    ["a folder without a layer", "known-folder: src/drawer/x.ts"],
    ["an import of the entry from inside", "entry-is-the-top: src/map/entry.ts"],
    ["an import that leads nowhere", "no-unresolvable: src/map/nowhere.ts"],
  ])("%s is reported", (_, line) => {
    expect(broken).toContain(line);
  });
});

test("imports that go down, and node:* at the edge, are allowed", () => {
  const files = {
    "src/core/error.ts": "export class Wrong extends Error {}\nexport interface Where { line: number }\n",
    "src/map/fsc.ts":
      'import type { Where } from "../core/error.ts";\nimport { Wrong } from "../core/error.ts";\n' +
      "export const fsc = (where: Where) => new Wrong(String(where.line));\n",
    "src/io/node/file.ts": 'import { readFileSync } from "node:fs";\nexport const file = readFileSync;\n',
  };
  expect(brokenRules(files)).toEqual([]);
});

test("the lint sees the imports of the real sources", () => {
  const summary = cruise(root, "src/device");
  expect(summary.totalDependenciesCruised).toBeGreaterThan(summary.totalCruised / 2);
});
